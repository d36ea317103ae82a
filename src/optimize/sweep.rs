//! The rewriting engine. In: a graph and a table of rules. Out: an equal graph, rebuilt in one
//! sweep: equal nodes are merged, dead nodes dropped, and each node is offered to the rules with
//! its operands already rewritten.

use super::rules::Rule;
use crate::graph::attrs::Scan;
use crate::graph::op::control;
use crate::graph::{Attrs, Graph, Node, NodeId};
use std::sync::Arc;

/// How often a node's replacement is offered to the rules again.
const REPEATS: usize = 16;

/// A node on offer, with what rules may know beside the graph that is being built.
pub struct Site<'a> {
    /// The node; its operands are nodes of the new graph.
    pub node: &'a Node,
    uses: &'a [u32],
}

impl Site<'_> {
    /// Whether at most one node reads this one, so that it vanishes if its reader does not.
    pub fn single(&self, id: NodeId) -> bool {
        self.uses.get(id.0 as usize).is_none_or(|n| *n <= 1)
    }
}

/// Which nodes an output depends on. Inputs are always live: a graph keeps its signature.
pub fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.len()];
    graph.outputs.iter().for_each(|(_, id)| live[id.0 as usize] = true);
    for id in graph.ids().rev() {
        let node = graph.node(id);
        live[id.0 as usize] |= node.op == &control::INPUT;
        if live[id.0 as usize] {
            node.args.iter().for_each(|a| live[a.0 as usize] = true);
        }
    }
    live
}

/// How many live nodes and outputs read each node.
pub fn uses(graph: &Graph, live: &[bool]) -> Vec<u32> {
    let mut uses = vec![0; graph.len()];
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        graph.node(id).args.iter().for_each(|a| uses[a.0 as usize] += 1);
    }
    graph.outputs.iter().for_each(|(_, id)| uses[id.0 as usize] += 1);
    uses
}

/// Rebuilds a graph: `make` adds each live node, given with operands of the new graph and the use
/// counts of the new graph's nodes, and returns what stands for it. It is also told the old id.
pub fn rebuild(
    graph: &Graph,
    mut make: impl FnMut(&mut Graph, NodeId, &Node, &[u32]) -> NodeId,
) -> Graph {
    let live = live(graph);
    let old_uses = uses(graph, &live);
    let mut out = Graph::new();
    let mut new_uses: Vec<u32> = Vec::new();
    let mut map = vec![NodeId(u32::MAX); graph.len()];
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        let mut node = graph.node(id).clone();
        node.args.iter_mut().for_each(|a| *a = map[a.0 as usize]);
        let made = make(&mut out, id, &node, &new_uses);
        new_uses.resize(out.len().max(new_uses.len()), 0);
        new_uses[made.0 as usize] += old_uses[id.0 as usize];
        map[id.0 as usize] = made;
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}

/// One sweep with a table of rules, loops' bodies included; the count says how often rules applied.
pub fn sweep(graph: &Graph, rules: &[&[Rule]]) -> (Graph, usize) {
    let mut count = 0;
    let out = rebuild(graph, |out, _, node, uses| {
        let mut node = node.clone();
        if let Attrs::Scan(scan) = &node.attrs {
            let (body, inside) = sweep(&scan.body, rules);
            count += inside;
            node.attrs = Attrs::Scan(Arc::new(Scan { body, ..(**scan).clone() }));
        }
        let mut made = None;
        for _ in 0..REPEATS {
            let (site, before) = (Site { node: &node, uses }, out.len());
            let Some(id) = first(out, &site, rules) else { break };
            count += 1;
            made = Some(id);
            // What stood there before is what others read, too: changed here alone, one value would
            // be two that round differently, and `x == max(x)` would find nothing.
            if (id.0 as usize) < before {
                break;
            }
            node = out.node(id).clone();
        }
        made.unwrap_or_else(|| out.push(node.op, node.args, node.attrs))
    });
    (out, count)
}

/// The result of the first rule that applies.
fn first(out: &mut Graph, site: &Site, rules: &[&[Rule]]) -> Option<NodeId> {
    rules.iter().flat_map(|table| table.iter()).find_map(|rule| {
        let id = (rule.apply)(out, site)?;
        debug_assert_eq!(out.ty(id), &site.node.ty, "rule {}", rule.name);
        Some(id)
    })
}

/// Sweeps until no rule applies, at most `rounds` times.
pub fn saturate(graph: &Graph, rules: &[&[Rule]], rounds: usize) -> Graph {
    let (mut graph, mut count) = sweep(graph, rules);
    for _ in 1..rounds {
        if count == 0 {
            break;
        }
        (graph, count) = sweep(&graph, rules);
    }
    graph
}
