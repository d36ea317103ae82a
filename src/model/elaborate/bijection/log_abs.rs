//! Logarithms of scales. In: a scale. Out: the logarithm of the size of every element, without taking an
//! exponential first whose logarithm it would be.

use crate::base::Span;
use crate::graph::op::{is, map};
use crate::graph::{Attrs, DType, Kind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Support};

impl Elab<'_> {
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
            self.op(&map::ABS, vec![id], Attrs::None, Support::Real, span)?
        };
        self.one(&map::LOG, size, span)
    }
}
