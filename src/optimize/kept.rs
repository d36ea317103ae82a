//! Products that a loop makes and a later one makes again, as backward loops do: the first loop hands
//! them over. In: a graph. Out: an equal graph, to the last bit. Maps are made again, which takes less
//! than to write and read them.

use super::loops::place;
use super::sweep::live;
use crate::graph::attrs::Scan;
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::control;
use crate::graph::{Attrs, Graph, NodeId, Ty, range};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Least terms of a sum that is worth to be kept.
const TERMS: usize = 8;
/// Most elements that one product takes over all iterations.
const MOST: usize = 1 << 26;

/// A product of one loop's body that another's makes again.
struct Product {
    first: NodeId,
    made: NodeId,
    second: NodeId,
    again: NodeId,
}

/// The pass, for every loop, inner loops first.
pub fn kept(graph: &Graph) -> Graph {
    let live = live(graph);
    let loops: Vec<NodeId> = graph
        .ids()
        .filter(|id| live[id.0 as usize] && graph.node(*id).op == &control::SCAN)
        .collect();
    if loops.is_empty() {
        return graph.clone();
    }
    let mut found = Vec::new();
    for (i, second) in loops.iter().enumerate() {
        let mut taken: Vec<NodeId> = vec![];
        for first in &loops[..i] {
            for product in products(graph, *first, *second) {
                if !taken.contains(&product.again) {
                    taken.push(product.again);
                    found.push(product);
                }
            }
        }
    }
    rebuild(graph, &live, &found)
}

/// The products of the first loop that the second one needs and makes itself.
fn products(graph: &Graph, first: NodeId, second: NodeId) -> Vec<Product> {
    let (from, to) = (graph.node(first).attrs.body(), graph.node(second).attrs.body());
    if from.length != to.length {
        return vec![];
    }
    let same = same(graph, first, second);
    if same.is_empty() {
        return vec![];
    }
    let there = live(&from.body);
    let mut needed = vec![false; to.body.len()];
    to.body.outputs.iter().for_each(|(_, id)| needed[id.0 as usize] = true);
    let mut found = Vec::new();
    for again in to.body.ids().rev() {
        if !needed[again.0 as usize] {
            continue;
        }
        match same.get(&again) {
            Some(made) if there[made.0 as usize] && is_worth(from, *made) => {
                found.push(Product { first, made: *made, second, again });
            }
            _ => to.body.node(again).args.iter().for_each(|a| needed[a.0 as usize] = true),
        }
    }
    found
}

/// Whether a value takes more to make than to hand over.
fn is_worth(scan: &Scan, id: NodeId) -> bool {
    let node = scan.body.node(id);
    let Attrs::Contract(spec) = &node.attrs else { return false };
    let shape = scan.body.shape(node.args[0]);
    let summed = spec.lhs.iter().zip(shape).filter(|(label, _)| !spec.out.contains(label));
    let terms: usize = summed.map(|(_, n)| n).product();
    node.op == &CONTRACT
        && terms >= TERMS
        && node.ty.len().checked_mul(scan.length).is_some_and(|n| n <= MOST)
}

/// Values of the second body that are, in each iteration, values of the first one's.
fn same(graph: &Graph, first: NodeId, second: NodeId) -> BTreeMap<NodeId, NodeId> {
    let (from, to) = (graph.node(first).attrs.body(), graph.node(second).attrs.body());
    let mut same = BTreeMap::new();
    for id in to.body.ids() {
        let node = to.body.node(id);
        let found = match &node.attrs {
            Attrs::Input { name, .. } => input(graph, first, second, name),
            attrs => {
                let args: Option<Vec<NodeId>> =
                    node.args.iter().map(|a| same.get(a).copied()).collect();
                args.and_then(|args| from.body.find(node.op, &args, attrs))
            }
        };
        if let Some(found) = found {
            same.insert(id, found);
        }
    }
    same
}

