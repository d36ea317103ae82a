//! Operands of ops whose places do not all count. In: an op and its operands. Out: operands that hold what changes
//! nothing where places do not count, for sums, products and the like; an op for which there is no such number is refused.

use super::Places;
use super::rules::same_dim;
use crate::base::{Span, codes};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{Kind, Op, is};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::ExprId;

impl<'a> Elab<'a> {
    /// The operands of an op, with nothing in them that must not count.
    pub fn only_what_counts(
        &mut self,
        op: Op,
        mut args: Vec<ExprId>,
        attrs: &Attrs,
        span: Span,
    ) -> Res<Vec<ExprId>> {
        let mut given = Vec::with_capacity(args.len());
        for arg in &args {
            given.push(self.counts(*arg, span)?);
        }
        if given.iter().all(|places| places.iter().all(Option::is_none)) {
            return Ok(args);
        }
        match (op.kind, attrs) {
            (Kind::Map, _) => self.agree(op, &given, None, span)?,
            (Kind::View, Attrs::Broadcast { .. } | Attrs::Perm(_)) => {}
            (Kind::View, Attrs::Shape(shape)) => {
                let from = self.ty(args[0]).shape.clone();
                let stays = |dim: usize| same_dim(&from, shape, dim).is_some();
                self.none_of(op, &given[0], |dim| !stays(dim), span)?;
            }
            (Kind::View, Attrs::Slice(cuts)) => {
                let first = |dim: usize| cuts[dim].0 == 0 && cuts[dim].2 == 1;
                self.none_of(op, &given[0], |dim| !first(dim), span)?;
            }
            (Kind::View, Attrs::Axes(axes)) => {
                self.none_of(op, &given[0], |dim| axes.contains(&dim), span)?;
            }
            (Kind::View, Attrs::Axis(axis)) => {
                for places in &given {
                    self.none_of(op, places, |dim| dim == *axis, span)?;
                }
                self.agree(op, &given, Some(*axis), span)?;
            }
            (Kind::Reduce, Attrs::Axes(axes)) => {
                args[0] = self.reduced_alone(op, args[0], (&given[0], axes), span)?;
            }
            (Kind::Reduce, Attrs::Axis(axis)) => {
                args[0] = self.reduced_alone(op, args[0], (&given[0], &[*axis]), span)?;
            }
            (Kind::Contract, Attrs::Contract(spec)) => {
                self.factors_alone(op, &mut args, (&given, spec), span)?;
            }
            (Kind::Index, _) => self.indexed_alone(op, &mut args, (&given, attrs), span)?,
            _ => return self.loose_end(&format!("`{}`", op.word()), span),
        }
        Ok(args)
    }

    /// Values that meet place by place end at the same one.
    fn agree(&mut self, op: Op, given: &[Places], but: Option<usize>, span: Span) -> Res<()> {
        let dims = given.iter().map(|places| places.len()).max().unwrap_or_default();
        for dim in (0..dims).filter(|dim| Some(*dim) != but) {
            let mut said = given.iter().filter_map(|places| places.get(dim).copied().flatten());
            let first = said.next();
            if said.any(|other| Some(other) != first) {
                return self.two_ends(op, span);
            }
        }
        Ok(())
    }

    fn two_ends<T>(&mut self, op: Op, span: Span) -> Res<T> {
        let sign = op.sign.map_or(op.word(), |(sign, _)| sign);
        let text = format!("`{sign}` of two sequences that end at places of their own");
        let help =
            "reduce one of them first: `sum(x, over = 0)`, `last(x)`; `padded(x)` has all places";
        self.fail(codes::RL0131, text, span, help)
    }

    /// Refuses an op where dims of some kind end.
    fn none_of(
        &mut self,
        op: Op,
        places: &Places,
        kind: impl Fn(usize) -> bool,
        span: Span,
    ) -> Res<()> {
        let hit = places.iter().enumerate().any(|(dim, own)| own.is_some() && kind(dim));
        if hit { self.loose_end(&format!("`{}`", op.word()), span) } else { Ok(()) }
    }

    /// What is reduced, with a number that changes nothing where places do not count.
    fn reduced_alone(
        &mut self,
        op: Op,
        mut id: ExprId,
        (places, axes): (&Places, &[usize]),
        span: Span,
    ) -> Res<ExprId> {
        for axis in axes {
            let Some(counts) = places[*axis] else { continue };
            let (low, high) = match self.ty(id).dtype {
                DType::I32 => self.range(id),
                _ => (f64::NEG_INFINITY, f64::INFINITY),
            };
            let neutral = match op.name {
                is::SUM => 0.0,
                is::PROD => 1.0,
                is::MAX_OF | is::LOGSUMEXP | is::ARGMAX => low,
                is::MIN_OF => high,
                _ => return self.loose_end(&format!("`{}`", op.word()), span),
            };
            if self.ty(id).dtype == DType::I32 && !neutral.is_finite() {
                return self.loose_end(&format!("`{}`", op.word()), span);
            }
            id = self.filled_outside(id, (counts, *axis), neutral, span)?;
        }
        Ok(id)
    }

    /// The factors of a product, with zeros where places do not count that are summed over.
    fn factors_alone(
        &mut self,
        op: Op,
        args: &mut [ExprId],
        (given, spec): (&[Places], &ContractSpec),
        span: Span,
    ) -> Res<()> {
        let sides = [&spec.lhs, &spec.rhs];
        let more = spec.rhs.iter().filter(|label| !spec.lhs.contains(label));
        for label in spec.lhs.iter().chain(more) {
            let dims = sides.map(|labels| labels.iter().position(|own| own == label));
            let said = [0, 1].map(|side| dims[side].and_then(|dim| given[side][dim]));
            if let [Some(a), Some(b)] = said
                && a != b
            {
                return self.two_ends(op, span);
            }
            if spec.out.contains(label) {
                continue;
            }
            for side in [0, 1] {
                if let (Some(counts), Some(dim)) = (said[side], dims[side]) {
                    args[side] = self.filled_outside(args[side], (counts, dim), 0.0, span)?;
                }
            }
        }
        Ok(())
    }

    fn indexed_alone(
        &mut self,
        op: Op,
        args: &mut [ExprId],
        (given, attrs): (&[Places], &Attrs),
        span: Span,
    ) -> Res<()> {
        match (op.name, attrs) {
            (is::GATHER, _) => self.none_of(op, &given[0], |dim| dim == 0, span),
            (is::CUMSUM, Attrs::Directed { axis, reverse: true })
            | (is::ARGSORT, Attrs::Directed { axis, .. }) => {
                self.none_of(op, &given[0], |dim| dim == *axis, span)
            }
            (is::CUMSUM, _) => Ok(()),
            (is::TAKE_ALONG, Attrs::Axis(axis)) => {
                for places in given {
                    self.none_of(op, places, |dim| dim == *axis, span)?;
                }
                self.agree(op, given, Some(*axis), span)
            }
            (is::SCATTER_ADD, _) => {
                let rows: Vec<Places> =
                    given.iter().map(|places| places[..1].to_vec().into()).collect();
                self.agree(op, &rows, None, span)?;
                if let Some(counts) = rows.iter().find_map(|places| places[0]) {
                    args[1] = self.filled_outside(args[1], (counts, 0), 0.0, span)?;
                }
                Ok(())
            }
            _ => self.loose_end(&format!("`{}`", op.word()), span),
        }
    }
}
