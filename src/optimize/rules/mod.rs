//! Tables of rewrite rules. In: a node on offer. Out: an equal node, or nothing. Each rule carries
//! an example on which it must apply; tests run the example before and after on random numbers.

pub mod arith;
pub mod contract;
pub mod fold;
mod pattern;
pub mod stable;
pub mod view;

use super::sweep::Site;
use crate::graph::op::view as views;
use crate::graph::{Attrs, DType, Graph, Node, NodeId, Op};

/// A rewrite rule.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// `before -> after`.
    pub doc: &'static str,
    /// The node that stands for the one on offer.
    pub apply: fn(&mut Graph, &Site) -> Option<NodeId>,
    /// Text of a graph on which it applies.
    pub example: &'static str,
}

/// Every table, for tests and documents.
pub const TABLES: &[&[Rule]] =
    &[fold::RULES, arith::RULES, view::RULES, contract::RULES, stable::RULES];

/// The node, if it is this op.
fn is(g: &Graph, id: NodeId, op: Op) -> Option<&Node> {
    Some(g.node(id)).filter(|node| node.op == op)
}

/// The operand of a node with one operand, if it is this op.
fn of(g: &Graph, id: NodeId, op: Op) -> Option<NodeId> {
    is(g, id, op).map(|node| node.args[0])
}

/// The operands of a node with two operands, if it is this op.
fn pair(g: &Graph, id: NodeId, op: Op) -> Option<(NodeId, NodeId)> {
    is(g, id, op).map(|node| (node.args[0], node.args[1]))
}

/// Whether devices hold a literal with all its digits.
fn is_normal(c: f64) -> bool {
    (c as f32).is_normal()
}

/// Whether a literal factor may go past other operands. What it keeps small or large is then by so
/// much nearer to the ends of what a device can hold.
fn is_moderate(c: f64) -> bool {
    const FAR: f64 = (1 << 20) as f64;
    (1.0 / FAR..=FAR).contains(&c.abs())
}

/// Whether it is a real literal of this value.
fn is_real(g: &Graph, id: NodeId, value: f64) -> bool {
    g.ty(id).dtype == DType::F32 && g.literal(id) == Some(value)
}

/// A `broadcast`: its operand and the dims that the operand's become.
fn spread(g: &Graph, id: NodeId) -> Option<(NodeId, Vec<usize>)> {
    let node = is(g, id, &views::BROADCAST)?;
    let Attrs::Broadcast { dims, .. } = &node.attrs else { return None };
    Some((node.args[0], dims.clone()))
}
