//! Queries such as `q(z | x)`: which factors they name, values for their variables, fresh variables
//! for what is sampled.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::{brought, show};
use crate::model::elaborate::value::{Densities, DistCall, Env, Query, QueryArg, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    self, Applied, Calls, DensityId, ExprId, ExprKind, Factor, Support, Type, VarId,
};
use crate::syntax::ast::{self, Bar};
use crate::syntax::given_twice;
use std::rc::Rc;

/// Factors, the values that stand for their variables, and the numbers of their calls of layers.
#[derive(Default)]
pub struct Resolved {
    pub densities: Vec<DensityId>,
    pub bind: Vec<(VarId, ExprId)>,
    pub calls: Calls,
}

/// A density side of `KL` or `E` with its variables bound to fresh ones.
pub struct Sampled {
    pub applied: Applied,
    /// Name, variable of the density, fresh variable.
    pub vars: Vec<(String, VarId, VarId)>,
}

impl<'a> Elab<'a> {
    #[allow(clippy::too_many_arguments)]
    pub fn query(
        &mut self,
        of: Rc<Densities>,
        args: &'a [ast::Arg],
        bar: Option<Bar>,
        rest: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if bar == Some(Bar::Versus) {
            return self.fail(
                codes::RL0105,
                "`||` separates the sides of a divergence".into(),
                span,
                "condition with a single bar: `q(z | x)`",
            );
        }
        let over = self.query_args(args, true, file, env)?;
        let given = self.query_args(rest, false, file, env)?;
        self.named_once(&of, &over)?;
        self.named_once(&of, &given)?;
        let calls = self.calls_of(&of.ids);
        Ok(Value::Query(Rc::new(Query { of, over, given, calls, span })))
    }

