//! How many dims there are: the intrinsic dimension of a set of points, the rank of a matrix. In: rows
//! of reals, or one matrix. Out: a number. Deterministic.

use super::spectrum::eigenvalues;
use super::{CHUNK, Input};
use crate::metrics::dense::{Matrix, multiply};

/// Candidates for the two nearest neighbours: products of matrices choose them, differences decide.
const CANDIDATES: usize = 8;

/// The estimator of Facco et al. 2017. With the ratio m of the distances to the second and the first
/// neighbour, -log(1 - F(m)) = d log m for every density that is even over the second distance; F is
/// counted, and d the slope of the line through the origin, without the share of the largest ratios.
pub fn two_nn(input: &Input) -> f64 {
    let Some(code) = input.here.first() else { return f64::NAN };
    let points = distinct(&code.values, code.width);
    let n = points.len().checked_div(code.width).unwrap_or(0);
    if n < 3 {
        return f64::NAN;
    }
    let mut ratios = ratios(&points, code.width);
    ratios.sort_by(f64::total_cmp);
    let kept = ((n as f64 * input.setting(0)).floor() as usize).clamp(1, n - 1);
    let (mut products, mut squares) = (0.0, 0.0);
    for (at, x) in ratios.iter().take(kept).enumerate() {
        let y = -((-((at + 1) as f64) / n as f64).ln_1p());
        products += x * y;
        squares += x * x;
    }
    if squares > 0.0 { products / squares } else { f64::NAN }
}

/// The points less their mean, each once: of equal points no ratio is known.
fn distinct(values: &[f32], width: usize) -> Vec<f64> {
    let mut rows: Vec<&[f32]> = values.chunks_exact(width.max(1)).collect();
    let order = |a: &&[f32], b: &&[f32]| {
        let differ = a.iter().zip(*b).find(|(x, y)| x != y);
        differ.map_or(std::cmp::Ordering::Equal, |(x, y)| x.total_cmp(y))
    };
    rows.sort_by(order);
    rows.dedup_by(|a, b| order(a, b).is_eq());
    let mut mean = vec![0.0; width];
    for row in &rows {
        mean.iter_mut().zip(*row).for_each(|(m, x)| *m += f64::from(*x));
    }
    let n = rows.len() as f64;
    rows.iter().flat_map(|row| row.iter().zip(&mean).map(|(x, m)| f64::from(*x) - m / n)).collect()
}

/// For every point, the logarithm of the second-nearest distance over the nearest.
fn ratios(points: &[f64], width: usize) -> Vec<f64> {
    let square = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>();
    let lengths: Vec<f64> = points.chunks(width).map(square).collect();
    let n = lengths.len();
    let (mut products, mut found) = (Vec::new(), Vec::with_capacity(n));
    for chunk in points.chunks(CHUNK * width) {
        products.resize(chunk.len() / width * n, 0.0);
        let all = Matrix::new(points, width).turn();
        multiply(Matrix::new(chunk, width), all, &mut products, false);
        for (row, products) in chunk.chunks(width).zip(products.chunks(n)) {
            let own = found.len();
            let near = nearest(products, &lengths, own);
            let distance = |other: &usize| {
                let other = &points[other * width..(other + 1) * width];
                row.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            };
            let mut exact: Vec<f64> = near.iter().map(distance).collect();
            exact.sort_by(f64::total_cmp);
            found.push((exact[1] / exact[0]).ln() / 2.0);
        }
    }
    found
}

/// The points that are nearest to the one numbered `own`, roughly.
fn nearest(products: &[f64], lengths: &[f64], own: usize) -> Vec<usize> {
    let mut near: Vec<(f64, usize)> = Vec::with_capacity(CANDIDATES + 1);
    for (at, (product, length)) in products.iter().zip(lengths).enumerate() {
        let distance = length - 2.0 * product;
        let far = near.last().is_some_and(|(far, _)| distance >= *far);
        if at == own || (near.len() == CANDIDATES && far) {
            continue;
        }
        let place = near.partition_point(|(d, _)| *d <= distance);
        near.insert(place, (distance, at));
        near.truncate(CANDIDATES);
    }
    near.into_iter().map(|(_, at)| at).collect()
}

/// Singular values of a matrix of so many columns that are above a share of the largest. They are the
/// roots of the eigenvalues of the smaller of A A' and A' A, in f64.
pub fn rank(values: &[f64], columns: usize, share: f64) -> f64 {
    // The largest entry becomes 1: no square overflows, and none that counts vanishes.
    let largest = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let scaled: Vec<f64> = values.iter().map(|x| x / largest).collect();
    let (a, rows) = (Matrix::new(&scaled, columns), scaled.len() / columns);
    let n = rows.min(columns);
    let mut gram = vec![0.0; n * n];
    let (left, right) = if rows < columns { (a, a.turn()) } else { (a.turn(), a) };
    multiply(left, right, &mut gram, false);
    let squares = eigenvalues(gram, n);
    let top = squares.iter().copied().fold(0.0, f64::max);
    squares.iter().filter(|x| **x > share * share * top).count() as f64
}

