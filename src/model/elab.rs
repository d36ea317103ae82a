//! The elaborator: an abstract interpreter of syntax trees. In: trees and settings. Out: the typed
//! model. Functions and nets are inlined, dims become integers, weights get stable paths. Every
//! mistake becomes a diagnostic; the item it stands in is given up and the next one read.

use super::instance::Trees;
use super::ir::{self, ExprId, ExprKind, Model, Static, Support, Type};
use super::number::Numbers;
use super::settings::Settings;
use super::value::{Env, Owner, OwnerFrame, Value, look_up, names};
use crate::base::{
    Code, Diagnostic, Diagnostics, FileId, Limit, Severity, SourceMap, Span, budget, codes,
    metrics, nearest,
};
use crate::graph::op::{Op, control, view};
use crate::graph::{Attrs, DType, Ty};
use crate::syntax::ast;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// An error was reported; the item is given up.
#[derive(Debug)]
pub(super) struct Stop;
pub(super) type Res<T> = Result<T, Stop>;

/// The most calls of a circle that a message shows.
const ROUND: usize = 10;

/// Names that are compared to find one: so many count as a step.
const NAMES_OF_A_STEP: usize = 16;

/// Names that docs/language.md marks **later**: what they stand for, and what there is instead.
const LATER: &[(&str, &str, &str)] = &[
    ("RealNVP", FLOWS, VAE),
    ("Coupling", FLOWS, VAE),
    ("Autoregressive", "autoregressive densities", CAUSAL),
    ("gibbs", ENERGIES, VAE),
    ("free_energy", ENERGIES, VAE),
    ("ais", ENERGIES, "bounds are there: `iwae(p, q, k = 64)`"),
    ("langevin", KERNELS, VAE),
    ("hmc", KERNELS, VAE),
];
const FLOWS: &str = "densities by change of variables";
const ENERGIES: &str = "densities with `factor`";
const KERNELS: &str = "sampling kernels on models";
const VAE: &str = "directed densities are there: `z ~ Normal(0, 1)`, trained by `elbo(p, q)`";
const CAUSAL: &str = "give a causal net what comes before: `log p(x | before = shift(x, 1))`";

/// What a name of a file stands for.
#[derive(Clone, Copy)]
pub(super) struct Global<'a> {
    pub item: &'a ast::Item,
    pub span: Span,
}

/// What surrounds the current expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Context {
    /// Whether layers behave as in training.
    pub training: bool,
    /// The data sets whose fields are visible by their bare names; none: all of them.
    pub data: Vec<String>,
    /// Rows of a batch: the dim `B`; 0 outside of phases, where there is none.
    pub batch: usize,
}

/// What a value took from its context: two contexts that agree in it give one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether this is training.
    pub training: bool,
    /// The number of rows.
    pub rows: bool,
    /// Everything else as well.
    pub all: bool,
}

impl Asked {
    /// Whether two contexts agree in what was asked.
    fn same(self, a: &Context, b: &Context) -> bool {
        (!self.training || a.training == b.training)
            && (!self.rows || a.batch == b.batch)
            && (!self.all || a == b)
    }

    pub fn add(&mut self, other: Asked) {
        self.training |= other.training;
        self.rows |= other.rows;
        self.all |= other.all;
    }
}

/// The value of a global, once found.
pub(super) struct Known<'a> {
    pub value: Value<'a>,
    /// Where it was found.
    pub ctx: Context,
    /// It is the value in contexts that agree in this.
    pub key: Asked,
    /// What it took from its context.
    pub asked: Asked,
    /// The calls of layers in it that write states, in order.
    pub wrote: Vec<u32>,
}

/// Shape and stream of noise drawn here: inside initializers and rows of distributions.
#[derive(Clone, Debug)]
pub(super) struct NoiseContext {
    pub shape: Vec<usize>,
    pub stream: String,
    pub drawn: usize,
    pub per_example: bool,
    /// Shape of the weight, for `fan_in`.
    pub weight: Option<Vec<usize>>,
}

/// Names whose value has a mistake, oldest first, so that those of a guess can be taken back.
#[derive(Default)]
pub(super) struct Failed {
    order: Vec<(FileId, String)>,
    seen: HashSet<(FileId, String)>,
}

impl Failed {
    pub fn contains(&self, file: FileId, name: &str) -> bool {
        !self.seen.is_empty() && self.seen.contains(&(file, name.to_string()))
    }

