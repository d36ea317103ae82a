//! Executors. In: plans (or, for the oracle, graphs) and values. Out: values. Knows no model.
//!
//! A [`Device`] owns the slots of a program (weights and states) and runs loaded graphs on them:
//! outputs called `param:PATH` and `state:PATH` replace the slot of that path, in place where the
//! plan allows; every other output can be read until the next run.

#[cfg(test)]
mod cases;
pub mod cpu;
#[cfg(test)]
mod edges;
pub mod export;
pub mod oracle;
pub mod reference;
#[cfg(feature = "gpu")]
pub mod wgpu;
pub mod wgsl;

use crate::graph::Ty;
use crate::plan::{Bill, Plan, Work, cost};

/// Steps that a graphics device is given at once, and submits together, at most.
pub const AHEAD: usize = 64;

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
    /// Reals of the reference device.
    F64(Vec<f64>),
    /// Integers.
    I32(Vec<i32>),
}

impl Tensor {
    /// A tensor of reals.
    pub fn f32(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Tensor {
        Tensor { shape: shape.into(), data: Data::F32(data) }
    }
    /// A tensor of reals in f64.
    pub fn f64(shape: impl Into<Vec<usize>>, data: Vec<f64>) -> Tensor {
        Tensor { shape: shape.into(), data: Data::F64(data) }
    }
    /// A tensor of integers.
    pub fn i32(shape: impl Into<Vec<usize>>, data: Vec<i32>) -> Tensor {
        Tensor { shape: shape.into(), data: Data::I32(data) }
    }
    /// The reals; integers are converted.
    pub fn to_f32(&self) -> Vec<f32> {
        match &self.data {
            Data::F32(v) => v.clone(),
            Data::F64(v) => v.iter().map(|x| *x as f32).collect(),
            Data::I32(v) => v.iter().map(|x| *x as f32).collect(),
        }
    }
    /// The elements as they are, in f64.
    pub fn to_f64(&self) -> Vec<f64> {
        match &self.data {
            Data::F32(v) => v.iter().map(|x| f64::from(*x)).collect(),
            Data::F64(v) => v.clone(),
            Data::I32(v) => v.iter().map(|x| f64::from(*x)).collect(),
        }
    }
    /// Number of elements.
    pub fn count(&self) -> usize {
        match &self.data {
            Data::F32(v) => v.len(),
            Data::F64(v) => v.len(),
            Data::I32(v) => v.len(),
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

/// Seconds of each kernel of a plan, with what the bill says of it.
fn spent(plan: &Plan, calls: u64, seconds: &[f64]) -> Vec<Spent> {
    let rows = plan.kernels.iter().zip(seconds).map(|(kernel, seconds)| Spent {
        label: kernel.label.clone(),
        kind: match kernel.work {
            Work::Loop(_) => "loop",
            Work::Gemm(_) => "product",
            Work::Conv(_) => "convolution",
            Work::Index(_) => "index",
            Work::Scan(_) => "scan",
        },
        calls,
        seconds: *seconds,
        cost: cost(plan, &kernel.work),
    });
    rows.collect()
}

/// What an input of one step is.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A value.
    Value(Tensor),
    /// Rows of a table that the device keeps: its key, and their numbers.
    Rows(String, Vec<u32>),
}

impl Given {
    /// The value.
    ///
    /// # Panics
    /// If it stands for rows of a table: only the device that keeps the table can tell.
    pub fn value(&self) -> &Tensor {
        match self {
            Given::Value(tensor) => tensor,
            Given::Rows(key, _) => panic!("table {key} is not kept here"),
        }
    }
}

/// The inputs of one step by name.
pub type Feed<'a> = Vec<(&'a str, Given)>;

/// Why a device cannot go on. Whatever it has computed since its last answer is lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// There is no such device.
    None(String),
    /// It has no memory left.
    Memory(String),
    /// It is gone.
    Lost(String),
}

/// The mean of a tensor's elements.
pub fn mean(tensor: &Tensor) -> f64 {
    let values = tensor.to_f64();
    values.iter().sum::<f64>() / values.len().max(1) as f64
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
    /// Keeps a table whose rows later steps read; `false` if the caller has to hand rows over itself.
    fn keep(&mut self, _key: &str, _table: &Tensor) -> bool {
        false
    }
    /// How many steps it likes to be given at once.
    fn ahead(&self) -> usize {
        1
    }
    /// Runs a graph once per feed, one after the other. For each run the means of some outputs.
    fn run_steps(&mut self, graph: Loaded, feeds: &[Feed], tracks: &[String]) -> Vec<Vec<f64>> {
        let one = |feed: &Feed| {
            let inputs: Vec<(&str, &Tensor)> =
                feed.iter().map(|(name, given)| (*name, given.value())).collect();
            self.run(graph, &inputs);
            tracks.iter().map(|name| mean(&self.output(graph, name))).collect()
        };
        feeds.iter().map(one).collect()
    }
    /// Why it cannot go on, if so. From then on it computes nothing, and values read from it are zero.
    fn fault(&self) -> Option<Fault> {
        None
    }
    /// What it has compiled, to be handed back to it another time, and a key for it.
    fn compiled(&self) -> Option<(String, Vec<u8>)> {
        None
    }
    /// Measures the time of every kernel from now on, by a clock that tells seconds. A device that
    /// cannot does nothing.
    fn measure(&mut self, _now: fn() -> f64) {}
    /// What the kernels of a graph have cost, in their order; empty where nothing is measured.
    fn spent(&self, _graph: Loaded) -> Vec<Spent> {
        Vec::new()
    }
}
