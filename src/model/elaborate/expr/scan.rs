//! `scan`: one body with carries as variables, elaborated once.

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Static, Support, Type};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// `scan(h = h0, x in xs) { ... return next }`: the sequence of carries.
    pub fn scan(
        &mut self,
        kind: &'a ast::ExprKind,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let ast::ExprKind::Scan { carry, init, var, over, body } = kind else {
            unreachable!("called for scan")
        };
        let init_span = self.names.files[&file].expr(*init).span;
        let first = self.eval(*init, file, env)?;
        let names = record_names(&first);
        let init = self.flat(&first, init_span)?;
        let over_span = self.names.files[&file].expr(*over).span;
        let sequence = self.eval(*over, file, env)?;
        let (xs, length, low) = self.sequence(&sequence, over_span)?;
        self.allow(budget::TRIPS, length, over_span)?;
        let mut vars = Vec::new();
        let mut carries = Vec::new();
        for id in &init {
            let ty = Type { support: Support::Real, varies: true, ..self.ty(*id).clone() };
            let ty = if ty.dtype == DType::I32 {
                Type { support: self.ty(*id).support, ..ty }
            } else {
                ty
            };
            let (v, e) = self.m.fresh_var(&carry.name, ty, carry.span);
            vars.push(v);
            carries.push(e);
        }
        let mut inner = bind(env, &carry.name, unflat(&names, &carries));
        if let Some(xs) = xs {
            let ty = self.ty(xs).clone();
            let ty = Type { shape: ty.shape[1..].to_vec(), ..ty };
            let (v, e) = self.m.fresh_var(&var.name, ty, var.span);
            vars.push(v);
            inner = bind(&inner, &var.name, Value::Tensor(e));
        }
        let count = Type {
            dtype: DType::I32,
            shape: vec![],
            support: Support::Index(length),
            varies: false,
        };
        let (index, t) = self.m.fresh_var("t", count, var.span);
        vars.push(index);
        if xs.is_none() {
            let t = if low == 0 { Value::Tensor(t) } else { self.offset(t, low, span)? };
            inner = bind(&inner, &var.name, t);
        }
        let next =
            self.at(|here| here.around.loops.push(index), |e| e.block(body, file, inner, span))?;
        let body_span = body.last().map_or(span, |s| s.span);
        let next = self.flat(&next, body_span)?;
        let fits = next.len() == init.len()
            && next.iter().zip(&init).all(|(a, b)| {
                self.ty(*a).shape == self.ty(*b).shape && self.ty(*a).dtype == self.ty(*b).dtype
            });
        if !fits {
            let list = |e: &Self, ids: &[ExprId]| {
                ids.iter().map(|i| show(e.ty(*i))).collect::<Vec<_>>().join(", ")
            };
            let text = format!(
                "the carry starts as `{}` and goes on as `{}`",
                list(self, &init),
                list(self, &next)
            );
            return self.fail(
                codes::RL0103,
                text,
                body_span,
                "the body must return what it was given, with the same dims",
            );
        }
        for (id, start) in next.iter().zip(&init) {
            let support = self.ty(*start).support;
            if matches!(support, Support::Index(_)) && !self.lies_in(*id, support) {
                let text = format!(
                    "the carry starts as `{}` and may leave this range",
                    show(self.ty(*start))
                );
                let help = "bring it back, `clip(k, 0, n - 1)` or `k % n`, or start from `int(k)`, which has no range";
                return self.fail(codes::RL0103, text, body_span, help);
            }
        }
        let mut results = Vec::new();
        for (index, id) in next.iter().enumerate() {
            let ty = self.ty(*id).clone();
            let ty = Type { shape: [&[length], &ty.shape[..]].concat(), varies: true, ..ty };
            let kind = ExprKind::Scan {
                init: init.clone(),
                xs: xs.into_iter().collect(),
                vars: vars.clone(),
                body: next.clone(),
                length,
                index,
            };
            results.push(self.push(kind, ty, span)?);
        }
        Ok(unflat(&names, &results))
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

    /// What the loop runs over: a tensor along its first dim, or a range.
    fn sequence(&mut self, value: &Value<'a>, span: Span) -> Res<(Option<ExprId>, usize, i64)> {
        if let Value::Static(Static::Tuple(ends)) = value
            && let [Static::Int(low), Static::Int(high)] = ends.as_slice()
        {
            if high <= low {
                return self.fail(
                    codes::RL0107,
                    format!("the range {low}..{high} is empty"),
                    span,
                    "the first number is smaller than the end: `0..n`",
                );
            }
            let counts = |n: i64| i32::try_from(n).is_ok();
            if !counts(*low) || !counts(high - 1) {
                let text = format!("{low}..{high} does not fit whole numbers of 32 bits");
                let help = "count from 0, and add as a real what comes before: `1e10 + t`";
                return self.fail(codes::RL0107, text, span, help);
            }
            return Ok((None, (high - low) as usize, *low));
        }
        let id = self.tensor(value, span)?;
        match self.ty(id).shape.first().copied() {
            Some(n) => Ok((Some(id), n, 0)),
            None => self.fail(
                codes::RL0103,
                "`scan` runs along a dim, this is a scalar".into(),
                span,
                "write `t in 0..N` to count",
            ),
        }
    }
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
