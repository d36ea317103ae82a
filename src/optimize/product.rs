//! Products of many factors. In: a sum of products, whatever mixture of `mul`, `contract`, `sum`,
//! `broadcast` and `permute` it is written as. Out: the same value with identity matrices resolved
//! into labels and factors multiplied in a cheap order; nothing, if that saves no work.
//!
//! This is what keeps the penalty `sum(J^2)` of a Jacobian from being computed by way of `J`: the
//! rows of `J` come from an identity matrix as the seed, so `J[r,b,d] = eye[r,h] s[b,h] W[d,h]`
//! summed over `h`, which is `s[b,r] W[d,r]`; its square summed over `r` and `d` is a product of
//! `s^2` and the column sums of `W^2`.

use super::multiply::{Factor, Label, Product};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::index::EYE;
use crate::graph::op::map::{ADD, LE, MUL, NEG, OR, SELECT, SUB};
use crate::graph::op::reduce::SUM;
use crate::graph::op::view::{BROADCAST, PERMUTE};
use crate::graph::range::{self, Wild};
use crate::graph::{Attrs, DType, Graph, Node, NodeId};

/// Limits of what is looked at, so that the pass takes linear time.
const FACTORS: usize = 16;
const DEPTH: usize = 24;
/// A cheaper node for this one, if it is a sum of products that is written wastefully. `single`
/// says whether only this product reads a node.
pub fn restructure(g: &mut Graph, root: NodeId, single: &dyn Fn(NodeId) -> bool) -> Option<NodeId> {
    if ![&CONTRACT, &SUM, &MUL].contains(&g.node(root).op) || g.ty(root).dtype != DType::F32 {
        return None;
    }
    let extents = g.shape(root).to_vec();
    let out: Vec<Label> = (0..extents.len()).collect();
    let mut product =
        Product { coefficient: 1.0, factors: Vec::new(), out: out.clone(), extents, work: 0.0 };
    product.flatten(g, root, out, DEPTH, single)?;
    product.count_repeats();
    product.resolve_identities(g);
    product.cheaper(g)
}

/// The same, only if that resolves every identity matrix that is hidden in the node: first as it
/// is, then with the sums inside it multiplied out, so that each term is resolved by itself.
pub fn resolve(g: &mut Graph, root: NodeId, single: &dyn Fn(NodeId) -> bool) -> Option<NodeId> {
    if !is_product(g, root) || !hides_identity(g, root) {
        return None;
    }
    if g.node(root).op == &SUM || g.node(root).op == &CONTRACT {
        let whole = restructure(g, root, single).filter(|made| !hides_identity(g, *made));
        if whole.is_some() {
            return whole;
        }
    }
    distribute(g, root, single, TERMS)
}

/// How deep sums are multiplied out.
const TERMS: usize = 6;

impl Product {
    /// Adds the factors of a node whose dims have these labels; `None` if there are too many.
    fn flatten(
        &mut self,
        g: &Graph,
        id: NodeId,
        labels: Vec<Label>,
        depth: usize,
        single: &dyn Fn(NodeId) -> bool,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if let Some(value) = g.literal(id) {
            self.coefficient *= value;
            return Some(());
        }
        let node = g.node(id);
        let opens = depth + 1 == DEPTH || single(id) || wasteful(g, id);
        let size = self.size(&labels);
        match &node.attrs {
            Attrs::Broadcast { dims, .. } if node.op == &BROADCAST => {
                let labels = dims.iter().map(|d| labels[*d]).collect();
                self.flatten(g, node.args[0], labels, depth, single)
            }
            Attrs::Perm(perm) if node.op == &PERMUTE => {
                let mut own = labels.clone();
                perm.iter().enumerate().for_each(|(i, p)| own[*p] = labels[i]);
                self.flatten(g, node.args[0], own, depth, single)
            }
            Attrs::Contract(spec) if opens => {
                let (left, right) = self.sides(g, node, spec, labels)?;
                self.flatten(g, node.args[0], left, depth, single)?;
                self.flatten(g, node.args[1], right, depth, single)
            }
            Attrs::Axes(axes) if node.op == &SUM && opens => {
                let shape = g.shape(node.args[0]).to_vec();
                let mut kept = labels.into_iter();
                let mut own = Vec::new();
                for (i, extent) in shape.iter().enumerate() {
                    own.push(if axes.contains(&i) { self.label(*extent) } else { kept.next()? });
                }
                self.work += self.size(&own);
                self.flatten(g, node.args[0], own, depth, single)
            }
            Attrs::None if node.op == &MUL && opens => {
                self.work += size;
                self.flatten(g, node.args[0], labels.clone(), depth, single)?;
                self.flatten(g, node.args[1], labels, depth, single)
            }
            Attrs::None if node.op == &NEG && opens => {
                self.coefficient = -self.coefficient;
                self.flatten(g, node.args[0], labels, depth, single)
            }
            _ => {
                self.factors.push(Factor { node: Some(id), labels });
                (self.factors.len() <= FACTORS).then_some(())
            }
        }
    }

