//! The linear pass before the grammar. In: text. Out: tokens, comments, and what is wrong with the
//! characters themselves. Knows no structure; `outline` looks at brackets and items.

use super::ast::Comment;
use super::faults::Faults;
use crate::base::{Diagnostic, FileId, Span, codes};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string with its quotes.
    Str,
    /// An operator or bracket.
    Sign,
}

/// A token: its kind and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether it is the first token on its line.
    pub first: bool,
    /// Whether it stands at the very start of its line.
    pub flush: bool,
}

/// The tokens of a text, whatever is wrong with it.
pub fn tokens(text: &str) -> Vec<Token> {
    lex(FileId(0), text, 0).tokens
}

/// The result of the pass.
pub(super) struct Lexed {
    /// In text order.
    pub tokens: Vec<Token>,
    /// In text order.
    pub comments: Vec<Comment>,
    /// Mistakes in characters, strings and numbers, in text order.
    pub errors: Faults,
}

/// The longest name in bytes.
pub const MAX_NAME: usize = 255;

/// Signs of more than one character, longest first.
const LONG_SIGNS: [&str; 11] = ["...", "|>", "||", "<-", "<=", ">=", "==", "!=", "=>", "->", ".."];

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    pos: usize,
    line_start: usize,
    /// Where the line ends, if it has been asked for.
    line_end: usize,
    fresh: bool,
    out: Lexed,
}

