//! Which columns of a source make up which declared field. In: a [`Table`], the fields. Out: a
//! [`Part`] per field, whose values are read in place: a data set may be large.

use super::kept::Kept;
use super::names::{as_name, missing, misspelt};
use super::options::Options;
use super::raw::{Elements, Grey, Raw, Words};
use super::source::about;
use super::{FieldSpec, Places, RawColumn, Table, shown};
use crate::base::{Diagnostic, codes};
use crate::graph::DType;
use crate::model::ir::Support;
use std::collections::BTreeSet;

/// What a source is loaded for.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The name of the data set.
    pub data: &'a str,
    /// What is declared.
    pub fields: &'a [FieldSpec],
    /// What a run has kept.
    pub kept: &'a [Kept],
}

impl<'a> Wanted<'a> {
    /// Whether a field is called so, or as a column of this name is read.
    pub fn has(&self, name: &str) -> bool {
        let own = as_name(name);
        self.fields.iter().any(|field| field.name == name || field.name == own)
    }

    /// What a run has kept of a field.
    pub fn kept(&self, field: &str) -> Option<&'a Kept> {
        self.kept.iter().find(|kept| kept.data == self.data && kept.field == field)
    }

    /// The columns of a table that fields of classes read, by number, and whether the run knows these
    /// classes by words.
    pub fn classes(&self, names: &[String], named: bool) -> Vec<(Vec<usize>, bool)> {
        let known = |field: &FieldSpec| self.kept(&field.name).is_some_and(|k| !k.words.is_empty());
        let all = self.places(names, named).into_iter();
        let classes = all.filter(|(field, _)| matches!(field.ty.support, Support::Index(_)));
        classes.map(|(field, places)| (places, known(field))).collect()
    }

    /// The columns of a table that fields read, by number; none if there are no fields.
    pub fn columns(&self, names: &[String], named: bool) -> Option<BTreeSet<usize>> {
        let read =
            || self.places(names, named).into_iter().flat_map(|(_, places)| places).collect();
        (!self.fields.is_empty()).then(read)
    }

    /// The columns that each field reads, by number.
    fn places(&self, names: &[String], named: bool) -> Vec<(&'a FieldSpec, Vec<usize>)> {
        let nothing = || Raw { shape: vec![0], elements: Elements::U8(Vec::new()) };
        let column =
            |name: &String| RawColumn { name: name.clone(), values: nothing(), grey: None };
        let mut table = Table::new(names.iter().map(column).collect(), named);
        table.places = Places::lines(Vec::new());
        // What does not match is told when the values are there.
        let matched = match_fields(&table, self, "").unwrap_or_default();
        let of = |part: &Part| {
            let own: BTreeSet<*const RawColumn> =
                part.columns.iter().map(|column| std::ptr::from_ref(*column)).collect();
            let all = table.columns.iter().enumerate();
            all.filter(|(_, column)| own.contains(&std::ptr::from_ref(*column)))
                .map(|(at, _)| at)
                .collect()
        };
        self.fields.iter().zip(&matched).map(|(field, (_, part))| (field, of(part))).collect()
    }
}

/// The columns that make up one field: one column, or several of one number each.
pub struct Part<'a> {
    columns: Vec<&'a RawColumn>,
    places: &'a Places,
}

