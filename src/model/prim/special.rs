//! Choices, conversions, products by names, noise, functions along a dim, bounds.

use super::{exactly, tensors};
use crate::base::{Span, codes};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{contract, index, map as ops, view};
use crate::graph::{Attrs, DType, NoiseKind, Ty};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Builtin, ExprKind, Static, Support, Type};

pub(super) fn choose<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [c, a, b] = exactly(e, "where", args, span)?;
    match c {
        Value::Static(Static::Bool(true)) => Ok(a),
        Value::Static(Static::Bool(false)) => Ok(b),
        c => e.select(c, a, b, span),
    }
}

pub(super) fn float<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "float", args, span)?;
    let support = match e.ty(x).dtype {
        DType::F32 => return Ok(Value::Tensor(x)),
        DType::Bool => Support::Bit,
        DType::I32 => Support::Real,
    };
    e.op(&ops::CAST, vec![x], Attrs::DType(DType::F32), support, span).map(Value::Tensor)
}

pub(super) fn int<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "int", args, span)?;
    if let (Some(n), true) = (e.constant(x), e.ty(x).shape.is_empty()) {
        return Ok(Value::Tensor(e.whole(n.trunc(), span)?));
    }
    e.op(&ops::CAST, vec![x], Attrs::DType(DType::I32), Support::Integer, span).map(Value::Tensor)
}

pub(super) fn stop<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "stop", args, span)?;
    parts(x, &mut |value| {
        let x = e.tensor(&value, span)?;
        let ty = e.ty(x).clone();
        e.push(ExprKind::Stop(x), ty, span).map(Value::Tensor)
    })
}

/// `einsum("t h e, s h e -> h t s", q, k)`
pub(super) fn einsum<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let Some((Value::Static(Static::Str(text)), place)) = args.positional.first().cloned() else {
        return e.fail(
            codes::RL0104,
            "`einsum` needs its dims as a text".into(),
            span,
            super::usage("einsum"),
        );
    };
    args.positional.remove(0);
    let [a, b] = tensors(e, "einsum", args, span)?;
    let spec = match labels(&text) {
        Ok(spec) => spec,
        Err(why) => {
            let text = format!("`{text}`: {why}");
            return e.fail(codes::RL0123, text, place, super::usage("einsum"));
        }
    };
    check_labels(e, &spec, (a, b), place)?;
    e.op(&contract::CONTRACT, vec![a, b], Attrs::Contract(spec), Support::Real, span)
        .map(Value::Tensor)
}

/// Refuses names that do not fit the dims of the values.
fn check_labels<'a>(
    e: &mut Elab<'a>,
    spec: &ContractSpec,
    (a, b): (ir::ExprId, ir::ExprId),
    place: Span,
) -> Res<()> {
    let mut sizes: Vec<(u8, usize)> = Vec::new();
    for (names, id, which) in [(&spec.lhs, a, "first"), (&spec.rhs, b, "second")] {
        let (shape, count) = (e.ty(id).shape.clone(), names.len());
        if count != shape.len() {
            let text =
                format!("the {which} value is `{}`, the text names {count} dims", show(e.ty(id)));
            return e.fail(codes::RL0123, text, place, "name every dim: `\"b i, i o -> b o\"`");
        }
        for (name, size) in names.iter().zip(&shape) {
            match sizes.iter().find(|(n, _)| n == name) {
                Some((_, old)) if old != size => {
                    let text = format!("one dim is {old} on one side and {size} on the other");
                    return e.fail(codes::RL0123, text, place, "a name stands for one size");
                }
                _ => sizes.push((*name, *size)),
            }
        }
    }
    Ok(())
}

fn labels(text: &str) -> Result<ContractSpec, String> {
    let (inputs, out) = text.split_once("->").ok_or("`->` is missing")?;
    let (lhs, rhs) = inputs.split_once(',').ok_or("two values are needed, with `,` between")?;
    let mut known: Vec<&str> = Vec::new();
    let [lhs, rhs, out] = [lhs, rhs, out].map(|part| -> Vec<usize> {
        let numbered = part.split_whitespace().map(|word| {
            let at = known.iter().position(|k| *k == word);
            at.unwrap_or_else(|| {
                known.push(word);
                known.len() - 1
            })
        });
        numbered.collect()
    });
    summed_once(&known, [&lhs, &rhs, &out])?;
    let letters = |l: Vec<usize>| l.into_iter().map(|i| b'a' + i as u8).collect();
    Ok(ContractSpec { lhs: letters(lhs), rhs: letters(rhs), out: letters(out) })
}

