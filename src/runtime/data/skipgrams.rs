//! `skipgrams(SEQUENCE)` and `cbow(SEQUENCE)`: words with their neighbours (Mikolov et al. 2013). In: a
//! sequence of a text or of walks, the declared fields. Out: a [`Sampler`] whose rows are drawn when they are
//! asked for, each epoch anew: nothing is stored per row. [`neighbours`](super::neighbours) draws them.
//!
//! A row has the distribution of what a pass over the sequence gives: frequent words are left out by
//! chance, a window has a random width up to `window`, and neighbours are counted among what is left. An
//! epoch has as many rows as such a pass gives on the mean.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::{self, Args};
use super::facts::{Facts, FieldFact};
use super::kept::Kept;
use super::neighbours::{Drawn, Kind, Made, Neighbours, Part, Split};
use super::options::Options;
use super::rows::Rows;
use super::sampler::{Ask, Sampler, Told};
use super::source::{self, Load, Reach, about};
use super::{Column, Dataset, FieldSpec, Values};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Source, Support};
use serde_json::json;
use std::ops::Range;
use std::sync::Arc;

/// Neighbours stand at most so far from a word.
const MOST_WINDOW: usize = 1000;

/// Pairs.
pub fn pairs<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    source(args, options, Kind::Pairs)
}

/// Bags of words.
pub fn bags<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    source(args, options, Kind::Bags)
}

fn source<'a>(args: &Args<'a>, options: &Options, kind: Kind) -> Result<Load<'a>, Diagnostic> {
    let window = args.count("window", 5, MOST_WINDOW)?;
    let sample = args.between("sample", 1e-3, (0.0, 1.0))?;
    let power = args.between("power", 0.75, (-10.0, 10.0))?;
    let options = Options { whole: true, ..options.clone() };
    let sequence = source::sequence(args, "of", &options)?;
    Ok(Load::Sampled(Box::new(move |reach: &Reach| {
        let mut of = sequence(reach)?;
        of.parts.retain(|(_, part)| !part.is_empty());
        of.tokens = of.tokens.at_hand("the sequence")?;
        let neighbours = Arc::new(Neighbours::new(kind, of, window, (sample, power)));
        Ok(Arc::new(neighbours) as Arc<dyn Sampler>)
    })))
}

impl Sampler for Arc<Neighbours> {
    fn dataset(&self, ask: &Ask) -> Result<Dataset, Diagnostic> {
        let (mut splits, mut named, mut row) = (Vec::new(), Vec::new(), 0usize);
        for (name, part) in &self.of.parts {
            let mut rows = self.expected(part);
            if let (Some(wanted), "train") = (ask.options.rows, name.as_str()) {
                ask.enough(wanted, rows)?;
                rows = wanted;
            }
            let Ok(end) = u32::try_from(row + rows) else {
                let text = format!("{} rows, at most {} are read", row + rows, u32::MAX);
                let help = "write a smaller `window` or `rows`";
                return Err(about(codes::RL2012, ask.origin, text).help(help));
            };
            named.push((name.clone(), Rows::Next(row as u32..end)));
            splits.push(Split { row, rows, part: part.clone() });
            row = end as usize;
        }
        if row == 0 {
            let text = format!("no {} stands beside another one", self.of.unit.one());
            return Err(about(codes::RL2064, ask.origin, text)
                .help("take a longer sequence, or write `sample = 0`"));
        }
        let splits: Arc<[Split]> = splits.into();
        let stream = format!("neighbours {}", ask.name);
        let drawn = Arc::new(Drawn::new(self.clone(), splits.clone(), stream));
        let (mut columns, mut fields, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for field in ask.fields {
            let part = self.part(field, ask)?;
            let made = Made { drawn: drawn.clone(), part };
            columns.push(Column {
                name: field.name.clone(),
                shape: field.ty.shape.clone(),
                values: Values::Made(Arc::new(made)),
            });
            let words = if part == Part::Weight { vec![] } else { self.of.words.clone() };
            let tokens = (part != Part::Weight).then_some(self.of.unit);
            if tokens.is_some() {
                let (data, name) = (ask.name.into(), field.name.clone());
                kept.push(Kept {
                    data,
                    field: name,
                    words: words.clone(),
                    tokens,
                    ..Kept::default()
                });
            }
            let columns = vec![field.name.clone()];
            fields.push(FieldFact { words, tokens, columns, ..FieldFact::new(field) });
        }
        let mut found = self.of.found.clone();
        found.push(self.rows_told(&splits));
        let facts = Facts { dropped: 0, by_default: false, found, fields };
        let (name, origin) = (ask.name.to_string(), ask.origin.to_string());
        Ok(Dataset { name, origin, rows: row, columns, splits: named, facts, kept })
    }

    fn told(&self, call: &Source) -> Told {
        let Told { mut text, mut json } = self.of.told(call);
        // The last line says how to read the sequence itself.
        let end = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        text.truncate(end);
        let (n, from) = (self.of.entries(), args::describe(call));
        let fields = match self.kind {
            Kind::Pairs => format!("center: idx({n}), context: idx({n}), negatives: idx({n})[5]"),
            Kind::Bags => {
                let width = 2 * self.window;
                format!(
                    "center: idx({n}), context: idx({n})[{width}], weight: f32[{width}], \
                     negatives: idx({n})[5]"
                )
            }
        };
        let rows: Vec<_> = self.of.parts.iter().map(|(_, part)| self.expected(part)).collect();
        text.push_str(&format!("to read {}: data near from {from} {{ {fields} }}\n", self.many()));
        if let Some(object) = json.as_object_mut() {
            object.insert("rows".into(), json!(rows));
        }
        Told { text, json }
    }
}

impl Neighbours {
    fn many(&self) -> &'static str {
        if self.kind == Kind::Pairs { "pairs" } else { "bags" }
    }

