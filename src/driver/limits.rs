//! Graphs through passes, derivatives and the planner, within the limits of what a file may ask for.
//! In: a graph as it was translated. Out: the graph that is planned, or the limit that it passes.

use crate::autodiff;
use crate::base::{Diagnostic, Limit, Over, Span, budget};
use crate::graph::Graph;
use crate::optimize;
use crate::plan::{self, Plan, plan};

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

/// The plan of an optimized graph.
pub fn planned(graph: &Graph) -> Result<Plan, TooLarge> {
    let made = plan(graph);
    match plan::beyond(&made) {
        Some(limit) => Err(TooLarge(limit)),
        None => Ok(made),
    }
}

/// Whether each value of a graph is within the limit of elements.
pub fn sizes(graph: &Graph) -> Result<(), TooLarge> {
    let most = budget::ELEMENTS.most;
    let large = graph.ids().any(|id| graph.ty(id).len() > most);
    if large { Err(TooLarge(budget::ELEMENTS)) } else { Ok(()) }
}
