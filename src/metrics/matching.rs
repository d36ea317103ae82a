//! The best one-to-one matching of rows and columns. In: a square matrix of gains. Out: for every
//! row its column, so that the sum is largest (Kuhn 1955, in Munkres' O(n^3) form).

/// The column of every row.
pub fn matching(gain: &[Vec<f64>]) -> Vec<usize> {
    let n = gain.len();
    // Prices of rows and columns; column 0 and row 0 stand for "none".
    let (mut rows, mut columns) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut owner = vec![0usize; n + 1];
    for row in 1..=n {
        owner[0] = row;
        let (mut least, mut from) = (vec![f64::INFINITY; n + 1], vec![0usize; n + 1]);
        let mut seen = vec![false; n + 1];
        let mut at = 0;
        while owner[at] != 0 {
            seen[at] = true;
            let (mut step, mut next) = (f64::INFINITY, 0);
            for column in (1..=n).filter(|c| !seen[*c]) {
                let cost = -gain[owner[at] - 1][column - 1] - rows[owner[at]] - columns[column];
                if cost < least[column] {
                    (least[column], from[column]) = (cost, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], column);
                }
            }
            for column in 0..=n {
                if seen[column] {
                    rows[owner[column]] += step;
                    columns[column] -= step;
                } else {
                    least[column] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            owner[at] = owner[from[at]];
            at = from[at];
        }
    }
    let mut found = vec![0; n];
    for column in 1..=n {
        found[owner[column] - 1] = column - 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::matching;
    use crate::base::dice::Dice;

    fn best(gain: &[Vec<f64>], row: usize, used: &mut Vec<usize>) -> f64 {
        if row == gain.len() {
            return 0.0;
        }
        let mut most = f64::NEG_INFINITY;
        for column in 0..gain.len() {
            if !used.contains(&column) {
                used.push(column);
                most = most.max(gain[row][column] + best(gain, row + 1, used));
                used.pop();
            }
        }
        most
    }

    #[test]
    fn as_good_as_trying_all() {
        let mut dice = Dice::new(4, "matching", 0);
        for n in 0..7 {
            for _ in 0..20 {
                let gain: Vec<Vec<f64>> =
                    (0..n).map(|_| (0..n).map(|_| f64::from(dice.below(10))).collect()).collect();
                let found = matching(&gain);
                let mut columns = found.clone();
                columns.sort_unstable();
                assert_eq!(columns, (0..n).collect::<Vec<_>>());
                let sum: f64 = found.iter().enumerate().map(|(row, c)| gain[row][*c]).sum();
                assert_eq!(sum, best(&gain, 0, &mut Vec::new()), "{gain:?}");
            }
        }
    }
}
