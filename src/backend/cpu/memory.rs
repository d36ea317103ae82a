//! The words of a buffer. In: where they are and how many. Out: places among them. Every access of a
//! kernel to a buffer comes by here, and none leaves the buffer, whatever the plan says: the check is
//! one for a run of elements, not one for each.

/// The words of a buffer.
#[derive(Clone, Copy)]
pub struct Memory {
    at: *mut f32,
    len: usize,
}

/// Threads share them; kernels keep to their own parts.
// Safety: tasks keep to their own parts, and a kernel begins when the one before has ended.
unsafe impl Sync for Memory {}

impl Memory {
    /// So many words from a place on.
    pub fn new(at: *mut f32, len: usize) -> Memory {
        Memory { at, len }
    }

    /// Place of the first of `n` elements, `step` apart. All of them are inside.
    #[inline]
    pub fn run(self, first: isize, step: isize, n: usize) -> *mut f32 {
        self.grid(first, (0, 1), (step, n))
    }

    /// The same for rows of elements: a step and a number of each.
    #[inline]
    pub fn grid(
        self,
        first: isize,
        (down, rows): (isize, usize),
        (step, cols): (isize, usize),
    ) -> *mut f32 {
        if rows > 0 && cols > 0 {
            let (far, more) = (down * (rows as isize - 1), step * (cols as isize - 1));
            let low = first + far.min(0) + more.min(0);
            let high = first + far.max(0) + more.max(0);
            assert!(low >= 0 && high < self.len as isize, "a kernel leaves its buffer");
        }
        self.at.wrapping_offset(first)
    }

    /// Place of the first word. There are at least so many.
    #[inline]
    pub fn all(self, words: usize) -> *mut f32 {
        assert!(words <= self.len, "a kernel leaves its buffer");
        self.at
    }

    /// Some of the words.
    pub fn part(self, first: usize, len: usize) -> Memory {
        let inside = first <= self.len && len <= self.len - first;
        assert!(inside, "a kernel leaves its buffer");
        Memory { at: self.at.wrapping_add(first), len }
    }

    /// Some of the words, or those of them that are there.
    pub fn part_if_any(self, first: usize, len: usize) -> Memory {
        let first = first.min(self.len);
        self.part(first, len.min(self.len - first))
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use std::panic::catch_unwind;

    #[test]
    fn nothing_outside_is_reached() {
        let mut words = [0f32, 1.0, 2.0, 3.0, 4.0, 5.0];
        let memory = Memory::new(words.as_mut_ptr(), 6);
        // Safety: `words` is there.
        assert_eq!(unsafe { *memory.run(5, -1, 6) }, 5.0);
        // Safety: `words` is there.
        assert_eq!(unsafe { *memory.grid(1, (3, 2), (1, 2)) }, 1.0);
        // Safety: `words` is there.
        assert_eq!(unsafe { *memory.part(4, 2).run(1, 1, 1) }, 5.0);
        memory.run(99, 1, 0);
        let address = memory.at as usize;
        let refused =
            |f: fn(Memory)| catch_unwind(move || f(Memory::new(address as *mut f32, 6))).is_err();
        assert!(refused(|m| {
            let _ = m.run(1, 1, 6);
        }));
        assert!(refused(|m| {
            let _ = m.run(-1, 1, 1);
        }));
        assert!(refused(|m| {
            let _ = m.run(2, -1, 4);
        }));
        assert!(refused(|m| {
            let _ = m.grid(2, (3, 2), (1, 2));
        }));
        assert!(refused(|m| {
            let _ = m.all(7);
        }));
        assert!(refused(|m| {
            let _ = m.part(5, 2);
        }));
        assert!(refused(|m| {
            let _ = m.part(usize::MAX, 1);
        }));
    }
}
