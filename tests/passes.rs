//! Passes change no value: every rule on its example, every pass on random graphs and on random
//! graphs with derivatives; and they pay: node counts of typical cases.

use ndarray::{ArrayD, IxDyn};
use rlc::autodiff::expand;
use rlc::backend::reference::run;
use rlc::base::noise;
use rlc::graph::op::{self, Value};
use rlc::graph::verify::{has_derivatives, verify};
use rlc::graph::{Attrs, DType, Graph, InputRole, NodeId, Ty, text};
use rlc::optimize::{self, AFTER, BEFORE, rules, sweep};
use std::collections::BTreeMap;

/// A stream of random numbers.
struct Dice {
    seed: u32,
    at: u32,
}

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.at += 1;
        f64::from(noise::uniform(noise::word(self.seed, 1, 2, self.at)))
    }
    fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Values for every input of a graph.
fn inputs(g: &Graph, dice: &mut Dice) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for id in g.ids() {
        if let Attrs::Input { name, ty, .. } = &g.node(id).attrs {
            let real = (0..ty.len()).map(|_| match ty.dtype {
                DType::F32 => dice.uniform() * 2.0 + 0.1,
                _ => dice.below(2) as f64,
            });
            let value = ArrayD::from_shape_vec(IxDyn(&ty.shape), real.collect()).unwrap();
            found.insert(name.clone(), value);
        }
    }
    found
}

fn assert_equal(what: &str, before: &Graph, after: &Graph, seed: u32, tolerance: f64) {
    verify(after).unwrap_or_else(|why| panic!("{what}: {why}\n{}", text::print(after)));
    let inputs = inputs(before, &mut Dice { seed, at: 0 });
    let (old, new) = (run(before, &inputs), run(after, &inputs));
    assert_eq!(old.len(), new.len());
    for ((name, x), (other, y)) in old.iter().zip(&new) {
        assert_eq!(name, other);
        let scale = x.iter().fold(1f64, |m, x| m.max(x.abs()));
        let close = |(a, b): (&f64, &f64)| {
            (a - b).abs() <= tolerance * scale || (a.is_nan() && b.is_nan()) || a == b
        };
        assert!(
            x.shape() == y.shape() && x.iter().zip(y).all(close),
            "{what}: {name}\n{x}\n{y}\n{}\nafter:\n{}",
            text::print(before),
            text::print(after)
        );
    }
}

#[test]
fn every_rule_applies_to_its_example_and_changes_no_value() {
    for rule in rules::TABLES.iter().flat_map(|table| table.iter()) {
        let g = text::parse(rule.example).unwrap_or_else(|why| panic!("{}: {why}", rule.name));
        let (after, count) = sweep::sweep(&g, &[std::slice::from_ref(rule)]);
        assert!(count > 0, "rule {} does not apply to its example", rule.name);
        for seed in 0..5 {
            assert_equal(rule.name, &g, &after, seed, 1e-12);
        }
    }
}

