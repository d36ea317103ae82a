//! Kernels with a form of their own: products, convolutions, computed indices. In: a kernel. Out: how
//! much it does. Lengths of buffers are computed anew from the extents.

use super::super::{BufferId, Conv, ConvKind, Gemm, Index, Matrix, PARTS};
use super::types::Word;
use super::{Guard, MOST_DIMS, MOST_RUNS, distinct, holds, product, space, times};

/// Extents are integers of 32 bits on every device.
const MOST_EXTENT: usize = 1 << 31;

/// Runs of memory that a window touches: lines of what it gives times its taps.
pub fn runs(c: &Conv) -> Option<usize> {
    let (_, lines) = c.output.split_last()?;
    lines.iter().chain(&c.size).try_fold(1usize, |n, extent| n.checked_mul(*extent))
}

impl Guard<'_> {
    fn real(&self, buffer: BufferId) -> Result<(), String> {
        holds(Word::of(self.buffer(buffer)?) == Word::Real, "an operand of another type")
    }

    fn whole(&self, buffer: BufferId) -> Result<(), String> {
        holds(Word::of(self.buffer(buffer)?) == Word::Whole, "indices of another type")
    }

    pub fn gemm(&self, gemm: &Gemm) -> Result<u128, String> {
        let Gemm { outer, m, n, k, .. } = gemm;
        holds(outer.len() + 2 <= MOST_DIMS, "the dims of a product")?;
        let with = |rows: usize, cols: usize| [&outer[..], &[rows, cols]].concat();
        let strides = |matrix: &Matrix| [&matrix.outer[..], &[matrix.row, matrix.col]].concat();
        let inside = |matrix: &Matrix, rows: usize, cols: usize| {
            self.real(matrix.buffer)?;
            self.reach(matrix.buffer, matrix.offset, &strides(matrix), &with(rows, cols))
        };
        [with(*m, *n), with(*m, *k), with(*k, *n)].iter().try_for_each(|s| space(s).map(drop))?;
        inside(&gemm.a, *m, *k)?;
        inside(&gemm.b, *k, *n)?;
        let mut written: Vec<BufferId> = vec![];
        let mut read = vec![gemm.a.buffer, gemm.b.buffer];
        if let Some(to) = &gemm.to {
            inside(to, *m, *n)?;
            distinct(&strides(to), &with(*m, *n))?;
            written.push(to.buffer);
            // An epilogue has the product itself, and does not read it from memory.
            let others = gemm.epilogue.iter().flat_map(|body| body.reads());
            self.apart(&written, &others.collect::<Vec<_>>())?;
        }
        let mut work = times(&with(*m, *n)).saturating_mul(*k as u128);
        if let Some(body) = &gemm.epilogue {
            let rows = space(&[&outer[..], &[*m]].concat())?;
            work = work.saturating_add(self.body(body, Some((rows, *n)))?);
            written.extend(body.writes());
        }
        holds(!written.is_empty(), "a product that goes nowhere")?;
        read.dedup();
        self.apart(&written, &read)?;
        Ok(work)
    }

    pub fn conv(&self, c: &Conv) -> Result<u128, String> {
        let rank = c.input.len();
        let lists = [&c.input, &c.output, &c.size, &c.stride, &c.dilation, &c.pad];
        holds(lists.iter().all(|list| list.len() == rank), "windows of several ranks")?;
        let small = lists.iter().flat_map(|list| list.iter()).all(|n| *n < MOST_EXTENT);
        holds(small && (1..=MOST_DIMS).contains(&rank), "a window")?;
        holds(!c.stride.contains(&0) && !c.dilation.contains(&0), "a window that stands still")?;
        let windows = matches!(c.kind, ConvKind::Unfold | ConvKind::Fold);
        holds(windows == (c.o == 0) && (!windows || c.b == c.a), "filters")?;
        holds(c.groups > 0 && c.n > 0 && c.c > 0, "groups")?;
        holds(c.c.is_multiple_of(c.groups) && c.o.is_multiple_of(c.groups), "groups")?;
        let (pixels, sums, taps) = (space(&c.input)?, space(&c.output)?, space(&c.size)?);
        holds(runs(c).is_some_and(|n| n <= MOST_RUNS), "too many runs of a window")?;
        let x = product(&[c.n, c.c, pixels])?;
        let (g, w) = (product(&[c.n, c.o, sums])?, product(&[c.o, c.c / c.groups, taps])?);
        let columns = product(&[c.n, c.c, taps, sums])?;
        let (a, b, to) = match c.kind {
            ConvKind::Forward => (x, w, g),
            ConvKind::Input => (g, w, x),
            ConvKind::Filter => (x, g, w),
            ConvKind::Unfold => (x, x, columns),
            ConvKind::Fold => (columns, columns, x),
        };
        for (buffer, len) in [(c.a, a), (c.b, b), (c.to, to)] {
            self.has(buffer, len)?;
            self.real(buffer)?;
        }
        let split = c.kind == ConvKind::Filter && c.n > 1;
        holds(c.parts.is_some() == split, "parts of a gradient")?;
        if let Some(parts) = c.parts {
            self.has(parts, product(&[c.n.min(PARTS), w])?)?;
            self.real(parts)?;
        }
        let written: Vec<BufferId> = [Some(c.to), c.parts].into_iter().flatten().collect();
        self.apart(&written, &[c.a, c.b])?;
        Ok(times(&[2 * c.n, c.o.max(c.groups), c.c / c.groups, taps, sums]))
    }

    pub fn index(&self, index: &Index) -> Result<u128, String> {
        let (read, to, work) = match *index {
            Index::Gather { table, index, to, rows, count, width } => {
                self.indexed(&[(table, &[rows, width])], (index, &[count]), (to, &[count, width]))?;
                (vec![table, index], to, times(&[count, width]))
            }
            Index::ScatterAdd { index, from, to, rows, count, width } => {
                self.indexed(&[(from, &[count, width])], (index, &[count]), (to, &[rows, width]))?;
                self.real(to)?;
                (vec![from, index], to, times(&[count, width]) + times(&[rows, width]))
            }
            Index::PutRows { table, index, from, to, rows, count, width } => {
                let read: [(BufferId, &[usize]); 2] =
                    [(table, &[rows, width]), (from, &[count, width])];
                self.indexed(&read, (index, &[count]), (to, &[rows, width]))?;
                let over = self.place(table)? == self.place(to)?;
                let read = if over { vec![index, from] } else { vec![table, index, from] };
                let copied = if over { 0 } else { times(&[rows, width]) };
                (read, to, times(&[count, width]) + copied)
            }
            Index::Firsts { index, to, count } => {
                self.indexed(&[(index, &[count])], (index, &[count]), (to, &[count]))?;
                (vec![index], to, times(&[32, count]))
            }
            Index::TakeAlong { from, index, to, outer, extent, picks, inner } => {
                let picked = [outer, picks, inner];
                self.indexed(&[(from, &[outer, extent, inner])], (index, &picked), (to, &picked))?;
                (vec![from, index], to, times(&picked))
            }
            Index::PutAlong { from, index, to, outer, extent, picks, inner } => {
                let picked = [outer, picks, inner];
                self.indexed(&[(from, &picked)], (index, &picked), (to, &[outer, extent, inner]))?;
                self.real(to)?;
                (vec![from, index], to, times(&picked) + times(&[outer, extent, inner]))
            }
            Index::CumSum { from, to, outer, extent, inner, .. } => {
                self.lined(&[from, to], &[outer, extent, inner])?;
                self.real(to)?;
                (vec![from], to, times(&[outer, extent, inner]))
            }
            Index::ArgSort { from, to, outer, extent, inner, .. } => {
                self.lined(&[from, to], &[outer, extent, inner])?;
                self.whole(to)?;
                (vec![from], to, times(&[32, outer, extent, inner]))
            }
            Index::ArgMax { from, to, outer, extent, inner } => {
                self.lined(&[from], &[outer, extent, inner])?;
                self.has(to, space(&[outer, inner])?)?;
                self.whole(to)?;
                (vec![from], to, times(&[outer, extent, inner]))
            }
        };
        self.apart(&[to], &read)?;
        Ok(work)
    }

    /// Lengths and types of a kernel by computed indices.
    fn indexed(
        &self,
        from: &[(BufferId, &[usize])],
        index: (BufferId, &[usize]),
        to: (BufferId, &[usize]),
    ) -> Result<(), String> {
        for (buffer, extents) in from.iter().chain([&index, &to]) {
            holds(extents.iter().all(|n| *n < MOST_EXTENT), "an extent")?;
            self.has(*buffer, space(extents)?)?;
        }
        self.whole(index.0)?;
        let word = Word::of(self.buffer(to.0)?);
        let same = from.iter().all(|(b, _)| self.buffer(*b).is_ok_and(|b| Word::of(b) == word));
        holds(same, "elements of another type")
    }

    /// The same of a kernel along lines; the first buffer holds reals.
    fn lined(&self, buffers: &[BufferId], extents: &[usize]) -> Result<(), String> {
        holds(extents.iter().all(|n| *n < MOST_EXTENT), "an extent")?;
        let len = space(extents)?;
        buffers.iter().try_for_each(|buffer| self.has(*buffer, len))?;
        buffers.first().map_or(Ok(()), |from| self.real(*from))
    }
}
