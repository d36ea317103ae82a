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
use super::fields::Wanted;
use super::kept::Kept;
use super::neighbours::{Drawn, Holds, Kind, Made, Neighbours, Part, Split};
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
    let typed = args.flag("typed")?.unwrap_or(false);
    let of_one_kind = args.wrong_at("typed", "all of the sequence is of one kind");
    let of_one_kind = of_one_kind.help("leave `typed` out: only `metapath` has several kinds");
    let options = Options { whole: true, ..options.clone() };
    let sequence = source::sequence(args, "of", &options)?;
    Ok(Load::Sampled(Box::new(move |reach: &Reach| {
        let mut of = sequence(reach)?;
        of.parts.retain(|(_, part)| !part.is_empty());
        if typed && of.kinds.is_empty() {
            return Err(of_one_kind);
        }
        of.tokens = of.tokens.at_hand("the sequence")?;
        let mut neighbours = Neighbours::new(kind, of, window, (sample, power, typed));
        if let Some(counts) = counted(&reach.wanted) {
            if counts.len() != neighbours.counts.len() {
                return Err(Diagnostic::new(
                    codes::RL3005,
                    "the weights have a tree of other words",
                )
                .help("use the model file of the run"));
            }
            neighbours.counts = counts.to_vec();
        }
        Ok(Arc::new(Arc::new(neighbours)) as Arc<dyn Sampler>)
    })))
}

/// How often words occurred in the run, whose tree is made by that.
fn counted<'a>(wanted: &Wanted<'a>) -> Option<&'a [usize]> {
    let kept = wanted.fields.iter().filter_map(|field| wanted.kept(&field.name));
    kept.map(|kept| kept.counts.as_slice()).find(|counts| !counts.is_empty())
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
            let own = self.keeps(part, ask.name, &field.name);
            let Kept { words, tokens, .. } = own.clone().unwrap_or_default();
            kept.extend(own);
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

/// How many values a row of a column has.
enum Width {
    One,
    Any,
    Just(usize),
    AtLeast(usize),
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

    /// What goes with the weights about a field.
    fn keeps(&self, part: Part, data: &str, field: &str) -> Option<Kept> {
        let kept = Kept { data: data.into(), field: field.into(), ..Kept::default() };
        let (words, tokens) = (self.of.words.clone(), Some(self.of.unit));
        match part.holds() {
            Holds::Words => Some(Kept { words, tokens, ..kept }),
            Holds::Nodes => Some(Kept { counts: self.counts.clone(), ..kept }),
            Holds::Shares | Holds::Bits => None,
        }
    }

    /// How many values a column has, and how it is declared.
    fn declared(&self, part: Part) -> (Width, String) {
        let (n, wide) = (self.of.entries(), 2 * self.window);
        let deep = |what: &str| {
            let deep = self.tree().depth().max(1);
            (Width::AtLeast(deep), format!("{what}[{deep}]"))
        };
        match (part, self.kind) {
            (Part::Negatives, _) => (Width::Any, format!("idx({n})[5]")),
            (Part::Weight, _) => (Width::Just(wide), format!("f32[{wide}]")),
            (Part::Context, Kind::Bags) => (Width::Just(wide), format!("idx({n})[{wide}]")),
            (Part::Path, _) => deep(&format!("idx({n})")),
            (Part::Turns | Part::Within, _) => deep("bit"),
            (Part::Center | Part::Context, _) => (Width::One, format!("idx({n})")),
        }
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
        let (width, like) = self.declared(*part);
        let help = format!("declare it `{name}: {like}`");
        let wrong = |code, text: String| Err(about(code, ask.origin, text).help(&help));
        let fits = match (field.ty.shape.as_slice(), width) {
            ([], Width::One) | ([_], Width::Any) => true,
            ([given], Width::Just(wide)) => *given == wide,
            ([given], Width::AtLeast(deep)) if *given < deep => {
                let text = format!("field `{name}` holds {given} values, a way has up to {deep}");
                return wrong(codes::RL2064, text);
            }
            ([_], Width::AtLeast(_)) => true,
            _ => false,
        };
        if !fits {
            return wrong(codes::RL2064, format!("field `{name}` has other dims"));
        }
        let many = match part.holds() {
            Holds::Words => self.of.unit.many(),
            Holds::Nodes => "inner nodes of a tree",
            Holds::Shares => "weights",
            Holds::Bits => "bits",
        };
        let n = n - usize::from(part.holds() == Holds::Nodes);
        match (part.holds(), field.ty.support) {
            (Holds::Words | Holds::Nodes, Support::Index(size)) if size >= n => {}
            (Holds::Words | Holds::Nodes, Support::Index(size)) => {
                let text =
                    format!("field `{name}`, declared idx({size}), has {n} different {many}");
                return wrong(codes::RL2005, text);
            }
            (Holds::Shares, Support::Real | Support::Positive | Support::Interval(..)) => {}
            (Holds::Bits, Support::Bit) => {}
            _ => return wrong(codes::RL2062, format!("field `{name}` reads {many}")),
        }
        Ok(*part)
    }
}

#[cfg(test)]
#[path = "skipgrams_tests.rs"]
mod tests;
