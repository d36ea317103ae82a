//! `walks("edges.csv")`: random walks on a graph, as sentences of nodes. In: the arguments of a call. Out: a
//! [`Sequence`]. A walk is a function of the seed and its number alone, whatever threads there are.
//!
//! Of the neighbours of the node where it is, a walk takes one by the weight of its edge, times `1 / p` if
//! the walk comes from there, times `1 / q` if no edge leads to it from where the walk comes from (node2vec,
//! Grover and Leskovec 2016); DeepWalk (Perozzi et al. 2014) has p = q = 1.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::Args;
use super::edges::{self, Graph};
use super::options::Options;
use super::source::{Load, Reach};
use super::text::{self, Sequence};
use super::tokens::Unit;
use super::windows::{Sentences, Tokens};
use super::{memory, readers, shown, threads};
use crate::base::dice::Dice;
use crate::base::{Diagnostic, codes};
use std::ops::Range;
use std::sync::Arc;

/// A walk has at most so many nodes.
pub(super) const MOST_LENGTH: usize = 1 << 20;
/// Weights of steps are at most so far from each other.
const MOST_WEIGHT: f64 = 1e6;

/// Draws of a step that may be refused, before all chances are added up.
const TRIES: usize = 16;

/// How walks go.
#[derive(Clone, Copy, Debug)]
struct Plan {
    length: usize,
    per_node: usize,
    /// Chances of steps back, to a neighbour of where the walk comes from, and away, the largest 1.
    back: f64,
    near: f64,
    away: f64,
    directed: bool,
    header: Option<bool>,
}

/// Walks from every node.
pub fn source<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let path = args.path("edges")?;
    let weight = |name| args.between(name, 1.0, (1.0 / MOST_WEIGHT, MOST_WEIGHT));
    let (back, away) = (1.0 / weight("p")?, 1.0 / weight("q")?);
    let most = back.max(away).max(1.0);
    let plan = Plan {
        length: args.count("length", 80, MOST_LENGTH)?,
        per_node: args.count("per_node", 10, 1 << 20)?,
        back: back / most,
        near: 1.0 / most,
        away: away / most,
        directed: args.flag("directed")?.unwrap_or(false),
        header: args.flag("header")?,
    };
    text::rows_only(args, options)?;
    let options = Options { whole: true, ..options.clone() };
    Ok(Load::Sequence(Box::new(move |reach: &Reach| {
        let text = readers::whole(path, reach.root)?;
        let list = edges::read(&text, path, plan.header)?;
        let graph = Graph::new(&list, plan.directed);
        let walks = Walks {
            nodes: graph.len(),
            starts: graph.len(),
            per_node: plan.per_node,
            length: plan.length,
            seed: options.seed,
            path,
        };
        let by = if list.weighted { " with weights" } else { "" };
        let ways = if plan.directed { "directed " } else { "" };
        let edges = if plan.directed { graph.edges() } else { both_ways(&graph) };
        let ends = if edges == 1 { "" } else { "s" };
        let mut found = vec![format!("{} nodes, {edges} {ways}edge{ends}{by}", graph.len())];
        found.push(walks.told());
        found.extend(list.header.map(|line| format!("`{}` is a header", shown(&line))));
        walks.sequence((list.names, found), &options, |first, dice| one(&graph, &plan, first, dice))
    })))
}

/// Edges that go both ways, each counted once.
pub(super) fn both_ways(graph: &Graph) -> usize {
    let nodes = 0..graph.len() as u32;
    let loops = nodes.filter(|node| graph.joins(*node, *node)).count();
    (graph.edges() + loops) / 2
}

/// Splits end where walks end.
fn parts(
    sentences: &Sentences,
    len: usize,
    options: &Options,
) -> Result<Vec<(String, Range<usize>)>, Diagnostic> {
    let mut parts = text::shares(len, options)?;
    parts.retain(|(_, part)| !part.is_empty());
    let all = 0..len;
    let mut end = 0;
    for (_, part) in &mut parts {
        part.start = end;
        end = if part.end >= len { len } else { sentences.around(part.end, &all).start.max(end) };
        part.end = end;
    }
    Ok(parts)
}

/// Walks from the first nodes of a graph in turn, each as often as is asked for.
pub(super) struct Walks<'a> {
    pub nodes: usize,
    pub starts: usize,
    pub per_node: usize,
    pub length: usize,
    pub seed: u64,
    pub path: &'a str,
}

