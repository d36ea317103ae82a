//! A job on a device with its data. In: which rows, which step. Out: outputs of graphs. Knows no
//! files and no clock.

use super::data::batches::{Batch, gather};
use super::data::rows::Rows;
use super::data::{Dataset, Values, convert, facts, kept::Kept, open::Root, source};
use super::job::{DataSpec, Job, PhaseSpec, zeros};
use crate::backend::{Data, Device, Fault, Feed, Given, Loaded, Tensor, mean};
use crate::base::{Diagnostic, Diagnostics, codes};
use crate::model::ir::{self, Source};
use crate::translate::program::{self, Slot};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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
    /// How fields of the data were read, by this run or by the one of the weights.
    pub read_as: &'a [Kept],
    /// Fields that the device keeps, as `data.field`.
    pub kept: BTreeSet<String>,
}

/// The rows of one batch of a data set, and the pass they belong to.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The data set.
    pub data: String,
    /// Which batch of the step: 0 unless inside of `repeat`.
    pub repetition: usize,
    /// The pass over that data set.
    pub epoch: u32,
    /// The rows.
    pub rows: Vec<u32>,
}

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

    /// Hands the data that a phase reads to the device, if it keeps them. Bits that are drawn afresh
    /// in every pass stay here, and so do sequences, whose windows are no rows of a table.
    pub fn keep(&mut self, phase: &PhaseSpec) {
        for feed in phase.feeds.iter().filter(|feed| feed.all.is_none()) {
            let key = format!("{}.{}", feed.data, feed.field);
            let column = self.data.get(&feed.data).and_then(|data| data.column(&feed.field));
            let Some(column) = column.filter(|_| !self.kept.contains(&key)) else { continue };
            let table = match &column.values {
                Values::F32(values) => Data::F32(values.clone()),
                Values::I32(values) => Data::I32(values.clone()),
                Values::Chance(_) | Values::Made(_) => continue,
            };
            let mut table = Tensor { shape: vec![], data: table };
            let rows = table.count() / column.width().max(1);
            table.shape = [&[rows], &column.shape[..]].concat();
            if self.device.ahead() > 1 && self.device.keep(&key, &table) {
                self.kept.insert(key);
            }
        }
    }

    /// What a step is given: rows that the device keeps by their numbers.
    pub fn feed(&self, phase: &'a PhaseSpec, all: &[Drawn], step: usize, total: usize) -> Feed<'a> {
        let scalars = self.scalars(&phase.scalars, step, total);
        let mut feed: Feed = scalars.into_iter().map(|(n, t)| (n, Given::Value(t))).collect();
        for one in &phase.feeds {
            let (epoch, rows) = self.rows_of(all, one);
            let key = format!("{}.{}", one.data, one.field);
            let given = if one.all.is_none() && self.kept.contains(&key) {
                Given::Rows(key, rows.to_vec())
            } else {
                Given::Value(self.batch(one, &rows, epoch))
            };
            feed.push((&one.input, given));
        }
        feed
    }

    /// The pass and the rows that an input reads.
    fn rows_of<'r>(&self, all: &'r [Drawn], feed: &program::Feed) -> (u32, Cow<'r, [u32]>) {
        if let Some(split) = &feed.split {
            let rows = self.data.get(&feed.data).and_then(|data| data.split(split));
            return (0, rows.map(|rows| rows.iter().collect()).unwrap_or_default());
        }
        if let Some(rows) = feed.all {
            return (0, (0..rows as u32).collect());
        }
        let found = all.iter().find(|d| d.data == feed.data && d.repetition == feed.repetition);
        found.map_or((0, Cow::Borrowed(&[])), |d| (d.epoch, Cow::Borrowed(&d.rows)))
    }

    fn batch(&self, feed: &program::Feed, rows: &[u32], epoch: u32) -> Tensor {
        let column = self.data.get(&feed.data).and_then(|data| data.column(&feed.field));
        let Some(column) = column else {
            panic!("data `{}.{}` was not loaded", feed.data, feed.field);
        };
        let shape: Vec<usize> = [&[rows.len()], &column.shape[..]].concat();
        match gather(column, rows, u64::from(self.seed), epoch) {
            Batch::F32(values) => Tensor::f32(shape, values),
            Batch::I32(values) => Tensor::i32(shape, values),
        }
    }

    /// Why the device or the data cannot go on, if so.
    pub fn healthy(&self) -> Result<(), Diagnostic> {
        if let Some(changed) = self.data.values().find_map(Dataset::changed) {
            return Err(changed);
        }
        let (code, text) = match self.device.fault() {
            None => return Ok(()),
            Some(Fault::None(why)) => (codes::RL5001, why),
            Some(Fault::Memory(why)) => {
                (codes::RL5004, format!("the graphics device has no memory left: {why}"))
            }
            Some(Fault::Lost(why)) => {
                (codes::RL5005, format!("the graphics device was lost: {why}"))
            }
        };
        let help = "the last checkpoint is kept; go on with `--resume`, or on the processor with \
                    `--resume --device cpu`";
        Err(Diagnostic::new(code, text.trim_end_matches([':', ' '])).help(help))
    }

    /// The inputs of a step.
    pub fn inputs(
        &self,
        phase: &'a PhaseSpec,
        all: &[Drawn],
        step: usize,
        total: usize,
    ) -> Vec<(&'a str, Tensor)> {
        let mut inputs = self.scalars(&phase.scalars, step, total);
        for feed in &phase.feeds {
            let (epoch, rows) = self.rows_of(all, feed);
            inputs.push((&feed.input, self.batch(feed, &rows, epoch)));
        }
        inputs
    }

    fn scalars(&self, names: &'a [String], step: usize, total: usize) -> Vec<(&'a str, Tensor)> {
        let value = |name: &str| match name {
            program::SEED => Tensor::i32([], vec![self.seed as i32]),
            program::STEP => Tensor::i32([], vec![step as i32]),
            _ => Tensor::f32([], vec![total as f32]),
        };
        names.iter().map(|name| (name.as_str(), value(name))).collect()
    }

    /// Runs a plan.
    pub fn launch(&mut self, plan: usize, inputs: &[(&str, Tensor)]) {
        let inputs: Vec<(&str, &Tensor)> = inputs.iter().map(|(n, t)| (*n, t)).collect();
        self.device.run(self.loaded[plan], &inputs);
    }

    /// Runs a plan once per feed; the means of some outputs for each.
    pub fn run_steps(&mut self, plan: usize, feeds: &[Feed], tracks: &[String]) -> Vec<Vec<f64>> {
        self.device.run_steps(self.loaded[plan], feeds, tracks)
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
        mean(&self.output(plan, name))
    }

    /// The rows of a phase's split; `None` if it reads no data.
    pub fn split(&self, phase: &PhaseSpec) -> Result<Option<&'a Rows>, Diagnostic> {
        let Some((name, split)) = &phase.on else { return Ok(None) };
        let Some(data) = self.data.get(name) else {
            // Named but never read.
            return Ok(None);
        };
        self.rows(data, split).map(Some)
    }

    /// The data sets that come along with a phase's own, with the rows of their splits, or of another
    /// one than the phase names.
    pub fn beside(
        &self,
        phase: &'a PhaseSpec,
        other: Option<&str>,
    ) -> Result<Vec<(&'a str, &'a Rows)>, Diagnostic> {
        let mut list = Vec::new();
        for (name, split) in &phase.beside {
            if let Some(data) = self.data.get(name) {
                list.push((name.as_str(), self.rows(data, other.unwrap_or(split))?));
            }
        }
        Ok(list)
    }

    /// The rows of a split of a data set; there is one at least.
    pub fn rows(&self, data: &'a Dataset, split: &str) -> Result<&'a Rows, Diagnostic> {
        let rows = data.split(split).ok_or_else(|| {
            let names: Vec<&str> = data.splits.iter().map(|(name, _)| name.as_str()).collect();
            let text = format!("data set `{}` has no split `{split}`", data.name);
            Diagnostic::new(codes::RL2068, text).note(format!("it has {}", names.join(", ")))
        })?;
        if rows.is_empty() {
            let text = format!("data set `{}` has no rows in its split `{split}`", data.name);
            let sizes = format!("its rows are {}", facts::sizes(&data.splits));
            return Err(Diagnostic::new(codes::RL2060, text).note(sizes).help(
                "name a split that has rows, or cut them in another way: `split = (0.8, 0.1, 0.1)`",
            ));
        }
        Ok(rows)
    }
}