/// Refuses more names than letters, names twice in one list, and names in one list only.
fn summed_once(known: &[&str], lists: [&Vec<usize>; 3]) -> Result<(), String> {
    if known.len() > 26 {
        return Err("too many names".into());
    }
    for (i, name) in known.iter().enumerate() {
        if lists.iter().any(|l| l.iter().filter(|x| **x == i).count() > 1) {
            return Err(format!("`{name}` stands twice in one list"));
        }
        if lists.iter().filter(|l| l.contains(&i)).count() < 2 {
            return Err(format!("`{name}` stands in one list only; sum it first with `sum`"));
        }
    }
    Ok(())
}

/// The element of the last dim at an index.
pub(super) fn pick<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x, i] = tensors(e, "pick", args, span)?;
    let i = e.counted(i, span)?;
    let (tx, ti) = (e.ty(x).clone(), e.ty(i).clone());
    let fits = ti.dtype == DType::I32
        && tx.shape.len() == ti.shape.len() + 1
        && tx.shape.starts_with(&ti.shape);
    if !fits {
        let text = format!("`pick` of `{}` at `{}`", show(&tx), show(&ti));
        return e.fail(
            codes::RL0103,
            text,
            span,
            "the index is whole, with the dims of the value without the last one: `idx(n)`, `int(i)`",
        );
    }
    let axis = ti.shape.len();
    e.proven(i, tx.shape[axis], span)?;
    let column = e.reshape(i, [&ti.shape[..], &[1]].concat(), span)?;
    let taken = e.op(&index::TAKE_ALONG, vec![x, column], Attrs::Axis(axis), tx.support, span)?;
    e.reshape(taken, ti.shape, span).map(Value::Tensor)
}

pub(super) fn one_hot<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [i, n] = exactly(e, "one_hot", args, span)?;
    let i = e.tensor(&i, span)?;
    let i = e.counted(i, span)?;
    let n = e.size(&n, "the number of classes", 1, span)?;
    let shape = e.ty(i).shape.clone();
    let full = [&shape[..], &[n]].concat();
    let dims = (0..shape.len()).collect();
    let s = e.ty(i).support;
    if e.ty(i).dtype != DType::I32 {
        let text = format!("`one_hot` of `{}`", show(e.ty(i)));
        return e.fail(codes::RL0103, text, span, "declare the index `idx(n)`, or write `int(i)`");
    }
    e.proven(i, n, span)?;
    let wide =
        e.op(&view::BROADCAST, vec![i], Attrs::Broadcast { shape: full.clone(), dims }, s, span)?;
    let attrs = Attrs::Iota { ty: Ty::i32(full.clone()), axis: full.len() - 1 };
    let count = e.op(&index::IOTA, vec![], attrs, Support::Index(n), span)?;
    let hit = e.op(&ops::EQ, vec![wide, count], Attrs::None, Support::Bool, span)?;
    e.op(&ops::CAST, vec![hit], Attrs::DType(DType::F32), Support::Bit, span).map(Value::Tensor)
}

pub(super) fn segment_sum<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x, at, n] = exactly(e, "segment_sum", args, span)?;
    let x = e.tensor(&x, span)?;
    let x = e.averaged(x, span)?;
    let at = e.tensor(&at, span)?;
    let at = e.counted(at, span)?;
    let n = e.size(&n, "the number of segments", 1, span)?;
    let (tx, ta) = (e.ty(x).clone(), e.ty(at).clone());
    let fits = ta.dtype == DType::I32 && ta.shape.len() == 1 && tx.shape.starts_with(&ta.shape);
    if !fits {
        let text = format!("`segment_sum` of `{}` at `{}`", show(&tx), show(&ta));
        let help = "every row has a number of its own: `at: idx(n)[rows]` for `x: f32[rows, d]`";
        return e.fail(codes::RL0103, text, span, help);
    }
    e.proven(at, n, span)?;
    e.op(&index::SCATTER_ADD, vec![at, x], Attrs::Rows(n), Support::Real, span).map(Value::Tensor)
}

pub(super) fn iota<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [n] = exactly(e, "iota", args, span)?;
    let n = e.size(&n, "the number of elements", 1, span)?;
    let attrs = Attrs::Iota { ty: Ty::f32([n]), axis: 0 };
    e.op(&index::IOTA, vec![], attrs, Support::Real, span).map(Value::Tensor)
}

pub(super) fn eye<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [n] = exactly(e, "eye", args, span)?;
    let n = e.size(&n, "the number of rows", 1, span)?;
    let attrs = Attrs::Iota { ty: Ty::f32([n, n]), axis: 0 };
    e.op(&index::EYE, vec![], attrs, Support::Bit, span).map(Value::Tensor)
}

// ---- noise and the run ----

