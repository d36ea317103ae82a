//! Clusters of codes against classes. In: codes and labels of one split. Out: accuracy under the
//! best naming of clusters, and normalized mutual information. k-means++ (Arthur and Vassilvitskii
//! 2007) and Lloyd's iteration from a fixed seed, the best of several starts.

use super::information::{entropy, information};
use super::matching::matching;
use super::{CHUNK, Collected, Input, accuracy};
use crate::base::dice::Dice;
use crate::metrics::dense::{Matrix, multiply};

const STARTS: u32 = 10;
const MOST_ITERATIONS: usize = 100;

/// Accuracy of clusters, each named after a class of its own.
pub fn kmeans_accuracy(input: &Input) -> f64 {
    let [code, label] = input.here else { return f64::NAN };
    let (y, classes) = numbered(label);
    let found = kmeans(code, classes);
    let mut together = vec![vec![0.0; classes]; classes];
    for (cluster, class) in found.iter().zip(&y) {
        together[*cluster][*class] += 1.0;
    }
    let names = matching(&together);
    let named: Vec<usize> = found.iter().map(|cluster| names[*cluster]).collect();
    accuracy(&named, &y)
}

/// Mutual information of clusters and classes over the mean of their entropies.
pub fn nmi(input: &Input) -> f64 {
    let [code, label] = input.here else { return f64::NAN };
    let (y, classes) = numbered(label);
    let symbols = |list: Vec<usize>| list.into_iter().map(|x| x as u32).collect::<Vec<_>>();
    let (found, y) = (symbols(kmeans(code, classes)), symbols(y));
    information(&found, &y) / (0.5 * (entropy(&found) + entropy(&y)))
}

/// The classes that occur, numbered from 0, and how many they are.
fn numbered(label: &Collected) -> (Vec<usize>, usize) {
    let y = label.classes();
    let mut known = y.clone();
    known.sort_unstable();
    known.dedup();
    let place = |class: &usize| known.partition_point(|k| k < class);
    (y.iter().map(place).collect(), known.len())
}

/// The cluster of every row, of the start with the least sum of squared distances.
fn kmeans(code: &Collected, clusters: usize) -> Vec<usize> {
    let mut best = (f64::INFINITY, vec![0; code.rows()]);
    for start in 0..STARTS {
        let found = lloyd(code, spread(code, clusters, &mut Dice::new(0, "k-means", start)));
        if found.0 < best.0 {
            best = found;
        }
    }
    best.1
}

/// First centers: every next one is a row drawn by its squared distance from those before.
fn spread(code: &Collected, clusters: usize, dice: &mut Dice) -> Vec<f64> {
    let (rows, width) = (code.rows(), code.width);
    let row = |at: usize| &code.values[at * width..(at + 1) * width];
    let mut distances = vec![f64::INFINITY; rows];
    let mut centers: Vec<f64> = Vec::with_capacity(clusters * width);
    let mut next = dice.below(rows as u32) as usize;
    for _ in 0..clusters {
        let center: Vec<f64> = row(next).iter().map(|x| f64::from(*x)).collect();
        for (at, distance) in distances.iter_mut().enumerate() {
            let squares = row(at).iter().zip(&center).map(|(x, c)| (f64::from(*x) - c).powi(2));
            *distance = distance.min(squares.sum());
        }
        centers.extend(center);
        let mut left = dice.uniform() * distances.iter().sum::<f64>();
        next = distances
            .iter()
            .position(|distance| {
                left -= distance;
                left < 0.0
            })
            .unwrap_or(rows - 1);
    }
    centers
}

