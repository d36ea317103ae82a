//! Functions that modules share. In: the body of a module. Out: the items of the library that it
//! needs, and what they need in turn.

use crate::base::noise;
use std::collections::BTreeSet;

/// The library; items are apart by blank lines.
const SOURCE: &str = include_str!("math.wgsl");

/// Entries of the table of quantiles.
pub const QUANTILES: usize = noise::PIECES + 1;

/// Words of the table region: quantiles, and the numbers below `times`.
pub fn tables(times: usize) -> Vec<u32> {
    let quantiles = noise::table().iter().map(|q| *q as u32);
    quantiles.chain(0..times as u32).collect()
}

/// The name that an item declares.
fn declared(item: &str) -> Option<&str> {
    let line = item.lines().find(|line| !line.starts_with("//"))?;
    let rest =
        ["fn ", "const ", "var<private> "].iter().find_map(|word| line.strip_prefix(word))?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

/// Whether a text has a name as a whole word.
pub fn mentions(text: &str, name: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !part(before.chars().next_back()) && !part(after.chars().next())
    })
}

/// The items that a text needs, in the order of the library.
pub fn needed(text: &str) -> String {
    let items: Vec<(&str, &str)> =
        SOURCE.split("\n\n").filter_map(|item| Some((declared(item)?, item.trim_end()))).collect();
    let mut wanted = BTreeSet::new();
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        for (at, (name, item)) in items.iter().enumerate() {
            if !wanted.contains(&at) && mentions(text, name) {
                wanted.insert(at);
                open.push(item);
            }
        }
    }
    wanted.into_iter().map(|at| format!("{}\n\n", items[at].1)).collect()
}