/// Mistakes in the calls of a model's sources, those that show without opening a file; with what the
/// user put in the place of a file's source.
pub fn check_calls(data: &[ir::Data], replaced: &BTreeMap<String, Source>) -> Diagnostics {
    let mut found = Diagnostics::default();
    for set in data {
        let call = match replaced.get(&set.name) {
            Some(new) => Some(source::replace(set.source.as_ref(), new)),
            None => set.source.clone(),
        };
        let checked = call.map(|call| (source::check(&call), call));
        if let Some((Err(error), call)) = checked {
            found.push(source::located(&call, &set.name, error));
        }
    }
    found
}

/// Loads the data that some phases read. `replaced` holds what the user put in the place of a
/// file's source; such paths may lie anywhere, those of the file only in its folder. `kept` is what
/// the run of the weights has kept of its data.
pub fn load_data(
    job: &Job,
    phases: &[&PhaseSpec],
    replaced: &BTreeMap<String, Source>,
    folder: &std::path::Path,
    kept: &[Kept],
) -> Result<Datasets, Diagnostic> {
    let needed = |spec: &DataSpec, kept: &[Kept]| {
        let known = has(kept, &spec.name);
        phases.iter().any(|p| p.needs(&spec.name) || (p.spells(&spec.name) && !known))
    };
    load_sets(&job.data, needed, replaced, folder, kept)
}

