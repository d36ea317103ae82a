//! One operation of a register program over a run of elements. In: pointers and a count. Out: the
//! run at `to`; it may be the place of an operand, but may not overlap one otherwise.
//!
//! Functions here are unsafe for the reasons of [`run`]: pointers reach over the elements, and the
//! instruction set exists.

#![allow(unsafe_op_in_unsafe_fn, reason = "the same reasons for all of them, stated above")]

use super::lanes;
use super::simd::{Isa, Lanes, Plain};
use crate::plan::{Code, How};

/// The widest vector, in lanes.
pub const WIDE: usize = 16;

/// Operands and result of one operation.
#[derive(Clone, Copy)]
pub struct Run {
    /// The result.
    pub to: *mut f32,
    /// Up to three operands; unused ones are repeated.
    pub from: [*const f32; 3],
    /// Which of the first two operands hold one value many times.
    pub same: [bool; 2],
    /// Number of elements.
    pub n: usize,
}

impl Run {
    /// A run over operands that vary.
    pub fn new(to: *mut f32, from: [*const f32; 3], n: usize) -> Run {
        Run { to, from, same: [false; 2], n }
    }
}

/// Runs one operation.
///
/// # Safety
/// The pointers must reach over `n` elements, and `isa` must exist on this machine.
pub unsafe fn run(isa: Isa, code: Code, run: Run) {
    lanes::of(isa, code)(run)
}

/// What a fold starts from.
pub fn start(how: How, integer: bool) -> f32 {
    let bits = |x: i32| f32::from_bits(x as u32);
    match (how, integer) {
        (How::Sum, _) => 0.0,
        (How::Prod, false) => 1.0,
        (How::Max, false) => f32::NEG_INFINITY,
        (How::Min, false) => f32::INFINITY,
        (How::Prod, true) => bits(1),
        (How::Max, true) => bits(i32::MIN),
        (How::Min, true) => bits(i32::MAX),
    }
}

/// Folds a run of elements: 16 partial results side by side, then halves added to halves.
///
/// # Safety
/// As for [`run`].
pub unsafe fn fold(isa: Isa, how: How, integer: bool, from: *const f32, n: usize) -> f32 {
    let code = Code::join(how, integer);
    let mut part = [start(how, integer); WIDE];
    let whole = n / WIDE * WIDE;
    if integer || how != How::Sum {
        for i in (0..whole).step_by(WIDE) {
            step(isa, code, &mut part, from.add(i), WIDE);
        }
    } else {
        sum(isa, &mut part, from, whole);
    }
    let rest = std::slice::from_raw_parts(from.add(whole), n - whole);
    match (how, integer) {
        (How::Sum, false) => halve(&mut part, rest, |x, y| x + y),
        (How::Prod, false) => halve(&mut part, rest, |x, y| x * y),
        (How::Max, false) => halve(&mut part, rest, |x, y| if x.is_nan() || x > y { x } else { y }),
        (How::Min, false) => halve(&mut part, rest, |x, y| if x.is_nan() || x < y { x } else { y }),
        _ => halve(&mut part, rest, |mut x, y| {
            let to: *mut f32 = &mut x;
            lanes::of(Isa::Plain, code)(Run::new(to, [to.cast_const(), &y, &y], 1));
            x
        }),
    }
}

/// What is left of a run joined to the partial results, and these in halves. A call for each step
/// would cost more than the step.
#[inline(always)]
fn halve(part: &mut [f32; WIDE], rest: &[f32], join: impl Fn(f32, f32) -> f32) -> f32 {
    part.iter_mut().zip(rest).for_each(|(x, y)| *x = join(*x, *y));
    let mut width = WIDE / 2;
    while width > 0 {
        (0..width).for_each(|i| part[i] = join(part[i], part[i + width]));
        width /= 2;
    }
    part[0]
}

/// `part[i] = join(part[i], from[i])`.
unsafe fn step(isa: Isa, code: Code, part: &mut [f32], from: *const f32, n: usize) {
    let to = part.as_mut_ptr();
    run(isa, code, Run::new(to, [to, from, from], n))
}

/// Columns that [`sum_rows`] walks down together.
pub const STRIDE: usize = 4 * WIDE;
/// Rows that it walks down at a time.
const ROWS: usize = 16;

unsafe fn sum(isa: Isa, part: &mut [f32; WIDE], from: *const f32, n: usize) {
    match isa {
        Isa::Plain => sum_lanes::<Plain>(part, from, n),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => sum_avx2(part, from, n),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => sum_avx512(part, from, n),
    }
}

/// Adds so many rows, `step` apart, to the sums of their columns, row by row.
///
/// # Safety
/// The rows must be as long as the sums, and `isa` must exist on this machine.
pub unsafe fn sum_rows(isa: Isa, sums: &mut [f32], from: *const f32, step: isize, rows: usize) {
    let whole = sums.len() / STRIDE * STRIDE;
    // A few rows at a time, so that memory is read nearly as it lies.
    for first in (0..rows).step_by(ROWS) {
        let (from, rows) = (from.offset(first as isize * step), ROWS.min(rows - first));
        for at in (0..whole).step_by(STRIDE) {
            let (sums, from) = (sums[at..].as_mut_ptr(), from.add(at));
            match isa {
                Isa::Plain => rows_lanes::<Plain>(sums, from, step, rows),
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2 => rows_avx2(sums, from, step, rows),
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512 => rows_avx512(sums, from, step, rows),
            }
        }
        for row in 0..rows as isize {
            for (at, sum) in sums.iter_mut().enumerate().skip(whole) {
                *sum += *from.offset(row * step).add(at);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn sum_avx2(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    sum_lanes::<std::arch::x86_64::__m256>(part, from, n)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn rows_avx2(sums: *mut f32, from: *const f32, step: isize, rows: usize) {
    rows_lanes::<std::arch::x86_64::__m256>(sums, from, step, rows)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn sum_avx512(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    sum_lanes::<std::arch::x86_64::__m512>(part, from, n)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn rows_avx512(sums: *mut f32, from: *const f32, step: isize, rows: usize) {
    rows_lanes::<std::arch::x86_64::__m512>(sums, from, step, rows)
}

#[inline(always)]
unsafe fn sum_lanes<L: Lanes>(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    for lane in (0..WIDE).step_by(L::N) {
        let mut sum = L::load(part.as_ptr().add(lane));
        let mut i = lane;
        while i < n {
            sum = sum.add(L::load(from.add(i)));
            i += WIDE;
        }
        sum.store(part.as_mut_ptr().add(lane));
    }
}

#[inline(always)]
unsafe fn rows_lanes<L: Lanes>(sums: *mut f32, from: *const f32, step: isize, rows: usize) {
    for at in (0..STRIDE).step_by(4 * L::N) {
        let (to, mut row) = (sums.add(at), from.add(at));
        let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|i| L::load(to.add(i * L::N)));
        for _ in 0..rows {
            a = a.add(L::load(row));
            b = b.add(L::load(row.add(L::N)));
            c = c.add(L::load(row.add(2 * L::N)));
            d = d.add(L::load(row.add(3 * L::N)));
            row = row.wrapping_offset(step);
        }
        for (i, sum) in [a, b, c, d].into_iter().enumerate() {
            sum.store(to.add(i * L::N));
        }
    }
}
