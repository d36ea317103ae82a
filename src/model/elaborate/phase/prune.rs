//! `prune q below 0.01`: values of a bottleneck that tell next to nothing are closed. In: the
//! statement, and the declaration of the bottleneck. Out: a state that says which values are open,
//! parameters that are those of the prior where one is closed, and the updates of the state. A closed
//! value costs 0 nats and stays closed: its distribution is the prior's, whatever the example.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::scope::Context;
use crate::model::elaborate::value::{Args, Densities, DistCall, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, DensityId, DistId, ExprId, ExprKind, PhaseStmt, StateId, Type};
use crate::syntax::ast::{self, ItemKind, StmtKind};
use std::rc::Rc;

/// A bottleneck that can be pruned: its density, its variable and its prior.
struct Closable {
    of: Rc<Densities>,
    var: String,
    dist: DistId,
    prior: DensityId,
    prior_dist: DistId,
}

impl<'a> Elab<'a> {
    /// Notes which bottlenecks some phase prunes: their declarations need to know.
    pub fn find_prunes(&mut self) {
        let files = self.names.files;
        for item in &files[&self.names.entry].items {
            if let ItemKind::Phase(phase) = &item.kind {
                self.made.pruned.extend(prunes(&phase.body).map(|(name, _)| name.name.clone()));
            }
        }
    }

