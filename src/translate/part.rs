//! A part of a model as a graph of its own, for other programs. In: a model without probability, what
//! of it is wanted, a number of rows. Out: a graph whose inputs are what the part is given, weights and
//! states, and noise; and what each input is.

use super::lower::{Ax, Lower, Lowered};
use super::program::Feed;
use super::{Facts, steps};
use crate::base::{Budget, Over, Span};
use crate::graph::{Graph, InputRole, Ty};
use crate::model::ir::pure::{Pure, PureStmt};
use crate::model::ir::{self, Export, ExprKind, PhaseKind, Support};

/// What is wanted of a model.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'m> {
    /// A part, by its place in the list of the model.
    Export(&'m Export),
    /// A step of a sample phase, by its place.
    Phase(usize),
}

/// A part as a graph.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The graph; derivatives are still nodes.
    pub graph: Graph,
    /// Values given from outside that are no weights: names and what they may be.
    pub given: Vec<(String, Support)>,
    /// Data fields that it reads.
    pub feeds: Vec<Feed>,
}

/// Whether a row of what is wanted depends on the other rows of its batch, or on their number: then it is
/// no function of one row.
pub fn mixes(m: &Pure, wanted: Wanted<'_>) -> bool {
    let (sized, roots) = match wanted {
        Wanted::Export(export) => (false, export.outputs.iter().map(|(_, id)| *id).collect()),
        Wanted::Phase(at) => (m.phases[at].sized, roots(&m.phases[at].body)),
    };
    let whole =
        |kind: &ExprKind<_>| matches!(kind, ExprKind::Batch { .. } | ExprKind::BatchMean(_));
    sized || m.reachable(&roots).into_iter().any(|id| whole(&m.expr(id).kind))
}

/// What the statements of a phase that draws evaluate.
fn roots(body: &[PureStmt]) -> Vec<ir::ExprId> {
    let of = |stmt: &PureStmt| match stmt {
        PureStmt::Let { value, .. } | PureStmt::Track { value, .. } => vec![*value],
        PureStmt::Emit { value, .. } => vec![*value],
        PureStmt::Report { value, .. } => value.roots().to_vec(),
        PureStmt::AssignParam(_, value) | PureStmt::AssignState(_, value) => vec![*value],
        PureStmt::Optimize { goal, clip, .. } => [*goal].into_iter().chain(*clip).collect(),
        PureStmt::Repeat(_, body) => roots(body),
        PureStmt::Calls(_) => vec![],
    };
    body.iter().flat_map(of).collect()
}

/// One part for a number of rows. Its rows do not depend on each other ([`mixes`]).
///
/// # Errors
/// The limit that was passed.
pub fn part(m: &Pure, facts: &Facts, wanted: Wanted<'_>, rows: usize) -> Result<Part, Over> {
    let mut budget = Budget::default();
    let made = match wanted {
        Wanted::Export(export) => of_export(m, export, rows, &mut budget),
        Wanted::Phase(at) => {
            let mut phase = m.phases[at].clone();
            assert_eq!(phase.kind, PhaseKind::Sample, "a phase that draws");
            phase.head.batch = rows;
            of_phase(m, facts, &phase, &mut budget)
        }
    };
    budget.over().map_or(Ok(made), |over| Err(over.clone()))
}

fn of_export(m: &Pure, export: &Export, rows: usize, budget: &mut Budget) -> Part {
    let declared = &m.parts[export.part.0 as usize];
    let mut low = Lower::new(m, rows);
    low.budget = std::mem::take(budget);
    low.place = declared.span;
    steps::slots(&mut low);
    let mut given = Vec::new();
    for var in &export.inputs {
        let ir::Var { name, ty, .. } = &m.vars[var.0 as usize];
        let shape = [&[rows], &ty.shape[..]].concat();
        let node = low.g().input(name.clone(), InputRole::Other, Ty::new(ty.dtype, shape));
        low.bind(*var, Lowered { node, axes: vec![Ax::Batch] });
        given.push((name.clone(), ty.support));
    }
    for (name, value) in &export.outputs {
        let value = low.lower(*value);
        let node = low.align(&value, &steps::batched(&value));
        low.g().output(name.clone(), node);
    }
    let part = finish(m, low, declared.name.clone(), declared.span, budget);
    Part { given: [given, part.given].concat(), ..part }
}

fn of_phase(m: &Pure, facts: &Facts, phase: &ir::Phase<PureStmt>, budget: &mut Budget) -> Part {
    let made = steps::phase(m, facts, phase, budget);
    let given = made.feeds.iter().map(|feed| (feed.input.clone(), support_of(m, feed))).collect();
    Part { name: phase.name.clone(), span: phase.span, given, feeds: made.feeds, graph: made.graph }
}

fn finish(m: &Pure, mut low: Lower<'_>, name: String, span: Span, budget: &mut Budget) -> Part {
    *budget = std::mem::take(&mut low.budget);
    let feeds: Vec<Feed> = low.feeds.values().cloned().collect();
    let given = feeds.iter().map(|feed| (feed.input.clone(), support_of(m, feed))).collect();
    Part { name, span, graph: std::mem::take(low.g()), given, feeds }
}

fn support_of(m: &Pure, feed: &Feed) -> Support {
    let field = m.fields.iter().find(|f| f.data == feed.data && f.name == feed.field);
    field.map_or(Support::Real, |field| field.ty.support)
}
