//! Reductions over axes; the axes vanish.

use super::{Derivative, How, Meaning, Rule, Sample, Slopes, Value, count, need, reals, rows};
use crate::graph::range::{self, Range};
use crate::graph::{Attrs, DType, Graph, NodeId, Ty};
use ndarray::{ArrayView1, Axis};

fn without(ty: &Ty, axes: &[usize]) -> Result<Vec<usize>, String> {
    if axes.is_empty() || !axes.is_sorted_by(|a, b| a < b) || axes.iter().any(|a| *a >= ty.rank()) {
        return Err(format!("axes {axes:?} of {ty}"));
    }
    let kept = ty.shape.iter().enumerate().filter(|(i, _)| !axes.contains(i));
    Ok(kept.map(|(_, d)| *d).collect())
}

fn over_axes(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Axes(axes) = attrs else { return Err("no axes".into()) };
    if args[0].dtype == DType::Bool {
        return Err(format!("operand {}", args[0]));
    }
    Ok(Ty::new(args[0].dtype, without(args[0], axes)?))
}

fn index_of(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    let Attrs::Axis(axis) = attrs else { return Err("no axis".into()) };
    Ok(Ty::i32(without(args[0], &[*axis])?))
}

/// The operand, and the axes that vanished.
fn parts(g: &Graph, y: NodeId) -> (NodeId, Vec<usize>) {
    let node = g.node(y);
    let axes = node.attrs.axes();
    (node.args[0], axes.to_vec())
}

/// `value` of the result's shape repeated over the operand's.
fn back(g: &mut Graph, x: NodeId, axes: &[usize], value: NodeId) -> NodeId {
    let shape = g.shape(x).to_vec();
    g.spread(value, &shape, axes)
}

const D_SUM: Rule = |g, y, d, _| {
    let (x, axes) = parts(g, y);
    vec![Some(back(g, x, &axes, d))]
};

/// Elements that reach the extreme share its slope equally.
const D_EXTREME: Rule = |g, y, d, _| {
    let (x, axes) = parts(g, y);
    let extreme = back(g, x, &axes, y);
    let hit = g.eq(x, extreme);
    let ones = g.cast(hit, DType::F32);
    let count = g.sum(ones, &axes);
    let share = g.div(d, count);
    let share = back(g, x, &axes, share);
    let zero = g.like(0.0, x);
    vec![Some(g.select(hit, share, zero))]
};

/// Each element times the product of the *others*, so that zeros do no harm: the reduced axes
/// become one, a copy of it has a 1 in place of the element, and the product runs over the copy.
const D_PROD: Rule = |g, y, d, _| {
    let (x, axes) = parts(g, y);
    let shape = g.shape(x).to_vec();
    let kept: Vec<usize> = (0..shape.len()).filter(|i| !axes.contains(i)).collect();
    let perm: Vec<usize> = kept.iter().chain(&axes).copied().collect();
    let moved = g.permute(x, &perm);
    let n: usize = axes.iter().map(|a| shape[*a]).product();
    let mut flat: Vec<usize> = kept.iter().map(|k| shape[*k]).collect();
    let rank = flat.len();
    flat.push(n);
    let line = g.reshape(moved, &flat);
    let square: Vec<usize> = [&flat[..], &[n]].concat();
    let copies: Vec<usize> = (0..rank).chain([rank + 1]).collect();
    let copies = g.broadcast(line, &square, &copies);
    let eye = g.eye(n);
    let zero = g.like(0.0, eye);
    let own = g.ne(eye, zero);
    let own = g.broadcast(own, &square, &[rank, rank + 1]);
    let one = g.like(1.0, copies);
    let others = g.select(own, one, copies);
    let others = g.prod(others, &[rank + 1]);
    let moved_shape: Vec<usize> = perm.iter().map(|p| shape[*p]).collect();
    let others = g.reshape(others, &moved_shape);
    let mut inverse = vec![0; perm.len()];
    perm.iter().enumerate().for_each(|(i, p)| inverse[*p] = i);
    let others = g.permute(others, &inverse);
    let d = back(g, x, &axes, d);
    vec![Some(g.mul(d, others))]
};

