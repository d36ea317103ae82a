//! Linear probes: logistic regression by L-BFGS on standardized codes, multinomial or one for each of several
//! groups. In: codes and labels of two splits. Out: scores of the second, and their accuracy. Deterministic.

use super::{CHUNK, Collected, Input, Standard, accuracy};
use crate::metrics::dense::{Matrix, multiply};
use ndarray::{Array1, s};

/// Weight decay, small against the mean loss.
const DECAY: f64 = 1e-4;
/// Share of the mean variance that is added to every variance: units of a sparse code that are
/// almost never active must not count as much as the rest.
const LITTLE: f64 = 0.03;
const MOST_ITERATIONS: usize = 200;
/// Pairs of differences that L-BFGS keeps.
const MEMORY: usize = 10;

/// Accuracy on this split of a probe fitted to the training split.
pub fn linear_probe(input: &Input) -> f64 {
    let ([code, label], [here, truth]) = (input.train, input.here) else { return f64::NAN };
    let (y, truth) = (label.classes(), truth.classes());
    let classes = y.iter().chain(&truth).max().map_or(1, |most| most + 1);
    let mut found = Vec::with_capacity(truth.len());
    scored(code, here, (Truth::Classes(&y), classes), |row| found.push(largest(row.iter())));
    accuracy(&found, &truth)
}

/// Fits a probe to codes of the training split, and hands on the scores of each row of another.
pub(super) fn scored(
    code: &Collected,
    here: &Collected,
    (truth, classes): (Truth, usize),
    mut take: impl FnMut(&[f64]),
) {
    let standard = Standard::damped(code, LITTLE);
    let problem = Problem { x: &code.values, standard: &standard, truth, classes };
    let weights = minimize(&problem, problem.size());
    let (mut rows, mut scores) = (Vec::new(), Vec::new());
    for chunk in here.values.chunks(CHUNK * code.width) {
        problem.standard.apply(chunk, &mut rows);
        problem.scores(&rows, &weights, &mut scores);
        scores.chunks(classes).for_each(&mut take);
    }
}

/// The first of the largest.
fn largest<'v>(values: impl Iterator<Item = &'v f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (at, value) in values.enumerate() {
        if *value > best.1 {
            best = (at, *value);
        }
    }
    best.0
}

/// What a probe shall tell.
#[derive(Clone, Copy)]
pub(super) enum Truth<'a> {
    /// The class of each row.
    Classes(&'a [usize]),
    /// Whether each row is in each group, rows one after the other.
    Groups(&'a [f32]),
}

impl Truth<'_> {
    /// The negative log-likelihood of row `at`, whose scores become their derivative.
    fn residual(&self, at: usize, row: &mut [f64]) -> f64 {
        match self {
            Truth::Classes(y) => residual(row, y[at]),
            Truth::Groups(y) => {
                let own = &y[at * row.len()..];
                row.iter_mut().zip(own).map(|(s, y)| of_group(s, f64::from(*y))).sum()
            }
        }
    }
}

struct Problem<'a> {
    x: &'a [f32],
    standard: &'a Standard,
    truth: Truth<'a>,
    classes: usize,
}

impl Problem<'_> {
    fn width(&self) -> usize {
        self.standard.scales.len()
    }

    /// A row of biases and a row per code entry.
    fn size(&self) -> usize {
        (self.width() + 1) * self.classes
    }

    /// `x w + b` for standardized rows.
    fn scores(&self, rows: &[f64], weights: &Array1<f64>, to: &mut Vec<f64>) {
        let (bias, matrix) = weights.as_slice().unwrap_or_default().split_at(self.classes);
        to.clear();
        (0..rows.len() / self.width()).for_each(|_| to.extend_from_slice(bias));
        multiply(Matrix::new(rows, self.width()), Matrix::new(matrix, self.classes), to, true);
    }

    /// Mean negative log-likelihood with decay, and its gradient.
    fn value(&self, weights: &Array1<f64>) -> (f64, Array1<f64>) {
        let n = (self.x.len() / self.width()).max(1) as f64;
        let mut loss = 0.0;
        let mut gradient = vec![0.0; self.size()];
        let (bias, matrix) = gradient.split_at_mut(self.classes);
        let (mut rows, mut scores) = (Vec::new(), Vec::new());
        for (piece, x) in self.x.chunks(CHUNK * self.width()).enumerate() {
            self.standard.apply(x, &mut rows);
            self.scores(&rows, weights, &mut scores);
            for (at, row) in scores.chunks_mut(self.classes).enumerate() {
                loss += self.truth.residual(piece * CHUNK + at, row);
                bias.iter_mut().zip(row).for_each(|(sum, x)| *sum += *x);
            }
            let turned = Matrix::new(&rows, self.width()).turn();
            multiply(turned, Matrix::new(&scores, self.classes), matrix, true);
        }
        gradient.iter_mut().for_each(|x| *x /= n);
        let mut gradient = Array1::from_vec(gradient);
        let own = weights.slice(s![self.classes..]);
        gradient.slice_mut(s![self.classes..]).scaled_add(DECAY, &own);
        (loss / n + 0.5 * DECAY * own.dot(&own), gradient)
    }
}