    fn rows_told(&self, splits: &[Split]) -> String {
        let of = |((name, _), split): (&(String, Range<usize>), &Split)| {
            format!("{} for {name}", split.rows)
        };
        let each: Vec<String> = self.of.parts.iter().zip(splits).map(of).collect();
        format!("{} drawn anew in every epoch: {}", self.many(), each.join(", "))
    }

    /// The column of a field, by its name, if the field is declared as one.
    fn part(&self, field: &FieldSpec, ask: &Ask) -> Result<Part, Diagnostic> {
        let (name, n) = (&field.name, self.of.entries());
        let own = |part: Part| part != Part::Weight || self.kind == Kind::Bags;
        let names: Vec<&str> =
            Part::ALL.iter().filter(|(_, part)| own(*part)).map(|(name, _)| *name).collect();
        let found = Part::ALL.iter().find(|(word, part)| *word == name.as_str() && own(*part));
        let Some((_, part)) = found else {
            let text = format!("there is no column `{name}`");
            let help = format!("name a field {}", names.join(", "));
            return Err(about(codes::RL2063, ask.origin, text).help(help));
        };
        let wide = 2 * self.window;
        let (dims, like): (&[usize], String) = match (part, self.kind) {
            (Part::Negatives, _) => (&[0], format!("idx({n})[5]")),
            (Part::Weight, _) => (&[1], format!("f32[{wide}]")),
            (Part::Context, Kind::Bags) => (&[1], format!("idx({n})[{wide}]")),
            _ => (&[], format!("idx({n})")),
        };
        let help = format!("declare it `{name}: {like}`");
        let shape = &field.ty.shape;
        let fits = match dims {
            [] => shape.is_empty(),
            [0] => shape.len() == 1,
            _ => *shape == [wide],
        };
        if !fits {
            let text = format!("field `{name}` has other dims");
            return Err(about(codes::RL2064, ask.origin, text).help(help));
        }
        match field.ty.support {
            Support::Index(size) if *part != Part::Weight && size >= n => {}
            Support::Index(size) if *part != Part::Weight => {
                let many = self.of.unit.many();
                let text =
                    format!("field `{name}`, declared idx({size}), has {n} different {many}");
                return Err(about(codes::RL2005, ask.origin, text).help(help));
            }
            Support::Real | Support::Positive | Support::Interval(..) if *part == Part::Weight => {}
            _ => {
                let text = format!(
                    "field `{name}` reads {}",
                    if *part == Part::Weight { "weights" } else { self.of.unit.many() }
                );
                return Err(about(codes::RL2062, ask.origin, text).help(help));
            }
        }
        Ok(*part)
    }
}

#[cfg(test)]
#[path = "skipgrams_tests.rs"]
mod tests;
