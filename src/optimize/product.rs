//! Products of many factors. In: a sum of products, whatever mixture of `mul`, `contract`, `sum`,
//! `broadcast` and `permute` it is written as. Out: the same value with identity matrices resolved
//! into labels and factors multiplied in a cheap order; nothing, if that saves no work.
//!
//! This is what keeps the penalty `sum(J^2)` of a Jacobian from being computed by way of `J`: the
//! rows of `J` come from an identity matrix as the seed, so `J[r,b,d] = eye[r,h] s[b,h] W[d,h]`
//! summed over `h`, which is `s[b,r] W[d,r]`; its square summed over `r` and `d` is a product of
//! `s^2` and the column sums of `W^2`.

use super::rules::contract::laid_out;
use super::rules::uniform;
use crate::graph::attrs::ContractSpec;
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::index::EYE;
use crate::graph::op::map::{ADD, MUL, NEG, SELECT, SUB};
use crate::graph::op::reduce::SUM;
use crate::graph::op::view::{BROADCAST, PERMUTE};
use crate::graph::{Attrs, DType, Graph, NodeId};

/// Limits of what is looked at, so that the pass takes linear time.
const FACTORS: usize = 16;
const DEPTH: usize = 24;
/// Work must fall at least to this share.
const WORTH: f64 = 0.75;

/// Stands for a dim; its extent is in [`Product::extents`].
type Label = usize;

/// A factor: its labels, and the node once there is one.
#[derive(Clone, Debug)]
struct Factor {
    node: Option<NodeId>,
    labels: Vec<Label>,
}

