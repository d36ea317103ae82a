//! `lines("file.txt")` and `jsonl("file.jsonl")`: a row for each line, whose texts are sequences that end. In: the
//! arguments of a call, the declared fields. Out: a [`Table`]: tokens as numbers, padded with zeros, and cells of
//! other fields as they are written.
//!
//! A field `idx(n)[<= t]` reads tokens: number 0 is the end, the others are numbered by how often they occur
//! (characters in the order of their alphabet). Each field has a vocabulary of its own.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::Args;
use super::decode::bad;
use super::dialect::Dialect;
use super::fields::Wanted;
use super::kinds::{Filling, Seen};
use super::open::Root;
use super::options::Options;
use super::raw::Elements;
use super::source::{Load, Reach};
use super::tokens::{self, Code, Codes, Unit, Unknown};
use super::{FieldSpec, RawColumn, Spelled, Table, memory, readers, shown, text};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Static, Support};
use std::borrow::Cow;
use std::collections::HashMap;

/// Splits and their files: one, or one for each field.
type Files<'a> = Vec<(&'static str, Vec<&'a str>)>;
/// Numbers have a decimal point.
const NUMBERS: Dialect = Dialect { sep: ' ', decimal: '.' };

/// What becomes of a text that is longer than its field.
#[derive(Clone, Copy, PartialEq)]
enum Long {
    Refused,
    Cut,
    Dropped,
}

/// What a call says.
struct Call<'a> {
    files: Files<'a>,
    /// What stands between the texts of a line.
    sep: Option<&'a str>,
    unit: Unit,
    unknown: Unknown<'a>,
    min_count: usize,
    long: Long,
    /// Whether lines are objects.
    json: bool,
}

/// Lines of texts.
pub fn lines<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    let sep = match args.text("sep")? {
        Some("tab") => Some("\t"),
        Some("") | None => None,
        some => some,
    };
    read(args, sep, false)
}

/// Lines that are objects.
pub fn jsonl<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    read(args, None, true)
}

fn read<'a>(args: &Args<'a>, sep: Option<&'a str>, json: bool) -> Result<Load<'a>, Diagnostic> {
    let unit = text::unit(args)?;
    if unit == Unit::Byte {
        let error = args.wrong_at("tokens", "the number 0 is the end of a line, and a byte");
        return Err(error.help("write `tokens = \"char\"` or `tokens = \"word\"`"));
    }
    let unit = if args.get("tokens").is_some() { unit } else { Unit::Word };
    let call = Call {
        files: files(args)?,
        sep,
        unit,
        unknown: text::unknown(args)?,
        min_count: args.count("min_count", 1, u32::MAX as usize)?,
        long: match args.text("long")? {
            Some("cut") => Long::Cut,
            Some("drop") => Long::Dropped,
            Some("") | None => Long::Refused,
            Some(word) => {
                let text = format!("`long = \"{}\"` is not known", word.escape_debug());
                return Err(args.wrong_at("long", text).help("write \"cut\" or \"drop\""));
            }
        },
        json,
    };
    Ok(Load::rows(move |reach: &Reach| table(&call, reach)))
}

/// The files of all splits: as many for each.
fn files<'a>(args: &Args<'a>) -> Result<Files<'a>, Diagnostic> {
    let mut list: Files = Vec::new();
    for (split, name) in [("train", "files"), ("valid", "valid"), ("test", "test")] {
        let own = args.texts(name)?;
        let own: Vec<&str> = own.into_iter().filter(|path| !path.is_empty()).collect();
        if own.is_empty() {
            continue;
        }
        if let Some((_, first)) = list.first().filter(|(_, first)| first.len() != own.len()) {
            let text = format!("{} files for `{name}`, {} before", own.len(), first.len());
            return Err(args.wrong_at(name, text).help("name a file for each field"));
        }
        list.push((split, own));
    }
    match list.first() {
        Some(("train", _)) => Ok(list),
        _ => args.path("files").map(|_| list),
    }
}

/// The texts of a column, those of all splits one behind the other.
struct Column<'t> {
    name: String,
    cells: Vec<Cow<'t, str>>,
}

