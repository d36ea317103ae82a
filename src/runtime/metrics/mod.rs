//! Figures that the host computes from a whole split. In: per argument the rows of a split, and of
//! the training split for metrics that learn. Out: a number. What the metrics are called and what
//! they take stands in `base::metrics`; here are the functions. All are deterministic.

mod auc;
mod cluster;
mod dimension;
mod disentangle;
mod information;
mod knn;
mod linear;
mod matching;
mod probe;

pub use crate::base::metrics::find;

use crate::backend::{Data, Tensor};
use crate::base::metrics::Metric;

/// The rows of one argument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    /// Values per row.
    pub width: usize,
    /// Row after row.
    pub values: Vec<f32>,
    /// Whether the values are whole numbers: classes.
    pub whole: bool,
}

impl Collected {
    /// Appends the first `real` rows of a batch.
    pub fn push(&mut self, tensor: &Tensor, batch: usize, real: usize) {
        let values = tensor.to_f32();
        self.whole = matches!(tensor.data, Data::I32(_));
        self.width = values.len() / batch.max(1);
        self.values.extend(values.iter().take(real * self.width));
    }

    /// Whether there are whole numbers that f32 does not tell apart.
    pub fn is_rounded(&self) -> bool {
        const MOST: f32 = 16_777_216.0;
        self.whole && self.values.iter().any(|x| x.abs() >= MOST)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// The rows as class numbers.
    fn classes(&self) -> Vec<usize> {
        self.values.iter().step_by(self.width.max(1)).map(|y| y.max(0.0) as usize).collect()
    }

    /// One entry of every row.
    fn column(&self, at: usize) -> impl Iterator<Item = f32> {
        self.values.iter().skip(at).step_by(self.width.max(1)).copied()
    }
}

/// What a metric is computed from.
pub struct Input<'a> {
    /// The arguments over the training split; empty unless the metric learns.
    pub train: &'a [Collected],
    /// The arguments over this split.
    pub here: &'a [Collected],
    /// Values of the row's settings.
    pub settings: &'a [f64],
}

impl Input<'_> {
    fn setting(&self, at: usize) -> f64 {
        self.settings.get(at).copied().unwrap_or(f64::NAN)
    }
}

/// The figure; not a number where a value is not finite, or where the metric has no meaning (one
/// class only, no rows).
pub fn compute(metric: &Metric, input: &Input) -> f64 {
    let sets = || input.train.iter().chain(input.here);
    let finite = |set: &Collected| set.values.iter().all(|x| x.is_finite());
    let wanted = metric.args.len();
    let whole = input.here.len() >= wanted && (!metric.learns || input.train.len() >= wanted);
    if !whole || sets().any(|set| set.rows() == 0 || !finite(set)) {
        return f64::NAN;
    }
    match metric.name {
        "linear_probe" => probe::linear_probe(input),
        "knn_probe" => knn::knn_probe(input),
        "linear_r2" => linear::linear_r2(input),
        "rmse" => rmse(input),
        "auc" => auc::auc(input),
        "two_nn" => dimension::two_nn(input),
        "kmeans_accuracy" => cluster::kmeans_accuracy(input),
        "nmi" => cluster::nmi(input),
        "mutual_information" => information::mutual_information(input),
        "mig" => information::mig(input),
        "dci" => disentangle::dci(input),
        other => unreachable!("metric `{other}` is in the table and has no function"),
    }
}

/// The root of the mean squared difference.
fn rmse(input: &Input) -> f64 {
    let [x, target] = input.here else { return f64::NAN };
    let pairs = x.values.iter().zip(&target.values);
    let total: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    (total / x.values.len() as f64).sqrt()
}

/// The sum over the first `real` rows of a batch of a metric that is computed row by row.
pub fn sum_by_row(metric: &Metric, tensor: &Tensor, real: usize, settings: &[f64]) -> f64 {
    let values = tensor.to_f64();
    let [batch, .., columns] = tensor.shape[..] else { return f64::NAN };
    let row = |row: &[f64]| match metric.name {
        _ if row.iter().any(|x| !x.is_finite()) => f64::NAN,
        "rank" => dimension::rank(row, columns, settings.first().copied().unwrap_or(f64::NAN)),
        other => unreachable!("metric `{other}` is said to go by rows and has no function"),
    };
    values.chunks(values.len().div_ceil(batch.max(1)).max(1)).take(real).map(row).sum()
}

/// Mean and inverse deviation of every column; constant columns become 0.
struct Standard {
    scales: Vec<(f64, f64)>,
}

