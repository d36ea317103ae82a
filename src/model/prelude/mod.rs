//! The prelude: layers, activations, initializers, distributions, divergences, optimizers, written in the
//! language. In: a name. Out: the items that are called so, each parsed when it is asked for first: a
//! short file uses a twentieth of them. Who reads them is `elaborate`.

use crate::base::{FileId, Library, Source};
use crate::syntax::{self, ast};
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

/// Its pages, by name.
pub const PRELUDE: &[(&str, &str)] = &[
    ("functions.rl", include_str!("functions.rl")),
    ("layers.rl", include_str!("layers.rl")),
    ("sequences.rl", include_str!("sequences.rl")),
    ("graphs.rl", include_str!("graphs.rl")),
    ("flows.rl", include_str!("flows.rl")),
    ("chains.rl", include_str!("chains.rl")),
    ("distributions.rl", include_str!("distributions.rl")),
    ("gamma.rl", include_str!("gamma.rl")),
    ("counts.rl", include_str!("counts.rl")),
    ("vectors.rl", include_str!("vectors.rl")),
    ("optimizers.rl", include_str!("optimizers.rl")),
];

/// What `divergence` items are called.
const DIVERGENCE: &str = "KL";

/// An item: where it stands, and its tree once somebody asked for it. It is a file of its own to whoever
/// reads it, with the places of its page.
struct Entry {
    name: &'static str,
    page: usize,
    start: usize,
    end: usize,
    tree: OnceLock<ast::File>,
}

/// Every item in the order of the pages. An item starts where a line starts with a letter, as the canonical
/// form has it.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = Vec::new();
    for (page, (_, text)) in PRELUDE.iter().enumerate() {
        let first = entries.len();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                entries[first..].last_mut().into_iter().for_each(|before| before.end = start);
                let name = name_of(line);
                entries.push(Entry { name, page, start, end: text.len(), tree: OnceLock::new() });
            }
            start += line.len();
        }
    }
    entries
});

/// The name in the first line of an item: its second word.
fn name_of(line: &'static str) -> &'static str {
    let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("")
}

/// Numbers of items by their names.
static NAMED: LazyLock<BTreeMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut named: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (at, entry) in ENTRIES.iter().enumerate() {
        named.entry(entry.name).or_default().push(at);
    }
    named
});

/// Its pages, and the page of each item, for messages.
pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let page = |(name, text): &(&str, &str)| Source {
        name: format!("<prelude>/{name}"),
        text: (*text).into(),
    };
    Library {
        pages: PRELUDE.iter().map(page).collect(),
        page_of: ENTRIES.iter().map(|entry| entry.page).collect(),
    }
});

/// Every name.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMED.keys().copied().filter(|name| *name != DIVERGENCE)
}

/// Whether something is called so.
pub fn has(name: &str) -> bool {
    name != DIVERGENCE && NAMED.contains_key(name)
}

/// What is called so, in the order of the pages; several distributions may share a name.
pub fn named(name: &str) -> impl Iterator<Item = (FileId, &'static ast::Item)> + use<> {
    let list = NAMED.get(name).filter(|_| name != DIVERGENCE);
    list.into_iter().flatten().map(|at| (FileId::of_prelude(*at), item(*at)))
}

/// The divergences between two families.
pub fn divergences(q: &str, p: &str) -> Vec<(FileId, &'static ast::Item)> {
    let list = NAMED.get(DIVERGENCE).into_iter().flatten().copied();
    let between = |at: &usize| {
        let Entry { page, start, end, .. } = &ENTRIES[*at];
        let text = &PRELUDE[*page].1[*start..*end];
        let head = text.split(')').next().unwrap_or("");
        let mut families = head.split(": ").skip(1).map(|rest| rest.split(',').next());
        families.next() == Some(Some(q)) && families.next() == Some(Some(p))
    };
    list.filter(between).map(|at| (FileId::of_prelude(at), item(at))).collect()
}

/// The tree behind an item's id.
///
/// # Panics
/// If the item does not parse: it is part of the program.
pub fn tree(id: FileId) -> Option<&'static ast::File> {
    Some(tree_at(id.in_prelude().filter(|at| *at < ENTRIES.len())?))
}

fn tree_at(at: usize) -> &'static ast::File {
    let Entry { name, page, start, end, tree } = &ENTRIES[at];
    tree.get_or_init(|| {
        let text = &PRELUDE[*page].1[..*end];
        let (tree, found) = syntax::parse_from(FileId::of_prelude(at), text, *start);
        assert!(!found.has_errors(), "prelude {name}: {:?}", found.list);
        tree
    })
}

fn item(at: usize) -> &'static ast::Item {
    &tree_at(at).items[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items that are found by their first lines are those of the pages' trees.
    #[test]
    fn every_item_is_found() {
        let mut at = 0;
        for (page, (name, text)) in PRELUDE.iter().enumerate() {
            let (whole, found) = syntax::parse(FileId(0), text);
            assert!(!found.has_errors(), "{name}: {:?}", found.list);
            for wanted in &whole.items {
                let (entry, one) = (&ENTRIES[at], tree_at(at));
                assert_eq!((entry.page, one.items.len()), (page, 1), "{}", entry.name);
                let called = wanted.names().first().map_or(DIVERGENCE, |name| &name.name);
                assert_eq!(entry.name, called);
                let place = |item: &ast::Item| (item.span.start, item.span.end);
                assert_eq!(place(&one.items[0]), place(wanted), "{}", entry.name);
                if let ast::ItemKind::Divergence { q_family, p_family, .. } = &wanted.kind {
                    let found = divergences(&q_family.name, &p_family.name);
                    assert!(found.iter().any(|(id, _)| *id == FileId::of_prelude(at)));
                    let known = |family: &str| has(family) && named(family).all(is_family);
                    assert!(known(&q_family.name) && known(&p_family.name), "{}", entry.start);
                }
                at += 1;
            }
        }
        assert_eq!(at, ENTRIES.len());
    }

    fn is_family((_, item): (FileId, &ast::Item)) -> bool {
        matches!(item.kind, ast::ItemKind::Distribution(_))
    }
}
