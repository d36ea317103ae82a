//! A job on a device with its data. In: which rows, which step. Out: outputs of graphs. Knows no
//! files and no clock.

use super::data::batches::{Batch, gather};
use super::data::{Dataset, convert, open::Root};
use super::job::{DataSpec, Job, PhaseSpec, zeros};
use crate::backend::{Device, Loaded, Tensor};
use crate::base::{Diagnostic, codes};
use crate::model::ir::Source;
use crate::translate::program::Slot;
use std::collections::BTreeMap;

/// Data sets by name.
pub type Datasets = BTreeMap<String, Dataset>;

/// A job on a device.
pub struct Session<'a> {
    /// What runs.
    pub job: &'a Job,
    /// Where.
    pub device: &'a mut dyn Device,
    /// The job's plans on the device, by number.
    pub loaded: &'a [Loaded],
    /// Its data.
    pub data: &'a Datasets,
    /// The seed of the run.
    pub seed: u32,
}

/// The rows that a step reads: per repetition the rows and the pass they belong to.
pub type Rows<'r> = [(u32, &'r [u32])];

impl<'a> Session<'a> {
    /// Makes every slot and gives it its initial value.
    pub fn initialize(&mut self) {
        for slot in &self.job.slots {
            self.device.create(&slot.path, &slot.ty, &zeros(&slot.ty));
        }
        let inputs = self.scalars(&self.job.init_inputs, 0, 1);
        self.launch(0, &inputs);
    }

    /// Every slot and its value.
    pub fn read_slots(&self) -> Vec<(Slot, Tensor)> {
        self.job.slots.iter().map(|s| (s.clone(), self.device.read(&s.path))).collect()
    }

    /// Overwrites slots.
    pub fn write_slots(&mut self, slots: &[(Slot, Tensor)]) {
        for (slot, value) in slots {
            self.device.write(&slot.path, value);
        }
    }

    /// The inputs of a step.
    pub fn inputs(
        &self,
        phase: &'a PhaseSpec,
        rows: &Rows,
        step: usize,
        total: usize,
    ) -> Vec<(&'a str, Tensor)> {
        let mut inputs = self.scalars(&phase.scalars, step, total);
        for feed in &phase.feeds {
            let (epoch, rows) = rows.get(feed.repetition).copied().unwrap_or_default();
            let column = self.data.get(&feed.data).and_then(|data| data.column(&feed.field));
            let Some(column) = column else {
                panic!("data `{}.{}` was not loaded", feed.data, feed.field);
            };
            let shape: Vec<usize> = [&[rows.len()], &column.shape[..]].concat();
            let value = match gather(column, rows, u64::from(self.seed), epoch) {
                Batch::F32(values) => Tensor::f32(shape, values),
                Batch::I32(values) => Tensor::i32(shape, values),
            };
            inputs.push((&feed.input, value));
        }
        inputs
    }

    fn scalars(&self, names: &'a [String], step: usize, total: usize) -> Vec<(&'a str, Tensor)> {
        let value = |name: &str| match name {
            "seed" => Tensor::i32([], vec![self.seed as i32]),
            "step" => Tensor::i32([], vec![step as i32]),
            _ => Tensor::f32([], vec![total as f32]),
        };
        names.iter().map(|name| (name.as_str(), value(name))).collect()
    }

    /// Runs a plan.
    pub fn launch(&mut self, plan: usize, inputs: &[(&str, Tensor)]) {
        let inputs: Vec<(&str, &Tensor)> = inputs.iter().map(|(n, t)| (*n, t)).collect();
        self.device.run(self.loaded[plan], &inputs);
    }

    /// The first node of a plan that is not finite with these inputs and the slots as they are.
    pub fn first_bad(&mut self, plan: usize, inputs: &[(&str, Tensor)]) -> Option<String> {
        let inputs: Vec<(&str, &Tensor)> = inputs.iter().map(|(n, t)| (*n, t)).collect();
        self.device.first_bad(self.loaded[plan], &inputs)
    }

    /// An output of a plan's last run.
    pub fn output(&self, plan: usize, name: &str) -> Tensor {
        self.device.output(self.loaded[plan], name)
    }

    /// The mean of an output: scalars as they are.
    pub fn mean(&self, plan: usize, name: &str) -> f64 {
        let values = self.output(plan, name).to_f32();
        values.iter().map(|x| f64::from(*x)).sum::<f64>() / values.len().max(1) as f64
    }

    /// The rows of a phase's split; `None` if it reads no data.
    pub fn split(&self, phase: &PhaseSpec) -> Result<Option<&'a [u32]>, Diagnostic> {
        let Some((name, split)) = &phase.on else { return Ok(None) };
        let Some(data) = self.data.get(name) else {
            // Named but never read.
            return Ok(None);
        };
        self.rows(data, split).map(Some)
    }

    /// The rows of a split of a data set.
    pub fn rows(&self, data: &'a Dataset, split: &str) -> Result<&'a [u32], Diagnostic> {
        data.split(split).ok_or_else(|| {
            let names: Vec<&str> = data.splits.iter().map(|(name, _)| name.as_str()).collect();
            let text = format!("data set `{}` has no split `{split}`", data.name);
            Diagnostic::new(codes::RL2068, text).note(format!("it has {}", names.join(", ")))
        })
    }
}

/// Loads the data that some phases read. `replaced` holds what the user put in the place of a
/// file's source; such paths may lie anywhere, those of the file only in its folder.
pub fn load_data(
    job: &Job,
    phases: &[&PhaseSpec],
    replaced: &BTreeMap<String, Source>,
    folder: &std::path::Path,
) -> Result<Datasets, Diagnostic> {
    let mut sets = Datasets::new();
    for spec in &job.data {
        if !phases.iter().any(|phase| phase.needs(&spec.name)) {
            continue;
        }
        sets.insert(spec.name.clone(), load_one(spec, replaced.get(&spec.name), folder)?);
    }
    Ok(sets)
}

fn load_one(
    spec: &DataSpec,
    new: Option<&Source>,
    folder: &std::path::Path,
) -> Result<Dataset, Diagnostic> {
    let root = Root { folder: folder.into(), may_leave: false };
    let here = Root { folder: ".".into(), may_leave: true };
    match (new, &spec.source) {
        (Some(new), own) => {
            let source = super::data::source::replace(own.as_ref(), new);
            convert::load(&spec.name, &source, &here, &spec.fields)
        }
        (None, Some(own)) => convert::load(&spec.name, own, &root, &spec.fields),
        (None, None) => {
            let text = format!("data set `{}` has no source", spec.name);
            let help = format!("for example `--data {}=npz:file.npz`", spec.name);
            Err(Diagnostic::new(codes::RL2067, text).help(help))
        }
    }
}
