//! Folds of loops. In: tiles. Out: one value for each kept point, by parts of fixed size.

use super::super::Team;
use super::super::code::{self, Run};
use super::super::simd::Isa;
use super::{Frame, ReadyLoop, Rect, STRIP, TASK, TILE, WIDE_ROW};
use crate::plan::{Code, Fold, How, Load, View};
use std::ops::Range;

impl ReadyLoop {
    /// Extent of the folded dims.
    fn folded(&self) -> usize {
        let last = usize::from(self.body.columns);
        self.body.shape[self.body.outer..self.body.shape.len() - last].iter().product()
    }

    /// Rows folded to one value each.
    pub(super) fn folds(&self, team: &Team, frame: &Frame<'_>) {
        let (width, splits) = (self.folded(), self.body.splits);
        let results: usize = self.body.shape[..self.body.outer].iter().product();
        if splits == 1 && width <= TILE && width > 0 {
            let group = TILE / width;
            let per_task = (TASK / (group * width)).max(1) * group;
            for task in self.tasks(team, frame, results.div_ceil(per_task)) {
                let end = ((task + 1) * per_task).min(results);
                for first in (task * per_task..end).step_by(group) {
                    let count = group.min(end - first);
                    self.flat(frame, first * width, count * width);
                    for fold in &self.body.folds {
                        // Safety: `flat` has just computed this register.
                        let from = unsafe { frame.register(fold.reg) };
                        for i in 0..count {
                            // Safety: a tile holds `count` rows.
                            let row = unsafe { from.add(i * width) };
                            // Safety: the row holds `width` reals, and `isa` is this machine's.
                            let value = unsafe {
                                code::fold(frame.isa, fold.how, fold.integer, row, width)
                            };
                            self.put(frame, fold, first + i, 0, value);
                        }
                    }
                }
            }
            return;
        }
        for task in self.tasks(team, frame, results * splits) {
            let (result, part) = (task / splits, task % splits);
            let (from, to) = (part * width / splits, (part + 1) * width / splits);
            let mut sums: Vec<f32> =
                self.body.folds.iter().map(|f| code::start(f.how, f.integer)).collect();
            let mut at = from;
            while at < to {
                let n = (to - at).min(TILE);
                self.flat(frame, result * width + at, n);
                for (f, fold) in self.body.folds.iter().enumerate() {
                    // Safety: `flat` has just computed `n` elements of this register.
                    unsafe {
                        let tile = frame.register(fold.reg);
                        let value = code::fold(frame.isa, fold.how, fold.integer, tile, n);
                        join_one(frame.isa, fold, &mut sums[f], value);
                    }
                }
                at += n;
            }
            for (fold, value) in self.body.folds.iter().zip(sums) {
                self.put(frame, fold, result, part, value);
            }
        }
    }

    /// Columns folded to one row, in strips.
    pub(super) fn columns(&self, team: &Team, frame: &Frame<'_>) {
        let (height, splits) = (self.folded(), self.body.splits);
        let outer: usize = self.body.shape[..self.body.outer].iter().product();
        let strips = self.cols.div_ceil(STRIP).max(1);
        let strip = self.cols.div_ceil(strips).next_multiple_of(16);
        let mut sums = vec![vec![0f32; STRIP]; self.body.folds.len()];
        for task in self.tasks(team, frame, outer * strips * splits) {
            let (o, rest) = (task / (strips * splits), task % (strips * splits));
            let (part, s) = (rest / strips, rest % strips);
            let (col, end) = (s * strip, ((s + 1) * strip).min(self.cols));
            if col >= end {
                continue;
            }
            let cols = end - col;
            for (sum, fold) in sums.iter_mut().zip(&self.body.folds) {
                sum.fill(code::start(fold.how, fold.integer));
            }
            let rows =
                o * height + part * height / splits..o * height + (part + 1) * height / splits;
            match self.plain_rows() {
                Some((view, step)) => {
                    let first = view.offset + rows.start as isize * step + col as isize;
                    let memory = frame.places[view.buffer];
                    let from = memory.grid(first, (step, rows.len()), (1, cols));
                    // Safety: `grid` has checked the rows; `isa` is this machine's.
                    unsafe {
                        code::sum_rows(frame.isa, &mut sums[0][..cols], from, step, rows.len());
                    }
                }
                None => self.join_rows(frame, rows, (col, cols), &mut sums),
            }
            for (sum, fold) in sums.iter().zip(&self.body.folds) {
                for (i, value) in sum[..cols].iter().enumerate() {
                    self.put(frame, fold, o * self.cols + col + i, part, *value);
                }
            }
        }
    }

