//! Types and values known while compiling. A type says what one example holds and which values it can
//! take; the table of distributions, the checks of indices and the loss heads decide by it. Plain data.

use crate::base::Span;
use crate::graph::DType;
use serde::{Deserialize, Serialize};

/// Which values an expression can take; decides what may score it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Support {
    /// Any real.
    Real,
    /// `lo..=hi`; `0..1` of grey levels, `-1..1` of `tanh`.
    Interval(#[serde(with = "crate::base::real")] f64, #[serde(with = "crate::base::real")] f64),
    /// Greater than zero.
    Positive,
    /// 0 or 1.
    Bit,
    /// Whole numbers that are not negative, as reals.
    Count,
    /// `0..n`, integers.
    Index(usize),
    /// Truth values.
    Bool,
    /// Any integer.
    Integer,
}

impl Support {
    /// Whether every value of this support is one of another.
    pub fn fits(self, wanted: Support) -> bool {
        let range = |s: Support| match s {
            Support::Bit | Support::Bool => Some((0.0, 1.0)),
            Support::Interval(a, b) => Some((a, b)),
            Support::Positive | Support::Count => Some((0.0, f64::INFINITY)),
            Support::Index(n) => Some((0.0, n as f64 - 1.0)),
            Support::Real | Support::Integer => None,
        };
        match (self, wanted) {
            (_, Support::Real | Support::Integer) => true,
            (a, b) if a == b => true,
            (Support::Index(n), Support::Index(m)) => n <= m,
            (Support::Index(_), _) | (_, Support::Index(_)) => false,
            (_, Support::Bit) => false,
            (_, Support::Count) => self == Support::Bit,
            (a, b) => match (range(a), range(b)) {
                (Some(a), Some(b)) => a.0 >= b.0 && a.1 <= b.1,
                _ => false,
            },
        }
    }
}

/// The type of a per-example value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Type {
    /// Element type in the graph.
    pub dtype: DType,
    /// Shape of one example.
    pub shape: Vec<usize>,
    /// Values it can take.
    pub support: Support,
    /// Whether the value differs between examples of a batch (depends on data or on a draw).
    pub varies: bool,
    /// Whether it is a sequence of indices that ends at its first 0, which counts too, or else at the
    /// end of its dim: what is behind does not count, and is 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

/// A static value: settings, arguments of data sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Static {
    Int(i64),
    Float(#[serde(with = "crate::base::real")] f64),
    Bool(bool),
    Str(String),
    Tuple(Vec<Static>),
    /// A nested source: `skipgrams(text("a.txt"), window = 5)`.
    Call(Source),
}

/// Where a data set comes from, as the file says: a call by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `uci_digits`, `idx`, `csv`, ...
    pub name: String,
    /// Arguments in order, with their keyword if given.
    pub args: Vec<(Option<String>, Static)>,
    /// Where the name stands, if it stands in a file that is at hand.
    #[serde(skip)]
    pub place: Option<Span>,
    /// The same of each argument; those of a command line at the end have none.
    #[serde(skip)]
    pub places: Vec<Option<Span>>,
}
