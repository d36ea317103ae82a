//! Reductions, and formulas of densities that share their names.

use super::{exactly, over, tensors};
use crate::base::{Span, codes};
use crate::graph::op::{Op, index, map as ops, reduce};
use crate::graph::{Attrs, DType};
use crate::model::elab::{Elab, Res};
use crate::model::ir::Support;
use crate::model::types::show;
use crate::model::value::{Args, Value};

fn first<'a>(e: &mut Elab<'a>, name: &str, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let only = Args { positional: std::mem::take(&mut args.positional), named: vec![] };
    let [x] = exactly(e, name, only, span)?;
    Ok(x)
}

fn leftover<'a>(e: &mut Elab<'a>, name: &str, args: &Args<'a>) -> Res<()> {
    match args.named.first() {
        Some((extra, _, place)) => {
            let text = format!("`{name}` has no argument `{extra}`");
            e.fail(codes::RL0104, text, *place, super::usage(name))
        }
        None => Ok(()),
    }
}

fn reduction<'a>(
    e: &mut Elab<'a>,
    op: Op,
    name: &str,
    mut args: Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let x = first(e, name, &mut args, span)?;
    let mut x = e.tensor(&x, span)?;
    if e.ty(x).dtype == DType::Bool {
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), Support::Bit, span)?;
    }
    let shape = e.ty(x).shape.clone();
    let axes = over(e, &mut args, &shape, None, span)?;
    leftover(e, name, &args)?;
    if axes.is_empty() {
        return Ok(Value::Tensor(x));
    }
    let support = match (name, e.ty(x).support) {
        ("max" | "min", s) => s,
        (_, Support::Positive) => Support::Positive,
        (_, Support::Integer | Support::Index(_)) => Support::Integer,
        _ => Support::Real,
    };
    e.op(op, vec![x], Attrs::Axes(axes), support, span).map(Value::Tensor)
}

pub(super) fn sum<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::SUM, "sum", args, span)
}

pub(super) fn prod<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::PROD, "prod", args, span)
}

pub(super) fn logsumexp<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    reduction(e, &reduce::LOGSUMEXP, "logsumexp", args, span)
}

pub(super) fn mean<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    if let [(value @ (Value::Query(_) | Value::Dist(_) | Value::Density(_)), _)] =
        args.positional.as_slice()
    {
        return e.density_formula(value, "mean", span).map(Value::Tensor);
    }
    let mut args = args;
    let x = first(e, "mean", &mut args, span)?;
    let mut x = e.tensor(&x, span)?;
    if e.ty(x).dtype != DType::F32 {
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), Support::Real, span)?;
    }
    let shape = e.ty(x).shape.clone();
    let axes = over(e, &mut args, &shape, None, span)?;
    leftover(e, "mean", &args)?;
    let count: usize = axes.iter().map(|a| shape[*a]).product();
    if axes.is_empty() {
        return Ok(Value::Tensor(x));
    }
    let support = e.ty(x).support;
    let total = e.op(&reduce::SUM, vec![x], Attrs::Axes(axes), Support::Real, span)?;
    let scale = e.literal(1.0 / count as f64, DType::F32, span);
    let kept = e.ty(total).shape.clone();
    let scale = e.fill(scale, &kept, span)?;
    let support = match support {
        Support::Bit => Support::Interval(0.0, 1.0),
        s @ (Support::Interval(..) | Support::Positive) => s,
        _ => Support::Real,
    };
    e.op(&ops::MUL, vec![total, scale], Attrs::None, support, span).map(Value::Tensor)
}

fn extremum<'a>(
    e: &mut Elab<'a>,
    name: &str,
    rows: (Op, Op),
    args: Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    if args.positional.len() == 2 && args.named.is_empty() {
        let places = (args.positional[0].1, args.positional[1].1, span);
        if let (Value::Static(a), Value::Static(b)) = (&args.positional[0].0, &args.positional[1].0)
        {
            let a = e.number(&Value::Static(a.clone()), span)?;
            let b = e.number(&Value::Static(b.clone()), span)?;
            let best = if name == "max" { a.max(b) } else { a.min(b) };
            return Ok(Value::Static(crate::model::ir::Static::Float(best)));
        }
        let [a, b] = tensors(e, name, args, span)?;
        let (a, b) = e.same_shape(name, a, b, places)?;
        if e.ty(a).dtype != e.ty(b).dtype {
            let text = format!("`{name}` of `{}` and `{}`", show(e.ty(a)), show(e.ty(b)));
            return e.fail(codes::RL0103, text, span, "convert one with `float(...)`");
        }
        return e.op(rows.1, vec![a, b], Attrs::None, Support::Real, span).map(Value::Tensor);
    }
    reduction(e, rows.0, name, args, span)
}

pub(super) fn max<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    extremum(e, "max", (&reduce::MAX_OF, &ops::MAX), args, span)
}

pub(super) fn min<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    extremum(e, "min", (&reduce::MIN_OF, &ops::MIN), args, span)
}

fn along<'a>(
    e: &mut Elab<'a>,
    name: &str,
    mut args: Args<'a>,
    span: Span,
) -> Res<(crate::model::ir::ExprId, usize)> {
    let x = first(e, name, &mut args, span)?;
    let x = e.tensor(&x, span)?;
    let shape = e.ty(x).shape.clone();
    let axes = over(e, &mut args, &shape, Some(-1), span)?;
    leftover(e, name, &args)?;
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

pub(super) fn argmax<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "argmax", args, span)?;
    let n = e.ty(x).shape[axis];
    e.op(&reduce::ARGMAX, vec![x], Attrs::Axis(axis), Support::Index(n), span).map(Value::Tensor)
}

pub(super) fn cumsum<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, axis) = along(e, "cumsum", args, span)?;
    e.op(&index::CUMSUM, vec![x], Attrs::Directed { axis, reverse: false }, Support::Real, span)
        .map(Value::Tensor)
}

pub(super) fn argsort<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    let (mut x, axis) = along(e, "argsort", args, span)?;
    if e.ty(x).dtype == DType::I32 {
        let support = e.ty(x).support;
        x = e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), support, span)?;
    }
    let n = e.ty(x).shape[axis];
    e.op(
        &index::ARGSORT,
        vec![x],
        Attrs::Directed { axis, reverse: false },
        Support::Index(n),
        span,
    )
    .map(Value::Tensor)
}

pub(super) fn variance<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "variance", args, span)?;
    e.density_formula(&x, "variance", span).map(Value::Tensor)
}

pub(super) fn entropy<'a>(e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "entropy", args, span)?;
    e.density_formula(&x, "entropy", span).map(Value::Tensor)
}
