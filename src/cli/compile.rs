//! The compiler on one page. In: the files of a model and its settings. Out: every stage.

use super::output::{Output, Stop};
use super::settings::Choice;
use super::sources::Trees;
use crate::autodiff;
use crate::base::{Budget, Diagnostic, Limit, Over, Severity, Span, budget, codes};
use crate::graph::Graph;
use crate::model::{self, Given, Settings, ir};
use crate::objective::{self, Derived, Facts};
use crate::optimize;
use crate::plan::{self, Plan, plan};
use crate::runtime::checkpoint::sha256;
use crate::runtime::config;
use crate::runtime::job::{DataSpec, Job};
use crate::runtime::session::{check_calls, load_one};
use crate::translate;
use crate::translate::program::Program;
use std::collections::BTreeMap;
use std::path::Path;

/// A model that can be run.
pub struct Compiled {
    /// What a run needs to know.
    pub job: Job,
    /// Initializer, phases, encoders; none for an artifact.
    pub graphs: Vec<Graph>,
    /// One plan per graph.
    pub plans: Vec<Plan>,
    /// What it was compiled from; none for an artifact.
    pub from: Option<(Trees, Settings)>,
    /// Where most of its memory goes.
    pub place: Option<Span>,
}

/// Every stage.
pub fn compile(mut trees: Trees, choice: &Choice, out: &mut Output) -> Result<Compiled, Stop> {
    let (model, settings) = typed(&mut trees, choice, out)?;
    let Derived { model, facts, .. } = objective(model, out)?;
    let mut program = program(&model, &facts, out)?;
    let plans = plans(&mut program, &model, out)?;
    let place = largest(&model, &plans);
    let job = Job::new(&model, &program, identity(&trees, &model, out));
    let graphs: Vec<Graph> = graphs_mut(&mut program).map(|graph| graph.clone()).collect();
    let from = Some((trees, settings));
    Ok(Compiled { job, graphs, plans, from, place })
}

/// A short last batch of a split.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rest {
    /// The phase, or the part whose code is computed.
    pub name: String,
    /// Whether it is a code.
    pub is_code: bool,
    /// Rows of a full batch.
    pub batch: usize,
    /// Rows of this one.
    pub rows: usize,
}

/// Adds phases for batches of other sizes: the file is read once more for each. A mistake that shows
/// at such a size only is one, with its place.
pub fn add_rests(compiled: &mut Compiled, rests: &[Rest], out: &mut Output) -> Result<(), Stop> {
    for rest in rests {
        let Some((trees, settings)) = &compiled.from else { return Ok(()) };
        let mut settings = settings.clone();
        if rest.is_code {
            settings.encode_rows = Some(rest.rows);
        } else {
            settings.batches.insert(rest.name.clone(), rest.rows);
        }
        let (model, mut found) =
            model::elaborate(trees.entry, &trees.files, &out.sources, &settings);
        if found.has_errors() {
            found.list.retain(|d| d.severity == Severity::Error);
            found.list.iter_mut().for_each(|d| rest.explain(d));
            return out.take(found);
        }
        let (Derived { model, facts, .. }, _) = objective::derive(model);
        if model.budget.over().is_some() {
            continue;
        }
        let mut budget = Budget::default();
        let made = translate::translate_within(&model, &facts, &mut budget);
        let program = out.check(made.map_err(|over| over.diagnostic(|span| span)))?;
        if let Some(slot) = program.slots.iter().find(|slot| !compiled.job.has_slot(&slot.path)) {
            let text = format!("nothing but a short last batch uses `{}`", slot.path);
            let mut error = Diagnostic::new(codes::RL0120, text);
            rest.explain(&mut error);
            return out.check(Err(error));
        }
        let list = if rest.is_code { program.encoders } else { program.phases };
        if let Some(mut phase) = list.into_iter().find(|phase| phase.name == rest.name) {
            phase.graph = out.check(optimized(&phase.graph).map_err(|over| over.at_phase(None)))?;
            let plan = planned(&phase.graph).map_err(|over| over.at_phase(None));
            compiled.plans.push(out.check(plan)?);
            compiled.job.add_rest(&phase);
            compiled.graphs.push(phase.graph);
        }
    }
    Ok(())
}

impl Rest {
    fn explain(&self, error: &mut Diagnostic) {
        let Rest { name, rows, batch, is_code } = self;
        let of = if *is_code { "the code" } else { "phase" };
        error.notes.push(format!("the last batch of {of} `{name}` has {rows} rows, not {batch}"));
        if !is_code {
            let help = format!("give `{name}` a `batch` that divides the number of rows");
            error.help.push(help);
        }
    }
}

/// Syntax trees to the typed model.
pub fn model(trees: &mut Trees, choice: &Choice, out: &mut Output) -> Result<ir::Model, Stop> {
    typed(trees, choice, out).map(|(model, _)| model)
}

/// The model, and what it was made with. Where a constant holds a whole data field, its rows are
/// counted first.
fn typed(
    trees: &mut Trees,
    choice: &Choice,
    out: &mut Output,
) -> Result<(ir::Model, Settings), Stop> {
    model::add_prelude(&mut trees.files, &mut out.sources);
    let mut settings = settings(choice, out);
    let (mut model, mut found) =
        model::elaborate(trees.entry, &trees.files, &out.sources, &settings);
    if !model.unknown.is_empty() {
        settings.tables = rows(&model, trees, choice, out)?;
        (model, found) = model::elaborate(trees.entry, &trees.files, &out.sources, &settings);
    }
    found.extend(check_calls(&model.data, &choice.sources()));
    out.take(found)?;
    Ok((model, settings))
}

