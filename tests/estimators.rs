//! Estimators that are asked for, against sums over every value. In: random discrete densities of one
//! parameter `t` and random polynomials of what is drawn. Out: slopes of 20,000 rows, whose mean lies
//! within 5 standard errors of the exact one: by differences of the sum, for relaxed draws by
//! differences of an integral over the noise. A right estimator misses that once in two million tries.

mod common;
mod mutate;

use common::*;
use mutate::Random;
use rlc::{autodiff, backend::reference};
use std::collections::BTreeMap;

const ROWS: usize = 20_000;
const AT: f64 = 0.4;

/// A density over `n` numbers, bit by bit or one of them 1, with logits `a + b t`, and what is averaged:
/// `c + linear . z + sum of pairs + s t z_0`.
struct Case {
    one_hot: bool,
    a: Vec<f64>,
    b: Vec<f64>,
    c: f64,
    linear: Vec<f64>,
    pairs: Vec<(usize, usize, f64)>,
    s: f64,
}

/// A number with one digit behind the point.
fn number(dice: &mut Random) -> f64 {
    (dice.below(31) as f64 - 15.0) / 10.0
}

fn case(seed: u64) -> Case {
    let mut dice = Random::new(seed);
    let one_hot = dice.below(2) == 0;
    let n = if one_hot { 2 + dice.below(3) } else { 1 + dice.below(3) };
    let mut numbers = |n: usize| (0..n).map(|_| number(&mut dice)).collect::<Vec<f64>>();
    let (a, b, linear) = (numbers(n), numbers(n), numbers(n));
    let of = |i: usize| (i + 1..n).map(move |j| (i, j));
    let pairs = (0..n).flat_map(of).map(|(i, j)| (i, j, number(&mut dice))).collect();
    let (c, s) = (8.0 + dice.below(5) as f64, number(&mut dice));
    Case { one_hot, a, b, c, linear, pairs, s }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Case {
    fn logits(&self, t: f64) -> Vec<f64> {
        self.a.iter().zip(&self.b).map(|(a, b)| a + b * t).collect()
    }

    /// The mean of what is drawn.
    fn mean(&self, t: f64) -> Vec<f64> {
        let logits = self.logits(t);
        let total: f64 = logits.iter().map(|l| l.exp()).sum();
        let each = |l: &f64| if self.one_hot { l.exp() / total } else { sigmoid(*l) };
        logits.iter().map(each).collect()
    }

    fn value(&self, z: &[f64], t: f64) -> f64 {
        let pairs: f64 = self.pairs.iter().map(|(i, j, d)| d * z[*i] * z[*j]).sum();
        let linear: f64 = self.linear.iter().zip(z).map(|(c, z)| c * z).sum();
        self.c + linear + pairs + self.s * t * z[0]
    }

    /// Its derivative in `z_i`.
    fn slope(&self, z: &[f64], t: f64, i: usize) -> f64 {
        let of = |(a, b, d): &(usize, usize, f64)| match i {
            _ if i == *a => d * z[*b],
            _ if i == *b => d * z[*a],
            _ => 0.0,
        };
        let own = if i == 0 { self.s * t } else { 0.0 };
        self.linear[i] + own + self.pairs.iter().map(of).sum::<f64>()
    }

    /// Every value that can be drawn, with its probability.
    fn values(&self, t: f64) -> Vec<(Vec<f64>, f64)> {
        let (n, mean) = (self.a.len(), self.mean(t));
        if self.one_hot {
            let unit = |k: usize| (0..n).map(|i| f64::from(u8::from(i == k))).collect();
            return (0..n).map(|k| (unit(k), mean[k])).collect();
        }
        let bits = |code: usize| (0..n).map(move |i| (code >> i & 1) as f64).collect::<Vec<f64>>();
        let probability = |z: &[f64]| {
            z.iter().zip(&mean).map(|(z, p)| if *z == 1.0 { *p } else { 1.0 - p }).product::<f64>()
        };
        (0..1 << n).map(bits).map(|z| (z.clone(), probability(&z))).collect()
    }

    fn average(&self, t: f64) -> f64 {
        self.values(t).iter().map(|(z, p)| p * self.value(z, t)).sum()
    }

    /// The mean slope of draws that have the slope of their mean.
    fn straight_through(&self, t: f64) -> f64 {
        let step = 1e-5;
        let (high, low) = (self.mean(t + step), self.mean(t - step));
        let moved: Vec<f64> = high.iter().zip(&low).map(|(h, l)| (h - l) / (2.0 * step)).collect();
        let of = |z: &[f64]| {
            let slopes = moved.iter().enumerate().map(|(i, m)| m * self.slope(z, t, i));
            slopes.sum::<f64>() + self.s * z[0]
        };
        self.values(t).iter().map(|(z, p)| p * of(z)).sum()
    }

    /// The average over relaxed draws: bits are independent, of two numbers one is 1 less the other.
    fn relaxed(&self, t: f64, temperature: f64) -> f64 {
        const POINTS: usize = 20_000;
        let logits = self.logits(t);
        let noise = |i: usize| (i as f64 + 0.5) / POINTS as f64;
        let soft = |l: f64, u: f64| sigmoid((l + u.ln() - (1.0 - u).ln()) / temperature);
        let over =
            |f: &dyn Fn(f64) -> f64| (0..POINTS).map(|i| f(noise(i))).sum::<f64>() / POINTS as f64;
        if self.one_hot {
            let l = logits[1] - logits[0];
            return over(&|u| self.value(&[1.0 - soft(l, u), soft(l, u)], t));
        }
        let means: Vec<f64> = logits.iter().map(|l| over(&|u| soft(*l, u))).collect();
        self.value(&means, t)
    }

    /// The density and the averaged polynomial as text.
    fn text(&self, how: &str) -> (String, String) {
        let list = |v: &[f64]| {
            let all: Vec<String> = v.iter().map(|x| format!("{x:?}")).collect();
            format!("concat({})", all.join(", "))
        };
        let n = self.a.len();
        let family = if self.one_hot { "OneHotCategorical" } else { "Bernoulli" };
        let density = format!(
            "model q(z | t: f32) {{ z: bit[{n}] ~ {family}(logits = {} + t * {}) }}",
            list(&self.a),
            list(&self.b)
        );
        let pairs: String =
            self.pairs.iter().map(|(i, j, d)| format!(" + {d:?} * z[{i}] * z[{j}]")).collect();
        let (linear, c, s) = (list(&self.linear), self.c, self.s);
        let body = format!("{c:?} + dot({linear}, z){pairs} + {s:?} * t * z[0]");
        (density, format!("E[z ~ q(z | t = t), {how}]({body})"))
    }
}

/// Figures of every row.
fn figures(declared: &str, report: &str) -> BTreeMap<String, Value> {
    let text = format!(
        "data d from uniform(10, 1) {{ x: f32[1] }}\nnet critic(x: f32[1]) -> f32 = x |> Linear(1) |> sum\n\
         {declared}\neval e on d.test batch {ROWS} {{ report {report} }}\n"
    );
    let program = program("test.rl", &text, &[]);
    let graph = autodiff::expand(&program.phases[0].graph);
    let feed = inputs(&graph).into_iter().map(|(name, _, ty)| (name, zeros(&ty) + 0.3)).collect();
    reference::run(&graph, &feed).into_iter().collect()
}

/// The mean, the standard error and the variance of a figure of every row.
fn spread(figures: &BTreeMap<String, Value>, name: &str) -> (f64, f64, f64) {
    let of = &figures[&format!("report:{name}")];
    assert_eq!(of.len(), ROWS, "{name}: a number for every row");
    let mean = of.sum() / ROWS as f64;
    let variance = of.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / ROWS as f64;
    (mean, (variance / ROWS as f64).sqrt(), variance)
}

fn near(what: &str, (mean, error, _): (f64, f64, f64), exact: f64, slack: f64) {
    let off = (mean - exact).abs();
    assert!(off <= 5.0 * error + slack, "{what}: {mean} +- {error}, exactly {exact}");
}

/// Reports the average and its first two derivatives at `AT`.
fn derivatives(case: &Case, how: &str) -> BTreeMap<String, Value> {
    let (density, average) = case.text(how);
    let at = format!("at = {AT:?} + 0 * x[0]");
    let first = format!("grad((t) => {average}, {at})");
    let second = format!("grad((s) => grad((t) => {average}, at = s), {at})");
    let declared = format!("{density}\nfn value(t: f32, x: f32[1]) = {average}");
    let report = format!("value({AT:?}, x) as value, {first} as first, {second} as second");
    figures(&declared, &report)
}

#[test]
fn score_functions_are_unbiased_with_every_baseline() {
    let hows = [
        "estimator = \"score\"",
        "estimator = \"score\", baseline = 9.5",
        "samples = 2, estimator = \"score\", baseline = 9 + critic(x)",
        "samples = 2, estimator = \"score\", baseline = E[z ~ q(z | t = t)](8 + z[0])",
        "samples = 2, estimator = \"score\", baseline = \"leave_one_out\"",
        "samples = 5, estimator = \"score\", baseline = \"leave_one_out\"",
    ];
    for seed in 0..5 {
        let case = case(seed);
        let step = 1e-4;
        let [low, mid, high] = [-step, 0.0, step].map(|d| case.average(AT + d));
        let (first, second) =
            ((high - low) / (2.0 * step), (high - 2.0 * mid + low) / step.powi(2));
        for how in hows {
            let found = derivatives(&case, how);
            let what = |of: &str| format!("seed {seed}, {how}: {of}");
            near(&what("value"), spread(&found, "value"), mid, 1e-6);
            near(&what("first"), spread(&found, "first"), first, 1e-5);
            near(&what("second"), spread(&found, "second"), second, 1e-4);
        }
    }
}

/// A baseline moves no value, and takes away the part of the spread that what is averaged has in common.
#[test]
fn baselines_leave_values_and_lower_the_spread() {
    for seed in 0..5 {
        let case = case(seed);
        let plain = derivatives(&case, "samples = 2, estimator = \"score\"");
        for baseline in ["9.5", "\"leave_one_out\""] {
            let how = format!("samples = 2, estimator = \"score\", baseline = {baseline}");
            let less = derivatives(&case, &how);
            assert_eq!(plain["report:value"], less["report:value"], "seed {seed}, {baseline}");
            let [all, rest] = [&plain, &less].map(|found| spread(found, "first").2);
            assert!(rest < 0.5 * all, "seed {seed}, {baseline}: variances {all} and {rest}");
        }
    }
}

#[test]
fn straight_through_draws_have_the_slope_of_their_mean() {
    for seed in 0..12 {
        let case = case(seed);
        for samples in [1, 3] {
            let how = format!("samples = {samples}, estimator = \"straight_through\"");
            let (density, average) = case.text(&how);
            let first = format!("grad((t) => {average}, at = {AT:?} + 0 * x[0])");
            let whole = format!("E[z ~ q(z | t = {AT:?}), {how}](sum(z * (1 - z)) + 0 * x[0])");
            let declared = format!("{density}\nfn value(t: f32, x: f32[1]) = {average}");
            let report = format!("value({AT:?}, x) as value, {first} as first, {whole} as whole");
            let found = figures(&declared, &report);
            let what = format!("seed {seed}, {how}");
            near(&what, spread(&found, "value"), case.average(AT), 1e-6);
            near(&what, spread(&found, "first"), case.straight_through(AT), 1e-6);
            assert!(found["report:whole"].iter().all(|x| *x == 0.0), "{what}: a draw is no bit");
        }
    }
}

#[test]
fn relaxed_draws_are_integrals_over_their_noise() {
    let mut tried = 0;
    for seed in 0..20 {
        let case = case(seed);
        if case.one_hot && case.a.len() != 2 {
            continue;
        }
        tried += 1;
        for (samples, temperature) in [(1, 0.6), (3, 1.7)] {
            let how = format!(
                "samples = {samples}, estimator = \"relaxed\", temperature = {temperature}"
            );
            let (density, average) = case.text(&how);
            let first = format!("grad((t) => {average}, at = {AT:?} + 0 * x[0])");
            let declared = format!("{density}\nfn value(t: f32, x: f32[1]) = {average}");
            let report = format!("value({AT:?}, x) as value, {first} as first");
            let found = figures(&declared, &report);
            let what = format!("seed {seed}, {how}");
            let [low, mid, high] = [-1e-3, 0.0, 1e-3].map(|d| case.relaxed(AT + d, temperature));
            near(&what, spread(&found, "value"), mid, 1e-4);
            near(&what, spread(&found, "first"), (high - low) / 2e-3, 1e-4);
        }
    }
    assert!(tried >= 10, "{tried}");
}