/// What an input of the second body is in the first one's.
fn input(graph: &Graph, first: NodeId, second: NodeId, name: &str) -> Option<NodeId> {
    let (from, to) = (graph.node(first).attrs.body(), graph.node(second).attrs.body());
    let own = |wanted: String| {
        let is = |id: &NodeId| matches!(&from.body.node(*id).attrs, Attrs::Input { name, .. } if *name == wanted);
        from.body.ids().find(is)
    };
    let (given, theirs) = (&graph.node(second).args, &graph.node(first).args);
    let constants = from.carries + from.sequences;
    if let Some(i) = place(name, 'k') {
        let arg = given[to.carries + to.sequences + i];
        let at = theirs[constants..].iter().position(|a| *a == arg)?;
        return own(format!("k{at}"));
    }
    let arg = given[to.carries + place(name, 'x')?];
    match &graph.node(arg).attrs {
        Attrs::Result { index, .. } if graph.node(arg).args[0] == first => {
            (*index >= from.carries).then(|| from.body.outputs[*index].1)
        }
        _ => {
            let at = theirs[from.carries..constants].iter().position(|a| *a == arg)?;
            own(format!("x{at}"))
        }
    }
}

/// The graph in which first loops have more results, and second ones more sequences.
fn rebuild(graph: &Graph, live: &[bool], found: &[Product]) -> Graph {
    let mut out = Graph::new();
    let mut map = vec![NodeId(u32::MAX); graph.len()];
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        let node = graph.node(id);
        let mut args: Vec<NodeId> = node.args.iter().map(|a| map[a.0 as usize]).collect();
        let mut attrs = node.attrs.clone();
        if let Attrs::Scan(scan) = &attrs {
            let mut scan = (**scan).clone();
            for product in found.iter().filter(|p| p.first == id) {
                let place = results(graph, found, product);
                if place == scan.body.outputs.len() {
                    scan.body.output(format!("kept{place}"), product.made);
                }
            }
            let again: Vec<&Product> = found.iter().filter(|p| p.second == id).collect();
            for product in &again {
                let from = graph.node(product.first).attrs.body();
                let ty = from.body.ty(product.made);
                let shape = [&[from.length], &ty.shape[..]].concat();
                let place = results(graph, found, product);
                let first = map[product.first.0 as usize];
                let kept = out.get(first, place, Ty::new(ty.dtype, shape));
                args.insert(scan.carries + scan.sequences, kept);
                scan.sequences += 1;
            }
            scan.body = kept(&taken(graph, &scan, &again));
            attrs = Attrs::Scan(Arc::new(scan));
        }
        map[id.0 as usize] = out.push(node.op, args, attrs);
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}

/// The place of a product among the results of its loop.
fn results(graph: &Graph, found: &[Product], product: &Product) -> usize {
    let mut made: Vec<NodeId> = vec![];
    for other in found.iter().filter(|p| p.first == product.first) {
        if !made.contains(&other.made) {
            made.push(other.made);
        }
    }
    let place = made.iter().position(|id| *id == product.made).expect("one of them");
    graph.node(product.first).attrs.body().body.outputs.len() + place
}

/// A body with products taken from its last sequences.
fn taken(graph: &Graph, scan: &Scan, again: &[&Product]) -> Graph {
    let mut out = Graph::new();
    let mut map: Vec<NodeId> = vec![];
    for id in scan.body.ids() {
        let node = scan.body.node(id);
        let made = match again.iter().position(|p| p.again == id) {
            Some(at) => {
                let from = graph.node(again[at].first).attrs.body();
                let role = range::role(&from.body, again[at].made);
                let name = format!("x{}", scan.sequences - again.len() + at);
                out.input(name, role, node.ty.clone())
            }
            None => {
                let args = node.args.iter().map(|a| map[a.0 as usize]).collect();
                out.push(node.op, args, node.attrs.clone())
            }
        };
        map.push(made);
    }
    out.outputs = scan.body.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}
