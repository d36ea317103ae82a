//! Damaged copies of a file, for tests of readers. In: the bytes of a whole file. Out: every cut of it,
//! and every copy with one byte changed.

/// The bytes up to each place before the end.
pub fn cuts(whole: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..whole.len()).map(|end| &whole[..end])
}

/// Each byte changed in a low, a middle, the high and in every bit, with its place.
pub fn flips(whole: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..whole.len()).flat_map(move |at| {
        [0x01, 0x20, 0x80, 0xff].into_iter().map(move |mask| {
            let mut bytes = whole.to_vec();
            bytes[at] ^= mask;
            (at, bytes)
        })
    })
}