/// The number of rows of each data set whose number is not known.
fn rows(
    model: &ir::Model,
    trees: &Trees,
    choice: &Choice,
    out: &mut Output,
) -> Result<BTreeMap<String, usize>, Stop> {
    let file = Path::new(&out.sources.file(trees.entry).name).to_path_buf();
    let home = file.parent().unwrap_or(Path::new(""));
    let mut counts = BTreeMap::new();
    for data in model.data.iter().filter(|data| model.unknown.contains(&data.name)) {
        let new = choice.data.get(&data.name).map(|new| &new.source);
        let set = load_one(&DataSpec::new(model, data), new, home, &[]);
        counts.insert(data.name.clone(), out.check(set)?.rows);
    }
    Ok(counts)
}

fn settings(choice: &Choice, out: &Output) -> Settings {
    let mut settings = Settings::default();
    for setting in &choice.set {
        let origin = match setting.span {
            Some(span) => out.sources.file(span.file).name.clone(),
            None => "--set".into(),
        };
        settings.set(&setting.name, Given::Value(setting.value.clone()), &origin);
    }
    settings
}

/// The typed model to pure objectives.
pub fn objective(model: ir::Model, out: &mut Output) -> Result<Derived, Stop> {
    let (derived, found) = objective::derive(model);
    out.take(found)?;
    Ok(derived)
}

/// The typed model without probability to graphs.
pub fn program(model: &ir::Model, facts: &Facts, out: &mut Output) -> Result<Program, Stop> {
    let made = translate::translate_within(model, facts, &mut Budget::default());
    let mut program = out.check(made.map_err(|over| over.diagnostic(|span| span)))?;
    for (graph, place) in graphs_mut(&mut program).zip(places(model)) {
        out.check(sizes(graph).map_err(|over| over.at_phase(place)))?;
    }
    Ok(program)
}

/// Optimizes the graphs of a program and plans them, initial values first.
pub fn plans(
    program: &mut Program,
    model: &ir::Model,
    out: &mut Output,
) -> Result<Vec<Plan>, Stop> {
    let mut plans = Vec::new();
    for (graph, place) in graphs_mut(program).zip(places(model)) {
        *graph = out.check(optimized(graph).map_err(|over| over.at_phase(place)))?;
        plans.push(out.check(planned(graph).map_err(|over| over.at_phase(place)))?);
    }
    Ok(plans)
}

/// What takes most of the memory of a run: the largest weight or state, or the phase with the largest
/// intermediate values.
pub fn largest(model: &ir::Model, plans: &[Plan]) -> Option<Span> {
    let len = |ty: &ir::Type| ty.shape.iter().product::<usize>();
    let params = model.params.iter().map(|p| (len(&p.ty), p.span));
    let slots = params.chain(model.states.iter().map(|s| (len(&s.ty), s.span)));
    let phases =
        model.phases.iter().zip(plans.iter().skip(1)).map(|(p, plan)| (plan.arena, p.span));
    slots.chain(phases).max_by_key(|(len, _)| *len).map(|(_, span)| span)
}

/// The places of the graphs of a program.
pub fn places(model: &ir::Model) -> impl Iterator<Item = Option<Span>> {
    let phases = model.phases.iter().map(|phase| Some(phase.span));
    std::iter::once(None).chain(phases).chain(std::iter::repeat(None))
}

/// A limit that a graph passes.
#[derive(Clone, Copy, Debug)]
pub struct TooLarge(pub &'static Limit);

impl TooLarge {
    /// The message, at the phase that the graph belongs to.
    pub fn at_phase(self, phase: Option<Span>) -> Diagnostic {
        Over::at(self.0, phase).diagnostic(|span| span)
    }
}

/// A graph as it was translated with its derivatives written out.
pub fn expanded(graph: &Graph) -> Result<Graph, TooLarge> {
    let most = budget::DERIVED.most;
    let made = autodiff::expand_within(&optimize::before(graph), most);
    let made = made.filter(|made| made.len() <= most).ok_or(TooLarge(budget::DERIVED))?;
    sizes(&made)?;
    Ok(made)
}

/// A graph as it was translated to the graph that is planned.
pub fn optimized(graph: &Graph) -> Result<Graph, TooLarge> {
    let made = optimize::after(&expanded(graph)?);
    sizes(&made)?;
    Ok(made)
}

/// The plan of a graph.
fn planned(graph: &Graph) -> Result<Plan, TooLarge> {
    let made = plan(graph);
    match plan::beyond(&made) {
        Some(limit) => Err(TooLarge(limit)),
        None => Ok(made),
    }
}

/// Whether each value of a graph is within the limit of elements.
fn sizes(graph: &Graph) -> Result<(), TooLarge> {
    let most = budget::ELEMENTS.most;
    let large = graph.ids().any(|id| graph.ty(id).len() > most);
    if large { Err(TooLarge(budget::ELEMENTS)) } else { Ok(()) }
}

/// Initializer, phases, encoders: the order of plans in a job.
pub fn graphs_mut(program: &mut Program) -> impl Iterator<Item = &mut Graph> {
    let phases = program.phases.iter_mut().chain(&mut program.encoders);
    [&mut program.init].into_iter().chain(phases.map(|phase| &mut phase.graph))
}

/// What a run of this model belongs to: its text, the text of what it uses, and its settings.
fn identity(trees: &Trees, model: &ir::Model, out: &Output) -> String {
    let mut text = format!("rlc {}\n", env!("CARGO_PKG_VERSION"));
    for id in trees.files.trees.keys() {
        text.push_str(&out.sources.file(*id).text);
        text.push('\0');
    }
    for setting in &model.settings {
        text.push_str(&format!("{} = {}\n", setting.name, config::show(&setting.value)));
    }
    sha256(text.as_bytes())
}
