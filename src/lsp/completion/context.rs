//! What kind of word belongs to a place. In: the tokens before it. Out: the kind.

use crate::lsp::calls::{before, brackets, in_source, item};
use crate::lsp::documents::Document;
use crate::syntax::{Token, TokenKind, is_keyword};

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Of a train phase.
    Train,
    /// Of an eval phase.
    Eval,
    /// Of a sample phase.
    Sample,
    /// Of a density.
    Density,
    /// Of a net, a function, a loss.
    Function,
}

/// The kind of a word.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// A new name, a number, a text: nothing that could be listed.
    Nothing,
    /// The first word of a declaration.
    Item,
    /// The first word of a statement.
    Statement(Body),
    /// A word of the head of a phase.
    Clause,
    /// A word that goes on behind a value.
    Joint,
    /// A type.
    Type,
    /// An expression.
    Value,
    /// What can be drawn from.
    Distribution,
    /// An argument of a call.
    Argument,
    /// A data source.
    Source,
    /// An argument of a data source.
    SourceArgument,
    /// A data set.
    Data,
    /// What owns weights.
    Weights,
    /// A rule of training.
    Optimizer,
    /// A row of a distribution.
    Row,
    /// A form of samples.
    Format,
    /// What stands behind the point after this.
    Member(Token),
    /// A file.
    File,
}

/// What is known of a place.
struct Place<'a> {
    doc: &'a Document,
    /// The tokens of the item before the place.
    item: &'a [Token],
    /// The open brackets among them.
    open: Vec<usize>,
    /// Whether the word is the first one on its line, and whether nothing stands before it at all.
    first: bool,
    flush: bool,
}

/// The kind of the word that ends at a byte.
pub fn wanted(doc: &Document, at: usize) -> Wanted {
    let inside = |start: u32, end: u32| (start as usize) < at && at <= end as usize;
    if doc.tree().0.comments.iter().any(|c| inside(c.span.start, c.span.end)) {
        return Wanted::Nothing;
    }
    let all = before(doc, at);
    if let Some(text) = text_around(doc, at) {
        let before = doc.tokens().iter().rev().find(|token| token.end <= text.start);
        let is_use = before.is_some_and(|token| doc.word(*token) == "use");
        return if is_use { Wanted::File } else { Wanted::Nothing };
    }
    let item = &all[item(doc, all.len())];
    let start = doc.tokens().get(all.len()).filter(|t| t.start < at && at <= t.end);
    let start = start.map_or(at, |token| token.start);
    let line = doc.text[..start].rfind('\n').map_or(0, |end| end + 1);
    let first = doc.text[line..start].trim().is_empty();
    let open = brackets(doc, item);
    Place { doc, item, open, first, flush: line == start }.wanted()
}

/// The text in quotes that a byte is in.
fn text_around(doc: &Document, at: usize) -> Option<Token> {
    let inside = |token: &&Token| {
        let closed = doc.word(**token).len() > 1 && doc.word(**token).ends_with('"');
        token.kind == TokenKind::Str && token.start < at && at < token.end + usize::from(!closed)
    };
    doc.tokens().iter().find(inside).copied()
}

