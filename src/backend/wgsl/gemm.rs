//! Products of the plan. In: a product of matrices and what follows it. Out: its modules. Where four
//! neighbours of an operand lie in one line of memory, they are read together, and so are the
//! results written that share their region.

use super::layout::{Region, Span};
use super::place::{affine, at, digits};
use super::product::{Finish, Operand, Product};
use super::tile::{Tile, parts, tile};
use super::writer::Writer;
use super::{Job, Limits};
use crate::plan::{Gemm, Matrix, Store, View};
use std::collections::BTreeSet;
use std::fmt::Write;

/// An operand by its names in the text: what its fast and its slow dim are called.
struct Side<'p> {
    matrix: &'p Matrix,
    /// Names of its row and its column.
    names: [&'static str; 2],
    /// Steps along terms and across, and how many there are.
    steps: [isize; 2],
    extents: [usize; 2],
    /// Extent of a tile across.
    tile: usize,
}

impl Side<'_> {
    /// The operands of a product.
    fn both<'p>(g: &'p Gemm, t: &Tile) -> [Side<'p>; 2] {
        let (a, b) = (&g.a, &g.b);
        [
            Side {
                matrix: a,
                names: ["i", "k"],
                steps: [a.col, a.row],
                extents: [g.k, g.m],
                tile: t.rows,
            },
            Side {
                matrix: b,
                names: ["k", "j"],
                steps: [b.row, b.col],
                extents: [g.k, g.n],
                tile: t.cols,
            },
        ]
    }

    /// Whether neighbouring terms are neighbours in memory, rather than rows or columns.
    fn by_terms(&self) -> bool {
        self.steps[0].abs() == 1 && self.steps[1].abs() != 1
    }

    /// Whether neighbours lie in fours, whose guards are the same.
    fn in_fours(&self, outer: &[usize]) -> bool {
        let [fast, slow] = if self.by_terms() { [0, 1] } else { [1, 0] };
        let step = |extent: usize, step: isize| extent == 1 || step % 4 == 0;
        let matrix = self.matrix;
        let outside = outer.iter().zip(&matrix.outer).all(|(n, s)| step(*n, *s));
        let inside = self.steps[fast] == 1 && step(self.extents[slow], self.steps[slow]);
        let whole = self.extents[fast].is_multiple_of(4);
        let tile = self.by_terms() || self.tile.is_multiple_of(4);
        outside && inside && whole && tile && matrix.offset % 4 == 0
    }
}

