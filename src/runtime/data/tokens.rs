//! From texts to tokens. In: the bytes of texts, what a token is, the words that are known. Out: the
//! vocabulary, and the number of each token of each text. Knows no fields and no files.
//!
//! A text is read twice: once to count its words, once to number them.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::decode::{Text, decoded};
use super::windows::Tokens;
use super::{memory, shown};
use crate::base::{Diagnostic, codes};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// What a token of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A byte, whatever it means.
    Byte,
    /// A character.
    Char,
    /// What stands between two blanks.
    Word,
}

impl Unit {
    /// All of them, by the names that a call has for them.
    pub const ALL: [(&'static str, Unit); 3] =
        [("byte", Unit::Byte), ("char", Unit::Char), ("word", Unit::Word)];

    /// Several of them, in words.
    pub fn many(self) -> &'static str {
        match self {
            Unit::Byte => "bytes",
            Unit::Char => "characters",
            Unit::Word => "words",
        }
    }

    /// What stands between two of them in a text.
    pub fn between(self) -> &'static str {
        if self == Unit::Word { " " } else { "" }
    }

    fn each<'t>(self, text: &'t str, mut with: impl FnMut(&'t str) -> bool) {
        let _ = match self {
            Unit::Word => text.split_whitespace().all(with),
            _ => text
                .char_indices()
                .all(|(at, c)| with(text.get(at..at + c.len_utf8()).unwrap_or_default())),
        };
    }
}

/// What is not in the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown<'a> {
    /// A mistake.
    Refused,
    /// Left out, as if it were not in the text.
    Dropped,
    /// The number 0, which is written so.
    Token(&'a str),
}

/// How texts are read.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What a token is.
    pub unit: Unit,
    /// What happens to those that the vocabulary has not.
    pub unknown: Unknown<'a>,
    /// Tokens that occur less often are not in the vocabulary.
    pub min_count: usize,
    /// The vocabulary has at most so many entries, if that is said.
    pub most: Option<usize>,
    /// The vocabulary of a run.
    pub known: &'a [String],
}

/// Texts as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The tokens of all texts, one text behind the other.
    pub tokens: Tokens,
    /// Where each text stands.
    pub parts: Vec<Range<usize>>,
    /// What the numbers stand for; of bytes nothing.
    pub words: Vec<String>,
    /// How many tokens were not in the vocabulary.
    pub unknown: usize,
}

/// Reads texts by one vocabulary.
pub fn read(texts: &[Text], ask: &Ask) -> Result<Read, Diagnostic> {
    if ask.unit == Unit::Byte {
        return Ok(bytes(texts));
    }
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|text| decoded(text).map(|t| (t, text.path)))
        .collect::<Result<_, Diagnostic>>()?;
    let (counts, total) = count(&texts, ask.unit);
    let words = if ask.known.is_empty() { vocabulary(&counts, ask)? } else { ask.known.to_vec() };
    let mut tokens = Tokens::below(words.len());
    memory::room(total.saturating_mul(tokens.bytes()), texts.first().map_or("", |(_, path)| path))?;
    let (mut parts, mut unknown) = (Vec::new(), 0);
    let codes = Codes::of(&words);
    for (text, path) in texts {
        let (start, mut wrong) = (tokens.len(), None);
        ask.unit.each(text, |word| {
            match (codes.get(word), ask.unknown) {
                (Some(code), _) => tokens.push(code),
                (None, Unknown::Refused) => wrong = Some(word),
                (None, Unknown::Dropped) => unknown += 1,
                (None, Unknown::Token(_)) => {
                    tokens.push(0);
                    unknown += 1;
                }
            }
            wrong.is_none()
        });
        if let Some(word) = wrong {
            return Err(not_known(text, path, word));
        }
        parts.push(start..tokens.len());
    }
    Ok(Read { tokens, parts, words, unknown })
}

/// Bytes are numbers already.
fn bytes(texts: &[Text]) -> Read {
    let (mut all, mut parts) = (Vec::new(), Vec::new());
    for text in texts {
        let start = all.len();
        all.extend_from_slice(text.bytes);
        parts.push(start..all.len());
    }
    Read { tokens: Tokens::U8(all), parts, words: Vec::new(), unknown: 0 }
}

