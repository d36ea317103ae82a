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

/// Calls a function with every finite value of the rows that count.
fn each(part: &Part, counted: &[bool], mut with: impl FnMut(usize, f64)) {
    let (width, mut at) = (part.width().max(1), 0);
    part.map(|place, x| {
        if counted[at / width] && x.is_finite() {
            with(place, x);
        }
        at += 1;
    });
}

/// The mean of each value of a row; `None` if one has no value at all.
pub fn means(part: &Part, rows: &[u32]) -> Option<Vec<f64>> {
    let mut sums = vec![(0.0, 0usize); part.width()];
    each(part, &counted(part, rows), |place, x| {
        sums[place].0 += x;
        sums[place].1 += 1;
    });
    sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / n as f64)).collect()
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
    let width = part.width().max(1);
    let mut pass = |with: &dyn Fn(&mut Sums, f64)| {
        let mut at = 0;
        part.map(|place, x| {
            let x = change(place, x);
            if counted[at / width] && x.is_finite() {
                with(&mut sums[place], x);
            }
            at += 1;
        });
    };
    pass(&|sums, x| {
        sums.n += 1.0;
        sums.sum += x;
        (sums.low, sums.high) = (sums.low.min(x), sums.high.max(x));
    });
    // Around the mean, so that nothing cancels.
    pass(&|sums, x| sums.squares += (x - sums.sum / sums.n).powi(2));
    let finish = |sums: Sums| match () {
        () if sums.low >= sums.high => (if sums.n > 0.0 { sums.low } else { 0.0 }, 0.0),
        () => (sums.sum / sums.n, (sums.squares / sums.n).sqrt()),
    };
    sums.into_iter().map(finish).collect()
}
