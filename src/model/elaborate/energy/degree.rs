//! The degree of an expression in some variables: 0 where it does not depend on them, 1 where it is affine,
//! 2 where it is a sum of products of two of their elements, and more. By the structure alone: what is
//! affine for another reason counts as not.

use crate::graph::Kind;
use crate::graph::op::is;
use crate::model::elaborate::Elab;
use crate::model::ir::{AxisReduce, ExprId, ExprKind, VarId};
use std::collections::HashMap;

/// Beyond all polynomials.
const NONE: usize = usize::MAX;

impl Elab<'_> {
    /// The degree of an expression in the elements of these variables together.
    pub(super) fn degree(&self, root: ExprId, vars: &[VarId]) -> usize {
        let mut known: HashMap<ExprId, usize> = HashMap::new();
        // Operands are older than their users.
        for id in self.m.reachable(&[root]) {
            let degree = self.degree_of(id, vars, &known);
            known.insert(id, degree);
        }
        known[&root]
    }

    fn degree_of(&self, id: ExprId, vars: &[VarId], known: &HashMap<ExprId, usize>) -> usize {
        let of = |id: &ExprId| known[id];
        let highest = |list: &[ExprId]| list.iter().map(of).max().unwrap_or(0);
        let kind = &self.m.expr(id).kind;
        let any = kind.children().iter().map(of).max().unwrap_or(0);
        match kind {
            ExprKind::Var(v) => usize::from(vars.contains(v)),
            _ if any == 0 => 0,
            ExprKind::Call { result, .. } => of(result),
            ExprKind::Element { of: e, .. } => of(e),
            ExprKind::Reduce { how, body, .. } if *how != AxisReduce::LogMeanExp => of(body),
            ExprKind::Op { op, args, .. } => match (op.name, args.as_slice()) {
                (is::ADD | is::SUB | is::CONCAT, _) => highest(args),
                (is::NEG | is::SUM | is::CUMSUM, _) => any,
                (is::MUL | is::CONTRACT | is::CONV | is::CONV_TRANSPOSE, [a, b]) => {
                    of(a).saturating_add(of(b))
                }
                (is::DIV, [a, b]) if of(b) == 0 => of(a),
                (is::SELECT, [c, a, b]) if of(c) == 0 => of(a).max(of(b)),
                (is::GATHER | is::TAKE_ALONG, [table, index]) if of(index) == 0 => of(table),
                (is::POW, [a, b]) => match (of(b), self.constant(*b)) {
                    (0, Some(2.0)) => of(a).saturating_mul(2),
                    _ => NONE,
                },
                _ if op.kind == Kind::View => any,
                _ => NONE,
            },
            _ => NONE,
        }
    }
}
