//! Where text goes. In: results, notes and diagnostics. Out: stdout for data, stderr for talk.

use super::{exit, render};
use crate::base::text::{visible, visible_json};
use crate::base::{Diagnostic, Diagnostics, Severity};
use crate::driver::{Log, Stopped};
use std::io::{IsTerminal, Write};

/// Why a command ended early; what there is to say stands in [`Output`].
#[derive(Debug)]
pub enum Ended {
    /// Because of the diagnostics.
    Errors,
    /// Because the user asked for it.
    Interrupted,
    /// With this exit code.
    Code(u8),
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Ended {
        Ended::Errors
    }
}

/// The streams of a command, its sources and what it found.
pub struct Output {
    /// Whether to talk in JSON.
    pub json: bool,
    /// Whether to leave out everything but results and errors.
    pub quiet: bool,
    /// All source text read so far, and what was found and not shown yet.
    pub log: Log,
    /// The exit code so far, from diagnostics already shown.
    code: u8,
}

impl Output {
    /// Output in this style.
    pub fn new(json: bool, quiet: bool) -> Output {
        Output { json, quiet, log: Log::default(), code: exit::OK }
    }

    /// Writes lines of a result to stdout. What a terminal would obey is written out.
    pub fn data(&mut self, text: &str) {
        let shown = if self.json { visible_json(text) } else { visible(text, &['\n', '\t']) };
        self.bytes(shown.as_bytes());
    }

    /// Writes bytes to stdout as they are. A closed pipe is not an error: the reader has seen enough.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        let wrote = stdout.write_all(bytes).and_then(|()| stdout.flush());
        if let Err(error) = wrote
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            self.code = exit::FILES;
            self.note(&format!("cannot write the result: {error}"));
        }
    }

    /// Writes a line of talk to stderr. What a terminal would obey is written out, and so are ends of
    /// lines: names may hold anything.
    pub fn note(&self, text: &str) {
        if self.json {
            self.event(&serde_json::json!({ "event": "note", "text": text }));
        } else if !self.quiet {
            writeln!(std::io::stderr().lock(), "{}", visible(text, &[])).ok();
        }
    }

    /// Writes an object of talk to stderr, for `--json`.
    pub fn event(&self, object: &serde_json::Value) {
        if !self.quiet {
            let text = visible_json(&object.to_string());
            writeln!(std::io::stderr().lock(), "{text}").ok();
        }
    }

    /// Keeps what a stage found. Stops if it holds an error.
    pub fn take(&mut self, found: Diagnostics) -> Result<(), Ended> {
        Ok(self.log.take(found)?)
    }

    /// Keeps one error and stops.
    pub fn fail(&mut self, error: Diagnostic) -> Ended {
        self.log.fail(error).into()
    }

    /// The value, or a stop with its error kept.
    pub fn check<T>(&mut self, result: Result<T, Diagnostic>) -> Result<T, Ended> {
        Ok(self.log.check(result)?)
    }

    /// Shows what was found so far.
    pub fn show(&mut self) {
        let found = std::mem::take(&mut self.log.found);
        if self.code == exit::OK {
            self.code = exit::of(&found);
        }
        let mut stderr = std::io::stderr().lock();
        for diagnostic in &found.list {
            if self.quiet && diagnostic.severity != Severity::Error {
                continue;
            }
            let text = if self.json {
                visible_json(&render::json(diagnostic, &self.log.sources))
            } else {
                render::text(diagnostic, &self.log.sources, color())
            };
            writeln!(stderr, "{text}").ok();
        }
    }

    /// Shows what is left and gives the exit code.
    pub fn finish(mut self, result: Result<(), Ended>) -> u8 {
        self.show();
        match result {
            Err(Ended::Interrupted) => exit::INTERRUPTED,
            Err(Ended::Code(code)) => code,
            Err(Ended::Errors) if self.code == exit::OK => exit::SOURCE,
            _ => self.code,
        }
    }
}

/// Whether stderr shows colours.
pub fn color() -> bool {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    unset("NO_COLOR") && std::io::stderr().is_terminal()
}
