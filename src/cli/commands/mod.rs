//! One file per command. In: its arguments. Out: what it prints.

pub mod check;
pub mod compile;
pub mod data;
pub mod explain;
pub mod fmt;
pub mod new;
pub mod ops;
pub mod shell;
