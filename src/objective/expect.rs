//! Expectations and log-densities. An estimator is chosen for each expectation: enumerate a small
//! discrete density, substitute a differentiable draw (pathwise), draw without weights, or the
//! score function in its any-order form `f * exp(log q - stop(log q))` (Foerster et al. 2018).

use super::Derive;
use super::explain::Decision;
use crate::base::Span;
use crate::graph::attrs::Real;
use crate::graph::op::{control, index, map, view};
use crate::graph::{Attrs, DType, Op, Ty};
use crate::model::ir::*;

/// Which draws are scored: their gradient is that of their log-density.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scored {
    /// None: no gradient passes those without a differentiable path.
    Nothing,
    /// Those without a differentiable path; it flows through the others, whose support may move.
    Rough,
    /// All, as was asked for.
    All,
    /// None: those without a path have the slope of their mean (Bengio, Leonard and Courville 2013).
    Mean,
    /// None: those without a path are drawn from a relaxed density at this temperature (Maddison, Mnih
    /// and Teh 2017; Jang, Gu and Poole 2017).
    Relaxed(ExprId),
}

/// What is taken from a value before its score is weighed by it: it sees no draw that is scored.
#[derive(Clone, Copy)]
pub(super) enum Less {
    Nothing,
    /// The mean of the values of the other draws (Kool, van Hoof and Welling 2019).
    Others,
    Value(ExprId),
}

/// How draws are taken and averaged.
pub(super) struct Sampling<'a> {
    pub density: &'a Applied,
    /// The density's own variables and those that stand for their draws.
    pub over: &'a [(VarId, VarId)],
    pub samples: usize,
    pub scored: Scored,
    pub less: Less,
    pub how: AxisReduce,
}

/// A random variable of an applied density: where it is drawn, and what stands for it.
pub(super) struct Site {
    pub var: VarId,
    pub dist: DistId,
    pub name: String,
}

impl Derive {
    pub(super) fn scalar(&self, varies: bool) -> Type {
        Type { dtype: DType::F32, shape: vec![], support: Support::Real, varies, ends: false }
    }

    pub(super) fn number(&mut self, value: f64, span: Span) -> ExprId {
        let attrs = Attrs::Const(Real(value), DType::F32);
        let ty = self.scalar(false);
        self.m.push(ExprKind::Op { op: &control::CONST, attrs, args: vec![] }, ty, span)
    }

    /// An elementwise op of values of one shape.
    pub(super) fn map(&mut self, op: Op, args: &[ExprId], span: Span) -> ExprId {
        self.typed(op, args, (self.m.ty(args[0]).dtype, Support::Real), span)
    }

    pub(super) fn typed(
        &mut self,
        op: Op,
        args: &[ExprId],
        (dtype, support): (DType, Support),
        span: Span,
    ) -> ExprId {
        let shape = self.m.ty(args[0]).shape.clone();
        let args: Vec<ExprId> = args.iter().map(|a| self.fill(*a, &shape, span)).collect();
        let varies = args.iter().any(|a| self.m.ty(*a).varies);
        let ty = Type { dtype, shape, support, varies, ends: false };
        self.m.push(ExprKind::Op { op, attrs: Attrs::None, args }, ty, span)
    }

