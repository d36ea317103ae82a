//! What is asked of functions that can be undone. In: a function and what the solver found. Out: an
//! inverse or a message, and a note of what is derived of the functions of a file.

use super::{Inverse, Way};
use crate::base::{Diagnostic, Span, codes};
use crate::graph::op::map;
use crate::model::elaborate::value::{Func, FuncBody, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Inverted, Obstacle, Support, Type, Var, VarId};
use crate::syntax::ast;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// An inverse, or a message that says why there is none.
    pub fn undone(
        &mut self,
        f: &Value<'a>,
        found: Result<Inverse, Obstacle>,
        span: Span,
    ) -> Res<Inverse> {
        let why = match found {
            Ok(inverse) => return Ok(inverse),
            Err(why) => why,
        };
        let name = match f {
            Value::Func(func) => match &func.body {
                FuncBody::Item(item) => format!("`{}`", item.name.name),
                FuncBody::Lambda(..) | FuncBody::Formula(..) => "this function".into(),
            },
            _ => "this".into(),
        };
        let text = format!("{name} has no inverse that can be derived");
        let mut diagnostic = Diagnostic::new(codes::RL0128, text).at(self.place(why.span), why.why);
        if self.place(span) != self.place(why.span) {
            diagnostic = diagnostic.also(self.place(span), "asked for here");
        }
        self.stop(diagnostic.help(why.help))
    }

    /// The type of the first argument of a function, where it says one.
    pub fn argument_of(&mut self, f: &Value<'a>, like: Type) -> Res<Type> {
        let Value::Func(func) = f else { return Ok(like) };
        let FuncBody::Item(item) = &func.body else { return Ok(like) };
        let written = item.formals.first().and_then(|formal| formal.ty.as_ref());
        let Some(ast::RType::Plain(ty)) = written else { return Ok(like) };
        let known = self.guess(|e| e.closed_type(ty, func.file, &func.env, true), Result::is_ok);
        Ok(known.map_or(like.clone(), |ty| Type { varies: like.varies, ..ty }))
    }

    /// The expression that mentions a variable.
    pub fn mention(&mut self, var: VarId) -> ExprId {
        let Var { ty, span, .. } = self.m.vars[var.0 as usize].clone();
        self.m.push(ExprKind::Var(var), ty, span)
    }

    /// A `bijection` is one: its first argument can be told from its result. Told at the first call.
    pub fn is_bijection(
        &mut self,
        func: &Rc<Func<'a>>,
        item: &'a ast::Callable,
        inputs: &[Value<'a>],
        result: ExprId,
        span: Span,
    ) -> Res<()> {
        let path = func.instance.as_ref().map_or(String::new(), |(path, _)| path.clone());
        let tensors = inputs.iter().filter_map(|value| match value {
            Value::Tensor(id) => Some(*id),
            _ => None,
        });
        let tensors: Vec<ExprId> = tensors.collect();
        let Some((of, others)) = tensors.split_first() else { return Ok(()) };
        let of = *of;
        // A condition that is made of the argument would look like the argument itself.
        let shared = self.m.reachable(others).contains(&of);
        if shared || self.constant(of).is_some() {
            return Ok(());
        }
        let key = (func.file, item.name.name.clone(), path);
        if self.made.inverted.contains(&key) {
            return Ok(());
        }
        let found = self.invert(&[of], &[(result, result)], Way::Forth, span)?;
        // It is told at the place of the obstacle, once for all calls; where that is in a layer of the
        // library that comes last, at the name.
        let found = found.map_err(|why| match self.names.sources.is_prelude(why.span.file) {
            true => Obstacle { span: item.name.span, ..why },
            false => why,
        });
        let place = found.as_ref().err().map_or(span, |why| why.span);
        self.undone(&Value::Func(func.clone()), found, place)?;
        self.made.inverted.insert(key);
        self.note_inverse(func, item, of, result, span)
    }

    /// Keeps what is derived of a function, in an argument and a result of its own; of a layer that the file
    /// has several times, once.
    fn note_inverse(
        &mut self,
        func: &Func<'a>,
        item: &'a ast::Callable,
        of: ExprId,
        result: ExprId,
        span: Span,
    ) -> Res<()> {
        let formal = func.first_formal();
        let name = format!("{}({formal})", item.name.name);
        let file = func.file;
        let known = self.m.inverses.iter().any(|other| other.name == name && other.file == file);
        if known {
            return Ok(());
        }
        let (var, v) = self.m.fresh_var(formal, self.ty(of).clone(), span);
        let value = self.m.rewrite(&[result], &mut |m, id, kind| {
            match kind {
                _ if id == of => v,
                // What it gives, not what it keeps.
                ExprKind::Write { result, .. } => result,
                kind => m.rebuilt(id, kind),
            }
        })[0];
        let ty = Type { support: Support::Real, ..self.ty(value).clone() };
        let (result, y) = self.m.fresh_var("result", ty, span);
        let back = self.invert(&[v], &[(value, y)], Way::Back, span)?;
        let forth = self.invert(&[v], &[(value, value)], Way::Forth, span)?;
        if let (Ok(back), Ok(forth)) = (back, forth) {
            let (inverse, log_det) = (back.solved[0], forth.log_det);
            let undone = self.m.substitute(inverse, &[(result, value)]);
            let off = self.two(&map::SUB, undone, v, span)?;
            self.m.inverses.push(Inverted {
                name,
                file,
                var,
                value,
                result,
                inverse,
                off,
                log_det,
            });
        }
        Ok(())
    }
}
