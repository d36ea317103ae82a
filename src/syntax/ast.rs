//! The syntax tree: what the user wrote, with spans. Expressions live in an arena of the file, so
//! that no depth of nesting can overflow a stack when a tree is dropped or copied.
//!
//! Nothing here is resolved: a name is a string, a dim is an expression.

use crate::base::{FileId, Span};
use serde::{Deserialize, Serialize};

/// Index of an expression in [`File::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The word.
    pub name: String,
    /// Its place.
    pub span: Span,
}

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// Items in file order.
    pub items: Vec<Item>,
    /// The arena of expressions.
    pub exprs: Vec<Expr>,
    /// Every comment, in order, for the formatter.
    pub comments: Vec<Comment>,
}

impl File {
    /// The expression with this id.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

/// A `//` comment (the text includes the slashes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its place.
    pub span: Span,
    /// The text with its slashes, without the line end.
    pub text: String,
    /// Whether code stands before it on the same line.
    pub trailing: bool,
}

/// A top-level declaration.
#[derive(Clone, Debug)]
pub struct Item {
    /// The whole item.
    pub span: Span,
    /// What it declares.
    pub kind: ItemKind,
}

impl Item {
    /// The names that an item declares.
    pub fn names(&self) -> Vec<&Ident> {
        match &self.kind {
            ItemKind::Use { alias, .. } => alias.iter().collect(),
            ItemKind::Dim(list) => list.iter().map(|(n, _)| n).collect(),
            ItemKind::Const { name, .. }
            | ItemKind::Config { name, .. }
            | ItemKind::Data { name, .. }
            | ItemKind::Loss { name, .. } => vec![name],
            ItemKind::Param(slot) | ItemKind::State(slot) => vec![&slot.name],
            ItemKind::Callable(c) => vec![&c.name],
            ItemKind::Density(d) => vec![&d.name],
            ItemKind::Phase(p) => vec![&p.name],
            ItemKind::Distribution(d) => vec![&d.name],
            ItemKind::Divergence { .. } => vec![],
        }
    }
}

/// The kinds of items.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `use "file.rl" as name`
    Use { path: String, path_span: Span, alias: Option<Ident> },
    /// `dim D = 784, Z = 20`
    Dim(Vec<(Ident, ExprId)>),
    /// `const name: type = value`
    Const { name: Ident, ty: Option<Type>, value: ExprId },
    /// `config beta: f32 = 1.0`
    Config { name: Ident, ty: Type, value: ExprId },
    /// `data mnist from source(...) { x: bit[D], ... }`
    Data { name: Ident, source: Option<ExprId>, fields: Vec<Field> },
    /// `param W: f32[D, H] = glorot()` (top level or in a body)
    Param(Slot),
    /// `state m: f32[D] = zeros()`
    State(Slot),
    /// `encoder`/`bottleneck`/`prior`/`decoder`/`net`/`module`/`fn`/`bijection`/`optimizer` as functions
    Callable(Callable),
    /// `model p(x | z) { ... }`, or a role with a density
    Density(Density),
    /// `loss name = expr`, or a block that ends with `return`
    Loss { name: Ident, body: Body },
    /// `train name on d.train batch 128 epochs 20 { ... }`
    Phase(Phase),
    /// Prelude: `distribution Normal(loc: f32, scale: f32) on real { draw = ..., logp = ... }`
    Distribution(Distribution),
    /// Prelude: `divergence KL(q: Normal, p: Normal) = expr`; members `q.loc`
    Divergence { q: Ident, q_family: Ident, p: Ident, p_family: Ident, value: ExprId },
}

/// A role, or the lack of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `encoder`
    Encoder,
    /// `bottleneck`
    Bottleneck,
    /// `prior`
    Prior,
    /// `decoder`
    Decoder,
}

/// What introduces a callable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallableKind {
    /// One network, one set of weights.
    Net,
    /// A layer template; every instantiation makes new weights.
    Module,
    /// Owns nothing.
    Fn,
    /// An invertible net or template.
    Bijection,
    /// Prelude: an update rule, `optimizer sgd(lr: f32)(w: f32[...s], g: f32[...s]) { ... }`.
    Optimizer,
}

