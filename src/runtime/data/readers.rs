//! Sources that are files. In: the arguments of a call, where its paths start. Out: a [`Table`].
//! Which columns belong to which field is decided later, in `convert`.

use super::args::{Args, show};
use super::dialect::{self, Ask};
use super::open::{self, Root};
use super::options::Options;
use super::raw::{Elements, Raw, bytes_at};
use super::{Places, RawColumn, Table, csv, gzip, idx, npy, npz};
use crate::base::{Diagnostic, codes};
use crate::model::ir::Static;
use std::path::Path;

/// Files of the MNIST format.
pub fn load_idx(args: &Args, _: &Options, root: &Root) -> Result<Table, Diagnostic> {
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
    Ok(Table::new(idx_columns(images, labels), false))
}

fn read_idx(path: &Path) -> Result<Raw, Diagnostic> {
    idx::read(&open::read(path)?, &path.display().to_string())
}

fn idx_columns(images: Raw, labels: Option<Raw>) -> Vec<RawColumn> {
    let images = RawColumn { name: "images".into(), values: images, grey: None };
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
        parts.push((split.to_string(), Table::new(idx_columns(images, labels), false)));
    }
    if parts.is_empty() {
        let text =
            format!("`{folder}`: no `train-images-idx3-ubyte` or `.gz` of it in this folder");
        return Err(Diagnostic::new(codes::RL2073, text));
    }
    stack(parts, folder, false)
}

/// Joins the columns of several splits below each other.
fn stack(parts: Vec<(String, Table)>, path: &str, named: bool) -> Result<Table, Diagnostic> {
    let mut table = Table::new(Vec::new(), named);
    let (mut start, mut places) = (0u32, Vec::new());
    for (split, part) in parts {
        let rows = part.rows();
        for column in &part.columns {
            same_rows(rows, column, path, &split)?;
        }
        table.found.extend(part.found);
        table.splits.push((split.clone(), (start..start + rows as u32).collect()));
        places.push((split, rows, part.places));
        start += rows as u32;
        if table.columns.is_empty() {
            table.columns = part.columns;
            continue;
        }
        if table.columns.len() != part.columns.len() {
            let text = format!("`{path}`: the splits do not have the same fields");
            return Err(Diagnostic::new(codes::RL2004, text));
        }
        for (above, below) in table.columns.iter_mut().zip(part.columns) {
            append(above, below, path)?;
        }
    }
    table.places = Places::stack(places);
    table.found.dedup();
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
pub fn load_npy(args: &Args, _: &Options, root: &Root) -> Result<Table, Diagnostic> {
    let mut columns = Vec::new();
    for (name, value) in &args.values {
        let Static::Str(text) = value else {
            return Err(args.wrong(format!("expected a path, found {}", show(value))));
        };
        let path = root.resolve(text)?;
        let values = npy::read(&open::read(&path)?, text)?;
        columns.push(RawColumn { name: name.to_string(), values, grey: None });
    }
    if columns.is_empty() {
        return Err(args.wrong("a path is missing"));
    }
    Ok(Table::new(columns, false))
}

/// An archive of arrays.
pub fn load_npz(args: &Args, _: &Options, root: &Root) -> Result<Table, Diagnostic> {
    let text = args.path("file")?;
    let arrays = npz::read(&open::read(&root.resolve(text)?)?, text)?;
    let mut columns: Vec<RawColumn> = Vec::new();
    let mut parts: Vec<(String, Vec<RawColumn>)> = Vec::new();
    for (name, values) in arrays {
        let split = ["train", "valid", "test"].into_iter().find(|s| {
            name.strip_suffix(s).is_some_and(|stem| stem.ends_with('_') && stem.len() > 1)
        });
        let Some(split) = split else {
            columns.push(RawColumn { name, values, grey: None });
            continue;
        };
        let stem = name.trim_end_matches(split).trim_end_matches('_').to_string();
        let column = RawColumn { name: stem, values, grey: None };
        match parts.iter_mut().find(|(part, _)| part == split) {
            Some((_, columns)) => columns.push(column),
            None => parts.push((split.into(), vec![column])),
        }
    }
    if parts.is_empty() {
        return Ok(Table::new(columns, true));
    }
    for (_, columns) in &mut parts {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let table = |(split, columns)| (split, Table::new(columns, true));
    stack(parts.into_iter().map(table).collect(), text, true)
}

/// A table as text, and tables beside it that are the other splits.
pub fn load_csv(args: &Args, _: &Options, root: &Root) -> Result<Table, Diagnostic> {
    let first = args.path("file")?;
    let ask = ask(args)?;
    let mut parts = vec![("train".to_string(), read_csv(first, &ask, root)?)];
    for split in ["valid", "test"] {
        if let Some(path) = args.text(split)?.filter(|path| !path.is_empty()) {
            parts.push((split.to_string(), read_csv(path, &ask, root)?));
        }
    }
    match parts.as_mut_slice() {
        [(_, table)] => Ok(std::mem::replace(table, Table::new(Vec::new(), false))),
        _ => {
            let named = parts.iter().all(|(_, table)| table.named);
            stack(parts, first, named)
        }
    }
}

/// What a call says of the text.
fn ask(args: &Args) -> Result<Ask, Diagnostic> {
    let character = |name: &str| match args.text(name)? {
        None | Some("") => Ok(None),
        Some(text) => dialect::character(text).map(Some).ok_or_else(|| {
            let text = format!("`{name}` is one character, found \"{}\"", text.escape_debug());
            args.wrong(text).help("write `sep = \";\"`, `sep = \"tab\"` or `decimal = \",\"`")
        }),
    };
    let ask = Ask {
        header: args.flag("header")?,
        sep: character("sep")?,
        decimal: character("decimal")?,
        skip: args.integer("skip", 0, (0, 1_000_000))? as usize,
    };
    let odd = |c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '\n' | '\r' | '-' | '+');
    if ask.sep.is_some_and(odd) || ask.decimal.is_some_and(|c| !matches!(c, '.' | ',')) {
        return Err(args
            .wrong("`sep` is no letter, digit, sign or quote, `decimal` a point or a comma")
            .help("write `sep = \";\"`, `sep = \"tab\"` or `decimal = \",\"`"));
    }
    Ok(ask)
}

fn read_csv(text: &str, ask: &Ask, root: &Root) -> Result<Table, Diagnostic> {
    let bytes = open::read(&root.resolve(text)?)?;
    let bytes = if gzip::is_gzip(&bytes) { unpacked(&bytes, text)? } else { bytes };
    let sheet = csv::read(&bytes, ask, text)?;
    let named = sheet.header.is_some();
    let names = sheet.header.unwrap_or_default();
    let rows = sheet.lines.len();
    let columns = sheet.columns.into_iter().enumerate().map(|(at, elements)| RawColumn {
        name: names.get(at).cloned().unwrap_or_else(|| (at + 1).to_string()),
        values: Raw { shape: vec![rows], elements },
        grey: None,
    });
    let found = sheet.found.map(|found| format!("`{text}`: {found}")).into_iter().collect();
    let places = Places::lines(sheet.lines);
    Ok(Table { places, found, ..Table::new(columns.collect(), named) })
}

/// A packed text states its own length in its last four bytes; not more than that is taken.
fn unpacked(bytes: &[u8], path: &str) -> Result<Vec<u8>, Diagnostic> {
    let end = bytes.len().checked_sub(4).and_then(|at| bytes_at::<4>(bytes, at));
    gzip::gunzip(bytes, end.map_or(0, u32::from_le_bytes) as usize, path)
}