/// Appends a random node; values stay small.
fn grow(g: &mut Graph, nodes: &mut Vec<NodeId>, dice: &mut Dice) {
    let x = nodes[dice.below(nodes.len())];
    let shape = g.shape(x).to_vec();
    let rank = shape.len();
    let alike: Vec<NodeId> = nodes.iter().copied().filter(|n| g.shape(*n) == shape).collect();
    let y = dice.pick(&alike);
    let axis = if rank > 0 { dice.below(rank) } else { 0 };
    let made = match dice.below(if rank == 0 { 14 } else { 26 }) {
        0 => g.add(x, y),
        1 => g.sub(x, y),
        2 => g.mul(x, y),
        3 => g.neg(x),
        4 => {
            let c = dice.pick(&[0.0, 1.0, -1.0, 2.0, 0.5, 3.0]);
            let c = g.like(c, x);
            let op = dice.pick(&["add", "sub", "mul"]);
            let args = if dice.below(2) == 0 { vec![x, c] } else { vec![c, x] };
            g.push(op::find(op).unwrap(), args, Attrs::None)
        }
        5 => {
            let e = dice.pick(&["tanh", "sigmoid", "sin", "softplus", "erf", "abs"]);
            g.push(op::find(e).unwrap(), vec![x], Attrs::None)
        }
        6 => {
            let s = g.sigmoid(x);
            let s = if dice.below(2) == 0 {
                let one = g.like(1.0, x);
                g.sub(one, s)
            } else {
                s
            };
            let t = g.log(s);
            g.scale(t, 0.1)
        }
        7 => {
            let bounded = g.tanh(x);
            let e = g.exp(bounded);
            let shifted = g.add_const(e, dice.pick(&[1.0, -1.0, 0.5]));
            if dice.below(2) == 0 { shifted } else { g.div(shifted, e) }
        }
        8 => g.max(x, y),
        9 => {
            let c = g.lt(x, y);
            let zero = g.like(0.0, x);
            let z = dice.pick(&[zero, y]);
            g.select(c, x, z)
        }
        10 => {
            let two = g.like(dice.pick(&[2.0, 1.0, 3.0, 0.0]), x);
            let t = g.tanh(x);
            g.pow(t, two)
        }
        11 => {
            let n = 2 + dice.below(2);
            let at = dice.below(rank + 1);
            let mut to = shape.clone();
            to.insert(at, n);
            if to.len() > 4 {
                return;
            }
            g.spread(x, &to, &[at])
        }
        12 => g.scale(x, 0.25),
        13 => {
            let s = g.sign(x);
            g.mul(s, y)
        }
        14 => g.sum(x, &[axis]),
        15 => {
            let all: Vec<usize> = (0..rank).collect();
            g.mean(x, &all)
        }
        16 => g.logsumexp(x, &[axis]),
        17 => g.max_of(x, &[axis]),
        18 => {
            let mut perm: Vec<usize> = (0..rank).collect();
            perm.rotate_left(dice.below(rank));
            if rank > 1 && dice.below(2) == 0 {
                perm.swap(0, 1);
            }
            g.permute(x, &perm)
        }
        19 => {
            let n: usize = shape.iter().product();
            let to = dice.pick(&[0, 1]);
            if to == 0 { g.reshape(x, &[n]) } else { g.reshape(x, &[1, n]) }
        }
        20 => g.slice_axis(x, axis, 0, shape[axis].div_ceil(2)),
        21 => g.concat(&[x, y], axis),
        22 => {
            let mut pads = vec![(0, 0, 0); rank];
            pads[axis] = dice.pick(&[(1, 0, 0), (0, 1, 0), (0, 1, 1)]);
            g.pad(x, &pads)
        }
        _ => return contract(g, nodes, x, dice),
    };
    let made = if g.shape(made).iter().product::<usize>() > 2000 { g.sum_all(made) } else { made };
    let made = if dice.below(3) == 0 { g.tanh(made) } else { made };
    nodes.push(made);
}

/// Contracts `x` with some other node: labels are drawn until they fit.
fn contract(g: &mut Graph, nodes: &mut Vec<NodeId>, x: NodeId, dice: &mut Dice) {
    for _ in 0..20 {
        let y = nodes[dice.below(nodes.len())];
        let labels = dice.pick(&[
            "ab,bc->ac",
            "ab,cb->ca",
            "ab,ab->a",
            "a,b->ab",
            "ab,b->a",
            "abc,cd->abd",
            "ab,ab->",
            "abc,abd->acd",
            "abc,ac->ab",
            "ab,cb->bca",
            "ab,a->ab",
            "a,a->",
        ]);
        let spec = rlc::graph::attrs::ContractSpec::parse(labels).unwrap();
        let attrs = Attrs::Contract(spec);
        if let Ok(made) = g.try_push(op::find("contract").unwrap(), vec![x, y], attrs) {
            if g.shape(made).iter().product::<usize>() <= 2000 {
                nodes.push(g.tanh(made));
            }
            return;
        }
    }
}

