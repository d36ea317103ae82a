//! Draws in functions, losses and loops: `let z ~ q(z | x)`, `z ~ Normal(0, 1)`. In: a statement. Out:
//! values, one draw for each call. What is averaged over draws is written `E[z ~ ...](...)`.

use super::elab::{Elab, Res};
use super::ir::{ExprKind, Type};
use super::value::{Env, Value};
use crate::base::{FileId, Span, codes};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// The names after a draw of one variable or of several.
    pub fn draw_values(
        &mut self,
        names: &'a [ast::Ident],
        ty: Option<&'a ast::Type>,
        dist: ast::ExprId,
        (file, env): (FileId, &Env<'a>),
        span: Span,
    ) -> Res<Env<'a>> {
        let place = self.files[&file].expr(dist).span;
        let value = self.eval(dist, file, env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, env, true)?),
            None => None,
        };
        let mut sampled = self.side(&value, ty, &names[0].name, None, place)?;
        if sampled.vars.len() != names.len() {
            let drawn: Vec<&str> = sampled.vars.iter().map(|(n, _, _)| n.as_str()).collect();
            let count =
                if names.len() == 1 { "one name".into() } else { format!("{} names", names.len()) };
            let text = format!("{count} for draws of {}", drawn.join(", "));
            let help = format!("write `let ({}) ~ ...`", drawn.join(", "));
            return self.fail(codes::RL0114, text, span, &help);
        }
        self.place_draw(&mut sampled);
        let fresh: Vec<_> = sampled.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        let mut env = env.clone();
        for (at, name) in names.iter().enumerate() {
            let same = sampled.vars.iter().position(|(n, _, _)| *n == name.name);
            let var = fresh[same.unwrap_or(at)];
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let body = self.m.push(ExprKind::Var(var), ty.clone(), name.span);
            let kind = ExprKind::Expect {
                density: sampled.applied.clone(),
                vars: fresh.clone(),
                samples: 1,
                estimator: Some("sample".into()),
                body,
            };
            let id = self.push(kind, Type { varies: true, ..ty }, span)?;
            let names = std::slice::from_ref(name);
            env = self.bind_names(names, false, Value::Tensor(id), env, span)?;
        }
        Ok(env)
    }
}
