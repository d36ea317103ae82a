//! The special forms `E`, `KL`, `log p`, `elbo`, `iwae`, `mean(q)`: they stay symbolic for `objective`.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::density::query::{Resolved, Sampled};
use crate::model::elaborate::value::{Densities, Env, Query, QueryArg, Value, bind, find};
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{
    self, Applied, DensityId, DistId, Estimator, ExprId, ExprKind, Factor, Support, Type, VarId,
};
use crate::syntax::ast::{self, Bar};

/// The type of a scalar in nats.
fn scalar(varies: bool) -> Type {
    Type { dtype: DType::F32, shape: vec![], support: Support::Real, varies }
}

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
        let dist_span = self.names.files[&file].expr(*dist).span;
        let value = self.eval(*dist, file, env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, env, true)?),
            None => None,
        };
        let mut sampled = self.side(&value, ty, &var.name, None, dist_span)?;
        self.place_draw(&mut sampled);
        let at = if sampled.vars.len() == 1 {
            Some(0)
        } else {
            sampled.vars.iter().position(|(n, _, _)| *n == var.name)
        };
        let Some(at) = at else {
            let names: Vec<&str> = sampled.vars.iter().map(|(n, _, _)| n.as_str()).collect();
            let text = format!("the density draws {}, not `{}`", names.join(", "), var.name);
            return self.fail(codes::RL0114, text, var.span, "name one of its variables");
        };
        let (mut samples, mut estimator) = (1, None);
        let mut options = self.args(options, file, env)?;
        if let Some((value, place)) = options.take("samples") {
            samples = self.size(&value, "`samples`", 1, place)?;
        }
        if let Some((value, place)) = options.take("estimator") {
            let word = self.text(&value, &Estimator::ASKED.map(|(word, _)| word), place)?;
            estimator = Estimator::ASKED.iter().find(|(own, _)| *own == word).map(|(_, how)| *how);
        }
        if let Some((name, _, place)) = options.named.first() {
            return self.fail(
                codes::RL0104,
                format!("`E` has no option `{name}`"),
                *place,
                "options are `samples = k` and `estimator = \"score\"`",
            );
        }
        let mut inner = env.clone();
        for (i, (name, _, fresh)) in sampled.vars.iter().enumerate() {
            let ty = self.m.vars[fresh.0 as usize].ty.clone();
            let id = self.m.push(ExprKind::Var(*fresh), ty, var.span);
            inner = bind(&inner, if i == at { &var.name } else { name }, Value::Tensor(id));
        }
        let body_span = self.names.files[&file].expr(*body).span;
        let draw = sampled.vars.first().map(|(_, _, fresh)| *fresh);
        let value = self.at(|here| here.around.draws.extend(draw), |e| e.eval(*body, file, &inner));
        let body = self.tensor(&value?, body_span)?;
        let body = self.averaged(body, body_span)?;
        let ty = Type { support: Support::Real, varies: true, ..self.ty(body).clone() };
        let vars: Vec<_> = sampled.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        if let Some(how) = estimator {
            self.can_estimate(how, &sampled.applied, span)?;
        }
        if estimator == Some(Estimator::Enumerate) && self.m.mixes_rows(body, &vars, false) {
            let text = "the rows of the batch depend on each other's draws here".into();
            let help = "values can be summed out of one row alone: leave `estimator` out";
            return self.fail(codes::RL0120, text, span, help);
        }
        self.push(
            ExprKind::Expect { density: sampled.applied, vars, samples, estimator, body },
            ty,
            span,
        )
        .map(Value::Tensor)
    }

    /// Whether an estimator that is asked for can be made of what is drawn.
    fn can_estimate(&mut self, how: Estimator, of: &Applied, span: Span) -> Res<()> {
        let densities: Vec<&ir::Density> =
            of.densities.iter().map(|d| &self.m.densities[d.0 as usize]).collect();
        let drawn = densities.iter().flat_map(|d| &d.factors).filter_map(|factor| match factor {
            Factor::Draw { dist, var, .. } => Some((var, &self.m.dists[dist.0 as usize])),
            _ => None,
        });
        let (vars, dists): (Vec<&VarId>, Vec<&ir::Dist>) = drawn.unzip();
        let alone = densities.iter().flat_map(|d| &d.over).eq(vars);
        let families: Vec<&str> = dists.iter().map(|dist| dist.family.as_str()).collect();
        let families = families.join(", ");
        let (text, help) = match how {
            Estimator::Enumerate if !(alone && matches!(dists[..], [one] if one.is_summable())) => {
                (
                    format!("the values of {families} cannot be summed out"),
                    format!(
                        "leave `estimator` out: one number of up to {} values is summed out",
                        ir::SUMMED
                    ),
                )
            }
            Estimator::Pathwise if !dists.iter().all(|dist| dist.reparameterized) => (
                format!("a draw of {families} is no differentiable function of its parameters"),
                "leave `estimator` out, or write `estimator = \"score\"`".into(),
            ),
            _ => return Ok(()),
        };
        self.fail(codes::RL0120, text, span, &help)
    }

    /// A text out of a list.
    pub fn text(&mut self, value: &Value<'a>, among: &[&str], span: Span) -> Res<String> {
        match value {
            Value::Static(ir::Static::Str(s)) if among.contains(&s.as_str()) => Ok(s.clone()),
            _ => {
                let list: Vec<String> = among.iter().map(|s| format!("\"{s}\"")).collect();
                let help = format!("write {}", list.first().map_or("a text", |s| s.as_str()));
                self.fail(
                    codes::RL0104,
                    format!("one of {} is needed", list.join(", ")),
                    span,
                    &help,
                )
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
        let ([left], Some(Bar::Versus), [right]) = (args, bar, rest) else {
            return self.fail(
                codes::RL0104,
                "`KL` takes two densities with `||` between".into(),
                span,
                "write `KL(q(z | x) || p(z))`",
            );
        };
        let spans = (
            self.names.files[&file].expr(left.value).span,
            self.names.files[&file].expr(right.value).span,
        );
        let (a, b) = (self.eval(left.value, file, env)?, self.eval(right.value, file, env)?);
        let mut q = self.side(&a, None, "value", None, spans.0)?;
        self.place_draw(&mut q);
        let p_type = q.vars.first().map(|(_, _, v)| self.m.vars[v.0 as usize].ty.clone());
        let name = q.vars.first().map_or("value".to_string(), |(n, _, _)| n.clone());
        let p_type = if matches!(b, Value::Dist(_)) { p_type } else { None };
        let p = self.side(&b, p_type, &name, Some(&q), spans.1)?;
        let names = |s: &Sampled| {
            let mut n: Vec<String> = s.vars.iter().map(|(n, _, _)| n.clone()).collect();
            n.sort();
            n
        };
        if names(&q) != names(&p) {
            let text = format!(
                "the sides of `||` are over {} and {}",
                names(&q).join(", "),
                names(&p).join(", ")
            );
            return self.fail(
                codes::RL0114,
                text,
                span,
                "both sides must be densities of the same variables",
            );
        }
        for id in q.applied.densities.iter().chain(&p.applied.densities) {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
        }
        let closed = self.closed(&q, &p, span)?;
        let ty = scalar(true);
        self.push(ExprKind::Kl { q: q.applied, p: p.applied, closed }, ty, span).map(Value::Tensor)
    }

    /// Per variable of `q`: the closed form of the divergence from `p`'s draw of the same name.
    pub fn closed(
        &mut self,
        q: &Sampled,
        p: &Sampled,
        span: Span,
    ) -> Res<Vec<(VarId, Option<ExprId>)>> {
        let shared = q.applied.densities.iter().any(|d| p.applied.densities.contains(d));
        let mut list = Vec::new();
        for (name, var, _) in &q.vars {
            let left = self.drawn(&q.applied.densities, *var);
            let right = p
                .vars
                .iter()
                .find(|(n, _, _)| n == name)
                .and_then(|(_, v, _)| self.drawn(&p.applied.densities, *v));
            let form = match (left, right) {
                // Two sides of one density have the same variables: each takes its own values.
                (Some(a), Some(b)) if shared => {
                    self.closed_form((a, Some(&q.applied)), (b, Some(&p.applied)), span)?
                }
                (Some(a), Some(b)) => self.closed_form((a, None), (b, None), span)?,
                _ => None,
            };
            list.push((*var, form));
        }
        Ok(list)
    }

    pub fn drawn(&self, densities: &[DensityId], wanted: VarId) -> Option<DistId> {
        densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].factors).find_map(|f| match f
        {
            Factor::Draw { var, dist, .. } if *var == wanted => Some(*dist),
            _ => None,
        })
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
            return self.fail(
                codes::RL0105,
                format!("`log` of {}", value.kind()),
                span,
                "`log p(x)` takes a density; the logarithm of a number is `log(value)`",
            );
        };
        let mut of = self.resolve(&query)?;
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
        for id in &of.densities {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if let Some((_, value, place)) = values.iter().find(|(n, _, _)| *n == name)
                    && of.bind.iter().all(|(v, _)| v != var)
                {
                    let (value, place) = (*value, *place);
                    let value = self.binding(*var, value, place)?;
                    of.bind.push((*var, value));
                }
            }
            if let Some(open) = density.over.iter().find(|v| of.bind.iter().all(|(b, _)| b != *v)) {
                let name = self.var_name(*open).to_string();
                let text = format!("`log {}` does not say at which `{name}`", density.name);
                let help = format!("write `log {}`", self.m.head(*id));
                return self.fail(codes::RL0117, text, span, &help);
            }
            self.scorable(&density, span)?;
        }
        let applied = self.applied(of, span)?;
        self.push(ExprKind::LogProb(applied), scalar(true), span).map(Value::Tensor)
    }

    /// Every variable of a scored density must be drawn and stand in its head.
    pub fn scorable(&mut self, density: &ir::Density, span: Span) -> Res<()> {
        let computed = density.factors.iter().find_map(|f| match f {
            Factor::Define { var, .. } if density.over.contains(var) => Some(*var),
            _ => None,
        });
        if let Some(var) = computed {
            let v = self.m.vars[var.0 as usize].clone();
            let text = format!("`{}` has no density that can be evaluated", density.name);
            let diagnostic = self
                .error(codes::RL0118, text, span, "")
                .also(self.place(v.span), format!("`{}` is computed here, not drawn", v.name))
                .help("implicit models can be sampled, `E[x ~ g](...)`, but not scored; a change of variables comes later");
            return self.stop(diagnostic);
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

    pub fn intractable<T>(&mut self, density: &str, latent: &str, at: Span, span: Span) -> Res<T> {
        let text = format!("`{density}` would have to average over every `{latent}`");
        let diagnostic = self
            .error(codes::RL0115, text, span, "")
            .also(self.place(at), format!("`{latent}` is drawn here"))
            .help("a bound can be had: `elbo(p, q)` or `iwae(p, q, k = 64)` with a posterior `q`");
        self.stop(diagnostic)
    }

    /// `elbo(p, q)`, `iwae(p, q, k = 64)`
    pub fn bound(
        &mut self,
        p: &Value<'a>,
        q: &Value<'a>,
        importance: Option<usize>,
        span: Span,
    ) -> Res<Value<'a>> {
        let (Value::Density(p_all), Value::Density(_) | Value::Query(_)) = (p, q) else {
            let text =
                format!("a model and a posterior are needed, given {} and {}", p.kind(), q.kind());
            return self.fail(
                codes::RL0105,
                text,
                span,
                "write `elbo(p, q)` with `p` the joint and `q` the posterior",
            );
        };
        let q_query = match q {
            Value::Density(of) => {
                let mut given = Vec::new();
                for id in &of.ids {
                    for var in self.m.densities[id.0 as usize].given.clone() {
                        let name = self.var_name(var).to_string();
                        given.push(self.observed(&name, span)?);
                    }
                }
                Query { given, ..of.query(span) }
            }
            Value::Query(query) => Query { span, ..(**query).clone() },
            _ => unreachable!("matched above"),
        };
        let q_given = self.resolve(&q_query)?;
        let mut q = self.sampled(q_given, None, span)?;
        self.place_draw(&mut q);
        for id in q.applied.densities.clone() {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
        }
        let latents: Vec<String> = q.vars.iter().map(|(n, _, _)| n.clone()).collect();
        let p = self.clamped(&p_all.clone(), &latents, &q, span)?;
        let closed = self.closed(&q, &p, span)?;
        self.push(
            ExprKind::Elbo { p: p.applied, q: q.applied, importance, closed },
            scalar(true),
            span,
        )
        .map(Value::Tensor)
    }

    /// What a bound observes: what has that name where the bound is written, else the data field.
    pub fn observed(&mut self, name: &str, span: Span) -> Res<QueryArg<'a>> {
        let outside = find(&self.here.outside, name).cloned();
        let is_field = self.m.fields.iter().any(|f| f.name == name);
        let value = match outside {
            None if is_field => {
                let entry = self.names.entry;
                Some(self.seeing(true, |e| e.name(name, entry, &None, span))?)
            }
            outside => outside,
        };
        Ok(QueryArg { name: Some(name.into()), keyword: true, value, span })
    }

    /// All factors of a model: latents bound to the posterior's variables, the rest to data.
    pub fn clamped(
        &mut self,
        of: &Densities,
        latents: &[String],
        q: &Sampled,
        span: Span,
    ) -> Res<Sampled> {
        self.scores_every_latent(of, latents, q, span)?;
        let mut bind = Vec::new();
        let mut missing = Vec::new();
        for id in &of.ids {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if latents.contains(&name) {
                    continue;
                }
                match self.observed(&name, span)?.value {
                    Some(Value::Failed) => return Err(Stop),
                    Some(value) => {
                        let value = self.tensor(&value, span)?;
                        bind.push((*var, self.binding(*var, value, span)?));
                    }
                    _ if !missing.contains(&name) => missing.push(name),
                    _ => {}
                }
            }
        }
        if !missing.is_empty() {
            let list = missing.join("`, `");
            let text = format!("`{}` mentions `{list}`, which nothing supplies", of.name);
            return self.fail(
                codes::RL0117,
                text,
                span,
                "observed names are data fields; latent ones are drawn by the posterior",
            );
        }
        let densities = self.by_dependence(of.ids.clone(), span)?;
        let all = Resolved { densities, bind, calls: of.calls.clone() };
        let p = self.sampled(all, Some(q), span)?;
        let vars = p.vars.into_iter().filter(|(n, _, _)| latents.contains(n)).collect();
        Ok(Sampled { applied: p.applied, vars })
    }

    /// A latent is drawn by a factor of the model: else nothing scores it, and there is no bound.
    fn scores_every_latent(
        &mut self,
        of: &Densities,
        latents: &[String],
        q: &Sampled,
        span: Span,
    ) -> Res<()> {
        let all = || of.ids.iter().map(|id| &self.m.densities[id.0 as usize]);
        let has =
            |vars: &[VarId], latent: &String| vars.iter().any(|v| self.var_name(*v) == latent);
        let open = |latent: &&String| !all().any(|d| has(&d.over, latent));
        let Some(latent) = latents.iter().find(open) else { return Ok(()) };
        let text = format!("`{}` does not say how `{latent}` is distributed", of.name);
        let help =
            format!("declare its prior, for instance `prior {}({latent}) {{ ... }}`", of.name);
        let mut diagnostic = self.error(codes::RL0114, text, span, "").help(help);
        if let Some((_, _, var)) = q.vars.iter().find(|(name, _, _)| name == latent) {
            let place = self.place(self.m.vars[var.0 as usize].span);
            diagnostic = diagnostic.also(place, "drawn by the posterior here");
        }
        self.stop(diagnostic)
    }

    /// `KL(q || prior)` for a posterior with values and one factor without givens.
    pub fn kl_between(&mut self, q: &Query<'a>, prior: DensityId, span: Span) -> Option<ExprId> {
        let of = self.resolve(q).ok()?;
        let mut q = self.sampled(of, None, span).ok()?;
        self.place_draw(&mut q);
        let prior = self.alone(prior);
        let p = self.sampled(prior, Some(&q), span).ok()?;
        let closed = self.closed(&q, &p, span).ok()?;
        self.push(ExprKind::Kl { q: q.applied, p: p.applied, closed }, scalar(true), span).ok()
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
            Value::Query(query) if query.given.is_empty() => query.of.clone(),
            Value::Density(of) => of.clone(),
            other => return self.side(other, ty, var, None, span),
        };
        let mut needed = self.named_in_text(value);
        let mut chosen: Vec<DensityId> = Vec::new();
        while let Some(name) = needed.pop() {
            let id = of.ids.iter().copied().find(|d| {
                self.m.densities[d.0 as usize].over.iter().any(|v| self.var_name(*v) == name)
            });
            let Some(id) = id else {
                let heads = self.heads(&of);
                return self.fail(
                    codes::RL0114,
                    format!("`{}` does not draw `{name}`", of.name),
                    span,
                    &format!("declared: {heads}"),
                );
            };
            if !chosen.contains(&id) {
                chosen.push(id);
                let given = self.m.densities[id.0 as usize].given.clone();
                needed.extend(given.into_iter().map(|v| self.var_name(v).to_string()));
            }
        }
        let chosen = of.ids.iter().copied().filter(|id| chosen.contains(id)).collect();
        let chosen = self.by_dependence(chosen, span)?;
        let calls = of.calls.clone();
        let of = Resolved { densities: chosen, bind: vec![], calls };
        let sampled = self.sampled(of, None, span)?;
        self.declared_type(&sampled, var, ty, span)?;
        Ok(sampled)
    }

    /// `mean(q(z | x))`, `entropy(...)`, `variance(...)`: a formula of the density's only draw.
    pub fn density_formula(&mut self, value: &Value<'a>, what: &str, span: Span) -> Res<ExprId> {
        let (dist, applied) = match value {
            Value::Dist(call) => (self.shape_dist(&call.clone(), None, what, span)?, None),
            Value::Query(_) | Value::Density(_) => {
                let sampled = self.side(value, None, "value", None, span)?;
                let [(_, var, _)] = sampled.vars.as_slice() else {
                    return self.fail(
                        codes::RL0114,
                        format!("`{what}` takes a density of one variable"),
                        span,
                        "name it: `mean(p(x | z))`",
                    );
                };
                match self.drawn(&sampled.applied.densities, *var) {
                    Some(dist) => (dist, Some(sampled.applied)),
                    None => {
                        return self.fail(
                            codes::RL0118,
                            format!("the {what} of a computed value is not known"),
                            span,
                            "average draws: `E[x ~ g](x)`",
                        );
                    }
                }
            }
            other => {
                let help = format!("give it a density: `{what}(q(z | x))`");
                return self.fail(
                    codes::RL0105,
                    format!("`{what}` of {}", other.kind()),
                    span,
                    &help,
                );
            }
        };
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
                let text = format!(
                    "`{}` has no {what} in closed form",
                    self.m.dists[dist.0 as usize].family
                );
                self.fail(codes::RL0118, text, span, "average draws: `E[z ~ q(z | x)](z)`")
            }
        }
    }
}