    fn fill(&mut self, id: ExprId, shape: &[usize], span: Span) -> ExprId {
        let ty = self.m.ty(id).clone();
        if ty.shape == shape {
            return id;
        }
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims: vec![] };
        let ty = Type { shape: shape.to_vec(), ..ty };
        self.m.push(ExprKind::Op { op: &view::BROADCAST, attrs, args: vec![id] }, ty, span)
    }

    /// The sum of scalars; zero if there is none.
    pub(super) fn total(&mut self, terms: &[ExprId], span: Span) -> ExprId {
        let mut terms = terms.iter().copied();
        let Some(mut sum) = terms.next() else { return self.number(0.0, span) };
        for term in terms {
            sum = self.map(&map::ADD, &[sum, term], span);
        }
        sum
    }

    pub(super) fn stop(&mut self, id: ExprId, span: Span) -> ExprId {
        let ty = self.m.ty(id).clone();
        self.m.push(ExprKind::Stop(id), ty, span)
    }

    // ---- densities ----

    /// Every draw of an applied density, in order.
    pub(super) fn sites(&self, applied: &Applied) -> Vec<Site> {
        let mut list = Vec::new();
        for id in &applied.densities {
            let density = &self.m.densities[id.0 as usize];
            for factor in &density.factors {
                if let Factor::Draw { var, dist, .. } = factor {
                    let name = self.m.vars[var.0 as usize].name.clone();
                    list.push(Site { var: *var, dist: *dist, name });
                }
            }
        }
        list
    }

    /// The log-density of one draw at the bound values.
    pub(super) fn log_draw(
        &mut self,
        site: &Site,
        (bind, calls): (&[(VarId, ExprId)], &Calls),
        span: Span,
    ) -> ExprId {
        let dist = &self.m.dists[site.dist.0 as usize];
        let Some(logp) = dist.logp else { return self.number(0.0, span) };
        let value = dist.value;
        let Some((_, at)) = bind.iter().find(|(v, _)| *v == site.var) else {
            unreachable!("`{}` is bound", site.name)
        };
        // The value stands for itself first: its own parameters may mention other variables.
        let mut with = bind.to_vec();
        with.push((value, *at));
        self.m.opened(&[logp], &with, calls)[0]
    }

    pub(super) fn log_prob(&mut self, applied: &Applied, at: ExprId) -> ExprId {
        let span = self.m.expr(at).span;
        let sites = self.drawn(applied);
        for site in &sites {
            let dist = &self.m.dists[site.dist.0 as usize];
            let head = super::explain::head(&self.m, applied);
            let how = format!(
                "{} of {}: the sum over {} of {}",
                dist.family, site.name, site.name, dist.formula
            );
            self.decisions.push(Decision { what: format!("log {head}"), how });
        }
        let terms = self.log_terms(applied, &sites, span);
        self.total(&terms, span)
    }

    /// Log-densities of draws and of what is computed from hidden ones.
    pub(super) fn log_terms(
        &mut self,
        applied: &Applied,
        sites: &[Site],
        span: Span,
    ) -> Vec<ExprId> {
        let bind = self.whole(applied);
        let at = (&bind[..], &applied.calls);
        let mut terms: Vec<ExprId> = sites.iter().map(|s| self.log_draw(s, at, span)).collect();
        terms.extend(self.changed(applied, span));
        terms
    }

    // ---- expectations ----

    /// `stated` is an expectation.
    pub(super) fn expectation(&mut self, stated: Symbolic, at: ExprId) -> ExprId {
        let Symbolic::Expect { density, vars, samples, estimator: wanted, aid, body } = stated
        else {
            unreachable!("called for expectations")
        };
        let span = self.m.expr(at).span;
        let sites = self.sites(&density);
        // Rows that depend on each other's draws: one row's values cannot be summed out alone.
        let joint = self.m.mixes_rows(body, &vars, false);
        let estimator = wanted.unwrap_or_else(|| self.choose(&sites, &density, joint));
        let asked = wanted.is_some_and(|how| how != Estimator::Sample);
        self.decide(&sites, &density, estimator, (samples, aid), asked);
        let over = &self.over_vars(&density, &vars);
        let (scored, less) = match (estimator, aid) {
            (Estimator::Enumerate, _) => {
                return self.enumerate(&sites, &density, over, body, span);
            }
            (Estimator::Score, Some(value)) => (Scored::All, Less::Value(value)),
            (Estimator::Score, None) if asked => (Scored::All, Less::Nothing),
            (Estimator::Score, None) => (Scored::Rough, Less::Nothing),
            (Estimator::LeaveOneOut, _) => (Scored::All, Less::Others),
            (Estimator::StraightThrough, _) => (Scored::Mean, Less::Nothing),
            (Estimator::Relaxed, Some(temperature)) => {
                (Scored::Relaxed(temperature), Less::Nothing)
            }
            // A draw in a function is its value.
            _ => (Scored::Nothing, Less::Nothing),
        };
        let (density, how) = (&density, AxisReduce::Mean);
        self.sampled(&sites, Sampling { density, over, samples, scored, less, how }, body, span)
    }

    /// Pairs of a density's own variable and the fresh one that the body mentions.
    pub(super) fn over_vars(&self, density: &Applied, vars: &[VarId]) -> Vec<(VarId, VarId)> {
        self.m.over(density).zip(vars.iter().copied()).collect()
    }

    fn choose(&self, sites: &[Site], density: &Applied, joint: bool) -> Estimator {
        let dist = |s: &Site| &self.m.dists[s.dist.0 as usize];
        let heads = self.m.over(density);
        if let [one] = sites
            && !joint
            && dist(one).is_summable()
            // Nothing else is computed from it in the density.
            && heads.eq([one.var])
        {
            return Estimator::Enumerate;
        }
        if sites.iter().all(|s| dist(s).reparameterized) {
            return Estimator::Pathwise;
        }
        if self.has_slopes(sites, density) { Estimator::Score } else { Estimator::Draw }
    }

    /// Whether a gradient may flow into what is drawn: it depends on weights, on what other densities
    /// give, or on a variable that is bound outside, to who knows what: the point of a derivative, what
    /// a loop carries, a draw, a `let`.
    fn has_slopes(&self, sites: &[Site], density: &Applied) -> bool {
        let mut roots: Vec<ExprId> = density.bind.iter().map(|(_, e)| *e).collect();
        let bound = density.bind.iter().filter(|(v, e)| !self.is_itself(*v, *e));
        let mut own: Vec<VarId> = bound.map(|(v, _)| *v).collect();
        for site in sites {
            let dist = &self.m.dists[site.dist.0 as usize];
            roots.extend(dist.params.iter().map(|(_, e)| *e));
            own.extend([site.var, dist.value]);
        }
        self.m.reachable(&roots).iter().any(|id| match &self.m.expr(*id).kind {
            ExprKind::Param(_) => true,
            ExprKind::Var(v) => !own.contains(v),
            kind => kind.densities().next().is_some(),
        })
    }

    /// Whether a variable of another density is bound to itself.
    fn is_itself(&self, var: VarId, value: ExprId) -> bool {
        self.m.expr(value).kind == ExprKind::Var(var)
    }

    pub(super) fn decide(
        &mut self,
        sites: &[Site],
        density: &Applied,
        estimator: Estimator,
        (samples, aid): (usize, Option<ExprId>),
        asked: bool,
    ) {
        let head = super::explain::head(&self.m, density);
        let families: Vec<String> =
            sites.iter().map(|s| self.m.dists[s.dist.0 as usize].family.clone()).collect();
        let families = families.join(", ");
        let draws = if samples == 1 { "1 draw".to_string() } else { format!("{samples} draws") };
        let text = match estimator {
            Estimator::Enumerate => format!("exact: the sum over every value of {families}"),
            Estimator::Pathwise => format!(
                "{draws}, pathwise gradient: a draw of {families} is a differentiable function of its parameters and noise"
            ),
            Estimator::Sample => format!("{draws} of {families} for each call"),
            Estimator::Draw => format!(
                "{draws}: {families} depends on no weights, so no gradient flows through the draw"
            ),
            Estimator::Score | Estimator::LeaveOneOut => {
                let less = match (estimator, aid) {
                    (Estimator::LeaveOneOut, _) => ", each draw less the mean of the others",
                    (_, Some(_)) => " less a baseline, which sees no draw",
                    _ => "",
                };
                let rough = self.rough(sites, asked);
                format!(
                    "{draws}, score-function gradient{less}: a draw of {rough} is not differentiable"
                )
            }
            Estimator::StraightThrough => format!(
                "{draws}, straight-through gradient, which is biased: a draw of {} passes the gradient of its mean",
                self.rough(sites, false)
            ),
            Estimator::Relaxed => format!(
                "{draws}, relaxed, which is biased: {} is drawn between its values, and a gradient flows through",
                self.rough(sites, false)
            ),
        };
        let text = match families.is_empty() {
            true if self.is_halted(density) => {
                format!("{draws} of what is computed from noise: no gradient flows through it")
            }
            true => format!(
                "{draws} of what is computed from noise: a gradient flows as in any expression"
            ),
            false => text,
        };
        let text = if asked { format!("{text} (asked for)") } else { text };
        let what = if estimator == Estimator::Sample { "draw from" } else { "E over" };
        self.decisions.push(Decision { what: format!("{what} {head}"), how: text });
    }

    /// Families of the draws that a gradient does not pass.
    fn rough(&self, sites: &[Site], all: bool) -> String {
        let dists = sites.iter().map(|s| &self.m.dists[s.dist.0 as usize]);
        let rough = dists.filter(|dist| all || !dist.reparameterized);
        rough.map(|dist| dist.family.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Whether all that is computed counts as a constant, as what a chain gives.
    fn is_halted(&self, of: &Applied) -> bool {
        let factors = of.densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].factors);
        factors.into_iter().all(|factor| match factor {
            Factor::Define { value, .. } => matches!(self.m.expr(*value).kind, ExprKind::Stop(_)),
            _ => true,
        })
    }

    fn enumerate(
        &mut self,
        sites: &[Site],
        density: &Applied,
        over: &[(VarId, VarId)],
        body: ExprId,
        span: Span,
    ) -> ExprId {
        let site = &sites[0];
        let dist = self.m.dists[site.dist.0 as usize].clone();
        let n = dist.values.unwrap_or(1);
        let axis = AxisId(self.m.axes.len() as u32);
        self.m.axes.push(Axis { name: format!("values of {}", site.name), size: n });
        let attrs = Attrs::Iota { ty: Ty::new(dist.ty.dtype, [n]), axis: 0 };
        let list = Type { shape: vec![n], varies: false, ..dist.ty.clone() };
        let all = self.m.push(ExprKind::Op { op: &index::IOTA, attrs, args: vec![] }, list, span);
        let value = self.m.push(
            ExprKind::Element { axis, of: all },
            Type { varies: false, ..dist.ty },
            span,
        );
        let with: Vec<(VarId, ExprId)> = over.iter().map(|(_, fresh)| (*fresh, value)).collect();
        let mut bind = density.bind.clone();
        bind.retain(|(v, _)| *v != site.var);
        bind.push((site.var, value));
        let body = self.m.substitute(body, &with);
        let weight = match dist.mass {
            Some(mass) => {
                bind.push((dist.value, value));
                let mass = self.m.opened(&[mass], &bind, &density.calls)[0];
                self.reduce(mass)
            }
            None => {
                let logq = self.log_draw(site, (&bind, &density.calls), span);
                let logq = self.reduce(logq);
                self.map(&map::EXP, &[logq], span)
            }
        };
        let shape = self.m.ty(body).shape.clone();
        let weight = self.fill(weight, &shape, span);
        let term = self.map(&map::MUL, &[body, weight], span);
        let term = self.counted(term, body, weight, span);
        let ty = self.m.ty(term).clone();
        self.m.push(ExprKind::Reduce { axis, how: AxisReduce::Sum, body: term }, ty, span)
    }

    /// A term of a sum over values, 0 where the value has probability 0 and what is averaged is not
    /// finite: 0 log 0 = 0.
    fn counted(&mut self, term: ExprId, body: ExprId, weight: ExprId, span: Span) -> ExprId {
        let (zero, largest) = (self.number(0.0, span), self.number(f64::from(f32::MAX), span));
        let size = self.map(&map::ABS, &[body], span);
        let truth = (DType::Bool, Support::Bool);
        let finite = self.typed(&map::LE, &[size, largest], truth, span);
        let possible = self.typed(&map::NE, &[weight, zero], truth, span);
        let counts = self.typed(&map::OR, &[finite, possible], truth, span);
        let ty = self.m.ty(term).clone();
        let zero = self.fill(zero, &ty.shape, span);
        let args = vec![counts, term, zero];
        self.m.push(ExprKind::Op { op: &map::SELECT, attrs: Attrs::None, args }, ty, span)
    }

    /// Draws substituted for the variables, and the score factor where draws are scored.
    pub(super) fn sampled(
        &mut self,
        sites: &[Site],
        taken: Sampling<'_>,
        body: ExprId,
        span: Span,
    ) -> ExprId {
        let Sampling { density, over, samples, scored, less, how } = taken;
        let axis = self.axis_of_samples(sites, samples, how);
        let vars: Vec<VarId> = over.iter().map(|(_, fresh)| *fresh).collect();
        let score = matches!(scored, Scored::Rough | Scored::All);
        let joint = score && self.m.mixes_rows(body, &vars, false);
        let (values, logq) = self.draw_all(sites, density, axis, scored, span);
        let with: Vec<(VarId, ExprId)> = over
            .iter()
            .filter_map(|(own, fresh)| {
                values.iter().find(|(v, _)| v == own).map(|(_, e)| (*fresh, *e))
            })
            .collect();
        let body = self.known_draws(body, density, &values);
        let mut body = self.m.substitute(body, &with);
        if let (Some(axis), Some((_, first))) = (axis, over.first()) {
            body = self.fresh_in(body, *first, axis);
        }
        if !score {
            return self.over_axis(body, axis, how, span);
        }
        let mut total = self.total(&logq, span);
        // A mean is one of products; a bound depends on all its draws at once.
        let apart = how == AxisReduce::Mean;
        if !apart {
            total = self.over_axis(total, axis, AxisReduce::Sum, span);
            body = self.over_axis(body, axis, how, span);
        }
        if joint {
            total = self.over_rows(total, span);
        }
        let less = match less {
            Less::Nothing => None,
            Less::Value(value) => Some(self.stop(value, span)),
            Less::Others => Some(self.others(body, axis, samples, span)),
        };
        let body = self.weighed(body, total, less, span);
        if apart { self.over_axis(body, axis, how, span) } else { body }
    }

    /// The axis of several draws.
    fn axis_of_samples(
        &mut self,
        sites: &[Site],
        samples: usize,
        how: AxisReduce,
    ) -> Option<AxisId> {
        if samples == 1 && how != AxisReduce::LogMeanExp {
            return None;
        }
        let names: Vec<&str> = sites.iter().map(|s| s.name.as_str()).collect();
        let name = format!("samples of {}", names.join(", "));
        self.m.axes.push(Axis { name, size: samples });
        Some(AxisId(self.m.axes.len() as u32 - 1))
    }

    /// A value times the score factor `exp(log q - stop(log q))`, which is 1 and has the derivatives
    /// of the density, of any order. Of what does not see the draw nothing but 0 is added: `less * (1 -
    /// factor)` (Mao et al. 2019).
    fn weighed(&mut self, body: ExprId, logq: ExprId, less: Option<ExprId>, span: Span) -> ExprId {
        let fixed = self.stop(logq, span);
        let difference = self.map(&map::SUB, &[logq, fixed], span);
        let factor = self.map(&map::EXP, &[difference], span);
        let shape = self.m.ty(body).shape.clone();
        let factor = self.fill(factor, &shape, span);
        let product = self.map(&map::MUL, &[body, factor], span);
        let Some(less) = less else { return product };
        let one = self.number(1.0, span);
        let rest = self.map(&map::SUB, &[factor, one], span);
        let taken = self.map(&map::MUL, &[rest, less], span);
        self.map(&map::SUB, &[product, taken], span)
    }

    /// Of each draw the mean of the values of the others, as a constant.
    fn others(&mut self, body: ExprId, axis: Option<AxisId>, samples: usize, span: Span) -> ExprId {
        let all = self.over_axis(body, axis, AxisReduce::Sum, span);
        let rest = self.map(&map::SUB, &[all, body], span);
        let count = self.number(samples as f64 - 1.0, span);
        let mean = self.map(&map::DIV, &[rest, count], span);
        self.stop(mean, span)
    }

    /// A value of each sample, reduced.
    fn over_axis(
        &mut self,
        body: ExprId,
        axis: Option<AxisId>,
        how: AxisReduce,
        span: Span,
    ) -> ExprId {
        let Some(axis) = axis else { return body };
        let ty = self.m.ty(body).clone();
        self.m.push(ExprKind::Reduce { axis, how, body }, ty, span)
    }

    /// The sum over the rows of a batch.
    fn over_rows(&mut self, id: ExprId, span: Span) -> ExprId {
        let ty = self.scalar(false);
        let mean = self.m.push(ExprKind::BatchMean(id), ty.clone(), span);
        let rows = self.m.push(ExprKind::Builtin(Builtin::Rows), ty, span);
        self.map(&map::MUL, &[mean, rows], span)
    }

    /// Ancestral draws of every variable: values by the density's own variables, and the
    /// log-densities of the draws that are scored. No gradient passes those, or one that is no
    /// differentiable function of its parameters.
    pub(super) fn draw_all(
        &mut self,
        sites: &[Site],
        density: &Applied,
        axis: Option<AxisId>,
        scored: Scored,
        span: Span,
    ) -> (Vec<(VarId, ExprId)>, Vec<ExprId>) {
        let own: Vec<VarId> = sites.iter().map(|s| s.var).collect();
        let heads: Vec<VarId> = density
            .densities
            .iter()
            .flat_map(|d| self.m.densities[d.0 as usize].over.clone())
            .collect();
        // Given values; variables of the head stand for what is drawn.
        let names = |m: &Model, v: VarId| m.vars[v.0 as usize].name.clone();
        let drawn_names: Vec<String> = heads.iter().map(|v| names(&self.m, *v)).collect();
        let mut values: Vec<(VarId, ExprId)> = density
            .bind
            .iter()
            .filter(|(v, e)| {
                let fresh = matches!(self.m.expr(*e).kind, ExprKind::Var(other) if other != *v);
                !(own.contains(v)
                    || heads.contains(v)
                    || (fresh && drawn_names.contains(&names(&self.m, *v))))
            })
            .copied()
            .collect();
        let mut logq = Vec::new();
        for id in density.densities.clone() {
            for factor in self.m.densities[id.0 as usize].factors.clone() {
                let (var, value) = match factor {
                    Factor::Draw { var, dist, .. } => {
                        let Some(draw) = self.m.dists[dist.0 as usize].draw else {
                            unreachable!("every family of the prelude can be drawn")
                        };
                        let site = Site { var, dist, name: names(&self.m, var) };
                        let (draw, cut) = self.drawn_as(&site, draw, (density, &values), scored);
                        let draw = self.placed(draw, density, axis, false);
                        let draw = if cut { self.stop(draw, span) } else { draw };
                        if cut && matches!(scored, Scored::Rough | Scored::All) {
                            let mut bind = values.clone();
                            bind.push((var, draw));
                            logq.push(self.log_draw(&site, (&bind, &density.calls), span));
                        }
                        let draw = match cut && scored == Scored::Mean {
                            true => self.with_slope_of_mean(&site, draw, (density, &values), span),
                            false => draw,
                        };
                        (var, draw)
                    }
                    Factor::Define { var, value, .. } => {
                        let value = self.m.opened(&[value], &values, &density.calls)[0];
                        (var, self.placed(value, density, axis, true))
                    }
                    Factor::Energy { .. } | Factor::Base { .. } => continue,
                };
                values.push((var, value));
                // The same name in another factor's givens.
                let name = names(&self.m, var);
                for other in density.densities.clone() {
                    for given in self.m.densities[other.0 as usize].given.clone() {
                        if names(&self.m, given) == name && values.iter().all(|(v, _)| *v != given)
                        {
                            values.push((given, value));
                        }
                    }
                }
            }
        }
        (values, logq)
    }

    /// A draw at known values, and whether a gradient stops at it.
    fn drawn_as(
        &mut self,
        site: &Site,
        draw: ExprId,
        (density, values): (&Applied, &[(VarId, ExprId)]),
        scored: Scored,
    ) -> (ExprId, bool) {
        let dist = &self.m.dists[site.dist.0 as usize];
        let rough = !dist.reparameterized;
        if let (true, Scored::Relaxed(at), Some((var, draw))) = (rough, scored, dist.relaxed) {
            let with = [values, &[(var, at)]].concat();
            return (self.m.opened(&[draw], &with, &density.calls)[0], false);
        }
        let draw = self.m.opened(&[draw], values, &density.calls)[0];
        (draw, rough || scored == Scored::All)
    }

    /// A draw as it is, with the slope of its mean: `mean - stop(mean)` is 0 to the bit.
    fn with_slope_of_mean(
        &mut self,
        site: &Site,
        draw: ExprId,
        (density, values): (&Applied, &[(VarId, ExprId)]),
        span: Span,
    ) -> ExprId {
        let Some(mean) = self.m.dists[site.dist.0 as usize].mean else {
            unreachable!("a family without mean is refused")
        };
        let mean = self.m.opened(&[mean], values, &density.calls)[0];
        let fixed = self.stop(mean, span);
        let slope = self.map(&map::SUB, &[mean, fixed], span);
        self.map(&map::ADD, &[draw, slope], span)
    }

    /// The noise of a draw at the place of the draw: its name, the axis of its samples, and what
    /// repeats the place. A draw may repeat its noise by loops and axes of its own, as what is computed
    /// may by its loops.
    fn placed(
        &mut self,
        draw: ExprId,
        at: &Applied,
        axis: Option<AxisId>,
        computed: bool,
    ) -> ExprId {
        self.m.with_noise(draw, &mut |stream, around, _| {
            if !stream.starts_with('~') {
                return;
            }
            let own = std::mem::replace(around, at.around.clone());
            around.loops.extend(own.loops);
            around.axes.extend(own.axes.into_iter().filter(|_| !computed));
            around.axes.extend(axis);
            *stream = format!("{}#{}", &stream[1..], at.number);
        })
    }

    /// Gives noise of the body of an expectation the axis of its samples.
    fn fresh_in(&mut self, body: ExprId, var: VarId, axis: AxisId) -> ExprId {
        self.m.with_noise(body, &mut |_, around, _| {
            if around.draws.contains(&var) {
                around.draws.retain(|v| *v != var);
                around.axes.push(axis);
            }
        })
    }

    /// A value whose noise is that of the batch: no example has its own.
    pub(super) fn once(&mut self, of: ExprId) -> ExprId {
        self.m.with_noise(of, &mut |_, _, per_example| *per_example = false)
    }
}