impl Standard {
    /// Mean 0 and variance 1 over these rows.
    fn of(set: &Collected) -> Standard {
        Standard::damped(set, 0.0)
    }

    /// The same with a share of the mean variance added to every variance: an entry that almost
    /// never differs from its mean would be nothing but noise at variance 1.
    fn damped(set: &Collected, share: f64) -> Standard {
        let mut moments = vec![(0.0, 0.0); set.width];
        for row in set.values.chunks_exact(set.width.max(1)) {
            for (moment, x) in moments.iter_mut().zip(row) {
                moment.0 += f64::from(*x);
                moment.1 += f64::from(*x) * f64::from(*x);
            }
        }
        let n = set.rows().max(1) as f64;
        let variance = |(sum, squares): &(f64, f64)| (squares / n - sum * sum / (n * n)).max(0.0);
        let common = moments.iter().map(variance).sum::<f64>() / moments.len().max(1) as f64;
        let scale = |moment: &(f64, f64)| {
            let own = variance(moment);
            let wide = own + share * common;
            (moment.0 / n, if own > 1e-12 { wide.sqrt().recip() } else { 0.0 })
        };
        Standard { scales: moments.iter().map(scale).collect() }
    }

    /// Standardized rows, row after row.
    fn apply(&self, rows: &[f32], to: &mut Vec<f64>) {
        to.clear();
        for row in rows.chunks_exact(self.scales.len().max(1)) {
            to.extend(row.iter().zip(&self.scales).map(|(x, (m, s))| (f64::from(*x) - m) * s));
        }
    }
}

/// Rows that are converted and multiplied at once: they stay in the cache between two products.
const CHUNK: usize = 256;

/// The share of equal entries.
fn accuracy(found: &[usize], truth: &[usize]) -> f64 {
    let right = found.iter().zip(truth).filter(|(a, b)| a == b).count();
    right as f64 / truth.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A metric by name over one split that is also the training split.
    pub fn figure(name: &str, sets: &[Collected], settings: &[f64]) -> f64 {
        compute(find(name).unwrap(), &Input { train: sets, here: sets, settings })
    }

    /// Reals, row after row.
    pub fn reals(width: usize, values: impl IntoIterator<Item = f32>) -> Collected {
        Collected { width, values: values.into_iter().collect(), whole: false }
    }

    /// Classes, row after row.
    pub fn classes(width: usize, values: impl IntoIterator<Item = usize>) -> Collected {
        let values = values.into_iter().map(|y| y as f32).collect();
        Collected { width, values, whole: true }
    }

    #[test]
    fn every_row_has_a_function_and_refuses_what_is_not_finite() {
        for row in crate::base::metrics::METRICS.iter().filter(|row| !row.by_row) {
            let settings: Vec<f64> = row.settings.iter().map(|s| s.default).collect();
            let arg = |first: f32| {
                move |at: usize| match at {
                    0 => reals(1, [first, 1.0, 2.0, 3.0]),
                    _ => classes(2, [0, 1, 1, 0, 0, 1, 1, 0]),
                }
            };
            let sets = |first| (0..row.args.len()).map(arg(first)).collect::<Vec<_>>();
            assert!(!figure(row.name, &sets(0.0), &settings).is_nan(), "{}", row.name);
            assert!(figure(row.name, &sets(f32::NAN), &settings).is_nan(), "{}", row.name);
            assert!(figure(row.name, &[], &settings).is_nan(), "{}", row.name);
        }
    }

    /// Rows that only fill a batch are left out; one that is not finite makes the figure so.
    #[test]
    fn every_metric_that_goes_by_rows_has_a_function() {
        for row in crate::base::metrics::METRICS.iter().filter(|row| row.by_row) {
            let settings: Vec<f64> = row.settings.iter().map(|s| s.default).collect();
            let tensor = |x| Tensor::f32([2, 2, 2], vec![1.0, 2.0, 2.0, x, 1.0, 1.0, 1.0, x]);
            assert!(sum_by_row(row, &tensor(5.0), 2, &settings) > 0.0, "{}", row.name);
            assert!(sum_by_row(row, &tensor(f32::NAN), 2, &settings).is_nan(), "{}", row.name);
            assert_eq!(sum_by_row(row, &tensor(5.0), 0, &settings), 0.0, "{}", row.name);
        }
    }

    #[test]
    fn standard_columns() {
        let set = reals(2, [1.0, 5.0, 3.0, 5.0]);
        let mut rows = Vec::new();
        Standard::of(&set).apply(&set.values, &mut rows);
        assert_eq!(rows, [-1.0, 0.0, 1.0, 0.0]);
    }
}