fn random_graph(seed: u32, derivatives: bool) -> Graph {
    let mut dice = Dice { seed: 1000 + seed, at: 0 };
    let mut g = Graph::new();
    let mut nodes = Vec::new();
    let mut marks = Vec::new();
    for (i, shape) in [vec![2, 3], vec![3], vec![], vec![3, 2], vec![2, 3]].iter().enumerate() {
        let input = g.input(format!("x{i}"), InputRole::Other, Ty::f32(shape.clone()));
        let mark = if derivatives { g.mark(input) } else { input };
        marks.push(mark);
        nodes.push(mark);
    }
    nodes.push(g.eye(3));
    for _ in 0..10 + dice.below(20) {
        grow(&mut g, &mut nodes, &mut dice);
    }
    let mut goal = g.constant(0.0, DType::F32);
    for (i, node) in nodes.iter().rev().take(4).enumerate() {
        g.output(format!("y{i}"), *node);
        let mean = g.sum_all(*node);
        goal = g.add(goal, mean);
    }
    if derivatives {
        for (i, mark) in marks.iter().enumerate() {
            let slope = g.grad(goal, *mark);
            g.output(format!("d{i}"), slope);
        }
        let first = g.outputs.iter().find(|(name, _)| name == "d0").unwrap().1;
        let square = g.square(first);
        let norm = g.sum_all(square);
        let second = g.grad(norm, marks[4]);
        g.output("dd", second);
    }
    g
}

#[test]
fn five_hundred_random_graphs_keep_their_values() {
    for seed in 0..500 {
        let g = random_graph(seed, seed % 2 == 0);
        let plain = expand(&g);
        let stable = optimize::before(&g);
        let fast = optimize::after(&expand(&stable));
        assert!(!has_derivatives(&fast));
        assert_equal(&format!("graph {seed}"), &plain, &fast, seed, 1e-8);
    }
}

#[test]
fn every_pass_alone_keeps_values() {
    for seed in 0..60 {
        let g = expand(&random_graph(seed, seed % 2 == 0));
        for pass in BEFORE.iter().chain(AFTER) {
            let after = (pass.run)(&g);
            assert_equal(&format!("{} on graph {seed}", pass.name), &g, &after, seed, 1e-8);
            assert_eq!(
                text::print(&text::parse(&text::print(&after)).unwrap()),
                text::print(&after)
            );
        }
    }
}

/// Sum over units and inputs of the squared Jacobian of `sigmoid(x W + b)`, per example, with the
/// Jacobian's rows as a leading axis.
fn contractive(batch: usize, width: usize, units: usize, activation: &str) -> Graph {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([batch, width]));
    let w = g.input("w", InputRole::Param, Ty::f32([width, units]));
    let w = g.mark(w);
    let b = g.input("b", InputRole::Param, Ty::f32([units]));
    let b = g.mark(b);
    let rows = g.broadcast(x, &[units, batch, width], &[1, 2]);
    let point = g.mark(rows);
    let a = g.contract(point, w, "rbd,dh->rbh");
    let bias = g.broadcast(b, &[units, batch, units], &[2]);
    let a = g.add(a, bias);
    let h = if activation == "relu" {
        let zero = g.like(0.0, a);
        g.max(a, zero)
    } else {
        g.push(op::find(activation).unwrap(), vec![a], Attrs::None)
    };
    let eye = g.eye(units);
    let seed = g.broadcast(eye, &[units, batch, units], &[0, 2]);
    let jacobian = g.vjp(h, point, seed);
    let square = g.square(jacobian);
    let penalty = g.sum(square, &[0, 2]);
    let weighed = g.scale(penalty, 0.1);
    let code = g.contract(x, w, "bd,dh->bh");
    let decoded = g.contract(code, w, "bh,dh->bd");
    let error = g.sub(x, decoded);
    let error = g.square(error);
    let error = g.sum(error, &[1]);
    let total = g.add(error, weighed);
    let loss = g.mean(total, &[0]);
    let slope = g.grad(loss, w);
    let bias_slope = g.grad(loss, b);
    g.output("loss", loss);
    g.output("dw", slope);
    g.output("db", bias_slope);
    g
}

