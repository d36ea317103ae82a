//! Graphs on which executors are compared, with values for their inputs. In: nothing. Out: cases.

pub mod updates;

use super::Tensor;
use crate::graph::attrs::{Scan, Window};
use crate::graph::op::{self, Sample, Value};
use crate::graph::{Attrs, DType, Graph, InputRole, NodeId, NoiseKind, Ty};
use std::collections::BTreeMap;

/// A graph, its inputs, and how wrong its outputs may be, relative to the largest.
pub struct Case {
    pub name: String,
    pub graph: Graph,
    pub inputs: Inputs,
    pub tolerance: f64,
}

fn case(name: impl Into<String>, graph: Graph, inputs: Inputs, tolerance: f64) -> Case {
    Case { name: name.into(), graph, inputs, tolerance }
}

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
    pub fn value(&mut self, ty: &Ty, low: f64, high: f64) -> Value {
        let draw = |_| match ty.dtype {
            DType::F32 => f64::from((low + (high - low) * self.unit()) as f32),
            DType::I32 => (low + (high - low + 1.0) * self.unit()).floor().min(high),
            DType::Bool => f64::from(self.unit() < 0.5),
        };
        let data = (0..ty.len()).map(draw).collect();
        Value::from_shape_vec(ty.shape.clone(), data).unwrap()
    }
}

/// A value as a tensor.
pub fn tensor(ty: &Ty, value: &Value) -> Tensor {
    match ty.dtype {
        DType::I32 => Tensor::i32(ty.shape.clone(), value.iter().map(|x| *x as i32).collect()),
        _ => Tensor::f32(ty.shape.clone(), value.iter().map(|x| *x as f32).collect()),
    }
}

/// Values by name.
pub type Inputs = BTreeMap<String, (Ty, Value)>;

/// Values as tensors by name.
pub fn tensors(inputs: &Inputs) -> Vec<(&str, Tensor)> {
    inputs.iter().map(|(name, (ty, value))| (&name[..], tensor(ty, value))).collect()
}

