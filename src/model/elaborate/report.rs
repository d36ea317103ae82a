//! What is said, and what may be spent. In: a mistake and its place, or work to be done. Out: a diagnostic
//! at the place to blame, and the end of the item that it stands in.

use super::{Elab, Res, Stop};
use crate::base::{Code, Diagnostic, Limit, Severity, Span, budget, codes};

impl<'a> Elab<'a> {
    /// The place to blame: in the user's files, the nearest call if the span is in the prelude.
    pub fn place(&self, span: Span) -> Span {
        if !self.names.sources.is_prelude(span.file) {
            return span;
        }
        let own = self.here.calls.iter().rev().find(|s| !self.names.sources.is_prelude(s.file));
        own.copied().unwrap_or(span)
    }

    pub fn error(
        &self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place(span), label)
    }

    /// Reports and gives up.
    pub fn stop<T>(&mut self, diagnostic: Diagnostic) -> Res<T> {
        self.diags.push(diagnostic);
        Err(Stop)
    }

    /// Reports with a hint and gives up.
    pub fn fail<T>(&mut self, code: Code, message: String, span: Span, help: &str) -> Res<T> {
        debug_assert!(!help.is_empty(), "no hint with `{message}`");
        let diagnostic = self.error(code, message, span, "").help(help);
        self.stop(diagnostic)
    }

    /// Reports that an argument goes by another keyword, and gives up.
    pub fn other_keyword<T>(
        &mut self,
        message: String,
        argument: Span,
        wrong: &str,
        near: &str,
    ) -> Res<T> {
        let error = self.error(codes::RL0104, message, argument, "");
        let error = match self.keyword_before(argument, wrong) {
            Some(word) => error.meant(word, near),
            None => error.help(format!("did you mean `{near}`?")),
        };
        self.stop(error)
    }

    /// The keyword that stands before an argument, with `=` between them, in the user's files.
    fn keyword_before(&self, argument: Span, word: &str) -> Option<Span> {
        let sources = self.names.sources;
        if sources.is_prelude(argument.file) {
            return None;
        }
        let text = sources.file(argument.file).text.get(..argument.start as usize)?;
        let before = text.trim_end().strip_suffix('=')?.trim_end();
        let start = before.len().checked_sub(word.len())?;
        before.ends_with(word).then(|| Span::new(argument.file, start, before.len()))
    }

    /// Tries something. Where what it gives does not hold, nothing was said and no name has failed.
    pub fn guess<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> T,
        holds: impl FnOnce(&T) -> bool,
    ) -> T {
        let (diags, failed) = (self.diags.clone(), self.names.failed.len());
        let result = run(self);
        if !holds(&result) {
            self.diags = diags;
            self.names.failed.truncate(failed);
        }
        result
    }

    // ---- the budget ----

    /// The place that work is charged to: the nearest call in the user's files.
    pub fn spender(&self, span: Span) -> Span {
        let own = self.here.calls.iter().rev().find(|s| !self.names.sources.is_prelude(s.file));
        own.copied().unwrap_or(span)
    }

    /// Spends, and gives up where nothing is left.
    pub fn spend(&mut self, limit: &'static Limit, n: usize, span: Span) -> Res<()> {
        let place = self.spender(span);
        self.m.budget.spend(limit, n, place);
        self.checked(place)
    }

    /// Refuses a single thing that is larger than the limit.
    pub fn allow(&mut self, limit: &'static Limit, n: usize, span: Span) -> Res<()> {
        self.m.budget.allow(limit, n, self.place(span));
        self.checked(span)
    }

    /// Gives up where nothing is left to spend, or as many mistakes were found as are shown.
    pub fn checked(&mut self, span: Span) -> Res<()> {
        if let Some(over) = self.m.budget.over() {
            let error = over.clone().or_at(span).diagnostic(|span| self.place(span));
            // It is told once, at the first place where nothing was left.
            let told = self.diags.list.iter().any(|d| d.message == error.message);
            return if told { Err(Stop) } else { self.stop(error) };
        }
        let many = self.diags.list.len() >= budget::MESSAGES.most;
        if !(many && self.diags.full(Severity::Error)) {
            return Ok(());
        }
        self.diags.cut(Severity::Error);
        Err(Stop)
    }
}
