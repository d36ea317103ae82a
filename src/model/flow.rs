//! Warnings for weights that a goal updates and that no derivative of it reaches. In: the finished
//! model. Decided on the op table: a derivative ends at `stop` and at ops that change in jumps only.

use super::elab::Elab;
use super::ir::*;
use crate::base::{Span, codes};
use crate::graph::op::Derivative;
use std::collections::BTreeSet;

impl Elab<'_> {
    /// Owners in `over (...)` whose derivative is 0 whatever the data.
    pub(super) fn unmoved_weights(&mut self) {
        let mut found: Vec<(String, Span)> = Vec::new();
        for stmt in self.every_statement() {
            let PhaseStmt::Optimize { goal, updates, span, .. } = stmt else { continue };
            let moved = self.moved(*goal);
            let owner = |p: ParamId| {
                let owner = self.m.params[p.0 as usize].owners.last().cloned();
                owner.unwrap_or_else(|| self.m.params[p.0 as usize].path.clone())
            };
            let moving: BTreeSet<String> = moved.into_iter().map(owner).collect();
            for update in updates {
                let owner = owner(update.param);
                if !moving.contains(&owner) && !found.contains(&(owner.clone(), *span)) {
                    found.push((owner, *span));
                }
            }
        }
        for (owner, span) in found {
            let text = format!("the goal's derivative by the weights of `{owner}` is 0 everywhere");
            self.warn(
                codes::RL0210,
                text,
                span,
                "these weights never move",
                "`argmax`, `floor`, `sign`, comparisons and `stop` pass no derivative: use `softmax`, or `soft + stop(hard - soft)`",
            );
        }
    }

    /// The weights that a derivative of a goal reaches.
    fn moved(&self, goal: ExprId) -> BTreeSet<ParamId> {
        let smooth = |kind: &ExprKind| match kind {
            ExprKind::Stop(_) => false,
            ExprKind::Op { op, .. } => !matches!(op.derivative, Derivative::Zero),
            _ => true,
        };
        let reached = self.below_where(&[goal], smooth).into_iter();
        let params = reached.filter_map(|e| match self.m.expr(e).kind {
            ExprKind::Param(p) => Some(p),
            _ => None,
        });
        params.collect()
    }
}
