//! Statements of phases. In: a statement, the kind of its phase and the names before it. Out: statements of
//! the model, and the names after it.

use crate::base::{Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::density::sampled::Sampled;
use crate::model::elaborate::expr::call::names_of;
use crate::model::elaborate::value::{Bound, DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, PhaseKind, PhaseStmt, Symbolic};
use crate::syntax::ast::{self, StmtKind};
use std::rc::Rc;

impl<'a> Elab<'a> {
    pub(super) fn phase_body(
        &mut self,
        phase: &'a ast::Phase,
        kind: PhaseKind,
        stmts: &'a [ast::Stmt],
        mut env: Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<Env<'a>> {
        let mut whole = Ok(());
        self.allow(budget::STATEMENTS, stmts.len(), phase.name.span)?;
        for stmt in stmts {
            let failed = names_of(stmt)
                .iter()
                .fold(env.clone(), |env, name| bind(&env, name, Value::Failed));
            let at = out.len();
            self.told.wrote.clear();
            let first = self.made.next_call;
            env = self.phase_stmt(phase, kind, stmt, env, out).unwrap_or_else(|stop| {
                whole = Err(stop);
                failed
            });
            out.splice(at..at, self.order_of_calls(first).map(PhaseStmt::Calls));
        }
        whole.map(|()| env)
    }

    fn phase_stmt(
        &mut self,
        phase: &'a ast::Phase,
        kind: PhaseKind,
        stmt: &'a ast::Stmt,
        env: Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<Env<'a>> {
        self.has_meaning(stmt, kind)?;
        match &stmt.kind {
            StmtKind::Let { names, tuple, ty, value, .. } => {
                self.phase_let((names, *tuple), ty.as_ref(), *value, env, out)
            }
            StmtKind::Draw { name, ty, dist } => {
                self.phase_draw(name, ty.as_ref(), *dist, env, out)
            }
            _ => self.nameless(phase, kind, stmt, &env, out).map(|()| env),
        }
    }

    /// A statement that gives no name.
    fn nameless(
        &mut self,
        phase: &'a ast::Phase,
        kind: PhaseKind,
        stmt: &'a ast::Stmt,
        env: &Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<()> {
        match &stmt.kind {
            StmtKind::Optimize { maximize, goal, over, with } => {
                out.push(self.optimize(phase, (*maximize, *goal), over, *with, env, stmt.span)?);
            }
            StmtKind::Repeat { count, body } => {
                out.push(self.repeat(phase, kind, (*count, body), env)?);
            }
            StmtKind::Track(list) => {
                let all = self.reports(list, env, false, stmt.span)?;
                out.extend(all.into_iter().map(PhaseStmt::Track));
            }
            StmtKind::Report(list) => {
                let all = self.reports(list, env, true, stmt.span)?;
                out.extend(all.into_iter().map(PhaseStmt::Report));
            }
            StmtKind::Emit(list) => out.extend(self.emits(phase, list, env, stmt.span)?),
            StmtKind::Assign { name, value } => self.assign(name, *value, env, out)?,
            StmtKind::Prune { part, below } => self.prune(phase, part, *below, out)?,
            _ => unreachable!("refused before"),
        }
        Ok(())
    }

    /// Refuses statements that phases of this kind do not have.
    fn has_meaning(&mut self, stmt: &ast::Stmt, kind: PhaseKind) -> Res<()> {
        let (word, legal) = standing(stmt, kind);
        if legal {
            return Ok(());
        }
        let name = match kind {
            PhaseKind::Train => "train",
            PhaseKind::Eval => "eval",
            PhaseKind::Sample => "sample",
        };
        let text = format!("`{word}` has no meaning in a phase of kind `{name}`");
        self.fail(codes::RL0120, text, stmt.span, where_it_stands(word, kind))
    }

    fn repeat(
        &mut self,
        phase: &'a ast::Phase,
        kind: PhaseKind,
        (count, body): (ast::ExprId, &'a [ast::Stmt]),
        env: &Env<'a>,
    ) -> Res<PhaseStmt> {
        let file = self.names.entry;
        let span = self.names.files[&file].expr(count).span;
        let n = self.eval(count, file, env)?;
        let n = self.size(&n, "`repeat`", 1, span)?;
        let mut inner = Vec::new();
        self.no_prune(body)?;
        self.phase_body(phase, kind, body, env.clone(), &mut inner)?;
        self.told.wrote.clear(); // each statement of the body has its own order
        self.allow(budget::TURNS, n.saturating_mul(turns(&inner)), span)?;
        Ok(PhaseStmt::Repeat(n, inner))
    }

    fn phase_let(
        &mut self,
        (names, tuple): (&'a [ast::Ident], bool),
        ty: Option<&'a ast::Type>,
        value: ast::ExprId,
        env: Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<Env<'a>> {
        let file = self.names.entry;
        let span = self.names.files[&file].expr(value).span;
        names.iter().try_for_each(|name| self.no_slot(name))?;
        let value = self.eval(value, file, &env)?;
        let value = self.typed(value, ty, (file, &env), (&names[0], span))?;
        let value = self.kept(&names[0].name, value, span, out);
        self.bind_names(names, tuple, value, env, span)
    }

    /// A name that a phase gives is none of a weight or a state, which `<-` writes.
    fn no_slot(&mut self, name: &ast::Ident) -> Res<()> {
        let Some(global) = self.names.globals[&self.names.entry].get(&name.name).copied() else {
            return Ok(());
        };
        if !matches!(global.item.kind, ast::ItemKind::Param(_) | ast::ItemKind::State(_)) {
            return Ok(());
        }
        let text = format!("`{}` is a weight or a state of this file", name.name);
        let error = self.error(codes::RL0102, text, name.span, "the same name");
        let error = error.also(self.place(global.span), "declared here");
        let help = format!("`{} <- ...` writes it; else take another name", name.name);
        self.stop(error.help(help))
    }

    /// What `let` binds is evaluated where it stands.
    fn kept(
        &mut self,
        name: &str,
        value: Value<'a>,
        span: Span,
        out: &mut Vec<PhaseStmt>,
    ) -> Value<'a> {
        let before = out.len();
        let value = self.kept_parts(name, value, span, out);
        if let Some(PhaseStmt::Let { more, .. }) = out.iter_mut().skip(before).last() {
            *more = false;
        }
        value
    }

    fn kept_parts(
        &mut self,
        name: &str,
        value: Value<'a>,
        span: Span,
        out: &mut Vec<PhaseStmt>,
    ) -> Value<'a> {
        match value {
            // A figure of a whole split is reported under its name; nothing is computed from it.
            Value::Tensor(id)
                if matches!(self.m.expr(id).kind, ExprKind::Symbolic(Symbolic::Metric { .. })) =>
            {
                value
            }
            Value::Tensor(id) => Value::Tensor(self.kept_tensor(name, id, span, out)),
            Value::Tuple(parts) => {
                let part = |p| self.kept_parts(name, p, span, out);
                Value::Tuple(parts.into_iter().map(part).collect())
            }
            Value::Record(parts) => Value::Record(self.kept_named(parts, span, out)),
            Value::Dist(call) => {
                let params = self.kept_named(call.params.iter().cloned(), span, out);
                Value::Dist(Rc::new(DistCall { params, ..(*call).clone() }))
            }
            other => other,
        }
    }

    fn kept_named(
        &mut self,
        parts: impl IntoIterator<Item = (String, Value<'a>)>,
        span: Span,
        out: &mut Vec<PhaseStmt>,
    ) -> Vec<(String, Value<'a>)> {
        let part = |(name, value): (String, _)| {
            let value = self.kept_parts(&name, value, span, out);
            (name, value)
        };
        parts.into_iter().map(part).collect()
    }

    /// A variable that holds a value from here on.
    fn kept_tensor(
        &mut self,
        name: &str,
        id: ExprId,
        span: Span,
        out: &mut Vec<PhaseStmt>,
    ) -> ExprId {
        let mut ty = self.ty(id).clone();
        // What its formula proves is not seen behind the name.
        let (low, high) = self.range(id);
        match (ty.dtype, ty.support) {
            (DType::I32, _) if low >= 0.0 && high < f64::from(i32::MAX) => {
                ty.support = ir::Support::Index(high as usize + 1);
            }
            (DType::F32, ir::Support::Real) if low > f64::NEG_INFINITY && high < f64::INFINITY => {
                ty.support = ir::Support::Interval(low, high);
            }
            _ => {}
        }
        let (var, v) = self.m.fresh_var(name, ty, span);
        out.push(PhaseStmt::Let { var, value: id, more: true });
        v
    }

    fn phase_draw(
        &mut self,
        name: &'a ast::Ident,
        ty: Option<&'a ast::Type>,
        dist: ast::ExprId,
        env: Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<Env<'a>> {
        let file = self.names.entry;
        let span = self.names.files[&file].expr(dist).span;
        let value = self.eval(dist, file, &env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, &env, true)?),
            None => None,
        };
        let mut sampled = self.ancestral(&value, ty, &name.name, span)?;
        self.place_draw(&mut sampled);
        let asked = self.named_in_text(&value);
        if asked.len() > 1 && !asked.contains(&name.name) {
            let text = format!("`{}` is none of the variables that are drawn", name.name);
            let help = format!("write `{} ~ ...`: each then has its own name", asked[0]);
            return self.fail(codes::RL0114, text, name.span, &help);
        }
        let env = self.bind_drawn(&sampled, name, &asked, env);
        let vars = sampled.vars.iter().map(|(_, _, v)| *v).collect();
        out.push(PhaseStmt::Draw { vars, density: sampled.applied });
        Ok(env)
    }

    /// What was asked for has a name then; what had to be drawn before it has none.
    fn bind_drawn(
        &mut self,
        sampled: &Sampled,
        name: &ast::Ident,
        asked: &[String],
        mut env: Env<'a>,
    ) -> Env<'a> {
        self.variable_at(name);
        for (n, _, fresh) in &sampled.vars {
            let bound: Bound<'_> = match asked {
                [] => name.into(),
                [only] if only == n => name.into(),
                several if several.contains(n) => n.as_str().into(),
                _ => continue,
            };
            let ty = self.m.vars[fresh.0 as usize].ty.clone();
            let id = self.m.push(ExprKind::Var(*fresh), ty, name.span);
            env = bind(&env, bound, Value::Tensor(id));
        }
        env
    }

    fn assign(
        &mut self,
        name: &'a ast::Ident,
        value: ast::ExprId,
        env: &Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<()> {
        let span = self.names.files[&self.names.entry].expr(value).span;
        let old = self.name(&name.name, self.names.entry, env, name.span)?;
        if self.net_of(&old).is_some() {
            return self.assign_net((name, &old), value, env, out);
        }
        let Value::Tensor(old) = old else {
            let text = format!("`{}` is {}, and cannot be written", name.name, old.kind());
            let help = "`<-` writes a `param`, a `state`, or what a net owns";
            return self.fail(codes::RL0120, text, name.span, help);
        };
        let new = self.eval(value, self.names.entry, env)?;
        let new = self.tensor(&new, span)?;
        self.no_metric(new, span)?;
        self.no_loss_or_field(name, old)?;
        let write = self.write_of(name, old, (new, span))?;
        out.push(write);
        Ok(())
    }

    /// The statement that gives a weight or a state its new value.
    fn write_of(
        &mut self,
        name: &ast::Ident,
        old: ExprId,
        (new, span): (ExprId, Span),
    ) -> Res<PhaseStmt> {
        let ty = self.ty(old).clone();
        let new = self.one_of_shape(name, new, &ty, span)?;
        let what = format!("the new value of `{}`", name.name);
        match self.m.expr(old).kind {
            ExprKind::Param(p) => {
                let new = self.as_declared(new, &ty, (&what, span))?;
                Ok(PhaseStmt::AssignParam(p, new))
            }
            ExprKind::State(s) => {
                let new = self.as_declared(new, &ty, (&what, span))?;
                Ok(PhaseStmt::AssignState(s, new))
            }
            _ => self.not_written(name, "computed"),
        }
    }

    fn no_loss_or_field(&mut self, name: &ast::Ident, old: ExprId) -> Res<()> {
        let own = self.names.globals[&self.names.entry].get(&name.name);
        if own.is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Loss { .. })) {
            return self.not_written(name, "a loss");
        }
        match self.m.expr(old).kind {
            ExprKind::Field(_) => self.not_written(name, "a field of the data"),
            _ => Ok(()),
        }
    }

    fn not_written<T>(&mut self, name: &ast::Ident, what: &str) -> Res<T> {
        let text = format!("`{}` is {what}, and cannot be written", name.name);
        self.fail(codes::RL0120, text, name.span, "`<-` writes a `param` or a `state`")
    }
}

