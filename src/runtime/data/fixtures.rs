//! What tests of sources share. In: files and a call. Out: the data set that is read, and the values of its rows.

use super::batches::{Batch, gather};
use super::kept::Kept;
use super::open::Root;
use super::{Dataset, FieldSpec, convert, source};
use crate::base::Diagnostic;
use crate::graph::DType;
use crate::model::ir::{Support, Type};
use std::path::Path;

/// A field of indices where its support is one, else of reals.
pub fn field(name: &str, support: Support, shape: &[usize]) -> FieldSpec {
    let dtype = if let Support::Index(_) = support { DType::I32 } else { DType::F32 };
    let ty = Type { dtype, shape: shape.into(), support, varies: true, ends: false };
    FieldSpec { name: name.into(), ty }
}

/// A field of indices.
pub fn index(name: &str, n: usize, shape: &[usize]) -> FieldSpec {
    field(name, Support::Index(n), shape)
}

/// What a call of the command line reads in a folder.
pub fn load_in(
    folder: &Path,
    call: &str,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    let root = Root { folder: folder.into(), may_leave: false };
    let call = source::parse(call).and_then(|call| source::check(&call).map(|()| call))?;
    convert::load("d", &call, &root, fields, kept)
}

/// The same in a folder with these files.
pub fn load(
    files: &[(&str, &str)],
    call: &str,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    load_in(folder.path(), call, fields, kept)
}

/// Values of some rows of a field of indices.
pub fn indices(set: &Dataset, field: &str, rows: &[u32], (seed, epoch): (u64, u32)) -> Vec<i32> {
    match gather(set.column(field).unwrap(), rows, seed, epoch) {
        Batch::I32(values) => values,
        Batch::F32(_) => panic!("`{field}` has indices"),
    }
}

/// Every row of the only field, in the order of the data set.
pub fn all_rows(set: &Dataset) -> Vec<Vec<i32>> {
    let name = &set.columns[0].name;
    (0..set.rows as u32).map(|row| indices(set, name, &[row], (0, 0))).collect()
}
