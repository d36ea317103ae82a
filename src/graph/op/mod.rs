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
//! | Index | `gather(table: [V, R..], i: i32[I..]) -> [I.., R..]`, `scatter_add(i: [I..], u: [I.., R..]) -> [Rows, R..]`; `take_along(x, i)` and its adjoint `put_along(i, u)` with `Directed`-free `Axis`/shape; `iota eye cumsum argsort` |
//! | Random | `random(seed, step)` |
//! | Control | `const input stop mark vjp scan get` |
//!
//! `vjp(y, x, seed)`: the vector-Jacobian product of `y` with respect to the `mark` node `x`, with
//! `seed` of `y`'s type; result has `x`'s type. `autodiff` expands it; nothing after may contain it.
//! All operands of a map have the same shape.

use super::{Attrs, Ty};

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

/// Everything known about an op. (To be completed: vjp, eval, tile, wgsl, stablehlo, onnx, samples.)
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
        self.name == other.name
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
