//! Tables as text. In: bytes and what the call says of them. Out: columns of numbers or words, the
//! line of every row, and the header if there is one. Lines count from 1.
//!
//! What kind a column is follows from all of its cells, in all tables that are read as one, so a text
//! is read twice: once to see, once to keep.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::decode::{Text, bad, decoded};
pub use super::dialect::Ask;
use super::dialect::Dialect;
use super::fields::Wanted;
use super::kinds::{self, Filling, Seen, is_missing};
use super::raw::Elements;
use super::{memory, quotes, shown};
use crate::base::{Diagnostic, codes};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// More columns than this are refused.
const MOST_COLUMNS: usize = 100_000;
/// A longer cell is refused in a column that a field reads.
const MOST_CELL: usize = 1 << 10;

/// A parsed table.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Names of the columns, if the first line is a header.
    pub header: Option<Vec<String>>,
    /// The columns.
    pub columns: Vec<Elements>,
    /// The line of every row.
    pub lines: Vec<u32>,
    /// What was found about the text and not said by the call.
    pub found: Option<String>,
}

/// Names of the columns: those of the header, else their numbers.
pub fn names(header: Option<&Vec<String>>, columns: usize) -> Vec<String> {
    header.cloned().unwrap_or_else(|| (1..=columns).map(|at| at.to_string()).collect())
}

/// Reads tables whose columns are of the same kinds.
pub fn read(texts: &[Text], ask: &Ask, wanted: &Wanted) -> Result<Vec<Sheet>, Diagnostic> {
    let mut looks = Vec::new();
    for text in texts {
        let rows = Rows::open(text, ask)?;
        let look = rows.look(ask, wanted).map_err(|error| rows.explained(ask, error))?;
        looks.push((rows, look));
    }
    let left_out = alike(&mut looks, wanted)?;
    let seen: Vec<&[Seen]> = looks.iter().map(|(_, look)| look.seen.as_slice()).collect();
    let header = looks.first().and_then(|(_, look)| look.header.as_ref());
    let widest = seen.iter().map(|seen| seen.len()).max().unwrap_or(0);
    let kinds = kinds::decide(&seen, &names(header, widest), header.is_some(), wanted);
    let names = names(header, widest);
    let read_by_fields = wanted.columns(&names, header.is_some());
    for (rows, look) in &looks {
        rows.check_cells(look, read_by_fields.as_ref())?;
    }
    let left_out = left_out.map(|names| format!("not in every table and left out: {names}"));
    let mut sheets: Vec<Sheet> = looks
        .into_iter()
        .map(|(rows, look)| rows.sheet(look, &kinds, ask))
        .collect::<Result<_, _>>()?;
    if let Some(first) = sheets.first_mut() {
        let found = first.found.take().into_iter().chain(left_out);
        first.found = found.reduce(|a, b| format!("{a}; {b}"));
    }
    Ok(sheets)
}

/// Gives several tables the same columns in the same order, by name; the names that are not in all of
/// them.
fn alike(looks: &mut [(Rows, Look)], wanted: &Wanted) -> Result<Option<String>, Diagnostic> {
    let Some(((first, like), others)) = looks.split_first_mut() else { return Ok(None) };
    for (rows, look) in others.iter() {
        let (has, count) = (look.header.is_some(), look.seen.len());
        if has != like.header.is_some() {
            let (with, without) =
                if has { (rows.path, first.path) } else { (first.path, rows.path) };
            let text = format!("`{without}` has no header, `{with}` has one");
            let help = "give both the same header, or neither and say `header = false`";
            return Err(Diagnostic::new(codes::RL2026, text).help(help));
        }
        if !has && count != like.seen.len() {
            let text = format!("{count} columns, `{}` has {}", first.path, like.seen.len());
            return Err(bad(codes::RL2004, rows.path, text).help("give both the same columns"));
        }
    }
    let Some(names) = like.header.clone().filter(|_| !others.is_empty()) else { return Ok(None) };
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<String>>();
    let (all, mut gone) = (set(&names), BTreeSet::new());
    for (rows, look) in others.iter() {
        let own = set(look.header.as_deref().unwrap_or_default());
        for (path, lacks) in [(rows.path, &all - &own), (first.path, &own - &all)] {
            if let Some(name) = lacks.iter().find(|name| wanted.has(name)) {
                let text = format!("no column is called `{}`", shown(name));
                return Err(bad(codes::RL2063, path, text));
            }
            gone.extend(lacks);
        }
    }
    let common: Vec<String> = names.into_iter().filter(|name| !gone.contains(name)).collect();
    looks.iter_mut().for_each(|(_, look)| look.choose(&common));
    let gone: Vec<String> = gone.iter().map(|name| shown(name)).collect();
    Ok((!gone.is_empty()).then(|| gone.join(", ")))
}

