//! `.rl` text to a syntax tree and back. In: text. Out: [`ast::File`] and diagnostics.
//! Knows no types and no ops.

pub mod ast;
