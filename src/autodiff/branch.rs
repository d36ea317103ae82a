//! Branches that are not taken. In: a sweep's nodes and adjoints. Out: adjoints that are 0 where no
//! derivative comes in, also where the slope is infinite or no number.
//!
//! A choice (`select`, `max`, a slice, a pick) sends an adjoint of exactly 0 to what it did not
//! choose. The rules of `log`, `div`, `sqrt` and so on multiply it by their slope, and 0 times an
//! infinite slope is no number. So below a choice, the adjoint that such a rule gives is kept only
//! where it is finite or something came in, and is 0 elsewhere. Where it is finite nothing changes:
//! a derivative of this derivative is right as well, also at places where an adjoint is 0 by chance.
//!
//! An adjoint of an earlier derivative that is 0 there is a factor of the next one, which may meet an
//! infinite adjoint in its turn: such factors are kept in [`Zeros`], and what they give is 0 likewise. An
//! adjoint is infinite by what derivatives pass: what is behind `stop` and in whole numbers makes none.
//!
//! Both conditions are known from the graph: whether a choice lies between ([`range::chooses`]),
//! and whether the slope can be other than finite ([`range`]). Networks of products, `relu` and
//! `tanh` meet neither together, and get no operation more.

use crate::graph::op::control::{SCAN, STOP};
use crate::graph::op::is;
use crate::graph::range::{self, Range, Wild};
use crate::graph::{Attrs, DType, Graph, Kind, Node, NodeId};
use std::collections::HashSet;

/// The largest number of a device.
const LARGEST: f64 = f32::MAX as f64;

/// Adjoints of earlier sweeps that are 0 behind branches that are not taken, and what is a multiple of
/// them.
#[derive(Default)]
pub struct Zeros(HashSet<NodeId>);

impl Zeros {
    /// Takes in the adjoints of a sweep, and what has been made of them since a node.
    pub fn extend(&mut self, g: &Graph, first: usize, adjoints: impl IntoIterator<Item = NodeId>) {
        self.0.extend(adjoints.into_iter().filter(|id| id.0 as usize >= first));
        for id in (first..g.len()).map(|at| NodeId(at as u32)) {
            if self.is_multiple(g, g.node(id)) {
                self.0.insert(id);
            }
        }
    }

    fn is_multiple(&self, g: &Graph, node: &Node) -> bool {
        let held = |arg: &NodeId| self.0.contains(arg);
        match (node.op.name, node.args.as_slice()) {
            (is::MUL, [a, b]) => held(a) || held(b),
            (is::DIV, [a, _]) | (is::NEG | is::SUM, [a]) => held(a),
            (is::ADD | is::SUB, [a, b]) => held(a) && held(b),
            (is::SELECT, [_, a, b]) => held(a) && (held(b) || g.literal(*b) == Some(0.0)),
            (_, [a]) => node.op.kind == Kind::View && held(a),
            _ => false,
        }
    }

    /// The factor of a node that is such a number, beside an operand.
    fn factor(&self, node: &Node, operand: usize) -> Option<NodeId> {
        let other = match node.op.name {
            is::MUL => node.args[1 - operand],
            is::DIV if operand == 1 => node.args[0],
            _ => return None,
        };
        Some(other).filter(|id| self.0.contains(id))
    }
}

/// What is known of the nodes of a sweep.
pub struct Branches<'a> {
    ranges: Vec<Range>,
    zeros: &'a Zeros,
    /// Whether anything that derivatives meet may be other than finite.
    wild: bool,
}

impl<'a> Branches<'a> {
    /// Of a graph up to the node that is differentiated.
    pub fn new(g: &Graph, y: NodeId, zeros: &'a Zeros) -> Branches<'a> {
        let ranges = range::all(g, y);
        let wild = met(g, y).iter().any(|id| ranges[id.0 as usize].wild > Wild::No);
        Branches { ranges, zeros, wild }
    }

    fn wild(&self, id: NodeId) -> Wild {
        self.ranges.get(id.0 as usize).map_or(Wild::Breaks, |r| r.wild)
    }

    /// The adjoint of one operand, 0 where it is not finite and nothing came in.
    pub fn guarded(
        &self,
        g: &mut Graph,
        (id, operand): (NodeId, usize),
        seed: NodeId,
        adjoint: NodeId,
    ) -> NodeId {
        let node = g.node(id);
        let slopes = matches!(node.op.kind, Kind::Map | Kind::Reduce) && !node.op.slopes.even;
        let harmless = if node.op.slopes.flat { Wild::Grows } else { Wild::No };
        let wild = |id: &NodeId| self.wild(*id) > harmless;
        // The slope of a product is its other factor.
        let wild = match node.op.name {
            is::MUL => wild(&node.args[1 - operand]),
            _ => wild(&id) || node.args.iter().any(wild),
        };
        let factor = self.zeros.factor(node, operand).filter(|_| self.wild);
        if (!slopes || !wild) && factor.is_none() {
            return adjoint;
        }
        let seed = match node.attrs.clone() {
            Attrs::Axes(axes) => {
                let shape = g.shape(adjoint).to_vec();
                g.spread(seed, &shape, &axes)
            }
            _ => seed,
        };
        let zero = g.like(0.0, adjoint);
        let mut came = g.ne(seed, zero);
        if let Some(factor) = factor {
            let also = g.ne(factor, zero);
            came = g.and(came, also);
        }
        let finite = is_finite(g, adjoint);
        let kept = g.or(finite, came);
        g.select(kept, adjoint, zero)
    }

    /// A product's node with operands that are 0 where they are not finite: each element of a result
    /// is a sum over many, and 0 times one of them must be 0. Where such an element is used, the value
    /// itself is not finite, and known to be.
    pub fn bounded(&self, g: &mut Graph, id: NodeId) -> NodeId {
        let node = g.node(id).clone();
        if node.op.kind != Kind::Contract || self.wild(id) < Wild::Breaks {
            return id;
        }
        let args = node.args.iter().map(|a| {
            if self.wild(*a) < Wild::Breaks {
                return *a;
            }
            let finite = is_finite(g, *a);
            let zero = g.like(0.0, *a);
            g.select(finite, *a, zero)
        });
        let args = args.collect();
        g.push(node.op, args, node.attrs)
    }
}

/// What derivatives of a node meet: the reals that it is made of, and loops that give them.
fn met(g: &Graph, y: NodeId) -> Vec<NodeId> {
    let mut open = vec![y];
    let mut found = HashSet::from([y]);
    let mut list = Vec::new();
    while let Some(id) = open.pop() {
        list.push(id);
        let node = g.node(id);
        if node.op == &STOP {
            continue;
        }
        let passes = |arg: &NodeId| g.ty(*arg).dtype == DType::F32 || g.node(*arg).op == &SCAN;
        open.extend(node.args.iter().copied().filter(|a| passes(a) && found.insert(*a)));
    }
    list
}

fn is_finite(g: &mut Graph, x: NodeId) -> NodeId {
    let size = g.abs(x);
    let most = g.like(LARGEST, size);
    g.le(size, most)
}
