//! Products of matrices. In: two operands as functions of (outer, row, term) and (outer, term,
//! column), and what becomes of each element. Out: a module that computes tiles of the result, its
//! operands passing through shared memory; where a result is thin, the terms are split among groups
//! and a second module adds the parts.
//!
//! Terms are added in their order whatever the tile, so a choice of tiles changes no bit; parts are a
//! function of the shape alone.

use super::layout::{Region, Span};
use super::writer::{Writer, affine, digits};
use super::{Job, Limits};
use crate::plan::{Elem, Gemm, Matrix};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// How a product is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tile {
    /// Rows of a group.
    pub rows: usize,
    /// Columns of a group.
    pub cols: usize,
    /// Terms in shared memory at a time.
    pub depth: usize,
    /// Rows of an invocation.
    pub down: usize,
    /// Columns of an invocation.
    pub across: usize,
}

/// The tiles to choose from.
pub const TILES: &[Tile] = &[
    Tile { rows: 128, cols: 128, depth: 8, down: 8, across: 8 },
    Tile { rows: 64, cols: 128, depth: 8, down: 4, across: 8 },
    Tile { rows: 128, cols: 64, depth: 8, down: 8, across: 4 },
    Tile { rows: 64, cols: 64, depth: 16, down: 4, across: 4 },
    Tile { rows: 32, cols: 64, depth: 16, down: 2, across: 4 },
    Tile { rows: 64, cols: 32, depth: 16, down: 4, across: 2 },
    Tile { rows: 32, cols: 32, depth: 16, down: 2, across: 2 },
    Tile { rows: 16, cols: 32, depth: 16, down: 1, across: 2 },
    Tile { rows: 32, cols: 16, depth: 16, down: 2, across: 1 },
    Tile { rows: 16, cols: 16, depth: 16, down: 1, across: 1 },
    Tile { rows: 1, cols: 64, depth: 32, down: 1, across: 1 },
    Tile { rows: 64, cols: 1, depth: 32, down: 1, across: 1 },
];

impl Tile {
    /// Invocations of a group.
    pub fn lanes(&self) -> usize {
        self.rows / self.down * (self.cols / self.across)
    }

    /// Whether a device can run it.
    pub fn fits(&self, limits: &Limits) -> bool {
        let shared = (self.rows + self.cols) * self.depth;
        self.lanes() <= limits.lanes as usize && shared <= limits.shared
    }

    /// Groups of a shape.
    fn groups(&self, [outer, m, n, _]: [usize; 4]) -> usize {
        outer * m.div_ceil(self.rows) * n.div_ceil(self.cols)
    }
}

/// Groups that keep a device busy.
pub const BUSY: usize = 128;
/// Fewest terms of a part.
const PART: usize = 256;
/// A multiple of the depth of every tile.
const DEEPEST: usize = 32;
/// Most parts.
const PARTS: usize = 32;

/// Parts into which the terms are split: a function of the shape alone.
pub fn parts(shape: [usize; 4]) -> usize {
    let [outer, m, n, k] = shape;
    let groups = outer * m.div_ceil(32) * n.div_ceil(32);
    (BUSY / groups.max(1)).min(k / PART).clamp(1, PARTS)
}

/// The tile of a shape: a measured one, or the least time of a simple model. An invocation reads
/// `down + across` words from shared memory for `down * across` terms; groups run `busy` at a time.
pub fn tile(shape: [usize; 4], limits: &Limits) -> Tile {
    if let Some(tile) = limits.tiles.get(&shape).filter(|tile| tile.fits(limits)) {
        return *tile;
    }
    let cost = |t: &Tile| {
        let rounds = (t.groups(shape) * parts(shape)).div_ceil(limits.busy).max(1);
        let work = (t.down * t.across) as f64;
        let reads = (t.down + t.across) as f64;
        rounds as f64 * (work + reads + 2.0)
    };
    let fitting = TILES.iter().filter(|tile| tile.fits(limits));
    let best = fitting.min_by(|a, b| cost(a).total_cmp(&cost(b)));
    *best.expect("the smallest tile fits everywhere")
}

/// A product of any kind.
pub struct Product<'f> {
    /// Outer loops, rows, columns, terms.
    pub shape: [usize; 4],
    /// The body of `fn a_at(o: u32, i: u32, k: u32) -> f32`.
    pub a: String,
    /// The body of `fn b_at(o: u32, k: u32, j: u32) -> f32`.
    pub b: String,
    /// Whether neighbouring terms of `a` are neighbours in memory, rather than rows.
    pub a_by_terms: bool,
    /// Whether neighbouring terms of `b` are neighbours in memory, rather than columns.
    pub b_by_terms: bool,
    /// Writes the body of `fn finish(o: u32, i: u32, j: u32, value: f32)`.
    pub finish: &'f dyn Fn(&mut Writer) -> String,
}