/// A function-like item. `statics` is the first argument list where there are two.
#[derive(Clone, Debug)]
pub struct Callable {
    /// `net`, `fn`, ...; a role in function form has kind `Net`.
    pub kind: CallableKind,
    /// The role, if it was declared by one.
    pub role: Option<Role>,
    /// Its name.
    pub name: Ident,
    /// The static argument list of a template: `module M(n: int)(x: ...)`.
    pub statics: Option<Vec<Formal>>,
    /// The arguments.
    pub formals: Vec<Formal>,
    /// The declared result.
    pub result: Option<RType>,
    /// The body.
    pub body: Body,
}

/// A formal argument.
#[derive(Clone, Debug)]
pub struct Formal {
    /// Its name.
    pub name: Ident,
    /// Its type; absent only in prelude functions over anything.
    pub ty: Option<RType>,
    /// The default value.
    pub default: Option<ExprId>,
}

/// A type or a record of types.
#[derive(Clone, Debug)]
pub enum RType {
    /// `f32[D]`
    Plain(Type),
    /// `(mu: f32[Z], logvar: f32[Z])`
    Record(Vec<Field>, Span),
}

/// `name: type`
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: Ident,
    /// The type.
    pub ty: Type,
}

/// An expression or a block.
#[derive(Clone, Debug)]
pub enum Body {
    /// `= expr`
    Expr(ExprId),
    /// `{ let ... return ... }`
    Block(Vec<Stmt>),
}

/// `name: type = init`
#[derive(Clone, Debug)]
pub struct Slot {
    /// The name.
    pub name: Ident,
    /// The type.
    pub ty: Type,
    /// The initializer.
    pub init: ExprId,
}

/// A density: `(z | x: bit[D]) { ... }`.
#[derive(Clone, Debug)]
pub struct Density {
    /// The role, if any (`model` has none).
    pub role: Option<Role>,
    /// Its name; several densities may share it (factors).
    pub name: Ident,
    /// What it is over.
    pub over: Vec<Rv>,
    /// What it is given.
    pub given: Vec<Rv>,
    /// The statements.
    pub body: Vec<Stmt>,
}

/// A random variable in a head.
#[derive(Clone, Debug)]
pub struct Rv {
    /// The name.
    pub name: Ident,
    /// The type, if stated.
    pub ty: Option<Type>,
}

/// `train`, `eval`, `sample`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhaseKind {
    /// Minimizes and assigns.
    Train,
    /// Reports.
    Eval,
    /// Emits.
    Sample,
}

/// A phase.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Which.
    pub kind: PhaseKind,
    /// Its name.
    pub name: Ident,
    /// `on d.train`, `on (a.train, b.train)`: the paths; empty without the clause.
    pub on: Vec<Vec<Ident>>,
    /// `batch e`
    pub batch: Option<ExprId>,
    /// `epochs e`
    pub epochs: Option<ExprId>,
    /// `steps e`
    pub steps: Option<ExprId>,
    /// `count e`
    pub count: Option<ExprId>,
    /// `until e stalls n on d.valid`
    pub until: Option<Until>,
    /// The statements.
    pub body: Vec<Stmt>,
}

/// When a train phase ends before its time.
#[derive(Clone, Debug)]
pub struct Until {
    /// The figure that must go on falling.
    pub value: ExprId,
    /// Looks without improvement that are waited for.
    pub stalls: ExprId,
    /// The split that the figure is computed on.
    pub on: Vec<Ident>,
}

/// Rows of a distribution that have a meaning; others are values of its own.
pub const ROWS: &[&str] = &[
    "draw", "logp", "mass", "entropy", "mean", "variance", "mode", "relaxed", "cdf", "icdf",
    "tilted", "log_mgf", "pathwise", "bounded",
];