    pub fn insert(&mut self, file: FileId, name: &str) {
        if self.seen.insert((file, name.into())) {
            self.order.push((file, name.into()));
        }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Forgets all but the oldest.
    pub fn truncate(&mut self, len: usize) {
        for name in self.order.drain(len..) {
            self.seen.remove(&name);
        }
    }
}

pub(super) struct Elab<'a> {
    pub files: &'a Trees<'a>,
    /// What stands before the names of a file in paths of weights; empty for the entry.
    pub prefixes: HashMap<FileId, String>,
    /// What each owner of weights uses: nets, densities and weights by their paths.
    pub reach: BTreeMap<String, BTreeSet<String>>,
    /// Instances of imported files, by the path of their weights and their dims.
    pub instances: HashMap<(String, String), FileId>,
    /// Copies of files, with the path of the copy.
    pub copies: BTreeMap<FileId, String>,
    /// What an instance changes.
    pub overrides: HashMap<FileId, BTreeMap<String, Static>>,
    pub sources: &'a SourceMap,
    pub settings: &'a Settings,
    pub m: Model,
    pub diags: Diagnostics,
    pub globals: HashMap<FileId, BTreeMap<String, Global<'a>>>,
    /// Items of the prelude, by name; several distributions may share one.
    pub prelude: BTreeMap<String, Vec<(FileId, Global<'a>)>>,
    /// What `use "path"` in a file stands for.
    pub imports: &'a HashMap<(FileId, String), FileId>,
    pub entry: FileId,
    /// Values of globals: dims, configs, constants, weights, densities, losses.
    pub memo: HashMap<(FileId, String), Vec<Known<'a>>>,
    /// Globals being evaluated, to find circles.
    pub busy: Vec<(FileId, String, Span)>,
    pub failed: Failed,
    pub ctx: Context,
    /// Call sites, outermost first.
    pub calls: Vec<Span>,
    pub owner: Owner,
    pub noise: Vec<NoiseContext>,
    /// Whether data fields are visible by bare name.
    pub fields_visible: bool,
    /// The names around a built-in function that is being applied.
    pub outside: Env<'a>,
    /// Whether a data field is all its rows: in constants.
    pub whole: bool,
    pub params: HashMap<String, ir::ParamId>,
    pub states: HashMap<String, ir::StateId>,
    pub used: BTreeSet<(FileId, String)>,
    /// Where the slot of a path is declared.
    pub declared: HashMap<String, Span>,
    /// Numbers of layers, instances and copies.
    pub numbers: Numbers,
    /// Values of the names that phases give with `let`, once all phases are read.
    pub lets: HashMap<ir::VarId, ExprId>,
    /// Part of each role or net, by file, name and role.
    pub parts: HashMap<(FileId, String, ir::Role), ir::PartId>,
    /// What was asked of the context since this was cleared.
    pub asked: Asked,
    /// Whether the number of rows was asked outside of phases, where a later look will know it.
    pub waits: bool,
    /// Whether there will be a later look.
    pub may_wait: bool,
    /// Calls of nets whose result depends on the number of rows, with that number.
    pub rows_of: HashMap<ExprId, usize>,
    /// Calls of nets that ask whether this is training, and whether all such calls were in training.
    pub trains: HashMap<ExprId, bool>,
    /// The declaration that is read: noise that belongs to no net is named after it.
    pub site: String,
    /// The density that is read, or empty.
    pub density: String,
    /// How often each name was drawn from. A graph is made in one context, so that names with these
    /// numbers are unique in it.
    pub drawn: HashMap<(Context, String), usize>,
    /// What repeats the current expression.
    pub around: ir::Around,
    /// Expressions that the current one stands in.
    pub depth: usize,
    /// Bottlenecks that some phase prunes.
    pub pruned: BTreeSet<String>,
    /// Calls of layers that write states, by what they write and give; equal ones have one number.
    pub writers: HashMap<(ir::StateId, ExprId, ExprId), u32>,
    /// The number of the next call of a layer that writes a state.
    pub next_call: u32,
    /// Numbers of the calls that the current statement makes, in order.
    pub wrote: Vec<u32>,
}

/// No owner of weights.
pub(super) fn nobody() -> Owner {
    Rc::new(RefCell::new(OwnerFrame::default()))
}

impl<'a> Elab<'a> {
    // ---- diagnostics ----

