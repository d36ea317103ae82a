//! Closed forms beside averages. In: a model. Out: per train phase, whether divergences in closed form
//! have the value that averages over draws have.

use super::feed::{feed, initial};
use super::{MOST_WORK, Outcome, affordable, shrink, skipped, translated, work};
use crate::backend::reference;
use crate::base::dice::Dice;
use crate::driver::optimized;
use crate::graph::op::Value;
use crate::graph::{Graph, Named};
use crate::model::ir::pure::Pure;
use crate::model::ir::{ExprKind, Model, PhaseKind, Symbolic};
use crate::objective::{self, Derived};
use crate::translate::program::STEP;
use ndarray::IxDyn;

/// Losses that are averaged to test closed forms.
const DRAWS: usize = 400;
/// Means may differ by this many standard errors.
const ERRORS: f64 = 5.0;

/// Compares the goal of every train phase with divergences in closed form to the same goal with
/// divergences averaged over draws. Empty if there is no closed form.
pub fn closed_forms(model: &Model) -> Vec<(String, Outcome)> {
    let mut sampled = model.clone();
    let mut any = false;
    for expr in &mut sampled.exprs {
        if let ExprKind::Symbolic(Symbolic::Kl { closed, .. })
        | ExprKind::Symbolic(Symbolic::Elbo { closed, .. }) = &mut expr.kind
        {
            for (_, form) in closed {
                any |= form.take().is_some();
            }
        }
    }
    if !any {
        return Vec::new();
    }
    let goals = |model: Model| -> Vec<(String, Graph, Pure)> {
        let Ok(Derived { mut pure, facts, .. }) = objective::derive(model) else {
            return Vec::new();
        };
        shrink(&mut pure);
        let phases = translated(&pure, &facts).into_iter().flat_map(|program| program.phases);
        let train = phases.filter(|phase| phase.kind == PhaseKind::Train);
        train.map(|phase| (phase.head.name, phase.graph, pure.clone())).collect()
    };
    let Ok(Derived { pure, facts, .. }) = objective::derive(model.clone()) else {
        return Vec::new();
    };
    let Some(program) = translated(&pure, &facts) else { return Vec::new() };
    let initial = match initial(&program) {
        Ok(initial) => initial,
        Err(why) => {
            let train = program.phases.into_iter().filter(|phase| phase.kind == PhaseKind::Train);
            return train.map(|phase| (phase.head.name, skipped(&why))).collect();
        }
    };
    goals(model.clone())
        .into_iter()
        .zip(goals(sampled))
        .map(|((name, closed, model), (_, sampled, _))| {
            (name, compare(&model, &closed, &sampled, &initial))
        })
        .collect()
}

fn compare(model: &Pure, closed: &Graph, sampled: &Graph, initial: &[(String, Value)]) -> Outcome {
    let only_goal = |graph: &Graph| {
        let mut graph = graph.clone();
        graph.outputs.retain(|(name, _)| Named::parse(name) == Some(Named::Track("loss")));
        optimized(&graph)
    };
    let (closed, sampled) = match (only_goal(closed), only_goal(sampled)) {
        (Ok(closed), Ok(sampled)) => (closed, sampled),
        (Err(why), _) | (_, Err(why)) => return Outcome::Refused(why),
    };
    if closed.outputs.is_empty() {
        return skipped("the phase has no goal");
    }
    let works = work(&closed).saturating_add(work(&sampled)).saturating_mul(DRAWS);
    if works > MOST_WORK * 8 {
        return skipped("the model is too large to be averaged in f64");
    }
    if let Err(why) = affordable(&closed).and_then(|()| affordable(&sampled)) {
        return skipped(&why);
    }
    let mut dice = Dice::new(2, "check", 0);
    let mut feed = feed(model, &sampled, initial, &mut dice);
    let (mut sums, mut squares) = ([0.0; 2], 0.0);
    for step in 0..DRAWS {
        feed.insert(STEP.into(), Value::from_elem(IxDyn(&[]), step as f64));
        let [a, b] = [&closed, &sampled].map(|graph| reference::run(graph, &feed)[0].1.sum());
        sums = [sums[0] + a, sums[1] + b];
        squares += (a - b) * (a - b);
    }
    let n = DRAWS as f64;
    let [a, b] = sums.map(|sum| sum / n);
    let error = ((squares / n - (a - b) * (a - b)).max(0.0) / n).sqrt();
    let off = (a - b).abs();
    if off.is_nan() || off > ERRORS * error + 1e-9 * a.abs() {
        return Outcome::Differs(b, a);
    }
    Outcome::Agrees
}