    /// The distribution of a variable of a density, the prior's where it is closed.
    pub fn openable(
        &mut self,
        item: &'a ast::Density,
        var: &str,
        call: Rc<DistCall<'a>>,
        file: FileId,
    ) -> Res<Rc<DistCall<'a>>> {
        if file != self.names.entry || !self.made.pruned.contains(&item.name.name) {
            return Ok(call);
        }
        let span = call.span;
        let Some(prior) = self.prior_of(&item.name.name, &[var.to_string()], span)? else {
            return Ok(call);
        };
        let Some(dist) = self.drawn_of(prior) else { return Ok(call) };
        let prior = self.m.dists[dist.0 as usize].clone();
        // What does not fit is told where the statement stands.
        let Some(own) = self.params_beside(&call, &prior, span)? else { return Ok(call) };
        let path = self.path_of(file, &item.name.name);
        let (open, _) = self.unit_state(&path, var, ("open", 1.0), &prior.ty.shape, span)?;
        let mut params = Vec::new();
        for ((name, closed), own) in prior.params.iter().zip(own) {
            let value = self.formula("opened", &[open, own, *closed], span)?;
            params.push((name.clone(), Value::Tensor(value)));
        }
        Ok(Rc::new(DistCall { params, ..(*call).clone() }))
    }

    /// The parameters of a distribution, one for each value, if a prior has the same family and the same
    /// parameters.
    fn params_beside(
        &mut self,
        call: &DistCall<'a>,
        prior: &ir::Dist,
        span: Span,
    ) -> Res<Option<Vec<ExprId>>> {
        let names = call.params.iter().map(|(name, _)| name);
        let same = prior.params.iter().map(|(name, _)| name).eq(names);
        let mut own = Vec::new();
        for (_, value) in &call.params {
            let id = self.tensor(value, span)?;
            let scalar = self.ty(id).shape.is_empty();
            own.push(if scalar { self.fill(id, &prior.ty.shape, span)? } else { id });
        }
        let mut all = own.iter().chain(prior.params.iter().map(|(_, id)| id));
        let fits = prior.atom == 0 && all.all(|id| self.ty(*id).shape == prior.ty.shape);
        Ok((prior.family == call.family && same && fits).then_some(own))
    }

    /// The statement, in a train phase.
    pub fn prune(
        &mut self,
        phase: &'a ast::Phase,
        part: &'a ast::Ident,
        below: ast::ExprId,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<()> {
        self.pruned_once(phase, part)?;
        let least = self.threshold(below)?;
        let span = part.span;
        let ctx = Context { training: false, ..self.here.ctx.as_ref().clone() };
        let (units, rates) = self.within(ctx, |e| {
            let units = e.closable(part)?;
            let rates = e.unit_rates(&units, span)?;
            Ok((units, e.looked_at(rates)))
        })?;
        let ty = Type { varies: false, ..self.ty(rates).clone() };
        let now = self.push(ExprKind::BatchMean(rates), ty.clone(), span)?;
        let path = units.of.path.clone();
        let (old, kept) = self.unit_state(&path, &units.var, ("rate", 0.0), &ty.shape, span)?;
        let (open, closed) = self.unit_state(&path, &units.var, ("open", 1.0), &ty.shape, span)?;
        let mean = self.formula("running_mean", &[old, now], span)?;
        let least = self.literal(least, DType::F32, span);
        out.push(PhaseStmt::AssignState(kept, mean));
        // The state as it is then: the mean of all steps, this one included once.
        let left = self.formula("left_open", &[open, old, least], span)?;
        out.push(PhaseStmt::AssignState(closed, left));
        Ok(())
    }

    /// A phase prunes a bottleneck by one statement, and goes to its end.
    fn pruned_once(&mut self, phase: &'a ast::Phase, part: &ast::Ident) -> Res<()> {
        let again = prunes(&phase.body).filter(|(name, _)| name.name == part.name).count() > 1;
        let (why, help) = match again {
            true => ("twice in one phase", "leave one of them out"),
            false if phase.until.is_none() => return Ok(()),
            false => ("in a phase with `until`", "prune in a phase of its own, after this one"),
        };
        let text = format!("`prune {}` stands {why}", part.name);
        self.fail(codes::RL0120, text, part.span, help)
    }

    /// No statement prunes inside of `repeat`.
    pub fn no_prune(&mut self, body: &'a [ast::Stmt]) -> Res<()> {
        let Some((_, span)) = prunes(body).next() else { return Ok(()) };
        let text = "`prune` stands in a `repeat`".to_string();
        self.fail(
            codes::RL0120,
            text,
            span,
            "write it after the `repeat`, or in a phase of its own",
        )
    }

    /// How many values of a pruned bottleneck are open: a figure of every eval phase.
    pub fn report_open(&mut self, out: &mut Vec<PhaseStmt>) -> Res<()> {
        for name in self.made.pruned.clone() {
            let at = self
                .names
                .globals
                .get(&self.names.entry)
                .and_then(|g| g.get(&name))
                .map(|g| g.item.span);
            let Some(span) = at else { continue };
            let Ok(Value::Density(of)) = self.name(&name, self.names.entry, &None, span) else {
                continue;
            };
            let Ok((var, _)) = self.only_variable(&of, span) else { continue };
            let path = format!("{}.{var}.open", of.path);
            let Some(id) = self.made.states.get(&path).copied() else { continue };
            let ty = self.m.states[id.0 as usize].ty.clone();
            let open = self.push(ExprKind::State(id), ty, span)?;
            let value = self.sum_all(open, span)?;
            out.push(PhaseStmt::Report(ir::Report { name: format!("{name}.open"), value, span }));
        }
        Ok(())
    }

    fn threshold(&mut self, below: ast::ExprId) -> Res<f64> {
        let span = self.names.files[&self.names.entry].expr(below).span;
        let value = self.eval(below, self.names.entry, &None)?;
        let x = self.number(&value, span)?;
        if x.is_finite() && x > 0.0 {
            return Ok(x);
        }
        let help = "write a number of nats above 0, for instance `prune q below 0.01`";
        self.fail(codes::RL0107, format!("the bound of `prune` is {x}"), span, help)
    }

    /// The density that a statement names, if its values can be closed.
    fn closable(&mut self, part: &'a ast::Ident) -> Res<Closable> {
        let span = part.span;
        let of = self.density_of(part)?;
        let (var, dist) = self.only_variable(&of, span)?;
        let Some(prior) = self.prior_of(&of.name, std::slice::from_ref(&var), span)? else {
            return self.no_prior(part, &of, &var);
        };
        let Some(prior_dist) = self.drawn_of(prior) else {
            let text = format!("the prior of `{}` is no distribution of `{var}`", part.name);
            let help = format!("write `{var} ~ Normal(0, 1)` in it");
            return self.fail(codes::RL0114, text, span, &help);
        };
        if !self.made.states.contains_key(&format!("{}.{var}.open", of.path)) {
            let family = |d: DistId| self.m.dists[d.0 as usize].family.clone();
            let (own, other) = (family(dist), family(prior_dist));
            let text = format!(
                "values of `{}` cannot be closed one by one: `{own}` beside the prior `{other}`",
                part.name
            );
            let help = "`prune` takes one value for each parameter, and a prior of the same family \
                        with the same parameters: `Normal(m, s)` beside `Normal(0, 1)`";
            return self.fail(codes::RL0105, text, span, help);
        }
        Ok(Closable { of, var, dist, prior, prior_dist })
    }

    /// The density of this file that a statement names.
    fn density_of(&mut self, part: &ast::Ident) -> Res<Rc<Densities>> {
        let own =
            self.names.globals.get(&self.names.entry).is_some_and(|g| g.contains_key(&part.name));
        let other = match self.name(&part.name, self.names.entry, &None, part.span)? {
            Value::Density(of) if own => return Ok(of),
            other => other,
        };
        let what = if own { other.kind() } else { "not declared in this file" };
        let text = format!("`prune` takes a bottleneck with a prior; `{}` is {what}", part.name);
        let help = "declare `bottleneck q(z | x: f32[D]) { ... }` and `prior p(z) { ... }`";
        self.fail(codes::RL0105, text, part.span, help)
    }

    fn no_prior<T>(&mut self, part: &ast::Ident, of: &Densities, var: &str) -> Res<T> {
        let any = self.densities_over(&of.name, &[var.to_string()], part.span)?;
        let text = match self.only_priors(&any)[..] {
            [] => format!("`{}` has no prior, and so no rate", part.name),
            _ => format!("`{}` has several priors, or one with conditions", part.name),
        };
        let help = format!("declare one over the same name: `prior p({var}) {{ ... }}`");
        self.fail(codes::RL0114, text, part.span, &help)
    }

    /// A value whose layers write nothing: to look at rates is no step of a training.
    fn looked_at(&mut self, value: ExprId) -> ExprId {
        self.m.rewrite(&[value], &mut |m, id, kind| match kind {
            ExprKind::Write { result, .. } => result,
            other => m.rebuilt(id, other),
        })[0]
    }

    /// The one variable of a bottleneck and its distribution.
    fn only_variable(&mut self, of: &Rc<Densities>, span: Span) -> Res<(String, DistId)> {
        let over: Vec<_> =
            of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over).collect();
        if let [var] = over[..]
            && let Some(dist) = self.drawn(&of.ids, *var)
        {
            return Ok((self.var_name(*var).to_string(), dist));
        }
        let text =
            format!("`prune` takes a bottleneck that draws one variable; `{}` does not", of.name);
        let help = "declare it over one: `bottleneck q(z | x: f32[D]) { z: f32[8] ~ Normal(...) }`";
        self.fail(codes::RL0105, text, span, help)
    }

    /// The distribution of a density over one variable.
    fn drawn_of(&self, density: DensityId) -> Option<DistId> {
        match self.m.densities[density.0 as usize].over[..] {
            [var] => self.drawn(&[density], var),
            _ => None,
        }
    }

    /// Nats of every value for the current example.
    fn unit_rates(&mut self, units: &Closable, span: Span) -> Res<ExprId> {
        let Some(q) = self.field_query(&units.of, span) else {
            let text = format!("what `{}` is given is no field of the data", units.of.name);
            let help =
                "let it be given fields: `bottleneck q(z | x: f32[D]) { let h = enc(x) ... }`";
            return self.fail(codes::RL0117, text, span, help);
        };
        let of = self.resolve(&q)?;
        let q = self.sampled(of, None, span)?;
        let prior = self.alone(units.prior);
        let p = self.sampled(prior, Some(&q), span)?;
        let Some(each) =
            self.closed_elements((units.dist, None), (units.prior_dist, None), span)?
        else {
            let text = format!("the rate of `{}` has no closed form", units.of.name);
            let help = "`prune` takes families that the table of divergences has, such as `Normal`";
            return self.fail(codes::RL0105, text, span, help);
        };
        Ok(self.m.between(&q.applied, &p.applied, each))
    }

    /// A state with a number for every value of a bottleneck.
    fn unit_state(
        &mut self,
        path: &str,
        var: &str,
        (what, start): (&str, f64),
        shape: &[usize],
        span: Span,
    ) -> Res<(ExprId, StateId)> {
        let ty = Type {
            dtype: DType::F32,
            shape: shape.to_vec(),
            support: ir::Support::Real,
            varies: false,
            ends: false,
        };
        self.kept_state(format!("{path}.{var}.{what}"), ty, start, span)
    }

    /// A function of the library, of tensors.
    fn formula(&mut self, name: &str, args: &[ExprId], span: Span) -> Res<ExprId> {
        let positional = args.iter().map(|id| (Value::Tensor(*id), span)).collect();
        self.by_library(name, Args { positional, named: vec![] }, span)
    }
}

/// Every `prune` of a body, those in loops included: what it names, and where.
fn prunes(body: &[ast::Stmt]) -> Box<dyn Iterator<Item = (&ast::Ident, Span)> + '_> {
    Box::new(body.iter().flat_map(|stmt| match &stmt.kind {
        StmtKind::Prune { part, .. } => vec![(part, stmt.span)],
        StmtKind::Repeat { body, .. } => prunes(body).collect(),
        _ => vec![],
    }))
}
