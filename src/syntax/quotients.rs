//! Comments that read like the right side of a quotient: `dim H = D // 2` is `dim H = D`, and in Python
//! half of it. In: a tree with its comments. Out: a warning for each.

use super::ast::{Comment, File, ItemKind};
use super::lex::{Token, TokenKind, lex};
use crate::base::{Diagnostic, FileId, codes};
use std::collections::HashSet;

/// Looks at the comments that stand behind code.
pub fn quotients(file: &File) -> Vec<Diagnostic> {
    let mut known: Option<HashSet<&str>> = None;
    let behind = file.comments.iter().filter(|comment| comment.trailing);
    let wrong = behind.filter(|comment| {
        let known = known.get_or_insert_with(|| numbers(file));
        is_operand(&comment.text["//".len()..], known)
    });
    wrong.map(warning).collect()
}

fn warning(comment: &Comment) -> Diagnostic {
    Diagnostic::new(codes::RL0215, format!("`{}` is a comment", comment.text))
        .at(comment.span, "not read")
        .help("a quotient is written `/`; of dims it must be exact, and `int(n / 2)` cuts off")
}

/// Names of the file that stand for numbers.
fn numbers(file: &File) -> HashSet<&str> {
    let mut names = HashSet::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Dim(list) => names.extend(list.iter().map(|(name, _)| name.name.as_str())),
            ItemKind::Config { name, .. } | ItemKind::Const { name, .. } => {
                names.insert(name.name.as_str());
            }
            _ => {}
        }
    }
    names
}

/// Whether a text is a number or a name of one, with or without more of a formula behind it.
fn is_operand(text: &str, known: &HashSet<&str>) -> bool {
    let lexed = lex(FileId(0), text, 0);
    let word = |token: &Token| &text[token.start..token.end];
    let fits = |(at, token): (usize, &Token)| match token.kind {
        TokenKind::Number => at % 2 == 0,
        TokenKind::Word => at % 2 == 0 && known.contains(word(token)),
        TokenKind::Sign => at % 2 == 1 && ["+", "-", "*", "/", "%", "^"].contains(&word(token)),
        TokenKind::Str => false,
    };
    let brackets = [")", "]", ","];
    let operands: Vec<Token> =
        lexed.tokens.into_iter().filter(|token| !brackets.contains(&word(token))).collect();
    let plain = lexed.comments.is_empty() && lexed.errors.last.is_none();
    plain && operands.len() % 2 == 1 && operands.iter().enumerate().all(fits)
}