#[test]
fn a_contractive_penalty_needs_no_jacobian() {
    for activation in ["sigmoid", "tanh", "relu", "softplus"] {
        let small = contractive(3, 4, 5, activation);
        let fast = optimize::after(&expand(&optimize::before(&small)));
        assert_equal(activation, &expand(&small), &fast, 1, 1e-10);
        let big = contractive(64, 100, 30, activation);
        let fast = optimize::after(&expand(&optimize::before(&big)));
        let largest = fast.ids().map(|id| fast.ty(id).len()).max().unwrap();
        assert!(largest <= 64 * 100, "{activation}: {largest}\n{}", text::print(&fast));
        assert!(fast.ids().all(|id| fast.node(id).op.name != "eye"), "{}", text::print(&fast));
    }
}

/// `n` layers of `tanh(x W + b)` with a mean squared error, and all gradients.
fn layers(n: usize) -> Graph {
    let mut g = Graph::new();
    let mut x = g.input("x", InputRole::Data, Ty::f32([8, 6]));
    let target = x;
    let mut weights = Vec::new();
    for i in 0..n {
        let w = g.input(format!("w{i}"), InputRole::Param, Ty::f32([6, 6]));
        let b = g.input(format!("b{i}"), InputRole::Param, Ty::f32([6]));
        let (w, b) = (g.mark(w), g.mark(b));
        weights.extend([w, b]);
        let y = g.contract(x, w, "bi,ij->bj");
        let bias = g.broadcast(b, &[8, 6], &[1]);
        let y = g.add(y, bias);
        x = g.tanh(y);
    }
    let error = g.sub(x, target);
    let square = g.square(error);
    let loss = g.mean(square, &[0, 1]);
    g.output("loss", loss);
    for (i, w) in weights.into_iter().enumerate() {
        let slope = g.grad(loss, w);
        g.output(format!("d{i}"), slope);
    }
    g
}

#[test]
fn node_counts_of_typical_cases() {
    let plain = expand(&layers(3));
    let fast = optimize::after(&expand(&optimize::before(&layers(3))));
    assert_equal("layers", &plain, &fast, 3, 1e-10);
    let (before, after) = (optimize::count(&plain), optimize::count(&fast));
    assert!(after < before, "{before} to {after}\n{}", text::print(&fast));
    // Per layer: the product and two of its derivatives, less that of the data.
    let products = fast.ids().filter(|id| fast.node(*id).op.name == "contract").count();
    assert_eq!(products, 3 * 3 - 1);
    assert!(fast.ids().all(|id| fast.node(id).op.name != "permute"));
}

#[test]
fn the_runner_stops_where_it_is_told_and_counts() {
    let g = expand(&layers(2));
    let (all, counts) = optimize::run_named(&g, AFTER, None);
    assert_eq!(counts.len(), AFTER.len());
    assert_eq!(counts.last().unwrap().1, optimize::count(&all));
    let (first, counts) = optimize::run_named(&g, AFTER, Some(AFTER[0].name));
    assert_eq!(counts.len(), 1);
    assert_eq!(text::print(&first), text::print(&(AFTER[0].run)(&g)));
}

