//! Derivatives of elementwise ops that take more than a line. In: a node and its adjoint. Out: those of
//! its operands.

use super::terms::Term;
use crate::graph::op::Rule;
use crate::graph::range;
use crate::graph::{DType, Graph, NodeId};

pub(super) fn arg(g: &Graph, y: NodeId, i: usize) -> NodeId {
    g.node(y).args[i]
}

pub(super) const D_DIV: Rule = |g, y, d, wanted| {
    let b = arg(g, y, 1);
    let over = g.div(d, b);
    let down = wanted[1].then(|| {
        let product = if range::of(g, b).inverts() {
            g.mul(over, y)
        } else {
            // `d / b` may be infinite where the quotient is 0, and 0 times that is no number.
            let share = g.div(y, b);
            g.mul(d, share)
        };
        g.neg(product)
    });
    vec![Some(over), down]
};

/// The number of times that the divisor is taken does not change with the operands.
pub(super) const D_REM: Rule = |g, y, d, wanted| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    let down = wanted[1].then(|| {
        let taken = g.sub(a, y);
        let times = g.div(taken, b);
        let times = g.add_const(times, 0.5);
        let times = g.floor(times);
        let product = g.mul(d, times);
        g.neg(product)
    });
    vec![Some(d), down]
};

/// At a base of 0: the limit of `y x^(y-1)` in the base (0 for an exponent of 0, and below an exponent
/// of 1 where the base is never negative, as for a root of squares), and 0 in the exponent.
pub(super) const D_POW: Rule = |g, y, d, wanted| {
    let (base, exponent) = (arg(g, y, 0), arg(g, y, 1));
    let zero = g.like(0.0, base);
    let in_base = wanted[0].then(|| {
        let less = g.add_const(exponent, -1.0);
        let power = g.pow(base, less);
        let slope = g.mul(exponent, power);
        let constant = g.eq(exponent, zero);
        let slope = g.select(constant, zero, slope);
        let slope = if range::of(g, base).nonnegative() && has_roots(g, exponent) {
            let at_zero = g.eq(base, zero);
            let one = g.like(1.0, exponent);
            let root = g.lt(exponent, one);
            let positive = g.ge(exponent, zero);
            let root = g.and(root, positive);
            let lowest = g.and(at_zero, root);
            g.select(lowest, zero, slope)
        } else {
            slope
        };
        g.mul(d, slope)
    });
    let in_exponent = wanted[1].then(|| {
        let positive = g.gt(base, zero);
        let one = g.like(1.0, base);
        let safe = g.select(positive, base, one);
        let log = g.log(safe);
        let slope = g.mul(y, log);
        g.mul(d, slope)
    });
    vec![in_base, in_exponent]
};

/// Whether an exponent may lie between 0 and 1.
pub(super) fn has_roots(g: &Graph, exponent: NodeId) -> bool {
    let range = range::of(g, exponent);
    range.low < 1.0 && range.high > 0.0
}

/// A function that is never negative is lowest where it is 0, and so is its root: the slope there is
/// 0, not infinity times 0. Of any other operand it is infinite.
pub(super) fn d_sqrt(g: &mut Graph, x: NodeId, y: NodeId, d: NodeId) -> NodeId {
    let half = g.scale(d, 0.5);
    let slope = g.div(half, y);
    let operand = range::of(g, x);
    if operand.low != 0.0 {
        return slope;
    }
    let zero = g.like(0.0, y);
    let lowest = g.eq(y, zero);
    g.select(lowest, zero, slope)
}

/// Of equals the second counts, so that `max(x, 0)` has slope 0 at 0.
pub(super) fn d_choice(g: &mut Graph, y: NodeId, d: NodeId, first: NodeId) -> Vec<Option<NodeId>> {
    let zero = g.like(0.0, y);
    vec![Some(g.select(first, d, zero)), Some(g.select(first, zero, d))]
}

pub(super) const D_MAX: Rule = |g, y, d, _| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    let first = g.gt(a, b);
    d_choice(g, y, d, first)
};

pub(super) const D_MIN: Rule = |g, y, d, _| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    let first = g.lt(a, b);
    d_choice(g, y, d, first)
};

pub(super) const D_SELECT: Rule = |g, y, d, _| {
    let condition = arg(g, y, 0);
    let mut sides = d_choice(g, y, d, condition);
    sides.insert(0, None);
    sides
};

pub(super) const D_CAST: Rule = |g, y, d, _| {
    let from = g.ty(arg(g, y, 0)).dtype;
    vec![(from == DType::F32 && g.ty(y).dtype == DType::F32).then_some(d)]
};

/// The derivative of digamma: upwards by the recurrence, then the asymptotic series.
pub(super) fn trigamma<'b, 'g>(x: Term<'b, 'g>) -> Term<'b, 'g> {
    const STEPS: usize = 9;
    const SERIES: [f64; 6] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0];
    let mut total = x.like(0.0);
    for k in 0..STEPS {
        let z = x + k as f64;
        total = total + 1.0 / (z * z);
    }
    let inverse = 1.0 / (x + STEPS as f64);
    let square = inverse * inverse;
    let mut series = x.like(0.0);
    for coefficient in SERIES.iter().rev() {
        series = (series + *coefficient) * square;
    }
    total + inverse * (series + 1.0 + inverse * 0.5)
}
