//! Disentanglement by importances (Eastwood and Williams 2018). In: codes and factors. Out: 1 if
//! every code entry serves one factor only, 0 if every entry serves all equally.

use super::linear::moments;
use super::{Collected, Input, Standard};

/// Products that the sweeps over the coordinates of a lasso take at most (entangled codes converge
/// slowly), the fewest sweeps, and the step below which it stops.
const SWEEPS: (usize, usize, f64) = (2_000_000_000, 1000, 1e-9);

/// The weighted mean over code entries of one minus the entropy of their importances.
pub fn dci(input: &Input) -> f64 {
    let [code, factors @ ..] = input.here else { return f64::NAN };
    let factors = beside(factors);
    let scales = (Standard::of(code), Standard::of(&factors));
    let moments = moments(code, &factors, (&scales.0, &scales.1));
    let varies = |at: &usize| scales.1.scales[*at].1 > 0.0;
    let weights: Vec<Vec<f64>> = (0..moments.targets)
        .filter(varies)
        .map(|at| {
            let cross: Vec<f64> =
                moments.cross.iter().skip(at).step_by(moments.targets).copied().collect();
            lasso(&moments.gram, &cross, input.setting(0))
        })
        .collect();
    disentanglement(&weights)
}

/// All factors as the columns of one set.
fn beside(factors: &[Collected]) -> Collected {
    let rows = factors.first().map_or(0, Collected::rows);
    let width = factors.iter().map(|set| set.width).sum();
    let mut values = Vec::with_capacity(rows * width);
    for row in 0..rows {
        for set in factors {
            values.extend_from_slice(&set.values[row * set.width..(row + 1) * set.width]);
        }
    }
    Collected { width, values, whole: true }
}

/// The weights that minimize `|y - x w|^2 / 2n + l1 |w|`, from the correlations of x with itself
/// and with y, coordinate by coordinate (Friedman et al. 2010).
fn lasso(gram: &[f64], cross: &[f64], l1: f64) -> Vec<f64> {
    let n = cross.len();
    let mut w = vec![0.0; n];
    // What is left of the correlation of every column with y.
    let mut rest = cross.to_vec();
    for _ in 0..(SWEEPS.0 / (n * n).max(1)).max(SWEEPS.1) {
        let mut largest = 0.0f64;
        for j in 0..n {
            let own = gram[j * n + j];
            if own <= 0.0 {
                continue;
            }
            let pull = rest[j] + own * w[j];
            let next = pull.signum() * (pull.abs() - l1).max(0.0) / own;
            let by = next - w[j];
            if by != 0.0 {
                w[j] = next;
                let column = gram[j * n..(j + 1) * n].iter();
                rest.iter_mut().zip(column).for_each(|(rest, x)| *rest -= by * x);
                largest = largest.max(by.abs());
            }
        }
        if largest < SWEEPS.2 {
            break;
        }
    }
    w
}

/// From weights per factor and code entry to the score.
fn disentanglement(weights: &[Vec<f64>]) -> f64 {
    let entries = weights.first().map_or(0, Vec::len);
    let base = (weights.len() as f64).ln();
    let (mut sum, mut total) = (0.0, 0.0);
    for at in 0..entries {
        let shares: Vec<f64> = weights.iter().map(|w| w[at].abs()).collect();
        let all: f64 = shares.iter().sum();
        if all > 0.0 {
            let terms = shares.iter().map(|s| s / all).filter(|p| *p > 0.0);
            let entropy = -terms.map(|p| p * p.ln()).sum::<f64>() / base;
            sum += all * (1.0 - entropy);
            total += all;
        }
    }
    // No weight at all: nothing is known of any factor.
    if total > 0.0 { sum / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure, reals};
    use super::{disentanglement, lasso};

    #[test]
    fn lasso_in_closed_form() {
        // Uncorrelated columns: soft thresholds.
        let w = lasso(&[1.0, 0.0, 0.0, 1.0], &[0.5, -0.01], 0.02);
        assert!((w[0] - 0.48).abs() < 1e-12 && w[1] == 0.0, "{w:?}");
        // Correlated columns: at the optimum, cross - gram w = l1 sign(w).
        let (gram, cross, l1) = ([1.0, 0.6, 0.6, 1.0], [0.9, 0.8], 0.1);
        let w = lasso(&gram, &cross, l1);
        for j in 0..2 {
            let rest = cross[j] - gram[2 * j] * w[0] - gram[2 * j + 1] * w[1];
            assert!((rest - l1 * w[j].signum()).abs() < 1e-8, "{w:?}");
        }
    }

    #[test]
    fn scores_of_known_importances() {
        let one_each = [vec![1.0, 0.0], vec![0.0, -2.0]];
        assert_eq!(disentanglement(&one_each), 1.0);
        assert!(disentanglement(&[vec![1.0, 3.0], vec![1.0, 3.0]]).abs() < 1e-12);
        // Entry 0 (weight 4 of 5): entropy of (3/4, 1/4) in bits; entry 1 serves one factor.
        let entropy = -(0.75f64 * 0.75f64.log2() + 0.25 * 0.25f64.log2());
        let found = disentanglement(&[vec![3.0, 0.0], vec![1.0, 1.0]]);
        assert!((found - (0.8 * (1.0 - entropy) + 0.2)).abs() < 1e-12, "{found}");
        assert_eq!(disentanglement(&[vec![0.0], vec![0.0]]), 0.0);
    }

    #[test]
    fn codes_of_two_factors() {
        let pairs: Vec<[usize; 2]> = (0..25).map(|i| [i % 5, i / 5]).collect();
        let factors = classes(2, pairs.concat());
        let code = |mix: f32| {
            let row = |p: &[usize; 2]| {
                let (a, b) = (p[0] as f32, p[1] as f32);
                vec![a + mix * b, b - mix * a]
            };
            reals(2, pairs.iter().map(row).collect::<Vec<_>>().concat())
        };
        let score = |mix| figure("dci", &[code(mix), factors.clone()], &[0.02]);
        assert!((score(0.0) - 1.0).abs() < 1e-9);
        // A rotation by 45 degrees mixes both factors equally.
        assert!(score(1.0).abs() < 1e-9);
        assert!((0.2..0.8).contains(&score(0.3)), "{}", score(0.3));
        // The same factors as two arguments.
        let one = |at: usize| classes(1, pairs.iter().map(|p| p[at]));
        let found = figure("dci", &[code(0.3), one(0), one(1)], &[0.02]);
        assert_eq!(found, score(0.3));
    }
}
