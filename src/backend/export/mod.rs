//! Parts of models for other programs. In: a part as two graphs that differ in their number of rows.
//! Out: text or bytes of another format. Touches no files.
//!
//! Graphs have plain numbers as dims. What is made for two numbers of rows shows which of them follow
//! the rows, and how: [`Open`] is a graph with that knowledge. Each format is a table from ops to its
//! own words; an op that it has no words for is refused.

pub mod c;
pub mod onnx;
mod proto;
pub mod torch;

use super::Tensor;
use crate::graph::attrs::Scan;
use crate::graph::op::{Kind, is};
use crate::graph::{Attrs, Graph, InputRole, Named, NodeId, Ty};
use std::collections::BTreeMap;

/// Weights and states by their path.
pub type Weights = BTreeMap<String, Tensor>;

/// Why a part cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What cannot be said, as a sentence.
    pub why: String,
}

impl Refused {
    fn new(why: impl Into<String>) -> Refused {
        Refused { why: why.into() }
    }

    fn op(name: &str, format: &str) -> Refused {
        Refused::new(format!("{format} has no words for the op `{name}`"))
    }
}

/// What a part is beside its graph.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The model.
    pub model: String,
    /// The part.
    pub part: String,
    /// The program that wrote it.
    pub writer: String,
    /// What is to be known of each input: names and sentences.
    pub inputs: Vec<(String, String)>,
}

/// A size that may follow the number of rows: `per_row * rows + fixed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim {
    /// What it grows by with each row.
    pub per_row: usize,
    /// The rest.
    pub fixed: usize,
}

impl Dim {
    /// Whether it is the same for all numbers of rows.
    pub fn known(self) -> Option<usize> {
        (self.per_row == 0).then_some(self.fixed)
    }
}

/// A graph for any number of rows.
#[derive(Clone, Copy, Debug)]
pub struct Open<'g> {
    /// For the first number of rows.
    pub graph: &'g Graph,
    other: &'g Graph,
    rows: (usize, usize),
}

impl<'g> Open<'g> {
    /// Holds two graphs against each other.
    ///
    /// # Errors
    /// If they differ in more than sizes: the number of rows is part of what is computed.
    pub fn new(graph: &'g Graph, other: &'g Graph, rows: (usize, usize)) -> Result<Self, Refused> {
        let open = Open { graph, other, rows };
        let differs = || Refused::new("what is computed depends on the number of rows itself");
        let same = graph.len() == other.len() && graph.outputs == other.outputs;
        if !same || !open.live().into_iter().all(|id| open.alike(id)) {
            return Err(differs());
        }
        Ok(open)
    }

