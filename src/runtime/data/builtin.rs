//! Data that the program carries or makes itself. In: a size and a seed. Out: a [`Table`].
//!
//! The digits are the 8x8 set of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
//! Digits", UCI Machine Learning Repository, 1998, CC BY 4.0; `tools/make_digits.py` packs them. The
//! irises are those of R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936.

use super::decode::Text;
use super::fields::Wanted;
use super::raw::{Elements, Grey, Raw};
use super::{RawColumn, Table};
use super::{csv, gzip};
use crate::base::dice::Dice;
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
    let columns = vec![
        column("images", vec![rows, 8, 8], images, grey),
        column("labels", vec![rows], labels, None),
    ];
    let splits = vec![("train".into(), train), ("test".into(), test)];
    Table { splits, ..Table::new(columns, false) }
}

const IRIS: &str = include_str!("iris.csv");

/// The 150 irises: four lengths in centimetres and the species. Every fifth row is a test row, ten of
/// each species.
pub fn iris() -> Table {
    let text = Text { bytes: IRIS.as_bytes(), path: "iris" };
    let sheets = csv::read(&[text], &csv::Ask::default(), &Wanted::default());
    let columns = sheets.ok().and_then(|mut sheets| sheets.pop());
    let columns = columns.map(|sheet| sheet.columns).unwrap_or_default();
    assert_eq!(columns.len(), 5, "the irises in the program are damaged");
    let cell = |row: usize, column: &Elements| column.get(row).unwrap_or(f64::NAN);
    let lengths = (0..150).flat_map(|row| columns[..4].iter().map(move |c| cell(row, c) as f32));
    let lengths = lengths.collect();
    let species = (0..150).map(|row| cell(row, &columns[4]) as i32).collect();
    let (test, train) = (0..150).partition(|row| row % 5 == 0);
    let splits = vec![("train".into(), train), ("test".into(), test)];
    Table { splits, ..points(4, lengths, Some(species)) }
}