/// Whether it is known how a data set was read.
fn has(kept: &[Kept], name: &str) -> bool {
    kept.iter().any(|kept| kept.data == name)
}

/// Loads some data sets, and those whose vocabularies they have.
pub fn load_sets(
    data: &[DataSpec],
    needed: impl Fn(&DataSpec, &[Kept]) -> bool,
    replaced: &BTreeMap<String, Source>,
    folder: &std::path::Path,
    kept: &[Kept],
) -> Result<Datasets, Diagnostic> {
    let (mut sets, mut kept) = (Datasets::new(), kept.to_vec());
    let ordered = in_order(data, replaced);
    // A vocabulary is that of the run, if it has one.
    let asked = |name: &str, kept: &[Kept]| {
        let users = ordered.iter().filter(|spec| needed(spec, kept));
        let mut named = users.filter_map(|spec| vocabulary_of(spec, replaced));
        named.any(|of| of == name) && !has(kept, name)
    };
    for spec in &ordered {
        if needed(spec, &kept) || asked(&spec.name, &kept) {
            let set = load_one(spec, replaced.get(&spec.name), folder, &kept)?;
            let new = set.kept.iter().filter(|own| !has(&kept, &own.data)).cloned();
            kept.extend(new.collect::<Vec<_>>());
            sets.insert(spec.name.clone(), set);
        }
    }
    Ok(sets)
}

/// Those that have words of another data set come behind it.
pub fn in_order<'d>(
    data: &'d [DataSpec],
    replaced: &BTreeMap<String, Source>,
) -> Vec<&'d DataSpec> {
    let mut list: Vec<&DataSpec> = data.iter().collect();
    list.sort_by_key(|spec| vocabulary_of(spec, replaced).is_some());
    list
}

/// The data set whose vocabulary another one has.
fn vocabulary_of<'s>(
    spec: &'s DataSpec,
    replaced: &'s BTreeMap<String, Source>,
) -> Option<&'s str> {
    let of = |source| convert::vocabulary(source)?.split('.').next();
    // What the file says stays in force.
    replaced.get(&spec.name).and_then(of).or_else(|| spec.source.as_ref().and_then(of))
}

/// Loads one data set.
pub fn load_one(
    spec: &DataSpec,
    new: Option<&Source>,
    folder: &std::path::Path,
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    let root = Root { folder: folder.into(), may_leave: false };
    let here = Root { folder: ".".into(), may_leave: true };
    match (new, &spec.source) {
        (Some(new), own) => {
            let source = source::replace(own.as_ref(), new);
            convert::load(&spec.name, &source, &here, &spec.fields, kept)
        }
        (None, Some(own)) => convert::load(&spec.name, own, &root, &spec.fields, kept),
        (None, None) => {
            let text = format!("data set `{}` has no source", spec.name);
            let help = format!("for example `--data {}=npz:file.npz`", spec.name);
            Err(Diagnostic::new(codes::RL2067, text).help(help))
        }
    }
}
