//! Vocabulary shared by every stage: places in source text, diagnostics, error codes, noise.
//!
//! Knows no model and no tensor.

pub mod budget;
pub mod codes;
pub mod diag;
pub mod dice;
pub mod nearest;
pub mod noise;
pub mod real;
pub mod span;
pub mod special;
pub mod text;

pub use budget::{Budget, Limit, Over};
pub use codes::Code;
pub use diag::{Diagnostic, Diagnostics, Edit, Label, Severity};
pub use nearest::nearest;
pub use span::{FileId, Library, Source, SourceMap, Span};
