//! Phases of the typed model: what is trained, reported and emitted, statement by statement. Plain data.

use super::{Applied, ExprId, ParamId, StateId, VarId};
use crate::base::Span;
pub use crate::syntax::ast::PhaseKind;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// `e as name`, in `track` and `report`.
#[derive(Clone, Debug)]
pub struct Report {
    /// The name after `as`, or the expression's own text if it is short, or `value`.
    pub name: String,
    /// The expression; per-example values are averaged.
    pub value: ExprId,
    /// Where.
    pub span: Span,
}

/// How one parameter is updated by an optimizer.
#[derive(Clone, Debug)]
pub struct Update {
    /// The weight.
    pub param: ParamId,
    /// Stands for its value.
    pub weight: VarId,
    /// Stands for its gradient (already clipped).
    pub gradient: VarId,
    /// The new value, in terms of the two variables, states and built-ins.
    pub value: ExprId,
    /// New values of the optimizer's states for this weight.
    pub states: Vec<(StateId, ExprId)>,
}

/// A statement of a phase. Statements run in order; later ones see what earlier ones wrote.
#[derive(Clone, Debug)]
pub enum PhaseStmt {
    /// `let r = e`: evaluated here.
    Let {
        /// The variable.
        var: VarId,
        /// Its value.
        value: ExprId,
        /// Whether the next one is a part of the same `let`, of a record or a tuple: its layers are
        /// called once for all parts.
        more: bool,
    },
    /// `z ~ p(z)` in a sample phase: ancestral sampling of a density's `over` variables.
    Draw {
        /// The variables, in the order of `over`.
        vars: Vec<VarId>,
        /// The density; `given` variables are bound.
        density: Applied,
    },
    /// `minimize L over P with O`
    Optimize {
        /// The objective (negated for `maximize`); a scalar, averaged over the batch.
        goal: ExprId,
        /// The goal as written, for reports.
        name: String,
        /// The optimizer as written, for `explain`.
        optimizer: String,
        /// Clip the global norm of all gradients to this.
        clip: Option<ExprId>,
        /// One per parameter.
        updates: Vec<Update>,
        /// Where.
        span: Span,
    },
    /// The order in which the next statement calls layers that write states, by the numbers of the
    /// calls, where it is another than that of the numbers.
    Calls(Vec<u32>),
    /// `slot <- e` to a parameter.
    AssignParam(ParamId, ExprId),
    /// `slot <- e` to a state.
    AssignState(StateId, ExprId),
    /// `repeat n { ... }`
    Repeat(usize, Vec<PhaseStmt>),
    /// `track e as name`
    Track(Report),
    /// `report e as name`
    Report(Report),
    /// `emit e as image`
    Emit {
        /// `image`, `text`, `table`, `npz`, `points`, or the name of the output.
        format: String,
        /// The file's stem.
        name: String,
        /// The value, per example.
        value: ExprId,
        /// What indices stand for in a text.
        words: Words,
        /// Where.
        span: Span,
    },
}

impl PhaseStmt {
    /// Statements in their order, those in loops after the loop.
    pub fn all(body: &[PhaseStmt]) -> Vec<&PhaseStmt> {
        let mut list = Vec::new();
        for stmt in body {
            list.push(stmt);
            if let PhaseStmt::Repeat(_, inner) = stmt {
                list.extend(PhaseStmt::all(inner));
            }
        }
        list
    }
}

/// What indices stand for in a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    /// Words that the file lists.
    Listed {
        /// The letter or word of each index.
        entries: Vec<String>,
        /// Empty between letters, a blank between words.
        between: String,
    },
    /// What the field of a data set has for them: it is known when the data is read.
    Field {
        /// The data set.
        data: String,
        /// The field.
        field: String,
    },
}

impl Default for Words {
    fn default() -> Words {
        Words::Listed { entries: Vec::new(), between: String::new() }
    }
}

/// The name of the phase that computes the figure a train phase stops by.
pub fn watch_of(train: &str) -> String {
    format!("{train}.until")
}

/// The phase that a phase belongs to: itself, or the train phase that it watches.
pub fn owner_of(phase: &str) -> &str {
    phase.split('.').next().unwrap_or(phase)
}

/// Whether a phase computes a figure that a train phase stops by. A name has no dot otherwise.
pub fn is_watch(phase: &str) -> bool {
    owner_of(phase) != phase
}

/// What a phase says before its statements. The phase of a model, its graph and its part of a job have
/// the same one, and are read like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which.
    pub kind: PhaseKind,
    /// Its name.
    pub name: String,
    /// Data set and split: (`mnist`, `train`). Its rows are counted.
    pub on: Option<(String, String)>,
    /// Other data sets whose rows come along.
    #[serde(default)]
    pub beside: Vec<(String, String)>,
    /// Rows of the batch axis: those of a step (train, eval), or the number of draws (sample's `count`).
    pub batch: usize,
    /// Passes over the split.
    pub epochs: Option<usize>,
    /// Steps.
    pub steps: Option<usize>,
    /// A train phase ends when the figure of the phase `NAME.until`, which follows it, has not
    /// improved for so many looks.
    #[serde(default)]
    pub until: Option<usize>,
}

impl Head {
    /// A head without a length: what evaluates on these rows.
    pub fn eval(name: String, on: Option<(String, String)>, batch: usize) -> Head {
        let (kind, beside) = (PhaseKind::Eval, Vec::new());
        Head { kind, name, on, beside, batch, epochs: None, steps: None, until: None }
    }
}

/// A phase, of statements `S`.
#[derive(Clone, Debug)]
pub struct Phase<S = PhaseStmt> {
    /// What it says before them.
    pub head: Head,
    /// Whether anything in it depends on the number of rows.
    pub sized: bool,
    /// The statements.
    pub body: Vec<S>,
    /// Where.
    pub span: Span,
}

impl<S> Deref for Phase<S> {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

/// What became of the declarations of the entry file, for whoever warns of what nothing uses.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Losses, with their values.
    pub losses: Vec<Declaration<ExprId>>,
    /// Weights that belong to no net.
    pub weights: Vec<Declaration<ParamId>>,
}

/// A declaration.
#[derive(Clone, Debug)]
pub struct Declaration<T> {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Whether something mentions it.
    pub named: bool,
    /// What it stands for; several where it depends on the phase.
    pub of: Vec<T>,
}
