//! The batch axis means one thing: an expression has one value wherever it is named, whatever the
//! number of rows, and it is what its definition gives on the whole batch. Random programs, in f64.
//! Tolerance 1e-9 of the value or of 1: sums of some hundred terms in two orders.

mod common;
#[path = "rows/mod.rs"]
mod expressions;

use expressions::{Array, Batch, Gen, Val};
use ndarray::{Axis, IxDyn};
use rlc::autodiff;
use rlc::backend::reference;
use rlc::graph::InputRole;
use rlc::model::Settings;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-9;
/// Rows of the full batch, and of short last ones.
const FULL: usize = 7;
const SIZES: [usize; 4] = [1, 2, 3, FULL];

/// Every place where the expression can be named, with the phase that looks there.
fn program(text: &str) -> String {
    format!(
        "data d from csv(\"d.csv\") {{ x: f32[3], s: f32, k: idx(4) }}
param w: f32[3, 2] = normal()
fn f(x: f32[3]) -> f32[2] = x @ w
fn sized(a: f32[B, 3]) -> f32 = sum(a) / B
fn called(x: f32[3], s: f32, k: idx(4)) -> f32 = {text}
net owned(x: f32[3], s: f32, k: idx(4)) -> f32 = {text}
prior p(z) {{ z: f32[2] ~ Normal(0, 1) }}
model scored(x | s: f32, k: idx(4)) {{ x: f32[3] ~ Normal(0, 1) }}
loss named = {text}
loss twice = named + owned(x, s, k) - called(x, s, k)
eval e on d.test batch {FULL} {{
  let bound = {text}
  report {text} as direct, named, twice, bound,
    called(x, s, k) as call, owned(x, s, k) as owner,
    E[z ~ p(z), samples = 2]({text} + 0 * z[0]) as expected,
    mean(map((i) => {text} + 0 * i, iota(2))) as mapped,
    last(scan(h = 0.0, t in 0..2) {{ return {text} + 0 * h }}) as looped
}}
train t on d.train batch {FULL} steps 1 {{
  minimize named over w with sgd(lr = 0.1)
  track named as tracked
}}
"
    )
}

fn batch(dice: &mut Gen, rows: usize) -> Batch {
    let mut fill =
        |shape: &[usize]| Array::from_shape_fn(IxDyn(shape), |_| 2.0 * dice.unit() - 1.0);
    let (x, s, w) = (fill(&[rows, 3]), fill(&[rows]), fill(&[3, 2]));
    let k = Array::from_shape_fn(IxDyn(&[rows]), |_| dice.below(4) as f64);
    Batch { x, s, k, w }
}

/// The outputs of both phases for a number of rows.
fn outputs(text: &str, batch: &Batch) -> BTreeMap<String, Array> {
    let rows = batch.s.len();
    let mut settings = Settings::default();
    for phase in ["e", "t"] {
        settings.batches.insert(phase.into(), rows);
    }
    let program = common::program_with("rows.rl", text, &settings);
    let mut found = BTreeMap::new();
    for phase in &program.phases {
        let graph = autodiff::expand(&phase.graph);
        let mut feed: BTreeMap<String, Array> = BTreeMap::new();
        for (name, role, ty) in common::inputs(&graph) {
            let value = match (role, name.as_str()) {
                (_, "d.x") => batch.x.clone(),
                (_, "d.s") => batch.s.clone(),
                (_, "d.k") => batch.k.clone(),
                (InputRole::Param, _) => batch.w.clone(),
                _ => common::zeros(&ty),
            };
            feed.insert(name, value);
        }
        found.extend(reference::run(&graph, &feed));
    }
    found
}

/// The value of each row.
fn rows_of(value: &Array, rows: usize) -> Vec<f64> {
    match value.len() {
        1 if value.ndim() == 0 => vec![value.sum(); rows],
        _ => value.iter().copied().collect(),
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * b.abs().max(1.0)
}

fn check(seed: u64) {
    let mut dice = Gen::new(seed, true);
    let depth = 2 + dice.below(3);
    let expr = dice.of(&[], depth);
    let text = program(&expr.text);
    for rows in SIZES {
        let batch = batch(&mut dice, rows);
        let Val { varies, of } = (expr.value)(&batch);
        let right = rows_of(&of, rows);
        assert!(varies || of.ndim() == 0);
        let mean = right.iter().sum::<f64>() / rows as f64;
        let found = outputs(&text, &batch);
        let mut looked = 0;
        for (name, value) in &found {
            if let Some(name) = name.strip_prefix("report:") {
                looked += 1;
                for (i, (a, b)) in rows_of(value, rows).iter().zip(&right).enumerate() {
                    let fine = near(*a, *b);
                    assert!(
                        fine,
                        "seed {seed}, {rows} rows: {name} of row {i} is {a}, not {b}\n{text}"
                    );
                }
            } else if name.starts_with("track:") {
                looked += 1;
                let a = value.sum();
                assert!(
                    near(a, mean),
                    "seed {seed}, {rows} rows: {name} is {a}, not {mean}\n{text}"
                );
            }
        }
        assert_eq!(looked, 11, "every place was looked at");
    }
}

#[test]
fn one_value_wherever_it_is_named() {
    (0..500).for_each(check);
}

#[test]
fn one_value_wherever_it_is_named_too() {
    (500..1000).for_each(check);
}

/// What mixes no rows does not notice their order.
#[test]
fn rows_may_be_reordered() {
    for seed in 0..300 {
        let mut dice = Gen::new(seed, false);
        let depth = 1 + dice.below(4);
        let expr = dice.of(&[], depth);
        let text = program(&expr.text);
        let one = batch(&mut dice, FULL);
        let order: Vec<usize> = (0..FULL).map(|i| (3 * i + 2) % FULL).collect();
        let other = Batch {
            x: one.x.select(Axis(0), &order),
            s: one.s.select(Axis(0), &order),
            k: one.k.select(Axis(0), &order),
            w: one.w.clone(),
        };
        let (a, b) = (outputs(&text, &one), outputs(&text, &other));
        for (name, value) in a.iter().filter(|(name, _)| name.starts_with("report:")) {
            let (from, to) = (rows_of(value, FULL), rows_of(&b[name], FULL));
            for (at, i) in order.iter().enumerate() {
                assert_eq!(from[*i], to[at], "seed {seed}: {name}\n{text}");
            }
        }
    }
}
