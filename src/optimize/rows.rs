//! Updates that leave most rows of a table as they are. In: a graph whose results hold new values of
//! weights and states. Out: the same, where a gradient is a sum into few rows of zeros and a row without
//! gradient stays as it is, with only those rows computed. Bits are the same: a row is the same sum in the
//! same order, and the same function of it.

use super::sweep::{rebuild, saturate};
use super::{ROUNDS, rules};
use crate::graph::attrs::InputRole;
use crate::graph::named::Named;
use crate::graph::op::is;
use crate::graph::{Attrs, Graph, Kind, Node, NodeId, Ty};
use std::collections::{BTreeMap, BTreeSet};

/// What says that a value is the old one.
const TABLES: &[&[rules::Rule]] = &[rules::fold::RULES, rules::arith::RULES, rules::view::RULES];

/// A table has at least so many rows for each that may change.
const SPARSE: usize = 4;

/// The pass.
pub fn rows(graph: &Graph) -> Graph {
    let mut out = graph.clone();
    for (at, (name, new)) in graph.outputs.iter().enumerate() {
        let Some(path) = Named::slot(name) else { continue };
        let Some(update) = Update::of(graph, *new) else { continue };
        if let Some(old) = update.resting(graph, path) {
            out.outputs[at].1 = update.by_rows(&mut out, old);
        }
    }
    // What made the whole tables is dropped.
    rebuild(&out, |out, _, node, _| out.push(node.op, node.args.clone(), node.attrs.clone()))
}

/// A new value that is made element by element.
struct Update {
    new: NodeId,
    /// Its elementwise nodes, operands first; the last is the value itself.
    maps: Vec<NodeId>,
    /// Sums into rows of zeros.
    sums: Vec<NodeId>,
    /// Old values of slots.
    olds: Vec<NodeId>,
    /// What is the same in every row.
    evens: Vec<NodeId>,
}

impl Update {
    /// None if the value is made in another way, or of sums into many rows.
    fn of(g: &Graph, new: NodeId) -> Option<Update> {
        let shape = g.shape(new);
        let mut update = Update { new, maps: vec![], sums: vec![], olds: vec![], evens: vec![] };
        let mut needed = BTreeSet::from([new]);
        // Operands are older than what they make.
        while let Some(id) = needed.pop_last() {
            let node = g.node(id);
            match (&node.attrs, node.op.kind) {
                (_, Kind::Map) => {
                    needed.extend(&node.args);
                    update.maps.push(id);
                }
                (Attrs::Rows(_), _) => update.sums.push(id),
                (Attrs::Input { .. }, _) if g.shape(id) == shape => update.olds.push(id),
                (Attrs::Broadcast { dims, .. }, _) if !dims.contains(&0) => update.evens.push(id),
                _ => return None,
            }
        }
        let read: usize = update.sums.iter().map(|sum| places(g, *sum)).sum();
        let few = !shape.is_empty() && !update.sums.is_empty() && SPARSE * read <= shape[0];
        update.maps.reverse();
        few.then_some(update)
    }

    /// The old value, if the new one is the old one wherever all sums are 0.
    fn resting(&self, graph: &Graph, path: &str) -> Option<NodeId> {
        let mut still = Graph::new();
        let mut made = BTreeMap::new();
        for id in &self.sums {
            made.insert(*id, still.full(0.0, graph.ty(*id)));
        }
        for id in &self.olds {
            let node = graph.node(*id);
            made.insert(*id, still.push(node.op, vec![], node.attrs.clone()));
        }
        for id in &self.evens {
            let node = graph.node(*id);
            let own = graph.node(node.args[0]);
            let operand = match own.args.is_empty() {
                true => still.push(own.op, vec![], own.attrs.clone()),
                false => still.input(id.0.to_string(), InputRole::Other, own.ty.clone()),
            };
            made.insert(*id, still.push(node.op, vec![operand], node.attrs.clone()));
        }
        for id in &self.maps {
            let node = graph.node(*id);
            let args: Vec<NodeId> = node.args.iter().map(|arg| made[arg]).collect();
            // Nothing times or by a number; where that is none, every row would be lost without need.
            let nothing = |arg: &NodeId| still.literal(*arg) == Some(0.0);
            let value = match (node.op.name, &args[..]) {
                (is::DIV, [x, _]) | (is::MUL, [x, _] | [_, x]) | (is::NEG, [x]) if nothing(x) => *x,
                (is::ADD, [x, y] | [y, x]) if nothing(x) => *y,
                _ => still.push(node.op, args, node.attrs.clone()),
            };
            made.insert(*id, value);
        }
        still.output("new", made[&self.new]);
        let still = saturate(&still, TABLES, ROUNDS);
        let is_old = |node: &Node| matches!(&node.attrs, Attrs::Input { name, .. } if name == path);
        let old = self.olds.iter().copied().find(|id| is_old(graph.node(*id)))?;
        is_old(still.node(still.outputs[0].1)).then_some(old)
    }

    /// The old value with the rows of the sums replaced.
    fn by_rows(&self, g: &mut Graph, old: NodeId) -> NodeId {
        let (all, mut made) = self.sums_by_rows(g);
        let count = g.shape(all)[0];
        let mut shape = g.shape(self.new).to_vec();
        shape[0] = count;
        for id in &self.olds {
            made.insert(*id, g.gather(*id, all));
        }
        for id in &self.evens {
            let node = g.node(*id).clone();
            let Attrs::Broadcast { dims, .. } = &node.attrs else { unreachable!("found as one") };
            made.insert(*id, g.broadcast(node.args[0], &shape, dims));
        }
        for id in &self.maps {
            let node = g.node(*id).clone();
            let args = node.args.iter().map(|arg| made[arg]).collect();
            made.insert(*id, g.push(node.op, args, node.attrs));
        }
        let (first, own) = (g.firsts(all), g.iota(Ty::i32([count]), 0));
        let (is_first, nowhere) = (g.eq(first, own), g.like(-1.0, all));
        let once = g.select(is_first, all, nowhere);
        g.put_rows(old, once, made[&self.new])
    }

    /// Rows that may change, some of them several times, and what the sums are at the first place of each.
    fn sums_by_rows(&self, g: &mut Graph) -> (NodeId, BTreeMap<NodeId, NodeId>) {
        let mut lines = vec![];
        for sum in &self.sums {
            let (at, count) = (g.node(*sum).args[0], places(g, *sum));
            lines.push(g.reshape(at, &[count]));
        }
        let all = g.concat(&lines, 0);
        let first = g.firsts(all);
        let mut made = BTreeMap::new();
        let mut start = 0;
        for sum in &self.sums {
            let end = start + places(g, *sum);
            let slots = g.slice_axis(first, 0, start, end);
            let terms = g.node(*sum).args[1];
            let mut shape = g.shape(*sum).to_vec();
            shape[0] = end - start;
            let terms = g.reshape(terms, &shape);
            let count = g.shape(all)[0];
            // Of the places of one row the first has the sum; what the others have is not put.
            made.insert(*sum, g.scatter_add(slots, terms, count));
            start = end;
        }
        (all, made)
    }
}

/// How many terms a sum into rows has.
fn places(g: &Graph, sum: NodeId) -> usize {
    g.shape(g.node(sum).args[0]).iter().product()
}
