//! Moving, repeating and cutting elements.

use super::{ends, exactly, over, support};
use crate::base::{Span, codes};
use crate::graph::Attrs;
use crate::graph::op::view;
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static};
use std::mem::take;

/// Positional arguments with their places.
type Given<'a> = Vec<(Value<'a>, Span)>;

/// The first positional argument as a tensor.
fn subject<'a>(e: &mut Elab<'a>, name: &str, args: &mut Args<'a>, span: Span) -> Res<ExprId> {
    if args.positional.is_empty() {
        return e.fail(codes::RL0104, format!("`{name}` needs a value"), span, super::usage(name));
    }
    let (value, place) = args.positional.remove(0);
    e.tensor(&value, place)
}

/// Positional arguments as dims.
pub(super) fn sizes<'a>(e: &mut Elab<'a>, given: Given<'a>, low: i64) -> Res<Vec<usize>> {
    let mut list = Vec::new();
    for (value, place) in given {
        match value {
            Value::Tuple(parts) => {
                for part in parts {
                    list.push(e.size(&part, "a dim", low, place)?);
                }
            }
            other => list.push(e.size(&other, "a dim", low, place)?),
        }
    }
    Ok(list)
}

/// Dims of which one may be -1: what is left of `count` elements.
fn rest_of<'a>(e: &mut Elab<'a>, mut given: Given<'a>, count: usize) -> Res<Vec<usize>> {
    let open = given
        .iter()
        .position(|(value, _)| matches!(value, Value::Static(Static::Int(-1)) | Value::Dim(_, -1)));
    let Some(open) = open else { return sizes(e, given, 1) };
    let after = given.split_off(open + 1);
    given.pop();
    let mut shape = sizes(e, given, 1)?;
    let after = sizes(e, after, 1)?;
    let known: usize = shape.iter().chain(&after).product();
    shape.push(count.checked_div(known).unwrap_or(0).max(1));
    shape.extend(after);
    Ok(shape)
}

pub(super) fn reshape<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "reshape", args, span)?;
    let from: usize = e.ty(x).shape.iter().product();
    let shape = rest_of(e, take(&mut args.positional), from)?;
    let to: usize = shape.iter().product();
    if from != to {
        let text = format!("`{}` has {from} elements, [{}] has {to}", show(e.ty(x)), dims(&shape));
        return e.fail(
            codes::RL0103,
            text,
            span,
            "the dims of `reshape` must multiply to the same number",
        );
    }
    e.reshape(x, shape, span).map(Value::Tensor)
}

pub(super) fn flatten<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "flatten", args, span)?;
    let n = e.ty(x).shape.iter().product();
    e.reshape(x, vec![n], span).map(Value::Tensor)
}

pub(super) fn squeeze<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "squeeze", args, span)?;
    let shape = e.ty(x).shape.iter().copied().filter(|n| *n != 1).collect();
    e.reshape(x, shape, span).map(Value::Tensor)
}

pub(super) fn permute<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "permute", args, span)?;
    let perm = sizes(e, take(&mut args.positional), 0)?;
    let mut sorted = perm.clone();
    sorted.sort_unstable();
    if sorted != (0..e.ty(x).shape.len()).collect::<Vec<_>>() {
        let text = format!("[{}] is no order of the dims of `{}`", dims(&perm), show(e.ty(x)));
        return e.fail(codes::RL0103, text, span, "name every dim once, counted from 0");
    }
    let s = support(e, x);
    e.op(&view::PERMUTE, vec![x], Attrs::Perm(perm), s, span).map(Value::Tensor)
}

/// Repeated along new first dims.
pub(super) fn expand<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "expand", args, span)?;
    let Some((value, place)) = args.take("over") else {
        return e.fail(codes::RL0104, "`expand` needs `over`".into(), span, super::usage("expand"));
    };
    let head = sizes(e, vec![(value, place)], 1)?;
    if head.is_empty() {
        return Ok(Value::Tensor(x));
    }
    let old = e.ty(x).shape.clone();
    let attrs = Attrs::Broadcast {
        shape: [&head[..], &old[..]].concat(),
        dims: (head.len()..head.len() + old.len()).collect(),
    };
    let s = support(e, x);
    e.op(&view::BROADCAST, vec![x], attrs, s, span).map(Value::Tensor)
}

/// A reduced value repeated along the dims that the reduction removed.
pub(super) fn spread<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let r = subject(e, "spread", args, span)?;
    let x = subject(e, "spread", args, span)?;
    let shape = e.ty(x).shape.clone();
    let gone = over(e, args, &shape, None, span)?;
    let kept: Vec<usize> = (0..shape.len()).filter(|i| !gone.contains(i)).collect();
    let wanted: Vec<usize> = kept.iter().map(|i| shape[*i]).collect();
    if e.ty(r).shape != wanted {
        let text = format!("`{}` is not `{}` reduced over {gone:?}", show(e.ty(r)), show(e.ty(x)));
        return e.fail(codes::RL0103, text, span, super::usage("spread"));
    }
    let s = support(e, r);
    e.op(&view::BROADCAST, vec![r], Attrs::Broadcast { shape, dims: kept }, s, span)
        .map(Value::Tensor)
}

