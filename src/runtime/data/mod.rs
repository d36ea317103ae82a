//! Data sets. In: the declared fields and a source (a call in the file, or what the command line
//! put in its place). Out: a [`Dataset`]: every field as rows of `f32` or `i32`, and its splits.
//!
//! Readers are value in, value out: bytes to [`raw::Raw`]; only [`open`] touches files. The declared
//! type of a field decides the conversion ([`convert`]).

pub mod alias;
pub mod args;
pub mod batches;
pub mod builtin;
pub mod call;
pub mod convert;
pub mod csv;
pub mod decode;
pub mod dialect;
pub mod edges;
pub mod facts;
pub mod fields;
#[cfg(test)]
mod fixtures;
pub mod gzip;
mod huffman;
pub mod idx;
mod indices;
pub mod kept;
pub mod kinds;
mod lines;
pub mod memory;
mod metapath;
pub mod moments;
pub mod names;
pub mod neighbours;
pub mod npy;
pub mod npz;
pub mod open;
pub mod options;
pub mod pairs;
pub mod pieces;
pub mod quotes;
pub mod raw;
pub mod readers;
pub mod reading;
mod rings;
pub mod rows;
pub mod sampler;
pub mod select;
pub mod skipgrams;
pub mod source;
pub mod split;
pub mod sprites;
pub mod stored;
mod structure;
pub mod svmlight;
pub mod text;
mod threads;
pub mod tokens;
pub mod walks;
pub mod wav;
pub mod windows;

use crate::base::Diagnostic;
use crate::base::text::visible;
use crate::model::ir;
use facts::Facts;
use flate2::Crc;
use kept::Kept;
use raw::{Elements, Grey, Raw};
use rows::Rows;
use sampler::Make;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokens::Unit;

/// A name or a word of a file, as messages show it.
pub fn shown(text: &str) -> String {
    visible(text, &[])
}

/// A declared field: what the model wants to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSpec {
    /// Its name.
    pub name: String,
    /// Element type, shape of one example, support.
    pub ty: ir::Type,
}

/// The values of one field, row after row.
#[derive(Clone, Debug)]
pub enum Values {
    /// Reals and bits.
    F32(Vec<f32>),
    /// Indices and integers.
    I32(Vec<i32>),
    /// Grey levels as probabilities; a fresh bit is drawn from them in every epoch.
    Chance(Vec<f32>),
    /// Made row by row.
    Made(Arc<dyn Make>),
}

impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        match (self, other) {
            (Values::F32(a), Values::F32(b)) | (Values::Chance(a), Values::Chance(b)) => a == b,
            (Values::I32(a), Values::I32(b)) => a == b,
            (Values::Made(a), Values::Made(b)) => a.digest() == b.digest(),
            _ => false,
        }
    }
}

/// A field of a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Shape of one example, as declared.
    pub shape: Vec<usize>,
    /// `rows * product(shape)` values.
    pub values: Values,
}

impl Column {
    /// Number of values of one row.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A loaded data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Its name in the model.
    pub name: String,
    /// Where it came from, for the run's record: `uci_digits`, `idx:DIR`, ...
    pub origin: String,
    /// Number of rows of all splits together.
    pub rows: usize,
    /// The fields, in the order declared.
    pub columns: Vec<Column>,
    /// Splits by name (`train`, `valid`, `test`): numbers of rows.
    pub splits: Vec<(String, Rows)>,
    /// What was found while reading.
    pub facts: Facts,
    /// What other data has to be read by, if it shall mean the same.
    pub kept: Vec<Kept>,
}

impl Dataset {
    /// The rows of a split.
    pub fn split(&self, name: &str) -> Option<&Rows> {
        self.splits.iter().find(|(split, _)| split == name).map(|(_, rows)| rows)
    }

    /// What has changed in a file since it was read first.
    pub fn changed(&self) -> Option<Diagnostic> {
        let of = |column: &Column| match &column.values {
            Values::Made(made) => made.changed(),
            _ => None,
        };
        self.columns.iter().find_map(of)
    }

    /// A sum that tells whether values and splits are the same as in another reading.
    pub fn digest(&self) -> u32 {
        let mut sum = Crc::new();
        for column in &self.columns {
            sum.update(column.name.as_bytes());
            match &column.values {
                Values::F32(v) | Values::Chance(v) => add(&mut sum, v, |x| x.to_le_bytes()),
                Values::I32(v) => add(&mut sum, v, |x| x.to_le_bytes()),
                Values::Made(made) => sum.update(&made.digest().to_le_bytes()),
            }
        }
        for (name, rows) in &self.splits {
            sum.update(name.as_bytes());
            match rows {
                Rows::Listed(list) => add(&mut sum, list, |row| row.to_le_bytes()),
                Rows::Next(range) => {
                    add(&mut sum, &[range.start, range.end], |row| row.to_le_bytes());
                }
            }
        }
        sum.sum()
    }

