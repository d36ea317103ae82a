//! Sequences that end. A value of type `idx(V)[<= T]` ends at its first 0, which counts too; what is behind it is 0
//! and does not count. In: expressions. Out: for each of their dims what says which places count, from the form of an
//! expression alone (`rules.rs`); reductions and products leave out what does not (`masks.rs`), and what would mix both is
//! refused. Programs without such sequences pay nothing.

mod masks;
mod rules;

use super::{Elab, Res};
use crate::base::{Span, codes};
use crate::graph::op::{index, is, map, view};
use crate::graph::{Attrs, DType};
use crate::model::ir::{ExprId, ExprKind, Support, Symbolic, Type};
use std::rc::Rc;

/// For each dim of a value a truth value for each of its places; none where all places count.
pub type Places = Rc<[Option<ExprId>]>;

impl<'a> Elab<'a> {
    /// Makes ops as they are: where somebody else looks after what counts.
    pub fn plainly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.at(|here| here.plain = true, run)
    }

    /// Whether each place of a sequence of indices counts: there is no 0 before it.
    pub fn up_to_end(&mut self, x: ExprId, span: Span) -> Res<ExprId> {
        self.plainly(|e| {
            let shape = e.ty(x).shape.clone();
            let n = shape[0];
            if n == 1 {
                return e.op(&map::EQ, vec![x, x], Attrs::None, Support::Bool, span);
            }
            let zero = e.literal(0.0, DType::I32, span);
            let zero = e.fill(zero, &shape, span)?;
            let end = e.op(&map::EQ, vec![x, zero], Attrs::None, Support::Bool, span)?;
            let end = e.op(&map::CAST, vec![end], Attrs::DType(DType::F32), Support::Bit, span)?;
            let along = Attrs::Directed { axis: 0, reverse: false };
            let ends = e.op(&index::CUMSUM, vec![end], along, Support::Real, span)?;
            let none = e.literal(0.0, DType::F32, span);
            let first = e.fill(none, &[1], span)?;
            let cut = Attrs::Slice(vec![(0, n - 1, 1)]);
            let ends = e.op(&view::SLICE, vec![ends], cut, Support::Real, span)?;
            let before =
                e.op(&view::CONCAT, vec![first, ends], Attrs::Axis(0), Support::Real, span)?;
            let none = e.fill(none, &shape, span)?;
            e.op(&map::EQ, vec![before, none], Attrs::None, Support::Bool, span)
        })
    }

    /// The sequence that a truth value for each place is about, if it is of the form of [`Elab::up_to_end`].
    fn end_of(&self, id: ExprId) -> Option<ExprId> {
        let only = |id: ExprId, name: &str| match &self.m.expr(id).kind {
            ExprKind::Op { op, args, .. } if op.name == name => Some(args.clone()),
            _ => None,
        };
        let [before, other] = only(id, is::EQ)?[..] else { return None };
        if before == other && self.ty(before).dtype == DType::I32 {
            return (self.ty(before).shape == [1]).then_some(before);
        }
        let [_, ends] = only(before, is::CONCAT)?[..] else { return None };
        let [sums] = only(ends, is::SLICE)?[..] else { return None };
        let [end] = only(sums, is::CUMSUM)?[..] else { return None };
        let [equal] = only(end, is::CAST)?[..] else { return None };
        let [x, zero] = only(equal, is::EQ)?[..] else { return None };
        let ty = self.ty(x);
        let fits =
            ty.dtype == DType::I32 && ty.shape.len() == 1 && self.constant(zero) == Some(0.0);
        fits.then_some(x)
    }

    /// Whether a value is a sequence that ends.
    pub fn ends(&self, id: ExprId) -> bool {
        if !self.m.ends {
            return false;
        }
        match &self.m.expr(id).kind {
            ExprKind::Field(f) => self.m.fields[f.0 as usize].ty.ends,
            ExprKind::Var(v) => {
                let ty = &self.m.vars[v.0 as usize].ty;
                ty.ends && ty.shape.len() == 1
            }
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => self.ends(*result),
            ExprKind::Stop(of) => self.ends(*of),
            ExprKind::Op { op, args, .. } if op.name == is::SELECT => {
                let [counts, of, rest] = args[..] else { return false };
                let own = self.end_of(counts) == Some(of);
                own && self.constant(rest) == Some(0.0)
            }
            _ => false,
        }
    }

    /// The sequence up to its first 0, and zeros.
    pub fn ended(&mut self, x: ExprId, support: Support, span: Span) -> Res<ExprId> {
        self.m.ends = true;
        if self.ends(x) {
            return Ok(x);
        }
        let counts = self.up_to_end(x, span)?;
        let ty = self.ty(x).clone();
        let zero = self.literal(0.0, DType::I32, span);
        let zero = self.fill(zero, &ty.shape, span)?;
        let (op, args) = (&map::SELECT, vec![counts, x, zero]);
        let kind = ExprKind::Op { op, attrs: Attrs::None, args };
        self.push(kind, Type { support, ends: true, ..ty }, span)
    }

    /// A value that holds a number where its places do not count: what says so is about a dim of it.
    pub fn filled_outside(
        &mut self,
        id: ExprId,
        (counts, dim): (ExprId, usize),
        with: f64,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.ty(id).clone();
        let with = self.literal(with, ty.dtype, span);
        self.plainly(|e| {
            let with = e.fill(with, &ty.shape, span)?;
            let counts = match ty.shape.len() {
                1 => counts,
                _ => {
                    let attrs = Attrs::Broadcast { shape: ty.shape.clone(), dims: vec![dim] };
                    e.op(&view::BROADCAST, vec![counts], attrs, Support::Bool, span)?
                }
            };
            let support = e.support_of_all(&[id, with]);
            e.op(&map::SELECT, vec![counts, id, with], Attrs::None, support, span)
        })
    }

    /// The same with zeros wherever places do not count.
    pub fn zeros_outside(&mut self, mut id: ExprId, span: Span) -> Res<ExprId> {
        if self.ends(id) {
            return Ok(id);
        }
        for (dim, counts) in self.counts(id, span)?.iter().enumerate() {
            if let Some(counts) = counts {
                id = self.filled_outside(id, (*counts, dim), 0.0, span)?;
            }
        }
        Ok(id)
    }

    /// What says which places of the first dim count; none where all do.
    pub fn counts_first(&mut self, id: ExprId, span: Span) -> Res<Option<ExprId>> {
        Ok(self.counts(id, span)?.first().copied().flatten())
    }

    /// How many places count, as a real.
    pub fn length(&mut self, counts: ExprId, span: Span) -> Res<ExprId> {
        let n = self.ty(counts).shape[0] as f64;
        self.plainly(|e| {
            let bits =
                e.op(&map::CAST, vec![counts], Attrs::DType(DType::F32), Support::Bit, span)?;
            let support = Support::Interval(0.0, n);
            let sum = &crate::graph::op::reduce::SUM;
            e.op(sum, vec![bits], Attrs::Axes(vec![0]), support, span)
        })
    }

    /// Rows of a value by whole numbers that are known to be places of it.
    pub fn picked_rows(&mut self, id: ExprId, at: ExprId, span: Span) -> Res<ExprId> {
        let (n, support) = (self.ty(id).shape[0], self.ty(id).support);
        self.plainly(|e| {
            let whole = Attrs::DType(DType::I32);
            let at = e.op(&map::CAST, vec![at], whole, Support::Index(n), span)?;
            e.op(&index::GATHER, vec![id, at], Attrs::None, support, span)
        })
    }

    /// Refuses what would mix places that count with others.
    pub fn no_loose_ends(&mut self, kind: &ExprKind, span: Span) -> Res<()> {
        if !self.m.ends || self.here.plain {
            return Ok(());
        }
        let (what, mut all): (&str, Vec<ExprId>) = match kind {
            ExprKind::Write { value, .. } => ("a state", vec![*value]),
            ExprKind::Batch { of, .. } => ("`batch`", vec![*of]),
            ExprKind::BatchMean(of) => ("`batch_mean`", vec![*of]),
            ExprKind::Derivative { kind, body, at, .. } => {
                let with = kind.with().copied();
                (kind.name(), [*body, *at].into_iter().chain(with).collect())
            }
            ExprKind::Scan { init, body, .. } => {
                ("the carry of a `scan`", [&init[..], body].concat())
            }
            ExprKind::Symbolic(Symbolic::Expect { body, .. }) => ("`E`", vec![*body]),
            ExprKind::Symbolic(Symbolic::Once(of)) => ("`once`", vec![*of]),
            ExprKind::Symbolic(Symbolic::Invertible { of, value, .. }) => {
                ("a function with an inverse", vec![*of, *value])
            }
            ExprKind::Symbolic(Symbolic::Metric { args, .. }) => ("a metric", args.clone()),
            _ => return Ok(()),
        };
        if let ExprKind::Symbolic(Symbolic::Metric { .. }) = kind {
            all.retain(|id| !self.ends(*id));
        }
        for id in all {
            if self.counts(id, span)?.iter().any(Option::is_some) {
                return self.loose_end(what, span);
            }
        }
        Ok(())
    }

    /// Says that something is declared as a sequence that ends and cannot be one.
    pub fn no_end<T>(&mut self, what: &str, span: Span) -> Res<T> {
        let text = format!("{what} is no sequence that ends");
        self.fail(codes::RL0131, text, span, "declare it without `<=`")
    }

    /// Says that something has no meaning for a sequence that ends.
    pub fn loose_end<T>(&mut self, what: &str, span: Span) -> Res<T> {
        let text = format!("{what} of a sequence that ends: places behind its end would count");
        let help = "reduce it first, `sum(x, over = 0)`, `last(x)`; `padded(x)` has all places, those \
                    behind the end too";
        self.fail(codes::RL0131, text, span, help)
    }
}