/// An input with a value.
pub fn feed(
    inputs: &mut Inputs,
    g: &mut Graph,
    name: &str,
    role: InputRole,
    value: Value,
) -> NodeId {
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

/// Every sample of every op.
pub fn ops() -> Vec<Case> {
    let mut dice = Dice(1);
    let mut cases = vec![];
    for op in op::table().filter(|op| !matches!(op.name, "vjp" | "mark" | "get")) {
        for sample in (op.samples)() {
            let (g, inputs) = sample_graph(op, &sample, &mut dice);
            cases.push(case(op.name, g, inputs, 2e-6));
        }
    }
    cases
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

/// Random graphs by number.
pub fn random(numbers: std::ops::Range<u64>) -> impl Iterator<Item = Case> {
    numbers.map(|seed| {
        let (g, inputs) = random_graph(&mut Dice(seed));
        case(format!("random {seed}"), g, inputs, 3e-5)
    })
}

/// Contractions of any labels.
pub fn contractions() -> Vec<Case> {
    let mut cases = vec![];
    let mut dice = Dice(5);
    let all = [
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
        ("ij,jk->ik", vec![36, 20], vec![20, 44]),
        ("ij,kj->ik", vec![64, 100], vec![128, 100]),
        ("ji,jk->ik", vec![52, 40], vec![52, 8]),
        ("ji,kj->ik", vec![33, 16], vec![12, 33]),
        ("ij,jk->ki", vec![16, 8], vec![8, 24]),
        ("ij,jk->ik", vec![8, 1024], vec![1024, 16]),
        ("bij,bjk->bik", vec![3, 4, 8], vec![3, 8, 12]),
        ("bij,bj->bi", vec![20, 30, 9], vec![20, 9]),
        ("bij,bjk->bik", vec![20, 1, 9], vec![20, 9, 1]),
        ("bij,bkj->bik", vec![3, 1, 1], vec![3, 40, 1]),
    ];
    for (labels, a, b) in all {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let (va, vb) = (dice.value(&Ty::f32(a), -1.0, 1.0), dice.value(&Ty::f32(b), -1.0, 1.0));
        let a = feed(&mut inputs, &mut g, "a", InputRole::Data, va);
        let b = feed(&mut inputs, &mut g, "b", InputRole::Data, vb);
        let c = g.contract(a, b, labels);
        let d = g.tanh(c);
        g.output("c", c);
        g.output("d", d);
        cases.push(case(labels, g, inputs, 1e-5));
    }
    let wide =
        [[64, 128, 64], [100, 132, 68], [36, 20, 8], [5, 8, 16], [8, 12, 2048], [130, 68, 36]];
    let thin = [[128, 1, 256], [128, 256, 1], [1, 256, 70], [70, 1, 1], [1, 1, 300], [33, 1, 2]];
    cases.extend(wide.into_iter().chain(thin).map(layer));
    cases
}

/// A layer whose operands are intermediate values, with a bias, two results and both gradients'
/// products.
fn layer([m, n, k]: [usize; 3]) -> Case {
    let (mut g, mut inputs, mut dice) = (Graph::new(), Inputs::new(), Dice(29));
    let mut given = |g: &mut Graph, name: &str, shape: &[usize]| {
        let value = dice.value(&Ty::f32(shape.to_vec()), -1.0, 1.0);
        feed(&mut inputs, g, name, InputRole::Data, value)
    };
    let x = given(&mut g, "x", &[m, k]);
    let w = given(&mut g, "w", &[k, n]);
    let bias = given(&mut g, "bias", &[n]);
    let (x, w) = (g.tanh(x), g.tanh(w));
    let y = g.contract(x, w, "ij,jk->ik");
    let bias = g.broadcast(bias, &[m, n], &[1]);
    let y = g.add(y, bias);
    let z = g.tanh(y);
    let back = g.contract(z, w, "ij,kj->ik");
    let by_w = g.contract(x, z, "ji,jk->ik");
    for (name, node) in [("y", y), ("z", z), ("back", back), ("by_w", by_w)] {
        g.output(name, node);
    }
    case(format!("layer {m}x{n}x{k}"), g, inputs, 1e-5)
}

/// Folds of every shape.
pub fn folds() -> Vec<Case> {
    let mut cases = vec![];
    let mut dice = Dice(11);
    let shapes: &[&[usize]] = &[
        &[70, 300],
        &[3, 5, 7],
        &[40_000],
        &[2, 30_000],
        &[30_000, 3],
        &[2, 9, 4, 6],
        &[1000, 33],
        &[300, 2],
        &[30, 1],
        &[7, 1, 20],
        &[1, 1],
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
                cases.push(case(format!("{name} {shape:?} {axes:?}"), g, inputs, 1e-5));
                // Of memory as it is, and of memory that is walked in another order.
                let mut g = Graph::new();
                let mut inputs = Inputs::new();
                let value = dice.value(&Ty::f32(*shape), -1.0, 1.0);
                let x = feed(&mut inputs, &mut g, "x", InputRole::Data, value);
                let z = g.reduce(op::find(name).unwrap(), x, &axes);
                g.output("z", z);
                let order: Vec<usize> = (0..shape.len()).rev().collect();
                let turned = g.permute(x, &order);
                let t = g.reduce(op::find(name).unwrap(), turned, &axes);
                g.output("t", t);
                cases.push(case(format!("{name} {shape:?} {axes:?}, plain"), g, inputs, 1e-5));
            }
        }
    }
    cases
}

fn convolution(n: usize, c: usize, o: usize, w: Window, dice: &mut Dice) -> Case {
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
    case("convolution", g, inputs, 2e-5)
}

