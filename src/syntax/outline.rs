//! Brackets, nesting and items, seen on tokens alone. In: tokens. Out: the token ranges of the
//! items, and what is wrong with brackets and depth. Runs before the grammar, in linear time, so
//! that no text can take the grammar's recursion deep, and so that a broken item ends where the
//! next one begins.

use super::faults::Faults;
use super::lex::{Token, TokenKind};
use crate::base::{Diagnostic, FileId, Span, budget, codes};
use std::ops::Range;

/// The deepest nesting of brackets, unary signs, powers, `if`s and lambdas.
pub(super) const MAX_DEPTH: usize = budget::NESTING.most;

/// Words that open an item and can be nothing else at top level.
pub const ITEM_WORDS: [&str; 16] = [
    "use",
    "dim",
    "const",
    "config",
    "data",
    "param",
    "state",
    "net",
    "module",
    "fn",
    "bijection",
    "model",
    "loss",
    "train",
    "eval",
    "sample",
];

/// Words that open an item if a name and a parenthesis follow.
pub const ITEM_WORDS_IN_CONTEXT: [&str; 7] =
    ["encoder", "bottleneck", "prior", "decoder", "optimizer", "distribution", "divergence"];

/// Words that can stand beside a name without opening an item.
const JOINING_WORDS: [&str; 17] = [
    "from", "on", "batch", "epochs", "steps", "count", "until", "stalls", "over", "with", "as",
    "in", "then", "else", "and", "or", "not",
];

/// Signs after which an expression must go on.
pub(super) const OPEN_SIGNS: [&str; 24] = [
    "|>", "||", "<-", "<=", ">=", "==", "!=", "=>", "->", "..", ",", ":", "=", "~", "|", "<", ">",
    "+", "-", "*", "/", "%", "@", "^",
];

/// What the pass found.
pub(super) struct Outline {
    /// Token ranges of the items, in order.
    pub items: Vec<Range<usize>>,
    /// Mistakes in brackets and depth.
    pub errors: Faults,
    /// Whether the text is too deep to be parsed at all.
    pub too_deep: bool,
}

struct Open {
    token: usize,
    closer: &'static str,
    chains: usize,
}

struct Walk<'a> {
    file: FileId,
    text: &'a str,
    tokens: &'a [Token],
    /// End an item at a flush item word although brackets are open.
    resync: bool,
    stack: Vec<Open>,
    /// Levels of signs, powers, `if`s and lambdas opened in the innermost bracket.
    chains: usize,
    /// How many of `chains` are signs and powers, which any other operator ends.
    signs: usize,
    /// Sum of `chains` over the enclosing brackets.
    outer_chains: usize,
    out: Outline,
}

/// Finds the items and checks the brackets.
pub(super) fn outline(file: FileId, text: &str, tokens: &[Token]) -> Outline {
    let first = Walk::run(file, text, tokens, false);
    if first.errors.last.is_none() || first.too_deep {
        return first;
    }
    // A bracket is unbalanced: an item word at the start of a line now counts as the next item.
    Walk::run(file, text, tokens, true)
}

/// The token ranges of the items of a text, whatever is wrong with it.
pub fn items(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    outline(FileId(0), text, tokens).items
}