/// A recurrent layer: the derivative's loop reads stacked carries, and constants leave the body.
#[test]
fn loops_are_pruned_and_hoisted() {
    use rlc::graph::attrs::Scan;
    let mut body = Graph::new();
    let c = body.input("c0", InputRole::Other, Ty::f32([2, 3]));
    let x = body.input("x0", InputRole::Other, Ty::f32([2, 3]));
    let k = body.input("k0", InputRole::Other, Ty::f32([3, 3]));
    let w = body.tanh(k);
    let y = body.contract(c, w, "bi,ij->bj");
    let y = body.add(y, x);
    let next = body.tanh(y);
    let unused = body.exp(next);
    body.output("next", next);
    body.output("unused", unused);
    let mut g = Graph::new();
    let start = g.input("start", InputRole::Other, Ty::f32([2, 3]));
    let xs = g.input("xs", InputRole::Other, Ty::f32([4, 2, 3]));
    let w = g.input("w", InputRole::Param, Ty::f32([3, 3]));
    let w = g.mark(w);
    let scan = Scan { body, carries: 1, sequences: 1, length: 4, reverse: false };
    let last = g.scan(scan, vec![start, xs, w])[0];
    let goal = g.sum_all(last);
    let slope = g.grad(goal, w);
    g.output("last", last);
    let plain = expand(&g);
    let fast = optimize::after(&plain);
    assert_equal("forward only", &plain, &fast, 5, 1e-12);
    let loop_of = |g: &Graph| {
        let mut scans = g.ids().filter_map(|id| match &g.node(id).attrs {
            Attrs::Scan(scan) => Some(scan.clone()),
            _ => None,
        });
        (scans.next().unwrap(), scans.next())
    };
    let (only, none) = loop_of(&fast);
    assert!(none.is_none() && only.body.outputs.len() == 1);
    assert_eq!(only.body.ids().filter(|id| only.body.node(*id).op.name == "tanh").count(), 1);
    g.output("slope", slope);
    let plain = expand(&g);
    let fast = optimize::after(&plain);
    assert_equal("with derivative", &plain, &fast, 6, 1e-10);
    let (forward, backward) = loop_of(&fast);
    assert_eq!(forward.body.outputs.len(), 2);
    assert_eq!(backward.unwrap().body.outputs.len(), 2);
    assert_eq!(fast.ids().filter(|id| matches!(fast.node(*id).attrs, Attrs::Scan(_))).count(), 2);
}

#[test]
fn a_thousand_layers_pass_quickly_and_without_recursion() {
    let fast = optimize::after(&expand(&optimize::before(&layers(1000))));
    let products = fast.ids().filter(|id| fast.node(*id).op.name == "contract").count();
    assert_eq!(products, 3 * 1000 - 1);
}

/// A body with two carries that move, a carry each that adds up products and rows, sequences, constants
/// and the time; random nodes between them.
fn random_body(dice: &mut Dice, [b, d]: [usize; 2]) -> Graph {
    let mut body = Graph::new();
    let state = Ty::f32([b, d]);
    let input =
        |body: &mut Graph, name: &str, ty: &Ty| body.input(name, InputRole::Other, ty.clone());
    let mut nodes: Vec<NodeId> =
        ["c0", "c1", "x0", "x1"].iter().map(|name| input(&mut body, name, &state)).collect();
    let weights = ["k0", "k1"].map(|name| input(&mut body, name, &Ty::f32([d, d])));
    let t = body.input("t", InputRole::Other, Ty::new(DType::I32, []));
    let time = body.push(op::find("cast").unwrap(), vec![t], Attrs::DType(DType::F32));
    nodes.push(body.broadcast(time, &[b, d], &[]));
    for _ in 0..4 + dice.below(8) {
        let (x, y) = (dice.pick(&nodes), dice.pick(&nodes));
        let made = match dice.below(6) {
            0 | 1 => {
                body.contract(x, dice.pick(&weights), ["ab,bc->ac", "ab,cb->ac"][dice.below(2)])
            }
            2 => body.tanh(x),
            3 => body.mul(x, y),
            4 => {
                let wide = body.concat(&[x, y], 1);
                body.slice_axis(wide, 1, d / 2, d / 2 + d)
            }
            _ => body.add(x, y),
        };
        nodes.push(body.tanh(made));
    }
    let late = |dice: &mut Dice| nodes[nodes.len() - 1 - dice.below(4)];
    let (first, second) = (late(dice), late(dice));
    let mut total = input(&mut body, "c2", &Ty::f32([d, d]));
    for _ in 0..1 + dice.below(2) {
        let product = body.contract(dice.pick(&nodes), dice.pick(&nodes), "ab,ac->bc");
        total =
            if dice.below(2) == 0 { body.add(total, product) } else { body.add(product, total) };
    }
    let rows = input(&mut body, "c3", &Ty::f32([d]));
    let sum = body.sum(dice.pick(&nodes), &[0]);
    let rows = body.add(rows, sum);
    for (name, id) in [("c0", first), ("c1", second), ("c2", total), ("c3", rows)] {
        body.output(name, id);
    }
    body.output("y", late(dice));
    body
}

