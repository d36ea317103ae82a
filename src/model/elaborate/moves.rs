//! Values as functions of reals that move freely. In: a real and what a variable may be. Out: a value, and
//! the logarithm of the density that the reals of one value share. Positive values stand for their logarithm,
//! values of an interval for their log-odds. A discrete value has a cell of reals, in which the density of
//! the value is spread: bits and categories have equal parts of a standard normal, counts the numbers up to
//! the next one, by their logarithm.

use super::value::{Args, Value};
use super::{Elab, Res};
use crate::base::Span;
use crate::graph::op::map;
use crate::graph::{Attrs, DType};
use crate::model::ir::{ExprId, Static, Support};

/// Whether values lie apart.
pub fn is_discrete(support: Support) -> bool {
    !matches!(support, Support::Real | Support::Positive | Support::Interval(..))
}

impl<'a> Elab<'a> {
    /// From the whole line to the values that a variable can have.
    pub fn moved(&mut self, x: ExprId, support: Support, span: Span) -> Res<ExprId> {
        let none = Attrs::None;
        match support {
            Support::Positive => self.op(&map::EXP, vec![x], none, Support::Positive, span),
            Support::Bit => {
                let zero = self.literal(0.0, DType::F32, span);
                let above = self.two(&map::GT, x, zero, span)?;
                self.op(&map::CAST, vec![above], Attrs::DType(DType::F32), support, span)
            }
            Support::Count => {
                let positive = self.one(&map::EXP, x, span)?;
                self.op(&map::FLOOR, vec![positive], none, support, span)
            }
            Support::Index(n) => self.category(x, n, span),
            Support::Interval(low, high) if (high - low).is_finite() => {
                let unit = self.op(
                    &map::SIGMOID,
                    vec![x],
                    Attrs::None,
                    Support::Interval(0.0, 1.0),
                    span,
                )?;
                if (low, high) == (0.0, 1.0) {
                    return Ok(unit);
                }
                let wide = self.times(unit, high - low, span)?;
                let low = self.literal(low, DType::F32, span);
                let low = self.fill(low, &self.ty(wide).shape.clone(), span)?;
                self.op(&map::ADD, vec![wide, low], Attrs::None, support, span)
            }
            _ => Ok(x),
        }
    }

    /// From a value of a variable to the whole line.
    pub fn unmoved(&mut self, x: ExprId, support: Support, span: Span) -> Res<ExprId> {
        match support {
            Support::Positive => self.one(&map::LOG, x, span),
            Support::Bit => self.inside("inside_bit", x, None, span),
            Support::Count => self.inside("inside_count", x, None, span),
            Support::Index(n) => self.inside("inside_category", x, Some(n), span),
            Support::Interval(low, high) if (high - low).is_finite() => {
                let (low, high) =
                    (self.literal(low, DType::F32, span), self.literal(high, DType::F32, span));
                let (above, below) =
                    (self.two(&map::SUB, x, low, span)?, self.two(&map::SUB, high, x, span)?);
                let (above, below) =
                    (self.one(&map::LOG, above, span)?, self.one(&map::LOG, below, span)?);
                self.two(&map::SUB, above, below, span)
            }
            _ => Ok(x),
        }
    }

    /// The logarithm of the slope of [`Self::moved`], summed; none where nothing moves.
    pub fn slope_of_move(
        &mut self,
        x: ExprId,
        support: Support,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let each = match support {
            Support::Positive | Support::Count => x,
            Support::Bit | Support::Index(_) => {
                let square = self.two(&map::MUL, x, x, span)?;
                self.times(square, -0.5, span)?
            }
            Support::Interval(low, high) if (high - low).is_finite() => {
                let minus = self.one(&map::NEG, x, span)?;
                let (up, down) =
                    (self.one(&map::SOFTPLUS, x, span)?, self.one(&map::SOFTPLUS, minus, span)?);
                let both = self.two(&map::ADD, up, down, span)?;
                let width = self.literal((high - low).ln(), DType::F32, span);
                self.two(&map::SUB, width, both, span)?
            }
            _ => return Ok(None),
        };
        self.sum_all(each, span).map(Some)
    }

    /// The part of a standard normal, of `n` equal ones, that a real lies in.
    fn category(&mut self, x: ExprId, n: usize, span: Span) -> Res<ExprId> {
        let (none, last) = (Attrs::None, n as f64 - 1.0);
        let scaled = self.times(x, 0.5f64.sqrt(), span)?;
        let erf = self.one(&map::ERF, scaled, span)?;
        let below = self.times(erf, 0.5 * n as f64, span)?;
        let half = self.literal(0.5 * n as f64, DType::F32, span);
        let below = self.two(&map::ADD, below, half, span)?;
        let part = self.op(&map::FLOOR, vec![below], none.clone(), Support::Real, span)?;
        let last = self.literal(last, DType::F32, span);
        let part = self.two(&map::MIN, part, last, span)?;
        self.op(&map::CAST, vec![part], Attrs::DType(DType::I32), Support::Index(n), span)
    }

    /// A real of the cell of a value, drawn by a function of the library.
    fn inside(&mut self, name: &str, x: ExprId, n: Option<usize>, span: Span) -> Res<ExprId> {
        let mut given = Args::one(Value::Tensor(x), span);
        let count = n.map(|n| (Value::Static(Static::Int(n as i64)), span));
        given.positional.extend(count);
        self.by_library(name, given, span)
    }
}
