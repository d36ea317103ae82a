//! Products of matrices. In: two operands as functions of (outer, row, term) and (outer, term,
//! column), and what becomes of each element. Out: a module that computes tiles of the result, its
//! operands passing through shared memory; where a result is thin, the terms are split among groups
//! and a second module adds the parts.
//!
//! Terms are added in their order whatever the tile, so a choice of tiles changes no bit; parts are a
//! function of the shape alone.

use super::cooperative::units;
use super::layout::Span;
use super::place::digits;
use super::tile::{DEEPEST, Tile, parts, tile};
use super::writer::Writer;
use super::{Job, Limits};
use std::fmt::Write;

/// A product of any kind.
pub struct Product<'f> {
    /// Outer loops, rows, columns, terms.
    pub shape: [usize; 4],
    /// The left operand, at `(o: u32, i: u32, k: u32)`.
    pub a: Operand,
    /// The right operand, at `(o: u32, k: u32, j: u32)`.
    pub b: Operand,
    /// Writes the body of `fn finish(o: u32, i: u32, j: u32, value: f32)`.
    pub finish: Finish<'f>,
    /// Writes that of `fn finish4(o: u32, i: u32, j: u32, value: vec4<f32>)`, if elements are to be
    /// written in fours.
    pub finish_four: Option<Finish<'f>>,
}

/// Writes the body of a function.
pub type Finish<'f> = &'f dyn Fn(&mut Writer) -> String;

/// An operand.
pub struct Operand {
    /// The body of the function that returns an element, or four.
    pub at: String,
    /// Whether it returns four neighbours. The extents are then multiples of four.
    pub fours: bool,
    /// Whether neighbouring terms are neighbours in memory, rather than rows or columns.
    pub by_terms: bool,
}

impl Job<'_, '_, '_> {
    /// Adds the modules of a product.
    pub fn add(&mut self, made: Made) {
        self.emit.out.scratch = self.emit.out.scratch.max(made.scratch);
        for (w, lanes, body, groups) in made.modules {
            self.finish(w, lanes, &body, groups);
        }
    }

    /// Where scratch begins.
    pub fn scratch(&self) -> usize {
        self.emit.scratch
    }
}

/// The modules of a product, and the words of scratch that they need.
pub struct Made<'l> {
    scratch: usize,
    modules: Vec<(Writer<'l>, usize, String, usize)>,
}

