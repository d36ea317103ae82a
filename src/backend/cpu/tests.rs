//! The executor against the meaning of each op in f64.

use super::simd::Isa;
use super::{Cpu, Device, Tensor};
use crate::backend::reference;
use crate::graph::attrs::Window;
use crate::graph::op::{self, Sample, Value};
use crate::graph::{Attrs, DType, Graph, InputRole, NodeId, NoiseKind, Ty};
use crate::plan::{self, Plan};
use std::collections::BTreeMap;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
    fn value(&mut self, ty: &Ty, low: f64, high: f64) -> Value {
        let draw = |_| match ty.dtype {
            DType::F32 => f64::from((low + (high - low) * self.unit()) as f32),
            DType::I32 => (low + (high - low + 1.0) * self.unit()).floor().min(high),
            DType::Bool => f64::from(self.unit() < 0.5),
        };
        let data = (0..ty.len()).map(draw).collect();
        Value::from_shape_vec(ty.shape.clone(), data).unwrap()
    }
}

fn tensor(ty: &Ty, value: &Value) -> Tensor {
    match ty.dtype {
        DType::I32 => Tensor::i32(ty.shape.clone(), value.iter().map(|x| *x as i32).collect()),
        _ => Tensor::f32(ty.shape.clone(), value.iter().map(|x| *x as f32).collect()),
    }
}

type Inputs = BTreeMap<String, (Ty, Value)>;

/// Runs a plan; slots are made from the inputs of their name.
fn run(isa: Isa, threads: usize, plan: &Plan, inputs: &Inputs) -> Vec<(String, Vec<f32>)> {
    let mut cpu = Cpu::with(isa, threads);
    let tensors: Vec<(&str, Tensor)> =
        inputs.iter().map(|(name, (ty, value))| (&name[..], tensor(ty, value))).collect();
    for (name, value) in &tensors {
        cpu.create(name, &inputs[*name].0, value);
    }
    let given: Vec<(&str, &Tensor)> = tensors.iter().map(|(name, t)| (*name, t)).collect();
    let loaded = cpu.load(plan);
    cpu.run(loaded, &given);
    let slots = inputs.keys().map(|path| (path.clone(), cpu.read(path).to_f32()));
    let named = plan.outputs.iter().map(|o| (o.name.clone(), cpu.output(loaded, &o.name).to_f32()));
    slots.chain(named).collect()
}

/// Compares every output with the oracle, and threads and instruction sets with each other.
fn check(g: &Graph, inputs: &Inputs, tolerance: f64) {
    let plan = plan::plan(g);
    plan::verify(&plan).unwrap();
    let found = run(Isa::best(), 1, &plan, inputs);
    let values = inputs.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect();
    for (name, value) in reference::run(g, &values) {
        let path = name.strip_prefix("param:").or(name.strip_prefix("state:")).unwrap_or(&name);
        let (_, got) = found.iter().find(|(n, _)| n == path).expect("an output");
        let size = value.iter().fold(1.0f64, |m, x| if x.is_finite() { m.max(x.abs()) } else { m });
        assert_eq!(got.len(), value.len(), "{name}");
        for (i, (x, y)) in got.iter().zip(value.iter()).enumerate() {
            let x = f64::from(*x);
            let same = x == *y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * size;
            assert!(same, "{name}[{i}]: {x} instead of {y}\n{plan}");
        }
    }
    let bits = |r: &[(String, Vec<f32>)]| -> Vec<u32> {
        r.iter().flat_map(|(_, v)| v.iter().map(|x| x.to_bits())).collect()
    };
    assert_eq!(bits(&found), bits(&run(Isa::best(), 2, &plan, inputs)), "threads\n{plan}");
}

fn feed(inputs: &mut Inputs, g: &mut Graph, name: &str, role: InputRole, value: Value) -> NodeId {
    let ty = Ty::f32(value.shape());
    inputs.insert(name.into(), (ty.clone(), value));
    g.input(name, role, ty)
}

fn sample_graph(op: op::Op, sample: &Sample, dice: &mut Dice) -> (Graph, Inputs) {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let mut args = vec![];
    for (i, (ty, low, high)) in sample.args.iter().enumerate() {
        let name = format!("arg{i}");
        inputs.insert(name.clone(), (ty.clone(), dice.value(ty, *low, *high)));
        args.push(g.input(name, InputRole::Other, ty.clone()));
    }
    if let Attrs::Input { name, ty, .. } = &sample.attrs {
        inputs.insert(name.clone(), (ty.clone(), dice.value(ty, -1.0, 1.0)));
    }
    if let Attrs::Scan(scan) = &sample.attrs {
        let results = g.scan((**scan).clone(), args);
        results.into_iter().enumerate().for_each(|(i, r)| g.output(format!("out{i}"), r));
    } else {
        let out = g.push(op, args, sample.attrs.clone());
        g.output("out", out);
    }
    (g, inputs)
}

