//! Phases: headers. In: a phase of the file. Out: the phase of the model, and the one that watches when it
//! may stop.

pub mod codes_of;
pub mod exports_of;
mod figures;
pub mod goal;
pub mod prune;
mod statements;

use crate::base::{Span, budget, codes, nearest};
use crate::model::elaborate::scope::{Context, nobody};
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{self, ExprKind, Head, PhaseKind, PhaseStmt, Report};
use crate::syntax::ast;

/// Rows that are looked at together where a train phase may stop.
const WATCH_BATCH: usize = 256;

/// What `emit ... as` may name as a format.
pub const FORMATS: &[&str] = &["image", "text", "table", "npz", "points", "sound"];

/// What the clauses of a phase say.
struct Clauses {
    /// Data sets and their splits.
    on: Vec<(String, String)>,
    batch: usize,
    epochs: Option<usize>,
    steps: Option<usize>,
}

impl<'a> Elab<'a> {
    pub fn phase(&mut self, phase: &'a ast::Phase) -> Res<()> {
        self.spend(budget::PHASES, 1, phase.name.span)?;
        let kind = phase.kind;
        let Clauses { on, batch, epochs, steps } = self.clauses(phase, kind)?;
        let data = on.iter().map(|(d, _)| d.clone()).collect();
        let ctx = Context { training: kind == PhaseKind::Train, data, batch };
        self.m.budget.renew(budget::FIGURES);
        let (body, asked) =
            self.asking(|e| e.seeing(true, |e| e.within(ctx, |e| e.statements(phase, kind))));
        let body = body?;
        let watch = phase.until.as_ref().map(|until| self.seeing(true, |e| e.watch(phase, until)));
        let (until, watch) = watch.transpose()?.unzip();
        let (name, span, sized) = (phase.name.name.clone(), phase.name.span, asked.rows);
        self.fields_on(&body, &on, span)?;
        self.distinct_outputs(&body)?;
        let mut on = on.into_iter();
        let (on, beside) = (on.next(), on.collect());
        let head = Head { kind, name, on, beside, batch, epochs, steps, until };
        let phase = ir::Phase { head, sized, body, span };
        self.m.phases.push(phase);
        self.m.phases.extend(watch);
        Ok(())
    }

    fn clauses(&mut self, phase: &'a ast::Phase, kind: PhaseKind) -> Res<Clauses> {
        let on = self.phase_data(phase)?;
        let batch = self.clause(phase.batch, "`batch`")?;
        let epochs = self.clause(phase.epochs, "`epochs`")?;
        let steps = self.clause(phase.steps, "`steps`")?;
        let count = self.clause(phase.count, "`count`")?;
        if kind == PhaseKind::Train && epochs.is_none() && steps.is_none() {
            let text = format!("train phase `{}` does not say how long", phase.name.name);
            let help = "add `epochs 20` or `steps 1000`";
            return self.fail(codes::RL0126, text, phase.name.span, help);
        }
        let batch = count.or(batch).unwrap_or(if kind == PhaseKind::Train { 128 } else { 256 });
        let batch = self.names.settings.batches.get(&phase.name.name).copied().unwrap_or(batch);
        self.allow(budget::ROWS, batch, phase.name.span)?;
        Ok(Clauses { on, batch, epochs, steps })
    }

    /// The number in a clause, if the clause is there.
    fn clause(&mut self, expr: Option<ast::ExprId>, what: &str) -> Res<Option<usize>> {
        let Some(expr) = expr else { return Ok(None) };
        let file = self.names.entry;
        let span = self.names.files[&file].expr(expr).span;
        let value = self.eval(expr, file, &None)?;
        self.size(&value, what, 1, span).map(Some)
    }

    fn statements(&mut self, phase: &'a ast::Phase, kind: PhaseKind) -> Res<Vec<PhaseStmt>> {
        let mut body = Vec::new();
        self.declaring(&phase.name.name, false, |e| {
            e.owned(nobody(), |e| {
                e.phase_body(phase, kind, &phase.body, None, &mut body)?;
                if kind == PhaseKind::Eval { e.report_open(&mut body) } else { Ok(()) }
            })
        })?;
        Ok(body)
    }

    /// `until e stalls n on d.valid`: how long to wait, and a phase that computes the figure.
    fn watch(&mut self, phase: &'a ast::Phase, until: &'a ast::Until) -> Res<(usize, ir::Phase)> {
        let file = self.names.entry;
        let span = self.names.files[&file].expr(until.value).span;
        if phase.kind != PhaseKind::Train {
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
        let head = Head::eval(name, Some(on), batch);
        let phase = ir::Phase { head, sized, body, span };
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
        if phase.on.is_empty() && phase.kind != PhaseKind::Sample {
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
        let Some(declared) = self.m.data.iter().find(|d| d.name == data.name) else {
            return self.no_data_set(path);
        };
        self.names_at(data.span, Some(declared.span));
        let Some(word) = path.get(1) else {
            let text = format!("`{}` is a data set of several splits", data.name);
            let help = format!("name one: `{0}.train`, `{0}.valid` or `{0}.test`", data.name);
            return self.fail(codes::RL0126, text, data.span, &help);
        };
        let splits = "splits are train, valid and test";
        if !ir::SPLITS.contains(&word.name.as_str()) {
            let text = format!("a data set has no split `{}`", word.name);
            return self.fail(codes::RL0126, text, word.span, splits);
        }
        if let Some(more) = path.get(2) {
            let text = format!("a split has no part `{}`", more.name);
            return self.fail(codes::RL0126, text, more.span, splits);
        }
        Ok((data.name.clone(), word.name.clone()))
    }

    /// Says that the first word of a path is no data set.
    fn no_data_set<T>(&mut self, path: &'a [ast::Ident]) -> Res<T> {
        let data = &path[0];
        if self.failed_data(&data.name) {
            return Err(Stop);
        }
        let known: Vec<&str> = self.m.data.iter().map(|d| d.name.as_str()).collect();
        let text = format!("no data set is called `{}`", data.name);
        let help: String = match nearest(&data.name, &known) {
            Some(near) => {
                let error = self.error(codes::RL0101, text, data.span, "");
                let error = error.meant(data.span, near);
                return self.stop(error);
            }
            None if self.is_of_import(path) => "data sets of files that are used are not here: \
                                                declare the data set in this file too"
                .into(),
            None => "declare it: `data d from uci_digits() { x: f32[64] in 0..1 }`".into(),
        };
        self.fail(codes::RL0101, text, data.span, &help)
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
}
