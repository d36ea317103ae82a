//! How the fields of a run's data were read, where the data itself decided it. In: nothing. Out:
//! [`Kept`], which goes with the weights, so that other data means the same to them.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::{Diagnostic, codes};
use serde::{Deserialize, Serialize};

/// What the data of a run decided about one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The data set.
    pub data: String,
    /// The field.
    pub field: String,
    /// The words that its indices stand for, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
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
}

impl Kept {
    /// Refuses what cannot belong to a field of this width: it may come from any file.
    pub fn check(&self, width: usize) -> Result<(), Diagnostic> {
        let list = |list: &[f64]| {
            (list.is_empty() || list.len() == width) && list.iter().all(|x| x.is_finite())
        };
        let levels = self.levels.is_none_or(|(low, high)| low < high && (high - low).is_finite());
        let lists = [&self.fill, &self.centre, &self.spread].into_iter().all(|l| list(l));
        if levels && lists && self.centre.len() == self.spread.len() {
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
