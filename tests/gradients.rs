//! Every model's gradient in random directions against central differences, in f64.
//! Tolerance 1e-5 relative: the difference quotient's own error at this step is about 1e-8, and few
//! draws put a kink of relu inside so short an interval.

mod common;

use common::*;
use rlc::driver::numeric;
use rlc::graph::{DType, Graph, InputRole, NoiseKind, Ty};
use rlc::model::ir::PhaseKind;
use rlc::translate::program::TOTAL;
use rlc::{autodiff, backend::reference};
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-5;
const STEP: f64 = 1e-7;

/// A small generator: the tests must not depend on a crate's stream.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
    fn fill(&mut self, ty: &Ty, mut f: impl FnMut(&mut Dice) -> f64) -> Value {
        let mut value = zeros(ty);
        value.iter_mut().for_each(|x| *x = f(self));
        value
    }
}

fn feed(graph: &Graph, dice: &mut Dice) -> BTreeMap<String, Value> {
    let kinds = noise_kinds(graph);
    let mut feed = BTreeMap::new();
    for (name, role, ty) in inputs(&noise_as_inputs(graph)) {
        let normal = kinds.get(&name) == Some(&NoiseKind::Normal);
        let value = match role {
            InputRole::Param => dice.fill(&ty, |d| 0.3 * d.normal()),
            role if role.is_data() && ty.dtype == DType::I32 => {
                dice.fill(&ty, |d| (d.unit() * 3.0).floor())
            }
            role if role.is_data() => dice.fill(&ty, |d| (d.unit() < 0.5) as u8 as f64),
            _ if normal => dice.fill(&ty, Dice::normal),
            _ if name.starts_with("noise/") => dice.fill(&ty, Dice::unit),
            _ if name == TOTAL => zeros(&ty) + 10.0,
            _ => zeros(&ty),
        };
        feed.insert(name, value);
    }
    feed
}

fn goal_at(
    graph: &Graph,
    feed: &BTreeMap<String, Value>,
    direction: &BTreeMap<String, Value>,
    t: f64,
) -> f64 {
    let mut moved = feed.clone();
    for (name, d) in direction {
        let old = moved[name].clone();
        moved.insert(name.clone(), old + d * t);
    }
    reference::run(graph, &moved)[0].1[[].as_slice()]
}

/// Settings that make a model small enough for the oracle.
fn small(name: &str) -> Vec<(&'static str, &'static str)> {
    match name {
        "autoencoder" => vec![("D", "9"), ("H1", "8"), ("H2", "7"), ("H3", "6"), ("Z", "2")],
        "contractive" => vec![("D", "9"), ("H", "6")],
        "mlp" => vec![("D", "9"), ("H", "8"), ("C", "3")],
        "vae" => vec![("D", "9"), ("H", "8"), ("Z", "2")],
        "cnn" | "conv_autoencoder" | "conv_vae" => vec![("F", "2")],
        "k_sparse" => vec![("S", "4"), ("H", "12"), ("k", "3"), ("kmax", "6")],
        "vq_vae" => vec![("D", "9"), ("H", "8"), ("N", "2"), ("M", "3"), ("K", "5")],
        "pixelcnn" => vec![("S", "4"), ("C", "4"), ("layers", "1"), ("first", "3")],
        "char_gpt" => vec![("T", "10"), ("D", "6"), ("layers", "1")],
        "lstm_lm" => vec![("T", "6"), ("D", "4"), ("H", "5")],
        "made" | "nade" => vec![("D", "9"), ("H", "12")],
        // Random weights make the slopes of many layers explode.
        "maf" => vec![("k", "2"), ("couplings", "2"), ("layers", "2")],
        _ => vec![],
    }
}

/// The goal of a phase with all of its derivatives, and the goal alone.
fn goal_and_slopes(graph: &Graph) -> Option<(Graph, Graph)> {
    let graph = noise_as_inputs(graph);
    let (goal, slopes) = numeric::goal(&graph)?;
    let (mut all, mut alone) = (graph.clone(), graph);
    all.outputs = vec![("goal".into(), goal)];
    alone.outputs = all.outputs.clone();
    all.outputs.extend(slopes);
    Some((autodiff::expand(&all), alone))
}

/// Tests run side by side: each takes every other model.
#[test]
fn gradients_of_every_other_model_agree_with_differences() {
    gradients_agree(0);
}

#[test]
fn gradients_of_the_other_models_agree_with_differences() {
    gradients_agree(1);
}

fn gradients_agree(half: usize) {
    let mut checked = 0;
    for name in model_names().into_iter().skip(half).step_by(2) {
        let program = file_program(&name, &small(&name));
        for phase in program.phases.iter().filter(|p| p.kind == PhaseKind::Train) {
            let Some((all, alone)) = goal_and_slopes(&phase.graph) else { continue };
            let mut dice = Dice(7);
            let feed = feed(&phase.graph, &mut dice);
            let slopes = reference::run(&all, &feed);
            let (held, feed) = numeric::hold_stops(&alone, feed);
            let held = autodiff::expand(&held);
            for round in 0..3 {
                let mut direction = BTreeMap::new();
                let mut expected = 0.0;
                for (path, slope) in &slopes[1..] {
                    let d = dice.fill(&Ty::f32(slope.shape().to_vec()), Dice::normal);
                    expected += (slope * &d).sum();
                    direction.insert(path.clone(), d);
                }
                let at = |t: f64| goal_at(&held, &feed, &direction, t);
                let measured = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                let off = (measured - expected).abs() / expected.abs().max(1e-2);
                assert!(expected != 0.0, "{name} {}: no derivative", phase.name);
                assert!(
                    off <= TOLERANCE,
                    "{name} direction {round}: {measured} by differences, {expected} derived"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 27, "{checked} directions");
}
