//! The code of every encoder and bottleneck in terms of data fields: what `rlc encode` writes and
//! what reports measure.

use crate::base::budget;
use crate::graph::DType;
use crate::model::elaborate::scope::{Asked, Context, nobody};
use crate::model::elaborate::value::{Args, Densities, Query, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, PartId, Role, Support, Symbolic};
use crate::syntax::ast::{CallableKind, ItemKind};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// How an expression is computed from data and weights.
#[derive(Clone, Copy)]
struct Path {
    /// The longest way to it, in expressions.
    steps: usize,
    /// Whether it begins at data.
    data: bool,
}

impl<'a> Elab<'a> {
    /// Fills [`ir::Model::codes`].
    pub fn find_codes(&mut self) {
        let encode_rows = self.m.encode_rows;
        for (name, part) in self.coding_parts() {
            let (code, asked) = self.code_for(&name, part, encode_rows);
            if !asked.rows {
                self.m.codes.extend(code);
                continue;
            }
            let sized = |code: ir::Code, rows| ir::Code { rows: Some(rows), ..code };
            self.m.codes.extend(code.map(|code| sized(code, encode_rows)));
            let evals = self.m.phases.iter().filter(|p| p.kind == ir::PhaseKind::Eval);
            let sizes: BTreeSet<usize> = evals.map(|p| p.batch).collect();
            for rows in sizes.into_iter().filter(|rows| *rows != encode_rows) {
                let (code, _) = self.code_for(&name, part, rows);
                self.m.codes.extend(code.map(|code| sized(code, rows)));
            }
        }
    }

    /// Encoders and bottlenecks of the entry file with their names, in order of their parts.
    fn coding_parts(&self) -> Vec<(String, PartId)> {
        let codes = |part: &PartId| {
            matches!(self.m.parts[part.0 as usize].role, Role::Encoder | Role::Bottleneck)
        };
        let own = self.made.parts.iter().filter(|((file, ..), _)| *file == self.names.entry);
        let coding = own.filter(|(_, part)| codes(part));
        let mut parts: Vec<_> = coding.map(|((_, name, _), part)| (name.clone(), *part)).collect();
        parts.sort_by_key(|(_, part)| *part);
        parts
    }

    /// The code for batches of so many rows, and whether it depends on that.
    fn code_for(&mut self, name: &str, part: PartId, rows: usize) -> (Option<ir::Code>, Asked) {
        let data = self.data_of_code(name).into_iter().collect();
        let ctx = Context { training: false, data, batch: rows };
        self.asking(|e| e.within(ctx, |e| e.code(name, part)))
    }

    /// The data set whose fields a part is given: the first that has all of them, else the first.
    fn data_of_code(&self, name: &str) -> Option<String> {
        let items = &self.names.files[&self.names.entry].items;
        let given: BTreeSet<&str> = items
            .iter()
            .flat_map(|item| match &item.kind {
                ItemKind::Callable(item) if item.name.name == name => {
                    item.formals.iter().map(|f| f.name.name.as_str()).collect()
                }
                ItemKind::Density(item) if item.name.name == name => {
                    item.given.iter().map(|rv| rv.name.name.as_str()).collect()
                }
                _ => Vec::new(),
            })
            .collect();
        let has = |data: &str, name: &str| {
            self.m.fields.iter().any(|field| field.data == data && field.name == name)
        };
        let all = |data: &&str| given.iter().all(|name| has(data, name));
        let mut names = self.m.data.iter().map(|data| data.name.as_str());
        names.clone().find(all).or(names.next()).map(String::from)
    }

    fn code(&mut self, name: &str, part: PartId) -> Option<ir::Code> {
        let global = self.names.globals[&self.names.entry].get(name).copied()?;
        match &global.item.kind {
            ItemKind::Callable(item) if item.kind == CallableKind::Net => {
                let value = self.call_on_fields(name, item).or_else(|| self.called(part))?;
                // A code has one width.
                let places = self.counts(value, self.m.expr(value).span).ok()?;
                if places.iter().any(Option::is_some) {
                    return None;
                }
                Some(self.code_of(part, value, None))
            }
            ItemKind::Density(_) => self.density_code(name, part),
            _ => None,
        }
    }

    fn code_of(&self, part: PartId, value: ExprId, rate: Option<ExprId>) -> ir::Code {
        /// More are not counted one by one.
        const CLASSES: f64 = 1e6;
        let (low, high) = self.range(value);
        let classes = match self.ty(value).support {
            Support::Index(n) => Some(n),
            _ if self.ty(value).dtype != DType::I32 => None,
            _ => (low >= 0.0 && high < CLASSES).then(|| high as usize + 1),
        };
        ir::Code { part, rows: None, value, rate, classes }
    }

