//! Data sets. In: the declared fields and a source (a call in the file, or what the command line
//! put in its place). Out: a [`Dataset`]: every field as rows of `f32` or `i32`, and its splits.
//!
//! Readers are value in, value out: bytes to [`raw::Raw`]; only [`open`] touches files. The declared
//! type of a field decides the conversion ([`convert`]).

pub mod args;
pub mod batches;
pub mod builtin;
pub mod convert;
pub mod csv;
pub mod dice;
pub mod fields;
pub mod gzip;
pub mod idx;
pub mod npy;
pub mod npz;
pub mod open;
pub mod options;
pub mod raw;
pub mod readers;
pub mod select;
pub mod source;
pub mod split;
pub mod sprites;

use crate::model::ir;
use raw::{Grey, Raw};
use serde::{Deserialize, Serialize};

/// A declared field: what the model wants to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSpec {
    /// Its name.
    pub name: String,
    /// Element type, shape of one example, support.
    pub ty: ir::Type,
}

/// The values of one field, row after row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Reals and bits.
    F32(Vec<f32>),
    /// Indices and integers.
    I32(Vec<i32>),
    /// Grey levels as probabilities; a fresh bit is drawn from them in every epoch.
    Chance(Vec<f32>),
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
    /// Splits by name (`train`, `valid`, `test`): row indices.
    pub splits: Vec<(String, Vec<u32>)>,
}

impl Dataset {
    /// The rows of a split.
    pub fn split(&self, name: &str) -> Option<&[u32]> {
        self.splits.iter().find(|(split, _)| split == name).map(|(_, rows)| rows.as_slice())
    }

    /// The field of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
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

/// What a reader found, before the declared types are applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns; all have the same number of rows.
    pub columns: Vec<RawColumn>,
    /// Splits that the source itself has; empty if it has none.
    pub splits: Vec<(String, Vec<u32>)>,
    /// Whether fields find their column by name; else by kind (labels, values) or by order.
    pub named: bool,
}
