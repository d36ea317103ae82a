//! Walking and rewriting expressions of the typed model. Children are older than their parents, so
//! a walk in order of ids meets children first and needs no recursion.

use crate::base::budget;
use crate::model::ir::{
    Applied, Around, DensityId, Expr, ExprId, ExprKind, Factor, Model, PhaseStmt, StateId, Stated,
    Symbolic, VarId,
};
use std::collections::{BTreeSet, HashMap};

impl<S: Stated> ExprKind<S> {
    /// The expressions directly below.
    pub fn children(&self) -> Vec<ExprId> {
        let mut list = Vec::new();
        let _ = self.map_children(&mut |id| {
            list.push(id);
            id
        });
        list
    }

    /// The same kind with every direct child replaced.
    pub fn map_children(&self, f: &mut dyn FnMut(ExprId) -> ExprId) -> ExprKind<S> {
        self.map_with(f, |stated, f| ExprKind::Symbolic(stated.map(f)))
    }

    /// The same kind with every direct child replaced, and what is stated by a function.
    pub fn map_with<T>(
        &self,
        f: &mut dyn FnMut(ExprId) -> ExprId,
        stated: impl FnOnce(&S, &mut dyn FnMut(ExprId) -> ExprId) -> ExprKind<T>,
    ) -> ExprKind<T> {
        use ExprKind::*;
        match self {
            Op { op, attrs, args } => Op { op, attrs: attrs.clone(), args: map_all(args, f) },
            Param(id) => Param(*id),
            State(id) => State(*id),
            Field(id) => Field(*id),
            Table(id) => Table(*id),
            Var(id) => Var(*id),
            Builtin(value) => Builtin(*value),
            Noise { kind, stream, shape, around, per_example } => Noise {
                kind: *kind,
                stream: stream.clone(),
                shape: shape.clone(),
                around: around.clone(),
                per_example: *per_example,
            },
            Call { part, args, result } => {
                Call { part: *part, args: map_all(args, f), result: f(*result) }
            }
            Write { state, value, result, call } => {
                Write { state: *state, value: f(*value), result: f(*result), call: *call }
            }
            Stop(e) => Stop(f(*e)),
            Derivative { kind, var, body, at } => {
                let (body, at) = (f(*body), f(*at));
                Derivative { kind: kind.map(f), var: *var, body, at }
            }
            Reduce { axis, how, body } => Reduce { axis: *axis, how: *how, body: f(*body) },
            Element { axis, of } => Element { axis: *axis, of: f(*of) },
            Batch { of, rows } => Batch { of: f(*of), rows: *rows },
            BatchMean(e) => BatchMean(f(*e)),
            Scan { init, xs, vars, body, length, index } => Scan {
                init: map_all(init, f),
                xs: map_all(xs, f),
                vars: vars.clone(),
                body: map_all(body, f),
                length: *length,
                index: *index,
            },
            Symbolic(what) => stated(what, f),
        }
    }
}

impl Stated for Symbolic {
    fn map(&self, f: &mut dyn FnMut(ExprId) -> ExprId) -> Symbolic {
        use Symbolic::*;
        match self {
            LogProb(applied) => LogProb(applied.map(f)),
            Expect { density, vars, samples, estimator, aid, body } => Expect {
                density: density.map(f),
                vars: vars.clone(),
                samples: *samples,
                estimator: *estimator,
                aid: aid.map(&mut *f),
                body: f(*body),
            },
            Kl { q, p, closed } => {
                let closed = map_closed((q, p, closed), f);
                Kl { q: q.map(f), p: p.map(f), closed }
            }
            Elbo { p, q, importance, closed } => {
                let closed = map_closed((q, p, closed), f);
                Elbo { p: p.map(f), q: q.map(f), importance: *importance, closed }
            }
            Invertible { of, value, forward, inverse, log_det } => {
                let (of, value) = (f(*of), f(*value));
                let forward = (forward.0, f(forward.1));
                let inverse = (inverse.0, f(inverse.1));
                Invertible { of, value, forward, inverse, log_det: f(*log_det) }
            }
            Once(of) => Once(f(*of)),
            Metric { name, args, settings } => {
                Metric { name: name.clone(), args: map_all(args, f), settings: settings.clone() }
            }
        }
    }
}

impl Symbolic {
    /// The densities that it applies.
    fn densities(&self) -> [Option<&Applied>; 2] {
        use Symbolic::*;
        match self {
            LogProb(applied) | Expect { density: applied, .. } => [Some(applied), None],
            Kl { q, p, .. } | Elbo { p, q, .. } => [Some(q), Some(p)],
            Invertible { .. } | Once(_) | Metric { .. } => [None, None],
        }
    }

