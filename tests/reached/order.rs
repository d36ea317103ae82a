//! Of several calls of a layer in one statement, the last in the text keeps its values: random
//! statements of nets, functions, losses, lambdas, records and densities, each call with a value of its
//! own, beside a reader of the text that writes down what each call is given.

use super::Dice;
use super::common::{self, Value};
use rlc::autodiff;
use rlc::backend::reference;
use rlc::graph::InputRole;
use std::collections::BTreeMap;

/// `a * s + b`: everything that layers are given.
type Line = (f64, f64);

/// What the states of `f` and `g` become.
type Seen = BTreeMap<&'static str, Line>;

const HEAD: &str = "data d from uniform(4, 2) { s: f32, y: f32 }
module Last()(z: f32) -> f32 { state m: f32 = zeros() m <- batch_mean(z) return 2 * z }
net f(z: f32) -> f32 = z |> Last()
net g(z: f32) -> f32 = z |> Last()
net later(z: f32) -> f32 = 3 * g(z) + f(5 * z)
model q(v | s: f32) { v: f32 ~ Normal(f(s), 1) }
model r(v | s: f32) { let a = g(s) v: f32 ~ Normal(f(a) + 0 * g(3 * s), 1) }
model o(v | s: f32) { v: f32 ~ Normal(mean(q(v | s = 3 * s)), 1) }
prior p(v) { v: f32 ~ Normal(f(7.0), 1) }
prior j(v) { v: f32 ~ Normal(g(4.0), 1) }
decoder j(y | v: f32) { y: f32 ~ Normal(v + f(9.0), 1) }
fn once(a: f32) -> f32 = f(a)
fn swapped(a: f32, b: f32) -> f32 { let late = f(b) let early = f(a) return late + early }
fn centre(a) = mean(a)
fn beside(a, b: f32) -> f32 = mean(a) + b
loss one = f(11 * s)
loss two = mean(q(v | s = 13 * s))
param w: f32 = ones()
";

fn times(n: f64, (a, b): Line) -> Line {
    (n * a, n * b)
}

fn plus(x: Line, y: Line) -> Line {
    (x.0 + y.0, x.1 + y.1)
}

/// Writes a statement and reads it at the same time.
struct Writer<'d> {
    dice: &'d mut Dice,
    seen: Seen,
    next: f64,
}

impl Writer<'_> {
    fn call(&mut self, net: &'static str, at: Line) -> Line {
        self.seen.insert(net, at);
        times(2.0, at)
    }

    /// What a density does with its condition, and its mean.
    fn density(&mut self, name: &str, at: Line) -> Line {
        match name {
            "q" => self.call("f", at),
            "o" => self.call("f", times(3.0, at)),
            _ => {
                let inner = self.call("g", at);
                let mean = self.call("f", inner);
                self.call("g", times(3.0, at));
                mean
            }
        }
    }

    /// A density with a condition: its text, and its mean.
    fn query(&mut self, deep: usize) -> (String, Line) {
        let name = ["q", "r", "o"][self.dice.below(3)];
        let (text, at) = self.value(deep);
        (format!("{name}(v | s = {text})"), self.density(name, at))
    }

    /// A number that no other place has.
    fn leaf(&mut self) -> (String, Line) {
        self.next += 1.0;
        (format!("{} * s", self.next), (self.next, 0.0))
    }

    /// An expression that is linear in `s`.
    fn value(&mut self, deep: usize) -> (String, Line) {
        if deep == 0 {
            return self.leaf();
        }
        let deep = deep - 1;
        match self.dice.below(14) {
            0 => self.leaf(),
            1 | 2 => {
                let net = ["f", "g"][self.dice.below(2)];
                let (text, at) = self.value(deep);
                (format!("{net}({text})"), self.call(net, at))
            }
            3 => {
                let (text, at) = self.value(deep);
                let (inner, outer) = (self.call("g", at), self.call("f", times(5.0, at)));
                (format!("later({text})"), plus(times(3.0, inner), outer))
            }
            4 => {
                let (text, at) = self.value(deep);
                (format!("once({text})"), self.call("f", at))
            }
            5 => {
                let ((x, a), (y, b)) = (self.value(deep), self.value(deep));
                let late = self.call("f", b);
                (format!("swapped({x}, {y})"), plus(late, self.call("f", a)))
            }
            6 => ("one".into(), self.call("f", (11.0, 0.0))),
            7 => ("two".into(), self.call("f", (13.0, 0.0))),
            8 => {
                let (text, at) = self.value(deep);
                (format!("((u) => g(u))({text})"), self.call("g", at))
            }
            9 => {
                let ((x, _), (y, b)) = (self.value(deep), self.value(deep));
                (format!("((t) => 0 * t.a + t.b)((a = {x}, b = {y}))"), b)
            }
            10 => {
                let (text, mean) = self.query(deep);
                (format!("centre({text})"), mean)
            }
            11 => {
                let ((x, a), (y, b)) = (self.query(deep), self.value(deep));
                (format!("beside({x}, {y})"), plus(a, b))
            }
            12 => {
                let (text, mean) = self.query(deep);
                (format!("mean({text})"), mean)
            }
            _ => {
                let ((x, _), (y, b)) = (self.query(deep), self.value(deep));
                (format!("E[v ~ {x}](0 * v + {y})"), b)
            }
        }
    }

    /// A term that calls layers; its value is of no interest.
    fn term(&mut self, deep: usize) -> String {
        match self.dice.below(6) {
            0 => {
                let left = if self.dice.below(3) == 0 { self.bare() } else { self.query(deep).0 };
                format!("KL({left} || {})", self.side(deep))
            }
            1 => {
                // What is scored stands before the condition.
                let (value, _) = self.value(deep);
                let name = ["q", "r", "o"][self.dice.below(3)];
                let (text, at) = self.value(deep);
                self.density(name, at);
                format!("log {name}(v = {value} | s = {text})")
            }
            2 => {
                self.call("g", (0.0, 4.0));
                self.call("f", (0.0, 9.0));
                format!("elbo(j, {})", self.query(deep).0)
            }
            3 => {
                let (x, (y, _)) = (self.side(deep), self.value(deep));
                format!("E[v ~ {x}](v * {y})")
            }
            _ => self.value(deep).0,
        }
    }

    fn bare(&mut self) -> String {
        self.call("f", (0.0, 7.0));
        "p".into()
    }

    fn side(&mut self, deep: usize) -> String {
        match self.dice.below(4) {
            0 => self.bare(),
            1 => format!("Normal({}, 1)", self.value(deep).0),
            _ => self.query(deep).0,
        }
    }
}

