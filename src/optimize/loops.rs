//! Loops: results, carries and operands that nothing needs are dropped; what does not change from
//! one iteration to the next moves out of the body. In: a graph. Out: an equal graph.

use super::sweep::live;
use crate::graph::attrs::Scan;
use crate::graph::op::is;
use crate::graph::op::view::BROADCAST;
use crate::graph::{Attrs, Graph, Node, NodeId, range};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Both, for every loop, inner loops first.
pub fn loops(graph: &Graph) -> Graph {
    let live = live(graph);
    let used = used(graph, &live);
    if used.is_empty() {
        return graph.clone();
    }
    let mut out = Graph::new();
    let mut map = vec![NodeId(u32::MAX); graph.len()];
    let mut places: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        let node = graph.node(id);
        let args: Vec<NodeId> = node.args.iter().map(|a| map[a.0 as usize]).collect();
        map[id.0 as usize] = match &node.attrs {
            Attrs::Scan(scan) => {
                let slim = Slim::new(scan, used.get(&id).cloned().unwrap_or_default());
                let (mut scan, mut args) = (slim.scan(scan), slim.args(scan, &args));
                scan.body = loops(&scan.body);
                hoist(&mut out, &mut scan, &mut args);
                places.insert(id, slim.results);
                out.push(node.op, args, Attrs::Scan(Arc::new(scan)))
            }
            Attrs::Result { index, ty } => {
                let place = places[&node.args[0]].iter().position(|i| i == index);
                let index = place.expect("a used result is kept");
                out.push(node.op, args, Attrs::Result { index, ty: ty.clone() })
            }
            _ => out.push(node.op, args, node.attrs.clone()),
        };
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}

/// The results of each loop that are read.
pub(super) fn used(graph: &Graph, live: &[bool]) -> BTreeMap<NodeId, BTreeSet<usize>> {
    let mut used: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        if let Attrs::Result { index, .. } = &graph.node(id).attrs {
            used.entry(graph.node(id).args[0]).or_default().insert(*index);
        }
    }
    used
}

/// What of a loop is needed.
pub(super) struct Slim {
    /// Results, by their old place; the carries among them come first.
    pub results: Vec<usize>,
    /// Carries.
    carries: Vec<usize>,
    sequences: Vec<usize>,
    constants: Vec<usize>,
}

impl Slim {
    pub fn new(scan: &Scan, mut results: BTreeSet<usize>) -> Slim {
        // A carry is needed if it is read by what computes something needed.
        loop {
            let reads = reads(&scan.body, &results);
            let before = results.len();
            results.extend(reads.iter().filter_map(|name| place(name, 'c')));
            if results.len() == before {
                let of = |kind| {
                    let mut list: Vec<usize> =
                        reads.iter().filter_map(|name| place(name, kind)).collect();
                    list.sort_unstable();
                    list
                };
                let carries = results.iter().copied().filter(|i| *i < scan.carries).collect();
                let (sequences, constants) = (of('x'), of('k'));
                return Slim {
                    results: results.into_iter().collect(),
                    carries,
                    sequences,
                    constants,
                };
            }
        }
    }

    pub fn args(&self, scan: &Scan, args: &[NodeId]) -> Vec<NodeId> {
        let rest = scan.carries + scan.sequences;
        let carries = self.carries.iter().copied();
        let sequences = self.sequences.iter().map(|i| scan.carries + i);
        let constants = self.constants.iter().map(|i| rest + i);
        carries.chain(sequences).chain(constants).map(|i| args[i]).collect()
    }

    pub fn scan(&self, scan: &Scan) -> Scan {
        let renamed = |name: &str| {
            let lists = [('c', &self.carries), ('x', &self.sequences), ('k', &self.constants)];
            lists.into_iter().find_map(|(kind, list)| {
                let old = place(name, kind)?;
                Some(format!("{kind}{}", list.iter().position(|i| *i == old)?))
            })
        };
        let mut body = scan.body.clone();
        body.outputs = self.results.iter().map(|i| scan.body.outputs[*i].clone()).collect();
        let body = copy(&body, &renamed);
        Scan {
            body,
            carries: self.carries.len(),
            sequences: self.sequences.len(),
            length: scan.length,
            reverse: scan.reverse,
        }
    }
}

/// The number of `c3`, if the name is of this kind.
pub(super) fn place(name: &str, kind: char) -> Option<usize> {
    name.strip_prefix(kind)?.parse().ok()
}

