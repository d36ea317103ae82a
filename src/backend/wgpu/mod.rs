//! The executor on graphics devices. In: the plans that the CPU executor reads, slots and inputs. Out:
//! new slots and outputs. Weights, states, tables of data, noise and every intermediate value stay on
//! the device; a step hands over the numbers of its rows, and what is tracked comes back once per
//! group of steps. The only user of the crate `wgpu`.

mod adapter;
mod fault;
mod graph;
mod look;
mod memory;
mod pipeline;
#[cfg(test)]
mod tests;
mod words;

pub use adapter::{Found, list};

use super::wgsl::{self, Tile};
use super::{AHEAD, Data, Device, Fault, Feed, Given, Loaded, Spent, Tensor};
use crate::graph::Ty;
use crate::plan::{BufferId, Elem, Place, Plan};
use adapter::Open;
use graph::Graph;
use memory::{Pages, fetch, staging};
use std::collections::BTreeMap;
use wgpu::{PipelineCache, PipelineCacheDescriptor};
use words::{to_tensor, to_words};

/// A slot: a weight or a state.
struct Slot {
    elem: Elem,
    shape: Vec<usize>,
    start: usize,
    /// Its value, until there is memory on the device.
    waiting: Option<Vec<u32>>,
}

/// The executor.
pub struct Gpu {
    open: Open,
    cache: Option<PipelineCache>,
    slots: BTreeMap<String, Slot>,
    /// Words of all slots.
    slot_words: usize,
    memory: Option<Pages>,
    tables: Option<Pages>,
    kept: BTreeMap<String, Kept>,
    graphs: Vec<Graph>,
    /// Seconds now, where kernels are measured.
    now: Option<fn() -> f64>,
}

/// A table of data on the device.
struct Kept {
    pages: Pages,
    width: usize,
}

impl Gpu {
    /// Opens the device with this number in [`list`], with its matrix units if `cooperative` says so:
    /// they are experimental in the crate `wgpu`, and asked for on demand only. `cache` gives what
    /// [`Device::compiled`] gave for the same key earlier.
    ///
    /// # Errors
    /// If there is no such device, or it cannot be opened.
    pub fn open(
        number: usize,
        cooperative: bool,
        cache: impl FnOnce(&str) -> Option<Vec<u8>>,
    ) -> Result<Gpu, Fault> {
        let open = adapter::open(number, cooperative)?;
        let cache = open.cache_key.as_ref().map(|key| {
            let data = cache(key);
            let descriptor =
                PipelineCacheDescriptor { label: None, data: data.as_deref(), fallback: true };
            // Safety: the data are of this device; what does not fit is ignored by its driver, which
            // checks them by a header.
            unsafe { open.device.create_pipeline_cache(&descriptor) }
        });
        Ok(Gpu {
            open,
            cache,
            slots: BTreeMap::new(),
            slot_words: 0,
            memory: None,
            tables: None,
            kept: BTreeMap::new(),
            graphs: vec![],
            now: None,
        })
    }

    /// What the device is.
    pub fn found(&self) -> &Found {
        &self.open.found
    }

    /// Takes the device away, as a driver does that gives up: for tests.
    pub fn lose(&self) {
        self.open.device.destroy();
    }

    /// What shaders keep to, to be narrowed: for tests of large values.
    pub fn limits(&mut self) -> &mut wgsl::Limits {
        &mut self.open.limits
    }

    /// Tiles of products that were found to be best on this device.
    pub fn use_tiles(&mut self, tiles: impl IntoIterator<Item = ([usize; 4], Tile)>) {
        self.open.limits.tiles.extend(tiles);
    }

    /// Keeps operands of products and large intermediate values of plans that are loaded from now on
    /// in 16 bits; `false` if the device cannot.
    pub fn use_half(&mut self) -> bool {
        self.open.limits.half = self.open.found.half.then_some(wgsl::LARGE);
        self.open.found.half
    }

    /// Makes products of plans that are loaded from now on by matrix units, where they fill a matrix;
    /// `false` if the device has none for operands as they are kept, so [`Gpu::use_half`] comes first.
    pub fn use_cooperative(&mut self) -> bool {
        let limits = &mut self.open.limits;
        limits.cooperative = self.open.found.cooperative[usize::from(limits.half.is_some())];
        limits.cooperative.is_some()
    }

    /// Makes a plan ready to run. Slots get their places; shaders are made before the first run.
    pub fn load(&mut self, plan: &Plan) -> Loaded {
        for buffer in &plan.buffers {
            if let Place::Slot(path) = &buffer.place {
                self.reserve(path, buffer.elem, &buffer.shape);
            }
        }
        self.graphs.push(Graph::new(plan.clone(), self.open.limits.half));
        Loaded(self.graphs.len() - 1)
    }

    /// Drops all graphs and slots.
    pub fn forget(&mut self) {
        (self.graphs, self.slots) = (vec![], BTreeMap::new());
        (self.slot_words, self.memory) = (0, None);
    }