/// A distribution. Rows are `name = expr` over the formals and `x` (the value), `u` or `e`
/// (uniform or normal noise), for instance `draw`, `logp`, `entropy`, `mean`, `variance`.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub formals: Vec<Formal>,
    /// Where its values lie: `real`, `positive`, `unit`, `bit`, `count`, `index`, `simplex`, `sphere`.
    pub support: Ident,
    /// The dims of one value: none for a number, `n` in `on simplex[n]`.
    pub event: Vec<Dim>,
    /// The rows.
    pub rows: Vec<(Ident, ExprId)>,
}

/// A statement, in any body. Which are legal where is the business of `model`.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// The whole statement.
    pub span: Span,
    /// What it says.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `let (a, b): type = e`, or with `~`
    Let { names: Vec<Ident>, tuple: bool, ty: Option<Type>, draws: bool, value: ExprId },
    /// `param ...`
    Param(Slot),
    /// `state ...`
    State(Slot),
    /// `name <- e`
    Assign { name: Ident, value: ExprId },
    /// `return e`
    Return(ExprId),
    /// `factor e`
    Factor(ExprId),
    /// `z: f32[Z] ~ e`
    Draw { name: Ident, ty: Option<Type>, dist: ExprId },
    /// `x: f32[D] = e`
    Define { name: Ident, ty: Option<Type>, value: ExprId },
    /// `minimize L over (a, b) with adam(lr = 1e-3)`; each path of the group is a dotted name
    Optimize { maximize: bool, goal: ExprId, over: Vec<Vec<Ident>>, with: ExprId },
    /// `repeat n { ... }`
    Repeat { count: ExprId, body: Vec<Stmt> },
    /// `track a, b as c`
    Track(Vec<Named>),
    /// `report ...`
    Report(Vec<Named>),
    /// `emit e as image`
    Emit(Vec<Named>),
    /// `prune q below 0.01`
    Prune { part: Ident, below: ExprId },
}

/// `e as name`
#[derive(Clone, Debug)]
pub struct Named {
    /// The expression.
    pub value: ExprId,
    /// The name after `as`.
    pub name: Option<Ident>,
}

/// A written type.
#[derive(Clone, Debug)]
pub struct Type {
    /// The whole type.
    pub span: Span,
    /// The element.
    pub scalar: Scalar,
    /// The dims; `None` when no bracket was written.
    pub shape: Option<Vec<Dim>>,
    /// `in lo..hi`
    pub support: Option<(ExprId, ExprId)>,
}

/// The element of a written type.
#[derive(Clone, Debug)]
pub enum Scalar {
    /// `f32`, `bit`, `int`, ... as written
    Prim(String),
    /// `idx(V)`
    Idx(ExprId),
}

/// One dim of a written type.
#[derive(Clone, Debug)]
pub enum Dim {
    /// `...` or `...s`: any number of dims
    Rest(Option<Ident>, Span),
    /// `<= T`: positions up to the end of a sequence, which counts too
    Most(ExprId),
    /// A dim expression
    Expr(ExprId),
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinOp {
    Pipe,
    Or,
    And,
    Eq,
    Ne,
    Le,
    Ge,
    Lt,
    Gt,
    Range,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    MatMul,
    Pow,
}

impl BinOp {
    /// The sign of the operator.
    pub fn sign(self) -> &'static str {
        match self {
            BinOp::Pipe => "|>",
            BinOp::Or => "or",
            BinOp::And => "and",
            BinOp::Eq => "==",
            BinOp::Ne => "!=",
            BinOp::Le => "<=",
            BinOp::Ge => ">=",
            BinOp::Lt => "<",
            BinOp::Gt => ">",
            BinOp::Range => "..",
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::Div => "/",
            BinOp::Rem => "%",
            BinOp::MatMul => "@",
            BinOp::Pow => "^",
        }
    }
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnOp {
    /// `-x`
    Neg,
    /// `not x`
    Not,
}

/// An argument; `name = value` or a value.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The keyword, if given.
    pub name: Option<Ident>,
    /// The value.
    pub value: ExprId,
}

/// What separates the two argument lists of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// `|`
    Given,
    /// `||`
    Versus,
}

