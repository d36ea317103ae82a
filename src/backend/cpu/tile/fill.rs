//! Tiles in and out of memory. In: a load or a store and a part of the index space. Out: a tile with
//! the elements, or the elements at their places.

use super::super::memory::Memory;
use super::super::slice_of;
use super::{Frame, NARROW, ReadyLoop, Rect};
use crate::base::noise;
use crate::plan::{Load, View};

impl ReadyLoop {
    /// Calls `f` with the place of each row of some rects.
    fn each_row(
        &self,
        offset: isize,
        strides: &[isize],
        rects: &[Rect],
        mut f: impl FnMut(isize, Rect),
    ) {
        let dims = self.body.shape.len().saturating_sub(1);
        let step = strides.last().copied().unwrap_or(0);
        // Of few dims, as good as all spaces are, without an allocation for each load.
        let (mut few, mut many);
        let index = if dims <= 16 {
            few = [0usize; 16];
            &mut few[..dims]
        } else {
            many = vec![0; dims];
            &mut many[..]
        };
        for rect in rects {
            let mut rest = rect.row;
            let mut place = offset + rect.col as isize * step;
            for d in (0..dims).rev() {
                index[d] = rest % self.body.shape[d];
                rest /= self.body.shape[d];
                place += index[d] as isize * strides[d];
            }
            for row in 0..rect.rows {
                f(place, Rect { row: rect.row + row, rows: 1, ..*rect });
                for d in (0..dims).rev() {
                    index[d] += 1;
                    place += strides[d];
                    if index[d] < self.body.shape[d] {
                        break;
                    }
                    place -= strides[d] * index[d] as isize;
                    index[d] = 0;
                }
            }
        }
    }

    /// Gathers a load into a tile, or finds that it is a run of memory.
    pub(super) fn fill(
        &self,
        frame: &Frame<'_>,
        load: &Load,
        rects: &[Rect],
        tile: *mut f32,
    ) -> *const f32 {
        let mut to = tile;
        match load {
            Load::View(v) => {
                let step = v.strides.last().copied().unwrap_or(0);
                let base = frame.places[v.buffer];
                if let ([rect], 1) = (rects, step)
                    && rect.rows == 1
                {
                    let mut found = base.all(0).cast_const();
                    self.each_row(v.offset, &v.strides, rects, |place, rect| {
                        found = base.run(place, 1, rect.cols);
                    });
                    return found;
                }
                let narrow = self.body.shape.len() > 1 && self.cols <= NARROW;
                for rect in rects {
                    if narrow && rect.cols == self.cols {
                        self.narrow(base, v, rect, to);
                        // Safety: a tile has room for all its rects.
                        to = unsafe { to.add(rect.rows * rect.cols) };
                        continue;
                    }
                    // Safety: `run` has checked the row, and a tile has room for all its rects.
                    self.each_row(v.offset, &v.strides, &[*rect], |place, rect| unsafe {
                        copy_in(base.run(place, step, rect.cols), step, to, rect.cols);
                        to = to.add(rect.cols);
                    });
                }
            }
            Load::Count { offset, strides } => {
                let step = strides.last().copied().unwrap_or(0);
                self.each_row(*offset, strides, rects, |place, rect| {
                    for i in 0..rect.cols {
                        let value = (place + i as isize * step) as i32;
                        // Safety: a tile has room for all its rects.
                        unsafe { *to.add(i) = f32::from_bits(value as u32) };
                    }
                    // Safety: the same.
                    to = unsafe { to.add(rect.cols) };
                });
            }
            Load::Noise { offset, strides, .. } => {
                let step = strides.last().copied().unwrap_or(0);
                self.each_row(*offset, strides, rects, |place, rect| {
                    // Safety: a tile has room for all its rects, and is this thread's own.
                    noises(frame, load, place, unsafe { slice_of(to, rect.cols) }, step);
                    // Safety: the same.
                    to = unsafe { to.add(rect.cols) };
                });
            }
            Load::Product => {
                let block = frame.block.expect("an epilogue has a product");
                let from = |rect: &Rect| {
                    let row = (rect.row - block.first_row) as isize * block.row;
                    // Safety: rects of an epilogue lie in the block of its product.
                    unsafe { block.at.offset(row + (rect.col - block.first_col) as isize) }
                };
                for rect in rects {
                    if rects.len() == 1 && (rect.rows == 1 || rect.cols as isize == block.row) {
                        return from(rect);
                    }
                    for row in 0..rect.rows {
                        let one = Rect { row: rect.row + row, ..*rect };
                        // Safety: the same, and a tile has room for all its rects.
                        unsafe {
                            std::ptr::copy_nonoverlapping(from(&one), to, rect.cols);
                            to = to.add(rect.cols);
                        }
                    }
                }
            }
            Load::Const(_) => unreachable!("a literal is constant"),
        }
        tile
    }

