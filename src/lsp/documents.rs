//! The texts that are open. In: notifications of the editor. Out: each text with its lines, its tree, what was
//! changed since it was looked at, and what was found then. An answer is looked for in the analysis of the
//! last text first, and where that has none, since a declaration is being written, in that of the last text
//! without mistakes: places are carried over by what was changed since.

use super::analysis::Analysis;
use super::changes::{Change, back, forward};
use super::positions::Lines;
use crate::base::{Diagnostics, FileId, Span};
use crate::syntax::{self, Class, Token, ast};
use lsp_types::{Position, Range, TextDocumentContentChangeEvent, Uri};
use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// As many changes are kept to carry places over; an older analysis is forgotten.
const MOST_CHANGES: usize = 1_000;

/// An open text.
pub struct Document {
    /// Its name for the editor.
    pub uri: Uri,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// The version of the editor.
    pub version: i32,
    /// The number of the text among all that were ever open: what the others count by.
    pub revision: u64,
    /// All of it.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: Lines,
    /// The revision that was opened.
    first: u64,
    parsed: OnceCell<(ast::File, Diagnostics)>,
    tokens: OnceCell<Vec<Token>>,
    classes: OnceCell<Vec<(usize, usize, Class)>>,
    /// Each with the revision that it led to.
    changes: Vec<(u64, Change)>,
    last: Option<Arc<Analysis>>,
    good: Option<Arc<Analysis>>,
}

/// A number that no text had before. One that is closed and opened again is another text.
fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl Document {
    /// A text that was opened.
    pub fn new(uri: Uri, path: PathBuf, version: i32, text: &str) -> Document {
        let (lines, revision) = (Lines::new(text), next());
        Document {
            uri,
            path,
            version,
            revision,
            first: revision,
            text: text.into(),
            lines,
            parsed: OnceCell::new(),
            tokens: OnceCell::new(),
            classes: OnceCell::new(),
            changes: Vec::new(),
            last: None,
            good: None,
        }
    }

    /// Takes a change: of a part, or the whole text anew.
    pub fn change(&mut self, version: i32, event: &TextDocumentContentChangeEvent) {
        let whole = match event.range {
            Some(range) => {
                let bytes = self.lines.bytes(&self.text, range);
                [&self.text[..bytes.start], &event.text, &self.text[bytes.end..]].concat()
            }
            None => event.text.clone(),
        };
        self.revision = next();
        self.version = version;
        self.changes.push((self.revision, Change::between(&self.text, &whole)));
        self.lines = Lines::new(&whole);
        self.text = whole.into();
        (self.parsed, self.tokens, self.classes) = Default::default();
        if self.changes.len() > MOST_CHANGES {
            self.good = None;
            self.forget();
        }
    }

    /// Takes what was found in a text, of this revision or an older one; of one that was closed, nothing.
    pub fn analysed(&mut self, analysis: Arc<Analysis>) {
        if analysis.revision < self.first {
            return;
        }
        if analysis.is_whole() {
            self.good = Some(analysis.clone());
        }
        self.last = Some(analysis);
        self.forget();
    }

    /// Forgets changes that nothing is carried over any more.
    fn forget(&mut self) {
        let known = self.last.iter().chain(&self.good).map(|analysis| analysis.revision);
        let oldest = known.min().unwrap_or(self.revision);
        self.changes.retain(|(revision, _)| *revision > oldest);
    }

    /// The tree of the text as it is now, as far as it parses, and what is wrong with it.
    pub fn tree(&self) -> &(ast::File, Diagnostics) {
        self.parsed.get_or_init(|| syntax::parse(FileId(0), &self.text))
    }

    /// Its tokens.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| syntax::tokens(&self.text))
    }

    /// What the grammar takes its words for, by first and last byte.
    pub fn classes(&self) -> &[(usize, usize, Class)] {
        self.classes.get_or_init(|| syntax::classes(&self.text))
    }

    /// What was found last, if anything was yet.
    pub fn last(&self) -> Option<&Arc<Analysis>> {
        self.last.as_ref()
    }

    /// Whether what was found last is of the text as it is now.
    pub fn is_current(&self) -> bool {
        self.last.as_ref().is_some_and(|analysis| analysis.revision == self.revision)
    }

    /// The analyses to look for an answer in, the best one first.
    pub fn analyses(&self) -> impl Iterator<Item = &Arc<Analysis>> {
        let same = |a: &Arc<Analysis>| self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, a));
        self.last.iter().chain(self.good.iter().filter(move |good| !same(good)))
    }

    /// The first answer that an analysis has about a byte of the text.
    pub fn look<T>(&self, at: usize, ask: impl Fn(&Analysis, u32) -> Option<T>) -> Option<T> {
        self.analyses().find_map(|analysis| {
            let at = back(&self.since(analysis), at)?;
            ask(analysis, at as u32)
        })
    }

    /// Where a span of an analysis is in the text as it is now.
    pub fn now(&self, analysis: &Analysis, span: Span) -> Option<(usize, usize)> {
        forward(&self.since(analysis), (span.start as usize, span.end as usize))
    }

    /// Where a byte of the text as it is now was in that of an analysis.
    pub fn then(&self, analysis: &Analysis, at: usize) -> Option<usize> {
        back(&self.since(analysis), at)
    }

    fn since(&self, analysis: &Analysis) -> Vec<Change> {
        let since = self.changes.iter().filter(|(revision, _)| *revision > analysis.revision);
        since.map(|(_, change)| *change).collect()
    }

    /// The byte of a place.
    pub fn offset(&self, place: Position) -> usize {
        self.lines.offset(&self.text, place)
    }

    /// The places of a run of bytes.
    pub fn range(&self, start: usize, end: usize) -> Range {
        self.lines.range(&self.text, start, end)
    }

    /// The token that a byte is in or at the end of; of two that meet, the word.
    pub fn token(&self, at: usize) -> Option<Token> {
        let near = self.tokens().iter().filter(|token| token.start <= at && at <= token.end);
        let rank = |token: &&Token| (token.kind == syntax::TokenKind::Word, token.start);
        near.copied().max_by_key(|token| rank(&token))
    }

    /// The text of a token.
    pub fn word(&self, token: Token) -> &str {
        &self.text[token.start..token.end]
    }
}
