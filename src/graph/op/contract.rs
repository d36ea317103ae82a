//! Sums of products: contractions, convolutions and their adjoints, windows.

use super::{ConvKind, Derivative, Meaning, Rule, Sample, Value, count, need, reals, rows};
use crate::graph::attrs::{ContractSpec, Window};
use crate::graph::{Attrs, DType, Ty, range};
use ndarray::{Array2, Array3, Axis, IxDyn};

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
    if args[0].shape[1] != args[1].shape[0] || !args[1].shape[0].is_multiple_of(w.groups) {
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

const D_CONTRACT: Rule = |g, y, d, wanted| {
    let node = g.node(y).clone();
    let ContractSpec { lhs, rhs, out } = node.attrs.labels().clone();
    let (a, b) = (node.args[0], node.args[1]);
    let left = ContractSpec { lhs: out.clone(), rhs: rhs.clone(), out: lhs.clone() };
    let right = ContractSpec { lhs, rhs: out, out: rhs };
    vec![
        wanted[0].then(|| g.contraction(d, b, left)),
        wanted[1].then(|| g.contraction(a, d, right)),
    ]
};

// The three convolutions are the three views of one trilinear form, so their derivatives are each
// other.

const D_CONV: Rule = |g, y, d, wanted| {
    let node = g.node(y).clone();
    let w = node.attrs.window();
    vec![
        wanted[0].then(|| g.conv_transpose(d, node.args[1], w)),
        wanted[1].then(|| g.conv_weight(node.args[0], d, w)),
    ]
};

const D_CONV_TRANSPOSE: Rule = |g, y, d, wanted| {
    let node = g.node(y).clone();
    let w = node.attrs.window();
    vec![
        wanted[0].then(|| g.conv(d, node.args[1], w)),
        wanted[1].then(|| g.conv_weight(d, node.args[0], w)),
    ]
};

const D_CONV_WEIGHT: Rule = |g, y, d, wanted| {
    let node = g.node(y).clone();
    let w = node.attrs.window();
    vec![
        wanted[0].then(|| g.conv_transpose(node.args[1], d, w)),
        wanted[1].then(|| g.conv(node.args[0], d, w)),
    ]
};

const D_UNFOLD: Rule = |g, y, d, _| {
    let w = g.node(y).attrs.window().clone();
    vec![Some(g.fold(d, &w))]
};

const D_FOLD: Rule = |g, y, d, _| {
    let w = g.node(y).attrs.window().clone();
    vec![Some(g.unfold(d, &w))]
};

/// `x` with its dims in the order of three groups of labels, each group made one dim.
fn grouped(x: &Value, labels: &[u8], groups: [&[u8]; 3]) -> Array3<f64> {
    let place = |l: &u8| labels.iter().position(|x| x == l).expect("a label of this operand");
    let order: Vec<usize> = groups.iter().flat_map(|g| g.iter().map(place)).collect();
    let size = |g: &[u8]| g.iter().map(|l| x.shape()[place(l)]).product::<usize>();
    let sizes = (size(groups[0]), size(groups[1]), size(groups[2]));
    let flat = x.view().permuted_axes(IxDyn(&order)).iter().copied().collect();
    Array3::from_shape_vec(sizes, flat).expect("as many elements")
}

/// A matrix product per batch index.
fn contracted(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let ContractSpec { lhs, rhs, out } = attrs.labels();
    let pick = |f: &dyn Fn(&u8) -> bool, of: &[u8]| -> Vec<u8> {
        of.iter().copied().filter(|l| f(l)).collect()
    };
    let batch = pick(&|l| rhs.contains(l) && out.contains(l), lhs);
    let summed = pick(&|l| rhs.contains(l) && !out.contains(l), lhs);
    let left = pick(&|l| !rhs.contains(l), lhs);
    let right = pick(&|l| !lhs.contains(l), rhs);
    let a = grouped(args[0], lhs, [&batch, &left, &summed]);
    let b = grouped(args[1], rhs, [&batch, &summed, &right]);
    let mut flat: Vec<f64> = Vec::with_capacity(ty.len());
    for (x, y) in a.outer_iter().zip(b.outer_iter()) {
        let product: Array2<f64> = x.dot(&y);
        flat.extend(product.iter());
    }
    let made = [batch, left, right].concat();
    let place = |of: &[u8], l: &u8| of.iter().position(|x| x == l).expect("a label of the result");
    let shape: Vec<usize> = made.iter().map(|l| ty.shape[place(out, l)]).collect();
    let order: Vec<usize> = out.iter().map(|l| place(&made, l)).collect();
    let value = Value::from_shape_vec(IxDyn(&shape), flat).expect("as many elements");
    value.permuted_axes(IxDyn(&order)).as_standard_layout().into_owned()
}

/// Every (window, tap, input) triple that meets, as flat places.
fn meetings(w: &Window) -> Vec<(usize, usize, usize)> {
    let windows = outputs(w).expect("checked by the type rule");
    let mut found = vec![(0, 0, 0)];
    for (i, windows) in windows.iter().enumerate() {
        let mut longer = Vec::new();
        for (p, k, q) in found {
            for window in 0..*windows {
                for tap in 0..w.size[i] {
                    let at = window * w.stride[i] + tap * w.dilation[i];
                    if at >= w.pad_low[i] && at - w.pad_low[i] < w.input[i] {
                        let at = q * w.input[i] + at - w.pad_low[i];
                        longer.push((p * windows + window, k * w.size[i] + tap, at));
                    }
                }
            }
        }
        found = longer;
    }
    found
}

/// The first two dims, and the rest made one.
fn flat(x: &Value) -> Array3<f64> {
    let sizes = (x.shape()[0], x.shape()[1], x.shape()[2..].iter().product());
    Array3::from_shape_vec(sizes, x.iter().copied().collect()).expect("as many elements")
}

fn shaped(x: Array3<f64>, ty: &Ty) -> Value {
    Value::from_shape_vec(IxDyn(&ty.shape), x.into_iter().collect()).expect("as many elements")
}

/// Calls `f` with (example, channel, filter, channel within its group).
fn channels(n: usize, c: usize, o: usize, groups: usize, mut f: impl FnMut([usize; 4])) {
    for example in 0..n {
        for filter in 0..o {
            let group = filter / (o / groups);
            for within in 0..c / groups {
                f([example, group * (c / groups) + within, filter, within]);
            }
        }
    }
}

fn convolved(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let win = attrs.window();
    let (x, w, meet) = (flat(args[0]), flat(args[1]), meetings(win));
    let (n, c, o) = (x.len_of(Axis(0)), x.len_of(Axis(1)), w.len_of(Axis(0)));
    let mut y = Array3::zeros((n, o, ty.shape[2..].iter().product()));
    channels(n, c, o, win.groups, |[n, c, o, i]| {
        meet.iter().for_each(|(p, k, q)| y[[n, o, *p]] += x[[n, c, *q]] * w[[o, i, *k]]);
    });
    shaped(y, ty)
}

fn conv_transposed(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let win = attrs.window();
    let (y, w, meet) = (flat(args[0]), flat(args[1]), meetings(win));
    let (n, c, o) = (ty.shape[0], ty.shape[1], w.len_of(Axis(0)));
    let mut x = Array3::zeros((n, c, ty.shape[2..].iter().product()));
    channels(n, c, o, win.groups, |[n, c, o, i]| {
        meet.iter().for_each(|(p, k, q)| x[[n, c, *q]] += y[[n, o, *p]] * w[[o, i, *k]]);
    });
    shaped(x, ty)
}

fn conv_weighed(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let win = attrs.window();
    let (x, y, meet) = (flat(args[0]), flat(args[1]), meetings(win));
    let (n, c, o) = (x.len_of(Axis(0)), x.len_of(Axis(1)), ty.shape[0]);
    let mut w = Array3::zeros((o, ty.shape[1], ty.shape[2..].iter().product()));
    channels(n, c, o, win.groups, |[n, c, o, i]| {
        meet.iter().for_each(|(p, k, q)| w[[o, i, *k]] += x[[n, c, *q]] * y[[n, o, *p]]);
    });
    shaped(w, ty)
}

fn unfolded(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let w = attrs.window();
    let windows: usize = ty.shape[3..].iter().product();
    let x = flat(args[0]);
    let mut columns = Array3::zeros((ty.shape[0], ty.shape[1], ty.shape[2] * windows));
    for (p, k, q) in meetings(w) {
        let mut column = columns.index_axis_mut(Axis(2), k * windows + p);
        column.assign(&x.index_axis(Axis(2), q));
    }
    shaped(columns, ty)
}

fn folded(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let w = attrs.window();
    let windows: usize = args[0].shape()[3..].iter().product();
    let columns = flat(args[0]);
    let mut x = Array3::zeros((ty.shape[0], ty.shape[1], ty.shape[2..].iter().product()));
    for (p, k, q) in meetings(w) {
        let mut place = x.index_axis_mut(Axis(2), q);
        place += &columns.index_axis(Axis(2), k * windows + p);
    }
    shaped(x, ty)
}

fn labelled(labels: &str, shapes: &[&[usize]]) -> Sample {
    let spec = ContractSpec::parse(labels).expect("labels of a sample");
    reals(shapes, -1.0, 1.0, Attrs::Contract(spec))
}

fn contractions() -> Vec<Sample> {
    vec![
        labelled("ij,jk->ik", &[&[2, 3], &[3, 4]]),
        labelled("bij,kbj->kbi", &[&[2, 3, 2], &[4, 2, 2]]),
        labelled("ij,ij->ij", &[&[2, 3], &[2, 3]]),
        labelled("i,j->ji", &[&[2], &[3]]),
        labelled("ij,ij->", &[&[2, 3], &[2, 3]]),
    ]
}

/// A plain window in one dim, and a strided, dilated, padded, grouped one in two.
fn windows(shapes: &[&[&[usize]]; 2]) -> Vec<Sample> {
    let line = Window {
        size: vec![3],
        stride: vec![1],
        dilation: vec![1],
        pad_low: vec![0],
        pad_high: vec![1],
        groups: 1,
        input: vec![5],
    };
    let plane = Window {
        size: vec![2, 3],
        stride: vec![2, 1],
        dilation: vec![1, 2],
        pad_low: vec![1, 2],
        pad_high: vec![0, 1],
        groups: 2,
        input: vec![4, 5],
    };
    let with = |w: Window, shapes: &[&[usize]]| reals(shapes, -1.0, 1.0, Attrs::Window(w));
    vec![with(line, shapes[0]), with(plane, shapes[1])]
}

rows! { Contract;
    CONTRACT = "contract", "Sum of products over shared labels.",
        contract, Derivative::Rule(D_CONTRACT), Meaning::Whole(contracted), contractions;
    CONV = "conv", "Cross-correlation with filters.",
        conv, Derivative::Rule(D_CONV), Meaning::Whole(convolved), || windows(&[&[&[2, 2, 5], &[3, 2, 3]], &[&[1, 4, 4, 5], &[2, 2, 2, 3]]]), window: Some(ConvKind::Forward);
    CONV_TRANSPOSE = "conv_transpose", "The adjoint of conv in its first operand.",
        conv_transpose, Derivative::Rule(D_CONV_TRANSPOSE), Meaning::Whole(conv_transposed), || windows(&[&[&[2, 3, 4], &[3, 2, 3]], &[&[1, 2, 2, 4], &[2, 2, 2, 3]]]), window: Some(ConvKind::Input);
    CONV_WEIGHT = "conv_weight", "The adjoint of conv in its filters.",
        conv_weight, Derivative::Rule(D_CONV_WEIGHT), Meaning::Whole(conv_weighed), || windows(&[&[&[2, 2, 5], &[2, 3, 4]], &[&[1, 4, 4, 5], &[1, 2, 2, 4]]]), window: Some(ConvKind::Filter);
    UNFOLD = "unfold", "Every window as a column.",
        unfold, Derivative::Rule(D_UNFOLD), Meaning::Whole(unfolded), || windows(&[&[&[2, 2, 5]], &[&[1, 2, 4, 5]]]), range: range::sums, chooses: true, window: Some(ConvKind::Unfold);
    FOLD = "fold", "The adjoint of unfold: columns added back into place.",
        fold, Derivative::Rule(D_FOLD), Meaning::Whole(folded), || windows(&[&[&[2, 2, 3, 4]], &[&[1, 2, 6, 2, 4]]]), range: range::sums, chooses: true, window: Some(ConvKind::Fold);
}
