//! Loops over time. In: a loop. Out: how much it does. The body is a plan of its own, whose outside is
//! what the loop hands it.

use super::super::{Buffer, BufferId, Place, ScanWork, bill::bill};
use super::types::Word;
use super::{Guard, MOST_OPERANDS, MOST_TRIPS, holds};

impl Guard<'_> {
    pub fn scan(&self, scan: &ScanWork) -> Result<u128, String> {
        let carries = scan.carries.len();
        holds(scan.spares.len() == carries && scan.results.len() >= carries, "carries")?;
        let lists = [&scan.carries, &scan.sequences, &scan.constants, &scan.results];
        holds(lists.iter().all(|list| list.len() <= MOST_OPERANDS), "too many operands")?;
        holds((1..=MOST_TRIPS).contains(&scan.length), "the length of a loop")?;
        self.has(scan.workspace, scan.body.arena)?;
        for (carry, spare) in scan.carries.iter().zip(&scan.spares) {
            self.alike(*carry, *spare)?;
        }
        for (carry, result) in scan.carries.iter().zip(&scan.results) {
            self.alike(*carry, *result)?;
        }
        let written = [&scan.results[..], &scan.spares, &[scan.workspace]].concat();
        let read = [&scan.carries[..], &scan.sequences, &scan.constants].concat();
        self.apart(&written, &read)?;
        let given = |buffer: &Buffer, len: usize| self.given(scan, buffer, len) == Some(true);
        let inner = Guard::new(&scan.body, given)?;
        let work = inner.kernels()?;
        for output in &scan.body.outputs {
            inner.len(output.buffer)?;
        }
        inner.all_results(scan.results.len())?;
        let each = work.saturating_add((scan.body.buffers.len() + scan.body.kernels.len()) as u128);
        let work = each.saturating_mul(scan.length as u128);
        // With a work beyond the limit the bill could overflow.
        holds(work <= super::MOST_WORK, "it does too much work")?;
        holds(bill(&scan.body) == scan.body.bill, "the bill is not that of the kernels")?;
        Ok(work)
    }

    /// Two buffers of one length and type.
    fn alike(&self, a: BufferId, b: BufferId) -> Result<(), String> {
        self.has(b, self.len(a)?)?;
        let same = Word::of(self.buffer(a)?) == Word::of(self.buffer(b)?);
        holds(same, "a carry of another type")
    }

    /// Every result is written by the body.
    fn all_results(&self, results: usize) -> Result<(), String> {
        let mut done = vec![false; results];
        for buffer in self.plan.kernels.iter().flat_map(|kernel| kernel.work.writes()) {
            if let Place::Result(at) = self.place(buffer)? {
                done.get_mut(*at).into_iter().for_each(|done| *done = true);
            }
        }
        holds(done.iter().all(|done| *done), "a result that nothing computes")
    }

    /// Whether a buffer of the body is what the loop hands it; none if there is no such thing.
    fn given(&self, scan: &ScanWork, buffer: &Buffer, len: usize) -> Option<bool> {
        let is = |list: &[BufferId], at: usize, words: usize| {
            let own = *list.get(at)?;
            let typed = Word::of(self.buffer(own).ok()?) == Word::of(buffer);
            Some(typed && self.len(own).ok()? == words)
        };
        let stacked = len.checked_mul(scan.length)?;
        let name = match &buffer.place {
            Place::Result(at) if *at < scan.carries.len() => return is(&scan.results, *at, len),
            Place::Result(at) => return is(&scan.results, *at, stacked),
            Place::Input(name) => name,
            Place::Arena(_) | Place::Slot(_) => return None,
        };
        if name == "t" {
            return Some(len == 1 && Word::of(buffer) == Word::Whole);
        }
        let at = number(name.get(1..)?)?;
        match name.get(..1)? {
            "c" => is(&scan.carries, at, len),
            "x" => is(&scan.sequences, at, stacked),
            "k" => is(&scan.constants, at, len),
            _ => None,
        }
    }
}

/// A number without a sign and without zeros before it.
fn number(text: &str) -> Option<usize> {
    let found: usize = text.parse().ok()?;
    (found.to_string() == text).then_some(found)
}