impl<'a> Part<'a> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.rows())
    }

    /// The first of its columns whose number of rows is another one, with that number.
    pub fn uneven(&self, rows: usize) -> Option<(&'a str, usize)> {
        let mut all = self.columns.iter().map(|c| (c.name.as_str(), c.values.rows()));
        all.find(|(_, own)| *own != rows)
    }

    /// Number of values of one row.
    pub fn width(&self) -> usize {
        self.columns.iter().map(|column| column.values.width()).sum()
    }

    /// Names of its columns.
    pub fn names(&self) -> Vec<&'a str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// How the values are grey levels by what the source or the call says.
    pub fn grey(&self, options: &Options) -> Option<Grey> {
        let own = self.columns.first().and_then(|column| column.grey);
        options.scale.map(|high| Grey { low: 0.0, high }).or(own)
    }

    /// Whether no value can be missing or infinite.
    pub fn is_integer(&self) -> bool {
        self.columns.iter().all(|column| column.values.elements.is_integer())
    }

    /// Number of missing values.
    pub fn missing(&self) -> usize {
        self.columns.iter().map(|column| column.values.elements.missing()).sum()
    }

    /// Marks the rows that have a missing value.
    pub fn mark_missing(&self, rows: &mut [bool]) {
        for column in &self.columns {
            let (width, mut at) = (column.values.width().max(1), 0);
            if column.values.elements.is_integer() {
                continue;
            }
            column.values.elements.each(|x| {
                if let (true, Some(row)) = (x.is_nan(), rows.get_mut(at / width)) {
                    *row = true;
                }
                at += 1;
            });
        }
    }

    /// Marks the rows that have a word which is none of a vocabulary.
    pub fn mark_unknown(&self, known: &[String], rows: &mut [bool]) {
        let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        let width = self.width().max(1);
        for at in 0..self.rows() * width {
            let has = |word: &str| known.is_empty() || known.contains(word);
            let there = match self.word(at) {
                Some(word) => has(word),
                None => self.get(at).is_none_or(|x| x.is_nan()) || has(&self.show(at)),
            };
            if let (false, Some(row)) = (there, rows.get_mut(at / width)) {
                *row = true;
            }
        }
    }

    /// The words of its columns; a column without words gives none.
    pub fn words(&self) -> impl Iterator<Item = &'a Words> + '_ {
        self.columns.iter().filter_map(|column| match &column.values.elements {
            Elements::Words(words) => Some(words),
            _ => None,
        })
    }

    /// All values with their place in the row, converted one by one, row after row.
    pub fn map<T>(&self, mut convert: impl FnMut(usize, f64) -> T) -> Vec<T> {
        let width = self.width().max(1);
        let mut values = Vec::with_capacity(self.rows() * width);
        if let [column] = self.columns.as_slice() {
            let mut place = 0;
            column.values.elements.each(|x| {
                values.push(convert(place, x));
                place = if place + 1 == width { 0 } else { place + 1 };
            });
            return values;
        }
        for row in 0..self.rows() {
            for (place, column) in self.columns.iter().enumerate() {
                values.extend(column.values.elements.get(row).map(|x| convert(place, x)));
            }
        }
        values
    }

    /// The first value that is wanted, given its place in the row: its number and itself.
    pub fn find(&self, wanted: impl Fn(usize, f64) -> bool) -> Option<(usize, f64)> {
        let width = self.width().max(1);
        let at = match self.columns.as_slice() {
            [column] => {
                let mut place = 0;
                column.values.elements.position(|x| {
                    let found = wanted(place, x);
                    place = if place + 1 == width { 0 } else { place + 1 };
                    found
                })
            }
            _ => (0..self.rows() * width)
                .find(|at| self.get(*at).is_some_and(|x| wanted(at % width, x))),
        }?;
        self.get(at).map(|value| (at, value))
    }

    /// Calls a function with the number and the value of every whole number of 64 bits.
    pub fn each_long(&self, mut with: impl FnMut(usize, i64)) {
        let several = self.columns.len();
        for (place, column) in self.columns.iter().enumerate() {
            if let Elements::I64(list) = &column.values.elements {
                let at = |row: usize| if several == 1 { row } else { row * several + place };
                list.iter().enumerate().for_each(|(row, x)| with(at(row), *x));
            }
        }
    }

    /// Value `at`, row after row.
    pub fn get(&self, at: usize) -> Option<f64> {
        let (column, at) = self.column(at)?;
        column.values.elements.get(at)
    }

    /// How value `at` is written.
    pub fn show(&self, at: usize) -> String {
        self.column(at).map_or(String::new(), |(column, at)| column.values.elements.show(at))
    }

    /// Whether value `at` is a whole number that f32 does not hold.
    pub fn is_rounded(&self, at: usize) -> bool {
        self.column(at).is_some_and(|(column, at)| column.values.elements.is_rounded(at))
    }

    /// The number of value `at`: of a word, the one that it is.
    pub fn number(&self, at: usize) -> Option<f64> {
        let (RawColumn { values, .. }, at) = self.column(at)?;
        match &values.elements {
            Elements::Words(words) => words.number(at),
            numbers => numbers.get(at).filter(|x| !x.is_nan()),
        }
    }

    /// The word of value `at`, where it is one.
    pub fn word(&self, at: usize) -> Option<&'a str> {
        let (RawColumn { values, .. }, at) = self.column(at)?;
        match &values.elements {
            Elements::Words(words) => words.get(at),
            _ => None,
        }
    }

    /// The dims of a row of the source, where its values are no row of these dims: neither groups the
    /// dims of the other, so values would land in other places.
    fn regrouped(&self, declared: &[usize]) -> Option<&'a [usize]> {
        let [column] = self.columns.as_slice() else { return None };
        let found = column.values.shape.get(1..)?;
        let steps = |dims: &[usize]| {
            let of = |n: &mut usize, dim: &usize| {
                *n = n.saturating_mul(*dim);
                Some(*n)
            };
            dims.iter().scan(1, of).collect::<BTreeSet<usize>>()
        };
        let (own, other) = (steps(found), steps(declared));
        let one = BTreeSet::from([1]);
        let within =
            |a: &BTreeSet<usize>, b: &BTreeSet<usize>| a.difference(b).all(|n| one.contains(n));
        (!within(&own, &other) && !within(&other, &own)).then_some(found)
    }

    fn column(&self, at: usize) -> Option<(&'a RawColumn, usize)> {
        match self.columns.as_slice() {
            [column] => Some((*column, at)),
            several => {
                let n = several.len();
                several.get(at.checked_rem(n)?).map(|column| (*column, at / n))
            }
        }
    }

    /// The line of value `at`, where the source is a text, if it stands in the first row.
    pub fn first_line(&self, at: usize) -> Option<u32> {
        self.places.line(0).filter(|_| at < self.width())
    }

    /// Where value `at` stands, as a message says it.
    pub fn place(&self, at: usize) -> String {
        let width = self.width().max(1);
        let row = self.places.of(at / width);
        match self.column(at) {
            Some((column, _)) if self.places.has_lines() => {
                let value = match column.values.width() {
                    1 => String::new(),
                    n => format!(", value {}", at % n + 1),
                };
                format!("{row}, column `{}`{value}", shown(&column.name))
            }
            _ if width > 1 => format!("{row}, value {}", at % width + 1),
            _ => row,
        }
    }

    /// The smallest and the largest of the finite values.
    pub fn extent(&self) -> Option<(f64, f64)> {
        let each = self.columns.iter().filter_map(|column| column.values.elements.extent());
        each.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// Finds the columns of every field: the one of its name, else those that a run has read, else free
/// ones in order.
pub fn match_fields<'a>(
    table: &'a Table,
    wanted: &Wanted<'a>,
    origin: &str,
) -> Result<Vec<(&'a FieldSpec, Part<'a>)>, Diagnostic> {
    let fields = wanted.fields;
    let mut free: Vec<&RawColumn> = table.columns.iter().collect();
    let mut matched: Vec<Option<Vec<&RawColumn>>> = fields.iter().map(|_| None).collect();
    for (field, slot) in fields.iter().zip(&mut matched) {
        let named = |column: &&RawColumn| table.named && column.name == field.name;
        if let Some(at) = free.iter().position(named) {
            *slot = Some(vec![free.remove(at)]);
            if free.iter().any(named) {
                let text = format!("two columns are called `{}`", field.name);
                return Err(about(codes::RL2063, origin, text)
                    .help("give every column of the source a name of its own"));
            }
        }
    }
    for (field, slot) in fields.iter().zip(&mut matched) {
        let width: usize = field.ty.shape.iter().product();
        let spelled = |column: &&RawColumn| {
            let fits = table.named && column.values.width() == width;
            fits && as_name(&column.name) == field.name
        };
        if slot.is_none()
            && let Some(at) = free.iter().position(spelled)
        {
            let first = free.remove(at);
            if let Some(other) = free.iter().find(|column| spelled(column)) {
                let names = [&first.name, &other.name].map(|name| shown(name));
                let text = format!(
                    "field `{}` may be column `{}` or `{}`",
                    field.name, names[0], names[1]
                );
                return Err(about(codes::RL2063, origin, text)
                    .help("give one of them another name in the source"));
            }
            *slot = Some(vec![first]);
        }
    }
    let by_name = matched.iter().any(Option::is_some);
    for (field, slot) in fields.iter().zip(&mut matched) {
        let kept = wanted.kept(&field.name).filter(|_| slot.is_none() && table.named);
        if let Some(kept) = kept {
            *slot = remembered(&mut free, kept, origin)?;
        }
    }
    for (field, slot) in fields.iter().zip(&mut matched) {
        if slot.is_none() {
            misspelt(table, field, &free, origin)?;
            *slot = take(&mut free, field, table, (fields.len(), by_name));
        }
    }
    let mut found = Vec::new();
    for (field, slot) in fields.iter().zip(matched) {
        let columns = slot.ok_or_else(|| missing(table, field, origin))?;
        let part = Part { columns, places: &table.places };
        let (declared, width) = (field.ty.shape.iter().product::<usize>(), part.width());
        if declared != width {
            return Err(sizes_differ(field, declared, &part, origin));
        }
        if let Some(shape) = part.regrouped(&field.ty.shape) {
            return Err(dims_differ(field, shape, origin));
        }
        found.push((field, part));
    }
    Ok(found)
}

