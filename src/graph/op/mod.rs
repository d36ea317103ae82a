//! The op table: one row per op. A row holds everything that is known about the op; adding an op is
//! adding one row in the file of its kind, and nothing else is edited.
//!
//! Meaning of the closed set (operands -> result; parameters in `Attrs`):
//!
//! | kind | ops |
//! |---|---|
//! | Map | `neg abs sign floor exp log log1p expm1 sqrt sin cos tanh sigmoid softplus erf lgamma digamma not`; `add sub mul div pow max min`, `eq ne lt le gt ge and or`; `select(c,a,b)`; `cast` |
//! | Reduce | `sum max_of min_of prod logsumexp` over `Axes` (the axes vanish); `argmax` over `Axis` (first of equals) |
//! | View | `reshape permute broadcast slice pad concat flip` |
//! | Contract | `contract`; `conv(x, w)`, `conv_transpose(g, w)` = adjoint in x, `conv_weight(x, g)` = adjoint in w (x: `[N, C, S..]`, w: `[O, C/groups, K..]`); `unfold(x: [N, C, S..]) -> [N, C, prod K, O..]` and its adjoint `fold` |
//! | Index | `gather(table: [V, R..], i: i32[I..]) -> [I.., R..]`, `scatter_add(i: [I..], u: [I.., R..]) -> [Rows, R..]`; `take_along(x, i)` and its adjoint `put_along(i, u)`; `iota eye cumsum argsort` |
//! | Random | `random(seed, step)` |
//! | Control | `const input stop mark vjp scan get` |
//!
//! `vjp(y, x, seed)`: the vector-Jacobian product of `y` with respect to the `mark` node `x`, with
//! `seed` of `y`'s type; result has `x`'s type. `autodiff` expands it; nothing after may contain it.
//! All operands of a map have the same shape. `take_along(x, i)` with `Axis(a)`: `i` has the rank
//! of `x` and its dims except at `a`; the result has the shape of `i`. `put_along(i, u)` with
//! `Along { axis, size }` adds `u` into zeros of `size` at `axis`. `argsort` with `Directed` gives
//! the permutation (stable).

pub mod contract;
pub mod control;
pub mod index;
pub mod loops;
pub mod map;
pub mod random;
pub mod reduce;
pub mod view;

use super::{Attrs, DType, Graph, NodeId, Ty};

/// The closed set of kinds. Stages match on these, never on a single op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Elementwise.
    Map,
    /// Over axes.
    Reduce,
    /// Same numbers, other place.
    View,
    /// Sums of products.
    Contract,
    /// By computed or counted indices.
    Index,
    /// Noise.
    Random,
    /// The rest.
    Control,
}

/// A row of the op table; compares and hashes by name.
pub type Op = &'static OpDef;

/// Everything known about an op.
pub struct OpDef {
    /// The name in text form, rewrite tables and documents.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The result's type, or why the operands are refused.
    pub infer: fn(&[&Ty], &Attrs) -> Result<Ty, String>,
    /// The reverse rule.
    pub derivative: Derivative,
    /// The value, in f64.
    pub meaning: Meaning,
    /// Operands and parameters that tests try.
    pub samples: fn() -> Vec<Sample>,
}

/// Operands' adjoints, in order; `None` where they are zero. Arguments: the graph, the node, the
/// node's adjoint, and which operands matter.
pub type Rule = fn(&mut Graph, NodeId, NodeId, &[bool]) -> Vec<Option<NodeId>>;

/// Takes a graph with `vjp` nodes to an equal one without.
pub type Expand<'a> = &'a dyn Fn(&Graph) -> Graph;

/// A [`Rule`] for a node with several results: their adjoints are given one by one.
pub type PartsRule =
    fn(&mut Graph, NodeId, &[Option<NodeId>], &[bool], Expand) -> Vec<Option<NodeId>>;