#[test]
fn every_op_has_its_meaning() {
    let mut dice = Dice(1);
    for op in op::table().filter(|op| !matches!(op.name, "vjp" | "mark" | "get")) {
        for sample in (op.samples)() {
            let (g, inputs) = sample_graph(op, &sample, &mut dice);
            check(&g, &inputs, 2e-6);
        }
    }
}

/// Elementwise functions on wide ranges, each instruction set with the same bits.
#[test]
fn functions_are_right_to_a_few_units_in_the_last_place() {
    let ranges: &[(&str, f64, f64, f64)] = &[
        ("exp", -87.0, 88.7, 3.0),
        ("exp", -1.0, 1.0, 2.0),
        ("log", 1e-44, 1e-37, 3.0),
        ("log", 1e-30, 1e30, 3.0),
        ("log", 0.5, 2.0, 3.0),
        ("log1p", -0.999, 5.0, 4.0),
        ("log1p", -1e-4, 1e-4, 3.0),
        ("expm1", -20.0, 88.0, 4.0),
        ("expm1", -1e-3, 1e-3, 3.0),
        ("tanh", -12.0, 12.0, 4.0),
        ("tanh", -1e-3, 1e-3, 4.0),
        ("sigmoid", -80.0, 80.0, 4.0),
        ("softplus", -80.0, 80.0, 4.0),
        ("softplus", -2.0, 2.0, 4.0),
        ("erf", -5.0, 5.0, 4.0),
        ("erf", -0.1, 0.1, 4.0),
        ("lgamma", 0.1, 50.0, 8.0),
        ("digamma", 2.0, 50.0, 4.0),
    ];
    for (name, low, high, units) in ranges {
        let n = 20_000;
        let mut dice = Dice(7);
        let x = dice.value(&Ty::f32([n]), *low, *high);
        let found = apply(name, &x);
        let op = op::find(name).unwrap();
        let op::Meaning::Map1(exact) = op.meaning else { panic!("{name} is no function") };
        let mut worst = (0.0, 0.0);
        for (x, y) in x.iter().zip(&found) {
            let right = exact(*x);
            let ulp = f64::from((right as f32).abs().max(f32::MIN_POSITIVE)) * 2f64.powi(-24);
            let wrong = (f64::from(*y) - right).abs() / ulp / 2.0;
            if wrong > worst.0 {
                worst = (wrong, *x);
            }
        }
        assert!(worst.0 <= *units, "{name} on {low}..{high}: {} units at {}", worst.0, worst.1);
    }
}

/// One function over a vector, checked to have the same bits on every instruction set.
fn apply(name: &str, x: &Value) -> Vec<f32> {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let node = feed(&mut inputs, &mut g, "x", InputRole::Other, x.clone());
    let y = g.push(op::find(name).unwrap(), vec![node], Attrs::None);
    g.output("y", y);
    let plan = plan::plan(&g);
    let of = |isa| run(isa, 1, &plan, &inputs).pop().unwrap().1;
    let found = of(Isa::Plain);
    for isa in Isa::available() {
        for (i, (a, b)) in found.iter().zip(of(isa)).enumerate() {
            assert_eq!(a.to_bits(), b.to_bits(), "{name} {} on {isa:?}: {b} for {a}", x[i]);
        }
    }
    found
}

#[test]
fn functions_of_special_numbers() {
    let inf = f64::INFINITY;
    let nan = f64::NAN;
    let cases: &[(&str, f64, f64)] = &[
        ("exp", inf, inf),
        ("exp", -inf, 0.0),
        ("exp", nan, nan),
        ("exp", 89.0, inf),
        ("log", 0.0, -inf),
        ("log", -1.0, nan),
        ("log", inf, inf),
        ("log", nan, nan),
        ("log1p", -1.0, -inf),
        ("log1p", inf, inf),
        ("log1p", -2.0, nan),
        ("expm1", inf, inf),
        ("expm1", -inf, -1.0),
        ("expm1", nan, nan),
        ("tanh", inf, 1.0),
        ("tanh", -inf, -1.0),
        ("tanh", nan, nan),
        ("sigmoid", -inf, 0.0),
        ("sigmoid", inf, 1.0),
        ("sigmoid", nan, nan),
        ("softplus", -inf, 0.0),
        ("softplus", inf, inf),
        ("softplus", nan, nan),
        ("erf", inf, 1.0),
        ("erf", nan, nan),
        ("sqrt", -1.0, nan),
        ("sign", 0.0, 0.0),
        ("sign", -3.0, -1.0),
    ];
    for (name, x, y) in cases {
        let found = apply(name, &Value::from_elem(vec![1], *x))[0];
        let same = f64::from(found) == *y || (found.is_nan() && y.is_nan());
        assert!(same, "{name}({x}) = {found}, not {y}");
    }
}

