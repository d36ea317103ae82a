//! Sources that are files. In: the arguments of a call, where its paths start. Out: a [`Table`].
//! Which columns belong to which field is decided later, in `convert`.

use super::args::{Args, show};
use super::open::{self, Root};
use super::raw::{Elements, Grey, Raw};
use super::{RawColumn, Table, csv, idx, npy, npz, options};
use crate::base::{Diagnostic, codes};
use crate::model::ir::Static;
use std::path::Path;

/// Bytes in images mean 0 black to 255 white.
const BYTES: Option<Grey> = Some(Grey { low: 0.0, high: 255.0 });

fn grey_of(raw: &Raw) -> Option<Grey> {
    if matches!(raw.elements, Elements::U8(_)) && raw.shape.len() > 1 { BYTES } else { None }
}

/// Files of the MNIST format.
pub fn load_idx(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
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

/// One array per field.
pub fn load_npy(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let mut columns = Vec::new();
    for (name, value) in &args.values {
        if options::names().contains(name) {
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

/// An archive of arrays.
pub fn load_npz(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
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

/// A table of numbers.
pub fn load_csv(args: &Args, root: &Root) -> Result<Table, Diagnostic> {
    let text = args.path("file")?;
    let header = args.flag("header")?;
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
