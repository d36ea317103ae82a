//! Building graphs by hand: one short method per op. In: ids and plain parameters. Out: ids.
//!
//! Methods that would not change their operand (a sum over no axes, a broadcast to the same shape)
//! return it. Nothing else is simplified here.

use super::attrs::{ContractSpec, Real, Scan, Window};
use super::op::{contract, control, index, random, reduce, view};
use super::{Attrs, DType, Graph, InputRole, Node, NodeId, NoiseKind, Op, Ty};
use std::collections::HashSet;
use std::sync::Arc;

macro_rules! reduction {
    ($($name:ident $op:ident)*) => {
        impl Graph {
            $(#[doc = concat!("`", stringify!($name), "` over axes; any order, each once.")]
            pub fn $name(&mut self, x: NodeId, axes: &[usize]) -> NodeId {
                self.reduce(&reduce::$op, x, axes)
            })*
        }
    };
}
reduction! { sum SUM max_of MAX_OF min_of MIN_OF prod PROD logsumexp LOGSUMEXP }

/// Leaves and constants.
impl Graph {
    /// A scalar literal.
    pub fn constant(&mut self, value: f64, dtype: DType) -> NodeId {
        self.push(&control::CONST, vec![], Attrs::Const(Real(value), dtype))
    }

    /// A literal repeated over a shape.
    pub fn full(&mut self, value: f64, ty: &Ty) -> NodeId {
        let scalar = self.constant(value, ty.dtype);
        self.broadcast(scalar, &ty.shape, &[])
    }

    /// A literal with the type of `x`.
    pub fn like(&mut self, value: f64, x: NodeId) -> NodeId {
        let ty = self.ty(x).clone();
        self.full(value, &ty)
    }

    /// A value given from outside.
    pub fn input(&mut self, name: impl Into<String>, role: InputRole, ty: Ty) -> NodeId {
        self.push(&control::INPUT, vec![], Attrs::Input { name: name.into(), role, ty })
    }

    /// 0, 1, 2, ... along an axis.
    pub fn iota(&mut self, ty: Ty, axis: usize) -> NodeId {
        self.push(&index::IOTA, vec![], Attrs::Iota { ty, axis })
    }

    /// The identity matrix.
    pub fn eye(&mut self, n: usize) -> NodeId {
        self.push(&index::EYE, vec![], Attrs::Iota { ty: Ty::f32([n, n]), axis: 0 })
    }

    /// Noise of a stream; `seed` and `step` are `i32[]`.
    pub fn random(
        &mut self,
        kind: NoiseKind,
        stream: &str,
        shape: &[usize],
        seed: NodeId,
        step: NodeId,
    ) -> NodeId {
        let attrs = Attrs::Noise { kind, stream: stream.to_string(), shape: shape.to_vec() };
        self.push(&random::RANDOM, vec![seed, step], attrs)
    }
}

/// Maps with parameters.
impl Graph {
    /// `x + value`
    pub fn add_const(&mut self, x: NodeId, value: f64) -> NodeId {
        let c = self.like(value, x);
        self.add(x, c)
    }

    /// `x * value`
    pub fn scale(&mut self, x: NodeId, value: f64) -> NodeId {
        let c = self.like(value, x);
        self.mul(x, c)
    }

    /// `x * x`
    pub fn square(&mut self, x: NodeId) -> NodeId {
        self.mul(x, x)
    }
}

/// Reductions.
impl Graph {
    /// Any reduction over axes, in any order; over none, `x` itself.
    pub fn reduce(&mut self, op: Op, x: NodeId, axes: &[usize]) -> NodeId {
        if axes.is_empty() {
            return x;
        }
        let mut axes = axes.to_vec();
        axes.sort_unstable();
        self.push(op, vec![x], Attrs::Axes(axes))
    }

    /// The sum of all elements.
    pub fn sum_all(&mut self, x: NodeId) -> NodeId {
        let axes: Vec<usize> = (0..self.shape(x).len()).collect();
        self.sum(x, &axes)
    }

    /// The mean over axes.
    pub fn mean(&mut self, x: NodeId, axes: &[usize]) -> NodeId {
        let n: usize = axes.iter().map(|a| self.shape(x)[*a]).product();
        let total = self.sum(x, axes);
        let count = self.like(n as f64, total);
        self.div(total, count)
    }

    /// The index of the largest along an axis.
    pub fn argmax(&mut self, x: NodeId, axis: usize) -> NodeId {
        self.push(&reduce::ARGMAX, vec![x], Attrs::Axis(axis))
    }

    /// Running sums along an axis, from the end if `reverse`.
    pub fn cumsum(&mut self, x: NodeId, axis: usize, reverse: bool) -> NodeId {
        self.push(&index::CUMSUM, vec![x], Attrs::Directed { axis, reverse })
    }

    /// The stable order of the elements along an axis, descending if `reverse`.
    pub fn argsort(&mut self, x: NodeId, axis: usize, reverse: bool) -> NodeId {
        self.push(&index::ARGSORT, vec![x], Attrs::Directed { axis, reverse })
    }
}

