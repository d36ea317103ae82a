//! Tables as text. In: bytes and what the call says of them. Out: columns of numbers, booleans or
//! words, the line of every row, and the header if there is one. Lines count from 1.
//!
//! What kind a column is follows from all of its cells, so the text is read twice: once to see, once
//! to keep. A cell that says "missing" is of every kind.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub use super::dialect::Ask;
use super::dialect::Dialect;
use super::memory;
use super::raw::{Elements, WordList};
use crate::base::{Code, Diagnostic, codes};

/// More columns than this are refused.
const MOST_COLUMNS: usize = 100_000;
/// A longer cell is refused.
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

/// Whether a cell says that there is no value.
pub fn is_missing(cell: &str) -> bool {
    let words = ["", "?", "na", "n/a", "nan", "null"];
    cell.len() <= 4 && words.contains(&cell.to_ascii_lowercase().as_str())
}

fn truth(cell: &str) -> Option<bool> {
    match () {
        () if cell.eq_ignore_ascii_case("true") => Some(true),
        () if cell.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

/// Reads a table.
pub fn read(bytes: &[u8], ask: &Ask, path: &str) -> Result<Sheet, Diagnostic> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(e) => {
            let text = format!("byte {}: not UTF-8 text", e.valid_up_to());
            return Err(bad(codes::RL2027, path, text));
        }
    };
    check_quotes(text, path)?;
    let start = after_lines(text, ask.skip);
    let body = text.get(start..).unwrap_or_default();
    let dialect = Dialect::of(body, ask, path)?;
    let found = dialect.found(ask);
    let rows = Rows { body, first_line: ask.skip + 1, dialect, path };
    // How a text was understood is part of what is wrong with it.
    rows.sheet(ask, found.clone()).map_err(|error| match found {
        Some(found) => error.note(format!("{found}; `sep` and `decimal` say otherwise")),
        None => error,
    })
}

/// Where the text goes on after its first lines.
fn after_lines(text: &str, n: usize) -> usize {
    let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
    n.checked_sub(1).map_or(0, |last| ends.nth(last).unwrap_or(text.len()))
}

/// The `csv` crate closes an open quote at the end of the file, so it is counted here.
fn check_quotes(text: &str, path: &str) -> Result<(), Diagnostic> {
    let mut opened = None;
    for (line, content) in text.lines().enumerate() {
        for _ in content.matches('"') {
            opened = if opened.is_none() { Some(line + 1) } else { None };
        }
    }
    match opened {
        Some(line) => Err(bad(codes::RL2021, path, format!("line {line}: a quote is not closed"))),
        None => Ok(()),
    }
}

/// What the cells of a column have been so far.
#[derive(Clone, Copy)]
struct Seen {
    number: bool,
    whole: bool,
    truth: bool,
    any: bool,
    missing: bool,
}

impl Seen {
    const NOTHING: Seen =
        Seen { number: true, whole: true, truth: true, any: false, missing: false };

    fn see(&mut self, cell: &str, dialect: &Dialect) {
        if is_missing(cell) {
            self.missing = true;
            return;
        }
        self.any = true;
        self.truth = self.truth && truth(cell).is_some();
        if self.number {
            self.number = dialect.number(cell).is_some();
            self.whole = self.whole && dialect.whole(cell).is_some();
        }
    }
}

/// A column being filled.
enum Filling {
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Words(WordList),
}

impl Filling {
    fn of(seen: &Seen) -> Filling {
        match () {
            () if seen.any && seen.truth && !seen.missing => Filling::Whole(Vec::new()),
            () if seen.any && seen.truth => Filling::Real(Vec::new()),
            () if !seen.number => Filling::Words(WordList::default()),
            () if seen.whole && seen.any && !seen.missing => Filling::Whole(Vec::new()),
            () => Filling::Real(Vec::new()),
        }
    }

    fn push(&mut self, cell: &str, dialect: &Dialect) {
        match self {
            Filling::Whole(list) => {
                let truth = truth(cell).map(i64::from);
                list.extend(truth.or(dialect.whole(cell)));
            }
            Filling::Real(list) if is_missing(cell) => list.push(f64::NAN),
            Filling::Real(list) => {
                let truth = truth(cell).map(|truth| f64::from(u8::from(truth)));
                list.extend(truth.or(dialect.number(cell)));
            }
            Filling::Words(list) if is_missing(cell) => list.push_missing(),
            Filling::Words(list) => list.push(cell),
        }
    }

