//! Reductions, and formulas of densities that share their names.

use super::{ends, exactly, over, tensors};
use crate::base::{Span, codes};
use crate::graph::op::{Op, index, map as ops, reduce};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::expr::as_static;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};

fn reduction<'a>(
    e: &mut Elab<'a>,
    op: Op,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let [mut x] = tensors(e, name, args, span)?;
    if e.ty(x).dtype == DType::Bool {
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), Support::Bit, span)?;
    }
    if name == "logsumexp" {
        x = e.whole_as_real(x, span)?;
    }
    let shape = e.ty(x).shape.clone();
    let axes = over(e, args, &shape, None, span)?;
    if axes.is_empty() {
        return Ok(Value::Tensor(x));
    }
    let support = match (name, e.ty(x).support) {
        ("max" | "min", s) => s,
        (_, Support::Positive) => Support::Positive,
        (_, Support::Integer | Support::Index(_)) => Support::Integer,
        _ => Support::Real,
    };
    let id = e.op(op, vec![x], Attrs::Axes(axes), support, span)?;
    e.fits_whole(id, span)?;
    Ok(Value::Tensor(id))
}

pub(super) fn sum<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::SUM, "sum", args, span)
}

pub(super) fn prod<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::PROD, "prod", args, span)
}

pub(super) fn logsumexp<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::LOGSUMEXP, "logsumexp", args, span)
}

pub(super) fn mean<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    if let [(value @ (Value::Query(_) | Value::Dist(_) | Value::Density(_)), _)] =
        args.positional.as_slice()
    {
        let mean = e.density_formula(value, "mean", span)?;
        args.positional.clear();
        return Ok(Value::Tensor(mean));
    }
    let [mut x] = tensors(e, "mean", args, span)?;
    if e.ty(x).dtype != DType::F32 {
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), Support::Real, span)?;
    }
    let shape = e.ty(x).shape.clone();
    let axes = over(e, args, &shape, None, span)?;
    let count: usize = axes.iter().map(|a| shape[*a]).product();
    if axes.is_empty() {
        return Ok(Value::Tensor(x));
    }
    let support = e.ty(x).support;
    let total = e.op(&reduce::SUM, vec![x], Attrs::Axes(axes.clone()), Support::Real, span)?;
    // Divided, not multiplied by a rounded inverse: equal values have their value as mean.
    let count = ends::number(e, (x, &axes), count, span)?;
    let kept = e.ty(total).shape.clone();
    let count = e.fill(count, &kept, span)?;
    let support = match support {
        Support::Bit => Support::Interval(0.0, 1.0),
        s @ (Support::Interval(..) | Support::Positive) => s,
        _ => Support::Real,
    };
    e.op(&ops::DIV, vec![total, count], Attrs::None, support, span).map(Value::Tensor)
}

fn extremum<'a>(
    e: &mut Elab<'a>,
    name: &str,
    rows: (Op, Op),
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    if args.positional.len() == 2 && args.named.is_empty() {
        return of_two(e, name, rows.1, args, span);
    }
    reduction(e, rows.0, name, args, span)
}

/// The larger or smaller of two; of numbers known now, known now.
fn of_two<'a>(
    e: &mut Elab<'a>,
    name: &str,
    op: Op,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let places = (args.positional[0].1, args.positional[1].1, span);
    let [a, b] = exactly(e, name, args, span)?;
    let both = [&a, &b].map(as_static);
    if let [Some(Static::Int(a)), Some(Static::Int(b))] = both {
        let best = if name == "max" { a.max(b) } else { a.min(b) };
        return Ok(Value::Static(Static::Int(best)));
    }
    if let [Some(_), Some(_)] = both {
        let (a, b) = (e.number(&a, span)?, e.number(&b, span)?);
        let best = if name == "max" { a.max(b) } else { a.min(b) };
        return Ok(Value::Static(Static::Float(best)));
    }
    let (a, b) = e.operands(&a, &b, places)?;
    let (a, b) = e.same_shape(name, a, b, places)?;
    if e.ty(a).dtype != e.ty(b).dtype {
        let text = format!("`{name}` of `{}` and `{}`", show(e.ty(a)), show(e.ty(b)));
        return e.fail(codes::RL0103, text, span, "convert one with `float(...)`");
    }
    let whole = e.ty(a).dtype == DType::I32;
    let support = if whole { Support::Integer } else { Support::Real };
    e.op(op, vec![a, b], Attrs::None, support, span).map(Value::Tensor)
}

pub(super) fn max<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    extremum(e, "max", (&reduce::MAX_OF, &ops::MAX), args, span)
}

pub(super) fn min<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    extremum(e, "min", (&reduce::MIN_OF, &ops::MIN), args, span)
}

fn along<'a>(
    e: &mut Elab<'a>,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<(ExprId, usize)> {
    let [x] = tensors(e, name, args, span)?;
    let shape = e.ty(x).shape.clone();
    let axes = over(e, args, &shape, Some(-1), span)?;
    match axes.as_slice() {
        [one] => Ok((x, *one)),
        _ => e.fail(
            codes::RL0103,
            format!("`{name}` works along one dim"),
            span,
            "write `over = -1`",
        ),
    }
}

pub(super) fn argmax<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "argmax", args, span)?;
    let n = e.ty(x).shape[axis];
    e.op(&reduce::ARGMAX, vec![x], Attrs::Axis(axis), Support::Index(n), span).map(Value::Tensor)
}

