//! Sources that are files. In: the arguments of a call, where its paths start. Out: a [`Table`].
//! Which columns belong to which field is decided later, in `convert`.

use super::args::Args;
use super::csv::Sheet;
use super::decode::{Text, decoded};
use super::dialect::{self, Ask};
use super::open::{self, Root};
use super::options::Options;
use super::pieces::{Bytes, Input};
use super::raw::{Elements, Raw};
use super::source::{Load, Reach};
use super::{Places, RawColumn, Table, csv, gzip, idx, npy, npz, pairs, shown, svmlight};
use crate::base::{Diagnostic, codes};
use std::path::Path;

/// A packed text that is longer is refused.
const MOST_TEXT: usize = 1 << 34;

/// Files of the MNIST format.
pub fn idx<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    let (first, labels) = (args.path("images")?, args.text("labels")?);
    Ok(Load::rows(move |Reach { root, .. }: &Reach| {
        let place = root.resolve(first)?;
        if place.is_dir() {
            return idx_folder(first, root);
        }
        let images = read_idx(&place)?;
        let labels = match labels {
            Some(path) => Some(read_idx(&root.resolve(path)?)?),
            None => None,
        };
        Ok(Table::new(idx_columns(images, labels), false))
    }))
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
pub fn npy<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    // The first path has to be there.
    args.path("a")?;
    let mut paths = Vec::new();
    for (name, _) in &args.values {
        paths.push((*name, args.path(name)?));
    }
    Ok(Load::rows(move |Reach { root, .. }: &Reach| {
        let mut columns = Vec::new();
        for (name, text) in paths {
            let values = npy::read(&open::read(&root.resolve(text)?)?, text)?;
            columns.push(RawColumn { name: name.to_string(), values, grey: None });
        }
        Ok(Table::new(columns, false))
    }))
}

/// The name of a field and a split, where a member is called after both.
fn split_of(name: &str) -> Option<(&str, &'static str)> {
    let stem = |split: &str| name.strip_suffix(split)?.strip_suffix('_');
    let mut splits = ["train", "valid", "test"].into_iter();
    splits.find_map(|split| stem(split).filter(|s| !s.is_empty()).map(|stem| (stem, split)))
}

/// An archive of arrays.
pub fn npz<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    let text = args.path("file")?;
    Ok(Load::rows(move |reach: &Reach| load_npz(text, reach)))
}

fn load_npz(text: &str, reach: &Reach) -> Result<Table, Diagnostic> {
    let wanted = &reach.wanted;
    // Where fields have the names of members, an array of another type that none reads does no harm.
    let stem = |name: &str| split_of(name).map_or(name.to_string(), |(stem, _)| stem.to_string());
    let none = |name: &str| !wanted.has(name) && !wanted.has(&stem(name));
    let skip = |name: &str| !wanted.fields.is_empty() && none(name);
    let arrays = npz::read(&open::read(&reach.root.resolve(text)?)?, text, skip)?;
    // A field may be called like a member with the name of a split in it.
    let whole = arrays.iter().any(|(name, _)| split_of(name).is_some() && wanted.has(name));
    let mut columns: Vec<RawColumn> = Vec::new();
    let mut parts: Vec<(String, Vec<RawColumn>)> = Vec::new();
    for (name, values) in arrays {
        let Some((stem, split)) = split_of(&name).filter(|_| !whole) else {
            columns.push(RawColumn { name, values, grey: None });
            continue;
        };
        let column = RawColumn { name: stem.to_string(), values, grey: None };
        match parts.iter_mut().find(|(part, _)| part == split) {
            Some((_, columns)) => columns.push(column),
            None => parts.push((split.into(), vec![column])),
        }
    }
    let lone = columns.iter().find(|column| wanted.has(&column.name));
    if let (Some(lone), Some((split, _))) = (lone, parts.first()) {
        let name = shown(&lone.name);
        let text = format!("`{text}`: `{name}` is not cut into splits, other members are");
        return Err(Diagnostic::new(codes::RL2004, text)
            .help(format!("save it in parts too: `{name}_{split}`")));
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

/// A split and the path of its file.
pub(super) type Named<'a> = (&'static str, &'a str);

/// A file and those beside it that are the other splits.
pub(super) fn files<'a>(args: &Args<'a>, options: &Options) -> Result<Vec<Named<'a>>, Diagnostic> {
    let mut files = vec![("train", args.path("file")?)];
    for split in ["valid", "test"] {
        files.extend(args.text(split)?.filter(|path| !path.is_empty()).map(|path| (split, path)));
    }
    if files.len() > 1 && (options.folds.is_some() || options.split.is_some()) {
        let said = if options.folds.is_some() { "folds" } else { "split" };
        let text = format!("a table beside it and `{said}` both say what the splits are");
        return Err(options.at(said, args.wrong(text).help("leave one of them out")));
    }
    Ok(files)
}

/// Texts that are longer together stay in their files.
const MOST_KEPT: u64 = 1 << 26;

