//! Whether a plan from a file may be run: every place that any kernel can reach lies inside its
//! buffer, and every buffer inside its slot, its input or the arena. In: a plan, and what is outside
//! of it. Out: the first thing that is wrong. Trusts nothing, not even that sums do not overflow.

use super::*;
use std::collections::BTreeMap;

/// No plan needs more words.
const MOST_WORDS: usize = 1 << 40;

/// Checks a plan whose slots and inputs have these numbers of words.
pub fn guard(
    plan: &Plan,
    slots: &BTreeMap<&str, usize>,
    inputs: &BTreeMap<&str, usize>,
) -> Result<(), String> {
    Guard::new(plan, |place, len| match place {
        Place::Slot(path) => slots.get(path.as_str()) == Some(&len),
        Place::Input(name) => inputs.get(name.as_str()) == Some(&len),
        _ => false,
    })?
    .kernels()?;
    for output in &plan.outputs {
        if output.buffer >= plan.buffers.len() {
            return Err(format!("output `{}` is nowhere", output.name.escape_debug()));
        }
    }
    Ok(())
}

struct Guard<'p> {
    plan: &'p Plan,
    /// Words of each buffer.
    lens: Vec<usize>,
}

/// The product of some extents.
fn product(dims: &[usize]) -> Result<usize, String> {
    let all = dims.iter().try_fold(1usize, |n, dim| n.checked_mul(*dim));
    all.filter(|n| *n <= MOST_WORDS).ok_or_else(|| format!("{dims:?} is too large"))
}

fn holds(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what.to_string()) }
}

