//! The forms of kernels, plain data. In: nothing. Out: what the planner writes and executors read.

use super::{BufferId, Code, Plan};
use crate::graph::NoiseKind;
use crate::graph::op::{ConvKind, How};
use serde::{Deserialize, Serialize};

/// The forms of kernels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// A register program over an index space.
    Loop(Loop),
    /// Products of matrices.
    Gemm(Gemm),
    /// Convolutions and their adjoints.
    Conv(Conv),
    /// By computed indices.
    Index(Index),
    /// A loop over time.
    Scan(Box<ScanWork>),
}

/// Elements of a buffer under an index space: element `i` stands at `offset + strides . i`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct View {
    /// The buffer.
    pub buffer: BufferId,
    /// Place of the first element.
    pub offset: isize,
    /// One per dim of the index space.
    pub strides: Vec<isize>,
}

/// Index of a register: the loads come first, then one per instruction.
pub type Reg = usize;

/// A register program applied to every point of an index space, results stored or folded.
///
/// If there are folds, the dims are: kept dims, folded dims, and then, if `columns`, one kept dim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// The index space.
    pub shape: Vec<usize>,
    /// Number of kept dims before the folded ones.
    pub outer: usize,
    /// Whether the last dim is kept while the ones before are folded.
    pub columns: bool,
    /// Parts into which the folded points are split; each part is folded by itself.
    pub splits: usize,
    /// The first registers.
    pub loads: Vec<Load>,
    /// The program.
    pub code: Vec<Instr>,
    /// What is written.
    pub stores: Vec<Store>,
    /// What is folded.
    pub folds: Vec<Fold>,
}

/// Where a register comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Load {
    /// Memory.
    View(View),
    /// The bits of a literal.
    Const(u32),
    /// An affine function of the index, as an integer.
    Count {
        /// At index zero.
        offset: isize,
        /// Per dim.
        strides: Vec<isize>,
    },
    /// Noise; the affine function gives the number of the element.
    Noise {
        /// Which one.
        kind: NoiseKind,
        /// Key of the stream.
        stream: u32,
        /// The seed.
        seed: BufferId,
        /// The step.
        step: BufferId,
        /// Element at index zero.
        offset: isize,
        /// Per dim.
        strides: Vec<isize>,
    },
    /// In the epilogue of a product: the product.
    Product,
}

/// One operation on registers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instr {
    /// The operation.
    pub op: Code,
    /// Its operands.
    pub args: Vec<Reg>,
}

/// A register written to memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Store {
    /// The register.
    pub reg: Reg,
    /// Where to.
    pub to: View,
}

/// A register folded over the folded dims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// The register.
    pub reg: Reg,
    /// How.
    pub how: How,
    /// Whether the elements are integers.
    pub integer: bool,
    /// Where to; strides of folded dims are 0.
    pub to: View,
    /// One value per part, if there are several parts: `[parts, points of the result]`.
    pub parts: Option<BufferId>,
}

/// An operand or the result of a product: one stride per loop, and of rows and columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The buffer.
    pub buffer: BufferId,
    /// Place of the first element.
    pub offset: isize,
    /// One per outer loop.
    pub outer: Vec<isize>,
    /// Step to the next row.
    pub row: isize,
    /// Step to the next column.
    pub col: isize,
}

/// `to = a b`, `a: [m, k]`, `b: [k, n]`, for every point of `outer`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gemm {
    /// Extents of the outer loops.
    pub outer: Vec<usize>,
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// Terms of each sum.
    pub k: usize,
    /// The left operand.
    pub a: Matrix,
    /// The right operand.
    pub b: Matrix,
    /// The result, unless only the epilogue reads it.
    pub to: Option<Matrix>,
    /// Runs on each block of the product while it is in cache; its index space is
    /// `outer.., m, n`.
    pub epilogue: Option<Loop>,
}

/// A convolution: `x: [n, c, input..]`, filters `[o, c / groups, size..]`, sums `[n, o, output..]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Which product.
    pub kind: ConvKind,
    /// Images.
    pub n: usize,
    /// Channels of `x`.
    pub c: usize,
    /// Filters.
    pub o: usize,
    /// Groups.
    pub groups: usize,
    /// Spatial extent of `x`.
    pub input: Vec<usize>,
    /// Spatial extent of the sums.
    pub output: Vec<usize>,
    /// Extent of a filter.
    pub size: Vec<usize>,
    /// Step between windows.
    pub stride: Vec<usize>,
    /// Step within a window.
    pub dilation: Vec<usize>,
    /// Zeros before.
    pub pad: Vec<usize>,
    /// First operand.
    pub a: BufferId,
    /// Second operand; the first again for windows.
    pub b: BufferId,
    /// The result.
    pub to: BufferId,
    /// For `Filter`: one partial sum per part of the images, `[parts, filters]`.
    pub parts: Option<BufferId>,
}

/// Kernels by computed indices. Operands are contiguous. `outer`, `extent`, `inner` are the extents
/// before, at and after the axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Index {
    /// `to[i, :] = table[index[i], :]`
    Gather {
        table: BufferId,
        index: BufferId,
        to: BufferId,
        rows: usize,
        count: usize,
        width: usize,
    },
    /// `to = 0; to[index[i], :] += from[i, :]`
    ScatterAdd {
        index: BufferId,
        from: BufferId,
        to: BufferId,
        rows: usize,
        count: usize,
        width: usize,
    },
    /// `to = table; to[index[i], :] = from[i, :]`, no row twice; the table may be the result.
    PutRows {
        table: BufferId,
        index: BufferId,
        from: BufferId,
        to: BufferId,
        rows: usize,
        count: usize,
        width: usize,
    },
    /// `to[i]` is the first `j` with `index[j] == index[i]`.
    Firsts { index: BufferId, to: BufferId, count: usize },
    /// `to[o, j, i] = from[o, index[o, j, i], i]`
    TakeAlong {
        from: BufferId,
        index: BufferId,
        to: BufferId,
        outer: usize,
        extent: usize,
        picks: usize,
        inner: usize,
    },
    /// `to = 0; to[o, index[o, j, i], i] += from[o, j, i]`
    PutAlong {
        from: BufferId,
        index: BufferId,
        to: BufferId,
        outer: usize,
        extent: usize,
        picks: usize,
        inner: usize,
    },
    /// Running sums.
    CumSum {
        from: BufferId,
        to: BufferId,
        outer: usize,
        extent: usize,
        inner: usize,
        reverse: bool,
    },
    /// The stable order.
    ArgSort {
        from: BufferId,
        to: BufferId,
        outer: usize,
        extent: usize,
        inner: usize,
        reverse: bool,
    },
    /// The first of the largest.
    ArgMax { from: BufferId, to: BufferId, outer: usize, extent: usize, inner: usize },
}

/// A loop over time. The body's inputs are `c0.., x0.., k0.., t`; its results `Place::Result`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanWork {
    /// One iteration.
    pub body: Plan,
    /// Its arena inside ours.
    pub workspace: BufferId,
    /// Number of iterations.
    pub length: usize,
    /// From the last to the first.
    pub reverse: bool,
    /// Initial carries.
    pub carries: Vec<BufferId>,
    /// A second buffer for each carry.
    pub spares: Vec<BufferId>,
    /// Sequences.
    pub sequences: Vec<BufferId>,
    /// Constants.
    pub constants: Vec<BufferId>,
    /// Final carries, then stacked values.
    pub results: Vec<BufferId>,
}
