//! Derivatives as `vjp` nodes. The point becomes a `mark`; rows of a Jacobian are a new map axis
//! with one unit seed each.

use super::lower::{Ax, Lower, Lowered};
use crate::graph::NodeId;
use crate::model::ir::{Derivative, ExprId, VarId};

impl Lower<'_> {
    pub(super) fn derivative(
        &mut self,
        kind: Derivative,
        var: VarId,
        body: ExprId,
        at: ExprId,
    ) -> Lowered {
        let point = self.lower(at);
        let kind = kind.map(|with| self.lower(with));
        let own = self.m.ty(body).shape.clone();
        let rows = match kind {
            Derivative::Jacobian => Some(own.iter().product()),
            Derivative::Hessian => Some(self.own_shape(&point).iter().product()),
            _ => None,
        };
        let row = rows.map(|n| self.new_axis(n));
        let mut axes = Self::union([&point].into_iter().chain(kind.with()));
        axes.extend(row);
        let (x, y) = loop {
            let point_node = self.align(&point, &axes);
            let x = self.g().mark(point_node);
            let y = self.with_var(var, Lowered { node: x, axes: axes.clone() }, body);
            // The body may depend on axes that the point does not have: each gets its own point.
            let more: Vec<Ax> = y.axes.iter().filter(|ax| !axes.contains(ax)).copied().collect();
            if more.is_empty() {
                break (x, self.align(&y, &axes));
            }
            axes.extend(more);
            axes.sort();
        };
        let node = match kind {
            Derivative::Grad => self.grad_of(y, x),
            Derivative::Vjp(with) => {
                let seed = self.align(&with, &axes);
                self.g().vjp(y, x, seed)
            }
            Derivative::Jvp(with) => {
                let direction = self.align(&with, &axes);
                self.jvp_of(y, x, direction)
            }
            Derivative::Jacobian => {
                let seed = self.units(&axes, &own);
                let rows = self.g().vjp(y, x, seed);
                return self.unrow(rows, axes, &own);
            }
            Derivative::Hessian => {
                let inner = self.grad_of(y, x);
                let own = self.own_shape(&point);
                let seed = self.units(&axes, &own);
                let rows = self.g().vjp(inner, x, seed);
                return self.unrow(rows, axes, &own);
            }
        };
        Lowered { node, axes }
    }

    fn grad_of(&mut self, y: NodeId, x: NodeId) -> NodeId {
        let seed = self.g().like(1.0, y);
        self.g().vjp(y, x, seed)
    }

    /// A vjp is linear in its seed; the derivative in the seed is the forward derivative. Any seed does
    /// but 0, which would mean that no branch is taken.
    fn jvp_of(&mut self, y: NodeId, x: NodeId, direction: NodeId) -> NodeId {
        let one = self.g().like(1.0, y);
        let seed = self.g().mark(one);
        let back = self.g().vjp(y, x, seed);
        self.g().vjp(back, seed, direction)
    }

    /// Unit seeds: row `r` has a one at element `r`. The row axis is the last of `axes`.
    fn units(&mut self, axes: &[Ax], own: &[usize]) -> NodeId {
        let n: usize = own.iter().product();
        let eye = self.g().eye(n);
        let shape = [&[n], own].concat();
        let eye = self.g().reshape(eye, &shape);
        let Some((row, _)) = axes.split_last() else { unreachable!("the row axis is there") };
        self.align(&Lowered { node: eye, axes: vec![*row] }, axes)
    }

    /// Turns the row axis into own dims: `[axes, row, in] -> [axes, out, in]`.
    fn unrow(&mut self, rows: NodeId, mut axes: Vec<Ax>, out: &[usize]) -> Lowered {
        axes.pop();
        let shape = self.graph().shape(rows).to_vec();
        let k = axes.len();
        let full = [&shape[..k], out, &shape[k + 1..]].concat();
        let node = self.g().reshape(rows, &full);
        Lowered { node, axes }
    }
}
