//! Bodies of functions and branches. In: an expression or statements in order. Out: the value that is
//! returned; of an `if` whose condition is known, the value of the branch that is taken, and the other one
//! is not evaluated.

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::value::{Env, Value, bind};
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::Static;
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// `if cond then a else b`
    pub fn conditional(
        &mut self,
        cond: ast::ExprId,
        (then, other): (ast::ExprId, ast::ExprId),
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        match self.eval(cond, file, env)? {
            Value::Static(Static::Bool(true)) => self.eval(then, file, env),
            Value::Static(Static::Bool(false)) => self.eval(other, file, env),
            Value::Tensor(c) if self.ty(c).dtype == DType::Bool => {
                let a = self.eval(then, file, env)?;
                let b = self.eval(other, file, env)?;
                self.select(Value::Tensor(c), a, b, span)
            }
            other => {
                let text = format!("the condition of `if` is {}, not true or false", other.kind());
                let span = self.names.files[&file].expr(cond).span;
                self.fail(codes::RL0105, text, span, "compare: `if n > 1 then ... else ...`")
            }
        }
    }

    /// The value of a body; `<-` to states takes effect in train phases.
    pub fn body(
        &mut self,
        body: &'a ast::Body,
        file: FileId,
        env: Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        match body {
            ast::Body::Expr(e) => self.eval(*e, file, &env),
            ast::Body::Block(stmts) => self.block(stmts, file, env, span),
        }
    }

    /// The value that a block returns.
    pub fn block(
        &mut self,
        stmts: &'a [ast::Stmt],
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let mut whole = Ok(());
        self.allow(budget::STATEMENTS, stmts.len(), span)?;
        for stmt in stmts {
            if let ast::StmtKind::Return(e) = &stmt.kind {
                let value = self.eval(*e, file, &env);
                return whole.and(value);
            }
            let done = self.statement(stmt, file, &env);
            if done.is_err() && self.names.sources.is_prelude(file) {
                // One place of the user's file, one message.
                return done.and(Err(Stop));
            }
            env = done.unwrap_or_else(|stop| {
                whole = Err(stop);
                with_failed(stmt, &env)
            });
        }
        whole?;
        let text = "the function ends without `return`".into();
        let end = stmts.last().map_or(span, |s| s.span);
        self.fail(codes::RL0106, text, end, "end it with `return value`")
    }

    /// A statement of a function, other than `return`: the names after it.
    fn statement(&mut self, stmt: &'a ast::Stmt, file: FileId, env: &Env<'a>) -> Res<Env<'a>> {
        match &stmt.kind {
            ast::StmtKind::Let { names, ty, draws: true, value, .. } => {
                self.draw_values(names, ty.as_ref(), *value, (file, env), stmt.span)
            }
            ast::StmtKind::Let { names, tuple, ty, value, .. } => {
                let place = self.names.files[&file].expr(*value).span;
                let bound = self.eval(*value, file, env)?;
                let bound = self.typed(bound, ty.as_ref(), (file, env), (&names[0], place))?;
                self.bind_names(names, *tuple, bound, env.clone(), place)
            }
            ast::StmtKind::Draw { name, ty, dist } => {
                let names = std::slice::from_ref(name);
                self.draw_values(names, ty.as_ref(), *dist, (file, env), stmt.span)
            }
            ast::StmtKind::Param(slot) => {
                let id = self.param(slot, file, env)?;
                Ok(bind(env, &slot.name, Value::Tensor(id)))
            }
            ast::StmtKind::State(slot) => {
                let (id, _) = self.state(slot, file, env)?;
                Ok(bind(env, &slot.name, Value::Tensor(id)))
            }
            ast::StmtKind::Assign { name, value } => {
                self.assign_local(name, *value, file, env.clone())
            }
            _ => self.no_statement_of_a_function(stmt.span),
        }
    }

    fn no_statement_of_a_function<T>(&mut self, span: Span) -> Res<T> {
        let text = "this statement has no meaning in a function".into();
        let help = "functions hold `let`, `~`, `param`, `state`, `<-` and `return`";
        self.fail(codes::RL0120, text, span, help)
    }
}

/// The names after a statement with a mistake: what uses its own says nothing.
fn with_failed<'a>(stmt: &ast::Stmt, env: &Env<'a>) -> Env<'a> {
    names_of(stmt).iter().fold(env.clone(), |env, n| bind(&env, n, Value::Failed))
}

/// The names that a statement binds.
pub fn names_of(stmt: &ast::Stmt) -> &[ast::Ident] {
    match &stmt.kind {
        ast::StmtKind::Let { names, .. } => names,
        ast::StmtKind::Param(slot) | ast::StmtKind::State(slot) => std::slice::from_ref(&slot.name),
        ast::StmtKind::Define { name, .. } | ast::StmtKind::Draw { name, .. } => {
            std::slice::from_ref(name)
        }
        _ => &[],
    }
}