    /// The place to blame: in the user's files, the nearest call if the span is in the prelude.
    pub fn place(&self, span: Span) -> Span {
        if !self.sources.is_prelude(span.file) {
            return span;
        }
        let own = self.calls.iter().rev().find(|s| !self.sources.is_prelude(s.file));
        own.copied().unwrap_or(span)
    }

    pub fn error(
        &self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place(span), label)
    }

    /// Reports and gives up.
    pub fn stop<T>(&mut self, diagnostic: Diagnostic) -> Res<T> {
        self.diags.push(diagnostic);
        Err(Stop)
    }

    /// Reports with a hint and gives up.
    pub fn fail<T>(&mut self, code: Code, message: String, span: Span, help: &str) -> Res<T> {
        debug_assert!(!help.is_empty(), "no hint with `{message}`");
        let diagnostic = self.error(code, message, span, "").help(help);
        self.stop(diagnostic)
    }

    // ---- the budget ----

    /// The place that work is charged to: the nearest call in the user's files.
    fn spender(&self, span: Span) -> Span {
        let own = self.calls.iter().rev().find(|s| !self.sources.is_prelude(s.file));
        own.copied().unwrap_or(span)
    }

    /// Spends, and gives up where nothing is left.
    pub fn spend(&mut self, limit: &'static Limit, n: usize, span: Span) -> Res<()> {
        let place = self.spender(span);
        self.m.budget.spend(limit, n, place);
        self.checked(place)
    }

    /// Refuses a single thing that is larger than the limit.
    pub fn allow(&mut self, limit: &'static Limit, n: usize, span: Span) -> Res<()> {
        self.m.budget.allow(limit, n, self.place(span));
        self.checked(span)
    }

    /// Gives up where nothing is left to spend, or as many mistakes were found as are shown.
    fn checked(&mut self, span: Span) -> Res<()> {
        if let Some(over) = self.m.budget.over() {
            let error = over.clone().or_at(span).diagnostic(|span| self.place(span));
            // It is told once, at the first place where nothing was left.
            let told = self.diags.list.iter().any(|d| d.message == error.message);
            return if told { Err(Stop) } else { self.stop(error) };
        }
        let many = self.diags.list.len() >= budget::MESSAGES.most;
        if !(many && self.diags.full(Severity::Error)) {
            return Ok(());
        }
        self.diags.cut(Severity::Error);
        Err(Stop)
    }

    // ---- names ----

