//! The typed model: what a file means after names, dims, modules and shapes are resolved.
//!
//! Expressions are *per example*: no batch axis. They form a hash-consed arena; functions and nets
//! are inlined, weights have stable paths, dims are integers. Tensor operations are rows of the
//! graph's op table with per-example shapes; probability is still symbolic (`LogProb`, `Expect`,
//! `Kl`, ...) and is removed by `objective`, after which only the kinds that [`ExprKind::is_pure`]
//! accepts are left and `translate` can add the batch axis.

use crate::base::{Budget, FileId, Span, budget};
use crate::graph::attrs::Real;
use crate::graph::{Attrs, DType, NoiseKind, Op};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

pub mod leak;
pub mod mixing;
mod phases;
pub mod walk;
pub use phases::*;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])* #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);)*
    };
}
ids! {
    /// An expression in [`Model::exprs`].
    ExprId
    /// A weight in [`Model::params`].
    ParamId
    /// A state slot in [`Model::states`].
    StateId
    /// A data field in [`Model::fields`].
    FieldId
    /// A variable in [`Model::vars`]: a formal, a draw, a bound name.
    VarId
    /// A distribution applied to parameters, in [`Model::dists`].
    DistId
    /// A density in [`Model::densities`].
    DensityId
    /// A map axis in [`Model::axes`] (samples of an expectation, rows of a Jacobian, `map`).
    AxisId
    /// A part with or without a role in [`Model::parts`].
    PartId
    /// A whole data field in [`Model::tables`].
    TableId
}

/// Which values an expression can take; decides what may score it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Support {
    /// Any real.
    Real,
    /// `lo..=hi`; `0..1` of grey levels, `-1..1` of `tanh`.
    Interval(f64, f64),
    /// Greater than zero.
    Positive,
    /// 0 or 1.
    Bit,
    /// `0..n`, integers.
    Index(usize),
    /// Truth values.
    Bool,
    /// Any integer.
    Integer,
}

impl Support {
    /// Whether every value of this support is one of another.
    pub fn fits(self, wanted: Support) -> bool {
        let range = |s: Support| match s {
            Support::Bit | Support::Bool => Some((0.0, 1.0)),
            Support::Interval(a, b) => Some((a, b)),
            Support::Positive => Some((0.0, f64::INFINITY)),
            Support::Index(n) => Some((0.0, n as f64 - 1.0)),
            Support::Real | Support::Integer => None,
        };
        match (self, wanted) {
            (_, Support::Real | Support::Integer) => true,
            (a, b) if a == b => true,
            (Support::Index(n), Support::Index(m)) => n <= m,
            (Support::Index(_), _) | (_, Support::Index(_)) => false,
            (_, Support::Bit) => false,
            (a, b) => match (range(a), range(b)) {
                (Some(a), Some(b)) => a.0 >= b.0 && a.1 <= b.1,
                _ => false,
            },
        }
    }
}

/// The type of a per-example value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Type {
    /// Element type in the graph.
    pub dtype: DType,
    /// Shape of one example.
    pub shape: Vec<usize>,
    /// Values it can take.
    pub support: Support,
    /// Whether the value differs between examples of a batch (depends on data or on a draw).
    pub varies: bool,
}

/// A variable: a formal of a density, a random variable, or a bound name.
#[derive(Clone, Debug)]
pub struct Var {
    /// The name as written.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Where it was declared.
    pub span: Span,
}

/// A map axis: a computation repeated `size` times with different noise or rows.
#[derive(Clone, Debug)]
pub struct Axis {
    /// For messages and names in the graph, for instance `samples of z`.
    pub name: String,
    /// Repetitions.
    pub size: usize,
}

/// A weight.
#[derive(Clone, Debug)]
pub struct Param {
    /// Stable path, for instance `q.Linear_0.W`: checkpoints and noise streams hang on it.
    pub path: String,
    /// Its type.
    pub ty: Type,
    /// The initial value: a pure, non-varying expression (may hold `Noise` with its own stream).
    pub init: ExprId,
    /// Names that own it: the net, density or module instance it belongs to, outermost first; a
    /// top-level param owns itself. `over NAME` means every param with NAME among its owners.
    pub owners: Vec<String>,
    /// Where.
    pub span: Span,
}

/// A slot that `<-`, optimizers and modules write.
#[derive(Clone, Debug)]
pub struct State {
    /// Stable path, for instance `fit.adam.q.Linear_0.W.m`.
    pub path: String,
    /// Its type.
    pub ty: Type,
    /// The initial value.
    pub init: ExprId,
    /// Where.
    pub span: Span,
}

