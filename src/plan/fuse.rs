//! Which nodes live in memory. In: a graph. Out: one flag per node; nodes without it are computed
//! where they are used.

use crate::graph::op::is;
use crate::graph::{Graph, Kind, NodeId};

/// Longest chain of nodes computed inside their user.
const DEPTH: usize = 48;
/// What may be computed twice rather than stored, in units of one addition.
const CHEAP: usize = 2;

/// Whether a node only renames places.
pub fn is_view(g: &Graph, id: NodeId) -> bool {
    let node = g.node(id);
    node.op.kind == Kind::View && !matches!(node.op.name, is::PAD | is::CONCAT)
}

/// Whether a node can be computed at any point of an index space.
pub fn is_pointwise(g: &Graph, id: NodeId) -> bool {
    let node = g.node(id);
    match node.op.kind {
        Kind::Map | Kind::Random => true,
        _ => is_view(g, id) || matches!(node.op.name, is::CONST | is::IOTA | is::EYE),
    }
}

/// The cost of one element of a node by itself.
fn price(g: &Graph, id: NodeId) -> usize {
    if is_view(g, id) { 0 } else { g.node(id).op.price }
}

/// The first choice; more nodes are added where planning shows that they must be.
pub fn choose(g: &Graph) -> Vec<bool> {
    let n = g.len();
    let uses = uses(g);
    let mut stored = vec![false; n];
    let mut cost = vec![0; n];
    let mut depth = vec![0; n];
    for id in g.ids() {
        let i = id.0 as usize;
        let node = g.node(id);
        if !is_pointwise(g, id) {
            stored[i] = true;
            continue;
        }
        let args = || node.args.iter().map(|a| a.0 as usize);
        cost[i] = price(g, id) + args().map(|a| cost[a]).sum::<usize>();
        depth[i] = 1 + args().map(|a| depth[a]).max().unwrap_or(0);
        if node.op.name == is::BROADCAST {
            let repeated = g.ty(id).len() > g.ty(node.args[0]).len();
            let source = root(g, node.args[0]);
            if repeated && cost[source.0 as usize] > 1 {
                stored[source.0 as usize] = true;
                cost[i] = 0;
                depth[i] = 0;
            }
        }
        let twice = uses[i] > 1 && cost[i] > CHEAP && !is_view(g, id);
        if twice || depth[i] > DEPTH {
            stored[i] = true;
        }
        if stored[i] {
            cost[i] = 0;
            depth[i] = 0;
        }
    }
    stored
}

/// The node behind views.
fn root(g: &Graph, mut id: NodeId) -> NodeId {
    while is_view(g, id) {
        id = g.node(id).args[0];
    }
    id
}

/// Number of users of each node, views looked through; an output counts as one.
fn uses(g: &Graph) -> Vec<usize> {
    let mut uses = vec![0; g.len()];
    for (_, id) in &g.outputs {
        uses[id.0 as usize] += 1;
    }
    for id in g.ids().rev() {
        let times = if is_view(g, id) { uses[id.0 as usize] } else { 1 };
        for arg in &g.node(id).args {
            uses[arg.0 as usize] += times;
        }
    }
    uses
}
