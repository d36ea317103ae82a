//! The CPU executor. In: plans, slots and inputs. Out: new slots and outputs. Every thread walks the
//! whole plan and takes tasks of each kernel; a kernel begins when all tasks of the one before are done.
//! What a task is does not depend on the number of threads, so results do not; who runs it does.

#![deny(clippy::undocumented_unsafe_blocks)]

mod code;
mod conv;
mod gemm;
mod index;
mod lanes;
mod math;
mod memory;
mod pool;
#[cfg(test)]
mod pool_tests;
mod scan;
mod simd;
mod stages;
#[cfg(test)]
mod tests;
mod tile;
mod timing;
mod words;

use super::{Data, Device, Loaded, Spent, Tensor};
use crate::graph::Ty;
use crate::plan::{Buffer, BufferId, Elem, Place, Plan, Work};
use memory::Memory;
use pool::Pool;
use scan::ReadyScan;
use simd::Isa;
use stages::{Tasks, Walk};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use timing::{Clock, Times};
use words::Words;

/// Memory as a slice.
///
/// # Safety
/// The memory is there, and nobody else uses it while the slice lives.
unsafe fn slice_of<'a>(at: *mut f32, len: usize) -> &'a mut [f32] {
    // Safety: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(at, len) }
}

/// Scratch of one thread: tiles, and blocks of products.
#[derive(Default)]
struct Scratch {
    tiles: Words,
    block: Words,
}

/// What a kernel sees of the threads: tasks that fall to this one, and scratch.
pub struct Team<'a> {
    isa: Isa,
    walk: &'a Walk<'a>,
    scratch: RefCell<Scratch>,
}

impl Team<'_> {
    /// Tasks below `n` that fall to this thread; see [`Walk::tasks`].
    fn tasks(&self, n: usize) -> Tasks<'_> {
        self.walk.tasks(n)
    }
    /// The parts of `0..n`, as many as there are threads, that fall to this thread.
    fn parts(&self, n: usize) -> impl Iterator<Item = Range<usize>> + use<'_> {
        let count = self.walk.threads();
        self.tasks(count).map(move |i| i * n / count..(i + 1) * n / count)
    }
    /// Scratch for tiles.
    fn scratch(&self, words: usize) -> *mut f32 {
        grow(&mut self.scratch.borrow_mut().tiles, words)
    }
    /// Scratch for a block of a product.
    fn block(&self, words: usize) -> *mut f32 {
        grow(&mut self.scratch.borrow_mut().block, words)
    }
}

fn grow(words: &mut Words, len: usize) -> *mut f32 {
    if words.len < len {
        *words = Words::new(len);
    }
    words.as_mut_ptr()
}

/// A slot: a weight or a state.
struct Slot {
    elem: Elem,
    shape: Vec<usize>,
    words: Words,
}

/// A kernel that is ready to run.
#[allow(clippy::large_enum_variant, reason = "few, and most are the large one")]
enum ReadyKernel {
    Loop(tile::ReadyLoop),
    Gemm(gemm::ReadyGemm),
    Conv(conv::ReadyConv),
    Index(crate::plan::Index),
    Scan(Box<ReadyScan>),
}

struct Graph {
    plan: Plan,
    kernels: Vec<ReadyKernel>,
    arena: Words,
    times: Times,
}

/// Called after a kernel, on any thread, with its number and the places of all buffers.
type Look<'a> = &'a (dyn Fn(usize, &[Memory]) + Sync);

/// The executor.
pub struct Cpu {
    isa: Isa,
    pool: Pool,
    scratch: Vec<Scratch>,
    slots: BTreeMap<String, Slot>,
    graphs: Vec<Graph>,
    /// Seconds now, where kernels are measured.
    now: Option<fn() -> f64>,
}

impl Cpu {
    /// An executor with this many threads.
    pub fn new(threads: usize) -> Cpu {
        Cpu::with(Isa::best(), threads)
    }

    fn with(isa: Isa, threads: usize) -> Cpu {
        let pool = Pool::new(threads);
        let scratch = (0..pool.threads()).map(|_| Scratch::default()).collect();
        Cpu { isa, pool, scratch, slots: BTreeMap::new(), graphs: vec![], now: None }
    }

    /// Makes a plan ready to run.
    pub fn load(&mut self, plan: &Plan) -> Loaded {
        let kernels = plan.kernels.iter().map(|k| ready(&k.work, self.isa)).collect();
        self.graphs.push(Graph {
            plan: plan.clone(),
            kernels,
            arena: Words::new(plan.arena),
            times: Times::default(),
        });
        Loaded(self.graphs.len() - 1)
    }

