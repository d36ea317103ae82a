//! Which rows are for training, validation and test. In: the splits of a source, the options, the
//! classes of rows. Out: the splits as the options want them; shuffled labels.
//!
//! Only the training split is changed; a validation split is cut from it. Each option acts on what
//! those before it left, in the order of the table of options: `class`, `valid`, `per_class`,
//! `rows`, `labels`. So a validation split has the classes that are trained on, with true labels,
//! and `rows = n` leaves exactly n training rows.

use super::options::Options;
use super::split;
use crate::base::dice::Dice;
use crate::base::{Diagnostic, codes};

/// Rows by the name of their split.
pub type Splits = Vec<(String, Vec<u32>)>;

/// Shares of train, valid and test where neither the source nor the call says otherwise.
const SHARES: &[f64] = &[0.8, 0.1, 0.1];
/// The same where the validation split is cut from the training split.
const SHARES_WITHOUT_VALID: &[f64] = &[0.9];

/// Rows that stay together: what is cut into splits.
struct Units<'a> {
    rows: usize,
    /// The unit of each row; empty where each is by itself.
    of: &'a [u32],
}

impl Units<'_> {
    fn len(&self) -> usize {
        if self.of.is_empty() {
            self.rows
        } else {
            self.of.last().map_or(0, |last| *last as usize + 1)
        }
    }

    /// The rows of some units.
    fn rows(&self, units: Vec<u32>) -> Vec<u32> {
        if self.of.is_empty() {
            return units;
        }
        let all = (0..).zip(self.of);
        all.filter(|(_, unit)| units.binary_search(unit).is_ok()).map(|(row, _)| row).collect()
    }

    /// The units of some rows.
    fn of(&self, rows: &[u32]) -> Vec<u32> {
        let unit = |row: &u32| self.of.get(*row as usize).copied().unwrap_or(*row);
        let mut units: Vec<u32> = rows.iter().map(unit).collect();
        units.dedup();
        units
    }

    /// The class of the first row of each.
    fn classes(&self, classes: Vec<i32>) -> Vec<i32> {
        if self.of.is_empty() {
            return classes;
        }
        let first = |unit: u32| self.of.partition_point(|own| *own < unit);
        (0..self.len() as u32).filter_map(|unit| classes.get(first(unit)).copied()).collect()
    }
}

/// The splits of `rows` rows, of which some stay together if `groups` has a number for each. `own` are the
/// splits that the source has, `classes` finds the class of every row; it is asked only if an option needs it.
pub fn splits(
    (rows, groups): (usize, &[u32]),
    own: Splits,
    options: &Options,
    classes: impl Fn() -> Result<Vec<i32>, Diagnostic>,
) -> Result<Splits, Diagnostic> {
    let units = Units { rows, of: groups };
    let whole = |parts: Splits| parts.into_iter().map(|(name, part)| (name, units.rows(part)));
    let mut splits: Splits = match &options.split {
        Some(shares) => {
            let parts = split::by_fractions(units.len(), shares, options.seed);
            whole(parts.map_err(|error| options.at("split", error))?).collect()
        }
        None if options.folds.is_some() => {
            let (folds, fold) = options.folds.unwrap_or_default();
            let classes = match classes() {
                Err(error) if options.label.is_some() => return Err(error),
                // Without a class, or with several, there is nothing to spread evenly.
                found => units.classes(found.unwrap_or_default()),
            };
            let parts = split::folds(units.len(), (folds, fold), options.seed, &classes);
            whole(parts.map_err(|error| options.at("folds", error))?).collect()
        }
        None if !own.is_empty() => own,
        None => whole(split::by_fractions(units.len(), unsaid(options), options.seed)?).collect(),
    };
    let mut train = match splits.iter_mut().find(|(name, _)| name == "train") {
        Some((_, rows)) => std::mem::take(rows),
        None => Vec::new(),
    };
    if let Some(class) = options.class {
        let at = |error| options.at("class", error);
        train = of_class(train, class, &classes().map_err(at)?).map_err(at)?;
    }
    if let Some(share) = options.valid {
        let cut = cut(units.of(&train), share, options.seed, &splits);
        let (_, kept) = cut.map_err(|error| options.at("valid", error))?;
        let kept = units.rows(kept);
        let is_kept = |row: &u32| kept.binary_search(row).is_ok();
        let (valid, rest): (Vec<u32>, Vec<u32>) = train.into_iter().partition(is_kept);
        train = rest;
        let before_test = splits.len().min(1);
        splits.insert(before_test, ("valid".into(), valid));
    }
    if let Some(n) = options.per_class {
        let at = |error| options.at("per_class", error);
        train = some_of_each(&train, n, options.seed, &classes().map_err(at)?).map_err(at)?;
    }
    if let Some(n) = options.rows {
        if n > train.len() {
            let text = format!("`rows = {n}`: there are {} training rows", train.len());
            let error = cannot(text).help(format!("write {} or less; 0 takes all", train.len()));
            return Err(options.at("rows", error));
        }
        train.truncate(n);
    }
    if let Some((_, rows)) = splits.iter_mut().find(|(name, _)| name == "train") {
        *rows = train;
    }
    Ok(splits)
}

