//! What layers write with `<-`. In: the state, its new value, and what the layer gives. Out: values that
//! carry the write, so that the statement that computes them carries it out, and the order of the calls
//! of a statement. When a state takes its new value is the business of `translate`.

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::causal::Ordered;
use crate::model::elaborate::density::query::Resolved;
use crate::model::elaborate::expr::call::join;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{
    DistCall, Env, Func, Owner, Query, QueryArg, Value, bind_again,
};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Applied, Calls, DensityId, ExprId, ExprKind, StateId, Static, Type};
use crate::syntax::ast::{self, CallableKind};
use std::collections::HashSet;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// `m <- e` in a module or an optimizer: later reads see the new value. Outside of train phases
    /// nothing is written.
    pub fn assign_local(
        &mut self,
        name: &'a ast::Ident,
        value: ast::ExprId,
        file: FileId,
        env: Env<'a>,
    ) -> Res<Env<'a>> {
        let span = self.names.files[&file].expr(value).span;
        let new = self.at(|here| here.written = true, |e| e.eval(value, file, &env))?;
        let new = self.tensor(&new, span)?;
        self.no_metric(new, span)?;
        let old = self.name(&name.name, file, &env, name.span)?;
        let path = join(&self.here.owner.borrow().path, &name.name);
        let ty = self.type_of_state(name, &path, &old)?;
        let new = self.one_of_shape(name, new, &ty, span)?;
        let what = format!("the new value of `{}`", name.name);
        let new = self.as_declared(new, &ty, (&what, span))?;
        self.told.asked.training = true;
        if !self.here.ctx.training {
            return Ok(env);
        }
        let mut owner = self.here.owner.borrow_mut();
        owner.writes.retain(|(p, _)| *p != path);
        owner.writes.push((path, new));
        drop(owner);
        Ok(bind_again(&env, &name.name, Value::Tensor(new)))
    }

    fn type_of_state(&mut self, name: &ast::Ident, path: &str, old: &Value<'a>) -> Res<Type> {
        if let Some(state) = self.made.states.get(path) {
            return Ok(self.m.states[state.0 as usize].ty.clone());
        }
        let text = format!("`{}` is {}, not a state", name.name, old.kind());
        let help = "declare it: `state m: f32[D] = zeros()`";
        self.fail(codes::RL0120, text, name.span, help)
    }

    /// The new value of a slot: one for the whole batch, of the slot's shape.
    pub fn one_of_shape(
        &mut self,
        name: &ast::Ident,
        new: ExprId,
        ty: &Type,
        span: Span,
    ) -> Res<ExprId> {
        let new = self.fill(new, &ty.shape, span)?;
        let given = self.ty(new).clone();
        if given.shape != ty.shape {
            let text = format!("`{}` is `{}`, given `{}`", name.name, show(ty), show(&given));
            return self.fail(codes::RL0103, text, span, "write a value of that shape");
        }
        if given.varies {
            let text = format!(
                "`{}` is one for the whole batch, the new value differs between examples",
                name.name
            );
            return self.fail(codes::RL0103, text, span, "average it: `batch_mean(...)`");
        }
        Ok(new)
    }

    /// The result of a layer with what it wrote: `<-` in a module takes effect in train phases only.
    pub fn written_states(
        &mut self,
        item: &'a ast::Callable,
        owner: &Owner,
        value: Value<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if item.kind == CallableKind::Fn {
            return Ok(value);
        }
        let writes = std::mem::take(&mut owner.borrow_mut().writes);
        if writes.is_empty() || !self.here.ctx.training {
            return Ok(value);
        }
        if !self.here.around.loops.is_empty() {
            let text = format!("`{}` writes a state inside a loop", item.name.name);
            return self.fail(codes::RL0120, text, span, "carry the value in the `scan` instead");
        }
        let writes: Vec<(StateId, ExprId)> =
            writes.into_iter().map(|(path, new)| (self.made.states[&path], new)).collect();
        self.with_writes(value, &writes, span)
    }

    /// A value whose computation writes states, whatever part of it is used.
    pub fn with_writes(
        &mut self,
        value: Value<'a>,
        writes: &[(StateId, ExprId)],
        span: Span,
    ) -> Res<Value<'a>> {
        if writes.is_empty() {
            return Ok(value);
        }
        Ok(match value {
            Value::Tensor(id) => Value::Tensor(self.writing(id, writes, span)?),
            // A number that is known already: the layer is computed all the same.
            Value::Static(Static::Float(_) | Static::Int(_)) => {
                let known = self.number(&value, span)?;
                let id = self.literal(known, DType::F32, span);
                Value::Tensor(self.writing(id, writes, span)?)
            }
            Value::Words(id, words) => Value::Words(self.writing(id, writes, span)?, words),
            Value::Tuple(parts) => {
                let parts = parts.into_iter().map(|part| self.with_writes(part, writes, span));
                Value::Tuple(parts.collect::<Res<_>>()?)
            }
            Value::Record(parts) => Value::Record(self.named_with_writes(parts, writes, span)?),
            Value::Dist(call) => {
                let params = self.named_with_writes(call.params.iter().cloned(), writes, span)?;
                Value::Dist(Rc::new(DistCall { params, ..(*call).clone() }))
            }
            Value::Ordered(of) => {
                let each = |(name, value, place): &(Option<String>, Value<'a>, Span)| {
                    let value = self.with_writes(value.clone(), writes, span)?;
                    Ok((name.clone(), value, *place))
                };
                let each = of.of.iter().map(each).collect::<Res<_>>()?;
                Value::Ordered(Rc::new(Ordered { of: each, order: of.order, span: of.span }))
            }
            Value::Query(query) => Value::Query(self.query_with_writes(&query, writes, span)?),
            other => applied_with_writes(other, writes),
        })
    }

    fn named_with_writes(
        &mut self,
        parts: impl IntoIterator<Item = (String, Value<'a>)>,
        writes: &[(StateId, ExprId)],
        span: Span,
    ) -> Res<Vec<(String, Value<'a>)>> {
        let each = |(name, value)| Ok((name, self.with_writes(value, writes, span)?));
        parts.into_iter().map(each).collect()
    }

    fn query_with_writes(
        &mut self,
        query: &Query<'a>,
        writes: &[(StateId, ExprId)],
        span: Span,
    ) -> Res<Rc<Query<'a>>> {
        let over = self.args_with_writes(&query.over, writes, span)?;
        let given = self.args_with_writes(&query.given, writes, span)?;
        Ok(Rc::new(Query { over, given, ..query.clone() }))
    }

    fn args_with_writes(
        &mut self,
        args: &[QueryArg<'a>],
        writes: &[(StateId, ExprId)],
        span: Span,
    ) -> Res<Vec<QueryArg<'a>>> {
        let each = |arg: &QueryArg<'a>| {
            let value = arg.value.clone();
            let value = value.map(|value| self.with_writes(value, writes, span)).transpose()?;
            Ok(QueryArg { value, ..arg.clone() })
        };
        args.iter().map(each).collect()
    }

    fn writing(&mut self, result: ExprId, writes: &[(StateId, ExprId)], span: Span) -> Res<ExprId> {
        let mut result = result;
        for (state, value) in writes.iter().copied() {
            let next = &mut self.made.next_call;
            let call = *self.made.writers.entry((state, value, result)).or_insert_with(|| {
                *next += 1;
                *next - 1
            });
            self.told.wrote.push(call);
            let ty = self.ty(result).clone();
            result = self.push(ExprKind::Write { state, value, result, call }, ty, span)?;
        }
        Ok(result)
    }

    /// The order in which the current statement calls layers that write states, if it is not that of
    /// their numbers: a value that has a name, or is written twice, is one call at several places. What
    /// it does not call itself was named by an earlier statement and comes before; so the order of
    /// numbers holds where all are new, from `first` on.
    pub fn order_of_calls(&mut self, first: u32) -> Option<Vec<u32>> {
        let order = last_places(&std::mem::take(&mut self.told.wrote));
        let new = order.is_sorted() && order.first().is_none_or(|call| *call >= first);
        (!new).then_some(order)
    }

    /// A use of densities calls the layers of their statements, once more.
    pub fn calls_of(&mut self, densities: &[DensityId]) -> Calls {
        let all = densities.iter().flat_map(|id| &self.m.densities[id.0 as usize].calls);
        let old = last_places(&all.copied().collect::<Vec<u32>>());
        let calls: Calls = old.into_iter().zip(self.made.next_call..).collect();
        self.made.next_call += calls.len() as u32;
        self.told.wrote.extend(calls.iter().map(|(_, new)| new));
        calls
    }

    /// A density with values for its variables. Inside of a loop its layers cannot write states.
    pub fn applied(&mut self, of: Resolved, span: Span) -> Res<Applied> {
        let Resolved { densities, bind, calls } = of;
        let around = self.here.around.clone();
        let applied = Applied { densities, bind, number: 0, calls, around };
        if self.here.around.loops.is_empty() {
            return Ok(applied);
        }
        let formulas: Vec<ExprId> = self.m.formulas(&applied).collect();
        let below = self.m.reachable(&formulas);
        self.spend(budget::REWRITES, below.len(), span)?;
        if below.iter().any(|id| matches!(self.m.expr(*id).kind, ExprKind::Write { .. })) {
            let name = &self.m.densities[applied.densities[0].0 as usize].name;
            let text = format!("a layer of `{name}` writes a state inside a loop");
            return self.fail(codes::RL0120, text, span, "carry the value in the `scan` instead");
        }
        Ok(applied)
    }
}

/// What is applied later writes then; other values have nothing that computes them.
fn applied_with_writes<'a>(value: Value<'a>, writes: &[(StateId, ExprId)]) -> Value<'a> {
    match value {
        Value::Func(func) => Value::Func(func_with_writes(&func, writes)),
        Value::Template(func) => Value::Template(func_with_writes(&func, writes)),
        Value::Chain(chain) => {
            let mut chain = (*chain).clone();
            chain.writes.extend(writes);
            Value::Chain(Rc::new(chain))
        }
        other => other,
    }
}

fn func_with_writes<'a>(func: &Func<'a>, writes: &[(StateId, ExprId)]) -> Rc<Func<'a>> {
    let mut func = func.clone();
    func.writes.extend(writes);
    Rc::new(func)
}

/// Of numbers that occur several times, the last places.
pub fn last_places(calls: &[u32]) -> Vec<u32> {
    let mut seen = HashSet::new();
    let mut order: Vec<u32> = calls.iter().rev().filter(|n| seen.insert(**n)).copied().collect();
    order.reverse();
    order
}
