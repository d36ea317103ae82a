//! Lines of SVMlight and LIBSVM. In: texts. Out: [`Look`], what a first reading sees of them: the lines
//! that are rows, what kind their numbers are, the largest index. Every mistake in a line is found
//! here, with its place. Keeps no value.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::decode::bad;
use super::dialect::Dialect;
use super::kinds::is_missing;
use super::shown;
use crate::base::{Code, Diagnostic, codes};

/// Rows of more values are refused.
pub const MOST_WIDTH: usize = 1_000_000;
/// Numbers have a decimal point.
const NUMBERS: Dialect = Dialect { sep: ' ', decimal: '.' };

/// The text of a file.
pub struct Body<'a> {
    /// Its path, for messages.
    pub path: &'a str,
    /// Its characters.
    pub text: &'a str,
}

impl<'a> Body<'a> {
    /// The lines that are rows, with their number and without their comment.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let ends = |line: &'a str| line.strip_suffix('\r').unwrap_or(line).split('\r');
        let own = |line: &'a str| line.split('#').next().unwrap_or_default().trim_ascii();
        let lines = self.text.split('\n').flat_map(ends).map(own);
        (1..).zip(lines).filter(|(_, row)| !row.is_empty())
    }
}

/// A line of a file.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The path of the file.
    pub path: &'a str,
    /// Its number, from 1.
    pub line: usize,
}

impl Place<'_> {
    /// A message about the line.
    pub fn wrong(&self, code: Code, text: impl std::fmt::Display) -> Diagnostic {
        bad(code, self.path, format!("line {}: {text}", self.line))
    }
}

/// What the numbers of a column have been so far; zeros are among them.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    low: i64,
    high: i64,
    /// Whether one is no whole number.
    pub fraction: bool,
    missing: bool,
    /// Whether one needs a real of 64 bits.
    pub wide: bool,
}

impl Seen {
    fn see(&mut self, cell: &str, place: Place) -> Result<(), Diagnostic> {
        if let Some(whole) = NUMBERS.whole(cell) {
            (self.low, self.high) = (self.low.min(whole), self.high.max(whole));
            return Ok(());
        }
        match NUMBERS.numeral(cell) {
            Some(x) if x.is_nan() => self.missing = true,
            Some(x) if x.is_infinite() && cell.bytes().any(|b| b.is_ascii_digit()) => {
                let text = format!("`{}` is beyond the range of f32", brief(cell));
                return Err(place.wrong(codes::RL2025, text));
            }
            Some(x) => {
                self.fraction = true;
                self.wide |= f64::from(x as f32) != x;
            }
            None if !cell.is_empty() && is_missing(cell) => self.missing = true,
            None => {
                let text = format!("expected a number, found `{}`", brief(cell));
                return Err(place.wrong(codes::RL2028, text));
            }
        }
        Ok(())
    }

    /// Whether all are whole numbers.
    pub fn is_whole(&self) -> bool {
        !self.fraction && !self.missing
    }

    /// Whether the whole ones lie in a range, ends included.
    pub fn within(&self, low: i64, high: i64) -> bool {
        low <= self.low && self.high <= high
    }
}

fn brief(cell: &str) -> String {
    shown(&cell.chars().take(40).collect::<String>())
}

/// A whole number, if the cell is one.
pub fn maybe_whole(cell: &str) -> Option<i64> {
    NUMBERS.whole(cell)
}

/// A whole number, where the cell is one.
pub fn whole(cell: &str) -> i64 {
    maybe_whole(cell).unwrap_or_default()
}

/// A number; missing ones are not a number.
pub fn real(cell: &str) -> f64 {
    NUMBERS.number(cell).unwrap_or(f64::NAN)
}

/// What a first reading of the texts has seen.
#[derive(Default)]
pub struct Look<'a> {
    said: Option<usize>,
    kept: Option<usize>,
    /// The lines of the rows of each text.
    pub lines: Vec<Vec<u32>>,
    /// Number of rows.
    pub rows: u32,
    /// The labels.
    pub labels: Seen,
    /// The values of all pairs.
    pub values: Seen,
    /// The largest index and where it stands.
    pub largest: Option<(usize, Place<'a>)>,
    zero: Option<Place<'a>>,
    /// For each index, the last row that has it, from 1.
    marks: Vec<u32>,
}

