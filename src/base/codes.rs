//! The table of error codes: one row per mistake. The explanations are what `rlc explain RL0116`
//! prints and what `docs/reference/errors.md` is generated from.
//!
//! Ranges: RL00xx text and syntax, RL01xx names, types and shapes, RL02xx warnings about the model,
//! RL10xx configuration, RL20xx data, RL30xx checkpoints, RL40xx files, RL50xx run time.

use super::diag::Severity;

/// A row of the table.
#[derive(Debug)]
pub struct CodeRow {
    /// `RL0116`.
    pub name: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One lower-case phrase.
    pub title: &'static str,
    /// Why it is a mistake and what to write instead; Markdown, with an example.
    pub explanation: &'static str,
}

/// A stable error code; compares by name.
#[derive(Clone, Copy)]
pub struct Code(pub &'static CodeRow);

impl Code {
    /// `RL0116`.
    pub fn name(self) -> &'static str {
        self.0.name
    }
    /// The severity of its row.
    pub fn severity(self) -> Severity {
        self.0.severity
    }
    /// The row with this name.
    pub fn find(name: &str) -> Option<Code> {
        CODES.iter().find(|c| c.name() == name).copied()
    }
}
impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.0.name == other.0.name
    }
}
impl Eq for Code {}
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

macro_rules! codes {
    ($($name:ident $severity:ident $title:literal $explanation:literal)*) => {
        $(#[doc = $title] pub const $name: Code = Code(&CodeRow {
            name: stringify!($name),
            severity: Severity::$severity,
            title: $title,
            explanation: $explanation,
        });)*
        /// All rows, in order of their number.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    RL0001 Error "no model in file"
        "The file is empty or holds only comments. `rlc new NAME` writes a small working file."
    RL0101 Error "undefined name"
        "A name is used that no item, `let`, formal or data field declares."
    RL0116 Error "a distribution cannot score these values"
        "The declared support of the value is not the support of the distribution."
}
