//! The computation graph: vocabulary of every stage right of `model`.
//!
//! A graph is append-only and hash-consed: pushing an equal node returns the old one, and the index
//! order is a topological order. Ops form a closed table ([`op`]); stages look at an op's *kind*.
//! Knows no source text and no back end. The only user of petgraph.

pub mod attrs;
pub mod build;
pub mod dot;
pub mod named;
pub mod op;
pub mod range;
pub mod text;
pub mod ty;
pub mod verify;

pub use attrs::{Attrs, InputRole, NoiseKind};
pub use named::Named;
pub use op::{Kind, Op, OpDef};
pub use ty::{DType, Ty};

use foldhash::HashMap;
use foldhash::fast::FixedState;
use petgraph::graph::{DiGraph, NodeIndex};
use std::hash::BuildHasher;

/// Index of a node; smaller ids never depend on larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// One operation applied to earlier nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The row of the op table.
    pub op: Op,
    /// Operands in order.
    pub args: Vec<NodeId>,
    /// Parameters of the op.
    pub attrs: Attrs,
    /// The inferred type.
    pub ty: Ty,
}

/// A graph with named outputs.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Nodes, and edges from operand to user that carry the operand's position. petgraph returns
    /// incoming edges newest first, so each node keeps its own ordered `args`.
    dag: DiGraph<Node, u32>,
    /// Nodes by their hash; of those that share one, the later stand at the numbers after it. The one
    /// table that is asked for every node: with the standard hash function it takes an eighth of the
    /// compilation of a large model.
    intern: HashMap<u64, NodeId>,
    /// Names of results, in order.
    pub outputs: Vec<(String, NodeId)>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Graph {
        Graph::default()
    }

    /// Appends a node, or returns the equal one. The type is inferred by the op's row.
    ///
    /// # Panics
    /// If the op refuses its operands: whoever builds graphs has checked the user's program before.
    pub fn push(&mut self, op: Op, args: Vec<NodeId>, attrs: Attrs) -> NodeId {
        match self.try_push(op, args, attrs) {
            Ok(id) => id,
            Err(why) => panic!("graph: {why}"),
        }
    }

    /// Appends a node, or returns the equal one; the error says why the op refuses its operands.
    pub fn try_push(&mut self, op: Op, args: Vec<NodeId>, attrs: Attrs) -> Result<NodeId, String> {
        let hash = match self.look_up(op, &args, &attrs) {
            Ok(id) => return Ok(id),
            Err(hash) => hash,
        };
        let types: Vec<&Ty> = args.iter().map(|a| &self.node(*a).ty).collect();
        let ty = op.infer_type(&types, &attrs).map_err(|why| format!("{}: {why}", op.name))?;
        let index = NodeIndex::new(self.dag.node_count());
        let operands: Vec<NodeIndex> = args.iter().map(|a| NodeIndex::new(a.0 as usize)).collect();
        self.dag.add_node(Node { op, args, attrs, ty });
        for (position, operand) in operands.into_iter().enumerate() {
            self.dag.add_edge(operand, index, position as u32);
        }
        let id = NodeId(index.index() as u32);
        self.intern.insert(hash, id);
        Ok(id)
    }

    /// The node of this op with these operands and parameters, if there is one.
    pub fn find(&self, op: Op, args: &[NodeId], attrs: &Attrs) -> Option<NodeId> {
        self.look_up(op, args, attrs).ok()
    }

    /// The node, or the place where it would be.
    fn look_up(&self, op: Op, args: &[NodeId], attrs: &Attrs) -> Result<NodeId, u64> {
        let mut hash = FixedState::default().hash_one((op, args, attrs));
        while let Some(id) = self.intern.get(&hash) {
            let node = self.node(*id);
            if node.op == op && node.args == args && node.attrs == *attrs {
                return Ok(*id);
            }
            hash = hash.wrapping_add(1);
        }
        Err(hash)
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.dag[NodeIndex::new(id.0 as usize)]
    }

    /// Its type.
    pub fn ty(&self, id: NodeId) -> &Ty {
        &self.node(id).ty
    }

    /// Its shape.
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.node(id).ty.shape
    }

    /// Number of nodes, dead ones included.
    pub fn len(&self) -> usize {
        self.dag.node_count()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All ids in topological order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.len() as u32).map(NodeId)
    }

    /// Names a result.
    pub fn output(&mut self, name: impl Into<String>, id: NodeId) {
        self.outputs.push((name.into(), id));
    }

    /// The underlying petgraph, for algorithms.
    pub fn dag(&self) -> &DiGraph<Node, u32> {
        &self.dag
    }
}