/// Views.
impl Graph {
    /// The same elements under another shape.
    pub fn reshape(&mut self, x: NodeId, shape: &[usize]) -> NodeId {
        if self.shape(x) == shape {
            return x;
        }
        self.push(&view::RESHAPE, vec![x], Attrs::Shape(shape.to_vec()))
    }

    /// Result dim `i` is operand dim `perm[i]`.
    pub fn permute(&mut self, x: NodeId, perm: &[usize]) -> NodeId {
        if perm.iter().copied().eq(0..self.shape(x).len()) {
            return x;
        }
        self.push(&view::PERMUTE, vec![x], Attrs::Perm(perm.to_vec()))
    }

    /// Repeats along new dims: operand dim `i` becomes dim `dims[i]` of `shape`, ascending.
    pub fn broadcast(&mut self, x: NodeId, shape: &[usize], dims: &[usize]) -> NodeId {
        if shape.len() == dims.len() && self.shape(x) == shape {
            return x;
        }
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims: dims.to_vec() };
        self.push(&view::BROADCAST, vec![x], attrs)
    }

    /// Undoes the loss of reduced axes: repeats `x` along `axes` of `shape`.
    pub fn spread(&mut self, x: NodeId, shape: &[usize], axes: &[usize]) -> NodeId {
        let dims: Vec<usize> = (0..shape.len()).filter(|i| !axes.contains(i)).collect();
        self.broadcast(x, shape, &dims)
    }

    /// A strided box: per dim start, stop (exclusive), stride.
    pub fn slice(&mut self, x: NodeId, cuts: &[(usize, usize, usize)]) -> NodeId {
        if cuts.iter().zip(self.shape(x)).all(|(cut, n)| *cut == (0, *n, 1)) {
            return x;
        }
        self.push(&view::SLICE, vec![x], Attrs::Slice(cuts.to_vec()))
    }

    /// Elements `start..stop` of one axis.
    pub fn slice_axis(&mut self, x: NodeId, axis: usize, start: usize, stop: usize) -> NodeId {
        let mut cuts: Vec<_> = self.shape(x).iter().map(|n| (0, *n, 1)).collect();
        cuts[axis] = (start, stop, 1);
        self.slice(x, &cuts)
    }

    /// Zeros around and between: per dim low, high, interior.
    pub fn pad(&mut self, x: NodeId, pads: &[(usize, usize, usize)]) -> NodeId {
        if pads.iter().all(|pad| *pad == (0, 0, 0)) {
            return x;
        }
        self.push(&view::PAD, vec![x], Attrs::Pad(pads.to_vec()))
    }

    /// One after the other along an axis.
    pub fn concat(&mut self, parts: &[NodeId], axis: usize) -> NodeId {
        if let [one] = parts {
            return *one;
        }
        self.push(&view::CONCAT, parts.to_vec(), Attrs::Axis(axis))
    }

    /// Backwards along axes.
    pub fn flip(&mut self, x: NodeId, axes: &[usize]) -> NodeId {
        if axes.is_empty() {
            return x;
        }
        self.push(&view::FLIP, vec![x], Attrs::Axes(axes.to_vec()))
    }
}

/// Sums of products and indexing.
impl Graph {
    /// A contraction in the usual notation: `contract(a, b, "ij,jk->ik")`.
    ///
    /// # Panics
    /// If the labels do not fit the operands.
    pub fn contract(&mut self, a: NodeId, b: NodeId, labels: &str) -> NodeId {
        let Some(spec) = ContractSpec::parse(labels) else { panic!("labels `{labels}`") };
        self.contraction(a, b, spec)
    }

    /// A contraction.
    pub fn contraction(&mut self, a: NodeId, b: NodeId, spec: ContractSpec) -> NodeId {
        self.push(&contract::CONTRACT, vec![a, b], Attrs::Contract(spec))
    }

    /// Cross-correlation of `x: [N, C, S..]` with `w: [O, C/groups, K..]`.
    pub fn conv(&mut self, x: NodeId, w: NodeId, window: &Window) -> NodeId {
        self.push(&contract::CONV, vec![x, w], Attrs::Window(window.clone()))
    }

    /// The adjoint of `conv` in `x`.
    pub fn conv_transpose(&mut self, g: NodeId, w: NodeId, window: &Window) -> NodeId {
        self.push(&contract::CONV_TRANSPOSE, vec![g, w], Attrs::Window(window.clone()))
    }

    /// The adjoint of `conv` in `w`.
    pub fn conv_weight(&mut self, x: NodeId, g: NodeId, window: &Window) -> NodeId {
        self.push(&contract::CONV_WEIGHT, vec![x, g], Attrs::Window(window.clone()))
    }

    /// Every window as a column.
    pub fn unfold(&mut self, x: NodeId, window: &Window) -> NodeId {
        self.push(&contract::UNFOLD, vec![x], Attrs::Window(window.clone()))
    }

