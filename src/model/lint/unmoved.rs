//! Warnings for weights that a phase updates by a goal that cannot move them. In: the finished model.
//! Decided on the op table: a derivative ends at `stop` and at ops that change in jumps only.

use super::Lint;
use crate::base::codes;
use crate::graph::op::Derivative;
use crate::model::ir::*;
use std::collections::BTreeSet;

impl Lint<'_> {
    /// Owners in `over (...)` whose derivative is 0 whatever the data.
    pub(super) fn unmoved_weights(&mut self) {
        let mut found = Vec::new();
        for stmt in self.m.every_statement() {
            let PhaseStmt::Optimize { goal, updates, span, .. } = stmt else { continue };
            let updated: BTreeSet<&str> = updates.iter().map(|u| self.owner(u.param)).collect();
            let used = self.owners_below(*goal, |_| true);
            let moved = self.owners_below(*goal, smooth);
            for owner in updated.difference(&moved) {
                found.push((owner.to_string(), used.contains(owner), *span));
            }
        }
        for (owner, used, span) in found {
            let (text, help) = if used {
                (
                    format!("the goal's derivative by the weights of `{owner}` is 0 everywhere"),
                    "`argmax`, `floor`, `sign`, comparisons and `stop` pass no derivative: use `softmax`, or `soft + stop(hard - soft)`".to_string(),
                )
            } else {
                (
                    format!("the goal does not use the weights of `{owner}`"),
                    format!("let the goal depend on `{owner}`, or leave it out of `over (...)`"),
                )
            };
            self.warn(codes::RL0210, text, span, "these weights never move", &help);
        }
    }

    /// The innermost name that `over (...)` can give for a weight.
    pub(super) fn owner(&self, param: ParamId) -> &str {
        self.m.params[param.0 as usize].owners.last().expect("every weight has an owner")
    }

    /// Owners of the weights below a goal, not below what `open` refuses.
    fn owners_below(&self, goal: ExprId, open: impl Fn(&ExprKind) -> bool) -> BTreeSet<&str> {
        let below = self.m.below(&[goal], &self.lets, open);
        let params = below.into_iter().filter_map(|e| match self.m.expr(e).kind {
            ExprKind::Param(p) => Some(self.owner(p)),
            _ => None,
        });
        params.collect()
    }
}

/// Whether an expression can pass a derivative on.
fn smooth(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Stop(_) => false,
        ExprKind::Op { op, .. } => !matches!(op.derivative, Derivative::Zero),
        _ => true,
    }
}
