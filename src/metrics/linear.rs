//! Linear regression from standardized codes. In: codes and targets. Out: the share of explained
//! variance, and the moments that other linear metrics need.

use super::{CHUNK, Collected, Input, Standard};
use crate::metrics::dense::{Matrix, multiply};

/// Second moments of standardized codes and targets over the rows they were standardized by.
pub struct Moments {
    /// Code entries.
    pub width: usize,
    /// Target entries.
    pub targets: usize,
    /// `[width, width]`: the correlations of code entries.
    pub gram: Vec<f64>,
    /// `[width, targets]`: the correlations of code entries with target entries.
    pub cross: Vec<f64>,
}

/// The moments of these rows.
pub fn moments(code: &Collected, target: &Collected, scales: (&Standard, &Standard)) -> Moments {
    let (width, targets) = (code.width, target.width);
    let mut gram = vec![0.0; width * width];
    let mut cross = vec![0.0; width * targets];
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let rows = code.values.chunks(CHUNK * width).zip(target.values.chunks(CHUNK * targets));
    for (code, target) in rows {
        scales.0.apply(code, &mut x);
        scales.1.apply(target, &mut y);
        let turned = Matrix::new(&x, width).turn();
        multiply(turned, Matrix::new(&x, width), &mut gram, true);
        multiply(turned, Matrix::new(&y, targets), &mut cross, true);
    }
    let n = code.rows().max(1) as f64;
    gram.iter_mut().chain(&mut cross).for_each(|sum| *sum /= n);
    Moments { width, targets, gram, cross }
}

/// R^2 on this split of a ridge regression fitted to the training split.
pub fn linear_r2(input: &Input) -> f64 {
    let ([code, target], [here, truth]) = (input.train, input.here) else { return f64::NAN };
    let scales = (Standard::of(code), Standard::of(target));
    let mut moments = moments(code, target, (&scales.0, &scales.1));
    let (width, targets) = (moments.width, moments.targets);
    // A constant column of the code has no weight; the diagonal keeps the equations solvable.
    moments.gram.iter_mut().step_by(width + 1).for_each(|x| *x += input.setting(0).max(1e-12));
    solve(&mut moments.gram, &mut moments.cross, width, targets);
    let mut errors = vec![(0.0, 0.0); targets];
    let own = Standard::of(truth);
    let (mut x, mut found) = (Vec::new(), Vec::new());
    let rows = here.values.chunks(CHUNK * width).zip(truth.values.chunks(CHUNK * targets));
    for (code, truth) in rows {
        scales.0.apply(code, &mut x);
        found.resize(truth.len(), 0.0);
        let weights = Matrix::new(&moments.cross, targets);
        multiply(Matrix::new(&x, width), weights, &mut found, false);
        for (found, truth) in found.chunks(targets).zip(truth.chunks(targets)) {
            for (at, (found, truth)) in found.iter().zip(truth).enumerate() {
                let ((mean, scale), truth) = (scales.1.scales[at], f64::from(*truth));
                let guess = if scale > 0.0 { mean + found / scale } else { mean };
                errors[at].0 += (truth - guess).powi(2);
                errors[at].1 += (truth - own.scales[at].0).powi(2);
            }
        }
    }
    let shares = errors.iter().filter(|(_, all)| *all > 0.0).map(|(error, all)| 1.0 - error / all);
    let shares: Vec<f64> = shares.collect();
    shares.iter().sum::<f64>() / shares.len() as f64
}

/// Solves `a x = b` for a symmetric positive definite `[n, n]` by Cholesky's method; `b` `[n, m]`
/// becomes `x`, `a` the lower factor.
fn solve(a: &mut [f64], b: &mut [f64], n: usize, m: usize) {
    for i in 0..n {
        for j in 0..=i {
            let (left, right) = (&a[i * n..i * n + j], &a[j * n..j * n + j]);
            let sum = a[i * n + j] - left.iter().zip(right).map(|(x, y)| x * y).sum::<f64>();
            a[i * n + j] = if i == j { sum.max(1e-300).sqrt() } else { sum / a[j * n + j] };
        }
    }
    let step = |b: &mut [f64], to: usize, from: usize, factor: f64| {
        for k in 0..m {
            b[to * m + k] -= factor * b[from * m + k];
        }
    };
    let scale = |b: &mut [f64], row: usize, by: f64| {
        b[row * m..(row + 1) * m].iter_mut().for_each(|x| *x /= by);
    };
    for i in 0..n {
        for j in 0..i {
            step(b, i, j, a[i * n + j]);
        }
        scale(b, i, a[i * n + i]);
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            step(b, i, j, a[j * n + i]);
        }
        scale(b, i, a[i * n + i]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure, reals};
    use super::super::{Input, compute, find};
    use crate::base::dice::Dice;

    #[test]
    fn solved_by_hand() {
        let (mut a, mut b) = ([4.0, 2.0, 2.0, 3.0], [10.0, 1.0, 9.0, 1.0]);
        super::solve(&mut a, &mut b, 2, 2);
        for (found, exact) in b.iter().zip([1.5, 0.125, 2.0, 0.25]) {
            assert!((found - exact).abs() < 1e-12, "{b:?}");
        }
    }

    /// Target = signal + noise of equal variance: a line through the signal explains one half; the
    /// estimate from 20,000 rows has a deviation of about 0.5 / sqrt(20,000) * 2 = 0.007.
    #[test]
    fn share_of_explained_variance() {
        let mut dice = Dice::new(2, "r2", 0);
        let code = reals(3, (0..60_000).map(|_| dice.normal() as f32));
        let signal: Vec<f32> = code.values.chunks(3).map(|z| 2.0 * z[0] - z[2]).collect();
        let noise: Vec<f32> = signal.iter().map(|_| (5f64.sqrt() * dice.normal()) as f32).collect();
        let noisy = reals(1, signal.iter().zip(&noise).map(|(a, b)| a + b + 7.0));
        let found = figure("linear_r2", &[code.clone(), noisy.clone()], &[1e-4]);
        assert!((found - 0.5).abs() < 0.02, "{found}");
        let exact = figure("linear_r2", &[code.clone(), reals(1, signal.clone())], &[0.0]);
        assert!((exact - 1.0).abs() < 1e-9, "{exact}");
        let unknown = figure("linear_r2", &[code.clone(), reals(1, noise.clone())], &[1e-4]);
        assert!(unknown.abs() < 0.01, "{unknown}");
        // Two entries: the mean of their shares. One that does not vary is left out.
        let both = signal.iter().zip(&noise).flat_map(|(a, b)| [*a, a + b, 3.0]);
        let found = figure("linear_r2", &[code.clone(), reals(3, both)], &[1e-4]);
        assert!((found - 0.75).abs() < 0.02, "{found}");
        // A split where the mean of the training rows is far off: worse than its own mean.
        let off = reals(1, (0..20_000).map(|i| 100.0 + (i % 2) as f32));
        let (train, here) = ([code.clone(), noisy], [code, off]);
        let input = Input { train: &train, here: &here, settings: &[1e-4] };
        assert!(compute(find("linear_r2").unwrap(), &input) < -1000.0);
    }

    /// Ridge on one standardized column shrinks the slope by 1 / (1 + l2): R^2 = 1 - (l/(1+l))^2.
    #[test]
    fn ridge_in_closed_form() {
        let code = reals(1, (0..101).map(|i| i as f32));
        let target = classes(1, 0..101);
        let found = figure("linear_r2", &[code, target], &[1.0]);
        assert!((found - 0.75).abs() < 1e-9, "{found}");
    }
}
