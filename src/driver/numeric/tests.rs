//! Numeric tests on small models.

use super::*;
use crate::driver::{self, Asked, Log, Trees};
use crate::model::ir::{Model, Symbolic, Type};
use crate::objective;

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
    let mut log = Log::default();
    let made = Trees::of("m.rl", text, &[], &mut log)
        .and_then(|mut trees| driver::model(&mut trees, &Asked::default(), &mut log));
    made.unwrap_or_else(|_| panic!("{:?}", log.found.list))
}

#[test]
fn a_right_model_agrees() {
    let model = model(TEXT);
    let agrees = |found: Vec<(String, Outcome)>| {
        assert!(matches!(&found[..], [(_, Outcome::Agrees)]), "{found:?}");
        assert_eq!(found[0].0, "fit");
    };
    agrees(closed_forms(&model));
    let derived = objective::derive(model).unwrap();
    agrees(gradients(derived.pure, &derived.facts));
}

#[test]
fn inverses_are_compared_with_their_functions() {
    let text = "data d from moons(n = 100) { x: f32[2], y: idx(2) }
bijection right(u: f32[2], c: f32[2]) -> f32[2] {
  let (a, b) = halves(u)
  return join(a, b * exp(tanh(sum(a) + sum(c))))
}
bijection wrong(u: f32[2]) -> f32[2] = custom_inverse((a) => 2 * a, at = u,
  inverse = (b) => b / 2, log_det = (a) => log(3) + 0 * a)
model p(x | y: idx(2)) {
  u: f32[2] ~ Normal(0, 1)
  x: f32[2] = wrong(right(u, one_hot(y, 2)))
}
eval e on d.test batch 5 { report log p(x | y) }
";
    let found = inverses(&model(text));
    let of = |name: &str| &found.iter().find(|(of, _)| of == name).unwrap().1;
    assert!(matches!(of("right(u)"), Outcome::Agrees), "{found:?}");
    assert!(matches!(of("wrong(u)"), Outcome::Differs(..)), "{found:?}");
}

#[test]
fn conditionals_are_compared_with_their_potential() {
    let text = "data d from uniform(20, 3) { v: f32[3] }
model p(v: f32[3], k: idx(4), h: bit[2] | c: f32[2]) {
  param w: f32[3, 2] = normal(0, 1)
  param u: f32[4, 2] = normal(0, 1)
  factor -0.5 * sum((v - 1)^2) + dot(v @ w + u[k] + c, h)
}
eval e on d.test batch 2 { report free_energy(p, v = v, c = v[0:2]) as f }
";
    let mut model = model(text);
    let found = conditionals(&model);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["p(v | k, h, c)", "p(k | v, h, c)", "p(h | v, k, c)"]);
    assert!(found.iter().all(|(_, outcome)| matches!(outcome, Outcome::Agrees)), "{found:?}");
    // The log-density of another block.
    model.conditionals[2].derived = model.conditionals[0].potential;
    model.conditionals[2].potential = model.conditionals[1].params[0].1;
    let reshaped = model.conditionals[2].potential;
    let total = crate::graph::op::find("sum").unwrap();
    let ty = Type { shape: vec![], ..model.ty(reshaped).clone() };
    let span = model.expr(reshaped).span;
    let attrs = Attrs::Axes((0..model.ty(reshaped).shape.len()).collect());
    let kind = ExprKind::Op { op: total, attrs, args: vec![reshaped] };
    model.conditionals[2].potential = model.push(kind, ty, span);
    assert!(matches!(conditionals(&model)[2].1, Outcome::Differs(..)));
}

#[test]
fn a_wrong_closed_form_is_found() {
    let mut model = model(TEXT);
    // The closed form of another variable's divergence: half of it.
    let halves: Vec<_> = model
        .exprs
        .iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Symbolic(Symbolic::Kl { closed, .. }) => closed[0].1,
            _ => None,
        })
        .collect();
    let (whole, span) = (halves[0], model.expr(halves[0]).span);
    let ty = model.ty(whole).clone();
    let add = crate::graph::op::find("add").unwrap();
    let args = vec![whole, whole];
    let twice = model.push(ExprKind::Op { op: add, attrs: Attrs::None, args }, ty, span);
    for expr in &mut model.exprs {
        if let ExprKind::Symbolic(Symbolic::Kl { closed, .. }) = &mut expr.kind {
            closed[0].1 = Some(twice);
        }
    }
    let found = closed_forms(&model);
    assert!(matches!(found[0].1, Outcome::Differs(..)), "{found:?}");
}

/// A chain that draws bits one by one has many turns of small nodes: it is not averaged for seconds.
#[test]
fn loops_of_small_nodes_count() {
    let text = "data d from uniform(40, 64) { u: f32[64] in 0..1 }
model rbm(v: bit[64], h: bit[1]) {
  param w: f32[64, 1] = normal(0, 0.3)
  factor sum(tanh(v @ w)) - 0.1 * sum(h)
}
bottleneck q(z | u: f32[64]) { z: f32[1] ~ Normal(u |> Linear(1), 1) }
prior p(z) { z: f32[1] ~ Normal(0, 1) }
loss cd = free_energy(rbm, v = float(u > 0.5)) - E[n ~ gibbs(rbm, v = float(u > 0.5), steps = 3)](free_energy(rbm, v = n))
train fit on d.train batch 16 steps 3 {
  minimize cd + KL(q(z | u) || p(z)) over (rbm, q) with adam(lr = 0.01)
}
";
    let found = closed_forms(&model(text));
    assert!(matches!(found[0].1, Outcome::Skipped(_)), "{found:?}");
}

#[test]
fn jumps_and_stops() {
    let with = |loss: &str| {
        let text = format!(
            "data d from uniform(100, 3) {{ x: f32[3] }}\nparam w: f32[3] = normal(0, 1)\n\
                 loss a = {loss}\n\
                 train fit on d.train batch 8 steps 10 {{ minimize a over w with sgd(lr = 0.1) }}\n"
        );
        let derived = objective::derive(model(&text)).unwrap();
        gradients(derived.pure, &derived.facts).remove(0).1
    };
    assert!(matches!(with("sum((x * w)^2)"), Outcome::Agrees));
    let stopped = with("sum(stop(w) * w * x)");
    assert!(matches!(stopped, Outcome::Agrees), "{stopped:?}");
    assert!(matches!(with("sum(stop(w * x)^2 * w)"), Outcome::Agrees));
    // It jumps within every step; its derivative is 0.
    let stairs = with("sum(floor(1e9 * w * x))");
    assert!(matches!(stairs, Outcome::Differs(_, 0.0)), "{stairs:?}");
    // Steep, and so fast that digits of the angle are lost.
    let steep = with("cos(1e7 * sum(w * x))");
    assert!(matches!(steep, Outcome::Agrees), "{steep:?}");
    let lost = with("cos(1e16 * sum(w * x))");
    assert!(!matches!(lost, Outcome::Differs(..)), "{lost:?}");
    // One of two values that are equal but for rounding.
    let tie = with("sum(where(0.1 * w + 0.2 * w > 0.3 * w, w, -w))");
    assert!(matches!(tie, Outcome::Skipped(_)), "{tie:?}");
    // A wrong slope is no rounding: the stop is not held in what it is compared with.
    let large = with("1e9 * sum(floor(1e9 * w * x))");
    assert!(matches!(large, Outcome::Differs(_, 0.0)), "{large:?}");
}
