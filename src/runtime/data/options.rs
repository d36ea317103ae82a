//! Options that every source takes, in one table. In: the arguments of a call. Out: [`Options`].
//! What they do to values is in `convert`, what they do to rows in `select`.
//!
//! Every option has a value that leaves the data as it is, so that a `config` can hold it:
//! `data d from uci_digits(rows = n)` with `config n: int = 0`.

use super::args::{Args, show};
use super::{lines, split};
use crate::base::{Diagnostic, Span};
use crate::model::ir::Static;

/// How grey levels become bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binarize {
    /// 1 above the middle level.
    Threshold,
    /// Drawn afresh in every epoch, with the level as the chance.
    Stochastic,
    /// Drawn once.
    Fixed,
}

/// What stands for a missing value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Missing {
    /// Rows with a missing value are left out.
    Drop,
    /// The mean of the training rows that have a value, for each value of a row.
    Mean,
    /// A number, as if it stood in the file.
    Number(f64),
}

/// What the options of a call say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// How grey levels become bits.
    pub binarize: Option<Binarize>,
    /// Shares of the splits.
    pub split: Option<Vec<f64>>,
    /// Whether all rows are for training where nobody says shares.
    pub whole: bool,
    /// Seed of whatever is drawn for the data: part of the data, not of the run.
    pub seed: u64,
    /// The level that means white.
    pub scale: Option<f64>,
    /// Whether values that are not finite are kept.
    pub allow_nan: bool,
    /// What stands for a missing value.
    pub missing: Option<Missing>,
    /// The field of another data set whose words have the same numbers.
    pub vocabulary: Option<String>,
    /// Whether reals get mean 0 and deviation 1.
    pub standardize: bool,
    /// Number of folds, and which of them is the test split.
    pub folds: Option<(usize, usize)>,
    /// The field that holds the class of a row.
    pub label: Option<String>,
    /// The one class that the training split keeps.
    pub class: Option<i32>,
    /// Share of the training rows that become the validation split.
    pub valid: Option<f64>,
    /// Training rows kept of each class.
    pub per_class: Option<usize>,
    /// Training rows kept.
    pub rows: Option<usize>,
    /// Whether the training rows get each other's labels.
    pub shuffled: bool,
    /// Where options stand, if they stand in a file.
    pub places: Vec<(&'static str, Span)>,
}

impl Options {
    /// An error about an option, at its place.
    pub fn at(&self, name: &str, error: Diagnostic) -> Diagnostic {
        match self.places.iter().find(|(own, _)| *own == name) {
            Some((_, place)) if error.primary.is_none() => error.at(*place, ""),
            _ => error,
        }
    }
}

/// A row of the table of options.
pub struct OptionRow {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Whether it says how to use the data rather than how to read it: such an option of the file
    /// stays in force when the command line replaces the source.
    pub stays: bool,
    read: fn(&Args, &mut Options) -> Result<(), Diagnostic>,
}