    /// Runs a graph as [`Device::run`] does, and calls `seen` after each kernel with its number.
    pub fn watch(
        &mut self,
        graph: Loaded,
        inputs: &[(&str, &Tensor)],
        seen: &(dyn Fn(usize) + Sync),
    ) {
        self.execute(graph, inputs, Some(&|i: usize, _: &[Memory]| seen(i)));
    }

    /// Bytes of slots and arenas.
    pub fn bytes(&self) -> usize {
        let slots = self.slots.values().map(|s| s.words.len);
        let arenas = self.graphs.iter().map(|g| g.arena.len);
        4 * slots.chain(arenas).sum::<usize>()
    }

    /// Runs a graph; after each kernel `look` is called while nothing else runs.
    fn execute(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)], look: Option<Look<'_>>) {
        let Cpu { isa, pool, scratch, slots, graphs, .. } = self;
        let graph = &mut graphs[graph.0];
        let converted = convert(&graph.plan, inputs);
        let arena = graph.arena.memory();
        let mut place = |buffer: &Buffer| match &buffer.place {
            Place::Arena(offset) => arena.part_if_any(*offset, buffer.len()),
            Place::Slot(path) => {
                slots.get_mut(path).unwrap_or_else(|| panic!("no slot {path}")).words.memory()
            }
            Place::Input(name) => input(name, inputs, &converted),
            Place::Result(_) => unreachable!("a result outside a loop"),
        };
        let places: Vec<Memory> = graph.plan.buffers.iter().map(&mut place).collect();
        let kernels = &graph.kernels;
        let scratch: Vec<_> = scratch.iter_mut().map(|s| Lent(s)).collect();
        pool.run(&|walk| {
            // Safety: each thread has a number of its own, and `scratch` outlives `run`.
            let own = unsafe { std::mem::take(&mut *scratch[walk.number()].get()) };
            let team = Team { isa: *isa, walk, scratch: RefCell::new(own) };
            for (i, kernel) in kernels.iter().enumerate() {
                kernel.run(&team, &places);
                if let Some(look) = look {
                    team.tasks(1).for_each(|_| look(i, &places));
                }
            }
            // Safety: as above: this thread's own.
            unsafe { *scratch[walk.number()].get() = team.scratch.into_inner() };
        });
    }
}

/// A thread's own scratch, reached through a shared list.
struct Lent(*mut Scratch);
// Safety: each thread takes the one with its number.
unsafe impl Sync for Lent {}
impl Lent {
    fn get(&self) -> *mut Scratch {
        self.0
    }
}

/// Words of inputs whose element type differs from what the plan reads.
fn convert(plan: &Plan, inputs: &[(&str, &Tensor)]) -> BTreeMap<String, Vec<f32>> {
    let mut out = BTreeMap::new();
    for buffer in &plan.buffers {
        let Place::Input(name) = &buffer.place else { continue };
        let tensor = tensor(name, inputs);
        let len = tensor.count();
        assert_eq!(
            len,
            buffer.len(),
            "input {name} has {:?}, takes {:?}",
            tensor.shape,
            buffer.shape
        );
        let fits = match tensor.data {
            Data::F32(_) => buffer.elem != Elem::I32,
            Data::F64(_) => false,
            Data::I32(_) => buffer.elem == Elem::I32,
        };
        if !fits {
            out.insert(name.clone(), words(tensor, buffer.elem));
        }
    }
    out
}

fn tensor<'a>(name: &str, inputs: &[(&str, &'a Tensor)]) -> &'a Tensor {
    let found = inputs.iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("input {name} is missing")).1
}

fn input(name: &str, inputs: &[(&str, &Tensor)], converted: &BTreeMap<String, Vec<f32>>) -> Memory {
    if let Some(words) = converted.get(name) {
        return Memory::new(words.as_ptr().cast_mut(), words.len());
    }
    // Kernels never write inputs.
    match &tensor(name, inputs).data {
        Data::F32(v) => Memory::new(v.as_ptr().cast_mut(), v.len()),
        Data::I32(v) => Memory::new(v.as_ptr().cast_mut().cast(), v.len()),
        Data::F64(_) => unreachable!("reals in f64 are converted"),
    }
}

/// A tensor's elements as words of this element type.
fn words(tensor: &Tensor, elem: Elem) -> Vec<f32> {
    let integer = |x: i32| f32::from_bits(x as u32);
    match (&tensor.data, elem) {
        (Data::F32(v), Elem::I32) => v.iter().map(|x| integer(*x as i32)).collect(),
        (Data::F32(v), _) => v.clone(),
        (Data::F64(v), Elem::I32) => v.iter().map(|x| integer(*x as i32)).collect(),
        (Data::F64(_), _) => tensor.to_f32(),
        (Data::I32(v), Elem::I32) => v.iter().map(|x| integer(*x)).collect(),
        (Data::I32(v), _) => v.iter().map(|x| *x as f32).collect(),
    }
}