/// A static value: settings, arguments of data sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Static {
    Int(i64),
    Float(f64),
    Bool(bool),
    Str(String),
    Tuple(Vec<Static>),
    /// A nested source: `skipgrams(text("a.txt"), window = 5)`.
    Call(Source),
}

/// Where a data set comes from, as the file says: a call by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `uci_digits`, `idx`, `csv`, ...
    pub name: String,
    /// Arguments in order, with their keyword if given.
    pub args: Vec<(Option<String>, Static)>,
    /// Where the name stands, if it stands in a file that is at hand.
    #[serde(skip)]
    pub place: Option<Span>,
    /// The same of each argument; those of a command line at the end have none.
    #[serde(skip)]
    pub places: Vec<Option<Span>>,
}

/// A data set.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its name.
    pub name: String,
    /// The default source; `None` if the file names none (then `--data` must).
    pub source: Option<Source>,
    /// Its fields.
    pub fields: Vec<FieldId>,
    /// Where.
    pub span: Span,
}

/// A field of a data set.
#[derive(Clone, Debug)]
pub struct Field {
    /// The data set's name.
    pub data: String,
    /// Its name.
    pub name: String,
    /// Its type (`varies` is true).
    pub ty: Type,
    /// Where.
    pub span: Span,
}

/// All rows of a data field, as a constant holds them.
#[derive(Clone, Debug)]
pub struct Table {
    /// The data set's name.
    pub data: String,
    /// The field's name.
    pub field: String,
    /// Its type: the rows of the data set before the shape of the field.
    pub ty: Type,
}

/// A `config` or `dim` with its final value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// `dim`, or the type as written.
    pub ty: String,
    /// The value used.
    pub value: Static,
    /// The value in the file.
    pub default: Static,
    /// Where.
    pub span: Span,
}

/// A distribution applied to parameters: every formula of its prelude entry, already elaborated for
/// these parameters and this shape.
#[derive(Clone, Debug)]
pub struct Dist {
    /// `Normal`, `Bernoulli`, ...
    pub family: String,
    /// The file that declares the family.
    pub home: FileId,
    /// The log-density of one element as that file writes it.
    pub formula: String,
    /// Named parameters as given, for `explain`.
    pub params: Vec<(String, ExprId)>,
    /// Whether the names tell which family of several with one name it is.
    pub by_name: bool,
    /// Stands for the value in `logp`.
    pub value: VarId,
    /// Type of a value.
    pub ty: Type,
    /// What a draw may be: a declared range may be narrower, since it says which values are scored.
    pub support: Support,
    /// Log-density of `value`, a scalar: summed over the event. In nats. `None`: cannot be scored.
    pub logp: Option<ExprId>,
    /// Probability of `value`, where it is known without its logarithm: that of 0 has a slope here.
    pub mass: Option<ExprId>,
    /// A draw: an expression with `Noise` in it. `None`: cannot be sampled.
    pub draw: Option<ExprId>,
    /// Whether `draw` is a differentiable function of the parameters (pathwise gradients).
    pub reparameterized: bool,
    /// Whether it excludes reals beyond bounds that are parameters.
    pub bounded: bool,
    /// Number of values of one element if finite: 2 for a bit, n for `idx(n)`.
    pub values: Option<usize>,
    /// Entropy in nats, a scalar.
    pub entropy: Option<ExprId>,
    /// Mean, shaped like a value.
    pub mean: Option<ExprId>,
    /// Variance, shaped like a value.
    pub variance: Option<ExprId>,
    /// The likeliest value, for a discrete variable.
    pub mode: Option<ExprId>,
}

/// The largest number of values that is summed out.
pub const SUMMED: usize = 256;

impl Dist {
    /// Whether a value is one of so few that an expectation sums over all of them.
    pub fn is_summable(&self) -> bool {
        self.ty.shape.is_empty() && self.values.is_some_and(|n| n <= SUMMED)
    }

    /// Type of a draw.
    pub fn drawn(&self) -> Type {
        let declared = self.ty.support;
        let support = if self.support.fits(declared) { declared } else { self.support };
        Type { support, ..self.ty.clone() }
    }
}

/// One statement of a density.
#[derive(Clone, Debug)]
pub enum Factor {
    /// `z ~ dist`
    Draw {
        /// The random variable.
        var: VarId,
        /// Its distribution; parameters may mention earlier variables.
        dist: DistId,
        /// Where.
        span: Span,
    },
    /// `x = f(u)`
    Define {
        /// The variable.
        var: VarId,
        /// Its value.
        value: ExprId,
        /// Where.
        span: Span,
    },
    /// `factor e`: an unnormalized log-potential
    Energy {
        /// A scalar.
        value: ExprId,
        /// Where.
        span: Span,
    },
}