    /// The value of a name.
    pub fn name(&mut self, name: &str, file: FileId, env: &Env<'a>, span: Span) -> Res<Value<'a>> {
        let (found, looked) = look_up(env, name);
        self.spend(budget::STEPS, looked / NAMES_OF_A_STEP, span)?;
        match found {
            Some(Value::Failed) => return Err(Stop),
            Some(value) => {
                self.spend(budget::STEPS, value.weight(), span)?;
                return Ok(value.clone());
            }
            None => {}
        }
        if name == "B" {
            return Ok(Value::Dim("B".into(), self.rows(span)? as i64));
        }
        let own = self.globals.get(&file).and_then(|g| g.get(name)).copied();
        // A phase is no value: its name hides none.
        let phase = own.filter(|global| matches!(global.item.kind, ast::ItemKind::Phase(_)));
        if let (Some(global), None) = (own, phase) {
            self.used.insert((file, name.into()));
            return self.global(file, name, global, span);
        }
        if let Some(other) = self.imported(name, file, span)? {
            return self.name(name, other, &None, span);
        }
        if self.fields_visible
            && let Some(value) = self.field(name, span)?
        {
            return Ok(value);
        }
        if let Some(list) = self.prelude.get(name) {
            let (file, global) = list[0];
            return self.global(file, name, global, span);
        }
        if let Some(prim) = super::prim::find(name) {
            return Ok(Value::Prim(prim));
        }
        if let Some(metric) = metrics::find(name) {
            return Ok(Value::Metric(metric));
        }
        if let Some(global) = phase {
            let diagnostic = self
                .error(codes::RL0105, format!("`{name}` is a phase"), span, "")
                .also(global.span, "declared here")
                .help("phases run by themselves, in the order of the file");
            return self.stop(diagnostic);
        }
        self.undefined(name, file, env, span)
    }

    fn undefined<T>(&mut self, name: &str, file: FileId, env: &Env<'a>, span: Span) -> Res<T> {
        if self.failed.contains(file, name) {
            return Err(Stop);
        }
        let mut known = names(env);
        known.extend(self.globals.get(&file).into_iter().flat_map(|g| g.keys().cloned()));
        if self.fields_visible {
            known.extend(self.m.fields.iter().map(|f| f.name.clone()));
        }
        known.extend(self.prelude.keys().cloned());
        known.extend(super::prim::all().map(|p| p.name.to_string()));
        known.extend(metrics::METRICS.iter().map(|m| m.name.to_string()));
        known.extend(["true", "false"].map(String::from));
        self.spend(budget::STEPS, known.len(), span)?;
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Some((_, what, instead)) = LATER.iter().find(|(later, ..)| *later == name) {
            let text = format!("`{name}` comes later: this release does not have {what}");
            return self.fail(codes::RL0125, text, span, instead);
        }
        let mut diagnostic =
            self.error(codes::RL0101, format!("nothing is called `{name}`"), span, "not declared");
        let field = self.m.fields.iter().find(|f| f.name == name);
        diagnostic = match (field, nearest(name, &known)) {
            (Some(field), _) => diagnostic.also(field.span, "a field of this name is here").help(
                "data fields are visible in losses and phases; pass the field as an argument",
            ),
            (None, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
            (None, None) => diagnostic.help(
                "declare it: `dim`, `config`, `const`, `param`, `net`, `fn`, or a field of `data`",
            ),
        };
        self.stop(diagnostic)
    }

    /// The fields of a name that can be read here, by their numbers.
    pub(super) fn fields_here(&self, name: &str) -> Vec<usize> {
        let here = |data: &String| self.ctx.data.is_empty() || self.ctx.data.contains(data);
        let is_one = |i: &usize| self.m.fields[*i].name == name && here(&self.m.fields[*i].data);
        (0..self.m.fields.len()).filter(is_one).collect()
    }

    /// A data field by its bare name, if one is visible.
    fn field(&mut self, name: &str, span: Span) -> Res<Option<Value<'a>>> {
        let all = self.fields_here(name);
        match all.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(Value::Tensor(self.field_expr(*one)))),
            // Which one it is depends on the phase.
            [..] if self.may_wait => {
                self.waits = true;
                Err(Stop)
            }
            [a, b, ..] => {
                let (a, b) = (self.m.fields[*a].clone(), self.m.fields[*b].clone());
                let diagnostic = self
                    .error(codes::RL0102, format!("two data sets have a field `{name}`"), span, "")
                    .also(a.span, "one")
                    .also(b.span, "another")
                    .help(format!("write `{}.{name}` or `{}.{name}`", a.data, b.data));
                self.stop(diagnostic)
            }
        }
    }

    pub fn field_expr(&mut self, index: usize) -> ExprId {
        let field = &self.m.fields[index];
        let (ty, span) = (field.ty.clone(), field.span);
        self.m.push(ExprKind::Field(ir::FieldId(index as u32)), ty, span)
    }

    /// A field of a data set: rows of the phase, or in a constant all of them.
    pub fn field_here(&mut self, index: usize) -> ExprId {
        if self.whole { self.table_expr(index) } else { self.field_expr(index) }
    }

    fn table_expr(&mut self, index: usize) -> ExprId {
        let ir::Field { data, name, ty, span } = self.m.fields[index].clone();
        let rows = self.settings.tables.get(&data).copied();
        if rows.is_none() {
            self.m.unknown.insert(data.clone());
        }
        let shape = [&[rows.unwrap_or(1)], &ty.shape[..]].concat();
        let ty = Type { shape, varies: false, ..ty };
        let known = self.m.tables.iter().position(|t| t.data == data && t.field == name);
        let at = known.unwrap_or(self.m.tables.len());
        if known.is_none() {
            self.m.tables.push(ir::Table { data, field: name, ty: ty.clone() });
        }
        self.m.push(ExprKind::Table(ir::TableId(at as u32)), ty, span)
    }

    /// Marks a call; refuses endless ones.
    pub fn enter(&mut self, span: Span) -> Res<()> {
        if self.calls.len() >= budget::CALLS_DEEP.most {
            let diagnostic = budget::CALLS_DEEP
                .passed(codes::RL0108)
                .at(self.place(span), "")
                .note(format!("each of these calls leads to the next: {}", self.round(span)));
            self.calls.truncate(1);
            return self.stop(diagnostic);
        }
        self.calls.push(span);
        Ok(())
    }

    /// The calls that lead from a call site to itself, at most ten.
    fn round(&self, span: Span) -> String {
        let from = self.calls.iter().rposition(|s| *s == span).unwrap_or(0);
        let own = self.calls[from..].iter().filter(|s| !self.sources.is_prelude(s.file));
        let calls = own.chain([&span]).take(ROUND).map(|s| self.sources.text(*s));
        let short = calls.map(|text| text.chars().take(40).collect::<String>());
        short.collect::<Vec<_>>().join(" -> ")
    }

    /// The number of rows of a batch.
    pub fn rows(&mut self, span: Span) -> Res<usize> {
        self.asked.rows = true;
        if self.ctx.batch > 0 {
            return Ok(self.ctx.batch);
        }
        if self.may_wait {
            self.waits = true;
            return Err(Stop);
        }
        let text = "the number of rows of a batch is not known here".into();
        let help = "it is known in phases, and in the losses, nets and densities that they use";
        self.fail(codes::RL0109, text, span, help)
    }

    /// Runs something and says what it asked of its context.
    pub fn asking<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Asked) {
        let before = std::mem::take(&mut self.asked);
        let result = run(self);
        let asked = std::mem::replace(&mut self.asked, before);
        self.asked.add(asked);
        (result, asked)
    }

    /// A value that was found before in a context that agrees with this one.
    pub fn recall(&mut self, file: FileId, name: &str) -> Option<Value<'a>> {
        let list = self.memo.get(&(file, name.to_string()))?;
        let known = list.iter().find(|known| known.key.same(&known.ctx, &self.ctx))?;
        let (value, asked) = (known.value.clone(), known.asked);
        self.m.budget.take(budget::STEPS, known.wrote.len());
        self.wrote.extend_from_slice(&known.wrote);
        self.asked.add(asked);
        Some(value)
    }

    /// Keeps a value for contexts that agree in `key`. What was written since `before` belongs to it.
    pub fn keep(
        &mut self,
        (file, name): (FileId, &str),
        value: &Value<'a>,
        key: Asked,
        asked: Asked,
        before: usize,
    ) {
        let (value, ctx) = (value.clone(), self.ctx.clone());
        let wrote = super::writes::last_places(&self.wrote[before..]);
        let list = self.memo.entry((file, name.to_string())).or_default();
        list.push(Known { value, ctx, key, asked, wrote });
    }

    // ---- expressions of the model ----

    pub fn ty(&self, id: ExprId) -> &Type {
        self.m.ty(id)
    }

    /// Refuses shapes of more dims or elements than a tensor may have.
    pub fn sized(&mut self, shape: &[usize], span: Span) -> Res<()> {
        let (most, ranks) = (budget::ELEMENTS.most, budget::DIMS.most);
        let elements = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
        if elements.is_none_or(|n| n > most) {
            let text = super::types::dims(shape);
            return self.fail(
                codes::RL0110,
                format!("a tensor of shape [{text}] needs {}", bytes(shape)),
                span,
                &format!("reduce a dim: the limit is {most} elements, 8 GiB"),
            );
        }
        if shape.len() > ranks {
            return self.fail(
                codes::RL0110,
                format!("a tensor of {} dims, the limit is {ranks}", shape.len()),
                span,
                budget::DIMS.help,
            );
        }
        Ok(())
    }

    /// A figure of a whole split is no part of a formula, and of nothing that is computed per batch.
    pub fn no_metric(&mut self, id: ExprId, span: Span) -> Res<()> {
        let ExprKind::Metric { name, .. } = &self.m.expr(id).kind else { return Ok(()) };
        let text = format!("`{name}` is computed from a whole split, and stands alone");
        let help = format!("report it by itself, in an `eval` phase: `report {name}(...) as a`");
        self.fail(codes::RL0120, text, span, &help)
    }

    pub fn push(&mut self, kind: ExprKind, ty: Type, span: Span) -> Res<ExprId> {
        self.sized(&ty.shape, span)?;
        match &kind {
            ExprKind::Op { args, .. } => {
                args.iter().try_for_each(|arg| self.no_metric(*arg, span))?;
            }
            kind => {
                kind.children().into_iter().try_for_each(|child| self.no_metric(child, span))?;
            }
        }
        self.m.spender = Some(self.spender(span));
        let id = self.m.push(kind, ty, span);
        self.checked(span).map(|()| id)
    }

    /// An op of the graph's table on per-example values; its type follows from the row.
    pub fn op(
        &mut self,
        op: Op,
        args: Vec<ExprId>,
        attrs: Attrs,
        support: Support,
        span: Span,
    ) -> Res<ExprId> {
        let types: Vec<Ty> = args.iter().map(|a| graph_ty(self.ty(*a))).collect();
        let types: Vec<&Ty> = types.iter().collect();
        let ty = match op.infer_type(&types, &attrs) {
            Ok(ty) => ty,
            Err(why) => {
                let whole = args.iter().any(|a| self.ty(*a).dtype != DType::F32);
                let help = if whole && why.contains("takes F32") {
                    "make reals of it: `float(x)`"
                } else {
                    "make the dims agree: change a `dim`, the width of a layer, or `reshape`"
                };
                let text = format!("`{}` does not fit its arguments: {why}", op.name);
                return self.fail(codes::RL0103, text, span, help);
            }
        };
        let varies = args.iter().any(|a| self.ty(*a).varies);
        let ty = Type { dtype: ty.dtype, shape: ty.shape, support, varies };
        self.push(ExprKind::Op { op, attrs, args }, ty, span)
    }

    /// A scalar literal.
    pub fn literal(&mut self, value: f64, dtype: DType, span: Span) -> ExprId {
        let support = match dtype {
            DType::Bool => Support::Bool,
            DType::I32 => Support::Integer,
            DType::F32 if value == 0.0 || value == 1.0 => Support::Bit,
            DType::F32 if (0.0..=1.0).contains(&value) => Support::Interval(0.0, 1.0),
            DType::F32 if value > 0.0 => Support::Positive,
            DType::F32 => Support::Real,
        };
        let ty = Type { dtype, shape: vec![], support, varies: false };
        let attrs = Attrs::Const(crate::graph::attrs::Real(value), dtype);
        self.m.push(ExprKind::Op { op: &control::CONST, attrs, args: vec![] }, ty, span)
    }

    /// Repeats a scalar over a shape; leaves a value of that shape as it is.
    pub fn fill(&mut self, id: ExprId, shape: &[usize], span: Span) -> Res<ExprId> {
        if self.ty(id).shape == shape {
            return Ok(id);
        }
        if !self.ty(id).shape.is_empty() {
            let (given, wanted) = (super::types::show(self.ty(id)), super::types::dims(shape));
            return self.fail(
                codes::RL0103,
                format!("`{given}` where the shape [{wanted}] is needed"),
                span,
                "make the dims agree; only scalars are repeated by themselves",
            );
        }
        let support = self.ty(id).support;
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims: vec![] };
        self.op(&view::BROADCAST, vec![id], attrs, support, span)
    }

    /// A tensor from a value: statics become literals.
    pub fn tensor(&mut self, value: &Value<'a>, span: Span) -> Res<ExprId> {
        match value {
            Value::Tensor(id) => Ok(*id),
            Value::Static(Static::Int(n)) => Ok(self.literal(*n as f64, DType::F32, span)),
            Value::Dim(_, n) => Ok(self.literal(*n as f64, DType::F32, span)),
            Value::Static(Static::Float(x)) if x.is_finite() && (*x as f32).is_infinite() => {
                let text = format!("{x:e} is beyond the reals of 32 bits, which end at 3.4e38");
                let help = "write a smaller number; `infinity` is beyond all";
                self.fail(codes::RL0107, text, span, help)
            }
            Value::Static(Static::Float(x)) => Ok(self.literal(*x, DType::F32, span)),
            Value::Static(Static::Bool(b)) => Ok(self.literal(*b as u8 as f64, DType::Bool, span)),
            other => {
                let kind = other.kind();
                let help = match other {
                    Value::Func(_) | Value::Template(_) | Value::Chain(_) => {
                        "apply it: `x |> layer` or `f(x)`"
                    }
                    Value::Dist(_) | Value::Query(_) | Value::Density(_) => {
                        "take `mean(...)`, `log p(...)`, or draw inside `E[z ~ ...](...)`"
                    }
                    _ => "write a number or a tensor",
                };
                self.fail(codes::RL0105, format!("{kind} where a number is needed"), span, help)
            }
        }
    }

    /// An integer known now.
    pub fn int(&mut self, value: &Value<'a>, what: &str, span: Span) -> Res<i64> {
        match value {
            Value::Static(Static::Int(n)) | Value::Dim(_, n) => Ok(*n),
            Value::Tensor(id) if self.known_int(*id).is_some() => {
                Ok(self.known_int(*id).unwrap_or_default())
            }
            Value::Static(Static::Float(x)) => {
                let text = format!("{what} is {x:?}, and must be a whole number");
                let help = match x.fract() == 0.0 {
                    true => "write it without a point; `int(...)` of a real is a whole number",
                    false => "a quotient of dims must be exact; `int(...)` cuts off",
                };
                self.fail(codes::RL0107, text, span, help)
            }
            other => {
                let text = format!(
                    "{what} must be an integer known when compiling, this is {}",
                    other.kind()
                );
                self.fail(
                    codes::RL0109,
                    text,
                    span,
                    "use a `dim`, a `config` of type int, or a literal",
                )
            }
        }
    }

    /// A number of at least `low` known now.
    pub fn size(&mut self, value: &Value<'a>, what: &str, low: i64, span: Span) -> Res<usize> {
        let n = self.int(value, what, span)?;
        if n > budget::NUMBER.most as i64 {
            let text = format!("{what} is {n}, the limit is {}", budget::NUMBER.most);
            return self.fail(codes::RL0110, text, span, budget::NUMBER.help);
        }
        if n < low {
            let text = format!("{what} is {n}, and must be at least {low}");
            let help = format!("write a whole number of at least {low}");
            return self.fail(codes::RL0107, text, span, &help);
        }
        Ok(n as usize)
    }

    /// Temporarily changes the context.
    pub fn within<T>(&mut self, ctx: Context, run: impl FnOnce(&mut Self) -> T) -> T {
        let old = std::mem::replace(&mut self.ctx, ctx);
        let result = run(self);
        self.ctx = old;
        result
    }

    /// The number of the next draw of this name.
    pub fn next_draw(&mut self, name: &str) -> usize {
        let n = self.drawn.entry((self.ctx.clone(), name.into())).or_insert(0);
        *n += 1;
        *n - 1
    }

    /// The stream of noise that is drawn here: a new one for every call.
    pub fn noise_stream(&mut self) -> String {
        let owner = self.owner.borrow().path.clone();
        let inside = format!("{}.", self.density);
        let place = match (owner.as_str(), self.density.as_str()) {
            ("", _) => self.site.clone(),
            (_, "") => owner,
            (path, density) if path == density || path.starts_with(&inside) => owner,
            _ => inside + &owner,
        };
        let name = format!("{place}.noise");
        let stream = format!("{name}_{}", self.next_draw(&name));
        self.m.budget.take(budget::PATHS, stream.len());
        stream
    }

    /// Runs something that is declared once, wherever it is used: its noise has names of its own, and
    /// no loop around its first use is a loop around it.
    pub fn declaring<T>(
        &mut self,
        name: &str,
        density: bool,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let inside = if density { name.to_string() } else { String::new() };
        let site = std::mem::replace(&mut self.site, name.into());
        let outer = std::mem::replace(&mut self.density, inside);
        let around = std::mem::take(&mut self.around);
        let calls = std::mem::take(&mut self.calls);
        let noise = std::mem::take(&mut self.noise);
        let result = run(self);
        self.site = site;
        self.density = outer;
        self.around = around;
        self.calls = calls;
        self.noise = noise;
        result
    }

    /// Runs something where fields of the data are visible by their bare names, or not.
    pub fn seeing<T>(&mut self, fields: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        let old = std::mem::replace(&mut self.fields_visible, fields);
        let result = run(self);
        self.fields_visible = old;
        result
    }

    /// Temporarily changes the owner of new weights.
    pub fn owned<T>(&mut self, owner: Owner, run: impl FnOnce(&mut Self) -> T) -> T {
        owner.borrow_mut().depth.get_or_insert(self.calls.len());
        let old = std::mem::replace(&mut self.owner, owner);
        let result = run(self);
        self.owner = old;
        result
    }
}

/// The memory of a tensor, roughly; it may be beyond every integer.
fn bytes(shape: &[usize]) -> String {
    let size = 4.0 * shape.iter().map(|n| *n as f64).product::<f64>();
    let (unit, name) = if size < 1e15 { (1e12, "TB") } else { (1e15, "PB") };
    format!("{:.0} {name}", (size / unit).ceil())
}

/// The graph's type of one example.
pub(super) fn graph_ty(ty: &Type) -> Ty {
    Ty::new(ty.dtype, ty.shape.clone())
}