fn to_tensor(elem: Elem, shape: &[usize], words: &[f32]) -> Tensor {
    match elem {
        Elem::I32 => Tensor::i32(shape, words.iter().map(|x| x.to_bits() as i32).collect()),
        _ => Tensor::f32(shape, words.to_vec()),
    }
}

fn ready(work: &Work, isa: Isa) -> ReadyKernel {
    match work {
        Work::Loop(body) => ReadyKernel::Loop(tile::ReadyLoop::new(body, isa)),
        Work::Gemm(gemm) => ReadyKernel::Gemm(gemm::ReadyGemm::new(gemm, isa)),
        Work::Conv(conv) => ReadyKernel::Conv(conv::ReadyConv::new(conv)),
        Work::Index(index) => ReadyKernel::Index(index.clone()),
        Work::Scan(work) => ReadyKernel::Scan(Box::new(ReadyScan::new(work, isa))),
    }
}

impl ReadyKernel {
    fn run(&self, team: &Team, places: &[Memory]) {
        match self {
            ReadyKernel::Loop(body) => body.run(team, places),
            ReadyKernel::Gemm(gemm) => gemm.run(team, places),
            ReadyKernel::Conv(conv) => conv.run(team, places),
            ReadyKernel::Index(work) => index::run(work, team, places),
            ReadyKernel::Scan(scan) => scan.run(team, places),
        }
    }
}

impl Device for Cpu {
    fn create(&mut self, path: &str, ty: &Ty, value: &Tensor) {
        let words = Words::new(ty.len());
        let slot = Slot { elem: ty.dtype.into(), shape: ty.shape.clone(), words };
        self.slots.insert(path.to_string(), slot);
        self.write(path, value);
    }

    fn read(&self, path: &str) -> Tensor {
        let slot = self.slots.get(path).unwrap_or_else(|| panic!("no slot {path}"));
        to_tensor(slot.elem, &slot.shape, slot.words.as_slice())
    }

    fn write(&mut self, path: &str, value: &Tensor) {
        let slot = self.slots.get_mut(path).unwrap_or_else(|| panic!("no slot {path}"));
        assert_eq!(slot.shape, value.shape, "slot {path}");
        slot.words.as_mut_slice().copy_from_slice(&words(value, slot.elem));
    }

    fn run(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) {
        let Some(now) = self.now else { return self.execute(graph, inputs, None) };
        let clock = Clock::start(now, self.graphs[graph.0].kernels.len());
        self.execute(graph, inputs, Some(&|i: usize, _: &[Memory]| clock.lap(i)));
        self.graphs[graph.0].times.add(&clock);
    }

    fn measure(&mut self, now: fn() -> f64) {
        self.now = Some(now);
    }

    fn spent(&self, graph: Loaded) -> Vec<Spent> {
        let graph = &self.graphs[graph.0];
        graph.times.spent(&graph.plan)
    }

    fn output(&self, graph: Loaded, name: &str) -> Tensor {
        let graph = &self.graphs[graph.0];
        let output = graph.plan.outputs.iter().find(|o| o.name == name);
        let output = output.unwrap_or_else(|| panic!("no output {name}"));
        let buffer = &graph.plan.buffers[output.buffer];
        match &buffer.place {
            Place::Arena(offset) => {
                let words = &graph.arena.as_slice()[*offset..offset + buffer.len()];
                to_tensor(buffer.elem, &buffer.shape, words)
            }
            Place::Slot(path) => self.read(path),
            place => unreachable!("an output at {place:?}"),
        }
    }

    fn first_bad(&mut self, graph: Loaded, inputs: &[(&str, &Tensor)]) -> Option<String> {
        let saved: Vec<(String, Words)> =
            self.slots.iter().map(|(path, slot)| (path.clone(), slot.words.clone())).collect();
        let plan = self.graphs[graph.0].plan.clone();
        let bad = AtomicUsize::new(usize::MAX);
        let look = |i: usize, places: &[Memory]| {
            let written = plan.kernels[i].work.results();
            let reals = written.iter().filter(|b| plan.buffers[**b].elem == Elem::F32);
            let wrong = |b: &BufferId| {
                let len = plan.buffers[*b].len();
                // Safety: `all` has checked the length; threads wait for this one.
                let words = unsafe { slice_of(places[*b].all(len), len) };
                words.iter().any(|x| !x.is_finite())
            };
            if reals.into_iter().any(wrong) {
                bad.fetch_min(i, Ordering::Relaxed);
            }
        };
        self.execute(graph, inputs, Some(&look));
        for (path, words) in saved {
            self.slots.get_mut(&path).expect("a saved slot").words = words;
        }
        let found = plan.kernels.get(bad.into_inner())?;
        Some(found.label.clone())
    }
}