/// A sum of products over all labels that are not in `out`.
#[derive(Clone, Debug)]
struct Product {
    coefficient: f64,
    factors: Vec<Factor>,
    out: Vec<Label>,
    extents: Vec<usize>,
    /// Work of computing it as it is written.
    work: f64,
}

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
    /// The cheapest way to multiply, if it is cheaper than what is written.
    fn cheaper(mut self, g: &mut Graph) -> Option<NodeId> {
        let mut trial = self.clone();
        let work = trial.multiply(&mut Dry);
        if self.factors.len() < 2 || work > self.work * WORTH {
            return None;
        }
        self.multiply(g);
        self.finish(g)
    }

    fn size(&self, labels: &[Label]) -> f64 {
        labels.iter().map(|l| self.extents[*l] as f64).product()
    }

    fn label(&mut self, extent: usize) -> Label {
        self.extents.push(extent);
        self.extents.len() - 1
    }

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
        if let Some(value) = uniform(g, id) {
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
                let (a, b) = (g.shape(node.args[0]).to_vec(), g.shape(node.args[1]).to_vec());
                let mut named: Vec<(u8, Label)> = spec.out.iter().copied().zip(labels).collect();
                for (letter, extent) in spec.lhs.iter().zip(&a).chain(spec.rhs.iter().zip(&b)) {
                    if !named.iter().any(|(l, _)| l == letter) {
                        named.push((*letter, self.label(*extent)));
                    }
                }
                let all: Vec<Label> = named.iter().map(|(_, l)| *l).collect();
                self.work += 2.0 * self.size(&all);
                let place =
                    |letter: &u8| named.iter().find(|(l, _)| l == letter).map(|(_, label)| *label);
                let left: Option<Vec<Label>> = spec.lhs.iter().map(place).collect();
                let right: Option<Vec<Label>> = spec.rhs.iter().map(place).collect();
                self.flatten(g, node.args[0], left?, depth, single)?;
                self.flatten(g, node.args[1], right?, depth, single)
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

    /// Multiplies the factors, the cheapest pair first, until one is left. Returns the work.
    fn multiply(&mut self, maker: &mut dyn Maker) -> f64 {
        let mut work = self.diagonals(maker);
        loop {
            work += self.merge_alike(maker) + self.sum_lonely(maker);
            let Some((i, j)) = self.cheapest_pair() else { return work };
            let right = self.factors.remove(j);
            let left = self.factors.remove(i);
            let all = union(&left.labels, &right.labels);
            let needed = |l: &Label| {
                self.out.contains(l) || self.factors.iter().any(|f| f.labels.contains(l))
            };
            let labels: Vec<Label> = all.iter().copied().filter(needed).collect();
            let factor = if labels.len() == all.len() { 1.0 } else { 2.0 };
            work += factor * self.size(&all);
            let node = maker.contract(&left, &right, &labels);
            self.factors.push(Factor { node, labels });
        }
    }

    /// A factor that has one label twice is read along its diagonal.
    fn diagonals(&mut self, maker: &mut dyn Maker) -> f64 {
        let mut work = 0.0;
        for at in 0..self.factors.len() {
            while let Some((i, j)) = twice(&self.factors[at].labels) {
                work += self.size(&self.factors[at].labels);
                let factor = &mut self.factors[at];
                factor.node = maker.diagonal(factor, i, j);
                factor.labels.remove(j);
            }
        }
        work
    }

    /// Multiplies factors with the same labels.
    fn merge_alike(&mut self, maker: &mut dyn Maker) -> f64 {
        let mut work = 0.0;
        let mut i = 0;
        while i < self.factors.len() {
            let mut j = i + 1;
            while j < self.factors.len() {
                let (a, b) = (&self.factors[i], &self.factors[j]);
                if a.labels.len() == b.labels.len() && a.labels.iter().all(|l| b.labels.contains(l))
                {
                    work += self.size(&a.labels);
                    let labels = a.labels.clone();
                    let node = maker.contract(a, b, &labels);
                    self.factors[i] = Factor { node, labels };
                    self.factors.remove(j);
                } else {
                    j += 1;
                }
            }
            i += 1;
        }
        work
    }

    /// Sums a factor over labels that nothing else has.
    fn sum_lonely(&mut self, maker: &mut dyn Maker) -> f64 {
        let mut work = 0.0;
        for i in 0..self.factors.len() {
            let lonely = |l: &Label| {
                let others = self.factors.iter().enumerate().filter(|(j, _)| *j != i);
                !self.out.contains(l) && !others.into_iter().any(|(_, f)| f.labels.contains(l))
            };
            let factor = &self.factors[i];
            let places: Vec<usize> =
                (0..factor.labels.len()).filter(|p| lonely(&factor.labels[*p])).collect();
            if places.is_empty() {
                continue;
            }
            work += self.size(&factor.labels);
            let kept = factor.labels.iter().copied().filter(|l| !lonely(l)).collect();
            let node = maker.sum(factor, &places);
            self.factors[i] = Factor { node, labels: kept };
        }
        work
    }

    /// The pair whose product takes the least work; of equals the first.
    fn cheapest_pair(&self) -> Option<(usize, usize)> {
        let n = self.factors.len();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let cost = |(i, j): &(usize, usize)| {
            self.size(&union(&self.factors[*i].labels, &self.factors[*j].labels))
        };
        pairs.min_by(|a, b| cost(a).total_cmp(&cost(b)))
    }

    /// The last factor in the order of the result's labels, times the coefficient.
    fn finish(&self, g: &mut Graph) -> Option<NodeId> {
        let factor = self.factors.first()?;
        let shape: Vec<usize> = self.out.iter().map(|l| self.extents[*l]).collect();
        let scaled = match self.coefficient {
            1.0 => factor.node?,
            -1.0 => g.neg(factor.node?),
            c => g.scale(factor.node?, c),
        };
        let bytes = |labels: &[Label]| labels.iter().map(|l| *l as u8).collect::<Vec<u8>>();
        laid_out(g, scaled, &bytes(&factor.labels), &bytes(&self.out), &shape)
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
        || uniform(g, id).is_some()
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

fn union(a: &[Label], b: &[Label]) -> Vec<Label> {
    a.iter().chain(b.iter().filter(|l| !a.contains(l))).copied().collect()
}

/// Two places of one label.
fn twice(labels: &[Label]) -> Option<(usize, usize)> {
    let n = labels.len();
    (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).find(|(i, j)| labels[*i] == labels[*j])
}

/// Builds the nodes of a plan, or only counts.
trait Maker {
    fn contract(&mut self, a: &Factor, b: &Factor, out: &[Label]) -> Option<NodeId>;
    fn sum(&mut self, a: &Factor, places: &[usize]) -> Option<NodeId>;
    fn diagonal(&mut self, a: &Factor, i: usize, j: usize) -> Option<NodeId>;
}

/// Builds nothing.
struct Dry;

impl Maker for Dry {
    fn contract(&mut self, _: &Factor, _: &Factor, _: &[Label]) -> Option<NodeId> {
        None
    }
    fn sum(&mut self, _: &Factor, _: &[usize]) -> Option<NodeId> {
        None
    }
    fn diagonal(&mut self, _: &Factor, _: usize, _: usize) -> Option<NodeId> {
        None
    }
}

impl Maker for Graph {
    fn contract(&mut self, a: &Factor, b: &Factor, out: &[Label]) -> Option<NodeId> {
        let all = union(&a.labels, &b.labels);
        let letter = |l: &Label| all.iter().position(|x| x == l).map(|i| b'a' + i as u8);
        let letters = |labels: &[Label]| labels.iter().map(letter).collect::<Option<Vec<u8>>>();
        let spec =
            ContractSpec { lhs: letters(&a.labels)?, rhs: letters(&b.labels)?, out: letters(out)? };
        Some(self.contraction(a.node?, b.node?, spec))
    }

    fn sum(&mut self, a: &Factor, places: &[usize]) -> Option<NodeId> {
        Some(Graph::sum(self, a.node?, places))
    }

    /// The sum over one of the dims of the product with an identity matrix.
    fn diagonal(&mut self, a: &Factor, i: usize, j: usize) -> Option<NodeId> {
        let x = a.node?;
        let shape = self.shape(x).to_vec();
        let eye = self.eye(shape[i]);
        let eye = self.broadcast(eye, &shape, &[i, j]);
        let product = self.mul(x, eye);
        Some(Graph::sum(self, product, &[j]))
    }
}

/// A mask `select(c, x, 0)` is a product; written as one, it can be restructured.
pub fn masks_as_products(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let node = g.node(id).clone();
    let masked = node.op == &SELECT
        && node.ty.dtype == DType::F32
        && uniform(g, node.args[2]) == Some(0.0)
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
