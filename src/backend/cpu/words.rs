//! Memory for slots, arenas and scratch. In: a length. Out: words that start at a cache line.

use super::memory::Memory;

/// Words that start at a cache line.
#[derive(Clone, Default)]
pub struct Words {
    lines: Vec<Line>,
    /// Number of words.
    pub len: usize,
}

/// A cache line; read and written through pointers only.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "reached through pointers")] [f32; 16]);

impl Words {
    /// Zeros.
    pub fn new(len: usize) -> Words {
        Words { lines: vec![Line([0.0; 16]); len.div_ceil(16)], len }
    }
    /// The first word.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.lines.as_mut_ptr().cast()
    }
    /// All words, for kernels.
    pub fn memory(&mut self) -> Memory {
        Memory::new(self.as_mut_ptr(), self.len)
    }
    /// All words.
    pub fn as_slice(&self) -> &[f32] {
        // Safety: the lines hold at least `len` reals, and are borrowed as long as the slice.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
    /// All words.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        let len = self.len;
        // Safety: the same, borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), len) }
    }
}
