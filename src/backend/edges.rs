//! Where numbers end: every elementwise op, reduction and order on zeros, subnormal numbers, the
//! largest numbers, infinities and not-a-number. In: nothing. Out: graphs, their inputs, and what is
//! right.

use super::cases::{Case, Inputs, tensors};
use super::{Device, Loaded, Tensor, reference};
use crate::graph::op::{self, Kind, Op, Value};
use crate::graph::{Attrs, DType, Graph, InputRole, Ty};
use ndarray::Axis;

/// Reals at the edges, and what lies between.
const REALS: &[f32] = &[
    0.0,
    -0.0,
    1e-40,
    -1e-40,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-8,
    0.5,
    1.0,
    -1.0,
    2.0,
    -2.5,
    3.0,
    -3.0,
    88.0,
    -104.0,
    1e10,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

/// Integers at the edges.
const INTEGERS: &[i32] =
    &[0, 1, -1, 2, -2, 7, -7, 46_341, 65_536, 16_777_217, i32::MAX, i32::MIN, i32::MIN + 1];

/// Elements of a long line.
const LONG: usize = 700;

/// Every elementwise op on all combinations of edges, for every type that it takes.
pub fn maps() -> Vec<Case> {
    op::table().filter(|op| op.kind == Kind::Map).flat_map(map).collect()
}

/// Every reduction of all pairs of edges, and of lines with one edge at either end; running sums and
/// orders of the same.
pub fn folds() -> Vec<Case> {
    let folds = |op: &Op| op.kind == Kind::Reduce || matches!(op.name, "cumsum" | "argsort");
    op::table().filter(folds).flat_map(fold).collect()
}

fn map(op: Op) -> Vec<Case> {
    const TYPES: [DType; 3] = [DType::F32, DType::I32, DType::Bool];
    let count = (op.samples)()[0].args.len();
    let mut cases = vec![];
    for number in 0..TYPES.len().pow(count as u32) {
        let of = |arg: usize| TYPES[number / TYPES.len().pow(arg as u32) % TYPES.len()];
        let types: Vec<DType> = (0..count).map(of).collect();
        let to =
            if op.name == "cast" { TYPES.map(Attrs::DType).to_vec() } else { vec![Attrs::None] };
        for attrs in to {
            let shaped: Vec<Ty> = types.iter().map(|ty| Ty::new(*ty, [2])).collect();
            if op.infer_type(&shaped.iter().collect::<Vec<_>>(), &attrs).is_ok() {
                cases.push(case(op, combinations(&types), attrs));
            }
        }
    }
    assert!(!cases.is_empty(), "{} takes nothing", op.name);
    cases
}

/// All combinations of edges of some types, an array for each.
fn combinations(types: &[DType]) -> Vec<(DType, Value)> {
    let edges = |ty: &DType| -> Vec<f64> {
        match ty {
            DType::F32 => REALS.iter().map(|x| f64::from(*x)).collect(),
            DType::I32 => INTEGERS.iter().map(|x| f64::from(*x)).collect(),
            DType::Bool => vec![0.0, 1.0],
        }
    };
    let lists: Vec<Vec<f64>> = types.iter().map(edges).collect();
    let all: usize = lists.iter().map(Vec::len).product();
    let mut step = 1;
    let mut arrays = vec![];
    for (ty, list) in types.iter().zip(&lists) {
        let values = (0..all).map(|i| list[i / step % list.len()]).collect();
        arrays.push((*ty, Value::from_shape_vec(vec![all], values).unwrap()));
        step *= list.len();
    }
    arrays
}

fn fold(op: Op) -> Vec<Case> {
    let attrs = match op.name {
        "argmax" => Attrs::Axis(1),
        "cumsum" | "argsort" => Attrs::Directed { axis: 1, reverse: true },
        _ => Attrs::Axes(vec![1]),
    };
    // The place of not-a-number has no meaning.
    let known = |x: &&f32| op.name != "argmax" || !x.is_nan();
    let edges: Vec<f64> = REALS.iter().filter(known).map(|x| f64::from(*x)).collect();
    let pairs = edges.iter().flat_map(|a| edges.iter().flat_map(move |b| [*a, *b])).collect();
    let pairs = Value::from_shape_vec(vec![edges.len().pow(2), 2], pairs).unwrap();
    let filling = if op.name == "prod" { 1.0 } else { -1.0 };
    let mut lines = Value::from_elem(vec![2 * edges.len(), LONG], filling);
    for (row, edge) in edges.iter().enumerate() {
        lines[[2 * row, 0]] = *edge;
        lines[[2 * row + 1, LONG - 1]] = *edge;
    }
    [pairs, lines].map(|x| case(op, vec![(DType::F32, x)], attrs.clone())).into()
}

fn case(op: Op, args: Vec<(DType, Value)>, attrs: Attrs) -> Case {
    let mut graph = Graph::new();
    let mut inputs = Inputs::new();
    let mut nodes = vec![];
    for (number, (dtype, value)) in args.into_iter().enumerate() {
        let (name, ty) = (format!("arg{number}"), Ty::new(dtype, value.shape()));
        nodes.push(graph.input(&name, InputRole::Data, ty.clone()));
        inputs.insert(name, (ty, value));
    }
    let types: Vec<String> = inputs.values().map(|(ty, _)| ty.to_string()).collect();
    let name = format!("{}({})", op.name, types.join(", "));
    let out = graph.push(op, nodes, attrs);
    let out = if graph.ty(out).dtype == DType::Bool { graph.cast(out, DType::I32) } else { out };
    graph.output("out", out);
    Case { name, graph, inputs, tolerance: 0.0 }
}

/// What is wrong of a device's result. `flushes`: the device may take a subnormal number for zero.
pub fn wrong(case: &Case, found: &Tensor, flushes: bool) -> Vec<String> {
    let reals: Vec<&String> =
        case.inputs.iter().filter(|(_, (ty, _))| ty.dtype == DType::F32).map(|(n, _)| n).collect();
    let ways = if flushes { 1 << reals.len() } else { 1 };
    let right: Vec<Value> = (0..ways).map(|way| meaning(case, &reals, way)).collect();
    let found = found.to_f64();
    let mut wrong = vec![];
    for (i, y) in found.iter().enumerate() {
        let right: Vec<f64> = right.iter().map(|value| value.as_slice().unwrap()[i]).collect();
        if !right.iter().any(|right| near(case, *y, *right)) {
            let arg = |(_, value): &(Ty, Value)| {
                let rows = value.shape()[0];
                format!("{}", value.index_axis(Axis(0), i * rows / found.len()))
            };
            let args: Vec<String> = case.inputs.values().map(arg).collect();
            wrong.push(format!("{} of {}: {y}, not {}", case.name, args.join(", "), right[0]));
        }
    }
    wrong
}

/// The meaning in f64; bit `n` of `way` says that subnormal numbers of the real operand `n` are 0.
fn meaning(case: &Case, reals: &[&String], way: usize) -> Value {
    let value = |(name, (_, value)): (&String, &(Ty, Value))| {
        let at = reals.iter().position(|n| *n == name);
        let zero = at.is_some_and(|at| way >> at & 1 == 1);
        let new = value.mapv(|x| if zero { f64::from(flushed(x as f32)) } else { x });
        (name.clone(), new)
    };
    let values = case.inputs.iter().map(value).collect();
    reference::run(&case.graph, &values).remove(0).1
}

fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0f32.copysign(x) } else { x }
}

