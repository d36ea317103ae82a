//! What passes a bottleneck. In: the codes of a split, batch by batch, and their rate. Out: the
//! figures of the bottleneck report: width, active units or codebook use, rate.

use crate::backend::{Data, Tensor};

/// A unit is active if the variance of its posterior mean over the split is larger than this (Burda,
/// Grosse and Salakhutdinov 2016).
const ACTIVE: f64 = 0.01;

/// What is collected of a code.
#[derive(Clone, Debug, Default)]
pub struct CodeSum {
    /// Per value of the code: sum and sum of squares.
    moments: Vec<(f64, f64)>,
    /// Values that are not 0.
    nonzero: usize,
    /// How often each index occurs; empty for a code of reals.
    counts: Vec<usize>,
    rates: f64,
    rows: usize,
}

impl CodeSum {
    /// Nothing yet. `codes` is the number of different indices, if the code consists of indices.
    pub fn new(codes: Option<usize>) -> CodeSum {
        CodeSum { counts: vec![0; codes.unwrap_or(0)], ..CodeSum::default() }
    }

    /// Adds the first `real` of `batch` rows of codes, and the sum of their rates.
    pub fn add(&mut self, codes: &Tensor, batch: usize, real: usize, rates: f64) {
        match &codes.data {
            // Whole numbers of which nobody knows how many there are count as reals.
            Data::I32(indices) if !self.counts.is_empty() => {
                let width = indices.len() / batch.max(1);
                for index in indices.iter().take(real * width) {
                    if let Some(count) = self.counts.get_mut(*index as usize) {
                        *count += 1;
                    }
                }
            }
            _ => {
                let values = codes.to_f64();
                let width = values.len() / batch.max(1);
                self.moments.resize(width, (0.0, 0.0));
                for row in values.chunks_exact(width.max(1)).take(real) {
                    self.nonzero += row.iter().filter(|x| **x != 0.0).count();
                    for (moment, x) in self.moments.iter_mut().zip(row) {
                        *moment = (moment.0 + x, moment.1 + x * x);
                    }
                }
            }
        }
        self.rates += rates;
        self.rows += real;
    }

    /// Name, value and unit of each figure.
    pub fn figures(&self, width: usize, has_rate: bool) -> Vec<(&'static str, f64, String)> {
        let n = self.rows as f64;
        let mut figures = Vec::new();
        if self.counts.is_empty() {
            let variance = |(sum, squares): &(f64, f64)| squares / n - (sum / n).powi(2);
            let active = self.moments.iter().filter(|m| variance(m) > ACTIVE).count();
            figures.push(("width", width as f64, "values".to_string()));
            figures.push(("active", active as f64, "values that vary".into()));
            if !has_rate {
                let share = self.nonzero as f64 / (n * self.moments.len() as f64);
                figures.push(("active_fraction", share, "share of values that are not 0".into()));
            }
        } else {
            let used = self.counts.iter().filter(|count| **count > 0).count();
            figures.push(("width", width as f64, "indices".to_string()));
            figures.push(("used", used as f64, format!("of {} codes", self.counts.len())));
            figures.push(("perplexity", self.perplexity(), "codes".into()));
        }
        if has_rate {
            figures.push(("rate", self.rates / n, "nats per example".into()));
        }
        figures
    }

    /// The exponential of the entropy of the indices: how many codes are in use, as if all were
    /// used equally often.
    fn perplexity(&self) -> f64 {
        let total = self.counts.iter().sum::<usize>() as f64;
        let shares = self.counts.iter().filter(|c| **c > 0).map(|c| *c as f64 / total);
        (-shares.map(|p| p * p.ln()).sum::<f64>()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(figures: &[(&str, f64, String)], name: &str) -> f64 {
        figures.iter().find(|(n, ..)| *n == name).map_or(f64::NAN, |(_, value, _)| *value)
    }

    #[test]
    fn reals_with_and_without_a_rate() {
        let mut sum = CodeSum::new(None);
        // One value varies, one is constant, one is 0; the last row only fills the batch.
        let rows = vec![1.0, 5.0, 0.0, -1.0, 5.0, 0.0, 9.0, 9.0, 9.0];
        sum.add(&Tensor::f32([3, 3], rows), 3, 2, 7.0);
        let with = sum.figures(3, true);
        assert_eq!((value(&with, "width"), value(&with, "active")), (3.0, 1.0));
        assert_eq!(value(&with, "rate"), 3.5);
        assert!(value(&with, "active_fraction").is_nan());
        let without = sum.figures(3, false);
        assert!((value(&without, "active_fraction") - 4.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn indices_are_counted() {
        let mut sum = CodeSum::new(Some(8));
        sum.add(&Tensor::i32([2, 4], vec![0, 0, 3, 3, 0, 3, 0, 3]), 2, 2, 0.0);
        sum.add(&Tensor::i32([2, 4], vec![5, 5, 5, 5, 1, 1, 1, 1]), 2, 1, 0.0);
        let figures = sum.figures(4, false);
        assert_eq!((value(&figures, "width"), value(&figures, "used")), (4.0, 3.0));
        assert!((value(&figures, "perplexity") - 3.0).abs() < 1e-12);
        assert!(figures.iter().any(|(_, _, unit)| unit == "of 8 codes"));
    }
}
