//! Executors. In: plans (or, for the oracle, graphs) and values. Out: values. Knows no model.
//!
//! A [`Device`] owns the slots of a program (weights and states) and runs loaded graphs on them:
//! outputs called `param:PATH` and `state:PATH` replace the slot of that path, in place where the
//! plan allows; every other output can be read until the next run.

pub mod cpu;
pub mod dense;
pub mod oracle;
pub mod reference;

use crate::graph::Ty;
use crate::plan::Bill;

/// A value on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The dims; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements in row-major order.
    pub data: Data,
}

/// Elements of a [`Tensor`].
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Reals; truth values are 0 and 1.
    F32(Vec<f32>),
    /// Integers.
    I32(Vec<i32>),
}

impl Tensor {
    /// A tensor of reals.
    pub fn f32(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Tensor {
        Tensor { shape: shape.into(), data: Data::F32(data) }
    }
    /// A tensor of integers.
    pub fn i32(shape: impl Into<Vec<usize>>, data: Vec<i32>) -> Tensor {
        Tensor { shape: shape.into(), data: Data::I32(data) }
    }
    /// The reals; integers are converted.
    pub fn to_f32(&self) -> Vec<f32> {
        match &self.data {
            Data::F32(v) => v.clone(),
            Data::I32(v) => v.iter().map(|x| *x as f32).collect(),
        }
    }
}

/// A loaded graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded(pub usize);

/// What a kernel has cost since measuring began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    /// What it computes.
    pub label: String,
    /// What kind of kernel it is: `loop`, `product`, `convolution`, `index` or `scan`.
    pub kind: &'static str,
    /// How often it has run.
    pub calls: u64,
    /// Seconds of all calls.
    pub seconds: f64,
    /// What one call should cost.
    pub cost: Bill,
}

/// What every executor can do. Names that do not exist are a mistake of the caller: a panic.
pub trait Device {
    /// Makes a slot with this value.
    fn create(&mut self, path: &str, ty: &Ty, value: &Tensor);
    /// Reads a slot.
    fn read(&self, path: &str) -> Tensor;
    /// Overwrites a slot.
    fn write(&mut self, path: &str, value: &Tensor);
    /// Runs a loaded graph. `inputs` are all inputs that are not slots, by name.
    fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]);
    /// An output of the last run of this graph.
    fn output(&self, graph: Loaded, name: &str) -> Tensor;
    /// Runs it once more with every intermediate value looked at: the first node that is not finite
    /// (text of the node), if any. Slots are left as they are.
    fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String>;
    /// Measures the time of every kernel from now on, by a clock that tells seconds. A device that
    /// cannot does nothing.
    fn measure(&mut self, _now: fn() -> f64) {}
    /// What the kernels of a graph have cost, in their order; empty where nothing is measured.
    fn spent(&self, _graph: Loaded) -> Vec<Spent> {
        Vec::new()
    }
}
