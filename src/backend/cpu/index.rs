//! Kernels by computed indices. In: indices and values. Out: values elsewhere. An index outside its
//! range reads the nearest row and writes nowhere.

use super::memory::Memory;
use super::{Team, slice_of};
use crate::plan::Index;
use std::collections::HashMap;

/// Parts of all numbers, shared between threads: as many as six bits count.
const BUCKETS: usize = 64;

/// Runs this thread's share.
pub fn run(index: &Index, team: &Team, places: &[Memory]) {
    let f = |b: usize, words: usize| places[b].all(words);
    match *index {
        Index::Gather { table, index, to, rows, count, width } => {
            let (table, index) = (f(table, rows * width), f(index, count));
            let to = f(to, count * width);
            for i in team.tasks(count) {
                let row = clamp(at(index, i), rows);
                // Safety: `f` asked for all words; `row` is clamped to the table, which lies apart
                // from the result (guard, 3).
                unsafe {
                    std::ptr::copy_nonoverlapping(table.add(row * width), to.add(i * width), width);
                }
            }
        }
        Index::ScatterAdd { index, from, to, rows, count, width } => {
            let (index, from) = (f(index, count), f(from, count * width));
            let to = f(to, rows * width);
            // A task owns rows of the result, and adds to them in the order of the operands.
            for own in team.parts(rows) {
                // Safety: these rows of the result are this task's own.
                unsafe { slice_of(to.add(own.start * width), own.len() * width).fill(0.0) };
                for i in 0..count {
                    let row = at(index, i);
                    if row >= 0 && own.contains(&(row as usize)) {
                        // Safety: `row` is one of this task's own, and `i` below `count`.
                        unsafe { add(to.add(row as usize * width), from.add(i * width), width) };
                    }
                }
            }
        }
        Index::PutRows { table, index, from, to, rows, count, width } => {
            let (table, index) = (f(table, rows * width), f(index, count));
            let (from, to) = (f(from, count * width), f(to, rows * width));
            // A task owns rows of the result.
            for own in team.parts(rows) {
                if table != to {
                    let (start, words) = (own.start * width, own.len() * width);
                    // Safety: `own` is inside of both, which lie apart where they are not the same.
                    unsafe {
                        std::ptr::copy_nonoverlapping(table.add(start), to.add(start), words);
                    }
                }
                for i in 0..count {
                    let row = at(index, i);
                    if row >= 0 && own.contains(&(row as usize)) {
                        let row = row as usize * width;
                        // Safety: `row` is one of this task's own, `i` below `count`; the rows that
                        // are put lie apart from the result (guard, 3).
                        unsafe {
                            std::ptr::copy_nonoverlapping(from.add(i * width), to.add(row), width);
                        }
                    }
                }
            }
        }
        Index::Firsts { index, to, count } => {
            let (index, to) = (f(index, count), f(to, count));
            // A task owns numbers, by their hash: all places of one number are its own.
            for own in team.parts(BUCKETS) {
                let hasher = foldhash::fast::FixedState::default();
                let mut first = HashMap::with_capacity_and_hasher(count, hasher);
                for i in 0..count {
                    let number = at(index, i);
                    let bucket = (number as u32).wrapping_mul(2_654_435_769) as usize >> 26;
                    if own.contains(&bucket) {
                        let place = *first.entry(number).or_insert(i as u32);
                        // Safety: `i` is below `count`, and no other task has this number.
                        unsafe { *to.add(i) = f32::from_bits(place) };
                    }
                }
            }
        }
        Index::TakeAlong { from, index, to, outer, extent, picks, inner } => {
            let picked = outer * picks * inner;
            let (from, index, to) =
                (f(from, outer * extent * inner), f(index, picked), f(to, picked));
            for task in team.tasks(outer * picks) {
                for i in 0..inner {
                    let place = task * inner + i;
                    let row = clamp(at(index, place), extent);
                    // Safety: `place` is below `picked`, and `row` clamped to the extent.
                    unsafe {
                        *to.add(place) = *from.add((task / picks * extent + row) * inner + i);
                    }
                }
            }
        }
        Index::PutAlong { from, index, to, outer, extent, picks, inner } => {
            let picked = outer * picks * inner;
            let (from, index) = (f(from, picked), f(index, picked));
            let all = f(to, outer * extent * inner);
            for o in team.tasks(outer) {
                // Safety: `o` is below `outer`.
                let to = unsafe { all.add(o * extent * inner) };
                // Safety: this part of the result is this thread's own.
                unsafe { slice_of(to, extent * inner).fill(0.0) };
                for place in 0..picks * inner {
                    let source = o * picks * inner + place;
                    let row = at(index, source);
                    if row >= 0 && (row as usize) < extent {
                        // Safety: `row` is below the extent, `source` below `picked`.
                        unsafe {
                            *to.add(row as usize * inner + place % inner) += *from.add(source)
                        };
                    }
                }
            }
        }
        _ => lines(index, team, places),
    }
}

