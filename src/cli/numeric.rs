//! Numeric tests derived from a model, in f64, on made-up data. In: a model. Out: per train phase,
//! whether the gradient that would be trained with is that of differences of the loss, and whether
//! divergences in closed form have the value that averages over draws have.

use super::compile;
use crate::autodiff;
use crate::backend::reference;
use crate::base::{Budget, budget};
use crate::graph::op::{Value, control};
use crate::graph::{Attrs, DType, Graph, InputRole, Kind, NodeId, Ty};
use crate::model::ir::{ExprKind, Model, PhaseKind, Support};
use crate::objective::{self, Derived};
use crate::optimize;
use crate::runtime::data::dice::Dice;
use crate::translate::program::{Phase, Program, SEED, STEP, TOTAL};
use crate::translate::{self, Facts};
use ndarray::IxDyn;
use std::collections::BTreeMap;

/// Rows of a made-up batch.
const ROWS: usize = 4;
const DIRECTIONS: usize = 3;
/// Steps of difference quotients, tried in turn: a kink of `relu` may lie inside a step, and inside a
/// tenth of it ten times less often. A wrong derivative agrees with none.
const STEPS: [f64; 3] = [1e-6, 1e-7, 1e-8];
/// The quotient's own error is about 1e-8 for the first step and 1e-6 for the last.
const TOLERANCE: f64 = 1e-4;
/// A gradient this small is compared absolutely.
const SMALL: f64 = 1e-3;
/// Larger models take too long in f64, one node at a time.
const MOST_WORK: usize = 200_000_000;
const TOO_LARGE: &str = "the model is too large to be checked in f64";

/// Losses that are averaged to test closed forms.
const DRAWS: usize = 400;
/// Means may differ by this many standard errors.
const ERRORS: f64 = 5.0;

/// What came out for a phase.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// They agree.
    Agrees,
    /// They do not: measured, derived.
    Differs(f64, f64),
    /// They cannot be compared.
    Skipped(String),
    /// The phase is too large to be compiled at all.
    Refused(compile::TooLarge),
}

fn skipped(why: &str) -> Outcome {
    Outcome::Skipped(why.into())
}

/// Checks the gradients of every train phase.
pub fn gradients(mut model: Model, facts: &Facts) -> Vec<(String, Outcome)> {
    shrink(&mut model);
    let Some(program) = translated(&model, facts) else { return Vec::new() };
    let initial = initial(&program);
    let train = program.phases.iter().filter(|phase| phase.kind == PhaseKind::Train);
    let outcome = |phase: &Phase| match &initial {
        Ok(initial) => check(&model, &phase.graph, initial),
        Err(why) => skipped(why),
    };
    train.map(|phase| (phase.name.clone(), outcome(phase))).collect()
}

/// The graphs of a model; whoever asks has said already why there are none.
fn translated(model: &Model, facts: &Facts) -> Option<Program> {
    if model.budget.over().is_some() {
        return None;
    }
    translate::translate_within(model, facts, &mut Budget::default()).ok()
}