/// The shares add up to 1 also where the total, rounded, has lost what exceeds the largest operand.
/// Operands whose largest is 0 lose nothing.
const D_LOGSUMEXP: Rule = |g, y, d, _| {
    let (x, axes) = parts(g, y);
    let total = back(g, x, &axes, y);
    let log = g.sub(x, total);
    let share = g.exp(log);
    if range::below_largest(g, x, &axes) {
        let d = back(g, x, &axes, d);
        return vec![Some(g.mul(d, share))];
    }
    let sum = g.sum(share, &axes);
    let d = g.div(d, sum);
    let d = back(g, x, &axes, d);
    vec![Some(g.mul(d, share))]
};

/// Reduces one axis after the other, the last first.
fn over(args: &[&Value], attrs: &Attrs, f: fn(ArrayView1<f64>) -> f64) -> Value {
    let axes = attrs.axes();
    axes.iter().rev().fold(args[0].clone(), |x, axis| x.map_axis(Axis(*axis), f))
}

fn largest(lane: ArrayView1<f64>) -> f64 {
    lane.fold(f64::NEG_INFINITY, |m, x| if *x > m || x.is_nan() { *x } else { m })
}

fn smallest(lane: ArrayView1<f64>) -> f64 {
    lane.fold(f64::INFINITY, |m, x| if *x < m || x.is_nan() { *x } else { m })
}

fn log_sum_exp(lane: ArrayView1<f64>) -> f64 {
    let top = largest(lane);
    if top.is_infinite() {
        return top;
    }
    top + lane.fold(0.0, |sum, x| sum + (x - top).exp()).ln()
}

fn first_largest(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    let axis = attrs.axis();
    args[0].map_axis(Axis(axis), |lane| {
        let better = |best: usize, i: usize| if lane[i] > lane[best] { i } else { best };
        (0..lane.len()).fold(0, better) as f64
    })
}

fn samples() -> Vec<Sample> {
    let over = |axes: &[usize]| reals(&[&[2, 3, 4]], -2.0, 2.0, Attrs::Axes(axes.to_vec()));
    vec![over(&[1]), over(&[0, 2]), over(&[0, 1, 2])]
}

rows! { Reduce;
    SUM = "sum", "The sum over axes.",
        over_axes, Derivative::Rule(D_SUM), Meaning::Whole(|x, a, _| over(x, a, |l| l.sum())), samples, range: range::sum, slopes: Slopes::EVEN, fold: Some(How::Sum);
    MAX_OF = "max_of", "The largest over axes.",
        over_axes, Derivative::Rule(D_EXTREME), Meaning::Whole(|x, a, _| over(x, a, largest)), samples, range: range::first, slopes: Slopes::EVEN, chooses: true, exact: true, fold: Some(How::Max), word: "max";
    MIN_OF = "min_of", "The smallest over axes.",
        over_axes, Derivative::Rule(D_EXTREME), Meaning::Whole(|x, a, _| over(x, a, smallest)), samples, range: range::first, slopes: Slopes::EVEN, chooses: true, exact: true, fold: Some(How::Min), word: "min";
    PROD = "prod", "The product over axes.",
        over_axes, Derivative::Rule(D_PROD), Meaning::Whole(|x, a, _| over(x, a, |l| l.product())), samples, range: range::prod, fold: Some(How::Prod);
    LOGSUMEXP = "logsumexp", "log(sum(exp(x))) over axes, without overflow.",
        over_axes, Derivative::Rule(D_LOGSUMEXP), Meaning::Whole(|x, a, _| over(x, a, log_sum_exp)), samples, range: |x, wild| Range { low: x[0].low, wild, ..Range::ANY };
    ARGMAX = "argmax", "The index of the largest along an axis; the first of equals.",
        index_of, Derivative::Zero, Meaning::Whole(first_largest), || vec![reals(&[&[3, 4]], -1.0, 1.0, Attrs::Axis(1))], exact: true;
}
