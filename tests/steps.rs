//! Random train phases against a small interpreter of statements. In: `let`s of numbers, records and
//! tuples, `minimize` by optimizers with moments, `<-`, `track`, `repeat` in `repeat`, layers that count
//! their calls. Out: weights, states, counts and tracked figures, held against what the statements say
//! one after the other:
//!
//! - a `let` is evaluated where it stands; what is minimized later depends on the weights as they were
//!   then, and on none that were changed since;
//! - each `minimize` has its own moments; its layers write once, before the weights move;
//! - `track` sees the beginning of the step, writes nothing, and in a loop is the mean over the turns.
//!
//! All expressions are linear, so values stay small and f32 is within 1e-4 of them.

#[path = "common/facts.rs"]
mod facts;
mod mutate;

use mutate::Random;
use std::collections::BTreeMap;
use std::fmt::Write;

const WEIGHTS: usize = 3;
const STATES: usize = 3;
const NETS: usize = 3;
const TOLERANCE: f64 = 1e-4;

#[derive(Clone)]
enum Atom {
    Weight(usize),
    State(usize),
    /// A part of a `let`, or all of it.
    Let(usize, Option<usize>),
    /// A call of a net that gives how often it was called, this call included.
    Net(usize),
}

type Sum = Vec<(f64, Atom)>;

#[derive(Clone, Copy)]
enum Rule {
    Sgd,
    Momentum,
    Adam,
}

enum Stmt {
    Let(usize, Sum),
    Record(usize, Vec<Sum>),
    Minimize { goal: Sum, over: Vec<usize>, rule: Rule, site: usize },
    Assign(usize, Sum),
    Track(usize, Sum),
    Repeat(usize, Vec<Stmt>),
}

/// Makes statements. Names count up.
struct Maker<'d> {
    dice: &'d mut Random,
    names: usize,
    sites: usize,
    tracks: usize,
}

impl Maker<'_> {
    fn sum(&mut self, known: &[(usize, usize)]) -> Sum {
        let terms = 1 + self.dice.below(3);
        (0..terms).map(|_| (self.number(), self.atom(known))).collect()
    }

    fn number(&mut self) -> f64 {
        [0.5, 1.0, -0.5, 0.25][self.dice.below(4)]
    }

    /// `known` holds the `let`s in sight, with their parts.
    fn atom(&mut self, known: &[(usize, usize)]) -> Atom {
        match self.dice.below(6) {
            0 => Atom::State(self.dice.below(STATES)),
            1 => Atom::Net(self.dice.below(NETS)),
            2 | 3 if !known.is_empty() => {
                let (name, parts) = known[self.dice.below(known.len())];
                Atom::Let(name, (parts > 0).then(|| self.dice.below(parts)))
            }
            _ => Atom::Weight(self.dice.below(WEIGHTS)),
        }
    }

    fn body(&mut self, depth: usize, known: &[(usize, usize)]) -> Vec<Stmt> {
        let mut known = known.to_vec();
        let mut list = Vec::new();
        for _ in 0..1 + self.dice.below(4) {
            list.push(match self.dice.below(8) {
                0 => {
                    let sum = self.sum(&known);
                    self.names += 1;
                    known.push((self.names, 0));
                    Stmt::Let(self.names, sum)
                }
                1 => {
                    let parts = 2 + self.dice.below(2);
                    let sums = (0..parts).map(|_| self.sum(&known)).collect();
                    self.names += 1;
                    known.push((self.names, parts));
                    Stmt::Record(self.names, sums)
                }
                2 => Stmt::Assign(self.dice.below(STATES), self.sum(&known)),
                3 => {
                    self.tracks += 1;
                    Stmt::Track(self.tracks, self.sum(&known))
                }
                4 if depth < 2 => {
                    let turns = 1 + self.dice.below(3);
                    Stmt::Repeat(turns, self.body(depth + 1, &known))
                }
                _ => self.minimize(&known),
            });
        }
        list
    }

    fn minimize(&mut self, known: &[(usize, usize)]) -> Stmt {
        let mut goal = self.sum(known);
        let first = self.dice.below(WEIGHTS);
        let mut over = vec![first];
        over.extend((self.dice.below(2) == 0).then_some((first + 1) % WEIGHTS));
        // A weight that is named has to be in the goal.
        goal.extend(over.iter().map(|w| (0.75, Atom::Weight(*w))));
        let rule = [Rule::Sgd, Rule::Momentum, Rule::Adam][self.dice.below(3)];
        self.sites += 1;
        Stmt::Minimize { goal, over, rule, site: self.sites }
    }
}

// ---- text ----

