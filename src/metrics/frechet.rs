//! The Frechet distance of two sets of values, by the Gaussians that have their moments. In: a value of
//! each set per row. Out: a squared distance.

use super::dense::{Matrix, multiply};
use super::spectrum::eigenvalues;
use super::{CHUNK, Input};

/// `|m - n|^2 + tr(S + T - 2 (S T)^(1/2))` for means m, n and covariances S, T (Dowson and Landau 1982).
/// With S = L L', S T has the eigenvalues of L' T L, which is symmetric.
pub fn frechet(input: &Input) -> f64 {
    let [x, target] = input.here else { return f64::NAN };
    let width = x.width;
    let ((m, s), (n, t)) = (moments(&x.values, width), moments(&target.values, width));
    let apart: f64 = m.iter().zip(&n).map(|(a, b)| (a - b).powi(2)).sum();
    let trace = |a: &[f64]| a.iter().step_by(width + 1).sum::<f64>();
    let both = trace(&s) + trace(&t);
    let root = lower(s, width);
    let (mut half, mut inner) = (vec![0.0; width * width], vec![0.0; width * width]);
    multiply(Matrix::new(&root, width).turn(), Matrix::new(&t, width), &mut half, false);
    multiply(Matrix::new(&half, width), Matrix::new(&root, width), &mut inner, false);
    let shared: f64 = eigenvalues(inner, width).iter().map(|x| x.max(0.0).sqrt()).sum();
    (apart + both - 2.0 * shared).max(0.0)
}

/// Mean and covariance of rows of so many values; one row has none of the latter.
fn moments(values: &[f32], width: usize) -> (Vec<f64>, Vec<f64>) {
    let rows = values.len() / width;
    let mut mean = vec![0.0; width];
    for row in values.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x) / rows as f64);
    }
    let mut covariance = vec![0.0; width * width];
    for rows in values.chunks(CHUNK * width) {
        let rows = rows.chunks_exact(width);
        let centred = rows.flat_map(|row| row.iter().zip(&mean).map(|(x, m)| f64::from(*x) - m));
        let centred: Vec<f64> = centred.collect();
        let rows = Matrix::new(&centred, width);
        multiply(rows.turn(), rows, &mut covariance, true);
    }
    covariance.iter_mut().for_each(|x| *x /= (rows.max(2) - 1) as f64);
    (mean, covariance)
}

/// The lower L with L L' = S (Cholesky); a value that the earlier ones determine has a column of zeros.
fn lower(mut s: Vec<f64>, n: usize) -> Vec<f64> {
    let least = 1e-14 * s.iter().step_by(n + 1).copied().fold(0.0, f64::max);
    for k in 0..n {
        let pivot = s[k * n + k];
        let scale = if pivot > least { pivot.sqrt().recip() } else { 0.0 };
        for i in 0..n {
            s[i * n + k] *= if i < k { 0.0 } else { scale };
        }
        for i in k + 1..n {
            for j in k + 1..=i {
                s[i * n + j] -= s[i * n + k] * s[j * n + k];
            }
        }
    }
    s
}

#[cfg(test)]
mod tests {
    use super::super::tests::{figure, reals};
    use crate::base::dice::Dice;

    fn distance(width: usize, x: &[f64], y: &[f64]) -> f64 {
        let set = |values: &[f64]| reals(width, values.iter().map(|x| *x as f32));
        figure("frechet", &[set(x), set(y)], &[])
    }

    /// In one dim `(m - n)^2 + (s - t)^2`; in two, the trace of the root of a matrix M is
    /// `sqrt(tr M + 2 sqrt(det M))`.
    #[test]
    fn closed_forms_of_one_and_two_dims() {
        let root = 2.0f64.sqrt();
        let found = distance(1, &[0.0, 2.0], &[4.0, 12.0]);
        assert!((found - (49.0 + (4.0 * root - root).powi(2))).abs() < 1e-9, "{found}");
        // Covariances [[4, 0], [0, 1]] / 3 times 2, and [[4, 2], [2, 4]] / 3 times 2.
        let x = [2.0, 0.0, -2.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        let y = [2.0, 2.0, -2.0, -2.0, 1.0, -1.0, -1.0, 1.0];
        let (s, t): ([f64; 4], [f64; 4]) =
            ([8.0 / 3.0, 0.0, 0.0, 2.0 / 3.0], [10.0 / 3.0, 2.0, 2.0, 10.0 / 3.0]);
        let trace = s[0] * t[0] + s[3] * t[3];
        let det = (s[0] * s[3]) * (t[0] * t[3] - t[1] * t[2]);
        let wanted = s[0] + s[3] + t[0] + t[3] - 2.0 * (trace + 2.0 * det.sqrt()).sqrt();
        let found = distance(2, &x, &y);
        assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        assert!(distance(2, &x, &x) < 1e-12);
    }

    /// A symmetric positive map M is the optimal way from x to M x, so the distance is the mean square of
    /// x - M x, up to the count of rows; also where the last value is the sum of the others.
    #[test]
    fn optimal_maps() {
        let (width, n) = (5, 400);
        let mut dice = Dice::new(1, "frechet", 0);
        let b: Vec<f64> = (0..width * width).map(|_| 0.4 * dice.normal()).collect();
        let map = |i: usize, j: usize| {
            let gram: f64 = (0..width).map(|k| b[i * width + k] * b[j * width + k]).sum();
            gram + if i == j { 0.5 } else { 0.0 }
        };
        for flat in [false, true] {
            let mut x: Vec<f64> = (0..width * n).map(|_| dice.normal()).collect();
            for row in x.chunks_mut(width).filter(|_| flat) {
                row[width - 1] = row[..width - 1].iter().sum();
            }
            for column in 0..width {
                let mean = x.iter().skip(column).step_by(width).sum::<f64>() / n as f64;
                x.iter_mut().skip(column).step_by(width).for_each(|x| *x -= mean);
            }
            let moved = x.chunks(width).flat_map(|row| {
                (0..width).map(move |i| (0..width).map(|j| map(i, j) * row[j]).sum::<f64>())
            });
            let y: Vec<f64> = moved.collect();
            let total: f64 = x.iter().zip(&y).map(|(a, b)| (a - b).powi(2)).sum();
            let (found, wanted) = (distance(width, &x, &y), total / (n - 1) as f64);
            assert!((found / wanted - 1.0).abs() < 1e-5, "{flat}: {found} {wanted}");
        }
    }
}
