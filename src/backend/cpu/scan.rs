//! Loops over time. In: a loop of the plan and the places of its operands. Out: its results. Carries
//! alternate between two buffers, so that a step never overwrites what it reads.

use super::memory::Memory;
use super::simd::Isa;
use super::{ReadyKernel, Team, ready};
use crate::plan::{BufferId, Place, ScanWork};

/// A loop with its body made ready.
pub struct ReadyScan {
    work: ScanWork,
    body: Vec<ReadyKernel>,
    /// For each buffer of the body outside its arena: what it is.
    outside: Vec<(BufferId, Outside)>,
    /// Words of each result's slice.
    sizes: Vec<usize>,
    /// Words of each sequence's slice.
    slices: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Outside {
    Carry(usize),
    Sequence(usize),
    Constant(usize),
    Time,
    Result(usize),
}

impl ReadyScan {
    /// Finds what each buffer of the body is.
    pub fn new(work: &ScanWork, isa: Isa) -> ReadyScan {
        let body = &work.body;
        let mut outside = vec![];
        let mut sizes = vec![0; work.results.len()];
        let mut slices = vec![0; work.sequences.len()];
        for (b, buffer) in body.buffers.iter().enumerate() {
            let what = match &buffer.place {
                Place::Input(name) if name == "t" => Outside::Time,
                Place::Input(name) | Place::Slot(name) => {
                    let (kind, number) = name.split_at(1);
                    let number = number.parse().expect("a name of a loop's input");
                    match kind {
                        "c" => Outside::Carry(number),
                        "x" => {
                            slices[number] = buffer.len();
                            Outside::Sequence(number)
                        }
                        _ => Outside::Constant(number),
                    }
                }
                Place::Result(i) => {
                    sizes[*i] = buffer.len();
                    Outside::Result(*i)
                }
                Place::Arena(_) => continue,
            };
            outside.push((b, what));
        }
        let kernels = body.kernels.iter().map(|k| ready(&k.work, isa)).collect();
        ReadyScan { work: work.clone(), body: kernels, outside, sizes, slices }
    }

    /// Runs all iterations, as many tasks of each kernel as fall to this thread.
    pub fn run(&self, team: &Team, places: &[Memory]) {
        let work = &self.work;
        let arena = places[work.workspace];
        let mut inner: Vec<Memory> = work.body.buffers.iter().map(|_| arena).collect();
        for (place, buffer) in inner.iter_mut().zip(&work.body.buffers) {
            if let Place::Arena(offset) = buffer.place {
                *place = arena.part_if_any(offset, buffer.len());
            }
        }
        // Step i reads carries from `now(i)` and writes `now(i + 1)`; the last write is the result.
        let now = |carry: usize, step: usize| match (work.length - step) % 2 {
            _ if step == 0 => places[work.carries[carry]],
            0 => places[work.results[carry]],
            _ => places[work.spares[carry]],
        };
        for step in 0..work.length {
            let t = if work.reverse { work.length - 1 - step } else { step };
            let mut time = f32::from_bits(t as u32);
            for (b, what) in &self.outside {
                inner[*b] = match *what {
                    Outside::Carry(i) => now(i, step),
                    Outside::Sequence(i) => {
                        places[work.sequences[i]].part(t * self.slices[i], self.slices[i])
                    }
                    Outside::Constant(i) => places[work.constants[i]],
                    Outside::Time => Memory::new(&mut time, 1),
                    Outside::Result(i) if i < work.carries.len() => now(i, step + 1),
                    Outside::Result(i) => {
                        places[work.results[i]].part(t * self.sizes[i], self.sizes[i])
                    }
                };
            }
            self.body.iter().for_each(|kernel| kernel.run(team, &inner));
        }
        if work.length == 0 {
            for carry in team.tasks(work.carries.len()) {
                let n = self.sizes[carry];
                let to = places[work.results[carry]].all(n);
                // Safety: `all` has checked both; a task has a carry of its own.
                unsafe { std::ptr::copy(places[work.carries[carry]].all(n), to, n) };
            }
        }
    }
}
