//! What elementwise ops compute, and operands that tests try. In: reals. Out: reals.

use crate::graph::op::{Sample, Value, reals};
use crate::graph::{Attrs, DType, Ty};

pub(super) fn softplus_of(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Zero for zero; NaN for NaN.
pub(super) fn sign_of(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

/// The product of two known numbers: 0 where one of them is 0, also where the other one is no number.
pub fn product(a: f64, b: f64) -> f64 {
    let value = a * b;
    if value.is_nan() && (a == 0.0 || b == 0.0) { 0.0 } else { value }
}

/// What is left of `a` after so many times `b`, exactly where that is a number: from 0 to below `b`, or
/// from above `b` to 0. A result that rounds to `b` is its neighbour.
pub fn remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        return 0.0f64.copysign(b);
    }
    if (rest < 0.0) == (b < 0.0) {
        return rest;
    }
    let shifted = rest + b;
    let rounds_up = shifted == b && b.is_finite();
    if rounds_up { f64::from_bits(b.to_bits() - 1) } else { shifted }
}

pub(super) fn quotient(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let ratio = args[0] / args[1];
    if ty.dtype == DType::I32 { ratio.mapv(f64::floor) } else { ratio }
}

pub(super) fn selected(args: &[&Value], _: &Attrs, _: &Ty) -> Value {
    ndarray::Zip::from(args[0])
        .and(args[1])
        .and(args[2])
        .map_collect(|c, a, b| if *c != 0.0 { *a } else { *b })
}

pub(super) fn converted(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    args[0].mapv(|x| match ty.dtype {
        DType::F32 => x,
        // As devices do: to the nearest end, and 0 for what is no number.
        DType::I32 if x.is_nan() => 0.0,
        DType::I32 => x.trunc().clamp(f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::Bool => f64::from(x != 0.0),
    })
}

pub(super) fn truth(args: &[&Value], holds: fn(f64, f64) -> bool) -> Value {
    ndarray::Zip::from(args[0]).and(args[1]).map_collect(|a, b| f64::from(holds(*a, *b)))
}

pub(super) fn on(low: f64, high: f64) -> Vec<Sample> {
    vec![reals(&[&[2, 3]], low, high, Attrs::None)]
}

pub(super) fn pair(low: f64, high: f64) -> Vec<Sample> {
    vec![reals(&[&[2, 3], &[2, 3]], low, high, Attrs::None)]
}

pub(super) fn bools(n: usize) -> Vec<Sample> {
    let bit = (Ty::new(DType::Bool, [5]), 0.0, 1.0);
    vec![Sample { args: vec![bit; n], attrs: Attrs::None }]
}

/// Reals, and small integers so that equals occur.
pub(super) fn comparable() -> Vec<Sample> {
    let small = (Ty::i32([3, 4]), 0.0, 2.0);
    let integers = Sample { args: vec![small; 2], attrs: Attrs::None };
    vec![reals(&[&[4], &[4]], -1.0, 1.0, Attrs::None), integers]
}

pub(super) fn divisible() -> Vec<Sample> {
    let args = vec![(Ty::i32([9]), -9.0, 9.0), (Ty::i32([9]), 1.0, 4.0)];
    let integers = Sample { args, attrs: Attrs::None };
    vec![reals(&[&[2, 3], &[2, 3]], 0.5, 2.0, Attrs::None), integers]
}

pub(super) fn choices() -> Vec<Sample> {
    let real = (Ty::f32([6]), -1.0, 1.0);
    let bit = (Ty::new(DType::Bool, [6]), 0.0, 1.0);
    vec![Sample { args: vec![bit, real.clone(), real], attrs: Attrs::None }]
}

pub(super) fn casts() -> Vec<Sample> {
    let cast =
        |from, to| Sample { args: vec![(Ty::new(from, [5]), -3.0, 3.0)], attrs: Attrs::DType(to) };
    vec![
        cast(DType::F32, DType::I32),
        cast(DType::I32, DType::F32),
        cast(DType::I32, DType::Bool),
        cast(DType::F32, DType::F32),
    ]
}