    /// A variable has one value, given by name or by its own name as it is.
    fn named_once(&mut self, of: &Densities, args: &[QueryArg<'a>]) -> Res<()> {
        let densities = of.ids.iter().map(|id| &self.m.densities[id.0 as usize]);
        let vars: Vec<VarId> =
            densities.flat_map(|d| d.over.iter().chain(&d.given)).copied().collect();
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for arg in args {
            let Some(name) = &arg.name else { continue };
            if vars.iter().all(|var| self.var_name(*var) != name) {
                continue;
            }
            if let Some((_, first)) = seen.iter().find(|(old, _)| old == name) {
                let diagnostic = given_twice(name, self.place(arg.span), *first);
                return self.stop(diagnostic);
            }
            seen.push((name, arg.span));
        }
        Ok(())
    }

    /// The arguments of a query. A bare name of what it is over may have no value: what draws needs
    /// none, and where it is scored the name is looked up again.
    pub fn query_args(
        &mut self,
        args: &'a [ast::Arg],
        is_over: bool,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Vec<QueryArg<'a>>> {
        let mut list = Vec::new();
        for arg in args {
            let expr = self.names.files[&file].expr(arg.value);
            let bare = match &expr.kind {
                ast::ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            };
            let known = bare.as_ref().is_none_or(|n| {
                n == "B"
                    || crate::model::elaborate::value::find(env, n).is_some()
                    || (self.here.fields_visible
                        && match is_over && arg.name.is_none() {
                            true => self.fields_here(n).len() == 1,
                            false => self.m.fields.iter().any(|f| f.name == *n),
                        })
                    || self.names.globals[&file].get(n).is_some_and(|global| {
                        // The name of a phase hides none.
                        !matches!(global.item.kind, ast::ItemKind::Phase(_))
                    })
                    || (!is_over && self.names.prelude.contains_key(n))
            });
            let known = known
                || bare.as_ref().map_or(Ok(None), |n| self.imported(n, file, expr.span))?.is_some();
            let value = if known { Some(self.eval(arg.value, file, env)?) } else { None };
            let name = arg.name.as_ref().map(|n| n.name.clone()).or(bare);
            list.push(QueryArg { name, keyword: arg.name.is_some(), value, span: expr.span });
        }
        Ok(list)
    }

    pub fn var_name(&self, var: VarId) -> &str {
        &self.m.vars[var.0 as usize].name
    }

    /// The factors that a query names, and the values of the variables they are given.
    pub fn resolve(&mut self, query: &Query<'a>) -> Res<Resolved> {
        let all = query.of.ids.clone();
        let wanted: Vec<String> = if query.over.is_empty() {
            all.iter()
                .flat_map(|d| self.m.densities[d.0 as usize].over.clone())
                .map(|v| self.var_name(v).to_string())
                .collect()
        } else {
            query.over.iter().map(|a| a.name.clone().unwrap_or_default()).collect()
        };
        let given: Vec<String> = query.given.iter().filter_map(|a| a.name.clone()).collect();
        let mut chosen = Vec::new();
        for id in &all {
            chosen.extend(self.factor_of(*id, &wanted, &given));
            let density = &self.m.densities[id.0 as usize];
            let names: Vec<&str> = density.over.iter().map(|v| self.var_name(*v)).collect();
            if names.iter().all(|n| wanted.iter().any(|w| w == n)) {
                chosen.push(*id);
            }
        }
        let covered = |e: &Self, name: &String| {
            chosen
                .iter()
                .any(|d| e.m.densities[d.0 as usize].over.iter().any(|v| e.var_name(*v) == name))
        };
        if let Some(missing) = wanted.iter().find(|name| !covered(self, name)) {
            let heads = self.heads(&query.of);
            let joint = all.iter().any(|d| {
                self.m.densities[d.0 as usize].over.iter().any(|v| self.var_name(*v) == missing)
            });
            if joint {
                let text = format!(
                    "`{}` has no factor over `{missing}` alone with these givens",
                    query.of.name
                );
                let diagnostic = self
                    .error(codes::RL0114, text, query.span, "")
                    .note(format!("declared: {heads}"))
                    .help("a factor is given all that its statements mention, and nothing that they lead to; the rest is an average over the others: take a bound, `elbo(p, q)`");
                return self.stop(diagnostic);
            }
            if missing.is_empty() {
                let text = format!("`{}` is not told which variable a value is for", query.of.name);
                let error = self.error(codes::RL0114, text, query.span, "");
                let error = error.note(format!("declared: {heads}"));
                return self.stop(error.help("name it: `p(x = 1.0)`"));
            }
            let text = format!("`{}` is not declared over `{missing}`", query.of.name);
            return self.fail(codes::RL0114, text, query.span, &format!("declared: {heads}"));
        }
        let mut bind = Vec::new();
        let mut position = 0;
        let mut read: Vec<Span> = Vec::new();
        for id in &chosen {
            for var in self.m.densities[id.0 as usize].given.clone() {
                let name = self.var_name(var).to_string();
                if wanted.contains(&name) {
                    continue; // bound with the sampled or scored variables
                }
                let arg = query.given.iter().find(|a| a.name.as_deref() == Some(&name)).cloned();
                let arg = arg.or_else(|| {
                    let at = query.given.get(position);
                    at.filter(|a| !a.keyword && !self.is_given(&chosen, a)).cloned()
                });
                position += 1;
                let Some(arg) = arg else {
                    return self.missing_given(query, &name);
                };
                let Some(value) = arg.value else {
                    return self.missing_given(query, &name);
                };
                let value = self.tensor(&value, arg.span)?;
                let value = self.binding(var, value, arg.span)?;
                bind.push((var, value));
                read.push(arg.span);
            }
        }
        if let Some(arg) = query.given.iter().find(|arg| !read.contains(&arg.span)) {
            return self.surplus(query, arg);
        }
        let densities = self.by_dependence(chosen, query.span)?;
        Ok(Resolved { densities, bind, calls: query.calls.clone() })
    }

    /// Whether a factor of a joint is over a name.
    fn draws(&self, of: &Densities, name: &str) -> bool {
        let mut over = of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over);
        over.any(|var| self.var_name(*var) == name)
    }

    /// A condition that no factor has.
    fn surplus<T>(&mut self, query: &Query<'a>, arg: &QueryArg<'a>) -> Res<T> {
        let heads = self.heads(&query.of);
        let text = match &arg.name {
            Some(name) => format!("`{}` is not given `{name}`", query.of.name),
            None => format!("`{}` is not given so many values", query.of.name),
        };
        let help = match arg.name.as_deref() {
            Some("samples" | "estimator") => {
                "options stand in the brackets: `E[z ~ q(z | x), samples = 5](...)`"
            }
            Some(name) if self.draws(&query.of, name) => {
                "what no factor says is an average over the others: take a bound, `elbo(p, q)`, or \
                 declare a density for it: `model q(z | x) { ... }`"
            }
            _ => "leave it out, or let a statement of the density mention it",
        };
        let error = self.error(codes::RL0114, text, arg.span, "");
        self.stop(error.note(format!("declared: {heads}")).help(help))
    }

