//! Kernels by computed indices. In: a kernel of the plan. Out: its modules. An index outside its range
//! reads the nearest row and writes nowhere. Sums go in the order of the operands, without atomics.

use super::Job;
use super::conv::point;
use super::layout::{Region, Span};
use super::point::lanes;
use super::writer::Writer;
use crate::plan::{Elem, Index};
use std::fmt::Write;

/// Operands of a scatter up to which every row looks at all of them.
const FEW: usize = 256;

impl<'l> Job<'_, 'l, '_> {
    fn writer(&self) -> Writer<'l> {
        Writer::new(self.emit.limits)
    }

    /// A kernel by computed indices.
    pub fn index(&mut self, index: &Index) {
        match *index {
            Index::Gather { table, index, to, rows, count, width } => {
                let mut w = self.writer();
                let row = w.element(self.places.of(index), &format!("i / {width}u"));
                let row = format!("u32(clamp({row}, 0i, {}i))", rows.max(1) - 1);
                let from = w.word(self.places.of(table), &format!("row * {width}u + i % {width}u"));
                let put = w.put(self.places.of(to), "i", &from);
                let body = format!("    let row = {row};\n    {put}\n");
                self.each(w, count * width, &body);
            }
            Index::ScatterAdd { index, from, to, rows, count, width } => {
                self.scatter(index, from, to, [rows, count, width]);
            }
            Index::TakeAlong { from, index, to, outer, extent, picks, inner } => {
                let mut w = self.writer();
                let row = w.element(self.places.of(index), "i");
                let row = format!("u32(clamp({row}, 0i, {}i))", extent.max(1) - 1);
                let line = format!("i / {}u", picks * inner);
                let place = format!("({line} * {extent}u + row) * {inner}u + i % {inner}u");
                let from = w.word(self.places.of(from), &place);
                let put = w.put(self.places.of(to), "i", &from);
                let body = format!("    let row = {row};\n    {put}\n");
                self.each(w, outer * picks * inner, &body);
            }
            Index::PutAlong { from, index, to, outer, extent, picks, inner } => {
                let mut w = self.writer();
                let mut body = String::new();
                writeln!(body, "    let row = bitcast<i32>(i / {inner}u % {extent}u);").ok();
                let line = extent * inner;
                let first = format!("i / {line}u * {}u + i % {inner}u", picks * inner);
                writeln!(body, "    let first = {first};\n    var sum = 0.0f;").ok();
                writeln!(body, "    for (var j = 0u; j < {picks}u; j++) {{").ok();
                let place = format!("first + j * {inner}u");
                let row = w.element(self.places.of(index), &place);
                let value = w.element(self.places.of(from), &place);
                writeln!(body, "        if ({row} == row) {{\n            sum += {value};").ok();
                body += "        }\n    }\n";
                let put = w.put(self.places.of(to), "i", "bitcast<u32>(sum)");
                writeln!(body, "    {put}").ok();
                self.each(w, outer * extent * inner, &body);
            }
            Index::CumSum { from, to, outer, extent, inner, reverse } => {
                let mut w = self.writer();
                let mut body = line(extent, inner);
                body += "    var sum = 0.0f;\n";
                let at = if reverse { format!("{}u - j", extent.max(1) - 1) } else { "j".into() };
                writeln!(body, "    for (var j = 0u; j < {extent}u; j++) {{").ok();
                writeln!(body, "        let place = first + ({at}) * {inner}u;").ok();
                let value = w.element(self.places.of(from), "place");
                let put = w.put(self.places.of(to), "place", "bitcast<u32>(sum)");
                writeln!(body, "        sum += {value};\n        {put}\n    }}").ok();
                self.each(w, outer * inner, &body);
            }
            Index::ArgSort { from, to, outer, extent, inner, reverse } => {
                self.sort(from, to, [outer, extent, inner], reverse);
            }
            Index::ArgMax { from, to, outer, extent, inner } => {
                let mut w = self.writer();
                let mut body = line(extent, inner);
                let best = w.element(self.places.of(from), "first");
                writeln!(body, "    var best = {best};\n    var found = 0u;").ok();
                writeln!(body, "    for (var j = 1u; j < {extent}u; j++) {{").ok();
                let value = w.element(self.places.of(from), &format!("first + j * {inner}u"));
                writeln!(body, "        let value = {value};").ok();
                body += "        if (value > best) {\n            best = value;\n            found = j;\n        }\n    }\n";
                let put = w.put(self.places.of(to), "i", "found");
                writeln!(body, "    {put}").ok();
                self.each(w, outer * inner, &body);
            }
        }
    }

    /// A module with one invocation per point `i`.
    fn each(&mut self, w: Writer, points: usize, body: &str) {
        let lanes = lanes(self.emit.limits, points);
        let text = point(points, lanes) + body;
        self.finish(w, lanes, &text, points.div_ceil(lanes));
    }

    /// The place of each element in the order of its line: how many come before it.
    fn sort(&mut self, from: usize, to: usize, [outer, extent, inner]: [usize; 3], reverse: bool) {
        let mut w = self.writer();
        let line = extent * inner;
        let mut body = format!("    let first = i / {line}u * {line}u + i % {inner}u;\n");
        writeln!(body, "    let own = i / {inner}u % {extent}u;").ok();
        let flip = if reverse { "~" } else { "" };
        let key = |place: &str| format!("{flip}sort_key({place})");
        let own = w.word(self.places.of(from), &format!("first + own * {inner}u"));
        writeln!(body, "    let key = {};\n    var rank = 0u;", key(&own)).ok();
        writeln!(body, "    for (var j = 0u; j < {extent}u; j++) {{").ok();
        let other = w.word(self.places.of(from), &format!("first + j * {inner}u"));
        writeln!(body, "        let other = {};", key(&other)).ok();
        body += "        if ((other < key) | ((other == key) & (j < own))) {\n            rank++;\n        }\n    }\n";
        let put = w.put(self.places.of(to), &format!("first + rank * {inner}u"), "own");
        writeln!(body, "    {put}").ok();
        w.items += "fn sort_key(bits: u32) -> u32 {\n    return select(bits | 2147483648u, ~bits, bits >= 2147483648u);\n}\n\n";
        self.each(w, outer * line, &body);
    }

    /// Adds rows to rows. With few operands, each row looks at all of them; with many, operands of the
    /// same row are first linked to a list, in their order.
    fn scatter(&mut self, index: usize, from: usize, to: usize, [rows, count, width]: [usize; 3]) {
        if count > FEW {
            return self.scatter_lists(index, from, to, [rows, count, width]);
        }
        let mut w = self.writer();
        let mut body = format!("    let row = bitcast<i32>(i / {width}u);\n    var sum = 0.0f;\n");
        writeln!(body, "    for (var j = 0u; j < {count}u; j++) {{").ok();
        let row = w.element(self.places.of(index), "j");
        let value = w.element(self.places.of(from), &format!("j * {width}u + i % {width}u"));
        writeln!(body, "        if ({row} == row) {{\n            sum += {value};").ok();
        body += "        }\n    }\n";
        let put = w.put(self.places.of(to), "i", "bitcast<u32>(sum)");
        writeln!(body, "    {put}").ok();
        self.each(w, rows * width, &body);
    }

    fn scatter_lists(
        &mut self,
        index: usize,
        from: usize,
        to: usize,
        [rows, count, width]: [usize; 3],
    ) {
        // Scratch: the first operand of each row, and the next of each operand; `count` for none.
        let start = self.scratch();
        let span = |start: usize, len: usize| Span {
            region: Region::Arena,
            start,
            len,
            elem: Elem::I32,
            name: String::new(),
            moves: false,
        };
        let (first, next) = (span(start, rows), span(start + rows, count));
        self.emit.out.scratch = self.emit.out.scratch.max(rows + count);
        let mut w = self.writer();
        let put = w.put(&first, "i", &format!("{count}u"));
        self.each(w, rows, &format!("    {put}\n"));

        let mut w = self.writer();
        let (own, other) = (w.word(self.places.of(index), "i"), w.word(self.places.of(index), "j"));
        let mut body = format!("    let row = {own};\n    var j = i + 1u;\n");
        writeln!(body, "    for (; j < {count}u; j++) {{\n        if ({other} == row) {{").ok();
        body += "            break;\n        }\n    }\n";
        writeln!(body, "    {}\n    var older = i;", w.put(&next, "i", "j")).ok();
        body += "    for (; older > 0u; older--) {\n";
        let other = w.word(self.places.of(index), "older - 1u");
        writeln!(body, "        if ({other} == row) {{\n            break;\n        }}\n    }}")
            .ok();
        writeln!(body, "    if ((older == 0u) & (row < {rows}u)) {{").ok();
        writeln!(body, "        {}\n    }}", w.put(&first, "row", "i")).ok();
        self.each(w, count, &body);

        let mut w = self.writer();
        let mut body = String::from("    var sum = 0.0f;\n");
        writeln!(body, "    var j = {};", w.word(&first, &format!("i / {width}u"))).ok();
        writeln!(body, "    for (var n = 0u; (n < {count}u) & (j < {count}u); n++) {{").ok();
        let value = w.element(self.places.of(from), &format!("j * {width}u + i % {width}u"));
        writeln!(body, "        sum += {value};\n        j = {};\n    }}", w.word(&next, "j")).ok();
        writeln!(body, "    {}", w.put(self.places.of(to), "i", "bitcast<u32>(sum)")).ok();
        self.each(w, rows * width, &body);
    }
}

/// The first element of line `i`.
fn line(extent: usize, inner: usize) -> String {
    format!("    let first = i / {inner}u * {}u + i % {inner}u;\n", extent * inner)
}
