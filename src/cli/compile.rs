//! The compiler on one page. In: the files of a model and its settings. Out: every stage.

use super::output::{Output, Stop};
use super::sources::Trees;
use crate::autodiff;
use crate::base::{Diagnostic, Severity, Span, codes};
use crate::graph::Graph;
use crate::model::{self, Given, Settings, ir};
use crate::objective::{self, Derived};
use crate::optimize;
use crate::plan::{Plan, plan};
use crate::runtime::checkpoint::sha256;
use crate::runtime::config::{self, Setting};
use crate::runtime::job::Job;
use crate::translate;
use crate::translate::program::Program;

/// The most nodes of a graph with its derivatives. A larger one would take minutes and gigabytes to
/// compile; a net of a thousand layers has a fifth of that.
pub const MAX_NODES: usize = 200_000;

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
}

/// Every stage.
pub fn compile(mut trees: Trees, set: &[Setting], out: &mut Output) -> Result<Compiled, Stop> {
    let model = model(&mut trees, set, out)?;
    let Derived { model, facts, .. } = objective(model, out)?;
    let mut program = translate::translate(&model, &facts);
    let places = model.phases.iter().map(|phase| Some(phase.span)).chain(std::iter::repeat(None));
    for (graph, place) in graphs_mut(&mut program).zip(std::iter::once(None).chain(places)) {
        *graph = optimized(graph).ok_or_else(|| out.fail(too_large(place)))?;
    }
    let job = Job::new(&model, &program, identity(&trees, &model, out));
    let graphs: Vec<Graph> = graphs_mut(&mut program).map(|graph| graph.clone()).collect();
    let plans = graphs.iter().map(plan).collect();
    let from = Some((trees, settings(set, out)));
    Ok(Compiled { job, graphs, plans, from })
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
        let program = translate::translate(&model, &facts);
        let list = if rest.is_code { program.encoders } else { program.phases };
        if let Some(mut phase) = list.into_iter().find(|phase| phase.name == rest.name) {
            phase.graph = optimized(&phase.graph).ok_or_else(|| out.fail(too_large(None)))?;
            compiled.plans.push(plan(&phase.graph));
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
pub fn model(trees: &mut Trees, set: &[Setting], out: &mut Output) -> Result<ir::Model, Stop> {
    model::add_prelude(&mut trees.files, &mut out.sources);
    let settings = settings(set, out);
    let (model, found) = model::elaborate(trees.entry, &trees.files, &out.sources, &settings);
    out.take(found)?;
    Ok(model)
}

fn settings(set: &[Setting], out: &Output) -> Settings {
    let mut settings = Settings::default();
    for setting in set {
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

/// A graph as it was translated to the graph that is planned; none if that has too many nodes.
pub fn optimized(graph: &Graph) -> Option<Graph> {
    let expanded = autodiff::expand_within(&optimize::before(graph), MAX_NODES)?;
    if expanded.len() > MAX_NODES { None } else { Some(optimize::after(&expanded)) }
}

/// The message for a phase whose graph has too many nodes.
pub fn too_large(phase: Option<Span>) -> Diagnostic {
    let text = format!("a phase of more than {MAX_NODES} operations, derivatives included");
    let help = "take derivatives of lower order, or repeat with `scan` instead of `chain`";
    let error = Diagnostic::new(codes::RL0110, text).help(help);
    match phase {
        Some(span) => error.at(span, ""),
        None => error,
    }
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