/// Compares the goal of every train phase with divergences in closed form to the same goal with
/// divergences averaged over draws. Empty if there is no closed form.
pub fn closed_forms(model: &Model) -> Vec<(String, Outcome)> {
    let mut sampled = model.clone();
    let mut any = false;
    for expr in &mut sampled.exprs {
        if let ExprKind::Kl { closed, .. } | ExprKind::Elbo { closed, .. } = &mut expr.kind {
            for (_, form) in closed {
                any |= form.take().is_some();
            }
        }
    }
    if !any {
        return Vec::new();
    }
    let goals = |model: Model| -> Vec<(String, Graph, Model)> {
        let (Derived { mut model, facts, .. }, _) = objective::derive(model);
        shrink(&mut model);
        let phases = translated(&model, &facts).into_iter().flat_map(|program| program.phases);
        let train = phases.filter(|phase| phase.kind == PhaseKind::Train);
        train.map(|phase| (phase.name, phase.graph, model.clone())).collect()
    };
    let (Derived { model: pure, facts, .. }, _) = objective::derive(model.clone());
    let Some(program) = translated(&pure, &facts) else { return Vec::new() };
    let initial = match initial(&program) {
        Ok(initial) => initial,
        Err(why) => {
            let train = program.phases.into_iter().filter(|phase| phase.kind == PhaseKind::Train);
            return train.map(|phase| (phase.name, skipped(&why))).collect();
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

fn compare(model: &Model, closed: &Graph, sampled: &Graph, initial: &[(String, Value)]) -> Outcome {
    let only_goal = |graph: &Graph| {
        let mut graph = graph.clone();
        graph.outputs.retain(|(name, _)| name == "track:loss");
        compile::optimized(&graph)
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

/// Batches of a few rows, unless the model's shapes depend on the number of rows.
fn shrink(model: &mut Model) {
    if model.exprs.iter().any(|e| matches!(e.kind, ExprKind::Batch { .. })) {
        return;
    }
    for phase in &mut model.phases {
        phase.batch = phase.batch.min(ROWS);
    }
}

/// Initial values of weights and states; they hold no derivatives.
fn initial(program: &Program) -> Result<Vec<(String, Value)>, String> {
    let graph = optimize::after(&optimize::before(&program.init));
    affordable(&graph)?;
    if work(&graph) > MOST_WORK {
        return Err(TOO_LARGE.into());
    }
    Ok(reference::run(&graph, &scalars()))
}

/// Whether a graph may be run here. The interpreter keeps the value of every node: what it takes is
/// known before anything is made.
fn affordable(graph: &Graph) -> Result<(), String> {
    let (needed, most) = (reference::bytes(graph), budget::COMPARED.most);
    let mega = |bytes: usize| bytes as f64 / 1e6;
    if needed <= most {
        return Ok(());
    }
    let why = "the model is too large to be compared in f64";
    Err(format!("{why}: {:.0} MB, the limit is {:.0} MB", mega(needed), mega(most)))
}

fn scalars() -> BTreeMap<String, Value> {
    let scalar = |x: f64| Value::from_elem(IxDyn(&[]), x);
    let values = [(SEED, 1.0), (STEP, 0.0), (TOTAL, 100.0)];
    values.into_iter().map(|(name, x)| (name.to_string(), scalar(x))).collect()
}

fn check(model: &Model, graph: &Graph, initial: &[(String, Value)]) -> Outcome {
    let Some((goal, slopes)) = goal(graph) else { return skipped("it takes no gradient") };
    let mut asked = graph.clone();
    asked.outputs = vec![("goal".into(), goal)];
    asked.outputs.extend(slopes.iter().map(|(path, id)| (path.clone(), *id)));
    let asked = match compile::optimized(&asked) {
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
        let quotient = |step: f64| (moved(step) - moved(-step)) / (2.0 * step);
        let close =
            |measured: f64| (measured - expected).abs() / expected.abs().max(SMALL) <= TOLERANCE;
        if !STEPS.into_iter().any(|step| close(quotient(step))) {
            // Digits that a difference of two large values has lost.
            let lost = 8.0 * f64::EPSILON * derived[0].1.sum().abs() / STEPS[0];
            if (quotient(STEPS[0]) - expected).abs() <= lost {
                return skipped("the loss is too large for its gradient to be measured");
            }
            if stops_in_loop(graph, goal) {
                return skipped("a `stop` in a loop cannot be held while the weights are moved");
            }
            return Outcome::Differs(quotient(STEPS[0]), expected);
        }
    }
    Outcome::Agrees
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

/// The graph with what `stop` holds as inputs, and these inputs beside the given ones: differences
/// of it are what the derivative is of.
pub fn hold_stops(
    graph: &Graph,
    mut feed: BTreeMap<String, Value>,
) -> (Graph, BTreeMap<String, Value>) {
    let stops = || graph.ids().filter(|id| graph.node(*id).op == &control::STOP);
    let mut asked = graph.clone();
    asked.outputs = stops().map(|id| (format!("held/{}", id.0), id)).collect();
    feed.extend(reference::run(&autodiff::expand(&asked), &feed));
    let mut held = Graph::new();
    let mut places: Vec<NodeId> = Vec::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let args = node.args.iter().map(|a| places[a.0 as usize]).collect();
        places.push(if node.op == &control::STOP {
            held.input(format!("held/{}", id.0), InputRole::Other, node.ty.clone())
        } else {
            held.push(node.op, args, node.attrs.clone())
        });
    }
    for (name, id) in &graph.outputs {
        held.output(name.clone(), places[id.0 as usize]);
    }
    (held, feed)
}

/// Whether a graph, or a loop in it, has a `stop`.
fn has_stop(graph: &Graph) -> bool {
    graph.ids().map(|id| graph.node(id)).any(|node| {
        node.op == &control::STOP
            || matches!(&node.attrs, Attrs::Scan(scan) if has_stop(&scan.body))
    })
}

/// Whether a loop that a node is computed from has a `stop` in its body.
fn stops_in_loop(graph: &Graph, root: NodeId) -> bool {
    let mut seen = vec![false; graph.len()];
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            continue;
        }
        let node = graph.node(id);
        if matches!(&node.attrs, Attrs::Scan(scan) if has_stop(&scan.body)) {
            return true;
        }
        todo.extend(&node.args);
    }
    false
}

/// Operations of a graph, roughly: one per element, and of products one per term.
fn work(graph: &Graph) -> usize {
    let len = |id: NodeId| graph.ty(id).len().max(1);
    let each = |id: NodeId| {
        let node = graph.node(id);
        if let Attrs::Scan(scan) = &node.attrs {
            return work(&scan.body).saturating_mul(scan.length);
        }
        match (node.op.kind, &node.args[..]) {
            // (m k) (k n) (m n) is the square of m k n.
            (Kind::Contract, [a, b]) => {
                (len(*a) as f64 * len(*b) as f64 * len(id) as f64).sqrt() as usize
            }
            _ => len(id),
        }
    };
    graph.ids().map(each).fold(0, usize::saturating_add)
}

/// Values for every input: weights near their initial values, data from its declared type.
fn feed(
    model: &Model,
    graph: &Graph,
    initial: &[(String, Value)],
    dice: &mut Dice,
) -> BTreeMap<String, Value> {
    let mut feed = scalars();
    for id in graph.ids() {
        let Attrs::Input { name, role, ty } = &graph.node(id).attrs else { continue };
        let start = |kind: &str| {
            let output = format!("{kind}:{name}");
            initial.iter().find(|(n, _)| *n == output).map(|(_, value)| value.clone())
        };
        let value = match role {
            // Off the initial value, since zeros may sit on a kink.
            InputRole::Param => start("param").map(|v| v.mapv(|x| x + 0.05 * dice.normal())),
            InputRole::State => start("state"),
            role if role.is_data() => Some(made_up(model, name, ty, dice)),
            _ => None,
        };
        if let Some(value) = value {
            feed.insert(name.clone(), value);
        }
    }
    feed
}

/// Data of the declared type.
fn made_up(model: &Model, input: &str, ty: &Ty, dice: &mut Dice) -> Value {
    let name = input.split('#').next().unwrap_or(input);
    let field = model.fields.iter().find(|f| format!("{}.{}", f.data, f.name) == name);
    let support = field.map_or(Support::Real, |field| field.ty.support);
    let mut draw = || match support {
        Support::Interval(low, high) => low + (high - low) * dice.uniform(),
        Support::Bit | Support::Bool => f64::from(u8::from(dice.uniform() < 0.5)),
        Support::Index(n) => f64::from(dice.below(n.clamp(1, 1 << 30) as u32)),
        Support::Positive => dice.normal().exp(),
        Support::Integer => f64::from(dice.below(10)),
        Support::Real if ty.dtype == DType::I32 => f64::from(dice.below(10)),
        Support::Real => dice.normal(),
    };
    let values = (0..ty.len()).map(|_| draw()).collect();
    match Value::from_shape_vec(IxDyn(&ty.shape), values) {
        Ok(value) => value,
        Err(why) => panic!("made-up data for `{input}`: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SourceMap;
    use crate::model::{Files, Settings, add_prelude, elaborate};
    use crate::syntax;

    const TEXT: &str = "dim D = 3, Z = 2
data d from uniform(100, 3) { x: f32[D] }
encoder features(x: f32[D]) -> f32[4] = x |> Linear(4) |> tanh
bottleneck q(z | x: f32[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp(h |> Linear(Z)))
}
prior p(z) { z: f32[Z] ~ Normal(0, 2) }
decoder p(x | z: f32[Z]) { x: f32[D] ~ Normal(z |> Linear(D), 1) }
loss a = -E[z ~ q(z | x)](log p(x | z)) + KL(q(z | x) || p(z))
train fit on d.train batch 8 steps 10 { minimize a over (features, q, p) with sgd(lr = 0.1) }
";

    fn model(text: &str) -> Model {
        let mut sources = SourceMap::default();
        let entry = sources.add("m.rl", text);
        let (tree, found) = syntax::parse(entry, text);
        assert!(!found.has_errors(), "{:?}", found.list);
        let mut files = Files::default();
        files.trees.insert(entry, tree);
        add_prelude(&mut files, &mut sources);
        let (model, found) = elaborate(entry, &files, &sources, &Settings::default());
        assert!(!found.has_errors(), "{:?}", found.list);
        model
    }

    #[test]
    fn a_right_model_agrees() {
        let model = model(TEXT);
        let agrees = |found: Vec<(String, Outcome)>| {
            assert!(matches!(&found[..], [(_, Outcome::Agrees)]), "{found:?}");
            assert_eq!(found[0].0, "fit");
        };
        agrees(closed_forms(&model));
        let derived = objective::derive(model).0;
        agrees(gradients(derived.model, &derived.facts));
    }

    #[test]
    fn a_wrong_closed_form_is_found() {
        let mut model = model(TEXT);
        // The closed form of another variable's divergence: half of it.
        let halves: Vec<_> = model
            .exprs
            .iter()
            .filter_map(|e| match &e.kind {
                ExprKind::Kl { closed, .. } => closed[0].1,
                _ => None,
            })
            .collect();
        let (whole, span) = (halves[0], model.expr(halves[0]).span);
        let ty = model.ty(whole).clone();
        let add = crate::graph::op::find("add").unwrap();
        let args = vec![whole, whole];
        let twice = model.push(ExprKind::Op { op: add, attrs: Attrs::None, args }, ty, span);
        for expr in &mut model.exprs {
            if let ExprKind::Kl { closed, .. } = &mut expr.kind {
                closed[0].1 = Some(twice);
            }
        }
        let found = closed_forms(&model);
        assert!(matches!(found[0].1, Outcome::Differs(..)), "{found:?}");
    }

    #[test]
    fn jumps_and_stops() {
        let with = |loss: &str| {
            let text = format!(
                "data d from uniform(100, 3) {{ x: f32[3] }}\nparam w: f32[3] = normal(0, 1)\n\
                 loss a = {loss}\n\
                 train fit on d.train batch 8 steps 10 {{ minimize a over w with sgd(lr = 0.1) }}\n"
            );
            let derived = objective::derive(model(&text)).0;
            gradients(derived.model, &derived.facts).remove(0).1
        };
        assert!(matches!(with("sum((x * w)^2)"), Outcome::Agrees));
        let stopped = with("sum(stop(w) * w * x)");
        assert!(matches!(stopped, Outcome::Agrees), "{stopped:?}");
        assert!(matches!(with("sum(stop(w * x)^2 * w)"), Outcome::Agrees));
        // It jumps within every step; its derivative is 0.
        let stairs = with("sum(floor(1e9 * w * x))");
        assert!(matches!(stairs, Outcome::Differs(_, 0.0)), "{stairs:?}");
    }
}
