//! Loops over time as one dispatch per kernel and iteration. In: a loop of the plan. Out: dispatches
//! whose modules are the same in every iteration: places that move stand in a record.

use super::layout::{Places, Region, Span};
use super::{Job, TIME};
use crate::plan::{Buffer, Place, ScanWork};

impl Job<'_, '_, '_> {
    /// A loop over time. Carries alternate between two buffers, so that an iteration never overwrites
    /// what it reads.
    pub fn scan(&mut self, scan: &ScanWork) {
        for step in 0..scan.length {
            if !self.emit.out.whole {
                return;
            }
            let places = self.inner(scan, step);
            for kernel in &scan.body.kernels {
                self.emit.kernel(self.kernel, &kernel.label, &kernel.work, &places);
            }
        }
        if scan.length == 0 {
            for (carry, from) in scan.carries.iter().enumerate() {
                self.copy(*from, scan.results[carry]);
            }
        }
    }

    /// The spans of the body's buffers in one iteration.
    fn inner(&self, scan: &ScanWork, step: usize) -> Places {
        let of = |buffer: usize| self.places.of(buffer).clone();
        // Step i reads carries from `now(i)` and writes `now(i + 1)`; the last write is the result.
        let now = |carry: usize, step: usize| match (scan.length - step) % 2 {
            _ if step == 0 => of(scan.carries[carry]),
            0 => of(scan.results[carry]),
            _ => of(scan.spares[carry]),
        };
        let t = if scan.reverse { scan.length - 1 - step } else { step };
        let slice = |span: Span, buffer: &Buffer| Span {
            start: span.start + t * buffer.len(),
            len: buffer.len(),
            moves: true,
            ..span
        };
        let moving = |span: Span| Span { moves: true, ..span };
        let one = |buffer: &Buffer| match &buffer.place {
            Place::Arena(offset) => {
                let arena = of(scan.workspace);
                // In a loop within a loop the arena itself does not move.
                Span { start: arena.start + offset, len: buffer.len(), ..arena }
            }
            Place::Result(i) if *i < scan.carries.len() => moving(now(*i, step + 1)),
            Place::Result(i) => slice(of(scan.results[*i]), buffer),
            Place::Input(name) if name == "t" => Span {
                region: Region::Tables,
                start: TIME + t,
                len: 1,
                elem: buffer.elem,
                name: String::new(),
                moves: true,
            },
            Place::Input(name) | Place::Slot(name) => {
                let (kind, number) = name.split_at(1);
                let number: usize = number.parse().expect("a name of a loop's input");
                match kind {
                    "c" => moving(now(number, step)),
                    "x" => slice(of(scan.sequences[number]), buffer),
                    _ => of(scan.constants[number]),
                }
            }
        };
        let span = |buffer: &Buffer| Span { elem: buffer.elem, name: String::new(), ..one(buffer) };
        Places(scan.body.buffers.iter().map(span).collect())
    }

    fn copy(&mut self, from: usize, to: usize) {
        let (mut w, points) =
            (super::writer::Writer::new(self.emit.limits), self.places.of(to).len);
        let word = w.word(self.places.of(from), "i");
        let put = w.put(self.places.of(to), "i", &word);
        let lanes = super::point::lanes(self.emit.limits, points);
        let body = super::conv::point(points, lanes) + &format!("    {put}\n");
        self.finish(w, lanes, &body, points.div_ceil(lanes));
    }
}
