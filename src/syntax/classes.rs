//! Words of a text by what the grammar takes them for, for colours. In: a text. Out: the class of each token
//! and comment, in order. An item that does not parse is looked at word by word.

use super::grammar::{Grammar, Rule};
use super::lex::{Token, TokenKind, lex};
use super::outline::outline;
use super::slips::is_keyword;
use crate::base::FileId;
use pest::Parser;
use std::collections::BTreeMap;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A word of the language, also one that is a name elsewhere.
    Keyword,
    /// An element type.
    Type,
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// A comment.
    Comment,
    /// A member, or the keyword of an argument.
    Label,
    /// A name.
    Name,
}

/// The classes of a text, by first and last byte.
pub fn classes(text: &str) -> Vec<(usize, usize, Class)> {
    let lexed = lex(FileId(0), text, 0);
    let outline = outline(FileId(0), text, &lexed.tokens);
    let mut known = BTreeMap::new();
    if !outline.too_deep {
        for item in outline.items.into_iter().filter(|item| !item.is_empty()) {
            let (first, last) = (lexed.tokens[item.start], lexed.tokens[item.end - 1]);
            parsed(&text[first.start..last.end], first.start, &mut known);
        }
    }
    let plain = lexed.tokens.iter().filter_map(|token| {
        let class = known.get(&token.start).copied().or_else(|| alone(text, token));
        class.map(|class| (token.start, token.end, class))
    });
    let comments = lexed
        .comments
        .iter()
        .map(|comment| (comment.span.start as usize, comment.span.end as usize, Class::Comment));
    let mut all: Vec<(usize, usize, Class)> = plain.chain(comments).collect();
    all.sort_unstable_by_key(|(start, ..)| *start);
    all
}

/// Notes the classes of the words of an item, if it parses.
fn parsed(item: &str, base: usize, known: &mut BTreeMap<usize, Class>) {
    let Ok(pairs) = Grammar::parse(Rule::one_item, item) else { return };
    for pair in pairs.flatten() {
        if let Some(class) = class(pair.as_rule()) {
            known.insert(base + pair.as_span().start(), class);
        }
    }
}

fn class(rule: Rule) -> Option<Class> {
    use Rule::*;
    Some(match rule {
        ident => Class::Name,
        label => Class::Label,
        primitive | k_idx => Class::Type,
        boolean | role | kind | phase_kind | goal | invert | op_or | op_and => Class::Keyword,
        k_use | k_dim | k_const | k_config | k_data | k_param | k_state | k_model | k_loss
        | k_let | k_return | k_factor | k_repeat | k_track | k_report | k_emit | k_if | k_then
        | k_else | k_distribution | k_divergence | k_from | k_on | k_batch | k_epochs | k_steps
        | k_count | k_until | k_stalls | k_prune | k_below | k_over | k_with | k_as | k_in
        | k_log | k_chain | k_scan | k_expect => Class::Keyword,
        _ => return None,
    })
}

/// The class of a token that the grammar says nothing of.
fn alone(text: &str, token: &Token) -> Option<Class> {
    match token.kind {
        TokenKind::Number => Some(Class::Number),
        TokenKind::Str => Some(Class::Text),
        TokenKind::Word if is_keyword(&text[token.start..token.end]) => Some(Class::Keyword),
        // `idx` of a type is no pair of its own.
        TokenKind::Word if &text[token.start..token.end] == "idx" => Some(Class::Type),
        TokenKind::Word => Some(Class::Name),
        TokenKind::Sign => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let word =
            |(start, end, class): (usize, usize, Class)| format!("{} {class:?}", &text[start..end]);
        classes(text).into_iter().map(word).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn words_have_the_meaning_of_their_place() {
        let text = "encoder batch(x: idx(4)) -> f32 = log(x.batch) // on";
        let wanted = "encoder Keyword, batch Name, x Name, idx Type, 4 Number, f32 Type, log Name, \
                      x Name, batch Label, // on Comment";
        assert_eq!(shown(text), wanted);
    }

    #[test]
    fn broken_items_have_words() {
        let wanted = "loss Keyword, a Name, if Keyword, b Name, 2 Number, \"c\" Text";
        assert_eq!(shown("loss a = if ) b 2 \"c\""), wanted);
    }
}
