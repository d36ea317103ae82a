//! Stable orders, and sums of rows by their numbers. In: lines of keys. Out: modules that rank the
//! keys of blocks and merge sorted runs by binary search, and ones that add what has the same number
//! one after the other. No atomics: the data alone decide the order of a sum.

use super::Job;
use super::layout::Span;
use super::lines::{along, base};
use super::writer::Writer;
use crate::plan::BufferId;
use std::fmt::Write;

/// Keys that are ranked by looking at all of them, and operands that are added one by one.
pub const BLOCK: usize = 256;

/// Lines of keys.
#[derive(Clone, Copy)]
struct Keys<'p> {
    span: &'p Span,
    /// What is done with a word so that numbers are in order.
    key: &'static str,
    outer: usize,
    extent: usize,
    inner: usize,
}

impl Keys<'_> {
    /// The key at a place, a position in the line.
    fn at(&self, w: &mut Writer, position: &str) -> String {
        let word = w.word(self.span, &along(position, self.inner));
        format!("{}({word})", self.key)
    }

    /// Statements that find an invocation's line, the place of its first key, and a slot in it.
    fn slot(&self) -> String {
        let Keys { extent, inner, .. } = self;
        let mut text = format!("    let line = i / {extent}u;\n    let slot = i % {extent}u;\n");
        writeln!(text, "    let first = {};", base("line", *extent, *inner)).ok();
        text
    }
}

/// Where the positions of a line go.
#[derive(Clone, Copy)]
enum Target<'s> {
    /// Line after line.
    Lines(&'s Span),
    /// Where the keys came from.
    Places(&'s Span),
}

/// Bits that are in the order of reals when compared as words; the two zeros are equal, NaN is above all.
const RISING: &str = "fn sort_key(bits: u32) -> u32 {
    let key = select(bits | 2147483648u, ~bits, bits > 2147483648u);
    return select(key, 4294967295u, (bits & 2147483647u) > 2139095040u);
}

";

/// The same from the largest to the least.
const FALLING: &str = "fn falling_key(bits: u32) -> u32 {
    let key = select(~bits & 2147483647u, bits, bits > 2147483648u);
    return select(key, 0u, (bits & 2147483647u) > 2139095040u);
}

";

impl<'p> Job<'_, '_, 'p> {
    /// The stable order of each line of reals.
    pub fn argsort(
        &mut self,
        from: BufferId,
        to: BufferId,
        [outer, extent, inner]: [usize; 3],
        reverse: bool,
    ) {
        let places = self.places;
        let key = if reverse { "falling_key" } else { "sort_key" };
        let keys = Keys { span: places.of(from), key, outer, extent, inner };
        self.order(&keys, Target::Places(places.of(to)), self.scratch());
    }

    /// Writes the stable order of keys; scratch for it begins at a place.
    fn order(&mut self, keys: &Keys, to: Target, scratch: usize) {
        let points = keys.outer * keys.extent * keys.inner;
        let merges = keys.extent.div_ceil(BLOCK).next_power_of_two().ilog2() as usize;
        let spare = [0, 1].map(|n| Span::scratch(scratch + n * points, points));
        // One merge needs one of them.
        let used = scratch - self.scratch() + merges.min(2) * points;
        self.emit.out.scratch = self.emit.out.scratch.max(used);
        let target = |pass: usize| match pass == merges {
            true => to,
            false => Target::Lines(&spare[pass % 2]),
        };
        self.rank(keys, target(0));
        for pass in 1..=merges {
            self.merge(keys, BLOCK << (pass - 1), &spare[(pass - 1) % 2], target(pass));
        }
    }

    /// Sorts blocks: the place of a key is how many come before it.
    fn rank(&mut self, keys: &Keys, to: Target) {
        let mut w = self.writer();
        let mut body = keys.slot();
        let extent = keys.extent;
        let (from, end) = match extent > BLOCK {
            true => {
                writeln!(body, "    let start = slot / {BLOCK}u * {BLOCK}u;").ok();
                ("start", format!("min(start + {BLOCK}u, {extent}u)"))
            }
            false => ("0u", format!("{extent}u")),
        };
        let (own, other) = (keys.at(&mut w, "slot"), keys.at(&mut w, "j"));
        writeln!(body, "    let key = {own};\n    var rank = {from};").ok();
        writeln!(body, "    for (var j = {from}; j < {end}; j++) {{").ok();
        writeln!(body, "        let other = {other};").ok();
        body += "        if ((other < key) | ((other == key) & (j < slot))) {\n            rank++;\n        }\n    }\n";
        self.ranked(w, keys, body, "slot", to);
    }

    /// Merges neighbouring runs: the place of a key is its place in its own run, and how many of the
    /// other come before it.
    fn merge(&mut self, keys: &Keys, run: usize, from: &Span, to: Target) {
        let mut w = self.writer();
        let mut body = keys.slot();
        let Keys { extent, .. } = keys;
        writeln!(body, "    let own = {};", w.word(from, "i")).ok();
        writeln!(body, "    let key = {};", keys.at(&mut w, "own")).ok();
        writeln!(body, "    let run = slot / {run}u;").ok();
        writeln!(body, "    let start = min((run ^ 1u) * {run}u, {extent}u);").ok();
        let other = w.word(from, &format!("line * {extent}u + middle"));
        let other = keys.at(&mut w, &other);
        let before = "(other < key) | ((other == key) & (run % 2u == 1u))";
        let end = format!("min(start + {run}u, {extent}u)");
        search(&mut body, ("start", &end), &other, before, run);
        let place = format!("run / 2u * {}u + slot % {run}u", 2 * run);
        writeln!(body, "    let rank = {place} + low - start;").ok();
        self.ranked(w, keys, body, "own", to);
    }

