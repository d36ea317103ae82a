//! Buffers to places. In: kernels. Out: kernels without dead stores, slots written in place where
//! nothing reads the old value afterwards, and offsets in one arena.

use super::cluster::{Cluster, strides};
use super::lower::{Draft, Grown};
use super::{
    Buffer, BufferId, Elem, Fold, Gemm, Index, Kernel, Load, Loop, Place, Plan, Store, View, Work,
};
use std::collections::HashMap;

/// Offsets in the arena are multiples of this many words: one cache line.
pub const LINE: usize = 16;
/// Folded points per part, if a fold has too few results to keep the threads busy.
const PART: usize = 4096;
/// Results of a fold that are enough work for all threads.
const ENOUGH: usize = 64;

/// Finishes the drafts: stores that no other kernel reads are dropped unless kept.
pub fn close(drafts: Vec<Draft>, kept: &[BufferId], buffers: &mut Vec<Buffer>) -> Vec<Kernel> {
    let mut readers: HashMap<BufferId, usize> = kept.iter().map(|b| (*b, 2)).collect();
    for draft in &drafts {
        let mut read = match draft {
            Draft::Done(kernel) => kernel.work.reads(),
            Draft::Loop(grown) => {
                let mut read: Vec<BufferId> = loop_of(grown).reads();
                read.extend(grown.product.iter().flat_map(|(g, _)| [g.a.buffer, g.b.buffer]));
                read
            }
        };
        read.sort_unstable();
        read.dedup();
        read.into_iter().for_each(|b| *readers.entry(b).or_default() += 1);
    }
    let wanted = |b: BufferId| readers.contains_key(&b);
    let done = drafts.into_iter().map(|draft| match draft {
        Draft::Done(kernel) => Some(kernel),
        Draft::Loop(grown) => close_loop(grown, &wanted, buffers),
    });
    done.flatten().collect()
}

fn loop_of(grown: &Grown) -> Loop {
    grown.cluster.finish(grown.product.as_ref().map(|(_, classes)| &classes[..]))
}

fn close_loop(
    mut grown: Grown,
    wanted: &dyn Fn(BufferId) -> bool,
    buffers: &mut Vec<Buffer>,
) -> Option<Kernel> {
    grown.cluster.stores.retain(|s| wanted(s.to.buffer));
    grown.cluster.folds.retain(|f| wanted(f.to.buffer));
    if grown.cluster.folds.is_empty() {
        grown.cluster.folded.iter_mut().for_each(|f| *f = false);
    }
    let empty = grown.cluster.stores.is_empty() && grown.cluster.folds.is_empty();
    let mut body = loop_of(&grown);
    let label = grown.label;
    if let Some((mut gemm, _)) = grown.product {
        gemm.to = gemm.to.filter(|to| wanted(to.buffer));
        gemm.epilogue = (!empty).then_some(body);
        let alive = gemm.to.is_some() || !empty;
        return alive.then_some(Kernel { label, work: Work::Gemm(gemm) });
    }
    if empty {
        return None;
    }
    split(&mut body, buffers);
    Some(Kernel { label, work: Work::Loop(body) })
}

/// Splits a fold with few results into parts of a fixed size.
fn split(body: &mut Loop, buffers: &mut Vec<Buffer>) {
    if body.folds.is_empty() {
        return;
    }
    let last = usize::from(body.columns);
    let folded: usize = body.shape[body.outer..body.shape.len() - last].iter().product();
    let results: usize = body.shape.iter().product::<usize>() / folded.max(1);
    let tasks = if body.columns { results / 64 } else { results };
    let width = if body.columns { body.shape.last().map_or(1, |n| *n.min(&64)) } else { 1 };
    if tasks >= ENOUGH || folded * width < 2 * PART {
        return;
    }
    body.splits = (folded * width).div_ceil(PART).min(folded).min(ENOUGH);
    for fold in &mut body.folds {
        buffers.push(Buffer {
            elem: if fold.integer { Elem::I32 } else { Elem::F32 },
            shape: vec![body.splits, results],
            place: Place::Arena(0),
        });
        fold.parts = Some(buffers.len() - 1);
    }
}

impl Loop {
    /// Buffers that it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        let of = |load: &Load| match load {
            Load::View(view) => vec![view.buffer],
            Load::Noise { seed, step, .. } => vec![*seed, *step],
            _ => vec![],
        };
        self.loads.iter().flat_map(of).collect()
    }

    /// Buffers that it writes.
    pub fn writes(&self) -> Vec<BufferId> {
        let folds = |f: &Fold| [Some(f.to.buffer), f.parts].into_iter().flatten();
        let stores = self.stores.iter().map(|s: &Store| s.to.buffer);
        stores.chain(self.folds.iter().flat_map(folds)).collect()
    }
}

