//! Convolutions as products without columns in memory: operands are read at the places that a window
//! covers. In: a convolution of the plan. Out: its modules.

use super::Job;
use super::place::digits;
use super::product::{Finish, Operand, Product};
use super::writer::Writer;
use crate::plan::{Conv, ConvKind};
use std::fmt::Write;

/// Sizes that all kinds share.
struct Sizes {
    /// Channels and filters of a group.
    c: usize,
    o: usize,
    /// Pixels of a channel, sums of a filter, taps of a window.
    pixels: usize,
    sums: usize,
    taps: usize,
}

impl Sizes {
    fn of(conv: &Conv) -> Sizes {
        let all = |dims: &[usize]| dims.iter().product();
        let (c, o) = (conv.c / conv.groups, conv.o / conv.groups);
        Sizes { c, o, pixels: all(&conv.input), sums: all(&conv.output), taps: all(&conv.size) }
    }
}

/// The product that a convolution is: `outer, m, n, k`.
pub fn shape(conv: &Conv) -> Option<[usize; 4]> {
    let s = Sizes::of(conv);
    match conv.kind {
        ConvKind::Forward => Some([conv.groups, s.o, conv.n * s.sums, s.c * s.taps]),
        ConvKind::Input => Some([conv.groups, s.c, conv.n * s.pixels, s.o * s.taps]),
        ConvKind::Filter => Some([conv.groups, s.o, s.c * s.taps, conv.n * s.sums]),
        ConvKind::Unfold | ConvKind::Fold => None,
    }
}