/// The negative log-likelihood of one row; its scores become their derivative.
fn residual(row: &mut [f64], y: usize) -> f64 {
    let top = row.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let own = row[y];
    row.iter_mut().for_each(|s| *s = (*s - top).exp());
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|s| *s /= sum);
    row[y] -= 1.0;
    top + sum.ln() - own
}

/// That of one group; its score becomes the derivative.
fn of_group(score: &mut f64, y: f64) -> f64 {
    let soft = score.max(0.0) + (-score.abs()).exp().ln_1p();
    let loss = soft - y * *score;
    *score = 1.0 / (1.0 + (-*score).exp()) - y;
    loss
}

/// L-BFGS from zero with backtracking.
fn minimize(problem: &Problem, size: usize) -> Array1<f64> {
    let mut at = Array1::<f64>::zeros(size);
    let (mut value, mut gradient) = problem.value(&at);
    let mut pairs: Vec<(Array1<f64>, Array1<f64>)> = Vec::new();
    for _ in 0..MOST_ITERATIONS {
        if gradient.iter().all(|g| g.abs() < 1e-6) {
            break;
        }
        let direction = direction(&pairs, &gradient);
        let slope = direction.dot(&gradient);
        let mut length = if pairs.is_empty() { 1.0 / slope.abs().sqrt().max(1.0) } else { 1.0 };
        let mut next = None;
        for _ in 0..30 {
            let there = &at + &(&direction * length);
            let (new, slopes) = problem.value(&there);
            if new <= value + 1e-4 * length * slope {
                next = Some((there, new, slopes));
                break;
            }
            length *= 0.5;
        }
        let Some((there, new, slopes)) = next else { break };
        let (moved, turned) = (&there - &at, &slopes - &gradient);
        if moved.dot(&turned) > 1e-12 {
            pairs.push((moved, turned));
            if pairs.len() > MEMORY {
                pairs.remove(0);
            }
        }
        let gain = value - new;
        (at, value, gradient) = (there, new, slopes);
        if gain < 1e-9 * value.abs().max(1e-9) {
            break;
        }
    }
    at
}

/// The two-loop recursion.
fn direction(pairs: &[(Array1<f64>, Array1<f64>)], gradient: &Array1<f64>) -> Array1<f64> {
    let mut q = -gradient;
    let mut alphas = Vec::new();
    for (s, y) in pairs.iter().rev() {
        let alpha = s.dot(&q) / s.dot(y);
        q.scaled_add(-alpha, y);
        alphas.push(alpha);
    }
    if let Some((s, y)) = pairs.last() {
        q *= s.dot(y) / y.dot(y);
    }
    for ((s, y), alpha) in pairs.iter().zip(alphas.iter().rev()) {
        let beta = y.dot(&q) / s.dot(y);
        q.scaled_add(alpha - beta, s);
    }
    q
}

#[cfg(test)]
mod tests {
    use super::super::tests::reals;
    use super::super::{compute, find};
    use super::*;

    /// Digits themselves as codes: a known problem for a linear classifier.
    #[test]
    fn digits_are_nearly_separable() {
        let table = crate::runtime::data::builtin::uci_digits();
        let split = |at: usize, from: usize, to: usize| -> Collected {
            let raw = &table.columns[at].values;
            let values: Vec<f32> = raw.elements.iter().map(|x| x as f32).collect();
            let width = raw.width();
            reals(width, values[from * width..to * width].to_vec())
        };
        let train = [split(0, 0, 1437), split(1, 0, 1437)];
        let test = [split(0, 1437, 1797), split(1, 1437, 1797)];
        let probe = |name, here| {
            compute(find(name).unwrap(), &Input { train: &train, here, settings: &[] })
        };
        let found = probe("linear_probe", &test);
        assert!((0.88..0.97).contains(&found), "{found}");
        assert_eq!(found, probe("linear_probe", &test));
        assert!(probe("linear_probe", &train) > 0.99);
        assert!(probe("knn_probe", &test) > 0.93);
    }

    #[test]
    fn gradient_is_the_derivative() {
        let set = reals(2, [1.0, -0.5, 0.3, 2.0, -1.0, 0.7]);
        let standard = Standard::of(&set);
        let groups = [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        for truth in [Truth::Classes(&[0, 2, 1]), Truth::Groups(&groups)] {
            let problem = Problem { x: &set.values, standard: &standard, truth, classes: 3 };
            let at = Array1::from_iter((0..problem.size()).map(|i| (i as f64 * 0.7).sin()));
            let (_, gradient) = problem.value(&at);
            for i in 0..problem.size() {
                let shifted = |by: f64| {
                    let mut there = at.clone();
                    there[i] += by;
                    problem.value(&there).0
                };
                let slope = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
                assert!((slope - gradient[i]).abs() < 1e-8, "{i}: {slope} {}", gradient[i]);
            }
        }
    }
}