fn written(sum: &Sum) -> String {
    let term = |(c, atom): &(f64, Atom)| {
        let atom = match atom {
            Atom::Weight(i) => format!("w{i}"),
            Atom::State(i) => format!("s{i}"),
            Atom::Let(n, None) => format!("l{n}"),
            Atom::Let(n, Some(part)) => format!("l{n}.m{part}"),
            Atom::Net(i) => format!("n{i}(x)"),
        };
        format!("{c:?} * {atom}")
    };
    let terms: Vec<String> = sum.iter().map(term).collect();
    format!("{} + zero(x)", terms.join(" + "))
}

fn text(list: &[Stmt], indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    for stmt in list {
        match stmt {
            Stmt::Let(n, sum) => writeln!(out, "{pad}let l{n} = {}", written(sum)),
            Stmt::Record(n, sums) => {
                let parts: Vec<String> = (0..)
                    .zip(sums)
                    .map(|(i, sum): (usize, _)| format!("m{i} = {}", written(sum)))
                    .collect();
                writeln!(out, "{pad}let l{n} = ({})", parts.join(", "))
            }
            Stmt::Minimize { goal, over, rule, .. } => {
                let over: Vec<String> = over.iter().map(|w| format!("w{w}")).collect();
                let rule = match rule {
                    Rule::Sgd => "sgd(lr = 0.25)",
                    Rule::Momentum => "momentum(lr = 0.25, m = 0.5)",
                    Rule::Adam => "adam(lr = 0.25)",
                };
                let over = over.join(", ");
                writeln!(out, "{pad}minimize {} over ({over}) with {rule}", written(goal))
            }
            Stmt::Assign(s, sum) => writeln!(out, "{pad}s{s} <- batch_mean({})", written(sum)),
            Stmt::Track(n, sum) => writeln!(out, "{pad}track {} as t{n}", written(sum)),
            Stmt::Repeat(n, body) => {
                writeln!(out, "{pad}repeat {n} {{").unwrap();
                text(body, indent + 1, out);
                writeln!(out, "{pad}}}")
            }
        }
        .unwrap();
    }
}

// ---- meaning ----

/// A number with its slopes by weights, each as it was after so many changes.
#[derive(Clone, Default)]
struct Value {
    number: f64,
    slopes: BTreeMap<(usize, usize), f64>,
}

#[derive(Clone, Default)]
struct Slots {
    weights: Vec<f64>,
    versions: Vec<usize>,
    states: Vec<f64>,
    calls: Vec<f64>,
}

#[derive(Default)]
struct Run {
    now: Slots,
    start: Slots,
    lets: BTreeMap<usize, Vec<Value>>,
    /// First and second moment and number of updates, by statement and weight.
    moments: BTreeMap<(usize, usize), (f64, f64, i32)>,
    tracked: BTreeMap<usize, Vec<f64>>,
}

impl Run {
    fn value(&self, sum: &Sum, slots: &Slots) -> Value {
        let mut total = Value::default();
        for (c, atom) in sum {
            let value = match atom {
                Atom::Weight(i) => Value {
                    number: slots.weights[*i],
                    slopes: BTreeMap::from([((*i, slots.versions[*i]), 1.0)]),
                },
                Atom::State(i) => Value { number: slots.states[*i], ..Value::default() },
                Atom::Let(n, part) => self.lets[n][part.unwrap_or(0)].clone(),
                Atom::Net(i) => Value { number: slots.calls[*i] + 1.0, ..Value::default() },
            };
            total.number += c * value.number;
            for (key, slope) in value.slopes {
                *total.slopes.entry(key).or_default() += c * slope;
            }
        }
        total
    }

    /// Every net that a statement calls has been called once more.
    fn called(&mut self, sums: &[&Sum]) {
        let nets = sums.iter().flat_map(|sum| sum.iter()).filter_map(|(_, atom)| match atom {
            Atom::Net(i) => Some(*i),
            _ => None,
        });
        let nets: std::collections::BTreeSet<usize> = nets.collect();
        nets.into_iter().for_each(|i| self.now.calls[i] += 1.0);
    }