impl Job<'_, '_, '_> {
    /// A convolution, one of its adjoints, or its windows.
    pub fn conv(&mut self, conv: &Conv) {
        match conv.kind {
            ConvKind::Forward => self.forward(conv),
            ConvKind::Input => self.input(conv),
            ConvKind::Filter => self.filter(conv),
            ConvKind::Unfold => self.unfold(conv),
            ConvKind::Fold => self.fold(conv),
        }
    }

    /// Filters x places of all images, terms are channels and taps.
    fn forward(&mut self, conv: &Conv) {
        let s = Sizes::of(conv);
        let mut w = Writer::new(self.emit.limits);
        let (x, filters, to) =
            (self.places.of(conv.a), self.places.of(conv.b), self.places.of(conv.to));
        let depth = s.c * s.taps;
        let place = format!("(o * {}u + i) * {depth}u + k", s.o);
        let a = format!("    return {};\n", w.element(filters, &place));
        let mut b = format!("    let image = j / {}u;\n    let p = j % {}u;\n", s.sums, s.sums);
        writeln!(b, "    let c = k / {}u;\n    let tap = k % {}u;", s.taps, s.taps).ok();
        let pixel = window(&mut b, conv, "p", "tap");
        let place =
            format!("((image * {}u + o) * {}u + c) * {}u + {pixel}", conv.groups, s.c, s.pixels);
        writeln!(b, "    return {};", w.element(x, &place)).ok();
        let finish = |w: &mut Writer| {
            let place = format!(
                "((j / {}u * {}u + o) * {}u + i) * {}u + j % {}u",
                s.sums, conv.groups, s.o, s.sums, s.sums
            );
            format!("    {}\n", w.put(to, &place, "bitcast<u32>(value)"))
        };
        let shape = shape(conv).expect("a product");
        let product = product(shape, (a, true), (b, false), &finish);
        let made = product.write(w, self.emit.limits, self.scratch());
        self.add(made);
    }

    /// Channels x pixels of all images, terms are filters and taps.
    fn input(&mut self, conv: &Conv) {
        let s = Sizes::of(conv);
        let mut w = Writer::new(self.emit.limits);
        let (g, filters, to) =
            (self.places.of(conv.a), self.places.of(conv.b), self.places.of(conv.to));
        let mut a = format!("    let f = k / {}u;\n    let tap = k % {}u;\n", s.taps, s.taps);
        let place = format!("((o * {}u + f) * {}u + i) * {}u + tap", s.o, s.c, s.taps);
        writeln!(a, "    return {};", w.element(filters, &place)).ok();
        let mut b = format!("    let image = j / {}u;\n    let q = j % {}u;\n", s.pixels, s.pixels);
        writeln!(b, "    let f = k / {}u;\n    let tap = k % {}u;", s.taps, s.taps).ok();
        let sum = covering(&mut b, conv, "q", "tap", "return 0.0f;");
        let place =
            format!("((image * {}u + o) * {}u + f) * {}u + {sum}", conv.groups, s.o, s.sums);
        writeln!(b, "    return {};", w.element(g, &place)).ok();
        let finish = |w: &mut Writer| {
            let place = format!(
                "((j / {}u * {}u + o) * {}u + i) * {}u + j % {}u",
                s.pixels, conv.groups, s.c, s.pixels, s.pixels
            );
            format!("    {}\n", w.put(to, &place, "bitcast<u32>(value)"))
        };
        let shape = shape(conv).expect("a product");
        let product = product(shape, (a, false), (b, false), &finish);
        let made = product.write(w, self.emit.limits, self.scratch());
        self.add(made);
    }

    /// Filters x channels and taps, terms are places of all images.
    fn filter(&mut self, conv: &Conv) {
        let s = Sizes::of(conv);
        let mut w = Writer::new(self.emit.limits);
        let (x, g, to) = (self.places.of(conv.a), self.places.of(conv.b), self.places.of(conv.to));
        let depth = s.c * s.taps;
        let head = format!("    let image = k / {}u;\n    let p = k % {}u;\n", s.sums, s.sums);
        let place = format!("((image * {}u + o) * {}u + i) * {}u + p", conv.groups, s.o, s.sums);
        let a = format!("{head}    return {};\n", w.element(g, &place));
        let mut b = head.clone();
        writeln!(b, "    let c = j / {}u;\n    let tap = j % {}u;", s.taps, s.taps).ok();
        let pixel = window(&mut b, conv, "p", "tap");
        let place =
            format!("((image * {}u + o) * {}u + c) * {}u + {pixel}", conv.groups, s.c, s.pixels);
        writeln!(b, "    return {};", w.element(x, &place)).ok();
        let finish = |w: &mut Writer| {
            let place = format!("(o * {}u + i) * {depth}u + j", s.o);
            format!("    {}\n", w.put(to, &place, "bitcast<u32>(value)"))
        };
        let shape = shape(conv).expect("a product");
        let product = product(shape, (a, true), (b, true), &finish);
        let made = product.write(w, self.emit.limits, self.scratch());
        self.add(made);
    }

    /// One invocation per element of the windows.
    fn unfold(&mut self, conv: &Conv) {
        let s = Sizes::of(conv);
        let mut w = Writer::new(self.emit.limits);
        let points = conv.n * conv.c * s.taps * s.sums;
        let lanes = super::point::lanes(self.emit.limits, points);
        let mut read = String::new();
        let pixel = window(&mut read, conv, "p", "tap");
        let place = format!("plane * {}u + {pixel}", s.pixels);
        let element = w.element(self.places.of(conv.a), &place);
        write!(
            w.items,
            "fn covered(plane: u32, tap: u32, p: u32) -> f32 {{\n{read}    return {element};\n}}\n\n"
        )
        .ok();
        let mut text = point(points, lanes);
        let index = digits(&mut text, "    ", "i", "w", &[conv.n * conv.c, s.taps, s.sums]);
        let value = format!("bitcast<u32>(covered({}, {}, {}))", index[0], index[1], index[2]);
        writeln!(text, "    {}", w.put(self.places.of(conv.to), "i", &value)).ok();
        self.finish(w, lanes, &text, points.div_ceil(lanes));
    }

    /// One invocation per pixel adds the windows that cover it.
    fn fold(&mut self, conv: &Conv) {
        let s = Sizes::of(conv);
        let mut w = Writer::new(self.emit.limits);
        let points = conv.n * conv.c * s.pixels;
        let lanes = super::point::lanes(self.emit.limits, points);
        let mut read = String::new();
        let sum = covering(&mut read, conv, "q", "tap", "return 0.0f;");
        let place = format!("(plane * {}u + tap) * {}u + {sum}", s.taps, s.sums);
        let element = w.element(self.places.of(conv.a), &place);
        write!(
            w.items,
            "fn covering(plane: u32, tap: u32, q: u32) -> f32 {{\n{read}    return {element};\n}}\n\n"
        )
        .ok();
        let mut text = point(points, lanes);
        let index = digits(&mut text, "    ", "i", "x", &[conv.n * conv.c, s.pixels]);
        text += "    var value = 0.0f;\n";
        writeln!(text, "    for (var tap = 0u; tap < {}u; tap++) {{", s.taps).ok();
        writeln!(text, "        value += covering({}, tap, {});\n    }}", index[0], index[1]).ok();
        writeln!(text, "    {}", w.put(self.places.of(conv.to), "i", "bitcast<u32>(value)")).ok();
        self.finish(w, lanes, &text, points.div_ceil(lanes));
    }
}

