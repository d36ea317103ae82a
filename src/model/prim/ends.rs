//! Functions of sequences that end: how long they are, what they are without their end, from behind. In: a value and
//! what says which of its places count. Out: values; what counts in them follows from their form.

use super::tensors;
use crate::base::{Span, codes};
use crate::graph::op::{index, map as ops, view};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Called, ExprId, Static, Support, Type};

pub(super) fn ended<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "ended", args, span)?;
    let ty = e.ty(x).clone();
    let (low, high) = e.range(x);
    let known = ty.dtype == DType::I32 && low >= 0.0 && high.is_finite();
    if !known || ty.shape.len() != 1 {
        let text = format!("`ended` of `{}`", show(&ty));
        let help = "it takes a sequence of indices, `idx(V)[T]`";
        return e.fail(codes::RL0103, text, span, help);
    }
    e.ended(x, Support::Index(high as usize + 1), span).map(Value::Tensor)
}

pub(super) fn length<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "length", args, span)?;
    let Some(n) = e.ty(x).shape.first().copied() else {
        let text = "a scalar has no length".into();
        return e.fail(codes::RL0103, text, span, "give it a sequence");
    };
    match e.counts_first(x, span)? {
        Some(counts) => {
            let length = e.length(counts, span)?;
            // What it is called, for those who read formulas.
            let called = Called { name: "length".into(), of: None, args: vec![x] };
            e.m.calls.entry(length).or_insert(called);
            Ok(Value::Tensor(length))
        }
        None => Ok(Value::Static(Static::Int(n as i64))),
    }
}

pub(super) fn padded<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "padded", args, span)?;
    if e.counts(x, span)?.iter().all(Option::is_none) {
        return Ok(Value::Tensor(x));
    }
    let Type { shape, support, .. } = e.ty(x).clone();
    let dims = (0..shape.len()).collect();
    e.op(&view::BROADCAST, vec![x], Attrs::Broadcast { shape, dims }, support, span)
        .map(Value::Tensor)
}

pub(super) fn ends_like<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [y, x] = tensors(e, "ends_like", args, span)?;
    let Some(counts) = e.counts_first(x, span)? else { return Ok(Value::Tensor(y)) };
    if e.ty(y).shape.first() != e.ty(x).shape.first() {
        let text = format!("`ends_like` of `{}` and `{}`", show(e.ty(y)), show(e.ty(x)));
        return e.fail(codes::RL0103, text, span, "give both the same first dim");
    }
    match e.counts_first(y, span)? {
        Some(own) if own == counts => Ok(Value::Tensor(y)),
        Some(_) => e.loose_end("`ends_like`", span),
        None => e.filled_outside(y, (counts, 0), 0.0, span).map(Value::Tensor),
    }
}

/// What stands at the end.
pub fn last<'a>(e: &mut Elab<'a>, (x, counts): (ExprId, ExprId), span: Span) -> Res<ExprId> {
    let length = e.length(counts, span)?;
    let one = e.literal(1.0, DType::F32, span);
    let at = e.two(&ops::SUB, length, one, span)?;
    e.picked_rows(x, at, span)
}

/// From the end to the start.
pub fn backwards<'a>(e: &mut Elab<'a>, (x, counts): (ExprId, ExprId), span: Span) -> Res<ExprId> {
    let n = e.ty(x).shape[0];
    let length = e.length(counts, span)?;
    let one = e.literal(1.0, DType::F32, span);
    let last = e.two(&ops::SUB, length, one, span)?;
    let count = Attrs::Iota { ty: Ty::f32([n]), axis: 0 };
    let place = e.op(&index::IOTA, vec![], count, Support::Real, span)?;
    let from = e.two(&ops::SUB, last, place, span)?;
    let none = e.literal(0.0, DType::F32, span);
    let from = e.two(&ops::MAX, from, none, span)?;
    let turned = e.picked_rows(x, from, span)?;
    e.filled_outside(turned, (counts, 0), 0.0, span)
}

/// How many elements a mean is over: some dims of a value, of which those may end that are no more than `all`.
pub fn number<'a>(
    e: &mut Elab<'a>,
    (x, axes): (ExprId, &[usize]),
    all: usize,
    span: Span,
) -> Res<ExprId> {
    let (places, shape) = (e.counts(x, span)?, e.ty(x).shape.clone());
    let ending: Vec<usize> = axes.iter().copied().filter(|axis| places[*axis].is_some()).collect();
    let others = all / ending.iter().map(|axis| shape[*axis]).product::<usize>();
    let mut number = e.literal(others as f64, DType::F32, span);
    for counts in ending.iter().filter_map(|axis| places[*axis]) {
        let length = e.length(counts, span)?;
        number = e.two(&ops::MUL, number, length, span)?;
    }
    Ok(number)
}
