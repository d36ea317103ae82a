//! The compiler on one page: its stages in order, for whoever compiles. In: syntax trees and what was
//! asked for. Out: every stage; what was found stands in the log. Prints nothing.

mod asked;
pub mod export;
mod files;
mod limits;
mod log;
pub mod numeric;
mod open;
mod print;
mod reading;
mod rests;
pub mod stages;

pub use asked::{Asked, Replaced};
pub use files::{Texts, Trees, load};
pub use limits::{TooLarge, expanded, optimized, planned};
pub use log::{Log, Stopped};
pub use open::open;
pub use reading::{Counted, Reading, read};
pub use rests::{Rest, add_rests, has_rest, rests};

use crate::base::{Budget, FileId, Span};
use crate::graph::Graph;
use crate::model::ir::pure::Pure;
use crate::model::{self, Settings, ir};
use crate::objective::{self, Derived, Explanation, Facts};
use crate::plan::Plan;
use crate::runtime::checkpoint::sha256;
use crate::runtime::config;
use crate::runtime::data::kept::Kept;
use crate::runtime::job::{DataSpec, Job};
use crate::runtime::session::{check_calls, load_sets};
use crate::translate;
use crate::translate::program::Program;
use limits::sizes;
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
    /// What is told of it; none for an artifact.
    pub told: Option<Told>,
    /// Where most of its memory goes.
    pub place: Option<Span>,
}

/// What reports say of a model beside its figures.
pub struct Told {
    /// What was derived.
    pub explanation: Explanation,
    /// What numbers mean.
    pub facts: Facts,
    /// Settings with their values in the file.
    pub settings: Vec<ir::Setting>,
}

/// Every stage.
pub fn compile(mut trees: Trees, asked: &Asked, log: &mut Log) -> Result<Compiled, Stopped> {
    let (model, settings) = typed(&mut trees, asked, log)?;
    let Derived { pure, facts, explanation, .. } = objective(model, log)?;
    let mut program = program(&pure, &facts, log)?;
    let plans = plans(&mut program, &pure, log)?;
    let place = largest(&pure, &plans);
    let job = Job::new(&pure, &program, identity(&trees, &pure, log));
    let graphs: Vec<Graph> = graphs_mut(&mut program).map(|graph| graph.clone()).collect();
    let from = Some((trees, settings));
    let told = Some(Told { explanation, facts, settings: pure.settings });
    Ok(Compiled { job, graphs, plans, from, told, place })
}

/// Syntax trees to the typed model.
pub fn model(trees: &mut Trees, asked: &Asked, log: &mut Log) -> Result<ir::Model, Stopped> {
    typed(trees, asked, log).map(|(model, _)| model)
}

/// The same with the settings of the model stage, as tests choose them.
pub fn elaborated(
    trees: &mut Trees,
    settings: &Settings,
    log: &mut Log,
) -> Result<ir::Model, Stopped> {
    model::add_prelude(&mut log.sources);
    let (model, found) = model::elaborate(trees.entry, &trees.files, &log.sources, settings);
    log.take(found)?;
    Ok(model)
}

/// The model, and what it was made with. Where a constant holds a whole data field, its rows are
/// counted first.
fn typed(
    trees: &mut Trees,
    asked: &Asked,
    log: &mut Log,
) -> Result<(ir::Model, Settings), Stopped> {
    model::add_prelude(&mut log.sources);
    let mut settings = asked.settings(log);
    let (mut model, mut found) =
        model::elaborate(trees.entry, &trees.files, &log.sources, &settings);
    if !model.unknown.is_empty() {
        settings.tables = rows(&model, trees.entry, asked, log)?;
        (model, found) = model::elaborate(trees.entry, &trees.files, &log.sources, &settings);
    }
    found.extend(check_calls(&model.data, &asked.sources()));
    log.take(found)?;
    Ok((model, settings))
}