/// The shares of a source that has no splits of its own, where the call says none.
fn unsaid(options: &Options) -> &'static [f64] {
    match options.valid {
        _ if options.whole => &[1.0],
        Some(_) => SHARES_WITHOUT_VALID,
        None => SHARES,
    }
}

/// Names and shares of the parts of a source that has no splits of its own.
pub fn shares(options: &Options) -> Result<(&'static [&'static str], Vec<f64>), Diagnostic> {
    let said = options.split.as_deref().unwrap_or(unsaid(options));
    split::shares(said).map_err(|error| options.at("split", error))
}

/// A second validation split.
pub fn has_valid(share: f64) -> Diagnostic {
    let text = format!("`valid = {share}`: there is a validation split already");
    cannot(text).help("leave `valid` out, or write `split = 0.9`")
}

/// Whether the splits of a source are cut by shares that nobody named.
pub fn by_default(own: &Splits, options: &Options) -> bool {
    own.is_empty() && options.split.is_none() && options.folds.is_none()
}

fn cannot(text: String) -> Diagnostic {
    Diagnostic::new(codes::RL2074, text)
}

fn class_of(classes: &[i32], row: u32) -> i32 {
    classes.get(row as usize).copied().unwrap_or(-1)
}

fn of_class(mut train: Vec<u32>, class: i32, classes: &[i32]) -> Result<Vec<u32>, Diagnostic> {
    train.retain(|row| class_of(classes, *row) == class);
    if train.is_empty() {
        let text = format!("`class = {class}`: no training row has this class");
        let found = classes.iter().copied().max().unwrap_or(0);
        return Err(cannot(text).help(format!("classes run from 0 to {found}; -1 keeps all")));
    }
    Ok(train)
}

/// A share of two digits, not less than the one given.
fn up(share: f64) -> f64 {
    let unit = 10f64.powf(share.log10().floor() - 1.0);
    let digits = (share / unit - 1e-9).ceil();
    // Divided, so that it is the number that its digits mean.
    digits / (1.0 / unit).round()
}

/// Cuts a share of the rows off; which ones depends on the seed only.
fn cut(
    mut train: Vec<u32>,
    share: f64,
    seed: u64,
    splits: &Splits,
) -> Result<(Vec<u32>, Vec<u32>), Diagnostic> {
    if splits.iter().any(|(name, _)| name == "valid") {
        return Err(has_valid(share));
    }
    let n = (train.len() as f64 * share).round() as usize;
    if n == 0 || n == train.len() {
        let text =
            format!("`valid = {share}` of {} training rows leaves a split empty", train.len());
        return Err(cannot(text).help(match train.len() {
            0 | 1 => "two training rows at least are needed".to_string(),
            rows if n == 0 => format!("write `valid = {}` or more", up(1.0 / rows as f64)),
            rows => {
                format!("write a smaller share, for instance `valid = {}`", up(1.0 / rows as f64))
            }
        }));
    }
    Dice::new(seed, "valid", 0).shuffle(&mut train);
    let mut valid = train.split_off(train.len() - n);
    train.sort_unstable();
    valid.sort_unstable();
    Ok((train, valid))
}

/// `n` rows of each class; which ones depends on the seed only.
fn some_of_each(
    train: &[u32],
    n: usize,
    seed: u64,
    classes: &[i32],
) -> Result<Vec<u32>, Diagnostic> {
    let mut present: Vec<i32> = train.iter().map(|row| class_of(classes, *row)).collect();
    present.sort_unstable();
    present.dedup();
    let mut chosen = Vec::new();
    for class in present {
        let of = |row: &u32| class_of(classes, *row) == class;
        let mut rows: Vec<u32> = train.iter().copied().filter(of).collect();
        if rows.len() < n {
            let text = format!("`per_class = {n}`: class {class} has {} training rows", rows.len());
            return Err(cannot(text).help(format!("write {} or less; 0 takes all", rows.len())));
        }
        Dice::new(seed, "per_class", class as u32).shuffle(&mut rows);
        chosen.extend(rows.into_iter().take(n));
    }
    chosen.sort_unstable();
    Ok(chosen)
}

