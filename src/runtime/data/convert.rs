//! From what a file holds to what the model declared. In: a [`Table`], the declared fields, options.
//! Out: a [`Dataset`]. The declared type alone decides the conversion: bits from grey levels need
//! `binarize`, an interval scales grey levels, `idx(n)` checks labels.
//!
//! Values are checked where they are and converted straight to the type that is stored, so that no
//! copy of a wider type is made on the way.

use super::args::describe;
use super::dice::Dice;
use super::fields::{Part, match_fields};
use super::open::Root;
use super::options::{Binarize, Options};
use super::raw::Grey;
use super::source::{self, about};
use super::{Column, Dataset, FieldSpec, Table, Values, select};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Source, Support};

/// Loads a data set.
pub fn load(
    name: &str,
    source: &Source,
    root: &Root,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    let (table, options) = source::load(source, root)?;
    convert(name, &describe(source), table, &options, fields)
}

/// Applies the declared types.
pub fn convert(
    name: &str,
    origin: &str,
    table: Table,
    options: &Options,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    let matched = match_fields(&table, fields, origin)?;
    let rows = matched.first().map_or(0, |(_, part)| part.rows());
    let mut columns = Vec::new();
    for (field, part) in &matched {
        if part.rows() != rows {
            let text = format!("field `{}` has {} rows, another {rows}", field.name, part.rows());
            return Err(about(codes::RL2004, origin, text));
        }
        let values = Reading { field, part, options, origin }.values()?;
        columns.push(Column { name: field.name.clone(), shape: field.ty.shape.clone(), values });
    }
    let label = || label_field(fields, options, origin);
    let classes = || match columns.get(label()?).map(|column| &column.values) {
        Some(Values::I32(labels)) => Ok(labels.clone()),
        _ => Ok(Vec::new()),
    };
    let splits = select::splits(rows, table.splits, options, classes)?;
    if options.shuffled {
        let at = label()?;
        if let Some(Values::I32(labels)) = columns.get_mut(at).map(|column| &mut column.values) {
            select::shuffle_labels(labels, &splits, options.seed)?;
        }
    }
    Ok(Dataset { name: name.into(), origin: origin.into(), rows, columns, splits })
}

/// The field that holds the class of a row: the one that `label` names, or the only one with one
/// index per row.
fn label_field(fields: &[FieldSpec], options: &Options, origin: &str) -> Result<usize, Diagnostic> {
    let is_label =
        |f: &FieldSpec| f.ty.shape.is_empty() && matches!(f.ty.support, Support::Index(_));
    let places = || (0..fields.len()).filter(|at| is_label(&fields[*at]));
    let names = || places().map(|at| format!("`{}`", fields[at].name)).collect::<Vec<_>>();
    let wrong = |text: String| about(codes::RL2074, origin, text);
    if let Some(label) = &options.label {
        let found = places().find(|at| fields[*at].name == *label);
        return found.ok_or_else(|| {
            let text = format!("`label = \"{}\"` names no class", label.escape_debug());
            wrong(text).help(format!("fields of one index per row: {}", names().join(", ")))
        });
    }
    let mut found = places();
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(wrong("no field holds the class of a row".into())
            .help("declare it: `y: idx(10)` for ten classes")),
        _ => {
            let text = format!("the class of a row may be any of {}", names().join(", "));
            let first = names().first().map_or(String::new(), |name| name.replace('`', "\""));
            Err(wrong(text).help(format!("say which: `label = {first}`")))
        }
    }
}

/// One field being read.
struct Reading<'a> {
    field: &'a FieldSpec,
    part: &'a Part<'a>,
    options: &'a Options,
    origin: &'a str,
}