/// The word of a statement, and whether it has a meaning in phases of a kind.
fn standing(stmt: &ast::Stmt, kind: PhaseKind) -> (&'static str, bool) {
    match &stmt.kind {
        StmtKind::Optimize { .. } => ("minimize", kind == PhaseKind::Train),
        StmtKind::Repeat { .. } => ("repeat", kind == PhaseKind::Train),
        StmtKind::Track(_) => ("track", kind == PhaseKind::Train),
        StmtKind::Assign { .. } => ("<-", kind == PhaseKind::Train),
        StmtKind::Prune { .. } => ("prune", kind == PhaseKind::Train),
        StmtKind::Report(_) => ("report", kind == PhaseKind::Eval),
        StmtKind::Emit(_) => ("emit", kind == PhaseKind::Sample),
        StmtKind::Let { draws: false, .. } => ("let", true),
        StmtKind::Define { .. } => ("name = ...", false),
        StmtKind::Draw { .. } => ("~", kind == PhaseKind::Sample),
        StmtKind::Let { .. } => ("let ... ~", false),
        _ => ("this statement", false),
    }
}

/// The hint for a statement in a phase that does not have it: where it stands, or what stands here.
fn where_it_stands(word: &str, kind: PhaseKind) -> &'static str {
    match word {
        "track" => "an `eval` phase uses `report`",
        "report" => "reports stand in `eval` phases; a `train` phase uses `track`",
        "emit" => "`emit` stands in `sample` phases",
        "let ... ~" if kind == PhaseKind::Sample => "draw without `let`: `z ~ p(z)`",
        "~" | "let ... ~" => "draw with `E[z ~ ...](...)`; `z ~ p(z)` stands in `sample` phases",
        "prune" => "`prune` stands in `train` phases: it goes over training rows",
        "name = ..." => "`let a = ...` names a value, `a <- ...` writes a weight or a state",
        _ => "`minimize`, `repeat` and `<-` stand in `train` phases",
    }
}

/// Minibatches that one turn of some statements reads.
fn turns(body: &[PhaseStmt]) -> usize {
    let of = |stmt: &PhaseStmt| match stmt {
        PhaseStmt::Repeat(n, inner) => n.saturating_mul(turns(inner)),
        _ => 1,
    };
    body.iter().map(of).max().unwrap_or(1)
}
