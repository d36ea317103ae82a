//! A plan on a device. In: where slots lie, and what a step is given. Out: commands.

use super::adapter::Open;
use super::memory::{Pages, WORD, buffer, bytes, fetch, staging};
use super::pipeline::{self, RECORD_BYTES, ReadyPipeline};
use super::words::to_words;
use crate::backend::wgsl::{self, Layout, Program, Region, Step};
use crate::backend::{Feed, Given};
use crate::base::budget;
use crate::plan::{Buffer as Words, BufferId, Place, Plan};
use std::collections::BTreeMap;
use std::ops::Range;
use wgpu::*;

/// A plan, and what it needs to run once it is bound.
pub struct Graph {
    pub plan: Plan,
    layout: Layout,
    /// Where the row numbers of each input lie, behind the inputs.
    rows: BTreeMap<String, usize>,
    input_words: usize,
    bound: Option<Bound>,
    /// Gathers by input and width, with the table that they read.
    gathers: BTreeMap<(String, String), ReadyPipeline>,
    /// Measured runs and seconds of each kernel.
    pub runs: u64,
    pub seconds: Vec<f64>,
}

struct Bound {
    program: Program,
    ready: Vec<ReadyPipeline>,
    arena: Pages,
    /// Values in 16 bits, two to a word.
    halves: Pages,
    inputs: Pages,
}

/// What several steps are given, packed.
pub struct Packed {
    buffer: Buffer,
    pub steps: Vec<PackedStep>,
}

/// What one step is given.
pub struct PackedStep {
    /// Words of the packed buffer, and where they go in the inputs.
    copies: Vec<(u64, usize, usize)>,
    /// Gathers to run first: their key and number of groups.
    gathers: Vec<((String, String), u32)>,
}

impl Graph {
    /// A plan that is not bound yet.
    pub fn new(plan: Plan, half: Option<usize>) -> Graph {
        let layout = Layout::of(&plan, half);
        let mut end = 0;
        for buffer in &plan.buffers {
            if let Place::Input(name) = &buffer.place {
                end = end.max(layout.inputs[name] + buffer.len().next_multiple_of(wgsl::LINE));
            }
        }
        let mut rows = BTreeMap::new();
        for buffer in &plan.buffers {
            if let (Place::Input(name), Some(n)) = (&buffer.place, buffer.shape.first()) {
                rows.insert(name.clone(), end);
                end += n.next_multiple_of(wgsl::LINE);
            }
        }
        Graph {
            plan,
            layout,
            rows,
            input_words: end,
            bound: None,
            gathers: BTreeMap::new(),
            runs: 0,
            seconds: vec![],
        }
    }

    /// Forgets everything that depends on the places of slots.
    pub fn unbind(&mut self) {
        self.bound = None;
        self.gathers.clear();
    }

    fn bound(&self) -> &Bound {
        self.bound.as_ref().expect("a graph that is run is bound")
    }

    /// The shaders.
    pub fn program(&self) -> &Program {
        &self.bound().program
    }

    /// Where a buffer of the arena lies: its pages, and the first element there.
    pub fn value(&self, buffer: BufferId) -> (&Pages, usize, Region) {
        let (region, start) = self.layout.value(buffer);
        match region {
            Region::Halves => (&self.bound().halves, start, region),
            _ => (&self.bound().arena, start, region),
        }
    }

    /// The buffer of an output.
    pub fn output(&self, name: &str) -> (BufferId, &Words) {
        let output = self.plan.outputs.iter().find(|o| o.name == name);
        let output = output.unwrap_or_else(|| panic!("no output {name}"));
        (output.buffer, &self.plan.buffers[output.buffer])
    }

    /// Writes shaders and builds pipelines, unless that is done.
    pub fn bind(
        &mut self,
        open: &Open,
        cache: Option<&PipelineCache>,
        slots: BTreeMap<String, usize>,
        memory: &Pages,
        tables: &Pages,
    ) {
        if self.bound.is_some() || open.faults.first().is_some() {
            return;
        }
        self.layout.slots = slots;
        let program = wgsl::program(&self.plan, &self.layout, &open.limits);
        if !program.whole {
            let most = budget::DISPATCHES.most;
            open.faults.too_large(format!("a phase takes more than {most} dispatches"));
            return;
        }
        if let Some(module) =
            program.modules.iter().find(|m| m.bindings.len() > open.limits.bindings)
        {
            open.faults.too_large(format!(
                "`{}` reads and writes {} blocks of {} MiB, the device allows {}",
                module.label,
                module.bindings.len(),
                open.limits.page >> 18,
                open.limits.bindings
            ));
            return;
        }
        if let Some(module) = program.modules.iter().find(|m| m.moving > wgsl::MOVING) {
            let (label, moving) = (&module.label, module.moving);
            let text =
                format!("`{label}` moves through {moving} places, {} are allowed", wgsl::MOVING);
            open.faults.too_large(text);
            return;
        }
        let (device, page) = (&open.device, open.limits.page);
        let words = self.layout.arena.next_multiple_of(wgsl::LINE) + program.scratch;
        let arena = Pages::new(device, "arena", words, page);
        let halves = Pages::new(device, "halves", self.layout.halves / 2, page / 2);
        let inputs = Pages::new(device, "inputs", self.input_words, page);
        let records = (!program.records.is_empty()).then(|| {
            let size = program.records.len() as u64 * WORD;
            let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
            let made = buffer(device, "records", size, usage);
            open.queue.write_buffer(&made, 0, bytes(&program.records));
            made
        });
        let find = |region: Region, page: usize| match region {
            Region::Arena => &arena.buffers[page],
            Region::Halves => &halves.buffers[page],
            Region::Slots => &memory.buffers[page],
            Region::Inputs => &inputs.buffers[page],
            Region::Tables => &tables.buffers[page],
        };
        let ready = pipeline::build(device, cache, &program, &find, records.as_ref());
        self.bound = Some(Bound { program, ready, arena, halves, inputs });
    }

