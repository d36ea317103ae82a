//! The list of graph passes and their runner. In: a graph. Out: an equal graph that costs less.
//! Knows no model, and neither differentiates nor fuses.

pub mod rules;
pub mod sweep;

use crate::graph::verify::verify;
use crate::graph::{Attrs, Graph};

/// A pass: a pure function with a name and a reason for its place.
pub struct Pass {
    /// Its name, for `--emit pass:NAME`.
    pub name: &'static str,
    /// What it does and why it stands where it stands.
    pub doc: &'static str,
    /// The graph after it.
    pub run: fn(&Graph) -> Graph,
}

/// Sweeps that a table gets to reach a fixed point.
const ROUNDS: usize = 8;

fn rebuild(graph: &Graph) -> Graph {
    sweep::saturate(graph, &[rules::fold::RULES], ROUNDS)
}

fn stabilize(graph: &Graph) -> Graph {
    sweep::saturate(graph, &[rules::fold::RULES, rules::stable::RULES], ROUNDS)
}

fn simplify(graph: &Graph) -> Graph {
    let tables = [rules::fold::RULES, rules::arith::RULES, rules::view::RULES];
    sweep::saturate(graph, &tables, ROUNDS)
}

fn contractions(graph: &Graph) -> Graph {
    let tables =
        [rules::fold::RULES, rules::arith::RULES, rules::view::RULES, rules::contract::RULES];
    sweep::saturate(graph, &tables, ROUNDS)
}

/// Before derivatives are taken.
pub const BEFORE: &[Pass] = &[
    Pass {
        name: "rebuild",
        doc: "Merges equal nodes, drops dead ones, computes literals.",
        run: rebuild,
    },
    Pass {
        name: "stabilize",
        doc: "Formulas that lose digits become stable ones, and so do their derivatives.",
        run: stabilize,
    },
];

/// After derivatives are expanded.
pub const AFTER: &[Pass] = &[
    Pass {
        name: "simplify",
        doc: "Arithmetic and views: the zeros, ones and repeats that derivatives bring.",
        run: simplify,
    },
    Pass {
        name: "contractions",
        doc: "Transposes and repeats become labels, so that X^T G and G W^T reach the same kernels.",
        run: contractions,
    },
];

/// The graph before derivatives are taken: merged and stable.
pub fn before(graph: &Graph) -> Graph {
    run_named(graph, BEFORE, None).0
}

/// The graph after derivatives are expanded, ready to be planned.
pub fn after(graph: &Graph) -> Graph {
    run_named(graph, AFTER, None).0
}

/// Runs passes in order, up to and including the one called `until`; also returns how many live
/// nodes there were after each. In debug builds every result is verified.
pub fn run_named(
    graph: &Graph,
    passes: &[Pass],
    until: Option<&str>,
) -> (Graph, Vec<(&'static str, usize)>) {
    let mut graph = graph.clone();
    let mut counts = Vec::new();
    for pass in passes {
        graph = (pass.run)(&graph);
        if cfg!(debug_assertions)
            && let Err(why) = verify(&graph)
        {
            panic!("after pass {}: {why}", pass.name);
        }
        counts.push((pass.name, count(&graph)));
        if until == Some(pass.name) {
            break;
        }
    }
    (graph, counts)
}

/// Number of live nodes, loops' bodies included.
pub fn count(graph: &Graph) -> usize {
    let live = sweep::live(graph);
    let nodes = graph.ids().filter(|id| live[id.0 as usize]);
    let inner = |id| match &graph.node(id).attrs {
        Attrs::Scan(scan) => 1 + count(&scan.body),
        _ => 1,
    };
    nodes.map(inner).sum()
}
