//! Windows over images, sequences and volumes: convolution, its adjoint, and windows as columns.
//! Values are per example, `[channels, dims..]`; the ops of the graph have a dim for examples,
//! which is 1 here and which `translate` fills.

use super::{exactly, usage};
use crate::base::{Span, codes};
use crate::graph::attrs::Window;
use crate::graph::op::contract::{self, outputs};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};

/// How windows are laid, as written.
struct Layout {
    stride: Vec<usize>,
    dilation: Vec<usize>,
    pad: Pad,
    groups: usize,
}

/// Zeros around the value.
enum Pad {
    /// As many before as after, per dim.
    Zeros(Vec<usize>),
    /// As many as keep the extent (over the stride).
    Same,
}

/// `n` or `(n, m)`: one number per spatial dim.
fn per_dim<'a>(
    e: &mut Elab<'a>,
    args: &mut Args<'a>,
    name: &str,
    (default, low): (usize, i64),
    rank: usize,
) -> Res<Vec<usize>> {
    let Some((value, place)) = args.take(name) else { return Ok(vec![default; rank]) };
    numbers(e, value, name, low, rank, place)
}

fn numbers<'a>(
    e: &mut Elab<'a>,
    value: Value<'a>,
    name: &str,
    low: i64,
    rank: usize,
    place: Span,
) -> Res<Vec<usize>> {
    let what = format!("`{name}`");
    let Value::Tuple(parts) = value else {
        return e.size(&value, &what, low, place).map(|n| vec![n; rank]);
    };
    if parts.len() != rank {
        let text = format!("`{name}` has {} numbers for {rank} dims", parts.len());
        return e.fail(codes::RL0103, text, place, "write one number, or one per dim");
    }
    parts.iter().map(|part| e.size(part, &what, low, place)).collect()
}

fn pad<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, rank: usize) -> Res<Pad> {
    match args.take("pad") {
        None => Ok(Pad::Zeros(vec![0; rank])),
        Some((Value::Static(Static::Str(word)), _)) if word == "same" => Ok(Pad::Same),
        Some((Value::Static(Static::Str(word)), place)) => {
            let text = format!("there is no padding `{}`", word.escape_debug());
            e.fail(codes::RL0107, text, place, "write `pad = \"same\"` or a number of zeros")
        }
        Some((value, place)) => numbers(e, value, "pad", 0, rank, place).map(Pad::Zeros),
    }
}

fn layout<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, rank: usize) -> Res<Layout> {
    let stride = per_dim(e, args, "stride", (1, 1), rank)?;
    let dilation = per_dim(e, args, "dilation", (1, 1), rank)?;
    let pad = pad(e, args, rank)?;
    Ok(Layout { stride, dilation, pad, groups: 1 })
}

impl Layout {
    /// Extent of a window, gaps included.
    fn spans(&self, size: &[usize]) -> Vec<usize> {
        size.iter().zip(&self.dilation).map(|(k, d)| d * (k - 1) + 1).collect()
    }

    /// The windows of a value with these spatial dims. "same": `ceil(n / stride)` windows.
    fn over(&self, size: &[usize], input: &[usize]) -> Window {
        let spans = self.spans(size);
        let total = |i: usize| match &self.pad {
            Pad::Zeros(_) => 0,
            Pad::Same => {
                let last = input[i].div_ceil(self.stride[i]).saturating_sub(1) * self.stride[i];
                (last + spans[i]).saturating_sub(input[i])
            }
        };
        let pads = |after: bool| -> Vec<usize> {
            (0..input.len())
                .map(|i| match &self.pad {
                    Pad::Zeros(list) => list[i],
                    Pad::Same if after => total(i) - total(i) / 2,
                    Pad::Same => total(i) / 2,
                })
                .collect()
        };
        Window {
            size: size.to_vec(),
            stride: self.stride.clone(),
            dilation: self.dilation.clone(),
            pad_low: pads(false),
            pad_high: pads(true),
            groups: self.groups,
            input: input.to_vec(),
        }
    }

    /// The windows whose adjoint turns `small` spatial dims into large ones: `small * stride` for
    /// "same", else what the windows cover without the padding.
    fn under(&self, size: &[usize], small: &[usize]) -> Option<Window> {
        let spans = self.spans(size);
        let large: Option<Vec<usize>> = (0..small.len())
            .map(|i| match &self.pad {
                Pad::Same => Some(small[i] * self.stride[i]),
                Pad::Zeros(pad) => ((small[i] - 1) * self.stride[i] + spans[i])
                    .checked_sub(2 * pad[i])
                    .filter(|n| *n > 0),
            })
            .collect();
        Some(self.over(size, &large?))
    }
}

/// A value `[channels, dims..]`.
fn image<'a>(e: &mut Elab<'a>, name: &str, value: &Value<'a>, span: Span) -> Res<ExprId> {
    let x = e.tensor(value, span)?;
    let ty = e.ty(x).clone();
    if ty.dtype != DType::F32 || ty.shape.len() < 2 {
        let text = format!("`{name}` of `{}`", show(&ty));
        let help = "channels come first: `f32[1, 28, 28]`; use `reshape(x, 1, 28, 28)`";
        return e.fail(codes::RL0103, text, span, help);
    }
    Ok(x)
}

