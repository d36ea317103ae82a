//! The same numbers in another place.

use super::{Derivative, Meaning, Rule, Value, count, reals, rows};
use crate::graph::{Attrs, Graph, NodeId, Ty, range};
use ndarray::{ArrayViewD, Axis, AxisDescription, IxDyn, Slice};

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

/// The operand's shape.
fn operand(g: &Graph, y: NodeId) -> Vec<usize> {
    g.shape(g.node(y).args[0]).to_vec()
}

const D_RESHAPE: Rule = |g, y, d, _| {
    let shape = operand(g, y);
    vec![Some(g.reshape(d, &shape))]
};

const D_PERMUTE: Rule = |g, y, d, _| {
    let perm = g.node(y).attrs.perm().to_vec();
    let mut inverse = vec![0; perm.len()];
    perm.iter().enumerate().for_each(|(i, p)| inverse[*p] = i);
    vec![Some(g.permute(d, &inverse))]
};

const D_BROADCAST: Rule = |g, y, d, _| {
    let dims = g.node(y).attrs.places();
    let new: Vec<usize> = (0..g.shape(y).len()).filter(|i| !dims.contains(i)).collect();
    vec![Some(g.sum(d, &new))]
};

const D_SLICE: Rule = |g, y, d, _| {
    let (shape, cuts) = (operand(g, y), g.node(y).attrs.cuts().to_vec());
    let taken = g.shape(y).to_vec();
    let pad = |i: usize| {
        let (start, _, stride) = cuts[i];
        match taken[i] {
            0 => (shape[i], 0, 0),
            n => (start, shape[i] - start - (n - 1) * stride - 1, stride - 1),
        }
    };
    let pads: Vec<_> = (0..shape.len()).map(pad).collect();
    vec![Some(g.pad(d, &pads))]
};

const D_PAD: Rule = |g, y, d, _| {
    let (shape, pads) = (operand(g, y), g.node(y).attrs.pads().to_vec());
    let cut = |(pad, n): (&(usize, usize, usize), &usize)| {
        let (low, _, gap) = *pad;
        (low, low + n + gap * n.saturating_sub(1), gap + 1)
    };
    let cuts: Vec<_> = pads.iter().zip(&shape).map(cut).collect();
    vec![Some(g.slice(d, &cuts))]
};

const D_CONCAT: Rule = |g, y, d, wanted| {
    let node = g.node(y).clone();
    let axis = node.attrs.axis();
    let mut start = 0;
    let mut parts = Vec::new();
    for (arg, wanted) in node.args.iter().zip(wanted) {
        let stop = start + g.shape(*arg)[axis];
        parts.push(wanted.then(|| g.slice_axis(d, axis, start, stop)));
        start = stop;
    }
    parts
};

const D_FLIP: Rule = |g, y, d, _| {
    let axes = g.node(y).attrs.axes().to_vec();
    vec![Some(g.flip(d, &axes))]
};

fn reshaped(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let flat = args[0].iter().copied().collect();
    Value::from_shape_vec(IxDyn(&ty.shape), flat).expect("as many elements")
}

/// The elements of a view, in the order of the result.
fn made(view: ArrayViewD<'_, f64>) -> Value {
    view.as_standard_layout().into_owned()
}

fn permuted(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    made(args[0].view().permuted_axes(attrs.perm()))
}

fn repeated(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let dims = attrs.places();
    let new = (0..ty.shape.len()).filter(|axis| !dims.contains(axis));
    let x = new.fold(args[0].view(), |x, axis| x.insert_axis(Axis(axis)));
    made(x.broadcast(IxDyn(&ty.shape)).expect("fitting shapes"))
}

/// So many elements of an axis, from the first on.
fn every(start: usize, n: usize, stride: usize) -> Slice {
    let stop = if n == 0 { start } else { start + (n - 1) * stride + 1 };
    Slice::new(start as isize, Some(stop as isize), stride as isize)
}

fn sliced(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let cuts = attrs.cuts();
    made(args[0].slice_each_axis(|of| {
        let (axis, n) = (of.axis.index(), ty.shape[of.axis.index()]);
        every(if n == 0 { 0 } else { cuts[axis].0 }, n, cuts[axis].2)
    }))
}

fn padded(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let (pads, mut out) = (attrs.pads(), Value::zeros(IxDyn(&ty.shape)));
    if args[0].is_empty() {
        return out;
    }
    let own = |of: AxisDescription| {
        let (low, _, gap) = pads[of.axis.index()];
        every(low, args[0].shape()[of.axis.index()], gap + 1)
    };
    out.slice_each_axis_mut(own).assign(args[0]);
    out
}

fn joined(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    let axis = attrs.axis();
    let views: Vec<_> = args.iter().map(|x| x.view()).collect();
    ndarray::concatenate(Axis(axis), &views).expect("fitting shapes")
}

fn flipped(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    let mut x = args[0].view();
    attrs.axes().iter().for_each(|axis| x.invert_axis(Axis(*axis)));
    made(x)
}

rows! { View;
    RESHAPE = "reshape", "The same elements in row-major order under another shape.",
        reshape, Derivative::Rule(D_RESHAPE), Meaning::Whole(reshaped), || vec![reals(&[&[2, 6]], -1.0, 1.0, Attrs::Shape(vec![3, 1, 4]))], range: range::hull;
    PERMUTE = "permute", "Dims in another order.",
        permute, Derivative::Rule(D_PERMUTE), Meaning::Whole(permuted), || vec![reals(&[&[2, 3, 4]], -1.0, 1.0, Attrs::Perm(vec![2, 0, 1]))], range: range::hull;
    BROADCAST = "broadcast", "Repeated along new dims.",
        broadcast, Derivative::Rule(D_BROADCAST), Meaning::Whole(repeated), || vec![reals(&[&[3, 2]], -1.0, 1.0, Attrs::Broadcast { shape: vec![3, 4, 2, 2], dims: vec![0, 2] })], range: range::hull;
    SLICE = "slice", "A strided box of it.",
        slice, Derivative::Rule(D_SLICE), Meaning::Whole(sliced), || vec![reals(&[&[5, 7]], -1.0, 1.0, Attrs::Slice(vec![(1, 4, 1), (0, 6, 2)])), reals(&[&[4]], -1.0, 1.0, Attrs::Slice(vec![(1, 4, 5)]))], range: range::hull, chooses: true;
    PAD = "pad", "Zeros before, after and between elements; the adjoint of slice.",
        pad, Derivative::Rule(D_PAD), Meaning::Whole(padded), || vec![reals(&[&[2, 3]], -1.0, 1.0, Attrs::Pad(vec![(1, 0, 0), (0, 2, 1)]))], range: range::hull_and_zero;
    CONCAT = "concat", "One after the other along an axis.",
        concat, Derivative::Rule(D_CONCAT), Meaning::Whole(joined), || vec![reals(&[&[2, 3], &[2, 1], &[2, 2]], -1.0, 1.0, Attrs::Axis(1))], range: range::hull;
    FLIP = "flip", "Backwards along axes.",
        flip, Derivative::Rule(D_FLIP), Meaning::Whole(flipped), || vec![reals(&[&[2, 3, 2]], -1.0, 1.0, Attrs::Axes(vec![0, 1]))], range: range::hull;
}