impl Work {
    /// Buffers that it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        match self {
            Work::Loop(body) => body.reads(),
            Work::Gemm(g) => {
                let mut out = vec![g.a.buffer, g.b.buffer];
                out.extend(g.epilogue.iter().flat_map(Loop::reads));
                out
            }
            Work::Conv(c) => vec![c.a, c.b],
            Work::Index(index) => index.reads(),
            Work::Scan(s) => [&s.carries[..], &s.sequences, &s.constants].concat(),
        }
    }

    /// Buffers that it completes or fills in part, scratch left out.
    pub fn results(&self) -> Vec<BufferId> {
        match self {
            Work::Loop(body) => loop_results(body).collect(),
            Work::Gemm(g) => {
                let to = g.to.iter().map(|m| m.buffer);
                to.chain(g.epilogue.iter().flat_map(loop_results)).collect()
            }
            Work::Conv(c) => vec![c.to],
            Work::Index(index) => vec![index.writes()],
            Work::Scan(s) => s.results.clone(),
        }
    }

    /// Buffers that it writes, scratch included.
    pub fn writes(&self) -> Vec<BufferId> {
        match self {
            Work::Loop(body) => body.writes(),
            Work::Gemm(g) => {
                let mut out: Vec<BufferId> = g.to.iter().map(|m| m.buffer).collect();
                out.extend(g.epilogue.iter().flat_map(Loop::writes));
                out
            }
            Work::Conv(c) => [Some(c.to), c.parts].into_iter().flatten().collect(),
            Work::Index(index) => vec![index.writes()],
            Work::Scan(s) => [&s.results[..], &s.spares, &[s.workspace]].concat(),
        }
    }
}

fn loop_results(body: &Loop) -> impl Iterator<Item = BufferId> {
    body.stores.iter().map(|s| s.to.buffer).chain(body.folds.iter().map(|f| f.to.buffer))
}

impl Index {
    fn reads(&self) -> Vec<BufferId> {
        match self {
            Index::Gather { table, index, .. } => vec![*table, *index],
            Index::PutRows { table, index, from, .. } => vec![*table, *index, *from],
            Index::Firsts { index, .. } => vec![*index],
            Index::ScatterAdd { index, from, .. }
            | Index::TakeAlong { from, index, .. }
            | Index::PutAlong { from, index, .. } => vec![*from, *index],
            Index::CumSum { from, .. }
            | Index::ArgSort { from, .. }
            | Index::ArgMax { from, .. } => {
                vec![*from]
            }
        }
    }

    fn writes(&self) -> BufferId {
        match self {
            Index::Gather { to, .. }
            | Index::ScatterAdd { to, .. }
            | Index::PutRows { to, .. }
            | Index::Firsts { to, .. }
            | Index::TakeAlong { to, .. }
            | Index::PutAlong { to, .. }
            | Index::CumSum { to, .. }
            | Index::ArgSort { to, .. }
            | Index::ArgMax { to, .. } => *to,
        }
    }
}

/// When buffers are used, by kernel.
struct Uses {
    /// The first and the last kernel that writes a buffer.
    written: Vec<Option<(usize, usize)>>,
    /// The last kernel that reads it.
    read_last: Vec<Option<usize>>,
    /// The buffers that stand for a slot.
    slots: HashMap<String, Vec<BufferId>>,
}

impl Uses {
    fn of(plan: &Plan) -> Uses {
        let n = plan.buffers.len();
        let (mut written, mut read_last) = (vec![None; n], vec![None; n]);
        for (at, kernel) in plan.kernels.iter().enumerate() {
            for buffer in kernel.work.writes() {
                let first = written[buffer].map_or(at, |(first, _)| first);
                written[buffer] = Some((first, at));
            }
            kernel.work.reads().into_iter().for_each(|buffer| read_last[buffer] = Some(at));
        }
        let mut slots: HashMap<String, Vec<BufferId>> = HashMap::new();
        for (id, buffer) in plan.buffers.iter().enumerate() {
            if let Place::Slot(path) = &buffer.place {
                slots.entry(path.clone()).or_default().push(id);
            }
        }
        Uses { written, read_last, slots }
    }
}

/// Writes new values of slots in place, or copies them there at the end.
pub fn update_slots(plan: &mut Plan, slots: &[(String, BufferId)]) {
    let mut late = vec![];
    let uses = Uses::of(plan);
    for (path, buffer) in slots {
        let (first, writer) = uses.written[*buffer].expect("a new value is computed");
        let old = uses.slots.get(path).cloned().unwrap_or_default();
        let after = old.iter().any(|b| uses.read_last[*b].is_some_and(|read| read > writer));
        let place = Place::Slot(path.clone());
        if first == writer && !after && aligned(&plan.kernels[writer].work, *buffer, &old) {
            plan.buffers[*buffer].place = place;
        } else {
            late.push((place, *buffer));
        }
    }
    for (place, from) in late {
        plan.buffers.push(Buffer { place, ..plan.buffers[from].clone() });
        let to = plan.buffers.len() - 1;
        plan.kernels.push(copy(plan, from, to));
    }
}

