//! A device over the reference interpreter: runs graphs, not plans, in f64, one node at a time. In:
//! graphs and values. Out: values in f64. Nothing is rounded between runs, and a checkpoint holds all
//! bits, so that a run can be continued exactly.

use super::{Device, Loaded, Tensor, reference};
use crate::graph::op::Value;
use crate::graph::{Attrs, DType, Graph, Named, Ty, text};
use ndarray::IxDyn;
use std::collections::BTreeMap;

/// The device.
#[derive(Default)]
pub struct Oracle {
    graphs: Vec<Graph>,
    slots: BTreeMap<String, (DType, Value)>,
    outputs: Vec<BTreeMap<String, (DType, Value)>>,
}

impl Oracle {
    /// A device without graphs.
    pub fn new() -> Oracle {
        Oracle::default()
    }

    /// Takes a graph without derivative nodes.
    pub fn load(&mut self, graph: &Graph) -> Loaded {
        self.graphs.push(graph.clone());
        self.outputs.push(BTreeMap::new());
        Loaded(self.graphs.len() - 1)
    }

    /// Inputs that no output depends on are not given; the interpreter wants them all.
    fn inputs(&self, graph: &Graph, given: &[(&str, &Tensor)]) -> BTreeMap<String, Value> {
        let mut inputs = BTreeMap::new();
        for id in graph.ids() {
            if let Attrs::Input { name, ty, .. } = &graph.node(id).attrs {
                inputs.insert(name.clone(), Value::zeros(IxDyn(&ty.shape)));
            }
        }
        let slots = self.slots.iter();
        inputs.extend(slots.map(|(name, (_, value))| (format!("slot:{name}"), value.clone())));
        inputs.extend(given.iter().map(|(name, value)| (name.to_string(), wide(value))));
        inputs
    }
}

fn wide(tensor: &Tensor) -> Value {
    match Value::from_shape_vec(IxDyn(&tensor.shape), tensor.to_f64()) {
        Ok(value) => value,
        Err(why) => panic!("a tensor of shape {:?}: {why}", tensor.shape),
    }
}

fn tensor((dtype, value): &(DType, Value)) -> Tensor {
    let shape = value.shape().to_vec();
    match dtype {
        DType::I32 => Tensor::i32(shape, value.iter().map(|x| *x as i32).collect()),
        _ => Tensor::f64(shape, value.iter().copied().collect()),
    }
}

impl Device for Oracle {
    fn create(&mut self, path: &str, ty: &Ty, value: &Tensor) {
        self.slots.insert(path.into(), (ty.dtype, wide(value)));
    }
    fn read(&self, path: &str) -> Tensor {
        tensor(&self.slots[path])
    }
    fn write(&mut self, path: &str, value: &Tensor) {
        match self.slots.get_mut(path) {
            Some(slot) => slot.1 = wide(value),
            None => panic!("there is no slot `{path}`"),
        }
    }
    fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) {
        let graph_of = &self.graphs[graph.0];
        let results = reference::run(graph_of, &self.inputs(graph_of, inputs));
        let types = graph_of.outputs.iter().map(|(_, id)| graph_of.ty(*id).dtype);
        let mut outputs = BTreeMap::new();
        for ((name, value), dtype) in results.into_iter().zip(types) {
            match Named::slot(&name) {
                Some(path) => self.slots.insert(path.into(), (dtype, value)),
                None => outputs.insert(name, (dtype, value)),
            };
        }
        self.outputs[graph.0] = outputs;
    }
    fn output(&self, graph: Loaded, name: &str) -> Tensor {
        tensor(&self.outputs[graph.0][name])
    }
    fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String> {
        let graph = &self.graphs[graph.0];
        let values = reference::run_all(graph, &self.inputs(graph, inputs));
        // As f32: what overflows there may be fine in f64.
        let bad = |x: &f64| !(*x as f32).is_finite();
        let found = graph.ids().find(|id| values.of(*id).iter().any(bad));
        found.map(|id| text::print_node(graph, id))
    }
}
