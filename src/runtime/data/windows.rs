//! Rows that are windows on a sequence. In: the numbers of its tokens, where windows start. Out: the
//! tokens of some rows. Nothing is stored per window: two of them may share all tokens but one.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::batches::Batch;
use super::memory;
use super::sampler::Make;
use super::stored::StoredTokens;
use crate::base::Diagnostic;
use flate2::Crc;
use std::ops::Range;
use std::sync::Arc;

/// Tokens that are read at once.
const PIECE: usize = 1 << 16;

/// The numbers of the tokens of a sequence, as narrow as they go.
#[derive(Debug)]
pub enum Tokens {
    /// Up to 256 different ones.
    U8(Vec<u8>),
    /// Up to 65,536.
    U16(Vec<u16>),
    /// More.
    I32(Vec<i32>),
    /// More than are kept.
    Stored(Box<StoredTokens>),
}

impl Tokens {
    /// Room for numbers below `most`, none yet.
    pub fn below(most: usize) -> Tokens {
        match most {
            0..=0x100 => Tokens::U8(Vec::new()),
            0x101..=0x1_0000 => Tokens::U16(Vec::new()),
            _ => Tokens::I32(Vec::new()),
        }
    }

    /// Adds a number below the one that the room was made for; what is stored has its own way.
    pub fn push(&mut self, token: usize) {
        match self {
            Tokens::U8(list) => list.push(token as u8),
            Tokens::U16(list) => list.push(token as u16),
            Tokens::I32(list) => list.push(token as i32),
            Tokens::Stored(_) => {}
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Tokens::U8(list) => list.len(),
            Tokens::U16(list) => list.len(),
            Tokens::I32(list) => list.len(),
            Tokens::Stored(stored) => stored.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that one takes.
    pub fn bytes(&self) -> usize {
        match self {
            Tokens::U8(_) => 1,
            Tokens::U16(_) => 2,
            Tokens::I32(_) => 4,
            Tokens::Stored(_) => 0,
        }
    }

    /// A number that all of them are below: one more than the largest, where they are at hand.
    pub fn bound(&self) -> usize {
        let largest = match self {
            Tokens::U8(list) => list.iter().max().map(|x| usize::from(*x)),
            Tokens::U16(list) => list.iter().max().map(|x| usize::from(*x)),
            Tokens::I32(list) => list.iter().max().map(|x| *x as usize),
            Tokens::Stored(stored) => return stored.bound(),
        };
        largest.map_or(0, |largest| largest + 1)
    }

    /// A sum that tells whether they are the same as in another reading.
    pub fn digest(&self) -> u32 {
        let mut sum = Crc::new();
        match self {
            Tokens::U8(list) => sum.update(list),
            Tokens::U16(list) => list.iter().for_each(|x| sum.update(&x.to_le_bytes())),
            Tokens::I32(list) => list.iter().for_each(|x| sum.update(&x.to_le_bytes())),
            Tokens::Stored(stored) => stored.each_byte(|bytes| sum.update(bytes)),
        }
        sum.sum()
    }

    /// One of them, if it is there and at hand.
    pub fn get(&self, at: usize) -> Option<i32> {
        match self {
            Tokens::U8(list) => list.get(at).map(|x| i32::from(*x)),
            Tokens::U16(list) => list.get(at).map(|x| i32::from(*x)),
            Tokens::I32(list) => list.get(at).copied(),
            Tokens::Stored(_) => None,
        }
    }

    /// The same tokens, in memory.
    pub fn at_hand(self: Arc<Tokens>, name: &str) -> Result<Arc<Tokens>, Diagnostic> {
        let Tokens::Stored(stored) = self.as_ref() else { return Ok(self) };
        let mut read = Tokens::below(stored.bound());
        memory::room(stored.len().saturating_mul(read.bytes()), name)?;
        let mut piece = Vec::new();
        for start in (0..stored.len()).step_by(PIECE) {
            piece.clear();
            stored.copy(start..(start + PIECE).min(stored.len()), &mut piece);
            piece.iter().for_each(|token| read.push(*token as usize));
        }
        Ok(Arc::new(read))
    }

    /// Adds some of them to a list; what is not there is left out.
    pub fn copy(&self, range: Range<usize>, to: &mut Vec<i32>) {
        match self {
            Tokens::U8(list) => {
                to.extend(list.get(range).unwrap_or_default().iter().map(|x| i32::from(*x)));
            }
            Tokens::U16(list) => {
                to.extend(list.get(range).unwrap_or_default().iter().map(|x| i32::from(*x)));
            }
            Tokens::I32(list) => to.extend(list.get(range).unwrap_or_default()),
            Tokens::Stored(stored) => stored.copy(range, to),
        }
    }
}

/// Where a sequence is cut: what stands in another sentence is no neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentences {
    /// Nowhere.
    One,
    /// After so many tokens each.
    Every(usize),
    /// Before these tokens.
    At(Arc<[usize]>),
}

impl Sentences {
    /// Tokens of the longest one, of so many in all.
    pub fn longest(&self, len: usize) -> usize {
        match self {
            Sentences::One => len,
            Sentences::Every(n) => len.min(*n),
            Sentences::At(starts) => {
                let ends = starts.iter().skip(1).chain([&len]);
                starts.iter().zip(ends).map(|(start, end)| end - start).max().unwrap_or_default()
            }
        }
    }

