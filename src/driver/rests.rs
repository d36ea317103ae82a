//! Phases for the short last batches of data. In: a compiled model and the sizes. Out: the model with
//! a phase for each.

use super::Compiled;
use super::limits::{optimized, planned};
use super::log::{Log, Stopped};
use crate::base::{Budget, Diagnostic, Severity, codes};
use crate::graph::{Graph, Named, NodeId};
use crate::model;
use crate::model::ir::PhaseKind;
use crate::objective::{self, Derived};
use crate::runtime::job::{Job, PhaseSpec};
use crate::runtime::session::Datasets;
use crate::translate;

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
pub fn add_rests(compiled: &mut Compiled, rests: &[Rest], log: &mut Log) -> Result<(), Stopped> {
    for rest in rests {
        let Some((trees, settings)) = &compiled.from else { return Ok(()) };
        let mut settings = settings.clone();
        if rest.is_code {
            settings.encode_rows = Some(rest.rows);
        } else {
            settings.batches.insert(rest.name.clone(), rest.rows);
        }
        let (model, mut found) =
            model::elaborate(trees.entry, &trees.files, &log.sources, &settings);
        if found.has_errors() {
            found.list.retain(|d| d.severity == Severity::Error);
            found.list.iter_mut().for_each(|d| rest.explain(d));
            return log.take(found);
        }
        let Ok(Derived { pure, facts, .. }) = objective::derive(model) else { continue };
        let mut budget = Budget::default();
        let made = translate::translate_within(&pure, &facts, &mut budget);
        let program = log.check(made.map_err(|over| over.diagnostic(|span| span)))?;
        if let Some(slot) = program.slots.iter().find(|slot| !compiled.job.has_slot(&slot.path)) {
            let text = format!("nothing but a short last batch uses `{}`", slot.path);
            let declared = pure.params.iter().map(|param| (&param.path, param.span));
            let mut declared =
                declared.chain(pure.states.iter().map(|state| (&state.path, state.span)));
            let mut error = Diagnostic::new(codes::RL0120, text);
            if let Some((_, span)) = declared.find(|(path, _)| **path == slot.path) {
                error = error.at(span, "declared here");
            }
            rest.explain(&mut error);
            return log.check(Err(error));
        }
        let list = if rest.is_code { program.encoders } else { program.phases };
        if let Some(mut phase) = list.into_iter().find(|phase| phase.name == rest.name) {
            phase.graph = log.check(optimized(&phase.graph).map_err(|over| over.at_phase(None)))?;
            let plan = planned(&phase.graph).map_err(|over| over.at_phase(None));
            compiled.plans.push(log.check(plan)?);
            if let Some(spec) = compiled.job.specs().find(|spec| rest.is_of(spec)) {
                log.check(rest.alike(&compiled.graphs[spec.plan], &phase.graph))?;
            }
            compiled.job.add_rest(&phase);
            compiled.graphs.push(phase.graph);
        }
    }
    Ok(())
}

impl Rest {
    /// Whether it is the last batch of a phase.
    fn is_of(&self, spec: &PhaseSpec) -> bool {
        !self.is_code && spec.name == self.name && spec.batch == self.batch
    }

    /// Rows of codes and of what metrics are given have one width, whatever the number of rows.
    fn alike(&self, full: &Graph, short: &Graph) -> Result<(), Diagnostic> {
        for (output, id) in &short.outputs {
            let Some(Named::Metric(name, _) | Named::Code(name)) = Named::parse(output) else {
                continue;
            };
            let same = |(other, node): &(String, NodeId)| {
                other != output || full.shape(*node)[1..] == short.shape(*id)[1..]
            };
            if full.outputs.iter().all(same) {
                continue;
            }
            let text = format!("`{name}` has more values per row in a batch of more rows");
            let mut error = Diagnostic::new(codes::RL0120, text)
                .help("give each row values of its own: without `batch(...)`, or a mean of it");
            self.explain(&mut error);
            return Err(error);
        }
        Ok(())
    }

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

/// Phases whose rows mix, with the sizes of their short last batches: of the split, and of the
/// training split where a metric is fitted to it; codes are asked for any split.
pub fn rests(job: &Job, phases: &[&PhaseSpec], data: &Datasets) -> Vec<Rest> {
    let mut list = Vec::new();
    for phase in phases.iter().filter(|phase| has_rest(phase)) {
        let Some((name, split)) = &phase.on else { continue };
        let Some(set) = data.get(name) else { continue };
        let is_code = job.encoders.iter().any(|code| std::ptr::eq(code, *phase));
        let splits: Vec<&str> = match is_code {
            true => set.splits.iter().map(|(split, _)| split.as_str()).collect(),
            false => [split.as_str(), "train"][..1 + usize::from(phase.learns())].to_vec(),
        };
        let rows = splits.into_iter().filter_map(|split| set.split(split));
        // A sample phase reads one batch.
        let one = phase.kind == PhaseKind::Sample;
        let rows = rows.map(|rows| if one { rows.len().min(phase.batch) } else { rows.len() });
        let short = rows.map(|rows| rows % phase.batch).filter(|rows| *rows > 0);
        let (name, batch) = (&phase.name, phase.batch);
        list.extend(short.map(|rows| Rest { name: name.clone(), is_code, batch, rows }));
    }
    list.sort();
    list.dedup();
    list
}

/// Whether the rows of a phase mix and it has a short last batch: train phases leave theirs out.
pub fn has_rest(phase: &PhaseSpec) -> bool {
    phase.mixes && phase.kind != PhaseKind::Train
}
