//! The invariants of a graph, checked. In: a graph. Out: what is broken, as text. A broken graph is
//! a mistake of a pass, never of the user.

use super::op::control::{self, scan_results};
use super::{Attrs, Graph, NodeId};
use std::collections::HashSet;

/// The first broken invariant: operands are older than users, types are what the rows infer, no
/// two nodes are equal, outputs exist and have different names.
pub fn verify(graph: &Graph) -> Result<(), String> {
    let mut seen = HashSet::new();
    for id in graph.ids() {
        node(graph, id).map_err(|why| format!("%{}: {why}", id.0))?;
        let node = graph.node(id);
        if !seen.insert((node.op, &node.args, &node.attrs)) {
            return Err(format!("%{}: a second {}", id.0, node.op.name));
        }
    }
    let mut names = HashSet::new();
    for (name, id) in &graph.outputs {
        if id.0 as usize >= graph.len() {
            return Err(format!("output `{name}` is %{}", id.0));
        }
        if !names.insert(name) {
            return Err(format!("two outputs `{name}`"));
        }
    }
    inputs(graph)
}

fn node(graph: &Graph, id: NodeId) -> Result<(), String> {
    let node = graph.node(id);
    if let Some(late) = node.args.iter().find(|a| **a >= id) {
        return Err(format!("operand %{} is not older", late.0));
    }
    let types: Vec<_> = node.args.iter().map(|a| graph.ty(*a)).collect();
    let ty = node.op.infer_type(&types, &node.attrs)?;
    if ty != node.ty {
        return Err(format!("{} where {ty} is inferred", node.ty));
    }
    if let Attrs::Scan(scan) = &node.attrs {
        verify(&scan.body).map_err(|why| format!("body {why}"))?;
    }
    if let Attrs::Result { index, ty } = &node.attrs {
        let Attrs::Scan(scan) = &graph.node(node.args[0]).attrs else {
            return Err("a result of something that is no loop".into());
        };
        if scan_results(scan).get(*index) != Some(ty) {
            return Err(format!("the loop's result {index} is not {ty}"));
        }
    }
    Ok(())
}

/// No two inputs share a name.
fn inputs(graph: &Graph) -> Result<(), String> {
    let mut names = HashSet::new();
    for id in graph.ids() {
        if let Attrs::Input { name, .. } = &graph.node(id).attrs
            && !names.insert(name)
        {
            return Err(format!("two inputs `{name}`"));
        }
    }
    Ok(())
}

/// Whether derivatives are still to be expanded, loops included.
pub fn has_derivatives(graph: &Graph) -> bool {
    graph.ids().any(|id| {
        let node = graph.node(id);
        let inner = matches!(&node.attrs, Attrs::Scan(scan) if has_derivatives(&scan.body));
        inner || node.op == &control::VJP || node.op == &control::MARK
    })
}