/// Exchanges the labels of the training rows. Every other row keeps its own.
pub fn shuffle_labels(labels: &mut [i32], splits: &Splits, seed: u64) -> Result<(), Diagnostic> {
    let rows_of = |name: &str| splits.iter().find(|(split, _)| split == name);
    let train = rows_of("train").map_or(&[][..], |(_, rows)| rows.as_slice());
    let mut in_train = vec![false; labels.len()];
    train.iter().for_each(|row| in_train[*row as usize] = true);
    let others = splits.iter().filter(|(name, _)| name != "train").flat_map(|(_, rows)| rows);
    if others.into_iter().any(|row| in_train[*row as usize]) {
        let text = "`labels = \"shuffled\"`: the test rows are the training rows".to_string();
        return Err(cannot(text).help("write `split = 0.8`"));
    }
    let mut taken: Vec<i32> = train.iter().map(|row| labels[*row as usize]).collect();
    Dice::new(seed, "labels", 0).shuffle(&mut taken);
    for (row, label) in train.iter().zip(taken) {
        labels[*row as usize] = label;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Splits {
        vec![("train".into(), (0..80).collect()), ("test".into(), (80..100).collect())]
    }

    fn classes() -> Result<Vec<i32>, Diagnostic> {
        Ok((0..100).map(|row| row % 4).collect())
    }

    fn chosen(options: Options) -> Splits {
        splits((100, &[]), set(), &options, classes).unwrap()
    }

    fn get<'a>(splits: &'a Splits, name: &str) -> &'a [u32] {
        &splits.iter().find(|(split, _)| split == name).unwrap().1
    }

    #[test]
    fn shares_that_leave_a_row() {
        for rows in [2usize, 3, 7, 19, 20, 300, 12_345] {
            let share = up(1.0 / rows as f64);
            let n = (rows as f64 * share).round() as usize;
            assert!(n >= 1 && n < rows && share.to_string().len() <= 10, "{rows}: {share}");
        }
    }

    #[test]
    fn options_choose_training_rows_only() {
        let few = chosen(Options { per_class: Some(3), ..Options::default() });
        assert_eq!(get(&few, "train").len(), 12);
        for class in 0..4 {
            assert_eq!(get(&few, "train").iter().filter(|row| *row % 4 == class).count(), 3);
        }
        assert!(get(&few, "train").is_sorted());
        assert_eq!(get(&few, "test"), get(&set(), "test"));
        let other = chosen(Options { per_class: Some(3), seed: 1, ..Options::default() });
        assert_ne!(few, other);
        let first = chosen(Options { rows: Some(5), ..Options::default() });
        assert_eq!(get(&first, "train"), [0, 1, 2, 3, 4]);
        let one = chosen(Options { class: Some(2), ..Options::default() });
        assert!(get(&one, "train").iter().all(|row| row % 4 == 2));
        assert_eq!((get(&one, "train").len(), get(&one, "test").len()), (20, 20));
    }

    #[test]
    fn a_validation_split_is_cut_before_rows_are_left_out() {
        let options = Options { valid: Some(0.25), rows: Some(7), ..Options::default() };
        let splits = chosen(options);
        let names: Vec<&str> = splits.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["train", "valid", "test"]);
        assert_eq!((get(&splits, "valid").len(), get(&splits, "train").len()), (20, 7));
        let common = |row| get(&splits, "valid").contains(row);
        assert!(!get(&splits, "train").iter().any(common));
        let one = chosen(Options { valid: Some(0.25), class: Some(1), ..Options::default() });
        assert!(get(&one, "valid").iter().all(|row| row % 4 == 1));
        // Without splits of its own, a set still has a test split.
        let options = Options { valid: Some(0.1), ..Options::default() };
        let made = super::splits((1000, &[]), Vec::new(), &options, classes).unwrap();
        let sizes: Vec<usize> = made.iter().map(|(_, rows)| rows.len()).collect();
        assert_eq!(sizes, [810, 90, 100]);
    }

    #[test]
    fn labels_are_exchanged_among_training_rows() {
        let before = classes().unwrap();
        let mut labels = before.clone();
        shuffle_labels(&mut labels, &set(), 0).unwrap();
        assert_eq!(labels[80..], before[80..]);
        let same = (0..80).filter(|row| labels[*row] == before[*row]).count();
        assert!((5..40).contains(&same), "{same} of 80 kept their label");
        let (mut sorted, mut of) = (labels[..80].to_vec(), before[..80].to_vec());
        sorted.sort_unstable();
        of.sort_unstable();
        assert_eq!(sorted, of);
        let whole: Splits = ["train", "test"].map(|n| (n.to_string(), vec![0, 1])).into();
        assert_eq!(shuffle_labels(&mut labels, &whole, 0).unwrap_err().code, codes::RL2074);
    }

    #[test]
    fn what_the_rows_do_not_allow() {
        let with_valid: Splits = [&set()[..], &[("valid".into(), vec![3])]].concat();
        for (own, options) in [
            (set(), Options { rows: Some(81), ..Options::default() }),
            (set(), Options { per_class: Some(21), ..Options::default() }),
            (set(), Options { class: Some(4), ..Options::default() }),
            (set(), Options { valid: Some(0.001), ..Options::default() }),
            (with_valid, Options { valid: Some(0.1), ..Options::default() }),
        ] {
            let error = splits((100, &[]), own, &options, classes).unwrap_err();
            assert_eq!(error.code, codes::RL2074, "{options:?}");
            assert!(!error.help.is_empty(), "{options:?}");
        }
    }
}
