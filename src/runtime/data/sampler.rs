//! Data whose rows are no rows of a table. In: what the fields are declared as. Out: a [`Dataset`] whose
//! columns make rows when they are asked for: windows of a text, pairs of words. A source of this kind
//! is a type with these two traits; nothing else knows of it.

use super::batches::Batch;
use super::options::Options;
use super::{Dataset, FieldSpec};
use crate::base::Diagnostic;
use crate::model::ir::Source;
use std::fmt::Debug;

/// What a source gives that makes its rows by itself.
pub trait Sampler: Debug + Send + Sync {
    /// The data set of some fields.
    fn dataset(&self, ask: &Ask) -> Result<Dataset, Diagnostic>;
    /// What there is to say before any field is declared.
    fn told(&self, call: &Source) -> Told;
}

/// The data set that is wanted.
pub struct Ask<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it comes from.
    pub origin: &'a str,
    /// What the call says.
    pub options: &'a Options,
    /// What is declared.
    pub fields: &'a [FieldSpec],
}

/// A description of data for people and for programs.
pub struct Told {
    /// Lines.
    pub text: String,
    /// The same.
    pub json: serde_json::Value,
}

/// The values of a field that are made row by row.
pub trait Make: Debug + Send + Sync {
    /// Values of some rows, `width` each: a function of the rows, the seed of the run and the epoch alone.
    fn rows(&self, rows: &[u32], width: usize, seed: u64, epoch: u32) -> Batch;
    /// A sum that tells whether the data is the same as in another reading.
    fn digest(&self) -> u32;
    /// What has changed in a file since it was read first.
    fn changed(&self) -> Option<Diagnostic> {
        None
    }
}
