//! Tokens that stay in their files. In: texts, the number of each word, where every so many tokens
//! start. Out: the numbers of some tokens, read when they are asked for. A corpus takes as much memory
//! as a list of its blocks.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::pieces::{Bytes, Input};
use super::tokens::{Code, Codes, Unit};
use crate::base::{Diagnostic, codes};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tokens between two places that are known.
const BLOCK: usize = 1024;

/// Bytes that are read at once where all are.
const PART: usize = 1 << 20;

/// Tokens in files.
#[derive(Debug)]
pub struct StoredTokens {
    inputs: Vec<Input>,
    unit: Unit,
    codes: Codes,
    /// The first token of each block, the text it is in, and its byte there.
    blocks: Vec<(usize, usize, u64)>,
    count: usize,
    /// Whether what was read once could not be read again.
    broken: AtomicBool,
}

impl StoredTokens {
    /// Tokens of texts, none seen yet.
    pub fn new(unit: Unit, codes: Codes) -> StoredTokens {
        let (inputs, blocks) = (Vec::new(), Vec::new());
        let broken = AtomicBool::new(false);
        StoredTokens { inputs, unit, codes, blocks, count: 0, broken }
    }

    /// Counts the bytes of text `input`, which are its tokens.
    pub fn bytes(&mut self, input: usize, len: u64) {
        self.blocks.push((self.count, input, 0));
        self.count += len as usize;
    }

    /// Counts a token of text `input` that starts at byte `at`.
    pub fn push(&mut self, input: usize, at: u64) {
        let starts = self.blocks.last().is_none_or(|(_, last, _)| *last != input);
        let first = self.blocks.last().map_or(0, |(first, ..)| *first);
        if starts || self.count - first >= BLOCK {
            self.blocks.push((self.count, input, at));
        }
        self.count += 1;
    }

    /// Counts tokens of one byte each, `n` from byte `at` of text `input` on.
    pub fn push_bytes(&mut self, input: usize, at: u64, n: usize) {
        let mut done = 0;
        while done < n {
            self.push(input, at + done as u64);
            // Up to the next block, which starts with a token of its own.
            let first = self.blocks.last().map_or(0, |(first, ..)| *first);
            let more = (first + BLOCK).saturating_sub(self.count).min(n - done - 1);
            self.count += more;
            done += 1 + more;
        }
    }

    /// The texts, once all of their tokens are counted.
    pub fn keep(&mut self, inputs: Vec<Input>) {
        self.inputs = inputs;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A number that all of them are below.
    pub fn bound(&self) -> usize {
        if self.unit == Unit::Byte { 256 } else { self.codes.len() }
    }

    /// Calls a function with the bytes of all texts, a part at a time.
    pub fn each_byte(&self, mut with: impl FnMut(&[u8])) {
        for input in &self.inputs {
            let Bytes::Stored(stored) = &input.bytes else { continue };
            let (mut at, mut bytes) = (0, Vec::new());
            while at < stored.len {
                bytes.clear();
                if stored.read(at, PART, &mut bytes).is_err() {
                    self.broken.store(true, Ordering::Relaxed);
                    break;
                }
                with(&bytes);
                at += bytes.len() as u64;
            }
        }
    }

    /// Whether somebody has changed a file: what was counted could not be read again, or was written to.
    pub fn changed(&self) -> Option<Diagnostic> {
        let written = |input: &&Input| match &input.bytes {
            Bytes::Stored(stored) => stored.is_changed(),
            Bytes::Read(_) => false,
        };
        let broken = self.inputs.first().filter(|_| self.broken.load(Ordering::Relaxed));
        broken.or(self.inputs.iter().find(written)).map(|input| {
            let text = format!("`{}` changed while it was read", input.path);
            Diagnostic::new(codes::RL2071, text)
        })
    }

    /// Adds some tokens to a list. Where a file is another one by now, there are zeros instead, and
    /// [`changed`](StoredTokens::changed) says so.
    pub fn copy(&self, range: Range<usize>, to: &mut Vec<i32>) {
        let (before, wanted) = (to.len(), range.len().min(self.count.saturating_sub(range.start)));
        let mut at = range.start;
        while to.len() < before + wanted {
            let have = to.len();
            if self.block(at, before + wanted - have, to).is_none() || to.len() == have {
                self.broken.store(true, Ordering::Relaxed);
                to.resize(before + wanted, 0);
            }
            at += to.len() - have;
        }
    }

    /// Adds up to `most` tokens from `at` to the end of its block.
    fn block(&self, at: usize, most: usize, to: &mut Vec<i32>) -> Option<()> {
        let after = self.blocks.partition_point(|(first, ..)| *first <= at);
        let (first, input, start) = *self.blocks.get(after.checked_sub(1)?)?;
        let input = self.inputs.get(input)?;
        let Bytes::Stored(stored) = &input.bytes else { return None };
        let next = self.blocks.get(after).filter(|(_, other, _)| self.is(*other, input));
        let end = next.map_or(stored.len, |(.., start)| *start);
        let mut bytes = Vec::new();
        if self.unit == Unit::Byte {
            let start = start + (at - first) as u64;
            let most = most.min(usize::try_from(end.checked_sub(start)?).ok()?);
            stored.read(start, most, &mut bytes).ok()?;
            to.extend(bytes.into_iter().map(i32::from));
            return Some(());
        }
        stored.read(start, usize::try_from(end.checked_sub(start)?).ok()?, &mut bytes).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let (mut number, mut strange) = (first, false);
        self.unit.each(text, |word| {
            match self.codes.of(word) {
                Code::Number(code) => {
                    if number >= at {
                        to.push(code as i32);
                    }
                    number += 1;
                }
                Code::Nothing => {}
                Code::Strange => strange = true,
            }
            number < at + most && !strange
        });
        (!strange).then_some(())
    }

    fn is(&self, number: usize, input: &Input) -> bool {
        self.inputs.get(number).is_some_and(|other| std::ptr::eq(other, input))
    }
}