    /// Gathers whole rows of a few elements each: two dims at a time.
    fn narrow(&self, base: Memory, v: &View, rect: &Rect, mut to: *mut f32) {
        let dims = self.body.shape.len();
        let (down, step) = (v.strides[dims - 2], v.strides[dims - 1]);
        let height = self.body.shape[dims - 2];
        let (mut row, end) = (rect.row, rect.row + rect.rows);
        while row < end {
            let rows = (height - row % height).min(end - row);
            let first = Rect { row, rows: 1, col: 0, cols: self.cols };
            // Safety: `grid` has checked the rows, and a tile has room for all its rects.
            self.each_row(v.offset, &v.strides, &[first], |place, _| unsafe {
                let from = base.grid(place, (down, rows), (step, self.cols));
                let mut from = from.cast_const();
                for _ in 0..rows {
                    for i in 0..self.cols {
                        *to.add(i) = *from.offset(i as isize * step);
                    }
                    to = to.add(self.cols);
                    from = from.wrapping_offset(down);
                }
            });
            row += rows;
        }
    }

    /// Writes a tile to a view.
    pub(super) fn spill(&self, frame: &Frame<'_>, to: &View, rects: &[Rect], mut from: *const f32) {
        let step = to.strides.last().copied().unwrap_or(0);
        let base = frame.places[to.buffer];
        // Safety: `run` has checked the row; points are this thread's own, and no two are one place
        // (guard, 3).
        self.each_row(to.offset, &to.strides, rects, |place, rect| unsafe {
            let at = base.run(place, step, rect.cols);
            if step == 1 {
                std::ptr::copy(from, at, rect.cols);
            } else {
                for i in 0..rect.cols {
                    *at.offset(i as isize * step) = *from.add(i);
                }
            }
            from = from.add(rect.cols);
        });
    }
}

pub(super) fn load_offset(load: &Load) -> isize {
    if let Load::Noise { offset, .. } = load { *offset } else { 0 }
}

/// `n` elements of memory, `step` apart.
///
/// # Safety
/// The elements are there, and there is room for them.
unsafe fn copy_in(from: *const f32, step: isize, to: *mut f32, n: usize) {
    // Safety: the caller's runs, which lie apart.
    unsafe {
        match step {
            1 => std::ptr::copy_nonoverlapping(from, to, n),
            0 => slice_of(to, n).fill(*from),
            _ => {
                for i in 0..n {
                    *to.add(i) = *from.offset(i as isize * step);
                }
            }
        }
    }
}

/// Noise of elements `first`, `first + step`, ...
pub(super) fn noises(frame: &Frame<'_>, load: &Load, first: isize, to: &mut [f32], step: isize) {
    let Load::Noise { kind, stream, seed, step: time, .. } = load else { unreachable!("noise") };
    // Safety: `all` has checked that there is a word.
    let scalar = |b: usize| unsafe { (*frame.places[b].all(1)).to_bits() };
    let (seed, time) = (scalar(*seed), scalar(*time));
    let mut words = [0; 64];
    let mut at = first;
    for part in to.chunks_mut(64) {
        let words = &mut words[..part.len()];
        if step == 1 {
            noise::words(seed, *stream, time, at as u32, words);
        } else {
            for (i, word) in words.iter_mut().enumerate() {
                *word = noise::word(seed, *stream, time, (at + i as isize * step) as u32);
            }
        }
        (kind.row().reals)(words, part);
        at += 64 * step;
    }
}
