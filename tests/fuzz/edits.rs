//! Random edits of texts. In: a program. Out: another one, that a person in a hurry or an enemy might
//! have written: names exchanged, numbers at the edges, brackets moved, pieces of other programs.

use super::corpus::CORPUS;
use super::mutate::Random;
use super::words::{NAMES, NUMBERS, SIGNS};

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name or a keyword.
    Word(String),
    /// A number.
    Number(String),
    /// A bracket that opens.
    Open(char),
    /// A bracket that closes.
    Close(char),
    /// Blanks, comments, strings, signs.
    Other(String),
}

impl Token {
    /// Its characters.
    pub fn text(&self) -> String {
        match self {
            Token::Word(text) | Token::Number(text) | Token::Other(text) => text.clone(),
            Token::Open(c) | Token::Close(c) => c.to_string(),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The pieces of a text, one after another.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut list = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end_of = |inside: fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (end, token): (usize, fn(String) -> Token) = match first {
            '(' | '[' | '{' => {
                list.push(Token::Open(first));
                rest = &rest[1..];
                continue;
            }
            ')' | ']' | '}' => {
                list.push(Token::Close(first));
                rest = &rest[1..];
                continue;
            }
            '0'..='9' => (end_of(|c| is_word(c) || c == '.'), Token::Number),
            c if is_word(c) => (end_of(is_word), Token::Word),
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), Token::Other),
            '"' => {
                let end = rest[1..].find(['"', '\n']).map_or(rest.len(), |at| at + 2);
                (end, Token::Other)
            }
            c if c.is_whitespace() => (end_of(char::is_whitespace), Token::Other),
            c => (c.len_utf8(), Token::Other),
        };
        list.push(token(rest[..end].to_string()));
        rest = &rest[end..];
    }
    list
}

/// Where the group that opens here is over.
pub fn closing(list: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in list.iter().enumerate().skip(open) {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    list.len()
}

fn text(list: &[Token]) -> String {
    list.iter().map(Token::text).collect()
}

fn pick<'a, T>(random: &mut Random, list: &'a [T]) -> &'a T {
    &list[random.below(list.len())]
}

/// Another program, with some edits.
pub fn edited(random: &mut Random) -> Vec<u8> {
    let mut program = pick(random, &CORPUS.texts).clone();
    let edits = 1 + random.below(4).min(random.below(4));
    for _ in 0..edits {
        program = edit(&program, random);
    }
    let mut bytes = program.into_bytes();
    if random.below(30) == 0 && !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    bytes
}

/// Places of tokens that fit.
fn places(list: &[Token], fits: impl Fn(&Token) -> bool) -> Vec<usize> {
    (0..list.len()).filter(|at| fits(&list[*at])).collect()
}

/// One edit of a text.
pub fn edit(program: &str, random: &mut Random) -> String {
    let mut list = tokens(program);
    if list.len() < 3 {
        return pick(random, &CORPUS.items).clone();
    }
    let words = places(&list, |t| matches!(t, Token::Word(_)));
    let numbers = places(&list, |t| matches!(t, Token::Number(_)));
    let opens = places(&list, |t| matches!(t, Token::Open(_)));
    let at = random.below(list.len());
    match random.below(20) {
        0..=2 if !numbers.is_empty() => {
            list[*pick(random, &numbers)] = Token::Number(pick(random, NUMBERS).to_string());
        }
        3..=5 if words.len() > 1 => {
            // A name of the same program.
            let (to, from) = (*pick(random, &words), *pick(random, &words));
            list[to] = list[from].clone();
        }
        6 | 7 if !words.is_empty() => {
            let name = if random.below(2) == 0 {
                pick(random, NAMES).to_string()
            } else {
                pick(random, &CORPUS.words).clone()
            };
            list[*pick(random, &words)] = Token::Word(name);
        }
        8 if !words.is_empty() => {
            // A name everywhere.
            let old = list[*pick(random, &words)].clone();
            let new = Token::Word(pick(random, NAMES).to_string());
            list.iter_mut().filter(|t| **t == old).for_each(|t| *t = new.clone());
        }
        9 | 10 if opens.len() > 1 => group_moved(&mut list, &opens, random),
        11 if !opens.is_empty() => {
            let open = *pick(random, &opens);
            let end = closing(&list, open);
            list.splice(open..end, [Token::Other(pick(random, &CORPUS.groups).clone())]);
        }
        12 => list.insert(at, Token::Other(pick(random, SIGNS).to_string())),
        13 => {
            let end = (at + 1 + random.below(6)).min(list.len());
            list.drain(at..end);
        }
        14 => {
            let again = list[at..(at + 1 + random.below(12)).min(list.len())].to_vec();
            list.splice(at..at, again);
        }
        15 => return lines_changed(program, random),
        16 | 17 => {
            let item = pick(random, &CORPUS.items);
            let lines: Vec<&str> = program.lines().collect();
            let at = random.below(lines.len() + 1);
            return format!("{}\n{item}\n{}\n", lines[..at].join("\n"), lines[at..].join("\n"));
        }
        18 if !words.is_empty() => nested(&mut list, *pick(random, &words), random),
        _ if !words.is_empty() => {
            // An argument or a value becomes a group from elsewhere.
            let group = pick(random, &CORPUS.groups).clone();
            list[*pick(random, &words)] = Token::Other(group);
        }
        _ => {}
    }
    text(&list)
}

/// One group of the program in the place of another one.
fn group_moved(list: &mut Vec<Token>, opens: &[usize], random: &mut Random) {
    let (from, to) = (*pick(random, opens), *pick(random, opens));
    let group = list[from..closing(list, from)].to_vec();
    let end = closing(list, to);
    list.splice(to..end, group);
}

fn lines_changed(program: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = program.lines().collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(4) {
        0 => drop(lines.remove(a)),
        1 => lines.insert(a, lines[b]),
        2 => lines.swap(a, b),
        _ => lines.truncate(a),
    }
    lines.join("\n")
}

/// A word inside of many brackets, calls or signs.
fn nested(list: &mut [Token], at: usize, random: &mut Random) {
    let (open, close) = *pick(
        random,
        &[
            ("(", ")"),
            ("tanh(", ")"),
            ("-", ""),
            ("(1 + ", ")"),
            ("sum(", ")"),
            ("[", "]"),
            ("stop(", ")"),
            ("(a) => ", ""),
            ("if true then ", " else 0"),
        ],
    );
    let n = *pick(random, &[2, 3, 20, 127, 129, 1000]);
    list[at] = Token::Other(format!("{}{}{}", open.repeat(n), list[at].text(), close.repeat(n)));
}
