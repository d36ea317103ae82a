//! Sources by name. In: a call such as `idx("folder", binarize = "fixed")`, from the model file or
//! the command line. Out: a [`Table`] and the [`Options`] that every source takes.

use super::open::{self, Root};
use super::raw::{Elements, Grey, Raw};
use super::{RawColumn, Table, builtin, csv, idx, npy, npz};
use crate::base::{Code, Diagnostic, codes};
use crate::model::ir::{Source, Static};
use std::path::Path;

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

/// Options that every source takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// How grey levels become bits.
    pub binarize: Option<Binarize>,
    /// Shares of the splits.
    pub split: Option<Vec<f64>>,
    /// Seed of the split and of made-up data: part of the data, not of the run.
    pub seed: u64,
    /// The level that means white.
    pub scale: Option<f64>,
    /// Whether values that are not finite are kept.
    pub allow_nan: bool,
}

/// A row of the table of sources.
pub struct SourceRow {
    /// The name in a call.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it gives.
    pub what: &'static str,
    /// Names of its own arguments, in order.
    args: &'static [&'static str],
    load: fn(&Args, &Root) -> Result<Table, Diagnostic>,
}

/// Names of the options of every source.
pub const OPTIONS: &[(&str, &str)] = &[
    ("binarize", "how grey levels become bits: \"threshold\", \"stochastic\" or \"fixed\""),
    ("split", "share of the training rows, or (train, valid, test)"),
    ("seed", "seed of the split and of made-up data"),
    ("scale", "the level that means white"),
    ("nan", "\"allow\" keeps values that are not finite"),
];

/// All sources.
pub const SOURCES: &[SourceRow] = &[
    SourceRow {
        name: "uci_digits",
        usage: "uci_digits()",
        what: "1,797 handwritten digits, 8x8 grey levels 0 to 16 and labels; carried in the \
               program. E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0. \
               Test: every fifth row, 360; train: the other 1,437",
        args: &[],
        load: |_, _| Ok(builtin::uci_digits()),
    },
    SourceRow {
        name: "idx",
        usage: "idx(\"folder\") or idx(\"images\", \"labels\")",
        what: "files of the MNIST format, packed with gzip or not; a folder holds train-* and t10k-*",
        args: &["images", "labels"],
        load: load_idx,
    },
    SourceRow {
        name: "npy",
        usage: "npy(\"x.npy\", \"y.npy\")",
        what: "one NumPy array per field, in the order of the fields; rows are the first dim",
        args: &["a", "b", "c", "d", "e", "f"],
        load: load_npy,
    },
    SourceRow {
        name: "npz",
        usage: "npz(\"file.npz\")",
        what: "a NumPy archive with a member per field, or FIELD_train and FIELD_test",
        args: &["file"],
        load: load_npz,
    },
    SourceRow {
        name: "csv",
        usage: "csv(\"file.csv\", header = true)",
        what: "a table of numbers: columns by name, else each field takes as many as it needs",
        args: &["file", "header"],
        load: load_csv,
    },
    SourceRow {
        name: "one_hot",
        usage: "one_hot(n)",
        what: "the n rows of the identity matrix and their index; every split is the whole set",
        args: &["n"],
        load: |args, _| Ok(builtin::one_hot(args.count("n", 8, 10_000)?)),
    },
    SourceRow {
        name: "moons",
        usage: "moons(n, noise)",
        what: "points of two interleaved half circles in the plane, and which one",
        args: &["n", "noise"],
        load: |args, _| {
            let noise = args.number("noise", 0.05)?;
            Ok(builtin::moons(args.count("n", 10_000, MOST_ROWS)?, noise, args.seed()))
        },
    },
    SourceRow {
        name: "gaussians8",
        usage: "gaussians8(n)",
        what: "points of eight Gaussians on a circle of radius 2, and which one",
        args: &["n"],
        load: |args, _| Ok(builtin::gaussians8(args.count("n", 10_000, MOST_ROWS)?, args.seed())),
    },
    SourceRow {
        name: "circle",
        usage: "circle(n, noise)",
        what: "points on the unit circle, with Gaussian noise",
        args: &["n", "noise"],
        load: |args, _| {
            let noise = args.number("noise", 0.0)?;
            Ok(builtin::circle(args.count("n", 10_000, MOST_ROWS)?, noise, args.seed()))
        },
    },
    SourceRow {
        name: "uniform",
        usage: "uniform(n, width, low = 0, high = 1)",
        what: "rows of independent uniform reals",
        args: &["n", "width", "low", "high"],
        load: |args, _| {
            let (low, high) = (args.number("low", 0.0)?, args.number("high", 1.0)?);
            let (n, width) = (args.count("n", 10_000, MOST_ROWS)?, args.count("width", 2, 10_000)?);
            Ok(builtin::uniform(n, width, low, high, args.seed()))
        },
    },
];

