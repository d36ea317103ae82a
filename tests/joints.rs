//! Random directed models with posteriors of any order against sums and moments by hand. In: latents
//! that are drawn given each other, by the model in one order and by the posterior in another, their
//! factors written in a third. Out: the bound, the divergence, the importance-weighted bound and all
//! slopes, held against exact values: of coins by the sum over all of them, of linear normals by their
//! moments (a Gaussian's expected log-density needs the mean and the covariance only).
//!
//! Averages are over 60,000 draws. One draw of these bounds, and of their slopes, has a deviation of at
//! most about 5, so a mean is within 0.12 (six deviations); a wrong derivation is off by tenths and more.

#[path = "common/facts.rs"]
mod facts;
mod mutate;

use mutate::Random;
use std::fmt::Write;

const ROWS: usize = 60_000;
const TOLERANCE: f64 = 0.12;
const OBSERVED: f64 = 0.75;

/// A variable: what it is drawn given, with one weight each; an offset; for normals a deviation.
#[derive(Clone)]
struct Factor {
    over: usize,
    given: Vec<(usize, f64)>,
    offset: f64,
    spread: f64,
}

/// The observed variable is the last one of the model; the posterior draws all others.
struct Joint {
    coins: bool,
    p: Vec<Factor>,
    q: Vec<Factor>,
}

fn real(dice: &mut Random, low: f64, high: f64) -> f64 {
    let x = low + (high - low) * dice.below(1000) as f64 / 999.0;
    (x * 100.0).round() / 100.0
}

fn order(dice: &mut Random, n: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..n).collect();
    (0..n).map(|_| left.remove(dice.below(left.len()))).collect()
}

impl Joint {
    fn random(dice: &mut Random) -> Joint {
        let (coins, n) = (dice.below(2) == 0, 1 + dice.below(3));
        let mut factors = |last: Option<usize>| {
            let drawn: Vec<usize> = order(dice, n).into_iter().chain(last).collect();
            let factor = |at: usize| {
                let given = drawn[..at].iter().filter(|_| dice.below(3) > 0).copied();
                let given: Vec<usize> = given.collect();
                let given = given.into_iter().map(|v| (v, real(dice, -1.0, 1.0))).collect();
                let (offset, spread) = (real(dice, -0.8, 0.8), real(dice, 0.5, 1.2));
                Factor { over: drawn[at], given, offset, spread }
            };
            (0..drawn.len()).map(factor).collect::<Vec<_>>()
        };
        let (p, q) = (factors(Some(n)), factors(None));
        Joint { coins, p, q }
    }

    fn latents(&self) -> usize {
        self.q.len()
    }

    /// Every number that is a weight of the program, by its name.
    fn weights(&mut self) -> Vec<(String, &mut f64)> {
        let sides = [("p", &mut self.p), ("q", &mut self.q)];
        let mut all = Vec::new();
        for (side, factors) in sides {
            for factor in factors {
                let name = format!("{side}{}", factor.over);
                all.push((format!("{name}_o"), &mut factor.offset));
                let own = factor.given.iter_mut();
                all.extend(own.map(|(v, w)| (format!("{name}_{v}"), w)));
            }
        }
        all
    }

    /// E of log p less log q, and of log q less log p of the latents.
    fn exact(&self) -> (f64, f64) {
        if self.coins { self.counted() } else { self.moments() }
    }

    fn counted(&self) -> (f64, f64) {
        let (mut bound, mut kl) = (0.0, 0.0);
        for z in 0..1usize << self.latents() {
            let value = |v: usize| if v == self.latents() { 1.0 } else { (z >> v & 1) as f64 };
            let (joint, latents, q) = self.logs(&value);
            bound += q.exp() * (joint - q);
            kl += q.exp() * (q - latents);
        }
        (bound, kl)
    }

    /// log p of all, log p of the latents, log q.
    fn logs(&self, value: &dyn Fn(usize) -> f64) -> (f64, f64, f64) {
        let log = |f: &Factor| {
            let t = f.offset + f.given.iter().map(|(v, w)| w * value(*v)).sum::<f64>();
            value(f.over) * t - (1.0 + t.exp()).ln()
        };
        let latents = self.p.iter().filter(|f| f.over < self.latents()).map(log).sum();
        (self.p.iter().map(log).sum(), latents, self.q.iter().map(log).sum())
    }

    /// The expected log of the mean weight of two draws.
    fn two_draws(&self) -> f64 {
        let all: Vec<(f64, f64)> = (0..1usize << self.latents())
            .map(|z| {
                let value = |v: usize| if v == self.latents() { 1.0 } else { (z >> v & 1) as f64 };
                let (joint, _, q) = self.logs(&value);
                (joint - q, q)
            })
            .collect();
        let pairs = all.iter().flat_map(|a| all.iter().map(move |b| (a, b)));
        pairs.map(|((a, p), (b, q))| (p + q).exp() * ((a.exp() + b.exp()) / 2.0).ln()).sum()
    }