    fn call_on_fields(
        &mut self,
        name: &str,
        item: &'a crate::syntax::ast::Callable,
    ) -> Option<ExprId> {
        let all = item.formals.iter().all(|f| self.m.fields.iter().any(|d| d.name == f.name.name));
        if !all {
            return None;
        }
        // It is called on the fields that its arguments have the names of.
        item.formals.iter().for_each(|formal| self.variable_at(&formal.name));
        let mut args = Args::default();
        for formal in &item.formals {
            let at = self.m.fields.iter().position(|d| d.name == formal.name.name)?;
            self.field_by_name(at);
            args.positional.push((Value::Tensor(self.field_expr(at)), formal.name.span));
        }
        let span = item.name.span;
        let callee = self.name(name, self.names.entry, &None, span).ok()?;
        let call = |e: &mut Self| match e.owned(nobody(), |e| e.apply(&callee, args, span)) {
            Ok(Value::Tensor(id)) => Some(id),
            _ => None,
        };
        // A role that data fields do not fit is no mistake.
        self.guess(call, Option::is_some)
    }

    /// A call of the part that depends on data and weights only, and on no other number of rows.
    fn called(&mut self, part: PartId) -> Option<ExprId> {
        let rows = self.here.ctx.batch;
        let found = match self.call_with(part, rows) {
            Some(found) => found,
            None if self.called_by_rows(part) => {
                self.losses_here();
                self.call_with(part, rows)?
            }
            None => return None,
        };
        let below = self.m.reachable(&[found]);
        self.told.asked.rows |= below.iter().any(|id| self.rows_at(*id).is_some());
        Some(found)
    }

    /// Whether a call of a part depends on the number of rows.
    fn called_by_rows(&self, part: PartId) -> bool {
        let below = self.m.reachable(&self.calls_of_part(part));
        below.into_iter().any(|id| self.rows_at(id).is_some())
    }

    fn calls_of_part(&self, part: PartId) -> Vec<ExprId> {
        let is_call = |id: &ExprId| matches!(self.m.expr(*id).kind, ExprKind::Call { part: p, .. } if p == part);
        (0..self.m.exprs.len() as u32).map(ExprId).filter(is_call).collect()
    }

    /// Reads the losses of the file for the number of rows here: a part may be called in them only, and
    /// the phases have other batches. What is wrong with them was told already.
    fn losses_here(&mut self) {
        let (file, files) = (self.names.entry, self.names.files);
        for item in &files[&file].items {
            let ItemKind::Loss { name, .. } = &item.kind else { continue };
            let read = |e: &mut Self| e.name(&name.name, file, &None, name.span);
            let _ = self.guess(|e| e.owned(nobody(), read), |_| false);
        }
    }

    /// The number of rows that an expression is for, if it depends on that by itself.
    fn rows_at(&self, id: ExprId) -> Option<usize> {
        match self.m.expr(id).kind {
            ExprKind::Batch { rows, .. } => Some(rows),
            _ => self.made.rows_of.get(&id).copied(),
        }
    }

    /// Of the calls that a code may be, the one with the fewest steps between data and it, the first
    /// among equals: another one is given what was changed on the way, or is of a reconstruction.
    fn call_with(&mut self, part: PartId, rows: usize) -> Option<ExprId> {
        let span = self.m.parts[part.0 as usize].span;
        let calls = self.calls_of_part(part);
        let below = self.m.reachable(&calls);
        self.spend(budget::REWRITES, below.len(), span).ok()?;
        let mut known: HashMap<ExprId, Option<Path>> = HashMap::new();
        for id in below {
            let parts = self.m.expr(id).kind.children().into_iter().map(|part| known[&part]);
            let parts: Option<Vec<Path>> = parts.collect();
            let path = parts.filter(|_| self.may_be_coded(id, rows)).map(|parts| Path {
                steps: 1 + parts.iter().map(|path| path.steps).max().unwrap_or(0),
                data: matches!(self.m.expr(id).kind, ExprKind::Field(_))
                    || parts.iter().any(|path| path.data),
            });
            known.insert(id, path);
        }
        let steps = |id: &ExprId| known[id].filter(|path| path.data).map(|path| path.steps);
        calls.into_iter().filter(|id| steps(id).is_some()).min_by_key(steps)
    }

    /// Whether a code may be computed from this: it draws nothing, it is for this number of rows, and
    /// it is what there is in evaluation.
    fn may_be_coded(&self, id: ExprId, rows: usize) -> bool {
        !matches!(self.m.expr(id).kind, ExprKind::Var(_) | ExprKind::Noise { .. })
            && self.rows_at(id).is_none_or(|n| n == rows)
            && self.made.trains.get(&id) != Some(&true)
    }

    fn density_code(&mut self, name: &str, part: PartId) -> Option<ir::Code> {
        let span = self.m.parts[part.0 as usize].span;
        let Ok(Value::Density(of)) = self.densities(name, self.names.entry) else { return None };
        // Fields that it could be given, but not together, give it no code.
        let query = self.guess(|e| e.field_query(&of, span), Option::is_some)?;
        let query = Value::Query(Rc::new(query));
        // The mean; of a discrete variable without one, the likeliest value.
        let formula = |e: &mut Self, what| e.density_formula(&query, what, span).ok();
        let value = ["mean", "mode"]
            .into_iter()
            .find_map(|what| self.guess(|e| formula(e, what), |_| false))?;
        let rate = self.rate(&of, span);
        Some(self.code_of(part, value, rate))
    }

