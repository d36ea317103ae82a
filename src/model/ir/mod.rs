//! The typed model: what a file means after names, dims, modules and shapes are resolved.
//!
//! Expressions are *per example*: no batch axis. They form a hash-consed arena; functions and nets
//! are inlined, weights have stable paths, dims are integers. Tensor operations are rows of the
//! graph's op table with per-example shapes; what is [`Symbolic`], densities and expectations, is
//! removed by `objective`, which makes a [`pure::Pure`] of it, to which `translate` adds the batch axis.

use crate::base::{Budget, Span, budget};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

mod density;
mod expr;
pub mod index;
pub mod leak;
pub mod mixing;
mod phases;
pub mod pure;
mod types;
pub mod walk;
pub use density::*;
pub use expr::*;
pub use phases::*;
pub use types::*;

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

/// What splits of data sets are called.
pub const SPLITS: [&str; 3] = ["train", "valid", "test"];

/// All rows of a data field, or those of a split, as a constant holds them.
#[derive(Clone, Debug)]
pub struct Table {
    /// The data set's name.
    pub data: String,
    /// The split.
    pub split: Option<String>,
    /// The field's name.
    pub field: String,
    /// Its type: the rows before the shape of the field.
    pub ty: Type,
}

impl Table {
    /// `graph.from`, `graph.train.from`
    pub fn name(&self) -> String {
        let split = self.split.as_ref().map_or(String::new(), |split| format!(".{split}"));
        format!("{}{split}.{}", self.data, self.field)
    }
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

/// A part as a function of what it is given, for other programs.
#[derive(Clone, Debug)]
pub struct Export {
    /// The part.
    pub part: PartId,
    /// What it is given, in order; none where it is computed from data fields.
    pub inputs: Vec<VarId>,
    /// Names and values of what it gives, per example.
    pub outputs: Vec<(String, ExprId)>,
}

/// How a value was asked for: `softplus(x)`, `free_energy(rbm, x)`.
#[derive(Clone, Debug)]
pub struct Called {
    /// The function.
    pub name: String,
    /// The density that stands first, if one does.
    pub of: Option<String>,
    /// Values.
    pub args: Vec<ExprId>,
}

/// The typed model.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Model {
    /// The file's name without folder and ending.
    pub name: String,
    pub exprs: Vec<Expr>,
    /// Whether some value is a sequence that ends.
    pub ends: bool,
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
    /// Functions whose inverse was asked for: each `bijection` of the file at its first call.
    pub inverses: Vec<Inverted>,
    /// Blocks of the products of factors of the file, each given the rest.
    pub conditionals: Vec<Conditional>,
    /// Sequences whose positions are drawn one after the other.
    pub sequences: Vec<InOrder>,
    /// Closed forms that were used, by families, as the prelude writes them.
    pub divergences: std::collections::BTreeMap<(String, String), String>,
    /// Values of functions of the library, as calls: for people who read them.
    pub calls: HashMap<ExprId, Called>,
    /// Calls of nets that were given more than tensors, which the call does not show.
    pub untold: HashSet<ExprId>,
    pub parts: Vec<Part>,
    pub losses: Vec<Loss>,
    pub codes: Vec<Code>,
    /// Parts for other programs, if they are wanted.
    pub exports: Vec<Export>,
    /// Rows of a batch of `rlc encode`.
    pub encode_rows: usize,
    pub phases: Vec<Phase>,
    /// Names and expressions by their places, if somebody asked for them.
    pub index: Option<index::Index>,
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

    /// Type of a draw of a variable, if a density draws or computes it.
    pub fn drawn(&self, density: DensityId, var: VarId) -> Option<Type> {
        self.densities[density.0 as usize].factors.iter().find_map(|factor| match factor {
            Factor::Draw { var: own, dist, .. } if *own == var => {
                Some(self.dists[dist.0 as usize].drawn())
            }
            Factor::Define { var: own, value, .. } if *own == var => {
                Some(Type { varies: true, ..self.ty(*value).clone() })
            }
            _ => None,
        })
    }

    /// A new variable, and the expression that mentions it.
    pub fn fresh_var(&mut self, name: &str, ty: Type, span: Span) -> (VarId, ExprId) {
        let var = VarId(self.vars.len() as u32);
        self.ends |= ty.ends;
        self.vars.push(Var { name: name.into(), ty: ty.clone(), span });
        (var, self.push(ExprKind::Var(var), ty, span))
    }
}