/// So many statements, each in a phase of its own, with what their layers keep.
fn statements(seed: u64, count: usize) -> (String, Vec<(String, Seen)>) {
    let mut dice = Dice(seed);
    let mut text = HEAD.to_string();
    let mut all = Vec::new();
    for i in 0..count {
        let mut writer = Writer { dice: &mut dice, seen: Seen::new(), next: 13.0 };
        let terms: Vec<String> = (0..1 + i % 3).map(|_| writer.term(2)).collect();
        let (goal, seen) = (terms.join(" + "), writer.seen);
        text += &format!(
            "train t{i} on d.train batch 3 steps 1 {{\n  minimize w * ({goal}) over w with sgd(lr = 0)\n}}\n"
        );
        all.push((goal, seen));
    }
    (text, all)
}

fn check(seed: u64) {
    let (text, all) = statements(seed, 30);
    let program = common::program_of("order.rl", &text, &[]);
    let rows = [0.5, 0.25, 1.5];
    let mean = rows.iter().sum::<f64>() / 3.0;
    for (i, (goal, seen)) in all.iter().enumerate() {
        let phase = program.phases.iter().find(|phase| phase.name == format!("t{i}")).unwrap();
        let graph = autodiff::expand(&phase.graph);
        let mut feed = BTreeMap::new();
        for (name, role, ty) in common::inputs(&graph) {
            let shape = ndarray::IxDyn(&ty.shape);
            let value = match role {
                role if role.is_data() => Value::from_shape_vec(shape, rows.to_vec()).unwrap(),
                InputRole::Param => Value::ones(shape),
                _ => common::zeros(&ty),
            };
            feed.insert(name, value);
        }
        let outputs: BTreeMap<String, Value> = reference::run(&graph, &feed).into_iter().collect();
        for net in ["f", "g"] {
            let found = outputs.get(&format!("state:{net}.Last_0.m"));
            let found = found.map(|value| *value.iter().next().unwrap());
            let wanted = seen.get(net).map(|(a, b)| a * mean + b);
            let close = |(x, y): (f64, f64)| (x - y).abs() <= 1e-9 * y.abs();
            let fits = found.is_some() == wanted.is_some() && found.zip(wanted).is_none_or(close);
            assert!(fits, "seed {seed}: {net} keeps {found:?}, not {wanted:?}: {goal}");
        }
    }
}

#[test]
fn the_last_call_in_the_text_counts() {
    (0..8).for_each(check);
}