fn noise<'a>(e: &mut Elab<'a>, kind: NoiseKind, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let like = match args.positional.len() {
        0 => None,
        _ => {
            let [x] = tensors(e, &format!("{}_noise", kind.row().name), args, span)?;
            Some(e.ty(x).shape.clone())
        }
    };
    let (shape, stream, per_example) = match e.here.noise.clone() {
        Some(context) => {
            let n = context.drawn.get();
            context.drawn.set(n + 1);
            let stream =
                if n == 0 { context.stream.clone() } else { format!("{}.{n}", context.stream) };
            (like.unwrap_or_else(|| context.shape.clone()), stream, context.per_example)
        }
        None => {
            let stream = e.noise_stream();
            (like.unwrap_or_default(), stream, true)
        }
    };
    let support = match kind.row().bounds {
        (low, high) if low.is_finite() && high.is_finite() => Support::Interval(low, high),
        _ => Support::Real,
    };
    let ty =
        Type { dtype: DType::F32, shape: shape.clone(), support, varies: per_example, ends: false };
    let around = e.here.around.clone();
    e.push(ExprKind::Noise { kind, stream, shape, around, per_example }, ty, span)
        .map(Value::Tensor)
}

pub(super) fn uniform_noise<'a>(
    e: &mut Elab<'a>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    noise(e, NoiseKind::Uniform, args, span)
}

pub(super) fn normal_noise<'a>(
    e: &mut Elab<'a>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    noise(e, NoiseKind::Normal, args, span)
}

pub(super) fn training<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [] = exactly(e, "training", args, span)?;
    e.told.asked.training = true;
    Ok(Value::Static(Static::Bool(e.here.ctx.training)))
}

fn builtin<'a>(
    e: &mut Elab<'a>,
    which: Builtin,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let [] = exactly(e, name, args, span)?;
    e.told.asked.training = true;
    // Outside of phases nothing is run: whoever uses it reads it again.
    let is_over = e.here.ctx.batch > 0 && !e.here.ctx.training && !e.here.written;
    if is_over && which == Builtin::Progress {
        return Ok(Value::Static(Static::Float(1.0)));
    }
    if is_over {
        let text = format!("`{name}()` counts the steps of training, and nothing is trained here");
        let help = "say what it comes to: `if training() then warmup(1, 1000) else 1`; `progress()` \
                    is 1 where training is over";
        return e.fail(codes::RL0120, text, span, help);
    }
    let ty = Type {
        dtype: DType::F32,
        shape: vec![],
        support: Support::Real,
        varies: false,
        ends: false,
    };
    e.push(ExprKind::Builtin(which), ty, span).map(Value::Tensor)
}

pub(super) fn step<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    builtin(e, Builtin::Step, "step", args, span)
}

pub(super) fn updates<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    builtin(e, Builtin::Updates, "updates", args, span)
}

pub(super) fn steps<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    builtin(e, Builtin::Steps, "steps", args, span)
}

pub(super) fn progress<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    builtin(e, Builtin::Progress, "progress", args, span)
}

/// Fan of a weight: `[in, out]`, or `[out, in, window..]` for filters.
fn fan<'a>(
    e: &mut Elab<'a>,
    name: &str,
    input: bool,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let [] = exactly(e, name, args, span)?;
    let shape = e.here.noise.as_ref().and_then(|c| c.weight.clone());
    let Some(shape) = shape else {
        let text = format!("`{name}` has a meaning in initial values only");
        return e.fail(codes::RL0120, text, span, "use it right of `=` in `param`");
    };
    let fan = match shape[..] {
        [] => 1,
        [n] => n,
        [a, b] => {
            if input {
                a
            } else {
                b
            }
        }
        [out, inside, ref window @ ..] => {
            let taps: usize = window.iter().product();
            taps * if input { inside } else { out }
        }
    };
    Ok(Value::Static(Static::Int(fan as i64)))
}

pub(super) fn fan_in<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    fan(e, "fan_in", true, args, span)
}

pub(super) fn fan_out<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    fan(e, "fan_out", false, args, span)
}

pub(super) fn batch<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "batch", args, span)?;
    let ty = e.ty(x).clone();
    let rows = e.rows(span)?;
    let ty = Type { shape: [&[rows], &ty.shape[..]].concat(), varies: false, ..ty };
    e.push(ExprKind::Batch { of: x, rows }, ty, span).map(Value::Tensor)
}

pub(super) fn batch_mean<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "batch_mean", args, span)?;
    let x = e.averaged(x, span)?;
    let ty = e.ty(x).clone();
    let support = if ty.support == Support::Bit { Support::Interval(0.0, 1.0) } else { ty.support };
    let ty = Type { varies: false, support, ..ty };
    e.push(ExprKind::BatchMean(x), ty, span).map(Value::Tensor)
}

// ---- along a dim ----