/// A product by its operands, and whether their neighbouring terms are neighbours in memory.
fn product(
    shape: [usize; 4],
    (a, a_by_terms): (String, bool),
    (b, b_by_terms): (String, bool),
    finish: Finish<'_>,
) -> Product<'_> {
    let operand = |at, by_terms| Operand { at, fours: false, by_terms };
    let (a, b) = (operand(a, a_by_terms), operand(b, b_by_terms));
    Product { shape, a, b, finish, finish_four: None }
}

/// The number of an invocation's point, or nothing to do.
pub fn point(points: usize, lanes: usize) -> String {
    format!(
        "    let i = group * {lanes}u + lane;\n    if (i >= {points}u) {{\n        return;\n    }}\n"
    )
}

/// Statements that find the pixel under a tap of the window at a place; they return 0 outside the
/// image.
fn window(text: &mut String, conv: &Conv, place: &str, tap: &str) -> String {
    let out = digits(text, "    ", place, "y", &conv.output);
    let taps = digits(text, "    ", tap, "t", &conv.size);
    let mut pixel = String::new();
    for d in 0..conv.size.len() {
        let (stride, dilation, pad) = (conv.stride[d], conv.dilation[d], conv.pad[d]);
        // Left of the image the number wraps to a large one.
        writeln!(
            text,
            "    let u{d} = {} * {stride}u + {} * {dilation}u - {pad}u;",
            out[d], taps[d]
        )
        .ok();
        writeln!(text, "    if (u{d} >= {}u) {{\n        return 0.0f;\n    }}", conv.input[d]).ok();
        pixel = match d {
            0 => "u0".into(),
            _ => format!("({pixel}) * {}u + u{d}", conv.input[d]),
        };
    }
    pixel
}

/// Statements that find the place whose window covers a pixel with a tap; `none` runs if there is
/// none.
fn covering(text: &mut String, conv: &Conv, pixel: &str, tap: &str, none: &str) -> String {
    let at = digits(text, "    ", pixel, "y", &conv.input);
    let taps = digits(text, "    ", tap, "t", &conv.size);
    let mut sum = String::new();
    for d in 0..conv.size.len() {
        let (stride, dilation, pad) = (conv.stride[d], conv.dilation[d], conv.pad[d]);
        writeln!(text, "    let u{d} = {} + {pad}u - {} * {dilation}u;", at[d], taps[d]).ok();
        // A number that wrapped is far beyond the last window.
        let beyond = conv.output[d] * stride;
        writeln!(text, "    if ((u{d} >= {beyond}u) | (u{d} % {stride}u != 0u)) {{").ok();
        writeln!(text, "        {none}\n    }}").ok();
        let one = if stride == 1 { format!("u{d}") } else { format!("u{d} / {stride}u") };
        sum = match d {
            0 => one,
            _ => format!("({sum}) * {}u + {one}", conv.output[d]),
        };
    }
    sum
}
