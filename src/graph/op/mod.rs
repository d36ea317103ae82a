//! The op table: one row per op. A row holds everything that is known about the op, from its type to
//! its text in shaders; stages read the row and name no op. `docs/adding-an-op.md` adds one.
//!
//! Meaning of the closed set (operands -> result; parameters in `Attrs`):
//!
//! | kind | ops |
//! |---|---|
//! | Map | `neg abs sign floor exp log log1p expm1 sqrt sin cos tanh sigmoid softplus erf lgamma digamma not`; `add sub mul div pow max min`, `eq ne lt le gt ge and or`; `select(c,a,b)`; `cast` |
//! | Reduce | `sum max_of min_of prod logsumexp` over `Axes` (the axes vanish); `argmax` over `Axis` (first of equals) |
//! | View | `reshape permute broadcast slice pad concat flip` |
//! | Contract | `contract`; `conv(x, w)`, `conv_transpose(g, w)` = adjoint in x, `conv_weight(x, g)` = adjoint in w (x: `[N, C, S..]`, w: `[O, C/groups, K..]`); `unfold(x: [N, C, S..]) -> [N, C, prod K, O..]` and its adjoint `fold` |
//! | Index | `gather(table: [V, R..], i: i32[I..]) -> [I.., R..]`, `scatter_add(i: [I..], u: [I.., R..]) -> [Rows, R..]`, `put_rows(table: [V, R..], i: [N], u: [N, R..]) -> [V, R..]`; `firsts(x: [N]) -> [N]`; `take_along(x, i)` and its adjoint `put_along(i, u)`; `iota eye cumsum argsort` |
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

use super::range::{Range, Wild};
use super::{Attrs, DType, Graph, NodeId, Ty};
use ndarray::Zip;
use serde::{Deserialize, Serialize};

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
    /// Number of operands of an elementwise op.
    pub operands: usize,
    /// Which elementwise row it is, for tables of lanes.
    pub row: Option<map::Row>,
    /// How it is called in files, if it is.
    pub says: Says,
    /// What files call it, where that is another name.
    pub word: &'static str,
    /// The sign between its operands in formulas, and how strongly it binds.
    pub sign: Option<(&'static str, u8)>,
    /// Bounds that hold whatever the operands are.
    pub image: Image,
    /// The range of the result, from those of the operands and the wildest of them.
    pub range: fn(&[Range], Wild) -> Range,
    /// What is known of its slopes.
    pub slopes: Slopes,
    /// Whether it may give nothing of an operand: it chooses between elements.
    pub chooses: bool,
    /// Whether results are only chosen, moved or whole numbers, and not computed: no device takes a
    /// tiny one for 0.
    pub exact: bool,
    /// Cost of one element inside of a loop, in additions.
    pub price: usize,
    /// Text in shaders, of reals; `{0}` is the first operand.
    pub real: &'static str,
    /// Text in shaders, of integers.
    pub whole: &'static str,
    /// Ranges of the operand, and by how many units of the last place a device may be wrong there.
    pub accuracy: &'static [(f64, f64, f64)],
    /// Operands and results at the edges of numbers.
    pub special: &'static [(f64, f64)],
    /// What to do where it has given a value that is not finite.
    pub hint: &'static str,
    /// How a reduction joins elements in kernels; others are taken apart before.
    pub fold: Option<How>,
    /// Which of the products of a convolution it is.
    pub window: Option<ConvKind>,
}

/// How elements are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum How {
    Sum,
    Max,
    Min,
    Prod,
}

/// Which of the three products of a convolution, or the windows themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConvKind {
    /// `x` and filters to windows' sums.
    Forward,
    /// Adjoint in `x`.
    Input,
    /// Adjoint in the filters.
    Filter,
    /// Every window as a column.
    Unfold,
    /// Adjoint of that.
    Fold,
}

/// A function of the language.
#[derive(Clone, Copy, Debug)]
pub struct Says {
    /// How it is called; empty where files do not call it by a name.
    pub usage: &'static str,
    /// One sentence, where it is another than that of the op.
    pub more: &'static str,
}

/// Values that an op can give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Image {
    /// Any.
    Any,
    /// Positive reals, and 0 where they are too small.
    Positive,
    /// From, to.
    Within(f64, f64),
    /// 0 or 1.
    Truth,
}

impl Image {
    /// Least and largest value.
    pub fn bounds(self) -> (f64, f64) {
        match self {
            Image::Any => (f64::NEG_INFINITY, f64::INFINITY),
            Image::Positive => (0.0, f64::INFINITY),
            Image::Within(low, high) => (low, high),
            Image::Truth => (0.0, 1.0),
        }
    }
}

/// What is known of the slopes of an op without looking at its operands.
#[derive(Clone, Copy, Debug)]
pub struct Slopes {
    /// They are plain numbers, whatever the operands are.
    pub even: bool,
    /// They are plain numbers wherever the operands are numbers, infinite or not.
    pub flat: bool,
    /// Operands in which the slope is 0 where they are beyond all numbers.
    pub fade: &'static [usize],
}

impl Slopes {
    /// Nothing.
    pub const UNKNOWN: Slopes = Slopes { even: false, flat: false, fade: &[] };
    /// Of sums and choices.
    pub const EVEN: Slopes = Slopes { even: true, ..Slopes::UNKNOWN };
    /// Of functions without a pole.
    pub const FLAT: Slopes = Slopes { flat: true, ..Slopes::UNKNOWN };
    /// Of functions that end in a line without a slope.
    pub const FADES: Slopes = Slopes { fade: &[0], ..Slopes::UNKNOWN };
    /// Of both.
    pub const SATURATES: Slopes = Slopes { flat: true, fade: &[0], ..Slopes::UNKNOWN };
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
    /// The value at these operands, of a result of this type; none of what the interpreter gives.
    pub fn value(&self, args: &[&Value], attrs: &Attrs, ty: &Ty) -> Option<Value> {
        Some(match self.meaning {
            Meaning::Map1(f) => args[0].mapv(f),
            Meaning::Map2(f) => Zip::from(args[0]).and(args[1]).map_collect(|a, b| f(*a, *b)),
            Meaning::Whole(f) => f(args, attrs, ty),
            Meaning::Interpreter => return None,
        })
    }