    /// The field of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Adds words and how many they are.
fn add<T: Copy>(sum: &mut Crc, words: &[T], bytes: impl Fn(T) -> [u8; 4]) {
    sum.update(&words.len().to_le_bytes());
    for some in words.chunks(1024) {
        let all: Vec<u8> = some.iter().flat_map(|word| bytes(*word)).collect();
        sum.update(&all);
    }
}

/// A column before conversion.
#[derive(Clone, Debug, PartialEq)]
pub struct RawColumn {
    /// The name in the file, or what it holds: `images`, `labels`.
    pub name: String,
    /// The first dim counts rows.
    pub values: Raw,
    /// How its values are grey levels, if they are.
    pub grey: Option<Grey>,
}

impl RawColumn {
    /// A column that is not grey.
    pub fn new(name: &str, shape: Vec<usize>, elements: Elements) -> RawColumn {
        RawColumn { name: name.into(), values: Raw { shape, elements }, grey: None }
    }
}

/// A column of tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Spelled {
    /// Its name.
    pub column: String,
    /// What a token is.
    pub unit: Unit,
    /// What the numbers stand for.
    pub words: Vec<String>,
}

/// What a reader found, before the declared types are applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns; all have the same number of rows.
    pub columns: Vec<RawColumn>,
    /// Splits that the source itself has; empty if it has none.
    pub splits: Vec<(String, Vec<u32>)>,
    /// Whether fields find their column by name; else by kind (labels, values) or by order.
    pub named: bool,
    /// Where the rows stand in their files.
    pub places: Places,
    /// What the reader found about the file and the call did not say.
    pub found: Vec<String>,
    /// The number of the first value of a row, where the file numbers values.
    pub first: Option<usize>,
    /// Samples of sound in a second.
    pub rate: Option<u32>,
    /// Columns of tokens, and what their numbers stand for.
    pub spelled: Vec<Spelled>,
    /// A number for each row, that of the rows which stay in one split with it: from 0, none left out. Empty
    /// where every row is by itself.
    pub groups: Vec<u32>,
}

impl Table {
    /// A table whose rows count from 1.
    pub fn new(columns: Vec<RawColumn>, named: bool) -> Table {
        let (splits, places, groups) = (Vec::new(), Places::default(), Vec::new());
        let (found, spelled) = (Vec::new(), Vec::new());
        Table { columns, splits, named, places, found, first: None, rate: None, spelled, groups }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.rows())
    }

    /// What the numbers of a column of tokens stand for.
    pub fn spelled(&self, names: Vec<&str>) -> Option<&Spelled> {
        self.spelled.iter().find(|spelled| names == [spelled.column.as_str()])
    }

    /// Whether the first row has this word: it may be the header.
    pub fn title(&self, word: &str) -> bool {
        self.columns.iter().any(|column| match &column.values.elements {
            Elements::Words(words) => words.get(0) == Some(word),
            _ => false,
        })
    }

    /// Leaves rows out.
    pub fn retain(&mut self, keep: &[bool]) {
        let rows: Vec<u32> = (0..).zip(keep).filter(|(_, keep)| **keep).map(|(r, _)| r).collect();
        for column in &mut self.columns {
            column.values = column.values.pick(&rows);
        }
        let mut number = vec![None; keep.len()];
        (0..).zip(&rows).for_each(|(new, old)| number[*old as usize] = Some(new));
        for (_, split) in &mut self.splits {
            *split = split.iter().filter_map(|row| *number.get(*row as usize)?).collect();
        }
        self.places = self.places.pick(&rows);
        self.groups =
            rows.iter().filter_map(|row| self.groups.get(*row as usize).copied()).collect();
        let mut left = self.groups.clone();
        left.dedup();
        self.groups
            .iter_mut()
            .for_each(|own| *own = left.partition_point(|group| group < own) as u32);
    }
}

/// Where rows stand in their files: the line, or the number of the row from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// Line or number of every row; empty where rows simply count on.
    numbers: Vec<u32>,
    lines: bool,
    /// Number of the first row and name of every file, where there are several.
    files: Vec<(u32, String)>,
}

impl Places {
    /// Rows that stand in these lines.
    pub fn lines(numbers: Vec<u32>) -> Places {
        Places { numbers, lines: true, files: Vec::new() }
    }

    /// Whether rows are lines of a text.
    pub fn has_lines(&self) -> bool {
        self.lines
    }

    /// Rows of several files below each other: name, number of rows, places.
    pub fn stack(parts: Vec<(String, usize, Places)>) -> Places {
        let mut all = Places::default();
        let mut start = 0;
        for (name, rows, part) in parts {
            all.files.push((start, name));
            all.lines |= part.lines;
            all.numbers.extend((0..rows).map(|row| part.number(row)));
            start += rows as u32;
        }
        all
    }

    /// The line of a row, if rows are lines of a text.
    pub fn line(&self, row: usize) -> Option<u32> {
        self.lines.then(|| self.number(row))
    }

    fn number(&self, row: usize) -> u32 {
        self.numbers.get(row).copied().unwrap_or(row as u32 + 1)
    }

    /// The place of a row, as a message says it.
    pub fn of(&self, row: usize) -> String {
        let what = if self.lines { "line" } else { "row" };
        let file = self.files.iter().rfind(|(first, _)| *first as usize <= row);
        let file = file.map_or(String::new(), |(_, name)| format!(" of `{name}`"));
        format!("{what} {}{file}", self.number(row))
    }

    fn pick(&self, rows: &[u32]) -> Places {
        let numbers = rows.iter().map(|row| self.number(*row as usize)).collect();
        let before = |first: u32| rows.iter().filter(|row| **row < first).count() as u32;
        let files = self.files.iter().map(|(first, name)| (before(*first), name.clone()));
        Places { numbers, lines: self.lines, files: files.collect() }
    }
}
