//! The derivative of a loop: a loop that runs the other way. In: a `scan` node and the adjoints of
//! its results. Out: the adjoints of its operands. Does not expand the body's derivatives itself.
//!
//! The backward loop reads the carries that the forward loop had at the start of each iteration.
//! A forward loop stacks them if [`with_carries`] has added them to its results.

use super::Expand;
use super::control::scan_results;
use crate::graph::attrs::Scan;
use crate::graph::{Attrs, DType, Graph, InputRole, NodeId, Ty};
use std::collections::BTreeMap;

/// The body's node for an input of this name.
fn body_input(body: &Graph, wanted: &str) -> Option<NodeId> {
    body.ids()
        .find(|id| matches!(&body.node(*id).attrs, Attrs::Input { name, .. } if name == wanted))
}

/// Where the results hold the stacked starts of carry `i`.
fn stacked(scan: &Scan, i: usize) -> Option<usize> {
    let input = body_input(&scan.body, &format!("c{i}"))?;
    let outputs = scan.body.outputs.iter().enumerate().skip(scan.carries);
    outputs.filter(|(_, (_, id))| *id == input).map(|(at, _)| at).next()
}

/// The same loop, which also returns, after its other results, the carries that each iteration
/// starts with.
pub fn with_carries(scan: &Scan, types: &[Ty]) -> Scan {
    let mut scan = scan.clone();
    for (i, ty) in types[..scan.carries].iter().enumerate() {
        if stacked(&scan, i).is_none() {
            let name = format!("c{i}");
            let input = match body_input(&scan.body, &name) {
                Some(id) => id,
                None => scan.body.input(name, InputRole::Other, ty.clone()),
            };
            scan.body.output(format!("start{i}"), input);
        }
    }
    scan
}

/// The rule of `scan`.
pub fn adjoint(
    g: &mut Graph,
    node: NodeId,
    seeds: &[Option<NodeId>],
    wanted: &[bool],
    expand: Expand,
) -> Vec<Option<NodeId>> {
    let (args, attrs) = (g.node(node).args.clone(), g.node(node).attrs.clone());
    let scan = attrs.body();
    let types: Vec<Ty> = args.iter().map(|a| g.ty(*a).clone()).collect();
    let starts = starts(g, node, scan, &args, &types);
    let back = Backward::new(scan, &types, seeds, wanted);
    let body = back.body(scan, &types);
    let reversed = Scan {
        body: expand(&body),
        carries: back.carried.len(),
        sequences: scan.carries + scan.sequences + back.seeded.len(),
        length: scan.length,
        reverse: !scan.reverse,
    };
    let mut operands: Vec<NodeId> = Vec::new();
    for slot in &back.carried {
        let seed = if *slot < scan.carries { seeds[*slot] } else { None };
        operands.push(seed.unwrap_or_else(|| g.full(0.0, &types[*slot])));
    }
    operands.extend(starts);
    operands.extend(&args[scan.carries..scan.carries + scan.sequences]);
    operands.extend(back.seeded.iter().filter_map(|r| seeds[*r]));
    operands.extend(&args[scan.carries + scan.sequences..]);
    let reversed_types: Vec<Ty> = operands.iter().map(|a| g.ty(*a).clone()).collect();
    let results = g.scan(with_carries(&reversed, &reversed_types), operands);
    let mut adjoints = vec![None; args.len()];
    for (slot, result) in back.carried.iter().chain(&back.stacked).zip(results) {
        adjoints[*slot] = Some(result);
    }
    adjoints
}

/// The carries at the start of each iteration, stacked, from this loop's results or from a copy of
/// the loop that has them.
fn starts(g: &mut Graph, node: NodeId, scan: &Scan, args: &[NodeId], types: &[Ty]) -> Vec<NodeId> {
    let full = with_carries(scan, types);
    let places: Vec<usize> = (0..scan.carries).filter_map(|i| stacked(&full, i)).collect();
    let results = scan_results(&full);
    if full.body.outputs.len() == scan.body.outputs.len() {
        return places.into_iter().map(|at| g.get(node, at, results[at].clone())).collect();
    }
    let copies = g.scan(full, args.to_vec());
    places.into_iter().map(|at| copies[at]).collect()
}

/// Which operands ("slots", by position) and results take part.
struct Backward {
    /// Carries and constants whose adjoints the backward loop carries.
    carried: Vec<usize>,
    /// Sequences whose adjoints it stacks.
    stacked: Vec<usize>,
    /// Stacked results that have an adjoint.
    seeded: Vec<usize>,
}

