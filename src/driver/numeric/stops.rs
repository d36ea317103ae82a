//! `stop` beside differences: what it holds does not move when weights do. In: a graph. Out: the graph
//! with what is held as inputs.

use crate::autodiff;
use crate::backend::reference;
use crate::graph::op::{Value, control};
use crate::graph::{Attrs, Graph, InputRole, NodeId};
use std::collections::BTreeMap;

/// The graph with what `stop` holds as inputs, and these inputs beside the given ones: differences
/// of it are what the derivative is of.
pub fn hold_stops(
    graph: &Graph,
    mut feed: BTreeMap<String, Value>,
) -> (Graph, BTreeMap<String, Value>) {
    let stops = || graph.ids().filter(|id| graph.node(*id).op == &control::STOP);
    let mut asked = graph.clone();
    asked.outputs = stops().map(|id| (format!("held/{}", id.0), id)).collect();
    feed.extend(reference::run(&autodiff::expand(&asked), &feed));
    let mut held = Graph::new();
    let mut places: Vec<NodeId> = Vec::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let args = node.args.iter().map(|a| places[a.0 as usize]).collect();
        places.push(if node.op == &control::STOP {
            held.input(format!("held/{}", id.0), InputRole::Other, node.ty.clone())
        } else {
            held.push(node.op, args, node.attrs.clone())
        });
    }
    for (name, id) in &graph.outputs {
        held.output(name.clone(), places[id.0 as usize]);
    }
    (held, feed)
}

/// Whether a graph, or a loop in it, has a `stop`.
fn has_stop(graph: &Graph) -> bool {
    graph.ids().map(|id| graph.node(id)).any(|node| {
        node.op == &control::STOP
            || matches!(&node.attrs, Attrs::Scan(scan) if has_stop(&scan.body))
    })
}

/// Whether a loop that a node is computed from has a `stop` in its body.
pub(super) fn stops_in_loop(graph: &Graph, root: NodeId) -> bool {
    let mut seen = vec![false; graph.len()];
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            continue;
        }
        let node = graph.node(id);
        if matches!(&node.attrs, Attrs::Scan(scan) if has_stop(&scan.body)) {
            return true;
        }
        todo.extend(&node.args);
    }
    false
}
