//! Inverses beside elimination. In: a model. Out: per function whose inverse was derived or given, whether
//! it undoes the function, and whether the log-determinant is that of the Jacobian.

use super::{Outcome, ROWS, Ready, prepared, skipped};
use crate::base::Span;
use crate::base::dice::Dice;
use crate::graph::attrs::Real;
use crate::graph::op::{Value, control, view};
use crate::graph::{Attrs, DType, Named, NoiseKind};
use crate::model::ir::{
    Around, Derivative, ExprId, ExprKind, Head, Inverted, Model, Phase, PhaseKind, PhaseStmt,
    Support, Type, VarId,
};
use ndarray::Axis;

/// Jacobians of more elements are not eliminated.
const WIDEST: usize = 64;
/// Of a value or of 1: two orders of a few hundred operations in f64, times the condition of a Jacobian.
const TOLERANCE: f64 = 1e-6;
/// The made-up phase.
const NAME: &str = "check.inverse";

/// Compares every inverse that a model has with the function, and its log-determinant with that of the
/// Jacobian, at made-up arguments.
pub fn inverses(model: &Model) -> Vec<(String, Outcome)> {
    let each = |at: usize| {
        let outcome = compare(model.clone(), at).unwrap_or_else(|why| skipped(&why));
        (model.inverses[at].name.clone(), outcome)
    };
    (0..model.inverses.len()).map(each).collect()
}

fn compare(mut model: Model, at: usize) -> Result<Outcome, String> {
    let of = model.inverses[at].clone();
    let width: usize = model.ty(of.value).shape.iter().product();
    if width > WIDEST {
        return Err(format!("{width} numbers, the most are {WIDEST}"));
    }
    model.phases = vec![phase(&mut model, &of)];
    Ok(match prepared(model)? {
        Ok(ready) => held(&ready, width),
        Err(why) => Outcome::Refused(why),
    })
}

/// A phase that gives what the inverse is off, the log-determinant and the Jacobian.
fn phase(m: &mut Model, of: &Inverted) -> Phase {
    let span = m.expr(of.value).span;
    let at = argument(m, of, span);
    let ty = m.ty(at).clone();
    let mut bind = vec![(of.var, at)];
    bind.extend(conditions(m, of));
    let off = m.substitute(of.off, &bind);
    let log_det = m.substitute(of.log_det, &bind);
    let shape = [&m.ty(of.value).shape[..], &ty.shape[..]].concat();
    let all = Type { dtype: DType::F32, shape, support: Support::Real, varies: true, ends: false };
    let body = m.substitute(of.value, &bind[1..]);
    let kind = ExprKind::Derivative { kind: Derivative::Jacobian, var: of.var, body, at };
    let slopes = m.push(kind, all, span);
    let emit = |name: &str, value: ExprId| emit(name, value, span);
    let body = vec![emit("off", off), emit("log_det", log_det), emit("slopes", slopes)];
    let head = Head { kind: PhaseKind::Sample, ..Head::eval(NAME.into(), None, ROWS) };
    Phase { head, sized: false, body, span }
}

/// Random numbers where the function is defined: normal ones, or those of 0..1; one number of any other range.
fn argument(m: &mut Model, of: &Inverted, span: Span) -> ExprId {
    let own = m.vars[of.var.0 as usize].ty.clone();
    let kind = match own.support {
        Support::Interval(low, high) if (low, high) != (0.0, 1.0) => {
            let like = m.push(ExprKind::Var(of.var), Type { varies: true, ..own }, span);
            return some_value(m, like);
        }
        Support::Interval(..) | Support::Bit | Support::Positive => NoiseKind::Uniform,
        _ => NoiseKind::Normal,
    };
    let noise = ExprKind::Noise {
        kind,
        stream: NAME.into(),
        shape: own.shape.clone(),
        around: Around::default(),
        per_example: true,
    };
    m.push(noise, Type { varies: true, support: Support::Real, ..own }, span)
}

