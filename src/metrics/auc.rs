//! The area under the ROC curve. In: a score and a label per row. Out: the chance that a row with
//! the label scores higher than one without, equal scores counting one half.

use super::Input;

/// The area from the sum of ranks (Mann and Whitney).
pub fn auc(input: &Input) -> f64 {
    let [score, label] = input.here else { return f64::NAN };
    let mut rows: Vec<(f32, bool)> =
        score.values.iter().zip(&label.values).map(|(s, y)| (*s, *y > 0.5)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0, 0.0);
    let mut positives = 0.0;
    for ties in rows.chunk_by(|a, b| a.0 == b.0) {
        let yes = ties.iter().filter(|(_, y)| *y).count() as f64;
        let no = ties.len() as f64 - yes;
        wins += yes * (below + no / 2.0);
        below += no;
        positives += yes;
    }
    wins / (positives * below)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure, reals};

    #[test]
    fn counted_by_hand() {
        let area = |scores: &[f32], labels: &[usize]| {
            figure("auc", &[reals(1, scores.to_vec()), classes(1, labels.to_vec())], &[])
        };
        assert_eq!(area(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]), 0.75);
        assert_eq!(area(&[1.0, 2.0, 3.0], &[0, 1, 1]), 1.0);
        assert_eq!(area(&[3.0, 2.0, 1.0], &[0, 1, 1]), 0.0);
        assert_eq!(area(&[7.0; 5], &[0, 1, 1, 0, 1]), 0.5);
        // Pairs: 0.5 against 0.5 counts one half, 0.9 wins twice, 0.5 against 0.1 wins.
        assert_eq!(area(&[0.5, 0.5, 0.1, 0.9], &[1, 0, 0, 1]), 3.5 / 4.0);
        assert_eq!(area(&[-0.0, 0.0], &[1, 0]), 0.5);
        assert!(area(&[1.0, 2.0], &[1, 1]).is_nan());
    }
}