/// Convolutions of any window.
pub fn convolutions() -> Vec<Case> {
    let mut dice = Dice(9);
    let mut cases = vec![];
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
    cases.push(convolution(5, 3, 4, window(&[3, 3], &[1, 1], (1, 1), 1, &[9, 8]), &mut dice));
    cases.push(convolution(3, 4, 6, window(&[4, 4], &[2, 2], (1, 1), 2, &[10, 12]), &mut dice));
    cases.push(convolution(2, 3, 5, window(&[1, 1], &[1, 1], (0, 0), 1, &[7, 6]), &mut dice));
    cases.push(convolution(2, 2, 3, window(&[5], &[3], (2, 0), 1, &[30]), &mut dice));
    cases.push(convolution(
        1,
        2,
        3,
        window(&[2, 3, 2], &[1, 2, 1], (0, 1), 1, &[4, 5, 6]),
        &mut dice,
    ));
    // More columns than exist at a time.
    cases.push(convolution(2, 40, 8, window(&[5, 5], &[1, 1], (2, 2), 1, &[20, 20]), &mut dice));
    let mut causal = window(&[3], &[1], (4, 0), 1, &[20]);
    causal.dilation = vec![2];
    cases.push(convolution(3, 4, 4, causal, &mut dice));
    cases
}

/// A training step: a slot is read, and replaced by a value that depends on it.
pub fn update() -> Case {
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
    case("adam", g, inputs, 1e-6)
}

/// Slots that trade places.
pub fn trade() -> Case {
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
    case("trade", g, inputs, 0.0)
}

/// Noise seen through views.
pub fn noise() -> Case {
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
    case("noise", g, inputs, 1e-6)
}

/// Vectors around the sizes of groups: functions, folds and orders.
pub fn sizes() -> Vec<Case> {
    let mut dice = Dice(13);
    let mut cases = vec![];
    for n in [1, 7, 63, 64, 65, 255, 256, 257, 65_537] {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let value = dice.value(&Ty::f32([n]), -1.0, 1.0);
        let x = feed(&mut inputs, &mut g, "x", InputRole::Data, value);
        let y = g.tanh(x);
        g.output("y", y);
        for name in ["sum", "max_of", "min_of", "logsumexp"] {
            let folded = g.reduce(op::find(name).unwrap(), y, &[0]);
            g.output(name, folded);
        }
        for name in ["cumsum", "argsort"] {
            let attrs = Attrs::Directed { axis: 0, reverse: n % 2 == 0 };
            let line = g.push(op::find(name).unwrap(), vec![x], attrs);
            g.output(name, line);
        }
        let most = g.push(op::find("argmax").unwrap(), vec![x], Attrs::Axis(0));
        g.output("argmax", most);
        cases.push(case(format!("size {n}"), g, inputs, 1e-5));
    }
    cases
}

/// Long lines with many equal elements in the middle of a value, and rows that many operands are
/// added to.
pub fn lines() -> Vec<Case> {
    let mut dice = Dice(17);
    let mut cases = vec![];
    for (extent, reverse) in [(257, false), (600, true), (1500, false), (4097, true)] {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let value = dice.value(&Ty::f32([3, extent, 2]), -20.0, 20.0).mapv(f64::round);
        let x = feed(&mut inputs, &mut g, "x", InputRole::Data, value);
        for name in ["cumsum", "argsort"] {
            let attrs = Attrs::Directed { axis: 1, reverse };
            let line = g.push(op::find(name).unwrap(), vec![x], attrs);
            g.output(name, line);
        }
        let most = g.push(op::find("argmax").unwrap(), vec![x], Attrs::Axis(1));
        g.output("argmax", most);
        cases.push(case(format!("lines of {extent}"), g, inputs, 1e-5));
    }
    for (count, rows, width) in [(300, 5, 3), (5000, 1, 2), (1024, 2000, 1), (3000, 40, 7)] {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let place = dice.value(&Ty::f32([count]), -0.5, rows as f64 - 0.5).mapv(f64::round);
        let place = feed(&mut inputs, &mut g, "row", InputRole::Data, place);
        let place = g.cast(place, DType::I32);
        let value = dice.value(&Ty::f32([count, width]), -1.0, 1.0);
        let value = feed(&mut inputs, &mut g, "x", InputRole::Data, value);
        let sums = g.scatter_add(place, value, rows);
        g.output("sums", sums);
        let first = g.firsts(place);
        g.output("firsts", first);
        let (own, nowhere) = (g.iota(Ty::i32([count]), 0), g.like(-1.0, place));
        let is_first = g.eq(first, own);
        let once = g.select(is_first, place, nowhere);
        let put = g.put_rows(sums, once, value);
        g.output("put", put);
        cases.push(case(format!("{count} to {rows} rows"), g, inputs, 1e-5));
    }
    cases
}