    /// The sentence of a token, as far as it stands in a part of the sequence.
    pub fn around(&self, at: usize, part: &Range<usize>) -> Range<usize> {
        let (start, end) = match self {
            Sentences::One => (part.start, part.end),
            Sentences::Every(n) => {
                let start = at / n.max(&1) * n;
                (start, start + n)
            }
            Sentences::At(starts) => {
                let after = starts.partition_point(|start| *start <= at);
                let start = after.checked_sub(1).and_then(|before| starts.get(before));
                let end = starts.get(after).copied();
                (start.copied().unwrap_or(part.start), end.unwrap_or(part.end))
            }
        };
        start.max(part.start)..end.min(part.end)
    }
}

/// Windows at equal distances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The row that the first one is.
    pub row: usize,
    /// How many there are.
    pub rows: usize,
    /// Where the first one starts.
    pub start: usize,
    /// How much later the next one starts.
    pub stride: usize,
}

impl Span {
    /// As many windows of `width` tokens as stand in a part of the sequence, the first one row `row`.
    pub fn of(part: Range<usize>, (width, stride): (usize, usize), row: usize) -> Span {
        let rows = match part.len().checked_sub(width) {
            Some(rest) => rest / stride.max(1) + 1,
            None => 0,
        };
        Span { row, rows, start: part.start, stride }
    }
}

/// The windows of a field.
#[derive(Clone, Debug)]
pub struct Windows {
    /// What they show.
    pub tokens: Arc<Tokens>,
    /// Where they stand, in the order of rows.
    pub spans: Arc<[Span]>,
    /// How many tokens later than the spans say.
    pub shift: usize,
}

impl Windows {
    /// The tokens of some rows, `width` each.
    pub fn pick(&self, rows: &[u32], width: usize) -> Vec<i32> {
        let mut picked = Vec::with_capacity(rows.len() * width);
        for row in rows {
            if let Some(start) = self.start(*row as usize) {
                self.tokens.copy(start..start + width, &mut picked);
            }
        }
        picked
    }

    fn start(&self, row: usize) -> Option<usize> {
        let after = self.spans.partition_point(|span| span.row <= row);
        let span = self.spans.get(after.checked_sub(1)?)?;
        let within = row.checked_sub(span.row).filter(|within| *within < span.rows)?;
        Some(span.start + within * span.stride + self.shift)
    }

    /// What tells these windows from others: numbers that are not those of the tokens.
    fn marks(&self) -> Vec<u32> {
        let of = |span: &Span| [span.row, span.rows, span.start, span.stride].map(|n| n as u32);
        let each = self.spans.iter().flat_map(of);
        each.chain([self.shift as u32]).collect()
    }
}

impl Make for Windows {
    fn rows(&self, rows: &[u32], width: usize, _: u64, _: u32) -> Batch {
        Batch::I32(self.pick(rows, width))
    }

    fn digest(&self) -> u32 {
        let mut sum = Crc::new();
        self.marks().iter().for_each(|mark| sum.update(&mark.to_le_bytes()));
        sum.update(&self.tokens.digest().to_le_bytes());
        sum.sum()
    }

    fn changed(&self) -> Option<Diagnostic> {
        match self.tokens.as_ref() {
            Tokens::Stored(stored) => stored.changed(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_those_of_slices() {
        for most in [2, 256, 257, 65_536, 65_537, 1_000_000] {
            let numbers: Vec<i32> = (0..97).map(|n| n * 7_919 % most.min(50_000) as i32).collect();
            let mut tokens = Tokens::below(most);
            numbers.iter().for_each(|n| tokens.push(*n as usize));
            assert_eq!(
                (tokens.len(), tokens.bound() as i32),
                (97, numbers.iter().max().unwrap() + 1)
            );
            let tokens = Arc::new(tokens);
            for (width, stride, shift) in [(1, 1, 0), (4, 4, 1), (5, 2, 0), (3, 7, 2), (60, 1, 0)] {
                let parts = [0..61, 61..90, 90..91, 91..97];
                let (mut spans, mut expected, mut row) = (Vec::new(), Vec::new(), 0);
                for part in parts {
                    let span = Span::of(part.clone(), (width + shift, stride), row);
                    row += span.rows;
                    spans.push(span);
                    let starts = part.clone().step_by(stride);
                    expected.extend(starts.filter(|s| s + width + shift <= part.end));
                }
                assert_eq!(row, expected.len());
                let windows = Windows { tokens: tokens.clone(), spans: spans.into(), shift };
                for (row, start) in expected.iter().enumerate() {
                    let slice = &numbers[start + shift..start + shift + width];
                    assert_eq!(windows.pick(&[row as u32], width), slice, "{width} {stride} {row}");
                }
                assert_eq!(windows.pick(&[row as u32], width), [0; 0]);
            }
        }
    }
}