impl Product<'_> {
    /// Writes the modules.
    pub fn write<'l>(&self, mut w: Writer<'l>, limits: &'l Limits, scratch: usize) -> Made<'l> {
        w.half = limits.half.is_some();
        let (tile, parts) = (tile(self.shape, limits), parts(self.shape));
        let [outer, m, n, _] = self.shape;
        self.operand(&mut w, "a", "i: u32, k: u32", &self.a);
        self.operand(&mut w, "b", "k: u32, j: u32", &self.b);
        let points = outer * m * n;
        let span = Span::scratch(scratch, parts * points);
        self.finishes(&mut w, &tile, parts, &span);
        let body = match units(self.shape, limits) {
            Some(with) => self.matrices(&mut w, with, parts),
            None => self.tiles(&mut w, &tile, parts),
        };
        let mut made = Made { scratch: 0, modules: vec![] };
        made.modules.push((w, tile.lanes(), body, tile.groups(self.shape) * parts));
        if parts > 1 {
            made.scratch = parts * points;
            made.modules.push(self.sums(limits, &span, parts));
        }
        made
    }

    fn operand(&self, w: &mut Writer, name: &str, index: &str, operand: &Operand) {
        let real = if operand.fours { "vec4<f32>" } else { "f32" };
        let at = &operand.at;
        write!(w.items, "fn {name}_at(o: u32, {index}) -> {real} {{\n{at}}}\n\n").ok();
    }

    /// The functions that take what a tile has computed: `finish` an element, `finish4` four of a row.
    fn finishes(&self, w: &mut Writer, t: &Tile, parts: usize, scratch: &Span) {
        let [outer, m, n, _] = self.shape;
        let (part, given) = if parts > 1 { ("part: u32, ", "part, ") } else { ("", "") };
        let guard = format!("    if ((i >= {m}u) | (j >= {n}u)) {{\n        return;\n    }}\n");
        let place = format!("((part * {outer}u + o) * {m}u + i) * {n}u + j");
        let four = match parts {
            1 => self.finish_four.map(|finish| finish(w)),
            _ if w.wide.contains(&scratch.region) => {
                let words = ["x", "y", "z", "w"].map(|c| format!("bitcast<u32>(value.{c})"));
                let mut text = String::new();
                w.put_four(&mut text, scratch, &place, &words);
                Some(text)
            }
            _ => None,
        };
        let head = format!("fn finish4({part}o: u32, i: u32, j: u32, value: vec4<f32>)");
        if let Some(four) = four {
            write!(w.items, "{head} {{\n{guard}{four}}}\n\n").ok();
            return;
        }
        let one = match parts {
            1 => (self.finish)(w),
            _ => format!("    {}\n", w.put(scratch, &place, "bitcast<u32>(value)")),
        };
        let items = &mut w.items;
        write!(items, "fn finish({part}o: u32, i: u32, j: u32, value: f32) {{\n{guard}{one}}}\n\n")
            .ok();
        if width(t.across) == 4 {
            writeln!(items, "{head} {{\n    finish({given}o, i, j, value.x);").ok();
            for (n, c) in ["y", "z", "w"].iter().enumerate() {
                writeln!(items, "    finish({given}o, i, j + {}u, value.{c});", n + 1).ok();
            }
            *items += "}\n\n";
        }
    }

    /// The module that adds parts.
    fn sums<'l>(
        &self,
        limits: &'l Limits,
        span: &Span,
        parts: usize,
    ) -> (Writer<'l>, usize, String, usize) {
        let [outer, m, n, _] = self.shape;
        let points = outer * m * n;
        let mut w = Writer::new(limits);
        let lanes = super::point::lanes(limits, points);
        let finish = (self.finish)(&mut w);
        let word = w.word(span, &format!("part * {points}u + p"));
        let mut text = String::new();
        writeln!(text, "    let p = group * {lanes}u + lane;").ok();
        writeln!(text, "    if (p >= {points}u) {{\n        return;\n    }}").ok();
        let index = digits(&mut text, "    ", "p", "p", &[outer, m, n]);
        text += "    var value = 0.0f;\n";
        writeln!(text, "    for (var part = 0u; part < {parts}u; part++) {{").ok();
        writeln!(text, "        value += bitcast<f32>({word});\n    }}").ok();
        writeln!(text, "    finish({}, {}, {}, value);", index[0], index[1], index[2]).ok();
        write!(w.items, "fn finish(o: u32, i: u32, j: u32, value: f32) {{\n{finish}}}\n\n").ok();
        (w, lanes, text, points.div_ceil(lanes))
    }

    /// Statements that find the tile of a group; the names of its outer index, and of its first term
    /// and that behind its last.
    pub fn begin(&self, text: &mut String, t: &Tile, parts: usize) -> (String, String, String) {
        let [_, m, n, k] = self.shape;
        let (across, down) = (n.div_ceil(t.cols), m.div_ceil(t.rows));
        writeln!(text, "    let col0 = group % {across}u * {}u;", t.cols).ok();
        writeln!(text, "    let row0 = group / {across}u % {down}u * {}u;", t.rows).ok();
        writeln!(text, "    let rest = group / {}u;", across * down).ok();
        if parts == 1 {
            return ("rest".to_string(), "0u".to_string(), format!("{k}u"));
        }
        // The same whatever the tile: a multiple of every depth.
        let step = k.div_ceil(parts).next_multiple_of(DEEPEST);
        writeln!(text, "    let part = rest % {parts}u;").ok();
        writeln!(text, "    let o = rest / {parts}u;").ok();
        writeln!(text, "    let first = part * {step}u;").ok();
        writeln!(text, "    let end = min(first + {step}u, {k}u);").ok();
        ("o".into(), "first".into(), "end".into())
    }

    /// The entry point: the sums of one tile.
    fn tiles(&self, w: &mut Writer, t: &Tile, parts: usize) -> String {
        let depth = t.depth;
        self.inside(w, t);
        let mut text = String::new();
        let wide = t.cols / t.across;
        let (o, first, end) = self.begin(&mut text, t, parts);
        writeln!(text, "    let row = lane / {wide}u * {}u;", t.down).ok();
        writeln!(text, "    let col = lane % {wide}u * {}u;", t.across).ok();
        let (va, vb) = (width(t.down), width(t.across));
        let sum = if vb == 4 { "vec4<f32>()" } else { "0.0f" };
        each(t, vb, |r, c| writeln!(text, "    var sum{r}_{c} = {sum};").ok());
        writeln!(text, "    for (var k0 = {first}; k0 < {end}; k0 += {depth}u) {{").ok();
        self.fill(&mut text, t, (&o, &end), w.half);
        text += "        workgroupBarrier();\n";
        writeln!(text, "        for (var k = 0u; k < {depth}u; k++) {{").ok();
        let half = w.half;
        let mut read = |name: &str, size: usize, count: usize, v: usize, first: &str| {
            let word = |at: usize| match format!("tile_{name}[k * {size}u + {first} + {at}u]") {
                word if half => format!("f32({word})"),
                word => word,
            };
            for at in (0..count).step_by(v) {
                let value = match v {
                    4 => {
                        let four: Vec<String> = (at..at + 4).map(word).collect();
                        format!("vec4<f32>({})", four.join(", "))
                    }
                    _ => word(at),
                };
                writeln!(text, "            let {name}{at} = {value};").ok();
            }
        };
        read("a", t.rows, t.down, va, "row");
        read("b", t.cols, t.across, vb, "col");
        each(t, vb, |r, c| {
            let a = match va {
                4 => format!("a{}.{}", r / 4 * 4, ["x", "y", "z", "w"][r % 4]),
                _ => format!("a{r}"),
            };
            let a = if vb == 4 { format!("vec4<f32>({a})") } else { a };
            writeln!(text, "            sum{r}_{c} = fma({a}, b{c}, sum{r}_{c});").ok()
        });
        text += "        }\n        workgroupBarrier();\n    }\n";
        let part = if parts > 1 { "part, " } else { "" };
        let finish = if vb == 4 { "finish4" } else { "finish" };
        each(t, vb, |r, c| {
            let place = format!("row0 + row + {r}u, col0 + col + {c}u");
            writeln!(text, "    {finish}({part}{o}, {place}, sum{r}_{c});").ok()
        });
        text
    }

    /// Shared memory, and the operands with zeros where there is nothing.
    pub fn inside(&self, w: &mut Writer, t: &Tile) {
        let [_, m, n, k] = self.shape;
        for (name, size) in [("a", t.rows), ("b", t.cols)] {
            let words = size * t.depth;
            let real = if w.half { "f16" } else { "f32" };
            writeln!(w.items, "var<workgroup> tile_{name}: array<{real}, {words}>;\n").ok();
        }
        let mut guard = |name: &str, [first, second]: [&str; 2], most: usize, size: usize| {
            let side = if name == "a" { first } else { second };
            let mut tests = vec![];
            if !most.is_multiple_of(size) {
                tests.push(format!("({side} < {most}u)"));
            }
            if !k.is_multiple_of(t.depth) {
                tests.push("(k < end)".to_string());
            }
            let fours = if name == "a" { self.a.fours } else { self.b.fours };
            let (real, zero) = if fours { ("vec4<f32>", "vec4<f32>()") } else { ("f32", "0.0f") };
            let (tests, place) = (tests.join(" & "), format!("{name}_at(o, {first}, {second})"));
            let body = match tests.is_empty() {
                true => format!("    return {place};\n"),
                false => format!(
                    "    var x = {zero};\n    if ({tests}) {{\n        x = {place};\n    }}\n    return x;\n"
                ),
            };
            let head = format!("fn {name}_in(o: u32, {first}: u32, {second}: u32, end: u32)");
            write!(w.items, "{head} -> {real} {{\n{body}}}\n\n").ok();
        };
        guard("a", ["i", "k"], m, t.rows);
        guard("b", ["k", "j"], n, t.cols);
    }

    /// Both operands' next terms into shared memory, zeros where there are none.
    pub fn fill(&self, text: &mut String, t: &Tile, (o, end): (&str, &str), half: bool) {
        let threads = t.lanes();
        let mut one = |name: &str, size: usize, operand: &Operand, first: &str| {
            let four = if operand.fours { 4 } else { 1 };
            let all = size * t.depth / four;
            writeln!(text, "        for (var e = lane; e < {all}u; e += {threads}u) {{").ok();
            let fast = if operand.by_terms { t.depth / four } else { size / four };
            let times = if operand.fours { " * 4u" } else { "" };
            let (fast, slow) = (format!("e % {fast}u{times}"), format!("e / {fast}u"));
            let (term, place) = if operand.by_terms { (fast, slow) } else { (slow, fast) };
            writeln!(text, "            let k = {term};\n            let s = {place};").ok();
            let value = match name {
                "a" => format!("a_in({o}, {first} + s, k0 + k, {end})"),
                _ => format!("b_in({o}, k0 + k, {first} + s, {end})"),
            };
            let real = |x: &str| if half { format!("half_f({x})") } else { x.to_string() };
            if !operand.fours {
                writeln!(text, "            tile_{name}[k * {size}u + s] = {};", real(&value)).ok();
            } else {
                // One by one: Mesa 22.3 loses fours in shared memory.
                writeln!(text, "            let x = {value};").ok();
                for (n, c) in ["x", "y", "z", "w"].iter().enumerate() {
                    let step = if operand.by_terms { n * size } else { n };
                    let x = real(&format!("x.{c}"));
                    let place = [format!("k * {size}u + s"), format!(" + {step}u")];
                    let place = if n == 0 { &place[..1] } else { &place };
                    writeln!(text, "            tile_{name}[{}] = {x};", place.concat()).ok();
                }
            }
            *text += "        }\n";
        };
        one("a", t.rows, &self.a, "row0");
        one("b", t.cols, &self.b, "col0");
    }
}

/// Elements that are multiplied together.
fn width(count: usize) -> usize {
    if count.is_multiple_of(4) { 4 } else { 1 }
}

/// Calls `f` for each row and each group of columns of an invocation.
fn each(t: &Tile, v: usize, mut f: impl FnMut(usize, usize) -> Option<()>) {
    for r in 0..t.down {
        for c in (0..t.across).step_by(v) {
            f(r, c);
        }
    }
}
