//! `structure("edges.csv")`: random walks among nodes whose places in a graph are alike, however far they stand from
//! each other, as sentences of nodes (struc2vec, Ribeiro, Saverese and Figueiredo 2017). In: the arguments of a call. Out: a
//! sequence of tokens. A walk is a function of the seed and its number alone.
//!
//! Layer k joins the nodes that have a ring at distance k, by the exponential of minus the costs of their rings
//! up to it. A walk stays in its layer with a chance and goes to a node there, or else to the layer above or
//! below, above the likelier the more nodes are like its own there.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::Args;
use super::edges::{self, Graph};
use super::options::Options;
use super::rings::{self, Costs};
use super::source::{Load, Reach};
use super::text;
use super::walks::{MOST_LENGTH, Walks, both_ways};
use super::{memory, readers, shown};
use crate::base::Diagnostic;
use crate::base::dice::Dice;

/// Graphs of so many nodes have every node compared with every other one.
const FEW_NODES: usize = 2000;
/// Rings are looked at up to this distance.
const MOST_LAYERS: usize = 64;
/// The least chance to stay in a layer: a walk must get on.
const LEAST_STAY: f64 = 0.01;

/// How walks go.
#[derive(Clone, Copy, Debug)]
struct Plan {
    length: usize,
    per_node: usize,
    stay: f64,
    layers: usize,
    beside: Option<usize>,
    header: Option<bool>,
}

/// Walks among nodes that are alike.
pub fn source<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let path = args.path("edges")?;
    let plan = Plan {
        length: args.count("length", 80, MOST_LENGTH)?,
        per_node: args.count("per_node", 10, 1 << 20)?,
        stay: args.between("stay", 0.3, (LEAST_STAY, 1.0))?,
        layers: args.count("layers", MOST_LAYERS, MOST_LAYERS)?,
        beside: match args.get("beside") {
            Some(_) => Some(args.count("beside", 1, u32::MAX as usize)?),
            None => None,
        },
        header: args.flag("header")?,
    };
    text::rows_only(args, options)?;
    let options = Options { whole: true, ..options.clone() };
    Ok(Load::Sequence(Box::new(move |reach: &Reach| {
        let text = readers::whole(path, reach.root)?;
        let list = edges::read(&text, path, plan.header)?;
        let graph = Graph::new(&list, false);
        let (with, beside) = compared(&graph, &plan, path)?;
        let layers = layers(graph.len(), &Costs::new(&graph, with, plan.layers), path)?;
        let (nodes, seed) = (graph.len(), options.seed);
        let Plan { per_node, length, .. } = plan;
        let walks = Walks { nodes, starts: nodes, per_node, length, seed, path };
        let edges = both_ways(&graph);
        let mut found = vec![format!("{nodes} nodes, {edges} edges, {} layers", layers.len())];
        found.push(format!("each node is compared with {beside}"));
        found.push(walks.told());
        found.extend(list.header.map(|line| format!("`{}` is a header", shown(&line))));
        walks
            .sequence((list.names, found), &options, |first, dice| one(&layers, &plan, first, dice))
    })))
}

/// The nodes that each node is compared with, and these in words.
fn compared(graph: &Graph, plan: &Plan, path: &str) -> Result<(Vec<Vec<u32>>, String), Diagnostic> {
    let nodes = graph.len();
    let by_itself = if nodes <= FEW_NODES { nodes } else { 2 * nodes.ilog2() as usize };
    let count = plan.beside.unwrap_or(by_itself);
    // Numbers of nodes, and for each pair a sum of costs in a first few layers.
    memory::room(nodes.saturating_mul(count.min(nodes)).saturating_mul(4 * 8), path)?;
    if count + 1 >= nodes {
        return Ok((rings::everyone(nodes), "all others".into()));
    }
    Ok((rings::closest(graph, count), format!("{count} nodes of the closest degrees, or more")))
}

/// A layer: nodes that are alike up to a ring.
struct Layer {
    graph: Graph,
    /// How likely a walk that leaves the layer at a node goes up.
    up: Vec<f64>,
}

fn layers(nodes: usize, costs: &Costs, path: &str) -> Result<Vec<Layer>, Diagnostic> {
    let pairs: usize = costs.with.iter().map(Vec::len).sum();
    memory::room(pairs.saturating_mul(2 * 8).saturating_mul(costs.layers + 1), path)?;
    let mut list: Vec<Layer> = Vec::new();
    for layer in (0..costs.layers).rev() {
        let above = list.last().map(|above| &above.graph);
        let made = Layer::new(nodes, costs, (layer, above));
        if made.graph.edges() > 0 {
            list.push(made);
        }
    }
    list.reverse();
    Ok(list)
}

impl Layer {
    fn new(nodes: usize, costs: &Costs, (layer, above): (usize, Option<&Graph>)) -> Layer {
        let weight = |cost: f32| f64::from(-cost).exp();
        let count = costs.layer(layer).count().max(1) as f64;
        let mean = costs.layer(layer).map(|(.., cost)| weight(cost)).sum::<f64>() / count;
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); nodes];
        let mut alike = vec![0usize; nodes];
        for (a, b, cost) in costs.layer(layer) {
            for (from, to) in [(a, b), (b, a)] {
                rows.get_mut(from as usize).into_iter().for_each(|row| row.push((to, cost)));
                let above = usize::from(weight(cost) > mean);
                alike.get_mut(from as usize).into_iter().for_each(|n| *n += above);
            }
        }
        for row in &mut rows {
            // Chances are shares: against the cheapest, so that all of them are not 0.
            let least = row.iter().map(|(_, cost)| *cost).fold(f32::INFINITY, f32::min);
            row.iter_mut().for_each(|(_, cost)| *cost = (least - *cost).exp());
        }
        let goes_on = |node: u32| above.is_some_and(|above| !above.near(node).is_empty());
        let up = (0u32..).zip(alike).map(|(node, alike)| match goes_on(node) {
            false => 0.0,
            true if layer == 0 => 1.0,
            true => {
                let weight = (alike as f64 + std::f64::consts::E).ln();
                weight / (weight + 1.0)
            }
        });
        Layer { up: up.collect(), graph: Graph::of_rows(rows) }
    }
}

/// One walk, from the lowest layer.
fn one(layers: &[Layer], plan: &Plan, first: u32, mut dice: Dice) -> Vec<u32> {
    let (mut nodes, mut at, mut level) = (vec![first], first, 0usize);
    while let Some(layer) = layers.get(level).filter(|_| nodes.len() < plan.length) {
        if dice.uniform() >= plan.stay {
            let up = layer.up.get(at as usize).copied().unwrap_or_default();
            level = if dice.uniform() < up { level + 1 } else { level.saturating_sub(1) };
            continue;
        }
        let Some(next) = layer.graph.drawn(at, &mut dice) else { break };
        nodes.push(next);
        at = next;
    }
    nodes
}

#[cfg(test)]
#[path = "structure_tests.rs"]
mod tests;
