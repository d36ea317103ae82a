//! Steps back through what is known when compiling: products with matrices of literals, and permutations of the
//! elements of a dim by an index.

use super::{Axes, ESCAPE, Solver, Step, Way, stuck};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{contract, index, map};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::value::{Args, Value};
use crate::model::ir::{ExprId, Support};

/// What to write for a product of matrices.
const PRODUCT: &str = "a matrix of literals that has an inverse; a product that has one: `u |> LULinear()`; or a \
                       coupling, `join(a, b * exp(s) + t)` where `s` and `t` are layers of `a`";

impl Solver<'_, '_> {
    /// A product of a value with a known matrix along one dim of it.
    pub(super) fn step_contract(
        &mut self,
        spec: &ContractSpec,
        args: &[ExprId],
        node: ExprId,
        axes: Axes,
    ) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let open = self.active.contains(&args[1]);
        let (of, by) = if open { (args[1], args[0]) } else { (args[0], args[1]) };
        let (of_dims, by_dims) = if open { (&spec.rhs, &spec.lhs) } else { (&spec.lhs, &spec.rhs) };
        let joined = by_dims.iter().position(|d| of_dims.contains(d) && !spec.out.contains(d));
        let made = by_dims.iter().position(|d| !of_dims.contains(d) && spec.out.contains(d));
        let same = of_dims.len() == spec.out.len() && by_dims.len() == 2;
        let log_det = match (joined, made) {
            (Some(_), Some(_)) if same && !self.active.contains(&by) => self.e.log_det_of_table(by),
            _ => None,
        };
        let (Some(made), Some(log_det)) = (made, log_det) else {
            return stuck(span, "a product of matrices, which may have no inverse", PRODUCT);
        };
        let found = match self.way {
            Way::Forth => of,
            Way::Back => {
                let args = Args::one(Value::Tensor(by), span);
                let inverse = self.e.by_library("matrix_inverse", args, span)?;
                // The inverse goes from what was made to what was joined.
                let rhs: Vec<u8> = by_dims.iter().rev().copied().collect();
                let spec = ContractSpec { lhs: spec.out.clone(), rhs, out: of_dims.clone() };
                let (op, attrs) = (&contract::CONTRACT, Attrs::Contract(spec));
                self.e.op(op, vec![value, inverse], attrs, Support::Real, span)?
            }
        };
        let wide = self.e.ty(by).shape[made] as f64;
        let each = self.e.literal(log_det / wide, DType::F32, span);
        self.slope(each, node, &axes, span)?;
        self.found(of, found, axes)
    }

    /// Rows in another order.
    pub(super) fn step_gather(&mut self, args: &[ExprId], node: ExprId, axes: Axes) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let (table, order) = (args[0], args[1]);
        let rows = self.e.ty(table).shape[0];
        if self.active.contains(&order)
            || self.e.ty(order).shape != [rows]
            || !self.e.is_permutation(order)
        {
            let text = "these rows are not proven to be each row once";
            return stuck(span, text, ESCAPE);
        }
        let found = match self.way {
            Way::Forth => table,
            Way::Back => {
                // Sorting a permutation undoes it.
                let (real, support) = (Attrs::DType(DType::F32), Support::Index(rows));
                let order = self.e.op(&map::CAST, vec![order], real, Support::Real, span)?;
                let attrs = Attrs::Directed { axis: 0, reverse: false };
                let back = self.e.op(&index::ARGSORT, vec![order], attrs, support, span)?;
                let support = self.e.ty(value).support;
                self.e.op(&index::GATHER, vec![value, back], Attrs::None, support, span)?
            }
        };
        self.found(table, found, axes)
    }
}
