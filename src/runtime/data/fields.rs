//! Which columns of a source make up which declared field. In: a [`Table`], the fields. Out: a
//! [`Part`] per field, whose values are read in place: a data set may be large.

use super::options::Options;
use super::raw::{Elements, Grey};
use super::source::about;
use super::{FieldSpec, RawColumn, Table};
use crate::base::{Diagnostic, codes};
use crate::graph::DType;

/// The columns that make up one field: one column, or several of one number each.
pub struct Part<'a> {
    columns: Vec<&'a RawColumn>,
}

impl<'a> Part<'a> {
    /// A column as it is.
    pub fn of(column: &'a RawColumn) -> Part<'a> {
        Part { columns: vec![column] }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.rows())
    }

    /// Number of values of one row.
    pub fn width(&self) -> usize {
        self.columns.iter().map(|column| column.values.width()).sum()
    }

    /// How the values are grey levels, if they are.
    pub fn grey(&self, options: &Options) -> Option<Grey> {
        let own = self.columns.first().and_then(|column| column.grey);
        options.scale.map(|high| Grey { low: 0.0, high }).or(own)
    }

    /// Whether every value is an integer by its type.
    pub fn is_integer(&self) -> bool {
        let real = |column: &&RawColumn| matches!(column.values.elements, Elements::F32(_));
        !self.columns.iter().any(real)
    }

    /// All values, converted one by one, row after row.
    pub fn map<T>(&self, mut convert: impl FnMut(f64) -> T) -> Vec<T> {
        if let [column] = self.columns.as_slice() {
            return match &column.values.elements {
                Elements::U8(list) => list.iter().map(|x| convert(f64::from(*x))).collect(),
                Elements::I32(list) => list.iter().map(|x| convert(f64::from(*x))).collect(),
                Elements::F32(list) => list.iter().map(|x| convert(f64::from(*x))).collect(),
            };
        }
        let row = |at| self.columns.iter().filter_map(move |c| c.values.elements.get(at));
        let mut values = Vec::with_capacity(self.rows() * self.width());
        values.extend((0..self.rows()).flat_map(row).map(convert));
        values
    }

    /// Place and value of the first value that is wanted.
    pub fn find(&self, wanted: impl Fn(f64) -> bool) -> Option<(usize, f64)> {
        let at = match self.columns.as_slice() {
            [column] => match &column.values.elements {
                Elements::U8(list) => list.iter().position(|x| wanted(f64::from(*x))),
                Elements::I32(list) => list.iter().position(|x| wanted(f64::from(*x))),
                Elements::F32(list) => list.iter().position(|x| wanted(f64::from(*x))),
            },
            _ => {
                (0..self.rows() * self.columns.len()).find(|at| self.get(*at).is_some_and(&wanted))
            }
        }?;
        self.get(at).map(|value| (at, value))
    }

    fn get(&self, at: usize) -> Option<f64> {
        match self.columns.as_slice() {
            [column] => column.values.elements.get(at),
            several => {
                let column = several.get(at.checked_rem(several.len())?)?;
                column.values.elements.get(at / several.len())
            }
        }
    }

    /// The smallest and the largest value.
    pub fn extent(&self) -> (f64, f64) {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for column in &self.columns {
            for value in column.values.elements.iter() {
                range = (range.0.min(value), range.1.max(value));
            }
        }
        range
    }
}

/// Finds the columns of every field.
pub fn match_fields<'a>(
    table: &'a Table,
    fields: &'a [FieldSpec],
    origin: &str,
) -> Result<Vec<(&'a FieldSpec, Part<'a>)>, Diagnostic> {
    let mut free: Vec<&RawColumn> = table.columns.iter().collect();
    let mut matched: Vec<Option<Part>> = fields.iter().map(|_| None).collect();
    for (field, slot) in fields.iter().zip(&mut matched) {
        if let Some(at) = free.iter().position(|column| table.named && column.name == field.name) {
            *slot = Some(Part { columns: vec![free.remove(at)] });
        }
    }
    for (field, slot) in fields.iter().zip(&mut matched) {
        if slot.is_none() {
            *slot = take(&mut free, field, table, fields.len());
        }
    }
    let mut found = Vec::new();
    for (field, slot) in fields.iter().zip(matched) {
        let part = slot.ok_or_else(|| missing(table, field, origin))?;
        let (declared, width) = (field.ty.shape.iter().product::<usize>(), part.width());
        if declared != width {
            return Err(sizes_differ(field, declared, &part, origin));
        }
        found.push((field, part));
    }
    Ok(found)
}

/// Takes columns for a field that none is named after.
fn take<'a>(
    free: &mut Vec<&'a RawColumn>,
    field: &FieldSpec,
    table: &Table,
    n_fields: usize,
) -> Option<Part<'a>> {
    let width: usize = field.ty.shape.iter().product();
    let one_number_each = free.iter().all(|column| column.values.shape.len() == 1);
    if one_number_each && (free.len() > n_fields || width > 1) {
        // A table of single columns: the field takes as many as it needs, in order.
        let columns =
            if width <= free.len() { free.drain(..width).collect() } else { return None };
        return Some(Part { columns });
    }
    let labels = |column: &RawColumn| column.values.width() == 1 && column.grey.is_none();
    let is_label = width == 1 && field.ty.dtype == DType::I32;
    let at = if table.named && n_fields > 1 {
        return None;
    } else if is_label && free.iter().any(|column| labels(column)) {
        free.iter().position(|column| labels(column))
    } else {
        let fits = free.iter().position(|column| column.values.width() == width);
        fits.or(if free.is_empty() { None } else { Some(0) })
    };
    at.map(|at| Part { columns: vec![free.remove(at)] })
}

fn missing(table: &Table, field: &FieldSpec, origin: &str) -> Diagnostic {
    let names: Vec<String> = table.columns.iter().take(20).map(|c| c.name.clone()).collect();
    let error = about(codes::RL2063, origin, format!("nothing found for field `{}`", field.name));
    error.note(format!("it has {} columns: {}", table.columns.len(), names.join(", ")))
}

fn sizes_differ(field: &FieldSpec, declared: usize, part: &Part, origin: &str) -> Diagnostic {
    let shape = part.columns.first().and_then(|c| c.values.shape.get(1..)).unwrap_or_default();
    let found = part.width();
    let text = format!(
        "field `{}` is declared with {declared} values per row, the source has {found}",
        field.name
    );
    let dims = if shape.is_empty() { String::new() } else { format!(" (shape {shape:?})") };
    about(codes::RL2064, origin, text)
        .note(format!("declared {:?}, found {found}{dims}", field.ty.shape))
        .help(format!("change the dims of `{}` so that they hold {found} values", field.name))
}