    /// Packs what steps are given into one buffer.
    pub fn pack<'t>(
        &mut self,
        open: &Open,
        feeds: &[Feed],
        table: &dyn Fn(&str) -> (&'t Buffer, usize),
    ) -> Packed {
        let mut words: Vec<u32> = vec![];
        let mut steps = vec![];
        let inputs: BTreeMap<&str, &Words> = self.inputs().collect();
        let mut wanted = vec![];
        for feed in feeds {
            let mut step = PackedStep { copies: vec![], gathers: vec![] };
            for (name, buffer) in &inputs {
                let given = feed.iter().find(|(n, _)| n == name);
                let given = given.unwrap_or_else(|| panic!("input {name} is missing"));
                let (start, some) = match &given.1 {
                    Given::Value(tensor) => {
                        let some = to_words(tensor, buffer.elem);
                        let shapes = (&tensor.shape, &buffer.shape);
                        assert_eq!(some.len(), buffer.len(), "input {name}: {shapes:?}");
                        (self.layout.inputs[*name], some)
                    }
                    Given::Rows(key, rows) => {
                        let key = (name.to_string(), key.to_string());
                        let groups = buffer.len().div_ceil(GATHER).min(65_535) as u32;
                        step.gathers.push((key.clone(), groups));
                        wanted.push(key);
                        (self.rows[*name], rows.clone())
                    }
                };
                if !some.is_empty() {
                    step.copies.push((words.len() as u64 * WORD, start, some.len()));
                }
                words.extend(some);
            }
            steps.push(step);
        }
        for key in wanted {
            if !self.gathers.contains_key(&key) {
                let (from, width) = table(&key.1);
                let ready = self.gather(open, &key.0, from, width);
                self.gathers.insert(key, ready);
            }
        }
        let usage = BufferUsages::COPY_DST;
        let made = buffer(&open.device, "given", words.len() as u64 * WORD, usage);
        open.queue.write_buffer(&made, 0, bytes(&words));
        Packed { buffer: made, steps }
    }

    fn inputs(&self) -> impl Iterator<Item = (&str, &Words)> {
        self.plan.buffers.iter().filter_map(|buffer| match &buffer.place {
            Place::Input(name) => Some((name.as_str(), buffer)),
            _ => None,
        })
    }

    /// The module that copies rows of a table to an input.
    fn gather(&self, open: &Open, name: &str, table: &Buffer, width: usize) -> ReadyPipeline {
        let (_, words) = self.inputs().find(|(n, _)| *n == name).expect("an input of the plan");
        let text = gather_text(words.len(), width, self.layout.inputs[name], self.rows[name]);
        pipeline::gather(&open.device, &text, table, &self.bound().inputs.buffers[0])
    }

    /// Moves what a step is given to its place.
    pub fn copy_inputs(&self, encoder: &mut CommandEncoder, packed: &Packed, step: &PackedStep) {
        for (at, start, len) in &step.copies {
            self.bound().inputs.copy_in(encoder, *start, *len, &packed.buffer, *at);
        }
    }

    /// All dispatches of a step.
    pub fn encode(&self, encoder: &mut CommandEncoder, step: &PackedStep) {
        let bound = self.bound();
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
        self.gather_rows(&mut pass, step);
        bound.program.steps.iter().for_each(|step| bound.dispatch(&mut pass, step));
    }

    fn gather_rows(&self, pass: &mut ComputePass<'_>, step: &PackedStep) {
        for (key, groups) in &step.gathers {
            let ready = &self.gathers[key];
            pass.set_pipeline(&ready.pipeline);
            pass.set_bind_group(0, &ready.group, &[]);
            pass.dispatch_workgroups(*groups, 1, 1);
        }
    }

    /// The dispatches of one kernel.
    pub fn encode_kernel(&self, encoder: &mut CommandEncoder, kernel: usize) {
        let bound = self.bound();
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
        let own = bound.program.steps.iter().filter(|step| step.kernel == kernel);
        own.for_each(|step| bound.dispatch(&mut pass, step));
    }

