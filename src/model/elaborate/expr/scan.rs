//! `scan`: one body with carries as variables, elaborated once.

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Static, Support, Type, VarId};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// `scan(h = h0, x in xs, t in 0..n) { ... return next }`: the sequence of carries.
    pub fn scan(
        &mut self,
        kind: &'a ast::ExprKind,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let ast::ExprKind::Scan { carry, init, over, body } = kind else {
            unreachable!("called for scan")
        };
        let first = self.eval(*init, file, env)?;
        let names = record_names(&first);
        let init = self.flat(&first, self.names.files[&file].expr(*init).span)?;
        let over = self.sequences(over, file, env)?;
        let (mut vars, carries) = self.carries(carry, &init);
        let inner = bind(env, carry, unflat(&names, &carries));
        let (turn, index, inner) = self.turn(&over, inner, span)?;
        vars.extend(turn);
        let next =
            self.at(|here| here.around.loops.push(index), |e| e.block(body, file, inner, span))?;
        let body_span = body.last().map_or(span, |s| s.span);
        let next = self.flat(&next, body_span)?;
        self.goes_on(&init, &next, body_span)?;
        self.stays_in_range(&init, &next, body_span)?;
        let results = self.carried((init, next), vars, &over, span)?;
        Ok(unflat(&names, &results))
    }

    /// Variables for the carries. The range of a carry is not that of its start, but of an index, which
    /// has to stay in it.
    fn carries(&mut self, name: &ast::Ident, init: &[ExprId]) -> (Vec<VarId>, Vec<ExprId>) {
        let mut fresh = |id: &ExprId| {
            let ty = self.ty(*id).clone();
            let support = if ty.dtype == DType::I32 { ty.support } else { Support::Real };
            self.m.fresh_var(&name.name, Type { support, varies: true, ..ty }, name.span)
        };
        init.iter().map(&mut fresh).unzip()
    }

    /// Variables of one turn, the slice and the index, and the names with what the turn is at.
    fn turn(
        &mut self,
        over: &[Sequence<'a>],
        mut env: Env<'a>,
        span: Span,
    ) -> Res<(Vec<VarId>, VarId, Env<'a>)> {
        let mut vars = Vec::new();
        for one in over {
            let Over::Tensor(xs) = one.over else { continue };
            let ty = self.ty(xs).clone();
            let ty = Type { shape: ty.shape[1..].to_vec(), ..ty };
            let (v, e) = self.m.fresh_var(&one.at.name, ty, one.at.span);
            vars.push(v);
            env = bind(&env, one.at, Value::Tensor(e));
        }
        let support = Support::Index(turns(over));
        let count = Type { dtype: DType::I32, shape: vec![], support, varies: false, ends: false };
        let place = over.first().map_or(span, |one| one.at.span);
        let (index, t) = self.m.fresh_var("t", count, place);
        vars.push(index);
        for one in over {
            let Over::Counted(low) = one.over else { continue };
            let t = if low == 0 { Value::Tensor(t) } else { self.offset(t, low, span)? };
            env = bind(&env, one.at, t);
        }
        Ok((vars, index, env))
    }

    /// Refuses carries that change their number, dims or element type.
    fn goes_on(&mut self, init: &[ExprId], next: &[ExprId], span: Span) -> Res<()> {
        let fits = next.len() == init.len()
            && next.iter().zip(init).all(|(a, b)| {
                self.ty(*a).shape == self.ty(*b).shape && self.ty(*a).dtype == self.ty(*b).dtype
            });
        if fits {
            return Ok(());
        }
        let list =
            |ids: &[ExprId]| ids.iter().map(|i| show(self.ty(*i))).collect::<Vec<_>>().join(", ");
        let text = format!("the carry starts as `{}` and goes on as `{}`", list(init), list(next));
        let help = "the body must return what it was given, with the same dims";
        self.fail(codes::RL0103, text, span, help)
    }

    /// Refuses indices that may leave the range that they start in.
    fn stays_in_range(&mut self, init: &[ExprId], next: &[ExprId], span: Span) -> Res<()> {
        for (id, start) in next.iter().zip(init) {
            let support = self.ty(*start).support;
            if matches!(support, Support::Index(_)) && !self.lies_in(*id, support) {
                let text = format!(
                    "the carry starts as `{}` and may leave this range",
                    show(self.ty(*start))
                );
                let help = "bring it back, `clip(k, 0, n - 1)` or `k % n`, or start from `int(k)`, which has no range";
                return self.fail(codes::RL0103, text, span, help);
            }
        }
        Ok(())
    }

    /// Every carry, stacked over the turns.
    fn carried(
        &mut self,
        (init, body): (Vec<ExprId>, Vec<ExprId>),
        vars: Vec<VarId>,
        over: &[Sequence<'a>],
        span: Span,
    ) -> Res<Vec<ExprId>> {
        let length = turns(over);
        let counts = self.counted_turns_of(over, span)?;
        let mut results = Vec::new();
        for (index, id) in body.iter().enumerate() {
            let ty = self.ty(*id).clone();
            // An index stays in the range that it starts in.
            let support = match self.ty(init[index]).support {
                range @ Support::Index(_) => range,
                _ => ty.support,
            };
            let shape = [&[length], &ty.shape[..]].concat();
            let ty = Type { shape, support, varies: true, ..ty };
            let kind = ExprKind::Scan {
                init: init.clone(),
                xs: over.iter().filter_map(Sequence::tensor).collect(),
                vars: vars.clone(),
                body: body.clone(),
                length,
                index,
            };
            let all = self.push(kind, ty, span)?;
            results.push(match counts {
                Some(counts) => self.filled_outside(all, (counts, 0), 0.0, span)?,
                None => all,
            });
        }
        Ok(results)
    }

    /// What says which turns count, where a loop runs along a sequence that ends.
    fn counted_turns_of(&mut self, over: &[Sequence<'a>], span: Span) -> Res<Option<ExprId>> {
        let mut found = None;
        for id in over.iter().filter_map(Sequence::tensor) {
            let places = self.counts(id, span)?;
            let other = places[0].filter(|own| found.is_some_and(|found| found != *own));
            if other.is_some() || places[1..].iter().any(Option::is_some) {
                return self.loose_end("`scan` along a dim", span);
            }
            found = found.or(places[0]);
        }
        Ok(found)
    }

    fn offset(&mut self, t: ExprId, low: i64, span: Span) -> Res<Value<'a>> {
        let low = Value::Static(Static::Int(low));
        self.binary(ast::BinOp::Add, Value::Tensor(t), low, span, (span, span, span))
    }

    fn flat(&mut self, value: &Value<'a>, span: Span) -> Res<Vec<ExprId>> {
        match value {
            Value::Record(parts) => parts.iter().map(|(_, v)| self.tensor(v, span)).collect(),
            Value::Tuple(parts) => parts.iter().map(|v| self.tensor(v, span)).collect(),
            other => Ok(vec![self.tensor(other, span)?]),
        }
    }

    /// What the loop runs over: tensors along their first dim and ranges, all of one length.
    fn sequences(
        &mut self,
        over: &'a [(ast::Ident, ast::ExprId)],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Vec<Sequence<'a>>> {
        let mut found: Vec<Sequence<'a>> = Vec::new();
        for (at, value) in over {
            let span = self.names.files[&file].expr(*value).span;
            let value = self.eval(*value, file, env)?;
            let (over, length) = self.sequence(&value, span)?;
            self.allow(budget::TRIPS, length, span)?;
            if let Some(first) = found.first().filter(|first| first.length != length) {
                let (name, other, n) = (&at.name, &first.at.name, first.length);
                let text = format!("`{name}` has {length} turns, `{other}` has {n}");
                let help = "let them have one length: `xs[0:n]` is a part";
                return self.fail(codes::RL0103, text, span, help);
            }
            found.push(Sequence { at, over, length });
        }
        Ok(found)
    }

    /// A tensor along its first dim, or a range.
    fn sequence(&mut self, value: &Value<'a>, span: Span) -> Res<(Over, usize)> {
        if let Value::Static(Static::Tuple(ends)) = value
            && let [Static::Int(low), Static::Int(high)] = ends.as_slice()
        {
            return self.counted_turns(*low, *high, span);
        }
        let id = self.tensor(value, span)?;
        match self.ty(id).shape.first().copied() {
            Some(length) => Ok((Over::Tensor(id), length)),
            None => {
                let text = "`scan` runs along a dim, this is a scalar".into();
                self.fail(codes::RL0103, text, span, "write `t in 0..N` to count")
            }
        }
    }

    /// `low..high`
    fn counted_turns(&mut self, low: i64, high: i64, span: Span) -> Res<(Over, usize)> {
        if high <= low {
            let text = format!("the range {low}..{high} is empty");
            let help = "the first number is smaller than the end: `0..n`";
            return self.fail(codes::RL0107, text, span, help);
        }
        let counts = |n: i64| i32::try_from(n).is_ok();
        if !counts(low) || !counts(high - 1) {
            let text = format!("{low}..{high} does not fit whole numbers of 32 bits");
            let help = "count from 0, and add as a real what comes before: `1e10 + t`";
            return self.fail(codes::RL0107, text, span, help);
        }
        Ok((Over::Counted(low), (high - low) as usize))
    }
}

/// Something that a loop runs over, by a name for what a turn sees of it.
struct Sequence<'a> {
    at: &'a ast::Ident,
    over: Over,
    /// Number of turns.
    length: usize,
}

/// What it is.
#[derive(Clone, Copy)]
enum Over {
    /// A tensor, read along its first dim.
    Tensor(ExprId),
    /// Whole numbers from this one on.
    Counted(i64),
}

impl Sequence<'_> {
    fn tensor(&self) -> Option<ExprId> {
        match self.over {
            Over::Tensor(id) => Some(id),
            Over::Counted(_) => None,
        }
    }
}

/// Number of turns of a loop.
fn turns(over: &[Sequence<'_>]) -> usize {
    over.first().map_or(0, |one| one.length)
}

enum Names {
    One,
    Tuple,
    Record(Vec<String>),
}

fn record_names(value: &Value<'_>) -> Names {
    match value {
        Value::Record(parts) => Names::Record(parts.iter().map(|(n, _)| n.clone()).collect()),
        Value::Tuple(_) => Names::Tuple,
        _ => Names::One,
    }
}

fn unflat<'a>(names: &Names, ids: &[ExprId]) -> Value<'a> {
    match names {
        Names::One => Value::Tensor(ids[0]),
        Names::Tuple => Value::Tuple(ids.iter().map(|i| Value::Tensor(*i)).collect()),
        Names::Record(names) => Value::Record(
            names.iter().cloned().zip(ids.iter().map(|i| Value::Tensor(*i))).collect(),
        ),
    }
}
