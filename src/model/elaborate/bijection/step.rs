//! One step back: from a value that is known to its operand that is not. What elementwise functions do is
//! a table in `rules`; here stand moves of elements, signs between two values, and what only wraps.

use super::rules;
use super::{Axes, ESCAPE, Halt, Pieces, Solver, Step, Way, stuck};
use crate::base::Span;
use crate::graph::op::{is, map, view};
use crate::graph::{Attrs, Op};
use crate::model::ir::{AxisReduce, ExprId, ExprKind, Symbolic, Type};

impl Solver<'_, '_> {
    /// From a known value to its operand.
    pub(super) fn step(&mut self, node: ExprId, axes: Axes) -> Step<()> {
        let value = self.known[&node];
        let span = self.e.m.expr(node).span;
        match self.e.m.expr(node).kind.clone() {
            ExprKind::Call { result, .. } => self.found(result, value, axes),
            ExprKind::Stop(inner) => {
                let ty = self.e.ty(value).clone();
                let value = self.e.push(ExprKind::Stop(value), ty, span)?;
                self.found(inner, value, axes)
            }
            ExprKind::Reduce { axis, how: AxisReduce::Stack, body } => {
                let ty = Type { varies: self.e.ty(value).varies, ..self.e.ty(body).clone() };
                let value = self.e.push(ExprKind::Element { axis, of: value }, ty, span)?;
                let axes = [&axes[..], &[axis]].concat();
                self.found(body, value, axes)
            }
            ExprKind::Element { axis, of } if axes.contains(&axis) => {
                let ty = Type { varies: self.e.ty(value).varies, ..self.e.ty(of).clone() };
                let kind = ExprKind::Reduce { axis, how: AxisReduce::Stack, body: value };
                let value = self.e.push(kind, ty, span)?;
                let axes = axes.into_iter().filter(|a| *a != axis).collect();
                self.found(of, value, axes)
            }
            ExprKind::Symbolic(given @ Symbolic::Invertible { .. }) => {
                self.step_given(given, node, axes)
            }
            ExprKind::Op { op, attrs, args } => self.step_op((op, &attrs, &args), node, axes),
            ExprKind::Write { result, .. } => {
                self.writers.push((node, axes.clone()));
                self.found(result, value, axes)
            }
            _ => stuck(span, "no rule says how this is undone", ESCAPE),
        }
    }

    /// What has an inverse of the file's own; that has one too, the function itself.
    fn step_given(&mut self, given: Symbolic, node: ExprId, axes: Axes) -> Step<()> {
        let Symbolic::Invertible { of, forward, inverse, log_det, .. } = given else {
            return Ok(());
        };
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let formulas = [forward.1, inverse.1, log_det].map(|formula| self.value_of(formula));
        let [Some(forth), Some(back), Some(log_det)] = formulas else {
            self.waiting.push((node, axes));
            return Ok(());
        };
        let found = match self.way {
            Way::Back => {
                let found = self.e.m.substitute(back, &[(inverse.0, value)]);
                let kind = Symbolic::Invertible {
                    of: value,
                    value: found,
                    forward: (inverse.0, back),
                    inverse: (forward.0, forth),
                    log_det: self.e.one(&map::NEG, log_det, span)?,
                };
                let ty = self.e.ty(found).clone();
                self.e.push(ExprKind::Symbolic(kind), ty, span)?
            }
            Way::Forth => of,
        };
        let log = self.e.m.substitute(log_det, &[(forward.0, found), (inverse.0, value)]);
        let sum = self.e.sum_all(log, span)?;
        self.slope(sum, sum, &axes, span)?;
        self.found(of, found, axes)
    }

    /// The operand, to be looked at: told by the result, or given by itself.
    pub(super) fn found(&mut self, node: ExprId, value: ExprId, axes: Axes) -> Step<()> {
        let value = if self.way == Way::Forth { node } else { value };
        self.todo.push((node, value, axes));
        Ok(())
    }

