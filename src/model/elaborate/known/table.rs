//! Numbers that are known: an expression of literals and ops alone, evaluated in f64 by the meaning of each op. In: an
//! expression. Out: its value; none if it asks for a weight, data, noise or a loop, or is large.

use crate::graph::op::Value;
use crate::graph::{Attrs, Ty};
use crate::model::elaborate::Elab;
use crate::model::ir::{ExprId, ExprKind};
use ndarray::{Array2, IxDyn};
use std::collections::HashMap;

/// Elements of all values together.
const MOST: usize = 1 << 20;
/// Condition numbers up to here: beyond it, 32 bits keep no digit of the way back.
const CONDITION: f64 = 1e5;

impl Elab<'_> {
    /// The value of an expression that depends on nothing.
    pub fn table_of(&self, root: ExprId) -> Option<Value> {
        let mut known: HashMap<ExprId, Value> = HashMap::new();
        let mut size = 0;
        for id in self.m.reachable(&[root]) {
            size += self.ty(id).shape.iter().product::<usize>();
            if size > MOST {
                return None;
            }
            let value = self.table_at(id, &known)?;
            known.insert(id, value);
        }
        known.remove(&root)
    }

    fn table_at(&self, id: ExprId, known: &HashMap<ExprId, Value>) -> Option<Value> {
        let (op, attrs, args) = match &self.m.expr(id).kind {
            ExprKind::Call { result, .. } => return known.get(result).cloned(),
            ExprKind::Op { attrs: Attrs::Const(real, _), .. } => {
                return Some(Value::from_elem(IxDyn(&[]), real.0));
            }
            ExprKind::Op { op, attrs, args } => (op, attrs, args),
            _ => return None,
        };
        let args: Option<Vec<&Value>> = args.iter().map(|arg| known.get(arg)).collect();
        let ty = self.ty(id);
        op.value(&args?, attrs, &Ty::new(ty.dtype, ty.shape.clone()))
    }

    /// The logarithm of the size of the determinant of a square matrix that is known and has an inverse.
    pub fn log_det_of_table(&self, id: ExprId) -> Option<f64> {
        let value = self.table_of(id)?.into_dimensionality::<ndarray::Ix2>().ok()?;
        if value.nrows() != value.ncols() {
            return None;
        }
        let (inverse, log_det) = inverted(&value)?;
        let size = |m: &Array2<f64>| {
            m.mapv(f64::abs).sum_axis(ndarray::Axis(1)).into_iter().fold(0.0, f64::max)
        };
        (size(&value) * size(&inverse) < CONDITION).then_some(log_det)
    }

    /// Whether whole numbers that are known are a permutation of those below their number.
    pub fn is_permutation(&self, id: ExprId) -> bool {
        let Some(value) = self.table_of(id).filter(|value| value.ndim() == 1) else { return false };
        let mut seen = vec![false; value.len()];
        value.iter().all(|x| {
            let free = seen.get_mut(*x as usize).filter(|_| *x >= 0.0);
            free.is_some_and(|seen| !std::mem::replace(seen, true))
        })
    }
}

/// By Gauss and Jordan with pivots; none of a matrix that is singular to rounding.
fn inverted(matrix: &Array2<f64>) -> Option<(Array2<f64>, f64)> {
    let n = matrix.nrows();
    let (mut a, mut b) = (matrix.clone(), Array2::eye(n));
    let mut log_det = 0.0;
    for t in 0..n {
        let pivot = (t..n).max_by(|i, j| a[[*i, t]].abs().total_cmp(&a[[*j, t]].abs()))?;
        let at = a[[pivot, t]];
        if !at.is_finite() || at.abs() < 1e-12 {
            return None;
        }
        log_det += at.abs().ln();
        for m in [&mut a, &mut b] {
            for j in 0..n {
                m.swap([pivot, j], [t, j]);
            }
        }
        for i in (0..n).filter(|i| *i != t) {
            let share = a[[i, t]] / at;
            for j in 0..n {
                a[[i, j]] -= share * a[[t, j]];
                b[[i, j]] -= share * b[[t, j]];
            }
        }
        for j in 0..n {
            a[[t, j]] /= at;
            b[[t, j]] /= at;
        }
    }
    Some((b, log_det))
}
