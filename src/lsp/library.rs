//! What files can use without declaring it, in one table. In: the tables of the program, from which the reference
//! pages are made as well. Out: by name, how it is called, what it is, and where it is declared.

use crate::base::Span;
use crate::metrics::METRICS;
use crate::model::{library, library_page, library_tree, prim};
use crate::runtime::data::{options, source};
use crate::syntax::ast::{CallableKind, ItemKind};
use crate::syntax::heads;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A template of layers.
    Layer,
    /// A function of the library.
    Function,
    /// A function that the program carries.
    Primitive,
    /// A family of distributions.
    Distribution,
    /// A rule of training.
    Optimizer,
    /// A figure of a whole split.
    Metric,
    /// A constant.
    Constant,
}

/// A name that is known everywhere.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub sort: Sort,
    /// How it is called.
    pub usage: String,
    /// What it does, in one line; may be empty.
    pub doc: String,
    /// Where it is declared, if it is written in the language.
    pub place: Option<Span>,
}

/// By name; several distributions may share one.
static ENTRIES: LazyLock<BTreeMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Vec<Entry>> = BTreeMap::new();
    for entry in written().chain(primitives()).chain(metrics()) {
        all.entry(entry.name).or_default().push(entry);
    }
    all
});

fn written() -> impl Iterator<Item = Entry> {
    library().filter_map(|(name, id, item)| {
        let file = library_tree(id)?;
        let text = &library_page(id).text;
        let sort = match &item.kind {
            ItemKind::Distribution(_) => Sort::Distribution,
            ItemKind::Callable(c) => match c.kind {
                CallableKind::Module => Sort::Layer,
                CallableKind::Optimizer => Sort::Optimizer,
                _ => Sort::Function,
            },
            _ => Sort::Constant,
        };
        let own = item.names().into_iter().find(|own| own.name == name)?;
        let usage = heads::head(item, file, text);
        let doc = sentence(&heads::comment_above(text, item.span));
        Some(Entry { name, sort, usage, doc, place: Some(own.span) })
    })
}

fn primitives() -> impl Iterator<Item = Entry> {
    prim::all().map(|row| Entry {
        name: row.name,
        sort: Sort::Primitive,
        usage: row.usage.into(),
        doc: row.doc.into(),
        place: None,
    })
}

fn metrics() -> impl Iterator<Item = Entry> {
    METRICS.iter().map(|row| {
        let args = row.args.iter().map(|(name, kind)| format!("`{name}`: {}", kind.show()));
        let args = args.collect::<Vec<_>>().join("; ");
        let unit = if row.unit.is_empty() { String::new() } else { format!(" In {}.", row.unit) };
        Entry {
            name: row.name,
            sort: Sort::Metric,
            usage: row.usage(),
            doc: format!("{}{unit}\n\n{args}", row.doc),
            place: None,
        }
    })
}

/// A comment of the library as a sentence: formulas stay as they are.
fn sentence(comment: &str) -> String {
    let mut chars = comment.chars();
    match chars.next() {
        Some(first) if !comment.is_empty() && !comment.contains(" = ") => {
            first.to_uppercase().chain(chars).collect()
        }
        _ => comment.to_string(),
    }
}

/// What a name stands for, if no file declares it.
pub fn named(name: &str) -> &'static [Entry] {
    ENTRIES.get(name).map_or(&[], Vec::as_slice)
}

/// Everything, by name.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.values().flatten()
}

/// How a data source is called and what it gives.
pub fn data_source(name: &str) -> Option<(String, String)> {
    let row = source::SOURCES.iter().find(|row| row.name == name)?;
    let line = heads::line;
    Some((line(row.usage), format!("{}.\n\nColumns: {}", line(row.what), line(row.columns))))
}

/// The names of all sources.
pub fn data_sources() -> impl Iterator<Item = &'static str> {
    source::SOURCES.iter().map(|row| row.name)
}

/// The options of every source, with what they do.
pub fn data_options() -> impl Iterator<Item = (&'static str, String)> {
    options::OPTIONS.iter().map(|row| (row.name, heads::line(row.what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_calls_and_texts() {
        let one = |name: &str| named(name).first().unwrap_or_else(|| panic!("{name}"));
        let linear = one("Linear");
        assert_eq!(linear.usage, "module Linear(n: int)(x: f32[...s, d]) -> f32[...s, n]");
        assert_eq!(
            (linear.sort, linear.doc.as_str()),
            (Sort::Layer, "y = x W + b on the last dim")
        );
        assert!(linear.place.is_some());
        assert!(one("sum").doc.starts_with("The sum over dims"));
        assert!(one("auc").doc.contains("`score`"), "{}", one("auc").doc);
        assert_eq!(one("Normal").usage, "distribution Normal(loc: f32, scale: f32) on real");
        assert_eq!(one("adam").sort, Sort::Optimizer);
        assert!(data_source("csv").is_some() && data_options().any(|(name, _)| name == "split"));
    }
}