impl Backward {
    fn new(scan: &Scan, types: &[Ty], seeds: &[Option<NodeId>], wanted: &[bool]) -> Backward {
        let real = |slot: &usize| types[*slot].dtype == DType::F32;
        let constants = scan.carries + scan.sequences..types.len();
        // Every real carry takes part: a wanted constant may act through any of them.
        let carried = (0..scan.carries).chain(constants.filter(|c| wanted[*c]));
        let sequences = scan.carries..scan.carries + scan.sequences;
        Backward {
            carried: carried.filter(real).collect(),
            stacked: sequences.filter(|s| wanted[*s]).filter(real).collect(),
            seeded: (scan.carries..seeds.len()).filter(|r| seeds[*r].is_some()).collect(),
        }
    }

    /// One backward iteration, with `vjp` nodes: the inner product of the iteration's results with
    /// their adjoints is differentiated at its inputs.
    fn body(&self, scan: &Scan, types: &[Ty]) -> Graph {
        let mut b = Graph::new();
        let (points, map) = self.copy_forward(scan, types, &mut b);
        let mut terms = Vec::new();
        for (at, slot) in self.carried.iter().enumerate().filter(|(_, s)| **s < scan.carries) {
            let ty = types[*slot].clone();
            let seed = b.input(format!("c{at}"), InputRole::Other, ty);
            terms.push((map[&scan.body.outputs[*slot].1], seed));
        }
        for (at, result) in self.seeded.iter().enumerate() {
            let y = map[&scan.body.outputs[*result].1];
            let name = format!("x{}", scan.carries + scan.sequences + at);
            let ty = b.ty(y).clone();
            let seed = b.input(name, InputRole::Other, ty);
            terms.push((y, seed));
        }
        let mut goal = b.constant(0.0, DType::F32);
        for (y, seed) in terms {
            let product = b.mul(y, seed);
            let sum = b.sum_all(product);
            goal = b.add(goal, sum);
        }
        for (at, slot) in self.carried.iter().enumerate() {
            let mut adjoint = b.grad(goal, points[slot]);
            if *slot >= scan.carries {
                let so_far = b.input(format!("c{at}"), InputRole::Other, types[*slot].clone());
                adjoint = b.add(so_far, adjoint);
            }
            b.output(format!("d{slot}"), adjoint);
        }
        for slot in &self.stacked {
            let adjoint = b.grad(goal, points[slot]);
            b.output(format!("d{slot}"), adjoint);
        }
        b
    }

    /// Copies the forward body: its inputs become the backward loop's, each behind a mark.
    fn copy_forward(
        &self,
        scan: &Scan,
        types: &[Ty],
        b: &mut Graph,
    ) -> (BTreeMap<usize, NodeId>, BTreeMap<NodeId, NodeId>) {
        let mut points = BTreeMap::new();
        let mut renamed = BTreeMap::new();
        for (slot, ty) in types.iter().enumerate() {
            let (old, new, ty) = self.names(scan, slot, ty);
            // What is known of a value is known in both directions.
            let known = body_input(&scan.body, &old).map(|id| &scan.body.node(id).attrs);
            let role = match known {
                Some(Attrs::Input { role, .. }) => *role,
                _ => InputRole::Other,
            };
            let input = b.input(new, role, ty);
            let point = b.mark(input);
            points.insert(slot, point);
            renamed.insert(old, point);
        }
        let mut map = BTreeMap::new();
        for id in scan.body.ids() {
            let node = scan.body.node(id);
            let args = node.args.iter().map(|a| map[a]).collect();
            let copy = match &node.attrs {
                Attrs::Input { name, .. } if renamed.contains_key(name) => renamed[name],
                attrs => b.push(node.op, args, attrs.clone()),
            };
            map.insert(id, copy);
        }
        (points, map)
    }

    /// Name of an operand in the forward body, its name in the backward body, and its type there.
    fn names(&self, scan: &Scan, slot: usize, ty: &Ty) -> (String, String, Ty) {
        let sequences = scan.carries + scan.sequences;
        if slot < scan.carries {
            (format!("c{slot}"), format!("x{slot}"), ty.clone())
        } else if slot < sequences {
            let element = Ty::new(ty.dtype, &ty.shape[1..]);
            (format!("x{}", slot - scan.carries), format!("x{slot}"), element)
        } else {
            let k = slot - sequences;
            (format!("k{k}"), format!("k{k}"), ty.clone())
        }
    }
}
