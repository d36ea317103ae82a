//! By computed or counted indices.

use super::{Derivative, Meaning, Rule, Sample, Value, count, need, reals, rows};
use crate::graph::{Attrs, DType, Ty, range};
use ndarray::{Axis, Dimension, IxDyn};
use std::collections::HashMap;

fn gather(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[1], DType::I32)?;
    if args[0].rank() == 0 {
        return Err(format!("table {}", args[0]));
    }
    Ok(Ty::new(args[0].dtype, [&args[1].shape[..], &args[0].shape[1..]].concat()))
}

fn scatter_add(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[0], DType::I32)?;
    need(args[1], DType::F32)?;
    let Attrs::Rows(rows) = attrs else { return Err("no number of rows".into()) };
    let n = args[0].rank();
    if args[1].rank() < n || args[1].shape[..n] != args[0].shape[..] {
        return Err(format!("{} at {}", args[1], args[0]));
    }
    Ok(Ty::f32([&[*rows], &args[1].shape[n..]].concat()))
}

fn put_rows(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 3)?;
    need(args[1], DType::I32)?;
    let rows = gather(&args[..2], attrs)?;
    if args[1].rank() != 1 || args[2] != &rows {
        return Err(format!("{} at {} of {}", args[2], args[1], args[0]));
    }
    Ok(args[0].clone())
}

fn firsts(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::I32)?;
    if args[0].rank() == 1 { Ok(args[0].clone()) } else { Err(format!("operand {}", args[0])) }
}

fn others_equal(a: &Ty, b: &Ty, axis: usize) -> bool {
    a.rank() == b.rank()
        && axis < a.rank()
        && (0..a.rank()).all(|i| i == axis || a.shape[i] == b.shape[i])
}

fn take_along(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[1], DType::I32)?;
    let Attrs::Axis(axis) = attrs else { return Err("no axis".into()) };
    if !others_equal(args[0], args[1], *axis) {
        return Err(format!("{} at {}", args[0], args[1]));
    }
    Ok(Ty::new(args[0].dtype, args[1].shape.clone()))
}

fn put_along(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[0], DType::I32)?;
    need(args[1], DType::F32)?;
    let Attrs::Along { axis, size } = attrs else { return Err("no axis".into()) };
    if args[0].shape != args[1].shape || *axis >= args[0].rank() {
        return Err(format!("{} at {}", args[1], args[0]));
    }
    let mut shape = args[0].shape.clone();
    shape[*axis] = *size;
    Ok(Ty::f32(shape))
}

fn iota(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Iota { ty, axis } if *axis < ty.rank() && ty.dtype != DType::Bool => Ok(ty.clone()),
        _ => Err("no type".into()),
    }
}

fn eye(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Iota { ty, .. } if ty.rank() == 2 && ty.dtype == DType::F32 => Ok(ty.clone()),
        _ => Err("no matrix type".into()),
    }
}

fn cumsum(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    match attrs {
        Attrs::Directed { axis, .. } if *axis < args[0].rank() => Ok(args[0].clone()),
        _ => Err("no axis".into()),
    }
}

fn argsort(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    Ok(Ty::i32(cumsum(args, attrs)?.shape))
}

const D_GATHER: Rule = |g, y, d, _| {
    let (table, rows) = (g.node(y).args[0], g.node(y).args[1]);
    let n = g.shape(table)[0];
    vec![Some(g.scatter_add(rows, d, n)), None]
};

const D_SCATTER_ADD: Rule = |g, y, d, _| {
    let rows = g.node(y).args[0];
    vec![None, Some(g.gather(d, rows))]
};

/// A row that is put hides that of the table; one whose index is outside goes nowhere.
const D_PUT_ROWS: Rule = |g, y, d, _| {
    let (at, rows) = (g.node(y).args[1], g.node(y).args[2]);
    let (shape, n) = (g.shape(rows).to_vec(), g.shape(y)[0]);
    let zeros = g.like(0.0, rows);
    let (zero, end) = (g.like(0.0, at), g.like(n as f64, at));
    let (low, high) = (g.ge(at, zero), g.lt(at, end));
    let inside = g.and(low, high);
    let inside = g.broadcast(inside, &shape, &[0]);
    let taken = g.gather(d, at);
    let others = g.put_rows(d, at, zeros);
    vec![Some(others), None, Some(g.select(inside, taken, zeros))]
};