impl Job<'_, '_, '_> {
    /// A product of the plan.
    pub fn gemm(&mut self, gemm: &Gemm) {
        let mut w = Writer::new(self.emit.limits);
        let a = self.operand(&mut w, gemm, &gemm.a, "i", "k");
        let b = self.operand(&mut w, gemm, &gemm.b, "k", "j");
        let finish = |w: &mut Writer| self.finished(w, gemm);
        let shape = [gemm.outer.iter().product(), gemm.m, gemm.n, gemm.k];
        let by_terms = |along: isize, other: isize| along.abs() == 1 && other.abs() != 1;
        let product = Product {
            shape,
            a,
            b,
            a_by_terms: by_terms(gemm.a.col, gemm.a.row),
            b_by_terms: by_terms(gemm.b.row, gemm.b.col),
            finish: &finish,
        };
        let made = product.write(w, self.emit.limits, self.scratch());
        self.add(made);
    }

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

    fn operand(&self, w: &mut Writer, g: &Gemm, m: &Matrix, row: &str, col: &str) -> String {
        let mut text = String::new();
        let mut index = digits(&mut text, "    ", "o", "o", &g.outer);
        index.extend([row.to_string(), col.to_string()]);
        let strides = [&m.outer[..], &[m.row, m.col]].concat();
        let place = affine(m.offset, &strides, &index);
        let element = w.element(self.places.of(m.buffer), &place);
        format!("{text}    return {element};\n")
    }

    /// What becomes of an element of a product.
    fn finished(&self, w: &mut Writer, g: &Gemm) -> String {
        let mut text = String::new();
        if let Some(to) = &g.to {
            let mut index = digits(&mut text, "    ", "o", "t", &g.outer);
            index.extend(["i".to_string(), "j".to_string()]);
            let strides = [&to.outer[..], &[to.row, to.col]].concat();
            let place = affine(to.offset, &strides, &index);
            let put = w.put(self.places.of(to.buffer), &place, "bitcast<u32>(value)");
            writeln!(text, "    {put}").ok();
        }
        if let Some(body) = &g.epilogue {
            let (_, rows) = body.shape.split_last().expect("an epilogue has columns");
            writeln!(text, "    let row = o * {}u + i;", g.m).ok();
            let mut index = digits(&mut text, "    ", "row", "d", rows);
            index.push("j".into());
            let values = self.registers(w, &mut text, "    ", body, &index, Some("value"));
            self.stores(w, &mut text, "    ", &body.stores, &values, &index);
        }
        text
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
        let [outer, m, n, k] = self.shape;
        write!(w.items, "fn a_at(o: u32, i: u32, k: u32) -> f32 {{\n{}}}\n\n", self.a).ok();
        write!(w.items, "fn b_at(o: u32, k: u32, j: u32) -> f32 {{\n{}}}\n\n", self.b).ok();
        let points = outer * m * n;
        let span = Span {
            region: Region::Arena,
            start: scratch,
            len: parts * points,
            elem: Elem::F32,
            name: String::new(),
            moves: false,
        };
        let finish = match parts {
            1 => (self.finish)(&mut w),
            _ => {
                let place = format!("((part * {outer}u + o) * {m}u + i) * {n}u + j");
                let put = w.put(&span, &place, "bitcast<u32>(value)");
                format!("    {put}\n")
            }
        };
        let part = if parts > 1 { "part: u32, " } else { "" };
        write!(
            w.items,
            "fn finish({part}o: u32, i: u32, j: u32, value: f32) {{\n    \
             if ((i >= {m}u) | (j >= {n}u)) {{\n        return;\n    }}\n{finish}}}\n\n"
        )
        .ok();
        let body = self.tiles(&mut w, &tile, parts, k);
        let mut made = Made { scratch: 0, modules: vec![] };
        made.modules.push((w, tile.lanes(), body, tile.groups(self.shape) * parts));
        if parts > 1 {
            made.scratch = parts * points;
            made.modules.push(self.sums(limits, &span, parts));
        }
        made
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

    /// The entry point: the sums of one tile.
    fn tiles(&self, w: &mut Writer, t: &Tile, parts: usize, k: usize) -> String {
        let [_, m, n, _] = self.shape;
        let (across, down) = (n.div_ceil(t.cols), m.div_ceil(t.rows));
        let depth = t.depth;
        self.inside(w, t, parts);
        let mut text = String::new();
        let wide = t.cols / t.across;
        writeln!(text, "    let col0 = group % {across}u * {}u;", t.cols).ok();
        writeln!(text, "    let row0 = group / {across}u % {down}u * {}u;", t.rows).ok();
        writeln!(text, "    let rest = group / {}u;", across * down).ok();
        let (o, first, end) = if parts == 1 {
            ("rest".to_string(), "0u".to_string(), format!("{k}u"))
        } else {
            // The same whatever the tile: a multiple of every depth.
            let step = k.div_ceil(parts).next_multiple_of(DEEPEST);
            writeln!(text, "    let part = rest % {parts}u;").ok();
            writeln!(text, "    let o = rest / {parts}u;").ok();
            writeln!(text, "    let first = part * {step}u;").ok();
            writeln!(text, "    let end = min(first + {step}u, {k}u);").ok();
            ("o".into(), "first".into(), "end".into())
        };
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

    /// Shared memory, the functions that fill it, and the one that takes four columns.
    fn inside(&self, w: &mut Writer, t: &Tile, parts: usize) {
        let [_, m, n, k] = self.shape;
        for (name, size) in [("a", t.rows), ("b", t.cols)] {
            let words = size * t.depth;
            let real = if w.half { "f16" } else { "f32" };
            writeln!(w.items, "var<workgroup> tile_{name}: array<{real}, {words}>;\n").ok();
        }
        let mut guard = |head: &str, place: &str, side: &str, most: usize, size: usize| {
            let mut tests = vec![];
            if !most.is_multiple_of(size) {
                tests.push(format!("({side} < {most}u)"));
            }
            if !k.is_multiple_of(t.depth) {
                tests.push("(k < end)".to_string());
            }
            let (tests, indent) = (tests.join(" & "), "    ");
            let body = match tests.is_empty() {
                true => format!("{indent}return {place};\n"),
                false => format!(
                    "{indent}var x = 0.0f;\n{indent}if ({tests}) {{\n{indent}{indent}x = {place};\n\
                     {indent}}}\n{indent}return x;\n"
                ),
            };
            write!(w.items, "{head} -> f32 {{\n{body}}}\n\n").ok();
        };
        let head = "fn a_in(o: u32, i: u32, k: u32, end: u32)";
        guard(head, "a_at(o, i, k)", "i", m, t.rows);
        let head = "fn b_in(o: u32, k: u32, j: u32, end: u32)";
        guard(head, "b_at(o, k, j)", "j", n, t.cols);
        if width(t.across) == 4 {
            let (head, part) = if parts > 1 { ("part: u32, ", "part, ") } else { ("", "") };
            write!(
                w.items,
                "fn finish4({head}o: u32, i: u32, j: u32, value: vec4<f32>) {{\n    \
                 finish({part}o, i, j, value.x);\n    finish({part}o, i, j + 1u, value.y);\n    \
                 finish({part}o, i, j + 2u, value.z);\n    finish({part}o, i, j + 3u, value.w);\n}}\n\n"
            )
            .ok();
        }
    }

    /// Both operands' next terms into shared memory, zeros where there are none.
    fn fill(&self, text: &mut String, t: &Tile, (o, end): (&str, &str), half: bool) {
        let threads = t.lanes();
        let mut one = |name: &str, size: usize, by_terms: bool, first: &str| {
            let all = size * t.depth;
            writeln!(text, "        for (var e = lane; e < {all}u; e += {threads}u) {{").ok();
            let (term, place) = match by_terms {
                true => (format!("e % {}u", t.depth), format!("e / {}u", t.depth)),
                false => (format!("e / {size}u"), format!("e % {size}u")),
            };
            writeln!(text, "            let k = {term};\n            let s = {place};").ok();
            let value = match name {
                "a" => format!("a_in({o}, {first} + s, k0 + k, {end})"),
                _ => format!("b_in({o}, k0 + k, {first} + s, {end})"),
            };
            let value = if half { format!("half_f({value})") } else { value };
            writeln!(text, "            tile_{name}[k * {size}u + s] = {value};\n        }}").ok();
        };
        one("a", t.rows, self.a_by_terms, "row0");
        one("b", t.cols, self.b_by_terms, "col0");
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