impl Place<'_> {
    /// A word counted from the end.
    fn word(&self, back: usize) -> &str {
        let at = self.item.len().checked_sub(back + 1);
        at.map_or("", |at| self.doc.word(self.item[at]))
    }

    fn opener(&self) -> &str {
        self.item.first().map_or("", |token| self.doc.word(*token))
    }

    /// Whether an expression may end with the last token.
    fn after_value(&self) -> bool {
        let Some(last) = self.item.last() else { return false };
        let word = self.doc.word(*last);
        match last.kind {
            TokenKind::Word => !is_keyword(word) || ["true", "false"].contains(&word),
            TokenKind::Number | TokenKind::Str => true,
            TokenKind::Sign => [")", "]", "}"].contains(&word),
        }
    }

    fn wanted(&self) -> Wanted {
        let last = self.word(0);
        if let (".", [.., base, _]) = (last, self.item) {
            return Wanted::Member(*base);
        }
        match self.open.last().map(|at| (*at, self.doc.word(self.item[*at]))) {
            None => self.outside(last),
            Some((open, "{")) => self.in_braces(open, last),
            Some((open, _)) => self.in_call(open, last),
        }
    }

    /// Outside of all brackets of an item.
    fn outside(&self, last: &str) -> Wanted {
        if self.item.is_empty() || (self.flush && (self.after_value() || last == "}")) {
            return Wanted::Item;
        }
        if self.item.len() == 1 && last != "if" {
            return if last == "use" { Wanted::File } else { Wanted::Nothing };
        }
        let is_phase = ["train", "eval", "sample"].contains(&self.opener());
        match last {
            ":" | "->" => Wanted::Type,
            "from" if self.opener() == "data" => Wanted::Source,
            "on" if is_phase => Wanted::Data,
            "batch" | "epochs" | "steps" | "count" | "until" | "stalls" if is_phase => {
                Wanted::Value
            }
            _ if is_phase => Wanted::Clause,
            "~" => Wanted::Distribution,
            _ if self.after_value() => Wanted::Joint,
            _ => Wanted::Value,
        }
    }

    fn in_braces(&self, open: usize, last: &str) -> Wanted {
        let chained = || {
            let before = &self.item[..open];
            let head = brackets(self.doc, &before[..before.len().saturating_sub(1)]);
            let of = head.last().and_then(|at| before.get(at.checked_sub(1)?));
            of.is_some_and(|token| self.doc.word(*token) == "chain")
        };
        match self.opener() {
            "data" => return if last == ":" { Wanted::Type } else { Wanted::Nothing },
            "distribution" if last == "{" || (self.first && self.after_value()) => {
                return Wanted::Row;
            }
            _ if last == "{" && chained() => return Wanted::Value,
            _ => {}
        }
        let body = self.body();
        match last {
            "{" => Wanted::Statement(body),
            ":" => Wanted::Type,
            "over" => Wanted::Weights,
            "with" => Wanted::Optimizer,
            "as" if body == Body::Sample => Wanted::Format,
            "as" | "let" | "param" | "state" => Wanted::Nothing,
            "~" => Wanted::Distribution,
            _ if self.first && self.after_value() => Wanted::Statement(body),
            _ if self.after_value() => Wanted::Joint,
            _ => Wanted::Value,
        }
    }

    fn body(&self) -> Body {
        let has_bar = self.item.iter().take_while(|t| self.doc.word(**t) != "{");
        let has_arrow = has_bar.clone().any(|t| ["->", "="].contains(&self.doc.word(*t)));
        match self.opener() {
            "train" => Body::Train,
            "eval" => Body::Eval,
            "sample" => Body::Sample,
            "model" => Body::Density,
            "encoder" | "bottleneck" | "prior" | "decoder" if !has_arrow => Body::Density,
            _ => Body::Function,
        }
    }

    /// In parentheses or brackets.
    fn in_call(&self, open: usize, last: &str) -> Wanted {
        let before = open.checked_sub(1).map_or("", |at| self.doc.word(self.item[at]));
        // The head of a declaration: new names and types.
        let depth = self.open.len();
        let heads =
            ["encoder", "bottleneck", "prior", "decoder", "net", "module", "fn", "bijection"];
        let heads = heads.contains(&self.opener()) || self.opener() == "model";
        if depth == 1 && heads && !self.item[..open].iter().any(|t| self.doc.word(*t) == "=") {
            return if last == ":" { Wanted::Type } else { Wanted::Nothing };
        }
        let starts = ["(", ",", "|", "||"].contains(&last);
        match before {
            "over" if starts => Wanted::Weights,
            "on" if starts => Wanted::Data,
            _ if in_source(self.doc, self.item, open) && (starts || last == "=") => {
                Wanted::SourceArgument
            }
            _ if last == ":" && self.doc.word(self.item[open]) == "[" => Wanted::Value,
            _ if last == "~" => Wanted::Distribution,
            _ if starts => Wanted::Argument,
            _ if self.after_value() => Wanted::Joint,
            _ => Wanted::Value,
        }
    }
}
