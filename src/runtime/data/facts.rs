//! What reading a data set found out. In: nothing. Out: [`Facts`], and the sentences that tell them:
//! whatever the file decided and the model did not say.

use super::rows::Rows;
use super::tokens::Unit;
use super::{Dataset, FieldSpec, shown};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Support, Type};

/// What was found about a data set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Rows left out for a missing value.
    pub dropped: usize,
    /// Whether the splits are cut by shares that nobody named.
    pub by_default: bool,
    /// What the reader found about the file.
    pub found: Vec<String>,
    /// The fields, in the order declared.
    pub fields: Vec<FieldFact>,
}

/// Why values were scaled as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The source or the option `scale` says it.
    Said,
    /// The smallest and the largest value decide.
    Found,
    /// The run that the weights are of decided.
    Kept,
}

/// Values of a field in another range than the declared one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// The range of the values.
    pub from: (f64, f64),
    /// The range that they get.
    pub to: (f64, f64),
    /// Who decided.
    pub why: Why,
}

/// What was found about a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldFact {
    /// Its name.
    pub name: String,
    /// How it is declared.
    pub declared: String,
    /// The columns that it is made of.
    pub columns: Vec<String>,
    /// Whether they are called otherwise in a source with names, and taken in order.
    pub by_order: bool,
    /// The smallest and the largest value of the source.
    pub range: Option<(f64, f64)>,
    /// Number of missing values.
    pub missing: usize,
    /// How values were scaled.
    pub scaled: Option<Scaled>,
    /// The words that its indices stand for.
    pub words: Vec<String>,
    /// What a token is, where it shows windows of a text.
    pub tokens: Option<Unit>,
    /// Whether it is standardized.
    pub standardized: bool,
    /// Values of a row that are constant over the training rows, counted from 1.
    pub constant: Vec<usize>,
    /// Whole numbers that f32 does not hold: how many, the first and its place, what it became.
    pub rounded: Option<(usize, String, f64)>,
}

impl FieldFact {
    /// A field of which nothing is known yet.
    pub fn new(field: &FieldSpec) -> FieldFact {
        let (name, declared) = (field.name.clone(), declared(&field.ty));
        FieldFact { name, declared, ..FieldFact::default() }
    }

    /// How its values became what was declared, in a few words each.
    pub fn how(&self) -> Vec<String> {
        let mut list = Vec::new();
        if !self.words.is_empty() {
            let numbers = self.words.iter().all(|word| word.parse::<i64>().is_ok());
            list.push(match self.tokens {
                // Where the number 0 stands for no word, it is the end.
                Some(unit) => {
                    let words = self.words.strip_prefix(&[String::new()]).unwrap_or(&self.words);
                    listed(unit.many().trim_end_matches('s'), words)
                }
                None => listed(if numbers { "label" } else { "word" }, &self.words),
            });
        }
        if let Some(Scaled { from: (a, b), to: (low, high), why }) = self.scaled {
            let why = match why {
                Why::Said => "",
                Why::Found => ", the range of the file",
                Why::Kept => ", the range of the run",
            };
            list.push(format!("scaled from {a}..{b} to {low}..{high}{why}"));
        }
        if self.standardized {
            list.push("standardized".into());
        }
        if !self.constant.is_empty() {
            let places: Vec<String> = self.constant.iter().map(usize::to_string).collect();
            list.push(listed("constant value", &places));
        }
        if self.missing > 0 {
            list.push(format!("{} missing", self.missing));
        }
        list
    }

    /// Whether other data could make another field of it, so that a user has to know.
    fn decided(&self) -> bool {
        let scaled = self.scaled.is_some_and(|scaled| scaled.why == Why::Found);
        scaled || !self.words.is_empty() || !self.constant.is_empty() || self.missing > 0
    }
}

/// A count with the first of a list.
fn listed(what: &str, list: &[String]) -> String {
    let first: Vec<String> = list.iter().take(10).map(|word| shown(word)).collect();
    let more = if list.len() > 10 { ", ..." } else { "" };
    let many = if list.len() == 1 { "" } else { "s" };
    format!("{} {what}{many}: {}{more}", list.len(), first.join(", "))
}

/// How a type is written.
pub fn declared(ty: &Type) -> String {
    let dims: Vec<String> = ty.shape.iter().map(usize::to_string).collect();
    let bound = if ty.ends { "<= " } else { "" };
    let dims =
        if dims.is_empty() { String::new() } else { format!("[{bound}{}]", dims.join(", ")) };
    match ty.support {
        Support::Real => format!("f32{dims}"),
        Support::Interval(low, high) => format!("f32{dims} in {low}..{high}"),
        Support::Positive => format!("positive f32{dims}"),
        Support::Bit => format!("bit{dims}"),
        Support::Count => format!("count{dims}"),
        Support::Index(n) => format!("idx({n}){dims}"),
        Support::Bool => format!("bool{dims}"),
        Support::Integer => format!("int{dims}"),
    }
}

/// The sizes of splits in words.
pub fn sizes(splits: &[(String, Rows)]) -> String {
    let each: Vec<String> =
        splits.iter().map(|(name, rows)| format!("{} {name}", rows.len())).collect();
    each.join(", ")
}

impl Dataset {
    /// What the file decided, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let facts = &self.facts;
        let mut notes = facts.found.clone();
        if facts.dropped > 0 {
            let all = facts.dropped + self.rows;
            notes.push(format!("{} of {all} rows left out for a missing value", facts.dropped));
        }
        for field in facts.fields.iter().filter(|field| field.by_order) {
            let first = shown(field.columns.first().map_or("", String::as_str));
            let last = shown(field.columns.last().map_or("", String::as_str));
            let columns = match field.columns.len() {
                1 => format!("column `{first}`"),
                n => format!("{n} columns, `{first}` to `{last}`"),
            };
            notes.push(format!("no column is called `{}`, which reads {columns}", field.name));
        }
        for field in facts.fields.iter().filter(|field| field.decided()) {
            notes.push(format!("field `{}`: {}", field.name, field.how().join("; ")));
        }
        if facts.by_default {
            notes.push(format!("{} rows by the default split", sizes(&self.splits)));
        }
        notes.into_iter().map(|note| format!("data `{}`: {note}", self.name)).collect()
    }

    /// What may not be what was meant.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let rounded = |field: &FieldFact| {
            let (count, first, became) = field.rounded.as_ref()?;
            let text = format!(
                "{}: field `{}` has {count} whole numbers that f32 does not hold: {first} becomes \
                 {became}",
                self.origin, field.name
            );
            Some(Diagnostic::new(codes::RL2075, text))
        };
        self.facts.fields.iter().filter_map(rounded).collect()
    }
}