/// `map(f, xs, ys)`: a function along the first dim of one value or of several.
pub(super) fn map<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    if args.positional.len() < 2 || !args.named.is_empty() {
        let text = "`map` takes a function and what it runs along".into();
        return e.fail(codes::RL0104, text, span, super::usage("map"));
    }
    let (f, _) = args.positional.remove(0);
    let mut along = Vec::new();
    for (value, place) in std::mem::take(&mut args.positional) {
        along.push((e.tensor(&value, place)?, place));
    }
    let n = rows_of(e, &along, span)?;
    let counts = counted_along(e, &along, span)?;
    let axis = ir::AxisId(e.m.axes.len() as u32);
    e.m.axes.push(ir::Axis { name: "map".into(), size: n });
    let mut elements = Args::default();
    for (of, place) in along {
        let ty = e.ty(of).clone();
        let ty = Type { shape: ty.shape[1..].to_vec(), ..ty };
        let element = e.push(ExprKind::Element { axis, of }, ty, span)?;
        elements.positional.push((Value::Tensor(element), place));
    }
    let body = e.at(|here| here.around.axes.push(axis), |e| e.apply(&f, elements, span))?;
    stacked(e, axis, body, counts, span)
}

/// The first dim of what `map` runs along: the same for all.
fn rows_of<'a>(e: &mut Elab<'a>, along: &[(ir::ExprId, Span)], span: Span) -> Res<usize> {
    let first = |e: &Elab<'a>, id: ir::ExprId| e.ty(id).shape.first().copied();
    let n = first(e, along[0].0);
    for (id, place) in along {
        if first(e, *id).is_none() {
            let text = "`map` runs along a dim, this is a scalar".into();
            return e.fail(codes::RL0103, text, *place, "apply the function: `f(x)`");
        }
    }
    if along.iter().any(|(id, _)| first(e, *id) != n) {
        let list: Vec<String> = along.iter().map(|(id, _)| show(e.ty(*id))).collect();
        let text = format!("`map` along `{}`: the first dims differ", list.join("`, `"));
        return e.fail(codes::RL0103, text, span, "give all of them the same first dim");
    }
    Ok(n.unwrap_or(0))
}

/// What says which elements count, where `map` runs along a sequence that ends.
fn counted_along<'a>(
    e: &mut Elab<'a>,
    along: &[(ir::ExprId, Span)],
    span: Span,
) -> Res<Option<ir::ExprId>> {
    let mut found = None;
    for (id, _) in along {
        let own = e.counts_first(*id, span)?;
        if own.is_some() && found.is_some() && own != found {
            return e.loose_end("`map` along two sequences", span);
        }
        found = found.or(own);
    }
    Ok(found)
}

/// What a mapped function returned, every part of it with the mapped dim first.
fn stacked<'a>(
    e: &mut Elab<'a>,
    axis: ir::AxisId,
    body: Value<'a>,
    counts: Option<ir::ExprId>,
    span: Span,
) -> Res<Value<'a>> {
    parts(body, &mut |value| {
        let body = e.tensor(&value, span)?;
        let n = e.m.axes[axis.0 as usize].size;
        let out = e.ty(body).clone();
        let out = Type { shape: [&[n], &out.shape[..]].concat(), ..out };
        let kind = ExprKind::Reduce { axis, how: ir::AxisReduce::Stack, body };
        let all = e.push(kind, out, span)?;
        let all = match counts {
            Some(counts) => e.filled_outside(all, (counts, 0), 0.0, span)?,
            None => all,
        };
        Ok(Value::Tensor(all))
    })
}

/// A function of tensors applied to every part of a record or a tuple.
pub(super) fn parts<'a>(
    value: Value<'a>,
    run: &mut dyn FnMut(Value<'a>) -> Res<Value<'a>>,
) -> Res<Value<'a>> {
    match value {
        Value::Record(list) => {
            let named = list.into_iter().map(|(name, v)| Ok((name, parts(v, run)?)));
            named.collect::<Res<_>>().map(Value::Record)
        }
        Value::Tuple(list) => {
            list.into_iter().map(|v| parts(v, run)).collect::<Res<_>>().map(Value::Tuple)
        }
        other => run(other),
    }
}

// ---- bounds ----

pub(super) fn elbo<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [p, q] = exactly(e, "elbo", args, span)?;
    e.bound(&p, &q, None, span)
}

pub(super) fn iwae<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let k = match args.take("k") {
        Some((value, place)) => e.size(&value, "`k`", 1, place)?,
        None => 64,
    };
    let [p, q] = exactly(e, "iwae", args, span)?;
    e.bound(&p, &q, Some(k), span)
}

// ---- nets ----

pub(super) fn copy<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [net] = exactly(e, "copy", args, span)?;
    e.copy(&net, span)
}
