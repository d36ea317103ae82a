//! Phases: headers and statements.

pub mod codes_of;
pub mod goal;
pub mod prune;

use crate::base::text::is_plain;
use crate::base::{Span, budget, codes, nearest};
use crate::graph::DType;
use crate::model::elaborate::expr::call::names_of;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::scope::{Context, nobody};
use crate::model::elaborate::value::{DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, PhaseKind, PhaseStmt, Report};
use crate::syntax::ast;
use std::rc::Rc;

/// Rows that are looked at together where a train phase may stop.
const WATCH_BATCH: usize = 256;

/// What `emit ... as` may name as a format.
pub const FORMATS: &[&str] = &["image", "text", "table", "npz", "points"];

impl<'a> Elab<'a> {
    pub fn phase(&mut self, phase: &'a ast::Phase) -> Res<()> {
        let file = self.names.entry;
        self.spend(budget::PHASES, 1, phase.name.span)?;
        let on = self.phase_data(phase)?;
        let clause = |e: &mut Self, expr: Option<ast::ExprId>, what: &str| -> Res<Option<usize>> {
            let Some(expr) = expr else { return Ok(None) };
            let span = e.names.files[&file].expr(expr).span;
            let value = e.eval(expr, file, &None)?;
            e.size(&value, what, 1, span).map(Some)
        };
        let batch = clause(self, phase.batch, "`batch`")?;
        let epochs = clause(self, phase.epochs, "`epochs`")?;
        let steps = clause(self, phase.steps, "`steps`")?;
        let count = clause(self, phase.count, "`count`")?;
        let kind = match phase.kind {
            ast::PhaseKind::Train => PhaseKind::Train,
            ast::PhaseKind::Eval => PhaseKind::Eval,
            ast::PhaseKind::Sample => PhaseKind::Sample,
        };
        if kind == PhaseKind::Train {
            let text = format!("train phase `{}` does not say how long", phase.name.name);
            if epochs.is_none() && steps.is_none() {
                return self.fail(
                    codes::RL0126,
                    text,
                    phase.name.span,
                    "add `epochs 20` or `steps 1000`",
                );
            }
        }
        let batch = count.or(batch).unwrap_or(if kind == PhaseKind::Train { 128 } else { 256 });
        let batch = self.names.settings.batches.get(&phase.name.name).copied().unwrap_or(batch);
        self.allow(budget::ROWS, batch, phase.name.span)?;
        let ctx = Context {
            training: kind == PhaseKind::Train,
            data: on.iter().map(|(d, _)| d.clone()).collect(),
            batch,
        };
        self.m.budget.renew(budget::FIGURES);
        self.here.fields_visible = true;
        let mut body = Vec::new();
        let (result, asked) = self.asking(|e| {
            e.within(ctx, |e| {
                e.declaring(&phase.name.name, false, |e| {
                    e.owned(nobody(), |e| {
                        e.phase_body(phase, kind, &phase.body, None, &mut body)?;
                        if kind == PhaseKind::Eval { e.report_open(&mut body) } else { Ok(()) }
                    })
                })
            })
        });
        let watch = match (&result, &phase.until) {
            (Ok(_), Some(until)) => self.watch(phase, until).map(Some),
            _ => Ok(None),
        };
        self.here.fields_visible = false;
        result?;
        let (until, watch) = watch?.unzip();
        self.fields_on(&body, &on, phase.name.span)?;
        self.distinct_outputs(&body)?;
        let mut on = on.into_iter();
        let (on, beside) = (on.next(), on.collect());
        self.m.phases.push(ir::Phase {
            kind,
            name: phase.name.name.clone(),
            on,
            beside,
            batch,
            epochs,
            steps,
            until,
            sized: asked.rows,
            body,
            span: phase.name.span,
        });
        self.m.phases.extend(watch);
        Ok(())
    }