const D_TAKE_ALONG: Rule = |g, y, d, _| {
    let node = g.node(y).clone();
    let axis = node.attrs.axis();
    let size = g.shape(node.args[0])[axis];
    vec![Some(g.put_along(node.args[1], d, axis, size)), None]
};

const D_PUT_ALONG: Rule = |g, y, d, _| {
    let node = g.node(y).clone();
    let (axis, _) = node.attrs.along();
    vec![None, Some(g.take_along(d, node.args[0], axis))]
};

const D_CUMSUM: Rule = |g, y, d, _| {
    let (axis, reverse) = g.node(y).attrs.directed();
    vec![Some(g.cumsum(d, axis, !reverse))]
};

/// The nearest place: what an index outside reads.
fn nearest(index: f64, size: usize) -> usize {
    (index.max(0.0) as usize).min(size.saturating_sub(1))
}

/// The place, if it is one: an index outside writes nowhere.
fn inside(index: f64, size: usize) -> Option<usize> {
    (index >= 0.0 && index < size as f64).then_some(index as usize)
}

fn gathered(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let n = args[1].ndim();
    Value::from_shape_fn(IxDyn(&ty.shape), |at| {
        let row = nearest(args[1][IxDyn(&at.slice()[..n])], args[0].shape()[0]);
        args[0][IxDyn(&[&[row], &at.slice()[n..]].concat())]
    })
}

fn scattered(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let n = args[0].ndim();
    let mut out = Value::zeros(IxDyn(&ty.shape));
    for (at, x) in args[1].indexed_iter() {
        if let Some(row) = inside(args[0][IxDyn(&at.slice()[..n])], ty.shape[0]) {
            out[IxDyn(&[&[row], &at.slice()[n..]].concat())] += x;
        }
    }
    out
}

fn replaced(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let mut out = args[0].clone();
    for (i, row) in args[1].iter().enumerate() {
        if let Some(row) = inside(*row, ty.shape[0]) {
            out.index_axis_mut(Axis(0), row).assign(&args[2].index_axis(Axis(0), i));
        }
    }
    out
}

fn first_equal(args: &[&Value], _: &Attrs, _: &Ty) -> Value {
    let mut first = HashMap::new();
    let place = |(i, x): (usize, &f64)| *first.entry(*x as i64).or_insert(i) as f64;
    let places = args[0].iter().enumerate().map(place).collect();
    Value::from_shape_vec(args[0].raw_dim(), places).expect("as many places")
}

/// The place with its coordinate along the axis replaced.
fn along(at: &IxDyn, coordinate: usize, axis: usize) -> IxDyn {
    let mut place = at.clone();
    place[axis] = coordinate;
    place
}

fn taken(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let axis = attrs.axis();
    let size = args[0].shape()[axis];
    Value::from_shape_fn(IxDyn(&ty.shape), |at| {
        args[0][along(&at, nearest(args[1][&at], size), axis)]
    })
}

fn put(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let (axis, _) = attrs.along();
    let mut out = Value::zeros(IxDyn(&ty.shape));
    for (at, x) in args[1].indexed_iter() {
        if let Some(place) = inside(args[0][&at], ty.shape[axis]) {
            out[along(&at, place, axis)] += x;
        }
    }
    out
}

fn counted(_: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let axis = attrs.counted();
    Value::from_shape_fn(IxDyn(&ty.shape), |at| at[axis] as f64)
}

fn identity(_: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    Value::from_shape_fn(IxDyn(&ty.shape), |at| f64::from(at[0] == at[1]))
}

fn running(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    let (axis, reverse) = attrs.directed();
    let mut out = args[0].clone();
    for mut lane in out.lanes_mut(Axis(axis)) {
        let mut sum = 0.0;
        for i in 0..lane.len() {
            let i = if reverse { lane.len() - 1 - i } else { i };
            sum += lane[i];
            lane[i] = sum;
        }
    }
    out
}

