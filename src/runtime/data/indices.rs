//! Whole numbers and indices of a field, from numbers or from words. In: a [`Reading`]. Out: values of
//! 32 bits, exact, and the words that indices stand for.

use super::Values;
use super::reading::{Change, Read, Reading};
use crate::base::{Diagnostic, codes};
use std::collections::{BTreeMap, BTreeSet};

/// Classes whose labels count from 1 are at most so many: the run keeps each label.
const MOST_LABELS: usize = 1 << 16;

impl Reading<'_> {
    pub(super) fn integers(&self, read: &mut Read) -> Result<(), Diagnostic> {
        self.numbers_only()?;
        let fill = self.fill(read, false)?;
        let change = Change::fill_only(fill);
        let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
        let legal = |x: f64| x.fract() == 0.0 && range.contains(&x);
        let value = |place, x| change.filled(place, x);
        if let Some((at, x)) = self.part.find(|place, x| !legal(value(place, x))) {
            let error = self.outside(at, value(at % self.part.width().max(1), x));
            return Err(error.help("an integer of a field is whole and has 32 bits"));
        }
        read.values = Values::I32(self.part.map(|place, x| value(place, x) as i32));
        Ok(())
    }

    pub(super) fn indices(&self, n: usize, read: &mut Read) -> Result<(), Diagnostic> {
        let fill = self.fill(read, false)?;
        let legal = |x: f64| x.fract() == 0.0 && x >= 0.0 && x < n as f64;
        if let Some(x) = fill.first().filter(|x| read.fact.missing > 0 && !legal(**x)) {
            let name = &self.field.name;
            let text = format!("`missing = {x}` is no index of field `{name}`, declared idx({n})");
            let most = n.saturating_sub(1);
            let help = format!("write `missing = \"drop\"`, or an index from 0 to {most}");
            return Err(self.wrong(codes::RL2005, text).help(help));
        }
        let known = self.kept.map_or(&[][..], |kept| kept.words.as_slice());
        let has_words = self.part.words().next().is_some();
        let numbers = self.kept.is_some_and(|kept| kept.numbers);
        if !known.is_empty() || (has_words && !numbers) {
            return self.words(n, known, &fill, read);
        }
        if let Some(kept) = &mut read.kept {
            kept.numbers = true;
        }
        let change = Change::fill_only(fill);
        if has_words {
            return self.numbers_of_words(n, &change, legal, read);
        }
        let value = |place, x| change.filled(place, x);
        if let Some((at, _)) = self.part.find(|place, x| !legal(value(place, x))) {
            return Err(self.no_index(n, at));
        }
        read.values = Values::I32(self.part.map(|place, x| value(place, x) as i32));
        Ok(())
    }

    fn no_index(&self, n: usize, at: usize) -> Diagnostic {
        let (place, name, shown) = (self.part.place(at), &self.field.name, self.part.show(at));
        let text = format!(
            "{place}: {} is not an index of field `{name}`, declared idx({n})",
            super::shown(&shown)
        );
        let error = self.wrong(codes::RL2005, text);
        error.help(format!("indices run from 0 to {}", n.saturating_sub(1)))
    }

    /// Indices of a column of words where the classes of the run were numbers: a word that is none is
    /// an error.
    fn numbers_of_words(
        &self,
        n: usize,
        change: &Change,
        legal: impl Fn(f64) -> bool,
        read: &mut Read,
    ) -> Result<(), Diagnostic> {
        let width = self.part.width().max(1);
        let mut values = Vec::new();
        for at in 0..self.part.rows() * width {
            let number = self.part.number(at);
            if let (Some(word), None) = (self.part.word(at), number) {
                let error = self.unknown(at, word);
                return Err(error.note("the classes of the run are numbers"));
            }
            let value = change.filled(at % width, number.unwrap_or(f64::NAN));
            if !legal(value) {
                return Err(self.no_index(n, at));
            }
            values.push(value as i32);
        }
        read.values = Values::I32(values);
        Ok(())
    }

    /// The labels of classes that are numbers and no indices, in order, where all words are such: 1 to
    /// n, else as many different ones as there are classes.
    fn labels(&self, n: usize) -> Option<Result<Vec<String>, Diagnostic>> {
        let mut numbers = self.part.words().flat_map(|words| &words.numbers);
        if numbers.any(Option::is_none) {
            return None;
        }
        let rows = 0..self.part.rows() * self.part.width().max(1);
        let label = |at: usize| self.part.word(at).and_then(|word| word.parse::<i64>().ok());
        let all: BTreeSet<i64> = rows.clone().filter_map(label).collect();
        let (low, high) = (*all.first()?, *all.last()?);
        let most = i64::try_from(n).unwrap_or(i64::MAX);
        if low >= 1 && high <= most && n <= MOST_LABELS {
            return Some(Ok((1..=n).map(|label| label.to_string()).collect()));
        }
        if all.len() == n {
            return Some(Ok(all.iter().map(i64::to_string).collect()));
        }
        let outside =
            |most: i64| rows.clone().find(|at| label(*at).is_some_and(|x| x < 0 || x > most));
        let at = outside(most).or_else(|| outside(most - 1))?;
        let (place, name, shown) = (self.part.place(at), &self.field.name, self.part.show(at));
        let text = format!("{place}: {shown} is not a class of field `{name}`, declared idx({n})");
        let (last, found) = (most - 1, all.len());
        Some(Err(self.wrong(codes::RL2005, text).help(format!(
            "labels are whole numbers from 0 to {last}, from 1 to {n}, or any {n} different ones; \
             the source has {found}, from {low} to {high}: `{name}: idx({found})`"
        ))))
    }

    /// Indices of words: those of the run, else all that occur, sorted.
    fn words(
        &self,
        n: usize,
        known: &[String],
        fill: &[f64],
        read: &mut Read,
    ) -> Result<(), Diagnostic> {
        let width = self.part.width().max(1);
        let all = 0..self.part.rows() * width;
        let text = |at: usize| match self.part.word(at) {
            Some(word) => Some(word.to_string()),
            None => self.part.get(at).filter(|x| !x.is_nan()).map(|_| self.part.show(at)),
        };
        let list: Vec<String> = match self.labels(n) {
            _ if !known.is_empty() => known.to_vec(),
            Some(list) => list?,
            None => all.clone().filter_map(text).collect::<BTreeSet<_>>().into_iter().collect(),
        };
        if list.len() > n {
            let name = &self.field.name;
            let words = list.len();
            let text = format!("field `{name}`, declared idx({n}), has {words} different words");
            return Err(self.wrong(codes::RL2005, text).help(format!("declare it idx({words})")));
        }
        let places: BTreeMap<&str, i32> = list.iter().map(String::as_str).zip(0..).collect();
        let mut values = Vec::with_capacity(all.len());
        for at in all {
            let index = match text(at) {
                Some(word) => {
                    places.get(word.as_str()).copied().ok_or_else(|| self.unknown(at, &word))?
                }
                None => {
                    let index = fill.get(at % width).copied().unwrap_or(-1.0);
                    if index.fract() != 0.0 || index < 0.0 || index >= n as f64 {
                        return Err(self.outside(at, index));
                    }
                    index as i32
                }
            };
            values.push(index);
        }
        read.values = Values::I32(values);
        read.fact.words.clone_from(&list);
        if let Some(kept) = &mut read.kept {
            kept.words = list;
        }
        Ok(())
    }

    fn unknown(&self, at: usize, word: &str) -> Diagnostic {
        let shown: String = word.chars().take(40).collect();
        let text = format!(
            "{}: the run does not know the word `{}` of field `{}`",
            self.part.place(at),
            super::shown(&shown),
            self.field.name
        );
        let error = self.wrong(codes::RL2076, text);
        match &self.options.vocabulary {
            Some(of) => error
                .note(format!("the words are those of `{}`", super::shown(of)))
                .help("write `missing = \"drop\"` to leave such rows out"),
            None => error,
        }
    }
}