    fn step_op(
        &mut self,
        (op, attrs, args): (Op, &Attrs, &[ExprId]),
        node: ExprId,
        axes: Axes,
    ) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        if let Some(rule) = rules::of(op) {
            self.partial |= !rule.whole;
            let found = match self.way {
                Way::Back => (rule.inverse)(self.e, value, span)?,
                Way::Forth => args[0],
            };
            if let Some(slope) = rule.log_slope {
                let log = slope(self.e, found, value, span)?;
                self.slope(log, node, &axes, span)?;
            }
            return self.found(args[0], found, axes);
        }
        match op.name {
            is::ADD | is::SUB | is::MUL | is::DIV => self.step_sign((op, args), node, axes),
            is::RESHAPE => {
                let shape = self.e.ty(args[0]).shape.clone();
                let found = self.e.reshape(value, shape, span)?;
                self.found(args[0], found, axes)
            }
            is::BROADCAST if self.len(args[0]) == self.len(node) => {
                let shape = self.e.ty(args[0]).shape.clone();
                let found = self.e.reshape(value, shape, span)?;
                self.found(args[0], found, axes)
            }
            is::PERMUTE => {
                let perm = attrs.perm();
                let back =
                    (0..perm.len()).map(|at| perm.iter().position(|p| *p == at).unwrap_or(at));
                let back = Attrs::Perm(back.collect());
                let found = self.moved(&view::PERMUTE, value, back, span)?;
                self.found(args[0], found, axes)
            }
            is::FLIP => {
                let found = self.moved(&view::FLIP, value, attrs.clone(), span)?;
                self.found(args[0], found, axes)
            }
            is::CONCAT => self.step_concat(attrs.axis(), args, node, axes),
            is::SLICE => {
                let pieces = self.pieces.entry(args[0]).or_default();
                pieces.push((attrs.cuts().to_vec(), value));
                self.assemble(args[0], axes, span)
            }
            is::BROADCAST => stuck(span, "it repeats a value, so its results are not free", ESCAPE),
            is::SELECT => self.step_select(args, node, axes),
            is::CONTRACT => match attrs {
                Attrs::Contract(spec) => self.step_contract(spec, args, node, axes),
                _ => stuck(span, "no rule says how this is undone", ESCAPE),
            },
            is::GATHER => self.step_gather(args, node, axes),
            is::SUM | is::MAX_OF | is::MIN_OF | is::PROD | is::LOGSUMEXP => {
                let text = "joins values, and no other value tells them apart";
                stuck(span, format!("`{}` {text}", op.word()), ESCAPE)
            }
            _ => stuck(span, format!("`{}` has no inverse that is known", op.word()), ESCAPE),
        }
    }

    fn len(&self, id: ExprId) -> usize {
        self.e.ty(id).shape.iter().product()
    }

    /// The same elements elsewhere.
    fn moved(&mut self, op: Op, value: ExprId, attrs: Attrs, span: Span) -> Step<ExprId> {
        let support = self.e.ty(value).support;
        Ok(self.e.op(op, vec![value], attrs, support, span)?)
    }

    /// Each part is where it was put.
    fn step_concat(&mut self, axis: usize, args: &[ExprId], node: ExprId, axes: Axes) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let mut from = 0;
        let mut parts = Vec::new();
        for arg in args {
            let to = from + self.e.ty(*arg).shape[axis];
            parts.push((*arg, self.e.cut(value, axis, from, to, span)?));
            from = to;
        }
        for (arg, part) in parts.into_iter().rev() {
            self.found(arg, part, axes.clone())?;
        }
        Ok(())
    }

    /// A value all of whose parts are known is known.
    fn assemble(&mut self, whole: ExprId, axes: Axes, span: Span) -> Step<()> {
        let shape = self.e.ty(whole).shape.clone();
        let pieces = self.pieces[&whole].clone();
        let size: usize = shape.iter().product();
        let count = |cuts: &[(usize, usize, usize)]| -> usize {
            cuts.iter().map(|(from, to, by)| (to - from).div_ceil(*by)).product()
        };
        let mut taken = vec![false; size];
        for (cuts, _) in &pieces {
            for at in places(cuts, &shape) {
                if std::mem::replace(&mut taken[at], true) {
                    let text = "parts of a value that overlap stand in the result";
                    return stuck(span, text, "cut it into parts that do not overlap: `halves(x)`");
                }
            }
        }
        if pieces.iter().map(|(cuts, _)| count(cuts)).sum::<usize>() < size {
            return Ok(());
        }
        let found = match along(&pieces, &shape) {
            Some(axis) => {
                let mut parts = pieces;
                parts.sort_by_key(|(cuts, _)| cuts[axis].0);
                let parts: Vec<ExprId> = parts.into_iter().map(|(_, part)| part).collect();
                let support = self.e.support_of_all(&parts);
                self.e.op(&view::CONCAT, parts, Attrs::Axis(axis), support, span)?
            }
            None => self.overlay(pieces, &shape, span)?,
        };
        self.found(whole, found, axes)
    }

    /// Parts that lie between each other, each where it belongs.
    fn overlay(&mut self, pieces: Pieces, shape: &[usize], span: Span) -> Step<ExprId> {
        let mut parts = Vec::new();
        for (cuts, piece) in pieces {
            let pads = cuts.iter().zip(shape).map(|((from, to, by), n)| {
                let last = from + ((to - from).div_ceil(*by) - 1) * by;
                (*from, n - 1 - last, by - 1)
            });
            parts.push(self.moved(&view::PAD, piece, Attrs::Pad(pads.collect()), span)?);
        }
        let mut sum = parts[0];
        for part in &parts[1..] {
            sum = self.e.two(&map::ADD, sum, *part, span)?;
        }
        Ok(sum)
    }

    /// `a + b`, `a - b`, `a * b`, `a / b`: the side that is not known follows from the other.
    fn step_sign(&mut self, (op, args): (Op, &[ExprId]), node: ExprId, axes: Axes) -> Step<()> {
        let (value, span) = (self.known[&node], self.e.m.expr(node).span);
        let sides = [self.value_of(args[0]), self.value_of(args[1])];
        let (left, other) = match sides {
            [None, None] => {
                self.waiting.push((node, axes));
                return Ok(());
            }
            [None, Some(b)] => (true, b),
            [Some(a), None] => (false, a),
            [Some(_), Some(_)] => {
                let text = "it follows from the other values, so the result is no free number";
                return stuck(span, text, ESCAPE);
            }
        };
        let (open, given) = if left { (args[0], args[1]) } else { (args[1], args[0]) };
        let e = &mut *self.e;
        let found = match (op.name, left) {
            _ if self.way == Way::Forth => open,
            (is::ADD, _) => e.two(&map::SUB, value, other, span)?,
            (is::SUB, true) => e.two(&map::ADD, value, other, span)?,
            (is::SUB, false) => e.two(&map::SUB, other, value, span)?,
            (is::MUL, _) => e.two(&map::DIV, value, other, span)?,
            (_, true) => e.two(&map::MUL, value, other, span)?,
            (_, false) => e.two(&map::DIV, other, value, span)?,
        };
        // A quotient of what is not 0 is not 0.
        self.partial |= op.name == is::DIV && !left;
        if matches!(op.name, is::MUL | is::DIV) {
            self.nonzero(given, span)?;
            let log = self.log_scale(op, left, other, found, span)?;
            self.slope(log, node, &axes, span)?;
        }
        self.found(open, found, axes)
    }

    /// The logarithm of the slope of a product or a quotient in its unknown side.
    fn log_scale(
        &mut self,
        op: Op,
        left: bool,
        other: ExprId,
        found: ExprId,
        span: Span,
    ) -> Result<ExprId, Halt> {
        let log = self.e.log_abs(other, span)?;
        Ok(match (op.name, left) {
            (is::MUL, _) => log,
            (_, true) => self.e.one(&map::NEG, log, span)?,
            (_, false) => {
                let below = self.e.log_abs(found, span)?;
                let twice = self.e.times(below, 2.0, span)?;
                self.e.two(&map::SUB, log, twice, span)?
            }
        })
    }

    fn nonzero(&mut self, factor: ExprId, span: Span) -> Step<()> {
        if self.e.is_nonzero(factor) {
            return Ok(());
        }
        let own = self.e.m.expr(factor).span;
        let own = if own.file == span.file { own } else { span };
        let help = "a scale that cannot be 0: `exp(s)`, `softplus(s) + 1e-3`, `exp(tanh(s))`";
        stuck(own, "this factor may be 0, and then the value is lost", help)
    }
}

/// The axis along which parts follow each other, if they are whole in all others.
fn along(pieces: &Pieces, shape: &[usize]) -> Option<usize> {
    let whole = |axis: usize| {
        pieces.iter().all(|(cuts, _)| {
            let others = cuts.iter().zip(shape).enumerate().filter(|(at, _)| *at != axis);
            cuts[axis].2 == 1 && others.into_iter().all(|(_, (cut, n))| *cut == (0, *n, 1))
        })
    };
    (0..shape.len()).find(|axis| whole(*axis))
}

/// Places of the elements of a cut, row by row.
fn places(cuts: &[(usize, usize, usize)], shape: &[usize]) -> Vec<usize> {
    let mut list = vec![0];
    for ((from, to, by), n) in cuts.iter().zip(shape) {
        let along: Vec<usize> = (*from..*to).step_by(*by).collect();
        list = list.iter().flat_map(|at| along.iter().map(move |i| at * n + i)).collect();
    }
    list
}
