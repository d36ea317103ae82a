//! What went wrong, in the user's words. In: the tokens of an item and the place where the grammar
//! stopped. Out: one diagnostic. Names of grammar rules never appear in it.

use super::grammar::Rule;
use super::lex::{Token, clip};
use crate::base::{Diagnostic, FileId, Span, codes};
use pest::error::{Error, InputLocation};

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
    let at = tokens.iter().position(|t| t.start >= offset);
    let token = at.map_or(tokens[tokens.len() - 1], |i| tokens[i]);
    let word = clip(&text[token.start..token.end]);
    Diagnostic::new(codes::RL0014, format!("unexpected `{word}`"))
        .at(Span::new(file, token.start, token.end), "")
}