impl<'p> Guard<'p> {
    /// `outside` tells whether a slot, input or result exists with so many words.
    fn new(plan: &'p Plan, outside: impl Fn(&Place, usize) -> bool) -> Result<Guard<'p>, String> {
        holds(plan.arena <= MOST_WORDS, "the arena is too large")?;
        let mut lens = Vec::new();
        let mut used = 0usize;
        for buffer in &plan.buffers {
            let len = product(&buffer.shape)?;
            let fits = match &buffer.place {
                Place::Arena(at) => at.checked_add(len).is_some_and(|end| end <= plan.arena),
                place => outside(place, len),
            };
            holds(fits, &format!("buffer {:?} is not there", buffer.place))?;
            if matches!(buffer.place, Place::Arena(_)) {
                used = used.saturating_add(len);
            }
            lens.push(len);
        }
        // Buffers start at multiples of a cache line.
        let room = used.saturating_add(plan.buffers.len() * 64);
        holds(plan.arena <= room, "the arena is larger than what it holds")?;
        Ok(Guard { plan, lens })
    }

    fn kernels(&self) -> Result<(), String> {
        for kernel in &self.plan.kernels {
            let found = match &kernel.work {
                Work::Loop(body) => self.body(body, None),
                Work::Gemm(gemm) => self.gemm(gemm),
                Work::Conv(conv) => self.conv(conv),
                Work::Index(index) => self.index(index),
                Work::Scan(scan) => self.scan(scan),
            };
            found.map_err(|why| format!("{}: {why}", kernel.label.escape_debug()))?;
        }
        Ok(())
    }

    fn len(&self, buffer: BufferId) -> Result<usize, String> {
        self.lens.get(buffer).copied().ok_or_else(|| format!("there is no buffer {buffer}"))
    }

    /// A buffer with at least so many words.
    fn has(&self, buffer: BufferId, words: usize) -> Result<(), String> {
        holds(self.len(buffer)? >= words, &format!("buffer {buffer} is too short"))
    }

    /// A buffer that may be written. Inputs belong to the caller.
    fn writes(&self, buffer: BufferId) -> Result<(), String> {
        let place = self.plan.buffers.get(buffer).map(|buffer| &buffer.place);
        holds(!matches!(place, None | Some(Place::Input(_))), "an input is written")
    }

    /// Everything that an affine function reaches over a space.
    fn reach(
        &self,
        buffer: BufferId,
        offset: isize,
        strides: &[isize],
        space: &[usize],
    ) -> Result<(), String> {
        holds(strides.len() == space.len(), "strides for another space")?;
        let len = self.len(buffer)? as i128;
        if space.contains(&0) {
            return Ok(());
        }
        let (mut low, mut high) = (offset as i128, offset as i128);
        for (stride, n) in strides.iter().zip(space) {
            let far = *stride as i128 * (*n as i128 - 1);
            if far < 0 { low += far } else { high += far }
        }
        holds(low >= 0 && high < len, &format!("buffer {buffer} is left"))
    }

    /// `space`: the index space of the product whose epilogue this is.
    fn body(&self, body: &Loop, space: Option<&[usize]>) -> Result<(), String> {
        product(&body.shape)?;
        holds(space.is_none_or(|space| space == body.shape), "an epilogue of another space")?;
        let rank = body.shape.len();
        for load in &body.loads {
            match load {
                Load::View(v) => self.reach(v.buffer, v.offset, &v.strides, &body.shape)?,
                Load::Const(_) => {}
                Load::Count { strides, .. } => holds(strides.len() == rank, "a count")?,
                Load::Noise { seed, step, strides, .. } => {
                    self.has(*seed, 1)?;
                    self.has(*step, 1)?;
                    holds(strides.len() == rank, "noise")?;
                }
                Load::Product => holds(space.is_some(), "a product outside a product")?,
            }
        }
        let mut registers = body.loads.len();
        for instr in &body.code {
            let known = instr.args.iter().all(|arg| *arg < registers);
            holds(known && (1..=3).contains(&instr.args.len()), "an instruction's operands")?;
            registers += 1;
        }
        for store in &body.stores {
            holds(store.reg < registers, "a store of nothing")?;
            self.writes(store.to.buffer)?;
            self.reach(store.to.buffer, store.to.offset, &store.to.strides, &body.shape)?;
        }
        self.folds(body, registers, space.is_some())
    }

    fn folds(&self, body: &Loop, registers: usize, epilogue: bool) -> Result<(), String> {
        if body.folds.is_empty() {
            return holds(body.splits <= 1, "parts without a fold");
        }
        let (rank, last) = (body.shape.len(), usize::from(body.columns));
        holds(!epilogue, "a fold in an epilogue")?;
        holds(rank >= last && body.outer <= rank - last, "the dims of a fold")?;
        holds(body.splits >= 1, "a fold in no parts")?;
        let folded = body.outer..rank - last;
        let mut kept = body.shape.clone();
        kept.drain(folded.clone());
        let results = product(&kept)?;
        for fold in &body.folds {
            holds(fold.reg < registers, "a fold of nothing")?;
            self.writes(fold.to.buffer)?;
            self.reach(fold.to.buffer, fold.to.offset, &fold.to.strides, &body.shape)?;
            let still = fold.to.strides[folded.clone()].iter().all(|stride| *stride == 0);
            holds(still, "a fold that moves")?;
            if body.splits > 1 {
                let parts = fold.parts.ok_or("a fold in parts without parts")?;
                self.writes(parts)?;
                self.has(parts, product(&[body.splits, results])?)?;
            }
            // An empty fold still writes its results.
            let points: Vec<usize> = (0..rank)
                .map(|dim| if folded.contains(&dim) { 1 } else { body.shape[dim] })
                .collect();
            self.reach(fold.to.buffer, fold.to.offset, &fold.to.strides, &points)?;
        }
        Ok(())
    }

    fn gemm(&self, gemm: &Gemm) -> Result<(), String> {
        let matrix = |m: &Matrix, rows: usize, cols: usize| {
            let strides = [&m.outer[..], &[m.row, m.col]].concat();
            self.reach(m.buffer, m.offset, &strides, &[&gemm.outer[..], &[rows, cols]].concat())
        };
        let extents = [&gemm.outer[..], &[gemm.m, gemm.n, gemm.k]].concat();
        holds(!extents.contains(&0), "an empty product")?;
        product(&[&gemm.outer[..], &[gemm.m, gemm.n]].concat())?;
        product(&[&gemm.outer[..], &[gemm.m, gemm.k]].concat())?;
        matrix(&gemm.a, gemm.m, gemm.k)?;
        matrix(&gemm.b, gemm.k, gemm.n)?;
        if let Some(to) = &gemm.to {
            self.writes(to.buffer)?;
            matrix(to, gemm.m, gemm.n)?;
        }
        match &gemm.epilogue {
            Some(body) => self.body(body, Some(&[&gemm.outer[..], &[gemm.m, gemm.n]].concat())),
            None => holds(gemm.to.is_some(), "a product that goes nowhere"),
        }
    }

    fn conv(&self, c: &Conv) -> Result<(), String> {
        let rank = c.input.len();
        let lists = [&c.output, &c.size, &c.stride, &c.dilation, &c.pad];
        holds(lists.iter().all(|list| list.len() == rank), "windows of several ranks")?;
        let small = lists.iter().flat_map(|list| list.iter()).all(|n| *n < 1 << 31);
        holds(small && rank > 0, "a window")?;
        holds(c.stride.iter().all(|s| *s > 0), "a stride of zero")?;
        let whole = |n: usize| n.is_multiple_of(c.groups);
        holds(c.groups > 0 && whole(c.c) && whole(c.o), "groups")?;
        let (pixels, sums) = (product(&c.input)?, product(&c.output)?);
        let taps = product(&c.size)?;
        let x = product(&[c.n, c.c, pixels])?;
        let windows = product(&[c.n, c.c, taps, sums])?;
        let (g, w) = (product(&[c.n, c.o, sums])?, product(&[c.o, c.c / c.groups, taps])?);
        let (a, b, to) = match c.kind {
            ConvKind::Forward => (x, w, g),
            ConvKind::Input => (g, w, x),
            ConvKind::Filter => (x, g, w),
            ConvKind::Unfold => (x, 0, windows),
            ConvKind::Fold => (windows, 0, x),
        };
        self.has(c.a, a)?;
        self.has(c.b, b)?;
        self.has(c.to, to)?;
        self.writes(c.to)?;
        match c.parts {
            Some(parts) => {
                self.writes(parts)?;
                self.has(parts, product(&[c.n.min(PARTS), w])?)
            }
            None => Ok(()),
        }
    }

    fn index(&self, index: &Index) -> Result<(), String> {
        let buffers: [(BufferId, usize); 3] = match *index {
            Index::Gather { table, index, to, rows, count, width } => {
                holds(rows > 0 || count == 0, "a table without rows")?;
                [(table, product(&[rows, width])?), (index, count), (to, product(&[count, width])?)]
            }
            Index::ScatterAdd { index, from, to, rows, count, width } => {
                [(from, product(&[count, width])?), (index, count), (to, product(&[rows, width])?)]
            }
            Index::TakeAlong { from, index, to, outer, extent, picks, inner } => {
                let picked = product(&[outer, picks, inner])?;
                holds(extent > 0 || picked == 0, "an axis without elements")?;
                [(from, product(&[outer, extent, inner])?), (index, picked), (to, picked)]
            }
            Index::PutAlong { from, index, to, outer, extent, picks, inner } => {
                let picked = product(&[outer, picks, inner])?;
                [(from, picked), (index, picked), (to, product(&[outer, extent, inner])?)]
            }
            Index::CumSum { from, to, outer, extent, inner, .. }
            | Index::ArgSort { from, to, outer, extent, inner, .. } => {
                let all = product(&[outer, extent, inner])?;
                holds(extent < 1 << 31, "an axis")?;
                [(from, all), (from, all), (to, all)]
            }
            Index::ArgMax { from, to, outer, extent, inner } => {
                let all = product(&[outer, extent, inner])?;
                holds(extent > 0 || all == 0 && product(&[outer, inner])? == 0, "an axis")?;
                [(from, all), (from, all), (to, product(&[outer, inner])?)]
            }
        };
        for (buffer, words) in buffers {
            self.has(buffer, words)?;
        }
        self.writes(buffers[2].0)
    }

    fn scan(&self, scan: &ScanWork) -> Result<(), String> {
        let carries = scan.carries.len();
        holds(scan.spares.len() == carries && scan.results.len() >= carries, "carries")?;
        holds(scan.length < 1 << 31, "the length of a loop")?;
        self.has(scan.workspace, scan.body.arena)?;
        self.writes(scan.workspace)?;
        for written in scan.spares.iter().chain(&scan.results) {
            self.writes(*written)?;
        }
        let all = [&scan.carries, &scan.spares, &scan.sequences, &scan.constants, &scan.results];
        for buffer in all.into_iter().flatten() {
            self.len(*buffer)?;
        }
        let has = |list: &[BufferId], at: usize, words: usize| {
            list.get(at).is_some_and(|buffer| self.has(*buffer, words).is_ok())
        };
        let carry = |at: usize, len: usize| {
            [&scan.carries, &scan.spares, &scan.results].iter().all(|list| has(list, at, len))
        };
        let stacked = |len: usize| len.checked_mul(scan.length);
        let outside = |place: &Place, len: usize| match place {
            Place::Result(at) if *at < carries => carry(*at, len),
            Place::Result(at) => stacked(len).is_some_and(|all| has(&scan.results, *at, all)),
            Place::Input(name) if name == "t" => len == 1,
            Place::Input(name) => match (name.get(..1), name.get(1..).and_then(number)) {
                (Some("c"), Some(at)) => at < carries && carry(at, len),
                (Some("x"), Some(at)) => {
                    stacked(len).is_some_and(|all| has(&scan.sequences, at, all))
                }
                (Some("k"), Some(at)) => has(&scan.constants, at, len),
                _ => false,
            },
            _ => false,
        };
        Guard::new(&scan.body, outside)?.kernels()
    }
}

/// A number without a sign.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