/// Takes the columns that a run has made a field of, wherever they stand now; nothing if all names are
/// others.
fn remembered<'a>(
    free: &mut Vec<&'a RawColumn>,
    kept: &Kept,
    origin: &str,
) -> Result<Option<Vec<&'a RawColumn>>, Diagnostic> {
    let several = kept.columns.len() > 1;
    let (mut taken, mut lost) = (Vec::new(), None);
    for name in &kept.columns {
        let own = |c: &&RawColumn| c.name == *name && !(several && c.values.shape.len() > 1);
        match free.iter().position(own) {
            Some(at) => taken.push(free.remove(at)),
            None => lost = lost.or(Some(name)),
        }
    }
    match lost {
        Some(name) if !taken.is_empty() => {
            let (field, name) = (shown(&kept.field), shown(name));
            let text = format!("field `{field}` was made of a column `{name}`, and there is none");
            let error = about(codes::RL2063, origin, text);
            let names: Vec<String> = kept.columns.iter().take(20).map(|c| shown(c)).collect();
            let error = error.note(format!("its columns in the run: {}", names.join(", ")));
            let help = "give the columns the names of then, or let none have such a name: then they \
                        are taken in order";
            Err(error.help(help))
        }
        _ => Ok((!taken.is_empty()).then_some(taken)),
    }
}