    fn alike(&self, id: NodeId) -> bool {
        let (a, b) = (self.graph.node(id), self.other.node(id));
        let shapes = a.ty.shape.len() == b.ty.shape.len()
            && a.ty.shape.iter().zip(&b.ty.shape).all(|(x, y)| self.size(*x, *y).is_some());
        let attrs = match (&a.attrs, &b.attrs) {
            (Attrs::Scan(x), Attrs::Scan(y)) => self.body(x, y).is_ok() && x.length == y.length,
            (Attrs::Input { name: x, .. }, Attrs::Input { name: y, .. }) => x == y,
            (Attrs::Noise { stream: x, .. }, Attrs::Noise { stream: y, .. }) => x == y,
            (Attrs::Const(..), _) | (Attrs::Axes(_), _) | (Attrs::Perm(_), _) => a.attrs == b.attrs,
            (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
        };
        a.op == b.op && a.args == b.args && shapes && attrs
    }

    /// Nodes that outputs depend on, those of steps not counted, in their order.
    pub fn live(&self) -> Vec<NodeId> {
        let mut live = vec![false; self.graph.len()];
        self.outputs().iter().for_each(|(_, id)| live[id.0 as usize] = true);
        for id in self.graph.ids().rev() {
            let node = self.graph.node(id);
            if live[id.0 as usize] && node.op.kind != Kind::Random {
                node.args.iter().for_each(|arg| live[arg.0 as usize] = true);
            }
        }
        self.graph.ids().filter(|id| live[id.0 as usize]).collect()
    }

    /// What it gives: names without their kind, new values of slots left out.
    pub fn outputs(&self) -> Vec<(String, NodeId)> {
        let plain = |(name, id): &(String, NodeId)| match Named::parse(name) {
            Some(Named::Param(_) | Named::State(_)) => None,
            Some(Named::Emit(name) | Named::Code(name)) => Some((name.to_string(), *id)),
            _ => Some((name.clone(), *id)),
        };
        self.graph.outputs.iter().filter_map(plain).collect()
    }

    fn size(&self, a: usize, b: usize) -> Option<Dim> {
        let ((r, s), step) = (self.rows, self.rows.1 - self.rows.0);
        if a == b {
            return Some(Dim { per_row: 0, fixed: a });
        }
        let per_row = b.checked_sub(a).filter(|more| more % step == 0)? / step;
        let fixed = a.checked_sub(per_row * r)?;
        (per_row * s + fixed == b).then_some(Dim { per_row, fixed })
    }

    fn dims_of(&self, a: &[usize], b: &[usize]) -> Vec<Dim> {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| self.size(*a, *b).unwrap_or(Dim { per_row: 0, fixed: *a })).collect()
    }

    /// The dims of a node.
    pub fn dims(&self, id: NodeId) -> Vec<Dim> {
        self.dims_of(self.graph.shape(id), self.other.shape(id))
    }

    /// Starts, stops and strides of a slice.
    pub fn cuts(&self, id: NodeId) -> Result<Vec<(Dim, Dim, usize)>, Refused> {
        let (a, b) = (self.graph.node(id).attrs.cuts(), self.other.node(id).attrs.cuts());
        let cut = |((a, b, s), (c, d, t)): (&(usize, usize, usize), &(usize, usize, usize))| {
            let fine = s == t;
            fine.then(|| Some((self.size(*a, *c)?, self.size(*b, *d)?, *s))).flatten()
        };
        let cuts: Option<Vec<_>> = a.iter().zip(b).map(cut).collect();
        cuts.ok_or_else(|| Refused::new("a slice depends on the number of rows"))
    }

    /// Zeros around and between: the same for all numbers of rows.
    pub fn pads(&self, id: NodeId) -> Result<Vec<(usize, usize, usize)>, Refused> {
        let (a, b) = (self.graph.node(id).attrs.pads(), self.other.node(id).attrs.pads());
        let same = a == b;
        same.then(|| a.to_vec())
            .ok_or_else(|| Refused::new("zeros around follow the number of rows"))
    }

    /// The body of a loop.
    pub fn scan(&self, id: NodeId) -> (&'g Scan, Result<Open<'g>, Refused>) {
        let (a, b) = (self.graph.node(id).attrs.body(), self.other.node(id).attrs.body());
        (a, self.body(a, b))
    }