/// A statement that gives a value by a name.
pub(super) fn emit(name: &str, value: ExprId, span: Span) -> PhaseStmt {
    let (format, name) = ("npz".into(), name.into());
    PhaseStmt::Emit { format, name, value, words: Default::default(), span }
}

/// Values for the variables that a function is given beside its argument: what a density is given where
/// the function was first called.
fn conditions(m: &mut Model, of: &Inverted) -> Vec<(VarId, ExprId)> {
    let below = m.reachable(&[of.off, of.log_det, of.value]);
    let mut own: Vec<VarId> = below.iter().flat_map(|id| m.bound_by(*id)).collect();
    own.push(of.var);
    let mut free: Vec<(VarId, ExprId)> = Vec::new();
    for id in below {
        match m.expr(id).kind {
            ExprKind::Derivative { var, .. } => own.push(var),
            ExprKind::Var(var) => free.push((var, id)),
            _ => {}
        }
    }
    free.retain(|(var, _)| !own.contains(var));
    free.into_iter().map(|(var, id)| (var, some_value(m, id))).collect()
}

/// A value of the type of an expression.
fn some_value(m: &mut Model, like: ExprId) -> ExprId {
    let (ty, span) = (m.ty(like).clone(), m.expr(like).span);
    let number = match ty.support {
        Support::Real | Support::Positive if ty.dtype == DType::F32 => 0.3,
        Support::Interval(low, high) => 0.7 * low + 0.3 * high,
        _ => 0.0,
    };
    let attrs = Attrs::Const(Real(number), ty.dtype);
    let scalar = Type { shape: vec![], varies: false, ..ty.clone() };
    let value = m.push(ExprKind::Op { op: &control::CONST, attrs, args: vec![] }, scalar, span);
    let attrs = Attrs::Broadcast { shape: ty.shape.clone(), dims: vec![] };
    m.push(ExprKind::Op { op: &view::BROADCAST, attrs, args: vec![value] }, ty, span)
}

fn held(ready: &Ready, width: usize) -> Outcome {
    let found = ready.run(&mut Dice::new(3, "check", 0));
    let of = |name: &str| {
        let name = Named::Emit(name).to_string();
        found.iter().find(|(output, _)| *output == name).map(|(_, value)| value)
    };
    let (Some(off), Some(log), Some(slopes)) = (of("off"), of("log_det"), of("slopes")) else {
        return skipped("there is nothing to compare");
    };
    let worst =
        off.iter().fold(0.0, |worst: f64, x| if x.is_nan() { *x } else { worst.max(x.abs()) });
    if worst.is_nan() || worst > TOLERANCE {
        return Outcome::Differs(worst, 0.0);
    }
    for row in 0..ROWS {
        let line = |value: &Value| -> Vec<f64> {
            let rows = value.shape().first().copied().unwrap_or(1).max(1);
            value.index_axis(Axis(0), row % rows).iter().copied().collect()
        };
        let measured = elimination(line(slopes), width);
        let derived = line(log).first().copied().unwrap_or(f64::NAN);
        let off = (measured - derived).abs();
        if off.is_nan() || off > TOLERANCE * measured.abs().max(1.0) {
            return Outcome::Differs(measured, derived);
        }
    }
    Outcome::Agrees
}

/// The logarithm of the size of a determinant, row after row with the largest element first.
fn elimination(mut m: Vec<f64>, n: usize) -> f64 {
    let mut log = 0.0;
    for at in 0..n {
        let size = |row: &usize| m[row * n + at].abs();
        let best = (at..n).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(at);
        (0..n).for_each(|column| m.swap(at * n + column, best * n + column));
        log += m[at * n + at].abs().ln();
        for row in at + 1..n {
            let factor = m[row * n + at] / m[at * n + at];
            (at..n).for_each(|column| m[row * n + column] -= factor * m[at * n + column]);
        }
    }
    log
}
