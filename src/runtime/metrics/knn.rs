//! A vote among nearest neighbours. In: codes and labels of two splits. Out: the accuracy on the
//! second. Deterministic: equal distances go to the earlier row, equal votes to the smaller class.

use super::{Collected, accuracy, standardize};
use ndarray::{ArrayView1, ArrayView2, Axis};

const NEIGHBOURS: usize = 5;
/// Rows of the second split whose distances are held at once.
const CHUNK: usize = 256;

/// Accuracy on the second split of a vote among its nearest rows of the first.
pub fn knn_probe(train: &[Collected], test: &[Collected]) -> f64 {
    let ([code, label], [test_code, test_label]) = (train, test) else { return f64::NAN };
    let (x, test_x) = standardize(code, test_code);
    let (y, test_y) = (label.classes(), test_label.classes());
    let (Ok(x), Ok(test_x)) = (
        ArrayView2::from_shape((y.len(), code.width), &x),
        ArrayView2::from_shape((test_y.len(), code.width), &test_x),
    ) else {
        return f64::NAN;
    };
    let lengths: Vec<f64> = x.axis_iter(Axis(0)).map(|row| row.dot(&row)).collect();
    let mut found = Vec::new();
    for chunk in test_x.axis_chunks_iter(Axis(0), CHUNK) {
        let products = chunk.dot(&x.t());
        // The length of the test row itself does not change the order.
        found.extend(products.axis_iter(Axis(0)).map(|row| vote(&row, &lengths, &y)));
    }
    accuracy(&found, &test_y)
}

fn vote(products: &ArrayView1<f64>, lengths: &[f64], y: &[usize]) -> usize {
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