    fn moments(&self) -> (f64, f64) {
        let n = self.latents();
        let (mut mean, mut cov) = (vec![0.0; n + 1], vec![vec![0.0; n + 1]; n + 1]);
        mean[n] = OBSERVED;
        let mut known: Vec<usize> = vec![];
        for f in &self.q {
            mean[f.over] = f.offset + f.given.iter().map(|(v, w)| w * mean[*v]).sum::<f64>();
            for other in &known {
                let c = f.given.iter().map(|(v, w)| w * cov[*v][*other]).sum::<f64>();
                (cov[f.over][*other], cov[*other][f.over]) = (c, c);
            }
            let own = f.given.iter().map(|(v, w)| w * cov[*v][f.over]).sum::<f64>();
            cov[f.over][f.over] = own + f.spread * f.spread;
            known.push(f.over);
        }
        // What is left of the variable when its mean is taken away: its expected square.
        let log = |f: &Factor| {
            let mut parts = vec![(f.over, 1.0)];
            parts.extend(f.given.iter().map(|(v, w)| (*v, -w)));
            let centre = parts.iter().map(|(v, w)| w * mean[*v]).sum::<f64>() - f.offset;
            let pairs = parts.iter().flat_map(|a| parts.iter().map(move |b| (a, b)));
            let spread = pairs.map(|((a, u), (b, v))| u * v * cov[*a][*b]).sum::<f64>();
            let (s, tau) = (f.spread, 2.0 * std::f64::consts::PI);
            -0.5 * (centre * centre + spread) / (s * s) - s.ln() - 0.5 * tau.ln()
        };
        let q: f64 = self.q.iter().map(log).sum();
        let latents: f64 = self.p.iter().filter(|f| f.over < n).map(log).sum();
        let joint: f64 = self.p.iter().map(log).sum();
        (joint - q, q - latents)
    }

    fn name(&self, v: usize) -> String {
        if v == self.latents() { "x".into() } else { format!("z{v}") }
    }

    fn program(&mut self, dice: &mut Random) -> String {
        let weights: Vec<(String, f64)> =
            self.weights().into_iter().map(|(name, w)| (name, *w)).collect();
        let ty = if self.coins { "bit" } else { "f32" };
        let mut text = format!("data d from csv(\"d.csv\", split = 1.0) {{ x: {ty} }}\n");
        for (name, value) in &weights {
            writeln!(text, "param {name}: f32 = constant({value:?})").unwrap();
        }
        let mut heads = Vec::new();
        for (side, factors) in [("p", &self.p), ("q", &self.q)] {
            for f in factors {
                let own = format!("{side}{}", f.over);
                let terms = f.given.iter().map(|(v, _)| {
                    let z = self.name(*v);
                    format!(" + {own}_{v} * {}", if self.coins { format!("float({z})") } else { z })
                });
                // A posterior mentions what is observed, though it does not depend on it.
                let seen = (side == "q").then(|| format!("x: {ty}"));
                let rest = if side == "q" { " + 0 * float(x)" } else { "" };
                let line = format!("{own}_o{}{rest}", terms.collect::<String>());
                let given = f.given.iter().map(|(v, _)| format!("{}: {ty}", self.name(*v)));
                let given: Vec<String> = given.chain(seen).collect();
                let bar = if given.is_empty() { "" } else { " | " };
                let draw = match self.coins {
                    true => format!("Bernoulli(logits = {line})"),
                    false => format!("Normal({line}, {:?})", f.spread),
                };
                let over = self.name(f.over);
                let head = format!("{side}({over}{bar}{})", given.join(", "));
                heads.push(format!("model {head} {{ {over}: {ty} ~ {draw} }}\n"));
            }
        }
        for at in order(dice, heads.len()) {
            text += &heads[at];
        }
        let names: Vec<&str> = weights.iter().map(|(name, _)| name.as_str()).collect();
        let over = names.join(", ");
        let moved: Vec<String> =
            weights.iter().map(|(n, w)| format!("{n} - {w:?} as d_{n}")).collect();
        let latents: Vec<String> = (0..self.latents()).map(|v| self.name(v)).collect();
        let latents = latents.join(", ");
        let two = if self.coins { ", iwae(p, q, k = 2) as two" } else { "" };
        writeln!(
            text,
            "eval values on d.train batch {ROWS} {{
  report elbo(p, q) as bound, KL(q({latents} | x) || p({latents})) as kl{two}
}}
train t on d.train batch {ROWS} steps 1 {{ maximize elbo(p, q) over ({over}) with sgd(lr = 1) }}
eval moved on d.train batch {ROWS} {{ report {} }}",
            moved.join(", ")
        )
        .unwrap();
        text
    }

    /// The slope of the bound by each weight, by differences.
    fn slopes(&mut self) -> Vec<(String, f64)> {
        const STEP: f64 = 1e-5;
        let names: Vec<String> = self.weights().into_iter().map(|(name, _)| name).collect();
        let mut at = |i: usize, by: f64| {
            *self.weights()[i].1 += by;
            let bound = self.exact().0;
            *self.weights()[i].1 -= by;
            bound
        };
        let slope = |(i, name)| (name, (at(i, STEP) - at(i, -STEP)) / (2.0 * STEP));
        names.into_iter().enumerate().map(slope).collect()
    }
}

/// One seed is one joint.
fn held(seed: u64) {
    let mut dice = Random::new(seed);
    let mut joint = Joint::random(&mut dice);
    let text = joint.program(&mut dice);
    let folder = tempfile::tempdir().unwrap();
    let observed = if joint.coins { "1" } else { "0.75" };
    std::fs::write(
        folder.path().join("d.csv"),
        format!("x\n{}", format!("{observed}\n").repeat(ROWS)),
    )
    .unwrap();
    let file = folder.path().join("m.rl");
    std::fs::write(&file, &text).unwrap();
    let found = facts::figures(&file, "cpu");
    let (bound, kl) = joint.exact();
    let mut right = vec![("bound".to_string(), bound), ("kl".into(), kl)];
    right.extend(joint.coins.then(|| ("two".into(), joint.two_draws())));
    right.extend(joint.slopes().into_iter().map(|(name, x)| (format!("d_{name}"), x)));
    for (name, x) in right {
        let got = found[&name];
        assert!((got - x).abs() < TOLERANCE, "seed {seed}: {name} is {got}, not {x}\n{text}");
    }
}

#[test]
fn bounds_of_random_joints() {
    let count = std::env::var("RLC_JOINTS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    (0..count).for_each(held);
}
