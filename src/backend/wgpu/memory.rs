//! Words on the device, in pages. In: numbers of words. Out: buffers, and words moved in and out.

use super::fault::Faults;
use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, Device, MapMode, PollType, Queue,
};

/// A region: one buffer per page.
pub struct Pages {
    page: usize,
    /// Words in all.
    pub words: usize,
    pub buffers: Vec<Buffer>,
}

/// Bytes of a word.
pub const WORD: u64 = 4;

impl Pages {
    /// So many words, all zero.
    pub fn new(device: &Device, label: &str, words: usize, page: usize) -> Pages {
        let words = words.max(1);
        let make = |at: usize| {
            let size = page.min(words - at.saturating_mul(page)) as u64 * WORD;
            buffer(device, label, size, BufferUsages::STORAGE | BufferUsages::COPY_DST)
        };
        Pages { page, words, buffers: (0..words.div_ceil(page)).map(make).collect() }
    }

    /// Calls `f` for each run of words that lies in one page: page, first word in it, first word of
    /// the run, number.
    fn runs(&self, start: usize, len: usize, mut f: impl FnMut(&Buffer, u64, usize, usize)) {
        let mut done = 0;
        while done < len {
            let (page, within) = ((start + done) / self.page, (start + done) % self.page);
            let some = (self.page - within).min(len - done);
            f(&self.buffers[page], within as u64 * WORD, done, some);
            done += some;
        }
    }

    /// Writes words before the next submission.
    pub fn write(&self, queue: &Queue, start: usize, words: &[u32]) {
        self.runs(start, words.len(), |buffer, at, from, n| {
            queue.write_buffer(buffer, at, bytes(&words[from..from + n]));
        });
    }

    /// Copies words to a plain buffer.
    pub fn copy_out(
        &self,
        encoder: &mut CommandEncoder,
        start: usize,
        len: usize,
        to: &Buffer,
        at: u64,
    ) {
        self.runs(start, len, |buffer, from, done, n| {
            let to_at = at + done as u64 * WORD;
            encoder.copy_buffer_to_buffer(buffer, from, to, to_at, Some(n as u64 * WORD));
        });
    }

    /// Copies words from a plain buffer.
    pub fn copy_in(
        &self,
        encoder: &mut CommandEncoder,
        start: usize,
        len: usize,
        from: &Buffer,
        at: u64,
    ) {
        self.runs(start, len, |buffer, to, done, n| {
            let from_at = at + done as u64 * WORD;
            encoder.copy_buffer_to_buffer(from, from_at, buffer, to, Some(n as u64 * WORD));
        });
    }
}

/// A buffer that can be copied from.
pub fn buffer(device: &Device, label: &str, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: Some(label),
        size: size.max(WORD),
        usage: usage | BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}

/// A buffer that the host reads.
pub fn staging(device: &Device, words: usize) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: Some("read back"),
        size: (words.max(1) as u64) * WORD,
        usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// The words of a buffer that the host reads, once everything submitted is done; zeros if the device
/// does not answer.
pub fn fetch(device: &Device, faults: &Faults, from: &Buffer) -> Vec<u32> {
    let slice = from.slice(..);
    let zeros = || vec![0; (from.size() / WORD) as usize];
    slice.map_async(MapMode::Read, |_| {});
    if let Err(why) = device.poll(PollType::wait_indefinitely()) {
        faults.lost(why.to_string());
    }
    if faults.first().is_some() {
        return zeros();
    }
    match slice.get_mapped_range() {
        Ok(view) => {
            let words = view.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let words = words.collect();
            drop(view);
            from.unmap();
            words
        }
        Err(why) => {
            faults.lost(why.to_string());
            zeros()
        }
    }
}

/// Words as bytes. All systems that these devices exist on are little-endian.
pub fn bytes(words: &[u32]) -> &[u8] {
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), std::mem::size_of_val(words)) }
}
