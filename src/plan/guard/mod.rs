//! Whether a plan may be run. In: a plan, and the slots and inputs around it. Out: the first thing
//! that is wrong. Runs nothing, and trusts nothing: not the bill, not even that sums do not overflow.
//!
//! # What executors may rely on afterwards
//! 1. Every buffer lies inside the arena, or is a slot or an input of that shape.
//! 2. No extent that is walked is zero, and every index stays inside its buffer.
//! 3. Two points of a kernel never write one place, and what a kernel writes is apart from what it
//!    reads, but for a loop that writes each point over itself, and a table of which rows are replaced.
//! 4. Registers and buffers have the element types that operations ask for.
//! 5. Whatever is read was written before; buffers alive together are apart; no input is written.
//! 6. Trip counts, registers and the work of one run are below the limits here, and the bill is that
//!    of the kernels.

mod apart;
mod bodies;
mod kernels;
mod scan;
mod types;

use super::*;
use crate::base::{Limit, budget};
use crate::graph::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// No buffer and no arena has more words.
const MOST_WORDS: usize = 1 << 40;
/// No loop has more dims. A tensor of a file has far fewer, samples and axes of `map` included.
const MOST_DIMS: usize = 128;
/// No loop has more registers. The planner stops far below.
const MOST_REGISTERS: usize = 1024;
/// No fold is done in more parts.
const MOST_PARTS: usize = 64;
/// No loop over time has more operands of one kind.
const MOST_OPERANDS: usize = 1 << 18;
/// No loop over time has more iterations.
const MOST_TRIPS: usize = budget::TRIPS.most;
/// Lines of a convolution times taps of its window: runs of memory that are written down before it
/// starts.
const MOST_RUNS: usize = budget::WINDOWS.most;
/// No run of a plan does more operations. The bill counts in another way, so this is not its limit.
const MOST_WORK: u128 = 1 << 60;

/// What is around a plan.
#[derive(Default)]
pub struct Around<'a> {
    /// Slots by path.
    pub slots: BTreeMap<&'a str, &'a Ty>,
    /// Shapes of inputs by name.
    pub inputs: BTreeMap<&'a str, Vec<usize>>,
}

/// Checks a plan and says how many operations one run of it does, roughly.
pub fn guard(plan: &Plan, around: &Around<'_>) -> Result<u128, String> {
    let outside = |buffer: &Buffer, _: usize| match &buffer.place {
        Place::Slot(path) => around
            .slots
            .get(path.as_str())
            .is_some_and(|ty| ty.shape == buffer.shape && Elem::from(ty.dtype) == buffer.elem),
        Place::Input(name) => around.inputs.get(name.as_str()) == Some(&buffer.shape),
        _ => false,
    };
    let guard = Guard::new(plan, outside)?;
    let work = guard.kernels()?;
    holds(work <= MOST_WORK, "it does too much work")?;
    guard.outputs()?;
    // Sums of the bill are below the work, so they do not overflow.
    holds(bill(plan) == plan.bill, "the bill is not that of the kernels")?;
    Ok(work)
}

/// The limit that a plan passes which may be right otherwise.
pub fn beyond(plan: &Plan) -> Option<&'static Limit> {
    if plan.bill.flops.saturating_add(plan.bill.elementwise) > budget::WORK.most as u64 {
        return Some(budget::WORK);
    }
    plan.kernels.iter().find_map(|kernel| match &kernel.work {
        Work::Scan(scan) => beyond(&scan.body),
        Work::Conv(c) => (kernels::runs(c)? > MOST_RUNS).then_some(budget::WINDOWS),
        _ => None,
    })
}

struct Guard<'p> {
    plan: &'p Plan,
    /// Words of each buffer.
    lens: Vec<usize>,
}

/// The product of some extents.
fn product(dims: &[usize]) -> Result<usize, String> {
    let all = dims.iter().try_fold(1usize, |n, dim| n.checked_mul(*dim));
    all.filter(|n| *n <= MOST_WORDS).ok_or_else(|| "something is too large".to_string())
}

/// The product of extents of which none is zero.
fn space(dims: &[usize]) -> Result<usize, String> {
    holds(!dims.contains(&0), "an empty space")?;
    product(dims)
}

/// Operations, counted with room for any number of them.
fn times(extents: &[usize]) -> u128 {
    extents.iter().fold(1, |n: u128, extent| n.saturating_mul(*extent as u128))
}

fn holds(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what.to_string()) }
}

/// The least and the largest value of an affine function over a space that is not empty.
fn range(offset: isize, strides: &[isize], space: &[usize]) -> Result<(i128, i128), String> {
    holds(strides.len() == space.len(), "strides for another space")?;
    let small = |x: &isize| x.unsigned_abs() <= MOST_WORDS;
    holds(small(&offset) && strides.iter().all(small), "a stride")?;
    let (mut low, mut high) = (offset as i128, offset as i128);
    for (stride, n) in strides.iter().zip(space) {
        let far = *stride as i128 * (*n as i128 - 1);
        if far < 0 { low += far } else { high += far }
    }
    Ok((low, high))
}

