//! A vote among nearest neighbours. In: codes and labels of two splits. Out: the accuracy on the
//! second. Deterministic: equal distances go to the earlier row, equal votes to the smaller class.

use super::{CHUNK, Input, Standard, accuracy};
use crate::metrics::dense::{Matrix, multiply};

const NEIGHBOURS: usize = 5;

/// Accuracy on this split of a vote among the nearest rows of the training split.
pub fn knn_probe(input: &Input) -> f64 {
    let ([code, label], [here, truth]) = (input.train, input.here) else { return f64::NAN };
    let (y, truth, width) = (label.classes(), truth.classes(), code.width);
    let standard = Standard::of(code);
    let (mut x, mut test, mut products) = (Vec::new(), Vec::new(), Vec::new());
    standard.apply(&code.values, &mut x);
    let lengths: Vec<f64> = x.chunks(width).map(|row| row.iter().map(|v| v * v).sum()).collect();
    let mut found = Vec::new();
    for chunk in here.values.chunks(CHUNK * width) {
        standard.apply(chunk, &mut test);
        products.resize(chunk.len() / width * y.len(), 0.0);
        let (test, train) = (Matrix::new(&test, width), Matrix::new(&x, width).turn());
        multiply(test, train, &mut products, false);
        // The length of the test row itself does not change the order.
        found.extend(products.chunks(y.len()).map(|row| vote(row, &lengths, &y)));
    }
    accuracy(&found, &truth)
}

fn vote(products: &[f64], lengths: &[f64], y: &[usize]) -> usize {
    let mut near: Vec<(f64, usize)> = Vec::with_capacity(NEIGHBOURS + 1);
    for (at, (product, length)) in products.iter().zip(lengths).enumerate() {
        let distance = length - 2.0 * product;
        if near.len() == NEIGHBOURS && near.last().is_some_and(|(far, _)| distance >= *far) {
            continue;
        }
        let place = near.partition_point(|(d, _)| *d <= distance);
        near.insert(place, (distance, y[at]));
        near.truncate(NEIGHBOURS);
    }
    let votes = |class: usize| near.iter().filter(|(_, c)| *c == class).count();
    let mut classes: Vec<usize> = near.iter().map(|(_, class)| *class).collect();
    classes.sort_unstable();
    classes.dedup();
    classes.into_iter().rev().max_by_key(|class| votes(*class)).unwrap_or(0)
}