    /// Gives calls of layers other numbers.
    fn renumber(&mut self, again: impl Fn(&mut u32)) {
        use Symbolic::*;
        let within = |applied: &mut Applied| applied.calls.iter_mut().for_each(|(_, c)| again(c));
        match self {
            LogProb(applied) | Expect { density: applied, .. } => within(applied),
            Kl { q, p, .. } | Elbo { p, q, .. } => {
                within(q);
                within(p);
            }
            Invertible { .. } | Once(_) | Metric { .. } => {}
        }
    }
}

impl ExprKind {
    /// The densities that it applies.
    pub fn densities(&self) -> impl Iterator<Item = &Applied> {
        let applied = match self {
            ExprKind::Symbolic(stated) => stated.densities(),
            _ => [None, None],
        };
        applied.into_iter().flatten()
    }

    /// Gives calls of layers other numbers.
    fn renumber(&mut self, new: &HashMap<u32, u32>) {
        let again = |call: &mut u32| *call = new.get(call).copied().unwrap_or(*call);
        match self {
            ExprKind::Write { call, .. } => again(call),
            ExprKind::Symbolic(stated) => stated.renumber(again),
            _ => {}
        }
    }
}

/// Everything below some roots, oldest first, roots included.
pub fn reachable<S: Stated>(exprs: &[Expr<S>], roots: &[ExprId]) -> Vec<ExprId> {
    let mut seen: BTreeSet<ExprId> = BTreeSet::new();
    let mut todo: Vec<ExprId> = roots.to_vec();
    while let Some(id) = todo.pop() {
        if seen.insert(id) {
            todo.extend(exprs[id.0 as usize].kind.children());
        }
    }
    seen.into_iter().collect()
}

fn map_all(list: &[ExprId], f: &mut dyn FnMut(ExprId) -> ExprId) -> Vec<ExprId> {
    list.iter().map(|e| f(*e)).collect()
}

/// Closed forms mention the variables of both densities, which bindings do not rename; those of one
/// density on both sides hold its values already.
fn map_closed(
    (q, p, closed): (&Applied, &Applied, &[(VarId, Option<ExprId>)]),
    f: &mut dyn FnMut(ExprId) -> ExprId,
) -> Vec<(VarId, Option<ExprId>)> {
    let shared = q.densities.iter().any(|d| p.densities.contains(d));
    let mut map = |form: ExprId| if shared { f(form) } else { form };
    closed.iter().map(|(var, form)| (*var, form.map(&mut map))).collect()
}

/// A density's name, what it is over, and what it is given: `p(x | z)`.
pub fn head(name: &str, over: &[&str], given: &[&str]) -> String {
    let bar = if given.is_empty() { "" } else { " | " };
    format!("{name}({}{bar}{})", over.join(", "), given.join(", "))
}

impl Applied {
    /// The same with every bound value replaced.
    pub fn map(&self, f: &mut dyn FnMut(ExprId) -> ExprId) -> Applied {
        Applied {
            densities: self.densities.clone(),
            bind: self.bind.iter().map(|(v, e)| (*v, f(*e))).collect(),
            number: self.number,
            calls: self.calls.clone(),
            around: self.around.clone(),
        }
    }
}

impl Model {
    /// The statements of every phase, those in loops included.
    pub fn every_statement(&self) -> Vec<&PhaseStmt> {
        self.phases.iter().flat_map(|phase| PhaseStmt::all(&phase.body)).collect()
    }

    /// Every expression that some phase evaluates.
    pub fn roots(&self) -> Vec<ExprId> {
        self.phases.iter().flat_map(|phase| self.roots_of(&phase.body)).collect()
    }

    /// Every expression that the statements of a phase evaluate.
    pub fn roots_of(&self, body: &[PhaseStmt]) -> Vec<ExprId> {
        PhaseStmt::all(body)
            .into_iter()
            .flat_map(|s| match s {
                PhaseStmt::Optimize { goal, clip, updates, .. } => [*goal]
                    .into_iter()
                    .chain(*clip)
                    .chain(updates.iter().map(|u| u.value))
                    .collect(),
                PhaseStmt::Let { value, .. } | PhaseStmt::Emit { value, .. } => vec![*value],
                PhaseStmt::AssignParam(_, e) | PhaseStmt::AssignState(_, e) => vec![*e],
                PhaseStmt::Track(r) | PhaseStmt::Report(r) => vec![r.value],
                PhaseStmt::Draw { density, .. } => self.applied_exprs(density),
                PhaseStmt::Repeat(..) | PhaseStmt::Calls(_) => vec![],
            })
            .collect()
    }