/// All lines as columns.
struct Read<'t> {
    columns: Vec<Column<'t>>,
    /// How many rows each split has.
    splits: Vec<(&'static str, usize)>,
    /// The file and the line of each row.
    places: Vec<(&'t str, u32)>,
    blank: usize,
}

impl Read<'_> {
    fn wrong(
        &self,
        row: usize,
        code: crate::base::Code,
        text: impl std::fmt::Display,
    ) -> Diagnostic {
        let (path, line) = self.places.get(row).copied().unwrap_or_default();
        bad(code, path, format!("line {line}: {text}"))
    }
}

fn table(call: &Call, reach: &Reach) -> Result<Table, Diagnostic> {
    let mut texts = Vec::new();
    for (_, paths) in &call.files {
        for path in paths {
            texts.push(whole(path, reach.root)?);
        }
    }
    let names: Vec<String> = match reach.wanted.fields {
        [] => vec![],
        fields => fields.iter().map(|field| field.name.clone()).collect(),
    };
    let read = match call.json {
        true => objects(call, &texts, &names)?,
        false => parts(call, &texts, &names)?,
    };
    let mut table = Table::new(Vec::new(), true);
    let mut gone = vec![false; read.places.len()];
    for column in &read.columns {
        let field = reach.wanted.fields.iter().find(|field| field.name == column.name);
        match field.filter(|field| is_text(field)) {
            Some(field) => {
                tokens_of(call, &read, column, (field, &reach.wanted), &mut table, &mut gone)?
            }
            None => table.columns.push(cells(column)),
        }
    }
    let mut start = 0;
    if read.splits.len() > 1 {
        for (name, rows) in &read.splits {
            table.splits.push((name.to_string(), (start..start + *rows as u32).collect()));
            start += *rows as u32;
        }
    }
    let dropped = gone.iter().filter(|gone| **gone).count();
    if dropped > 0 {
        table.found.push(format!("{dropped} rows with a text that is too long are left out"));
        let keep: Vec<bool> = gone.iter().map(|gone| !gone).collect();
        table.retain(&keep);
    }
    if read.blank > 0 {
        table.found.push(format!("{} blank lines are left out", read.blank));
    }
    Ok(table)
}

fn whole(path: &str, root: &Root) -> Result<String, Diagnostic> {
    readers::whole(path, root)
}

/// Whether a field reads tokens.
fn is_text(field: &FieldSpec) -> bool {
    matches!(field.ty.support, Support::Index(_)) && field.ty.shape.len() == 1
}

/// Cells as they are written: numbers where all are, else words.
fn cells(column: &Column) -> RawColumn {
    let mut seen = Seen::NOTHING;
    column.cells.iter().for_each(|cell| seen.see(cell.trim(), &NUMBERS));
    let mut filling = Filling::of(&seen);
    column.cells.iter().for_each(|cell| filling.push(cell.trim(), &NUMBERS));
    RawColumn::new(&column.name, vec![column.cells.len()], filling.done())
}

