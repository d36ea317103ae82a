//! A linear probe: multinomial logistic regression by L-BFGS on standardized codes. In: codes and
//! labels of two splits. Out: the accuracy on the second. Deterministic.

use super::{Collected, accuracy, standardize};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Weight decay, small against the mean loss.
const DECAY: f64 = 1e-4;
const MOST_ITERATIONS: usize = 200;
/// Pairs of differences that L-BFGS keeps.
const MEMORY: usize = 10;

/// Accuracy on the second split of a probe fitted to the first.
pub fn linear_probe(train: &[Collected], test: &[Collected]) -> f64 {
    let ([code, label], [test_code, test_label]) = (train, test) else { return f64::NAN };
    let (x, test_x) = standardize(code, test_code);
    let (y, test_y) = (label.classes(), test_label.classes());
    let classes = y.iter().chain(&test_y).max().map_or(1, |most| most + 1);
    let width = code.width;
    let (Ok(x), Ok(test_x)) = (
        ArrayView2::from_shape((y.len(), width), &x),
        ArrayView2::from_shape((test_y.len(), width), &test_x),
    ) else {
        return f64::NAN;
    };
    let problem = Problem { x, y: &y, classes };
    let weights = minimize(&problem, problem.size());
    let scores = problem.scores(&test_x, &weights);
    let found: Vec<usize> = scores.axis_iter(Axis(0)).map(|row| largest(row.iter())).collect();
    accuracy(&found, &test_y)
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

struct Problem<'a> {
    x: ArrayView2<'a, f64>,
    y: &'a [usize],
    classes: usize,
}

impl Problem<'_> {
    fn size(&self) -> usize {
        (self.x.ncols() + 1) * self.classes
    }

    fn scores(&self, x: &ArrayView2<f64>, weights: &Array1<f64>) -> Array2<f64> {
        let (bias, matrix) = self.parts(weights);
        x.dot(&matrix) + bias
    }

    /// The bias row and the matrix of a flat vector.
    fn parts<'w>(&self, weights: &'w Array1<f64>) -> (ArrayView2<'w, f64>, ArrayView2<'w, f64>) {
        let (bias, matrix) = weights.view().split_at(Axis(0), self.classes);
        let shape = (self.x.ncols(), self.classes);
        match (bias.into_shape_with_order((1, self.classes)), matrix.into_shape_with_order(shape)) {
            (Ok(bias), Ok(matrix)) => (bias, matrix),
            _ => unreachable!("a flat vector of the problem's size"),
        }
    }

    /// Mean negative log-likelihood with decay, and its gradient.
    fn value(&self, weights: &Array1<f64>) -> (f64, Array1<f64>) {
        let mut scores = self.scores(&self.x, weights);
        let n = self.y.len().max(1) as f64;
        let mut loss = 0.0;
        for (mut row, y) in scores.axis_iter_mut(Axis(0)).zip(self.y) {
            let top = row.fold(f64::NEG_INFINITY, |a, b| a.max(*b));
            let sum: f64 = row.iter().map(|s| (s - top).exp()).sum();
            loss += top + sum.ln() - row[*y];
            row.mapv_inplace(|s| (s - top).exp() / sum / n);
            row[*y] -= 1.0 / n;
        }
        let mut gradient = Array1::zeros(self.size());
        let (mut bias, matrix) = gradient.view_mut().split_at(Axis(0), self.classes);
        bias.assign(&scores.sum_axis(Axis(0)));
        let (_, own) = self.parts(weights);
        let slope = self.x.t().dot(&scores) + &own * DECAY;
        let flat = slope.iter();
        matrix.into_iter().zip(flat).for_each(|(to, from)| *to = *from);
        (loss / n + 0.5 * DECAY * own.iter().map(|w| w * w).sum::<f64>(), gradient)
    }
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
    use super::*;

    /// Digits themselves as codes: a known problem for a linear classifier.
    #[test]
    fn digits_are_nearly_separable() {
        let table = crate::runtime::data::builtin::uci_digits();
        let split = |at: usize, from: usize, to: usize| -> Collected {
            let raw = &table.columns[at].values;
            let width = raw.width();
            let values: Vec<f32> = raw.elements.iter().map(|x| x as f32).collect();
            Collected { width, values: values[from * width..to * width].to_vec() }
        };
        let train = [split(0, 0, 1437), split(1, 0, 1437)];
        let test = [split(0, 1437, 1797), split(1, 1437, 1797)];
        let found = linear_probe(&train, &test);
        assert!((0.88..0.97).contains(&found), "{found}");
        assert_eq!(found, linear_probe(&train, &test));
        assert!(linear_probe(&train, &train) > 0.99);
        assert!(super::super::knn::knn_probe(&train, &test) > 0.93);
    }

    #[test]
    fn gradient_is_the_derivative() {
        let x = [1.0, -0.5, 0.3, 2.0, -1.0, 0.7];
        let problem =
            Problem { x: ArrayView2::from_shape((3, 2), &x).unwrap(), y: &[0, 2, 1], classes: 3 };
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
