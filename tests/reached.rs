//! Where weights and instances are first reached changes neither their shapes nor their paths, initial
//! values and noise: random programs that use a net at some places before a phase uses it plainly,
//! beside the program that uses it plainly only. Equal to the last bit: nothing may differ.

mod common;
#[path = "reached/order.rs"]
mod order;

use common::Value;
use rlc::autodiff;
use rlc::backend::reference;
use rlc::graph::InputRole;
use rlc::translate::program::{Program, SEED};
use std::collections::BTreeMap;

/// Nets from four to three numbers.
const BODIES: &[&str] = &[
    "x |> Linear(3)",
    "x |> Linear(5) |> tanh |> Linear(3)",
    "x |> LayerNorm() |> Linear(3)",
    "x |> Linear(3) |> BatchNorm()",
    "x |> chain(i in 0..3) { Linear(4) } |> Linear(3)",
    "{ let y = reshape(x, 1, 4) |> Conv1d(3, 2) return reshape(y, -1)[0:3] }",
    "{ param W: f32[4, 3] = glorot() state s: f32[3] = normal(0, 1) return x @ W + s }",
    "x |> Scaled(2) |> Linear(3) |> dropout(0.5)",
    "last(scan(h = zeros(3), t in 0..2) { return concat(h, x) |> Linear(3) |> tanh })",
    "sum(map((t) => x * t |> Linear(3), iota(2)), over = 0)",
    "x + normal_noise(x) |> Linear(3)",
    "(reshape(x, 2, 2) |> TransformerBlock(1, wide = 1) |> LSTM(3))[1]",
    "reshape(x, 2, 2) |> GRU(3) |> last",
];

/// Numbers that use it.
const PLACES: &[&str] = &[
    "sum(f(x))",
    "sum(map(f, reshape(concat(x, x), 2, 4)))",
    "sum(map((t) => sum(f(x * t)), iota(3)))",
    "sum(map((t) => map((u) => sum(f(x * t + u)), iota(2)), iota(3)))",
    "sum(last(scan(h = x, t in 0..2) { return longer(h) }))",
    "sum(x |> chain(i in 0..2) { longer })",
    "E[z ~ r(z), samples = 3](sum(f(z)))",
    "E[z ~ q(z | x)](sum(f(z)))",
    "sum(jacobian(f, at = x)^2)",
    "sum(grad((t) => sum(f(t)), at = x)^2)",
    "sum(mean(batch(f(x)), over = 0))",
    "mean(map((r) => sum(f(r)), batch(x)))",
    "-log p(y | x)",
    "KL(q(z | x) || r(z))",
    "if B > 2 then sum(f(x)) else sum(f(2 * x))",
    "if B < 2 then sum(f(x)) else sum(f(2 * x)) + 1",
    "where(x[0] > 0, sum(f(x)), 0)",
    "called(x)",
    "outer(x)",
    "sum(stop(f(x)))",
];

/// How the net is declared, given its body: the file that holds it, and what a program writes.
const KINDS: &[(&str, &str)] = &[
    ("", "net f(x: f32[4]) -> f32[3] = BODY"),
    ("", "module M()(x: f32[4]) -> f32[3] = BODY\nconst f = M()"),
    ("net g(x: f32[4]) -> f32[3] = BODY", "use \"m.rl\" as m\nfn f(x: f32[4]) -> f32[3] = m.g(x)"),
    (
        "dim H = 7\nnet g(x: f32[4]) -> f32[3] = BODY\nnet unused(x: f32[H]) -> f32[3] = x |> Linear(3)",
        "use \"m.rl\" as m\nconst i = m(H = 5)\nfn f(x: f32[4]) -> f32[3] = i.g(x) + 0 * sum(i.unused(zeros(5)))",
    ),
];

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

