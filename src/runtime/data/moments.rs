//! Means and deviations of the values of a field, for each value of a row. In: a [`Part`] and the
//! rows that count. Out: f64 figures. Values that are missing or infinite do not count.

use super::fields::Part;

/// The rows that count: all if none are named.
fn counted(part: &Part, rows: &[u32]) -> Vec<bool> {
    if rows.is_empty() {
        return vec![true; part.rows()];
    }
    let mut counted = vec![false; part.rows()];
    rows.iter().for_each(|row| counted[*row as usize] = true);
    counted
}

/// Calls a function with every value of the rows that count that is finite after `change`.
fn each(
    part: &Part,
    counted: &[bool],
    change: &impl Fn(usize, f64) -> f64,
    mut with: impl FnMut(usize, f64),
) {
    let (width, mut at) = (part.width().max(1), 0);
    part.map(|place, x| {
        let x = change(place, x);
        if counted[at / width] && x.is_finite() {
            with(place, x);
        }
        at += 1;
    });
}

/// A power of two near the largest size of each value of a row: what is divided by it has squares and
/// sums that are reals, with the same digits.
fn sizes(part: &Part, counted: &[bool], change: &impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut largest = vec![0.0f64; part.width()];
    each(part, counted, change, |place, x| largest[place] = largest[place].max(x.abs()));
    let power = |x: f64| if x > 0.0 { x.log2().floor().clamp(-1000.0, 1000.0).exp2() } else { 1.0 };
    largest.into_iter().map(power).collect()
}

/// The mean of each value of a row; `None` if one has no value at all.
pub fn means(part: &Part, rows: &[u32]) -> Option<Vec<f64>> {
    let counted = counted(part, rows);
    let same = |_, x| x;
    let sizes = sizes(part, &counted, &same);
    let mut sums = vec![(0.0, 0usize); part.width()];
    each(part, &counted, &same, |place, x| {
        sums[place].0 += x / sizes[place];
        sums[place].1 += 1;
    });
    let mean = |((sum, n), size): ((f64, usize), f64)| (n > 0).then(|| sum / n as f64 * size);
    sums.into_iter().zip(sizes).map(mean).collect()
}

/// Mean and standard deviation of each value of a row after `change`. The deviation is that of the
/// rows themselves (divided by their number), and 0 exactly if all are equal.
pub fn moments(part: &Part, rows: &[u32], change: impl Fn(usize, f64) -> f64) -> Vec<(f64, f64)> {
    #[derive(Clone)]
    struct Sums {
        n: f64,
        sum: f64,
        squares: f64,
        low: f64,
        high: f64,
    }
    let none = Sums { n: 0.0, sum: 0.0, squares: 0.0, low: f64::INFINITY, high: f64::NEG_INFINITY };
    let mut sums = vec![none; part.width()];
    let counted = counted(part, rows);
    let sizes = sizes(part, &counted, &change);
    let mut pass = |with: &dyn Fn(&mut Sums, f64)| {
        each(part, &counted, &change, |place, x| with(&mut sums[place], x / sizes[place]));
    };
    pass(&|sums, x| {
        sums.n += 1.0;
        sums.sum += x;
        (sums.low, sums.high) = (sums.low.min(x), sums.high.max(x));
    });
    // Around the mean, so that nothing cancels.
    pass(&|sums, x| sums.squares += (x - sums.sum / sums.n).powi(2));
    let finish = |(sums, size): (Sums, f64)| match () {
        () if sums.low >= sums.high => (if sums.n > 0.0 { sums.low * size } else { 0.0 }, 0.0),
        () => (sums.sum / sums.n * size, (sums.squares / sums.n).sqrt() * size),
    };
    sums.into_iter().zip(sizes).map(finish).collect()
}