    fn body(&mut self, list: &[Stmt]) {
        for stmt in list {
            match stmt {
                Stmt::Let(n, sum) => {
                    let value = self.value(sum, &self.now);
                    self.lets.insert(*n, vec![value]);
                    self.called(&[sum]);
                }
                Stmt::Record(n, sums) => {
                    let values = sums.iter().map(|sum| self.value(sum, &self.now)).collect();
                    self.lets.insert(*n, values);
                    self.called(&sums.iter().collect::<Vec<_>>());
                }
                Stmt::Minimize { goal, over, rule, site } => {
                    let goal_value = self.value(goal, &self.now);
                    self.called(&[goal]);
                    for w in over {
                        let key = (*w, self.now.versions[*w]);
                        let slope = goal_value.slopes.get(&key).copied().unwrap_or(0.0);
                        self.now.weights[*w] -= 0.25 * self.direction(*rule, (*site, *w), slope);
                        self.now.versions[*w] += 1;
                    }
                }
                Stmt::Assign(s, sum) => {
                    let value = self.value(sum, &self.now).number;
                    self.called(&[sum]);
                    self.now.states[*s] = value;
                }
                Stmt::Track(n, sum) => {
                    let value = self.value(sum, &self.start).number;
                    self.tracked.entry(*n).or_default().push(value);
                }
                Stmt::Repeat(n, body) => (0..*n).for_each(|_| self.body(body)),
            }
        }
    }

    fn direction(&mut self, rule: Rule, at: (usize, usize), g: f64) -> f64 {
        let (m, v, t) = self.moments.entry(at).or_default();
        *t += 1;
        match rule {
            Rule::Sgd => g,
            Rule::Momentum => {
                *m = 0.5 * *m + g;
                *m
            }
            Rule::Adam => {
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let (m, v) = (*m / (1.0 - 0.9f64.powi(*t)), *v / (1.0 - 0.999f64.powi(*t)));
                m / (v.sqrt() + 1e-8)
            }
        }
    }
}

fn held(seed: u64) {
    let mut dice = Random::new(seed);
    let steps = 1 + dice.below(3);
    let mut maker = Maker { dice: &mut dice, names: 0, sites: 0, tracks: 0 };
    let body = maker.body(0, &[]);
    let mut program = "data d from uniform(64, 1, split = 1.0) { x: f32[1] }
module Counted()(x: f32[1]) -> f32 {
  state calls: f32 = zeros()
  calls <- calls + 1
  return calls + 0 * sum(x)
}
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
"
    .to_string();
    for i in 0..NETS {
        writeln!(program, "net n{i}(x: f32[1]) -> f32 = x |> Counted()").unwrap();
    }
    for i in 0..WEIGHTS {
        writeln!(program, "param w{i}: f32 = constant({})", i + 1).unwrap();
    }
    for i in 0..STATES {
        writeln!(program, "state s{i}: f32 = constant({})", 10 * i).unwrap();
    }
    // One step in a chunk of averages, so that the last one is the last step's.
    writeln!(program, "train t on d.train batch 4 steps {steps} {{").unwrap();
    text(&body, 1, &mut program);
    let all = |name: &str, n: usize| (0..n).map(|i| format!("{name}{i}")).collect::<Vec<_>>();
    let mut shown = [all("w", WEIGHTS), all("s", STATES)].concat();
    shown.extend((0..NETS).map(|i| format!("n{i}(x) as c{i}")));
    writeln!(program, "}}\neval e on d.train batch 64 {{ report {} }}", shown.join(", ")).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.rl");
    std::fs::write(&file, &program).unwrap();
    let found = facts::figures(&file, "cpu");

    let now = Slots {
        weights: (1..=WEIGHTS).map(|w| w as f64).collect(),
        versions: vec![0; WEIGHTS],
        states: (0..STATES).map(|s| 10.0 * s as f64).collect(),
        calls: vec![0.0; NETS],
    };
    let mut run = Run { now, ..Run::default() };
    let mut means = BTreeMap::new();
    for _ in 0..steps {
        run.start = run.now.clone();
        run.lets.clear();
        run.tracked.clear();
        run.body(&body);
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        means = run.tracked.iter().map(|(n, values)| (*n, mean(values))).collect();
    }
    let mut right: Vec<(String, f64)> = Vec::new();
    right.extend(run.now.weights.iter().enumerate().map(|(i, x)| (format!("w{i}"), *x)));
    right.extend(run.now.states.iter().enumerate().map(|(i, x)| (format!("s{i}"), *x)));
    right.extend(run.now.calls.iter().enumerate().map(|(i, x)| (format!("c{i}"), *x)));
    right.extend(means.into_iter().map(|(n, x)| (format!("t{n}"), x)));
    for (name, x) in right {
        let got = found[&name];
        let close = (got - x).abs() < TOLERANCE * (1.0 + x.abs());
        assert!(close, "seed {seed}: {name} is {got}, not {x}\n{program}");
    }
}

#[test]
fn random_phases_do_what_their_statements_say() {
    let count = std::env::var("RLC_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(120);
    (0..count).for_each(held);
}