/// A declared density (one head). Its parameters of the head are variables; using it binds them.
#[derive(Clone, Debug)]
pub struct Density {
    /// Its name; densities of one name with different heads are factors of one joint.
    pub name: String,
    /// The part that holds its role.
    pub part: PartId,
    /// What it is over.
    pub over: Vec<VarId>,
    /// What it is given.
    pub given: Vec<VarId>,
    /// The statements, in order.
    pub factors: Vec<Factor>,
    /// The calls of layers that write states in its statements, in order.
    pub calls: Vec<u32>,
    /// Where.
    pub span: Span,
}

/// Densities of one name with values for their variables: `p(x | z)`, `q(z | x)`, the joint `p`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Applied {
    /// The factors, priors first.
    pub densities: Vec<DensityId>,
    /// Values for variables of the heads. In `Expect`, `Kl` and `Elbo` the `over` variables of the
    /// sampled side are bound to fresh `Var` expressions.
    pub bind: Vec<(VarId, ExprId)>,
    /// Which of the places that draw from it this is. Two places are two draws.
    pub number: usize,
    /// The calls of layers in its statements, with their numbers at this use.
    pub calls: Calls,
    /// Its draws are fresh in every turn of these.
    pub around: Around,
}

/// Numbers of calls of layers, old and new. A density is read once; each use of it calls its layers.
pub type Calls = Vec<(u32, u32)>;

/// What repeats an expression. Noise is fresh in every turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Around {
    /// Index variables (the last of `vars`) of the `Scan`s whose bodies it stands in, outermost
    /// first.
    pub loops: Vec<VarId>,
    /// Map axes.
    pub axes: Vec<AxisId>,
    /// The first variable of each `Expect` whose body it stands in; `objective` gives such noise the
    /// axis of the samples.
    pub draws: Vec<VarId>,
}

/// What a part plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Maps data to features.
    Encoder,
    /// Where information is lost on purpose.
    Bottleneck,
    /// A density over latents.
    Prior,
    /// Maps codes to data.
    Decoder,
    /// No role: `net`, `model`, `module`, `fn`.
    None,
}

/// A declared net or density, for roles, reports and drawings.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Densities with this role and name, if it is a density.
    pub densities: Vec<DensityId>,
    /// For functions: the formals (name, type) as called, if it is ever called.
    pub inputs: Vec<(String, Type)>,
    /// For functions: the type of the result, if it is ever called.
    pub output: Option<Type>,
    /// Where.
    pub span: Span,
}

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

/// The kinds of derivatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Derivative {
    /// Gradient of a scalar body.
    Grad,
    /// `[out..., in...]`
    Jacobian,
    /// `[in..., in...]` of a scalar body.
    Hessian,
    /// Jacobian times `with`.
    Jvp,
    /// `with` times Jacobian.
    Vjp,
}

/// How an expectation is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Estimator {
    /// The sum over every value.
    Enumerate,
    /// Draws that are differentiable functions of parameters and noise.
    Pathwise,
    /// Draws with the score-function gradient.
    Score,
    /// Draws through which no gradient flows.
    Draw,
    /// One draw, as a value: `z ~ q(z | x)` in a function.
    Sample,
}