/// The value and filters of as many spatial dims, and how windows are laid.
fn operands<'a>(
    e: &mut Elab<'a>,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<(ExprId, ExprId, Layout)> {
    let place = args.positional.first().map_or(span, |(_, place)| *place);
    let [x, w] = exactly(e, name, args, span)?;
    let x = image(e, name, &x, place)?;
    let rank = e.ty(x).shape.len() - 1;
    let mut layout = layout(e, args, rank)?;
    if let Some((value, place)) = args.take("groups") {
        layout.groups = e.size(&value, "`groups`", 1, place)?;
    }
    let w = e.tensor(&w, span)?;
    let filters = e.ty(w).clone();
    if filters.dtype != DType::F32 || filters.shape.len() != rank + 2 {
        let text = format!("`{name}` of `{}` with filters `{}`", show(e.ty(x)), show(&filters));
        return e.fail(codes::RL0103, text, span, usage(name));
    }
    Ok((x, w, layout))
}

/// An op of one example: a dim of 1 before, and away again.
fn single<'a>(
    e: &mut Elab<'a>,
    op: crate::graph::Op,
    (x, rest): (ExprId, Vec<ExprId>),
    window: Window,
    span: Span,
) -> Res<Value<'a>> {
    let shape = [&[1], &e.ty(x).shape[..]].concat();
    let x = e.reshape(x, shape, span)?;
    let args = [vec![x], rest].concat();
    let y = e.op(op, args, Attrs::Window(window), Support::Real, span)?;
    let shape = e.ty(y).shape[1..].to_vec();
    e.reshape(y, shape, span).map(Value::Tensor)
}

/// Refuses windows that do not fit.
fn check<'a>(e: &mut Elab<'a>, name: &str, window: &Window, span: Span) -> Res<()> {
    let Err(_) = outputs(window) else { return Ok(()) };
    let reach: Vec<usize> =
        window.size.iter().zip(&window.dilation).map(|(k, d)| d * (k - 1) + 1).collect();
    let room: Vec<usize> = (0..reach.len())
        .map(|i| window.input[i] + window.pad_low[i] + window.pad_high[i])
        .collect();
    let text = format!(
        "the windows of `{name}` are [{}], the padded value is [{}]",
        dims(&reach),
        dims(&room)
    );
    e.fail(codes::RL0103, text, span, "use smaller windows, or pad: `pad = \"same\"`")
}

fn check_groups<'a>(
    e: &mut Elab<'a>,
    name: &str,
    (channels, filters): (usize, &[usize]),
    groups: usize,
    transposed: bool,
    span: Span,
) -> Res<()> {
    let fits = if transposed {
        filters[0] == channels && channels.is_multiple_of(groups)
    } else {
        filters[1] * groups == channels && filters[0].is_multiple_of(groups)
    };
    if fits {
        return Ok(());
    }
    let text = format!(
        "`{name}` of {channels} channels in {groups} group{} with filters [{}]",
        if groups == 1 { "" } else { "s" },
        dims(filters)
    );
    let help = if transposed {
        "filters are [channels in, channels out / groups, window..]"
    } else {
        "filters are [channels out, channels in / groups, window..]; groups divide both"
    };
    e.fail(codes::RL0103, text, span, help)
}

/// `conv(x: f32[C, H, W], w: f32[O, C, h, w])`: cross-correlation, as the field calls convolution.
pub(super) fn conv<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (x, w, layout) = operands(e, "conv", args, span)?;
    let (xs, ws) = (e.ty(x).shape.clone(), e.ty(w).shape.clone());
    check_groups(e, "conv", (xs[0], &ws), layout.groups, false, span)?;
    let window = layout.over(&ws[2..], &xs[1..]);
    check(e, "conv", &window, span)?;
    single(e, &contract::CONV, (x, vec![w]), window, span)
}

/// `conv_transpose(x: f32[C, H, W], w: f32[C, O, h, w])`: the adjoint of `conv` with these filters.
pub(super) fn conv_transpose<'a>(
    e: &mut Elab<'a>,
    args: &mut Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let (x, w, layout) = operands(e, "conv_transpose", args, span)?;
    let (xs, ws) = (e.ty(x).shape.clone(), e.ty(w).shape.clone());
    check_groups(e, "conv_transpose", (xs[0], &ws), layout.groups, true, span)?;
    let Some(window) = layout.under(&ws[2..], &xs[1..]) else {
        let text = "the padding of `conv_transpose` leaves nothing".to_string();
        return e.fail(codes::RL0103, text, span, "pad less");
    };
    check(e, "conv_transpose", &window, span)?;
    if outputs(&window).ok().as_deref() != Some(&xs[1..]) {
        let text = "the stride of `conv_transpose` is larger than its windows".to_string();
        return e.fail(codes::RL0103, text, span, "use windows at least as large as the stride");
    }
    single(e, &contract::CONV_TRANSPOSE, (x, vec![w]), window, span)
}

/// `windows(x: f32[C, H, W], size = 2)`: `[C, taps, H', W']`.
pub(super) fn windows<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = exactly(e, "windows", args, span)?;
    let x = image(e, "windows", &x, span)?;
    let spatial = e.ty(x).shape[1..].to_vec();
    let size = per_dim(e, args, "size", (2, 1), spatial.len())?;
    let layout = layout(e, args, spatial.len())?;
    let window = layout.over(&size, &spatial);
    check(e, "windows", &window, span)?;
    single(e, &contract::UNFOLD, (x, vec![]), window, span)
}
