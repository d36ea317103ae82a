//! Draws in functions, losses and loops: `let z ~ q(z | x)`, `z ~ Normal(0, 1)`. In: a statement. Out:
//! values, one draw for each call. What is averaged over draws is written `E[z ~ ...](...)`.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::density::query::Sampled;
use crate::model::elaborate::value::{Densities, Env, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Estimator, ExprKind, Type};
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
        let place = self.names.files[&file].expr(dist).span;
        let value = self.eval(dist, file, env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, env, true)?),
            None => None,
        };
        let written = self.named_in_text(&value);
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
        let places = self.places_of(names, &sampled, &written)?;
        let fresh: Vec<_> = sampled.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        let mut env = env.clone();
        for (name, at) in names.iter().zip(places) {
            let var = fresh[at];
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let body = self.m.push(ExprKind::Var(var), ty.clone(), name.span);
            let kind = ExprKind::Expect {
                density: sampled.applied.clone(),
                vars: fresh.clone(),
                samples: 1,
                estimator: Some(Estimator::Sample),
                body,
            };
            let id = self.push(kind, Type { varies: true, ..ty }, span)?;
            let names = std::slice::from_ref(name);
            env = self.bind_names(names, false, Value::Tensor(id), env, span)?;
        }
        Ok(env)
    }

    /// The variables of a density in the order in which the text names them.
    pub fn named_in_text(&self, value: &Value<'a>) -> Vec<String> {
        let declared = |of: &Densities| -> Vec<String> {
            let over = of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over);
            over.map(|v| self.var_name(*v).to_string()).collect()
        };
        match value {
            Value::Query(query) if !query.over.is_empty() => {
                query.over.iter().filter_map(|arg| arg.name.clone()).collect()
            }
            Value::Query(query) => declared(&query.of),
            Value::Density(of) => declared(of),
            _ => vec![],
        }
    }

    /// Which of the drawn variables each name is: the one of that name if all are named so, else the
    /// one at its place in the text.
    fn places_of(
        &mut self,
        names: &[ast::Ident],
        sampled: &Sampled,
        written: &[String],
    ) -> Res<Vec<usize>> {
        let of = |name: &String| sampled.vars.iter().position(|(n, _, _)| n == name);
        let same: Vec<Option<usize>> = names.iter().map(|name| of(&name.name)).collect();
        if let Some(all) = same.iter().copied().collect() {
            return Ok(all);
        }
        let by_place = written.iter().map(of).collect::<Option<Vec<usize>>>();
        let places = by_place.filter(|all| all.len() == names.len());
        let places = places.unwrap_or_else(|| (0..names.len()).collect());
        let moved = names.iter().zip(same.iter().zip(&places));
        let moved = moved.filter(|(_, (same, at))| same.is_some_and(|same| same != **at));
        if let Some((name, _)) = moved.map(|(name, rest)| (name.clone(), rest)).next() {
            let text = format!("`{}` is another one of the variables that are drawn", name.name);
            let drawn = written.join(", ");
            let help = format!("write `let ({drawn}) ~ ...`, or names that are none of them");
            return self.fail(codes::RL0114, text, name.span, &help);
        }
        Ok(places)
    }
}