/// Whether two points of a space never have one place: each step is longer than all shorter ones
/// together reach.
fn distinct(strides: &[isize], space: &[usize]) -> Result<(), String> {
    let mut steps: Vec<(i128, i128)> = strides
        .iter()
        .zip(space)
        .filter(|(_, n)| **n > 1)
        .map(|(stride, n)| ((*stride as i128).abs(), *n as i128 - 1))
        .collect();
    steps.sort_unstable();
    let mut reach = 0;
    for (step, more) in steps {
        holds(step > reach, "one place is written by two points")?;
        reach += step * more;
    }
    Ok(())
}

impl<'p> Guard<'p> {
    /// `outside` tells whether a slot, input or result is what a buffer of so many words says.
    fn new(plan: &'p Plan, outside: impl Fn(&Buffer, usize) -> bool) -> Result<Guard<'p>, String> {
        holds(plan.arena <= MOST_WORDS, "the arena is too large")?;
        let touched =
            plan.kernels.iter().flat_map(|k| k.work.reads().into_iter().chain(k.work.writes()));
        let touched: BTreeSet<BufferId> = touched.collect();
        let mut lens = Vec::new();
        let mut used = 0usize;
        let mut elems: BTreeMap<&Place, Elem> = BTreeMap::new();
        for (number, buffer) in plan.buffers.iter().enumerate() {
            let len = product(&buffer.shape)?;
            let fits = match &buffer.place {
                // A value that is never in memory has no place.
                Place::Arena(at) if !touched.contains(&number) => *at <= plan.arena,
                Place::Arena(at) => {
                    used = used.saturating_add(len);
                    let end = at.checked_add(len);
                    at.is_multiple_of(LINE) && end.is_some_and(|end| end <= plan.arena)
                }
                place => {
                    let elem = *elems.entry(place).or_insert(buffer.elem);
                    elem == buffer.elem && outside(buffer, len)
                }
            };
            holds(fits, &format!("buffer {number} is not there"))?;
            lens.push(len);
        }
        let named = plan.outputs.iter().all(|output| output.buffer < lens.len());
        holds(named, "an output is nowhere")?;
        // Buffers start at multiples of a cache line.
        let room = used.saturating_add(plan.buffers.len().saturating_mul(LINE));
        holds(plan.arena <= room, "the arena is larger than what it holds")?;
        Ok(Guard { plan, lens })
    }

    /// Checks every kernel in order. Out: the work of all.
    fn kernels(&self) -> Result<u128, String> {
        let mut total = 0u128;
        let mut written = vec![false; self.lens.len()];
        for kernel in &self.plan.kernels {
            let work = self.kernel(&kernel.work, &written);
            let named = |why| format!("{}: {why}", kernel.label.escape_debug());
            total = total.saturating_add(work.map_err(named)?);
            kernel.work.writes().into_iter().for_each(|buffer| written[buffer] = true);
        }
        super::verify::apart(self.plan)?;
        Ok(total)
    }

    fn kernel(&self, work: &Work, written: &[bool]) -> Result<u128, String> {
        let touched = work.reads().into_iter().chain(work.writes());
        let mut words = 0u128;
        for buffer in touched {
            words += self.len(buffer)? as u128;
        }
        for buffer in work.reads() {
            let ready = written[buffer]
                || !matches!(self.place(buffer)?, Place::Arena(_) | Place::Result(_));
            holds(ready, &format!("buffer {buffer} is read before it is written"))?;
        }
        for buffer in work.writes() {
            holds(!matches!(self.place(buffer)?, Place::Input(_)), "an input is written")?;
        }
        let operations = match work {
            Work::Loop(body) => self.body(body, None)?,
            Work::Gemm(gemm) => self.gemm(gemm)?,
            Work::Conv(conv) => self.conv(conv)?,
            Work::Index(index) => self.index(index)?,
            Work::Scan(scan) => self.scan(scan)?,
        };
        Ok(operations.saturating_add(4 * words))
    }

    fn outputs(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        let writes = self.plan.kernels.iter().flat_map(|kernel| kernel.work.writes());
        let written: BTreeSet<BufferId> = writes.collect();
        for output in &self.plan.outputs {
            let there = match self.place(output.buffer)? {
                Place::Arena(_) => written.contains(&output.buffer),
                Place::Slot(_) => true,
                Place::Input(_) | Place::Result(_) => false,
            };
            let own = names.insert(&output.name);
            holds(there && own, &format!("output `{}` is nowhere", output.name.escape_debug()))?;
        }
        Ok(())
    }

    fn len(&self, buffer: BufferId) -> Result<usize, String> {
        self.lens.get(buffer).copied().ok_or_else(|| format!("there is no buffer {buffer}"))
    }

    fn buffer(&self, buffer: BufferId) -> Result<&'p Buffer, String> {
        self.plan.buffers.get(buffer).ok_or_else(|| format!("there is no buffer {buffer}"))
    }

    fn place(&self, buffer: BufferId) -> Result<&'p Place, String> {
        Ok(&self.buffer(buffer)?.place)
    }

    /// A buffer of just so many words.
    fn has(&self, buffer: BufferId, words: usize) -> Result<(), String> {
        holds(self.len(buffer)? == words, &format!("buffer {buffer} has another length"))
    }

    /// Everything that an affine function reaches over a space.
    fn reach(
        &self,
        buffer: BufferId,
        offset: isize,
        strides: &[isize],
        space: &[usize],
    ) -> Result<(), String> {
        let (low, high) = range(offset, strides, space)?;
        let inside = low >= 0 && high < self.len(buffer)? as i128;
        holds(inside, &format!("buffer {buffer} is left"))
    }
}
