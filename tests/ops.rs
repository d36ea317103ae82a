//! Generated over the op table: values against a second reading of the op's meaning, first
//! derivatives against central differences at 1e-6, second derivatives at 1e-4, all in f64.

use ndarray::{ArrayD, IxDyn, arr1, arr2};
use rlc::autodiff::expand;
use rlc::backend::reference::run;
use rlc::base::noise;
use rlc::graph::op::{self, Derivative, Meaning, Op, Sample};
use rlc::graph::{Attrs, DType, Graph, InputRole, Node, NodeId, Ty};
use std::collections::BTreeMap;

type Inputs = BTreeMap<String, ArrayD<f64>>;

/// Values of a type in a range, the same for the same name.
fn draw(name: &str, ty: &Ty, low: f64, high: f64) -> ArrayD<f64> {
    let key = noise::stream_key(name);
    let flat = (0..ty.len() as u32).map(|e| {
        let u = f64::from(noise::uniform(noise::word(7, key, 0, e)));
        match ty.dtype {
            DType::F32 => low + (high - low) * u,
            _ => (low + (high - low + 1.0) * u).floor(),
        }
    });
    ArrayD::from_shape_vec(IxDyn(&ty.shape), flat.collect()).unwrap()
}

fn inputs_of(op: Op, sample: &Sample) -> Inputs {
    let named = sample.args.iter().enumerate();
    named
        .map(|(i, (ty, low, high))| {
            (format!("a{i}"), draw(&format!("{} {i}", op.name), ty, *low, *high))
        })
        .collect()
}

/// Inputs `a0..` behind marks, and the op's results.
fn apply(g: &mut Graph, op: Op, sample: &Sample) -> (Vec<NodeId>, Vec<NodeId>) {
    let args: Vec<NodeId> = sample
        .args
        .iter()
        .enumerate()
        .map(|(i, (ty, ..))| {
            let input = g.input(format!("a{i}"), InputRole::Other, ty.clone());
            g.mark(input)
        })
        .collect();
    let results = match &sample.attrs {
        Attrs::Scan(scan) => g.scan((**scan).clone(), args.clone()),
        attrs => vec![g.push(op, args.clone(), attrs.clone())],
    };
    (args, results)
}

/// The inner product of values with fixed random weights.
fn weigh(g: &mut Graph, name: &str, values: &[NodeId], inputs: &mut Inputs) -> NodeId {
    let mut total = g.constant(0.0, DType::F32);
    for (i, value) in values.iter().enumerate() {
        let ty = g.ty(*value).clone();
        let name = format!("{name}{i}");
        inputs.insert(name.clone(), draw(&name, &ty, 0.5, 1.5));
        let weight = g.input(name, InputRole::Other, ty);
        let product = g.mul(*value, weight);
        let sum = g.sum_all(product);
        total = g.add(total, sum);
    }
    total
}

fn value(g: &Graph, inputs: &Inputs, name: &str) -> ArrayD<f64> {
    run(g, inputs).into_iter().find(|(n, _)| n == name).unwrap().1
}

/// Compares outputs `d0..` (derivatives of output `goal` in inputs `a0..`) with differences.
fn check(op: Op, g: &Graph, goal: &str, prefix: &str, inputs: &Inputs, rtol: f64) {
    let at = |inputs: &Inputs| value(g, inputs, goal)[IxDyn(&[])];
    let derivatives = run(g, inputs);
    let mut compared = 0;
    for (name, derivative) in derivatives.iter().filter(|(n, _)| n.starts_with(prefix)) {
        let arg = format!("a{}", &name[prefix.len()..]);
        for (place, d) in derivative.indexed_iter() {
            let moved = |h: f64| {
                let mut inputs = inputs.clone();
                inputs.get_mut(&arg).unwrap()[&place] += h;
                at(&inputs)
            };
            let h = 1e-3;
            let (near, far) = (moved(h) - moved(-h), moved(2.0 * h) - moved(-2.0 * h));
            let difference = (8.0 * near - far) / (12.0 * h);
            let scale = 1.0 + difference.abs();
            assert!(
                (d - difference).abs() <= rtol * scale,
                "{} {name} at {place:?}: {d}, differences say {difference}",
                op.name
            );
            compared += 1;
        }
    }
    assert!(compared > 0, "{}: nothing to compare", op.name);
}