    fn body(&self, a: &'g Scan, b: &'g Scan) -> Result<Open<'g>, Refused> {
        let same = (a.length, a.carries, a.sequences) == (b.length, b.carries, b.sequences);
        let open = Open { graph: &a.body, other: &b.body, rows: self.rows };
        let fine = same
            && a.body.len() == b.body.len()
            && a.body.outputs == b.body.outputs
            && open.live().into_iter().all(|id| open.alike(id));
        fine.then_some(open).ok_or_else(|| Refused::new("a loop depends on the number of rows"))
    }

    /// What is given from outside, in the order of the nodes: values, then noise.
    pub fn inputs(&self) -> Result<Vec<Given>, Refused> {
        let mut list = Vec::new();
        for id in self.live() {
            let node = self.graph.node(id);
            match &node.attrs {
                Attrs::Input { role: InputRole::Param | InputRole::State, .. } => {}
                Attrs::Input { role: InputRole::Seed | InputRole::Step, name, .. } => {
                    let name = name.trim_end_matches("()");
                    return Err(Refused::new(format!("it reads the {name} of a run")));
                }
                Attrs::Input { name, .. } => list.push(self.given(id, name, false)),
                Attrs::Noise { stream, kind, .. } => {
                    let name = format!("{}_{stream}", kind.row().name);
                    list.push(self.given(id, &name, true));
                }
                _ => {}
            }
        }
        list.sort_by_key(|given| given.noise);
        Ok(list)
    }

    fn given(&self, id: NodeId, name: &str, noise: bool) -> Given {
        let ty = self.graph.ty(id).clone();
        Given { id, name: name.into(), dims: self.dims(id), ty, noise }
    }

    /// Weights and states that it reads, in the order of their paths.
    pub fn slots(&self) -> Vec<(String, NodeId)> {
        let mut list: Vec<(String, NodeId)> = self
            .live()
            .into_iter()
            .filter_map(|id| match &self.graph.node(id).attrs {
                Attrs::Input { name, role: InputRole::Param | InputRole::State, .. } => {
                    Some((name.clone(), id))
                }
                _ => None,
            })
            .collect();
        list.sort();
        list
    }
}

/// A value given from outside.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its node.
    pub id: NodeId,
    /// Its name in the graph.
    pub name: String,
    /// Its dims.
    pub dims: Vec<Dim>,
    /// Its type for the first number of rows.
    pub ty: Ty,
    /// Whether it is noise.
    pub noise: bool,
}

impl Given {
    /// What there is to say of it.
    pub fn note(&self, about: &About) -> String {
        let known = about.inputs.iter().find(|(name, _)| *name == self.name);
        match known {
            Some((_, note)) => note.clone(),
            None if self.noise => {
                format!("noise {}", self.name.split('_').next().unwrap_or_default())
            }
            None => String::new(),
        }
    }
}

/// Names that other languages take: letters, digits and `_`, each once.
#[derive(Debug, Default)]
pub(super) struct Words {
    taken: std::collections::BTreeSet<String>,
}

impl Words {
    /// Names that are not given out.
    pub(super) fn without(reserved: &[&str]) -> Words {
        Words { taken: reserved.iter().map(|word| word.to_string()).collect() }
    }

    /// A free word that looks like a name.
    pub(super) fn word(&mut self, name: &str) -> String {
        let fine = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut word: String = name.chars().map(fine).collect();
        if word.starts_with(|c: char| c.is_ascii_digit()) || word.is_empty() {
            word.insert(0, '_');
        }
        self.free(word)
    }

    /// A name as it is, or with a number behind it where it is taken.
    pub(super) fn free(&mut self, name: String) -> String {
        let numbered = (2..).map(|n| format!("{name}_{n}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|n| !self.taken.contains(n));
        let free = free.unwrap_or(name);
        self.taken.insert(free.clone());
        free
    }
}

/// Labels of a contraction as letters, if there are enough.
fn letters(labels: &crate::graph::attrs::ContractSpec) -> Option<String> {
    let all: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    let mut known: Vec<u8> = Vec::new();
    let mut list = |labels: &[u8]| -> Option<String> {
        let mut text = String::new();
        for label in labels {
            let at = known.iter().position(|l| l == label).unwrap_or_else(|| {
                known.push(*label);
                known.len() - 1
            });
            text.push(*all.get(at)?);
        }
        Some(text)
    };
    Some(format!("{},{}->{}", list(&labels.lhs)?, list(&labels.rhs)?, list(&labels.out)?))
}

/// Whether a node only repeats its operand.
fn repeats(graph: &Graph, id: NodeId) -> bool {
    graph.node(id).op.name == is::BROADCAST
}
