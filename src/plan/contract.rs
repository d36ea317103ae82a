//! Contractions as products of matrices. In: labels and the operands' strides. Out: rows, columns,
//! terms and outer loops; an operand is copied only if its summed dims cannot be walked by one
//! stride.

use super::cluster::{Cluster, identity, strides};
use super::lower::{Draft, Grown, Lower, Unfit};
use super::{BufferId, Elem, Gemm, Load, Matrix, Place, Store, View};
use crate::graph::attrs::ContractSpec;
use crate::graph::{Graph, NodeId};

/// An operand, or the result: the stride of each label.
struct Side {
    buffer: BufferId,
    offset: isize,
    labels: Vec<u8>,
    strides: Vec<isize>,
}

impl Side {
    fn stride(&self, label: u8) -> isize {
        self.labels.iter().position(|l| *l == label).map_or(0, |d| self.strides[d])
    }

    /// The one stride that walks these labels, first slowest.
    fn walk(&self, labels: &[(u8, usize)]) -> Option<isize> {
        let real: Vec<_> = labels.iter().filter(|(_, n)| *n != 1).collect();
        let steps: Vec<isize> = real.iter().map(|(l, _)| self.stride(*l)).collect();
        let even = (1..real.len()).all(|i| steps[i - 1] == steps[i] * real[i].1 as isize);
        even.then(|| steps.last().copied().unwrap_or(1))
    }

    fn matrix(&self, outer: &[(u8, usize)], row: isize, col: isize) -> Matrix {
        let outer = outer.iter().map(|(l, _)| self.stride(*l)).collect();
        Matrix { buffer: self.buffer, offset: self.offset, outer, row, col }
    }
}

