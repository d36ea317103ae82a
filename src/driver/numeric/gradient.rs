//! Gradients beside differences of the loss. In: a model. Out: per train phase, whether the gradient
//! that would be trained with is that of differences.

use super::feed::{feed, initial};
use super::stops::{hold_stops, stops_in_loop};
use super::{MOST_WORK, Outcome, TOO_LARGE, affordable, shrink, skipped, translated, work};
use crate::autodiff;
use crate::backend::reference;
use crate::base::dice::Dice;
use crate::driver::optimized;
use crate::graph::op::{Value, control};
use crate::graph::{Attrs, Graph, InputRole, NodeId};
use crate::model::ir::PhaseKind;
use crate::model::ir::pure::Pure;
use crate::translate::Facts;
use crate::translate::program::PhaseGraph;

const DIRECTIONS: usize = 3;
/// Steps of difference quotients, tried in turn: a kink of `relu` may lie inside a step, and inside a
/// tenth of it ten times less often. A wrong derivative agrees with none.
const STEPS: [f64; 3] = [1e-6, 1e-7, 1e-8];
/// Of a steep loss a smaller step is tried as well, by which it changes by this share of itself or of 1.
const CHANGE: f64 = 1e-3;
/// A move that changes no value by more than its rounding: what a loss changes by it is lost for differences.
const BELOW: f64 = 1e-13;
/// The quotient's own error is about 1e-8 for the first step and 1e-6 for the last.
const TOLERANCE: f64 = 1e-4;
/// A gradient this small is compared absolutely.
const SMALL: f64 = 1e-3;

/// Checks the gradients of every train phase.
pub fn gradients(mut model: Pure, facts: &Facts) -> Vec<(String, Outcome)> {
    shrink(&mut model);
    let Some(program) = translated(&model, facts) else { return Vec::new() };
    let initial = initial(&program);
    let train = program.phases.iter().filter(|phase| phase.kind == PhaseKind::Train);
    let outcome = |phase: &PhaseGraph| match &initial {
        Ok(initial) => check(&model, &phase.graph, initial),
        Err(why) => skipped(why),
    };
    train.map(|phase| (phase.name.clone(), outcome(phase))).collect()
}

fn check(model: &Pure, graph: &Graph, initial: &[(String, Value)]) -> Outcome {
    let Some((goal, slopes)) = goal(graph) else { return skipped("it takes no gradient") };
    let mut asked = graph.clone();
    asked.outputs = vec![("goal".into(), goal)];
    asked.outputs.extend(slopes.iter().map(|(path, id)| (path.clone(), *id)));
    let asked = match optimized(&asked) {
        Ok(asked) => asked,
        Err(why) => return Outcome::Refused(why),
    };
    if work(&asked) > MOST_WORK {
        return skipped(TOO_LARGE);
    }
    if let Err(why) = affordable(&asked).and_then(|()| affordable(graph)) {
        return skipped(&why);
    }
    let mut dice = Dice::new(1, "check", 0);
    let feed = feed(model, &asked, initial, &mut dice);
    let derived = reference::run(&asked, &feed);
    let mut only_goal = graph.clone();
    only_goal.outputs = vec![("goal".into(), goal)];
    let (held, feed) = hold_stops(&only_goal, feed);
    // As it is written, it may take more than its optimized form: nothing has left its loops.
    let held = autodiff::expand(&held);
    if work(&held) > MOST_WORK {
        return skipped(TOO_LARGE);
    }
    for _ in 0..DIRECTIONS {
        let (mut expected, mut direction) = (0.0, Vec::new());
        for (path, slope) in derived.iter().skip(1) {
            let d = slope.mapv(|_| dice.normal());
            expected += (slope * &d).sum();
            direction.push((path, d));
        }
        let moved = |by: f64| {
            let mut feed = feed.clone();
            for (path, d) in &direction {
                if let Some(value) = feed.get_mut(*path) {
                    *value = &*value + &(d * by);
                }
            }
            reference::run(&held, &feed)[0].1.sum()
        };
        let here = moved(0.0);
        let sides = |step: f64| [(moved(step) - here) / step, (here - moved(-step)) / step];
        let quotient = |step: f64| sides(step).iter().sum::<f64>() / 2.0;
        let close =
            |measured: f64| (measured - expected).abs() / expected.abs().max(SMALL) <= TOLERANCE;
        let steep = (CHANGE * here.abs().max(1.0) / expected.abs()).min(STEPS[2]);
        if !STEPS.into_iter().chain([steep]).any(|step| close(quotient(step))) {
            // Digits that a difference of two large values has lost, and choices between values that
            // are equal but for rounding.
            let lost = (1..=8).map(|n| (moved(f64::from(n) * BELOW) - here).abs());
            let lost = lost.fold(f64::EPSILON * here.abs(), f64::max);
            let off = |step: f64| (quotient(step) - expected).abs() * step;
            if STEPS.into_iter().chain([steep]).any(|step| off(step) <= 8.0 * lost) {
                return skipped("the loss changes where its weights are rounded");
            }
            if at_kink(sides(STEPS[0]), sides(STEPS[1]), expected) {
                continue;
            }
            if stops_in_loop(graph, goal) {
                return skipped("a `stop` in a loop cannot be held while the weights are moved");
            }
            return Outcome::Differs(quotient(STEPS[0]), expected);
        }
    }
    Outcome::Agrees
}

