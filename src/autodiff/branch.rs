//! Branches that are not taken. In: a sweep's nodes and adjoints. Out: adjoints that are 0 where no
//! derivative comes in, also where the slope is infinite or no number.
//!
//! A choice (`select`, `max`, a slice, a pick) sends an adjoint of exactly 0 to what it did not
//! choose. The rules of `log`, `div`, `sqrt` and so on multiply it by their slope, and 0 times an
//! infinite slope is no number. So below a choice, the adjoint that such a rule gives is kept only
//! where it is finite or something came in, and is 0 elsewhere. Where it is finite nothing changes:
//! a derivative of this derivative is right as well, also at places where an adjoint is 0 by chance.
//!
//! Both conditions are known from the graph: whether a choice lies between ([`range::chooses`]),
//! and whether the slope can be other than finite ([`range`]). Networks of products, `relu` and
//! `tanh` meet neither together, and get no operation more.

use crate::graph::range::{self, Range, Wild};
use crate::graph::{Attrs, Graph, Kind, NodeId};

/// The largest number of a device.
const LARGEST: f64 = f32::MAX as f64;

/// What is known of the nodes of a sweep.
pub struct Branches {
    ranges: Vec<Range>,
}

impl Branches {
    /// Of a graph up to the node that is differentiated.
    pub fn new(g: &Graph, y: NodeId) -> Branches {
        Branches { ranges: range::all(g, y) }
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
        let slopes = matches!(node.op.kind, Kind::Map | Kind::Reduce) && !range::is_even(node.op);
        let harmless = if range::is_flat(node.op) { Wild::Grows } else { Wild::No };
        let wild = |id: &NodeId| self.wild(*id) > harmless;
        // The slope of a product is its other factor.
        let wild = match node.op.name {
            "mul" => wild(&node.args[1 - operand]),
            _ => wild(&id) || node.args.iter().any(wild),
        };
        if !slopes || !wild {
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
        let came = g.ne(seed, zero);
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

fn is_finite(g: &mut Graph, x: NodeId) -> NodeId {
    let size = g.abs(x);
    let most = g.like(LARGEST, size);
    g.le(size, most)
}