/// Takes columns for a field that none is named after. `by_name` says whether another one has found
/// its column by name.
fn take<'a>(
    free: &mut Vec<&'a RawColumn>,
    field: &FieldSpec,
    table: &Table,
    (n_fields, by_name): (usize, bool),
) -> Option<Vec<&'a RawColumn>> {
    let width: usize = field.ty.shape.iter().product();
    let one_number_each = free.iter().all(|column| column.values.shape.len() == 1);
    let text = table.places.has_lines();
    if text && table.named && by_name && width == 1 {
        // Where names count, one that no column has is a slip.
        return None;
    }
    if one_number_each && (text || free.len() > n_fields || width > 1) {
        // A table of single columns: the field takes as many as it needs, in order.
        return (width <= free.len()).then(|| free.drain(..width).collect());
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
    at.map(|at| vec![free.remove(at)])
}

fn dims_differ(field: &FieldSpec, found: &[usize], origin: &str) -> Diagnostic {
    let (name, declared) = (&field.name, &field.ty.shape);
    let text = format!(
        "field `{name}` is declared with dims {declared:?}, a row of the source has {found:?}"
    );
    about(codes::RL2064, origin, text).help(format!(
        "declare `{name}` with dims {found:?} and `permute` them where it is used, or save it in the \
         order that is declared"
    ))
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