/// Whether the loss has a kink right here, `min(stop(a), a)` for instance, and the derivative is one of
/// those that lie between its sides. They are the slopes after and before, by a step and by a smaller one:
/// those of a kink stay, and those of a jump grow.
fn at_kink(sides: [f64; 2], closer: [f64; 2], expected: f64) -> bool {
    let (low, high) = (sides[0].min(sides[1]), sides[0].max(sides[1]));
    let slack = TOLERANCE * expected.abs().max(SMALL);
    let stays =
        sides.iter().zip(closer).all(|(side, closer)| (side - closer).abs() <= 10.0 * slack);
    stays && high - low > 100.0 * slack && (low - slack..=high + slack).contains(&expected)
}

/// The first goal that is differentiated in weights, and its derivative in each of them.
pub fn goal(graph: &Graph) -> Option<(NodeId, Vec<(String, NodeId)>)> {
    let mut found: Option<(NodeId, Vec<(String, NodeId)>)> = None;
    for id in graph.ids().filter(|id| graph.node(*id).op == &control::VJP) {
        let [of, mark, _] = graph.node(id).args[..] else { continue };
        let Some(path) = weight(graph, mark).filter(|_| graph.ty(of).rank() == 0) else { continue };
        match &mut found {
            None => found = Some((of, vec![(path, id)])),
            Some((goal, slopes)) if *goal == of => slopes.push((path, id)),
            Some(_) => {}
        }
    }
    found
}

/// The path of the weight that is marked.
fn weight(graph: &Graph, mark: NodeId) -> Option<String> {
    let marked = graph.node(*graph.node(mark).args.first()?);
    match &marked.attrs {
        Attrs::Input { name, role: InputRole::Param, .. } => Some(name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::at_kink;

    #[test]
    fn only_slopes_between_the_sides_belong_to_a_kink() {
        let stays = |sides: [f64; 2], slope: f64| at_kink(sides, sides, slope);
        for slope in [0.0, 0.5, 1.0] {
            assert!(stays([0.0, 1.0], slope) && stays([1.0, 0.0], slope));
            // A jump of 1: its quotients are larger for smaller steps.
            assert!(!at_kink([0.0, 1e6], [0.0, 1e7], slope));
        }
        for slope in [-0.5, 1.5] {
            assert!(!stays([0.0, 1.0], slope) && !stays([1.0, 0.0], slope));
        }
        // Without a kink there is one slope.
        assert!(!stays([0.5, 0.5], 1.0) && !stays([0.5, 0.501], 0.5005));
    }
}
