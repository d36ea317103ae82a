//! Layers that write states, on the way of an inverse. In: what is solved for. Out: which of their values count
//! as constants, and a result that carries what they write.

use super::{Inverse, Solver, Step, Way};
use crate::model::ir::{AxisReduce, Expr, ExprId, ExprKind};
use std::collections::HashSet;

impl Solver<'_, '_> {
    /// What layers write that the unknowns enter by means over the batch only.
    pub(super) fn find_statistics(&mut self, roots: &[ExprId]) -> Step<()> {
        let below = self.below(roots, |id| self.unknown.contains(&id));
        // What depends on an unknown, and what does so otherwise than through the whole batch.
        let (mut any, mut plain) = (HashSet::new(), HashSet::new());
        for id in &below {
            let kind = &self.e.m.expr(*id).kind;
            let over_rows = matches!(kind, ExprKind::Batch { .. } | ExprKind::BatchMean(_));
            let own = self.unknown.contains(id);
            let has =
                |set: &HashSet<ExprId>| kind.children().iter().any(|child| set.contains(child));
            if own || has(&any) {
                any.insert(*id);
            }
            if own || !over_rows && has(&plain) {
                plain.insert(*id);
            }
        }
        for id in below {
            let ExprKind::Write { state, value, .. } = self.e.m.expr(id).kind else { continue };
            if !any.contains(&value) || plain.contains(&value) {
                continue;
            }
            let known = match self.way {
                Way::Back => {
                    let ty = self.e.m.states[state.0 as usize].ty.clone();
                    let span = self.e.m.expr(value).span;
                    self.e.push(ExprKind::State(state), ty, span)?
                }
                Way::Forth => value,
            };
            self.statistics.insert(value, known);
        }
        Ok(())
    }

    /// Layers on the way write their states whichever way they are gone through: what asks for the
    /// argument carries the writes, or for the determinant where the argument is given.
    pub(super) fn written(&mut self, mut inverse: Inverse) -> Step<Inverse> {
        for (node, axes) in std::mem::take(&mut self.writers) {
            let Expr { kind, span, .. } = self.e.m.expr(node).clone();
            let ExprKind::Write { state, value, call, .. } = kind else { continue };
            let known = match self.statistics.contains_key(&value) {
                true => self.computed(value),
                false => self.value_of(value),
            };
            let Some(mut value) = known else { return self.tangled(node) };
            for axis in axes.into_iter().rev() {
                let ty = self.e.ty(value).clone();
                let kind = ExprKind::Reduce { axis, how: AxisReduce::Mean, body: value };
                value = self.e.push(kind, ty, span)?;
            }
            let carrier = match self.way {
                Way::Back => &mut inverse.solved[0],
                Way::Forth => &mut inverse.log_det,
            };
            let ty = self.e.ty(*carrier).clone();
            let kind = ExprKind::Write { state, value, result: *carrier, call };
            *carrier = self.e.push(kind, ty, span)?;
        }
        Ok(inverse)
    }
}