/// Moves centers to the means of their rows until no row changes its cluster. Gives the sum of
/// squared distances and the cluster of every row.
fn lloyd(code: &Collected, mut centers: Vec<f64>) -> (f64, Vec<usize>) {
    let width = code.width;
    let clusters = centers.len() / width.max(1);
    let mut found = vec![usize::MAX; code.rows()];
    let mut total = f64::INFINITY;
    let (mut x, mut products) = (Vec::new(), Vec::new());
    for _ in 0..MOST_ITERATIONS {
        let lengths: Vec<f64> =
            centers.chunks(width).map(|c| c.iter().map(|v| v * v).sum()).collect();
        let mut sums = vec![0.0; centers.len()];
        let mut counts = vec![0.0; clusters];
        let mut changed = false;
        total = 0.0;
        for (rows, found) in code.values.chunks(CHUNK * width).zip(found.chunks_mut(CHUNK)) {
            x.clear();
            x.extend(rows.iter().map(|v| f64::from(*v)));
            products.resize(found.len() * clusters, 0.0);
            let turned = Matrix::new(&centers, width).turn();
            multiply(Matrix::new(&x, width), turned, &mut products, false);
            let near = products.chunks(clusters).map(|row| nearest(row, &lengths));
            for ((row, found), (at, distance)) in x.chunks(width).zip(found).zip(near) {
                changed |= *found != at;
                *found = at;
                counts[at] += 1.0;
                total += distance + row.iter().map(|v| v * v).sum::<f64>();
                let sums = &mut sums[at * width..(at + 1) * width];
                sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
            }
        }
        if !changed {
            break;
        }
        for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let place = at * width..(at + 1) * width;
            let means = sums[place.clone()].iter().map(|sum| sum / count);
            centers[place].iter_mut().zip(means).for_each(|(center, mean)| *center = mean);
        }
    }
    (total, found)
}

/// The nearest center and the squared distance without the row's own length.
fn nearest(products: &[f64], lengths: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (at, (product, length)) in products.iter().zip(lengths).enumerate() {
        let distance = length - 2.0 * product;
        if distance < best.1 {
            best = (at, distance);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure, reals};
    use crate::base::dice::Dice;

    #[test]
    fn clusters_far_apart() {
        let mut dice = Dice::new(5, "clusters", 0);
        let labels: Vec<usize> = (0..600).map(|i| [7, 2, 4][i % 3]).collect();
        let rows = labels.iter().flat_map(|y| {
            let center = [[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]][y / 3];
            center.map(|c: f64| (c + dice.normal()) as f32)
        });
        let code = reals(2, rows.collect::<Vec<_>>());
        let sets = [code.clone(), classes(1, labels.clone())];
        assert_eq!(figure("kmeans_accuracy", &sets, &[]), 1.0);
        assert!((figure("nmi", &sets, &[]) - 1.0).abs() < 1e-12);
        // Every fourth label wrong: the naming stays, the figure is the share of right labels.
        let wrong = labels.iter().enumerate().map(|(i, y)| if i % 4 == 0 { 9 - y } else { *y });
        let wrong: Vec<usize> = wrong.map(|y| if y == 5 { 2 } else { y }).collect();
        let right = labels.iter().zip(&wrong).filter(|(a, b)| a == b).count() as f64 / 600.0;
        let found = figure("kmeans_accuracy", &[code.clone(), classes(1, wrong)], &[]);
        assert!((found - right).abs() < 1e-12, "{found} {right}");
        // Labels that have nothing to do with the code.
        let other = classes(1, (0..600).map(|i| i / 200));
        assert!(figure("nmi", &[code, other], &[]) < 0.01);
    }

    #[test]
    fn nmi_by_hand() {
        // Clusters 00 00 11 11 (found exactly), labels 0 1 0 0 | 1 1 1 1 of which one is off.
        let code = reals(1, [0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0]);
        let sets = [code, classes(1, [0, 1, 0, 0, 1, 1, 1, 1])];
        assert_eq!(figure("kmeans_accuracy", &sets, &[]), 7.0 / 8.0);
        let h = |ps: &[f64]| -ps.iter().map(|p| p * p.ln()).sum::<f64>();
        let (clusters, label) = (h(&[0.5, 0.5]), h(&[3.0 / 8.0, 5.0 / 8.0]));
        let both = h(&[3.0 / 8.0, 1.0 / 8.0, 0.5]);
        let exact = (clusters + label - both) / (0.5 * (clusters + label));
        assert!((figure("nmi", &sets, &[]) - exact).abs() < 1e-12);
    }

    #[test]
    fn more_classes_than_points() {
        let code = reals(1, [1.0; 6]);
        let sets = [code, classes(1, [0, 1, 2, 3, 0, 0])];
        assert_eq!(figure("kmeans_accuracy", &sets, &[]), 0.5);
    }
}
