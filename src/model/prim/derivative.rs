//! Derivatives of functions. In: a function, the place, and a direction where one is needed. Out: a
//! derivative of its body by a fresh variable, still to be expanded.

use super::{exactly, usage};
use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Derivative, ExprId, ExprKind, Support, Type};

fn derivative<'a>(
    e: &mut Elab<'a>,
    kind: Derivative<()>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let name = kind.name();
    let at = args.take("at");
    let with = args.take("with");
    let [f] = exactly(e, name, args, span)?;
    let Some((at, place)) = at else {
        return e.fail(codes::RL0104, format!("`{name}` needs `at`"), span, usage(name));
    };
    let at = e.tensor(&at, place)?;
    let ty = e.ty(at).clone();
    if ty.dtype != DType::F32 {
        let text = format!("`{}` has no derivative", show(&ty));
        return e.fail(codes::RL0122, text, place, "derivatives are taken with respect to reals");
    }
    let formal = match &f {
        Value::Func(func) => func.first_formal(),
        _ => "x",
    };
    let (var, v) = e.m.fresh_var(formal, ty.clone(), place);
    let body = e.apply(&f, Args::one(Value::Tensor(v), place), span)?;
    let body = e.tensor(&body, span)?;
    let out = e.ty(body).clone();
    real(e, &out, span)?;
    let varies = ty.varies || out.varies;
    if varies && e.m.mixes_rows(body, &[var], true) {
        return mixes_rows(e, name, span);
    }
    scalar(e, &kind, &out, span)?;
    let shape = shape_of(&kind, &ty.shape, &out.shape);
    let kind = directed(e, kind, with, (&ty, &out), span)?;
    let result = Type { dtype: DType::F32, shape, support: Support::Real, varies, ends: false };
    e.push(ExprKind::Derivative { kind, var, body, at }, result, span).map(Value::Tensor)
}

/// Refuses functions to whole numbers and truth values.
fn real<'a>(e: &mut Elab<'a>, out: &Type, span: Span) -> Res<()> {
    if out.dtype == DType::F32 {
        return Ok(());
    }
    let text = format!("a function to `{}` has no derivative", show(out));
    let help = "derivatives are taken of real functions; `float(...)` makes a real";
    e.fail(codes::RL0122, text, span, help)
}

fn mixes_rows<'a, T>(e: &mut Elab<'a>, name: &str, span: Span) -> Res<T> {
    let text = format!("`{name}` at one example of a function that mixes the rows of the batch");
    let help = "hold what the other rows give, `stop(batch_mean(...))`, or take the derivative at all \
                rows, `at = batch(x)`";
    e.fail(codes::RL0122, text, span, help)
}

/// Refuses gradients of anything but scalars.
fn scalar<'a>(e: &mut Elab<'a>, kind: &Derivative<()>, out: &Type, span: Span) -> Res<()> {
    if !matches!(kind, Derivative::Grad | Derivative::Hessian) || out.shape.is_empty() {
        return Ok(());
    }
    let name = kind.name();
    let text = format!("`{name}` differentiates a scalar, this is `{}`", show(out));
    e.fail(codes::RL0122, text, span, "use `jacobian`, or reduce with `sum`")
}

/// With the direction of `jvp`, shaped like the place, or the cotangent of `vjp`, shaped like the result.
fn directed<'a>(
    e: &mut Elab<'a>,
    kind: Derivative<()>,
    with: Option<(Value<'a>, Span)>,
    (ty, out): (&Type, &Type),
    span: Span,
) -> Res<Derivative> {
    let name = kind.name();
    let plain = match kind {
        Derivative::Jvp(()) => return along(e, name, with, ty, span).map(Derivative::Jvp),
        Derivative::Vjp(()) => return along(e, name, with, out, span).map(Derivative::Vjp),
        Derivative::Grad => Derivative::Grad,
        Derivative::Jacobian => Derivative::Jacobian,
        Derivative::Hessian => Derivative::Hessian,
    };
    let Some((_, place)) = with else { return Ok(plain) };
    let text = format!("`{name}` has no argument `with`");
    e.fail(codes::RL0104, text, place, usage(name))
}

/// The value of `with`, which has the shape of another.
fn along<'a>(
    e: &mut Elab<'a>,
    name: &str,
    with: Option<(Value<'a>, Span)>,
    wanted: &Type,
    span: Span,
) -> Res<ExprId> {
    let Some((value, place)) = with else {
        return e.fail(codes::RL0104, format!("`{name}` needs `with`"), span, usage(name));
    };
    let id = e.tensor(&value, place)?;
    if e.ty(id).shape == wanted.shape {
        return Ok(id);
    }
    let text = format!("`with` is `{}`, and must be `{}`", show(e.ty(id)), show(wanted));
    e.fail(codes::RL0103, text, place, "give it the shape of that value")
}

fn shape_of(kind: &Derivative<()>, at: &[usize], out: &[usize]) -> Vec<usize> {
    match kind {
        Derivative::Grad | Derivative::Vjp(()) => at.to_vec(),
        Derivative::Jacobian => [out, at].concat(),
        Derivative::Hessian => [at, at].concat(),
        Derivative::Jvp(()) => out.to_vec(),
    }
}

pub(super) fn grad<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    derivative(e, Derivative::Grad, args, span)
}

pub(super) fn jacobian<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    derivative(e, Derivative::Jacobian, args, span)
}

pub(super) fn hessian<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    derivative(e, Derivative::Hessian, args, span)
}

pub(super) fn jvp<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    derivative(e, Derivative::Jvp(()), args, span)
}

pub(super) fn vjp<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    derivative(e, Derivative::Vjp(()), args, span)
}
