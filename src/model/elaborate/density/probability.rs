//! The special forms `KL`, `log p`, `mean(q)` and what a sample phase draws. In: densities as values.
//! Out: forms that stay symbolic for `objective`.

use crate::base::{FileId, Span, codes, nearest};
use crate::graph::DType;
use crate::model::elaborate::density::query::Resolved;
use crate::model::elaborate::density::sampled::Sampled;
use crate::model::elaborate::value::{Densities, Env, Query, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    self, Applied, DensityId, DistId, ExprId, ExprKind, Factor, Obstacle, Support, Symbolic, Type,
    VarId,
};
use crate::syntax::ast::{self, Bar};

/// The type of one number of nats per example.
pub fn scalar() -> Type {
    Type { dtype: DType::F32, shape: vec![], support: Support::Real, varies: true, ends: false }
}

/// What to write for a moment that has no formula.
fn averaged(what: &str) -> &'static str {
    match what {
        "entropy" => "average draws: `E[z ~ q(z | x)](-log q(z | x))`",
        "variance" => "average draws: `E[z ~ q(z | x)](z^2) - E[z ~ q(z | x)](z)^2`",
        "mode" => "the mean may do: `E[z ~ q(z | x)](z)`",
        _ => "average draws: `E[z ~ q(z | x)](z)`",
    }
}

impl<'a> Elab<'a> {
    /// A text out of a list.
    pub fn text(&mut self, value: &Value<'a>, among: &[&str], span: Span) -> Res<String> {
        match value {
            Value::Static(ir::Static::Str(s)) if among.contains(&s.as_str()) => Ok(s.clone()),
            _ => {
                let list: Vec<String> = among.iter().map(|s| format!("\"{s}\"")).collect();
                let near = match value {
                    Value::Static(ir::Static::Str(s)) => nearest(s, among),
                    _ => None,
                };
                let help = match near {
                    Some(word) => format!("did you mean \"{word}\"?"),
                    None => format!("write {}", list.first().map_or("a text", |s| s.as_str())),
                };
                let text = format!("one of {} is needed", list.join(", "));
                let error = self.error(codes::RL0104, text, span, "").help(help);
                // A constant may hold the text.
                let literal = self.names.sources.text(span).starts_with('"');
                self.stop(match near.filter(|_| literal) {
                    Some(word) => error.edit(span, format!("\"{word}\"")),
                    None => error,
                })
            }
        }
    }

    /// `KL(q(z | x) || p(z))`
    #[allow(clippy::too_many_arguments)]
    pub fn divergence(
        &mut self,
        args: &'a [ast::Arg],
        bar: Option<Bar>,
        rest: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let plain = args.iter().chain(rest).all(|arg| arg.name.is_none());
        let ([left], Some(Bar::Versus), [right], true) = (args, bar, rest, plain) else {
            let text = "`KL` takes two densities with `||` between".into();
            return self.fail(codes::RL0104, text, span, "write `KL(q(z | x) || p(z))`");
        };
        let [at_left, at_right] = [left, right].map(|a| self.names.files[&file].expr(a.value).span);
        let (a, b) = (self.eval(left.value, file, env)?, self.eval(right.value, file, env)?);
        let (q, p) = self.sides_of_divergence((&a, at_left), (&b, at_right))?;
        self.over_the_same(&q, &p, span)?;
        self.all_scorable(&q.applied.densities, span)?;
        self.all_scorable(&p.applied.densities, span)?;
        let closed = self.closed(&q, &p, span)?;
        let ty = scalar();
        self.push(ExprKind::Symbolic(Symbolic::Kl { q: q.applied, p: p.applied, closed }), ty, span)
            .map(Value::Tensor)
    }