    /// Stores a position at its rank.
    fn ranked(&mut self, mut w: Writer, keys: &Keys, mut body: String, own: &str, to: Target) {
        let Keys { outer, extent, inner, .. } = keys;
        let put = match to {
            Target::Lines(span) => w.put(span, &format!("line * {extent}u + rank"), own),
            Target::Places(span) => w.put(span, &along("rank", *inner), own),
        };
        writeln!(body, "    {put}").ok();
        match keys.key {
            "sort_key" => w.items += RISING,
            "falling_key" => w.items += FALLING,
            _ => {}
        }
        self.each(w, outer * extent * inner, &body);
    }

    /// Adds rows to rows. With few operands, each row looks at all of them; with many, operands are
    /// sorted by their row.
    pub fn scatter(&mut self, [index, from, to]: [BufferId; 3], [rows, count, width]: [usize; 3]) {
        if count > BLOCK {
            return self.scatter_sorted([index, from, to], [rows, count, width]);
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

    /// The first place of each number: in the stable order of all it is the first of its equals.
    pub fn firsts(&mut self, index: BufferId, to: BufferId, count: usize) {
        let places = self.places;
        let order = Span::scratch(self.scratch(), count);
        let keys = Keys { span: places.of(index), key: "", outer: 1, extent: count, inner: 1 };
        self.order(&keys, Target::Lines(&order), order.start + count);
        let mut w = self.writer();
        let mut body = format!("    let own = {};\n", w.word(places.of(index), "i"));
        let other = w.word(&order, "middle");
        let other = w.word(places.of(index), &other);
        search(&mut body, ("0u", &format!("{count}u")), &other, "other < own", count);
        let first = w.word(&order, "low");
        writeln!(body, "    {}", w.put(places.of(to), "i", &first)).ok();
        self.each(w, count, &body);
    }

    /// Scratch: the order of the operands, the sums with which blocks of it begin, and what sorting
    /// needs. A row adds its operands up to the end of a block, and the beginnings of those after it.
    fn scatter_sorted(
        &mut self,
        [index, from, to]: [BufferId; 3],
        [rows, count, width]: [usize; 3],
    ) {
        let places = self.places;
        let blocks = count.div_ceil(BLOCK);
        let order = Span::scratch(self.scratch(), count);
        let begun = Span::scratch(order.start + count, blocks * width);
        let keys = Keys { span: places.of(index), key: "", outer: 1, extent: count, inner: 1 };
        self.order(&keys, Target::Lines(&order), begun.start + begun.len);

        let line = |w: &mut Writer, body: &mut String, end: &str| {
            let (at, row) = (w.word(&order, "s"), w.word(places.of(index), "at"));
            let value = w.element(places.of(from), &format!("at * {width}u + i % {width}u"));
            writeln!(body, "    for (; s < {end}; s++) {{\n        let at = {at};").ok();
            writeln!(body, "        if ({row} != row) {{\n            break;\n        }}").ok();
            writeln!(body, "        sum += {value};\n    }}").ok();
        };
        let mut w = self.writer();
        let mut body = format!("    var s = i / {width}u * {BLOCK}u;\n");
        writeln!(body, "    let end = min(s + {BLOCK}u, {count}u);\n    var sum = 0.0f;").ok();
        let first = w.word(&order, "s");
        writeln!(body, "    let row = {};", w.word(places.of(index), &first)).ok();
        line(&mut w, &mut body, "end");
        writeln!(body, "    {}", w.put(&begun, "i", "bitcast<u32>(sum)")).ok();
        self.each(w, blocks * width, &body);

        let mut w = self.writer();
        let mut body = format!("    let row = i / {width}u;\n    var sum = 0.0f;\n");
        let other = w.word(&order, "middle");
        let other = w.word(places.of(index), &other);
        search(&mut body, ("0u", &format!("{count}u")), &other, "other < row", count);
        writeln!(body, "    let block = low / {BLOCK}u + 1u;\n    var s = low;").ok();
        writeln!(body, "    let end = min(block * {BLOCK}u, {count}u);").ok();
        line(&mut w, &mut body, "end");
        writeln!(
            body,
            "    for (var b = select({blocks}u, block, s == end); b < {blocks}u; b++) {{"
        )
        .ok();
        let first = w.word(&order, &format!("b * {BLOCK}u"));
        let first = w.word(places.of(index), &first);
        writeln!(body, "        if ({first} != row) {{\n            break;\n        }}").ok();
        let sum = w.word(&begun, &format!("b * {width}u + i % {width}u"));
        writeln!(body, "        sum += bitcast<f32>({sum});\n    }}").ok();
        writeln!(body, "    {}", w.put(places.of(to), "i", "bitcast<u32>(sum)")).ok();
        self.each(w, rows * width, &body);
    }
}

/// Statements that find `low`, the first place from `start` to `end` whose `other` is not `before`.
fn search(text: &mut String, (start, end): (&str, &str), other: &str, before: &str, most: usize) {
    let steps = most.ilog2() + 1;
    writeln!(text, "    var low = {start};\n    var high = {end};").ok();
    writeln!(text, "    for (var n = 0u; n < {steps}u; n++) {{\n        if (low < high) {{").ok();
    writeln!(text, "            let middle = (low + high) / 2u;").ok();
    writeln!(text, "            let other = {other};\n            let before = {before};").ok();
    text.push_str("            low = select(low, middle + 1u, before);\n");
    text.push_str("            high = select(middle, high, before);\n        }\n    }\n");
}
