//! Functions of two halves: `where(x > 0, f(x), g(x))`, where both keep the sign of x, as in `leaky_relu`
//! and `elu`. The sign of the result tells which of them it was.

use super::{Axes, ESCAPE, Halt, Solver, Step, Way, rules, stuck};
use crate::base::Span;
use crate::graph::op::{is, map};
use crate::graph::{Attrs, DType};
use crate::model::ir::{ExprId, ExprKind, Support};

/// What a half undoes to, and the logarithm of its slope.
type Half = (ExprId, ExprId);

impl Solver<'_, '_> {
    /// `where(x > 0, f(x), g(x))`
    pub(super) fn step_select(&mut self, args: &[ExprId], node: ExprId, axes: Axes) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let none = "it chooses by a value that only it could tell";
        let Some(x) = self.compared_with_zero(args[0]).filter(|x| self.active.contains(x)) else {
            return stuck(span, none, ESCAPE);
        };
        let (above, below) = (
            self.half(args[1], (x, true), value, span)?,
            self.half(args[2], (x, false), value, span)?,
        );
        let (Some(above), Some(below)) = (above, below) else {
            return stuck(span, none, ESCAPE);
        };
        let zero = self.e.literal(0.0, DType::F32, span);
        let zero = self.e.fill(zero, &self.e.ty(value).shape.clone(), span)?;
        let positive = self.e.op(&map::GT, vec![value, zero], Attrs::None, Support::Bool, span)?;
        let mut choose = |a: ExprId, b: ExprId| {
            let args = vec![positive, a, b];
            self.e.op(&map::SELECT, args, Attrs::None, Support::Real, span)
        };
        let found = choose(above.0, below.0)?;
        let log = choose(above.1, below.1)?;
        self.slope(log, node, &axes, span)?;
        self.found(x, found, axes)
    }

    /// The x of `x > 0`.
    fn compared_with_zero(&self, condition: ExprId) -> Option<ExprId> {
        let (name, args) = self.e.m.applied_op(condition)?;
        let is_zero = |id: ExprId| self.e.constant(id) == Some(0.0);
        match (name, args) {
            (is::GT | is::GE, [x, zero]) if is_zero(*zero) => Some(*x),
            (is::LT | is::LE, [zero, x]) if is_zero(*zero) => Some(*x),
            _ => None,
        }
    }

    /// A function of x that keeps its sign, undone where x is above 0 or where it is below.
    fn half(
        &mut self,
        of: ExprId,
        (x, above): (ExprId, bool),
        value: ExprId,
        span: Span,
    ) -> Result<Option<Half>, Halt> {
        let shape = self.e.ty(value).shape.clone();
        if of == x {
            let none = self.e.literal(0.0, DType::F32, span);
            return Ok(Some((value, self.e.fill(none, &shape, span)?)));
        }
        let ExprKind::Op { op, args, .. } = self.e.m.expr(of).kind.clone() else { return Ok(None) };
        match (op.name, &args[..]) {
            // Where it counts, x is on the one side of 0.
            (is::MIN | is::MAX, [a, b])
                if self.e.constant(*b) == Some(0.0) && (op.name == is::MAX) == above =>
            {
                self.half(*a, (x, above), value, span)
            }
            (is::MUL | is::DIV, [a, b]) => {
                let (inner, scale) = match self.active.contains(a) {
                    true => (*a, *b),
                    false => (*b, *a),
                };
                let Some(known) = self.value_of(scale).filter(|_| self.e.is_positive(scale)) else {
                    return Ok(None);
                };
                let (undo, add) = match (op.name, inner == *a) {
                    (is::MUL, _) => (&map::DIV, &map::ADD),
                    (_, true) => (&map::MUL, &map::SUB),
                    (_, false) => return Ok(None),
                };
                let before = self.e.two(undo, value, known, span)?;
                let log = self.e.log_abs(known, span)?;
                let Some((found, rest)) = self.half(inner, (x, above), before, span)? else {
                    return Ok(None);
                };
                Ok(Some((found, self.e.two(add, rest, log, span)?)))
            }
            (is::EXPM1 | is::LOG1P | is::TANH, [a]) => {
                let Some(rule) = rules::of(op) else { return Ok(None) };
                self.partial |= !rule.whole || op.name == is::LOG1P;
                let before = (rule.inverse)(self.e, value, span)?;
                let Some((found, rest)) = self.half(*a, (x, above), before, span)? else {
                    return Ok(None);
                };
                let Some(slope) = rule.log_slope else { return Ok(Some((found, rest))) };
                let operand = if self.way == Way::Forth { *a } else { before };
                let log = slope(self.e, operand, value, span)?;
                Ok(Some((found, self.e.two(&map::ADD, rest, log, span)?)))
            }
            _ => Ok(None),
        }
    }
}