/// A random graph of maps, views, reductions and products.
fn random_graph(dice: &mut Dice) -> (Graph, Inputs) {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let dims = [1, 2, 3, 5, 8, 17, 40];
    let pick = |dice: &mut Dice| dims[dice.below(dims.len())];
    let (a, b, c) = (pick(dice), pick(dice), pick(dice));
    let mut pool = vec![];
    for (i, shape) in [vec![a, b], vec![b, c], vec![a, b, c], vec![c]].into_iter().enumerate() {
        let ty = Ty::f32(shape);
        let role = if i == 0 { InputRole::Param } else { InputRole::Data };
        let value = dice.value(&ty, -1.0, 1.0);
        pool.push(feed(&mut inputs, &mut g, &format!("in{i}"), role, value));
    }
    for _ in 0..30 {
        let x = pool[dice.below(pool.len())];
        let shape = g.shape(x).to_vec();
        let made = match dice.below(14) {
            0 => g.tanh(x),
            1 => g.sigmoid(x),
            2 => g.scale(x, 0.5),
            3 => {
                let same: Vec<NodeId> =
                    pool.iter().copied().filter(|y| g.shape(*y) == shape).collect();
                let y = same[dice.below(same.len())];
                g.mul(x, y)
            }
            4 => {
                let same: Vec<NodeId> =
                    pool.iter().copied().filter(|y| g.shape(*y) == shape).collect();
                let y = same[dice.below(same.len())];
                g.sub(x, y)
            }
            5 if shape.len() > 1 => {
                let mut perm: Vec<usize> = (0..shape.len()).collect();
                perm.rotate_left(1 + dice.below(shape.len() - 1));
                g.permute(x, &perm)
            }
            6 if !shape.is_empty() => g.mean(x, &[dice.below(shape.len())]),
            7 if shape.len() == 3 => g.mean(x, &[0, 2]),
            8 if shape.len() == 2 => {
                let partner = pool
                    .iter()
                    .copied()
                    .find(|y| g.shape(*y).first() == Some(&shape[1]) && g.shape(*y).len() == 2);
                match partner {
                    Some(y) => {
                        let z = g.contract(x, y, "ij,jk->ik");
                        g.tanh(z)
                    }
                    None => g.neg(x),
                }
            }
            9 if !shape.is_empty() => g.flip(x, &[dice.below(shape.len())]),
            10 if !shape.is_empty() => {
                let axis = dice.below(shape.len());
                g.slice_axis(x, axis, shape[axis] / 3, shape[axis])
            }
            11 => {
                let len = shape.iter().product();
                g.reshape(x, &[len])
            }
            12 if shape.len() < 3 => {
                let new: Vec<usize> = [&[3], &shape[..]].concat();
                let dims: Vec<usize> = (1..=shape.len()).collect();
                g.broadcast(x, &new, &dims)
            }
            13 if !shape.is_empty() => g.concat(&[x, x], 0),
            _ => g.softplus(x),
        };
        pool.push(made);
    }
    for (i, node) in pool.iter().rev().take(4).enumerate() {
        g.output(format!("out{i}"), *node);
    }
    let old = pool[0];
    let new = pool.iter().rev().copied().find(|n| g.shape(*n) == g.shape(old) && *n != old);
    let new = new.unwrap_or(old);
    g.output("param:in0", new);
    (g, inputs)
}

#[test]
fn random_graphs_fused_or_not_mean_the_same() {
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let (g, inputs) = random_graph(&mut dice);
        check(&g, &inputs, 3e-5);
    }
}

