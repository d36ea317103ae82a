//! Sums of products: contractions, convolutions and their adjoints, windows.

use super::{count, need, rows};
use crate::graph::attrs::{ContractSpec, Window};
use crate::graph::{Attrs, DType, Ty};

fn contract(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    let Attrs::Contract(spec) = attrs else { return Err("no labels".into()) };
    for arg in args {
        need(arg, DType::F32)?;
    }
    check_labels(spec)?;
    if spec.lhs.len() != args[0].rank() || spec.rhs.len() != args[1].rank() {
        return Err(format!("{spec:?} of {} and {}", args[0], args[1]));
    }
    let dims = || {
        let left = spec.lhs.iter().zip(&args[0].shape);
        left.chain(spec.rhs.iter().zip(&args[1].shape))
    };
    for (label, dim) in dims() {
        if dims().any(|(l, d)| l == label && d != dim) {
            return Err(format!("label {} of {} and {}", *label as char, args[0], args[1]));
        }
    }
    let size = |label: &u8| dims().find(|(l, _)| *l == label).map(|(_, d)| *d);
    let shape: Option<Vec<usize>> = spec.out.iter().map(size).collect();
    shape.map(Ty::f32).ok_or_else(|| "a label of the result stands nowhere".into())
}

fn check_labels(spec: &ContractSpec) -> Result<(), String> {
    let lists = [&spec.lhs, &spec.rhs, &spec.out];
    for list in lists {
        for label in list {
            let once = list.iter().filter(|l| *l == label).count() == 1;
            let twice = lists.iter().filter(|l| l.contains(label)).count() >= 2;
            if !once || !twice {
                return Err(format!("label {}", *label as char));
            }
        }
    }
    Ok(())
}

/// Number of windows along each spatial dim.
pub fn outputs(w: &Window) -> Result<Vec<usize>, String> {
    let n = w.size.len();
    if [&w.stride, &w.dilation, &w.pad_low, &w.pad_high, &w.input].iter().any(|l| l.len() != n) {
        return Err("a window with lists of different lengths".into());
    }
    (0..n)
        .map(|i| {
            let span = w.dilation[i] * (w.size[i].max(1) - 1) + 1;
            let room = w.input[i] + w.pad_low[i] + w.pad_high[i];
            if w.size[i] == 0 || w.stride[i] == 0 || room < span {
                return Err(format!("a window of {span} over {room}"));
            }
            Ok((room - span) / w.stride[i] + 1)
        })
        .collect()
}

fn window(attrs: &Attrs) -> Result<(&Window, Vec<usize>), String> {
    let Attrs::Window(w) = attrs else { return Err("no window".into()) };
    if w.groups == 0 {
        return Err("no groups".into());
    }
    Ok((w, outputs(w)?))
}

fn spatial(ty: &Ty, dims: &[usize]) -> Result<(), String> {
    need(ty, DType::F32)?;
    if ty.rank() == dims.len() + 2 && ty.shape[2..] == *dims {
        Ok(())
    } else {
        Err(format!("operand {ty}, spatial dims {dims:?}"))
    }
}

fn join(head: [usize; 2], tail: &[usize]) -> Ty {
    Ty::f32([&head, tail].concat())
}

fn conv(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    let (w, out) = window(attrs)?;
    spatial(args[0], &w.input)?;
    spatial(args[1], &w.size)?;
    let (channels, filters) = (args[0].shape[1], args[1].shape[0]);
    if args[1].shape[1] * w.groups != channels || filters % w.groups != 0 {
        return Err(format!("{} with filters {}", args[0], args[1]));
    }
    Ok(join([args[0].shape[0], filters], &out))
}

fn conv_transpose(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    let (w, out) = window(attrs)?;
    spatial(args[0], &out)?;
    spatial(args[1], &w.size)?;
    if args[0].shape[1] != args[1].shape[0] || args[1].shape[0] % w.groups != 0 {
        return Err(format!("{} with filters {}", args[0], args[1]));
    }
    Ok(join([args[0].shape[0], args[1].shape[1] * w.groups], &w.input))
}

fn conv_weight(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    let (w, out) = window(attrs)?;
    spatial(args[0], &w.input)?;
    spatial(args[1], &out)?;
    let (channels, filters) = (args[0].shape[1], args[1].shape[1]);
    if args[0].shape[0] != args[1].shape[0] || channels % w.groups != 0 || filters % w.groups != 0 {
        return Err(format!("{} and {}", args[0], args[1]));
    }
    Ok(join([filters, channels / w.groups], &w.size))
}

fn unfold(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let (w, out) = window(attrs)?;
    spatial(args[0], &w.input)?;
    let taps: usize = w.size.iter().product();
    Ok(Ty::f32([&[args[0].shape[0], args[0].shape[1], taps], &out[..]].concat()))
}

fn fold(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let (w, out) = window(attrs)?;
    let taps: usize = w.size.iter().product();
    let ty = args[0];
    if ty.rank() != out.len() + 3 || ty.shape[2] != taps || ty.shape[3..] != out[..] {
        return Err(format!("operand {ty}"));
    }
    Ok(join([ty.shape[0], ty.shape[1]], &w.input))
}

rows! { Contract;
    CONTRACT = "contract", "Sum of products over shared labels.", contract;
    CONV = "conv", "Cross-correlation with filters.", conv;
    CONV_TRANSPOSE = "conv_transpose", "The adjoint of conv in its first operand.", conv_transpose;
    CONV_WEIGHT = "conv_weight", "The adjoint of conv in its filters.", conv_weight;
    UNFOLD = "unfold", "Every window as a column.", unfold;
    FOLD = "fold", "The adjoint of unfold: columns added back into place.", fold;
}
