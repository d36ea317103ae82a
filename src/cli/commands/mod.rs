//! One file per command. In: its arguments. Out: what it prints.

pub mod bench;
pub mod check;
pub mod compile;
pub mod data;
pub mod devices;
pub mod encode;
pub mod explain;
pub mod export;
pub mod fmt;
pub mod lsp;
pub mod new;
pub mod ops;
pub mod report;
pub mod run;
pub mod shell;
pub mod tune;