/// Them as texts of tokens: in memory if they are packed or short enough.
pub(super) fn inputs(files: &[Named], root: &Root) -> Result<Vec<Input>, Diagnostic> {
    let (mut opened, mut total, mut packed) = (Vec::new(), 0, false);
    for (_, path) in files {
        let stored = open::stored(&root.resolve(path)?)?;
        let mut head = Vec::new();
        // What cannot be read is told below.
        let _ = stored.read(0, 2, &mut head);
        (total, packed) = (total + stored.len, packed || gzip::is_gzip(&head));
        opened.push((path.to_string(), stored));
    }
    if packed || total <= MOST_KEPT {
        let read = |(_, path): &Named| {
            let bytes = Bytes::Read(open_text(path, root)?);
            Ok(Input { path: path.to_string(), bytes })
        };
        return files.iter().map(read).collect();
    }
    let stays = |(path, stored)| Input { path, bytes: Bytes::Stored(stored) };
    Ok(opened.into_iter().map(stays).collect())
}

/// Their bytes, unpacked.
fn opened(files: &[Named], root: &Root) -> Result<Vec<Vec<u8>>, Diagnostic> {
    files.iter().map(|(_, path)| open_text(path, root)).collect()
}

fn texts<'a>(files: &[Named<'a>], bytes: &'a [Vec<u8>]) -> Vec<Text<'a>> {
    files.iter().zip(bytes).map(|((_, path), bytes)| Text { bytes, path }).collect()
}

/// A table as text, and tables beside it that are the other splits.
pub fn csv<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let (ask, files) = (ask(args)?, files(args, options)?);
    Ok(Load::rows(move |reach: &Reach| load_csv(&files, &ask, reach)))
}

fn load_csv(files: &[Named], ask: &Ask, reach: &Reach) -> Result<Table, Diagnostic> {
    let bytes = opened(files, reach.root)?;
    let sheets = csv::read(&texts(files, &bytes), ask, &reach.wanted)?;
    let tables = files.iter().zip(sheets);
    let mut parts: Vec<(String, Table)> =
        tables.map(|((split, path), sheet)| (split.to_string(), table(sheet, path))).collect();
    match parts.as_mut_slice() {
        [(_, table)] => Ok(std::mem::replace(table, Table::new(Vec::new(), false))),
        _ => {
            let named = parts.iter().all(|(_, table)| table.named);
            stack(parts, files.first().map_or("", |(_, path)| path), named)
        }
    }
}

/// Sparse rows as text, and files beside it that are the other splits.
pub fn svmlight<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let given = |name: &str| args.get(name).is_some();
    let width = args.count("width", 1, pairs::MOST_WIDTH)?;
    let first = args.integer("first", 1, (0, 1))? as usize;
    let ask = svmlight::Ask {
        width: given("width").then_some(width),
        first: given("first").then_some(first),
    };
    let files = files(args, options)?;
    Ok(Load::rows(move |reach: &Reach| {
        let bytes = opened(&files, reach.root)?;
        let sheet = svmlight::read(&texts(&files, &bytes), &ask, &reach.wanted)?;
        Ok(sparse(sheet, &files))
    }))
}

/// One table of all splits.
fn sparse(mut sheet: svmlight::Sheet, files: &[Named]) -> Table {
    let (mut splits, mut places, mut start) = (Vec::new(), Vec::new(), 0u32);
    for ((split, _), lines) in files.iter().zip(std::mem::take(&mut sheet.lines)) {
        let rows = lines.len();
        splits.push((split.to_string(), (start..start + rows as u32).collect()));
        places.push((split.to_string(), rows, Places::lines(lines)));
        start += rows as u32;
    }
    let places = match places.as_mut_slice() {
        [(_, _, only)] => std::mem::take(only),
        _ => Places::stack(places),
    };
    if files.len() == 1 {
        splits.clear();
    }
    let svmlight::Sheet { columns, found, first, .. } = sheet;
    Table { splits, places, found, first, ..Table::new(columns, false) }
}

/// What a call says of the text.
fn ask(args: &Args) -> Result<Ask, Diagnostic> {
    let character = |name: &str| match args.text(name)? {
        None | Some("") => Ok(None),
        Some(text) => dialect::character(text).map(Some).ok_or_else(|| {
            let text = format!("`{name}` is one character, found \"{}\"", text.escape_debug());
            args.wrong_at(name, text)
                .help("write `sep = \";\"`, `sep = \"tab\"` or `decimal = \",\"`")
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

/// A whole text, packed or not.
pub(super) fn whole(path: &str, root: &Root) -> Result<String, Diagnostic> {
    let bytes = open_text(path, root)?;
    decoded(&Text { bytes: &bytes, path }).map(String::from)
}

/// The bytes of a text file.
fn open_text(text: &str, root: &Root) -> Result<Vec<u8>, Diagnostic> {
    let bytes = open::read(&root.resolve(text)?)?;
    if gzip::is_gzip(&bytes) { gzip::gunzip(&bytes, MOST_TEXT, text) } else { Ok(bytes) }
}

fn table(sheet: Sheet, path: &str) -> Table {
    let named = sheet.header.is_some();
    let names = csv::names(sheet.header.as_ref(), sheet.columns.len());
    let rows = sheet.lines.len();
    let columns = names.into_iter().zip(sheet.columns).map(|(name, elements)| RawColumn {
        name,
        values: Raw { shape: vec![rows], elements },
        grey: None,
    });
    let found = sheet.found.map(|found| format!("`{path}`: {found}")).into_iter().collect();
    let places = Places::lines(sheet.lines);
    Table { places, found, ..Table::new(columns.collect(), named) }
}
