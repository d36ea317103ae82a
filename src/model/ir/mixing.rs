//! Whether rows of a batch see each other. In: an expression, variables that differ from row to row.
//! Out: whether its value in one row depends on them in other rows, by `batch` or `batch_mean`. What is
//! bound on the way carries them along: the carries and slices of a loop, the point of a derivative,
//! what a density is given and what is drawn from it. Says yes too often, never too seldom.

use crate::model::ir::{Applied, ExprId, ExprKind, Factor, Model, Symbolic, VarId};
use std::collections::{BTreeSet, HashSet};

/// What depends on the variables.
struct Moved<'m> {
    m: &'m Model,
    /// What stands under `stop` does not count.
    held: bool,
    exprs: HashSet<ExprId>,
    vars: HashSet<VarId>,
}

impl Model {
    /// Whether a value of one row depends on what variables are in other rows, by `batch` or
    /// `batch_mean`. With `held`, what stands under `stop` does not count.
    pub fn mixes_rows(&self, root: ExprId, vars: &[VarId], held: bool) -> bool {
        let vars: HashSet<VarId> = vars.iter().copied().collect();
        let mut moved = Moved { m: self, held, exprs: HashSet::new(), vars };
        let below = moved.below(root);
        let mixed = |id: &ExprId| match &self.expr(*id).kind {
            ExprKind::Batch { of, .. } | ExprKind::BatchMean(of) => Some(*of),
            _ => None,
        };
        let mixed: Vec<ExprId> = below.iter().filter_map(mixed).collect();
        if mixed.is_empty() {
            return false;
        }
        loop {
            let before = (moved.exprs.len(), moved.vars.len());
            below.iter().for_each(|id| moved.visit(*id));
            if mixed.iter().any(|of| moved.exprs.contains(of)) {
                return true;
            }
            if before == (moved.exprs.len(), moved.vars.len()) {
                return false;
            }
        }
    }

    /// What the statements of applied densities are computed from.
    pub fn formulas<'m>(&'m self, applied: &'m Applied) -> impl Iterator<Item = ExprId> + 'm {
        self.factors(applied).flat_map(|factor| self.factor_exprs(factor))
    }

    fn factors<'m>(&'m self, applied: &'m Applied) -> impl Iterator<Item = &'m Factor> + 'm {
        applied.densities.iter().flat_map(|d| &self.densities[d.0 as usize].factors)
    }
}

impl Moved<'_> {
    /// What the value of an expression directly depends on: not what layers write.
    fn parts(&self, id: ExprId) -> Vec<ExprId> {
        match &self.m.expr(id).kind {
            ExprKind::Stop(_) if self.held => vec![],
            ExprKind::Write { result, .. } => vec![*result],
            kind => kind.children(),
        }
    }

    /// Everything that an expression depends on, statements of densities included, oldest first.
    fn below(&self, root: ExprId) -> BTreeSet<ExprId> {
        let mut seen: BTreeSet<ExprId> = BTreeSet::new();
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            if seen.insert(id) {
                todo.extend(self.parts(id));
                let densities = self.m.expr(id).kind.densities();
                todo.extend(densities.flat_map(|applied| self.m.formulas(applied)));
            }
        }
        seen
    }

    fn has(&self, id: ExprId) -> bool {
        self.exprs.contains(&id)
    }

    /// One expression, and the variables that it binds.
    fn visit(&mut self, id: ExprId) {
        let kind = &self.m.expr(id).kind;
        let own = matches!(kind, ExprKind::Var(v) if self.vars.contains(v));
        if own || self.parts(id).into_iter().any(|part| self.has(part)) {
            self.exprs.insert(id);
        }
        match kind {
            ExprKind::Scan { init, xs, vars, body, .. } => {
                let carries = init.iter().zip(body).map(|(a, b)| self.has(*a) || self.has(*b));
                let all: Vec<bool> = carries.chain(xs.iter().map(|x| self.has(*x))).collect();
                let bound = vars.iter().zip(all).filter(|(_, moved)| *moved);
                self.vars.extend(bound.map(|(v, _)| *v));
            }
            ExprKind::Derivative { var, at, .. } if self.has(*at) => {
                self.vars.insert(*var);
            }
            kind => kind.densities().for_each(|applied| self.apply(applied)),
        }
        if let ExprKind::Symbolic(Symbolic::Expect { density, vars, .. }) = kind {
            let bound: Vec<VarId> = self
                .m
                .over(density)
                .zip(vars)
                .filter(|(own, _)| self.vars.contains(own))
                .map(|(_, v)| *v)
                .collect();
            self.vars.extend(bound);
        }
    }

    /// What a density is given goes into its statements, what it draws into what stands for it.
    fn apply(&mut self, applied: &Applied) {
        let given = applied.bind.iter().filter(|(_, e)| self.has(*e)).map(|(v, _)| *v);
        let given: Vec<VarId> = given.collect();
        self.vars.extend(given);
        for factor in self.m.factors(applied) {
            let Some(var) = factor.var() else { continue };
            if self.m.factor_exprs(factor).into_iter().any(|part| self.has(part)) {
                self.vars.insert(var);
            }
        }
        let name = |v: &VarId| &self.m.vars[v.0 as usize].name;
        let drawn = self.m.factors(applied).filter_map(Factor::var);
        let drawn: HashSet<&String> =
            drawn.filter(|v| self.vars.contains(v)).map(|v| name(&v)).collect();
        // Factors that are given it by its name.
        let given = applied.densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].given);
        let named: Vec<VarId> = given.filter(|v| drawn.contains(name(v))).copied().collect();
        let stands = applied.bind.iter().filter(|(v, _)| self.vars.contains(v));
        let stands = stands.filter_map(|(_, e)| match self.m.expr(*e).kind {
            ExprKind::Var(fresh) => Some(fresh),
            _ => None,
        });
        let stands: Vec<VarId> = stands.collect();
        self.vars.extend(named);
        self.vars.extend(stands);
    }
}