impl Estimator {
    /// Those that a file can ask for, by the words for it.
    pub const ASKED: [(&'static str, Estimator); 3] = [
        ("score", Estimator::Score),
        ("pathwise", Estimator::Pathwise),
        ("enumerate", Estimator::Enumerate),
    ];

    /// The word that asks for it; empty if none does.
    pub fn word(self) -> &'static str {
        Estimator::ASKED.iter().find(|(_, own)| *own == self).map_or("", |(word, _)| word)
    }
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExprKind {
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
    /// A derivative of `body` with respect to `var`, at `at` (and along `with`).
    Derivative {
        /// Which.
        kind: Derivative,
        /// The variable.
        var: VarId,
        /// The differentiated expression.
        body: ExprId,
        /// Where.
        at: ExprId,
        /// Direction for `Jvp`, cotangent for `Vjp`.
        with: Option<ExprId>,
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

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it was first written.
    pub span: Span,
}

/// A loss.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Its name.
    pub name: String,
    /// A per-example scalar (or one per batch).
    pub value: ExprId,
    /// The rows of a batch that it is written for, if it depends on their number.
    pub rows: Option<usize>,
    /// Where.
    pub span: Span,
}

/// Rows of a full batch of `rlc encode`.
pub const ENCODE_ROWS: usize = 256;

/// What `rlc encode` writes and a report measures: the code of a part with a role.
#[derive(Clone, Debug)]
pub struct Code {
    /// The encoder or bottleneck.
    pub part: PartId,
    /// The size of a batch that it is for; any, if it does not depend on that.
    pub rows: Option<usize>,
    /// Its value per example, in terms of data fields; the mean where it is a density.
    pub value: ExprId,
    /// For densities with a prior: `KL(q || p)`, nats per example.
    pub rate: Option<ExprId>,
    /// Of a code of whole numbers from 0: how many values there can be.
    pub classes: Option<usize>,
}

/// The typed model.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Model {
    /// The file's name without folder and ending.
    pub name: String,
    pub exprs: Vec<Expr>,
    /// Expressions by their hash; of those that share one, the later stand at the numbers after it.
    intern: HashMap<u64, ExprId>,
    /// What was spent on it.
    pub budget: Budget,
    /// The place that new expressions are charged to; none: their own.
    pub spender: Option<Span>,
    pub vars: Vec<Var>,
    pub axes: Vec<Axis>,
    pub params: Vec<Param>,
    pub states: Vec<State>,
    pub data: Vec<Data>,
    pub fields: Vec<Field>,
    /// Whole data fields, by data set and field.
    pub tables: Vec<Table>,
    /// Data sets of which a constant holds a field, and whose number of rows was not given: such a
    /// model is to be elaborated once more.
    pub unknown: std::collections::BTreeSet<String>,
    pub settings: Vec<Setting>,
    pub dists: Vec<Dist>,
    /// Per distribution: parameters and derived rows by name, for closed forms.
    pub dist_members: Vec<Vec<(String, ExprId)>>,
    pub densities: Vec<Density>,
    /// Closed forms that were used, by families, as the prelude writes them.
    pub divergences: std::collections::BTreeMap<(String, String), String>,
    /// Values of functions of the library, as calls: for people who read them.
    pub calls: HashMap<ExprId, (String, Vec<ExprId>)>,
    /// Calls of nets that were given more than tensors, which the call does not show.
    pub untold: HashSet<ExprId>,
    pub parts: Vec<Part>,
    pub losses: Vec<Loss>,
    pub codes: Vec<Code>,
    /// Rows of a batch of `rlc encode`.
    pub encode_rows: usize,
    pub phases: Vec<Phase>,
}

impl ExprKind {
    /// Whether `translate` accepts it: no probability left.
    pub fn is_pure(&self) -> bool {
        use ExprKind::*;
        !matches!(self, LogProb(_) | Expect { .. } | Kl { .. } | Elbo { .. } | Metric { .. })
    }
}

impl Model {
    /// Appends an expression, or returns the equal one.
    pub fn push(&mut self, kind: ExprKind, ty: Type, span: Span) -> ExprId {
        let mut hash = foldhash::fast::FixedState::default().hash_one(&kind);
        while let Some(id) = self.intern.get(&hash) {
            // An equal noise node or variable has an equal type; everything else follows from
            // its operands and its own numbers.
            if self.expr(*id).kind == kind {
                return *id;
            }
            hash = hash.wrapping_add(1);
        }
        let id = ExprId(self.exprs.len() as u32);
        self.budget.spend(budget::OPERATIONS, 1, self.spender.unwrap_or(span));
        self.exprs.push(Expr { kind, ty, span });
        self.intern.insert(hash, id);
        id
    }

    /// The expression with this id.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// Its type.
    pub fn ty(&self, id: ExprId) -> &Type {
        &self.expr(id).ty
    }

    /// Type of a draw of a variable, if a density draws it.
    pub fn drawn(&self, density: DensityId, var: VarId) -> Option<Type> {
        self.densities[density.0 as usize].factors.iter().find_map(|factor| match factor {
            Factor::Draw { var: own, dist, .. } if *own == var => {
                Some(self.dists[dist.0 as usize].drawn())
            }
            _ => None,
        })
    }

    /// A new variable, and the expression that mentions it.
    pub fn fresh_var(&mut self, name: &str, ty: Type, span: Span) -> (VarId, ExprId) {
        let var = VarId(self.vars.len() as u32);
        self.vars.push(Var { name: name.into(), ty: ty.clone(), span });
        (var, self.push(ExprKind::Var(var), ty, span))
    }
}