/// The number of rows of each data set whose number is not known.
fn rows(
    model: &ir::Model,
    entry: FileId,
    asked: &Asked,
    log: &mut Log,
) -> Result<BTreeMap<String, model::RowCounts>, Stopped> {
    let file = Path::new(&log.sources.file(entry).name).to_path_buf();
    let home = file.parent().unwrap_or(Path::new(""));
    let specs: Vec<DataSpec> =
        model.data.iter().map(|data| DataSpec::new(&model.fields, data)).collect();
    let mut counts = BTreeMap::new();
    for data in model.data.iter().filter(|data| model.unknown.contains(&data.name)) {
        let needed = |spec: &DataSpec, _: &[Kept]| spec.name == data.name;
        let sets = load_sets(&specs, needed, &asked.sources(), home, &[]);
        // What is wrong with the file is told where the data set is declared.
        let sets = sets.map_err(|error| match error.primary {
            Some(_) => error,
            None => error.at(data.span, "a constant holds it"),
        });
        let sets = log.check(sets)?;
        let Some(set) = sets.get(&data.name) else { continue };
        let splits = set.splits.iter().map(|(split, rows)| (split.clone(), rows.len())).collect();
        counts.insert(data.name.clone(), model::RowCounts { rows: set.rows, splits });
    }
    Ok(counts)
}

/// The typed model to pure objectives.
pub fn objective(model: ir::Model, log: &mut Log) -> Result<Derived, Stopped> {
    log.check(objective::derive(model).map_err(|over| over.diagnostic(|span| span)))
}

/// The model without probability to graphs.
pub fn program(model: &Pure, facts: &Facts, log: &mut Log) -> Result<Program, Stopped> {
    let made = translate::translate_within(model, facts, &mut Budget::default());
    let mut program = log.check(made.map_err(|over| over.diagnostic(|span| span)))?;
    for (graph, place) in graphs_mut(&mut program).zip(places(model)) {
        log.check(sizes(graph).map_err(|over| over.at_phase(place)))?;
    }
    Ok(program)
}

/// Optimizes the graphs of a program and plans them, initial values first.
pub fn plans(program: &mut Program, model: &Pure, log: &mut Log) -> Result<Vec<Plan>, Stopped> {
    let mut plans = Vec::new();
    for (graph, place) in graphs_mut(program).zip(places(model)) {
        *graph = log.check(optimized(graph).map_err(|over| over.at_phase(place)))?;
        plans.push(log.check(planned(graph).map_err(|over| over.at_phase(place)))?);
    }
    Ok(plans)
}

/// What takes most of the memory of a run: the largest weight or state, or the phase with the largest
/// intermediate values.
pub fn largest(model: &Pure, plans: &[Plan]) -> Option<Span> {
    let len = |ty: &ir::Type| ty.shape.iter().product::<usize>();
    let params = model.params.iter().map(|p| (len(&p.ty), p.span));
    let slots = params.chain(model.states.iter().map(|s| (len(&s.ty), s.span)));
    let phases =
        model.phases.iter().zip(plans.iter().skip(1)).map(|(p, plan)| (plan.arena, p.span));
    slots.chain(phases).max_by_key(|(len, _)| *len).map(|(_, span)| span)
}

/// The places of the graphs of a program.
pub fn places(model: &Pure) -> impl Iterator<Item = Option<Span>> {
    let phases = model.phases.iter().map(|phase| Some(phase.span));
    std::iter::once(None).chain(phases).chain(std::iter::repeat(None))
}

/// Initializer, phases, encoders: the order of plans in a job.
pub fn graphs_mut(program: &mut Program) -> impl Iterator<Item = &mut Graph> {
    let phases = program.phases.iter_mut().chain(&mut program.encoders);
    [&mut program.init].into_iter().chain(phases.map(|phase| &mut phase.graph))
}

/// What a run of this model belongs to: its text, the text of what it uses, and its settings.
fn identity(trees: &Trees, model: &Pure, log: &Log) -> String {
    let mut text = format!("rlc {}\n", env!("CARGO_PKG_VERSION"));
    let own = trees.files.trees.keys().map(|id| log.sources.file(*id).text.as_str());
    for part in own.chain(model::PRELUDE.iter().map(|(_, page)| *page)) {
        text.push_str(part);
        text.push('\0');
    }
    for setting in &model.settings {
        text.push_str(&format!("{} = {}\n", setting.name, config::show(&setting.value)));
    }
    sha256(text.as_bytes())
}