    /// A row of which nothing is known yet.
    const BLANK: OpDef = OpDef {
        name: "",
        doc: "",
        kind: Kind::Control,
        infer: |_, _| Err("no type rule".into()),
        derivative: Derivative::Zero,
        meaning: Meaning::Interpreter,
        samples: Vec::new,
        operands: 0,
        row: None,
        says: Says { usage: "", more: "" },
        word: "",
        sign: None,
        image: Image::Any,
        range: |_, wild| Range { wild, ..Range::ANY },
        slopes: Slopes::UNKNOWN,
        chooses: false,
        exact: false,
        price: 1,
        real: "",
        whole: "",
        accuracy: &[],
        special: &[],
        hint: "",
        fold: None,
        window: None,
    };
    /// An elementwise one.
    const MAP: OpDef = OpDef { kind: Kind::Map, ..OpDef::BLANK };

    /// What files call it.
    pub fn word(&self) -> &'static str {
        if self.word.is_empty() { self.name } else { self.word }
    }

    /// One sentence for those who write files.
    pub fn sentence(&self) -> &'static str {
        if self.says.more.is_empty() { self.doc } else { self.says.more }
    }

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
    !op.exact && !matches!(op.kind, Kind::View | Kind::Random | Kind::Control)
}

/// The names of all rows: patterns of several nodes read like formulas, `(is::SUB, [a, b])`, and one
/// that is no row does not compile.
pub mod is {
    pub use super::contract::is::*;
    pub use super::control::is::*;
    pub use super::index::is::*;
    pub use super::map::is::*;
    pub use super::random::is::*;
    pub use super::reduce::is::*;
    pub use super::view::is::*;
}

/// The row with this name.
pub fn find(name: &str) -> Option<Op> {
    table().find(|op| op.name == name)
}

/// Declares the rows of one kind and their list; what a row has beside the usual follows by name.
macro_rules! rows {
    ($kind:ident; $($NAME:ident = $name:literal, $doc:literal, $infer:expr, $derivative:expr,
        $meaning:expr, $samples:expr $(, $field:ident: $value:expr)*;)*) => {
        $(#[doc = $doc] pub static $NAME: $crate::graph::op::OpDef = $crate::graph::op::OpDef {
            name: $name,
            doc: $doc,
            kind: $crate::graph::op::Kind::$kind,
            infer: $infer,
            derivative: $derivative,
            meaning: $meaning,
            samples: $samples,
            $($field: $value,)*
            ..$crate::graph::op::OpDef::BLANK
        };)*
        /// All rows of this kind.
        pub static ROWS: &[$crate::graph::op::Op] = &[$(&$NAME),*];
        /// Their names, for patterns.
        #[allow(missing_docs, reason = "a name says no more than the row")]
        pub mod is {
            $(pub const $NAME: &str = $name;)*
        }
    };
}
use rows;

/// Declares the elementwise rows, their list, and a method that builds each.
macro_rules! maps {
    (
        unary { $($ONE:ident $one:ident { $($of_one:tt)* })* }
        binary { $($TWO:ident $two:ident { $($of_two:tt)* })* }
        others { $($n:literal $MORE:ident $more:ident { $($of_more:tt)* })* }
    ) => {
        maps! { rows $(1 $ONE $one { $($of_one)* })* $(2 $TWO $two { $($of_two)* })*
            $($n $MORE $more { $($of_more)* })* }
        impl $crate::graph::Graph {
            $(#[doc = concat!("`", stringify!($one), "(x)`, elementwise.")]
            pub fn $one(&mut self, x: $crate::graph::NodeId) -> $crate::graph::NodeId {
                self.push(&$ONE, vec![x], $crate::graph::Attrs::None)
            })*
            $(#[doc = concat!("`", stringify!($two), "(x, y)`, elementwise.")]
            pub fn $two(
                &mut self,
                x: $crate::graph::NodeId,
                y: $crate::graph::NodeId,
            ) -> $crate::graph::NodeId {
                self.push(&$TWO, vec![x, y], $crate::graph::Attrs::None)
            })*
        }
        #[allow(clippy::should_implement_trait, reason = "`neg` is a sign too")]
        impl $crate::graph::op::map::terms::Term<'_, '_> {
            $(#[doc = concat!("`", stringify!($one), "(x)`, elementwise.")]
            pub fn $one(self) -> Self {
                self.map($crate::graph::Graph::$one)
            })*
        }
    };
    (rows $($n:literal $NAME:ident $name:ident { $($row:tt)* })*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub static $NAME: OpDef = OpDef {
            name: stringify!($name),
            operands: $n,
            row: Some(Row::$NAME),
            $($row)*
        };)*
        /// All elementwise rows.
        pub static ROWS: &[Op] = &[$(&$NAME),*];
        /// Their names, for patterns.
        #[allow(missing_docs, reason = "a name says no more than the row")]
        pub mod is {
            $(pub const $NAME: &str = stringify!($name);)*
        }
        /// The elementwise rows, for tables that must have all of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, clippy::upper_case_acronyms, reason = "named like the rows")]
        pub enum Row { $($NAME),* }
    };
}
use maps;

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