    /// Factors in the order in which they can be drawn: each after those that draw what it is given,
    /// else as they are.
    pub fn by_dependence(&mut self, mut rest: Vec<DensityId>, span: Span) -> Res<Vec<DensityId>> {
        self.one_each(&rest, span)?;
        let mut ordered = Vec::with_capacity(rest.len());
        while let Some(first) = rest.first() {
            let waits =
                |d: &DensityId| rest.iter().any(|other| other != d && self.gives(*other, *d));
            let Some(next) = rest.iter().position(|d| !waits(d)) else {
                let name = self.m.densities[first.0 as usize].name.clone();
                let heads: Vec<String> = rest.iter().map(|d| self.m.head(*d)).collect();
                let text = format!("the factors of `{name}` wait for each other");
                let error = self.error(codes::RL0114, text, span, "").note(heads.join(", "));
                let help = "a joint is a product of factors, each given what others before it draw";
                return self.stop(error.help(help));
            };
            ordered.push(rest.remove(next));
        }
        Ok(ordered)
    }

    /// A variable has one factor: a product of two is no density of it.
    fn one_each(&mut self, factors: &[DensityId], span: Span) -> Res<()> {
        let over = |d: DensityId| self.m.densities[d.0 as usize].over.iter().map(move |v| (d, *v));
        let all: Vec<(DensityId, VarId)> = factors.iter().copied().flat_map(over).collect();
        let twice = all.iter().enumerate().find_map(|(at, (d, v))| {
            let name = self.var_name(*v);
            let earlier = all[..at].iter().find(|(_, other)| self.var_name(*other) == name);
            earlier.map(|(first, _)| (*first, *d, name.to_string()))
        });
        let Some((first, second, name)) = twice else { return Ok(()) };
        let heads = [first, second].map(|d| self.m.head(d)).join(", ");
        let text = format!("two factors say how `{name}` is distributed: {heads}");
        let place = self.place(self.m.densities[second.0 as usize].span);
        let error = self.error(codes::RL0114, text, span, "").also(place, "the second one");
        self.stop(error.help("leave one of them out, or give it another name"))
    }

    /// Whether a factor draws what another one is given.
    fn gives(&self, from: DensityId, to: DensityId) -> bool {
        let [from, to] = [from, to].map(|d| &self.m.densities[d.0 as usize]);
        let mut given = to.given.iter().map(|v| self.var_name(*v));
        given.any(|name| from.over.iter().any(|v| self.var_name(*v) == name))
    }

    pub fn is_given(&self, chosen: &[DensityId], arg: &QueryArg<'a>) -> bool {
        chosen.iter().any(|d| {
            self.m.densities[d.0 as usize]
                .given
                .iter()
                .any(|v| Some(self.var_name(*v)) == arg.name.as_deref())
        })
    }