/// All options; those that choose rows stand in the order in which they take effect.
pub const OPTIONS: &[OptionRow] = &[
    OptionRow {
        name: "binarize",
        what: "how grey levels become bits: \"threshold\", \"stochastic\" or \"fixed\"",
        stays: true,
        read: |args, options| {
            let ways = [
                ("threshold", Binarize::Threshold),
                ("stochastic", Binarize::Stochastic),
                ("fixed", Binarize::Fixed),
            ];
            choice(args, "binarize", &ways).map(|way| options.binarize = way)
        },
    },
    OptionRow {
        name: "split",
        what: "share of the training rows, or (train, valid, test)",
        stays: false,
        read: |args, options| {
            options.split = args.numbers("split")?;
            options.split.iter().try_for_each(|shares| split::shares(shares).map(drop))
        },
    },
    OptionRow {
        name: "seed",
        what: "seed of splits, choices of rows and made-up data",
        stays: true,
        read: |args, options| args.seed().map(|seed| options.seed = seed),
    },
    OptionRow {
        name: "scale",
        what: "the level that means white; other reals are divided by it",
        stays: false,
        read: |args, options| {
            let scale = args.get("scale").map(|_| args.number("scale", 1.0)).transpose()?;
            if scale.is_some_and(|scale| scale <= 0.0) {
                let error = args.wrong("`scale` is greater than 0");
                return Err(error.help("write the level that means white: `scale = 255`"));
            }
            options.scale = scale;
            Ok(())
        },
    },
    OptionRow {
        name: "nan",
        what: "\"allow\" keeps reals that are missing or infinite, as nan and inf",
        stays: true,
        read: |args, options| {
            let allow = choice(args, "nan", &[("allow", true)])?;
            options.allow_nan = allow.unwrap_or(false);
            Ok(())
        },
    },
    OptionRow {
        name: "missing",
        what: "what a missing value becomes (an empty cell, not-a-number): \"drop\" leaves the row \
               out, \"mean\" is the mean of the training rows, a number is itself",
        stays: true,
        read: |args, options| {
            options.missing = match args.get("missing") {
                Some(Static::Int(n)) => Some(Missing::Number(*n as f64)),
                Some(Static::Float(x)) if x.is_finite() => Some(Missing::Number(*x)),
                _ => choice(args, "missing", &[("drop", Missing::Drop), ("mean", Missing::Mean)])
                    .map_err(|mut error| {
                    error.help = vec!["write \"drop\", \"mean\" or a number: `missing = 0`".into()];
                    error
                })?,
            };
            Ok(())
        },
    },
    OptionRow {
        name: "vocabulary",
        what: "words have the numbers that they have in a field of another data set, `\"near.center\"`: \
               in every field of indices that has room for all of them. A word that is not among them \
               is a mistake, and with `missing = \"drop\"` its row is left out",
        stays: true,
        read: |args, options| {
            options.vocabulary =
                args.text("vocabulary")?.filter(|name| !name.is_empty()).map(String::from);
            Ok(())
        },
    },
    OptionRow {
        name: "standardize",
        what: "true: every real of a row has mean 0 and standard deviation 1 over the training rows; \
               one that is constant there becomes 0",
        stays: true,
        read: |args, options| {
            options.standardize = args.flag("standardize")?.unwrap_or(false);
            Ok(())
        },
    },
    OptionRow {
        name: "folds",
        what: "cuts the rows into so many parts of equal size, drawn by the seed, each class spread \
               evenly; the part `fold` is the split `test`, the others are `train`; 0: no folds",
        stays: true,
        read: |args, options| {
            let folds = args.integer("folds", 0, (0, i64::from(u32::MAX)))? as usize;
            match (folds, &options.split) {
                (0, _) => return Ok(()),
                (1, _) => {
                    let error = args.wrong("`folds` is 0 or at least 2");
                    return Err(error.help("write `folds = 5`, or leave it out"));
                }
                (_, Some(_)) => {
                    let error = args.wrong("`folds` and `split` both say what the splits are");
                    return Err(error.help("leave one of them out"));
                }
                _ => {}
            }
            let most = folds as i64 - 1;
            options.folds = Some((folds, args.integer("fold", 0, (0, most))? as usize));
            Ok(())
        },
    },
    OptionRow {
        name: "fold",
        what: "which part is the split `test`, from 0",
        stays: true,
        read: |args, options| {
            let fold = args.integer("fold", 0, (0, i64::from(u32::MAX)))?;
            // `folds = 0` takes back both.
            if fold > 0 && options.folds.is_none() && args.get("folds").is_none() {
                return Err(args.wrong("`fold` without `folds`").help("write `folds = 5`"));
            }
            Ok(())
        },
    },
    OptionRow {
        name: "label",
        what: "name of the field that holds the class, where several are of a type `idx(n)`",
        stays: true,
        read: |args, options| {
            let label = args.text("label")?.filter(|text| !text.is_empty());
            options.label = label.map(String::from);
            Ok(())
        },
    },
    OptionRow {
        name: "class",
        what: "the training split keeps this class only; -1: every class",
        stays: true,
        read: |args, options| {
            let class = args.integer("class", -1, (-1, i64::from(i32::MAX)))? as i32;
            options.class = (class >= 0).then_some(class);
            Ok(())
        },
    },
    OptionRow {
        name: "valid",
        what: "share of the training rows that become the split `valid`, drawn by the seed; 0: none",
        stays: true,
        read: |args, options| {
            let share = args.between("valid", 0.0, (0.0, 0.999))?;
            options.valid = (share > 0.0).then_some(share);
            Ok(())
        },
    },
    OptionRow {
        name: "per_class",
        what: "this many training rows of each class, drawn by the seed; 0: all",
        stays: true,
        read: |args, options| number_of_rows(args, "per_class").map(|n| options.per_class = n),
    },
    OptionRow {
        name: "rows",
        what: "the first so many training rows; 0: all",
        stays: true,
        read: |args, options| number_of_rows(args, "rows").map(|n| options.rows = n),
    },
    OptionRow {
        name: "labels",
        what: "\"shuffled\" exchanges the labels of the training rows by the seed; \"true\": as they are",
        stays: true,
        read: |args, options| {
            // `true` without quotes is what a command line gives.
            if matches!(args.get("labels"), Some(Static::Bool(true))) {
                return Ok(());
            }
            let way = choice(args, "labels", &[("true", false), ("shuffled", true)])?;
            options.shuffled = way.unwrap_or(false);
            Ok(())
        },
    },
];

