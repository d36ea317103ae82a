//! Statements: pairs to [`Stmt`]s.

use super::{Builder, part, parts, take};
use crate::base::codes;
use crate::syntax::ast::*;
use crate::syntax::grammar::Rule;
use pest::iterators::Pair;

impl Builder<'_> {
    /// `{ ... }`
    pub(super) fn block(&mut self, pair: Pair<'_, Rule>) -> Vec<Stmt> {
        parts(pair).map(|p| self.statement(p)).collect()
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Stmt {
        let span = self.span(&pair);
        self.count_node(span);
        let kind = match pair.as_rule() {
            Rule::let_statement => self.let_statement(pair),
            Rule::param => StmtKind::Param(self.slot(part(pair))),
            Rule::state => StmtKind::State(self.slot(part(pair))),
            Rule::return_statement => StmtKind::Return(self.expr(part(pair))),
            Rule::factor_statement => StmtKind::Factor(self.expr(part(pair))),
            Rule::optimize => self.optimize(pair),
            Rule::repeat => {
                let mut inner = parts(pair);
                let count = self.expr(take(&mut inner));
                StmtKind::Repeat { count, body: self.block(take(&mut inner)) }
            }
            Rule::track => StmtKind::Track(self.named_list(pair)),
            Rule::report => StmtKind::Report(self.named_list(pair)),
            Rule::emit => StmtKind::Emit(self.named_list(pair)),
            Rule::prune => {
                let mut inner = parts(pair);
                let part = self.ident(take(&mut inner));
                StmtKind::Prune { part, below: self.expr(take(&mut inner)) }
            }
            Rule::bind => self.bind(pair),
            other => unreachable!("{other:?} is no statement"),
        };
        Stmt { span, kind }
    }

    fn let_statement(&mut self, pair: Pair<'_, Rule>) -> StmtKind {
        let mut inner = parts(pair).peekable();
        let pattern = take(&mut inner);
        let tuple = pattern.as_str().starts_with('(');
        let names = parts(pattern).map(|p| self.ident(p)).collect();
        let ty = inner.next_if(|p| p.as_rule() == Rule::r#type).map(|p| self.ty(p));
        let draws = take(&mut inner).as_str() == "~";
        StmtKind::Let { names, tuple, ty, draws, value: self.expr(take(&mut inner)) }
    }

    /// A draw, a definition or an assignment.
    fn bind(&mut self, pair: Pair<'_, Rule>) -> StmtKind {
        let mut inner = parts(pair).peekable();
        let name = self.ident(take(&mut inner));
        let ty = inner.next_if(|p| p.as_rule() == Rule::r#type).map(|p| self.ty(p));
        let sign = take(&mut inner);
        let value = self.expr(take(&mut inner));
        match sign.as_str() {
            "<-" => {
                if let Some(ty) = ty {
                    let help = format!("write `{} <- ...`", name.name);
                    self.complain(
                        codes::RL0014,
                        ty.span,
                        "an update with `<-` takes no type",
                        &help,
                    );
                }
                StmtKind::Assign { name, value }
            }
            "~" => StmtKind::Draw { name, ty, dist: value },
            _ => StmtKind::Define { name, ty, value },
        }
    }

    fn optimize(&mut self, pair: Pair<'_, Rule>) -> StmtKind {
        let mut inner = parts(pair);
        let maximize = take(&mut inner).as_str() == "maximize";
        let goal = self.expr(take(&mut inner));
        let over = self.group(take(&mut inner));
        StmtKind::Optimize { maximize, goal, over, with: self.expr(take(&mut inner)) }
    }

    /// `a.b` or `(a.b, c)`
    pub(super) fn group(&mut self, pair: Pair<'_, Rule>) -> Vec<Vec<Ident>> {
        parts(pair).map(|p| self.path(p)).collect()
    }

    fn named_list(&mut self, pair: Pair<'_, Rule>) -> Vec<Named> {
        parts(pair)
            .map(|named| {
                let mut inner = parts(named);
                let value = self.expr(take(&mut inner));
                Named { value, name: inner.next().map(|p| self.ident(p)) }
            })
            .collect()
    }
}
