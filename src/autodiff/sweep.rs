//! One reverse sweep. In: a node, its adjoint, and the marks to differentiate at. Out: the adjoint
//! of each mark. Visits only nodes that lie between a mark and the node.
//!
//! What lies behind a branch that is not taken gets an adjoint of exactly 0, and may have a slope
//! that is no number: see [`super::branch`].

use super::Room;
use super::branch::{Branches, Zeros};
use crate::graph::op::Derivative;
use crate::graph::range;
use crate::graph::{Attrs, DType, Graph, NodeId};
use std::collections::BTreeMap;

/// Adjoints that a node has received.
#[derive(Default)]
struct Received {
    /// Of the node itself.
    whole: Option<NodeId>,
    /// Of its results, by their place.
    parts: BTreeMap<usize, NodeId>,
    /// Whether all of it is nonzero, as far as branches go.
    taken: bool,
    /// Whether some of it came through a function that flattens: where its operand is beyond all
    /// numbers it is 0, and the slope of what made the operand so large is infinite.
    flat: bool,
}

/// The adjoints of the marks, in their order; zeros where `y` does not depend on a mark. None if the
/// graph outgrows its room. `taken`: whether the seed's zeros, if any, are no branches.
pub fn sweep(
    g: &mut Graph,
    (y, seed, taken): (NodeId, NodeId, bool),
    marks: &[NodeId],
    (zeros, room): (&mut Zeros, &Room),
) -> Option<Vec<NodeId>> {
    let Some(first) = marks.iter().min().map(|m| m.0) else { return Some(Vec::new()) };
    let active = active(g, y, first, marks);
    let at = |id: NodeId| (id.0 - first) as usize;
    let mut received: Vec<Received> = active.iter().map(|_| Received::default()).collect();
    // Equal nodes are merged, so `y` may be older than marks that it is younger than in the file.
    if y.0 >= first && active[at(y)] {
        received[at(y)] = Received { whole: Some(seed), taken, ..Received::default() };
    }
    let (branches, start) = (Branches::new(g, y, zeros), g.len());
    let mut behind = Vec::new();
    for id in (first..=y.0).rev().map(NodeId).filter(|id| active[at(*id)]) {
        if !room.holds(g.len()) {
            return None;
        }
        let Received { whole, parts, taken, flat } = std::mem::take(&mut received[at(id)]);
        received[at(id)].whole = whole;
        if whole.is_none() && parts.is_empty() {
            continue;
        }
        let args = g.node(id).args.clone();
        let wanted: Vec<bool> = args.iter().map(|a| a.0 >= first && active[at(*a)]).collect();
        if let (Derivative::Part, Attrs::Result { index, .. }) =
            (&g.node(id).op.derivative, g.node(id).attrs.clone())
        {
            let sum = received[at(args[0])].parts.get(&index).copied();
            let sum = add(g, sum, whole);
            let scan = &mut received[at(args[0])];
            scan.parts.extend(sum.map(|s| (index, s)));
            scan.taken |= taken;
            scan.flat |= flat;
            continue;
        }
        behind.extend(whole.filter(|_| !taken));
        let rule = if taken { id } else { branches.bounded(g, id) };
        let adjoints = adjoints(g, rule, whole, &parts, (&wanted, room));
        for (i, (arg, adjoint)) in args.iter().zip(adjoints).enumerate() {
            let Some(mut adjoint) = adjoint.filter(|_| wanted[i]) else { continue };
            if let Some(seed) = whole.filter(|_| !taken || flat) {
                adjoint = branches.guarded(g, (id, i), seed, adjoint);
            }
            let sum = add(g, received[at(*arg)].whole, Some(adjoint));
            received[at(*arg)].whole = sum;
            received[at(*arg)].taken |= taken && !range::chooses(g, id, i);
            received[at(*arg)].flat |= flat || g.node(id).op.slopes.fade.contains(&i);
        }
    }
    let result = |mark: &NodeId| match received.get(at(*mark)).and_then(|r| r.whole) {
        Some(adjoint) => adjoint,
        None => g.like(0.0, *mark),
    };
    let found = marks.iter().map(result).collect();
    zeros.extend(g, start, behind);
    Some(found)
}

/// Which of the nodes `first..=y` lie between a mark and `y`, as far as derivatives flow.
fn active(g: &Graph, y: NodeId, first: u32, marks: &[NodeId]) -> Vec<bool> {
    let ids = || (first..=y.0).map(NodeId);
    let at = |id: NodeId| (id.0 - first) as usize;
    let mut depends = vec![false; ids().count()];
    for mark in marks.iter().filter(|m| **m <= y) {
        depends[at(*mark)] = true;
    }
    for id in ids() {
        let node = g.node(id);
        let flows = match node.op.derivative {
            Derivative::Zero => false,
            Derivative::Parts(_) => true,
            _ => node.ty.dtype == DType::F32,
        };
        depends[at(id)] |= flows && node.args.iter().any(|a| a.0 >= first && depends[at(*a)]);
    }
    let mut reaches = vec![false; depends.len()];
    if let Some(last) = reaches.last_mut() {
        *last = true;
    }
    for id in ids().rev().filter(|id| depends[at(*id)]) {
        if reaches[at(id)] {
            for arg in g.node(id).args.iter().filter(|a| a.0 >= first) {
                reaches[at(*arg)] = true;
            }
        }
    }
    depends.iter().zip(reaches).map(|(d, r)| *d && r).collect()
}

/// Runs the rule of the node's row.
fn adjoints(
    g: &mut Graph,
    id: NodeId,
    whole: Option<NodeId>,
    parts: &BTreeMap<usize, NodeId>,
    (wanted, room): (&[bool], &Room),
) -> Vec<Option<NodeId>> {
    let node = g.node(id);
    match (&node.op.derivative, whole, &node.attrs) {
        (Derivative::Unary(rule), Some(seed), _) => {
            let (rule, x) = (*rule, node.args[0]);
            vec![Some(rule(g, x, id, seed))]
        }
        (Derivative::Rule(rule), Some(seed), _) => rule(g, id, seed, wanted),
        (Derivative::Parts(rule), _, Attrs::Scan(scan)) => {
            let seeds: Vec<Option<NodeId>> =
                (0..scan.body.outputs.len()).map(|i| parts.get(&i).copied()).collect();
            rule(g, id, &seeds, wanted, &|body| room.body(body))
        }
        _ => vec![None; wanted.len()],
    }
}

fn add(g: &mut Graph, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(g.add(a, b)),
        (one, other) => one.or(other),
    }
}