impl Reading<'_> {
    fn wrong(&self, code: crate::base::Code, text: String) -> Diagnostic {
        about(code, self.origin, text)
    }

    fn row(&self, at: usize) -> usize {
        at / self.part.width().max(1)
    }

    fn values(&self) -> Result<Values, Diagnostic> {
        self.check_finite()?;
        let part = self.part;
        let grey = part.grey(self.options);
        match self.field.ty.support {
            Support::Bit => self.bits(grey),
            Support::Bool => self.bits(None),
            Support::Interval(low, high) => {
                let level = |x: f64| match grey {
                    Some(grey) => low + (x - grey.low) * ((high - low) / (grey.high - grey.low)),
                    None => x,
                };
                self.within(level, |x| (low..=high).contains(&x))?;
                Ok(Values::F32(part.map(|x| level(x) as f32)))
            }
            Support::Positive => {
                self.within(|x| x, |x| x > 0.0)?;
                Ok(Values::F32(part.map(|x| x as f32)))
            }
            Support::Index(n) => self.labels(n),
            Support::Integer => {
                self.within(|x| x, |x| x.fract() == 0.0)?;
                Ok(Values::I32(part.map(|x| x as i32)))
            }
            Support::Real => {
                let scale = self.options.scale.unwrap_or(1.0);
                Ok(Values::F32(part.map(|x| (x / scale) as f32)))
            }
        }
    }

    /// NaN and infinity are refused unless asked for: they spread through everything.
    fn check_finite(&self) -> Result<(), Diagnostic> {
        if self.options.allow_nan || self.part.is_integer() {
            return Ok(());
        }
        let Some((first, _)) = self.part.find(|x| !x.is_finite()) else { return Ok(()) };
        let mut count = 0;
        self.part.map(|x| count += usize::from(!x.is_finite()));
        let (name, row) = (&self.field.name, self.row(first));
        let text = format!(
            "field `{name}` has {count} values that are not finite, the first in row {row}"
        );
        let error = self.wrong(codes::RL2061, text);
        Err(error.help("clean the data, or write `nan = \"allow\"`"))
    }

    fn within(
        &self,
        level: impl Fn(f64) -> f64,
        legal: impl Fn(f64) -> bool,
    ) -> Result<(), Diagnostic> {
        let bad = |x: f64| !legal(level(x)) && !x.is_nan();
        let Some((at, value)) = self.part.find(bad) else { return Ok(()) };
        let text = format!(
            "row {}: {} is not a value of field `{}`, declared {}",
            self.row(at),
            level(value),
            self.field.name,
            described(&self.field.ty.support)
        );
        Err(self.wrong(codes::RL2065, text))
    }

    fn labels(&self, n: usize) -> Result<Values, Diagnostic> {
        let legal = |x: f64| x.fract() == 0.0 && x >= 0.0 && x < n as f64;
        if let Some((at, value)) = self.part.find(|x| !legal(x)) {
            let (row, name) = (self.row(at), &self.field.name);
            let text =
                format!("row {row}: {value} is not an index of field `{name}`, declared idx({n})");
            let error = self.wrong(codes::RL2005, text);
            return Err(error.help(format!("indices run from 0 to {}", n.saturating_sub(1))));
        }
        Ok(Values::I32(self.part.map(|x| x as i32)))
    }

    /// Bits: values that are 0 or 1 already, or grey levels by the way that `binarize` names.
    fn bits(&self, grey: Option<Grey>) -> Result<Values, Diagnostic> {
        let part = self.part;
        if part.find(|x| x != 0.0 && x != 1.0).is_none() {
            return Ok(Values::F32(part.map(|x| x as f32)));
        }
        let Some(binarize) = self.options.binarize else {
            return Err(self.needs_binarize());
        };
        let Grey { low, high } = grey.unwrap_or(Grey { low: 0.0, high: 1.0 });
        let level = |x: f64| (x - low) / (high - low);
        if let Some((_, value)) = part.find(|x| !(0.0..=1.0).contains(&level(x))) {
            let name = &self.field.name;
            let text = format!("field `{name}`: {value} is not a grey level from {low} to {high}");
            let error = self.wrong(codes::RL2065, text);
            return Err(error.help("say which level is white: `scale = 255`"));
        }
        let bit = |is: bool| f32::from(u8::from(is));
        Ok(match binarize {
            Binarize::Threshold => Values::F32(part.map(|x| bit(level(x) > 0.5))),
            Binarize::Stochastic => Values::Chance(part.map(|x| level(x) as f32)),
            Binarize::Fixed => {
                let stream = format!("binarize {}", self.field.name);
                let mut dice = Dice::new(self.options.seed, &stream, 0);
                Values::F32(part.map(|x| bit(dice.uniform() < level(x))))
            }
        })
    }

    fn needs_binarize(&self) -> Diagnostic {
        let (low, high) = self.part.extent();
        let name = &self.field.name;
        let text = format!(
            "field `{name}` is declared `bit`, but its values are grey levels from {low} to {high}"
        );
        self.wrong(codes::RL2062, text)
            .help(
                "say how they become bits: `binarize = \"stochastic\"`, \"threshold\" or \"fixed\"",
            )
            .help(format!("or declare `{name}: f32[...] in 0..1`"))
    }
}

fn described(support: &Support) -> String {
    match support {
        Support::Real => "a real".into(),
        Support::Interval(low, high) => format!("in {low}..{high}"),
        Support::Positive => "positive".into(),
        Support::Bit => "bit".into(),
        Support::Index(n) => format!("idx({n})"),
        Support::Bool => "bool".into(),
        Support::Integer => "an integer".into(),
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