/// Where the text goes on after its first lines.
fn after_lines(text: &str, n: usize) -> usize {
    let end = |(at, c): &(usize, char)| {
        *c == '\n' || (*c == '\r' && text.as_bytes().get(at + 1) != Some(&b'\n'))
    };
    let mut ends = text.char_indices().filter(end).map(|(at, _)| at + 1);
    n.checked_sub(1).map_or(0, |last| ends.nth(last).unwrap_or(text.len()))
}

/// What a first reading of a text has seen.
struct Look {
    header: Option<Vec<String>>,
    seen: Vec<Seen>,
    lines: Vec<u32>,
    /// The places of these columns in a row.
    places: Vec<usize>,
    /// The first cell of each place that is too long, its line and its bytes.
    long: BTreeMap<usize, (usize, usize)>,
}

impl Look {
    /// Columns by name, in this order; of two that are called so, both.
    fn choose(&mut self, names: &[String]) {
        let header = self.header.take().unwrap_or_default();
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, name) in header.iter().enumerate() {
            places.entry(name).or_default().push(at);
        }
        let of = |name: &String| places.remove(name.as_str()).unwrap_or_default();
        self.places = names.iter().flat_map(of).collect();
        let seen = self.places.iter().filter_map(|at| self.seen.get(*at).copied()).collect();
        self.seen = seen;
        let named = self.places.iter().filter_map(|at| header.get(*at).cloned());
        self.header = Some(named.collect());
    }
}

/// The rows of a text.
struct Rows<'a> {
    body: Cow<'a, str>,
    first_line: usize,
    dialect: Dialect,
    path: &'a str,
}

