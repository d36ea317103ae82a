//! Figures that the host computes from a whole split. In: per argument the rows of a split, and of
//! the training split for metrics that learn. Out: a number.

mod knn;
mod probe;

use crate::backend::Tensor;

/// The rows of one argument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    /// Values per row.
    pub width: usize,
    /// Row after row.
    pub values: Vec<f32>,
}

impl Collected {
    /// Appends the first `real` rows of a batch.
    pub fn push(&mut self, tensor: &Tensor, batch: usize, real: usize) {
        let values = tensor.to_f32();
        self.width = values.len() / batch.max(1);
        self.values.extend(values.iter().take(real * self.width));
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// The rows as class numbers.
    fn classes(&self) -> Vec<usize> {
        self.values.iter().step_by(self.width.max(1)).map(|y| y.max(0.0) as usize).collect()
    }
}

/// A row of the metric table.
pub struct Metric {
    /// The name in a report.
    pub name: &'static str,
    /// Whether it is fitted to the training split first.
    pub learns: bool,
    /// Its unit.
    pub unit: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// From the arguments' rows (training split, this split) to the figure.
    pub run: fn(&[Collected], &[Collected]) -> f64,
}

/// All metrics.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "linear_probe",
        learns: true,
        unit: "accuracy",
        doc: "accuracy of a logistic regression from the code to the label, fitted to the \
              training split with standardized codes",
        run: probe::linear_probe,
    },
    Metric {
        name: "knn_probe",
        learns: true,
        unit: "accuracy",
        doc: "accuracy of a vote among the 5 nearest codes of the training split",
        run: knn::knn_probe,
    },
];

/// The row with this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Codes of both splits with the training split's mean 0 and variance 1; constant columns become 0.
fn standardize(train: &Collected, test: &Collected) -> (Vec<f64>, Vec<f64>) {
    let width = train.width;
    let mut moments = vec![(0.0, 0.0); width];
    for row in train.values.chunks_exact(width.max(1)) {
        for (moment, x) in moments.iter_mut().zip(row) {
            moment.0 += f64::from(*x);
            moment.1 += f64::from(*x) * f64::from(*x);
        }
    }
    let n = train.rows().max(1) as f64;
    let scales: Vec<(f64, f64)> = moments
        .iter()
        .map(|(sum, squares)| {
            let mean = sum / n;
            let variance = squares / n - mean * mean;
            (mean, if variance > 1e-12 { variance.sqrt().recip() } else { 0.0 })
        })
        .collect();
    let apply = |set: &Collected| -> Vec<f64> {
        let each = set.values.iter().zip(scales.iter().cycle());
        each.map(|(x, (mean, scale))| (f64::from(*x) - mean) * scale).collect()
    };
    (apply(train), apply(test))
}

/// The share of equal entries.
fn accuracy(found: &[usize], truth: &[usize]) -> f64 {
    let right = found.iter().zip(truth).filter(|(a, b)| a == b).count();
    right as f64 / truth.len().max(1) as f64
}
