//! `metapath(along = "A-P-C-P-A", edges = (...))`: random walks on a graph of several kinds of nodes, as sentences
//! (Dong, Chawla and Swami 2017). In: the arguments of a call. Out: a sequence of tokens. A walk is a function of the seed
//! and its number alone.
//!
//! Nodes of the first kind have the first numbers, those of the others follow in the order of the path; among
//! each other they stand by size if all are numbers, else by alphabet.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::Args;
use super::edges::{self, EdgeList, Graph};
use super::options::Options;
use super::source::{Load, Reach};
use super::text::{self, Sequence};
use super::walks::{MOST_LENGTH, Walks};
use super::{readers, shown};
use crate::base::Diagnostic;
use std::collections::HashMap;

/// A path has at most so many kinds.
const MOST_KINDS: usize = 64;

/// A file and the kinds that it joins.
struct Joined<'a> {
    kinds: [&'a str; 2],
    path: &'a str,
}

impl Joined<'_> {
    fn joins(&self, from: &str, to: &str) -> bool {
        self.kinds == [from, to] || self.kinds == [to, from]
    }
}

/// Walks along a path of kinds.
pub fn source<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let along = along(args)?;
    let files = files(args)?;
    for pair in along.windows(2) {
        let [from, to] = pair else { continue };
        if !files.iter().any(|file| file.joins(from, to)) {
            let text = format!("no file of `edges` joins `{}` and `{}`", shown(from), shown(to));
            let help = format!("add it: `edges = (..., \"{from}-{to}: FILE\")`");
            return Err(args.wrong_at("along", text).help(help));
        }
    }
    let round = along.first() == along.last();
    let length = args.count("length", 81, MOST_LENGTH)?;
    let length = if round { length } else { length.min(along.len()) };
    let per_node = args.count("per_node", 10, 1 << 20)?;
    let header = args.flag("header")?;
    text::rows_only(args, options)?;
    let options = Options { whole: true, ..options.clone() };
    Ok(Load::Sequence(Box::new(move |reach: &Reach| {
        let read = |file: &Joined<'a>| {
            let text = readers::whole(file.path, reach.root)?;
            edges::read(&text, file.path, header)
        };
        let lists: Vec<EdgeList> = files.iter().map(read).collect::<Result<_, _>>()?;
        let nodes = Nodes::new(&along, &files, &lists);
        let graphs = nodes.steps(&along, &files, &lists);
        let path = files.first().map_or("", |file| file.path);
        let starts = nodes.kinds.first().map_or(0, |(_, count)| *count);
        let (count, seed) = (nodes.names.len(), options.seed);
        let walks = Walks { nodes: count, starts, per_node, length, seed, path };
        let kinds = nodes.kinds.iter().map(|(kind, count)| format!("{count} {}", shown(kind)));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let mut found = vec![format!("{count} nodes: {kinds}"), walks.told()];
        let headers = lists.into_iter().filter_map(|list| list.header);
        found.extend(headers.map(|line| format!("`{}` is a header", shown(&line))));
        let all = walks.sequence((nodes.names, found), &options, |first, mut dice| {
            let step = |at: &u32, graph: &Graph| graph.drawn(*at, &mut dice);
            one(first, &graphs, length, step)
        })?;
        let ends = nodes.kinds.iter().scan(0, |end, (_, count)| {
            *end += *count as u32;
            Some(*end - *count as u32)
        });
        Ok(Sequence { kinds: ends.collect(), ..all })
    })))
}

/// The kinds of a path.
fn along<'a>(args: &Args<'a>) -> Result<Vec<&'a str>, Diagnostic> {
    let text = args.text("along")?.unwrap_or_default();
    let kinds: Vec<&str> = text.split('-').map(str::trim).collect();
    if !(2..=MOST_KINDS).contains(&kinds.len()) || !kinds.iter().all(|kind| is_kind(kind)) {
        let text = format!("`along` is a path of 2 to {MOST_KINDS} kinds of nodes");
        return Err(args.wrong_at("along", text).help("write it: `along = \"A-P-C-P-A\"`"));
    }
    Ok(kinds)
}

