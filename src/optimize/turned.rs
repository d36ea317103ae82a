//! Weights that a loop multiplies by in each iteration, and would read across their rows: they are turned
//! once, before the loop. In: a graph. Out: an equal graph, to the last bit.

use super::loops::place;
use super::sweep;
use crate::graph::attrs::{ContractSpec, Scan};
use crate::graph::op::contract::CONTRACT;
use crate::graph::{Attrs, Graph, Node, NodeId, range};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most rows of the other operand: with more of them, the product takes much longer than to read across.
const ROWS: usize = 128;
/// Least iterations that pay for turning.
const ITERATIONS: usize = 4;

/// The pass, for every loop, inner loops first.
pub fn turned(graph: &Graph) -> Graph {
    sweep::rebuild(graph, |out, _, node, _| {
        let (mut args, mut attrs) = (node.args.clone(), node.attrs.clone());
        if let Attrs::Scan(scan) = &attrs {
            let body = turned(&scan.body);
            let mut scan = Scan { body, ..(**scan).clone() };
            if scan.length >= ITERATIONS {
                turn(out, &mut scan, &mut args);
            }
            attrs = Attrs::Scan(Arc::new(scan));
        }
        out.push(node.op, args, attrs)
    })
}

/// Turns constants of one loop.
fn turn(outer: &mut Graph, scan: &mut Scan, args: &mut Vec<NodeId>) {
    let first = scan.carries + scan.sequences;
    let mut constants = args.len() - first;
    let mut made: BTreeMap<usize, NodeId> = BTreeMap::new();
    scan.body = sweep::rebuild(&scan.body, |out, _, node, _| {
        let Some((operand, constant, spec)) = across(out, node) else {
            return out.push(node.op, node.args.clone(), node.attrs.clone());
        };
        let new = *made.entry(constant).or_insert_with(|| {
            let weight = outer.permute(args[first + constant], &[1, 0]);
            args.push(weight);
            constants += 1;
            let (role, ty) = (range::role(outer, weight), outer.ty(weight).clone());
            out.input(format!("k{}", constants - 1), role, ty)
        });
        let mut operands = node.args.clone();
        operands[operand] = new;
        out.push(node.op, operands, Attrs::Contract(spec))
    });
}

/// A product of few rows with a constant whose columns are those of the result, kept row by row in the
/// other order: which operand and which constant it is, and the labels when it is turned.
fn across(body: &Graph, node: &Node) -> Option<(usize, usize, ContractSpec)> {
    let Attrs::Contract(spec) = &node.attrs else { return None };
    if node.op != &CONTRACT {
        return None;
    }
    let (columns, rows) = spec.out.split_last()?;
    let operand = if spec.rhs.contains(columns) { 1 } else { 0 };
    let labels = if operand == 1 { &spec.rhs } else { &spec.lhs };
    let Attrs::Input { name, .. } = &body.node(node.args[operand]).attrs else { return None };
    let constant = place(name, 'k')?;
    let few = node.ty.shape[..rows.len()].iter().product::<usize>() <= ROWS;
    let is_across = labels.len() == 2 && labels[0] == *columns && !spec.out.contains(&labels[1]);
    if !few || !is_across {
        return None;
    }
    let mut spec = spec.clone();
    if operand == 1 {
        spec.rhs.reverse()
    } else {
        spec.lhs.reverse()
    }
    Some((operand, constant, spec))
}
