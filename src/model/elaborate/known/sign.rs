//! Signs. In: an expression. Out: what its structure proves of the signs of its elements. A scale that is
//! proven not to be 0 can be divided by, a factor of squares that is proven negative makes them normal.

use crate::graph::op::is;
use crate::model::elaborate::Elab;
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

    /// That of a sum whose summands have this sign or are 0, multiplied by what has another.
    pub fn turned(self, by: Sign) -> Sign {
        match by {
            Sign::Positive | Sign::Above => self,
            Sign::Negative => self.minus(),
            Sign::Any => Sign::Any,
        }
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
}