    /// Labels of a contraction's operands, from those of its result.
    fn sides(
        &mut self,
        g: &Graph,
        node: &Node,
        spec: &ContractSpec,
        labels: Vec<Label>,
    ) -> Option<(Vec<Label>, Vec<Label>)> {
        let (a, b) = (g.shape(node.args[0]), g.shape(node.args[1]));
        let mut named: Vec<(u8, Label)> = spec.out.iter().copied().zip(labels).collect();
        for (letter, extent) in spec.lhs.iter().zip(a).chain(spec.rhs.iter().zip(b)) {
            if !named.iter().any(|(l, _)| l == letter) {
                named.push((*letter, self.label(*extent)));
            }
        }
        let all: Vec<Label> = named.iter().map(|(_, l)| *l).collect();
        self.work += 2.0 * self.size(&all);
        let place = |letter: &u8| named.iter().find(|(l, _)| l == letter).map(|(_, label)| *label);
        let left: Option<Vec<Label>> = spec.lhs.iter().map(place).collect();
        let right: Option<Vec<Label>> = spec.rhs.iter().map(place).collect();
        Some((left?, right?))
    }

    /// What is summed over a dim that no factor has is there as often as the dim is long.
    fn count_repeats(&mut self) {
        for label in 0..self.extents.len() {
            let known = self.factors.iter().any(|f| f.labels.contains(&label));
            if !known && !self.out.contains(&label) {
                self.coefficient *= self.extents[label] as f64;
            }
        }
    }

    /// Sums over a label of an identity matrix rename the label.
    fn resolve_identities(&mut self, g: &Graph) {
        let mut at = 0;
        while at < self.factors.len() {
            let factor = &self.factors[at];
            let square = factor.labels.len() == 2
                && self.extents[factor.labels[0]] == self.extents[factor.labels[1]];
            if !factor.node.is_some_and(|id| g.node(id).op == &EYE) || !square {
                at += 1;
                continue;
            }
            let (p, q) = (factor.labels[0], factor.labels[1]);
            let (keep, gone) = match (self.out.contains(&p), self.out.contains(&q)) {
                (true, true) => {
                    at += 1;
                    continue;
                }
                (false, true) => (q, p),
                _ => (p, q),
            };
            self.factors.remove(at);
            for label in self.factors.iter_mut().flat_map(|f| &mut f.labels) {
                if *label == gone {
                    *label = keep;
                }
            }
            let seen = self.factors.iter().any(|f| f.labels.contains(&keep));
            if !seen && !self.out.contains(&keep) {
                self.coefficient *= self.extents[keep] as f64;
            }
            at = 0;
        }
    }
}