fn ordered(args: &[&Value], attrs: &Attrs, _: &Ty) -> Value {
    let (axis, reverse) = attrs.directed();
    let mut out = args[0].clone();
    for mut lane in out.lanes_mut(Axis(axis)) {
        let keys = lane.to_vec();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (keys[*a], keys[*b]);
            let ascending = a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
            if reverse { ascending.reverse() } else { ascending }
        });
        order.iter().enumerate().for_each(|(i, k)| lane[i] = *k as f64);
    }
    out
}

fn real(shape: &[usize]) -> (Ty, f64, f64) {
    (Ty::f32(shape), -1.0, 1.0)
}

fn place(shape: &[usize], below: usize) -> (Ty, f64, f64) {
    (Ty::i32(shape), 0.0, below as f64 - 1.0)
}

fn directed() -> Vec<Sample> {
    let sample = |axis, reverse| reals(&[&[3, 4]], -1.0, 1.0, Attrs::Directed { axis, reverse });
    vec![sample(0, false), sample(1, true)]
}

fn counts() -> Vec<Sample> {
    let count = |ty, axis| Sample { args: vec![], attrs: Attrs::Iota { ty, axis } };
    vec![count(Ty::i32([2, 3]), 1), count(Ty::f32([4]), 0)]
}

fn square() -> Vec<Sample> {
    vec![Sample { args: vec![], attrs: Attrs::Iota { ty: Ty::f32([3, 4]), axis: 0 } }]
}

rows! { Index;
    GATHER = "gather", "Rows of a table; an index outside of it reads the nearest row.",
        gather, Derivative::Rule(D_GATHER), Meaning::Whole(gathered), || vec![Sample { args: vec![real(&[5, 2]), place(&[3, 2], 5)], attrs: Attrs::None }], range: range::first, chooses: true, exact: true;
    SCATTER_ADD = "scatter_add", "Rows added into zeros, those with an index outside nowhere; the adjoint of gather.",
        scatter_add, Derivative::Rule(D_SCATTER_ADD), Meaning::Whole(scattered), || vec![Sample { args: vec![place(&[6], 4), real(&[6, 2])], attrs: Attrs::Rows(4) }], range: |x, wild| range::sums(&x[1..], wild);
    PUT_ROWS = "put_rows", "A table with some of its rows replaced, those with an index outside nowhere. No row may be put twice.",
        put_rows, Derivative::Rule(D_PUT_ROWS), Meaning::Whole(replaced), || vec![Sample { args: vec![real(&[5, 2]), place(&[1], 5), real(&[1, 2])], attrs: Attrs::None }], range: |x, wild| range::hull(&[x[0], x[2]], wild), exact: true;
    FIRSTS = "firsts", "For each element the place of the first that is equal to it.",
        firsts, Derivative::Zero, Meaning::Whole(first_equal), || vec![Sample { args: vec![place(&[7], 4)], attrs: Attrs::None }], exact: true;
    TAKE_ALONG = "take_along", "Elements picked along one axis; an index outside reads the nearest.",
        take_along, Derivative::Rule(D_TAKE_ALONG), Meaning::Whole(taken), || vec![Sample { args: vec![real(&[3, 4]), place(&[3, 2], 4)], attrs: Attrs::Axis(1) }], range: range::first, chooses: true, exact: true;
    PUT_ALONG = "put_along", "Elements added into zeros along one axis, those with an index outside nowhere; the adjoint of take_along.",
        put_along, Derivative::Rule(D_PUT_ALONG), Meaning::Whole(put), || vec![Sample { args: vec![place(&[3, 2], 4), real(&[3, 2])], attrs: Attrs::Along { axis: 1, size: 4 } }];
    IOTA = "iota", "0, 1, 2, ... along an axis.",
        iota, Derivative::Zero, Meaning::Whole(counted), counts, exact: true, price: 0;
    EYE = "eye", "Ones on the diagonal, zeros elsewhere.",
        eye, Derivative::Zero, Meaning::Whole(identity), square, exact: true;
    CUMSUM = "cumsum", "Running sums along an axis.",
        cumsum, Derivative::Rule(D_CUMSUM), Meaning::Whole(running), directed, range: range::sums;
    ARGSORT = "argsort", "The stable order of the elements along an axis; NaN is above all reals.",
        argsort, Derivative::Zero, Meaning::Whole(ordered), directed, exact: true;
}