pub(super) fn concat<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let parts = vectors(e, args, span)?;
    let Some(first) = parts.first().copied() else {
        return e.fail(codes::RL0104, "`concat` needs values".into(), span, super::usage("concat"));
    };
    let shape = e.ty(first).shape.clone();
    let axis = over(e, args, &shape, Some(-1), span)?;
    let [axis] = axis[..] else {
        let text = "`concat` works along one dim".into();
        return e.fail(codes::RL0103, text, span, "write `over = -1`");
    };
    let fits = parts.iter().all(|p| {
        let other = &e.ty(*p).shape;
        other.len() == shape.len() && (0..shape.len()).all(|i| i == axis || other[i] == shape[i])
    });
    if !fits {
        let list: Vec<String> = parts.iter().map(|p| show(e.ty(*p))).collect();
        let text = format!("`concat` of `{}` along dim {axis}", list.join("`, `"));
        return e.fail(codes::RL0103, text, span, "all other dims must agree");
    }
    let s = e.support_of_all(&parts);
    e.op(&view::CONCAT, parts, Attrs::Axis(axis), s, span).map(Value::Tensor)
}

/// The positional arguments, parts of tuples one by one; a number counts as a vector of one.
fn vectors<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Vec<ExprId>> {
    let mut parts = Vec::new();
    for (value, place) in take(&mut args.positional) {
        match value {
            Value::Tuple(list) => {
                for part in list {
                    parts.push(e.tensor(&part, place)?);
                }
            }
            other => parts.push(e.tensor(&other, place)?),
        }
    }
    for part in &mut parts {
        if e.ty(*part).shape.is_empty() {
            *part = e.reshape(*part, vec![1], span)?;
        }
    }
    Ok(parts)
}

pub(super) fn flip<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "flip", args, span)?;
    let shape = e.ty(x).shape.clone();
    let axes = over(e, args, &shape, Some(-1), span)?;
    if let (Some(counts), [0]) = (e.counts_first(x, span)?, &axes[..]) {
        return ends::backwards(e, (x, counts), span).map(Value::Tensor);
    }
    let s = support(e, x);
    e.op(&view::FLIP, vec![x], Attrs::Axes(axes), s, span).map(Value::Tensor)
}

fn swap<'a>(e: &mut Elab<'a>, args: &mut Args<'a>) -> Res<bool> {
    match args.take("swap") {
        None => Ok(false),
        Some((Value::Static(Static::Bool(b)), _)) => Ok(b),
        Some((other, place)) => {
            let text = format!("`swap` is true or false, not {}", other.kind());
            e.fail(codes::RL0109, text, place, "write `swap = true`")
        }
    }
}

pub(super) fn halves<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let x = subject(e, "halves", args, span)?;
    let swap = swap(e, args)?;
    let shape = e.ty(x).shape.clone();
    let Some((n, last)) = shape.last().map(|n| (*n, shape.len() - 1)).filter(|(n, _)| n % 2 == 0)
    else {
        let text = format!("`halves` of `{}`: the last dim is not even", show(e.ty(x)));
        return e.fail(codes::RL0103, text, span, "give it an even width");
    };
    let a = Value::Tensor(e.cut(x, last, 0, n / 2, span)?);
    let b = Value::Tensor(e.cut(x, last, n / 2, n, span)?);
    Ok(Value::Tuple(if swap { vec![b, a] } else { vec![a, b] }))
}

pub(super) fn join<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let swap = swap(e, args)?;
    let [a, b]: [Value<'a>; 2] = exactly(e, "join", args, span)?;
    args.positional = if swap { vec![(b, span), (a, span)] } else { vec![(a, span), (b, span)] };
    concat(e, args, span)
}

/// Moved by n along the first dim, the gap filled.
pub(super) fn shift<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let fill = args.take("fill");
    let x = subject(e, "shift", args, span)?;
    let [n]: [Value<'a>; 1] = exactly(e, "shift", args, span)?;
    let n = e.size(&n, "the shift", 1, span)?;
    let ty = e.ty(x).clone();
    if ty.shape.first().is_none_or(|rows| *rows < n) {
        return e.fail(
            codes::RL0103,
            format!("`{}` cannot be shifted by {n}", show(&ty)),
            span,
            "shift by at most the first dim",
        );
    }
    let value = match fill {
        Some((value, place)) => e.number(&value, place)?,
        None => 0.0,
    };
    let gap = e.literal(value, ty.dtype, span);
    let mut shape = ty.shape.clone();
    shape[0] = n;
    let gap = e.fill(gap, &shape, span)?;
    if n == ty.shape[0] {
        return Ok(Value::Tensor(gap));
    }
    let counts = e.counts_first(x, span)?;
    let moved = |e: &mut Elab<'a>| {
        let kept = e.cut(x, 0, 0, ty.shape[0] - n, span)?;
        let s = e.support_of_all(&[kept, gap]);
        e.op(&view::CONCAT, vec![gap, kept], Attrs::Axis(0), s, span)
    };
    // Behind the end of a sequence nothing comes in.
    let moved = match counts {
        Some(counts) => {
            let moved = e.plainly(moved)?;
            e.filled_outside(moved, (counts, 0), value, span)?
        }
        None => moved(e)?,
    };
    Ok(Value::Tensor(moved))
}

pub(super) fn last<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "last", args, span)?;
    super::special::parts(x, &mut |value| {
        let x = e.tensor(&value, span)?;
        let shape = e.ty(x).shape.clone();
        let Some(n) = shape.first() else {
            let text = "a scalar has no last element".into();
            return e.fail(codes::RL0103, text, span, "use the value itself");
        };
        if let Some(counts) = e.counts_first(x, span)? {
            return ends::last(e, (x, counts), span).map(Value::Tensor);
        }
        let cut = e.cut(x, 0, n - 1, *n, span)?;
        e.reshape(cut, shape[1..].to_vec(), span).map(Value::Tensor)
    })
}