impl<'a> Rows<'a> {
    fn open(text: &Text<'a>, ask: &Ask) -> Result<Rows<'a>, Diagnostic> {
        let (path, whole) = (text.path, decoded(text)?);
        let body = whole.get(after_lines(whole, ask.skip)..).unwrap_or_default();
        let dialect = Dialect::of(body, ask, path)?;
        // The `csv` crate closes an open quote at the end of the file.
        if let Some(line) = quotes::open(body, dialect.sep) {
            let text = format!("line {}: a quote is not closed", ask.skip + 1 + line);
            return Err(bad(codes::RL2021, path, text));
        }
        let body = quotes::tight(body, dialect.sep);
        Ok(Rows { body, first_line: ask.skip + 1, dialect, path })
    }

    /// How a text was understood is part of what is wrong with it.
    fn explained(&self, ask: &Ask, error: Diagnostic) -> Diagnostic {
        match self.dialect.found(ask, &self.body) {
            Some(found) => error.note(format!("{found}; `sep` and `decimal` say otherwise")),
            None => error,
        }
    }

    /// Reads every cell to see what it is.
    fn look(&self, ask: &Ask, wanted: &Wanted) -> Result<Look, Diagnostic> {
        let (mut header, mut seen, mut lines) = (None, Vec::new(), Vec::new());
        let mut first: Option<Vec<String>> = None;
        let mut long = BTreeMap::new();
        self.each(|line, record| {
            let opens = first.is_none();
            if opens {
                self.check_columns(record.len(), line)?;
                first = Some(record.iter().map(|cell| (*cell).to_string()).collect());
                seen = vec![Seen::NOTHING; record.len()];
                if self.takes_header(record, ask.header, line, wanted)? {
                    header = first.clone();
                    return Ok(());
                }
            }
            if record.len() != seen.len() {
                return Err(self.ragged(line, seen.len(), record));
            }
            for (column, (cell, seen)) in record.iter().zip(&mut seen).enumerate() {
                if cell.len() > MOST_CELL {
                    long.entry(column).or_insert((line, cell.len()));
                }
                // The first row is told from those below it until the end.
                if !opens {
                    seen.see(cell, &self.dialect);
                }
            }
            lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            Ok(())
        })?;
        if lines.is_empty() {
            return Err(self.no_rows(header.is_some()));
        }
        memory::room(lines.len().saturating_mul(seen.len()).saturating_mul(8), self.path)?;
        if let (None, Some(first)) = (&header, &first) {
            self.check_first(ask, (lines.first(), first.as_slice()), &seen)?;
            seen.iter_mut().zip(first).for_each(|(seen, cell)| seen.see(cell, &self.dialect));
        }
        let places = (0..seen.len()).collect();
        Ok(Look { header, seen, lines, places, long })
    }

    /// Reads every cell to keep it.
    fn sheet(&self, look: Look, kinds: &[Seen], ask: &Ask) -> Result<Sheet, Diagnostic> {
        let mut columns: Vec<Filling> =
            kinds.iter().take(look.seen.len()).map(Filling::of).collect();
        let mut skip = look.header.is_some();
        self.each(|_, record| {
            if !std::mem::take(&mut skip) {
                for (at, column) in look.places.iter().zip(&mut columns) {
                    column.push(record.get(*at).copied().unwrap_or_default(), &self.dialect);
                }
            }
            Ok(())
        })?;
        let columns = columns.into_iter().map(Filling::done).collect();
        let Look { header, lines, .. } = look;
        Ok(Sheet { header, columns, lines, found: self.dialect.found(ask, &self.body) })
    }

    /// Calls a function with the line and the cells of every row; empty lines are none.
    fn each(
        &self,
        mut with: impl FnMut(usize, &[&str]) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).trim(csv::Trim::All);
        let mut reader =
            builder.delimiter(self.dialect.sep as u8).from_reader(self.body.as_bytes());
        let mut record = csv::StringRecord::new();
        let (mut line, mut known) = (self.first_line, 0);
        loop {
            let more = reader.read_record(&mut record);
            let more =
                more.map_err(|e| bad(codes::RL2021, self.path, format!("below line {line}: {e}")))?;
            if !more {
                return Ok(());
            }
            let at = record.position().map_or(0, |place| place.byte() as usize);
            let at = at + blank(self.body.get(at..).unwrap_or_default());
            line += line_ends(self.body.get(known..at).unwrap_or_default());
            known = at;
            let spaced = self.dialect.sep == ' ';
            let cells: Vec<&str> = record.iter().filter(|c| !spaced || !c.is_empty()).collect();
            // An empty cell in quotes is a cell.
            let quoted = || self.body.get(at..).is_some_and(|rest| rest.starts_with('"'));
            if cells.len() > 1 || cells.iter().any(|cell| !cell.is_empty()) || quoted() {
                with(line, &cells)?;
            }
        }
    }

    fn check_columns(&self, found: usize, line: usize) -> Result<(), Diagnostic> {
        if found <= MOST_COLUMNS {
            return Ok(());
        }
        let text = format!("line {line}: {found} columns, at most {MOST_COLUMNS} are read");
        Err(bad(codes::RL2024, self.path, text))
    }

    /// Refuses a cell that is too long in a column that is read; without fields, all are.
    fn check_cells(&self, look: &Look, read: Option<&BTreeSet<usize>>) -> Result<(), Diagnostic> {
        for (at, place) in look.places.iter().enumerate() {
            let Some((line, bytes)) = look.long.get(place) else { continue };
            if read.is_none_or(|read| read.contains(&at)) {
                let text = format!("line {line}, column {}: a cell of {bytes} bytes", place + 1);
                return Err(bad(codes::RL2024, self.path, text));
            }
        }
        Ok(())
    }

