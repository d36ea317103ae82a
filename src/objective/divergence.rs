//! Divergences and bounds. A divergence is closed where the prelude's table has the pair of families
//! and the parameters on both sides do not depend on what is drawn; if they do, the closed terms
//! stand inside the expectation; without a table entry it is estimated from a draw. So it is where the
//! parameters depend on what is drawn from the variable itself, as in `q(z1 | x) q(z2 | z1)` beside
//! `p(z2) p(z1 | z2)`: given `z2`, the left side is no longer `q(z1 | x)`.

use super::Derive;
use super::expect::{Less, Sampling, Scored, Site};
use super::explain::Decision;
use crate::base::Span;
use crate::graph::op::map;
use crate::model::ir::*;

/// One variable of the left side with its closed form, if it has one, in terms of data.
struct Term {
    site: Site,
    closed: Option<ExprId>,
    /// Whether the closed form mentions other draws.
    nested: bool,
    /// A variable that is drawn from this one, and that the closed form would hold fixed.
    child: Option<String>,
}

impl Derive {
    fn terms(&mut self, q: &Applied, p: &Applied, closed: &[(VarId, Option<ExprId>)]) -> Vec<Term> {
        let fresh = self.m.fresh(q);
        let ancestors = self.ancestors(q);
        let mut list = Vec::new();
        for site in self.drawn(q) {
            let form = closed.iter().find(|(v, _)| *v == site.var).and_then(|(_, f)| *f);
            let form = form.map(|f| {
                let f = self.m.between(q, p, f);
                self.reduce(f)
            });
            let nested = form.is_some_and(|f| self.m.mentions(f, &fresh));
            let children = ancestors.iter().filter(|(_, above)| above.contains(&site.var));
            let held =
                |var: VarId| form.is_some_and(|f| self.m.mentions(f, &self.stands_for(q, var)));
            let child = children.map(|(var, _)| *var).find(|var| held(*var));
            let child = child.map(|var| self.m.vars[var.0 as usize].name.clone());
            let form = form.filter(|_| child.is_none());
            list.push(Term { site, closed: form, nested, child });
        }
        list
    }

    /// Every variable with those that it is drawn from, directly or not.
    fn ancestors(&mut self, q: &Applied) -> Vec<(VarId, Vec<VarId>)> {
        let mut known: Vec<(VarId, Vec<VarId>)> = Vec::new();
        for site in self.sites(q) {
            let params = &self.m.dists[site.dist.0 as usize].params;
            let params: Vec<ExprId> = params.iter().map(|(_, e)| *e).collect();
            let params = self.m.opened(&params, &q.bind, &q.calls);
            let params: Vec<ExprId> = params.into_iter().map(|e| self.reduce(e)).collect();
            let direct = |var: VarId| {
                let names = self.stands_for(q, var);
                params.iter().any(|e| self.m.mentions(*e, &names))
            };
            let parents = known.iter().filter(|(var, _)| direct(*var));
            let above = parents.flat_map(|(var, above)| above.iter().chain([var])).copied();
            let above = above.collect();
            known.push((site.var, above));
        }
        known
    }

    /// A variable of a density, and what stands for it where the density is used.
    fn stands_for(&self, q: &Applied, var: VarId) -> Vec<VarId> {
        let bound = q.bind.iter().filter(|(v, _)| *v == var);
        let fresh = bound.filter_map(|(_, e)| match self.m.expr(*e).kind {
            ExprKind::Var(fresh) => Some(fresh),
            _ => None,
        });
        fresh.chain([var]).collect()
    }

    /// `E_q[body]` by the estimator that fits `q`.
    fn average(&mut self, q: &Applied, body: ExprId, at: ExprId) -> ExprId {
        let vars = self.m.fresh(q);
        let (density, samples) = (q.clone(), 1);
        let stated = Symbolic::Expect { density, vars, samples, estimator: None, aid: None, body };
        self.expectation(stated, at)
    }

    pub(super) fn divergence(
        &mut self,
        q: &Applied,
        p: &Applied,
        closed: &[(VarId, Option<ExprId>)],
        at: ExprId,
    ) -> ExprId {
        let span = self.m.expr(at).span;
        let terms = self.terms(q, p, closed);
        let (outside, inside) = self.split(&terms, q, p, span);
        let what = format!(
            "KL({} || {})",
            super::explain::head(&self.m, q),
            super::explain::head(&self.m, p)
        );
        self.explain_terms(&what, &terms, p);
        let exact = self.total_of(outside, span);
        match inside {
            None => exact.unwrap_or_else(|| self.number(0.0, span)),
            Some(body) => {
                let body = self.reduce(body);
                let estimate = self.average(q, body, at);
                match exact {
                    Some(exact) => self.map(&map::ADD, &[exact, estimate], span),
                    None => estimate,
                }
            }
        }
    }

    fn total_of(&mut self, terms: Vec<ExprId>, span: Span) -> Option<ExprId> {
        if terms.is_empty() { None } else { Some(self.total(&terms, span)) }
    }

    /// Closed terms, and what has to be averaged: `log q - log p` of the others.
    fn split(
        &mut self,
        terms: &[Term],
        q: &Applied,
        p: &Applied,
        span: Span,
    ) -> (Vec<ExprId>, Option<ExprId>) {
        let mut outside = Vec::new();
        let mut inside = Vec::new();
        let (of_q, of_p) = (self.whole(q), self.whole(p));
        for term in terms {
            match (term.closed, term.nested) {
                (Some(form), false) => outside.push(form),
                (Some(form), true) => inside.push(form),
                (None, _) => {
                    let logq = self.log_draw(&term.site, (&of_q, &q.calls), span);
                    inside.push(logq);
                    if let Some(site) = self.same_name(p, &term.site.name) {
                        let logp = self.log_draw(&site, (&of_p, &p.calls), span);
                        let minus = self.map(&map::NEG, &[logp], span);
                        inside.push(minus);
                    }
                }
            }
        }
        inside.extend(self.computed(terms, q, p, span));
        let inside = self.total_of(inside, span);
        (outside, inside)
    }

