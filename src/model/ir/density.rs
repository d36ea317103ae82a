//! Densities of the typed model: distributions with their formulas, the statements of a density, and
//! densities with values for their variables. Plain data, still symbolic: `objective` removes it.

use super::{AxisId, DensityId, DistId, ExprId, PartId, Support, Type, VarId};
use crate::base::{FileId, Span};
use crate::graph::DType;

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
    /// How many of its last dims are one value: none where every element is scored by itself.
    pub atom: usize,
    /// Whether its elements hold each other, as on a simplex or a sphere: none moves alone.
    pub tied: bool,
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
    /// A differentiable draw in place of a discrete one, and the variable of its temperature.
    pub relaxed: Option<(VarId, ExprId)>,
    /// What a factor `exp(dot(s, x))` makes of it, where that is of the same family.
    pub tilt: Option<Tilt>,
}

/// A distribution times `exp(dot(s, x))` is one of its family again, as those of a natural exponential family are:
/// exponential tilting (Esscher 1932).
#[derive(Clone, Debug)]
pub struct Tilt {
    /// Stands for `s`, shaped like a value.
    pub slope: VarId,
    /// `log E[exp(dot(s, x))]`, a scalar: the logarithm of the moment generating function.
    pub log_mgf: ExprId,
    /// Parameters of what it becomes.
    pub params: Vec<(String, ExprId)>,
}

/// The largest number of values that is summed out.
pub const SUMMED: usize = 256;

impl Dist {
    /// Whether a value is one of so few that an expectation sums over all of them.
    pub fn is_summable(&self) -> bool {
        self.ty.shape.is_empty() && self.values.is_some_and(|n| n <= SUMMED)
    }

    /// Whether a draw can have the slope of the mean: both are real numbers of one shape.
    pub fn has_slope_of_mean(&self) -> bool {
        self.ty.dtype == DType::F32 && self.mean.is_some()
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
    /// `v ~ dist` beside factors: what a variable of the head is like without them.
    Base {
        /// The variable.
        var: VarId,
        /// Its distribution; parameters mention no variable of the head.
        dist: DistId,
        /// Where.
        span: Span,
    },
}

impl Factor {
    /// The variable that it gives a value to.
    pub fn var(&self) -> Option<VarId> {
        match self {
            Factor::Draw { var, .. } | Factor::Define { var, .. } => Some(*var),
            Factor::Energy { .. } | Factor::Base { .. } => None,
        }
    }
}

/// A change of variables: `log p(x) = log p(u) - log |det dx/du|`.
#[derive(Clone, Debug)]
pub struct Change {
    /// The hidden draws, in terms of what the head is over and given.
    pub solved: Vec<(VarId, ExprId)>,
    /// `log |det dx/du|` there, a scalar.
    pub log_det: ExprId,
    /// Whether it gives reals of some range only: where there is no such draw, the density is 0.
    pub partial: bool,
}

/// A function of the file with what was derived of it, for people and numeric tests.
#[derive(Clone, Debug)]
pub struct Inverted {
    /// What it is called: `flow(u)`, or the density that it belongs to.
    pub name: String,
    /// The file that declares it: two may have one of that name.
    pub file: FileId,
    /// Its argument.
    pub var: VarId,
    /// Its value.
    pub value: ExprId,
    /// Stands for its value in `inverse`.
    pub result: VarId,
    /// The argument that gives this value.
    pub inverse: ExprId,
    /// What undoing the value is off, in the argument.
    pub off: ExprId,
    /// The log-determinant, in the argument.
    pub log_det: ExprId,
}

/// A block of a product of factors given the rest, for people and numeric tests.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// What it is called: `rbm(h | v)`.
    pub name: String,
    /// Its family,
    pub family: String,
    /// and the parameters, in the variables of the product.
    pub params: Vec<(String, ExprId)>,
    /// The log-potential.
    pub potential: ExprId,
    /// The log-density of the block plus the logarithm of the sum over its values: the log-potential again.
    pub derived: ExprId,
    /// Variables that have distributions of their own, whose values lie where these draw them.
    pub bases: Vec<(VarId, DistId)>,
}

/// A sequence whose positions are drawn one after the other, for people.
#[derive(Clone, Debug)]
pub struct InOrder {
    /// What it is called: `p.x`.
    pub name: String,
    /// How many there are.
    pub positions: usize,
    /// What draws keep from position to position; none where the whole net is computed for each.
    pub kept: Option<Vec<Type>>,
}

/// Why a function has no inverse that can be derived.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// The expression that is not inverted.
    pub span: Span,
    /// What it does.
    pub why: String,
    /// What to write instead.
    pub help: String,
}

impl Density {
    /// Its change of variables, if it is one.
    pub fn changed(&self) -> Option<&Change> {
        self.change.as_ref()?.as_ref().ok()
    }
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
    /// How its hidden draws follow from what its head is over, where that is computed from them: a
    /// change of variables, or what stands in its way.
    pub change: Option<Result<Change, Obstacle>>,
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

/// How an expectation is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Estimator {
    /// The sum over every value.
    Enumerate,
    /// Draws that are differentiable functions of parameters and noise.
    Pathwise,
    /// Draws with the score-function gradient, less a baseline if one is given.
    Score,
    /// The same, where the baseline of each draw is the mean of the others.
    LeaveOneOut,
    /// Draws that pass the gradient of their mean.
    StraightThrough,
    /// Draws of a relaxed density in place of those without a path.
    Relaxed,
    /// Draws through which no gradient flows.
    Draw,
    /// One draw, as a value: `z ~ q(z | x)` in a function.
    Sample,
}

impl Estimator {
    /// Those that a file can ask for, by the words for it.
    pub const ASKED: [(&'static str, Estimator); 5] = [
        ("score", Estimator::Score),
        ("straight_through", Estimator::StraightThrough),
        ("relaxed", Estimator::Relaxed),
        ("pathwise", Estimator::Pathwise),
        ("enumerate", Estimator::Enumerate),
    ];

    /// The word that asks for it; empty if none does.
    pub fn word(self) -> &'static str {
        if self == Estimator::LeaveOneOut {
            return "score, each draw less the mean of the others";
        }
        Estimator::ASKED.iter().find(|(_, own)| *own == self).map_or("", |(word, _)| word)
    }
}
