//! Plans as compute shaders. In: a plan and where its buffers lie. Out: WGSL modules and the order
//! in which they are dispatched, plain data. Uses no device; text of the user never gets into it but
//! for the letters and digits of names.
//!
//! Memory is words of 32 bits in four regions: the arena of a graph, the slots of the device, the
//! inputs of a graph, and tables; on demand there is a fifth, of reals in 16 bits. A region is one
//! storage buffer, or several pages of the same size where it is larger than a binding may be.
//!
//! # Invariants
//! 1. Every index is inside its buffer: plans are verified, indices that are data are clamped.
//! 2. Every loop runs a number of times that stands in the text.
//! 3. Conditions are joined by `|` and `&`, not by `||` and `&&`, which become branches, and elementary
//!    functions choose by `select`: neighbouring invocations then stay together.
//! 4. No float atomics, and sums in an order that shapes and indices alone decide: the same bits each
//!    time.

mod conv;
mod cooperative;
mod fold;
mod gemm;
mod half;
mod index;
mod layout;
mod library;
mod lines;
mod place;
mod point;
mod product;
mod scan;
mod show;
mod sort;
#[cfg(test)]
mod tests;
mod tile;
mod work;
mod writer;

pub use cooperative::Cooperative;
pub use layout::{LINE, Layout, Region, Span};
pub use library::tables;
pub use show::show;
pub use tile::{TILES, Tile};

use crate::base::budget;
use crate::plan::{Plan, Work};
use layout::Places;
use std::collections::HashMap;
use std::ops::Range;

/// What the device allows, and how products are cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Words of a page.
    pub page: usize,
    /// Most workgroups along one dim of a dispatch.
    pub groups: u32,
    /// Most invocations of a workgroup.
    pub lanes: u32,
    /// Most words of memory that a workgroup shares.
    pub shared: usize,
    /// Most storage buffers of a module.
    pub bindings: usize,
    /// Most operations of a dispatch: a slow device does so many in a tenth of a second. Drivers take
    /// a device away that does not answer for seconds.
    pub work: u64,
    /// Operands of products, and intermediate values of at least so many elements, are kept in 16
    /// bits. Sums, weights and states stay in 32.
    pub half: Option<usize>,
    /// Whether invocations of a subgroup can add what they have without shared memory.
    pub subgroups: bool,
    /// Matrix units that products use. Their operands are in 16 bits if `half` is set, else in 32.
    pub cooperative: Option<Cooperative>,
    /// Groups that the device runs at a time, roughly.
    pub busy: usize,
    /// Tiles of products that were found to be best, by the shape `outer x m x n x k`.
    pub tiles: HashMap<[usize; 4], Tile>,
}

impl Default for Limits {
    /// What WebGPU promises everywhere.
    fn default() -> Limits {
        Limits {
            page: 128 << 18,
            groups: 65_535,
            lanes: 256,
            shared: 16 << 8,
            bindings: 8,
            work: 1 << 35,
            half: None,
            subgroups: false,
            cooperative: None,
            busy: tile::BUSY,
            tiles: HashMap::new(),
        }
    }
}

/// A storage buffer of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Binding {
    /// The region.
    pub region: Region,
    /// Its page.
    pub page: usize,
}

/// A shader with one entry point, `main`.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// What it computes, for people.
    pub label: String,
    /// The text.
    pub text: String,
    /// The part of the text that is from the library.
    pub library: std::ops::Range<usize>,
    /// Storage buffers in the order of their binding numbers.
    pub bindings: Vec<Binding>,
    /// Words of the uniform with the places of one time step, whole records; its binding is the one
    /// after those. 0 where nothing moves.
    pub moving: usize,
}

/// A dispatch.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which module.
    pub module: usize,
    /// Workgroups.
    pub groups: [u32; 3],
    /// Number of its first record, if places of the module move.
    pub record: Option<usize>,
    /// The kernel of the plan that it belongs to.
    pub kernel: usize,
}

/// A plan as shaders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The shaders.
    pub modules: Vec<Module>,
    /// The dispatches in order.
    pub steps: Vec<Step>,
    /// Words of scratch behind the arena.
    pub scratch: usize,
    /// Words of places, [`RECORD`] per record.
    pub records: Vec<u32>,
    /// Whether all of the plan is there: otherwise it takes more dispatches than there may be.
    pub whole: bool,
}

/// Elements below which 16 bits gain nothing.
pub const LARGE: usize = 1024;

/// Words of one record. A module whose places move has as many records as hold them.
pub const RECORD: usize = 64;

/// Words of places that a module may have: 16 KiB, which every device takes as a uniform.
pub const MOVING: usize = 4096;

/// Words of the tables before the numbers 0, 1, 2, ... that stand for time.
pub const TIME: usize = library::QUANTILES;

