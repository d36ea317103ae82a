//! The driver of the front end. In: text. Out: tree and diagnostics. Each item is parsed on its own,
//! so that every broken item gives its own message.

use super::ast::File;
use super::build::Builder;
use super::grammar::{Grammar, Rule};
use super::lex::{Token, lex};
use super::outline::outline;
use super::slips;
use crate::base::{Diagnostic, Diagnostics, FileId, Span, budget, codes};
use pest::Parser;
use std::num::NonZeroUsize;
use std::ops::Range;

/// The largest source text in bytes.
pub const MAX_BYTES: usize = budget::FILE_BYTES.most;

/// The most errors of one run; the rest is not shown.
pub const MAX_ERRORS: usize = budget::MESSAGES.most;

/// Ceiling of pest's work on one item, over three times what a text of the largest size needs.
const CALL_LIMIT: usize = 64_000_000;

/// Bytes of a file to text; a byte order mark at the start is dropped.
///
/// # Errors
/// RL0002 with the place of the first byte that is not UTF-8, RL0007 if the file is too large.
pub fn decode(bytes: &[u8]) -> Result<String, Diagnostic> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("not UTF-8 at byte {}", error.valid_up_to());
        Diagnostic::new(codes::RL0002, message).help("save the file as UTF-8 text")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_string())
}

fn too_large() -> Diagnostic {
    budget::FILE_BYTES.passed(codes::RL0007)
}

/// Parses a text. The tree holds every item that could be read; with an error among the
/// diagnostics it is incomplete and fit for messages only.
pub fn parse(id: FileId, text: &str) -> (File, Diagnostics) {
    parse_from(id, text, 0)
}

/// Parses what stands in a text from the start of one of its lines on.
pub fn parse_from(id: FileId, text: &str, from: usize) -> (File, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    if text.len() > MAX_BYTES {
        diagnostics.push(too_large());
        return (File { id, ..File::default() }, diagnostics);
    }
    pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT));
    let lexed = lex(id, text, from);
    let outline = outline(id, text, &lexed.tokens);
    let mut builder = Builder::new(id, &lexed.tokens);
    let (letters, brackets) = (lexed.errors, outline.errors);
    let mut errors: Vec<Diagnostic> = letters.first.into_iter().chain(brackets.first).collect();
    errors.sort_by_key(place);
    let mut known: Vec<u32> = errors.iter().filter_map(place).collect();
    let more = letters.more.len() + brackets.more.len();
    known.extend(letters.more.into_iter().chain(brackets.more));
    known.sort_unstable();
    if !outline.too_deep {
        for item in outline.items {
            let tokens = &lexed.tokens[item.clone()];
            let last = errors.last().and_then(place);
            if tokens.is_empty() || touched(tokens, &known) || touched(tokens, last.as_slice()) {
                continue;
            }
            if let Err(error) = parse_item(&mut builder, text, &lexed.tokens, item) {
                errors.push(error);
            }
        }
    }
    errors.extend(builder.overflow().map(|(span, limit)| over_limit(span, limit)));
    let Builder { mut file, diagnostics: found, .. } = builder;
    errors.extend(found.list);
    if file.items.is_empty() && errors.is_empty() {
        let help = "`rlc new NAME` writes a small working file";
        errors.push(Diagnostic::new(codes::RL0001, "no model in file").help(help));
    }
    file.comments = lexed.comments;
    errors.sort_by_key(|d| place(d).unwrap_or(0));
    cap(&mut diagnostics, errors, more);
    (file, diagnostics)
}

/// Where a message points.
fn place(diagnostic: &Diagnostic) -> Option<u32> {
    diagnostic.primary.as_ref().map(|label| label.span.start)
}

/// Whether fault has been found with this item already, so that the grammar need not. `known` holds the
/// places in order: a file of a million bytes may have as many mistakes as items.
fn touched(tokens: &[Token], known: &[u32]) -> bool {
    let (start, end) = (tokens[0].start as u32, tokens[tokens.len() - 1].end as u32);
    known.get(known.partition_point(|at| *at < start)).is_some_and(|at| *at <= end)
}

fn parse_item(
    builder: &mut Builder<'_>,
    text: &str,
    tokens: &[Token],
    item: Range<usize>,
) -> Result<(), Diagnostic> {
    let (start, end) = (tokens[item.start].start, tokens[item.end - 1].end);
    match Grammar::parse(Rule::one_item, &text[start..end]) {
        Ok(mut pairs) => {
            let found = pairs.next().and_then(|whole| whole.into_inner().next());
            let Some(pair) = found else { unreachable!("one_item holds an item") };
            builder.add_item(pair, start);
            Ok(())
        }
        Err(error) => Err(slips::explain(builder.file.id, text, &tokens[item], start, &error)),
    }
}

fn over_limit(span: Span, limit: &str) -> Diagnostic {
    if limit == "nodes" {
        budget::FILE_PARTS.passed(codes::RL0006).at(span, "the limit is passed here")
    } else {
        budget::OPERATORS.passed(codes::RL0006).at(span, "")
    }
}

/// Hands on as many as are shown; there are `more` that nobody keeps.
fn cap(diagnostics: &mut Diagnostics, errors: Vec<Diagnostic>, more: usize) {
    let total = errors.len() + more;
    for diagnostic in errors.into_iter().take(MAX_ERRORS) {
        diagnostics.push(diagnostic);
    }
    if let Some(last) = diagnostics.list.last_mut()
        && total > MAX_ERRORS
    {
        last.notes.push(format!("{} further messages are not shown", total - MAX_ERRORS));
    }
}
