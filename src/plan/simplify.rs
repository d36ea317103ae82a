//! Before planning: dead nodes dropped, composite ops written out in simpler ones. In and out: a
//! graph with the same outputs. Algebra for its own sake belongs to `optimize`.

use crate::graph::attrs::{ContractSpec, Real};
use crate::graph::op::{control, is, map, reduce, view};
use crate::graph::{Attrs, DType, Graph, NodeId, Op, Ty};
use std::collections::BTreeMap;

/// The graph as the planner wants it.
pub fn simplify(graph: &Graph) -> Graph {
    let live = live(graph);
    let mut out = Graph::new();
    let mut to: Vec<Option<NodeId>> = vec![None; graph.len()];
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        let node = graph.node(id);
        let args = node.args.iter().map(|a| to[a.0 as usize].expect("older operand")).collect();
        to[id.0 as usize] = Some(rewrite(&mut out, graph, id, args));
    }
    for (name, id) in &graph.outputs {
        out.output(name.clone(), to[id.0 as usize].expect("live output"));
    }
    out
}

fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.len()];
    for (_, id) in &graph.outputs {
        live[id.0 as usize] = true;
    }
    for id in graph.ids().rev() {
        if live[id.0 as usize] {
            graph.node(id).args.iter().for_each(|a| live[a.0 as usize] = true);
        }
    }
    live
}

fn rewrite(out: &mut Graph, graph: &Graph, id: NodeId, args: Vec<NodeId>) -> NodeId {
    let node = graph.node(id);
    match node.op.name {
        is::STOP => args[0],
        is::VJP | is::MARK => panic!("a derivative reached the planner"),
        is::LOGSUMEXP => {
            let axes = node.attrs.axes();
            logsumexp(out, args[0], axes)
        }
        _ if node.op.fold.is_some() => {
            let axes = node.attrs.axes();
            in_stages(out, node.op, args[0], axes)
        }
        is::POW => power(out, args[0], args[1]),
        is::CONTRACT => {
            let spec = node.attrs.labels();
            match slender(out, args[0], args[1], spec) {
                true => spread(out, args[0], args[1], spec),
                false => out.push(node.op, args, node.attrs.clone()),
            }
        }
        _ => out.push(node.op, args, node.attrs.clone()),
    }
}

/// A literal of every shape.
fn splat(g: &mut Graph, value: f64, shape: &[usize]) -> NodeId {
    let scalar = g.push(&control::CONST, vec![], Attrs::Const(Real(value), DType::F32));
    let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims: vec![] };
    if shape.is_empty() { scalar } else { g.push(&view::BROADCAST, vec![scalar], attrs) }
}

fn power(g: &mut Graph, x: NodeId, y: NodeId) -> NodeId {
    let shape = g.shape(x).to_vec();
    match g.literal(y) {
        Some(1.0) => x,
        Some(2.0) => g.push(&map::MUL, vec![x, x], Attrs::None),
        Some(0.5) => g.push(&map::SQRT, vec![x], Attrs::None),
        Some(-1.0) => {
            let one = splat(g, 1.0, &shape);
            g.push(&map::DIV, vec![one, x], Attrs::None)
        }
        _ => g.push(&map::POW, vec![x, y], Attrs::None),
    }
}

/// A reduction. Dims of one are dropped, not folded: nothing is joined there. One with kept dims
/// between folded ones goes from the inside out, so that memory is walked in order.
fn in_stages(g: &mut Graph, op: Op, x: NodeId, axes: &[usize]) -> NodeId {
    let single = |d: &usize| g.shape(x)[*d] == 1;
    if axes.iter().any(single) {
        let gone: Vec<usize> = axes.iter().copied().filter(single).collect();
        let left = axes.iter().filter(|d| !gone.contains(d));
        let left: Vec<usize> = left.map(|d| d - gone.iter().filter(|g| *g < d).count()).collect();
        let kept = (0..g.shape(x).len()).filter(|d| !gone.contains(d));
        let shape: Vec<usize> = kept.map(|d| g.shape(x)[d]).collect();
        let slim = g.reshape(x, &shape);
        return if left.is_empty() { slim } else { in_stages(g, op, slim, &left) };
    }
    let rank = g.shape(x).len();
    let inner = (0..rank).rev().take_while(|d| axes.contains(d)).count();
    let outer = axes.len() - inner;
    let terms: usize = g.shape(x)[rank - inner..].iter().product();
    if outer == 0 || inner == 0 || terms < STAGE {
        return g.push(op, vec![x], Attrs::Axes(axes.to_vec()));
    }
    let rows = g.push(op, vec![x], Attrs::Axes(axes[outer..].to_vec()));
    g.push(op, vec![rows], Attrs::Axes(axes[..outer].to_vec()))
}

