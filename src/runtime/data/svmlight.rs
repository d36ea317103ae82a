//! Sparse rows as text, the format of SVMlight and LIBSVM. In: texts, what the call says of them, the
//! fields. Out: rows with all of their values, labels, the line of every row. Lines count from 1.
//!
//! How many values a row has and what kind they are follows from all texts together, so a text is read
//! twice: once to see, once to keep. Memory is taken in between, when its size is known.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::decode::{Text, bad, decoded};
use super::fields::Wanted;
use super::pairs::{Body, Look, Seen, maybe_whole, real, whole};
use super::raw::{Elements, Raw, WordList, reserve};
use super::{FieldSpec, RawColumn, memory};
use crate::base::{Diagnostic, codes};
use crate::graph::DType;
use crate::model::ir::Support;

/// All rows together have at most so many values.
const MOST_VALUES: usize = 1 << 31;
/// The column of the values.
pub const POINT: &str = "point";
const LABEL: &str = "label";
/// Reals of 32 bits are exact whole numbers up to here.
const MOST_NARROW: i64 = 1 << 24;

/// What a call says of the texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// How many values a row has.
    pub width: Option<usize>,
    /// What the first index is.
    pub first: Option<usize>,
}

/// What the texts hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The columns that fields read, in the order of the fields; both if there are no fields.
    pub columns: Vec<RawColumn>,
    /// The lines of the rows of each text.
    pub lines: Vec<Vec<u32>>,
    /// What was found and not said by the call.
    pub found: Vec<String>,
    /// What the first index is.
    pub first: Option<usize>,
}

/// Reads texts whose rows have the same values.
pub fn read(texts: &[Text], ask: &Ask, wanted: &Wanted) -> Result<Sheet, Diagnostic> {
    let roles = Roles::of(wanted);
    let kept = roles.point.and_then(|field| wanted.kept(&field.name)).and_then(|kept| kept.first);
    let mut look = Look::new(ask.first, kept);
    let mut bodies = Vec::new();
    for text in texts {
        let body = Body { path: text.path, text: decoded(text)? };
        let before = look.rows;
        look.file(&body)?;
        if look.rows == before {
            let error = bad(codes::RL2020, body.path, "no rows");
            return Err(error.help("write rows into the file, or name another one"));
        }
        bodies.push(body);
    }
    let first = look.first();
    let mut found = look.found_first();
    let (mut columns, rows) = (Vec::new(), look.rows as usize);
    let mut add = |name: &str, shape: Vec<usize>, elements: Elements| {
        columns.push(RawColumn { name: name.into(), values: Raw { shape, elements }, grey: None });
    };
    if roles.reads_label {
        add(LABEL, vec![rows], labels(&look, &bodies, &roles));
    }
    if roles.reads_point {
        let width = width(&look, ask, &roles, &mut found)?;
        let rows = Rows { bodies: &bodies, count: rows, width, first };
        add(POINT, vec![rows.count, width], rows.values(&look.values)?);
    }
    if !roles.label_first {
        columns.reverse();
    }
    Ok(Sheet { columns, lines: look.lines, found, first: Some(first) })
}

/// Which field reads what.
struct Roles<'a> {
    point: Option<&'a FieldSpec>,
    label: Option<&'a FieldSpec>,
    reads_point: bool,
    reads_label: bool,
    /// Columns have the order of their fields: both may have one value.
    label_first: bool,
}

