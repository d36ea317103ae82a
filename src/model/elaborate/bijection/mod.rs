//! Inverses. In: values that are computed from unknowns, and what these values are. Out: the unknowns in
//! terms of them, and the logarithm of the absolute value of the Jacobian's determinant.
//!
//! What is known is followed backwards, from results to operands. A step from a result to its one operand
//! that is not known takes the place of a coordinate; the others stay, so the determinant of the step is
//! the slope of the result in that operand, and those of all steps multiply. An operand may depend on
//! unknowns that other steps have found already: that is the triangular order, which the steps find by
//! themselves. Where two operands of one operation wait for each other there is none.

mod asked;
mod fixed;
mod halves;
mod log_abs;
pub mod rules;
mod step;
mod writers;

use crate::base::Span;
use crate::graph::DType;
use crate::graph::op::map;
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{AxisId, AxisReduce, ExprId, ExprKind, Obstacle};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Why there is no inverse.
pub enum Halt {
    /// It cannot be derived.
    Stuck(Obstacle),
    /// A mistake was reported.
    Stop,
}

impl From<Stop> for Halt {
    fn from(_: Stop) -> Halt {
        Halt::Stop
    }
}

type Step<T> = Result<T, Halt>;

/// In what the result is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In the values: the unknowns are computed from them.
    Back,
    /// In the unknowns, which are given: only the determinant is wanted.
    Forth,
}

/// What was found.
pub struct Inverse {
    /// The unknowns, in the order asked for.
    pub solved: Vec<ExprId>,
    /// The log-determinant of the values in the unknowns, a scalar.
    pub log_det: ExprId,
    /// Whether some values have no unknowns.
    pub partial: bool,
}

/// Map axes that a value stands in, outermost first.
type Axes = Vec<AxisId>;

/// The parts of a value that are known: where they lie in it, and what they are.
type Pieces = Vec<(Vec<(usize, usize, usize)>, ExprId)>;

/// The way back, as far as it is known.
struct Solver<'e, 'a> {
    e: &'e mut Elab<'a>,
    way: Way,
    unknown: Vec<ExprId>,
    /// Everything that depends on an unknown.
    active: HashSet<ExprId>,
    /// What was found of it: coordinates.
    known: HashMap<ExprId, ExprId>,
    /// What follows from those, as far as it was asked for.
    derived: HashMap<ExprId, ExprId>,
    /// The oldest expression of both. Operands are older than their users, so while no unknown is found, nothing
    /// active that is older is either: chains of layers are not searched to their ends at every step.
    oldest: Option<ExprId>,
    pieces: HashMap<ExprId, Pieces>,
    /// Results with several operands that are not known yet.
    waiting: Vec<(ExprId, Axes)>,
    /// Found, and not looked at.
    todo: Vec<(ExprId, ExprId, Axes)>,
    /// Logarithms of slopes.
    terms: Vec<ExprId>,
    /// Layers on the way that write states, and the map axes that they stand in.
    writers: Vec<(ExprId, Axes)>,
    /// What these write of a whole batch: constants, as a layer's weights are. On the way back it is
    /// not known yet, and what was written last stands for it.
    statistics: HashMap<ExprId, ExprId>,
    /// Whether a function was undone that gives reals of some range only.
    partial: bool,
}

fn stuck<T>(span: Span, why: impl Into<String>, help: &str) -> Step<T> {
    Err(Halt::Stuck(Obstacle { span, why: why.into(), help: help.into() }))
}

/// The way out that is always there.
pub const ESCAPE: &str =
    "give the inverse yourself: `custom_inverse(f, at = x, inverse = g, log_det = h)`";

impl<'a> Elab<'a> {
    /// Solves for unknowns: `targets` are what is computed from them, and what it is.
    pub fn invert(
        &mut self,
        unknown: &[ExprId],
        targets: &[(ExprId, ExprId)],
        way: Way,
        span: Span,
    ) -> Res<Result<Inverse, Obstacle>> {
        let mut solver = Solver {
            e: self,
            way,
            unknown: unknown.to_vec(),
            active: HashSet::new(),
            known: HashMap::new(),
            derived: HashMap::new(),
            oldest: None,
            pieces: HashMap::new(),
            waiting: Vec::new(),
            todo: Vec::new(),
            terms: Vec::new(),
            writers: Vec::new(),
            statistics: HashMap::new(),
            partial: false,
        };
        match solver.run(targets, span) {
            Ok(inverse) => Ok(Ok(inverse)),
            Err(Halt::Stuck(obstacle)) => Ok(Err(solver.in_sight(obstacle))),
            Err(Halt::Stop) => Err(Stop),
        }
    }
}

