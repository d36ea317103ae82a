//! Expressions of the typed model: every kind, with what it is made of. Plain data; `walk` goes through
//! it.

use super::{
    Applied, Around, AxisId, Estimator, ExprId, FieldId, ParamId, PartId, StateId, TableId, Type,
    VarId,
};
use crate::base::Span;
use crate::graph::attrs::Real;
use crate::graph::{Attrs, NoiseKind, Op};
use std::convert::Infallible;

/// Values that the run supplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// Number of finished steps of the phase, `f32`.
    Step,
    /// How often what stands here was run in this phase: finished steps, each times the turns of the
    /// `repeat`s around it, `f32`.
    Updates,
    /// Number of all steps of the phase, `f32`.
    Steps,
    /// Finished share of the phase, 0 to 1, `f32`.
    Progress,
    /// Number of rows of the batch, `f32`.
    Rows,
}

/// How a map axis is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AxisReduce {
    /// Mean over the axis.
    Mean,
    /// Sum over the axis.
    Sum,
    /// `log(mean(exp(.)))`, stable.
    LogMeanExp,
    /// The axis becomes the first dim of the value.
    Stack,
}

/// The kinds of derivatives; `D` is a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Derivative<D = ExprId> {
    /// Gradient of a scalar body.
    Grad,
    /// `[out..., in...]`
    Jacobian,
    /// `[in..., in...]` of a scalar body.
    Hessian,
    /// Jacobian times a direction.
    Jvp(D),
    /// A cotangent times Jacobian.
    Vjp(D),
}

impl<D> Derivative<D> {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Derivative::Grad => "grad",
            Derivative::Jacobian => "jacobian",
            Derivative::Hessian => "hessian",
            Derivative::Jvp(_) => "jvp",
            Derivative::Vjp(_) => "vjp",
        }
    }

    /// Its direction or cotangent, which is called `with`.
    pub fn with(&self) -> Option<&D> {
        match self {
            Derivative::Jvp(with) | Derivative::Vjp(with) => Some(with),
            Derivative::Grad | Derivative::Jacobian | Derivative::Hessian => None,
        }
    }

    /// The same of another direction.
    pub fn map<T>(self, f: impl FnOnce(D) -> T) -> Derivative<T> {
        match self {
            Derivative::Grad => Derivative::Grad,
            Derivative::Jacobian => Derivative::Jacobian,
            Derivative::Hessian => Derivative::Hessian,
            Derivative::Jvp(with) => Derivative::Jvp(f(with)),
            Derivative::Vjp(with) => Derivative::Vjp(f(with)),
        }
    }
}

/// The kinds of expressions. `S` is what may be stated: of a pure model, nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExprKind<S = Symbolic> {
    /// An op of the graph's table on per-example values. `const` carries literals. Operands of maps
    /// have equal shapes: the elaborator broadcasts scalars explicitly.
    Op {
        /// The row.
        op: Op,
        /// Its parameters.
        attrs: Attrs,
        /// Operands.
        args: Vec<ExprId>,
    },
    /// A weight.
    Param(ParamId),
    /// A state slot.
    State(StateId),
    /// A data field of the phase's minibatch.
    Field(FieldId),
    /// All rows of a data field, whatever the phase runs on.
    Table(TableId),
    /// A variable.
    Var(VarId),
    /// Supplied by the run.
    Builtin(Builtin),
    /// A call of a named net, role function or module instance: identity on `result`, kept so that
    /// `explain` can write `dec(z)` and the checks can follow roles.
    Call {
        /// The part.
        part: PartId,
        /// The arguments.
        args: Vec<ExprId>,
        /// The inlined body.
        result: ExprId,
    },
    /// A layer that writes a state: identity on `result`; in the step of a train phase that computes
    /// it, the state becomes `value` when the statement is done.
    Write {
        /// The state.
        state: StateId,
        /// Its next value; does not vary between examples.
        value: ExprId,
        /// What the layer gives.
        result: ExprId,
        /// The number of the call: of several that write a state in one statement, the last counts.
        call: u32,
    },
    /// Elementary noise. `stream` names the site. In a draw of a distribution it starts with `~`
    /// (`~q.z`), and `objective` appends the number of the place that draws (`q.z#0`).
    Noise {
        /// Uniform or normal.
        kind: NoiseKind,
        /// Name of the stream.
        stream: String,
        /// Shape of one example.
        shape: Vec<usize>,
        /// What it is fresh in every turn of.
        around: Around,
        /// Whether each example has its own.
        per_example: bool,
    },
    /// No derivative flows through.
    Stop(ExprId),
    /// A derivative of `body` with respect to `var`, at `at`.
    Derivative {
        /// Which.
        kind: Derivative,
        /// The variable.
        var: VarId,
        /// The differentiated expression.
        body: ExprId,
        /// Where.
        at: ExprId,
    },
    /// A map axis reduced.
    Reduce {
        /// The axis.
        axis: AxisId,
        /// How.
        how: AxisReduce,
        /// The expression that varies over it.
        body: ExprId,
    },
    /// `map(f, xs)`: element `axis` of the first dim of `of`.
    Element {
        /// The axis.
        axis: AxisId,
        /// What is indexed.
        of: ExprId,
    },
    /// `batch(x)`: the whole batch as first dim; does not vary.
    Batch {
        /// One row of it.
        of: ExprId,
        /// How many there are in the phase.
        rows: usize,
    },
    /// `batch_mean(x)`; does not vary.
    BatchMean(ExprId),
    /// Part `index` of a loop.
    Scan {
        /// Initial carries.
        init: Vec<ExprId>,
        /// Sequences, read along their first dim.
        xs: Vec<ExprId>,
        /// Variables of the body: carries, then slices, then the index (`i32`).
        vars: Vec<VarId>,
        /// Next carries.
        body: Vec<ExprId>,
        /// Number of iterations.
        length: usize,
        /// Which carry; the value stacks it over iterations: `[length, ...]`.
        index: usize,
    },
    /// What is stated and not computed: `objective` replaces it, and no pure model has it.
    Symbolic(S),
}

