//! Checks of a plan. In: a plan. Out: the first thing that is wrong with it.

use super::memory::lifetimes;
use super::{Place, Plan, View, Work};

/// Whether buffers that are alive together are apart, and every access is inside its buffer.
pub fn verify(plan: &Plan) -> Result<(), String> {
    apart(plan)?;
    for kernel in &plan.kernels {
        inside(plan, &kernel.work).map_err(|why| format!("{}: {why}", kernel.label))?;
    }
    Ok(())
}

fn apart(plan: &Plan) -> Result<(), String> {
    let live = lifetimes(plan);
    let mut spans = vec![];
    for (b, span) in live.iter().enumerate() {
        let (Some(span), Place::Arena(offset)) = (span, &plan.buffers[b].place) else { continue };
        let end = offset + plan.buffers[b].len();
        if end > plan.arena {
            return Err(format!("buffer {b} ends at {end}, the arena at {}", plan.arena));
        }
        spans.push((*offset, end, *span, b));
    }
    for (i, x) in spans.iter().enumerate() {
        for y in &spans[..i] {
            let memory = x.0 < y.1 && y.0 < x.1;
            let time = x.2.0 <= y.2.1 && y.2.0 <= x.2.1;
            if memory && time {
                return Err(format!("buffers {} and {} overlap", y.3, x.3));
            }
        }
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