/// A loop, its results, and slopes of its operands.
fn random_loop(seed: u32) -> Graph {
    use rlc::graph::attrs::Scan;
    let mut dice = Dice { seed, at: 1000 };
    let (b, d, length) = (1 + dice.below(3), 8 + dice.below(3), 1 + dice.below(5));
    let body = random_body(&mut dice, [b, d]);
    let mut g = Graph::new();
    let shapes: [&[usize]; 8] =
        [&[b, d], &[b, d], &[d, d], &[d], &[length, b, d], &[length, b, d], &[d, d], &[d, d]];
    let args: Vec<NodeId> = shapes
        .iter()
        .enumerate()
        .map(|(i, shape)| {
            let x = g.input(format!("a{i}"), InputRole::Param, Ty::f32(*shape));
            let small = g.scale(x, 0.3);
            g.mark(small)
        })
        .collect();
    let scan = Scan { body, carries: 4, sequences: 2, length, reverse: dice.below(2) == 0 };
    let results = g.scan(scan, args.clone());
    let mut goal = g.constant(0.0, DType::F32);
    for (i, result) in results.iter().enumerate() {
        if dice.below(3) > 0 {
            g.output(format!("r{i}"), *result);
        }
        let square = g.square(*result);
        let sum = g.sum_all(square);
        goal = g.add(goal, sum);
    }
    for (i, arg) in args.iter().enumerate() {
        let slope = g.grad(goal, *arg);
        g.output(format!("d{i}"), slope);
    }
    if dice.below(3) == 0 {
        let slope = g.grad(goal, args[6]);
        let square = g.square(slope);
        let norm = g.sum_all(square);
        let second = g.grad(norm, dice.pick(&args));
        g.output("second", second);
    }
    g
}

#[test]
fn random_loops_keep_their_values() {
    let scans = |g: &Graph| -> Vec<(usize, usize, usize)> {
        let scan = |id: NodeId| match &g.node(id).attrs {
            Attrs::Scan(s) => Some((s.carries, s.sequences, s.body.outputs.len() - s.carries)),
            _ => None,
        };
        g.ids().filter_map(scan).collect()
    };
    let (mut fewer, mut more) = (0, 0);
    for seed in 0..200 {
        let plain = expand(&optimize::before(&random_loop(seed)));
        let fast = optimize::after(&plain);
        assert_equal(&format!("loop {seed}"), &plain, &fast, seed, 1e-8);
        let until = |name| optimize::run_named(&plain, AFTER, Some(name)).0;
        let [loops, before] = ["loops", "kept"].map(until);
        let (kept, sums) = (optimize::kept::kept(&loops), optimize::sums::sums(&before));
        more += usize::from(scans(&loops) != scans(&kept));
        fewer += usize::from(scans(&before) != scans(&sums));
        // To the last bit.
        assert_equal(&format!("kept {seed}"), &loops, &kept, seed, 0.0);
    }
    assert!(more > 100 && fewer > 100, "{more} loops keep products, {fewer} add up behind");
}
