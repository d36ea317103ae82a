//! How the fields of a run's data were read, where the data itself decided it. In: nothing. Out:
//! [`Kept`], which goes with the weights, so that other data means the same to them.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::tokens::Unit;
use super::{shown, wav};
use crate::base::{Diagnostic, codes};
use serde::{Deserialize, Serialize};

/// What the data of a run decided about one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The data set.
    pub data: String,
    /// The field.
    pub field: String,
    /// The names of its columns, in the order of their values, where it has another name itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The words that its indices stand for, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// What a token is, where it shows windows of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Unit>,
    /// Whether its classes were numbers in the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub numbers: bool,
    /// The values that became the ends of the declared range; none if values were taken as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<(f64, f64)>,
    /// What stands for a missing value, for each value of a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fill: Vec<f64>,
    /// The mean of each value of a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub centre: Vec<f64>,
    /// Its standard deviation; 0 if it is constant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spread: Vec<f64>,
    /// The number of the first value of a row, where the file numbered values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// How often each word occurred, where a tree of the words is made by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<usize>,
    /// Samples of sound in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
}

impl Kept {
    /// Refuses what cannot belong to a field of this width: it may come from any file.
    pub fn check(&self, width: usize) -> Result<(), Diagnostic> {
        let list = |list: &[f64]| {
            (list.is_empty() || list.len() == width) && list.iter().all(|x| x.is_finite())
        };
        let levels = self.levels.is_none_or(|(low, high)| low < high && (high - low).is_finite());
        let lists = [&self.fill, &self.centre, &self.spread].into_iter().all(|l| list(l));
        let classes = self.words.is_empty() || !self.numbers;
        let first = self.first.is_none_or(|first| first <= 1);
        let rate = self.rate.is_none_or(|rate| wav::RATES.contains(&rate));
        if levels && lists && classes && first && rate && self.centre.len() == self.spread.len() {
            return Ok(());
        }
        let text = format!(
            "what the weights say of field `{}.{}` does not fit it",
            self.data.escape_debug(),
            self.field.escape_debug()
        );
        Err(Diagnostic::new(codes::RL3005, text).help("use the model file of the run"))
    }
}

/// Fields of one name in two data sets of a run whose words have other indices: each set was read by
/// itself.
pub fn apart<'k>(kept: impl Iterator<Item = &'k Kept>) -> Vec<Diagnostic> {
    let (mut seen, mut found): (Vec<&Kept>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for one in kept {
        let other = seen.iter().find(|other| {
            let words = !one.words.is_empty() && !other.words.is_empty();
            other.field == one.field && words && !agree(&one.words, &other.words)
        });
        if let Some(other) = other {
            let text = format!(
                "the words of `{}.{}` and `{}.{}` are not the same, so a word may have two indices",
                other.data, other.field, one.data, one.field
            );
            found.push(Diagnostic::new(codes::RL2077, text));
        }
        seen.push(one);
    }
    found
}

/// Whether every word that both lists have stands at one place.
fn agree(a: &[String], b: &[String]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// What a run has kept of fields that a model does not have: it would be read in another way than by
/// the run, in silence.
pub fn unused<'k>(
    kept: &'k [Kept],
    has: impl Fn(&Kept) -> bool + 'k,
) -> impl Iterator<Item = Diagnostic> + 'k {
    let decides = |kept: &&Kept| {
        let numbers = [&kept.fill, &kept.centre].into_iter().any(|list| !list.is_empty());
        let words = !kept.words.is_empty() || !kept.counts.is_empty();
        words || kept.levels.is_some() || kept.first == Some(0) || numbers
    };
    kept.iter().filter(decides).filter(move |kept| !has(kept)).map(|kept| {
        let (data, field) = (shown(&kept.data), shown(&kept.field));
        let text =
            format!("how the run has read `{data}.{field}` is not used: nothing is called so");
        Diagnostic::new(codes::RL2078, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_two_data_sets() {
        let kept = |data: &str, words: &str| Kept {
            data: data.into(),
            field: "y".into(),
            words: words.split_whitespace().map(String::from).collect(),
            ..Kept::default()
        };
        for (a, b, count) in [
            ("blue green red", "green red", 1),
            ("green red", "green red", 0),
            ("green red", "green red violet", 0),
            ("green red", "", 0),
        ] {
            let both = [kept("a", a), kept("b", b)];
            assert_eq!(apart(both.iter()).len(), count, "{a} | {b}");
            let other = usize::from(!both[1].words.is_empty());
            assert_eq!(unused(&both, |kept| kept.data == "a").count(), other);
        }
    }
}
