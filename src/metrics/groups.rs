//! Groups that rows belong to, one or several, told by a probe: one logistic regression for each group. In: codes
//! and truth values of two splits. Out: F1 figures of the second. Deterministic.
//!
//! How many groups a row is in is known, and those with the largest scores are told, as Perozzi, Al-Rfou and
//! Skiena (2014) and Grover and Leskovec (2016) do.

use super::Input;
use super::probe::{Truth, scored};

/// What was told of a group.
#[derive(Clone, Copy, Default)]
struct Told {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Told {
    /// The harmonic mean of precision and recall; none of a group that is neither there nor told.
    fn f1(self) -> Option<f64> {
        let all = 2 * self.right + self.wrong + self.missed;
        (all > 0).then(|| 2.0 * self.right as f64 / all as f64)
    }
}

/// The mean of the F1 of all groups.
pub fn macro_f1(input: &Input) -> f64 {
    let each: Vec<f64> = told(input).into_iter().filter_map(Told::f1).collect();
    each.iter().sum::<f64>() / each.len() as f64
}

/// The F1 of all groups together.
pub fn micro_f1(input: &Input) -> f64 {
    let add = |a: Told, b: Told| Told {
        right: a.right + b.right,
        wrong: a.wrong + b.wrong,
        missed: a.missed + b.missed,
    };
    told(input).into_iter().fold(Told::default(), add).f1().unwrap_or(f64::NAN)
}

fn told(input: &Input) -> Vec<Told> {
    let ([code, groups], [here, truth]) = (input.train, input.here) else { return vec![] };
    let mut list = vec![Told::default(); groups.width];
    let mut rows = truth.values.chunks(groups.width.max(1));
    let mut order: Vec<usize> = (0..groups.width).collect();
    scored(code, here, (Truth::Groups(&groups.values), groups.width), |scores| {
        let Some(own) = rows.next() else { return };
        let member = |at: &usize| own[*at] > 0.5;
        let count = (0..own.len()).filter(member).count();
        // The first of equal ones.
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        for (place, at) in order.iter().enumerate() {
            match (place < count, member(at)) {
                (true, true) => list[*at].right += 1,
                (true, false) => list[*at].wrong += 1,
                (false, true) => list[*at].missed += 1,
                (false, false) => {}
            }
        }
    });
    list
}

#[cfg(test)]
mod tests {
    use super::super::tests::reals;
    use super::super::{Collected, Input, compute, find};

    /// Codes that are the groups, but for two rows of the second split.
    #[test]
    fn what_is_told_is_counted() {
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]];
        let code: Vec<f32> = rows.iter().cycle().take(40).flatten().copied().collect();
        let train = [reals(3, code.clone()), reals(3, code)];
        let here = |code: &[[f32; 3]], truth: &[[f32; 3]]| -> [Collected; 2] {
            [reals(3, code.concat()), reals(3, truth.concat())]
        };
        let figure = |name: &str, here: &[Collected; 2]| {
            compute(find(name).unwrap(), &Input { train: &train, here, settings: &[] })
        };
        let same = here(&rows, &rows);
        assert_eq!((figure("macro_f1", &same), figure("micro_f1", &same)), (1.0, 1.0));
        // The first row is said to be of the first group and is of the second, the last group is not told.
        let truth = [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
        let off = here(&rows, &truth);
        let each = [2.0 / 4.0, 6.0 / 7.0, 0.0];
        let mean = each.iter().sum::<f64>() / 3.0;
        assert!((figure("macro_f1", &off) - mean).abs() < 1e-12);
        assert!((figure("micro_f1", &off) - 8.0 / 12.0).abs() < 1e-12);
        // A group that nobody is in and nobody is told to be in does not count.
        let one = here(&rows[..1], &rows[..1]);
        assert_eq!(figure("macro_f1", &one), 1.0);
    }
}
