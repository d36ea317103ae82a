//! `if` with a condition that is known: the value of the branch that is taken. The other one is not
//! evaluated.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::value::{Env, Value};
use crate::model::elaborate::{Elab, Res};
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
}
