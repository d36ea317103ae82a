//! Data that the program carries or makes itself. In: a size and a seed. Out: a [`Table`].
//!
//! The digits are the 8x8 set of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
//! Digits", UCI Machine Learning Repository, 1998, CC BY 4.0; `tools/make_digits.py` packs them.

use super::dice::Dice;
use super::gzip;
use super::raw::{Elements, Grey, Raw};
use super::{RawColumn, Table};
use std::f64::consts::{PI, TAU};

/// Rows of the digits, and the distance between rows of the test split.
pub const DIGITS: (usize, usize) = (1797, 5);
const DIGITS_PACKED: &[u8] = include_bytes!("digits.bin.gz");

/// The 1,797 digits: `images` of 8x8 grey levels 0 to 16 and `labels`. The rows stand writer by
/// writer, so every fifth row is a test row: both splits then hold digits of every writer.
pub fn uci_digits() -> Table {
    let (rows, every) = DIGITS;
    let bytes = gzip::gunzip(DIGITS_PACKED, rows * 65, "digits").unwrap_or_default();
    assert_eq!(bytes.len(), rows * 65, "the digits in the program are damaged");
    let (images, labels) = bytes.split_at(rows * 64);
    let column = |name: &str, shape, bytes: &[u8], grey| RawColumn {
        name: name.into(),
        values: Raw { shape, elements: Elements::U8(bytes.to_vec()) },
        grey,
    };
    let grey = Some(Grey { low: 0.0, high: 16.0 });
    let (test, train) = (0..rows as u32).partition(|row| row % every as u32 == 0);
    Table {
        columns: vec![
            column("images", vec![rows, 8, 8], images, grey),
            column("labels", vec![rows], labels, None),
        ],
        splits: vec![("train".into(), train), ("test".into(), test)],
        named: false,
    }
}

/// A table of points and, where the set has classes, their labels.
fn points(width: usize, values: Vec<f32>, labels: Option<Vec<i32>>) -> Table {
    let rows = values.len() / width;
    let values = Raw { shape: vec![rows, width], elements: Elements::F32(values) };
    let mut columns = vec![RawColumn { name: "points".into(), values, grey: None }];
    if let Some(labels) = labels {
        let values = Raw { shape: vec![rows], elements: Elements::I32(labels) };
        columns.push(RawColumn { name: "labels".into(), values, grey: None });
    }
    Table { columns, splits: Vec::new(), named: false }
}

/// Makes `n` rows from a function of the row and the dice.
fn planar(n: usize, dice: &mut Dice, row: impl Fn(usize, &mut Dice) -> ([f64; 2], i32)) -> Table {
    let (mut values, mut labels) = (Vec::with_capacity(2 * n), Vec::with_capacity(n));
    for at in 0..n {
        let (point, label) = row(at, dice);
        values.extend(point.map(|x| x as f32));
        labels.push(label);
    }
    points(2, values, Some(labels))
}

/// Two interleaved half circles; rows alternate between them.
pub fn moons(n: usize, noise: f64, seed: u64) -> Table {
    planar(n, &mut Dice::new(seed, "moons", 0), |at, dice| {
        let (angle, upper) = (PI * dice.uniform(), at.is_multiple_of(2));
        let (x, y) =
            if upper { (angle.cos(), angle.sin()) } else { (1.0 - angle.cos(), 0.5 - angle.sin()) };
        ([x + noise * dice.normal(), y + noise * dice.normal()], i32::from(!upper))
    })
}

/// Eight Gaussians on a circle of radius 2 with standard deviation 0.2, rows in turn.
pub fn gaussians8(n: usize, seed: u64) -> Table {
    planar(n, &mut Dice::new(seed, "gaussians8", 0), |at, dice| {
        let angle = TAU * (at % 8) as f64 / 8.0;
        let (x, y) = (2.0 * angle.cos(), 2.0 * angle.sin());
        ([x + 0.2 * dice.normal(), y + 0.2 * dice.normal()], (at % 8) as i32)
    })
}

/// Points on the unit circle with Gaussian noise; one class.
pub fn circle(n: usize, noise: f64, seed: u64) -> Table {
    planar(n, &mut Dice::new(seed, "circle", 0), |_, dice| {
        let angle = TAU * dice.uniform();
        ([angle.cos() + noise * dice.normal(), angle.sin() + noise * dice.normal()], 0)
    })
}

/// `n` rows of `width` reals, uniform between two bounds.
pub fn uniform(n: usize, width: usize, low: f64, high: f64, seed: u64) -> Table {
    let mut dice = Dice::new(seed, "uniform", 0);
    let values = (0..n * width).map(|_| (low + (high - low) * dice.uniform()) as f32).collect();
    points(width, values, None)
}

/// The rows of the identity matrix, each its own class: the smallest coding problem there is.
pub fn one_hot(n: usize) -> Table {
    let mut values = vec![0.0; n * n];
    values.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
    let mut table = points(n, values, Some((0..n as i32).collect()));
    // Every split is the whole set: there is nothing to hold out.
    let all: Vec<u32> = (0..n as u32).collect();
    table.splits = ["train", "valid", "test"].map(|name| (name.to_string(), all.clone())).into();
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_whole() {
        let table = uci_digits();
        let (images, labels) = (&table.columns[0].values, &table.columns[1].values);
        assert_eq!(images.shape, [1797, 8, 8]);
        assert_eq!(images.elements.iter().fold(0.0, f64::max), 16.0);
        let mut counts = [0; 10];
        labels.elements.iter().for_each(|y| counts[y as usize] += 1);
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let first: Vec<f64> = images.elements.iter().take(8).collect();
        assert_eq!(first, [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn synthetic_sets() {
        let radius = |table: &Table, at: usize| {
            let get = |i| table.columns[0].values.elements.get(i).unwrap();
            (get(2 * at).powi(2) + get(2 * at + 1).powi(2)).sqrt()
        };
        let ring = circle(100, 0.0, 1);
        assert!((0..100).all(|at| (radius(&ring, at) - 1.0).abs() < 1e-6));
        let eight = gaussians8(800, 1);
        let mean = (0..800).map(|at| radius(&eight, at)).sum::<f64>() / 800.0;
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        assert_eq!(moons(10, 0.1, 3), moons(10, 0.1, 3));
        assert_ne!(moons(10, 0.1, 3), moons(10, 0.1, 4));
        let box_ = uniform(50, 3, -1.0, 2.0, 0);
        assert!(box_.columns[0].values.elements.iter().all(|x| (-1.0..2.0).contains(&x)));
        assert_eq!(one_hot(3).columns[0].values.elements.iter().sum::<f64>(), 3.0);
    }
}
