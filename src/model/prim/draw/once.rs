//! Draws of the whole batch. In: a value that no example enters. Out: the same value, whose noise is drawn once
//! and not for every example.

use crate::base::{Span, codes};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Symbolic, Type, VarId};
use crate::model::prim::tensors;
use std::collections::{HashMap, HashSet};

pub fn once<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let [x] = tensors(e, "once", args, span)?;
    if let Some((what, help, place)) = of_examples(e, x) {
        let text = format!("`once` draws for the whole batch, and {what} stands in it");
        let error = e.error(codes::RL0120, text, span, "");
        let error = error.also(e.place(place), "here");
        return e.stop(error.help(help));
    }
    let ty = Type { varies: false, ..e.ty(x).clone() };
    e.push(ExprKind::Symbolic(Symbolic::Once(x)), ty, span).map(Value::Tensor)
}

/// What makes a value one of each example: a field, a name for a value that differs between examples, an
/// average over the batch, whose noise is that of its examples.
fn of_examples(e: &Elab<'_>, x: ExprId) -> Option<(String, &'static str, Span)> {
    let below = e.m.below(&[x], &HashMap::new(), |_| true);
    let bound = |id: &ExprId| match &e.m.expr(*id).kind {
        ExprKind::Derivative { var, .. } => vec![*var],
        _ => e.m.bound_by(*id),
    };
    let bound: HashSet<VarId> = below.iter().flat_map(bound).collect();
    let mean = "average before: `let m = batch_mean(...)` in the phase, and `m` here";
    below.into_iter().find_map(|id| {
        let (what, help) = match &e.m.expr(id).kind {
            ExprKind::Field(field) => {
                (format!("the field `{}`", e.m.fields[field.0 as usize].name), mean)
            }
            ExprKind::Var(var) if !bound.contains(var) && e.ty(id).varies => {
                (format!("`{}`, which every example has its own of,", e.var_name(*var)), mean)
            }
            ExprKind::Batch { .. } | ExprKind::BatchMean(_) => {
                ("a value of the batch".to_string(), mean)
            }
            _ => return None,
        };
        Some((what, help, e.m.expr(id).span))
    })
}
