//! Reductions over axes; the axes vanish.

use super::{count, need, rows};
use crate::graph::{Attrs, DType, Ty};

fn without(ty: &Ty, axes: &[usize]) -> Result<Vec<usize>, String> {
    if axes.is_empty() || !axes.is_sorted_by(|a, b| a < b) || axes.iter().any(|a| *a >= ty.rank()) {
        return Err(format!("axes {axes:?} of {ty}"));
    }
    let kept = ty.shape.iter().enumerate().filter(|(i, _)| !axes.contains(i));
    Ok(kept.map(|(_, d)| *d).collect())
}

fn over_axes(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Axes(axes) = attrs else { return Err("no axes".into()) };
    if args[0].dtype == DType::Bool {
        return Err(format!("operand {}", args[0]));
    }
    Ok(Ty::new(args[0].dtype, without(args[0], axes)?))
}

fn index_of(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    let Attrs::Axis(axis) = attrs else { return Err("no axis".into()) };
    Ok(Ty::i32(without(args[0], &[*axis])?))
}

rows! { Reduce;
    SUM = "sum", "The sum over axes.", over_axes;
    MAX_OF = "max_of", "The largest over axes.", over_axes;
    MIN_OF = "min_of", "The smallest over axes.", over_axes;
    PROD = "prod", "The product over axes.", over_axes;
    LOGSUMEXP = "logsumexp", "log(sum(exp(x))) over axes, without overflow.", over_axes;
    ARGMAX = "argmax", "The index of the largest along an axis; the first of equals.", index_of;
}