#[cfg(test)]
mod tests {
    use super::super::tests::{figure, reals};
    use super::*;
    use crate::base::dice::Dice;

    fn points(width: usize, n: usize, point: impl Fn(&mut Dice) -> Vec<f64>) -> f64 {
        let mut dice = Dice::new(3, "two_nn", 0);
        let rows = (0..n).flat_map(|_| point(&mut dice)).map(|x| x as f32);
        figure("two_nn", &[reals(width, rows)], &[0.9])
    }

    /// Sets of known dimension. The slope over 90 % of n ratios has a deviation of about
    /// d / sqrt(n); that of high dims is biased down, as the paper shows.
    #[test]
    fn dimensions_of_known_sets() {
        let line = points(3, 2000, |d| {
            let u = d.uniform();
            [1.0, 2.0, -1.0].map(|x| x * u).to_vec()
        });
        assert!((line - 1.0).abs() < 0.08, "{line}");
        let plane = points(10, 2000, |d| {
            let (u, v) = (d.normal(), d.normal());
            (0..10).map(|i| u * f64::from(i).sin() + v * f64::from(i).cos()).collect()
        });
        assert!((plane - 2.0).abs() < 0.15, "{plane}");
        // A roll: bent, not flat.
        let roll = points(3, 2000, |d| {
            let t = 3.0 + 9.0 * d.uniform();
            vec![t * t.cos(), 20.0 * d.uniform(), t * t.sin()]
        });
        assert!((roll - 2.0).abs() < 0.15, "{roll}");
        let cube = points(5, 2000, |d| (0..5).map(|_| d.uniform()).collect());
        assert!((4.3..5.2).contains(&cube), "{cube}");
    }

    /// `tools/dimension.py` computes the same from the same points in NumPy.
    #[test]
    fn dimension_of_numpy() {
        let spiral = (0..60).flat_map(|i| {
            let t = f64::from(i) * 0.7;
            [t.sin() * (1.0 + 0.1 * t), t.cos() * (1.0 + 0.1 * t), (t * t * 0.37).sin()]
        });
        let set = reals(3, spiral.map(|x| x as f32));
        for (share, expected) in [(0.9, SPIRAL_90), (1.0, SPIRAL_100)] {
            let found = figure("two_nn", std::slice::from_ref(&set), &[share]);
            assert!((found / expected - 1.0).abs() < 1e-9, "{share}: {found}");
        }
        // Equal points count once, and scale and place do not matter (powers of two, so exactly).
        let twice = set.values.iter().chain(&set.values).map(|x| 4.0 * x);
        assert!((figure("two_nn", &[reals(3, twice)], &[0.9]) / SPIRAL_90 - 1.0).abs() < 1e-9);
        assert!(figure("two_nn", &[reals(1, [1.0, 2.0, 1.0, 2.0])], &[0.9]).is_nan());
    }

    const SPIRAL_90: f64 = 3.140_074_276_813_34;
    const SPIRAL_100: f64 = 3.582_489_331_689_87;

    #[test]
    fn ranks_counted_by_hand() {
        let of = |columns: usize, values: &[f64]| rank(values, columns, 0.01);
        assert_eq!(of(2, &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), 2.0);
        assert_eq!(of(3, &[1.0, 2.0, 3.0, 2.0, 4.0, 6.0]), 1.0);
        assert_eq!(of(2, &[0.0; 4]), 0.0);
        // Diagonals: 1 % is the bound, whatever the scale.
        for scale in [1e-30, 1.0, 1e30] {
            let three = [1.0, 0.0, 0.0, 0.0, 0.0101, 0.0, 0.0, 0.0, 0.0099].map(|x| x * scale);
            assert_eq!(of(3, &three), 2.0);
        }
        // Singular values of [[4, 0], [3, -5]] are sqrt(40) and sqrt(10): a half apart.
        assert_eq!(rank(&[4.0, 0.0, 3.0, -5.0], 2, 0.49), 2.0);
        assert_eq!(rank(&[4.0, 0.0, 3.0, -5.0], 2, 0.51), 1.0);
    }

    /// A product of thin factors has their rank, and it and its transpose have one.
    #[test]
    fn ranks_of_products() {
        let mut dice = Dice::new(4, "rank", 0);
        for (rows, columns, inner) in [(30, 7, 3), (7, 30, 5), (12, 12, 12), (40, 40, 11)] {
            let mut draw = |n: usize| (0..n).map(|_| dice.normal()).collect::<Vec<f64>>();
            let (a, b) = (draw(rows * inner), draw(inner * columns));
            let mut product = vec![0.0; rows * columns];
            multiply(Matrix::new(&a, inner), Matrix::new(&b, columns), &mut product, false);
            assert_eq!(rank(&product, columns, 1e-6), inner as f64);
            let turned: Vec<f64> = (0..columns)
                .flat_map(|j| product.iter().skip(j).step_by(columns).copied())
                .collect();
            assert_eq!(rank(&turned, rows, 1e-6), inner as f64);
        }
    }
}