/// Columns of lines: a file for each, or the parts of the lines of one.
fn parts<'t>(
    call: &Call<'t>,
    texts: &'t [String],
    names: &[String],
) -> Result<Read<'t>, Diagnostic> {
    let files = call.files.first().map_or(1, |(_, paths)| paths.len());
    let mut read = Read { columns: vec![], splits: vec![], places: vec![], blank: 0 };
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for ((split, paths), texts) in call.files.iter().zip(texts.chunks(files.max(1))) {
        let before = rows.len();
        let counts: Vec<usize> = texts.iter().map(|text| text.lines().count()).collect();
        if let Some(at) = counts.iter().position(|n| counts.first() != Some(n)) {
            let (first, other) = (paths.first().unwrap_or(&""), paths.get(at).unwrap_or(&""));
            let lines = |at: usize| counts.get(at).copied().unwrap_or_default();
            let text = format!("{} lines, `{}` has {}", lines(at), shown(first), lines(0));
            let error = bad(codes::RL2004, other, text);
            return Err(error.help("line n of one file belongs to line n of the other"));
        }
        let mut iterators: Vec<_> = texts.iter().map(|text| text.lines()).collect();
        for line in 1..=counts.first().copied().unwrap_or_default() {
            let own = iterators.iter_mut().filter_map(Iterator::next);
            let own: Vec<&str> = match call.sep {
                Some(sep) => own.flat_map(|line| line.split(sep)).collect(),
                None => own.collect(),
            };
            if own.iter().all(|text| text.trim().is_empty()) {
                read.blank += 1;
                continue;
            }
            read.places.push((paths.first().unwrap_or(&""), line as u32));
            if own.len() < names.len() {
                let text = format!("{} texts for {} fields", own.len(), names.len());
                let error = read.wrong(rows.len(), codes::RL2020, text);
                return Err(error.help(
                    "name a file for each field, or what stands between them: `sep = \"tab\"`",
                ));
            }
            rows.push(own);
        }
        read.splits.push((split, rows.len() - before));
    }
    let width = rows.first().map_or(0, Vec::len);
    let name = |at: usize| names.get(at).cloned().unwrap_or_else(|| format!("text_{}", at + 1));
    let many = if names.is_empty() { width } else { names.len() };
    read.columns = (0..many)
        .map(|at| {
            let cell = |row: &Vec<&'t str>| Cow::Borrowed(*row.get(at).unwrap_or(&""));
            Column { name: name(at), cells: rows.iter().map(cell).collect() }
        })
        .collect();
    Ok(read)
}

/// Columns of objects, by their names.
fn objects<'t>(
    call: &Call<'t>,
    texts: &'t [String],
    names: &[String],
) -> Result<Read<'t>, Diagnostic> {
    let mut read = Read { columns: vec![], splits: vec![], places: vec![], blank: 0 };
    let mut columns: Vec<Column> = Vec::new();
    let new = |name: &String| Column { name: name.clone(), cells: vec![] };
    columns.extend(names.iter().map(new));
    for ((split, paths), text) in call.files.iter().zip(texts) {
        let before = read.places.len();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() {
                read.blank += 1;
                continue;
            }
            let row = read.places.len();
            read.places.push((paths.first().unwrap_or(&""), line));
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)
                .map_err(|why| {
                    let error = read.wrong(row, codes::RL2020, format!("not an object: {why}"));
                    error.help("every line holds an object: `{\"text\": \"...\", \"label\": 1}`")
                })?;
            if columns.is_empty() {
                columns.extend(object.keys().map(new));
            }
            for column in &mut columns {
                let cell = match object.get(&column.name) {
                    None | Some(serde_json::Value::Null) => String::new(),
                    Some(serde_json::Value::String(text)) => text.clone(),
                    Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
                        value.to_string()
                    }
                    Some(_) => {
                        let text = format!("`{}` is a list or an object", shown(&column.name));
                        let error = read.wrong(row, codes::RL2020, text);
                        return Err(error.help("fields read texts, numbers and truth values"));
                    }
                };
                column.cells.push(Cow::Owned(cell));
            }
        }
        read.splits.push((split, read.places.len() - before));
    }
    let lacks = |column: &&Column| column.cells.iter().all(|cell| cell.is_empty());
    if let Some(column) = columns.iter().find(lacks).filter(|_| !names.is_empty()) {
        let text = format!("no object has a `{}`", shown(&column.name));
        let path = call.files.first().and_then(|(_, paths)| paths.first()).unwrap_or(&"");
        return Err(bad(codes::RL2063, path, text).help("name fields like the members of objects"));
    }
    read.columns = columns;
    Ok(read)
}

