//! Elementwise ops: all operands have one shape, which is the result's.

mod rows;
mod slopes;
pub mod terms;
mod types;
mod values;

pub use rows::*;
pub use values::{product, remainder};
