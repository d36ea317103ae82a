//! What went wrong, in the user's words. In: the tokens of an item and the place where the grammar
//! stopped. Out: one diagnostic. Names of grammar rules never appear in it.
//!
//! `known` holds the slips that people make, each with what to type instead; what none of them
//! recognizes is told as what was expected and what was found (`wants`).

mod forms;
mod known;
mod openings;
mod wants;

pub use openings::is_keyword;

use super::grammar::Rule;
use super::lex::{Token, TokenKind, clip};
use crate::base::{Code, Diagnostic, FileId, Span, codes};
use pest::error::{Error, ErrorVariant, InputLocation};

/// Explains why an item does not parse.
pub(super) fn explain(
    file: FileId,
    text: &str,
    tokens: &[Token],
    base: usize,
    error: &Error<Rule>,
) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => base + at,
    };
    let at = tokens.iter().position(|t| t.start >= offset).unwrap_or(tokens.len());
    let rules = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        // The ceiling of the parser's work: no text that passed the earlier limits comes near it.
        ErrorVariant::CustomError { .. } => {
            let stop = Halt { file, text, tokens, at: 0, rules: &[] };
            return stop
                .error(codes::RL0006, "this declaration is too tangled to read")
                .help("split it into smaller ones");
        }
    };
    let stop = Halt { file, text, tokens, at, rules };
    openings::explain(&stop).or_else(|| known::explain(&stop)).unwrap_or_else(|| stop.mismatch())
}

/// Where the grammar stopped.
struct Halt<'a> {
    file: FileId,
    text: &'a str,
    /// The tokens of the item.
    tokens: &'a [Token],
    /// The first token that does not fit; past the last one at the end of the item.
    at: usize,
    /// What the grammar tried there.
    rules: &'a [Rule],
}

impl<'a> Halt<'a> {
    /// The text of a token counted from the stop; empty outside the item.
    fn word(&self, offset: isize) -> &'a str {
        self.token(offset).map_or("", |t| &self.text[t.start..t.end])
    }

    fn token(&self, offset: isize) -> Option<Token> {
        self.at.checked_add_signed(offset).and_then(|i| self.tokens.get(i)).copied()
    }

    /// The token as shown in a message.
    fn shown(&self, offset: isize) -> String {
        clip(self.word(offset))
    }

    /// The word that opens the item.
    fn item_word(&self) -> &'a str {
        self.tokens.first().map_or("", |t| &self.text[t.start..t.end])
    }

    fn at_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    fn wants(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    /// Whether an expression is complete here and could go on.
    fn after_value(&self) -> bool {
        self.wants(Rule::op_add)
    }

    /// Whether an expression must start here.
    fn wants_value(&self) -> bool {
        self.wants(Rule::expr) || self.wants(Rule::k_log)
    }

    /// Whether a statement may start here.
    fn wants_statement(&self) -> bool {
        self.wants(Rule::k_let)
    }

    fn is_word(&self, offset: isize) -> bool {
        self.token(offset).is_some_and(|t| t.kind == TokenKind::Word)
    }

    /// The span from one token to another, counted from the stop.
    fn span(&self, from: isize, to: isize) -> Span {
        let last = self.tokens.len() as isize - 1;
        let index = |offset: isize| (self.at as isize + offset).clamp(0, last) as usize;
        let (from, to) = (self.tokens[index(from)], self.tokens[index(to)]);
        Span::new(self.file, from.start, to.end)
    }

    fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(self.span(0, 0), "")
    }

    fn slip(&self, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        self.error(codes::RL0014, message).help(help)
    }

    /// Expected and found, and how the part that it happened in is written.
    fn mismatch(&self) -> Diagnostic {
        let wanted = wants::phrase(self.rules);
        let diagnostic = if self.at_end() {
            let message = format!("{wanted} is missing after `{}`", self.shown(-1));
            Diagnostic::new(codes::RL0014, message).at(self.span(-1, -1), "")
        } else {
            let message = format!("`{}` does not fit here", self.shown(0));
            Diagnostic::new(codes::RL0014, message)
                .at(self.span(0, 0), format!("expected {wanted}"))
        };
        match forms::around(self) {
            Some(form) => diagnostic.help(form),
            None => diagnostic,
        }
    }
}