/// Made-up data has at most this many rows.
const MOST_ROWS: usize = 10_000_000;

/// Loads what a call names.
pub fn load(source: &Source, root: &Root) -> Result<(Table, Options), Diagnostic> {
    let Some(row) = SOURCES.iter().find(|row| row.name == source.name) else {
        let names: Vec<&str> = SOURCES.iter().map(|row| row.name).collect();
        let text = format!("no data source is called `{}`", source.name);
        let error = Diagnostic::new(codes::RL2066, text);
        return Err(error.help(format!("write one of {}", names.join(", "))));
    };
    let args = Args::bind(row, source)?;
    let options = args.options()?;
    let table = (row.load)(&args, root)?;
    Ok((table, options))
}

/// A source as the command line writes it: `idx:DIR`, `npz:FILE,binarize=fixed`.
pub fn parse(text: &str) -> Result<Source, Diagnostic> {
    let (name, rest) = text.split_once([':', ',']).unwrap_or((text, ""));
    let mut args = Vec::new();
    for part in rest.split(',').filter(|part| !part.is_empty()) {
        args.push(match part.split_once('=') {
            Some((key, value)) => (Some(key.trim().to_string()), literal(value.trim())),
            None => (None, literal(part)),
        });
    }
    if !SOURCES.iter().any(|row| row.name == name) {
        let text = format!("`{text}` is not SOURCE:PATH");
        let error = Diagnostic::new(codes::RL2066, text);
        return Err(
            error.help("for example `--data digits=idx:folder` or `--data x=csv:table.csv`")
        );
    }
    Ok(Source { name: name.into(), args })
}

fn literal(text: &str) -> Static {
    match (text.parse::<i64>(), text.parse::<f64>(), text) {
        (Ok(n), _, _) => Static::Int(n),
        (_, Ok(x), _) if x.is_finite() => Static::Float(x),
        (_, _, "true" | "false") => Static::Bool(text == "true"),
        _ => Static::Str(text.to_string()),
    }
}

/// The file's options stay in force when the command line replaces only where the data is.
pub fn replace(file: Option<&Source>, new: &Source) -> Source {
    let mut source = new.clone();
    let kept = file.iter().flat_map(|file| file.args.iter()).filter(|(name, _)| {
        matches!(name.as_deref(), Some("binarize" | "nan"))
            && !new.args.iter().any(|(given, _)| given == name)
    });
    source.args.extend(kept.cloned());
    source
}

/// How a source is written, for the run's record.
pub fn describe(source: &Source) -> String {
    let args: Vec<String> = source
        .args
        .iter()
        .map(|(name, value)| match name {
            Some(name) => format!("{name} = {}", show(value)),
            None => show(value),
        })
        .collect();
    format!("{}({})", source.name, args.join(", "))
}