    /// Runs a step and adds up the seconds of each kernel: by the clock of the device, else by ours.
    pub fn measure(&mut self, open: &Open, step: &PackedStep, now: fn() -> f64) {
        let mut encoder = open.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
            self.gather_rows(&mut pass, step);
        }
        open.queue.submit([encoder.finish()]);
        let steps = self.program().steps.len();
        let mut seconds = vec![0.0; self.plan.kernels.len()];
        for first in (0..steps).step_by(QUERIES) {
            let some = first..(first + QUERIES).min(steps);
            let kernels: Vec<usize> =
                self.program().steps[some.clone()].iter().map(|step| step.kernel).collect();
            let spent = if open.found.timestamps {
                self.bound().stamps(open, some)
            } else {
                self.bound().laps(open, some, now)
            };
            kernels.iter().zip(spent).for_each(|(kernel, time)| seconds[*kernel] += time);
        }
        self.runs += 1;
        self.seconds.resize(seconds.len(), 0.0);
        self.seconds.iter_mut().zip(&seconds).for_each(|(sum, time)| *sum += time);
    }
}

/// Dispatches that are measured at a time: a set holds at most 4096 stamps.
const QUERIES: usize = 2048;
/// Elements of one group of a gather.
const GATHER: usize = 256;

impl Bound {
    fn dispatch(&self, pass: &mut ComputePass<'_>, step: &Step) {
        let ready = &self.ready[step.module];
        pass.set_pipeline(&ready.pipeline);
        let offset = step.record.map(|n| n as u32 * RECORD_BYTES as u32);
        let offsets: &[DynamicOffset] = match &offset {
            Some(offset) if ready.moves => std::slice::from_ref(offset),
            _ => &[],
        };
        pass.set_bind_group(0, &ready.group, offsets);
        let [x, y, z] = step.groups;
        pass.dispatch_workgroups(x, y, z);
    }

    /// Seconds of each of some dispatches, by stamps of the device.
    fn stamps(&self, open: &Open, some: Range<usize>) -> Vec<f64> {
        let count = 2 * some.len() as u32;
        let set = open.device.create_query_set(&QuerySetDescriptor {
            label: None,
            ty: QueryType::Timestamp,
            count,
        });
        let usage = BufferUsages::QUERY_RESOLVE;
        let resolved = buffer(&open.device, "stamps", u64::from(count) * 8, usage);
        let back = staging(&open.device, 2 * count as usize);
        let mut encoder = open.encoder();
        for (n, step) in self.program.steps[some].iter().enumerate() {
            let at = 2 * n as u32;
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor {
                label: None,
                timestamp_writes: Some(ComputePassTimestampWrites {
                    query_set: &set,
                    beginning_of_pass_write_index: Some(at),
                    end_of_pass_write_index: Some(at + 1),
                }),
            });
            self.dispatch(&mut pass, step);
        }
        encoder.resolve_query_set(&set, 0..count, &resolved, 0);
        encoder.copy_buffer_to_buffer(&resolved, 0, &back, 0, None);
        open.queue.submit([encoder.finish()]);
        let words = fetch(&open.device, &open.faults, &back);
        let ticks = |w: &[u32]| u64::from(w[1]) << 32 | u64::from(w[0]);
        let unit = f64::from(open.queue.get_timestamp_period()) * 1e-9;
        let span = |w: &[u32]| ticks(&w[2..]).saturating_sub(ticks(&w[..2])) as f64 * unit;
        words.chunks_exact(4).map(span).collect()
    }

    /// The same by a clock of the host: each dispatch is waited for.
    fn laps(&self, open: &Open, some: Range<usize>, now: fn() -> f64) -> Vec<f64> {
        let lap = |step: &Step| {
            let begun = now();
            let mut encoder = open.encoder();
            {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                self.dispatch(&mut pass, step);
            }
            open.queue.submit([encoder.finish()]);
            open.wait();
            now() - begun
        };
        self.program.steps[some].iter().map(lap).collect()
    }
}

/// Copies `len` words: row `rows[i / width]` of a table.
fn gather_text(len: usize, width: usize, to: usize, rows: usize) -> String {
    format!(
        "// rows of a data set\n\n\
         @group(0) @binding(0) var<storage, read> table: array<u32>;\n\
         @group(0) @binding(1) var<storage, read_write> inputs: array<u32>;\n\n\
         @compute @workgroup_size({GATHER})\n\
         fn main(\n    @builtin(global_invocation_id) id: vec3<u32>,\n    \
         @builtin(num_workgroups) groups: vec3<u32>,\n) {{\n    \
         for (var i = id.x; i < {len}u; i += groups.x * {GATHER}u) {{\n        \
         let row = inputs[{rows}u + i / {width}u];\n        \
         inputs[{to}u + i] = table[row * {width}u + i % {width}u];\n    }}\n}}\n"
    )
}
