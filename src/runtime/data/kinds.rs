//! What kind a column of a table is: whole numbers, reals or words. In: all of its cells, those of
//! every table that is read as one. Out: its elements. A cell that says "missing" is of every kind;
//! true and false are 1 and 0.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::dialect::Dialect;
use super::fields::Wanted;
use super::raw::{Elements, WordList};

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

/// The number that a cell is.
pub fn number(cell: &str, dialect: &Dialect) -> Option<f64> {
    truth(cell).map(|truth| f64::from(u8::from(truth))).or_else(|| dialect.number(cell))
}

fn whole(cell: &str, dialect: &Dialect) -> Option<i64> {
    truth(cell).map(i64::from).or_else(|| dialect.whole(cell))
}

/// What the cells of a column have been so far.
#[derive(Clone, Copy)]
pub struct Seen {
    number: bool,
    whole: bool,
    any: bool,
    missing: bool,
}

impl Seen {
    /// No cell yet.
    pub const NOTHING: Seen = Seen { number: true, whole: true, any: false, missing: false };

    /// One more cell.
    pub fn see(&mut self, cell: &str, dialect: &Dialect) {
        if is_missing(cell) {
            self.missing = true;
            return;
        }
        self.any = true;
        if self.number {
            self.number = number(cell, dialect).is_some();
            self.whole = self.whole && whole(cell, dialect).is_some();
        }
    }

    /// Whether every cell with a value is a number, and there is one.
    pub fn is_number(&self) -> bool {
        self.any && self.number
    }

    /// What the cells of both have been.
    pub fn join(self, other: Seen) -> Seen {
        Seen {
            number: self.number && other.number,
            whole: self.whole && other.whole,
            any: self.any || other.any,
            missing: self.missing || other.missing,
        }
    }
}

/// The kinds of the columns of some tables that are read as one. Columns that make up one class are
/// words together, and words they stay where a run knows the class by words.
pub fn decide(tables: &[&[Seen]], names: &[String], named: bool, wanted: &Wanted) -> Vec<Seen> {
    let mut kinds = vec![Seen::NOTHING; names.len()];
    for table in tables {
        kinds.iter_mut().zip(*table).for_each(|(kind, seen)| *kind = kind.join(*seen));
    }
    for (columns, known) in wanted.classes(names, named) {
        let word = |at: &usize| kinds.get(*at).is_some_and(|kind| !kind.number);
        if known || columns.iter().any(word) {
            for at in columns {
                kinds.get_mut(at).into_iter().for_each(|kind| kind.number = false);
            }
        }
    }
    kinds
}

/// A column being filled.
pub enum Filling {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Reals.
    Real(Vec<f64>),
    /// Words, as the text has them.
    Words(WordList),
}

impl Filling {
    /// An empty column of a kind.
    pub fn of(kind: &Seen) -> Filling {
        match () {
            () if !kind.number => Filling::Words(WordList::default()),
            () if kind.whole && kind.any && !kind.missing => Filling::Whole(Vec::new()),
            () => Filling::Real(Vec::new()),
        }
    }

    /// One more cell.
    pub fn push(&mut self, cell: &str, dialect: &Dialect) {
        match self {
            Filling::Whole(list) => list.extend(whole(cell, dialect)),
            Filling::Real(list) if is_missing(cell) => list.push(f64::NAN),
            Filling::Real(list) => list.extend(number(cell, dialect)),
            Filling::Words(list) if is_missing(cell) => list.push_missing(),
            Filling::Words(list) => list.push(cell, || number(cell, dialect)),
        }
    }

    /// The column.
    pub fn done(self) -> Elements {
        match self {
            Filling::Whole(list) => Elements::integers(list),
            Filling::Real(list) => Elements::reals(list),
            Filling::Words(list) => Elements::Words(list.words),
        }
    }
}
