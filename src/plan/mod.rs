//! Graph to fused kernels, buffers and a bill. In: a graph without derivative nodes. Out: a
//! [`Plan`], plain data that can be written to disk and that an executor runs as it is. Runs nothing.
//!
//! All element types take one word of four bytes; truth values are the reals 0 and 1. Offsets,
//! lengths and strides count words.

mod bill;
mod cluster;
mod code;
mod contract;
mod ends;
mod fuse;
mod guard;
mod index;
mod kernel;
mod lower;
mod memory;
mod print;
mod simplify;
#[cfg(test)]
mod tests;
mod verify;
mod views;

pub use crate::graph::op::{ConvKind, How};
pub use bill::{bill, cost};
pub use code::{Code, Word};
pub use guard::{Around, beyond, guard};
pub use index::PARTS;
pub use kernel::*;
pub use memory::{LINE, lifetimes, pack};
pub use verify::verify;

use crate::graph::{DType, Graph};
use serde::{Deserialize, Serialize};

/// Plans a graph.
pub fn plan(graph: &Graph) -> Plan {
    lower::lower(&simplify::simplify(graph), lower::Ends::Slots)
}

/// What an executor runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Everything that kernels read and write.
    pub buffers: Vec<Buffer>,
    /// Words of the arena.
    pub arena: usize,
    /// In the order of execution.
    pub kernels: Vec<Kernel>,
    /// What can be read after a run.
    pub outputs: Vec<Output>,
    /// What it costs.
    pub bill: Bill,
}

/// Index into [`Plan::buffers`].
pub type BufferId = usize;

/// A contiguous row-major block of words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Buffer {
    /// How its words are read.
    pub elem: Elem,
    /// The dims.
    pub shape: Vec<usize>,
    /// Where it lives.
    pub place: Place,
}

impl Buffer {
    /// Number of words.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Element types of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Elem {
    /// A real.
    F32,
    /// An integer.
    I32,
    /// A truth value: the real 0 or 1.
    Bool,
}

impl From<DType> for Elem {
    fn from(dtype: DType) -> Elem {
        match dtype {
            DType::F32 => Elem::F32,
            DType::I32 => Elem::I32,
            DType::Bool => Elem::Bool,
        }
    }
}

/// Where a buffer lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// In the arena, from this word on.
    Arena(usize),
    /// The slot with this path.
    Slot(String),
    /// The input with this name.
    Input(String),
    /// A result of a loop's body; the loop says where it goes.
    Result(usize),
}

/// A named result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Where it is after the run.
    pub buffer: BufferId,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    /// What it computes, for people.
    pub label: String,
    /// What it does.
    pub work: Work,
}

/// What one run costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// Bytes of slots, inputs and arena together.
    pub peak_bytes: usize,
    /// Bytes of the arena alone.
    pub arena_bytes: usize,
    /// Bytes of the slots alone.
    pub slot_bytes: usize,
    /// Floating-point operations of products and convolutions: two per multiply-add.
    pub flops: u64,
    /// Elementwise operations.
    pub elementwise: u64,
    /// Bytes that kernels read and write.
    pub bytes_moved: u64,
    /// Number of kernels that run.
    pub kernels: usize,
}
