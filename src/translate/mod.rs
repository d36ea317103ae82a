//! Objectives to graphs. In: a typed model without probability. Out: a [`program::Program`]: one
//! graph per phase, with the batch axis explicit. Knows no devices and no files.

pub mod program;

pub use crate::objective::Facts;
