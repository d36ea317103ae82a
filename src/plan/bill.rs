//! The bill. In: a plan. Out: bytes and operations, counted from its kernels.

use super::{Bill, Conv, ConvKind, Index, Loop, Place, Plan, Work};
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
    let touched: u64 = match work {
        // Of a table only the rows that are asked for, and where it is its own result those that are put.
        Work::Index(Index::Gather { index, to, .. }) => len(*index) + 2 * len(*to),
        Work::Index(Index::PutRows { table, index, from, to, .. }) => {
            let over = plan.buffers[*table].place == plan.buffers[*to].place;
            let copied = if over { 0 } else { 2 * len(*to) };
            len(*index) + 2 * len(*from) + copied
        }
        _ => work.reads().into_iter().chain(work.writes()).map(len).sum(),
    };
    // A loop in a loop can be longer than any number is.
    let spend = |of: &mut u64, times: u64, n: u64| *of = of.saturating_add(times.saturating_mul(n));
    spend(&mut bill.bytes_moved, 4, touched);
    match work {
        Work::Loop(body) => spend(&mut bill.elementwise, 1, operations(body)),
        Work::Gemm(g) => {
            spend(&mut bill.flops, 2, product(g.outer.iter().chain([&g.m, &g.n, &g.k])));
            spend(&mut bill.elementwise, 1, g.epilogue.as_ref().map_or(0, operations));
        }
        Work::Conv(c) => spend(&mut bill.flops, 2, convolution(c)),
        Work::Index(_) => {}
        Work::Scan(s) => {
            let (times, inner) = (s.length as u64, &s.body.bill);
            spend(&mut bill.flops, times, inner.flops);
            spend(&mut bill.elementwise, times, inner.elementwise);
            spend(&mut bill.bytes_moved, times, inner.bytes_moved);
            let kernels = s.length.saturating_mul(inner.kernels);
            bill.kernels = bill.kernels.saturating_add(kernels);
        }
    }
}

fn product<'a>(dims: impl IntoIterator<Item = &'a usize>) -> u64 {
    dims.into_iter().fold(1, |all: u64, n| all.saturating_mul(*n as u64))
}

fn operations(body: &Loop) -> u64 {
    product(&body.shape).saturating_mul((body.code.len() + body.folds.len()) as u64)
}

/// Multiply-adds.
fn convolution(c: &Conv) -> u64 {
    match c.kind {
        ConvKind::Unfold | ConvKind::Fold => 0,
        _ => {
            let inner = c.c / c.groups.max(1);
            product([c.n, c.o, inner].iter().chain(&c.output).chain(&c.size))
        }
    }
}
