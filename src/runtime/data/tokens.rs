//! From texts to tokens. In: texts, what a token is, the words that are known. Out: the
//! vocabulary, and the number of each token of each text. Knows no fields and no files.
//!
//! A text is read twice: once to count its words, once to number them.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::pieces::{Bytes, Input};
use super::stored::StoredTokens;
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
    /// A node of a graph.
    Node,
}

impl Unit {
    /// Those of a text, by the names that a call has for them.
    pub const ALL: [(&'static str, Unit); 3] =
        [("byte", Unit::Byte), ("char", Unit::Char), ("word", Unit::Word)];

    /// Several of them, in words.
    pub fn many(self) -> &'static str {
        match self {
            Unit::Byte => "bytes",
            Unit::Char => "characters",
            Unit::Word => "words",
            Unit::Node => "nodes",
        }
    }

    /// One of them, in words.
    pub fn one(self) -> &'static str {
        self.many().trim_end_matches('s')
    }

    /// What stands between two of them in a text.
    pub fn between(self) -> &'static str {
        if matches!(self, Unit::Word | Unit::Node) { " " } else { "" }
    }

    /// Calls a function with every token of a text, until it says no.
    pub fn each<'t>(self, text: &'t str, mut with: impl FnMut(&'t str) -> bool) {
        let _ = match self {
            Unit::Word | Unit::Node => text.split_whitespace().all(with),
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
#[derive(Debug)]
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

/// Reads texts by one vocabulary. They stay in their files if they are too long to be kept.
pub fn read(inputs: Vec<Input>, ask: &Ask) -> Result<Read, Diagnostic> {
    let stays = inputs.iter().any(|input| matches!(input.bytes, Bytes::Stored(_)));
    if ask.unit == Unit::Byte {
        return Ok(bytes(inputs, stays));
    }
    let words = match ask.known {
        [] => vocabulary(&counts(&inputs, ask.unit)?, ask)?,
        known => known.to_vec(),
    };
    let mut to = match stays {
        true => {
            Tokens::Stored(Box::new(StoredTokens::new(ask.unit, Codes::new(&words, ask.unknown))))
        }
        false => Tokens::below(words.len()),
    };
    let codes = Codes::new(&words, ask.unknown);
    let (mut parts, mut unknown) = (Vec::new(), 0);
    for (number, input) in inputs.iter().enumerate() {
        let (start, mut line) = (to.len(), 1);
        if !stays {
            memory::room((input.bytes() as usize).saturating_mul(to.bytes()), &input.path)?;
        }
        input.pieces(ask.unit, |piece, at| {
            if ask.unit == Unit::Char && codes.has_bytes(piece) {
                match &mut to {
                    Tokens::Stored(stored) => stored.push_bytes(number, at, piece.len()),
                    tokens => {
                        piece.bytes().filter_map(|b| codes.of_byte(b)).for_each(|c| tokens.push(c))
                    }
                }
                line += lines(piece);
                return Ok(());
            }
            let mut wrong = None;
            ask.unit.each(piece, |word| {
                let place = || at + word.as_ptr().addr().wrapping_sub(piece.as_ptr().addr()) as u64;
                match (codes.of(word), &mut to) {
                    (Code::Number(_), Tokens::Stored(stored)) => stored.push(number, place()),
                    (Code::Number(code), tokens) => tokens.push(code),
                    (Code::Nothing, _) => {}
                    (Code::Strange, _) => wrong = Some(word),
                }
                unknown += usize::from(codes.is_unknown(word));
                wrong.is_none()
            });
            match wrong {
                Some(word) => Err(not_known((piece, line), &input.path, word)),
                None => {
                    line += lines(piece);
                    Ok(())
                }
            }
        })?;
        parts.push(start..to.len());
    }
    if let Tokens::Stored(stored) = &mut to {
        stored.keep(inputs);
    }
    Ok(Read { tokens: to, parts, words, unknown })
}

/// Bytes are numbers already.
fn bytes(inputs: Vec<Input>, stay: bool) -> Read {
    let (mut start, mut parts) = (0, Vec::new());
    for input in &inputs {
        let end = start + input.bytes() as usize;
        parts.push(start..end);
        start = end;
    }
    let tokens = if stay {
        let mut stored = StoredTokens::new(Unit::Byte, Codes::new(&[], Unknown::Refused));
        inputs.iter().enumerate().for_each(|(number, input)| stored.bytes(number, input.bytes()));
        stored.keep(inputs);
        Tokens::Stored(Box::new(stored))
    } else {
        let read = inputs.into_iter().map(|input| match input.bytes {
            Bytes::Read(bytes) => bytes,
            Bytes::Stored(_) => Vec::new(),
        });
        Tokens::U8(read.reduce(|above, below| [above, below].concat()).unwrap_or_default())
    };
    Read { tokens, parts, words: Vec::new(), unknown: 0 }
}

/// How often each token occurs.
fn counts(inputs: &[Input], unit: Unit) -> Result<HashMap<String, usize>, Diagnostic> {
    let (mut counts, mut ascii): (HashMap<String, usize>, _) = (HashMap::new(), [0usize; 128]);
    for input in inputs {
        input.pieces(unit, |piece, _| {
            if unit == Unit::Char && piece.is_ascii() {
                // Most texts, and an order of magnitude faster.
                for byte in piece.bytes() {
                    ascii.iter_mut().skip(usize::from(byte)).take(1).for_each(|n| *n += 1);
                }
                return Ok(());
            }
            unit.each(piece, |word| {
                let short = match word.as_bytes() {
                    [one] => ascii.get_mut(usize::from(*one)),
                    _ => counts.get_mut(word),
                };
                match short {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(word.into(), 1);
                    }
                }
                true
            });
            Ok(())
        })?;
    }
    let short = (0u8..).zip(ascii).filter(|(_, count)| *count > 0);
    counts.extend(short.map(|(byte, count)| (char::from(byte).to_string(), count)));
    Ok(counts)
}

/// The tokens that get a number, in its order: words by how often they occur, characters as their
/// alphabet has them. A token for what is unknown comes first.
pub(super) fn vocabulary(
    counts: &HashMap<String, usize>,
    ask: &Ask,
) -> Result<Vec<String>, Diagnostic> {
    let stands_for_all = match ask.unknown {
        Unknown::Token(token) => Some(token),
        _ => None,
    };
    let often = |(word, n): &(&str, usize)| {
        *n >= ask.min_count && stands_for_all.is_none_or(|token| token != *word)
    };
    let all = counts.iter().map(|(word, n)| (word.as_str(), *n));
    let mut found: Vec<(&str, usize)> = all.filter(often).collect();
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

/// A token that no vocabulary has, in a piece that starts at a line.
fn not_known((piece, line): (&str, usize), path: &str, word: &str) -> Diagnostic {
    // It is a part of the piece, so its place is the difference of two addresses.
    let at = word.as_ptr().addr().wrapping_sub(piece.as_ptr().addr());
    let line = line + lines(piece.get(..at).unwrap_or_default());
    let word = shown(&word.chars().take(40).collect::<String>());
    let text = format!("line {line} of `{path}`: `{word}` is not in the vocabulary");
    Diagnostic::new(codes::RL2076, text).help(
        "write `unknown = \"drop\"` to leave such tokens out; a vocabulary with a token for them comes of \
         `unknown = \"<unk>\"` in training",
    )
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// What a word is to a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A token of this number.
    Number(usize),
    /// No token: it is left out.
    Nothing,
    /// A mistake.
    Strange,
}

/// The number of each word.
#[derive(Clone, Debug)]
pub struct Codes {
    ascii: [Option<usize>; 128],
    others: HashMap<String, usize>,
    unknown: Code,
}

impl Codes {
    /// Those of a vocabulary.
    pub fn new(words: &[String], unknown: Unknown) -> Codes {
        let unknown = match unknown {
            Unknown::Refused => Code::Strange,
            Unknown::Dropped => Code::Nothing,
            Unknown::Token(_) => Code::Number(0),
        };
        let mut codes = Codes { ascii: [None; 128], others: HashMap::new(), unknown };
        for (code, word) in words.iter().enumerate() {
            let short = match word.as_bytes() {
                [one] => codes.ascii.get_mut(usize::from(*one)),
                _ => None,
            };
            match short {
                Some(place) => *place = Some(code),
                None => {
                    codes.others.insert(word.clone(), code);
                }
            }
        }
        codes
    }

    /// What a word is.
    pub fn of(&self, word: &str) -> Code {
        self.get(word).map_or(self.unknown, Code::Number)
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.others.len() + self.ascii.iter().flatten().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a word is not in the vocabulary.
    pub fn is_unknown(&self, word: &str) -> bool {
        self.get(word).is_none()
    }

    /// Whether every byte of a text is a character of the vocabulary.
    fn has_bytes(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.of_byte(byte).is_some())
    }

    fn of_byte(&self, byte: u8) -> Option<usize> {
        self.ascii.get(usize::from(byte)).copied().flatten()
    }

    fn get(&self, word: &str) -> Option<usize> {
        match word.as_bytes() {
            [one] => self.of_byte(*one),
            _ => self.others.get(word).copied(),
        }
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
