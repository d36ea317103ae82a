//! A device for tests: graphs run by the reference interpreter, values kept as f32.

use ndarray::{ArrayD, IxDyn};
use rlc::backend::{Data, Device, Loaded, Tensor, reference};
use rlc::graph::op::Value;
use rlc::graph::{Attrs, DType, Graph, Ty};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Graphs {
    graphs: Vec<Graph>,
    slots: BTreeMap<String, Tensor>,
    outputs: Vec<BTreeMap<String, Tensor>>,
}

impl Graphs {
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
                inputs.insert(name.clone(), ArrayD::zeros(IxDyn(&ty.shape)));
            }
        }
        let slots = self.slots.iter().map(|(name, value)| (name.as_str(), value));
        let all = slots.chain(given.iter().map(|(name, value)| (*name, *value)));
        inputs.extend(all.map(|(name, value)| (name.to_string(), wide(value))));
        inputs
    }
}

fn wide(tensor: &Tensor) -> Value {
    let values = match &tensor.data {
        Data::F32(v) => v.iter().map(|x| f64::from(*x)).collect(),
        Data::I32(v) => v.iter().map(|x| f64::from(*x)).collect(),
    };
    ArrayD::from_shape_vec(IxDyn(&tensor.shape), values).unwrap()
}

fn narrow(value: &Value, dtype: DType) -> Tensor {
    let shape = value.shape().to_vec();
    match dtype {
        DType::I32 => Tensor::i32(shape, value.iter().map(|x| *x as i32).collect()),
        _ => Tensor::f32(shape, value.iter().map(|x| *x as f32).collect()),
    }
}

impl Device for Graphs {
    fn create(&mut self, path: &str, _: &Ty, value: &Tensor) {
        self.slots.insert(path.into(), value.clone());
    }
    fn read(&self, path: &str) -> Tensor {
        self.slots[path].clone()
    }
    fn write(&mut self, path: &str, value: &Tensor) {
        *self.slots.get_mut(path).unwrap() = value.clone();
    }
    fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) {
        let graph_of = &self.graphs[graph.0];
        let results = reference::run(graph_of, &self.inputs(graph_of, inputs));
        let types = graph_of.outputs.iter().map(|(_, id)| graph_of.ty(*id).dtype);
        let mut outputs = BTreeMap::new();
        for ((name, value), dtype) in results.iter().zip(types) {
            let value = narrow(value, dtype);
            let slot = name.strip_prefix("param:").or_else(|| name.strip_prefix("state:"));
            match slot {
                Some(path) => *self.slots.get_mut(path).unwrap() = value,
                None => drop(outputs.insert(name.clone(), value)),
            }
        }
        self.outputs[graph.0] = outputs;
    }
    fn output(&self, graph: Loaded, name: &str) -> Tensor {
        self.outputs[graph.0][name].clone()
    }
    fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String> {
        let graph = &self.graphs[graph.0];
        let values = reference::run_all(graph, &self.inputs(graph, inputs));
        // As f32: what overflows there is fine in f64.
        let bad = |x: &f64| !(*x as f32).is_finite();
        let found = graph.ids().find(|id| values.of(*id).iter().any(bad));
        found.map(|id| graph.node(id).op.name.to_string())
    }
}