/// `first`: where the net is reached before the train phase reaches it plainly.
fn program(kind: usize, body: &str, first: &[&str]) -> (String, Program) {
    let scaled = "module Scaled(n: int)(x: f32[d]) -> f32[d] {\n  param a: f32[d] = normal(0, 1)\n  return n * a * x\n}\n";
    let braces = body.starts_with('{');
    let (file, here) = KINDS[kind];
    let with = |text: &str| {
        let text = if braces { text.replace("= BODY", "BODY") } else { text.to_string() };
        text.replace("BODY", body)
    };
    let looks: Vec<String> =
        first.iter().enumerate().map(|(i, place)| format!("{place} as v{i}")).collect();
    let phase = match looks.is_empty() {
        true => String::new(),
        false => format!("eval look on d.test batch 4 {{ report {} }}\n", looks.join(",\n  ")),
    };
    let text = format!(
        "data d from uniform(40, 7) {{ x: f32[4], y: f32[3] }}
{scaled}{}
fn longer(h: f32[4]) -> f32[4] = concat(f(h), h[0:1])
fn called(h: f32[4]) -> f32 = sum(f(h)) * 2
net outer(h: f32[4]) -> f32 = f(h) |> Linear(1) |> squeeze
prior r(z) {{ z: f32[4] ~ Normal(0, 1) }}
bottleneck q(z | x: f32[4]) {{ z: f32[4] ~ Normal(longer(x), 1) }}
decoder p(y | x: f32[4]) {{ y: f32[3] ~ Normal(f(x), 1) }}
{phase}param w: f32 = ones()
train t on d.train batch 4 steps 1 {{
  minimize w * sum(f(x)) over w with sgd(lr = 0.1)
}}
",
        with(here)
    );
    let file = format!("{scaled}{}\n", with(file));
    let program = common::program_of("reached.rl", &text, &[("m.rl", &file)]);
    (text, program)
}

/// Every slot with its first value, and the outputs of the train phase.
fn values(program: &Program) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let scalar = |x: f64| Value::from_elem(ndarray::IxDyn(&[]), x);
    let feed = BTreeMap::from([(SEED.to_string(), scalar(3.0))]);
    let first: BTreeMap<String, Value> = reference::run(&program.init, &feed).into_iter().collect();
    let phase = program.phases.iter().find(|phase| phase.name == "t").unwrap();
    let graph = autodiff::expand(&phase.graph);
    let mut feed = BTreeMap::new();
    for (name, role, ty) in common::inputs(&graph) {
        let counted = |n: usize| (0..n).map(|i| (i as f64 * 0.7).sin()).collect::<Vec<f64>>();
        let value = match role {
            InputRole::Param => first[&format!("param:{name}")].clone(),
            InputRole::State => first[&format!("state:{name}")].clone(),
            InputRole::Seed => scalar(3.0),
            role if role.is_data() => {
                Value::from_shape_vec(ndarray::IxDyn(&ty.shape), counted(ty.len())).unwrap()
            }
            _ => common::zeros(&ty),
        };
        feed.insert(name, value);
    }
    (first, reference::run(&graph, &feed).into_iter().collect())
}

fn check(seed: u64) {
    let mut dice = Dice(seed);
    let (kind, body) = (dice.below(KINDS.len()), BODIES[dice.below(BODIES.len())]);
    let places: Vec<&str> =
        (0..1 + dice.below(3)).map(|_| PLACES[dice.below(PLACES.len())]).collect();
    let (_, plain) = program(kind, body, &[]);
    let (text, reached) = program(kind, body, &places);
    let ((slots, outputs), (other_slots, other_outputs)) = (values(&plain), values(&reached));
    assert!(slots.len() >= 2, "{slots:?}");
    for (name, value) in &slots {
        let other = other_slots.get(name);
        assert_eq!(Some(value), other, "seed {seed}: first value of {name}\n{text}");
    }
    for (name, value) in &outputs {
        assert_eq!(Some(value), other_outputs.get(name), "seed {seed}: {name}\n{text}");
    }
    let own = |name: &&String| !slots.contains_key(*name) && !name.contains("outer");
    let more: Vec<&String> = other_slots.keys().filter(own).collect();
    assert!(more.is_empty(), "seed {seed}: weights {more:?}\n{text}");
}

#[test]
fn weights_do_not_depend_on_where_they_are_reached() {
    (0..300).for_each(check);
}

#[test]
fn weights_do_not_depend_on_where_they_are_reached_either() {
    (300..600).for_each(check);
}
