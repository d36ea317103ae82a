//! Markov chains on densities. In: a density, where the chain starts, and the settings of a kernel. Out: a
//! density of what the chain gives, drawn by the kernel, which is written in the language.

use super::computed;
use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::scope::{NoiseContext, Scope};
use crate::model::elaborate::target::Target;
use crate::model::elaborate::value::{Args, Func, FuncBody, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Around, ExprId, ExprKind, Factor, Static, Type};
use crate::model::prim::usage;
use std::cell::Cell;
use std::rc::Rc;

/// Length of a chain.
struct Length {
    steps: usize,
    /// Steps before, of which the library makes three parts of one length.
    warmup: usize,
    /// How many states are given, where the call says so.
    keep: Option<usize>,
}

pub fn metropolis<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    chain(e, "metropolis", args, span)
}

pub fn langevin<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    chain(e, "langevin", args, span)
}

pub fn hmc<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    chain(e, "hmc", args, span)
}

pub fn nuts<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    chain(e, "nuts", args, span)
}

/// A chain of a kernel of the library, `NAME_chain`.
fn chain<'a>(e: &mut Elab<'a>, name: &str, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    if args.positional.is_empty() {
        return e.fail(codes::RL0104, format!("`{name}` needs a density"), span, usage(name));
    }
    let (value, place) = args.positional.remove(0);
    let target = e.target(&value, name, place)?;
    if target.pieces.iter().any(|piece| piece.ty.ends) {
        return e.loose_end(&format!("`{name}`"), place);
    }
    let length = length(e, args)?;
    let told = flag(e, args, "diagnostics")?;
    let starts = starts(e, &target, args)?;
    let joint = e.m.densities[target.of.0 as usize].clone();
    let title = format!("{}.{name}", joint.name);
    let noise = NoiseContext {
        shape: vec![],
        stream: format!("~{title}"),
        drawn: Cell::new(0),
        per_example: true,
        weight: None,
    };
    let inside = |here: &mut Scope<'a>| {
        here.noise = Some(Rc::new(noise));
        here.around = Around::default();
    };
    let made: Made = e.at(inside, |e| states(e, name, &target, (&length, &starts), args, span))?;
    let mut factors = Vec::new();
    for piece in &target.pieces {
        let mut value = e.values_in(piece, made.states, span)?;
        if length.keep.is_none() {
            value = e.reshape(value, piece.ty.shape.clone(), span)?;
        }
        let ty = Type { varies: true, shape: e.ty(value).shape.clone(), ..piece.ty.clone() };
        factors.push(drawn(e, &piece.name, value, ty, span)?);
    }
    for (name, value) in made.figures.into_iter().filter(|_| told) {
        let ty = e.ty(value).clone();
        factors.push(drawn(e, &name, value, ty, span)?);
    }
    Ok(computed(e, joint, title, factors))
}

/// The logarithm of the integral over what is drawn, by annealing from standard normals.
pub fn annealed<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (value, place) = args.positional.remove(0);
    let target = e.target(&value, "ais", place)?;
    let like = zeros(e, target.width(), span)?;
    let like = (Value::Tensor(like), span);
    let Value::Tensor(found) = of_library(e, "annealed_mass", &target, like, vec![], args, span)?
    else {
        unreachable!("a sum of weights is a number")
    };
    let ty = e.ty(found).clone();
    e.push(ExprKind::Stop(found), ty, span).map(Value::Tensor)
}

/// Applies a function of the library to a density, a vector and settings; those of a call that it knows are
/// taken.
fn of_library<'a>(
    e: &mut Elab<'a>,
    name: &str,
    target: &Target,
    vector: (Value<'a>, Span),
    settings: Vec<(&str, usize)>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let (file, global) = e.of_library(name);
    let callee = e.global(file, name, global, span)?;
    let function = Value::Func(Rc::new(Func::of_formula(file, target.var, target.log)));
    let mut given = Args::one(function, span);
    given.positional.push(vector);
    for (name, n) in settings {
        given.named.push((name.into(), Value::Static(Static::Int(n as i64)), span));
    }
    for formal in formals(&callee) {
        if let Some((value, place)) = args.take(&formal) {
            given.named.push((formal, value, place));
        }
    }
    e.apply(&callee, given, span)
}

/// A variable of what is drawn. No gradient flows through a chain.
fn drawn<'a>(e: &mut Elab<'a>, name: &str, value: ExprId, ty: Type, span: Span) -> Res<Factor> {
    let value = e.push(ExprKind::Stop(value), ty.clone(), span)?;
    let (var, _) = e.m.fresh_var(name, ty, span);
    Ok(Factor::Define { var, value, span })
}

