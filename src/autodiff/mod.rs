//! Derivatives. In: a graph with `vjp` and `mark` nodes. Out: an equal graph without them.
//! Names no op: how derivatives flow is written in each op's row.

mod branch;
mod sweep;

use crate::graph::attrs::Scan;
use crate::graph::op::loops::with_carries;
use crate::graph::op::{control, view};
use crate::graph::{Attrs, Graph, NodeId, Ty};
use branch::Zeros;
use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Replaces every `vjp` node by ordinary nodes, then drops marks and stops.
///
/// Nodes are visited in their order, so a derivative inside the operand of another is ordinary
/// nodes by the time the other is met; derivatives of any order need nothing else.
pub fn expand(graph: &Graph) -> Graph {
    expand_within(graph, usize::MAX).expect("no graph is too large")
}

/// The same, unless a graph of more than `most` nodes comes out on the way: derivatives of high
/// order can double it with every order.
pub fn expand_within(graph: &Graph, most: usize) -> Option<Graph> {
    let room = Room { most, bodies: Cell::new(0) };
    Some(strip(&expand_in(graph, (false, true), &room)?, true))
}

/// How many nodes there may be.
struct Room {
    most: usize,
    /// Nodes in bodies of loops so far.
    bodies: Cell<usize>,
}

impl Room {
    /// Whether a graph of so many nodes fits, beside the bodies.
    fn holds(&self, nodes: usize) -> bool {
        nodes.saturating_add(self.bodies.get()) <= self.most
    }

    /// The body of a loop, which may be differentiated later: it keeps its stops. Where it does not
    /// fit, nothing more does, and zeros stand for it. The loop may lie behind a branch.
    fn body(&self, graph: &Graph) -> Graph {
        let body =
            if self.holds(graph.len()) { expand_in(graph, (false, false), self) } else { None };
        let nodes = body.as_ref().map_or(self.most, Graph::len);
        self.bodies.set(self.bodies.get().saturating_add(nodes).saturating_add(1));
        body.unwrap_or_else(|| zeros(graph))
    }
}

/// A graph with the same inputs, whose outputs are zero.
fn zeros(graph: &Graph) -> Graph {
    let mut out = Graph::new();
    for id in graph.ids().filter(|id| graph.node(*id).op == &control::INPUT) {
        out.push(&control::INPUT, vec![], graph.node(id).attrs.clone());
    }
    for (name, id) in &graph.outputs {
        let zero = out.full(0.0, graph.ty(*id));
        out.output(name.clone(), zero);
    }
    out
}

/// `differentiated`: whether an enclosing loop may be differentiated. `taken`: whether this graph lies
/// behind no branch.
fn expand_in(graph: &Graph, (differentiated, taken): (bool, bool), room: &Room) -> Option<Graph> {
    let groups = groups(graph);
    let differentiated = differentiated || !groups.is_empty();
    let (mut out, mut zeros) = (Graph::new(), Zeros::default());
    let mut map: Vec<NodeId> = Vec::with_capacity(graph.len());
    let mut done: HashMap<(NodeId, NodeId), Vec<(NodeId, NodeId)>> = HashMap::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let args: Vec<NodeId> = node.args.iter().map(|a| map[a.0 as usize]).collect();
        let copy = if node.op == &control::VJP {
            let key = (node.args[0], node.args[2]);
            let results = match done.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    // Marks younger than `y` are not mapped yet; `y` does not depend on them.
                    let older = groups[&key].iter().filter(|x| **x <= key.0);
                    let marks: Vec<NodeId> = older.map(|x| map[x.0 as usize]).collect();
                    let taken = taken && is_nonzero(&out, args[2]);
                    let seed = (args[0], args[2], taken);
                    let adjoints = sweep::sweep(&mut out, seed, &marks, (&mut zeros, room))?;
                    new.insert(marks.into_iter().zip(adjoints).collect())
                }
            };
            let found = results.iter().find(|(x, _)| *x == args[1]).map(|(_, adjoint)| *adjoint);
            found.unwrap_or_else(|| out.full(0.0, &node.ty))
        } else {
            let attrs = inner(&node.attrs, &node.args, graph, differentiated, room)?;
            out.push(node.op, args, attrs)
        };
        if !room.holds(out.len()) {
            return None;
        }
        map.push(copy);
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    Some(strip(&out, false))
}

/// Whether it is a literal other than 0, repeated.
fn is_nonzero(g: &Graph, mut id: NodeId) -> bool {
    while [&control::MARK, &view::BROADCAST].contains(&g.node(id).op) {
        id = g.node(id).args[0];
    }
    matches!(&g.node(id).attrs, Attrs::Const(value, _) if value.0 != 0.0)
}

/// The marks asked for, by differentiated node and seed: they share one sweep.
fn groups(graph: &Graph) -> HashMap<(NodeId, NodeId), BTreeSet<NodeId>> {
    let mut groups: HashMap<(NodeId, NodeId), BTreeSet<NodeId>> = HashMap::new();
    for id in graph.ids() {
        let node = graph.node(id);
        if node.op == &control::VJP {
            groups.entry((node.args[0], node.args[2])).or_default().insert(node.args[1]);
        }
    }
    groups
}

/// Expands a loop's body and lets the loop return what its derivative would read; what turns out
/// to be unused is dropped by the passes.
fn inner(
    attrs: &Attrs,
    args: &[NodeId],
    graph: &Graph,
    differentiated: bool,
    room: &Room,
) -> Option<Attrs> {
    let Attrs::Scan(scan) = attrs else { return Some(attrs.clone()) };
    let mut scan = (**scan).clone();
    scan.body = expand_in(&scan.body, (differentiated, true), room)?;
    room.bodies.set(room.bodies.get().saturating_add(scan.body.len()));
    if !differentiated {
        return Some(Attrs::Scan(Arc::new(scan)));
    }
    let types: Vec<Ty> = args.iter().map(|a| graph.ty(*a).clone()).collect();
    Some(Attrs::Scan(Arc::new(with_carries(&scan, &types))))
}

/// The live part of a graph without marks; at last also without stops, in bodies too.
fn strip(graph: &Graph, stops: bool) -> Graph {
    let mut live = vec![false; graph.len()];
    graph.outputs.iter().for_each(|(_, id)| live[id.0 as usize] = true);
    for id in graph.ids().rev() {
        if live[id.0 as usize] {
            graph.node(id).args.iter().for_each(|a| live[a.0 as usize] = true);
        }
    }
    let mut out = Graph::new();
    let mut map: Vec<NodeId> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let node = graph.node(id);
        let keep = live[id.0 as usize] || node.op == &control::INPUT;
        map.push(if !keep {
            NodeId(u32::MAX)
        } else if node.op == &control::MARK || (stops && node.op == &control::STOP) {
            map[node.args[0].0 as usize]
        } else {
            let args = node.args.iter().map(|a| map[a.0 as usize]).collect();
            let attrs = match &node.attrs {
                Attrs::Scan(scan) if stops => {
                    let body = strip(&scan.body, true);
                    Attrs::Scan(Arc::new(Scan { body, ..(**scan).clone() }))
                }
                attrs => attrs.clone(),
            };
            out.push(node.op, args, attrs)
        });
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}