    fn same_name(&self, p: &Applied, name: &str) -> Option<Site> {
        self.drawn(p).into_iter().find(|s| s.name == name)
    }

    /// `log q - log p` of what one side computes by a change of variables.
    fn computed(&mut self, terms: &[Term], q: &Applied, p: &Applied, span: Span) -> Vec<ExprId> {
        let mut list = self.changed(q, span);
        let latent = self.latent(q);
        let known = |site: &Site| terms.iter().any(|term| term.site.name == site.name);
        let others: Vec<Site> = self
            .drawn(p)
            .into_iter()
            .filter(|site| latent.contains(&site.name) && !known(site))
            .collect();
        let scored = self.log_terms(p, &others, span);
        list.extend(scored.into_iter().map(|log| self.map(&map::NEG, &[log], span)));
        list
    }

    /// Names of what a density is over.
    fn latent(&self, q: &Applied) -> Vec<String> {
        self.m.over(q).map(|var| self.m.vars[var.0 as usize].name.clone()).collect()
    }

    fn explain_terms(&mut self, what: &str, terms: &[Term], p: &Applied) {
        for term in terms {
            let family = |d: DistId| self.m.dists[d.0 as usize].family.clone();
            let left = family(term.site.dist);
            let right =
                self.same_name(p, &term.site.name).map_or("no density".into(), |s| family(s.dist));
            let how = match (term.closed, term.nested) {
                (Some(_), false) => {
                    format!("closed form for {left} || {right}: the parameters depend on no draw")
                }
                (Some(_), true) => format!(
                    "closed form for {left} || {right} inside the expectation: its parameters depend on other draws"
                ),
                (None, _) if term.child.is_some() => format!(
                    "estimated as the average of log q - log p: {} is drawn from {}, and the right side is given it",
                    term.child.as_deref().unwrap_or_default(),
                    term.site.name
                ),
                (None, _) => format!(
                    "estimated as the average of log q - log p: no closed form for {left} || {right} is in the table"
                ),
            };
            self.decisions.push(Decision { what: what.to_string(), how });
            if let (Some(_), Some(text)) = (term.closed, self.m.divergences.get(&(left, right))) {
                let how = format!("{what} = sum over {} of {text}", term.site.name);
                self.decisions.push(Decision { what: String::new(), how });
            }
        }
    }

    pub(super) fn bound(
        &mut self,
        p: &Applied,
        q: &Applied,
        importance: Option<usize>,
        closed: &[(VarId, Option<ExprId>)],
        at: ExprId,
    ) -> ExprId {
        match importance {
            Some(k) => self.importance_bound(p, q, k, at),
            None => self.evidence_bound(p, q, closed, at),
        }
    }

    /// `E_q[log p(observed | latent)] - KL(q || prior)`
    fn evidence_bound(
        &mut self,
        p: &Applied,
        q: &Applied,
        closed: &[(VarId, Option<ExprId>)],
        at: ExprId,
    ) -> ExprId {
        let span = self.m.expr(at).span;
        let terms = self.terms(q, p, closed);
        let latent = self.latent(q);
        let mut likelihood = Vec::new();
        let of_p = self.whole(p);
        for site in self.drawn(p) {
            if !latent.contains(&site.name) {
                likelihood.push(self.log_draw(&site, (&of_p, &p.calls), span));
            }
        }
        let (outside, inside) = self.split(&terms, q, p, span);
        self.explain_terms("elbo: KL part", &terms, p);
        let mut body = self.total(&likelihood, span);
        if let Some(inside) = inside {
            body = self.map(&map::SUB, &[body, inside], span);
        }
        let body = self.reduce(body);
        let average = self.average(q, body, at);
        match self.total_of(outside, span) {
            Some(kl) => self.map(&map::SUB, &[average, kl], span),
            None => average,
        }
    }

    /// `log mean_k p(x, z_k) / q(z_k | x)`
    fn importance_bound(&mut self, p: &Applied, q: &Applied, k: usize, at: ExprId) -> ExprId {
        let span = self.m.expr(at).span;
        let sites_q = self.sites(q);
        let (scored, drawn) = (self.drawn(p), self.drawn(q));
        let mut terms = self.log_terms(p, &scored, span);
        for logq in self.log_terms(q, &drawn, span) {
            terms.push(self.map(&map::NEG, &[logq], span));
        }
        let body = self.total(&terms, span);
        let body = self.reduce(body);
        let vars = self.m.fresh(q);
        let over = self.over_vars(q, &vars);
        let head = super::explain::head(&self.m, q);
        let how =
            format!("log of the mean of {k} importance weights p / q, computed as log-sum-exp");
        self.decisions.push(Decision { what: format!("iwae over {head}"), how });
        let smooth = sites_q.iter().all(|s| self.m.dists[s.dist.0 as usize].reparameterized);
        let scored = if smooth { Scored::Nothing } else { Scored::Rough };
        let (less, how) = (Less::Nothing, AxisReduce::LogMeanExp);
        let taken = Sampling { density: q, over: &over, samples: k, scored, less, how };
        self.sampled(&sites_q, taken, body, span)
    }
}