    fn reserve(&mut self, path: &str, elem: Elem, shape: &[usize]) -> &mut Slot {
        let len: usize = shape.iter().product();
        let words = &mut self.slot_words;
        self.slots.entry(path.to_string()).or_insert_with(|| {
            let start = *words;
            *words += len.next_multiple_of(wgsl::LINE);
            Slot { elem, shape: shape.to_vec(), start, waiting: None }
        })
    }

    fn slot(&self, path: &str) -> &Slot {
        self.slots.get(path).unwrap_or_else(|| panic!("no slot {path}"))
    }

    /// Gives slots memory on the device. If there are more than before, all move, and shaders are
    /// bound anew.
    fn settle(&mut self) {
        let Open { device, queue, limits, .. } = &self.open;
        let pages = |words: usize| words.div_ceil(limits.page);
        let fits = self.memory.as_ref().is_some_and(|memory| memory.words >= self.slot_words);
        if !fits {
            let new = Pages::new(device, "slots", self.slot_words, limits.page);
            if let Some(old) = self.memory.take() {
                let mut encoder = self.open.encoder();
                let common = pages(old.words).min(new.buffers.len());
                for (from, to) in old.buffers.iter().zip(&new.buffers).take(common) {
                    encoder.copy_buffer_to_buffer(from, 0, to, 0, Some(from.size().min(to.size())));
                }
                queue.submit([encoder.finish()]);
                self.graphs.iter_mut().for_each(Graph::unbind);
            }
            self.memory = Some(new);
        }
        let memory = self.memory.as_ref().expect("made above");
        for slot in self.slots.values_mut() {
            if let Some(words) = slot.waiting.take() {
                memory.write(queue, slot.start, &words);
            }
        }
        let times = self.graphs.iter().map(|g| wgsl::longest(&g.plan)).max().unwrap_or(0);
        let words = wgsl::TIME + times;
        if self.tables.as_ref().is_none_or(|tables| tables.words < words) {
            let tables = Pages::new(device, "tables", words, usize::MAX);
            tables.write(queue, 0, &wgsl::tables(times));
            self.tables = Some(tables);
            self.graphs.iter_mut().for_each(Graph::unbind);
        }
    }

    /// Makes a graph ready.
    fn prepare(&mut self, graph: Loaded) {
        self.settle();
        let slots = self.slots.iter().map(|(path, slot)| (path.clone(), slot.start)).collect();
        let (Some(memory), Some(tables)) = (&self.memory, &self.tables) else { return };
        self.graphs[graph.0].bind(&self.open, self.cache.as_ref(), slots, memory, tables);
    }

    /// Words of a region, when everything before is done.
    fn fetch(&self, pages: &Pages, start: usize, len: usize) -> Vec<u32> {
        let Open { device, queue, faults, .. } = &self.open;
        if faults.first().is_some() {
            return vec![0; len];
        }
        let to = staging(device, len);
        let mut encoder = self.open.encoder();
        pages.copy_out(&mut encoder, start, len, &to, 0);
        queue.submit([encoder.finish()]);
        let mut words = fetch(device, faults, &to);
        words.truncate(len);
        words
    }

    /// Runs steps, and brings back the tracked outputs' words.
    fn submit(&mut self, graph: Loaded, feeds: &[Feed], tracks: &[String]) -> Vec<u32> {
        self.prepare(graph);
        if self.open.faults.first().is_some() {
            return vec![];
        }
        let Open { device, queue, faults, .. } = &self.open;
        let (graph, kept) = (&mut self.graphs[graph.0], &self.kept);
        let (Some(memory), mut encoder) = (&self.memory, self.open.encoder()) else {
            return vec![];
        };
        let widths = |key: &str| {
            let kept = kept.get(key).unwrap_or_else(|| panic!("table {key} is not kept"));
            (&kept.pages.buffers[0], kept.width)
        };
        let feed = graph.pack(&self.open, feeds, &widths);
        let spans: Vec<_> = tracks
            .iter()
            .map(|name| graph.output(name))
            .map(|(id, buffer)| (id, buffer.clone()))
            .collect();
        let each: usize = spans.iter().map(|(_, buffer)| buffer.len()).sum();
        let back = staging(device, each * feeds.len());
        for (number, given) in feed.steps.iter().enumerate() {
            graph.copy_inputs(&mut encoder, &feed, given);
            match self.now {
                None => graph.encode(&mut encoder, given),
                Some(now) => {
                    queue.submit([std::mem::replace(&mut encoder, self.open.encoder()).finish()]);
                    graph.measure(&self.open, given, now);
                }
            }
            let mut at = number * each;
            for (id, buffer) in &spans {
                let (pages, start) = match &buffer.place {
                    Place::Arena(_) => {
                        let (pages, start, _) = graph.value(*id);
                        (pages, start)
                    }
                    Place::Slot(path) => (memory, self.slots[path].start),
                    place => unreachable!("an output at {place:?}"),
                };
                pages.copy_out(&mut encoder, start, buffer.len(), &back, at as u64 * memory::WORD);
                at += buffer.len();
            }
        }
        queue.submit([encoder.finish()]);
        if each == 0 { vec![] } else { fetch(device, faults, &back) }
    }
}