impl Walk<'_> {
    fn run(file: FileId, text: &str, tokens: &[Token], resync: bool) -> Outline {
        let out = Outline { items: Vec::new(), errors: Faults::default(), too_deep: false };
        let mut walk = Walk {
            file,
            text,
            tokens,
            resync,
            stack: Vec::new(),
            chains: 0,
            signs: 0,
            outer_chains: 0,
            out,
        };
        for i in 0..tokens.len() {
            walk.token(i);
            if walk.out.too_deep {
                break;
            }
        }
        if !walk.out.too_deep {
            walk.report_unclosed();
        }
        walk.out
    }

    fn word(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |t| &self.text[t.start..t.end])
    }

    fn span(&self, i: usize) -> Span {
        Span::new(self.file, self.tokens[i].start, self.tokens[i].end)
    }

    fn token(&mut self, i: usize) {
        let must_start = self.out.items.is_empty();
        if must_start || (self.stack.is_empty() && self.starts_item(i)) || self.resyncs(i) {
            self.start_item(i);
        }
        match self.word(i) {
            "(" => self.open(i, ")"),
            "[" => self.open(i, "]"),
            "{" => self.open(i, "}"),
            ")" | "]" | "}" => self.close(i),
            _ => self.count_chain(i),
        }
        if let Some(last) = self.out.items.last_mut() {
            last.end = i + 1;
        }
    }

    fn start_item(&mut self, i: usize) {
        self.report_unclosed();
        self.reset_chains();
        self.out.items.push(i..i);
    }

    /// Whether the token opens an item, given that no bracket is open.
    fn starts_item(&self, i: usize) -> bool {
        let token = self.tokens[i];
        if token.kind != TokenKind::Word || i == 0 {
            return false;
        }
        let (before, word) = (self.word(i - 1), self.word(i));
        if (before == "." && !token.flush) || (OPEN_SIGNS.contains(&before) && !token.first) {
            return false;
        }
        // The word right after an item word is the name of that item, however ill chosen.
        let item_start = self.out.items.last().is_some_and(|item| item.start + 1 == i);
        if item_start && ITEM_WORDS.contains(&before) && !token.flush {
            return false;
        }
        let next = self.tokens.get(i + 1).filter(|t| t.kind == TokenKind::Word);
        ITEM_WORDS.contains(&word)
            || (next.is_some() && self.word(i + 2) == "(" && ITEM_WORDS_IN_CONTEXT.contains(&word))
            || (token.flush
                && !OPEN_SIGNS.contains(&before)
                && !item_start
                && (self.is_loose(i) || (next.is_some_and(|t| !t.first) && self.is_misspelt(i))))
    }

    /// A binding at the start of a line, which no item holds outside of brackets.
    fn is_loose(&self, i: usize) -> bool {
        ["=", "~", "<-"].contains(&self.word(i + 1))
    }

    /// Two names side by side at the start of a line: an item word that we do not know.
    fn is_misspelt(&self, i: usize) -> bool {
        let (word, next) = (self.word(i), self.word(i + 1));
        !["log", "if"].contains(&word)
            && !JOINING_WORDS.contains(&word)
            && !JOINING_WORDS.contains(&next)
    }

    fn resyncs(&self, i: usize) -> bool {
        let token = self.tokens[i];
        self.resync && !self.stack.is_empty() && token.flush && ITEM_WORDS.contains(&self.word(i))
    }

    fn open(&mut self, i: usize, closer: &'static str) {
        self.stack.push(Open { token: i, closer, chains: self.chains });
        self.outer_chains += self.chains;
        (self.chains, self.signs) = (0, 0);
        self.check_depth(i);
    }

    fn close(&mut self, i: usize) {
        let Some(open) = self.stack.pop() else {
            if self.item_has_error() {
                return;
            }
            let sign = self.word(i);
            let message = format!("`{sign}` closes nothing");
            let diagnostic = Diagnostic::new(codes::RL0009, message)
                .at(self.span(i), "no bracket is open here")
                .help(format!("delete this `{sign}`, or add the bracket that it should close"));
            return self.out.errors.push(diagnostic);
        };
        self.chains = open.chains;
        self.outer_chains -= open.chains;
        self.signs = 0;
        if self.word(i) != open.closer {
            let opener = self.word(open.token);
            let message = format!("`{opener}` is closed by `{}`", self.word(i));
            let diagnostic = Diagnostic::new(codes::RL0009, message)
                .at(self.span(i), format!("`{}` is missing before this", open.closer))
                .also(self.span(open.token), "opened here")
                .help(format!("add `{}`", open.closer));
            self.out.errors.push(diagnostic);
            // Prefer the reading in which the closer belongs to an outer bracket.
            if self.stack.iter().any(|outer| outer.closer == self.word(i)) {
                while self.stack.last().is_some_and(|outer| outer.closer != self.word(i)) {
                    self.pop_silently();
                }
                self.pop_silently();
            }
        }
    }

    /// Whether a bracket of this item has been reported; what follows may be its consequence.
    fn item_has_error(&self) -> bool {
        let start = self.out.items.last().map_or(0, |item| self.tokens[item.start].start);
        self.out.errors.last.is_some_and(|place| place as usize >= start)
    }

    fn pop_silently(&mut self) {
        if let Some(open) = self.stack.pop() {
            self.chains = open.chains;
            self.outer_chains -= open.chains;
        }
    }

    /// Reports the brackets that are open where an item or the file ends.
    fn report_unclosed(&mut self) {
        if let Some(open) = self.stack.first() {
            let opener = self.word(open.token);
            let message = format!("`{opener}` is never closed");
            let mut diagnostic = Diagnostic::new(codes::RL0009, message)
                .at(self.span(open.token), "opened here")
                .help(format!("add the missing `{}`", open.closer));
            if let Some(last) = self.out.items.last().and_then(|item| item.end.checked_sub(1))
                && last > open.token
            {
                let text = format!("`{}` is missing after this at the latest", open.closer);
                diagnostic = diagnostic.also(self.span(last), text);
            }
            if self.stack.len() > 1 {
                diagnostic = diagnostic.note(format!("{} brackets are open", self.stack.len()));
            }
            self.out.errors.push(diagnostic);
        }
        self.stack.clear();
        self.outer_chains = 0;
    }

    fn reset_chains(&mut self) {
        (self.chains, self.signs) = (0, 0);
    }

    /// Counts what nests without a bracket: unary signs, powers, `if`s, lambdas.
    fn count_chain(&mut self, i: usize) {
        match self.word(i) {
            "^" | "not" => self.deepen(i, true),
            "-" if !self.follows_operand(i) => self.deepen(i, true),
            "if" | "=>" => self.deepen(i, false),
            "," | "=" | "~" | "<-" | "let" | "return" | "factor" | "minimize" | "maximize"
            | "repeat" | "track" | "report" | "emit" => self.reset_chains(),
            "then" | "else" | "and" | "or" => self.end_signs(),
            "." => {}
            _ if self.tokens[i].kind == TokenKind::Sign => self.end_signs(),
            _ => {}
        }
    }

    fn end_signs(&mut self) {
        self.chains -= self.signs;
        self.signs = 0;
    }

    fn deepen(&mut self, i: usize, sign: bool) {
        self.chains += 1;
        self.signs += sign as usize;
        self.check_depth(i);
    }

    fn follows_operand(&self, i: usize) -> bool {
        let Some(before) = i.checked_sub(1).map(|b| self.tokens[b]) else { return false };
        let word = self.word(i - 1);
        match before.kind {
            TokenKind::Sign => [")", "]", "}"].contains(&word),
            TokenKind::Word => {
                !["if", "then", "else", "and", "or", "not", "return"].contains(&word)
            }
            _ => true,
        }
    }

    fn check_depth(&mut self, i: usize) {
        if self.stack.len() + self.outer_chains + self.chains > MAX_DEPTH {
            let diagnostic = budget::NESTING
                .passed(codes::RL0005)
                .at(self.span(i), format!("level {} opens here", MAX_DEPTH + 1));
            self.out.errors.push(diagnostic);
            self.out.too_deep = true;
        }
    }
}