fn length<'a>(e: &mut Elab<'a>, args: &mut Args<'a>) -> Res<Length> {
    let mut whole = |e: &mut Elab<'a>, name: &str, low: i64, otherwise: usize| match args.take(name)
    {
        Some((value, place)) => {
            e.size(&value, &format!("`{name}`"), low, place).map(|n| (n, Some(place)))
        }
        None => Ok((otherwise, None)),
    };
    let (steps, _) = whole(e, "steps", 1, 100)?;
    let (warmup, _) = whole(e, "warmup", 0, 0)?;
    let (keep, place) = whole(e, "keep", 1, 1)?;
    let Some(place) = place else { return Ok(Length { steps, warmup, keep: None }) };
    if keep > steps {
        let text = format!("{keep} states are to be kept of {steps}");
        let help = format!("write `steps = {keep}`, or keep fewer");
        return e.fail(codes::RL0107, text, place, &help);
    }
    Ok(Length { steps, warmup, keep: Some(keep) })
}

fn flag<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, name: &str) -> Res<bool> {
    match args.take(name) {
        Some((Value::Static(Static::Bool(on)), _)) => Ok(on),
        Some((other, place)) => {
            let text = format!("`{name}` is {}, not true or false", other.kind());
            e.fail(codes::RL0105, text, place, &format!("write `{name} = true`"))
        }
        None => Ok(false),
    }
}

/// Values of variables that the chain starts at.
fn starts<'a>(
    e: &mut Elab<'a>,
    target: &Target,
    args: &mut Args<'a>,
) -> Res<Vec<(String, ExprId, Span)>> {
    let mut list = Vec::new();
    for piece in &target.pieces {
        let Some((value, place)) = args.take(&piece.name) else { continue };
        let value = e.tensor(&value, place)?;
        let (var, _) = e.m.fresh_var(&piece.name, piece.ty.clone(), piece.span);
        list.push((piece.name.clone(), e.binding(var, value, place)?, place));
    }
    Ok(list)
}

/// What a chain gives.
struct Made {
    /// The states that are kept, `[keep, width]`.
    states: ExprId,
    /// Figures of how it went, by their names.
    figures: Vec<(String, ExprId)>,
}

/// The states of a chain and what else the library says of it.
fn states<'a>(
    e: &mut Elab<'a>,
    name: &str,
    target: &Target,
    (length, starts): (&Length, &[(String, ExprId, Span)]),
    args: &mut Args<'a>,
    span: Span,
) -> Res<Made> {
    let start = (Value::Tensor(start(e, target, starts, span)?), span);
    let settings = vec![
        ("steps", length.steps),
        ("warmup", length.warmup.div_ceil(3)),
        ("keep", length.keep.unwrap_or(1)),
    ];
    let kernel = format!("{name}_chain");
    let Value::Record(parts) = of_library(e, &kernel, target, start, settings, args, span)? else {
        unreachable!("a kernel gives a record")
    };
    let mut figures = Vec::new();
    for (name, value) in parts {
        figures.push((name, e.tensor(&value, span)?));
    }
    let (_, states) = figures.remove(0);
    Ok(Made { states, figures })
}

/// The names of the arguments of a function of the library.
fn formals(kernel: &Value<'_>) -> Vec<String> {
    match kernel {
        Value::Func(func) => match &func.body {
            FuncBody::Item(item) => item.formals.iter().map(|f| f.name.name.clone()).collect(),
            _ => vec![],
        },
        _ => vec![],
    }
}

/// Where the chain starts: at the values that are given, else at standard normals.
fn start<'a>(
    e: &mut Elab<'a>,
    target: &Target,
    starts: &[(String, ExprId, Span)],
    span: Span,
) -> Res<ExprId> {
    let like = zeros(e, target.width(), span)?;
    let all = target.pieces.iter().all(|piece| starts.iter().any(|(name, ..)| *name == piece.name));
    let otherwise = match (e.names.builtins.find)("normal_noise") {
        Some(noise) if !all => {
            let drawn = noise.call(e, Args::one(Value::Tensor(like), span), span)?;
            e.tensor(&drawn, span)?
        }
        _ => like,
    };
    e.vector_of(target, starts, otherwise, span)
}

fn zeros<'a>(e: &mut Elab<'a>, width: usize, span: Span) -> Res<ExprId> {
    let zero = e.literal(0.0, DType::F32, span);
    e.fill(zero, &[width], span)
}