fn is_kind(kind: &str) -> bool {
    !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `"A-P: FILE"`
fn files<'a>(args: &Args<'a>) -> Result<Vec<Joined<'a>>, Diagnostic> {
    let texts = args.texts("edges")?;
    let joined = |text: &&'a str| {
        let (kinds, path) = text.split_once(':')?;
        let (from, to) = kinds.split_once('-')?;
        let (kinds, path) = ([from.trim(), to.trim()], path.trim());
        let right = kinds.iter().all(|kind| is_kind(kind)) && !path.is_empty();
        right.then_some(Joined { kinds, path })
    };
    let files: Option<Vec<Joined>> = texts.iter().map(joined).collect();
    files.filter(|files| !files.is_empty()).ok_or_else(|| {
        let error = args.wrong_at("edges", "`edges` says of each file which kinds it joins");
        error.help("write it: `edges = (\"A-P: wrote.csv\", \"P-C: where.csv\")`")
    })
}

/// One walk; it ends early where no edge leads on.
fn one(
    first: u32,
    graphs: &[Graph],
    length: usize,
    mut step: impl FnMut(&u32, &Graph) -> Option<u32>,
) -> Vec<u32> {
    let mut nodes = vec![first];
    for graph in graphs.iter().cycle().take(length.saturating_sub(1)) {
        let Some(next) = nodes.last().and_then(|at| step(at, graph)) else { break };
        nodes.push(next);
    }
    nodes
}

/// All nodes: kinds with their counts in the order of the path, names in the order of numbers.
struct Nodes<'a> {
    kinds: Vec<(&'a str, usize)>,
    names: Vec<String>,
    numbers: HashMap<(&'a str, String), u32>,
}

impl<'a> Nodes<'a> {
    fn new(along: &[&'a str], files: &[Joined<'a>], lists: &[EdgeList]) -> Nodes<'a> {
        let mut nodes = Nodes { kinds: vec![], names: vec![], numbers: HashMap::new() };
        for kind in along {
            if nodes.kinds.iter().any(|(known, _)| known == kind) {
                continue;
            }
            let mut names: Vec<&str> = Vec::new();
            for (file, list) in files.iter().zip(lists) {
                for (from, to, _) in &list.edges {
                    let ends = file.kinds.iter().zip([from, to]).filter(|(own, _)| *own == kind);
                    names.extend(
                        ends.filter_map(|(_, end)| list.names.get(*end as usize))
                            .map(String::as_str),
                    );
                }
            }
            edges::in_order(&mut names);
            let first = nodes.kinds.is_empty();
            nodes.kinds.push((kind, names.len()));
            for name in names {
                nodes.numbers.insert((kind, name.into()), nodes.names.len() as u32);
                nodes.names.push(if first { name.into() } else { format!("{kind}:{name}") });
            }
        }
        nodes
    }

    /// The edges of each step of the path, of both ways of every file that joins its kinds.
    fn steps(&self, along: &[&'a str], files: &[Joined<'a>], lists: &[EdgeList]) -> Vec<Graph> {
        let number = |kind: &'a str, list: &EdgeList, at: u32| {
            let name = list.names.get(at as usize)?;
            self.numbers.get(&(kind, name.clone())).copied()
        };
        let between = |from: &'a str, to: &'a str| {
            let mut all = EdgeList { names: self.names.clone(), ..EdgeList::default() };
            for (file, list) in files.iter().zip(lists) {
                let [left, right] = file.kinds;
                all.weighted |= list.weighted && file.joins(from, to);
                for (a, b, weight) in &list.edges {
                    let ends = number(left, list, *a).zip(number(right, list, *b));
                    let Some((a, b)) = ends else { continue };
                    all.edges.extend((left == from && right == to).then_some((a, b, *weight)));
                    all.edges.extend((right == from && left == to).then_some((b, a, *weight)));
                }
            }
            Graph::new(&all, true)
        };
        let steps =
            along.windows(2).filter_map(|pair| pair.first().copied().zip(pair.get(1).copied()));
        steps.map(|(from, to)| between(from, to)).collect()
    }
}

#[cfg(test)]
#[path = "metapath_tests.rs"]
mod tests;
