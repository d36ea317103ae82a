//! The model without probability: what `objective` makes and `translate` takes. Expressions of every kind
//! but [`Symbolic`](super::Symbolic), and no densities. Plain data.

use super::walk::reachable;
use super::{
    Axis, Code, Data, Export, Expr, ExprId, Field, Param, ParamId, Part, Phase, Setting, State,
    StateId, Table, Type, Update, Var, VarId, Words,
};
use crate::base::Span;
use crate::graph::attrs::Real;
use std::collections::BTreeSet;
use std::convert::Infallible;

/// A pure expression.
pub type PureExpr = Expr<Infallible>;

/// A model without probability. Numbers of parts, weights, states, variables and axes are those of the
/// typed model; expressions have their own.
#[derive(Clone, Debug, Default)]
pub struct Pure {
    /// The file's name without folder and ending.
    pub name: String,
    /// Everything that a phase, an initial value or a code needs; children are older than parents.
    pub exprs: Vec<PureExpr>,
    /// Variables.
    pub vars: Vec<Var>,
    /// Map axes.
    pub axes: Vec<Axis>,
    /// Weights.
    pub params: Vec<Param>,
    /// States.
    pub states: Vec<State>,
    /// Data sets.
    pub data: Vec<Data>,
    /// Their fields.
    pub fields: Vec<Field>,
    /// Whole data fields.
    pub tables: Vec<Table>,
    /// Settings with their values.
    pub settings: Vec<Setting>,
    /// Parts.
    pub parts: Vec<Part>,
    /// Codes of parts with a role.
    pub codes: Vec<Code>,
    /// Parts for other programs, if they are wanted.
    pub exports: Vec<Export>,
    /// Rows of a batch of `rlc encode`.
    pub encode_rows: usize,
    /// Phases.
    pub phases: Vec<Phase<PureStmt>>,
}

/// What `report` computes.
#[derive(Clone, Debug)]
pub enum Reported {
    /// The mean of an expression.
    Mean(ExprId),
    /// A metric of a whole split.
    Metric {
        /// Row of the metric table.
        name: String,
        /// Per-example arguments.
        args: Vec<ExprId>,
        /// Values of the row's settings.
        settings: Vec<Real>,
    },
}

impl Reported {
    /// The expressions that it is computed from.
    pub fn roots(&self) -> &[ExprId] {
        match self {
            Reported::Mean(value) => std::slice::from_ref(value),
            Reported::Metric { args, .. } => args,
        }
    }
}

/// A statement of a phase: what [`PhaseStmt`](super::PhaseStmt) says, without draws.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum PureStmt {
    /// A value with a name, evaluated here; `more` as in the typed model.
    Let { var: VarId, value: ExprId, more: bool },
    /// A step of an optimizer.
    Optimize { goal: ExprId, clip: Option<ExprId>, updates: Vec<Update>, span: Span },
    /// The order in which the next statement calls layers that write states.
    Calls(Vec<u32>),
    /// `slot <- e` to a parameter.
    AssignParam(ParamId, ExprId),
    /// `slot <- e` to a state.
    AssignState(StateId, ExprId),
    /// `repeat n { ... }`
    Repeat(usize, Vec<PureStmt>),
    /// `track e as name`
    Track { name: String, value: ExprId, span: Span },
    /// `report e as name`
    Report { name: String, value: Reported, span: Span },
    /// `emit e as image`
    Emit { format: String, name: String, value: ExprId, words: Words, span: Span },
}

impl Pure {
    /// The expression with this id.
    pub fn expr(&self, id: ExprId) -> &PureExpr {
        &self.exprs[id.0 as usize]
    }

    /// Its type.
    pub fn ty(&self, id: ExprId) -> &Type {
        &self.expr(id).ty
    }

    /// Everything below some roots, oldest first, roots included.
    pub fn reachable(&self, roots: &[ExprId]) -> Vec<ExprId> {
        reachable(&self.exprs, roots)
    }

    /// The states that optimizers keep of weights.
    pub fn moments(&self) -> BTreeSet<StateId> {
        let mut found = BTreeSet::new();
        self.phases.iter().for_each(|phase| moments(&phase.body, &mut found));
        found
    }
}

fn moments(body: &[PureStmt], found: &mut BTreeSet<StateId>) {
    for stmt in body {
        match stmt {
            PureStmt::Optimize { updates, .. } => {
                found.extend(updates.iter().flat_map(|update| &update.states).map(|(id, _)| *id));
            }
            PureStmt::Repeat(_, inner) => moments(inner, found),
            _ => {}
        }
    }
}
