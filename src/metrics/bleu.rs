//! How many short runs of words two texts share. In: found and wanted sequences of tokens, row by row. Out: a figure of
//! all rows together.

use super::{Collected, Input};
use std::collections::HashMap;

/// Runs of tokens of one length: how many there are, and how many of them are in the other text too.
#[derive(Clone, Copy, Default)]
struct Runs {
    found: usize,
    shared: usize,
}

/// 100 times the geometric mean of the shares of runs of 1 to `n` tokens that the wanted sequence has too, each
/// run as often as it has it, of all rows together; less by `exp(1 - wanted / found)` where what was found is
/// shorter (Papineni et al. 2002). A sequence ends in front of its first `end`.
pub fn bleu(input: &Input) -> f64 {
    let [found, wanted] = input.here else { return f64::NAN };
    let (longest, end) = (input.setting(0) as usize, input.setting(1));
    let rows = |of: &Collected| -> Vec<Vec<i64>> {
        of.values.chunks(of.width.max(1)).map(|row| until(row, end)).collect()
    };
    let (found, wanted) = (rows(found), rows(wanted));
    let length = |rows: &[Vec<i64>]| rows.iter().map(Vec::len).sum::<usize>() as f64;
    let mut total = 0.0;
    for n in 1..=longest {
        let mut all = Runs::default();
        for (found, wanted) in found.iter().zip(&wanted) {
            let (own, other) = (counted(found, n), counted(wanted, n));
            all.found += own.values().sum::<usize>();
            let shared = |(run, count): (&&[i64], &usize)| *other.get(run).unwrap_or(&0).min(count);
            all.shared += own.iter().map(shared).sum::<usize>();
        }
        if all.shared == 0 {
            return 0.0;
        }
        total += (all.shared as f64 / all.found as f64).ln();
    }
    let short = (1.0 - length(&wanted) / length(&found)).min(0.0);
    100.0 * (short + total / longest as f64).exp()
}

/// The tokens in front of the first that ends a sequence.
fn until(row: &[f32], end: f64) -> Vec<i64> {
    row.iter().take_while(|token| f64::from(**token) != end).map(|token| *token as i64).collect()
}

/// How often each run of `n` tokens occurs.
fn counted(tokens: &[i64], n: usize) -> HashMap<&[i64], usize> {
    let mut counts = HashMap::new();
    tokens.windows(n).for_each(|run| *counts.entry(run).or_insert(0) += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure};

    fn of(found: &[&str], wanted: &[&str], n: f64) -> f64 {
        let all: Vec<&str> = found.iter().chain(wanted).copied().collect();
        let mut words: Vec<&str> = all.iter().flat_map(|text| text.split(' ')).collect();
        words.sort_unstable();
        words.dedup();
        let widest = |texts: &[&str]| texts.iter().map(|t| t.split(' ').count()).max().unwrap() + 1;
        let rows = |texts: &[&str]| {
            let wide = widest(texts);
            let row = |text: &&str| {
                let number = |w: &str| 1 + words.iter().position(|word| *word == w).unwrap();
                let own: Vec<usize> = text.split(' ').map(number).collect();
                // What stands behind the end does not count.
                own.into_iter()
                    .chain([0])
                    .chain(std::iter::repeat(7))
                    .take(wide)
                    .collect::<Vec<_>>()
            };
            classes(wide, texts.iter().flat_map(row))
        };
        figure("bleu", &[rows(found), rows(wanted)], &[n, 0.0])
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }

    /// Worked out by hand.
    #[test]
    fn runs_that_are_shared() {
        let cat = "the cat is on the mat";
        near(of(&[cat], &[cat], 4.0), 100.0);
        // Of seven words two are there as often (the example of the paper, with one reference).
        near(of(&["the the the the the the the"], &[cat], 1.0), 100.0 * 2.0 / 7.0);
        near(of(&["the the the the the the the"], &[cat], 2.0), 0.0);
        // 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 runs of four.
        let shares = (5.0 / 6.0) * (3.0 / 5.0) * (2.0 / 4.0) * (1.0 / 3.0f64);
        near(of(&["the cat is on a mat"], &[cat], 4.0), 100.0 * shares.powf(0.25));
        // Shorter than what is wanted: three words of six.
        near(of(&["the cat is"], &[cat], 2.0), 100.0 * (1.0 - 6.0 / 3.0f64).exp());
        // All rows together, not their mean: 4 of 8 words, lengths 8 and 8.
        near(of(&["a b c d", "e f g h"], &["a b c d", "i j k l"], 1.0), 50.0);
        near(of(&["a"], &["b"], 1.0), 0.0);
    }
}