#[test]
fn contractions_of_any_labels() {
    let mut dice = Dice(5);
    let cases = [
        ("ij,jk->ik", vec![33, 70], vec![70, 300]),
        ("ij,kj->ik", vec![200, 31], vec![130, 31]),
        ("ji,jk->ik", vec![9, 20], vec![9, 5]),
        ("ij,jk->ki", vec![33, 7], vec![7, 30]),
        ("bij,bjk->bik", vec![3, 4, 5], vec![3, 5, 6]),
        ("bhid,bhjd->bhij", vec![2, 3, 5, 4], vec![2, 3, 7, 4]),
        ("bihd,bjhd->bhij", vec![2, 5, 3, 4], vec![2, 7, 3, 4]),
        ("ijk,kij->i", vec![3, 4, 5], vec![5, 3, 4]),
        ("ij,ij->ij", vec![6, 7], vec![6, 7]),
        ("i,j->ij", vec![6], vec![7]),
        ("i,i->", vec![600], vec![600]),
        ("abc,cbd->ad", vec![4, 5, 6], vec![6, 5, 3]),
        ("abc,d->dbca", vec![4, 5, 6], vec![3]),
    ];
    for (labels, a, b) in cases {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let (va, vb) = (dice.value(&Ty::f32(a), -1.0, 1.0), dice.value(&Ty::f32(b), -1.0, 1.0));
        let a = feed(&mut inputs, &mut g, "a", InputRole::Data, va);
        let b = feed(&mut inputs, &mut g, "b", InputRole::Data, vb);
        let c = g.contract(a, b, labels);
        let d = g.tanh(c);
        g.output("c", c);
        g.output("d", d);
        check(&g, &inputs, 1e-5);
    }
}

#[test]
fn folds_of_every_shape() {
    let mut dice = Dice(11);
    let shapes: &[&[usize]] = &[
        &[70, 300],
        &[3, 5, 7],
        &[40_000],
        &[2, 30_000],
        &[30_000, 3],
        &[2, 9, 4, 6],
        &[1000, 33],
    ];
    for shape in shapes {
        for mask in 1..1usize << shape.len() {
            let axes: Vec<usize> = (0..shape.len()).filter(|d| mask >> d & 1 == 1).collect();
            for name in ["sum", "max_of", "min_of", "logsumexp"] {
                let mut g = Graph::new();
                let mut inputs = Inputs::new();
                let value = dice.value(&Ty::f32(*shape), -1.0, 1.0);
                let x = feed(&mut inputs, &mut g, "x", InputRole::Data, value);
                let y = g.square(x);
                let z = g.reduce(op::find(name).unwrap(), y, &axes);
                g.output("y", y);
                g.output("z", z);
                check(&g, &inputs, 1e-5);
            }
        }
    }
}

fn convolution(n: usize, c: usize, o: usize, w: Window, dice: &mut Dice) {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let out = op::contract::outputs(&w).unwrap();
    let shape = |a: usize, b: usize, rest: &[usize]| [&[a, b], rest].concat();
    let x = dice.value(&Ty::f32(shape(n, c, &w.input)), -1.0, 1.0);
    let f = dice.value(&Ty::f32(shape(o, c / w.groups, &w.size)), -1.0, 1.0);
    let d = dice.value(&Ty::f32(shape(n, o, &out)), -1.0, 1.0);
    let x = feed(&mut inputs, &mut g, "x", InputRole::Data, x);
    let f = feed(&mut inputs, &mut g, "f", InputRole::Data, f);
    let d = feed(&mut inputs, &mut g, "d", InputRole::Data, d);
    let (y, dx, df) = (g.conv(x, f, &w), g.conv_transpose(d, f, &w), g.conv_weight(x, d, &w));
    let cols = g.unfold(x, &w);
    let back = g.fold(cols, &w);
    for (name, id) in [("y", y), ("dx", dx), ("df", df), ("cols", cols), ("back", back)] {
        g.output(name, id);
    }
    check(&g, &inputs, 2e-5);
}

#[test]
fn convolutions_of_any_window() {
    let mut dice = Dice(9);
    let window =
        |size: &[usize], stride: &[usize], pads: (usize, usize), groups, input: &[usize]| {
            let n = size.len();
            Window {
                size: size.to_vec(),
                stride: stride.to_vec(),
                dilation: vec![1; n],
                pad_low: vec![pads.0; n],
                pad_high: vec![pads.1; n],
                groups,
                input: input.to_vec(),
            }
        };
    convolution(5, 3, 4, window(&[3, 3], &[1, 1], (1, 1), 1, &[9, 8]), &mut dice);
    convolution(3, 4, 6, window(&[4, 4], &[2, 2], (1, 1), 2, &[10, 12]), &mut dice);
    convolution(2, 3, 5, window(&[1, 1], &[1, 1], (0, 0), 1, &[7, 6]), &mut dice);
    convolution(2, 2, 3, window(&[5], &[3], (2, 0), 1, &[30]), &mut dice);
    convolution(1, 2, 3, window(&[2, 3, 2], &[1, 2, 1], (0, 1), 1, &[4, 5, 6]), &mut dice);
    // More columns than exist at a time.
    convolution(2, 40, 8, window(&[5, 5], &[1, 1], (2, 2), 1, &[20, 20]), &mut dice);
    let mut causal = window(&[3], &[1], (4, 0), 1, &[20]);
    causal.dilation = vec![2];
    convolution(3, 4, 4, causal, &mut dice);
}

