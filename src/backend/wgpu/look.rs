//! Where a value that is not finite comes from. In: a graph and its inputs. Out: the first kernel that
//! writes one. Changes slots; the caller puts them back.

use super::graph::Graph;
use super::wgsl::Region;
use super::{BufferId, Elem, Feed, Gpu, Loaded, Place};

impl Gpu {
    /// Runs kernel by kernel: the first whose results are not finite.
    pub fn look(&mut self, graph: Loaded, feed: &Feed) -> Option<String> {
        let none = |key: &str| -> (&wgpu::Buffer, usize) { panic!("table {key}") };
        let feeds = [feed.clone()];
        let packed = self.graphs[graph.0].pack(&self.open, &feeds, &none);
        let graph = &self.graphs[graph.0];
        let mut encoder = self.open.encoder();
        graph.copy_inputs(&mut encoder, &packed, &packed.steps[0]);
        self.open.queue.submit([encoder.finish()]);
        for (number, kernel) in graph.plan.kernels.iter().enumerate() {
            let mut encoder = self.open.encoder();
            graph.encode_kernel(&mut encoder, number);
            self.open.queue.submit([encoder.finish()]);
            for id in kernel.work.results() {
                if self.has_bad(graph, id) {
                    return Some(kernel.label.clone());
                }
            }
        }
        None
    }

    /// Whether a buffer has reals that are not finite.
    fn has_bad(&self, graph: &Graph, id: BufferId) -> bool {
        let buffer = &graph.plan.buffers[id];
        if buffer.elem != Elem::F32 {
            return false;
        }
        let (words, region) = match &buffer.place {
            Place::Arena(_) => {
                let (pages, start, region) = graph.value(id);
                let two = if region == Region::Halves { 2 } else { 1 };
                (self.fetch(pages, start / two, buffer.len().div_ceil(two)), region)
            }
            Place::Slot(path) => {
                let memory = self.memory.as_ref().expect("slots have memory");
                (self.fetch(memory, self.slots[path].start, buffer.len()), Region::Slots)
            }
            _ => return false,
        };
        // Not finite is what has all bits of its exponent.
        let bad_half = |half: u32| half & 0x7c00 == 0x7c00;
        match region {
            // The last word may have one that is not ours.
            Region::Halves => (0..buffer.len()).any(|i| bad_half(words[i / 2] >> (16 * (i % 2)))),
            _ => words.iter().any(|word| !f32::from_bits(*word).is_finite()),
        }
    }
}