/// A table of points and, where the set has classes, their labels.
fn points(width: usize, values: Vec<f32>, labels: Option<Vec<i32>>) -> Table {
    let rows = values.len() / width;
    let mut columns = vec![RawColumn::new("points", vec![rows, width], Elements::F32(values))];
    let labels = labels.map(|y| RawColumn::new("labels", vec![rows], Elements::I32(y)));
    columns.extend(labels);
    Table::new(columns, false)
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

/// The dark squares of a board of four by four between -2 and 2, rows in turn.
pub fn checkerboard(n: usize, seed: u64) -> Table {
    planar(n, &mut Dice::new(seed, "checkerboard", 0), |at, dice| {
        let square = at % 8;
        let (column, row) = (square / 2, 2 * (square % 2) + square / 2 % 2);
        let (x, y) = (column as f64 + dice.uniform(), row as f64 + dice.uniform());
        ([x - 2.0, y - 2.0], square as i32)
    })
}

/// Two interleaved spirals, rows in turn; `turns` is how often each goes round.
pub fn spirals(n: usize, noise: f64, turns: f64, seed: u64) -> Table {
    planar(n, &mut Dice::new(seed, "spirals", 0), |at, dice| {
        let (way, second) = (dice.uniform(), at % 2);
        let angle = TAU * turns * way + PI * second as f64;
        // The spirals begin beside the centre, where they would meet.
        let radius = 0.1 + 0.9 * way;
        let (x, y) = (radius * angle.cos(), radius * angle.sin());
        ([x + noise * dice.normal(), y + noise * dice.normal()], second as i32)
    })
}

/// `k` Gaussian clusters, rows in turn. Centres are uniform between -10 and 10, at least five
/// deviations from each other as far as there is room.
pub fn blobs(n: usize, k: usize, width: usize, spread: f64, seed: u64) -> Table {
    let mut dice = Dice::new(seed, "centres", 0);
    let mut centres: Vec<Vec<f64>> = Vec::new();
    while centres.len() < k {
        let mut tries = 0..100;
        let centre = loop {
            let centre: Vec<f64> = (0..width).map(|_| 20.0 * dice.uniform() - 10.0).collect();
            let near = |other: &Vec<f64>| {
                let square = centre.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                square < (5.0 * spread).powi(2)
            };
            if !centres.iter().any(near) || tries.next().is_none() {
                break centre;
            }
        };
        centres.push(centre);
    }
    let mut dice = Dice::new(seed, "blobs", 0);
    let mut values = Vec::with_capacity(n * width);
    for centre in centres.iter().cycle().take(n) {
        values.extend(centre.iter().map(|x| (x + spread * dice.normal()) as f32));
    }
    points(width, values, Some((0..n).map(|row| (row % k) as i32).collect()))
}

/// Element `i` of the unit vector in whose direction factor `j` of [`lowrank`] acts: the discrete
/// cosines, which are orthogonal.
pub fn direction(width: usize, j: usize, i: usize) -> f64 {
    let angle = PI * (2 * i + 1) as f64 * (j + 1) as f64 / (2 * width) as f64;
    (2.0 / width as f64).sqrt() * angle.cos()
}

/// `x = W z + noise e` with standard normal factors `z`. Column j of W is [`direction`] times
/// `rank - j`, so the covariance has the eigenvalues `(rank - j)^2 + noise^2`, and `noise^2` for the
/// rest.
pub fn lowrank(n: usize, width: usize, rank: usize, noise: f64, seed: u64) -> Table {
    let mut dice = Dice::new(seed, "lowrank", 0);
    let weight = |i, j| (rank - j) as f64 * direction(width, j, i);
    let (mut values, mut factors) = (Vec::with_capacity(n * width), Vec::with_capacity(n * rank));
    for _ in 0..n {
        let z: Vec<f64> = (0..rank).map(|_| dice.normal()).collect();
        for i in 0..width {
            let x: f64 = z.iter().enumerate().map(|(j, z)| weight(i, j) * z).sum();
            values.push((x + noise * dice.normal()) as f32);
        }
        factors.extend(z.iter().map(|z| *z as f32));
    }
    let mut table = points(width, values, None);
    table.columns.push(RawColumn::new("factors", vec![n, rank], Elements::F32(factors)));
    table
}

/// Ratings of `items` by `users`: 3, a normal number of deviation 0.5 for each user and each item, the product
/// of two vectors of `rank` standard normals divided by the root of `rank`, and noise.
pub fn ratings(
    n: usize,
    (users, items): (usize, usize),
    rank: usize,
    noise: f64,
    seed: u64,
) -> Table {
    // The level of each, and its vector.
    let tastes = |name: &str, count: usize| -> Vec<Vec<f64>> {
        let mut dice = Dice::new(seed, name, 0);
        (0..count).map(|_| (0..=rank).map(|_| dice.normal()).collect()).collect()
    };
    let (of_user, of_item) = (tastes("ratings.users", users), tastes("ratings.items", items));
    let mut dice = Dice::new(seed, "ratings", 0);
    let (mut who, mut what, mut how) = (vec![], vec![], vec![]);
    for _ in 0..n {
        let mut one_of = |count: usize| ((dice.uniform() * count as f64) as usize).min(count - 1);
        let (user, item) = (one_of(users), one_of(items));
        let (a, b) = (&of_user[user], &of_item[item]);
        let product: f64 = a[1..].iter().zip(&b[1..]).map(|(a, b)| a * b).sum();
        let level = 3.0 + 0.5 * (a[0] + b[0]);
        who.push(user as i32);
        what.push(item as i32);
        how.push((level + product / (rank as f64).sqrt() + noise * dice.normal()) as f32);
    }
    let column = |name: &str, elements| RawColumn::new(name, vec![n], elements);
    let columns = vec![
        column("user", Elements::I32(who)),
        column("item", Elements::I32(what)),
        column("rating", Elements::F32(how)),
    ];
    Table::new(columns, false)
}

/// Sentences of 2 to `longest` words, each as likely as any other, and their translations: every word has one in
/// the other language; there, words change places two by two from the start, and the last one comes first.
pub fn sentences(n: usize, words: usize, longest: usize, seed: u64) -> Table {
    let mut other: Vec<i32> = (1..=words as i32).collect();
    Dice::new(seed, "sentences.words", 0).shuffle(&mut other);
    let mut dice = Dice::new(seed, "sentences", 0);
    let (width, mut from, mut to) = (longest + 1, vec![], vec![]);
    for _ in 0..n {
        let length = 2 + dice.below(longest as u32 - 1) as usize;
        let sentence: Vec<usize> = (0..length).map(|_| dice.below(words as u32) as usize).collect();
        let mut turned: Vec<i32> = sentence.iter().map(|word| other[*word]).collect();
        turned.chunks_exact_mut(2).for_each(|two| two.swap(0, 1));
        turned.rotate_right(1);
        from.extend(sentence.iter().map(|word| *word as i32 + 1));
        to.extend(turned);
        let end = (from.len() / width + 1) * width;
        from.resize(end, 0);
        to.resize(end, 0);
    }
    let column = |name: &str, tokens| RawColumn::new(name, vec![n, width], Elements::I32(tokens));
    Table::new(vec![column("source", from), column("target", to)], true)
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

/// The whole numbers below `n`.
pub fn indices(n: usize) -> Table {
    let column = RawColumn::new("index", vec![n], Elements::I32((0..n as i32).collect()));
    Table::new(vec![column], false)
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
        let board = checkerboard(800, 1);
        let square = |at: usize| {
            let get = |i| (board.columns[0].values.elements.get(i).unwrap() + 2.0).floor() as usize;
            (get(2 * at), get(2 * at + 1))
        };
        assert!((0..800).all(|at| square(at).0 < 4 && square(at).1 < 4));
        assert!((0..800).all(|at| (square(at).0 + square(at).1) % 2 == 0));
        assert_eq!((0..8).map(square).collect::<std::collections::BTreeSet<_>>().len(), 8);
        assert_eq!(moons(10, 0.1, 3), moons(10, 0.1, 3));
        assert_ne!(moons(10, 0.1, 3), moons(10, 0.1, 4));
        let box_ = uniform(50, 3, -1.0, 2.0, 0);
        assert!(box_.columns[0].values.elements.iter().all(|x| (-1.0..2.0).contains(&x)));
        assert_eq!(one_hot(3).columns[0].values.elements.iter().sum::<f64>(), 3.0);
    }

    #[test]
    fn irises_are_whole() {
        let table = iris();
        let values: Vec<f64> = table.columns[0].values.elements.iter().collect();
        let mean = |at: usize| values.iter().skip(at).step_by(4).sum::<f64>() / 150.0;
        for (at, known) in [5.8433, 3.0573, 3.758, 1.1993].into_iter().enumerate() {
            assert!((mean(at) - known).abs() < 1e-4, "column {at}: {}", mean(at));
        }
        let species: Vec<f64> = table.columns[1].values.elements.iter().collect();
        for (_, rows) in &table.splits {
            let of = |class| rows.iter().filter(|row| species[**row as usize] == class).count();
            assert_eq!([of(0.0), of(1.0), of(2.0)], [rows.len() / 3; 3]);
        }
    }

    fn rows(table: &Table, column: usize) -> Vec<Vec<f64>> {
        let raw = &table.columns[column].values;
        let all: Vec<f64> = raw.elements.iter().collect();
        all.chunks_exact(raw.width()).map(<[f64]>::to_vec).collect()
    }

    #[test]
    fn spirals_go_round_each_other() {
        let table = spirals(2000, 0.0, 1.5, 1);
        let labels = rows(&table, 1);
        for (point, label) in rows(&table, 0).iter().zip(&labels) {
            let radius = point[0].hypot(point[1]);
            let angle = TAU * 1.5 * (radius - 0.1) / 0.9 + PI * label[0];
            assert!((point[0] - radius * angle.cos()).abs() < 1e-5, "{point:?}");
            assert!((point[1] - radius * angle.sin()).abs() < 1e-5, "{point:?}");
        }
        assert_ne!(spirals(10, 0.1, 1.5, 1), spirals(10, 0.1, 1.5, 2));
    }

    #[test]
    fn blobs_have_their_centres_and_spread() {
        let (k, width, each) = (4, 3, 2000);
        let points = rows(&blobs(k * each, k, width, 0.5, 3), 0);
        let of = |class: usize, at: usize| points.iter().skip(class).step_by(k).map(move |p| p[at]);
        let mean = |class, at| of(class, at).sum::<f64>() / each as f64;
        for class in 0..k {
            for at in 0..width {
                let centre = mean(class, at);
                let square = of(class, at).map(|x| (x - centre).powi(2)).sum::<f64>();
                let deviation = (square / each as f64).sqrt();
                assert!((deviation - 0.5).abs() < 0.03, "{class} {at}: {deviation}");
            }
            for other in 0..class {
                let parts = (0..width).map(|at| (mean(class, at) - mean(other, at)).powi(2));
                assert!(parts.sum::<f64>().sqrt() > 2.4, "{class} and {other}");
            }
        }
    }

    #[test]
    fn the_spectrum_of_lowrank_is_as_stated() {
        let (n, width, rank, noise) = (20_000, 6, 2, 0.5);
        let points = rows(&lowrank(n, width, rank, noise, 0), 0);
        for j in 0..width - 1 {
            let along = |p: &Vec<f64>| {
                (0..width).map(|i| p[i] * direction(width, j, i)).sum::<f64>().powi(2)
            };
            let variance = points.iter().map(along).sum::<f64>() / n as f64;
            let factor = if j < rank { (rank - j) as f64 } else { 0.0 };
            let stated = factor * factor + noise * noise;
            // Four standard errors of a variance.
            let error = 4.0 * stated * (2.0 / n as f64).sqrt();
            assert!((variance - stated).abs() < error, "{j}: {variance}, not {stated}");
        }
    }
}
