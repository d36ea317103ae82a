//! Where positions meet. In: parameters of a position that depend on one that is not before it. Out: the first
//! expression on the way from the sequence in which an element depends on more than its own position and those
//! before.

use super::reach::Reach;
use crate::base::Span;
use crate::model::ir::{ExprId, ExprKind, Model, VarId};

/// A parameter that looks ahead.
pub struct Seen {
    /// Its name,
    pub param: String,
    /// and what it is.
    pub root: ExprId,
    /// The first position that does,
    pub position: usize,
    /// and the place in the order of what it sees.
    pub sees: usize,
    /// Whether all positions see no more than themselves.
    pub itself: bool,
}

/// The places of that expression and of those that are made of it.
pub fn culprit(m: &Model, reach: &Reach, seen: &Seen, var: VarId, n: usize) -> Vec<Span> {
    let mut path = vec![seen.root];
    while let Some(id) = path.last().copied() {
        if matches!(m.expr(id).kind, ExprKind::Var(v) if v == var) || path.len() > 10_000 {
            break;
        }
        let sees = |id: &ExprId| reach.get(*id).is_some_and(|c| c.last() > seen.sees as f64);
        let below = match &m.expr(id).kind {
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => vec![*result],
            kind => kind.children(),
        };
        match below.into_iter().find(sees) {
            Some(child) => path.push(child),
            None => break,
        }
    }
    let ordered = |id: &ExprId| reach.get(*id).is_some_and(|cells| in_order(cells, n));
    let before = path.iter().position(ordered).unwrap_or(0);
    path[..before].iter().rev().map(|id| m.expr(*id).span).collect()
}

/// Whether elements of some dim depend on their own position and those before it only.
fn in_order(cells: &super::cells::Cells, n: usize) -> bool {
    let latest = cells.latest();
    (0..latest.ndim()).any(|d| {
        let size = latest.shape()[d];
        let each = if size > 0 && n.is_multiple_of(size) { n / size } else { return false };
        latest.axis_iter(ndarray::Axis(d)).enumerate().all(|(i, part)| {
            part.iter().all(|last| *last <= ((i + 1) * each) as f64)
        })
    })
}