/// Kernels along one axis, line by line.
fn lines(index: &Index, team: &Team, places: &[Memory]) {
    match *index {
        Index::CumSum { from, to, outer, extent, inner, reverse } => {
            let all = outer * extent * inner;
            let (from, to) = (places[from].all(all), places[to].all(all));
            for line in team.tasks(outer * inner) {
                let place = line_places(line, extent, inner);
                let mut sum = 0.0;
                for j in 0..extent {
                    let j = if reverse { extent - 1 - j } else { j };
                    // Safety: `place(j)` is in the line, and a line is one thread's.
                    unsafe {
                        sum += *from.add(place(j));
                        *to.add(place(j)) = sum;
                    }
                }
            }
        }
        Index::ArgSort { from, to, outer, extent, inner, reverse } => {
            let all = outer * extent * inner;
            let (from, to) = (places[from].all(all), places[to].all(all));
            let mut order: Vec<u64> = vec![];
            for line in team.tasks(outer * inner) {
                let place = line_places(line, extent, inner);
                order.clear();
                order.extend((0..extent).map(|j| {
                    // Safety: `place(j)` is in the line.
                    let key = ordered(unsafe { *from.add(place(j)) });
                    u64::from(if reverse { !key } else { key }) << 32 | j as u64
                }));
                order.sort_unstable();
                for (j, o) in order.iter().enumerate() {
                    // Safety: `place(j)` is in the line, which is this thread's own.
                    unsafe { *to.add(place(j)) = f32::from_bits(*o as u32) };
                }
            }
        }
        Index::ArgMax { from, to, outer, extent, inner } => {
            let from = places[from].all(outer * extent * inner);
            let to = places[to].all(outer * inner);
            for line in team.tasks(outer * inner) {
                let place = line_places(line, extent, inner);
                // Safety: `place(j)` is in the line.
                let value = |j: usize| unsafe { *from.add(place(j)) };
                let best =
                    (1..extent).fold(0, |best, j| if value(j) > value(best) { j } else { best });
                // Safety: `line` is below the number of lines, and this thread's.
                unsafe { *to.add(line) = f32::from_bits(best as u32) };
            }
        }
        _ => unreachable!("not along an axis"),
    }
}

/// Bits that are in the order of reals when read as an integer: the two zeros are equal, NaN is above
/// all. With the place behind them, equal values stay in their order, and one comparison of integers
/// decides.
fn ordered(x: f32) -> u32 {
    if x.is_nan() {
        return u32::MAX;
    }
    let bits = (x + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// Places of the elements of one line.
fn line_places(line: usize, extent: usize, inner: usize) -> impl Fn(usize) -> usize {
    let first = line / inner * extent * inner + line % inner;
    move |j| first + j * inner
}

fn at(index: *mut f32, i: usize) -> i32 {
    // Safety: callers ask for index `i` of as many as they asked `f` for.
    unsafe { (*index.add(i)).to_bits() as i32 }
}

fn clamp(row: i32, rows: usize) -> usize {
    (row.max(0) as usize).min(rows.saturating_sub(1))
}

unsafe fn add(to: *mut f32, from: *const f32, n: usize) {
    for i in 0..n {
        // Safety: the caller's runs of `n`.
        unsafe { *to.add(i) += *from.add(i) }
    }
}
