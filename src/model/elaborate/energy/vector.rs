//! A vector of reals that meet in products. In: a potential of the second degree that is proven to fall to all
//! sides, `phi(0) + dot(b, x) - x A x / 2`. Out: the normal that it is, of covariance `C = inverse(A)` and mean
//! `C b`, and its integral. A conditional Gaussian random field is one (Rue and Held 2005, theorem 2.3).

use super::Values;
use crate::base::Span;
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{contract, map};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Derivative, ExprId, ExprKind, Support, Type, VarId};
use std::f64::consts::PI;

impl<'a> Elab<'a> {
    /// The covariance, and its root, a lower triangle.
    pub(super) fn normal_of(
        &mut self,
        phi: ExprId,
        block: VarId,
        with: &Values,
        span: Span,
    ) -> Res<(ExprId, ExprId)> {
        let (own, body, ty) = self.in_fresh(phi, block, with, span);
        let at = self.zeros_like(&ty, span)?;
        let n = ty.shape[0];
        let varies = self.ty(body).varies;
        let square = Type { support: Support::Real, varies, shape: vec![n, n], ..ty };
        let kind = ExprKind::Derivative { kind: Derivative::Hessian, var: own, body, at };
        let second = self.push(kind, square, span)?;
        let precision = self.one(&map::NEG, second, span)?;
        let covariance = self.of_matrix("matrix_inverse", precision, span)?;
        Ok((covariance, self.of_matrix("cholesky", covariance, span)?))
    }

    /// A function of the library of a square matrix.
    fn of_matrix(&mut self, name: &str, matrix: ExprId, span: Span) -> Res<ExprId> {
        self.by_library(name, Args::one(Value::Tensor(matrix), span), span)
    }

    pub(super) fn matrix_vector(&mut self, a: ExprId, x: ExprId, span: Span) -> Res<ExprId> {
        let spec = ContractSpec { lhs: vec![b'a', b'b'], rhs: vec![b'b'], out: vec![b'a'] };
        self.op(&contract::CONTRACT, vec![a, x], Attrs::Contract(spec), Support::Real, span)
    }

    /// `log of the integral of exp(dot(b, x) - x A x / 2)` by the inverse of `A` and a root of that: half of
    /// `b C b + n log(2 pi)`, and the logarithm of the root's determinant.
    pub(super) fn log_vector_mass(
        &mut self,
        b: ExprId,
        (covariance, root): (ExprId, ExprId),
        span: Span,
    ) -> Res<ExprId> {
        let n = self.ty(b).shape[0];
        let mean = self.matrix_vector(covariance, b, span)?;
        let product = self.two(&map::MUL, b, mean, span)?;
        let square = self.sum_all(product, span)?;
        let half = self.times(square, 0.5, span)?;
        let eye = self.units(n, span)?;
        let own = self.two(&map::MUL, root, eye, span)?;
        let widths = self.row_sums(own, span)?;
        let logs = self.one(&map::LOG, widths, span)?;
        let log = self.sum_all(logs, span)?;
        let unit = self.literal(0.5 * n as f64 * (2.0 * PI).ln(), DType::F32, span);
        let sum = self.two(&map::ADD, half, log, span)?;
        self.two(&map::ADD, sum, unit, span)
    }

    fn row_sums(&mut self, matrix: ExprId, span: Span) -> Res<ExprId> {
        let attrs = Attrs::Axes(vec![1]);
        self.op(&crate::graph::op::reduce::SUM, vec![matrix], attrs, Support::Real, span)
    }
}
