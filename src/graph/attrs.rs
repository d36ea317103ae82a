//! Parameters of ops: one value per node. The text form of each is printed and parsed by `text`.

use super::{DType, Graph, Ty};
use crate::base::noise;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A literal, compared and hashed by its bits; what is not a number is one literal, whatever its bits
/// are, as it is in text.
#[derive(Clone, Copy, Debug)]
pub struct Real(pub f64);
impl Real {
    fn bits(self) -> u64 {
        if self.0.is_nan() { f64::NAN.to_bits() } else { self.0.to_bits() }
    }
}
impl PartialEq for Real {
    fn eq(&self, other: &Real) -> bool {
        self.bits() == other.bits()
    }
}
impl Eq for Real {}
impl std::hash::Hash for Real {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

/// What an input of a graph holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputRole {
    /// A trained weight.
    Param,
    /// State: optimizer moments, running means, codebooks.
    State,
    /// A minibatch of a data field.
    Data,
    /// A minibatch of a data field, or a value of it in a loop, some of which are no numbers: missing.
    Gaps,
    /// Such a minibatch, or a value of it in a loop, none of which is negative.
    Positive,
    /// Values in a loop, none of which is negative, that may be beyond all numbers.
    Growing,
    /// Such values as the positive ones, none of which is above 1 either.
    Unit,
    /// The run's seed, `i32[]`.
    Seed,
    /// The number of the step, `i32[]`.
    Step,
    /// Anything else: loop variables of a scan, constants computed by the host.
    Other,
}

impl InputRole {
    /// Whether it is a minibatch of a data field.
    pub fn is_data(self) -> bool {
        use InputRole::{Data, Gaps, Growing, Positive, Unit};
        matches!(self, Data | Gaps | Positive | Growing | Unit)
    }
}

/// Elementary noise: a row of [`NOISE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoiseKind {
    /// Uniform on the open interval (0, 1).
    Uniform,
    /// Standard normal.
    Normal,
}

/// What is known of a kind of noise.
pub struct NoiseRow {
    /// Which one.
    pub kind: NoiseKind,
    /// Its word in text forms; files call it with `_noise` behind.
    pub name: &'static str,
    /// The least and the largest value.
    pub bounds: (f64, f64),
    /// Reals that follow from random words, one each.
    pub reals: fn(&[u32], &mut [f32]),
    /// The function of a word in shaders.
    pub shader: &'static str,
}

/// All kinds.
pub static NOISE: [NoiseRow; 2] = [
    NoiseRow {
        kind: NoiseKind::Uniform,
        name: "uniform",
        bounds: (0.0, 1.0),
        reals: |words, to| to.iter_mut().zip(words).for_each(|(x, w)| *x = noise::uniform(*w)),
        shader: "uniform_f",
    },
    NoiseRow {
        kind: NoiseKind::Normal,
        name: "normal",
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        reals: |words, to| to.iter_mut().zip(words).for_each(|(x, w)| *x = noise::normal(*w)),
        shader: "normal_f",
    },
];

impl NoiseKind {
    /// Its row.
    pub fn row(self) -> &'static NoiseRow {
        &NOISE[self as usize]
    }
}

/// Labels of a contraction: every label stands in at least two of `lhs`, `rhs`, `out`, so the set
/// of contractions is closed under differentiation. In all three: batch; in `lhs` and `rhs`:
/// summed; in one operand and `out`: free. No label repeats within one list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContractSpec {
    /// One letter per dim of the left operand.
    pub lhs: Vec<u8>,
    /// One letter per dim of the right operand.
    pub rhs: Vec<u8>,
    /// One letter per dim of the result.
    pub out: Vec<u8>,
}

/// Windows over spatial dims, for convolution and unfolding: one entry per spatial dim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Kernel extent.
    pub size: Vec<usize>,
    /// Step between windows.
    pub stride: Vec<usize>,
    /// Step within a window.
    pub dilation: Vec<usize>,
    /// Zeros before.
    pub pad_low: Vec<usize>,
    /// Zeros after.
    pub pad_high: Vec<usize>,
    /// Channel groups.
    pub groups: usize,
    /// Spatial extent of the *input* (`x` of `conv(x, w)`): the adjoints need it.
    pub input: Vec<usize>,
}

/// The body of a loop. Its inputs, by name: `c0..` carries, `x0..` slices of the sequences, `k0..`
/// constants, `t` the index (`i32[]`). Its outputs in order: the next carries, then the stacked
/// values.
///
/// Operands of the node: initial carries, sequences (axis 0 has `length`), constants. Results, read
/// with `get`: final carries, then stacked values.
#[derive(Clone, Debug)]
pub struct Scan {
    /// One iteration.
    pub body: Graph,
    /// Number of carries.
    pub carries: usize,
    /// Number of sequences.
    pub sequences: usize,
    /// Number of iterations.
    pub length: usize,
    /// From the last element to the first.
    pub reverse: bool,
}

