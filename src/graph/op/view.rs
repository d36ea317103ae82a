//! The same numbers in another place.

use super::{count, rows};
use crate::graph::{Attrs, Ty};

fn reshape(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Shape(shape) = attrs else { return Err("no shape".into()) };
    let ty = Ty::new(args[0].dtype, shape.clone());
    if ty.len() == args[0].len() { Ok(ty) } else { Err(format!("{} to {ty}", args[0])) }
}

fn permute(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Perm(perm) = attrs else { return Err("no permutation".into()) };
    let mut sorted = perm.clone();
    sorted.sort_unstable();
    if sorted != (0..args[0].rank()).collect::<Vec<_>>() {
        return Err(format!("permutation {perm:?} of {}", args[0]));
    }
    Ok(Ty::new(args[0].dtype, perm.iter().map(|p| args[0].shape[*p]).collect::<Vec<_>>()))
}

fn broadcast(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Broadcast { shape, dims } = attrs else { return Err("no shape".into()) };
    let fits = dims.len() == args[0].rank()
        && dims.is_sorted_by(|a, b| a < b)
        && dims.iter().zip(&args[0].shape).all(|(d, n)| shape.get(*d) == Some(n));
    if fits {
        Ok(Ty::new(args[0].dtype, shape.clone()))
    } else {
        Err(format!("{} to {shape:?} at {dims:?}", args[0]))
    }
}

fn slice(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Slice(cuts) = attrs else { return Err("no cuts".into()) };
    let fits = cuts.len() == args[0].rank()
        && cuts.iter().zip(&args[0].shape).all(|((a, b, s), n)| a <= b && b <= n && *s > 0);
    if !fits {
        return Err(format!("{cuts:?} of {}", args[0]));
    }
    let shape: Vec<usize> = cuts.iter().map(|(a, b, s)| (b - a).div_ceil(*s)).collect();
    Ok(Ty::new(args[0].dtype, shape))
}

fn pad(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Pad(pads) = attrs else { return Err("no pads".into()) };
    if pads.len() != args[0].rank() {
        return Err(format!("{pads:?} of {}", args[0]));
    }
    let grown = pads.iter().zip(&args[0].shape);
    let shape: Vec<usize> =
        grown.map(|((low, high, gap), n)| low + n + gap * n.saturating_sub(1) + high).collect();
    Ok(Ty::new(args[0].dtype, shape))
}

fn concat(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    let Attrs::Axis(axis) = attrs else { return Err("no axis".into()) };
    let Some(first) = args.first() else { return Err("no operands".into()) };
    let mut shape = first.shape.clone();
    if *axis >= shape.len() {
        return Err(format!("axis {axis} of {first}"));
    }
    for other in &args[1..] {
        let mut rest = other.shape.clone();
        if rest.len() != shape.len() || other.dtype != first.dtype {
            return Err(format!("{first} and {other}"));
        }
        let extent = std::mem::replace(&mut rest[*axis], shape[*axis]);
        if rest != shape {
            return Err(format!("{first} and {other}"));
        }
        shape[*axis] += extent;
    }
    Ok(Ty::new(first.dtype, shape))
}

fn flip(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    let Attrs::Axes(axes) = attrs else { return Err("no axes".into()) };
    if axes.iter().any(|a| *a >= args[0].rank()) {
        return Err(format!("axes {axes:?} of {}", args[0]));
    }
    Ok(args[0].clone())
}

rows! { View;
    RESHAPE = "reshape", "The same elements in row-major order under another shape.", reshape;
    PERMUTE = "permute", "Dims in another order.", permute;
    BROADCAST = "broadcast", "Repeated along new dims.", broadcast;
    SLICE = "slice", "A strided box of it.", slice;
    PAD = "pad", "Zeros before, after and between elements; the adjoint of slice.", pad;
    CONCAT = "concat", "One after the other along an axis.", concat;
    FLIP = "flip", "Backwards along axes.", flip;
}
