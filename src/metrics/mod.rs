//! Figures that the host computes from a whole split. In: per argument the rows of a split, and of
//! the training split for metrics that learn. Out: a number. A metric is a row of `rows.rs` and a function
//! in a file of its own. All are deterministic.

mod auc;
mod bleu;
mod chains;
mod cluster;
#[allow(unsafe_code, reason = "a product kernel is called by pointers")]
mod dense;
mod dimension;
mod disentangle;
mod frechet;
mod groups;
mod information;
mod knn;
mod linear;
mod matching;
mod probe;
mod ranks;
mod rows;
mod spectrum;

pub use rows::{ArgKind, Figure, METRICS, Metric, Setting, find};

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
    match metric.figure {
        Figure::OfSplit(figure) => figure(input),
        Figure::OfRow(_) => f64::NAN,
    }
}

/// The root of the mean squared difference.
fn rmse(input: &Input) -> f64 {
    let [x, target] = input.here else { return f64::NAN };
    let pairs = x.values.iter().zip(&target.values);
    let total: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    (total / x.values.len() as f64).sqrt()
}

/// The sum over some rows of a metric that is computed row by row: all entries, those of one row, and its
/// columns.
pub fn sum_by_row(
    metric: &Metric,
    entries: &[f64],
    (row, columns): (usize, usize),
    settings: &[f64],
) -> f64 {
    let Figure::OfRow(figure) = metric.figure else { return f64::NAN };
    let one = |row: &[f64]| match row.iter().all(|x| x.is_finite()) {
        true => figure(row, columns, settings),
        false => f64::NAN,
    };
    entries.chunks(row.max(1)).map(one).sum()
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
        for row in METRICS.iter().filter(|row| !row.by_row()) {
            let settings: Vec<f64> = row.settings.iter().map(|s| s.default).collect();
            let arg = |first: f32| {
                move |at: usize| match at {
                    0 if row.args[0].1 == ArgKind::Chain => reals(4, [first, 1.0, 0.0, 3.0]),
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

    /// A row that is not finite makes the figure so.
    #[test]
    fn every_metric_that_goes_by_rows_has_a_function() {
        for row in METRICS.iter().filter(|row| row.by_row()) {
            let settings: Vec<f64> = row.settings.iter().map(|s| s.default).collect();
            let rows = |x| [1.0, 2.0, 2.0, x, 1.0, 1.0, 1.0, x];
            let sum = |entries: &[f64]| sum_by_row(row, entries, (4, 2), &settings);
            assert!(sum(&rows(5.0)) > 0.0, "{}", row.name);
            assert!(sum(&rows(f64::NAN)).is_nan(), "{}", row.name);
            assert_eq!(sum(&[]), 0.0, "{}", row.name);
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