fn derivatives(op: Op, sample: &Sample) {
    let mut inputs = inputs_of(op, sample);
    let mut g = Graph::new();
    let (args, results) = apply(&mut g, op, sample);
    let real = |g: &Graph, id: &NodeId| g.ty(*id).dtype == DType::F32;
    let results: Vec<NodeId> = results.into_iter().filter(|r| real(&g, r)).collect();
    let goal = weigh(&mut g, "w", &results, &mut inputs);
    g.output("goal", goal);
    let mut firsts = Vec::new();
    for (i, arg) in args.iter().enumerate().filter(|(_, a)| real(&g, a)).collect::<Vec<_>>() {
        let first = g.grad(goal, *arg);
        g.output(format!("d{i}"), first);
        firsts.push(first);
    }
    if firsts.is_empty() || results.is_empty() {
        return;
    }
    let second = weigh(&mut g, "v", &firsts, &mut inputs);
    g.output("second", second);
    for (i, arg) in args.iter().enumerate().filter(|(_, a)| real(&g, a)).collect::<Vec<_>>() {
        let dd = g.grad(second, *arg);
        g.output(format!("e{i}"), dd);
    }
    let g = expand(&g);
    assert!(g.ids().all(|id| !["vjp", "mark", "stop"].contains(&g.node(id).op.name)));
    check(op, &g, "goal", "d", &inputs, 1e-6);
    check(op, &g, "second", "e", &inputs, 1e-4);
}

#[test]
fn first_and_second_derivatives_are_those_of_differences() {
    for op in op::table().filter(|op| !matches!(op.derivative, Derivative::Zero)) {
        for sample in (op.samples)() {
            derivatives(op, &sample);
        }
    }
}

#[test]
fn every_op_has_samples_that_it_accepts() {
    for op in op::table().filter(|op| !["mark", "vjp", "get"].contains(&op.name)) {
        let samples = (op.samples)();
        assert!(!samples.is_empty(), "{}", op.name);
        for sample in samples {
            let mut g = Graph::new();
            let (_, results) = apply(&mut g, op, &sample);
            for (i, result) in results.iter().enumerate() {
                g.output(format!("y{i}"), *result);
            }
            let mut inputs = inputs_of(op, &sample);
            inputs.insert("x".into(), ArrayD::zeros(IxDyn(&[2])));
            assert_eq!(run(&g, &inputs).len(), results.len());
        }
    }
}

#[test]
fn elementwise_values() {
    let of = |name: &str, x: f64| match op::find(name).unwrap().meaning {
        Meaning::Map1(f) => f(x),
        _ => panic!("{name}"),
    };
    for (name, x, y) in [
        ("neg", 2.0, -2.0),
        ("abs", -2.0, 2.0),
        ("sign", 0.0, 0.0),
        ("sign", -3.0, -1.0),
        ("floor", -1.5, -2.0),
        ("softplus", 800.0, 800.0),
        ("softplus", 0.0, std::f64::consts::LN_2),
        ("softplus", -800.0, 0.0),
        ("sigmoid", -800.0, 0.0),
        ("erf", 0.5, 0.520_499_877_813_046_5),
        ("lgamma", 5.0, 24f64.ln()),
        ("expm1", 1e-20, 1e-20),
        ("log1p", 1e-20, 1e-20),
        ("not", 1.0, 0.0),
    ] {
        assert!((of(name, x) - y).abs() <= 1e-15 * y.abs(), "{name}({x}) = {}", of(name, x));
    }
}

/// Runs one op on values.
fn eval(op: &str, args: &[&ArrayD<f64>], dtypes: &[DType], attrs: Attrs) -> ArrayD<f64> {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let mut ids = Vec::new();
    for (i, (arg, dtype)) in args.iter().zip(dtypes).enumerate() {
        let name = format!("a{i}");
        ids.push(g.input(name.clone(), InputRole::Other, Ty::new(*dtype, arg.shape())));
        inputs.insert(name, (*arg).clone());
    }
    let y = g.push(op::find(op).unwrap(), ids, attrs);
    g.output("y", y);
    value(&g, &inputs, "y")
}

/// Every product of a contraction, added at its place.
fn product_by_product(a: &ArrayD<f64>, b: &ArrayD<f64>, node: &Node) -> ArrayD<f64> {
    let Attrs::Contract(spec) = &node.attrs else { panic!() };
    let mut y = ArrayD::zeros(IxDyn(&node.ty.shape));
    for (p, x) in a.indexed_iter() {
        for (q, z) in b.indexed_iter() {
            let index = |l: &u8| match spec.lhs.iter().position(|m| m == l) {
                Some(i) => p[i],
                None => q[spec.rhs.iter().position(|m| m == l).unwrap()],
            };
            if spec.rhs.iter().enumerate().all(|(j, l)| q[j] == index(l)) {
                let place: Vec<usize> = spec.out.iter().map(index).collect();
                y[IxDyn(&place)] += x * z;
            }
        }
    }
    y
}

#[test]
fn contractions_product_by_product() {
    let op = op::find("contract").unwrap();
    for sample in (op.samples)() {
        let inputs = inputs_of(op, &sample);
        let mut g = Graph::new();
        let (_, results) = apply(&mut g, op, &sample);
        g.output("y", results[0]);
        let expected = product_by_product(&inputs["a0"], &inputs["a1"], g.node(results[0]));
        let difference = value(&g, &inputs, "y") - expected;
        assert!(difference.iter().all(|d| d.abs() < 1e-14));
    }
}

