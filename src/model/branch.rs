//! `if` with a condition that is known. In: both branches. Out: the value of the one that is taken. Where
//! the condition may differ between phases, layers of the other one are numbered too, so that a layer of
//! the text is one layer, with one path, in every phase. Nothing of that branch is evaluated.

use super::elab::{Elab, Res};
use super::ir::Static;
use super::value::{Env, Func, FuncBody, Value, bind};
use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::syntax::ast::{self, BinOp, Body, CallableKind, ExprKind, Stmt, StmtKind};

/// Functions inside of functions that are followed.
const DEEP: usize = 64;

/// Where an expression stands.
type Place<'e, 'a> = (FileId, &'e Env<'a>, usize);

impl<'a> Elab<'a> {
    /// `if cond then a else b`
    pub(super) fn conditional(
        &mut self,
        cond: ast::ExprId,
        (then, other): (ast::ExprId, ast::ExprId),
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let (value, asked) = self.asking(|e| e.eval(cond, file, env));
        let differs = asked.training || asked.rows;
        match value? {
            Value::Static(Static::Bool(true)) => {
                let value = self.eval(then, file, env);
                if differs {
                    self.number_layers(other, (file, env, 0));
                }
                value
            }
            Value::Static(Static::Bool(false)) => {
                if differs {
                    self.number_layers(then, (file, env, 0));
                }
                self.eval(other, file, env)
            }
            Value::Tensor(c) if self.ty(c).dtype == DType::Bool => {
                let a = self.eval(then, file, env)?;
                let b = self.eval(other, file, env)?;
                self.select(Value::Tensor(c), a, b, span)
            }
            other => {
                let text = format!("the condition of `if` is {}, not true or false", other.kind());
                let span = self.files[&file].expr(cond).span;
                self.fail(codes::RL0105, text, span, "compare: `if n > 1 then ... else ...`")
            }
        }
    }

    /// Counts the layers of an expression for the current owner, in the order in which they would be
    /// made.
    fn number_layers(&mut self, id: ast::ExprId, at: Place<'_, 'a>) {
        let (file, env, depth) = at;
        let files = self.files;
        let expr = files[&file].expr(id);
        if depth > DEEP || self.spend(budget::STEPS, 1, expr.span).is_err() {
            return;
        }
        match &expr.kind {
            ExprKind::Call { callee, args, rest, .. } => {
                if !is_name(&files[&file].expr(*callee).kind) {
                    self.number_layers(*callee, at);
                }
                args.iter().chain(rest).for_each(|arg| self.number_layers(arg.value, at));
                self.number_callee(*callee, at);
            }
            ExprKind::Binary { op: BinOp::Pipe, lhs, rhs, .. } => {
                self.number_layers(*lhs, at);
                self.number_layers(*rhs, at);
                self.number_callee(*rhs, at);
            }
            ExprKind::If { cond, then, other } => {
                let (known, asked) = self.asking(|e| e.quietly(|e| e.eval(*cond, file, env)));
                let taken = match known {
                    Some(Value::Static(Static::Bool(c))) if !(asked.training || asked.rows) => {
                        [c.then_some(*then), (!c).then_some(*other)]
                    }
                    _ => [Some(*then), Some(*other)],
                };
                taken.into_iter().flatten().for_each(|branch| self.number_layers(branch, at));
            }
            ExprKind::Chain { var, range, body } => {
                let ends = self.quietly(|e| e.eval(*range, file, env));
                let Some(Value::Static(Static::Tuple(ends))) = ends else { return };
                let [Static::Int(low), Static::Int(high)] = ends.as_slice() else { return };
                for i in (*low..*high).take(budget::LAYERS.most) {
                    let env = bind(env, &var.name, Value::Static(Static::Int(i)));
                    self.number_layers(*body, (file, &env, depth + 1));
                }
            }
            ExprKind::Scan { init, over, body, .. } => {
                self.number_layers(*init, at);
                self.number_layers(*over, at);
                self.number_block(body, at);
            }
            ExprKind::Lambda { .. } => {}
            kind => kind.children().for_each(|child| self.number_layers(child, at)),
        }
    }

    /// A module that is used makes a layer; a function makes those of its body.
    fn number_callee(&mut self, callee: ast::ExprId, (file, env, depth): Place<'_, 'a>) {
        if !is_name(&self.files[&file].expr(callee).kind) {
            return;
        }
        match self.quietly(|e| e.eval(callee, file, env)) {
            Some(Value::Template(func)) => {
                let FuncBody::Item(item) = &func.body else { return };
                if item.kind == CallableKind::Module {
                    let name = item.name.name.clone();
                    *self.owner.borrow_mut().counts.entry(name).or_insert(0) += 1;
                }
            }
            Some(Value::Func(func)) => self.number_function(&func, depth + 1),
            _ => {}
        }
    }

    fn number_function(&mut self, func: &Func<'a>, depth: usize) {
        let at = (func.file, &func.env, depth);
        match &func.body {
            FuncBody::Lambda(_, body) => self.number_layers(*body, at),
            FuncBody::Item(item) if item.kind == CallableKind::Fn => match &item.body {
                Body::Expr(e) => self.number_layers(*e, at),
                Body::Block(stmts) => self.number_block(stmts, at),
            },
            FuncBody::Item(_) => {}
        }
    }

    fn number_block(&mut self, stmts: &'a [Stmt], at: Place<'_, 'a>) {
        for stmt in stmts {
            match &stmt.kind {
                StmtKind::Let { value, .. }
                | StmtKind::Assign { value, .. }
                | StmtKind::Define { value, .. }
                | StmtKind::Draw { dist: value, .. }
                | StmtKind::Return(value) => self.number_layers(*value, at),
                _ => {}
            }
        }
    }

    /// Tries something whose mistakes are told elsewhere, or are none.
    fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> Res<T>) -> Option<T> {
        let (diags, failed) = (self.diags.clone(), self.failed.len());
        let result = run(self);
        if result.is_err() {
            self.diags = diags;
            self.failed.truncate(failed);
        }
        result.ok()
    }
}

fn is_name(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Name(_) | ExprKind::Member { .. })
}