    pub fn field_query(
        &mut self,
        of: &Rc<Densities>,
        span: crate::base::Span,
    ) -> Option<Query<'a>> {
        let mut given = Vec::new();
        for id in &of.ids {
            for var in self.m.densities[id.0 as usize].given.clone() {
                let name = self.m.vars[var.0 as usize].name.clone();
                let arg = self.observed(&name, span).ok()?;
                arg.value.as_ref()?;
                given.push(arg);
            }
        }
        Some(Query { given, ..of.query(span) })
    }

    /// `KL(q || prior)` for the prior over the same variables, if it is clear which one that is.
    fn rate(&mut self, of: &Rc<Densities>, span: crate::base::Span) -> Option<ExprId> {
        let names: Vec<String> = of.ids.iter().flat_map(|d| self.drawn_names(*d)).collect();
        let mut all = self.densities_over(&of.name, &names, span).ok()?;
        all.retain(|d| self.same_values(&of.ids, *d));
        let mut priors = self.only_priors(&all);
        if priors.len() != 1 {
            // The one that an objective scores draws of this density by.
            priors = if priors.is_empty() { all } else { priors };
            priors.retain(|d| self.is_alone(*d) && self.paired(&of.ids, *d));
        }
        let [prior] = priors[..] else { return None };
        if !self.is_alone(prior) {
            return None;
        }
        let q = self.field_query(of, span)?;
        // Densities that nothing pairs are no mistake.
        self.guess(|e| e.kl_between(&q, prior, span), Option::is_some)
    }

    /// Whether a density is over values of the same type, and both of numbers or both of classes.
    fn same_values(&self, ids: &[ir::DensityId], other: ir::DensityId) -> bool {
        let types = |d: &ir::DensityId| -> Vec<_> {
            let density = &self.m.densities[d.0 as usize];
            let value = |var: &ir::VarId| {
                let ty = &self.m.vars[var.0 as usize].ty;
                let dist = self.drawn(&[*d], *var);
                let counted = dist.is_some_and(|d| self.m.dists[d.0 as usize].values.is_some());
                (ty.dtype, ty.shape.clone(), counted)
            };
            density.over.iter().map(value).collect()
        };
        ids.iter().flat_map(types).eq(types(&other))
    }

    /// Whether an objective scores draws of one density by another.
    fn paired(&self, q_ids: &[ir::DensityId], prior: ir::DensityId) -> bool {
        let part = |d: &ir::DensityId| self.m.densities[d.0 as usize].part;
        let has = |of: &ir::Applied, wanted: PartId| of.densities.iter().any(|d| part(d) == wanted);
        let Some(own) = q_ids.first().map(part) else { return false };
        self.m.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Symbolic(Symbolic::Kl { q, p, .. })
            | ExprKind::Symbolic(Symbolic::Elbo { q, p, .. }) => {
                has(q, own) && has(p, part(&prior))
            }
            _ => false,
        })
    }

    fn drawn_names(&self, density: ir::DensityId) -> Vec<String> {
        let over = &self.m.densities[density.0 as usize].over;
        over.iter().map(|v| self.m.vars[v.0 as usize].name.clone()).collect()
    }

    /// The only prior over these variables that is declared beside the density called `of`, if it is
    /// given nothing.
    pub fn prior_of(
        &mut self,
        of: &str,
        names: &[String],
        span: crate::base::Span,
    ) -> Res<Option<ir::DensityId>> {
        let all = self.densities_over(of, names, span)?;
        let [prior] = self.only_priors(&all)[..] else { return Ok(None) };
        Ok(Some(prior).filter(|d| self.is_alone(*d)))
    }

    pub fn only_priors(&self, all: &[ir::DensityId]) -> Vec<ir::DensityId> {
        let part = |d: &ir::DensityId| self.m.densities[d.0 as usize].part;
        let is_prior = |d: &&ir::DensityId| self.m.parts[part(d).0 as usize].role == Role::Prior;
        all.iter().filter(is_prior).copied().collect()
    }

    /// Whether a density is given nothing.
    fn is_alone(&self, density: ir::DensityId) -> bool {
        self.m.densities[density.0 as usize].given.is_empty()
    }

    /// Densities over these variables beside the one called `of`.
    pub fn densities_over(
        &mut self,
        of: &str,
        names: &[String],
        span: crate::base::Span,
    ) -> Res<Vec<ir::DensityId>> {
        let others = self.m.parts.iter().filter(|p| p.name != of);
        let others: BTreeSet<String> = others.map(|p| p.name.clone()).collect();
        self.spend(budget::STEPS, others.len(), span)?;
        let mut found = Vec::new();
        for name in others {
            let is_density = self.names.globals[&self.names.entry]
                .get(&name)
                .is_some_and(|g| matches!(g.item.kind, ItemKind::Density(_)));
            if !is_density {
                continue;
            }
            let Ok(Value::Density(p)) = self.name(&name, self.names.entry, &None, span) else {
                continue;
            };
            found.extend(p.ids.iter().filter(|d| self.drawn_names(**d) == names));
        }
        Ok(found)
    }
}