impl Job<'_, '_, '_> {
    /// A product of the plan.
    pub fn gemm(&mut self, gemm: &Gemm) {
        let limits = self.emit.limits;
        let shape = [gemm.outer.iter().product(), gemm.m, gemm.n, gemm.k];
        let sides = Side::both(gemm, &tile(shape, limits));
        let mut w = Writer::new(limits);
        w.wide = self.wide(gemm, &sides, shape);
        let finish = |w: &mut Writer| self.finished(w, gemm);
        let finish_four = |w: &mut Writer| self.finished_four(w, gemm);
        let fours = stores(gemm).iter().any(|to| w.wide.contains(&self.span(to).region));
        let [a, b] = sides.map(|side| self.operand(&mut w, gemm, &side));
        let finish_four: Option<Finish> = fours.then_some(&finish_four);
        let product = Product { shape, a, b, finish: &finish, finish_four };
        let made = product.write(w, limits, self.scratch());
        self.add(made);
    }

    fn span(&self, view: &View) -> &Span {
        self.places.of(view.buffer)
    }

    /// The regions that are read, and written, in fours. A part of four words may not be written
    /// alone, as all four may be.
    fn wide(&self, g: &Gemm, sides: &[Side; 2], shape: [usize; 4]) -> BTreeSet<Region> {
        let limits = self.emit.limits;
        let span = |side: &Side| self.places.of(side.matrix.buffer);
        let fours = sides.iter().filter(|s| s.in_fours(&g.outer) && whole(span(s), limits));
        let columns = g.n.is_multiple_of(4) && tile(shape, limits).across.is_multiple_of(4);
        let scratch = parts(shape) > 1;
        let written = |region: Region| match scratch {
            true => region != Region::Arena || columns,
            false => stores(g).iter().all(|to| {
                let span = self.span(to);
                span.region != region || columns && whole(span, limits) && in_fours(to)
            }),
        };
        fours.map(|side| span(side).region).filter(|region| written(*region)).collect()
    }

    fn operand(&self, w: &mut Writer, g: &Gemm, side: &Side) -> Operand {
        let matrix = side.matrix;
        let mut text = String::new();
        let mut index = digits(&mut text, "    ", "o", "o", &g.outer);
        index.extend(side.names.map(String::from));
        let strides = [&matrix.outer[..], &[matrix.row, matrix.col]].concat();
        let place = affine(matrix.offset, &strides, &index);
        let span = self.places.of(matrix.buffer);
        let fours = side.in_fours(&g.outer) && whole(span, self.emit.limits);
        let fours = fours && w.wide.contains(&span.region);
        let value = if fours { w.four(span, &place) } else { w.element(span, &place) };
        let at = format!("{text}    return {value};\n");
        Operand { at, fours, by_terms: side.by_terms() }
    }

    /// What becomes of an element of a product.
    fn finished(&self, w: &mut Writer, g: &Gemm) -> String {
        let mut text = String::new();
        if let Some(to) = &g.to {
            let to = result(to);
            let mut index = digits(&mut text, "    ", "o", "t", &g.outer);
            index.extend(["i".to_string(), "j".to_string()]);
            let put = w.put(self.span(&to), &at(&to, &index), "bitcast<u32>(value)");
            writeln!(text, "    {put}").ok();
        }
        if let Some(body) = &g.epilogue {
            let index = rows(&mut text, g);
            let values = self.registers(w, &mut text, "    ", body, &index, Some("value"));
            self.stores(w, &mut text, "    ", &body.stores, &values, &index);
        }
        text
    }

    /// What becomes of four neighbours in a row of a product: the words that each store takes are
    /// computed one by one, and written together.
    fn finished_four(&self, w: &mut Writer, g: &Gemm) -> String {
        let mut text = String::new();
        if let Some(to) = &g.to {
            let to = result(to);
            let mut index = digits(&mut text, "    ", "o", "t", &g.outer);
            index.extend(["i".to_string(), "j".to_string()]);
            let words = ["x", "y", "z", "w"].map(|c| format!("bitcast<u32>(value.{c})"));
            w.put_four(&mut text, self.span(&to), &at(&to, &index), &words);
        }
        let Some(body) = &g.epilogue else { return text };
        let mut one = String::new();
        let index = rows(&mut one, g);
        let values = self.registers(w, &mut one, "    ", body, &index, Some("value"));
        let words: Vec<String> = body.stores.iter().map(|s| values[s.reg].word()).collect();
        let members: Vec<String> = (0..words.len()).map(|s| format!("to{s}: u32")).collect();
        write!(
            w.items,
            "struct Done {{ {} }}\n\nfn done(o: u32, i: u32, j: u32, value: f32) -> Done {{\n{one}    \
             return Done({});\n}}\n\n",
            members.join(", "),
            words.join(", ")
        )
        .ok();
        for (n, c) in ["x", "y", "z", "w"].iter().enumerate() {
            let column = if n == 0 { "j".into() } else { format!("j + {n}u") };
            writeln!(text, "    let result{n} = done(o, i, {column}, value.{c});").ok();
        }
        let index = rows(&mut text, g);
        for (s, Store { to, .. }) in body.stores.iter().enumerate() {
            let words = [0, 1, 2, 3].map(|n| format!("result{n}.to{s}"));
            w.put_four(&mut text, self.span(to), &at(to, &index), &words);
        }
        text
    }
}

/// The index of an epilogue at row `i` and column `j`.
fn rows(text: &mut String, g: &Gemm) -> Vec<String> {
    let body = g.epilogue.as_ref().expect("an epilogue");
    let (_, rows) = body.shape.split_last().expect("an epilogue has columns");
    writeln!(text, "    let row = o * {}u + i;", g.m).ok();
    let mut index = digits(text, "    ", "row", "d", rows);
    index.push("j".into());
    index
}

/// A result as a view.
fn result(to: &Matrix) -> View {
    let strides = [&to.outer[..], &[to.row, to.col]].concat();
    View { buffer: to.buffer, offset: to.offset, strides }
}

/// Where a product and its epilogue store.
fn stores(g: &Gemm) -> Vec<View> {
    let body = g.epilogue.iter().flat_map(|body| &body.stores);
    g.to.iter().map(result).chain(body.map(|store| store.to.clone())).collect()
}

/// Whether four columns are neighbours in one line.
fn in_fours(view: &View) -> bool {
    let Some((last, others)) = view.strides.split_last() else { return false };
    *last == 1 && others.iter().all(|s| s % 4 == 0) && view.offset % 4 == 0
}

/// Whether a span is one whole number of lines in one page, always at the same place.
fn whole(span: &Span, limits: &Limits) -> bool {
    let last = span.start + span.len.max(1) - 1;
    !span.moves && span.start.is_multiple_of(4) && span.start / limits.page == last / limits.page
}