/// Terms that are worth a stage of their own in a reduction.
const STAGE: usize = 64;

/// Outer loops over products of a matrix and a vector that are worth a product kernel.
const VECTORS: usize = 16;

/// Extent of each label.
fn extents(g: &Graph, x: NodeId, y: NodeId, spec: &ContractSpec) -> BTreeMap<u8, usize> {
    let left = spec.lhs.iter().zip(g.shape(x));
    left.chain(spec.rhs.iter().zip(g.shape(y))).map(|(l, n)| (*l, *n)).collect()
}

/// Whether a contraction has too little of a product of matrices to be one.
fn slender(g: &Graph, x: NodeId, y: NodeId, spec: &ContractSpec) -> bool {
    let size = extents(g, x, y, spec);
    let total = |own: &[u8], test: &dyn Fn(&u8) -> bool| -> usize {
        own.iter().filter(|l| test(l)).map(|l| size[l]).product()
    };
    let rows = total(&spec.out, &|l| !spec.rhs.contains(l));
    let cols = total(&spec.out, &|l| !spec.lhs.contains(l));
    let outer = total(&spec.out, &|l| spec.lhs.contains(l) && spec.rhs.contains(l));
    let terms = total(&spec.lhs, &|l| !spec.out.contains(l));
    let vector = rows == 1 || cols == 1;
    terms == 1 || (rows == 1 && cols == 1) || (vector && outer > VECTORS)
}

/// A contraction as an elementwise product and a sum.
fn spread(g: &mut Graph, x: NodeId, y: NodeId, spec: &ContractSpec) -> NodeId {
    let size = extents(g, x, y, spec);
    let summed = spec.lhs.iter().filter(|l| !spec.out.contains(l));
    let all: Vec<u8> = spec.out.iter().chain(summed).copied().collect();
    let shape: Vec<usize> = all.iter().map(|l| size[l]).collect();
    let mut wide = |id: NodeId, labels: &[u8]| {
        let place = |l: &u8| all.iter().position(|a| a == l).expect("a label of an operand");
        let mut perm: Vec<usize> = (0..labels.len()).collect();
        perm.sort_by_key(|d| place(&labels[*d]));
        let dims: Vec<usize> = perm.iter().map(|d| place(&labels[*d])).collect();
        let turned = g.push(&view::PERMUTE, vec![id], Attrs::Perm(perm));
        g.push(&view::BROADCAST, vec![turned], Attrs::Broadcast { shape: shape.clone(), dims })
    };
    let (a, b) = (wide(x, &spec.lhs), wide(y, &spec.rhs));
    let product = g.push(&map::MUL, vec![a, b], Attrs::None);
    let axes: Vec<usize> = (spec.out.len()..all.len()).collect();
    if axes.is_empty() { product } else { in_stages(g, &reduce::SUM, product, &axes) }
}

/// `m + log(sum(exp(x - m)))`, `m` the largest; where `m` is infinite nothing is taken off.
fn logsumexp(g: &mut Graph, x: NodeId, axes: &[usize]) -> NodeId {
    let shape = g.shape(x).to_vec();
    let over = Attrs::Axes(axes.to_vec());
    let top = g.push(&reduce::MAX_OF, vec![x], over.clone());
    let small = g.shape(top).to_vec();
    let infinity = splat(g, f64::INFINITY, &small);
    let size = g.push(&map::ABS, vec![top], Attrs::None);
    let finite = g.push(&map::LT, vec![size, infinity], Attrs::None);
    let zero = splat(g, 0.0, &small);
    let shift = g.push(&map::SELECT, vec![finite, top, zero], Attrs::None);
    let dims = (0..shape.len()).filter(|d| !axes.contains(d)).collect();
    let wide = g.push(&view::BROADCAST, vec![shift], Attrs::Broadcast { shape, dims });
    let rest = g.push(&map::SUB, vec![x, wide], Attrs::None);
    let exp = g.push(&map::EXP, vec![rest], Attrs::None);
    let sum = g.push(&reduce::SUM, vec![exp], over);
    let log = g.push(&map::LOG, vec![sum], Attrs::None);
    debug_assert_eq!(g.ty(log), &Ty::f32(small));
    g.push(&map::ADD, vec![shift, log], Attrs::None)
}
