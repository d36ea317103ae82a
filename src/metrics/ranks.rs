//! Correlations of ranks. In: two numbers per row. Out: whether the rows have one order by both.

use super::{Collected, Input};

/// Places in order of size, from 1; equal numbers share the mean of their places.
fn ranks(of: &Collected) -> Vec<f64> {
    let mut order: Vec<usize> = (0..of.values.len()).collect();
    order.sort_by(|a, b| of.values[*a].total_cmp(&of.values[*b]));
    let mut ranks = vec![0.0; order.len()];
    let mut before = 0;
    for ties in order.chunk_by(|a, b| of.values[*a] == of.values[*b]) {
        let mean = before as f64 + (ties.len() + 1) as f64 / 2.0;
        ties.iter().for_each(|at| ranks[*at] = mean);
        before += ties.len();
    }
    ranks
}

/// The correlation of the ranks (Spearman 1904); not a number where all rows are equal in one of them.
pub fn spearman(input: &Input) -> f64 {
    let [x, y] = input.here else { return f64::NAN };
    let (a, b) = (ranks(x), ranks(y));
    // The mean of all ranks, with ties or without.
    let mean = (a.len() + 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(x, y)| (x - mean) * (y - mean)).sum()
    };
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{figure, reals};

    /// Values of `scipy.stats.spearmanr`.
    #[test]
    fn those_of_scipy() {
        let of = |x: &[f32], y: &[f32]| {
            figure("spearman", &[reals(1, x.to_vec()), reals(1, y.to_vec())], &[])
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(of(&[1.0, 2.0, 3.0, 4.0], &[10.0, 100.0, 1000.0, 1e4]), 1.0);
        near(of(&[1.0, 2.0, 3.0, 4.0], &[4.0, 3.0, 2.0, 1.0]), -1.0);
        near(
            of(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0], &[2.0, 7.0, 1.0, 8.0, 2.0, 8.0]),
            -0.1343433226559697,
        );
        near(of(&[0.5, 0.5, 0.5, 2.0, -1.0], &[1.0, 2.0, 2.0, 3.0, 0.0]), 0.9176629354822471);
        assert!(of(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }
}
