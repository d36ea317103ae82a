//! Written types, fields, formals and heads of densities.

use super::{Builder, part, parts, take};
use crate::base::{Span, codes};
use crate::syntax::ast::*;
use crate::syntax::grammar::Rule;
use pest::iterators::Pair;

impl Builder<'_> {
    /// `f32[D] in 0..1`
    pub(super) fn ty(&mut self, pair: Pair<'_, Rule>) -> Type {
        let span = self.span(&pair);
        self.count_node(span);
        let mut inner = parts(pair);
        let scalar = take(&mut inner);
        let scalar = match scalar.as_rule() {
            Rule::primitive => Scalar::Prim(scalar.as_str().to_string()),
            _ => Scalar::Idx(self.expr(part(scalar))),
        };
        let (mut shape, mut support) = (None, None);
        for pair in inner {
            match pair.as_rule() {
                Rule::shape => shape = Some(parts(pair).map(|p| self.dim(p)).collect()),
                _ => support = self.support(part(pair)),
            }
        }
        Type { span, scalar, shape, support }
    }

    pub(super) fn dim(&mut self, pair: Pair<'_, Rule>) -> Dim {
        match pair.as_rule() {
            Rule::rest => {
                let span = self.span(&pair);
                let name = parts(pair).next().map(|p| self.ident(p));
                Dim::Rest(name, span)
            }
            Rule::most => Dim::Most(self.expr(part(pair))),
            _ => Dim::Expr(self.expr(pair)),
        }
    }

    fn support(&mut self, pair: Pair<'_, Rule>) -> Option<(ExprId, ExprId)> {
        let id = self.expr(pair);
        let expr = self.file.expr(id);
        if let ExprKind::Binary { op: BinOp::Range, lhs, rhs, .. } = expr.kind {
            return Some((lhs, rhs));
        }
        let span = expr.span;
        let help = "write the lowest and the highest value: `f32[D] in 0..1`";
        self.complain(codes::RL0014, span, "a range is expected after `in`", help);
        None
    }

    /// A type or a record of types.
    pub(super) fn rtype(&mut self, pair: Pair<'_, Rule>) -> RType {
        let inner = part(pair);
        match inner.as_rule() {
            Rule::record => {
                let span = self.span(&inner);
                RType::Record(parts(inner).map(|p| self.field(p)).collect(), span)
            }
            _ => RType::Plain(self.ty(inner)),
        }
    }

    /// `name: type`
    pub(super) fn field(&mut self, pair: Pair<'_, Rule>) -> Field {
        let mut inner = parts(pair);
        let name = self.ident(take(&mut inner));
        Field { name, ty: self.ty(take(&mut inner)) }
    }

    /// `(a: f32, b: int = 1)`
    pub(super) fn formals(&mut self, pair: Pair<'_, Rule>) -> Vec<Formal> {
        parts(pair).map(|p| self.formal(p)).collect()
    }

    fn formal(&mut self, pair: Pair<'_, Rule>) -> Formal {
        let mut inner = parts(pair);
        let name = self.ident(take(&mut inner));
        let (mut ty, mut default) = (None, None);
        for pair in inner {
            match pair.as_rule() {
                Rule::result => ty = Some(self.rtype(pair)),
                Rule::expr => default = Some(self.expr(pair)),
                _ => {}
            }
        }
        Formal { name, ty, default }
    }

    /// `name: type = value`
    pub(super) fn slot(&mut self, pair: Pair<'_, Rule>) -> Slot {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals);
        let name = self.ident(take(&mut inner));
        let ty = self.ty(take(&mut inner));
        Slot { name, ty, init: self.expr(take(&mut inner)) }
    }

    /// The names before or after the bar of a head.
    pub(super) fn variables(&mut self, pair: Pair<'_, Rule>) -> Vec<Rv> {
        parts(pair)
            .map(|variable| {
                let mut inner = parts(variable);
                let name = self.ident(take(&mut inner));
                Rv { name, ty: inner.next().map(|p| self.ty(p)) }
            })
            .collect()
    }

    /// `digits.train`
    pub(super) fn path(&self, pair: Pair<'_, Rule>) -> Vec<Ident> {
        parts(pair).map(|p| self.ident(p)).collect()
    }

    /// The span over several identifiers.
    pub(super) fn path_span(path: &[Ident]) -> Span {
        match path {
            [first, .., last] => first.span.to(last.span),
            [only] => only.span,
            [] => Span::default(),
        }
    }
}