/// Whether a value may be that of an option, where a source has an argument of the same name: idx
/// has `labels`, csv has `valid`, and both are paths.
pub fn is_value(name: &str, value: &Static) -> bool {
    match (name, value) {
        ("labels", Static::Str(text)) => matches!(text.as_str(), "" | "true" | "shuffled"),
        ("valid", Static::Str(text)) => text.is_empty(),
        ("valid", value) if lines::are_files(value) => false,
        _ => true,
    }
}

/// Names of all options.
pub fn names() -> Vec<&'static str> {
    OPTIONS.iter().map(|row| row.name).collect()
}

/// What the options of a call say.
pub fn read(args: &Args) -> Result<Options, Diagnostic> {
    let mut options = Options::default();
    for row in OPTIONS {
        options.places.extend(args.place(row.name).map(|place| (row.name, place)));
        (row.read)(args, &mut options).map_err(|error| match args.place(row.name) {
            Some(place) => error.at(place, ""),
            None => error,
        })?;
    }
    Ok(options)
}

/// 0 means that nothing is left out.
fn number_of_rows(args: &Args, name: &str) -> Result<Option<usize>, Diagnostic> {
    let n = args.integer(name, 0, (0, i64::from(u32::MAX)))?;
    Ok((n > 0).then_some(n as usize))
}

/// One of several words; the empty text is the same as none.
fn choice<T: Copy>(args: &Args, name: &str, of: &[(&str, T)]) -> Result<Option<T>, Diagnostic> {
    let Some(value) = args.get(name) else { return Ok(None) };
    let words: Vec<String> = of.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    let help = || match words.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("write {} or {last}", all.join(", ")),
        _ => format!("write {}", words.join(", ")),
    };
    match value {
        Static::Str(text) if text.is_empty() => Ok(None),
        Static::Str(text) => match of.iter().find(|(word, _)| word == text) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let text = format!("{name} = \"{}\" is not known", text.escape_debug());
                Err(args.wrong(text).help(help()))
            }
        },
        other => {
            let text = format!("`{name}` is a text, found {}", show(other));
            Err(args.wrong(text).help(help()))
        }
    }
}
