//! Splits of sources that have none of their own. In: fractions and a seed. Out: lists of rows.

use crate::base::dice::Dice;
use crate::base::{Diagnostic, codes};
use std::collections::BTreeMap;

/// Names of two and of three parts.
const NAMES: [&[&str]; 2] = [&["train", "test"], &["train", "valid", "test"]];

/// The shares of a split with the names of their parts.
pub fn shares(fractions: &[f64]) -> Result<(&'static [&'static str], Vec<f64>), Diagnostic> {
    let shares = match fractions {
        [train] => vec![*train, 1.0 - *train],
        shares => shares.to_vec(),
    };
    let sum: f64 = shares.iter().sum();
    let names = NAMES.iter().find(|names| names.len() == shares.len());
    let legal = shares.iter().all(|s| (0.0..=1.0).contains(s)) && (sum - 1.0).abs() < 1e-6;
    let (Some(names), true) = (names, legal) else {
        let text = format!("split {fractions:?} is not one share, or two or three with sum 1");
        return Err(Diagnostic::new(codes::RL2069, text)
            .help("write `split = 0.9` or `split = (0.8, 0.1, 0.1)`"));
    };
    Ok((names, shares))
}

/// Splits `rows` rows. One fraction is the training share; two or three are the shares of train and
/// test, or of train, valid and test. Which row goes where depends on the seed only.
pub fn by_fractions(
    rows: usize,
    fractions: &[f64],
    seed: u64,
) -> Result<Vec<(String, Vec<u32>)>, Diagnostic> {
    let (names, shares) = shares(fractions)?;
    let mut order: Vec<u32> = (0..rows as u32).collect();
    Dice::new(seed, "split", 0).shuffle(&mut order);
    let mut splits = Vec::new();
    let (mut start, mut share_before) = (0, 0.0);
    for (name, share) in names.iter().zip(&shares) {
        share_before += share;
        let end = ((share_before * rows as f64).round() as usize).clamp(start, rows);
        let mut part = order.get(start..end).unwrap_or_default().to_vec();
        part.sort_unstable();
        splits.push((name.to_string(), part));
        start = end;
    }
    Ok(splits)
}

/// Cuts `rows` rows into parts whose sizes differ by one at most; part `fold` is the test split. The
/// rows of each class are drawn by the seed and dealt out in turn, so that the parts have as many of
/// each, but for one. Without classes all rows are of one.
pub fn folds(
    rows: usize,
    (folds, fold): (usize, usize),
    seed: u64,
    classes: &[i32],
) -> Result<Vec<(String, Vec<u32>)>, Diagnostic> {
    if rows < folds {
        let text = format!("`folds = {folds}`: there are {rows} rows");
        return Err(Diagnostic::new(codes::RL2069, text).help("choose fewer folds"));
    }
    let mut by_class: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for row in 0..rows as u32 {
        let class = classes.get(row as usize).copied().unwrap_or(0);
        by_class.entry(class).or_default().push(row);
    }
    let (mut train, mut test, mut turn) = (Vec::new(), Vec::new(), 0);
    for (class, mut rows) in by_class {
        Dice::new(seed, "folds", class as u32).shuffle(&mut rows);
        for row in rows {
            if turn % folds == fold {
                test.push(row)
            } else {
                train.push(row)
            }
            turn += 1;
        }
    }
    train.sort_unstable();
    test.sort_unstable();
    Ok(vec![("train".into(), train), ("test".into(), test)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_part() {
        let splits = by_fractions(1000, &[0.8, 0.1, 0.1], 1).unwrap();
        let sizes: Vec<usize> = splits.iter().map(|(_, rows)| rows.len()).collect();
        assert_eq!(sizes, [800, 100, 100]);
        let mut all: Vec<u32> = splits.into_iter().flat_map(|(_, rows)| rows).collect();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<u32>>());
        assert_eq!(by_fractions(10, &[0.9], 0).unwrap()[1].1.len(), 1);
        assert_ne!(by_fractions(100, &[0.5], 0), by_fractions(100, &[0.5], 1));
    }

    #[test]
    fn every_row_is_tested_in_one_fold() {
        let classes: Vec<i32> = (0..103).map(|row| i32::from(row % 10 == 0)).collect();
        let mut tested = Vec::new();
        for fold in 0..5 {
            let splits = folds(103, (5, fold), 7, &classes).unwrap();
            let (train, test) = (&splits[0].1, &splits[1].1);
            assert_eq!(train.len() + test.len(), 103);
            assert!(test.iter().all(|row| !train.contains(row)));
            let rare = test.iter().filter(|row| classes[**row as usize] == 1).count();
            assert!((2..=3).contains(&rare) && (20..=21).contains(&test.len()), "{fold}: {rare}");
            tested.extend(test.iter().copied());
        }
        tested.sort_unstable();
        assert_eq!(tested, (0..103).collect::<Vec<u32>>());
        assert_eq!(folds(103, (5, 0), 7, &classes), folds(103, (5, 0), 7, &classes));
        assert_ne!(folds(103, (5, 0), 7, &classes), folds(103, (5, 0), 8, &classes));
        assert_eq!(folds(4, (5, 0), 0, &[]).unwrap_err().code, codes::RL2069);
    }

    #[test]
    fn refused() {
        for fractions in [&[1.5][..], &[0.5, 0.6], &[0.25; 4], &[-0.1, 1.1], &[f64::NAN]] {
            assert_eq!(by_fractions(10, fractions, 0).unwrap_err().code, codes::RL2069);
        }
    }
}