#[test]
fn the_bill_tells_the_memory() {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([64, 300]));
    let w = g.input("w", InputRole::Param, Ty::f32([200, 300]));
    let y = g.contract(x, w, "bi,oi->bo");
    let d = g.contract(y, x, "bo,bi->oi");
    let new = g.sub(w, d);
    g.output("param:w", new);
    let plan = plan::plan(&g);
    let mut cpu = Cpu::new(2);
    let ty = Ty::f32([200, 300]);
    cpu.create("w", &ty, &Tensor::f32([200, 300], vec![0.0; 60_000]));
    cpu.load(&plan);
    let input = 64 * 300 * 4;
    let (told, is) = (plan.bill.peak_bytes as f64, (cpu.bytes() + input) as f64);
    assert!((told / is - 1.0).abs() < 0.1, "{told} told, {is} used");
}

/// A training step: a slot is read, and replaced by a value that depends on it.
#[test]
fn slots_are_updated_in_place() {
    let mut dice = Dice(3);
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let ty = Ty::f32([300, 50]);
    let mut take = |g: &mut Graph, name: &str, role| {
        let value = dice.value(&ty, 0.0, 1.0);
        feed(&mut inputs, g, name, role, value)
    };
    let w = take(&mut g, "w", InputRole::Param);
    let m = take(&mut g, "w.m", InputRole::State);
    let v = take(&mut g, "w.v", InputRole::State);
    let d = take(&mut g, "d", InputRole::Data);
    let (m1, d1) = (g.scale(m, 0.9), g.scale(d, 0.1));
    let m = g.add(m1, d1);
    let (v1, d2) = (g.scale(v, 0.99), g.square(d));
    let d2 = g.scale(d2, 0.01);
    let v = g.add(v1, d2);
    let root = g.sqrt(v);
    let root = g.add_const(root, 1e-8);
    let step = g.div(m, root);
    let step = g.scale(step, 1e-2);
    let new = g.sub(w, step);
    g.output("param:w", new);
    g.output("state:w.m", m);
    g.output("state:w.v", v);
    check(&g, &inputs, 1e-6);
    let plan = plan::plan(&g);
    assert_eq!(plan.kernels.len(), 1, "{plan}");
    assert_eq!(plan.arena, 0, "{plan}");
}

#[test]
fn slots_that_trade_places() {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let mut dice = Dice(3);
    let mut take = |g: &mut Graph, name: &str| {
        let value = dice.value(&Ty::f32([7]), 0.0, 1.0);
        feed(&mut inputs, g, name, InputRole::Param, value)
    };
    let (a, b) = (take(&mut g, "a"), take(&mut g, "b"));
    g.output("param:a", b);
    g.output("param:b", a);
    check(&g, &inputs, 0.0);
}

#[test]
fn noise_is_that_of_its_elements() {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    for name in ["seed", "step"] {
        let ty = Ty::i32([]);
        inputs.insert(name.into(), (ty.clone(), Value::from_elem(vec![], 3.0)));
        g.input(name, InputRole::Seed, ty);
    }
    let ids: Vec<NodeId> = g.ids().collect();
    let z = g.random(NoiseKind::Normal, "z", &[37, 21], ids[0], ids[1]);
    let t = g.permute(z, &[1, 0]);
    let t = g.slice_axis(t, 0, 3, 20);
    let u = g.random(NoiseKind::Uniform, "u", &[17, 37], ids[0], ids[1]);
    let sum = g.add(t, u);
    g.output("sum", sum);
    check(&g, &inputs, 1e-6);
}

#[test]
fn a_value_that_is_not_finite_is_found() {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let x = feed(&mut inputs, &mut g, "x", InputRole::Data, Value::from_elem(vec![3], -1.0));
    let y = g.log(x);
    g.output("y", y);
    let plan = plan::plan(&g);
    let mut cpu = Cpu::new(2);
    let loaded = cpu.load(&plan);
    let given = Tensor::f32([3], vec![-1.0; 3]);
    assert_eq!(cpu.first_bad(loaded, &[("x", &given)]).as_deref(), Some("log f32[3]"));
    let given = Tensor::f32([3], vec![1.0; 3]);
    assert_eq!(cpu.first_bad(loaded, &[("x", &given)]), None);
}