impl Device for Gpu {
    fn create(&mut self, path: &str, ty: &Ty, value: &Tensor) {
        self.reserve(path, ty.dtype.into(), &ty.shape);
        self.write(path, value);
    }

    fn read(&self, path: &str) -> Tensor {
        let slot = self.slot(path);
        let len = slot.shape.iter().product();
        let words = match (&slot.waiting, &self.memory) {
            (Some(words), _) => words.clone(),
            (None, Some(memory)) => self.fetch(memory, slot.start, len),
            (None, None) => vec![0; len],
        };
        to_tensor(slot.elem, &slot.shape, &words)
    }

    fn write(&mut self, path: &str, value: &Tensor) {
        let slot = self.slots.get_mut(path).unwrap_or_else(|| panic!("no slot {path}"));
        assert_eq!(slot.shape, value.shape, "slot {path}");
        let words = to_words(value, slot.elem);
        let end = slot.start + words.len();
        match self.memory.as_ref().filter(|memory| memory.words >= end) {
            Some(memory) => memory.write(&self.open.queue, slot.start, &words),
            None => slot.waiting = Some(words),
        }
    }

    fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) {
        let feed = inputs.iter().map(|(name, t)| (*name, Given::Value((*t).clone()))).collect();
        self.submit(graph, &[feed], &[]);
    }

    fn output(&self, graph: Loaded, name: &str) -> Tensor {
        let graph = &self.graphs[graph.0];
        let (id, buffer) = graph.output(name);
        if self.fault().is_some() {
            return to_tensor(buffer.elem, &buffer.shape, &vec![0; buffer.len()]);
        }
        match &buffer.place {
            Place::Arena(_) => {
                let (pages, start, _) = graph.value(id);
                let words = self.fetch(pages, start, buffer.len());
                to_tensor(buffer.elem, &buffer.shape, &words)
            }
            Place::Slot(path) => self.read(path),
            place => unreachable!("an output at {place:?}"),
        }
    }

    fn keep(&mut self, key: &str, table: &Tensor) -> bool {
        let Open { device, queue, limits, faults, .. } = &self.open;
        let elem = if matches!(table.data, Data::I32(_)) { Elem::I32 } else { Elem::F32 };
        let words = to_words(table, elem);
        if words.is_empty() || words.len() > limits.page || faults.first().is_some() {
            return false;
        }
        let scope = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let pages = Pages::new(device, "data", words.len(), limits.page);
        if pollster::block_on(scope.pop()).is_some() {
            return false;
        }
        pages.write(queue, 0, &words);
        let width = table.shape.iter().skip(1).product();
        self.kept.insert(key.to_string(), Kept { pages, width });
        true
    }

    fn ahead(&self) -> usize {
        if self.now.is_some() { 1 } else { AHEAD }
    }

    fn run_steps(&mut self, graph: Loaded, feeds: &[Feed], tracks: &[String]) -> Vec<Vec<f64>> {
        let words = self.submit(graph, feeds, tracks);
        if words.is_empty() {
            // Nothing was waited for.
            self.open.wait();
        }
        let mut words = words.into_iter();
        let mut one = || {
            let mean = |name: &String| {
                let (_, buffer) = self.graphs[graph.0].output(name);
                let some: Vec<u32> = words.by_ref().take(buffer.len()).collect();
                super::mean(&to_tensor(buffer.elem, &[some.len()], &some))
            };
            tracks.iter().map(mean).collect()
        };
        feeds.iter().map(|_| one()).collect()
    }

    fn fault(&self) -> Option<Fault> {
        self.open.faults.first()
    }

    fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String> {
        let saved: Vec<(String, Tensor)> =
            self.slots.keys().map(|path| (path.clone(), self.read(path))).collect();
        let feed: Feed =
            inputs.iter().map(|(name, t)| (*name, Given::Value((*t).clone()))).collect();
        self.prepare(graph);
        let found = if self.fault().is_none() { self.look(graph, &feed) } else { None };
        saved.iter().for_each(|(path, value)| self.write(path, value));
        found
    }

    fn compiled(&self) -> Option<(String, Vec<u8>)> {
        self.open.cache_key.clone().zip(self.cache.as_ref()?.get_data())
    }

    fn measure(&mut self, now: fn() -> f64) {
        self.now = Some(now);
    }

    fn spent(&self, graph: Loaded) -> Vec<Spent> {
        let graph = &self.graphs[graph.0];
        super::spent(&graph.plan, graph.runs, &graph.seconds)
    }
}
