//! Numeric tests derived from a model, in f64, on made-up data. In: a model. Out: per train phase,
//! whether the gradient that would be trained with is that of differences of the loss, and whether
//! divergences in closed form have the value that averages over draws have; per function with an inverse,
//! whether it undoes the function and has its slopes; per block of a product of factors, whether its
//! conditional is that of the potential.

mod conditional;
mod divergence;
mod feed;
mod gradient;
mod inverse;
mod stops;
#[cfg(test)]
mod tests;

pub use conditional::conditionals;
pub use divergence::closed_forms;
pub use gradient::{goal, gradients};
pub use inverse::inverses;
pub use stops::hold_stops;

use super::{TooLarge, optimized};
use crate::backend::reference;
use crate::base::dice::Dice;
use crate::base::{Budget, budget};
use crate::graph::op::Value;
use crate::graph::{Attrs, Graph, Kind, NodeId};
use crate::model::ir::pure::Pure;
use crate::model::ir::{ExprKind, Model};
use crate::objective::{self, Derived};
use crate::translate::program::Program;
use crate::translate::{self, Facts};

/// Rows of a made-up batch.
const ROWS: usize = 4;
/// Larger models take too long in f64, one node at a time.
const MOST_WORK: usize = 200_000_000;
const TOO_LARGE: &str = "the model is too large to be checked in f64";

/// What came out for a phase.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// They agree.
    Agrees,
    /// They do not: measured, derived.
    Differs(f64, f64),
    /// They cannot be compared.
    Skipped(String),
    /// The phase is too large to be compiled at all.
    Refused(TooLarge),
}

fn skipped(why: &str) -> Outcome {
    Outcome::Skipped(why.into())
}

/// The graphs of a model; whoever asks has said already why there are none.
fn translated(model: &Pure, facts: &Facts) -> Option<Program> {
    translate::translate_within(model, facts, &mut Budget::default()).ok()
}

/// The only phase of a model, ready to be run in f64.
struct Ready {
    pure: Pure,
    graph: Graph,
    initial: Vec<(String, Value)>,
}

impl Ready {
    /// What it gives on made-up data, by the names of the outputs.
    fn run(&self, dice: &mut Dice) -> Vec<(String, Value)> {
        let feed = feed::feed(&self.pure, &self.graph, &self.initial, dice);
        reference::run(&self.graph, &feed)
    }
}

/// Compiles the only phase of a model; why that is not done, or what makes it too large.
fn prepared(model: Model) -> Result<Result<Ready, TooLarge>, String> {
    let too_large = || "the model is too large".to_string();
    let Ok(Derived { pure, facts, .. }) = objective::derive(model) else { return Err(too_large()) };
    let program = translated(&pure, &facts).ok_or_else(too_large)?;
    let initial = feed::initial(&program)?;
    let Some(phase) = program.phases.first() else { return Err("there is nothing to run".into()) };
    let graph = match optimized(&phase.graph) {
        Ok(graph) => graph,
        Err(why) => return Ok(Err(why)),
    };
    affordable(&graph)?;
    if work(&graph) > MOST_WORK {
        return Err(TOO_LARGE.into());
    }
    Ok(Ok(Ready { pure, graph, initial }))
}

/// Batches of a few rows, unless the model's shapes depend on the number of rows.
fn shrink(model: &mut Pure) {
    if model.exprs.iter().any(|e| matches!(e.kind, ExprKind::Batch { .. })) {
        return;
    }
    for phase in &mut model.phases {
        phase.head.batch = phase.batch.min(ROWS);
    }
}

/// Whether a graph may be run here. The interpreter keeps the value of every node: what it takes is
/// known before anything is made.
fn affordable(graph: &Graph) -> Result<(), String> {
    let (needed, most) = (reference::bytes(graph), budget::COMPARED.most);
    let mega = |bytes: usize| bytes as f64 / 1e6;
    if needed <= most {
        return Ok(());
    }
    let why = "the model is too large to be compared in f64";
    Err(format!("{why}: {:.0} MB, the limit is {:.0} MB", mega(needed), mega(most)))
}

/// What the interpreter spends on a node of whatever size, in operations: a loop over single numbers costs this.
const EACH_NODE: usize = 256;

/// Operations of a graph, roughly: those of an element for each that is read or made, and of products
/// one per term.
fn work(graph: &Graph) -> usize {
    let len = |id: NodeId| graph.ty(id).len().max(1);
    let each = |id: NodeId| {
        let node = graph.node(id);
        if let Attrs::Scan(scan) = &node.attrs {
            return work(&scan.body).saturating_mul(scan.length);
        }
        let own = match (node.op.kind, &node.args[..]) {
            // (m k) (k n) (m n) is the square of m k n.
            (Kind::Contract, [a, b]) => {
                (len(*a) as f64 * len(*b) as f64 * len(id) as f64).sqrt() as usize
            }
            (Kind::Reduce, [of, ..]) => len(*of),
            _ => len(id),
        };
        own.saturating_mul(node.op.price.max(1)).saturating_add(EACH_NODE)
    };
    graph.ids().map(each).fold(0, usize::saturating_add)
}
