//! One field: from the values of its columns to those of its declared type. In: a [`Part`], the
//! options, the training rows. Out: [`Read`]: values, what was found, what to keep with the run.
//!
//! Values are checked where they are and converted straight to the type that is stored, so that no
//! copy of a wider type is made on the way.

use super::facts::{FieldFact, Scaled, Why, declared};
use super::fields::Part;
use super::kept::Kept;
use super::names::header_below;
use super::options::{Binarize, Missing, Options};
use super::raw::Grey;
use super::source::about;
use super::{FieldSpec, Values, moments, shown};
use crate::base::dice::Dice;
use crate::base::{Code, Diagnostic, codes};
use crate::model::ir::Support;

/// A field being read.
pub struct Reading<'a> {
    /// The data set.
    pub data: &'a str,
    /// What is declared.
    pub field: &'a FieldSpec,
    /// The columns.
    pub part: &'a Part<'a>,
    /// What the call says.
    pub options: &'a Options,
    /// Where the data comes from.
    pub origin: &'a str,
    /// Rows that means and deviations are taken over.
    pub train: &'a [u32],
    /// What a run has kept of this field.
    pub kept: Option<&'a Kept>,
}

/// A field that has been read.
pub struct Read {
    /// Its values.
    pub values: Values,
    /// What was found.
    pub fact: FieldFact,
    /// What other data has to be read by, if the data decided something.
    pub kept: Option<Kept>,
}

/// What happens to every value: `fill` if it is missing, then standardized or scaled.
pub(super) struct Change {
    fill: Vec<f64>,
    moments: Vec<(f64, f64)>,
    levels: Option<Grey>,
    to: (f64, f64),
}

impl Change {
    /// Missing values are filled, nothing else.
    pub(super) fn fill_only(fill: Vec<f64>) -> Change {
        Change { fill, moments: Vec::new(), levels: None, to: (0.0, 1.0) }
    }

    pub(super) fn filled(&self, place: usize, x: f64) -> f64 {
        if x.is_nan() { self.fill.get(place).copied().unwrap_or(x) } else { x }
    }

    fn apply(&self, place: usize, x: f64) -> f64 {
        let x = self.filled(place, x);
        if self.moments.get(place).is_some_and(|(_, spread)| *spread == 0.0) {
            return if x.is_finite() { 0.0 } else { x };
        }
        if let Some((centre, spread)) = self.moments.get(place) {
            // A difference may be too large for a real where the quotient is none.
            return (x / 2.0 - centre / 2.0) / (spread / 2.0);
        }
        let Some(grey) = self.levels else { return x };
        let (low, high) = self.to;
        let y = low + (high - low) * ((x - grey.low) / (grey.high - grey.low));
        // A rounding does not lead out of the range.
        if x >= grey.low && x <= grey.high { y.clamp(low, high) } else { y }
    }
}