/// Whether all operands are integers or truths.
pub fn is_exact(case: &Case) -> bool {
    case.inputs.values().all(|(ty, _)| ty.dtype != DType::F32)
}

/// The same class, and finite reals within 16 units of the last place: what products and quotients
/// of a few units, and a division that is not exact, add up to at most. An integer made of a real is
/// the nearest that there is, 0 for not-a-number; one made of integers is right, or beyond all
/// integers: what that gives is compared between devices.
fn near(case: &Case, found: f64, right: f64) -> bool {
    if case.graph.ty(case.graph.outputs[0].1).dtype == DType::I32 {
        let beyond = !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&right);
        return found == f64::from(right as i32) || (beyond && is_exact(case));
    }
    let (found, right) = (flushed(found as f32), flushed(right as f32));
    match () {
        () if right.is_nan() => found.is_nan(),
        () if !right.is_finite() => found == right,
        // The f64 meaning itself has an absolute error of a few 1e-15.
        () if found.abs().max(right.abs()) < 1e-14 && right.abs() > 1e-18 => true,
        () => (found - right).abs() <= 16.0 * f32::EPSILON * right.abs().max(f32::MIN_POSITIVE),
    }
}

/// The result of a case on a device.
pub fn run(device: &mut dyn Device, loaded: Loaded, case: &Case) -> Tensor {
    let tensors = tensors(&case.inputs);
    let given: Vec<(&str, &Tensor)> = tensors.iter().map(|(name, t)| (*name, t)).collect();
    device.run(loaded, &given);
    device.output(loaded, "out")
}