/// One entry of an index bracket.
#[derive(Clone, Debug)]
pub enum Slice {
    /// `:`
    All,
    /// `e`
    At(ExprId),
    /// `a:b` or `a:`
    Range(ExprId, Option<ExprId>),
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number as written; `int` is set if it has no point and no exponent.
    Number { text: String, value: f64, int: Option<i64> },
    /// A string without its quotes.
    Str(String),
    /// `true`, `false`
    Bool(bool),
    /// A name.
    Name(String),
    /// `-x`, `not x`
    Unary { op: UnOp, arg: ExprId },
    /// `a op b`
    Binary { op: BinOp, op_span: Span, lhs: ExprId, rhs: ExprId },
    /// `if c then a else b`
    If { cond: ExprId, then: ExprId, other: ExprId },
    /// `f(a, k = b)`, `p(x | z)`, `KL(q || p)`; `args` may be empty
    Call { callee: ExprId, args: Vec<Arg>, bar: Option<Bar>, rest: Vec<Arg> },
    /// `x[i, 1:3]`
    Index { base: ExprId, slices: Vec<Slice> },
    /// `e.mu`
    Member { base: ExprId, name: Ident },
    /// `E[z: f32[D] ~ q(z | x), samples = 5](body)`
    Expect { var: Ident, ty: Option<Type>, dist: ExprId, options: Vec<Arg>, body: ExprId },
    /// `log p(x | z)`: `density` is the `Call`
    LogDensity { density: ExprId },
    /// `chain(i in 0..n) { e }`
    Chain { var: Ident, range: ExprId, body: ExprId },
    /// `scan(h = h0, x in xs, t in 0..n) { ... return ... }`
    Scan { carry: Ident, init: ExprId, over: Vec<(Ident, ExprId)>, body: Vec<Stmt> },
    /// `(a, b) => e`
    Lambda { params: Vec<Ident>, body: ExprId },
    /// `(a, b)` or `(mu = a, s = b)`; one unnamed entry without a comma is a parenthesis and is
    /// kept as `Paren`
    Tuple(Vec<Arg>),
    /// `(e)`
    Paren(ExprId),
}

impl ExprKind {
    /// The expressions directly below one that lie in the same tree of operators and calls.
    pub fn children(&self) -> impl Iterator<Item = ExprId> + use<> {
        let mut list: Vec<ExprId> = Vec::new();
        match self {
            ExprKind::Number { .. } | ExprKind::Str(_) | ExprKind::Bool(_) | ExprKind::Name(_) => {}
            ExprKind::Unary { arg, .. } => list.push(*arg),
            ExprKind::Binary { lhs, rhs, .. } => list.extend([*lhs, *rhs]),
            ExprKind::If { cond, then, other } => list.extend([*cond, *then, *other]),
            ExprKind::Call { callee, args, rest, .. } => {
                list.push(*callee);
                list.extend(args.iter().chain(rest).map(|a| a.value));
            }
            ExprKind::Index { base, slices } => {
                list.push(*base);
                for slice in slices {
                    match slice {
                        Slice::All => {}
                        Slice::At(e) => list.push(*e),
                        Slice::Range(a, b) => list.extend([Some(*a), *b].into_iter().flatten()),
                    }
                }
            }
            ExprKind::Member { base, .. } => list.push(*base),
            ExprKind::Expect { dist, options, body, .. } => {
                list.extend([*dist, *body]);
                list.extend(options.iter().map(|a| a.value));
            }
            ExprKind::LogDensity { density } => list.push(*density),
            ExprKind::Chain { range, body, .. } => list.extend([*range, *body]),
            ExprKind::Scan { init, over, .. } => {
                list.push(*init);
                list.extend(over.iter().map(|(_, value)| *value));
            }
            ExprKind::Lambda { body, .. } => list.push(*body),
            ExprKind::Tuple(args) => list.extend(args.iter().map(|a| a.value)),
            ExprKind::Paren(e) => list.push(*e),
        }
        list.into_iter()
    }
}
