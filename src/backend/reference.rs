//! The oracle: runs a graph, not a plan, in f64, one node at a time, by the meaning in each op's
//! row. In: a graph and its inputs. Out: its outputs. Slow and obvious; saves no memory.

use crate::graph::attrs::Scan;
use crate::graph::op::Value;
use crate::graph::{Attrs, Graph, InputRole, Node, NodeId};
use ndarray::{Axis, IxDyn};
use std::collections::BTreeMap;

/// Runs a graph. `inputs` holds every input by name; integers and truth values are held as reals. A
/// weight or state may also be called `slot:NAME`, which wins: `step` may be both a weight and the
/// number of the step.
///
/// # Panics
/// If an input is missing or has another shape than the graph says: a mistake of the caller.
pub fn run(graph: &Graph, inputs: &BTreeMap<String, Value>) -> Vec<(String, Value)> {
    run_watched(graph, inputs, &mut |_, _, _| ())
}

/// Sees a node, its operands and its value.
type Watch<'w> = dyn FnMut(&Node, &[&Value], &mut Value) + 'w;

/// Runs a graph; `watch` sees the operands of each node, and may change its value before others read
/// it, of a loop's body in every turn. What noise of the size of rounding does to results is measured so.
///
/// # Panics
/// As [`run`].
pub fn run_watched(
    graph: &Graph,
    inputs: &BTreeMap<String, Value>,
    watch: &mut Watch<'_>,
) -> Vec<(String, Value)> {
    let values = evaluate(graph, inputs, watch);
    let output = |(name, id): &(String, NodeId)| (name.clone(), values.of(*id).clone());
    graph.outputs.iter().map(output).collect()
}

/// Bytes that a run takes: every value of every node is kept, of a loop's body those of one turn.
pub fn bytes(graph: &Graph) -> usize {
    let of = |id: NodeId| {
        let own = graph.ty(id).len().saturating_mul(size_of::<f64>());
        match &graph.node(id).attrs {
            Attrs::Scan(scan) => own.saturating_add(bytes(&scan.body)),
            _ => own,
        }
    };
    graph.ids().map(of).fold(0, usize::saturating_add)
}

/// The values of all nodes.
pub fn run_all(graph: &Graph, inputs: &BTreeMap<String, Value>) -> Values {
    evaluate(graph, inputs, &mut |_, _, _| ())
}

fn evaluate(graph: &Graph, inputs: &BTreeMap<String, Value>, watch: &mut Watch<'_>) -> Values {
    let mut values = Values { whole: Vec::with_capacity(graph.len()), parts: BTreeMap::new() };
    for id in graph.ids() {
        let node = graph.node(id);
        let mut value = match &node.attrs {
            Attrs::Input { name, role, .. } => input(node, name, *role, inputs),
            Attrs::Const(real, _) => Value::from_elem(IxDyn(&[]), real.0),
            Attrs::Scan(scan) => {
                let args: Vec<&Value> = node.args.iter().map(|a| values.of(*a)).collect();
                let results = run_scan(scan, &args, watch);
                values.parts.insert(id, results);
                Value::zeros(IxDyn(&[]))
            }
            Attrs::Result { index, .. } => values.parts[&node.args[0]][*index].clone(),
            _ => apply(node, &node.args.iter().map(|a| values.of(*a)).collect::<Vec<_>>()),
        };
        assert_eq!(value.shape(), node.ty.shape, "the value of {:?} has another shape", node.op);
        let args: Vec<&Value> = node.args.iter().map(|a| values.of(*a)).collect();
        watch(node, &args, &mut value);
        values.whole.push(value);
    }
    values
}

/// The values of a graph's nodes.
pub struct Values {
    whole: Vec<Value>,
    /// Results of loops.
    parts: BTreeMap<NodeId, Vec<Value>>,
}

impl Values {
    /// The value of a node; of a loop, a zero.
    pub fn of(&self, id: NodeId) -> &Value {
        &self.whole[id.0 as usize]
    }
}

fn input(node: &Node, name: &str, role: InputRole, inputs: &BTreeMap<String, Value>) -> Value {
    let slot = matches!(role, InputRole::Param | InputRole::State);
    let own = slot.then(|| inputs.get(&format!("slot:{name}"))).flatten();
    let Some(value) = own.or_else(|| inputs.get(name)) else { panic!("input `{name}` is missing") };
    assert_eq!(value.shape(), node.ty.shape, "input `{name}`");
    value.clone()
}

/// One op applied to values.
pub fn apply(node: &Node, args: &[&Value]) -> Value {
    match node.op.value(args, &node.attrs, &node.ty) {
        Some(value) => value,
        None => panic!("{:?} has no value of its own", node.op),
    }
}

/// Final carries, then stacked values.
fn run_scan(scan: &Scan, args: &[&Value], watch: &mut Watch<'_>) -> Vec<Value> {
    let (carries, rest) = args.split_at(scan.carries);
    let (sequences, constants) = rest.split_at(scan.sequences);
    let mut state: Vec<Value> = carries.iter().map(|c| (*c).clone()).collect();
    let mut rows: Vec<Vec<Value>> = vec![Vec::new(); scan.body.outputs.len() - scan.carries];
    let mut inputs = BTreeMap::new();
    for (i, k) in constants.iter().enumerate() {
        inputs.insert(format!("k{i}"), (*k).clone());
    }
    for turn in 0..scan.length {
        let t = if scan.reverse { scan.length - 1 - turn } else { turn };
        inputs.insert("t".to_string(), Value::from_elem(IxDyn(&[]), t as f64));
        for (i, c) in state.iter().enumerate() {
            inputs.insert(format!("c{i}"), c.clone());
        }
        for (i, x) in sequences.iter().enumerate() {
            inputs.insert(format!("x{i}"), x.index_axis(Axis(0), t).to_owned());
        }
        let results = run_watched(&scan.body, &inputs, watch);
        for (i, (_, value)) in results.into_iter().enumerate() {
            match i.checked_sub(scan.carries) {
                None => state[i] = value,
                Some(stacked) => rows[stacked].push(value),
            }
        }
    }
    let types = crate::graph::op::control::scan_results(scan);
    let stacked = rows.into_iter().zip(&types[scan.carries..]).map(|(mut rows, ty)| {
        if scan.reverse {
            rows.reverse();
        }
        let flat = rows.iter().flat_map(|row| row.iter().copied()).collect();
        Value::from_shape_vec(IxDyn(&ty.shape), flat).expect("as many elements")
    });
    state.into_iter().chain(stacked).collect()
}