    /// The sides of a divergence: the left one draws, the right one scores its draws. A distribution on
    /// the right is one of what the left one draws.
    fn sides_of_divergence(
        &mut self,
        (left, at_left): (&Value<'a>, Span),
        (right, at_right): (&Value<'a>, Span),
    ) -> Res<(Sampled, Sampled)> {
        let mut q = self.side(left, None, "value", None, at_left)?;
        self.place_draw(&mut q);
        let drawn = q.vars.first().map(|(_, _, v)| self.m.vars[v.0 as usize].ty.clone());
        let name = q.vars.first().map_or("value".to_string(), |(n, _, _)| n.clone());
        let ty = drawn.filter(|_| matches!(right, Value::Dist(_) | Value::Ordered(_)));
        let p = self.side(right, ty, &name, Some(&q), at_right)?;
        Ok((q, p))
    }

    /// Both sides of a divergence are over variables of the same names.
    fn over_the_same(&mut self, q: &Sampled, p: &Sampled, span: Span) -> Res<()> {
        let [left, right] = [q, p].map(|side| {
            let mut names: Vec<&str> = side.vars.iter().map(|(n, _, _)| n.as_str()).collect();
            names.sort();
            names
        });
        if left == right {
            return Ok(());
        }
        let (left, right) = (left.join(", "), right.join(", "));
        let text = format!("the sides of `||` are over {left} and {right}");
        self.fail(codes::RL0114, text, span, "both sides must be densities of the same variables")
    }

    /// `log p(x | z)`
    pub fn log_density(
        &mut self,
        density: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(density, file, env)?;
        let Value::Query(query) = value else {
            let text = format!("`log` of {}", value.kind());
            let help = "`log p(x)` takes a density; the logarithm of a number is `log(value)`";
            return self.fail(codes::RL0105, text, span, help);
        };
        let mut of = self.resolve(&query)?;
        let values = self.scored_values(&query, file, env)?;
        for id in of.densities.clone() {
            self.bind_scored(id, &values, &mut of.bind, span)?;
        }
        let applied = self.applied(of, span)?;
        self.push(ExprKind::Symbolic(Symbolic::LogProb(applied)), scalar(), span).map(Value::Tensor)
    }

    /// The values at which a density is scored, by name, and where they are written.
    fn scored_values(
        &mut self,
        query: &Query<'a>,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Vec<(String, ExprId, Span)>> {
        let mut values = Vec::new();
        for arg in &query.over {
            let name = arg.name.clone().unwrap_or_default();
            let Some(value) = &arg.value else {
                if self.here.fields_visible && self.m.fields.iter().any(|f| f.name == name) {
                    // Of several data sets, or of another one: a message, or the phase will tell.
                    self.name(&name, file, env, arg.span)?;
                }
                let text = format!("`{name}` has no value here");
                return self.fail(codes::RL0117, text, arg.span, &format!("`{name}` is neither a data field nor drawn: draw it with `E[{name} ~ ...](...)`"));
            };
            values.push((name, self.tensor(value, arg.span)?, arg.span));
        }
        Ok(values)
    }

    /// Binds the variables of a density to the values of these names; all that it is over need one.
    fn bind_scored(
        &mut self,
        id: DensityId,
        values: &[(String, ExprId, Span)],
        bind: &mut Vec<(VarId, ExprId)>,
        span: Span,
    ) -> Res<()> {
        let density = self.m.densities[id.0 as usize].clone();
        for var in density.over.iter().chain(&density.given) {
            let name = self.var_name(*var);
            if let Some((_, value, place)) = values.iter().find(|(n, _, _)| *n == name)
                && bind.iter().all(|(v, _)| v != var)
            {
                bind.push((*var, self.binding(*var, *value, *place)?));
            }
        }
        if let Some(open) = density.over.iter().find(|v| bind.iter().all(|(b, _)| b != *v)) {
            let name = self.var_name(*open);
            let text = format!("`log {}` does not say at which `{name}`", density.name);
            let help = format!("write `log {}`", self.m.head(id));
            return self.fail(codes::RL0117, text, span, &help);
        }
        self.scorable(&density, span)
    }

    /// Every factor of what is scored can be.
    pub fn all_scorable(&mut self, densities: &[DensityId], span: Span) -> Res<()> {
        densities.iter().try_for_each(|id| {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)
        })
    }

    /// Every variable of a scored density must be drawn and stand in its head.
    pub fn scorable(&mut self, density: &ir::Density, span: Span) -> Res<()> {
        if density.factors.iter().any(|f| matches!(f, Factor::Energy { .. })) {
            return self.unnormalized(&density.clone(), "scored", span);
        }
        let computed = density.factors.iter().find_map(|f| match f {
            Factor::Define { var, .. } if density.over.contains(var) => Some(*var),
            _ => None,
        });
        match (computed, &density.change) {
            (Some(_), Some(Ok(_))) => return Ok(()),
            (Some(var), Some(Err(why))) => {
                return self.implicit_density(&density.name, var, Some(why), span);
            }
            (Some(var), None) => return self.implicit_density(&density.name, var, None, span),
            (None, _) => {}
        }
        let hidden = density.factors.iter().find_map(|f| match f {
            Factor::Draw { var, .. } if !density.over.contains(var) => Some(*var),
            _ => None,
        });
        match hidden {
            Some(var) => {
                let v = self.m.vars[var.0 as usize].clone();
                self.intractable(&density.name, &v.name, v.span, span)
            }
            None => Ok(()),
        }
    }

    /// A density of something that is computed can be sampled alone.
    fn implicit_density<T>(
        &mut self,
        density: &str,
        var: VarId,
        why: Option<&Obstacle>,
        span: Span,
    ) -> Res<T> {
        let v = &self.m.vars[var.0 as usize];
        let text = format!("`{density}` has no density that can be evaluated");
        let mut diagnostic = self
            .error(codes::RL0118, text, span, "")
            .also(self.place(v.span), format!("`{}` is computed here, not drawn", v.name));
        if let Some(why) = why {
            diagnostic = diagnostic.also(self.place(why.span), why.why.clone()).help(&why.help);
        }
        let help = "implicit models can be sampled, `E[x ~ g](...)`; to be scored, what they compute \
                    must be an invertible function of a hidden draw";
        self.stop(diagnostic.help(help))
    }

    pub fn intractable<T>(&mut self, density: &str, latent: &str, at: Span, span: Span) -> Res<T> {
        let text = format!("`{density}` would have to average over every `{latent}`");
        let diagnostic = self
            .error(codes::RL0115, text, span, "")
            .also(self.place(at), format!("`{latent}` is drawn here"))
            .help("a bound can be had: `elbo(p, q)` or `iwae(p, q, k = 64)` with a posterior `q`");
        self.stop(diagnostic)
    }

    /// What a sample phase draws: the density, with every factor that its givens need.
    pub fn ancestral(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        span: Span,
    ) -> Res<Sampled> {
        let of = match value {
            Value::Query(query) if query.given.is_empty() => {
                self.gives_none(query)?;
                query.of.clone()
            }
            Value::Density(of) => of.clone(),
            other => return self.side(other, ty, var, None, span),
        };
        let chosen = self.ancestors(&of, self.named_in_text(value), span)?;
        let chosen = self.by_dependence(chosen, span)?;
        let calls = of.calls.clone();
        let of = Resolved { densities: chosen, bind: vec![], calls };
        let sampled = self.sampled(of, None, span)?;
        self.declared_type(&sampled, var, ty, span)?;
        Ok(sampled)
    }

    /// The factors that draw these names, and those that draw what a chosen one is given.
    fn ancestors(
        &mut self,
        of: &Densities,
        mut needed: Vec<String>,
        span: Span,
    ) -> Res<Vec<DensityId>> {
        let mut chosen: Vec<DensityId> = Vec::new();
        while let Some(name) = needed.pop() {
            let id = of.ids.iter().copied().find(|d| {
                self.m.densities[d.0 as usize].over.iter().any(|v| self.var_name(*v) == name)
            });
            let Some(id) = id else {
                let text = format!("`{}` does not draw `{name}`", of.name);
                let help = format!("declared: {}", self.heads(of));
                return self.fail(codes::RL0114, text, span, &help);
            };
            if !chosen.contains(&id) {
                chosen.push(id);
                let given = &self.m.densities[id.0 as usize].given;
                needed.extend(given.iter().map(|v| self.var_name(*v).to_string()));
            }
        }
        Ok(of.ids.iter().copied().filter(|id| chosen.contains(id)).collect())
    }

    /// `mean(q(z | x))`, `entropy(...)`, `variance(...)`: a formula of the density's only draw.
    pub fn density_formula(&mut self, value: &Value<'a>, what: &str, span: Span) -> Res<ExprId> {
        let (dist, applied) = self.only_draw(value, what, span)?;
        let d = &self.m.dists[dist.0 as usize];
        let formula = match what {
            "mean" => d.mean,
            "variance" => d.variance,
            "mode" => d.mode,
            _ => d.entropy,
        };
        match formula {
            Some(id) => Ok(applied.map_or(id, |at| self.m.opened(&[id], &at.bind, &at.calls)[0])),
            None => {
                let text = format!("`{}` has no {what} in closed form", d.family);
                self.fail(codes::RL0118, text, span, averaged(what))
            }
        }
    }

    /// The distribution of the only variable that a density draws, and the values it is given, if any.
    fn only_draw(
        &mut self,
        value: &Value<'a>,
        what: &str,
        span: Span,
    ) -> Res<(DistId, Option<Applied>)> {
        match value {
            Value::Dist(call) => Ok((self.shape_dist(&call.clone(), None, what, span)?, None)),
            Value::Query(_) | Value::Density(_) => {
                let sampled = self.side(value, None, "value", None, span)?;
                let [(_, var, _)] = sampled.vars.as_slice() else {
                    let text = format!("`{what}` takes a density of one variable");
                    let help = format!("name it: `{what}(p(x | z))`");
                    return self.fail(codes::RL0114, text, span, &help);
                };
                if let Some(dist) = self.drawn(&sampled.applied.densities, *var) {
                    return Ok((dist, Some(sampled.applied)));
                }
                let text = format!("the {what} of a computed value is not known");
                let help = match what {
                    "entropy" => "take that of the draw that it is computed from",
                    _ => averaged(what),
                };
                self.fail(codes::RL0118, text, span, help)
            }
            other => {
                let text = format!("`{what}` of {}", other.kind());
                let help = format!("give it a density: `{what}(q(z | x))`");
                self.fail(codes::RL0105, text, span, &help)
            }
        }
    }
}
