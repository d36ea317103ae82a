//! Queries such as `q(z | x)`. In: a joint and names, before the bar and after. Out: the factors that
//! they name, and the values of what these are given.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::value::{Densities, Env, Query, QueryArg, Value, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Calls, DensityId, ExprId, VarId};
use crate::model::prelude;
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
            let opens = is_over && arg.name.is_none();
            let known = bare.as_ref().is_none_or(|n| {
                n == "B"
                    || find(env, n).is_some()
                    || self.is_visible_field(n, opens)
                    || self.is_declared_in(n, file)
                    || (!is_over && prelude::has(n))
            });
            let known = known
                || bare.as_ref().map_or(Ok(None), |n| self.imported(n, file, expr.span))?.is_some();
            let value = if known { Some(self.eval(arg.value, file, env)?) } else { None };
            if arg.name.is_none() && bare.is_some() {
                self.variable_named_at(expr.span);
            }
            let name = arg.name.as_ref().map(|n| n.name.clone()).or(bare);
            list.push(QueryArg { name, keyword: arg.name.is_some(), value, span: expr.span });
        }
        Ok(list)
    }

    /// Whether a name is a field that is visible here; of one data set, where it may also be open.
    fn is_visible_field(&self, name: &str, opens: bool) -> bool {
        self.here.fields_visible
            && match opens {
                true => self.fields_here(name).len() == 1,
                false => self.m.fields.iter().any(|f| f.name == name),
            }
    }

    /// Whether a file declares a name. The name of a phase hides none.
    fn is_declared_in(&self, name: &str, file: FileId) -> bool {
        self.names.globals[&file]
            .get(name)
            .is_some_and(|global| !matches!(global.item.kind, ast::ItemKind::Phase(_)))
    }

    pub fn var_name(&self, var: VarId) -> &str {
        &self.m.vars[var.0 as usize].name
    }

    /// The factors that a query names, and the values of the variables they are given.
    pub fn resolve(&mut self, query: &Query<'a>) -> Res<Resolved> {
        let wanted = self.wanted_names(query);
        let chosen = self.chosen_factors(query, &wanted)?;
        let covered = |e: &Self, name: &str| chosen.iter().any(|d| e.is_over(*d, name));
        if let Some(missing) = wanted.iter().find(|name| !covered(self, name)) {
            return self.no_factor(query, missing);
        }
        let bind = self.given_values(query, &chosen, &wanted)?;
        let densities = self.by_dependence(chosen, query.span)?;
        Ok(Resolved { densities, bind, calls: query.calls.clone() })
    }

    /// The factors of a query whose variables are drawn: none is told its value.
    pub fn drawn_query(&mut self, query: &Query<'a>) -> Res<Resolved> {
        self.gives_none(query)?;
        self.resolve(query)
    }

    /// Refuses values for the variables of a query, which is drawn.
    pub fn gives_none(&mut self, query: &Query<'a>) -> Res<()> {
        let told = query.over.iter().find(|arg| arg.keyword || arg.name.is_none());
        let Some(arg) = told else { return Ok(()) };
        let family = &query.of.name;
        let text = match &arg.name {
            Some(name) => format!("`{name}` is drawn here, and takes no value"),
            None => "a variable is named here, which takes no value".into(),
        };
        let help = format!(
            "name the variables alone, as `{family}` is declared ({}); what it is given stands \
             behind `|`, and only `log {family}(...)` takes values",
            self.heads(&query.of)
        );
        self.fail(codes::RL0114, text, arg.span, &help)
    }

    /// The names that a query is over: those before the bar, or all.
    pub fn wanted_names(&self, query: &Query<'a>) -> Vec<String> {
        if !query.over.is_empty() {
            return query.over.iter().map(|a| a.name.clone().unwrap_or_default()).collect();
        }
        let over = query.of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over);
        over.map(|v| self.var_name(*v).to_string()).collect()
    }

    /// The factors over names that are wanted alone, as they are declared or out of a joint.
    fn chosen_factors(&mut self, query: &Query<'a>, wanted: &[String]) -> Res<Vec<DensityId>> {
        let given: Vec<String> = query.given.iter().filter_map(|a| a.name.clone()).collect();
        let mut chosen = Vec::new();
        for id in &query.of.ids {
            chosen.extend(match self.is_energy(*id) {
                true => self.given_the_rest(*id, wanted, &given, query.span)?,
                false => self.factor_of(*id, wanted, &given),
            });
            let mut over = self.m.densities[id.0 as usize].over.iter();
            if over.all(|v| wanted.iter().any(|w| w == self.var_name(*v))) {
                chosen.push(*id);
            }
        }
        Ok(chosen)
    }

    /// A name that a query is over, and no factor with the names that are wanted.
    pub fn no_factor<T>(&mut self, query: &Query<'a>, missing: &str) -> Res<T> {
        if let Some(id) = query.of.ids.iter().copied().find(|id| self.is_energy(*id))
            && self.is_over(id, missing)
        {
            let density = self.m.densities[id.0 as usize].clone();
            return self.unnormalized(&density, "scored or drawn in part", query.span);
        }
        let declared = format!("declared: {}", self.heads(&query.of));
        let family = &query.of.name;
        if self.draws(&query.of, missing) {
            let text = format!("`{family}` has no factor over `{missing}` alone with these givens");
            let error = self.error(codes::RL0114, text, query.span, "").note(declared);
            return self.stop(error.help("a factor is given all that its statements mention, and nothing that they lead to; the rest is an average over the others: take a bound, `elbo(p, q)`"));
        }
        if missing.is_empty() {
            let text = format!("`{family}` is not told which variable a value is for");
            let error = self.error(codes::RL0114, text, query.span, "").note(declared);
            return self.stop(error.help("name it: `p(x = 1.0)`"));
        }
        let text = format!("`{family}` is not declared over `{missing}`");
        self.fail(codes::RL0114, text, query.span, &declared)
    }

    /// The values of what the factors are given and do not draw. Every condition is one of them.
    fn given_values(
        &mut self,
        query: &Query<'a>,
        chosen: &[DensityId],
        wanted: &[String],
    ) -> Res<Vec<(VarId, ExprId)>> {
        let mut bind = Vec::new();
        let mut position = 0;
        let mut read: Vec<Span> = Vec::new();
        for id in chosen {
            for var in self.m.densities[id.0 as usize].given.clone() {
                let name = self.var_name(var).to_string();
                if wanted.contains(&name) {
                    continue; // bound with the sampled or scored variables
                }
                let arg = self.condition_for(query, chosen, &name, position);
                position += 1;
                let Some((value, place)) = arg.and_then(|arg| Some((arg.value?, arg.span))) else {
                    return self.missing_given(query, &name);
                };
                let value = self.tensor(&value, place)?;
                bind.push((var, self.binding(var, value, place)?));
                read.push(place);
            }
        }
        match query.given.iter().find(|arg| !read.contains(&arg.span)) {
            Some(arg) => self.surplus(query, arg),
            None => Ok(bind),
        }
    }

    /// The condition for a variable: the one of its name, else the one at its place.
    fn condition_for(
        &self,
        query: &Query<'a>,
        chosen: &[DensityId],
        name: &str,
        position: usize,
    ) -> Option<QueryArg<'a>> {
        let named = query.given.iter().find(|a| a.name.as_deref() == Some(name));
        let at = query.given.get(position);
        named.or_else(|| at.filter(|a| !a.keyword && !self.is_given(chosen, a))).cloned()
    }

    /// Whether a factor is over a name.
    fn is_over(&self, factor: DensityId, name: &str) -> bool {
        self.m.densities[factor.0 as usize].over.iter().any(|v| self.var_name(*v) == name)
    }

    /// Whether a factor of a joint is over a name.
    fn draws(&self, of: &Densities, name: &str) -> bool {
        of.ids.iter().any(|factor| self.is_over(*factor, name))
    }

    /// A condition that no factor has.
    pub fn surplus<T>(&mut self, query: &Query<'a>, arg: &QueryArg<'a>) -> Res<T> {
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
}
