//! Kernels by computed indices. In: a kernel of the plan. Out: its modules. An index outside its range
//! reads the nearest row and writes nowhere. No atomics.

use super::Job;
use super::conv::point;
use super::point::lanes;
use super::writer::Writer;
use crate::plan::Index;
use std::fmt::Write;

impl<'l> Job<'_, 'l, '_> {
    /// An empty module.
    pub fn writer(&self) -> Writer<'l> {
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
                self.scatter([index, from, to], [rows, count, width]);
            }
            Index::PutRows { table, index, from, to, rows, count, width } => {
                let start = |b| (self.places.of(b).region, self.places.of(b).start);
                if start(table) != start(to) {
                    let mut w = self.writer();
                    let word = w.word(self.places.of(table), "i");
                    let body = format!("    {}\n", w.put(self.places.of(to), "i", &word));
                    self.each(w, rows * width, &body);
                }
                let mut w = self.writer();
                let row = w.element(self.places.of(index), &format!("i / {width}u"));
                let word = w.word(self.places.of(from), "i");
                let place = format!("u32(row) * {width}u + i % {width}u");
                let put = w.put(self.places.of(to), &place, &word);
                let body = format!(
                    "    let row = {row};\n    if ((row >= 0i) & (row < {rows}i)) {{\n        {put}\n    }}\n"
                );
                self.each(w, count * width, &body);
            }
            Index::Firsts { index, to, count } => self.firsts(index, to, count),
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
                self.cumsum([from, to], [outer, extent, inner], reverse);
            }
            Index::ArgSort { from, to, outer, extent, inner, reverse } => {
                self.argsort(from, to, [outer, extent, inner], reverse);
            }
            Index::ArgMax { from, to, outer, extent, inner } => {
                self.argmax([from, to], [outer, extent, inner]);
            }
        }
    }

    /// A module with one invocation per point `i`.
    pub fn each(&mut self, w: Writer, points: usize, body: &str) {
        let lanes = lanes(self.emit.limits, points);
        let text = point(points, lanes) + body;
        self.finish(w, lanes, &text, points.div_ceil(lanes));
    }
}