impl Walks<'_> {
    /// How many there are.
    pub fn told(&self) -> String {
        let walks = self.per_node.saturating_mul(self.starts);
        format!("{walks} walks of at most {} nodes", self.length)
    }

    /// All of them as sentences of nodes with these names.
    pub fn sequence(
        &self,
        (words, found): (Vec<String>, Vec<String>),
        options: &Options,
        one: impl Fn(u32, Dice) -> Vec<u32> + Sync,
    ) -> Result<Sequence, Diagnostic> {
        let (tokens, sentences) = self.all(one)?;
        Ok(Sequence {
            parts: parts(&sentences, tokens.len(), options)?,
            tokens: Arc::new(tokens),
            unit: Unit::Node,
            words,
            kinds: vec![],
            sentences,
            stride: None,
            found,
            by_default: false,
        })
    }

    /// All of them, one behind the other.
    fn all(
        &self,
        one: impl Fn(u32, Dice) -> Vec<u32> + Sync,
    ) -> Result<(Tokens, Sentences), Diagnostic> {
        let walks = self.starts.saturating_mul(self.per_node);
        if u32::try_from(walks).is_err() {
            let text = format!("`{}`: {walks} walks, at most {} are made", self.path, u32::MAX);
            return Err(Diagnostic::new(codes::RL2012, text).help("write a smaller `per_node`"));
        }
        memory::room(walks.saturating_mul(self.length).saturating_mul(8), self.path)?;
        let dice = Dice::new(self.seed, "walks", 0);
        let first = |walk: usize| (walk % self.starts.max(1)) as u32;
        let list = threads::each(walks, |walk| one(first(walk), dice.of(walk as u32)));
        let mut tokens = Tokens::below(self.nodes);
        let mut starts = Vec::with_capacity(walks);
        for walk in &list {
            starts.push(tokens.len());
            walk.iter().for_each(|node| tokens.push(*node as usize));
        }
        let whole = tokens.len() == walks * self.length;
        let sentences =
            if whole { Sentences::Every(self.length) } else { Sentences::At(starts.into()) };
        Ok((tokens, sentences))
    }
}

/// One walk; it ends early where no edge leads on.
fn one(graph: &Graph, plan: &Plan, first: u32, mut dice: Dice) -> Vec<u32> {
    let mut nodes = Vec::with_capacity(plan.length);
    nodes.push(first);
    let (mut before, mut at) = (None, first);
    while nodes.len() < plan.length {
        let Some(next) = step(graph, plan, (before, at), &mut dice) else { break };
        nodes.push(next);
        (before, at) = (Some(at), next);
    }
    nodes
}

/// Draws by the weights of edges until one is taken by the chance of its kind of step.
fn step(
    graph: &Graph,
    plan: &Plan,
    (before, at): (Option<u32>, u32),
    dice: &mut Dice,
) -> Option<u32> {
    let (near, sums) = (graph.near(at), graph.sums(at));
    if near.is_empty() {
        return None;
    }
    let draw = |dice: &mut Dice| graph.drawn(at, dice);
    let plain = plan.back == plan.near && plan.away == plan.near;
    let Some(before) = before.filter(|_| !plain) else { return draw(dice) };
    let chance = |next: u32| match next {
        next if next == before => plan.back,
        next if graph.joins(before, next) => plan.near,
        _ => plan.away,
    };
    for _ in 0..TRIES {
        let next = draw(dice)?;
        if dice.uniform() < chance(next) {
            return Some(next);
        }
    }
    // Unlikely kinds of steps only: by the weights of all.
    let weight = |(at, next): (usize, &u32)| {
        let before = at.checked_sub(1).and_then(|at| sums.get(at)).copied().unwrap_or_default();
        let own = sums.get(at).map_or(1.0, |sum| sum - before);
        f64::from(own) * chance(*next)
    };
    let total: f64 = near.iter().enumerate().map(weight).sum();
    let mut share = dice.uniform() * total;
    let found = near.iter().enumerate().find(|(at, next)| {
        share -= weight((*at, next));
        share < 0.0
    });
    found.map(|(_, next)| *next).or(near.last().copied())
}

#[cfg(test)]
#[path = "walks_tests.rs"]
mod tests;