    /// `until e stalls n on d.valid`: how long to wait, and a phase that computes the figure.
    fn watch(&mut self, phase: &'a ast::Phase, until: &'a ast::Until) -> Res<(usize, ir::Phase)> {
        let file = self.names.entry;
        let span = self.names.files[&file].expr(until.value).span;
        if phase.kind != ast::PhaseKind::Train {
            let text = format!("phase `{}` does not train, so nothing can stall", phase.name.name);
            return self.fail(codes::RL0120, text, span, "`until` stands in `train` phases");
        }
        let stalls = self.eval(until.stalls, file, &None)?;
        let stalls_span = self.names.files[&file].expr(until.stalls).span;
        let stalls = self.size(&stalls, "`stalls`", 1, stalls_span)?;
        let on = self.split_of(&until.on)?;
        let name = ir::watch_of(&phase.name.name);
        let batch = self.names.settings.batches.get(&name).copied().unwrap_or(WATCH_BATCH);
        let ctx = Context { training: false, data: vec![on.0.clone()], batch };
        let figure = |e: &mut Self| e.figure(until.value, &None, false);
        let (value, asked) = self.asking(|e| e.within(ctx, |e| e.owned(nobody(), figure)));
        let (value, sized) = (value?, asked.rows);
        let report = Report { name: "until".into(), value, span };
        let body = vec![PhaseStmt::Report(report)];
        self.fields_on(&body, std::slice::from_ref(&on), span)?;
        let (kind, on, beside) = (PhaseKind::Eval, Some(on), vec![]);
        let (epochs, steps, until) = (None, None, None);
        let phase =
            ir::Phase { kind, name, on, beside, batch, epochs, steps, until, sized, body, span };
        Ok((stalls, phase))
    }

    /// Every field that a phase reads belongs to a data set that it runs on.
    fn fields_on(&mut self, body: &[PhaseStmt], on: &[(String, String)], place: Span) -> Res<()> {
        let roots = self.m.roots_of(body);
        let odd =
            self.m.below(&roots, &Default::default(), |_| true).into_iter().find_map(
                |id| match self.m.expr(id).kind {
                    ExprKind::Field(f) => {
                        let field = &self.m.fields[f.0 as usize];
                        on.iter().all(|(d, _)| *d != field.data).then_some(field)
                    }
                    _ => None,
                },
            );
        let Some(field) = odd else { return Ok(()) };
        let (data, name, at) = (field.data.clone(), field.name.clone(), field.span);
        let (text, help) = match on {
            [] => (
                format!("the phase reads `{data}.{name}`, and does not say on which rows"),
                format!("write `on {data}.test`: the first rows of that split are used"),
            ),
            [(first, split), ..] => (
                format!("the phase is on `{first}`, and reads `{data}.{name}`"),
                format!("name both: `on ({first}.{split}, {data}.{split})`"),
            ),
        };
        let diagnostic = self
            .error(codes::RL0126, text, place, "")
            .also(at, if on.is_empty() { "a field" } else { "a field of another data set" })
            .help(help);
        self.stop(diagnostic)
    }

    /// No two figures or files of a phase have one name.
    fn distinct_outputs(&mut self, body: &[PhaseStmt]) -> Res<()> {
        let mut names: Vec<(&str, &str)> = Vec::new();
        for stmt in PhaseStmt::all(body) {
            let (word, name, span) = match stmt {
                PhaseStmt::Emit { name, span, .. } => ("emit", name, *span),
                PhaseStmt::Report(r) => ("report", &r.name, r.span),
                PhaseStmt::Track(r) => ("track", &r.name, r.span),
                _ => continue,
            };
            if names.contains(&(word, name)) {
                let text = format!("two values of this phase are called `{name}`");
                let help = format!("name them: `{word} e as first`");
                return self.fail(codes::RL0102, text, span, &help);
            }
            names.push((word, name));
        }
        Ok(())
    }