#[test]
fn values_of_views_and_indices() {
    let f = [DType::F32];
    let line = arr1(&[1.0, 2.0, 3.0, 4.0]).into_dyn();
    let slice = eval("slice", &[&line], &f, Attrs::Slice(vec![(0, 4, 3)]));
    assert_eq!(slice, arr1(&[1.0, 4.0]).into_dyn());
    let pad = eval("pad", &[&slice], &f, Attrs::Pad(vec![(1, 0, 2)]));
    assert_eq!(pad, arr1(&[0.0, 1.0, 0.0, 0.0, 4.0]).into_dyn());
    let axis = |reverse| Attrs::Directed { axis: 0, reverse };
    let sums = eval("cumsum", &[&line], &f, axis(true));
    assert_eq!(sums, arr1(&[10.0, 9.0, 7.0, 4.0]).into_dyn());
    let keys = arr1(&[2.0, 1.0, 2.0, 3.0]).into_dyn();
    assert_eq!(eval("argsort", &[&keys], &f, axis(false)), arr1(&[1., 0., 2., 3.]).into_dyn());
    assert_eq!(eval("argsort", &[&keys], &f, axis(true)), arr1(&[3., 0., 2., 1.]).into_dyn());
    let table = arr2(&[[1.0, 2.0], [3.0, 4.0]]).into_dyn();
    let rows = arr1(&[1.0, 0.0, 1.0]).into_dyn();
    let picked = eval("gather", &[&table, &rows], &[DType::F32, DType::I32], Attrs::None);
    assert_eq!(picked, arr2(&[[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]).into_dyn());
    let added = eval("scatter_add", &[&rows, &picked], &[DType::I32, DType::F32], Attrs::Rows(3));
    assert_eq!(added, arr2(&[[1.0, 2.0], [6.0, 8.0], [0.0, 0.0]]).into_dyn());
    let turned = eval("permute", &[&table], &f, Attrs::Perm(vec![1, 0]));
    assert_eq!(turned, arr2(&[[1.0, 3.0], [2.0, 4.0]]).into_dyn());
    let best = eval("argmax", &[&table], &f, Attrs::Axis(1));
    assert_eq!(best, arr1(&[1.0, 1.0]).into_dyn());
}

#[test]
fn a_convolution_by_hand() {
    let op = op::find("conv").unwrap();
    let Attrs::Window(mut w) = (op.samples)().remove(0).attrs else { panic!() };
    (w.input, w.stride) = (vec![4], vec![2]);
    let x = ArrayD::from_shape_vec(IxDyn(&[1, 1, 4]), vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let k = ArrayD::from_shape_vec(IxDyn(&[1, 1, 3]), vec![1.0, 10.0, 100.0]).unwrap();
    let y = eval("conv", &[&x, &k], &[DType::F32; 2], Attrs::Window(w));
    assert_eq!(y.into_iter().collect::<Vec<_>>(), [321.0, 43.0]);
}

#[test]
fn slopes_at_the_edges() {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Other, Ty::f32([2]));
    let x = g.mark(x);
    let zero = g.like(0.0, x);
    let two = g.like(2.0, x);
    let relu = g.max(x, zero);
    let power = g.pow(x, two);
    let product = g.prod(x, &[0]);
    let top = g.max_of(x, &[0]);
    for (name, y) in [("relu", relu), ("pow", power), ("prod", product), ("max", top)] {
        let slope = g.grad(y, x);
        g.output(name, slope);
    }
    let inputs = Inputs::from([("x".to_string(), arr1(&[0.0, 0.0]).into_dyn())]);
    let slopes: Vec<_> = run(&expand(&g), &inputs).into_iter().map(|(_, v)| v[0]).collect();
    assert_eq!(slopes, [0.0, 0.0, 0.0, 0.5]);
}

/// One sweep serves several marks, and derivatives that a loss contains are differentiated in turn.
#[test]
fn third_derivatives_and_shared_sweeps() {
    let mut g = Graph::new();
    let input = g.input("x", InputRole::Other, Ty::f32([]));
    let x = g.mark(input);
    let mut y = g.mul(x, x);
    y = g.mul(y, y);
    for _ in 0..3 {
        y = g.grad(y, x);
    }
    g.output("24x", y);
    let inputs = Inputs::from([("x".to_string(), ArrayD::from_elem(IxDyn(&[]), 1.5))]);
    assert_eq!(run(&expand(&g), &inputs)[0].1[IxDyn(&[])], 36.0);
}

#[test]
fn a_long_chain_neither_overflows_nor_takes_long() {
    let mut g = Graph::new();
    let input = g.input("x", InputRole::Other, Ty::f32([]));
    let x = g.mark(input);
    let mut y = x;
    for _ in 0..100_000 {
        y = g.sin(y);
    }
    let slope = g.grad(y, x);
    g.output("slope", slope);
    assert!(expand(&g).len() > 300_000);
}
