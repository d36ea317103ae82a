//! The part of an affine expression that its variable is in. In: a potential whose form in a block is affine. Out: the
//! same without what does not depend on the block, so that the slope asks for nothing else: of `dot(v - n * m, w)`
//! in `v` that is `dot(v, w)`, which examples with other `n` share.

use crate::base::Span;
use crate::graph::op::{is, map};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, VarId};
use std::collections::HashMap;

impl<'a> Elab<'a> {
    /// The linear part of what is affine in a variable; 0 where the variable is not in it.
    pub(super) fn linear_part(&mut self, root: ExprId, var: VarId, span: Span) -> Res<ExprId> {
        // Operands are older than their users.
        let mut done: HashMap<ExprId, ExprId> = HashMap::new();
        for id in self.m.reachable(&[root]) {
            let kind = self.m.expr(id).kind.clone();
            let own = kind == ExprKind::Var(var);
            if own || kind.children().iter().any(|child| done.contains_key(child)) {
                let part = if own { id } else { self.linear_at(id, kind, &done, span)? };
                done.insert(id, part);
            }
        }
        match done.get(&root) {
            Some(part) => Ok(*part),
            None => self.zeros_like(&self.ty(root).clone(), span),
        }
    }

    /// That of an expression, with those of its operands that have one.
    fn linear_at(
        &mut self,
        id: ExprId,
        kind: ExprKind,
        done: &HashMap<ExprId, ExprId>,
        span: Span,
    ) -> Res<ExprId> {
        let part = |child: &ExprId| done.get(child).copied();
        if let ExprKind::Call { result, .. } = &kind {
            return Ok(part(result).unwrap_or(*result));
        }
        let ExprKind::Op { op, args, .. } = &kind else {
            return Ok(self.with_parts(id, kind, done));
        };
        match (op.name, args.as_slice()) {
            (is::ADD | is::SUB, [a, b]) => match (part(a), part(b)) {
                (Some(part), None) => Ok(part),
                (None, Some(part)) if op.name == is::ADD => Ok(part),
                (None, Some(part)) => self.one(&map::NEG, part, span),
                _ => Ok(self.with_parts(id, kind, done)),
            },
            // Every operand is a summand here, but for the condition.
            (is::SELECT | is::CONCAT, args) => {
                let mut all = done.clone();
                for arg in args.iter().skip(usize::from(op.name == is::SELECT)) {
                    if part(arg).is_none() {
                        let zeros = self.zeros_like(&self.ty(*arg).clone(), span)?;
                        all.insert(*arg, zeros);
                    }
                }
                Ok(self.with_parts(id, kind, &all))
            }
            _ => Ok(self.with_parts(id, kind, done)),
        }
    }

    /// What is linear in the operands that have a part of their own.
    fn with_parts(&mut self, id: ExprId, kind: ExprKind, done: &HashMap<ExprId, ExprId>) -> ExprId {
        let kind = kind.map_children(&mut |child| done.get(&child).copied().unwrap_or(child));
        self.m.rebuilt(id, kind)
    }
}