    fn phase_data(&mut self, phase: &'a ast::Phase) -> Res<Vec<(String, String)>> {
        if phase.on.is_empty() && phase.kind != ast::PhaseKind::Sample {
            let known = self.m.data.first().map_or("d".into(), |d| d.name.clone());
            let text = format!("phase `{}` does not say on which data", phase.name.name);
            let help = format!("write `on {known}.train`");
            return self.fail(codes::RL0126, text, phase.name.span, &help);
        }
        let mut on: Vec<(String, String)> = Vec::new();
        for path in &phase.on {
            let next = self.split_of(path)?;
            if on.iter().any(|(data, _)| *data == next.0) {
                let text = format!("phase `{}` runs on `{}` twice", phase.name.name, next.0);
                let help = "declare the data set twice, under two names, or drop one split";
                return self.fail(codes::RL0126, text, path[0].span, help);
            }
            on.push(next);
        }
        Ok(on)
    }

    /// A data set and one of its splits.
    fn split_of(&mut self, path: &'a [ast::Ident]) -> Res<(String, String)> {
        let data = &path[0];
        if self.m.data.iter().all(|d| d.name != data.name) {
            if self.failed_data(&data.name) {
                return Err(crate::model::elaborate::Stop);
            }
            let known: Vec<&str> = self.m.data.iter().map(|d| d.name.as_str()).collect();
            let text = format!("no data set is called `{}`", data.name);
            let help = match nearest(&data.name, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.is_of_import(path) => {
                    "data sets of files that are used are not here: \
                     declare the data set in this file too"
                        .into()
                }
                None => "declare it: `data d from uci_digits() { x: f32[64] in 0..1 }`".into(),
            };
            return self.fail(codes::RL0101, text, data.span, &help);
        }
        let Some(word) = path.get(1) else {
            let text = format!("`{}` is a data set of several splits", data.name);
            let help = format!("name one: `{0}.train`, `{0}.valid` or `{0}.test`", data.name);
            return self.fail(codes::RL0126, text, data.span, &help);
        };
        let splits = "splits are train, valid and test";
        if !matches!(word.name.as_str(), "train" | "valid" | "test") {
            let text = format!("a data set has no split `{}`", word.name);
            return self.fail(codes::RL0126, text, word.span, splits);
        }
        if let Some(more) = path.get(2) {
            let text = format!("a split has no part `{}`", more.name);
            return self.fail(codes::RL0126, text, more.span, splits);
        }
        Ok((data.name.clone(), word.name.clone()))
    }

    /// Whether a file that is used declares a data set that is called so.
    fn is_of_import(&self, path: &[ast::Ident]) -> bool {
        let others = self.names.files.iter().filter(|(id, _)| **id != self.names.entry);
        let mut items = others.flat_map(|(_, tree)| &tree.items);
        items.any(|item| match &item.kind {
            ast::ItemKind::Data { name, .. } => path.iter().any(|part| part.name == name.name),
            _ => false,
        })
    }