/// How derivatives flow from a result to the operands. Rules build ordinary nodes, so they can be
/// differentiated again.
pub enum Derivative {
    /// None flows: the result is constant, or changes in jumps only.
    Zero,
    /// One operand: from `x`, the result and its adjoint to the adjoint of `x`.
    Unary(fn(&mut Graph, NodeId, NodeId, NodeId) -> NodeId),
    /// Any operands.
    Rule(Rule),
    /// This node reads one result of its operand.
    Part,
    /// A node with several results.
    Parts(PartsRule),
}

/// A value of the reference interpreter: integers and truth values are held as reals.
pub type Value = ndarray::ArrayD<f64>;

/// What an op computes.
pub enum Meaning {
    /// Elementwise.
    Map1(fn(f64) -> f64),
    /// Elementwise.
    Map2(fn(f64, f64) -> f64),
    /// Of whole operands; the type is the result's.
    Whole(fn(&[&Value], &Attrs, &Ty) -> Value),
    /// Given by the interpreter: inputs and loops.
    Interpreter,
}

/// What tests feed an op with: a type and a range for each operand.
pub struct Sample {
    /// Types and ranges (inclusive for integers) of the operands.
    pub args: Vec<(Ty, f64, f64)>,
    /// Parameters.
    pub attrs: Attrs,
}

impl OpDef {
    /// Runs the row's type rule.
    pub fn infer_type(&self, args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
        (self.infer)(args, attrs)
    }
}
impl PartialEq for OpDef {
    fn eq(&self, other: &OpDef) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}
impl Eq for OpDef {}
impl std::hash::Hash for OpDef {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
impl std::fmt::Debug for OpDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The whole table, kind by kind.
pub fn table() -> impl Iterator<Item = Op> {
    [map::ROWS, reduce::ROWS, view::ROWS, contract::ROWS, index::ROWS, random::ROWS, control::ROWS]
        .into_iter()
        .flatten()
        .copied()
}

/// Whether a device may give 0 for a result of this op that is smaller than the smallest normal number,
/// 1.2e-38: whatever is computed. What is only chosen, moved or has its sign changed is kept.
pub fn flushes(op: Op) -> bool {
    const KEPT: &[&str] =
        &["neg", "abs", "sign", "floor", "max", "min", "select", "max_of", "min_of"];
    const WHOLE: &[&str] =
        &["not", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "cast", "argmax", "argsort"];
    let moves = matches!(op.kind, Kind::View | Kind::Random | Kind::Control)
        || matches!(op.name, "gather" | "take_along" | "iota" | "eye");
    !moves && !KEPT.contains(&op.name) && !WHOLE.contains(&op.name)
}

/// The row with this name.
pub fn find(name: &str) -> Option<Op> {
    table().find(|op| op.name == name)
}

/// Declares the rows of one kind and their list.
macro_rules! rows {
    ($kind:ident; $($NAME:ident = $name:literal, $doc:literal,
        $infer:expr, $derivative:expr, $meaning:expr, $samples:expr;)*) => {
        $(#[doc = $doc] pub static $NAME: $crate::graph::op::OpDef = $crate::graph::op::OpDef {
            name: $name,
            doc: $doc,
            kind: $crate::graph::op::Kind::$kind,
            infer: $infer,
            derivative: $derivative,
            meaning: $meaning,
            samples: $samples,
        };)*
        /// All rows of this kind.
        pub static ROWS: &[$crate::graph::op::Op] = &[$(&$NAME),*];
    };
}
use rows;

/// Checks the number of operands.
fn count(args: &[&Ty], n: usize) -> Result<(), String> {
    if args.len() == n { Ok(()) } else { Err(format!("{} operands, takes {n}", args.len())) }
}

/// Checks an operand's element type.
fn need(ty: &Ty, dtype: DType) -> Result<(), String> {
    if ty.dtype == dtype { Ok(()) } else { Err(format!("operand {ty}, takes {dtype:?}")) }
}

/// A sample of f32 operands with these shapes, all in one range.
fn reals(shapes: &[&[usize]], low: f64, high: f64, attrs: Attrs) -> Sample {
    let args = shapes.iter().map(|shape| (Ty::f32(*shape), low, high)).collect();
    Sample { args, attrs }
}