/// Writes a plan as shaders.
pub fn program(plan: &Plan, layout: &Layout, limits: &Limits) -> Program {
    let mut emit = Emit {
        limits,
        out: Program { whole: true, ..Program::default() },
        text: 0,
        known: HashMap::new(),
        scratch: layout.arena.next_multiple_of(LINE),
        work: 0,
    };
    if dispatches(plan, limits) > budget::DISPATCHES.most as u64 {
        emit.out.whole = false;
        return emit.out;
    }
    let places = layout.places(plan);
    for (kernel, step) in plan.kernels.iter().enumerate() {
        emit.kernel(kernel, &step.label, &step.work, &places);
    }
    emit.out
}

/// The fewest dispatches that a plan takes, counted without writing one.
pub fn dispatches(plan: &Plan, limits: &Limits) -> u64 {
    let of = |work: &Work| match work {
        Work::Scan(scan) => dispatches(&scan.body, limits).saturating_mul(scan.length as u64),
        work => work::operations(work) / limits.work.max(1) + 1,
    };
    plan.kernels.iter().map(|kernel| of(&kernel.work)).fold(0, u64::saturating_add)
}

/// Shapes `outer, m, n, k` of the products of a kernel, whose tiles can be chosen.
pub fn product_shape(work: &Work) -> Option<[usize; 4]> {
    match work {
        Work::Gemm(g) => Some([g.outer.iter().product(), g.m, g.n, g.k]),
        Work::Conv(c) => conv::shape(c),
        _ => None,
    }
}

/// The longest loop over time, nested ones included: how many numbers the tables need.
pub fn longest(plan: &Plan) -> usize {
    let of = |work: &Work| match work {
        Work::Scan(scan) => scan.length.max(longest(&scan.body)),
        _ => 0,
    };
    plan.kernels.iter().map(|k| of(&k.work)).max().unwrap_or(0)
}

/// A program under construction.
struct Emit<'l> {
    limits: &'l Limits,
    out: Program,
    /// Bytes of all modules.
    text: usize,
    /// Modules by their text.
    known: HashMap<String, usize>,
    /// First word behind the arena.
    scratch: usize,
    /// Operations of the kernel that is being written.
    work: u64,
}

impl Emit<'_> {
    fn kernel(&mut self, kernel: usize, label: &str, work: &Work, places: &Places) {
        if !self.out.whole {
            return;
        }
        self.work = work::operations(work);
        let mut job = Job { emit: self, kernel, label, places };
        match work {
            Work::Loop(body) if body.folds.is_empty() => job.points(body),
            Work::Loop(body) => job.folds(body),
            Work::Gemm(gemm) => job.gemm(gemm),
            Work::Conv(conv) => job.conv(conv),
            Work::Index(index) => job.index(index),
            Work::Scan(scan) => job.scan(scan),
        }
    }

    /// Adds so many workgroups of a module: one dispatch, or several of fewer groups if they would
    /// take too long.
    fn dispatch(&mut self, kernel: usize, module: Module, groups: usize, record: Option<Vec<u32>>) {
        if groups == 0 {
            return;
        }
        let record = record.map(|mut words| {
            let first = self.out.records.len() / RECORD;
            words.resize(words.len().next_multiple_of(RECORD), 0);
            self.out.records.extend(words);
            first
        });
        let pieces = (self.work / self.limits.work.max(1) + 1).min(groups as u64) as usize;
        let each = groups.div_ceil(pieces);
        for first in (0..groups).step_by(each) {
            if self.out.steps.len() >= budget::DISPATCHES.most || self.text > budget::TEXT.most {
                self.out.whole = false;
                return;
            }
            self.piece(kernel, module.clone(), first..groups.min(first + each), record);
        }
    }

    fn piece(
        &mut self,
        kernel: usize,
        mut module: Module,
        some: Range<usize>,
        record: Option<usize>,
    ) {
        let most = self.limits.groups as usize;
        let groups = match some.len() <= most {
            true => [some.len() as u32, 1, 1],
            false => [most as u32, some.len().div_ceil(most) as u32, 1],
        };
        // A rectangle of groups may have more than are wanted.
        let exact = groups[0] as usize * groups[1] as usize == some.len();
        if some.start > 0 || !exact {
            let end = (!exact).then_some(some.end);
            let numbered = writer::group(self.limits, some.start, end);
            module.text = module.text.replace(&writer::group(self.limits, 0, None), &numbered);
        }
        let at = match self.known.get(&module.text) {
            Some(at) => *at,
            None => {
                self.text += module.text.len();
                self.known.insert(module.text.clone(), self.out.modules.len());
                self.out.modules.push(module);
                self.out.modules.len() - 1
            }
        };
        self.out.steps.push(Step { module: at, groups, record, kernel });
    }
}

/// A kernel of the plan that is being written.
struct Job<'e, 'l, 'p> {
    emit: &'e mut Emit<'l>,
    kernel: usize,
    label: &'p str,
    places: &'p Places,
}