    fn ragged(&self, line: usize, expected: usize, record: &[&str]) -> Diagnostic {
        let text = format!("line {line}: expected {expected} cells, found {}", record.len());
        let mut error = bad(codes::RL2020, self.path, text);
        let digits = |cell: &&str| cell.bytes().any(|b| b.is_ascii_digit());
        let halves = record.len() > expected && record.iter().all(|cell| self.numeral(cell));
        if self.dialect.sep == ',' && halves && record.iter().all(digits) {
            error = error.help("if its commas mark decimals: `decimal = \",\"`");
        }
        if line == self.first_line + 1 {
            let help = format!("if line {} is no row: `skip = {}`", line - 1, self.first_line);
            return error.help("give every row as many cells as the first row has").help(help);
        }
        error
    }

    fn no_rows(&self, header: bool) -> Diagnostic {
        let error = bad(codes::RL2020, self.path, "no rows");
        if header {
            return error.help("if the first line is a row and no header: `header = false`");
        }
        error.help("write rows into the file, or name another one")
    }

    fn numeral(&self, cell: &str) -> bool {
        self.dialect.numeral(cell).is_some()
    }

    /// Whether a cell is no value of a column of numbers.
    fn is_word(&self, cell: &str) -> bool {
        !is_missing(cell) && !self.numeral(cell) && kinds::number(cell, &self.dialect).is_none()
    }

    /// Whether the first record is a header. Without a statement, one that has the name of a field
    /// is, and one of words only.
    fn takes_header(
        &self,
        record: &[&str],
        stated: Option<bool>,
        line: usize,
        wanted: &Wanted,
    ) -> Result<bool, Diagnostic> {
        match stated {
            Some(true) if record.iter().all(|cell| is_missing(cell) || self.numeral(cell)) => {
                let text =
                    format!("line {line}: a header was announced, but every cell is a number");
                let help =
                    "write `header = false`; where the line names columns, `skip = 1` beside it";
                Err(bad(codes::RL2026, self.path, text).help(help))
            }
            Some(stated) => Ok(stated),
            None => {
                let words = record.iter().any(|cell| self.is_word(cell));
                let named = record.iter().any(|cell| self.is_word(cell) && wanted.has(cell));
                Ok(named || (words && !record.iter().any(|cell| self.numeral(cell))))
            }
        }
    }

    /// Whether the first row may be a header that was not taken as one: words above numbers.
    fn check_first(
        &self,
        ask: &Ask,
        (line, first): (Option<&u32>, &[String]),
        below: &[Seen],
    ) -> Result<(), Diagnostic> {
        let above = |(cell, seen): (&String, &Seen)| self.is_word(cell) && seen.is_number();
        let Some(at) = first.iter().zip(below).position(above) else { return Ok(()) };
        let line = line.copied().unwrap_or_default();
        if ask.header.is_none() {
            let cell: String = first.iter().skip(at).take(1).cloned().collect();
            let text = format!(
                "line {line}: `{}` stands above numbers; is the line a header?",
                shown(&cell)
            );
            let error = bad(codes::RL2026, self.path, text);
            return Err(
                error.help("write `header = true` if it is, `header = false` if it is a row")
            );
        }
        if !first.iter().all(|cell| self.is_word(cell)) {
            return Ok(());
        }
        let text = format!("line {line}: no header was announced, but it has words above numbers");
        Err(bad(codes::RL2026, self.path, text).help("write `header = true`"))
    }
}

/// Number of bytes of line ends at the start.
fn blank(text: &str) -> usize {
    text.len() - text.trim_start_matches(['\n', '\r']).len()
}

/// Number of line ends: `\n`, `\r\n` or `\r`.
fn line_ends(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
