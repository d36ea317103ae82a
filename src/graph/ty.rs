//! Types of graph values: an element type and a shape of plain integers. No symbolic dims: every
//! dim is known after the configuration is read.

use serde::{Deserialize, Serialize};

/// Element types. `F32` is run in f64 by the reference interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DType {
    /// Reals (and bits, as 0 and 1).
    F32,
    /// Integers: indices, counters.
    I32,
    /// Truth values.
    Bool,
}

/// Element type and shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ty {
    /// The element type.
    pub dtype: DType,
    /// The dims; empty for a scalar.
    pub shape: Vec<usize>,
}

impl Ty {
    /// A type.
    pub fn new(dtype: DType, shape: impl Into<Vec<usize>>) -> Ty {
        Ty { dtype, shape: shape.into() }
    }
    /// Reals of this shape.
    pub fn f32(shape: impl Into<Vec<usize>>) -> Ty {
        Ty::new(DType::F32, shape)
    }
    /// Integers of this shape.
    pub fn i32(shape: impl Into<Vec<usize>>) -> Ty {
        Ty::new(DType::I32, shape)
    }
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().fold(1, |n, dim| n.saturating_mul(*dim))
    }
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Number of dims.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }
}

impl std::fmt::Display for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.dtype {
            DType::F32 => "f32",
            DType::I32 => "i32",
            DType::Bool => "bool",
        })?;
        let dims: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        write!(f, "[{}]", dims.join(","))
    }
}
