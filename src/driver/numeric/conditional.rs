//! Conditionals of products of factors beside Bayes' rule. In: a model. Out: per block, whether its
//! log-density given the rest and the logarithm of the sum over its values add up to the log-potential, at
//! values drawn at random. Nothing is enumerated, so that blocks of any size are held.

use super::inverse::emit;
use super::{Outcome, ROWS, prepared, skipped};
use crate::base::Span;
use crate::base::dice::Dice;
use crate::graph::Named;
use crate::model::ir::{
    Conditional, ExprId, ExprKind, Field, FieldId, Head, Model, Phase, PhaseKind, Type, VarId,
};

/// Of the value or of 1: sums of some thousand terms in f64.
const TOLERANCE: f64 = 1e-8;
/// The made-up phase, and its data set.
const NAME: &str = "check";

/// Holds every conditional of a model against its potential.
pub fn conditionals(model: &Model) -> Vec<(String, Outcome)> {
    let each = |of: &Conditional| {
        (of.name.clone(), compare(model.clone(), of).unwrap_or_else(|why| skipped(&why)))
    };
    model.conditionals.iter().map(each).collect()
}

fn compare(mut model: Model, of: &Conditional) -> Result<Outcome, String> {
    let values = values(&mut model, of);
    let [potential, derived] = [of.potential, of.derived].map(|id| model.substitute(id, &values));
    let span = model.expr(of.potential).span;
    let body = vec![emit("potential", potential, span), emit("derived", derived, span)];
    let on = Some((NAME.to_string(), "all".to_string()));
    let head = Head { kind: PhaseKind::Sample, ..Head::eval(NAME.into(), on, ROWS) };
    model.phases = vec![Phase { head, sized: false, body, span }];
    let ready = match prepared(model)? {
        Ok(ready) => ready,
        Err(why) => return Ok(Outcome::Refused(why)),
    };
    let found = ready.run(&mut Dice::new(5, "check", 0));
    let of = |name: &str| {
        let name = Named::Emit(name).to_string();
        found.iter().find(|(output, _)| *output == name).map(|(_, value)| value)
    };
    let (Some(potential), Some(derived)) = (of("potential"), of("derived")) else {
        return Err("there is nothing to compare".into());
    };
    // Values beside the support have no density on either side.
    let inside = |(a, b): &(&f64, &f64)| **a > f64::NEG_INFINITY || **b > f64::NEG_INFINITY;
    let mut pairs = potential.iter().zip(derived).filter(inside).peekable();
    if pairs.peek().is_none() {
        return Err("no value that was tried has a density".into());
    }
    let wrong = pairs.find(|(a, b)| {
        let off = (*a - *b).abs();
        off.is_nan() || off > TOLERANCE * a.abs().max(1.0)
    });
    Ok(wrong.map_or(Outcome::Agrees, |(a, b)| Outcome::Differs(*a, *b)))
}

/// Values for all variables of a product of factors.
fn values(m: &mut Model, of: &Conditional) -> Vec<(VarId, ExprId)> {
    let below = m.reachable(&[of.potential, of.derived]);
    let bound: Vec<VarId> = below.iter().flat_map(|id| m.bound_by(*id)).collect();
    let mut free: Vec<(VarId, Type, Span)> = Vec::new();
    for id in below {
        let expr = m.expr(id);
        match expr.kind {
            ExprKind::Var(var) if !bound.contains(&var) && free.iter().all(|f| f.0 != var) => {
                free.push((var, expr.ty.clone(), expr.span));
            }
            _ => {}
        }
    }
    let inner = |var: &VarId| {
        let derivative =
            |kind: &ExprKind| matches!(kind, ExprKind::Derivative { var: v, .. } if v == var);
        m.exprs.iter().any(|expr| derivative(&expr.kind))
    };
    free.retain(|(var, ..)| !inner(var));
    let (based, free): (Vec<_>, Vec<_>) =
        free.into_iter().partition(|(var, ..)| of.bases.iter().any(|(own, _)| own == var));
    let each = free.into_iter().enumerate();
    let mut values: Vec<(VarId, ExprId)> =
        each.map(|(at, (var, ty, span))| (var, drawn(m, &ty, at, span))).collect();
    for (var, ..) in based {
        let dist = of.bases.iter().find(|(own, _)| *own == var).map(|(_, dist)| *dist);
        let draw = dist.and_then(|dist| m.dists[dist.0 as usize].draw);
        let Some(draw) = draw else { continue };
        let draw = m.substitute(draw, &values);
        // Its noise is that of this place.
        let draw =
            m.with_noise(draw, &mut |stream, _, _| *stream = stream.trim_start_matches('~').into());
        values.push((var, draw));
    }
    values
}

/// A field of a made-up data set: values of this type, whatever that is.
fn drawn(m: &mut Model, ty: &Type, at: usize, span: Span) -> ExprId {
    let ty = Type { varies: true, ..ty.clone() };
    let field = FieldId(m.fields.len() as u32);
    m.fields.push(Field { data: NAME.into(), name: format!("x{at}"), ty: ty.clone(), span });
    m.push(ExprKind::Field(field), ty, span)
}