impl Solver<'_, '_> {
    fn run(&mut self, targets: &[(ExprId, ExprId)], span: Span) -> Step<Inverse> {
        let roots: Vec<ExprId> = targets.iter().map(|(value, _)| *value).collect();
        self.find_statistics(&roots)?;
        self.find_active(&roots);
        self.same_size(&roots, span)?;
        self.todo = targets.iter().map(|(node, value)| (*node, *value, Vec::new())).collect();
        self.todo.reverse();
        self.follow()?;
        let unknown = self.unknown.clone();
        let solved: Option<Vec<ExprId>> =
            unknown.iter().map(|id| self.known.get(id).copied()).collect();
        match (solved, self.waiting.first()) {
            (Some(solved), None) => {
                let log_det = self.total(span)?;
                self.written(Inverse { solved, log_det, partial: self.partial })
            }
            (_, Some((node, _))) => self.tangled(*node),
            (None, None) => {
                stuck(span, "some values of the argument do not reach the result", ESCAPE)
            }
        }
    }

    /// Everything below some roots, oldest first; nothing below what `ends`.
    fn below(&self, roots: &[ExprId], ends: impl Fn(ExprId) -> bool) -> BTreeSet<ExprId> {
        let mut seen = BTreeSet::new();
        let mut todo = roots.to_vec();
        while let Some(id) = todo.pop() {
            if seen.insert(id) && !ends(id) {
                todo.extend(self.e.m.expr(id).kind.children());
            }
        }
        seen
    }

    fn find_active(&mut self, roots: &[ExprId]) {
        let below = self.below(roots, |id| self.unknown.contains(&id));
        for id in below.into_iter().filter(|id| !self.statistics.contains_key(id)) {
            let active = self.unknown.contains(&id)
                || self
                    .e
                    .m
                    .expr(id)
                    .kind
                    .children()
                    .iter()
                    .any(|child| self.active.contains(child));
            if active {
                self.active.insert(id);
            }
        }
    }