/// The vocabulary of a column, that of the run where there is one, and the texts in its numbers.
fn tokens_of(
    call: &Call,
    read: &Read,
    column: &Column,
    (field, wanted): (&FieldSpec, &Wanted),
    table: &mut Table,
    gone: &mut [bool],
) -> Result<(), Diagnostic> {
    let (name, width) = (&field.name, field.ty.shape.first().copied().unwrap_or(1));
    let Support::Index(n) = field.ty.support else { return Ok(()) };
    if !field.ty.ends {
        let text = format!("field `{name}` reads texts, which end where they end");
        let help = format!("declare it `{name}: idx({n})[<= {width}]`");
        return Err(Diagnostic::new(codes::RL2064, text).help(help));
    }
    let kept = wanted.kept(name).filter(|kept| !kept.words.is_empty());
    if let Some(unit) = kept.and_then(|kept| kept.tokens).filter(|unit| *unit != call.unit) {
        return Err(text::other_unit(unit, call.unit));
    }
    let known: Vec<String> =
        kept.map_or(vec![], |kept| kept.words.iter().skip(1).cloned().collect());
    let unknown = match (call.unknown, known.as_slice()) {
        (Unknown::Token(token), [first, ..]) if first != token => Unknown::Refused,
        (unknown, _) => unknown,
    };
    let (min_count, most) = (call.min_count, Some(n.saturating_sub(1)));
    let ask = tokens::Ask { unit: call.unit, unknown, min_count, most, known: &known };
    let words = match known.is_empty() {
        true => tokens::vocabulary(&counts(column, call.unit), &ask)?,
        false => known.clone(),
    };
    if words.len() + 1 > n {
        let (many, all) = (call.unit.many(), words.len() + 1);
        let text = format!(
            "field `{name}`, declared idx({n}), has {all} different {many}, the end included"
        );
        return Err(Diagnostic::new(codes::RL2005, text).help(format!("declare it idx({all})")));
    }
    memory::room(column.cells.len().saturating_mul(width).saturating_mul(8), name)?;
    let codes = Codes::new(&words, unknown);
    let mut values: Vec<i64> = Vec::with_capacity(column.cells.len() * width);
    let (mut longest, mut strangers) = (0, 0);
    for (row, cell) in column.cells.iter().enumerate() {
        let start = values.len();
        let mut wrong = None;
        call.unit.each(cell, |word| {
            strangers += usize::from(codes.is_unknown(word));
            match codes.of(word) {
                Code::Number(code) => values.push(code as i64 + 1),
                Code::Nothing => {}
                Code::Strange => wrong = Some(word.to_string()),
            }
            wrong.is_none()
        });
        if let Some(word) = wrong {
            let word: String = word.chars().take(40).collect();
            let text = format!("`{}` is not in the vocabulary", shown(&word));
            return Err(read.wrong(row, codes::RL2076, text).help(
                "write `unknown = \"drop\"` to leave such tokens out, or `unknown = \"<unk>\"` in training",
            ));
        }
        let length = values.len() - start;
        longest = longest.max(length);
        if length > width && call.long == Long::Refused {
            let many = call.unit.many();
            let text = format!("{length} {many}, field `{name}` has room for {width}");
            return Err(read
                .wrong(row, codes::RL2064, text)
                .help("declare more, or write `long = \"cut\"` or `long = \"drop\"`"));
        }
        if length > width && call.long == Long::Dropped {
            gone.get_mut(row).into_iter().for_each(|gone| *gone = true);
        }
        values.resize(start + width, 0);
    }
    let rows = column.cells.len();
    let many = call.unit.many();
    table.found.push(format!("{name}: {} different {many}, up to {longest} in a row", words.len()));
    if strangers > 0 {
        table.found.push(format!("{name}: {strangers} {many} are not in the vocabulary"));
    }
    let elements = Elements::integers(values);
    table.columns.push(RawColumn::new(name, vec![rows, width], elements));
    let words = std::iter::once(String::new()).chain(words).collect();
    table.spelled.push(Spelled { column: name.clone(), unit: call.unit, words });
    Ok(())
}

/// How often each token of a column occurs.
fn counts(column: &Column, unit: Unit) -> HashMap<String, usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for cell in &column.cells {
        unit.each(cell, |word| {
            match counts.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(word.into(), 1);
                }
            }
            true
        });
    }
    counts
}

/// Whether a value names files.
pub fn are_files(value: &Static) -> bool {
    matches!(value, Static::Tuple(list) if list.iter().all(|part| matches!(part, Static::Str(_))))
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