/// Whether a kernel may write `new` over `old`, which it reads, if at all, at the same points only.
fn aligned(work: &Work, new: BufferId, old: &[BufferId]) -> bool {
    if !work.reads().iter().any(|b| old.contains(b)) {
        return true;
    }
    let body = match work {
        // Rows that are not put stay as they are.
        Work::Index(Index::PutRows { index, from, .. }) => {
            return !old.contains(index) && !old.contains(from);
        }
        Work::Loop(body) => body,
        Work::Gemm(Gemm { epilogue: Some(body), a, b, .. })
            if !old.contains(&a.buffer) && !old.contains(&b.buffer) =>
        {
            body
        }
        _ => return false,
    };
    // The old value itself is needed as a result: it would be gone.
    let is_old = |reg: usize| match body.loads.get(reg) {
        Some(Load::View(v)) => old.contains(&v.buffer),
        _ => false,
    };
    let mut ends = body.stores.iter().map(|s| s.reg).chain(body.folds.iter().map(|f| f.reg));
    if ends.any(is_old) {
        return false;
    }
    let Some(store) = body.stores.iter().find(|s| s.to.buffer == new) else { return false };
    body.loads.iter().all(|load| match load {
        Load::View(v) if old.contains(&v.buffer) => {
            v.offset == store.to.offset && v.strides == store.to.strides
        }
        Load::Noise { seed, step, .. } => !old.contains(seed) && !old.contains(step),
        _ => true,
    })
}

fn copy(plan: &Plan, from: BufferId, to: BufferId) -> Kernel {
    let shape = [plan.buffers[from].len()];
    let view = |buffer| View { buffer, offset: 0, strides: strides(&shape) };
    let mut cluster = Cluster::new(&shape);
    let reg = cluster.load(Load::View(view(from)));
    cluster.stores.push(Store { reg, to: view(to) });
    Kernel { label: format!("copy [{}]", shape[0]), work: Work::Loop(cluster.finish(None)) }
}

/// First and last kernel that touches each buffer of the arena; outputs live to the end.
pub fn lifetimes(plan: &Plan) -> Vec<Option<(usize, usize)>> {
    let mut live: Vec<Option<(usize, usize)>> = vec![None; plan.buffers.len()];
    for (i, kernel) in plan.kernels.iter().enumerate() {
        for b in kernel.work.reads().into_iter().chain(kernel.work.writes()) {
            if matches!(plan.buffers[b].place, Place::Arena(_)) {
                live[b] = Some((live[b].map_or(i, |l| l.0), i));
            }
        }
    }
    for output in &plan.outputs {
        if let Some(span) = &mut live[output.buffer] {
            span.1 = usize::MAX;
        }
    }
    live
}

/// Gives each buffer of the arena an offset.
pub fn arena(plan: &mut Plan) {
    let live = lifetimes(plan);
    let all: Vec<BufferId> = (0..live.len()).filter(|b| live[*b].is_some()).collect();
    let (offsets, total) = pack(plan, &live, all);
    for (b, offset) in offsets {
        plan.buffers[b].place = Place::Arena(offset);
    }
    plan.arena = total;
}

/// Offsets of some buffers, such that those alive at the same time are apart, and the end of the last:
/// the longest first, each as low as it fits.
pub fn pack(
    plan: &Plan,
    live: &[Option<(usize, usize)>],
    mut order: Vec<BufferId>,
) -> (Vec<(BufferId, usize)>, usize) {
    let size = |b: &BufferId| plan.buffers[*b].len().next_multiple_of(LINE);
    order.sort_by_key(|b| (std::cmp::Reverse(size(b)), *b));
    let mut placed: Vec<(usize, usize, (usize, usize))> = vec![];
    let mut offsets = vec![];
    let mut total = 0;
    for b in &order {
        let span = live[*b].expect("alive");
        let mut rivals: Vec<(usize, usize)> = placed
            .iter()
            .filter(|(_, _, other)| other.0 <= span.1 && span.0 <= other.1)
            .map(|(from, to, _)| (*from, *to))
            .collect();
        rivals.sort_unstable();
        let mut offset = 0;
        for (from, to) in rivals {
            if offset + size(b) <= from {
                break;
            }
            offset = offset.max(to);
        }
        placed.push((offset, offset + size(b), span));
        offsets.push((*b, offset));
        total = total.max(offset + size(b));
    }
    (offsets, total)
}