    /// What phases minimize.
    pub fn goals(&self) -> Vec<ExprId> {
        let goal = |s: &PhaseStmt| match s {
            PhaseStmt::Optimize { goal, .. } => Some(*goal),
            _ => None,
        };
        self.every_statement().into_iter().filter_map(goal).collect()
    }

    /// Everything below some roots, the formulas of the densities they mention included, and the values
    /// of names that `lets` knows; not below expressions that `open` refuses.
    pub fn below(
        &self,
        roots: &[ExprId],
        lets: &HashMap<VarId, ExprId>,
        open: impl Fn(&ExprKind) -> bool,
    ) -> Vec<ExprId> {
        let mut seen: BTreeSet<ExprId> = BTreeSet::new();
        let mut todo = roots.to_vec();
        while let Some(id) = todo.pop() {
            let kind = &self.expr(id).kind;
            if !seen.insert(id) || !open(kind) {
                continue;
            }
            todo.extend(kind.children());
            if let ExprKind::Var(v) = kind {
                todo.extend(lets.get(v));
            }
            todo.extend(kind.densities().flat_map(|applied| self.applied_exprs(applied)));
        }
        seen.into_iter().collect()
    }

    /// The op that an expression applies, by name, and its operands.
    pub fn applied_op(&self, id: ExprId) -> Option<(&'static str, &[ExprId])> {
        match &self.expr(id).kind {
            ExprKind::Op { op, args, .. } => Some((op.name, args)),
            _ => None,
        }
    }

    /// What an applied density is made of: bound values and the formulas of its factors.
    pub fn applied_exprs(&self, applied: &Applied) -> Vec<ExprId> {
        let bound = applied.bind.iter().map(|(_, e)| *e);
        bound.chain(applied.densities.iter().flat_map(|d| self.density_exprs(*d))).collect()
    }

    /// Parameters and values of a density's factors.
    pub fn density_exprs(&self, id: DensityId) -> Vec<ExprId> {
        let factors = &self.densities[id.0 as usize].factors;
        factors.iter().flat_map(|factor| self.factor_exprs(factor)).collect()
    }

    /// Parameters of a draw, or the value of what is computed.
    pub fn factor_exprs(&self, factor: &Factor) -> Vec<ExprId> {
        match factor {
            Factor::Draw { dist, .. } | Factor::Base { dist, .. } => {
                self.dists[dist.0 as usize].params.iter().map(|(_, e)| *e).collect()
            }
            Factor::Define { value, .. } | Factor::Energy { value, .. } => vec![*value],
        }
    }

    /// Values of the names that phases give with `let`.
    pub fn lets(&self) -> HashMap<VarId, ExprId> {
        let lets = self.every_statement().into_iter().filter_map(|stmt| match stmt {
            PhaseStmt::Let { var, value, .. } => Some((*var, *value)),
            _ => None,
        });
        lets.collect()
    }

    /// The states that optimizers keep of weights.
    pub fn moments(&self) -> BTreeSet<StateId> {
        let updates = self.every_statement().into_iter().filter_map(|stmt| match stmt {
            PhaseStmt::Optimize { updates, .. } => Some(updates),
            _ => None,
        });
        updates.flatten().flat_map(|update| &update.states).map(|(state, _)| *state).collect()
    }

    /// What applied densities draw or score.
    pub fn over(&self, of: &Applied) -> impl Iterator<Item = VarId> {
        of.densities.iter().flat_map(|d| &self.densities[d.0 as usize].over).copied()
    }

    /// The variables that stand for those where the densities are applied.
    pub fn fresh(&self, of: &Applied) -> Vec<VarId> {
        let stands_for = |var: VarId| {
            let (_, value) = of.bind.iter().find(|(bound, _)| *bound == var)?;
            match self.expr(*value).kind {
                ExprKind::Var(fresh) => Some(fresh),
                _ => None,
            }
        };
        self.over(of).filter_map(stands_for).collect()
    }

    /// The variables that an expression gives values to: those of its loop, its draws, and those of the
    /// densities that it applies.
    pub fn bound_by(&self, id: ExprId) -> Vec<VarId> {
        let kind = &self.expr(id).kind;
        let mut list = match kind {
            ExprKind::Scan { vars, .. } | ExprKind::Symbolic(Symbolic::Expect { vars, .. }) => {
                vars.clone()
            }
            ExprKind::Symbolic(Symbolic::Invertible { forward, inverse, .. }) => {
                vec![forward.0, inverse.0]
            }
            _ => vec![],
        };
        for applied in kind.densities() {
            list.extend(self.fresh(applied));
            for density in applied.densities.iter().map(|d| &self.densities[d.0 as usize]) {
                list.extend(density.over.iter().chain(&density.given));
                list.extend(density.factors.iter().filter_map(Factor::var));
            }
        }
        list
    }