impl Lower<'_> {
    /// One product; its epilogue may grow later.
    pub fn contract(&mut self, id: NodeId) -> Result<(), Unfit> {
        let g = self.g;
        let node = g.node(id);
        let spec = node.attrs.labels();
        let mut left = self.side(node.args[0], &spec.lhs)?;
        let mut right = self.side(node.args[1], &spec.rhs)?;
        let mut lists = (&spec.lhs, &spec.rhs);
        // Columns belong to the operand that has the result's last label.
        if spec.out.last().is_some_and(|l| !spec.rhs.contains(l)) {
            std::mem::swap(&mut left, &mut right);
            lists = (lists.1, lists.0);
        }
        let size = |l: &u8| (*l, extent(g, node.args[0], node.args[1], spec, *l));
        let summed: Vec<_> = lists.0.iter().filter(|l| !spec.out.contains(l)).map(size).collect();
        let summed = order(summed, &left, &right);
        let (k_left, k_right) = match (left.walk(&summed), right.walk(&summed)) {
            (Some(a), Some(b)) => (a, b),
            (a, _) => {
                let side = if a.is_none() { &mut left } else { &mut right };
                *side = self.pack(id, side, &summed)?;
                if a.is_none() && right.walk(&summed).is_none() {
                    right = self.pack(id, &right, &summed)?;
                }
                (left.walk(&summed).expect("packed"), right.walk(&summed).expect("packed"))
            }
        };
        let at = self.drafts.len();
        let buffer = self.new_home(id, at);
        let to =
            Side { buffer, offset: 0, labels: spec.out.clone(), strides: strides(&node.ty.shape) };
        let free = |own: &[u8], other: &[u8]| -> Vec<(u8, usize)> {
            let free = spec.out.iter().filter(|l| own.contains(l) && !other.contains(l));
            free.map(size).collect()
        };
        let (rows, m_left, m_to) = tail(&free(lists.0, lists.1), &left, &to);
        let (cols, n_right, n_to) = tail(&free(lists.1, lists.0), &right, &to);
        let class = |l: &u8| match () {
            () if rows.iter().any(|r| r.0 == *l) => 1,
            () if cols.iter().any(|c| c.0 == *l) => 2,
            () => 0,
        };
        let outer: Vec<_> = spec.out.iter().filter(|l| class(l) == 0).map(size).collect();
        let total = |labels: &[(u8, usize)]| labels.iter().map(|l| l.1).product();
        let gemm = Gemm {
            outer: outer.iter().map(|l| l.1).collect(),
            m: total(&rows),
            n: total(&cols),
            k: total(&summed),
            a: left.matrix(&outer, m_left, k_left),
            b: right.matrix(&outer, k_right, n_right),
            to: Some(to.matrix(&outer, m_to, n_to)),
            epilogue: None,
        };
        let classes = spec.out.iter().map(class).collect();
        let mut cluster = Cluster::new(&node.ty.shape);
        let reg = cluster.load(Load::Product);
        let made = vec![(id, identity(node.ty.rank()), reg)];
        let label = self.label(id);
        self.drafts.push(Draft::Loop(Grown {
            label,
            cluster,
            made,
            product: Some((gemm, classes)),
        }));
        Ok(())
    }

    fn side(&self, id: NodeId, labels: &[u8]) -> Result<Side, Unfit> {
        let view = self.memory(id)?;
        let View { buffer, offset, strides } = view;
        Ok(Side { buffer, offset, labels: labels.to_vec(), strides })
    }

    /// A copy whose last dims are `last`, in that order.
    fn pack(&mut self, id: NodeId, side: &Side, last: &[(u8, usize)]) -> Result<Side, Unfit> {
        let g = self.g;
        let node = g.node(id);
        let spec = node.attrs.labels();
        let inner = |l: &u8| last.iter().any(|(s, _)| s == l);
        let mut labels: Vec<u8> = side.labels.iter().filter(|l| !inner(l)).copied().collect();
        labels.extend(last.iter().map(|(l, _)| *l));
        let size = |l: &u8| extent(g, node.args[0], node.args[1], spec, *l);
        let shape: Vec<usize> = labels.iter().map(size).collect();
        let buffer = self.add_buffer(Elem::F32, &shape, Place::Arena(0));
        let label = format!("pack for {}", self.label(id));
        let mut grown = Grown { label, cluster: Cluster::new(&shape), ..Grown::default() };
        let from = View {
            buffer: side.buffer,
            offset: side.offset,
            strides: labels.iter().map(|l| side.stride(*l)).collect(),
        };
        let reg = grown.cluster.load(Load::View(from));
        let rows = strides(&shape);
        let to = View { buffer, offset: 0, strides: rows.clone() };
        grown.cluster.stores.push(Store { reg, to });
        self.drafts.push(Draft::Loop(grown));
        Ok(Side { buffer, offset: 0, labels, strides: rows })
    }
}

fn extent(g: &Graph, lhs: NodeId, rhs: NodeId, spec: &ContractSpec, label: u8) -> usize {
    let at =
        |labels: &[u8], id: NodeId| labels.iter().position(|l| *l == label).map(|d| g.shape(id)[d]);
    at(&spec.lhs, lhs).or_else(|| at(&spec.rhs, rhs)).expect("a label of an operand")
}

/// Summed labels in an order that both sides can walk, if one side's own order does.
fn order(labels: Vec<(u8, usize)>, left: &Side, right: &Side) -> Vec<(u8, usize)> {
    let by = |side: &Side| {
        let mut sorted = labels.clone();
        sorted.sort_by_key(|(l, _)| std::cmp::Reverse(side.stride(*l).abs()));
        sorted
    };
    let orders = [by(left), by(right)];
    let both = orders.iter().find(|o| left.walk(o).is_some() && right.walk(o).is_some());
    both.or_else(|| orders.iter().find(|o| left.walk(o).is_some() || right.walk(o).is_some()))
        .unwrap_or(&orders[0])
        .clone()
}

/// The last labels that one stride walks on both sides; the others become outer loops.
fn tail(labels: &[(u8, usize)], side: &Side, to: &Side) -> (Vec<(u8, usize)>, isize, isize) {
    for from in 0..=labels.len() {
        let part = &labels[from..];
        if let (Some(a), Some(b)) = (side.walk(part), to.walk(part)) {
            return (part.to_vec(), a, b);
        }
    }
    unreachable!("no labels are walked by any stride")
}