    /// As many values as unknowns, all of them real.
    fn same_size(&mut self, roots: &[ExprId], span: Span) -> Step<()> {
        let len = |e: &Elab<'_>, ids: &[ExprId]| -> usize {
            ids.iter().map(|id| e.ty(*id).shape.iter().product::<usize>()).sum()
        };
        let (from, to) = (len(self.e, &self.unknown), len(self.e, roots));
        let all = self.unknown.iter().chain(roots);
        if let Some(odd) = all.copied().find(|id| self.e.ty(*id).dtype != DType::F32) {
            let ty = crate::model::elaborate::expr::types::show(self.e.ty(odd));
            return stuck(span, format!("`{ty}` is not real, and has no slopes"), ESCAPE);
        }
        if from != to {
            let text = format!("it makes {to} of {from} numbers, and has no inverse");
            return stuck(span, text, "keep as many numbers as come in");
        }
        Ok(())
    }

    /// Follows what is known until nothing new is found.
    fn follow(&mut self) -> Step<()> {
        loop {
            while let Some((node, value, axes)) = self.todo.pop() {
                self.learn(node, value, axes)?;
            }
            let waiting = std::mem::take(&mut self.waiting);
            let before = waiting.len();
            for (node, axes) in waiting {
                self.step(node, axes)?;
            }
            if self.todo.is_empty() && self.waiting.len() == before {
                return Ok(());
            }
        }
    }

    /// A value that depends on unknowns is found to be this.
    fn learn(&mut self, node: ExprId, value: ExprId, axes: Axes) -> Step<()> {
        if self.value_of(node).is_some() {
            let span = self.e.m.expr(node).span;
            let text = match self.active.contains(&node) {
                true => "it follows from the other values, so the result is no free number",
                false => "it does not depend on the argument, so the result is no free number",
            };
            return stuck(
                span,
                text,
                "let every number of the result come from one of the argument",
            );
        }
        self.known.insert(node, value);
        self.reached(node);
        if self.unknown.contains(&node) {
            return Ok(());
        }
        self.step(node, axes)
    }

    /// Keeps how far the way back has come.
    fn reached(&mut self, node: ExprId) {
        self.oldest = Some(self.oldest.map_or(node, |oldest| oldest.min(node)));
    }

    /// What an expression is in terms of what is known, if everything that it needs is.
    fn value_of(&mut self, node: ExprId) -> Option<ExprId> {
        if let Some(known) = self.found_of(node) {
            return Some(known);
        }
        let open = self.unknown.iter().all(|id| !self.known.contains_key(id));
        if open && self.oldest.is_none_or(|oldest| node < oldest) {
            return None;
        }
        let value = self.computed(node)?;
        self.derived.insert(node, value);
        self.reached(node);
        Some(value)
    }

    fn found_of(&self, id: ExprId) -> Option<ExprId> {
        if let Some(known) = self.statistics.get(&id) {
            return Some(*known);
        }
        if !self.active.contains(&id) {
            return Some(id);
        }
        self.known.get(&id).or_else(|| self.derived.get(&id)).copied()
    }

    /// The formula of an expression in what is known.
    fn computed(&mut self, node: ExprId) -> Option<ExprId> {
        let ends = |s: &Self, id| s.found_of(id).is_some() || s.unknown.contains(&id);
        let below = self.below(&[node], |id| id != node && ends(self, id));
        if below.iter().any(|id| self.unknown.contains(id) && !self.known.contains_key(id)) {
            return None;
        }
        for id in below {
            if id != node && self.found_of(id).is_some() {
                continue;
            }
            let kind = self.e.m.expr(id).kind.clone();
            let kind = kind.map_children(&mut |child| self.found_of(child).unwrap_or(child));
            let new = self.e.m.rebuilt(id, kind);
            if id == node {
                return Some(new);
            }
            self.derived.insert(id, new);
            self.reached(id);
        }
        None
    }

    /// Adds the logarithm of a slope of each element of a value.
    fn slope(&mut self, log: ExprId, like: ExprId, axes: &[AxisId], span: Span) -> Step<()> {
        let shape = self.e.ty(like).shape.clone();
        let each = self.e.fill(log, &shape, span)?;
        let mut sum = self.e.sum_all(each, span)?;
        for axis in axes.iter().rev() {
            let ty = self.e.ty(sum).clone();
            let kind = ExprKind::Reduce { axis: *axis, how: AxisReduce::Sum, body: sum };
            sum = self.e.push(kind, ty, span)?;
        }
        self.terms.push(sum);
        Ok(())
    }

    fn total(&mut self, span: Span) -> Step<ExprId> {
        let terms = std::mem::take(&mut self.terms);
        let mut terms = terms.into_iter();
        let Some(mut sum) = terms.next() else {
            return Ok(self.e.literal(0.0, DType::F32, span));
        };
        for term in terms {
            sum = self.e.two(&map::ADD, sum, term, span)?;
        }
        Ok(sum)
    }

    /// An obstacle at a place of the user's files: what is in the way in a function of the library is
    /// told where the function is called.
    fn in_sight(&self, mut obstacle: Obstacle) -> Obstacle {
        let expr = |id: ExprId| self.e.m.expr(id);
        let own = |span: Span| !self.e.names.sources.is_prelude(span.file);
        let mut ids: Vec<ExprId> = self.active.iter().copied().collect();
        ids.sort_unstable();
        let mut above: HashSet<ExprId> = HashSet::new();
        for id in ids.into_iter().filter(|_| !own(obstacle.span)) {
            let is_above = expr(id).kind.children().iter().any(|child| above.contains(child));
            if !is_above && expr(id).span != obstacle.span {
                continue;
            }
            above.insert(id);
            if own(expr(id).span) {
                obstacle.span = expr(id).span;
                break;
            }
        }
        obstacle
    }

    /// No order is triangular.
    fn tangled<T>(&mut self, node: ExprId) -> Step<T> {
        let span = self.e.m.expr(node).span;
        let text = match &self.e.m.expr(node).kind {
            ExprKind::Op { op, .. } => {
                let sign = op.sign.map_or(op.word(), |(sign, _)| sign.trim());
                format!("both sides of this `{sign}` wait for the other")
            }
            _ => "its formulas depend on what it is to give".into(),
        };
        let help = format!("let one side depend on other parts, as in a coupling; or {ESCAPE}");
        stuck(span, text, &help)
    }
}
