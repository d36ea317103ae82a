//! Values that replace those of `config` and `dim`. In: what the command line and the YAML file
//! said. Out: typed statics, or an error that names the type.

use super::ir::Static;
use crate::base::{Diagnostic, codes, nearest};
use std::collections::BTreeMap;

/// A replaced value before its type is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// From `--set name=text`.
    Text(String),
    /// From a YAML file.
    Value(Static),
}

/// How many rows a data set has.
#[derive(Clone, Debug, Default)]
pub struct RowCounts {
    /// Of all splits together.
    pub rows: usize,
    /// Of each.
    pub splits: Vec<(String, usize)>,
}

/// All replacements, by name, with where they came from (`--set`, `run.yaml`).
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Name to value and origin.
    pub values: BTreeMap<String, (Given, String)>,
    /// Rows of a batch of some phases, instead of what the file says: for the short last batch of a
    /// split.
    pub batches: BTreeMap<String, usize>,
    /// Rows of a batch of `rlc encode`, for the short last one.
    pub encode_rows: Option<usize>,
    /// Rows of data sets that a constant holds.
    pub tables: BTreeMap<String, RowCounts>,
    /// Whether parts are wanted as functions of what they are given.
    pub exports: bool,
    /// Whether names and expressions are kept by their places.
    pub index: bool,
}

impl Settings {
    /// Replaces `name`; a later replacement wins.
    pub fn set(&mut self, name: &str, value: Given, origin: &str) {
        self.values.insert(name.into(), (value, origin.into()));
    }
}

/// Reads a replacement as the declared type (`dim` and `int`: integers; `f32`; `bool`; `str`).
pub(super) fn typed(
    name: &str,
    ty: &str,
    given: &Given,
    origin: &str,
) -> Result<Static, Diagnostic> {
    let wrong = |shown: &str| {
        Diagnostic::new(
            if ty == "int" || ty == "dim" { codes::RL1006 } else { codes::RL1007 },
            format!("{origin}: `{name}` is {}, given `{shown}`", described(ty)),
        )
        .help(format!("write for instance `--set {name}={}`", example(ty)))
    };
    let value = match given {
        Given::Value(value) => value.clone(),
        Given::Text(text) => read(text.trim(), ty).ok_or_else(|| wrong(text))?,
    };
    match (ty, &value) {
        ("dim", Static::Int(n)) if *n > 0 => Ok(value),
        ("int", Static::Int(_)) | ("bool", Static::Bool(_)) | ("str", Static::Str(_)) => Ok(value),
        ("f32", Static::Int(n)) => Ok(Static::Float(*n as f64)),
        ("f32", Static::Float(x)) if x.is_finite() => Ok(value),
        _ => Err(wrong(&show(&value))),
    }
}

/// The values of a type in words.
pub(super) fn described(ty: &str) -> &'static str {
    match ty {
        "dim" => "a whole number greater than 0",
        "int" => "a whole number",
        "bool" => "`true` or `false`",
        "str" => "a text",
        _ => "a number",
    }
}

/// A value of a type.
pub(super) fn example(ty: &str) -> &'static str {
    match ty {
        "dim" | "int" => "64",
        "bool" => "true",
        "str" => "text",
        _ => "0.5",
    }
}

fn read(text: &str, ty: &str) -> Option<Static> {
    match ty {
        "dim" | "int" => text.parse().ok().map(Static::Int),
        "bool" => text.parse().ok().map(Static::Bool),
        "str" => Some(Static::Str(text.into())),
        _ => text.parse().ok().map(Static::Float),
    }
}

/// A static value as it is written in a file.
pub fn show(value: &Static) -> String {
    match value {
        Static::Int(n) => n.to_string(),
        Static::Float(x) => format!("{x:?}"),
        Static::Bool(b) => b.to_string(),
        Static::Str(s) => format!("{s:?}"),
        Static::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(show).collect();
            format!("({})", parts.join(", "))
        }
        Static::Call(source) => {
            let args = source.args.iter().map(|(name, value)| match name {
                Some(name) => format!("{name} = {}", show(value)),
                None => show(value),
            });
            format!("{}({})", source.name, args.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The error for a name that no `config` or `dim` has.
pub(super) fn unknown(name: &str, origin: &str, known: &[&str]) -> Diagnostic {
    let text = format!("{origin}: the model has no setting `{name}`");
    let diagnostic = Diagnostic::new(codes::RL1001, text);
    match nearest(name, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.help("the file declares no `config` and no `dim`"),
        None => diagnostic.help(format!("settings are {}", known.join(", "))),
    }
}
