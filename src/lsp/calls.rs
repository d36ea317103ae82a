//! The brackets around a place, on tokens alone: a text that is being written seldom parses. In: a byte. Out: what
//! is open there, and of a call what is called and which argument is being written.

use super::documents::Document;
use crate::syntax::{Token, TokenKind, is_keyword, items};
use std::ops::Range;

/// A call that is being written.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub callee: Token,
    /// The number of the argument.
    pub argument: usize,
    /// Its keyword, if it has one.
    pub keyword: Option<String>,
    /// Whether a data source is called.
    pub in_source: bool,
}

/// The tokens before a byte, without the word that ends there.
pub fn before(doc: &Document, at: usize) -> &[Token] {
    let tokens = doc.tokens();
    let count = tokens.partition_point(|token| token.end < at || (token.end == at && !open(token)));
    &tokens[..count]
}

/// Whether a token may go on where it ends.
fn open(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::Number)
}

/// The tokens of the item that a run of tokens ends in.
pub fn item(doc: &Document, count: usize) -> Range<usize> {
    let all = items(&doc.text, doc.tokens());
    let found = all.into_iter().rev().find(|item| item.start < count);
    found.map_or(0..count, |item| item.start..count)
}

/// The brackets of an item that are open behind its last token, outermost first.
pub fn brackets(doc: &Document, item: &[Token]) -> Vec<usize> {
    let mut open = Vec::new();
    for (at, token) in item.iter().enumerate() {
        match doc.word(*token) {
            "(" | "[" | "{" => open.push(at),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// The innermost call around a byte.
pub fn call_at(doc: &Document, at: usize) -> Option<Call> {
    let all = before(doc, at);
    let item = &all[item(doc, all.len())];
    for open in brackets(doc, item).into_iter().rev() {
        match doc.word(item[open]) {
            "{" => return None,
            "[" => continue,
            _ => {}
        }
        let callee = *item[..open].last()?;
        if callee.kind == TokenKind::Word && !is_keyword(doc.word(callee)) {
            return Some(call(doc, item, open, callee));
        }
    }
    None
}

fn call(doc: &Document, item: &[Token], open: usize, callee: Token) -> Call {
    let (mut depth, mut argument, mut start) = (0, 0, open + 1);
    for (at, token) in item.iter().enumerate().skip(open + 1) {
        match doc.word(*token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," | "|" if depth == 0 => {
                argument += 1;
                start = at + 1;
            }
            _ => {}
        }
    }
    let keyword = match item.get(start..start + 2) {
        Some([word, sign]) if doc.word(*sign) == "=" => Some(doc.word(*word).to_string()),
        _ => None,
    };
    Call { callee, argument, keyword, in_source: in_source(doc, item, open) }
}

/// Whether a bracket of a `data` item stands behind `from` and before the fields.
pub fn in_source(doc: &Document, item: &[Token], open: usize) -> bool {
    let words: Vec<&str> = item[..open].iter().map(|token| doc.word(*token)).collect();
    words.first() == Some(&"data") && words.contains(&"from") && !words.contains(&"{")
}