impl Reading<'_> {
    /// Reads the field.
    pub fn read(&self) -> Result<Read, Diagnostic> {
        if let Some(kept) = self.kept {
            kept.check(self.part.width())?;
        }
        let mut fact = FieldFact::new(self.field);
        fact.columns = self.part.names().into_iter().map(String::from).collect();
        fact.range = self.part.extent();
        fact.missing = self.part.missing();
        let (data, field) = (self.data.to_string(), self.field.name.clone());
        let mut read = Read {
            values: Values::I32(Vec::new()),
            fact,
            kept: Some(Kept { data, field, ..Kept::default() }),
        };
        match self.field.ty.support {
            Support::Index(n) => self.indices(n, &mut read)?,
            Support::Integer => self.integers(&mut read)?,
            Support::Bit => self.bits(&mut read, true)?,
            Support::Bool => self.bits(&mut read, false)?,
            Support::Interval(low, high) => self.reals(&mut read, Some((low, high)))?,
            Support::Positive | Support::Count | Support::Real => self.reals(&mut read, None)?,
        }
        // Where nothing was decided, there is nothing to keep.
        let decided = matches!(self.field.ty.support, Support::Interval(..) | Support::Bit);
        read.kept = read.kept.filter(|kept| {
            (decided && self.part.grey(self.options).is_none())
                || kept.numbers
                || !kept.words.is_empty()
                || !kept.fill.is_empty()
                || !kept.centre.is_empty()
        });
        Ok(read)
    }

    pub(super) fn wrong(&self, code: Code, text: String) -> Diagnostic {
        about(code, self.origin, text)
    }

    /// What stands for missing values, for each value of a row; nothing if there is nothing to fill.
    pub(super) fn fill(&self, read: &mut Read, reals: bool) -> Result<Vec<f64>, Diagnostic> {
        let fill = match self.options.missing {
            Some(Missing::Number(x)) => vec![x; self.part.width()],
            Some(Missing::Mean) if reals => match self.kept.filter(|kept| !kept.fill.is_empty()) {
                Some(kept) => kept.fill.clone(),
                None => moments::means(self.part, self.train).ok_or_else(|| self.no_mean())?,
            },
            _ => Vec::new(),
        };
        if self.options.missing == Some(Missing::Mean)
            && let Some(kept) = &mut read.kept
        {
            kept.fill.clone_from(&fill);
        }
        self.check_finite(read.fact.missing > 0 && fill.is_empty(), reals)?;
        Ok(fill)
    }

    fn no_mean(&self) -> Diagnostic {
        let text =
            format!("field `{}`: a column has no value in any training row", self.field.name);
        self.wrong(codes::RL2023, text).help("leave the column out, or write `missing = 0`")
    }

    /// Missing values and infinity are refused unless asked for: they spread through everything.
    fn check_finite(&self, missing: bool, reals: bool) -> Result<(), Diagnostic> {
        let name = &self.field.name;
        if missing && !(reals && self.options.allow_nan) {
            let (first, _) = self.part.find(|_, x| x.is_nan()).unwrap_or_default();
            let count = self.part.missing();
            let values = if count == 1 { "a missing value" } else { "missing values" };
            let text = format!(
                "field `{name}` has {values} ({count}), the first in {}",
                self.part.place(first)
            );
            let error = self.wrong(codes::RL2023, text);
            return Err(if reals {
                error.help(
                    "write `missing = \"drop\"`, `missing = \"mean\"` or `missing = 0`; \
                     `nan = \"allow\"` keeps them as nan",
                )
            } else {
                error.help("write `missing = \"drop\"`, or `missing = 0` for a value of that")
            });
        }
        if self.part.is_integer() || (reals && self.options.allow_nan) {
            return Ok(());
        }
        let Some((first, _)) = self.part.find(|_, x| x.is_infinite()) else { return Ok(()) };
        let text = format!(
            "field `{name}` has values that are not finite, the first in {}",
            self.part.place(first)
        );
        let error = self.wrong(codes::RL2061, text);
        Err(error.help(if reals {
            "clean the data, or write `nan = \"allow\"`"
        } else {
            "clean the data; only a field of reals may hold such values"
        }))
    }

    /// Words are no numbers.
    pub(super) fn numbers_only(&self) -> Result<(), Diagnostic> {
        if self.part.words().next().is_none() {
            return Ok(());
        }
        let all = 0..self.part.rows() * self.part.width();
        let odd = |at: &usize| self.part.word(*at).is_some() && self.part.number(*at).is_none();
        let any = || all.clone().find(|at| self.part.word(*at).is_some());
        let at = all.clone().find(odd).or_else(any).unwrap_or_default();
        let word = self.part.word(at).unwrap_or_default();
        let cell = shown(&word.chars().take(40).collect::<String>());
        let place = self.part.place(at);
        let point = word.replace(',', ".").parse::<f64>();
        if point.as_ref().is_ok_and(|x| x.is_infinite()) {
            return Err(self.beyond(&place, &cell));
        }
        let text = format!("{place}: expected a number, found `{cell}`");
        let error = self.wrong(codes::RL2022, text);
        Err(match () {
            () if word.contains(',') && point.is_ok() => error.help(
                "a decimal comma needs `decimal = \",\"`, and `sep = \",\"` where commas separate cells \
                 too",
            ),
            () if word.contains(',') => error.help(
                "write numbers without thousands separators; a decimal comma needs `decimal = \",\"`",
            ),
            () if place.starts_with("line 1,") => error.help(
                "if the first line holds names: `header = true`; else a column of words is a field \
                 of type `idx(n)`",
            ),
            () => {
                let error = error.help(
                    "correct the cell, or leave the row out; a column of words is a field of type \
                     `idx(n)`",
                );
                let by_name = self.part.names() == [self.field.name.as_str()];
                match self.part.first_line(at) {
                    Some(line) if !by_name => error.help(header_below(line)),
                    _ => error,
                }
            }
        })
    }

    fn beyond(&self, place: &str, shown: &str) -> Diagnostic {
        self.wrong(codes::RL2025, format!("{place}: `{shown}` is beyond the range of f32"))
    }

    fn reals(&self, read: &mut Read, range: Option<(f64, f64)>) -> Result<(), Diagnostic> {
        self.numbers_only()?;
        let support = self.field.ty.support;
        let positive = matches!(support, Support::Positive | Support::Count);
        let fill = self.fill(read, true)?;
        let mut change = Change::fill_only(fill);
        if self.options.standardize && !positive {
            change.moments = self.moments(read, &change);
        } else if let Some(range) = range {
            change.to = range;
            change.levels = self.levels(read, &change)?;
        } else if let Some(scale) = self.options.scale {
            change.levels = Some(Grey { low: 0.0, high: scale });
        }
        let legal = |x: f64| match range {
            Some((low, high)) => (low..=high).contains(&x) || x.is_nan(),
            None if support == Support::Count => (x >= 0.0 && x.fract() == 0.0) || x.is_nan(),
            None => (!positive || x as f32 > 0.0) || x.is_nan(),
        };
        let value = |place, x| change.apply(place, x);
        if let Some((at, x)) = self.part.find(|place, x| !legal(value(place, x))) {
            return Err(self.outside(at, value(at % self.part.width().max(1), x)));
        }
        let large = |place, x: f64| x.is_finite() && !(value(place, x) as f32).is_finite();
        if let Some((at, _)) = self.part.find(large) {
            return Err(self.beyond(&self.part.place(at), &self.part.show(at)));
        }
        let mut values = self.part.map(|place, x| value(place, x) as f32);
        if change.moments.is_empty() && change.levels.is_none() {
            read.fact.rounded = self.rounded();
            // Rounded once, not by way of f64.
            self.part
                .each_long(|at, x| values.iter_mut().skip(at).take(1).for_each(|v| *v = x as f32));
        }
        read.values = Values::F32(values);
        Ok(())
    }

    pub(super) fn outside(&self, at: usize, value: f64) -> Diagnostic {
        let mut text = format!("{}: ", self.part.place(at));
        let shown = self.part.show(at);
        text += &shown;
        if value.to_string() != shown {
            text += &format!(" becomes {value}, which");
        }
        let (name, declared) = (&self.field.name, declared(&self.field.ty));
        text += &format!(" is not a value of field `{name}`, declared {declared}");
        let error = self.wrong(codes::RL2065, text);
        match self.field.ty.support {
            Support::Count => error.help(format!(
                "a count is a whole number that is not negative; declare reals as `{name}: f32`"
            )),
            _ => error,
        }
    }

    /// Mean and deviation of each value of a row; the deviation is 0 if it is constant.
    fn moments(&self, read: &mut Read, change: &Change) -> Vec<(f64, f64)> {
        let found = match self.kept.filter(|kept| !kept.centre.is_empty()) {
            Some(kept) => {
                kept.centre.iter().copied().zip(kept.spread.iter().copied()).collect::<Vec<_>>()
            }
            None => moments::moments(self.part, self.train, |place, x| change.filled(place, x)),
        };
        read.fact.standardized = true;
        let constant = (1..).zip(&found).filter(|(_, (_, spread))| *spread == 0.0);
        read.fact.constant = constant.map(|(place, _)| place).collect();
        if let Some(kept) = &mut read.kept {
            (kept.centre, kept.spread) = found.iter().copied().unzip();
        }
        found
    }

    /// Which values become the ends of the declared range: what the source or the call says, else
    /// what the run says, else nothing where all values lie in it, else the ends of the file's own.
    fn levels(&self, read: &mut Read, change: &Change) -> Result<Option<Grey>, Diagnostic> {
        let (low, high) = change.to;
        let (levels, why) = if let Some(grey) = self.part.grey(self.options) {
            (Some(grey), Why::Said)
        } else if let Some(kept) = self.kept {
            (kept.levels.map(|(low, high)| Grey { low, high }), Why::Kept)
        } else {
            (self.own_range(read, change)?, Why::Found)
        };
        if let Some(Grey { low: a, high: b }) = levels {
            read.fact.scaled = Some(Scaled { from: (a, b), to: (low, high), why });
        }
        if let Some(kept) = &mut read.kept {
            kept.levels = levels.map(|grey| (grey.low, grey.high));
        }
        Ok(levels)
    }

    fn own_range(&self, read: &Read, change: &Change) -> Result<Option<Grey>, Diagnostic> {
        let (low, high) = change.to;
        let filled = change.fill.iter().filter(|_| read.fact.missing > 0).map(|x| (*x, *x));
        let each = read.fact.range.into_iter().chain(filled);
        let Some((min, max)) = each.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
            return Ok(None);
        };
        if (low <= min && max <= high) || !(high - low).is_finite() {
            return Ok(None);
        }
        if min == max || !(max - min).is_finite() {
            let (name, declared) = (&self.field.name, declared(&self.field.ty));
            let text = format!(
                "field `{name}`: values from {min} to {max} cannot be scaled to what is declared, \
                 {declared}"
            );
            let error = self.wrong(codes::RL2065, text);
            return Err(error.help("say which value becomes the upper end: `scale = 255`"));
        }
        Ok(Some(Grey { low: min, high: max }))
    }

    /// Whole numbers that change when they become f32.
    fn rounded(&self) -> Option<(usize, String, f64)> {
        let (low, high) = self.part.extent()?;
        if low.abs().max(high.abs()) <= f64::from(1 << 24) {
            return None;
        }
        let all = 0..self.part.rows() * self.part.width();
        let mut changed = all.filter(|at| self.part.is_rounded(*at));
        let first = changed.next()?;
        let count = 1 + changed.count();
        let mut value = self.part.get(first).unwrap_or_default() as f32;
        self.part.each_long(|at, x| value = if at == first { x as f32 } else { value });
        let text = format!("{} in {}", self.part.show(first), self.part.place(first));
        Some((count, text, f64::from(value)))
    }

    /// Bits: values that are 0 or 1 already, or grey levels by the way that `binarize` names.
    fn bits(&self, read: &mut Read, grey: bool) -> Result<(), Diagnostic> {
        self.numbers_only()?;
        let part = self.part;
        let fill = self.fill(read, false)?;
        let mut change = Change::fill_only(fill);
        let kept = self.kept.is_some_and(|kept| kept.levels.is_some());
        let bit = |x: f64| x == 0.0 || x == 1.0;
        if !kept && part.find(|place, x| !bit(change.filled(place, x))).is_none() {
            read.values = Values::F32(part.map(|place, x| change.filled(place, x) as f32));
            return Ok(());
        }
        let Some(binarize) = self.options.binarize.filter(|_| grey) else {
            return Err(self.needs_binarize(grey));
        };
        change.levels = self.levels(read, &change)?;
        let level = |place, x| change.apply(place, x);
        if let Some((at, _)) = part.find(|place, x| !(0.0..=1.0).contains(&level(place, x))) {
            let (name, place, shown) = (&self.field.name, part.place(at), part.show(at));
            let Grey { low, high } = change.levels.unwrap_or(Grey { low: 0.0, high: 1.0 });
            let text = format!(
                "field `{name}`: {shown} in {place} is not a grey level from {low} to {high}"
            );
            let error = self.wrong(codes::RL2065, text);
            return Err(error.help("say which level is white: `scale = 255`"));
        }
        let bit = |is: bool| f32::from(u8::from(is));
        read.values = match binarize {
            Binarize::Threshold => Values::F32(part.map(|place, x| bit(level(place, x) > 0.5))),
            Binarize::Stochastic => Values::Chance(part.map(|place, x| level(place, x) as f32)),
            Binarize::Fixed => {
                let stream = format!("binarize {}", self.field.name);
                let mut dice = Dice::new(self.options.seed, &stream, 0);
                Values::F32(part.map(|place, x| bit(dice.uniform() < level(place, x))))
            }
        };
        Ok(())
    }

    fn needs_binarize(&self, grey: bool) -> Diagnostic {
        let (low, high) = self.part.extent().unwrap_or_default();
        let name = &self.field.name;
        if !grey {
            let text = format!(
                "field `{name}` is declared `bool`, but its values are from {low} to {high}"
            );
            return self.wrong(codes::RL2062, text).help(format!("declare `{name}: f32`"));
        }
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
