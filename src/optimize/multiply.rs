//! The order in which many factors are multiplied. In: factors with labelled dims. Out: the nodes of
//! a cheap order of pairwise products, or nothing if that saves no work.

use super::rules::contract::laid_out;
use crate::graph::attrs::ContractSpec;
use crate::graph::{Graph, NodeId};

/// Work must fall at least to this share.
const WORTH: f64 = 0.75;

/// Stands for a dim; its extent is in [`Product::extents`].
pub type Label = usize;

/// A factor: its labels, and the node once there is one.
#[derive(Clone, Debug)]
pub struct Factor {
    /// The node; none while a plan is only tried.
    pub node: Option<NodeId>,
    /// Of its dims, in order.
    pub labels: Vec<Label>,
}

/// A sum of products over all labels that are not in `out`.
#[derive(Clone, Debug)]
pub struct Product {
    /// A literal factor.
    pub coefficient: f64,
    /// What is multiplied.
    pub factors: Vec<Factor>,
    /// Labels of the result, in order.
    pub out: Vec<Label>,
    /// Of every label.
    pub extents: Vec<usize>,
    /// Work of computing it as it is written.
    pub work: f64,
}

impl Product {
    /// The cheapest way to multiply, if it is cheaper than what is written.
    pub fn cheaper(mut self, g: &mut Graph) -> Option<NodeId> {
        let mut trial = self.clone();
        let work = trial.multiply(&mut Dry);
        if self.factors.len() < 2 || work > self.work * WORTH {
            return None;
        }
        self.multiply(g);
        self.finish(g)
    }

    /// Number of elements over these labels.
    pub fn size(&self, labels: &[Label]) -> f64 {
        labels.iter().map(|l| self.extents[*l] as f64).product()
    }

    /// A new label.
    pub fn label(&mut self, extent: usize) -> Label {
        self.extents.push(extent);
        self.extents.len() - 1
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