impl<'a> Roles<'a> {
    /// The label is the field of one number: of several, the first one of whole numbers, or the last.
    fn of(wanted: &Wanted<'a>) -> Roles<'a> {
        let fields = wanted.fields;
        let scalar = |field: &FieldSpec| field.ty.shape.is_empty();
        let whole = |field: &FieldSpec| field.ty.dtype == DType::I32;
        let one = |field: &FieldSpec| field.ty.shape.iter().all(|dim| *dim == 1);
        let label = fields
            .iter()
            .position(|field| scalar(field) && whole(field))
            .or_else(|| fields.iter().rposition(scalar))
            .or_else(|| fields.iter().position(|field| one(field) && whole(field)));
        let point = (0..fields.len()).find(|at| Some(*at) != label);
        Roles {
            point: point.and_then(|at| fields.get(at)),
            label: label.and_then(|at| fields.get(at)),
            reads_point: fields.len() != 1 || point.is_some(),
            reads_label: fields.len() != 1 || label.is_some(),
            label_first: label < point && label.is_some(),
        }
    }

    /// The number of classes of the label.
    fn classes(&self) -> Option<usize> {
        match self.label?.ty.support {
            Support::Index(n) => Some(n),
            _ => None,
        }
    }
}

/// How many values a row has.
fn width(
    look: &Look,
    ask: &Ask,
    roles: &Roles,
    found: &mut Vec<String>,
) -> Result<usize, Diagnostic> {
    let needed = look.largest.map_or(0, |(at, _)| (at + 1).saturating_sub(look.first()));
    let dims = |field: &FieldSpec| field.ty.shape.iter().fold(1usize, |n, d| n.saturating_mul(*d));
    let declared = roles.point.map(dims);
    let path = look.largest.map_or("", |(_, place)| place.path);
    let Some(width) = ask.width.or(declared) else {
        if needed == 0 {
            let error = Diagnostic::new(codes::RL2029, "no line has a pair `index:value`");
            return Err(error.help("say how many values a row has: `width = 10`"));
        }
        found.push(format!("`{path}`: the largest index makes rows of {needed} values"));
        return Ok(needed);
    };
    match look.largest {
        Some((at, place)) if needed > width => {
            let (of, help) = match (ask.width, roles.point) {
                (None, Some(field)) => (
                    format!("the {width} values of field `{}`", field.name),
                    format!(
                        "change the dims of `{}` so that they hold {needed} values",
                        field.name
                    ),
                ),
                _ => (format!("`width = {width}`"), format!("write `width = {needed}`")),
            };
            let text = format!("index {at} is beyond {of}, and the largest one");
            let error = place.wrong(codes::RL2029, text).help(help);
            let zero = look.found_first();
            Err(zero.into_iter().fold(error, |error, note| error.note(note)))
        }
        _ => Ok(width),
    }
}

/// The labels: numbers, or words where they are classes and no indices.
fn labels(look: &Look, bodies: &[Body], roles: &Roles) -> Elements {
    let labels = bodies
        .iter()
        .flat_map(Body::rows)
        .filter_map(|(_, row)| row.split_ascii_whitespace().next());
    let indices = |n: usize| look.labels.within(0, i64::try_from(n).map_or(i64::MAX, |n| n - 1));
    let outside = roles.classes().is_some_and(|n| !indices(n));
    if outside && !look.labels.fraction {
        let mut list = WordList::default();
        labels.for_each(|label| match maybe_whole(label) {
            Some(whole) => list.push(&whole.to_string(), || Some(whole as f64)),
            None => list.push_missing(),
        });
        return Elements::Words(list.words);
    }
    if look.labels.is_whole() {
        return Elements::integers(labels.map(whole).collect());
    }
    Elements::reals(labels.map(real).collect())
}

/// The rows of all texts.
struct Rows<'a> {
    bodies: &'a [Body<'a>],
    count: usize,
    width: usize,
    first: usize,
}

impl Rows<'_> {
    /// All values of the rows, in the narrowest type that holds them.
    fn values(&self, seen: &Seen) -> Result<Elements, Diagnostic> {
        let narrow = !seen.wide && seen.within(-MOST_NARROW, MOST_NARROW);
        Ok(match seen.is_whole() {
            true if seen.within(0, 255) => Elements::U8(self.dense(|cell| whole(cell) as u8)?),
            true if seen.within(i64::from(i32::MIN), i64::from(i32::MAX)) => {
                Elements::I32(self.dense(|cell| whole(cell) as i32)?)
            }
            true => Elements::I64(self.dense(whole)?),
            false if narrow => Elements::F32(self.dense(|cell| real(cell) as f32)?),
            false => Elements::F64(self.dense(real)?),
        })
    }

    fn dense<T: Copy + Default>(&self, of: impl Fn(&str) -> T) -> Result<Vec<T>, Diagnostic> {
        let path = self.bodies.first().map_or("", |body| body.path);
        let count = self.count.saturating_mul(self.width);
        let large = || format!("{} rows of {} values do not fit", self.count, self.width);
        if count > MOST_VALUES {
            let error = bad(codes::RL2012, path, format!("{}: at most {MOST_VALUES}", large()));
            return Err(error.help("keep fewer features or fewer rows"));
        }
        // While it is read, and as it is kept.
        memory::room(count * (size_of::<T>() + 4), path).map_err(|error| error.note(large()))?;
        let mut values = reserve(count).ok_or_else(|| bad(codes::RL2073, path, large()))?;
        values.resize(count, T::default());
        let rows = self.bodies.iter().flat_map(Body::rows);
        for ((_, row), values) in rows.zip(values.chunks_exact_mut(self.width.max(1))) {
            for (index, value) in row.split_ascii_whitespace().filter_map(|c| c.split_once(':')) {
                let at = index.parse().ok().and_then(|at: usize| at.checked_sub(self.first));
                if let Some(place) = at.and_then(|at| values.get_mut(at)) {
                    *place = of(value);
                }
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
#[path = "svmlight_tests.rs"]
mod tests;
