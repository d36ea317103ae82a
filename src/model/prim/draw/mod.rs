//! What is asked of densities that are known up to a constant.

pub mod chain;
pub mod energy;
