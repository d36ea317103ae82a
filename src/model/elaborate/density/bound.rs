//! Bounds of the evidence: `elbo(p, q)`, `iwae(p, q, k = 64)`. In: a joint and a posterior. Out: the
//! joint's factors at the posterior's draws and the observed data, symbolic for `objective`.

use crate::base::{Span, codes};
use crate::model::elaborate::density::probability::scalar;
use crate::model::elaborate::density::query::Resolved;
use crate::model::elaborate::density::sampled::Sampled;
use crate::model::elaborate::value::{Densities, Query, QueryArg, Value, find};
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{DensityId, ExprId, ExprKind, Symbolic, VarId};
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// `elbo(p, q)`, `iwae(p, q, k = 64)`
    pub fn bound(
        &mut self,
        p: &Value<'a>,
        q: &Value<'a>,
        importance: Option<usize>,
        span: Span,
    ) -> Res<Value<'a>> {
        let (model, posterior) = match (p, q) {
            (Value::Density(model), Value::Density(of)) => (model, self.given_data(of, span)?),
            (Value::Density(model), Value::Query(query)) => {
                (model, Query { span, ..(**query).clone() })
            }
            _ => {
                let (p, q) = (p.kind(), q.kind());
                let text = format!("a model and a posterior are needed, given {p} and {q}");
                let help = "write `elbo(p, q)` with `p` the joint and `q` the posterior";
                return self.fail(codes::RL0105, text, span, help);
            }
        };
        let of = self.drawn_query(&posterior)?;
        let mut q = self.sampled(of, None, span)?;
        self.place_draw(&mut q);
        self.all_scorable(&q.applied.densities, span)?;
        let latents: Vec<String> = q.vars.iter().map(|(n, _, _)| n.clone()).collect();
        let p = self.clamped(model, &latents, &q, span)?;
        let closed = self.closed(&q, &p, span)?;
        let kind =
            ExprKind::Symbolic(Symbolic::Elbo { p: p.applied, q: q.applied, importance, closed });
        self.push(kind, scalar(), span).map(Value::Tensor)
    }

    /// A posterior by its name alone: all that it is given is observed.
    fn given_data(&mut self, of: &Rc<Densities>, span: Span) -> Res<Query<'a>> {
        let mut given = Vec::new();
        for id in &of.ids {
            for var in self.m.densities[id.0 as usize].given.clone() {
                let name = self.var_name(var).to_string();
                given.push(self.observed(&name, span)?);
            }
        }
        Ok(Query { given, ..of.query(span) })
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
        let bind = self.observations(of, latents, span)?;
        let densities = self.by_dependence(of.ids.clone(), span)?;
        let all = Resolved { densities, bind, calls: of.calls.clone() };
        let p = self.sampled(all, Some(q), span)?;
        let vars = p.vars.into_iter().filter(|(n, _, _)| latents.contains(n)).collect();
        Ok(Sampled { applied: p.applied, vars })
    }

    /// The observed values of the variables of a model that are no latents.
    fn observations(
        &mut self,
        of: &Densities,
        latents: &[String],
        span: Span,
    ) -> Res<Vec<(VarId, ExprId)>> {
        let (mut bind, mut missing) = (Vec::new(), Vec::new());
        for id in &of.ids {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if latents.contains(&name) {
                    continue;
                }
                match self.observed_value(*var, &name, span)? {
                    Some(value) => bind.push((*var, value)),
                    None if !missing.contains(&name) => missing.push(name),
                    None => {}
                }
            }
        }
        if missing.is_empty() {
            return Ok(bind);
        }
        let list = missing.join("`, `");
        let text = format!("`{}` mentions `{list}`, which nothing supplies", of.name);
        let help = "observed names are data fields; latent ones are drawn by the posterior";
        self.fail(codes::RL0117, text, span, help)
    }

    /// What is observed under a name, as a value of a variable.
    fn observed_value(&mut self, var: VarId, name: &str, span: Span) -> Res<Option<ExprId>> {
        match self.observed(name, span)?.value {
            Some(Value::Failed) => Err(Stop),
            Some(value) => {
                let value = self.tensor(&value, span)?;
                self.binding(var, value, span).map(Some)
            }
            None => Ok(None),
        }
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
        self.push(
            ExprKind::Symbolic(Symbolic::Kl { q: q.applied, p: p.applied, closed }),
            scalar(),
            span,
        )
        .ok()
    }
}
