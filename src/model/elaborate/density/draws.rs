//! Draws. `E[z ~ q(z | x), samples = k](body)` averages over them, `let z ~ q(z | x)` in a function, a
//! loss or a loop takes one for each call. In: a density and names for its variables. Out: expectations
//! over fresh variables, which stay symbolic for `objective`.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::density::sampled::Sampled;
use crate::model::elaborate::value::{Densities, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Estimator, ExprId, ExprKind, Support, Symbolic, Type};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// `E[z ~ q(z | x), samples = k](body)`
    pub fn expect(
        &mut self,
        kind: &'a ast::ExprKind,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let ast::ExprKind::Expect { var, ty, dist, options, body } = kind else {
            unreachable!("called for E")
        };
        let sampled = self.averaged_over(var, ty.as_ref(), *dist, (file, env))?;
        // Its noise is named after it, and a joint is asked for it by its name.
        self.variable_at(var);
        let at = self.place_of_name(&sampled, var)?;
        let asked = self.expect_options(options, (file, env), span)?;
        let inner = self.with_draws(&sampled, (at, var), env);
        let body = self.averaged_body(*body, &sampled, (file, &inner))?;
        let vars: Vec<_> = sampled.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        self.can_average(&asked, &sampled.applied, (&vars, body), span)?;
        let ty = Type { support: Support::Real, varies: true, ..self.ty(body).clone() };
        let (density, estimator) = (sampled.applied, asked.estimator);
        let (samples, aid) = (asked.samples, asked.aid.map(|(id, _)| id));
        let kind = Symbolic::Expect { density, vars, samples, estimator, aid, body };
        self.push(ExprKind::Symbolic(kind), ty, span).map(Value::Tensor)
    }

    /// The density that an expectation draws from, at its place.
    fn averaged_over(
        &mut self,
        var: &ast::Ident,
        ty: Option<&'a ast::Type>,
        dist: ast::ExprId,
        (file, env): (FileId, &Env<'a>),
    ) -> Res<Sampled> {
        let span = self.names.files[&file].expr(dist).span;
        let value = self.eval(dist, file, env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, env, true)?),
            None => None,
        };
        let mut sampled = self.side(&value, ty, &var.name, None, span)?;
        self.place_draw(&mut sampled);
        Ok(sampled)
    }

    /// Which of the variables that are drawn a name stands for: the only one, or the one called so.
    fn place_of_name(&mut self, sampled: &Sampled, var: &ast::Ident) -> Res<usize> {
        if sampled.vars.len() == 1 {
            return Ok(0);
        }
        if let Some(at) = sampled.vars.iter().position(|(n, _, _)| *n == var.name) {
            return Ok(at);
        }
        let names: Vec<&str> = sampled.vars.iter().map(|(n, _, _)| n.as_str()).collect();
        let text = format!("the density draws {}, not `{}`", names.join(", "), var.name);
        self.fail(codes::RL0114, text, var.span, "name one of its variables")
    }

    /// The names in scope with the variables that are drawn; the one at `at` has the name `var`.
    fn with_draws(
        &mut self,
        sampled: &Sampled,
        (at, var): (usize, &ast::Ident),
        env: &Env<'a>,
    ) -> Env<'a> {
        let mut inner = env.clone();
        for (i, (name, _, fresh)) in sampled.vars.iter().enumerate() {
            let ty = self.m.vars[fresh.0 as usize].ty.clone();
            let id = self.m.push(ExprKind::Var(*fresh), ty, var.span);
            inner = match i == at {
                true => bind(&inner, var, Value::Tensor(id)),
                false => bind(&inner, name.as_str(), Value::Tensor(id)),
            };
        }
        inner
    }

    /// What an expectation averages, as real numbers.
    fn averaged_body(
        &mut self,
        body: ast::ExprId,
        sampled: &Sampled,
        (file, env): (FileId, &Env<'a>),
    ) -> Res<ExprId> {
        let span = self.names.files[&file].expr(body).span;
        let draw = sampled.vars.first().map(|(_, _, fresh)| *fresh);
        let value = self.at(|here| here.around.draws.extend(draw), |e| e.eval(body, file, env));
        let body = self.tensor(&value?, span)?;
        self.averaged(body, span)
    }

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
        self.as_many_names(names, &sampled, span)?;
        self.place_draw(&mut sampled);
        let places = self.places_of(names, &sampled, &written)?;
        let mut env = env.clone();
        for (name, at) in names.iter().zip(places) {
            let id = self.one_draw(&sampled, at, name.span, span)?;
            let names = std::slice::from_ref(name);
            env = self.bind_names(names, false, Value::Tensor(id), env, span)?;
        }
        Ok(env)
    }

    /// Every variable that is drawn has a name.
    fn as_many_names(&mut self, names: &[ast::Ident], sampled: &Sampled, span: Span) -> Res<()> {
        if sampled.vars.len() == names.len() {
            return Ok(());
        }
        let drawn: Vec<&str> = sampled.vars.iter().map(|(n, _, _)| n.as_str()).collect();
        let drawn = drawn.join(", ");
        let count =
            if names.len() == 1 { "one name".into() } else { format!("{} names", names.len()) };
        let text = format!("{count} for draws of {drawn}");
        self.fail(codes::RL0114, text, span, &format!("write `let ({drawn}) ~ ...`"))
    }

    /// One draw of the variable at a place: an expectation that takes a single sample as it is.
    fn one_draw(&mut self, of: &Sampled, at: usize, named: Span, span: Span) -> Res<ExprId> {
        let vars: Vec<_> = of.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        let ty = self.m.vars[vars[at].0 as usize].ty.clone();
        let body = self.m.push(ExprKind::Var(vars[at]), ty.clone(), named);
        let (density, estimator) = (of.applied.clone(), Some(Estimator::Sample));
        let kind = Symbolic::Expect { density, vars, samples: 1, estimator, aid: None, body };
        self.push(ExprKind::Symbolic(kind), Type { varies: true, ..ty }, span)
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
        names.iter().for_each(|name| self.variable_at(name));
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
