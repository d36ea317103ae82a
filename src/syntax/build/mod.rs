//! Pest pairs to the syntax tree. In: the pairs of one item. Out: the item, its expressions in the
//! arena of the file, and what is wrong with its literals. The grammar has checked the form, so a
//! pair of an unexpected rule is a mistake of ours.

mod expressions;
mod items;
mod statements;
mod types;

use super::ast::*;
use super::grammar::Rule;
use super::lex::Token;
use crate::base::{Code, Diagnostic, Diagnostics, FileId, Span, budget};
use pest::iterators::Pair;

/// The most nodes (expressions, statements, items, types) of one file.
const MAX_NODES: usize = budget::FILE_PARTS.most;

/// The highest expression tree, so that walks over a tree may recurse. Long sums are high trees.
const MAX_HEIGHT: u16 = budget::OPERATORS.most as u16;

/// Builds the tree of one file, item by item.
pub(super) struct Builder<'a> {
    /// The tree so far.
    pub file: File,
    /// What was found wrong.
    pub diagnostics: Diagnostics,
    tokens: &'a [Token],
    /// Where the text of the current item starts in the file.
    base: usize,
    heights: Vec<u16>,
    nodes: usize,
    /// Where a limit was passed first, and which.
    overflow: Option<(Span, &'static str)>,
}

impl<'a> Builder<'a> {
    /// A builder for an empty tree; the tokens serve to trim blanks off spans.
    pub fn new(id: FileId, tokens: &'a [Token]) -> Builder<'a> {
        Builder {
            file: File { id, ..File::default() },
            diagnostics: Diagnostics::default(),
            tokens,
            base: 0,
            heights: Vec::new(),
            nodes: 0,
            overflow: None,
        }
    }

    /// Adds the item that was parsed from the text at `base`.
    pub fn add_item(&mut self, pair: Pair<'_, Rule>, base: usize) {
        self.base = base;
        let item = self.item(pair);
        self.file.items.push(item);
    }

    /// Which limit was passed first, if one was.
    pub fn overflow(&self) -> Option<(Span, &'static str)> {
        self.overflow
    }

    /// The span of a pair, without the blanks that pest may have taken at its end.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let place = pair.as_span();
        let (start, end) = (self.base + place.start(), self.base + place.end());
        let after = self.tokens.partition_point(|t| t.end <= end);
        let end = if after == 0 { end } else { self.tokens[after - 1].end.max(start) };
        Span::new(self.file.id, start, end)
    }

    fn complain(&mut self, code: Code, span: Span, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic::new(code, message).at(span, "").help(help));
    }

    fn ident(&self, pair: Pair<'_, Rule>) -> Ident {
        Ident { name: pair.as_str().to_string(), span: self.span(&pair) }
    }

    fn count_node(&mut self, span: Span) {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.overflow.get_or_insert((span, "nodes"));
        }
    }

    fn add(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let height = kind.children().map(|c| self.heights[c.0 as usize]).max().unwrap_or(0) + 1;
        if height > MAX_HEIGHT {
            self.overflow.get_or_insert((span, "height"));
        }
        self.count_node(span);
        self.heights.push(height.min(MAX_HEIGHT));
        self.file.exprs.push(Expr { kind, span });
        ExprId(self.file.exprs.len() as u32 - 1)
    }
}

/// The meaningful pairs inside a pair: punctuation and keywords left out.
fn parts<'i>(pair: Pair<'i, Rule>) -> impl Iterator<Item = Pair<'i, Rule>> {
    pair.into_inner().filter(|p| !is_fixed(p.as_rule()))
}

/// The single meaningful pair inside a pair.
fn part(pair: Pair<'_, Rule>) -> Pair<'_, Rule> {
    let rule = pair.as_rule();
    match parts(pair).next() {
        Some(inner) => inner,
        None => unreachable!("{rule:?} has no content"),
    }
}

/// The next meaningful pair; the grammar promises that there is one.
fn take<'i>(pairs: &mut impl Iterator<Item = Pair<'i, Rule>>) -> Pair<'i, Rule> {
    match pairs.next() {
        Some(pair) => pair,
        None => unreachable!("the grammar promises one more part here"),
    }
}

/// Signs and keywords that say nothing beyond their place.
fn is_fixed(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        lparen
            | rparen
            | lbracket
            | rbracket
            | lbrace
            | rbrace
            | comma
            | dot
            | colon
            | arrow
            | implies
            | at_most
            | k_use
            | k_dim
            | k_const
            | k_config
            | k_data
            | k_param
            | k_state
            | k_model
            | k_loss
            | k_let
            | k_return
            | k_factor
            | k_repeat
            | k_track
            | k_report
            | k_emit
            | k_if
            | k_then
            | k_else
            | k_distribution
            | k_divergence
            | k_from
            | k_on
            | k_until
            | k_stalls
            | k_prune
            | k_below
            | k_batch
            | k_epochs
            | k_steps
            | k_count
            | k_over
            | k_with
            | k_as
            | k_in
            | k_log
            | k_chain
            | k_scan
            | k_idx
            | k_expect
            | EOI
    )
}
