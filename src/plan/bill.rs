//! The bill. In: a plan. Out: bytes and operations, counted from its kernels.

use super::{Bill, Conv, ConvKind, Loop, Place, Plan, Work};
use std::collections::BTreeMap;

/// Adds up a plan.
pub fn bill(plan: &Plan) -> Bill {
    let mut bill = Bill { kernels: plan.kernels.len(), ..Bill::default() };
    let mut places = BTreeMap::new();
    for buffer in &plan.buffers {
        match &buffer.place {
            Place::Slot(path) => places.insert((0, path), buffer.len() * 4),
            Place::Input(name) => places.insert((1, name), buffer.len() * 4),
            _ => None,
        };
    }
    bill.arena_bytes = plan.arena * 4;
    bill.slot_bytes = places.iter().filter(|(key, _)| key.0 == 0).map(|(_, n)| n).sum();
    bill.peak_bytes = bill.arena_bytes + places.values().sum::<usize>();
    for kernel in &plan.kernels {
        add(&mut bill, plan, &kernel.work);
    }
    bill
}

/// What one kernel of a plan costs: operations and bytes moved.
pub fn cost(plan: &Plan, work: &Work) -> Bill {
    let kernels = usize::from(!matches!(work, Work::Scan(_)));
    let mut bill = Bill { kernels, ..Bill::default() };
    add(&mut bill, plan, work);
    bill
}

fn add(bill: &mut Bill, plan: &Plan, work: &Work) {
    let len = |b: usize| plan.buffers[b].len() as u64;
    let touched: u64 = work.reads().into_iter().chain(work.writes()).map(len).sum();
    bill.bytes_moved += 4 * touched;
    match work {
        Work::Loop(body) => bill.elementwise += operations(body),
        Work::Gemm(g) => {
            let outer: usize = g.outer.iter().product();
            bill.flops += 2 * (outer * g.m * g.n * g.k) as u64;
            bill.elementwise += g.epilogue.as_ref().map_or(0, operations);
        }
        Work::Conv(c) => bill.flops += convolution(c),
        Work::Index(_) => {}
        Work::Scan(s) => {
            let (times, inner) = (s.length as u64, &s.body.bill);
            bill.flops += times * inner.flops;
            bill.elementwise += times * inner.elementwise;
            bill.bytes_moved += times * inner.bytes_moved;
            bill.kernels += s.length * inner.kernels;
        }
    }
}

fn operations(body: &Loop) -> u64 {
    let points: usize = body.shape.iter().product();
    (points * (body.code.len() + body.folds.len())) as u64
}

fn convolution(c: &Conv) -> u64 {
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    match c.kind {
        ConvKind::Unfold | ConvKind::Fold => 0,
        _ => {
            let sums = c.n * c.o * product(&c.output);
            (2 * sums * (c.c / c.groups) * product(&c.size)) as u64
        }
    }
}
