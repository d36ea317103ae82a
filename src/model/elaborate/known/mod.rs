//! What the structure of an expression proves of its values: bounds of whole numbers, signs of reals.

mod range;
pub mod sign;
mod table;