/// One iteration: `c0 <- tanh(c0 k0 + x0 + t / 10)`, with a product of the carry by a matrix and the
/// running sum stacked.
fn recurrence(n: usize) -> Graph {
    let mut body = Graph::new();
    let [c, x, k] = ["c0", "x0", "k0"].map(|name| body.input(name, InputRole::Other, Ty::f32([n])));
    let w = body.input("k1", InputRole::Other, Ty::f32([n, n]));
    let t = body.input("t", InputRole::Other, Ty::i32([]));
    let time = body.cast(t, DType::F32);
    let time = body.scale(time, 0.1);
    let time = body.broadcast(time, &[n], &[]);
    let grown = body.mul(c, k);
    let sum = body.add(grown, x);
    let sum = body.add(sum, time);
    let next = body.tanh(sum);
    let mixed = body.contract(next, w, "i,ij->j");
    let line = body.push(
        op::find("cumsum").unwrap(),
        vec![mixed],
        Attrs::Directed { axis: 0, reverse: false },
    );
    body.output("next", next);
    body.output("seen", line);
    body
}

/// Loops over time of several lengths, both ways, and one within another.
pub fn loops() -> Vec<Case> {
    let mut dice = Dice(17);
    let mut cases = vec![];
    let n = 5;
    for (length, reverse) in [(1, false), (2, true), (5, false), (6, true), (40, false)] {
        let mut g = Graph::new();
        let mut inputs = Inputs::new();
        let mut take = |g: &mut Graph, name: &str, role, shape: &[usize]| {
            let value = dice.value(&Ty::f32(shape), -1.0, 1.0);
            feed(&mut inputs, g, name, role, value)
        };
        let c = take(&mut g, "c", InputRole::Param, &[n]);
        let x = take(&mut g, "x", InputRole::Data, &[length, n]);
        let k = take(&mut g, "k", InputRole::Data, &[n]);
        let w = take(&mut g, "w", InputRole::Param, &[n, n]);
        let scan = Scan { body: recurrence(n), carries: 1, sequences: 1, length, reverse };
        let results = g.scan(scan, vec![c, x, k, w]);
        g.output("param:c", results[0]);
        g.output("seen", results[1]);
        cases.push(case(format!("loop of {length}"), g, inputs, 1e-5));
    }
    cases.push(nested(n, &mut dice));
    cases
}

/// A loop whose body is a loop.
fn nested(n: usize, dice: &mut Dice) -> Case {
    let mut body = Graph::new();
    let c = body.input("c0", InputRole::Other, Ty::f32([n]));
    let x = body.input("x0", InputRole::Other, Ty::f32([3, n]));
    let k = body.input("k0", InputRole::Other, Ty::f32([n]));
    let w = body.input("k1", InputRole::Other, Ty::f32([n, n]));
    let inner = Scan { body: recurrence(n), carries: 1, sequences: 1, length: 3, reverse: true };
    let results = body.scan(inner, vec![c, x, k, w]);
    let next = body.scale(results[0], 0.5);
    let sum = body.sum(results[1], &[0]);
    body.output("next", next);
    body.output("seen", sum);
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let shapes = [("c", vec![n]), ("x", vec![4, 3, n]), ("k", vec![n]), ("w", vec![n, n])];
    let args = shapes.map(|(name, shape)| {
        let value = dice.value(&Ty::f32(shape), -1.0, 1.0);
        feed(&mut inputs, &mut g, name, InputRole::Data, value)
    });
    let outer = Scan { body, carries: 1, sequences: 1, length: 4, reverse: false };
    let results = g.scan(outer, args.to_vec());
    g.output("last", results[0]);
    g.output("seen", results[1]);
    case("a loop in a loop", g, inputs, 1e-5)
}
