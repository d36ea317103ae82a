//! Values in 16 bits. In: a plan. Out: which of its buffers are kept so, and where they lie then.
//!
//! Kept so are the large results of elementwise kernels, products, convolutions and gathers that only
//! kernels read. In 32 bits stay weights and states, gradients on their way to an update, sums and
//! what a loop carries: there small terms meet large ones.

use super::layout::Region;
use crate::plan::{BufferId, Elem, Index, Place, Plan, Work, lifetimes, pack};
use std::collections::HashSet;

/// Regions and first elements of the arena's buffers, and the sizes of both regions.
pub struct Split {
    /// By buffer; nothing for those outside the arena.
    pub places: Vec<Option<(Region, usize)>>,
    /// Words of the arena.
    pub arena: usize,
    /// Elements in 16 bits.
    pub halves: usize,
}

/// Splits an arena: values of at least so many elements may be in 16 bits.
pub fn split(plan: &Plan, least: usize) -> Split {
    let live = lifetimes(plan);
    let small = halved(plan, least);
    let alive = (0..live.len()).filter(|b| live[*b].is_some());
    let (low, full): (Vec<BufferId>, Vec<BufferId>) = alive.partition(|b| small.contains(b));
    let mut places = vec![None; live.len()];
    let mut place = |region: Region, some: Vec<BufferId>| {
        let (offsets, total) = pack(plan, &live, some);
        offsets.into_iter().for_each(|(b, offset)| places[b] = Some((region, offset)));
        total
    };
    let halves = place(Region::Halves, low);
    let arena = place(Region::Arena, full);
    Split { places, arena, halves }
}

/// The buffers that are kept in 16 bits.
fn halved(plan: &Plan, least: usize) -> HashSet<BufferId> {
    let is_slot = |b: &BufferId| matches!(plan.buffers[*b].place, Place::Slot(_));
    let mut kept: HashSet<BufferId> = plan.outputs.iter().map(|o| o.buffer).collect();
    let mut some: HashSet<BufferId> = HashSet::new();
    for kernel in &plan.kernels {
        some.extend(values(&kernel.work));
        kept.extend(exact(&kernel.work));
        if kernel.work.writes().iter().any(is_slot) {
            kept.extend(kernel.work.reads());
        }
    }
    let fits = |b: &BufferId| {
        let buffer = &plan.buffers[*b];
        let inside = matches!(buffer.place, Place::Arena(_));
        inside && buffer.elem == Elem::F32 && buffer.len() >= least && !kept.contains(b)
    };
    some.into_iter().filter(fits).collect()
}

/// Results that may be rounded.
fn values(work: &Work) -> Vec<BufferId> {
    match work {
        Work::Loop(body) => body.stores.iter().map(|s| s.to.buffer).collect(),
        Work::Gemm(g) => {
            let stores = g.epilogue.iter().flat_map(|body| &body.stores);
            g.to.iter().map(|m| m.buffer).chain(stores.map(|s| s.to.buffer)).collect()
        }
        Work::Conv(c) => vec![c.to],
        Work::Index(Index::Gather { to, .. } | Index::TakeAlong { to, .. }) => vec![*to],
        Work::Index(_) => vec![],
        Work::Scan(scan) => scan.results[scan.carries.len()..].to_vec(),
    }
}

/// Results and operands that must not be.
fn exact(work: &Work) -> Vec<BufferId> {
    match work {
        Work::Loop(body) => sums(body),
        Work::Gemm(g) => g.epilogue.iter().flat_map(sums).collect(),
        Work::Conv(c) => c.parts.into_iter().collect(),
        // Ties and sums of many terms.
        Work::Index(index) => match index {
            Index::Gather { .. } | Index::TakeAlong { .. } | Index::Firsts { .. } => vec![],
            _ => [work.reads(), work.writes()].concat(),
        },
        Work::Scan(scan) => {
            let carried = &scan.results[..scan.carries.len()];
            [carried, &scan.spares, &scan.carries, &[scan.workspace]].concat()
        }
    }
}

fn sums(body: &crate::plan::Loop) -> Vec<BufferId> {
    body.folds.iter().flat_map(|f| [Some(f.to.buffer), f.parts]).flatten().collect()
}
