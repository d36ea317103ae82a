//! Statements as commands.

use super::Writer;
use super::layout::Cmd;
use crate::syntax::ast::*;

impl Writer<'_> {
    /// ` { ... }`. A block of one statement stays on one line if it was written so and fits.
    pub(super) fn block(&mut self, body: &[Stmt]) {
        self.space();
        match body {
            [] => {
                self.token("{");
                self.token("}");
            }
            [only] if !self.starts_line(only.span.start) => self.group(|w| {
                w.token("{");
                w.nest(|w| {
                    w.cmd(Cmd::Line);
                    w.statement(only);
                });
                w.cmd(Cmd::Line);
                w.token("}");
            }),
            _ => {
                self.token("{");
                self.nest(|w| {
                    for statement in body {
                        w.cmd(Cmd::Hard);
                        w.statement(statement);
                    }
                });
                self.cmd(Cmd::Hard);
                self.token("}");
            }
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Let { names, tuple, ty, draws, value } => {
                self.token("let");
                self.space();
                if *tuple {
                    self.bracketed(["(", ")"], names, |w, name| w.token(&name.name));
                } else {
                    self.list(names, |w, name| w.token(&name.name));
                }
                self.typed(ty.as_ref());
                self.value(if *draws { "~" } else { "=" }, *value);
            }
            StmtKind::Param(slot) => self.slot("param", slot),
            StmtKind::State(slot) => self.slot("state", slot),
            StmtKind::Assign { name, value } => self.bind(name, None, "<-", *value),
            StmtKind::Draw { name, ty, dist } => self.bind(name, ty.as_ref(), "~", *dist),
            StmtKind::Define { name, ty, value } => self.bind(name, ty.as_ref(), "=", *value),
            StmtKind::Return(value) => self.keyword("return", *value),
            StmtKind::Factor(value) => self.keyword("factor", *value),
            StmtKind::Optimize { maximize, goal, over, with } => {
                self.optimize(*maximize, *goal, over, *with);
            }
            StmtKind::Repeat { count, body } => {
                self.keyword("repeat", *count);
                self.block(body);
            }
            StmtKind::Track(list) => self.named_list("track", list),
            StmtKind::Report(list) => self.named_list("report", list),
            StmtKind::Emit(list) => self.named_list("emit", list),
            StmtKind::Prune { part, below } => {
                self.words(["prune", &part.name]);
                self.space();
                self.keyword("below", *below);
            }
        }
    }

    /// `param W: f32[D, H] = glorot()`
    pub(super) fn slot(&mut self, word: &str, slot: &Slot) {
        self.words([word, &slot.name.name]);
        self.typed(Some(&slot.ty));
        self.value("=", slot.init);
    }

    fn bind(&mut self, name: &Ident, ty: Option<&Type>, sign: &str, value: ExprId) {
        self.token(&name.name);
        self.typed(ty);
        self.value(sign, value);
    }

    fn keyword(&mut self, word: &str, value: ExprId) {
        self.token(word);
        self.space();
        self.operand(value);
    }

    fn optimize(&mut self, maximize: bool, goal: ExprId, over: &[Vec<Ident>], with: ExprId) {
        self.group(|w| {
            w.keyword(if maximize { "maximize" } else { "minimize" }, goal);
            w.nest(|w| {
                w.cmd(Cmd::Line);
                w.words(["over"]);
                w.space();
                w.paths(over);
                w.cmd(Cmd::Line);
                w.keyword("with", with);
            });
        });
    }

    /// A path, or several in parentheses; parentheses around one path stay.
    pub(super) fn paths(&mut self, over: &[Vec<Ident>]) {
        if let [only] = over
            && !self.parenthesized(only)
        {
            return self.path(only);
        }
        self.bracketed(["(", ")"], over, |w, path| w.path(path));
    }

    /// Whether `(` stands before a path in the text.
    fn parenthesized(&self, path: &[Ident]) -> bool {
        let Some(first) = path.first() else { return false };
        let token = self.tokens.partition_point(|t| t.start < first.span.start as usize);
        let before = token.checked_sub(1).map(|i| self.tokens[i]);
        before.is_some_and(|t| &self.text[t.start..t.end] == "(")
    }

    /// `digits.train`
    pub(super) fn path(&mut self, path: &[Ident]) {
        for (i, name) in path.iter().enumerate() {
            if i > 0 {
                self.token(".");
            }
            self.token(&name.name);
        }
    }

    fn named_list(&mut self, word: &str, list: &[Named]) {
        self.token(word);
        self.space();
        self.group(|w| {
            w.nest(|w| {
                w.list(list, |w, named| {
                    w.expr(named.value);
                    if let Some(name) = &named.name {
                        w.space();
                        w.words(["as", &name.name]);
                    }
                });
            });
        });
    }
}