impl<'a> Look<'a> {
    /// Nothing seen yet: what the call says that the first index is, what it was for the run.
    pub fn new(said: Option<usize>, kept: Option<usize>) -> Look<'a> {
        Look { said, kept, ..Look::default() }
    }

    /// Reads a text.
    pub fn file(&mut self, body: &Body<'a>) -> Result<(), Diagnostic> {
        let mut lines = Vec::new();
        for (line, row) in body.rows() {
            let place = Place { path: body.path, line };
            let Some(rows) = self.rows.checked_add(1) else {
                let text = format!("more than {} rows", u32::MAX);
                return Err(place.wrong(codes::RL2012, text).help("read a part of it"));
            };
            self.rows = rows;
            lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            let mut cells = row.split_ascii_whitespace();
            self.label(cells.next().unwrap_or_default(), place)?;
            for cell in cells {
                self.pair(cell, place)?;
            }
        }
        self.lines.push(lines);
        Ok(())
    }

    fn label(&mut self, cell: &str, place: Place) -> Result<(), Diagnostic> {
        if cell.contains(':') {
            let text = format!("no label in front of `{}`", brief(cell));
            let help = "write a label first; 0 will do where no field reads it";
            return Err(place.wrong(codes::RL2028, text).help(help));
        }
        if cell.contains(',') {
            let text = format!("several labels, `{}`; one is read", brief(cell));
            let help = "keep one label per line, or save all of them as an array, beside the values, \
                        for `npy`";
            return Err(place.wrong(codes::RL2028, text).help(help));
        }
        self.labels.see(cell, place)
    }

    fn pair(&mut self, cell: &str, place: Place<'a>) -> Result<(), Diagnostic> {
        let pair = cell.split_once(':');
        if let Some(("qid", _)) = pair {
            let text = format!("`{}` is a query of a ranking, and none is read", brief(cell));
            let help = "take them out: `sed 's/ qid:[0-9]*//' train.txt > plain.txt`";
            return Err(place.wrong(codes::RL2028, text).help(help));
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let Some((index, value)) = pair.filter(|(index, _)| digits(index)) else {
            let text = format!("expected `index:value`, found `{}`", brief(cell));
            return Err(place.wrong(codes::RL2028, text));
        };
        let Some(at) = index.parse::<usize>().ok().filter(|at| *at <= MOST_WIDTH) else {
            let text = format!("index {}, at most {MOST_WIDTH} are read", brief(index));
            let help = "keep fewer features, or give several the same index, as hashing does";
            return Err(place.wrong(codes::RL2029, text).help(help));
        };
        self.index(at, place)?;
        self.values.see(value, place)
    }

    fn index(&mut self, at: usize, place: Place<'a>) -> Result<(), Diagnostic> {
        if at == 0 {
            let by = if self.said.is_some() { "`first = 1` says" } else { "the run's data did" };
            if self.said.or(self.kept) == Some(1) {
                let text = format!("index 0, and indices count from 1, as {by}");
                let help = "if those of this file count from 0: `first = 0`";
                return Err(place.wrong(codes::RL2029, text).help(help));
            }
            self.zero = self.zero.or(Some(place));
        }
        if self.largest.is_none_or(|(largest, _)| at > largest) {
            self.largest = Some((at, place));
            self.marks.resize(at + 1, 0);
        }
        match self.marks.get_mut(at) {
            Some(mark) if *mark == self.rows => {
                let text = format!("index {at} stands twice");
                Err(place.wrong(codes::RL2028, text).help("keep one of the two values"))
            }
            Some(mark) => {
                *mark = self.rows;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What the first index is.
    pub fn first(&self) -> usize {
        let found = if self.zero.is_some() { 0 } else { 1 };
        self.said.or(self.kept).unwrap_or(found)
    }

    /// How it was found, if nothing said it.
    pub fn found_first(&self) -> Vec<String> {
        let zero = self.zero.filter(|_| self.said.or(self.kept).is_none());
        let text = |Place { path, line }| {
            format!("`{path}`: indices count from 0, since line {line} has the index 0")
        };
        zero.map(text).into_iter().collect()
    }
}
