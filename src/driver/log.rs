//! What the stages say. In: source text and what was found in it. Out: the same, for whoever shows
//! it. Nothing is printed here.

use crate::base::{Diagnostic, Diagnostics, SourceMap};

/// Source text that was read so far, and what was found and not shown yet.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// All source text.
    pub sources: SourceMap,
    /// In the order found.
    pub found: Diagnostics,
}

/// A stage ended without a result; an error in the log says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl Log {
    /// Keeps what a stage found. Stops if it holds an error.
    pub fn take(&mut self, found: Diagnostics) -> Result<(), Stopped> {
        let stop = found.has_errors();
        self.found.extend(found);
        if stop { Err(Stopped) } else { Ok(()) }
    }

    /// Keeps one error and stops.
    pub fn fail(&mut self, error: Diagnostic) -> Stopped {
        self.found.push(error);
        Stopped
    }

    /// The value, or a stop with its error kept.
    pub fn check<T>(&mut self, result: Result<T, Diagnostic>) -> Result<T, Stopped> {
        result.map_err(|error| self.fail(error))
    }
}