    fn done(self) -> Elements {
        match self {
            Filling::Whole(list) => Elements::integers(list),
            Filling::Real(list) => Elements::reals(list),
            Filling::Words(list) => Elements::Words(list.words),
        }
    }
}

/// The rows of a text.
struct Rows<'a> {
    body: &'a str,
    first_line: usize,
    dialect: Dialect,
    path: &'a str,
}

impl Rows<'_> {
    fn sheet(&self, ask: &Ask, found: Option<String>) -> Result<Sheet, Diagnostic> {
        let (mut header, mut seen, mut lines) = (None, Vec::new(), Vec::new());
        let mut first: Option<Vec<String>> = None;
        self.each(|line, record| {
            if first.is_none() {
                self.check_columns(record.len(), line)?;
                first = Some(record.iter().map(|cell| (*cell).to_string()).collect());
                seen = vec![Seen::NOTHING; record.len()];
                if self.takes_header(record, ask.header, line)? {
                    header = first.clone();
                    return Ok(());
                }
            }
            if record.len() != seen.len() {
                return Err(self.ragged(line, seen.len(), record.len()));
            }
            for (column, (cell, seen)) in record.iter().zip(&mut seen).enumerate() {
                self.check_cell(cell, line, column)?;
                seen.see(cell, &self.dialect);
            }
            lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            Ok(())
        })?;
        if lines.is_empty() {
            return Err(bad(codes::RL2020, self.path, "no rows"));
        }
        self.check_announced(ask, &first.unwrap_or_default(), &seen, lines.len())?;
        memory::room(lines.len().saturating_mul(seen.len()).saturating_mul(8), self.path)?;
        let mut columns: Vec<Filling> = seen.iter().map(Filling::of).collect();
        let mut skip = header.is_some();
        self.each(|_, record| {
            if !std::mem::take(&mut skip) {
                let cells = record.iter().zip(&mut columns);
                cells.for_each(|(cell, column)| column.push(cell, &self.dialect));
            }
            Ok(())
        })?;
        let columns = columns.into_iter().map(Filling::done).collect();
        Ok(Sheet { header, columns, lines, found })
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
            if cells.iter().any(|cell| !cell.is_empty()) || cells.len() > 1 {
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

    fn check_cell(&self, cell: &str, line: usize, column: usize) -> Result<(), Diagnostic> {
        if cell.len() <= MOST_CELL {
            return Ok(());
        }
        let text = format!("line {line}, column {}: a cell of {} bytes", column + 1, cell.len());
        Err(bad(codes::RL2024, self.path, text))
    }

    fn ragged(&self, line: usize, expected: usize, found: usize) -> Diagnostic {
        let text = format!("line {line}: expected {expected} cells, found {found}");
        let error = bad(codes::RL2020, self.path, text);
        if line == self.first_line + 1 {
            let help = format!("if line {} is no row: `skip = {}`", line - 1, self.first_line);
            return error.help("give every row as many cells as the first row has").help(help);
        }
        error
    }

    /// Whether the first record is a header. Without a statement, a row of words only is one.
    fn takes_header(
        &self,
        record: &[&str],
        stated: Option<bool>,
        line: usize,
    ) -> Result<bool, Diagnostic> {
        let number = |cell: &&str| self.dialect.number(cell).is_some();
        let words = record.iter().any(|cell| !is_missing(cell) && !number(cell));
        match stated {
            Some(true) if !words => {
                let text =
                    format!("line {line}: a header was announced, but every cell is a number");
                Err(bad(codes::RL2026, self.path, text).help("write `header = false`"))
            }
            Some(stated) => Ok(stated),
            None => Ok(words && !record.iter().any(number)),
        }
    }

    /// Whether the first of several rows is a header that was said not to be there.
    fn check_announced(
        &self,
        ask: &Ask,
        first: &[String],
        seen: &[Seen],
        rows: usize,
    ) -> Result<(), Diagnostic> {
        let word = |cell: &String| !is_missing(cell) && self.dialect.number(cell).is_none();
        let all_words = !first.is_empty() && first.iter().all(word);
        if ask.header != Some(false) || !all_words || rows < 2 {
            return Ok(());
        }
        // The other rows of some column are numbers.
        let mut numbers = vec![true; seen.len()];
        let mut skip = true;
        self.each(|_, record| {
            if !std::mem::take(&mut skip) {
                let cells = record.iter().zip(&mut numbers);
                cells.for_each(|(cell, yes)| *yes &= self.dialect.number(cell).is_some());
            }
            Ok(())
        })?;
        if !numbers.contains(&true) {
            return Ok(());
        }
        let line = self.first_line;
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

fn bad(code: Code, path: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