/// Parameters of an op.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attrs {
    /// Most maps.
    None,
    /// `const`: a scalar literal of this element type.
    Const(Real, DType),
    /// `input`
    Input {
        /// Unique name: a weight path, `data.field`, `seed`, `step`.
        name: String,
        /// What it holds.
        role: InputRole,
        /// Its type.
        ty: Ty,
    },
    /// Reductions (sorted, at least one), `flip`.
    Axes(Vec<usize>),
    /// `argmax`, `concat`, `cumsum`, `argsort`, `take_along`: one axis.
    Axis(usize),
    /// `cumsum`, `argsort`: axis and whether it runs backwards.
    Directed {
        /// The axis.
        axis: usize,
        /// From the end, or in descending order.
        reverse: bool,
    },
    /// `permute`: result dim `i` is operand dim `perm[i]`.
    Perm(Vec<usize>),
    /// `reshape`: the new shape.
    Shape(Vec<usize>),
    /// `broadcast`: the new shape; `dims[i]` is the result dim that operand dim `i` becomes
    /// (ascending). There is no implicit broadcasting and no stretching of size-1 dims.
    Broadcast {
        /// The result's shape.
        shape: Vec<usize>,
        /// Where each operand dim goes.
        dims: Vec<usize>,
    },
    /// `slice`: per dim `start`, `stop` (exclusive), `stride`.
    Slice(Vec<(usize, usize, usize)>),
    /// `pad` with zeros: per dim `(low, high, interior)`; the adjoint of `slice`.
    Pad(Vec<(usize, usize, usize)>),
    /// `cast`
    DType(DType),
    /// `iota` along a dim, `eye` (rank 2): the result's type and the dim.
    Iota {
        /// The result's type.
        ty: Ty,
        /// The dim that counts.
        axis: usize,
    },
    /// `contract`
    Contract(ContractSpec),
    /// `conv`, `conv_transpose`, `conv_weight`, `unfold`, `fold`
    Window(Window),
    /// `scatter_add`: rows of the result.
    Rows(usize),
    /// `random`: operands are seed and step, both `i32[]`.
    Noise {
        /// The distribution.
        kind: NoiseKind,
        /// Name of the stream, for instance `q.z#0`.
        stream: String,
        /// The result's shape.
        shape: Vec<usize>,
    },
    /// `mark`: a point that `vjp` differentiates with respect to; the number makes it unique.
    Mark(u32),
    /// `scan`
    Scan(Arc<Scan>),
    /// `get`: which result of a scan, and its type.
    Result {
        /// Its place among the results.
        index: usize,
        /// Its type.
        ty: Ty,
    },
    /// `put_along`: the axis and its extent in the result.
    Along {
        /// The axis.
        axis: usize,
        /// The extent.
        size: usize,
    },
}

impl PartialEq for Scan {
    fn eq(&self, other: &Scan) -> bool {
        let head = |s: &Scan| (s.carries, s.sequences, s.length, s.reverse);
        head(self) == head(other)
            && self.body.outputs == other.body.outputs
            && self.body.len() == other.body.len()
            && self.body.ids().all(|id| self.body.node(id) == other.body.node(id))
    }
}
impl Eq for Scan {}
impl std::hash::Hash for Scan {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.carries, self.sequences, self.length, self.reverse, self.body.len()).hash(state);
    }
}

/// Parameters by what they are. The type rule of a row accepts no others, so a node of that row has
/// them.
macro_rules! parameters {
    ($($name:ident: $pattern:pat => $found:expr, $ty:ty;)*) => {
        impl Attrs {
            $(#[doc = concat!("The `", stringify!($name), "` of an op that has them.")]
            ///
            /// # Panics
            /// If the op has others.
            #[track_caller]
            pub fn $name(&self) -> $ty {
                match self {
                    $pattern => $found,
                    other => panic!(concat!("no ", stringify!($name), ": {:?}"), other),
                }
            })*
        }
    };
}
parameters! {
    axes: Attrs::Axes(axes) => axes, &[usize];
    axis: Attrs::Axis(axis) => *axis, usize;
    directed: Attrs::Directed { axis, reverse } => (*axis, *reverse), (usize, bool);
    along: Attrs::Along { axis, size } => (*axis, *size), (usize, usize);
    perm: Attrs::Perm(perm) => perm, &[usize];
    places: Attrs::Broadcast { dims, .. } => dims, &[usize];
    cuts: Attrs::Slice(cuts) => cuts, &[(usize, usize, usize)];
    pads: Attrs::Pad(pads) => pads, &[(usize, usize, usize)];
    labels: Attrs::Contract(spec) => spec, &ContractSpec;
    window: Attrs::Window(window) => window, &Window;
    body: Attrs::Scan(scan) => scan, &Arc<Scan>;
    counted: Attrs::Iota { axis, .. } => *axis, usize;
}