/// What is stated and not computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Symbolic {
    /// Log-density of values: `log p(x | z)`; every head variable is bound.
    LogProb(Applied),
    /// `E[z ~ q(z | x), samples = k](body)`
    Expect {
        /// What is sampled; `over` variables are bound to the fresh variables `vars`.
        density: Applied,
        /// Fresh variables that the body mentions, in the order of the densities' `over`.
        vars: Vec<VarId>,
        /// Number of draws.
        samples: usize,
        /// Asked for; `None` where the one that fits is taken.
        estimator: Option<Estimator>,
        /// What it is asked for with: the baseline of a score, the temperature of relaxed draws.
        aid: Option<ExprId>,
        /// What is averaged.
        body: ExprId,
    },
    /// `KL(q || p)`
    Kl {
        /// The left side; its `over` variables are bound to fresh variables.
        q: Applied,
        /// The right side, its `over` variables bound to the same fresh variables.
        p: Applied,
        /// Per random variable (of q's density): the closed form from the prelude's table for this
        /// pair of families, in terms of the variables of both densities, if there is one.
        closed: Vec<(VarId, Option<ExprId>)>,
    },
    /// Evidence lower bound `E_q[log p - log q]`; `p` over observed names bound to data.
    Elbo {
        /// All factors of the model: observed variables bound to data, latents to fresh variables.
        p: Applied,
        /// The posterior, latents bound to the same fresh variables.
        q: Applied,
        /// `None`: the ELBO with closed forms where allowed. `Some(k)`: the importance-weighted
        /// bound with k samples.
        importance: Option<usize>,
        /// Closed forms as in `Kl`.
        closed: Vec<(VarId, Option<ExprId>)>,
    },
    /// A function whose inverse the file gives: identity on `value`, which is `forward` of `of`.
    Invertible {
        /// What it is applied to.
        of: ExprId,
        /// What it gives.
        value: ExprId,
        /// Its formula, of a variable.
        forward: (VarId, ExprId),
        /// The formula of its inverse, of a variable.
        inverse: (VarId, ExprId),
        /// The logarithm of the absolute value of its Jacobian's determinant, in the variables of
        /// `forward` and `inverse`: a number, or one for each of the elements that add up to it.
        log_det: ExprId,
    },
    /// A value whose draws are taken once for the whole batch.
    Once(ExprId),
    /// A figure that the host computes from a whole split: `linear_probe(code, y)`. Only as the
    /// root of a `report`.
    Metric {
        /// Row of the metric table.
        name: String,
        /// Per-example arguments.
        args: Vec<ExprId>,
        /// Values of the row's settings.
        settings: Vec<Real>,
    },
}

/// Of what is stated in an expression: [`Symbolic`], or nothing.
pub trait Stated: Clone + PartialEq {
    /// The same with every expression directly below replaced.
    fn map(&self, f: &mut dyn FnMut(ExprId) -> ExprId) -> Self;
}

impl Stated for Infallible {
    fn map(&self, _: &mut dyn FnMut(ExprId) -> ExprId) -> Infallible {
        match *self {}
    }
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr<S = Symbolic> {
    /// What.
    pub kind: ExprKind<S>,
    /// Its type.
    pub ty: Type,
    /// Where it was first written.
    pub span: Span,
}