/// Names of the inputs that these outputs of a body depend on.
fn reads(body: &Graph, outputs: &BTreeSet<usize>) -> Vec<String> {
    let mut needed = vec![false; body.len()];
    outputs.iter().for_each(|i| needed[body.outputs[*i].1.0 as usize] = true);
    let mut names = Vec::new();
    for id in body.ids().rev() {
        let node = body.node(id);
        if !needed[id.0 as usize] {
            continue;
        }
        node.args.iter().for_each(|a| needed[a.0 as usize] = true);
        if let Attrs::Input { name, .. } = &node.attrs {
            names.push(name.clone());
        }
    }
    names
}

/// The needed part of a body, with inputs renamed.
fn copy(body: &Graph, renamed: &dyn Fn(&str) -> Option<String>) -> Graph {
    let mut needed = vec![false; body.len()];
    body.outputs.iter().for_each(|(_, id)| needed[id.0 as usize] = true);
    for id in body.ids().rev() {
        if needed[id.0 as usize] {
            body.node(id).args.iter().for_each(|a| needed[a.0 as usize] = true);
        }
    }
    let mut out = Graph::new();
    let mut map = vec![NodeId(u32::MAX); body.len()];
    for id in body.ids().filter(|id| needed[id.0 as usize]) {
        let node = body.node(id);
        let args = node.args.iter().map(|a| map[a.0 as usize]).collect();
        let mut attrs = node.attrs.clone();
        if let Attrs::Input { name, .. } = &mut attrs
            && let Some(new) = renamed(name)
        {
            *name = new;
        }
        map[id.0 as usize] = out.push(node.op, args, attrs);
    }
    out.outputs = body.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}

/// Moves nodes of the body that depend on constants only into `outer`; what the rest of the body
/// reads of them becomes a constant of the loop.
fn hoist(outer: &mut Graph, scan: &mut Scan, args: &mut Vec<NodeId>) {
    let body = std::mem::take(&mut scan.body);
    let first = scan.carries + scan.sequences;
    let mut constants = args.len() - first;
    let mut outside: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut inside: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut out = Graph::new();
    let frontier = frontier(&body);
    for id in body.ids() {
        let node = body.node(id);
        if let Some(moved) = invariant(node, &outside, &args[first..]) {
            let moved = moved.unwrap_or_else(|| {
                let args = node.args.iter().map(|a| outside[a]).collect();
                outer.push(node.op, args, node.attrs.clone())
            });
            outside.insert(id, moved);
            if frontier.contains(&id) {
                let name = format!("k{constants}");
                constants += 1;
                args.push(moved);
                let role = range::role(outer, moved);
                inside.insert(id, out.input(name, role, node.ty.clone()));
                continue;
            }
        }
        // A node below the frontier may have lost its operands; then nothing in the body reads it.
        let operands: Option<Vec<NodeId>> =
            node.args.iter().map(|a| inside.get(a).copied()).collect();
        if let Some(operands) = operands {
            inside.insert(id, out.push(node.op, operands, node.attrs.clone()));
        }
    }
    out.outputs = body.outputs.iter().map(|(n, id)| (n.clone(), inside[id])).collect();
    scan.body = out;
}

/// Whether a node is the same in every iteration: `Some(Some(id))` for a constant of the loop,
/// `Some(None)` for a node that can be computed outside.
fn invariant(
    node: &Node,
    outside: &BTreeMap<NodeId, NodeId>,
    constants: &[NodeId],
) -> Option<Option<NodeId>> {
    match &node.attrs {
        Attrs::Input { name, .. } => {
            place(name, 'k').and_then(|i| constants.get(i)).map(|id| Some(*id))
        }
        _ => node.args.iter().all(|a| outside.contains_key(a)).then_some(None),
    }
}

/// Invariant nodes that are worth passing in: the last ones of each invariant part of the body,
/// except those that cost nothing to make there.
fn frontier(body: &Graph) -> BTreeSet<NodeId> {
    let mut fixed = vec![false; body.len()];
    for id in body.ids() {
        let node = body.node(id);
        fixed[id.0 as usize] = match &node.attrs {
            Attrs::Input { name, .. } => place(name, 'k').is_some(),
            _ => node.args.iter().all(|a| fixed[a.0 as usize]),
        };
    }
    let cheap = |id: NodeId| {
        let node = body.node(id);
        node.args.is_empty() || node.op == &BROADCAST || body.literal(id).is_some()
    };
    let mut read = vec![false; body.len()];
    body.outputs.iter().for_each(|(_, id)| read[id.0 as usize] = true);
    let mut found = BTreeSet::new();
    for id in body.ids().rev() {
        let is_fixed = fixed[id.0 as usize];
        if is_fixed && read[id.0 as usize] && !cheap(id) && body.node(id).op.name != is::SCAN {
            found.insert(id);
        } else if !is_fixed || read[id.0 as usize] {
            body.node(id).args.iter().for_each(|a| read[a.0 as usize] = true);
        }
    }
    found
}