    /// Joins rows of one strip of columns, tile by tile.
    fn join_rows(
        &self,
        frame: &Frame<'_>,
        rows: Range<usize>,
        (col, cols): (usize, usize),
        sums: &mut [Vec<f32>],
    ) {
        let step = if cols >= WIDE_ROW { 1 } else { TILE / cols };
        let mut row = rows.start;
        while row < rows.end {
            let count = (rows.end - row).min(step);
            let rect = Rect { row, rows: count, col, cols };
            let run = (count == 1 || cols == self.cols).then_some(row * self.cols + col);
            self.tile(frame, &[rect], run, count * cols);
            for (sum, fold) in sums.iter_mut().zip(&self.body.folds) {
                let to = sum.as_mut_ptr();
                for r in 0..count {
                    // Safety: `tile` has just computed `count` rows of `cols`; a strip of sums is as
                    // long.
                    unsafe {
                        let from = frame.register(fold.reg).add(r * cols);
                        let run = Run::new(to, [to, from, from], cols);
                        code::run(frame.isa, Code::join(fold.how, fold.integer), run);
                    }
                }
            }
            row += count;
        }
    }

    /// What a loop that only adds up rows of memory reads, and the step between its rows.
    fn plain_rows(&self) -> Option<(&View, isize)> {
        let ([Load::View(view)], [fold]) = (&self.body.loads[..], &self.body.folds[..]) else {
            return None;
        };
        let plain = self.body.code.is_empty() && self.body.stores.is_empty();
        let (last, strides) = view.strides.split_last()?;
        let mut dims = self.body.shape.iter().zip(strides).rev().filter(|(n, _)| **n != 1);
        let (mut count, step) = dims.next().map_or((1, 0), |(n, s)| (*n as isize, *s));
        let even = dims.all(|(n, s)| {
            let fits = *s == step * count;
            count *= *n as isize;
            fits
        });
        let sums = fold.how == How::Sum && !fold.integer;
        (plain && even && sums && (*last == 1 || self.cols == 1)).then_some((view, step))
    }

    /// Writes one result, or one part of it.
    fn put(&self, frame: &Frame<'_>, fold: &Fold, result: usize, part: usize, value: f32) {
        if let (Some(parts), true) = (fold.parts, self.body.splits > 1) {
            let at = part * self.results() + result;
            // Safety: `run` has checked the place, and a result is one thread's.
            unsafe { *frame.places[parts].run(at as isize, 0, 1) = value };
        } else {
            let at = self.result_place(fold, result);
            // Safety: the same.
            unsafe { *frame.places[fold.to.buffer].run(at, 0, 1) = value };
        }
    }

    fn results(&self) -> usize {
        let outer: usize = self.body.shape[..self.body.outer].iter().product();
        if self.body.columns { outer * self.cols } else { outer }
    }

    /// Place of a result of a fold, results being numbered in row-major order.
    fn result_place(&self, fold: &Fold, mut result: usize) -> isize {
        let (shape, strides) = (&self.body.shape, &fold.to.strides);
        let mut place = fold.to.offset;
        if self.body.columns {
            place += (result % self.cols) as isize * strides[shape.len() - 1];
            result /= self.cols;
        }
        for d in (0..self.body.outer).rev() {
            place += (result % shape[d]) as isize * strides[d];
            result /= shape[d];
        }
        place
    }

    pub(super) fn join_parts(&self, team: &Team, frame: &Frame<'_>) {
        let results = self.results();
        for fold in &self.body.folds {
            let parts = frame.places[fold.parts.expect("parts of a split fold")];
            let parts = parts.all(self.body.splits * results);
            for result in team.tasks(results) {
                let mut sum = code::start(fold.how, fold.integer);
                for part in 0..self.body.splits {
                    // Safety: `all` has checked the parts, which are written before this stage.
                    unsafe {
                        let value = *parts.add(part * results + result);
                        join_one(frame.isa, fold, &mut sum, value);
                    }
                }
                let at = self.result_place(fold, result);
                // Safety: `run` has checked the place, and a result is one thread's.
                unsafe { *frame.places[fold.to.buffer].run(at, 0, 1) = sum };
            }
        }
    }
}

unsafe fn join_one(isa: Isa, fold: &Fold, sum: &mut f32, value: f32) {
    let to: *mut f32 = sum;
    let from = [to.cast_const(), &value, &value];
    // Safety: three words of this function and its caller.
    unsafe { code::run(isa, Code::join(fold.how, fold.integer), Run::new(to, from, 1)) }
}
