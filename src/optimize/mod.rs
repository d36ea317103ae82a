//! The list of graph passes and their runner. In: a graph. Out: an equal graph that costs less.
//! Knows no model, and neither differentiates nor fuses.

pub mod kept;
pub mod loops;
pub mod multiply;
pub mod product;
pub mod rows;
pub mod rules;
pub mod sums;
pub mod sweep;
pub mod turned;

use crate::graph::attrs::Scan;
use crate::graph::op::index::EYE;
use crate::graph::verify::verify;
use crate::graph::{Attrs, Graph, Kind, NodeId};
use std::sync::Arc;

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

fn hoist(graph: &Graph) -> Graph {
    contractions(&loops::loops(graph))
}

fn keep(graph: &Graph) -> Graph {
    tidied(graph, kept::kept(graph))
}

fn add_up(graph: &Graph) -> Graph {
    tidied(graph, sums::sums(graph))
}

/// Drops what a change of loops has left behind, if there was one: then a loop carries, reads or gives
/// something else.
fn tidied(before: &Graph, after: Graph) -> Graph {
    if signatures(before) == signatures(&after) { after } else { hoist(&after) }
}

/// How many carries, sequences and results each loop has, inner loops included.
fn signatures(graph: &Graph) -> Vec<[usize; 3]> {
    let mut found = Vec::new();
    for id in graph.ids() {
        if let Attrs::Scan(scan) = &graph.node(id).attrs {
            found.push([scan.carries, scan.sequences, scan.body.outputs.len()]);
            found.extend(signatures(&scan.body));
        }
    }
    found
}

/// Sweeps with products, then keeps what takes less work.
fn jacobians(graph: &Graph) -> Graph {
    let mut made = graph.clone();
    if graph.ids().any(|id| graph.node(id).op == &EYE) {
        made = contractions(&each(&made, &|g, id, single, _| {
            let masked = product::masks_as_products(g, id);
            masked.or_else(|| product::resolve(g, id, single))
        }));
    }
    // First the outermost products, which may swallow the inner ones, then whatever is left.
    made = contractions(&each(&made, &|g, id, single, inner| {
        if inner { None } else { product::restructure(g, id, single) }
    }));
    made = contractions(&each(&made, &|g, id, single, _| product::restructure(g, id, single)));
    if work(&made) < work(graph) { made } else { graph.clone() }
}

/// A change of a node: is told which nodes have a single reader, and whether this one is read by
/// products only.
type Change<'a> = &'a dyn Fn(&mut Graph, NodeId, &dyn Fn(NodeId) -> bool, bool) -> Option<NodeId>;

/// Offers every node, loops' bodies included.
fn each(graph: &Graph, change: Change) -> Graph {
    let live = sweep::live(graph);
    let mut inner = vec![true; graph.len()];
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        if !product::is_product(graph, id) {
            graph.node(id).args.iter().for_each(|a| inner[a.0 as usize] = false);
        }
    }
    graph.outputs.iter().for_each(|(_, id)| inner[id.0 as usize] = false);
    sweep::rebuild(graph, |out, old, node, uses| {
        let mut attrs = node.attrs.clone();
        if let Attrs::Scan(scan) = &attrs {
            let body = each(&scan.body, change);
            attrs = Attrs::Scan(Arc::new(Scan { body, ..(**scan).clone() }));
        }
        let id = out.push(node.op, node.args.clone(), attrs);
        let single = |id: NodeId| uses.get(id.0 as usize).is_none_or(|n| *n <= 1);
        change(out, id, &single, inner[old.0 as usize]).unwrap_or(id)
    })
}

/// Scalar operations that a graph takes, roughly.
fn work(graph: &Graph) -> f64 {
    let live = sweep::live(graph);
    let of = |id: NodeId| {
        let node = graph.node(id);
        let size = node.ty.len() as f64;
        let input = node.args.first().map_or(0.0, |a| graph.ty(*a).len() as f64);
        match (&node.attrs, node.op.kind) {
            (Attrs::Scan(scan), _) => work(&scan.body) * scan.length as f64,
            (Attrs::Contract(spec), _) => {
                let summed = spec.lhs.iter().zip(graph.shape(node.args[0]));
                let summed = summed.filter(|(l, _)| !spec.out.contains(l));
                2.0 * size * summed.map(|(_, n)| *n as f64).product::<f64>()
            }
            (_, Kind::Reduce) => input,
            (_, Kind::View | Kind::Control) => 0.0,
            _ => size,
        }
    };
    graph.ids().filter(|id| live[id.0 as usize]).map(of).sum()
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
    Pass {
        name: "jacobian-structure",
        doc: "Identity matrices and outer products are resolved, so that no Jacobian is computed \
              that only its norm or a product with it needs.",
        run: jacobians,
    },
    Pass {
        name: "loops",
        doc: "What a loop computes for nobody is dropped; what it computes alike each time moves out.",
        run: hoist,
    },
    Pass {
        name: "kept",
        doc: "Products that a loop makes and a backward loop makes again are kept.",
        run: keep,
    },
    Pass {
        name: "sums",
        doc: "Products that a loop adds up become one product behind it: slopes of its weights.",
        run: add_up,
    },
    Pass {
        name: "turned",
        doc: "Weights that a loop would read across their rows are turned before it. After all passes \
              that make a transpose into labels again.",
        run: turned::turned,
    },
    Pass {
        name: "rows",
        doc: "A new value of a table that differs from the old one in few rows is made of those rows.",
        run: rows::rows,
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
