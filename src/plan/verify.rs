//! Checks of a plan that hold whatever is around it. In: a plan. Out: the first thing that is wrong
//! with it. Whether a plan from elsewhere may be run is for [`super::guard()`] to say.

use super::memory::lifetimes;
use super::{Place, Plan, View, Work};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Whether buffers that are alive together are apart, and every access is inside its buffer.
pub fn verify(plan: &Plan) -> Result<(), String> {
    apart(plan)?;
    for kernel in &plan.kernels {
        inside(plan, &kernel.work).map_err(|why| format!("{}: {why}", kernel.label))?;
    }
    Ok(())
}

/// Whether buffers that are alive together are apart. Walks the kernels in order; those alive lie
/// side by side, so that a new one is compared with its neighbours only.
pub(super) fn apart(plan: &Plan) -> Result<(), String> {
    let live = lifetimes(plan);
    let mut spans = vec![];
    for (b, span) in live.iter().enumerate() {
        let (Some(span), Place::Arena(offset)) = (span, &plan.buffers[b].place) else { continue };
        let end = offset + plan.buffers[b].len();
        if end > plan.arena {
            return Err(format!("buffer {b} ends at {end}, the arena at {}", plan.arena));
        }
        if end > *offset {
            spans.push((span.0, span.1, *offset, end, b));
        }
    }
    spans.sort_unstable();
    let mut alive: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut ends = BinaryHeap::new();
    for (first, last, offset, end, b) in spans {
        while let Some(Reverse((gone, at))) = ends.peek().copied()
            && gone < first
        {
            alive.remove(&at);
            ends.pop();
        }
        let before = alive.range(..=offset).next_back().filter(|(_, (end, _))| *end > offset);
        let after = alive.range(offset..end).next();
        if let Some((_, (_, other))) = before.or(after) {
            return Err(format!("buffers {other} and {b} overlap"));
        }
        alive.insert(offset, (end, b));
        ends.push(Reverse((last, offset)));
    }
    Ok(())
}

fn inside(plan: &Plan, work: &Work) -> Result<(), String> {
    let body = match work {
        Work::Loop(body) => body,
        Work::Gemm(gemm) => match &gemm.epilogue {
            Some(body) => body,
            None => return Ok(()),
        },
        Work::Scan(scan) => return verify(&scan.body),
        _ => return Ok(()),
    };
    let views = body.loads.iter().filter_map(|load| match load {
        super::Load::View(view) => Some(view),
        _ => None,
    });
    let written = body.stores.iter().map(|s| &s.to).chain(body.folds.iter().map(|f| &f.to));
    for view in views.chain(written) {
        reach(plan, view, &body.shape)?;
    }
    Ok(())
}

fn reach(plan: &Plan, view: &View, shape: &[usize]) -> Result<(), String> {
    if shape.contains(&0) {
        return Ok(());
    }
    let (mut low, mut high) = (view.offset, view.offset);
    for (stride, n) in view.strides.iter().zip(shape) {
        let far = stride * (*n as isize - 1);
        if far < 0 { low += far } else { high += far }
    }
    let len = plan.buffers[view.buffer].len();
    if low < 0 || high >= len as isize || view.strides.len() != shape.len() {
        return Err(format!("{view:?} over {shape:?} leaves a buffer of {len}"));
    }
    Ok(())
}