pub(super) fn cumsum<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "cumsum", args, span)?;
    if e.ty(x).dtype == DType::I32 {
        return whole_sums(e, x, axis, span).map(Value::Tensor);
    }
    running(e, x, axis, span).map(Value::Tensor)
}

/// Running sums of reals.
fn running<'a>(e: &mut Elab<'a>, x: ExprId, axis: usize, span: Span) -> Res<ExprId> {
    let attrs = Attrs::Directed { axis, reverse: false };
    e.op(&index::CUMSUM, vec![x], attrs, Support::Real, span)
}

/// Reals hold every whole number up to this.
const EXACT: f64 = (1 << 24) as f64;

/// Running sums of whole numbers, with all digits: those of pieces of 8 bits, where reals would not hold
/// them.
fn whole_sums<'a>(e: &mut Elab<'a>, x: ExprId, axis: usize, span: Span) -> Res<ExprId> {
    let (low, high) = e.range(x);
    let n = e.ty(x).shape[axis] as f64;
    e.within_32_bits(x, (low.min(low * n), high.max(high * n)), span)?;
    let sums = |e: &mut Elab<'a>, x: ExprId| {
        let x = e.whole_as_real(x, span)?;
        let sums = running(e, x, axis, span)?;
        e.op(&ops::CAST, vec![sums], Attrs::DType(DType::I32), Support::Integer, span)
    };
    if n * low.abs().max(high.abs()) <= EXACT {
        return sums(e, x);
    }
    if n * 256.0 > EXACT {
        let text = format!("running sums of {n} whole numbers of up to 32 bits");
        let help = "compute with reals, `cumsum(float(x))`, or bring them into a range: `x % 100`";
        return e.fail(codes::RL0107, text, span, help);
    }
    let (mut rest, mut pieces) = (x, Vec::new());
    for _ in 0..3 {
        let (above, piece) = cut_off(e, rest, 256.0, span)?;
        pieces.push(sums(e, piece)?);
        rest = above;
    }
    let mut total = sums(e, rest)?;
    for piece in pieces.into_iter().rev() {
        total = whole(e, &ops::MUL, total, 256.0, span)?;
        total = e.op(&ops::ADD, vec![total, piece], Attrs::None, Support::Integer, span)?;
    }
    Ok(total)
}

/// `x div n` and what is left, of whole numbers.
fn cut_off<'a>(e: &mut Elab<'a>, x: ExprId, n: f64, span: Span) -> Res<(ExprId, ExprId)> {
    let above = whole(e, &ops::DIV, x, n, span)?;
    let taken = whole(e, &ops::MUL, above, n, span)?;
    let left = e.op(&ops::SUB, vec![x, taken], Attrs::None, Support::Integer, span)?;
    Ok((above, left))
}

/// An op on whole numbers and a literal.
fn whole<'a>(e: &mut Elab<'a>, op: Op, x: ExprId, n: f64, span: Span) -> Res<ExprId> {
    let shape = e.ty(x).shape.clone();
    let n = e.literal(n, DType::I32, span);
    let n = e.fill(n, &shape, span)?;
    e.op(op, vec![x, n], Attrs::None, Support::Integer, span)
}

/// The stable ascending order along a dim. Whole numbers that reals do not hold are ordered by their last
/// 16 bits and then by their first.
fn order<'a>(e: &mut Elab<'a>, x: ExprId, axis: usize, span: Span) -> Res<ExprId> {
    let (low, high) = e.range(x);
    if e.ty(x).dtype != DType::I32 || low.abs().max(high.abs()) <= EXACT {
        return order_of_reals(e, x, axis, span);
    }
    let (first, last) = cut_off(e, x, 65536.0, span)?;
    let by_last = order_of_reals(e, last, axis, span)?;
    let along = Attrs::Axis(axis);
    let first =
        e.op(&index::TAKE_ALONG, vec![first, by_last], along.clone(), Support::Integer, span)?;
    let by_first = order_of_reals(e, first, axis, span)?;
    let support = e.ty(by_last).support;
    e.op(&index::TAKE_ALONG, vec![by_last, by_first], along, support, span)
}

fn order_of_reals<'a>(e: &mut Elab<'a>, mut x: ExprId, axis: usize, span: Span) -> Res<ExprId> {
    if e.ty(x).dtype == DType::I32 {
        let support = e.ty(x).support;
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), support, span)?;
    }
    let n = e.ty(x).shape[axis];
    let attrs = Attrs::Directed { axis, reverse: false };
    e.op(&index::ARGSORT, vec![x], attrs, Support::Index(n), span)
}

pub(super) fn argsort<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "argsort", args, span)?;
    order(e, x, axis, span).map(Value::Tensor)
}

/// The elements in ascending order; its derivative is the same permutation backwards.
pub(super) fn sort<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "sort", args, span)?;
    let order = order(e, x, axis, span)?;
    let support = e.ty(x).support;
    e.op(&index::TAKE_ALONG, vec![x, order], Attrs::Axis(axis), support, span).map(Value::Tensor)
}

pub(super) fn variance<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "variance", args, span)?;
    e.density_formula(&x, "variance", span).map(Value::Tensor)
}

pub(super) fn entropy<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "entropy", args, span)?;
    e.density_formula(&x, "entropy", span).map(Value::Tensor)
}