    pub fn missing_given<T>(&mut self, query: &Query<'a>, name: &str) -> Res<T> {
        let drawn = query.of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over);
        if let Some(var) = drawn.copied().find(|v| self.var_name(*v) == name)
            && query.given.is_empty()
        {
            let at = self.m.vars[var.0 as usize].span;
            return self.intractable(&query.of.name.clone(), name, at, query.span);
        }
        let heads = self.heads(&query.of);
        let text = format!("`{}` is given no `{name}`", query.of.name);
        let diagnostic = self.error(codes::RL0117, text, query.span, "").help(format!(
            "`{name}` is neither a data field nor drawn here: draw it with `E[{name} ~ ...](...)`, or write `{name} = value` after the bar; to leave it open take a bound, `elbo(p, q)`"
        )).note(format!("declared: {heads}"));
        self.stop(diagnostic)
    }

    pub fn heads(&self, of: &Densities) -> String {
        let list = of.ids.iter().map(|d| self.m.head(*d));
        list.collect::<Vec<_>>().join(", ")
    }

    /// A value bound to a variable has its dims and its type of element.
    fn same_dims(&mut self, var: VarId, value: ExprId, span: Span) -> Res<()> {
        let variable = self.m.vars[var.0 as usize].clone();
        let given = self.ty(value).clone();
        if given.shape != variable.ty.shape || given.dtype != variable.ty.dtype {
            let text = format!(
                "`{}` is `{}`, given `{}`",
                variable.name,
                show(&variable.ty),
                show(&given)
            );
            let diagnostic = self
                .error(codes::RL0103, text, span, &show(&given))
                .also(self.place(variable.span), "declared here")
                .help("declare both with the same dims");
            return self.stop(diagnostic);
        }
        Ok(())
    }

    /// A value bound to a variable must have its shape and lie in its support; a whole number that is
    /// known is one for a variable of those.
    pub fn binding(&mut self, var: VarId, value: ExprId, span: Span) -> Res<ExprId> {
        self.no_metric(value, span)?;
        let variable = self.m.vars[var.0 as usize].clone();
        let whole = variable.ty.dtype == DType::I32;
        let value = if whole { self.counted(value, span)? } else { value };
        self.same_dims(var, value, span)?;
        let given = self.ty(value).clone();
        let strict = matches!(
            variable.ty.support,
            Support::Bit | Support::Interval(..) | Support::Index(_) | Support::Positive
        );
        if strict && !self.lies_in(value, variable.ty.support) {
            let text = format!(
                "`{}` takes `{}`, given `{}`",
                variable.name,
                show(&variable.ty),
                show(&given)
            );
            let origin = self.m.expr(value).span;
            let diagnostic = self
                .error(codes::RL0116, text, span, &show(&given))
                .also(
                    self.place(variable.span),
                    format!("the density is over `{}`", show(&variable.ty)),
                )
                .also(self.place(origin), format!("holds `{}`", show(&given)))
                .help(format!(
                    "{}declare both as `{}`, or both as `{}`",
                    brought(variable.ty.support),
                    show(&given),
                    show(&variable.ty)
                ));
            return self.stop(diagnostic);
        }
        Ok(value)
    }

    /// Binds every `over` variable to a fresh one (or to those of `same`, by name).
    pub fn sampled(
        &mut self,
        mut of: Resolved,
        same: Option<&Sampled>,
        span: Span,
    ) -> Res<Sampled> {
        let mut vars: Vec<(String, VarId, VarId)> = Vec::new();
        for id in &of.densities {
            for var in self.m.densities[id.0 as usize].over.clone() {
                let v = self.m.vars[var.0 as usize].clone();
                let old = same.and_then(|s| s.vars.iter().find(|(n, _, _)| *n == v.name));
                let fresh = match old {
                    Some((_, _, fresh)) => *fresh,
                    None => {
                        let ty = self.m.drawn(*id, var).unwrap_or_else(|| v.ty.clone());
                        self.m.fresh_var(&v.name, ty, v.span).0
                    }
                };
                vars.push((v.name, var, fresh));
            }
        }
        for id in &of.densities {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if let Some((_, _, fresh)) = vars.iter().find(|(n, _, _)| *n == name)
                    && of.bind.iter().all(|(v, _)| v != var)
                {
                    let ty = self.m.vars[fresh.0 as usize].ty.clone();
                    let place = self.m.vars[fresh.0 as usize].span;
                    let e = self.m.push(ExprKind::Var(*fresh), ty, place);
                    self.same_dims(*var, e, span)?;
                    of.bind.push((*var, e));
                }
            }
        }
        Ok(Sampled { applied: self.applied(of, span)?, vars })
    }

    /// A density that is given nothing.
    pub fn alone(&mut self, density: DensityId) -> Resolved {
        let densities = vec![density];
        let calls = self.calls_of(&densities);
        Resolved { densities, bind: vec![], calls }
    }

    /// The variables around a distribution that stands alone, each bound to itself: where they get a
    /// value, its parameters get it too.
    fn outer_variables(&self, density: DensityId) -> Vec<(VarId, ExprId)> {
        let factors = &self.m.densities[density.0 as usize].factors;
        let params = factors.iter().flat_map(|factor| match factor {
            Factor::Draw { dist, .. } => &self.m.dists[dist.0 as usize].params[..],
            _ => &[],
        });
        let params: Vec<ExprId> = params.map(|(_, id)| *id).collect();
        let mut bind: Vec<(VarId, ExprId)> = Vec::new();
        for id in self.m.reachable(&params) {
            if let ExprKind::Var(v) = self.m.expr(id).kind
                && bind.iter().all(|(known, _)| *known != v)
            {
                bind.push((v, id));
            }
        }
        bind
    }

    /// Numbers the place where a density is sampled: two places are two draws.
    pub fn place_draw(&mut self, sampled: &mut Sampled) {
        let Some(first) = sampled.applied.densities.first() else { return };
        let name = self.m.densities[first.0 as usize].name.clone();
        sampled.applied.number = self.next_draw(&name);
    }

    /// A density of one draw, for a distribution that stands alone.
    pub fn anonymous(
        &mut self,
        call: &DistCall<'a>,
        ty: Option<Type>,
        var: &str,
        span: Span,
    ) -> Res<DensityId> {
        let site = format!("{}.{var}", self.here.site);
        let dist = self.shape_dist(call, ty, &site, span)?;
        let ty = self.m.dists[dist.0 as usize].drawn();
        let (v, _) = self.m.fresh_var(var, ty, span);
        let part = ir::PartId(self.m.parts.len() as u32);
        self.m.parts.push(ir::Part {
            name: site.clone(),
            role: ir::Role::None,
            densities: vec![],
            inputs: vec![],
            output: None,
            span,
        });
        let id = DensityId(self.m.densities.len() as u32);
        self.m.densities.push(ir::Density {
            name: site,
            part,
            over: vec![v],
            given: vec![],
            factors: vec![Factor::Draw { var: v, dist, span }],
            calls: vec![],
            span,
        });
        Ok(id)
    }

    /// What a draw is declared as is what the density draws.
    pub fn declared_type(
        &mut self,
        sampled: &Sampled,
        var: &str,
        ty: Option<Type>,
        span: Span,
    ) -> Res<()> {
        let Some(wanted) = ty else { return Ok(()) };
        let named = sampled.vars.iter().find(|(name, _, _)| name == var);
        let only = if sampled.vars.len() == 1 { sampled.vars.first() } else { named };
        let Some((_, _, fresh)) = only else { return Ok(()) };
        let drawn = self.m.vars[fresh.0 as usize].clone();
        self.same_type(var, &wanted, (&drawn.ty, drawn.span), span)
    }

    /// A value that is declared twice is declared alike.
    pub fn same_type(
        &mut self,
        var: &str,
        wanted: &Type,
        (ty, place): (&Type, Span),
        span: Span,
    ) -> Res<()> {
        let alike = ty.shape == wanted.shape && ty.dtype == wanted.dtype;
        if alike && ty.support.fits(wanted.support) {
            return Ok(());
        }
        let text = format!("`{var}` is `{}`, given `{}`", show(wanted), show(ty));
        let error = self.error(codes::RL0106, text, span, "").also(self.place(place), "drawn here");
        self.stop(error.help(format!("declare it as `{}`, or leave the type out", show(ty))))
    }

    /// What stands right of `~`, or a side of `||`.
    pub fn side(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        same: Option<&Sampled>,
        span: Span,
    ) -> Res<Sampled> {
        match value {
            Value::Query(query) => {
                let of = self.resolve(query)?;
                let sampled = self.sampled(of, same, span)?;
                self.declared_type(&sampled, var, ty, span)?;
                Ok(sampled)
            }
            Value::Density(of) => {
                let of = self.resolve(&of.query(span))?;
                let sampled = self.sampled(of, same, span)?;
                self.declared_type(&sampled, var, ty, span)?;
                Ok(sampled)
            }
            Value::Dist(call) => {
                let id = self.anonymous(&call.clone(), ty, var, span)?;
                let mut of = self.alone(id);
                of.bind = self.outer_variables(id);
                self.sampled(of, same, span)
            }
            other => {
                let text = format!("a density is needed, this is {}", other.kind());
                self.fail(
                    codes::RL0105,
                    text,
                    span,
                    "write `q(z | x)`, a `model`, or a distribution such as `Normal(0, 1)`",
                )
            }
        }
    }
}
