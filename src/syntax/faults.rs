//! What is wrong with a text, where there may be as many mistakes as characters. In: messages. Out: the
//! first of them as they are, of the others their places alone.

use super::parse::MAX_ERRORS;
use crate::base::Diagnostic;

/// Mistakes in the order found.
#[derive(Default)]
pub(super) struct Faults {
    /// As many as are shown.
    pub first: Vec<Diagnostic>,
    /// Where the others are.
    pub more: Vec<u32>,
    /// Where the last one is.
    pub last: Option<u32>,
}

impl Faults {
    /// Takes one in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.primary.as_ref().map_or(0, |label| label.span.start);
        self.last = Some(place);
        if self.first.len() < MAX_ERRORS {
            self.first.push(diagnostic);
        } else {
            self.more.push(place);
        }
    }
}