fn show(value: &Static) -> String {
    match value {
        Static::Int(n) => n.to_string(),
        Static::Float(x) => x.to_string(),
        Static::Bool(b) => b.to_string(),
        Static::Str(s) => format!("\"{}\"", s.escape_debug()),
        Static::Tuple(list) => {
            format!("({})", list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Static::Call(source) => describe(source),
    }
}

/// Arguments of a call by name.
struct Args<'a> {
    source: &'a str,
    values: Vec<(&'a str, &'a Static)>,
}

impl<'a> Args<'a> {
    fn bind(row: &SourceRow, source: &'a Source) -> Result<Args<'a>, Diagnostic> {
        let mut args = Args { source: &source.name, values: Vec::new() };
        let mut own = row.args.iter();
        for (name, value) in &source.args {
            let name: &'a str = match name {
                Some(name) => name,
                None => match own.next() {
                    Some(name) => name,
                    None => return Err(args.wrong(format!("too many arguments: {}", row.usage))),
                },
            };
            let known = row.args.contains(&name) || OPTIONS.iter().any(|(o, _)| *o == name);
            if !known {
                let all: Vec<&str> =
                    row.args.iter().copied().chain(OPTIONS.iter().map(|(o, _)| *o)).collect();
                let text = format!("no argument is called `{name}`; it takes {}", all.join(", "));
                return Err(args.wrong(text));
            }
            if args.get(name).is_some() {
                return Err(args.wrong(format!("`{name}` is given twice")));
            }
            args.values.push((name, value));
        }
        Ok(args)
    }

    fn wrong(&self, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::new(codes::RL2066, format!("source `{}`: {text}", self.source))
    }

    fn get(&self, name: &str) -> Option<&'a Static> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }

    fn number(&self, name: &str, default: f64) -> Result<f64, Diagnostic> {
        match self.get(name) {
            None => Ok(default),
            Some(Static::Int(n)) => Ok(*n as f64),
            Some(Static::Float(x)) if x.is_finite() => Ok(*x),
            Some(other) => Err(self.wrong(format!("`{name}` is a number, found {}", show(other)))),
        }
    }

    fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Diagnostic> {
        let value = self.number(name, default as f64)?;
        if value.fract() == 0.0 && value >= 1.0 && value <= most as f64 {
            return Ok(value as usize);
        }
        Err(self.wrong(format!("`{name}` is an integer from 1 to {most}, found {value}")))
    }

    fn seed(&self) -> u64 {
        match self.get("seed") {
            Some(Static::Int(seed)) => *seed as u64,
            _ => 0,
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Diagnostic> {
        match self.get(name) {
            None => Ok(None),
            Some(Static::Str(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(format!("`{name}` is a text, found {}", show(other)))),
        }
    }

    fn path(&self, name: &str) -> Result<&'a str, Diagnostic> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.wrong(format!("`{name}` is missing"))),
        }
    }

    fn options(&self) -> Result<Options, Diagnostic> {
        let binarize = match self.text("binarize")? {
            None => None,
            Some("threshold") => Some(Binarize::Threshold),
            Some("stochastic") => Some(Binarize::Stochastic),
            Some("fixed") => Some(Binarize::Fixed),
            Some(other) => {
                let text = format!("binarize = \"{}\" is not known", other.escape_debug());
                let hint = "write \"threshold\", \"stochastic\" or \"fixed\"";
                return Err(self.wrong(text).help(hint));
            }
        };
        let split = match self.get("split") {
            None => None,
            Some(Static::Tuple(shares)) => {
                let shares: Option<Vec<f64>> = shares.iter().map(as_number).collect();
                Some(shares.ok_or_else(|| self.wrong("`split` holds numbers"))?)
            }
            Some(_) => Some(vec![self.number("split", 1.0)?]),
        };
        if let Some(other) = self.get("seed")
            && !matches!(other, Static::Int(0..))
        {
            return Err(self.wrong(format!("`seed` is an integer from 0, found {}", show(other))));
        }
        let scale = match self.get("scale") {
            None => None,
            Some(_) => Some(self.number("scale", 1.0)?),
        };
        if scale.is_some_and(|scale| scale <= 0.0) {
            return Err(self.wrong("`scale` is greater than 0"));
        }
        let allow_nan = self.text("nan")? == Some("allow");
        Ok(Options { binarize, split, seed: self.seed(), scale, allow_nan })
    }
}

fn as_number(value: &Static) -> Option<f64> {
    match value {
        Static::Int(n) => Some(*n as f64),
        Static::Float(x) => Some(*x),
        _ => None,
    }
}

/// Bytes in images mean 0 black to 255 white.
const BYTES: Option<Grey> = Some(Grey { low: 0.0, high: 255.0 });

fn grey_of(raw: &Raw) -> Option<Grey> {
    if matches!(raw.elements, Elements::U8(_)) && raw.shape.len() > 1 { BYTES } else { None }
}

fn load_idx(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let first = args.path("images")?;
    let place = root.resolve(first)?;
    if place.is_dir() {
        return idx_folder(first, root);
    }
    let images = read_idx(&place)?;
    let labels = match args.text("labels")? {
        Some(path) => Some(read_idx(&root.resolve(path)?)?),
        None => None,
    };
    let columns = idx_columns(images, labels);
    Ok(Table { columns, splits: Vec::new(), named: false })
}

fn read_idx(path: &Path) -> Result<Raw, Diagnostic> {
    idx::read(&open::read(path)?, &path.display().to_string())
}

fn idx_columns(images: Raw, labels: Option<Raw>) -> Vec<RawColumn> {
    let grey = grey_of(&images);
    let images = RawColumn { name: "images".into(), values: images, grey };
    let labels = labels.map(|values| RawColumn { name: "labels".into(), values, grey: None });
    [Some(images), labels].into_iter().flatten().collect()
}

/// The four files of MNIST; the two of the test set may be missing.
fn idx_folder(folder: &str, root: &Root) -> Result<Table, Diagnostic> {
    let find = |stem: &str| -> Result<Option<Raw>, Diagnostic> {
        for name in [format!("{folder}/{stem}"), format!("{folder}/{stem}.gz")] {
            let path = root.resolve(&name)?;
            if path.exists() {
                return read_idx(&path).map(Some);
            }
        }
        Ok(None)
    };
    let mut parts = Vec::new();
    for (split, prefix) in [("train", "train"), ("test", "t10k")] {
        let Some(images) = find(&format!("{prefix}-images-idx3-ubyte"))? else { continue };
        let labels = find(&format!("{prefix}-labels-idx1-ubyte"))?;
        parts.push((split.to_string(), idx_columns(images, labels)));
    }
    if parts.is_empty() {
        let text =
            format!("`{folder}`: no `train-images-idx3-ubyte` or `.gz` of it in this folder");
        return Err(Diagnostic::new(codes::RL2073, text));
    }
    stack(parts, folder, false)
}

/// Joins the columns of several splits below each other.
fn stack(
    parts: Vec<(String, Vec<RawColumn>)>,
    path: &str,
    named: bool,
) -> Result<Table, Diagnostic> {
    let mut table = Table { columns: Vec::new(), splits: Vec::new(), named };
    let mut start = 0u32;
    for (split, columns) in parts {
        let rows = columns.first().map_or(0, |column| column.values.rows());
        for column in &columns {
            same_rows(rows, column, path, &split)?;
        }
        table.splits.push((split, (start..start + rows as u32).collect()));
        start += rows as u32;
        if table.columns.is_empty() {
            table.columns = columns;
            continue;
        }
        if table.columns.len() != columns.len() {
            let text = format!("`{path}`: the splits do not have the same fields");
            return Err(Diagnostic::new(codes::RL2004, text));
        }
        for (above, below) in table.columns.iter_mut().zip(columns) {
            append(above, below, path)?;
        }
    }
    Ok(table)
}

fn same_rows(rows: usize, column: &RawColumn, path: &str, part: &str) -> Result<(), Diagnostic> {
    let found = column.values.rows();
    if found == rows {
        return Ok(());
    }
    let text = format!("`{path}` {part}: `{}` has {found} rows, another field {rows}", column.name);
    Err(Diagnostic::new(codes::RL2004, text))
}

fn append(above: &mut RawColumn, below: RawColumn, path: &str) -> Result<(), Diagnostic> {
    let (upper, lower) = (&above.values.shape, &below.values.shape);
    if upper.get(1..) != lower.get(1..) || above.name != below.name {
        let text = format!("`{path}`: `{}` has shapes {upper:?} and {lower:?}", above.name);
        return Err(Diagnostic::new(codes::RL2004, text));
    }
    let empty = Raw { shape: Vec::new(), elements: Elements::U8(Vec::new()) };
    let mut raw = std::mem::replace(&mut above.values, empty);
    if let Some(rows) = raw.shape.first_mut() {
        *rows += below.values.rows();
    }
    raw.elements = raw.elements.append(below.values.elements);
    above.values = raw;
    Ok(())
}

fn load_npy(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let mut columns = Vec::new();
    for (name, value) in &args.values {
        if OPTIONS.iter().any(|(option, _)| option == name) {
            continue;
        }
        let Static::Str(text) = value else {
            return Err(args.wrong(format!("expected a path, found {}", show(value))));
        };
        let path = root.resolve(text)?;
        let values = npy::read(&open::read(&path)?, text)?;
        let grey = grey_of(&values);
        columns.push(RawColumn { name: name.to_string(), values, grey });
    }
    if columns.is_empty() {
        return Err(args.wrong("a path is missing"));
    }
    Ok(Table { columns, splits: Vec::new(), named: false })
}

fn load_npz(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let text = args.path("file")?;
    let arrays = npz::read(&open::read(&root.resolve(text)?)?, text)?;
    let mut columns: Vec<RawColumn> = Vec::new();
    let mut parts: Vec<(String, Vec<RawColumn>)> = Vec::new();
    for (name, values) in arrays {
        let grey = grey_of(&values);
        let split = ["train", "valid", "test"].into_iter().find(|s| {
            name.strip_suffix(s).is_some_and(|stem| stem.ends_with('_') && stem.len() > 1)
        });
        let Some(split) = split else {
            columns.push(RawColumn { name, values, grey });
            continue;
        };
        let stem = name.trim_end_matches(split).trim_end_matches('_').to_string();
        let column = RawColumn { name: stem, values, grey };
        match parts.iter_mut().find(|(part, _)| part == split) {
            Some((_, columns)) => columns.push(column),
            None => parts.push((split.into(), vec![column])),
        }
    }
    if parts.is_empty() {
        return Ok(Table { columns, splits: Vec::new(), named: true });
    }
    for (_, columns) in &mut parts {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    stack(parts, text, true)
}

fn load_csv(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let text = args.path("file")?;
    let header = match args.get("header") {
        None => None,
        Some(Static::Bool(header)) => Some(*header),
        Some(other) => {
            let text = format!("`header` is true or false, found {}", show(other));
            return Err(args.wrong(text));
        }
    };
    let cells = csv::read(&open::read(&root.resolve(text)?)?, header, text)?;
    let names = cells.header.clone();
    let named = names.is_some();
    let columns = (0..cells.columns).map(|at| {
        let name = names.as_ref().and_then(|names| names.get(at).cloned()).unwrap_or_default();
        let values = Raw { shape: vec![cells.rows], elements: cells.pick(&[at]) };
        RawColumn { name, values, grey: None }
    });
    Ok(Table { columns: columns.collect(), splits: Vec::new(), named })
}

/// A message about a field, with the place it came from.
pub fn about(code: Code, origin: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("{origin}: {text}"))
}