/// How often each token occurs, and how many there are.
fn count<'t>(texts: &[(&'t str, &str)], unit: Unit) -> (HashMap<&'t str, usize>, usize) {
    let (mut counts, mut ascii) = (HashMap::new(), [0usize; 128]);
    let mut total = 0;
    for (text, _) in texts {
        unit.each(text, |word| {
            total += 1;
            match (word.as_bytes(), &mut ascii) {
                ([one], ascii) if ascii.get(usize::from(*one)).is_some() => {
                    ascii.iter_mut().skip(usize::from(*one)).take(1).for_each(|n| *n += 1);
                }
                _ => *counts.entry(word).or_insert(0) += 1,
            }
            true
        });
    }
    for (at, n) in ascii.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        counts.insert(ASCII.get(at..=at).unwrap_or_default(), n);
    }
    (counts, total)
}

/// Every character of one byte.
const ASCII: &str = {
    const BYTES: [u8; 128] = {
        let (mut bytes, mut at) = ([0; 128], 0);
        while at < 128 {
            bytes[at] = at as u8;
            at += 1;
        }
        bytes
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// The tokens that get a number, in its order: words by how often they occur, characters as their
/// alphabet has them. A token for what is unknown comes first.
fn vocabulary(counts: &HashMap<&str, usize>, ask: &Ask) -> Result<Vec<String>, Diagnostic> {
    let stands_for_all = match ask.unknown {
        Unknown::Token(token) => Some(token),
        _ => None,
    };
    let often = |(word, n): &(&&str, &usize)| {
        **n >= ask.min_count && stands_for_all.is_none_or(|token| token != **word)
    };
    let mut found: Vec<(&str, usize)> =
        counts.iter().filter(often).map(|(w, n)| (*w, *n)).collect();
    found.sort_unstable_by_key(|(word, n)| (Reverse(*n), *word));
    let most = ask.most.map_or(usize::MAX, |n| n.saturating_sub(stands_for_all.iter().count()));
    if found.len() > most && ask.unknown == Unknown::Refused {
        return Err(too_many(found.len(), most, ask.unit));
    }
    found.truncate(most);
    if ask.unit == Unit::Char {
        found.sort_unstable();
    }
    let found = found.into_iter().map(|(word, _)| word);
    Ok(stands_for_all.into_iter().chain(found).map(String::from).collect())
}

fn too_many(found: usize, most: usize, unit: Unit) -> Diagnostic {
    let many = unit.many();
    let text = format!("the text has {found} different {many}, the field is declared idx({most})");
    let help = format!(
        "declare it idx({found}), or write `unknown = \"<unk>\"`: the most frequent {} stay, and 0 \
         stands for the rest",
        most.saturating_sub(1)
    );
    Diagnostic::new(codes::RL2005, text).help(help)
}

fn not_known(text: &str, path: &str, word: &str) -> Diagnostic {
    // A part of the text itself, so its place is the difference of two addresses.
    let at = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let word = shown(&word.chars().take(40).collect::<String>());
    let text = format!("line {line} of `{path}`: `{word}` is not in the vocabulary");
    Diagnostic::new(codes::RL2076, text).help(
        "write `unknown = \"drop\"` to leave such tokens out; a vocabulary with a token for them comes of \
         `unknown = \"<unk>\"` in training",
    )
}

/// The number of each word.
struct Codes<'w> {
    ascii: [Option<usize>; 128],
    others: HashMap<&'w str, usize>,
}

impl<'w> Codes<'w> {
    fn of(words: &'w [String]) -> Codes<'w> {
        let mut codes = Codes { ascii: [None; 128], others: HashMap::new() };
        for (code, word) in words.iter().enumerate() {
            let short = match word.as_bytes() {
                [one] => codes.ascii.get_mut(usize::from(*one)),
                _ => None,
            };
            match short {
                Some(place) => *place = Some(code),
                None => {
                    codes.others.insert(word, code);
                }
            }
        }
        codes
    }

    fn get(&self, word: &str) -> Option<usize> {
        match word.as_bytes() {
            [one] => self.ascii.get(usize::from(*one)).copied().flatten(),
            _ => self.others.get(word).copied(),
        }
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
