//! Scales that are not 0. In: an expression. Out: whether its structure proves that no element is 0, and
//! the logarithm of its size, without taking the exponential first.

use crate::base::Span;
use crate::graph::op::{is, map};
use crate::graph::{Attrs, DType, Kind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind};

/// Formulas of scales are not deeper; what lies below may be 0.
const DEPTH: usize = 64;

/// What is known of the sign of all elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// Above 0.
    Positive,
    /// Below 0.
    Negative,
    /// Not negative.
    Above,
    /// Nothing is.
    Any,
}

impl Sign {
    fn of_range((low, high): (f64, f64)) -> Sign {
        match (low, high) {
            (low, _) if low > 0.0 => Sign::Positive,
            (_, high) if high < 0.0 => Sign::Negative,
            (low, _) if low >= 0.0 => Sign::Above,
            _ => Sign::Any,
        }
    }

    /// Whether no element is 0.
    pub fn is_strict(self) -> bool {
        matches!(self, Sign::Positive | Sign::Negative)
    }

    /// Of a product.
    pub fn times(self, other: Sign) -> Sign {
        use Sign::*;
        match (self, other) {
            (Positive, Positive) | (Negative, Negative) => Positive,
            (Positive, Negative) | (Negative, Positive) => Negative,
            (Positive | Above, Positive | Above) => Above,
            _ => Any,
        }
    }

    /// Of a sum.
    pub fn plus(self, other: Sign) -> Sign {
        use Sign::*;
        match (self, other) {
            (Positive, Positive | Above) | (Above, Positive) => Positive,
            (Above, Above) => Above,
            (Negative, Negative) => Negative,
            _ => Any,
        }
    }

    /// Of the negative.
    pub fn minus(self) -> Sign {
        match self {
            Sign::Positive => Sign::Negative,
            Sign::Negative => Sign::Positive,
            Sign::Above | Sign::Any => Sign::Any,
        }
    }
}

impl Elab<'_> {
    /// Whether no element is 0, but where it is too small for any number.
    pub fn is_nonzero(&self, id: ExprId) -> bool {
        self.sign_of(id).is_strict()
    }

    /// What the structure of an expression proves of the sign of its elements.
    pub fn sign_of(&self, id: ExprId) -> Sign {
        self.sign(id, 0)
    }

    /// Whether all elements are above 0.
    pub fn is_positive(&self, id: ExprId) -> bool {
        self.sign_of(id) == Sign::Positive
    }

    fn sign(&self, id: ExprId, depth: usize) -> Sign {
        let known = Sign::of_range(self.range(id));
        if depth > DEPTH || known.is_strict() {
            return known;
        }
        let of = |id: ExprId| self.sign(id, depth + 1);
        let found = match &self.m.expr(id).kind {
            ExprKind::Call { result: e, .. }
            | ExprKind::Stop(e)
            | ExprKind::Element { of: e, .. } => of(*e),
            ExprKind::Op { op, args, .. } => match op.name {
                is::EXP | is::SOFTPLUS | is::SIGMOID => Sign::Positive,
                is::SQRT | is::BROADCAST | is::RESHAPE | is::PERMUTE | is::SLICE | is::FLIP => {
                    of(args[0])
                }
                is::NEG => of(args[0]).minus(),
                is::MUL | is::DIV => of(args[0]).times(of(args[1])),
                is::ADD => of(args[0]).plus(of(args[1])),
                is::SUB => of(args[0]).plus(of(args[1]).minus()),
                is::ABS if of(args[0]).is_strict() => Sign::Positive,
                is::POW if self.constant(args[1]) == Some(2.0) && of(args[0]).is_strict() => {
                    Sign::Positive
                }
                is::MAX if args.iter().any(|a| of(*a) == Sign::Positive) => Sign::Positive,
                is::SELECT if of(args[1]) == of(args[2]) => of(args[1]),
                _ => known,
            },
            _ => known,
        };
        if found == Sign::Any { known } else { found }
    }

    /// The logarithm of the size of every element.
    pub fn log_abs(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let ExprKind::Op { op, args, attrs } = self.m.expr(id).kind.clone() else {
            return self.log_of(id, span);
        };
        match op.name {
            is::EXP => Ok(args[0]),
            is::NEG => self.log_abs(args[0], span),
            is::MUL | is::DIV => {
                let (a, b) = (self.log_abs(args[0], span)?, self.log_abs(args[1], span)?);
                let sign = if op.name == is::MUL { &map::ADD } else { &map::SUB };
                self.two(sign, a, b, span)
            }
            is::SQRT => {
                let log = self.log_abs(args[0], span)?;
                self.times(log, 0.5, span)
            }
            is::SIGMOID => {
                let minus = self.one(&map::NEG, args[0], span)?;
                let soft = self.one(&map::SOFTPLUS, minus, span)?;
                self.one(&map::NEG, soft, span)
            }
            is::CONST => match self.constant(id) {
                Some(x) => Ok(self.literal(x.abs().ln(), DType::F32, span)),
                None => self.log_of(id, span),
            },
            _ if op.kind == Kind::View && op.name != is::PAD && args.len() == 1 => {
                let log = self.log_abs(args[0], span)?;
                let support = self.ty(log).support;
                self.op(op, vec![log], attrs, support, span)
            }
            _ => self.log_of(id, span),
        }
    }

    fn log_of(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let positive = self.is_positive(id);
        let size = if positive {
            id
        } else {
            self.op(&map::ABS, vec![id], Attrs::None, crate::model::ir::Support::Real, span)?
        };
        self.one(&map::LOG, size, span)
    }
}