    fn failed_data(&self, name: &str) -> bool {
        self.names
            .globals
            .get(&self.names.entry)
            .and_then(|g| g.get(name))
            .is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Data { .. }))
    }

    fn phase_body(
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
                .fold(env.clone(), |env, name| bind(&env, &name.name, Value::Failed));
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
        let file = self.names.entry;
        let (word, legal) = match &stmt.kind {
            ast::StmtKind::Optimize { .. } => ("minimize", kind == PhaseKind::Train),
            ast::StmtKind::Repeat { .. } => ("repeat", kind == PhaseKind::Train),
            ast::StmtKind::Track(_) => ("track", kind == PhaseKind::Train),
            ast::StmtKind::Assign { .. } => ("<-", kind == PhaseKind::Train),
            ast::StmtKind::Prune { .. } => ("prune", kind == PhaseKind::Train),
            ast::StmtKind::Report(_) => ("report", kind == PhaseKind::Eval),
            ast::StmtKind::Emit(_) => ("emit", kind == PhaseKind::Sample),
            ast::StmtKind::Let { draws: false, .. } => ("let", true),
            ast::StmtKind::Define { .. } => ("name = ...", false),
            ast::StmtKind::Draw { .. } => ("~", kind == PhaseKind::Sample),
            ast::StmtKind::Let { .. } => ("let ... ~", false),
            _ => ("this statement", false),
        };
        if !legal {
            let help = match word {
                "track" => "an `eval` phase uses `report`",
                "report" => "reports stand in `eval` phases; a `train` phase uses `track`",
                "emit" => "`emit` stands in `sample` phases",
                "let ... ~" if kind == PhaseKind::Sample => "draw without `let`: `z ~ p(z)`",
                "~" | "let ... ~" => {
                    "draw with `E[z ~ ...](...)`; `z ~ p(z)` stands in `sample` phases"
                }
                "prune" => "`prune` stands in `train` phases: it goes over training rows",
                "name = ..." => {
                    "`let a = ...` names a value, `a <- ...` writes a weight or a state"
                }
                _ => "`minimize`, `repeat` and `<-` stand in `train` phases",
            };
            let name = match kind {
                PhaseKind::Train => "train",
                PhaseKind::Eval => "eval",
                PhaseKind::Sample => "sample",
            };
            return self.fail(
                codes::RL0120,
                format!("`{word}` has no meaning in a phase of kind `{name}`"),
                stmt.span,
                help,
            );
        }
        match &stmt.kind {
            ast::StmtKind::Optimize { maximize, goal, over, with } => {
                self.optimize(phase, *maximize, *goal, over, *with, &env, stmt.span, out)?;
                Ok(env)
            }
            ast::StmtKind::Repeat { count, body } => {
                let span = self.names.files[&file].expr(*count).span;
                let n = self.eval(*count, file, &env)?;
                let n = self.size(&n, "`repeat`", 1, span)?;
                let mut inner = Vec::new();
                self.no_prune(body)?;
                self.phase_body(phase, kind, body, env.clone(), &mut inner)?;
                self.told.wrote.clear(); // each statement of the body has its own order
                self.allow(budget::TURNS, n.saturating_mul(turns(&inner)), span)?;
                out.push(PhaseStmt::Repeat(n, inner));
                Ok(env)
            }
            ast::StmtKind::Track(list) => {
                self.figures(list.len(), stmt.span)?;
                let all: Vec<_> =
                    list.iter().map(|named| self.report(named, &env, false)).collect();
                for report in all {
                    out.push(PhaseStmt::Track(report?));
                }
                Ok(env)
            }
            ast::StmtKind::Report(list) => {
                self.figures(list.len(), stmt.span)?;
                let all: Vec<_> = list.iter().map(|named| self.report(named, &env, true)).collect();
                for report in all {
                    out.push(PhaseStmt::Report(report?));
                }
                Ok(env)
            }
            ast::StmtKind::Emit(list) => {
                self.figures(list.len(), stmt.span)?;
                let all: Vec<_> = list.iter().map(|named| self.emit(phase, named, &env)).collect();
                for emit in all {
                    out.push(emit?);
                }
                Ok(env)
            }
            ast::StmtKind::Let { names, tuple, ty, value, .. } => {
                let span = self.names.files[&file].expr(*value).span;
                names.iter().try_for_each(|name| self.no_slot(name))?;
                let value = self.eval(*value, file, &env)?;
                let value = self.typed(value, ty.as_ref(), (file, &env), (&names[0], span))?;
                let value = self.kept(&names[0].name, value, span, out);
                self.bind_names(names, *tuple, value, env, span)
            }
            ast::StmtKind::Draw { name, ty, dist } => {
                self.phase_draw(name, ty.as_ref(), *dist, env, out)
            }
            ast::StmtKind::Assign { name, value } => {
                self.assign(name, *value, &env, out)?;
                Ok(env)
            }
            ast::StmtKind::Prune { part, below } => {
                self.prune(phase, part, *below, out)?;
                Ok(env)
            }
            _ => unreachable!("refused above"),
        }
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

    /// Counts figures of the current phase.
    fn figures(&mut self, n: usize, span: Span) -> Res<()> {
        self.spend(budget::FIGURES, n, span)
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
            Value::Tensor(id) if matches!(self.m.expr(id).kind, ExprKind::Metric { .. }) => value,
            Value::Tensor(id) => {
                let mut ty = self.ty(id).clone();
                let (low, high) = self.range(id);
                if ty.dtype == DType::I32 && low >= 0.0 && high < f64::from(i32::MAX) {
                    ty.support = ir::Support::Index(high as usize + 1);
                }
                let (var, v) = self.m.fresh_var(name, ty, span);
                out.push(PhaseStmt::Let { var, value: id, more: true });
                Value::Tensor(v)
            }
            Value::Tuple(parts) => {
                let part = |p| self.kept_parts(name, p, span, out);
                Value::Tuple(parts.into_iter().map(part).collect())
            }
            Value::Record(parts) => {
                let part = |(n, p): (String, _)| {
                    let value = self.kept_parts(&n, p, span, out);
                    (n, value)
                };
                Value::Record(parts.into_iter().map(part).collect())
            }
            Value::Dist(call) => {
                let part = |(n, p): &(String, Value<'a>)| {
                    (n.clone(), self.kept_parts(n, p.clone(), span, out))
                };
                let params = call.params.iter().map(part).collect();
                let (family, file, item, span) =
                    (call.family.clone(), call.file, call.item, call.span);
                Value::Dist(Rc::new(DistCall { family, file, item, params, span }))
            }
            other => other,
        }
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
        // What was asked for has a name then; what had to be drawn before it has none.
        let asked = self.named_in_text(&value);
        if asked.len() > 1 && !asked.contains(&name.name) {
            let text = format!("`{}` is none of the variables that are drawn", name.name);
            let help = format!("write `{} ~ ...`: each then has its own name", asked[0]);
            return self.fail(codes::RL0114, text, name.span, &help);
        }
        let mut env = env;
        for (n, _, fresh) in &sampled.vars {
            let n = match asked.as_slice() {
                [] => &name.name,
                [only] if only == n => &name.name,
                several if several.contains(n) => n,
                _ => continue,
            };
            let ty = self.m.vars[fresh.0 as usize].ty.clone();
            let id = self.m.push(ExprKind::Var(*fresh), ty, name.span);
            env = bind(&env, n, Value::Tensor(id));
        }
        let vars = sampled.vars.iter().map(|(_, _, v)| *v).collect();
        out.push(PhaseStmt::Draw { vars, density: sampled.applied });
        Ok(env)
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
        let own = self.names.globals[&self.names.entry].get(&name.name);
        let is_loss = own.is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Loss { .. }));
        if is_loss || matches!(self.m.expr(old).kind, ExprKind::Field(_)) {
            let what = if is_loss { "a loss" } else { "a field of the data" };
            let text = format!("`{}` is {what}, and cannot be written", name.name);
            return self.fail(codes::RL0120, text, name.span, "`<-` writes a `param` or a `state`");
        }
        let ty = self.ty(old).clone();
        let new = self.fill(new, &ty.shape, span)?;
        let given = self.ty(new).clone();
        if given.shape != ty.shape {
            let text = format!("`{}` is `{}`, given `{}`", name.name, show(&ty), show(&given));
            return self.fail(codes::RL0103, text, span, "write a value of that shape");
        }
        if given.varies {
            let text = format!(
                "`{}` is one for the whole batch, the new value differs between examples",
                name.name
            );
            return self.fail(codes::RL0103, text, span, "average it: `batch_mean(...)`");
        }
        let new = match self.m.expr(old).kind {
            ExprKind::Param(_) | ExprKind::State(_) => {
                self.as_declared(new, &ty, (&format!("the new value of `{}`", name.name), span))?
            }
            _ => new,
        };
        match self.m.expr(old).kind {
            ExprKind::Param(p) => out.push(PhaseStmt::AssignParam(p, new)),
            ExprKind::State(s) => out.push(PhaseStmt::AssignState(s, new)),
            _ => {
                return self.fail(
                    codes::RL0120,
                    format!("`{}` is computed, and cannot be written", name.name),
                    name.span,
                    "`<-` writes a `param` or a `state`",
                );
            }
        }
        Ok(())
    }

    fn report(&mut self, named: &'a ast::Named, env: &Env<'a>, metrics: bool) -> Res<Report> {
        let span = self.names.files[&self.names.entry].expr(named.value).span;
        let value = self.figure(named.value, env, metrics)?;
        let name = self.figure_name(named, span);
        Ok(Report { name, value, span })
    }

    /// A number per example.
    fn figure(&mut self, value: ast::ExprId, env: &Env<'a>, metrics: bool) -> Res<ExprId> {
        let span = self.names.files[&self.names.entry].expr(value).span;
        let value = self.eval(value, self.names.entry, env)?;
        let id = self.tensor(&value, span)?;
        let ty = self.ty(id).clone();
        if !ty.shape.is_empty() || ty.dtype == DType::I32 {
            let text = format!("a figure is one number per example, this is `{}`", show(&ty));
            return self.fail(
                codes::RL0113,
                text,
                span,
                "reduce it: `mean(...)`, `sum(...)`, `float(...)`",
            );
        }
        if !metrics
            && self
                .m
                .reachable(&[id])
                .iter()
                .any(|e| matches!(self.m.expr(*e).kind, ExprKind::Metric { .. }))
        {
            return self.fail(
                codes::RL0120,
                "this figure is computed from a whole split".into(),
                span,
                "move it to an `eval` phase",
            );
        }
        Ok(id)
    }

    fn figure_name(&self, named: &ast::Named, span: Span) -> String {
        if let Some(name) = &named.name {
            return name.name.clone();
        }
        let text: String =
            self.names.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let short = text.chars().count() <= 32 && text.chars().all(is_plain);
        if short { text } else { "value".into() }
    }

    fn emit(
        &mut self,
        phase: &'a ast::Phase,
        named: &'a ast::Named,
        env: &Env<'a>,
    ) -> Res<PhaseStmt> {
        let span = self.names.files[&self.names.entry].expr(named.value).span;
        let value = self.eval(named.value, self.names.entry, env)?;
        let (id, words) = match &value {
            Value::Words(id, words) => (*id, Some(words.as_ref().clone())),
            other => (self.tensor(other, span)?, None),
        };
        self.no_metric(id, span)?;
        let (format, name) = match &named.name {
            Some(word) if FORMATS.contains(&word.name.as_str()) => {
                (word.name.clone(), phase.name.name.clone())
            }
            Some(word) => (self.natural_format(id), word.name.clone()),
            None => (self.natural_format(id), phase.name.name.clone()),
        };
        let format = match (words.is_some(), format.as_str(), &named.name) {
            (false, ..) => format,
            (true, "text", _) => format,
            (true, _, Some(word)) if FORMATS.contains(&word.name.as_str()) => {
                let text = format!("a text cannot be written as `{format}`");
                return self.fail(codes::RL0105, text, word.span, "write `as text`");
            }
            (true, ..) => "text".into(),
        };
        Ok(PhaseStmt::Emit { format, name, value: id, words: words.unwrap_or_default(), span })
    }

    /// Images for square grey levels, a table for short rows, else an archive.
    fn natural_format(&self, id: ExprId) -> String {
        let ty = self.ty(id);
        let n: usize = ty.shape.iter().product();
        let side = (n as f64).sqrt().round() as usize;
        let grey = matches!(ty.support, ir::Support::Bit | ir::Support::Interval(..));
        let shape = ty.shape.as_slice();
        match shape {
            [_] if grey && side > 3 && side * side == n => "image",
            [_, _] | [_, _, _] if grey => "image",
            [2] => "points",
            [] | [_] if n <= 32 => "table",
            _ => "npz",
        }
        .into()
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