/// Splits a text, from the start of a line on, into tokens and comments.
pub(super) fn lex(file: FileId, text: &str, from: usize) -> Lexed {
    let out = Lexed { tokens: Vec::new(), comments: Vec::new(), errors: Faults::default() };
    let pos = if from == 0 && text.starts_with('\u{feff}') { 3 } else { from };
    let mut lexer = Lexer { file, text, pos, line_start: pos, line_end: 0, fresh: true, out };
    while lexer.step() {}
    lexer.out
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.pos..]
    }

    /// Bytes up to the end of the line.
    fn line(&mut self) -> usize {
        if self.line_end <= self.pos {
            self.line_end = self.pos + self.rest().find('\n').unwrap_or(self.rest().len());
        }
        self.line_end - self.pos
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn push(&mut self, kind: TokenKind, len: usize) {
        let (start, end) = (self.pos, self.pos + len);
        let flush = start == self.line_start;
        self.out.tokens.push(Token { kind, start, end, first: self.fresh, flush });
        self.fresh = false;
        self.pos = end;
    }

    /// Takes one token, comment or blank; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return false };
        match c {
            '\n' => {
                self.pos += 1;
                (self.line_start, self.fresh) = (self.pos, true);
            }
            ' ' | '\t' | '\r' => self.pos += 1,
            '/' if rest.starts_with("//") => self.comment(),
            '/' if rest.starts_with("/*") => self.block_comment(),
            '"' => self.string(),
            '#' => self.hash_comment(),
            '\'' => self.single_quote(),
            '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            c if c.is_alphabetic() => self.word(),
            _ => self.sign(c),
        }
        true
    }

    fn comment(&mut self) {
        let len = self.rest().find('\n').unwrap_or(self.rest().len());
        let text = self.rest()[..len].trim_end().to_string();
        let span = self.span(self.pos, self.pos + text.len());
        self.check_hidden(self.pos, len);
        self.out.comments.push(Comment { span, text, trailing: !self.fresh });
        self.pos += len;
    }

    fn block_comment(&mut self) {
        let end = self.rest().find("*/").map(|i| self.pos + i + 2);
        let shown = self.span(self.pos, self.pos + 2);
        let message =
            if end.is_some() { "comments are `// ...` only" } else { "unterminated comment" };
        let diagnostic = Diagnostic::new(codes::RL0008, message)
            .at(shown, if end.is_some() { "" } else { "opened here and never closed" })
            .help("start each line of the comment with `//`");
        self.out.errors.push(diagnostic);
        let end = end.unwrap_or(self.text.len());
        for i in self.pos..end {
            if self.text.as_bytes()[i] == b'\n' {
                (self.line_start, self.fresh) = (i + 1, true);
            }
        }
        self.pos = end;
    }

    fn string(&mut self) {
        let line = self.line();
        match self.rest()[1..line].find('"') {
            Some(inner) => {
                self.check_hidden(self.pos, inner + 2);
                self.push(TokenKind::Str, inner + 2);
            }
            None => {
                let diagnostic = Diagnostic::new(codes::RL0008, "unterminated string")
                    .at(self.span(self.pos, self.pos + 1), "opened here")
                    .help("close it with `\"` on the same line");
                self.out.errors.push(diagnostic);
                self.push(TokenKind::Str, line);
            }
        }
    }

    /// A comment in the manner of other languages; its text is no program.
    fn hash_comment(&mut self) {
        let len = self.rest().find('\n').unwrap_or(self.rest().len());
        let diagnostic = Diagnostic::new(codes::RL0003, "unexpected character `#` (U+0023)")
            .at(self.span(self.pos, self.pos + 1), "")
            .help("comments start with `//`")
            .instead("//");
        self.out.errors.push(diagnostic);
        self.pos += len;
    }

    /// A string in single quotes, or a stray quote.
    fn single_quote(&mut self) {
        let line = self.line();
        let close = self.rest()[1..line].find('\'');
        let after_value = self.pos > 0
            && self.text[..self.pos].ends_with(|c: char| c.is_alphanumeric() || ")]_".contains(c));
        match close {
            Some(inner) if !after_value => {
                let inside = clip(&self.rest()[1..inner + 1]);
                let diagnostic = Diagnostic::new(codes::RL0003, "a string in single quotes")
                    .at(self.span(self.pos, self.pos + inner + 2), "")
                    .help(format!("write `\"{inside}\"`"));
                let quoted = &self.rest()[1..inner + 1];
                let plain = !quoted.contains('"');
                let diagnostic =
                    if plain { diagnostic.instead(format!("\"{quoted}\"")) } else { diagnostic };
                self.out.errors.push(diagnostic);
                self.push(TokenKind::Str, inner + 2);
            }
            _ => self.sign('\''),
        }
    }

    /// A number and whatever runs on from it.
    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let digits = |mut i: usize| {
            while bytes.get(i).is_some_and(u8::is_ascii_digit) {
                i += 1;
            }
            i
        };
        let mut len = digits(0);
        if bytes.get(len) == Some(&b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit) {
            len = digits(len + 1);
        }
        if matches!(bytes.get(len), Some(b'e' | b'E')) {
            let sign = matches!(bytes.get(len + 1), Some(b'+' | b'-')) as usize;
            if bytes.get(len + 1 + sign).is_some_and(u8::is_ascii_digit) {
                len = digits(len + 1 + sign);
            }
        }
        let tail = word_len(&self.rest()[len..]);
        if tail > 0 {
            let (number, name) = (&self.rest()[..len], &self.rest()[len..len + tail]);
            let digits = name.bytes().all(|b| b.is_ascii_digit() || b == b'_');
            let help = if digits {
                format!(
                    "write the digits without `_`: `{}{}`",
                    clip(number),
                    clip(&name.replace('_', ""))
                )
            } else {
                format!("write a product with its sign: `{} * {}`", clip(number), clip(name))
            };
            let whole = self.rest()[..len + tail].replace('_', "");
            let diagnostic = Diagnostic::new(codes::RL0014, "a number runs into a name")
                .help(help)
                .at(self.span(self.pos, self.pos + len + tail), "");
            let diagnostic = if digits { diagnostic.instead(whole) } else { diagnostic };
            self.out.errors.push(diagnostic);
        }
        self.push(TokenKind::Number, len + tail);
    }

    fn word(&mut self) {
        let len = word_len(self.rest());
        let (span, word) = (self.span(self.pos, self.pos + len), &self.rest()[..len]);
        let foreign = word.chars().find(|c| !c.is_ascii());
        let problem = if let Some(c) = foreign {
            let message = format!("the name `{}` holds {}", clip(word), character_name(c));
            let help = "names use the letters a-z and A-Z, digits and `_`: look-alikes of other scripts are refused";
            Some(Diagnostic::new(codes::RL0013, message).at(span, "").help(help))
        } else if len > MAX_NAME {
            let message = format!("a name of {len} bytes, the limit is {MAX_NAME}");
            let shown = self.span(self.pos, self.pos + MAX_NAME);
            Some(Diagnostic::new(codes::RL0012, message).at(shown, "").help("shorten the name"))
        } else {
            None
        };
        problem.into_iter().for_each(|problem| self.out.errors.push(problem));
        self.push(TokenKind::Word, len);
    }

    fn sign(&mut self, c: char) {
        if let Some(sign) = LONG_SIGNS.iter().find(|s| self.rest().starts_with(**s)) {
            return self.push(TokenKind::Sign, sign.len());
        }
        if "()[]{},:=~|<>+-*/%@^.".contains(c) {
            return self.push(TokenKind::Sign, 1);
        }
        // `&&` is one slip, not two.
        let len = c.len_utf8() * if self.rest().starts_with("&&") { 2 } else { 1 };
        let span = self.span(self.pos, self.pos + len);
        if is_hidden(c) {
            self.check_hidden(self.pos, len);
        } else {
            let message = format!("unexpected character {}", character_name(c));
            let instead = INSTEAD.iter().find(|(wrong, _)| *wrong == c);
            let help = instead.map_or("delete it", |(_, help)| help);
            let error = Diagnostic::new(codes::RL0003, message).at(span, "").help(help);
            self.out.errors.push(match sign_in(help) {
                // A word needs blanks around it.
                Some(word) if is_word(word) => error.instead(format!(" {word} ")),
                Some(sign) => error.instead(sign),
                None => error,
            });
        }
        self.pos += len;
        self.fresh = false;
    }

    /// Reports characters that may stand nowhere, not even in comments and strings.
    fn check_hidden(&mut self, start: usize, len: usize) {
        let found: Vec<(usize, char)> =
            self.text[start..start + len].char_indices().filter(|(_, c)| is_hidden(*c)).collect();
        for (offset, c) in found {
            let span = self.span(start + offset, start + offset + c.len_utf8());
            let diagnostic = if is_bidi(c) {
                let message = format!("bidirectional control character {}", character_name(c));
                Diagnostic::new(codes::RL0004, message)
                    .at(span, "makes the text read otherwise than it is")
                    .help("delete it")
                    .instead("")
            } else {
                let message = format!("unexpected character {}", character_name(c));
                Diagnostic::new(codes::RL0003, message).at(span, "").help("delete it").instead("")
            };
            self.out.errors.push(diagnostic);
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The sign that a hint says to write, if it says nothing else; nothing for what is to be deleted.
fn sign_in(help: &str) -> Option<&str> {
    if help.ends_with("delete it") {
        return Some("");
    }
    help.strip_prefix("write `")?.strip_suffix('`').filter(|sign| !sign.contains(['`', '.', ' ']))
}

/// Bytes of the word at the start of a text, letters of every script included.
fn word_len(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn is_hidden(c: char) -> bool {
    is_bidi(c) || c == '\0' || c == '\u{feff}'
}

/// `U+0430`, with the character itself where it is visible and harmless.
fn character_name(c: char) -> String {
    let code = format!("U+{:04X}", c as u32);
    if c.is_alphanumeric() || c.is_ascii_punctuation() || INSTEAD.iter().any(|(w, _)| *w == c) {
        format!("`{c}` ({code})")
    } else {
        code
    }
}

/// At most 40 characters of a word, for messages; control characters are escaped.
pub(super) fn clip(word: &str) -> String {
    let long = word.chars().count() > 40;
    let mut shown = String::new();
    for c in word.chars().take(if long { 37 } else { 40 }) {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown + if long { "..." } else { "" }
}

/// Characters of other languages and typesetters, and what to write.
const INSTEAD: [(char, &str); 22] = [
    (';', "statements need no `;`: delete it"),
    ('!', "write `not x`, or `!=` for unequal"),
    ('&', "write `and`"),
    ('?', "write `if a then b else c`"),
    ('\'', "strings stand in double quotes `\"`; a transpose is `W.T`"),
    ('`', "strings stand in double quotes `\"`"),
    ('$', "delete it"),
    ('\\', "a lambda is `(x) => ...`; a line needs no continuation sign"),
    ('\u{2212}', "write `-`"),
    ('\u{2013}', "write `-`"),
    ('\u{d7}', "write `*`"),
    ('\u{b7}', "write `*`"),
    ('\u{2192}', "write `->`"),
    ('\u{2190}', "write `<-`"),
    ('\u{2264}', "write `<=`"),
    ('\u{2265}', "write `>=`"),
    ('\u{2260}', "write `!=`"),
    ('\u{223c}', "write `~`"),
    ('\u{2016}', "write `||`"),
    ('\u{201c}', "write `\"`"),
    ('\u{201d}', "write `\"`"),
    ('\u{2026}', "write `...`"),
];
