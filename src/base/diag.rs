//! Diagnostics as plain data. In: what a stage found. Out: values that `cli` renders as text or JSON.
//!
//! A user's mistake is a value of this type; a mistake of ours is a panic.

use super::{Code, Span, budget};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Compiles, but probably not what was meant.
    Warning,
    /// Does not compile.
    Error,
}

/// A span with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

/// A change of the text that mends a mistake, where it is certain what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// One message: code, lower-case sentence, labelled spans, hints that say what to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Row of the error-code table.
    pub code: Code,
    /// Error, warning or note.
    pub severity: Severity,
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// Where it is; `None` for mistakes without a place in a source file.
    pub primary: Option<Label>,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to type.
    pub help: Vec<String>,
    /// Further facts.
    pub notes: Vec<String>,
    /// The hint as a change of the text, for editors.
    pub edit: Option<Edit>,
}

impl Diagnostic {
    /// A diagnostic of this code, with the severity that its row of the table states.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity(),
            message: short(message.into()),
            primary: None,
            secondary: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            edit: None,
        }
    }

    /// Sets the primary place.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.primary = Some(Label { span, text: short(text.into()) });
        self
    }

    /// Adds a second place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: short(text.into()) });
        self
    }

    /// Adds a hint that says what to type.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(short(text.into()));
        self
    }

    /// A word for the one at a place: the hint that asks whether it was meant, and the change.
    pub fn meant(self, span: Span, word: &str) -> Diagnostic {
        self.help(format!("did you mean `{word}`?")).edit(span, word)
    }

    /// What to write in the place of what the primary label covers.
    pub fn instead(self, text: impl Into<String>) -> Diagnostic {
        match self.primary.as_ref().map(|label| label.span) {
            Some(span) => self.edit(span, text),
            None => self,
        }
    }

    /// The change that mends it.
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.edit = Some(Edit { span, text: text.into() });
        self
    }

    /// What to type: its own hints, or that of its row.
    pub fn hints(&self) -> Vec<&str> {
        let own: Vec<&str> = self.help.iter().map(String::as_str).collect();
        let general = self.code.0.hint;
        if own.is_empty() && !general.is_empty() { vec![general] } else { own }
    }

    /// Adds a fact.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(short(text.into()));
        self
    }
}

/// The most bytes of a sentence: names and lists of names come from files.
const LONGEST: usize = 1_000;

/// A sentence that a message may hold: the rest of a longer one is left out.
fn short(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    format!("{}...", &text[..text.floor_char_boundary(LONGEST)])
}

/// What a stage collected. Errors do not stop collection.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// In the order found.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one, unless the same message stands at the same place already. Of each severity only so
    /// many are kept.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.contains(&diagnostic) {
            return;
        }
        if self.full(diagnostic.severity) {
            return self.cut(diagnostic.severity);
        }
        self.list.push(diagnostic);
    }

    /// Says with the last of a severity that there are more.
    pub fn cut(&mut self, severity: Severity) {
        let last = self.list.iter_mut().rev().find(|d| d.severity == severity);
        let note = "further messages are not shown";
        if let Some(last) = last.filter(|last| !last.notes.iter().any(|n| n.ends_with(note))) {
            last.notes.push(note.into());
        }
    }

    /// Whether there are as many of a severity as are shown.
    pub fn full(&self, severity: Severity) -> bool {
        self.list.iter().filter(|d| d.severity == severity).count() >= budget::MESSAGES.most
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Takes all of another collection.
    pub fn extend(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }
}