/// Whether a shared node is better taken apart than computed: it hides an identity matrix, or it is
/// an outer product, larger than what it is made of.
fn wasteful(g: &Graph, id: NodeId) -> bool {
    let node = g.node(id);
    let outer = node.op == &MUL && node.args.iter().all(|a| is_small(g, *a, node.ty.len(), 8));
    outer || hides_identity(g, id)
}

/// Whether a value is a product of values of at most half this size, and literals.
fn is_small(g: &Graph, id: NodeId, size: usize, depth: usize) -> bool {
    let id = source(g, id);
    let node = g.node(id);
    let parts = (node.op == &MUL || node.op == &NEG) && depth > 0;
    2 * node.ty.len() <= size
        || g.literal(id).is_some()
        || (parts && node.args.iter().all(|a| is_small(g, *a, size, depth - 1)))
}

/// Whether an identity matrix is a factor of this value or of a term of it, not too far down.
fn hides_identity(g: &Graph, id: NodeId) -> bool {
    let mut open = vec![id];
    for _ in 0..64 {
        let Some(id) = open.pop() else { return false };
        let node = g.node(id);
        if node.op == &EYE {
            return true;
        }
        if is_product(g, id) || node.op == &ADD || node.op == &SUB {
            open.extend(&node.args);
        }
    }
    false
}

/// Whether a product looks through this node.
pub fn is_product(g: &Graph, id: NodeId) -> bool {
    [&CONTRACT, &MUL, &NEG, &BROADCAST, &PERMUTE, &SUM].contains(&g.node(id).op)
}

/// A product or sum of a sum of terms, one of which hides an identity matrix -> the sum of the
/// products, each resolved if it can be.
fn distribute(
    g: &mut Graph,
    id: NodeId,
    single: &dyn Fn(NodeId) -> bool,
    depth: usize,
) -> Option<NodeId> {
    let depth = depth.checked_sub(1)?;
    let node = g.node(id).clone();
    let terms = |arg: &NodeId| {
        let sum = g.node(*arg);
        (sum.op == &ADD || sum.op == &SUB) && hides_identity(g, *arg)
    };
    let at = node.args.iter().position(terms)?;
    let sum = g.node(node.args[at]).clone();
    let mut made = Vec::new();
    for part in &sum.args {
        let mut args = node.args.clone();
        args[at] = *part;
        let term = g.push(node.op, args, node.attrs.clone());
        let resolved = restructure(g, term, single).filter(|made| !hides_identity(g, *made));
        let resolved = resolved.or_else(|| distribute(g, term, single, depth));
        made.push(resolved.unwrap_or(term));
    }
    Some(g.push(sum.op, made, Attrs::None))
}

/// What a value repeats.
fn source(g: &Graph, id: NodeId) -> NodeId {
    match g.node(id) {
        node if node.op == &BROADCAST || node.op == &PERMUTE => source(g, node.args[0]),
        _ => id,
    }
}

/// Whether a condition asks, among others, for finite values.
fn keeps_out(g: &Graph, id: NodeId) -> bool {
    let node = g.node(source(g, id));
    node.op == &LE || (node.op == &OR && node.args.iter().any(|a| keeps_out(g, *a)))
}

/// A mask `select(c, x, 0)` is a product; written as one, it can be restructured. Not one that keeps out
/// what is not finite: 0 times that is no number.
pub fn masks_as_products(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let node = g.node(id).clone();
    let masked = node.op == &SELECT
        && node.ty.dtype == DType::F32
        && g.literal(node.args[2]) == Some(0.0)
        && !keeps_out(g, node.args[0])
        && range::of(g, node.args[1]).wild < Wild::Breaks
        && wasteful(g, node.args[1]);
    masked.then(|| {
        let mask = match &g.node(node.args[0]).attrs.clone() {
            Attrs::Broadcast { shape, dims } => {
                let small = g.cast(g.node(node.args[0]).args[0], DType::F32);
                g.broadcast(small, shape, dims)
            }
            _ => g.cast(node.args[0], DType::F32),
        };
        g.mul(node.args[1], mask)
    })
}
