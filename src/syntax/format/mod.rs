//! The formatter. In: a tree without errors and its text. Out: the same program in canonical form.
//! Changes no token but trailing commas, which it drops; loses no comment.
//!
//! The tree gives the tokens with the places where lines may break ([`Doc`]); the text gives what
//! stands between the tokens ([`Gap`]); `layout` puts both together. The tokens of the tree are laid
//! over those of the text one by one, so a token that one of them lacks cannot go unnoticed.

mod expressions;
mod items;
mod layout;
mod statements;

use super::ast::{Comment, File};
use super::lex::{Token, lex};
use layout::{Cmd, Doc, Gap};

/// The canonical form of a file. Formatting it again changes nothing.
///
/// `text` is what `file` was parsed from, and the parse gave no error.
pub fn format(file: &File, text: &str) -> String {
    let tokens = lex(file.id, text, 0).tokens;
    let mut writer = Writer { file, text, tokens: &tokens, doc: Doc::default() };
    writer.file();
    let gaps = gaps(&writer.doc, text, &tokens, &file.comments);
    layout::print(&writer.doc, &gaps)
}

/// Writes the tree as commands.
struct Writer<'a> {
    file: &'a File,
    text: &'a str,
    tokens: &'a [Token],
    doc: Doc,
}

impl Writer<'_> {
    fn file(&mut self) {
        for (i, item) in self.file.items.iter().enumerate() {
            if i > 0 {
                self.cmd(Cmd::Hard);
            }
            self.item(item);
        }
    }

    fn cmd(&mut self, cmd: Cmd) {
        self.doc.cmds.push(cmd);
    }

    fn token(&mut self, text: &str) {
        self.doc.cmds.push(Cmd::Token);
        self.doc.tokens.push(text.to_string());
    }

    /// Tokens with one blank between them.
    fn words<const N: usize>(&mut self, words: [&str; N]) {
        for (i, word) in words.into_iter().enumerate() {
            if i > 0 {
                self.cmd(Cmd::Space);
            }
            self.token(word);
        }
    }

    fn space(&mut self) {
        self.cmd(Cmd::Space);
    }

    /// A part whose lines break together.
    fn group(&mut self, write: impl FnOnce(&mut Self)) {
        self.cmd(Cmd::Open);
        write(self);
        self.cmd(Cmd::Close);
    }

    /// A part one level further in.
    fn nest(&mut self, write: impl FnOnce(&mut Self)) {
        self.cmd(Cmd::Indent);
        write(self);
        self.cmd(Cmd::Dedent);
    }

    /// A list with commas, each entry on a line of its own if the group breaks.
    fn list<T>(&mut self, entries: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (i, entry) in entries.iter().enumerate() {
            if i > 0 {
                self.token(",");
                self.cmd(Cmd::Line);
            }
            write(self, entry);
        }
    }

    /// A list in brackets, which break away from their content.
    fn bracketed<T>(
        &mut self,
        [open, close]: [&str; 2],
        entries: &[T],
        write: impl FnMut(&mut Self, &T),
    ) {
        self.group(|w| {
            w.token(open);
            w.nest(|w| {
                w.cmd(Cmd::Soft);
                w.list(entries, write);
            });
            w.cmd(Cmd::Soft);
            w.token(close);
        });
    }

    /// Whether nothing but blanks stands before a place on its line.
    fn starts_line(&self, at: u32) -> bool {
        let before = &self.text[..at as usize];
        before[before.rfind('\n').map_or(0, |i| i + 1)..].trim().is_empty()
    }
}

/// What stands in the text between the tokens of a document.
fn gaps<'a>(doc: &Doc, text: &str, tokens: &[Token], comments: &'a [Comment]) -> Vec<Gap<'a>> {
    let mut gaps = vec![Gap::default(); doc.tokens.len() + 1];
    let mut comments = comments.iter().peekable();
    let (mut next, mut end) = (0, 0);
    for token in tokens {
        let gap = &mut gaps[next];
        while let Some(comment) = comments.next_if(|c| (c.span.start as usize) < token.start) {
            let blank = blank_line(&text[end..comment.span.start as usize]);
            gap.comments.push((comment, blank));
            end = comment.span.end as usize;
        }
        gap.blank = blank_line(&text[end..token.start]);
        let word = &text[token.start..token.end];
        let wanted = doc.tokens.get(next).map(String::as_str);
        if wanted == Some(word) {
            next += 1;
        } else {
            assert!(word == ",", "the formatter lost `{word}` before {wanted:?}: please report it");
        }
        end = token.end;
    }
    assert!(next == doc.tokens.len(), "the formatter made up a token: please report it");
    for comment in comments {
        let blank = blank_line(&text[end..comment.span.start as usize]);
        gaps[next].comments.push((comment, blank));
        end = comment.span.end as usize;
    }
    gaps
}

fn blank_line(between: &str) -> bool {
    between.matches('\n').count() > 1
}
