//! Functions that can be undone. In: a function and a place. Out: the argument that gives this value, the
//! logarithm of the Jacobian's determinant, or a function with an inverse of the file's own.

use super::{exactly, usage};
use crate::base::{Span, codes};
use crate::graph::DType;
use crate::graph::op::map;
use crate::model::elaborate::bijection::Way;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, FuncBody, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Support, Symbolic, Type, VarId};

/// A function's formula, of a fresh variable.
type Formula = (VarId, ExprId);

/// An argument by name, and its place.
fn named<'a>(
    e: &mut Elab<'a>,
    name: &str,
    (which, args): (&str, &mut Args<'a>),
    span: Span,
) -> Res<(Value<'a>, Span)> {
    match args.take(which) {
        Some(given) => Ok(given),
        None => e.fail(codes::RL0104, format!("`{name}` needs `{which}`"), span, usage(name)),
    }
}

/// The real value at which a function is looked at.
fn at<'a>(e: &mut Elab<'a>, name: &str, args: &mut Args<'a>, span: Span) -> Res<ExprId> {
    let (value, place) = named(e, name, ("at", args), span)?;
    let id = e.tensor(&value, place)?;
    if e.ty(id).dtype == DType::F32 {
        return Ok(id);
    }
    let text = format!("`{}` is not real, and has no slopes", show(e.ty(id)));
    e.fail(codes::RL0122, text, place, "convert it: `float(...)`")
}

/// What a function gives for a variable of this type.
fn formula<'a>(e: &mut Elab<'a>, f: &Value<'a>, ty: Type, span: Span) -> Res<Formula> {
    let name = match f {
        Value::Func(func) => func.first_formal(),
        _ => "x",
    };
    let (var, v) = e.m.fresh_var(name, ty, span);
    let body = e.apply(f, Args::one(Value::Tensor(v), span), span)?;
    Ok((var, e.tensor(&body, span)?))
}

/// How many arguments a function takes.
fn arity(f: &Value<'_>) -> usize {
    let Value::Func(func) = f else { return 1 };
    match &func.body {
        FuncBody::Item(item) => item.formals.len(),
        FuncBody::Lambda(names, _) => names.len(),
        FuncBody::Formula(..) => 1,
    }
}

/// `inverse(f, at = y)`: the x for which f(x) is y.
pub(super) fn inverse<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let y = at(e, "inverse", args, span)?;
    let [f] = exactly(e, "inverse", args, span)?;
    let like = Type { support: Support::Real, ..e.ty(y).clone() };
    let ty = e.argument_of(&f, like)?;
    let (var, body) = formula(e, &f, ty, span)?;
    if e.ty(body).shape != e.ty(y).shape {
        let (gives, given) = (show(e.ty(body)), show(e.ty(y)));
        let text = format!("the function gives `{gives}`, and `at` is `{given}`");
        return e.fail(codes::RL0103, text, span, "give it the shape of its result");
    }
    let (given, value) =
        e.m.fresh_var("y", Type { support: Support::Real, ..e.ty(body).clone() }, span);
    let unknown = e.mention(var);
    let back = e.invert(&[unknown], &[(body, value)], Way::Back, span)?;
    let inverse = e.undone(&f, back, span)?.solved[0];
    let forth = e.invert(&[unknown], &[(body, body)], Way::Forth, span)?;
    let log_det = e.undone(&f, forth, span)?.log_det;
    let log_det = e.one(&map::NEG, log_det, span)?;
    let formulas = [(given, inverse), (var, body)];
    invertible(e, y, formulas, log_det, span)
}

/// A function of a value, and what undoes it.
fn invertible<'a>(
    e: &mut Elab<'a>,
    of: ExprId,
    [forward, inverse]: [Formula; 2],
    log_det: ExprId,
    span: Span,
) -> Res<Value<'a>> {
    let value = e.m.substitute(forward.1, &[(forward.0, of)]);
    let kind = Symbolic::Invertible { of, value, forward, inverse, log_det };
    let ty = e.ty(value).clone();
    e.push(ExprKind::Symbolic(kind), ty, span).map(Value::Tensor)
}

/// `log_det(f, at = x)`: the logarithm of the size of the Jacobian's determinant.
pub(super) fn log_det<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = at(e, "log_det", args, span)?;
    let [f] = exactly(e, "log_det", args, span)?;
    let ty = Type { support: Support::Real, ..e.ty(x).clone() };
    let (var, body) = formula(e, &f, ty, span)?;
    let unknown = e.mention(var);
    let found = e.invert(&[unknown], &[(body, body)], Way::Forth, span)?;
    let inverse = e.undone(&f, found, span)?;
    Ok(Value::Tensor(e.m.substitute(inverse.log_det, &[(var, x)])))
}

/// `custom_inverse(f, at = x, inverse = g, log_det = h)`: f(x), with an inverse of the file's own.
pub(super) fn custom<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let name = "custom_inverse";
    let x = at(e, name, args, span)?;
    let (back, _) = named(e, name, ("inverse", args), span)?;
    let (log, log_place) = named(e, name, ("log_det", args), span)?;
    let [f] = exactly(e, name, args, span)?;
    let ty = Type { support: Support::Real, ..e.ty(x).clone() };
    let forward = formula(e, &f, ty.clone(), span)?;
    let result = Type { support: Support::Real, ..e.ty(forward.1).clone() };
    let inverse = formula(e, &back, result, span)?;
    if e.ty(inverse.1).shape != ty.shape {
        let (gives, wanted) = (show(e.ty(inverse.1)), show(&ty));
        let text = format!("`inverse` gives `{gives}`, and `at` is `{wanted}`");
        return e.fail(codes::RL0103, text, span, "undo what the function does");
    }
    let mut places = Args::one(Value::Tensor(e.mention(forward.0)), span);
    if arity(&log) == 2 {
        places.positional.push((Value::Tensor(e.mention(inverse.0)), span));
    }
    let slope = e.apply(&log, places, span)?;
    let log_det = e.tensor(&slope, log_place)?;
    invertible(e, x, [forward, inverse], log_det, span)
}
