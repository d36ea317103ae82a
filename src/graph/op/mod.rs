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
pub mod map;
pub mod random;
pub mod reduce;
pub mod view;

use super::{Attrs, DType, Ty};

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

/// The row with this name.
pub fn find(name: &str) -> Option<Op> {
    table().find(|op| op.name == name)
}

/// Declares the rows of one kind and their list.
macro_rules! rows {
    ($kind:ident; $($NAME:ident = $name:literal, $doc:literal, $infer:expr;)*) => {
        $(#[doc = $doc] pub static $NAME: $crate::graph::op::OpDef = $crate::graph::op::OpDef {
            name: $name,
            doc: $doc,
            kind: $crate::graph::op::Kind::$kind,
            infer: $infer,
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
