//! Values that repeat one number, and diagonals.

use super::{shape, tensors};
use crate::base::{Span, codes};
use crate::graph::op::{index, map as ops, reduce, view};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};

/// One number over the dims that the arguments give.
fn filled<'a>(
    e: &mut Elab<'a>,
    value: Value<'a>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let dims = shape::sizes(e, std::mem::take(&mut args.positional), 1)?;
    if dims.is_empty() {
        return Ok(value);
    }
    let id = e.tensor(&value, span)?;
    e.fill(id, &dims, span).map(Value::Tensor)
}

pub(super) fn zeros<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    filled(e, Value::Static(Static::Float(0.0)), args, span)
}

pub(super) fn ones<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    filled(e, Value::Static(Static::Float(1.0)), args, span)
}

pub(super) fn full<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    if args.positional.is_empty() {
        let text = "`full` needs a value".into();
        return e.fail(codes::RL0104, text, span, super::usage("full"));
    }
    let (value, place) = args.positional.remove(0);
    let id = e.tensor(&value, place)?;
    if !e.ty(id).shape.is_empty() {
        let text = format!("`full` repeats a number, this is `{}`", show(e.ty(id)));
        return e.fail(codes::RL0103, text, place, "write `expand(value, over = n)`");
    }
    filled(e, value, args, span)
}

/// Truth on the diagonal.
fn on_diagonal<'a>(e: &mut Elab<'a>, n: usize, span: Span) -> Res<ExprId> {
    let attrs = Attrs::Iota { ty: Ty::f32([n, n]), axis: 0 };
    let eye = e.op(&index::EYE, vec![], attrs, Support::Bit, span)?;
    e.op(&ops::CAST, vec![eye], Attrs::DType(DType::Bool), Support::Bool, span)
}

pub(super) fn diag<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "diag", args, span)?;
    let ty = e.ty(x).clone();
    let zero = e.literal(0.0, ty.dtype, span);
    let (n, wide, total) = match ty.shape[..] {
        [n] => {
            let attrs = Attrs::Broadcast { shape: vec![n, n], dims: vec![1] };
            (n, e.op(&view::BROADCAST, vec![x], attrs, ty.support, span)?, false)
        }
        [n, m] if n == m => (n, x, true),
        _ => {
            let text = format!("`diag` of `{}`", show(&ty));
            return e.fail(codes::RL0103, text, span, "give it a vector or a square matrix");
        }
    };
    // Chosen, not multiplied: what is infinite beside the diagonal stays out of it.
    let on = on_diagonal(e, n, span)?;
    let zeros = e.fill(zero, &[n, n], span)?;
    let kept = e.op(&ops::SELECT, vec![on, wide, zeros], Attrs::None, Support::Real, span)?;
    if !total {
        return Ok(Value::Tensor(kept));
    }
    e.op(&reduce::SUM, vec![kept], Attrs::Axes(vec![1]), ty.support, span).map(Value::Tensor)
}