    /// The adjoint of `unfold`.
    pub fn fold(&mut self, x: NodeId, window: &Window) -> NodeId {
        self.push(&contract::FOLD, vec![x], Attrs::Window(window.clone()))
    }

    /// Rows of a table.
    pub fn gather(&mut self, table: NodeId, rows: NodeId) -> NodeId {
        self.push(&index::GATHER, vec![table, rows], Attrs::None)
    }

    /// Rows of `u` added into `n` rows of zeros at `rows`.
    pub fn scatter_add(&mut self, rows: NodeId, u: NodeId, n: usize) -> NodeId {
        self.push(&index::SCATTER_ADD, vec![rows, u], Attrs::Rows(n))
    }

    /// A table with some rows replaced by those of `u`; no row twice.
    pub fn put_rows(&mut self, table: NodeId, rows: NodeId, u: NodeId) -> NodeId {
        self.push(&index::PUT_ROWS, vec![table, rows, u], Attrs::None)
    }

    /// For each element of a line the place of the first that is equal to it.
    pub fn firsts(&mut self, x: NodeId) -> NodeId {
        self.push(&index::FIRSTS, vec![x], Attrs::None)
    }

    /// Elements picked along one axis.
    pub fn take_along(&mut self, x: NodeId, at: NodeId, axis: usize) -> NodeId {
        self.push(&index::TAKE_ALONG, vec![x, at], Attrs::Axis(axis))
    }

    /// The adjoint of `take_along`: `size` is the extent of the result's axis.
    pub fn put_along(&mut self, at: NodeId, u: NodeId, axis: usize, size: usize) -> NodeId {
        self.push(&index::PUT_ALONG, vec![at, u], Attrs::Along { axis, size })
    }
}

/// Derivatives and loops.
impl Graph {
    /// The value itself; no derivative flows through.
    pub fn stop(&mut self, x: NodeId) -> NodeId {
        self.push(&control::STOP, vec![x], Attrs::None)
    }

    /// A point to differentiate at: what is built on the result depends on it, and no mark is equal
    /// to another.
    pub fn mark(&mut self, x: NodeId) -> NodeId {
        let number = self.len() as u32;
        self.push(&control::MARK, vec![x], Attrs::Mark(number))
    }

    /// The vector-Jacobian product of `y` at the mark `x`; `seed` has the type of `y`.
    pub fn vjp(&mut self, y: NodeId, x: NodeId, seed: NodeId) -> NodeId {
        self.push(&control::VJP, vec![y, x, seed], Attrs::None)
    }

    /// The gradient of a scalar at the mark `x`.
    pub fn grad(&mut self, y: NodeId, x: NodeId) -> NodeId {
        let one = self.like(1.0, y);
        self.vjp(y, x, one)
    }

    /// A loop; the results are final carries, then stacked values.
    pub fn scan(&mut self, scan: Scan, args: Vec<NodeId>) -> Vec<NodeId> {
        let types = control::scan_results(&scan);
        let id = self.push(&control::SCAN, args, Attrs::Scan(Arc::new(scan)));
        types.into_iter().enumerate().map(|(i, ty)| self.get(id, i, ty)).collect()
    }

    /// The literal that every element of a value equals, if one is known.
    pub fn literal(&self, mut id: NodeId) -> Option<f64> {
        while [&view::BROADCAST, &view::RESHAPE].contains(&self.node(id).op) {
            id = self.node(id).args[0];
        }
        match self.node(id).attrs {
            Attrs::Const(real, _) => Some(real.0),
            _ => None,
        }
    }

    /// The same nodes, inputs of these names with another role.
    pub fn with_role(&self, role: InputRole, names: &HashSet<String>) -> Graph {
        let mut copy = Graph::new();
        for id in self.ids() {
            let Node { op, args, attrs, .. } = self.node(id).clone();
            let attrs = match attrs {
                Attrs::Input { name, ty, .. } if names.contains(&name) => {
                    Attrs::Input { name, role, ty }
                }
                attrs => attrs,
            };
            copy.push(op, args, attrs);
        }
        copy.outputs = self.outputs.clone();
        copy
    }

    /// One result of a loop.
    pub fn get(&mut self, scan: NodeId, index: usize, ty: Ty) -> NodeId {
        self.push(&control::GET, vec![scan], Attrs::Result { index, ty })
    }
}

impl ContractSpec {
    /// Reads `ij,jk->ik`.
    pub fn parse(labels: &str) -> Option<ContractSpec> {
        let (operands, out) = labels.split_once("->")?;
        let (lhs, rhs) = operands.split_once(',')?;
        let letters = |s: &str| s.trim().bytes().collect();
        Some(ContractSpec { lhs: letters(lhs), rhs: letters(rhs), out: letters(out) })
    }
}

impl std::fmt::Display for ContractSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letters = |l: &[u8]| l.iter().map(|c| *c as char).collect::<String>();
        write!(f, "{},{}->{}", letters(&self.lhs), letters(&self.rhs), letters(&self.out))
    }
}