    /// Whether an expression mentions any of these variables.
    pub fn mentions(&self, root: ExprId, vars: &[VarId]) -> bool {
        let is_one =
            |id: ExprId| matches!(self.expr(id).kind, ExprKind::Var(v) if vars.contains(&v));
        self.reachable(&[root]).into_iter().any(is_one)
    }

    /// `p(x | z)`
    pub fn head(&self, density: DensityId) -> String {
        let density = &self.densities[density.0 as usize];
        let names = |list: &[VarId]| -> Vec<&str> {
            list.iter().map(|v| self.vars[v.0 as usize].name.as_str()).collect()
        };
        head(&density.name, &names(&density.over), &names(&density.given))
    }

    /// Everything below some roots, oldest first, roots included.
    pub fn reachable(&self, roots: &[ExprId]) -> Vec<ExprId> {
        reachable(&self.exprs, roots)
    }

    /// Replaces variables by expressions.
    pub fn substitute(&mut self, root: ExprId, with: &[(VarId, ExprId)]) -> ExprId {
        self.substitute_all(&[root], with)[0]
    }

    /// Formulas of a density where it is used: values for its variables, numbers for its calls.
    pub fn opened(
        &mut self,
        roots: &[ExprId],
        with: &[(VarId, ExprId)],
        calls: &[(u32, u32)],
    ) -> Vec<ExprId> {
        let with: HashMap<VarId, ExprId> = with.iter().copied().collect();
        let calls: HashMap<u32, u32> = calls.iter().copied().collect();
        self.rewrite(roots, &mut |m, id, mut kind| match &kind {
            ExprKind::Var(v) => with.get(v).copied().unwrap_or(id),
            _ => {
                if !calls.is_empty() {
                    kind.renumber(&calls);
                }
                m.rebuilt(id, kind)
            }
        })
    }

    /// A formula of two densities where both are used.
    pub fn between(&mut self, q: &Applied, p: &Applied, formula: ExprId) -> ExprId {
        let with: Vec<_> = q.bind.iter().chain(&p.bind).copied().collect();
        let calls: Vec<_> = q.calls.iter().chain(&p.calls).copied().collect();
        self.opened(&[formula], &with, &calls)[0]
    }

    /// Replaces variables by expressions in several roots.
    pub fn substitute_all(&mut self, roots: &[ExprId], with: &[(VarId, ExprId)]) -> Vec<ExprId> {
        self.opened(roots, with, &[])
    }

    /// Rewrites everything below some roots, children first. `f` gets the old id and its kind with
    /// rewritten children.
    pub fn rewrite(
        &mut self,
        roots: &[ExprId],
        f: &mut dyn FnMut(&mut Model, ExprId, ExprKind) -> ExprId,
    ) -> Vec<ExprId> {
        if self.budget.over().is_some() {
            return roots.to_vec();
        }
        let mut done: HashMap<ExprId, ExprId> = HashMap::new();
        let below = self.reachable(roots);
        if !self.budget.take(budget::REWRITES, below.len()) {
            return roots.to_vec();
        }
        for id in below {
            let kind = self.expr(id).kind.clone();
            let kind = kind.map_children(&mut |child| done[&child]);
            let new = f(self, id, kind);
            done.insert(id, new);
        }
        roots.iter().map(|r| done[r]).collect()
    }

    /// An expression whose noise has another name, stands in other loops and axes, or is shared otherwise.
    pub fn with_noise(
        &mut self,
        root: ExprId,
        change: &mut dyn FnMut(&mut String, &mut Around, &mut bool),
    ) -> ExprId {
        self.rewrite(&[root], &mut |m, id, kind| match kind {
            ExprKind::Noise { kind, mut stream, shape, mut around, mut per_example } => {
                change(&mut stream, &mut around, &mut per_example);
                m.rebuilt(id, ExprKind::Noise { kind, stream, shape, around, per_example })
            }
            other => m.rebuilt(id, other),
        })[0]
    }

    /// The expression of this kind, with the type and place of an old one.
    pub fn rebuilt(&mut self, old: ExprId, kind: ExprKind) -> ExprId {
        if self.expr(old).kind == kind {
            return old;
        }
        let (ty, span) = (self.expr(old).ty.clone(), self.expr(old).span);
        self.push(kind, ty, span)
    }
}
