//! The range that a result is known to lie in. In: an op and the ranges of its operands. Out: its own.
//! A cross-entropy of data that may lie outside of 0..1 is warned of here.

use crate::base::{Diagnostic, codes};
use crate::graph::op::{Image, is};
use crate::graph::{DType, Op};
use crate::model::elaborate::Elab;
use crate::model::ir::{ExprId, ExprKind, FieldId, Support};
use crate::syntax::ast::BinOp;

pub(super) fn square_support(s: Support) -> Support {
    match s {
        Support::Bit => Support::Bit,
        Support::Interval(a, b) if a >= 0.0 && b <= 1.0 => Support::Interval(a * a, b * b),
        Support::Integer | Support::Index(_) => Support::Integer,
        _ => Support::Real,
    }
}

fn interval(s: Support) -> Option<(f64, f64)> {
    match s {
        Support::Bit => Some((0.0, 1.0)),
        Support::Interval(a, b) => Some((a, b)),
        _ => None,
    }
}

pub(super) fn result_support(op: BinOp, a: Support, b: Support) -> Support {
    use BinOp::*;
    let both = interval(a).zip(interval(b));
    match op {
        Eq | Ne | Lt | Le | Gt | Ge | And | Or => Support::Bool,
        _ if matches!(a, Support::Integer | Support::Index(_)) => Support::Integer,
        Mul => match (a, b, both) {
            (Support::Bit, Support::Bit, _) => Support::Bit,
            (Support::Positive, Support::Positive, _) => Support::Positive,
            (_, _, Some(((a, b), (c, d)))) => {
                let ends = [a * c, a * d, b * c, b * d];
                let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
                Support::Interval(low, ends.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            }
            _ => Support::Real,
        },
        Sub => both.map_or(Support::Real, |((a, b), (c, d))| Support::Interval(a - d, b - c)),
        Add => match (a, b, both) {
            (Support::Positive, Support::Positive, _) => Support::Positive,
            (_, _, Some(((a, b), (c, d)))) => Support::Interval(a + c, b + d),
            _ => Support::Real,
        },
        Div if a == Support::Positive && b == Support::Positive => Support::Positive,
        _ => Support::Real,
    }
}

pub(super) fn map_support(op: Op, given: Support) -> Support {
    match op.image {
        Image::Truth => Support::Bool,
        _ if matches!(given, Support::Integer | Support::Index(_)) => Support::Integer,
        Image::Within(low, high) => Support::Interval(low, high),
        Image::Positive => Support::Positive,
        Image::Any => Support::Real,
    }
}

impl Elab<'_> {
    /// Warns of `softplus(s) - y * s` where `y` is data that is not declared in 0..1. Asked while the
    /// formula is made: only then is the place of the call known.
    pub(super) fn cross_entropy_of_reals(&mut self, id: ExprId) {
        let Some((is::SUB, [soft, product])) = self.m.applied_op(id) else { return };
        let (Some((is::SOFTPLUS, [s])), Some((is::MUL, [a, b]))) =
            (self.m.applied_op(*soft), self.m.applied_op(*product))
        else {
            return;
        };
        let target = if a == s { *b } else { *a };
        let Some(field) = self.wide_data(target).filter(|_| a == s || b == s) else { return };
        let field = &self.m.fields[field.0 as usize];
        let (name, declared) = (field.name.clone(), field.span);
        let text = format!("a cross-entropy of `{name}`, which is not declared in 0..1");
        let place = self.place(self.m.expr(id).span);
        let help = format!(
            "declare the range: `{name}: f32[...] in 0..1`; or score reals by `{name} ~ Normal(..., 1)`"
        );
        self.diags.push(
            Diagnostic::new(codes::RL0214, text)
                .at(place, "has no lower bound for other values")
                .also(declared, "any real may stand here")
                .help(help),
        );
    }

    /// A field whose values may lie outside of 0..1 and that a value is made of by arithmetic.
    fn wide_data(&self, id: ExprId) -> Option<FieldId> {
        if self.m.ty(id).support.fits(Support::Interval(0.0, 1.0)) {
            return None;
        }
        match &self.m.expr(id).kind {
            ExprKind::Field(field) => Some(*field),
            ExprKind::Stop(inner) => self.wide_data(*inner),
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => {
                self.wide_data(*result)
            }
            ExprKind::Op { op, args, .. } => {
                let arithmetic = matches!(op.name, is::ADD | is::SUB | is::MUL | is::DIV | is::NEG);
                let moves = op.kind == crate::graph::Kind::View || arithmetic;
                args.iter().filter(|_| moves).find_map(|a| self.wide_data(*a))
            }
            _ => None,
        }
    }

    /// What holds for the elements of several values of one type: the support of the first where all
    /// lie in it.
    pub fn support_of_all(&self, parts: &[ExprId]) -> Support {
        let Some((first, rest)) = parts.split_first() else { return Support::Real };
        let own = self.ty(*first).support;
        if rest.iter().all(|part| self.lies_in(*part, own)) {
            return own;
        }
        let all = rest.iter().map(|part| self.ty(*part).support);
        match (all.fold(own, join), self.ty(*first).dtype) {
            (Support::Real | Support::Interval(..), DType::I32) => Support::Integer,
            (support, _) => support,
        }
    }
}

pub(super) fn join(a: Support, b: Support) -> Support {
    if a.fits(b) {
        b
    } else if b.fits(a) {
        a
    } else {
        match (interval(a), interval(b)) {
            (Some((a, b)), Some((c, d))) => Support::Interval(a.min(c), b.max(d)),
            _ => Support::Real,
        }
    }
}
