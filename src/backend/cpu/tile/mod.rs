//! Loops in tiles that stay in the first cache. In: a loop of the plan and the places of buffers.
//! Out: its stores and folds. Tiles and parts have fixed sizes, whatever the number of threads.

mod fill;
mod fold;

use super::code::Run;
use super::lanes::{self, Lane};
use super::memory::Memory;
use super::simd::Isa;
use super::{Team, slice_of};
use crate::plan::{Load, Loop, Reg, View};
use fill::{load_offset, noises};

/// Elements of a tile.
pub const TILE: usize = 512;
/// Elements of one task of a loop without folds.
const TASK: usize = 4096;
/// Elements of a row that are worth a tile of their own.
const WIDE_ROW: usize = 96;
/// Elements of a row that are too few for a call.
const NARROW: usize = 8;
/// Widest strip of columns of one task.
const STRIP: usize = 256;

/// A run of whole rows, or of a part of one row, of the index space.
#[derive(Clone, Copy)]
struct Rect {
    row: usize,
    rows: usize,
    col: usize,
    cols: usize,
}

/// How a register gets its elements.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Source {
    /// It is a run of memory already.
    Direct,
    /// The same in every tile.
    Constant,
    /// Gathered for each tile.
    Filled,
    /// Computed.
    Computed,
}

/// The product that an epilogue works on: rows of a block.
#[derive(Clone, Copy)]
pub struct Block {
    /// First element.
    pub at: *const f32,
    /// Step to the next row.
    pub row: isize,
    /// Number of the block's first row in the epilogue's index space.
    pub first_row: usize,
    /// Its first column.
    pub first_col: usize,
}

/// A loop with registers assigned to tiles.
pub struct ReadyLoop {
    body: Loop,
    /// What each instruction does on this machine.
    lanes: Vec<Lane>,
    /// Extent of all dims but the last.
    rows: usize,
    /// Extent of the last dim.
    cols: usize,
    sources: Vec<Source>,
    /// The tile of each register, if it needs one.
    tiles: Vec<usize>,
    /// Number of tiles.
    count: usize,
    /// Stores that are runs of memory.
    direct: Vec<bool>,
    /// For each instruction: the store whose memory it may write at once.
    through: Vec<Option<usize>>,
}

/// What one task of a tile needs: base pointers and the tiles of this thread.
struct Frame<'a> {
    isa: Isa,
    places: &'a [Memory],
    tiles: *mut f32,
    /// Where the elements of each register of the present tile are.
    at: *mut *const f32,
    block: Option<Block>,
}

impl Frame<'_> {
    unsafe fn tile(&self, n: usize) -> *mut f32 {
        // Safety: scratch has `count` tiles, and `assign` gives none beyond.
        unsafe { self.tiles.add(n * TILE) }
    }

    /// The elements of a register of the present tile.
    unsafe fn register(&self, reg: Reg) -> *const f32 {
        // Safety: the table has a place for each register.
        unsafe { *self.at.add(reg) }
    }
}

impl ReadyLoop {
    /// Assigns registers.
    pub fn new(body: &Loop, isa: Isa) -> ReadyLoop {
        let (cols, rows) = match body.shape.split_last() {
            Some((last, rest)) => (*last, rest.iter().product()),
            None => (1, 1),
        };
        let mut ready = ReadyLoop {
            body: body.clone(),
            lanes: body.code.iter().map(|instr| lanes::of(isa, instr.op)).collect(),
            rows,
            cols,
            sources: vec![],
            tiles: vec![],
            count: 0,
            direct: vec![],
            through: vec![],
        };
        ready.sources = body.loads.iter().map(|load| ready.source(load)).collect();
        ready.sources.extend(body.code.iter().map(|_| Source::Computed));
        ready.direct = body.stores.iter().map(|s| ready.contiguous(&s.to)).collect();
        ready.through = ready.write_through();
        ready.assign();
        ready
    }

    fn source(&self, load: &Load) -> Source {
        let still = |strides: &[isize]| strides.iter().all(|s| *s == 0);
        match load {
            Load::Const(_) => Source::Constant,
            Load::View(v) if still(&v.strides) => Source::Constant,
            Load::View(v) if self.contiguous(v) => Source::Direct,
            Load::Count { strides, .. } | Load::Noise { strides, .. } if still(strides) => {
                Source::Constant
            }
            _ => Source::Filled,
        }
    }

    /// Whether a view walks memory one by one.
    fn contiguous(&self, view: &View) -> bool {
        let mut step = 1;
        self.body.shape.iter().zip(&view.strides).rev().all(|(n, s)| {
            let fits = *n == 1 || *s == step;
            step *= *n as isize;
            fits
        })
    }

    /// An instruction may write a direct store at once if nothing reads the store's old memory
    /// later, and the register has no other need of a tile.
    fn write_through(&self) -> Vec<Option<usize>> {
        let loads = self.body.loads.len();
        let mut out = vec![None; self.body.code.len()];
        for (s, store) in self.body.stores.iter().enumerate() {
            if store.reg < loads || !self.direct[s] || self.body.columns {
                continue;
            }
            let at = store.reg - loads;
            let late = self.body.code[at + 1..].iter().flat_map(|i| &i.args);
            let folded = self.body.folds.iter().map(|f| &f.reg);
            let stored = self.body.stores.iter().map(|s| &s.reg);
            // Memory of another buffer id may be the same slot, so any direct load counts.
            let reread = late.chain(folded).chain(stored).any(|reg| {
                *reg < loads && self.sources[*reg] == Source::Direct && self.aliases(*reg, s)
            });
            if !reread && out[at].is_none() {
                out[at] = Some(s);
            }
        }
        out
    }

    /// Whether a direct load may read the memory that a direct store writes.
    fn aliases(&self, reg: Reg, store: usize) -> bool {
        let to = &self.body.stores[store].to;
        matches!(&self.body.loads[reg], Load::View(v) if v.offset == to.offset)
    }

    /// Tiles by last use.
    fn assign(&mut self) {
        let loads = self.body.loads.len();
        let total = loads + self.body.code.len();
        let mut last = vec![0; total];
        for (i, instr) in self.body.code.iter().enumerate() {
            instr.args.iter().for_each(|a| last[*a] = loads + i);
        }
        let kept =
            self.body.stores.iter().map(|s| s.reg).chain(self.body.folds.iter().map(|f| f.reg));
        kept.for_each(|r| last[r] = usize::MAX);
        self.tiles = vec![0; total];
        let mut free: Vec<usize> = vec![];
        for reg in 0..total {
            self.tiles[reg] = free.pop().unwrap_or_else(|| {
                self.count += 1;
                self.count - 1
            });
            if reg >= loads {
                let args = &self.body.code[reg - loads].args;
                let mut dead: Vec<usize> =
                    args.iter().copied().filter(|a| last[*a] == reg).collect();
                dead.sort_unstable();
                dead.dedup();
                let dead = dead.into_iter().filter(|a| self.sources[*a] != Source::Constant);
                free.extend(dead.map(|a| self.tiles[a]));
            }
        }
    }

    /// Tiles and register table of this thread.
    fn frame<'a>(&self, team: &Team, places: &'a [Memory], block: Option<Block>) -> Frame<'a> {
        let registers = self.sources.len() * size_of::<*const f32>() / size_of::<f32>();
        let tiles = team.scratch(self.count * TILE + registers);
        // Safety: scratch has the table behind its tiles.
        let at = unsafe { tiles.add(self.count * TILE) }.cast();
        Frame { isa: team.isa, places, tiles, at, block }
    }

    /// Runs those tasks of the whole loop that fall to this thread.
    pub fn run(&self, team: &Team, places: &[Memory]) {
        let points = self.rows * self.cols;
        if points == 0 && self.body.folds.is_empty() {
            return;
        }
        let frame = self.frame(team, places, None);
        match () {
            () if self.body.folds.is_empty() => self.points(team, &frame),
            () if self.body.columns => self.columns(team, &frame),
            () => self.folds(team, &frame),
        }
        if self.body.splits > 1 {
            self.join_parts(team, &frame);
        }
    }

    /// Tasks of this stage that fall to this thread. Constants are read once, when there is one: before
    /// that the operands may not be there, and after the stage they may be others.
    fn tasks<'a>(
        &'a self,
        team: &'a Team,
        frame: &'a Frame<'a>,
        n: usize,
    ) -> impl Iterator<Item = usize> + 'a {
        let mut read = self.rows * self.cols == 0;
        team.tasks(n).inspect(move |_| {
            if !read {
                self.constants(frame);
                read = true;
            }
        })
    }

    /// Loops without folds.
    fn points(&self, team: &Team, frame: &Frame<'_>) {
        let points = self.rows * self.cols;
        for task in self.tasks(team, frame, points.div_ceil(TASK)) {
            let mut at = task * TASK;
            let end = (at + TASK).min(points);
            while at < end {
                let n = (end - at).min(TILE);
                self.flat(frame, at, n);
                at += n;
            }
        }
    }

    /// Runs an epilogue over a block of rows and columns of a product.
    pub fn epilogue(&self, team: &Team, places: &[Memory], block: Block, rows: usize, cols: usize) {
        let frame = self.frame(team, places, Some(block));
        self.constants(&frame);
        let full = self.cols;
        // Rows one by one are runs of memory, unless they are too short.
        let step = if cols >= WIDE_ROW { 1 } else { TILE / cols };
        let mut row = block.first_row;
        let end = block.first_row + rows;
        while row < end {
            let count = (end - row).min(step);
            let mut col = block.first_col;
            while col < block.first_col + cols {
                let width = (block.first_col + cols - col).min(TILE);
                let rect = Rect { row, rows: count, col, cols: width };
                let run = (count == 1 || width == full).then_some(row * full + col);
                self.tile(&frame, &[rect], run, count * width);
                col += width;
            }
            row += count;
        }
    }

    fn constants(&self, frame: &Frame<'_>) {
        for (reg, load) in self.body.loads.iter().enumerate() {
            if self.sources[reg] == Source::Constant {
                // Safety: a tile of this thread's scratch.
                let tile = unsafe { slice_of(frame.tile(self.tiles[reg]), TILE) };
                let value = match load {
                    Load::Const(bits) => f32::from_bits(*bits),
                    // Safety: `run` has checked the place.
                    Load::View(v) => unsafe { *frame.places[v.buffer].run(v.offset, 0, 1) },
                    Load::Count { offset, .. } => f32::from_bits(*offset as i32 as u32),
                    Load::Noise { .. } => {
                        noises(frame, load, load_offset(load), &mut tile[..1], 0);
                        tile[0]
                    }
                    Load::Product => unreachable!("a product is not constant"),
                };
                tile.fill(value);
            }
        }
    }

    /// A tile of consecutive points.
    fn flat(&self, frame: &Frame<'_>, at: usize, n: usize) {
        let mut rects = [Rect { row: 0, rows: 0, col: 0, cols: 0 }; 3];
        let mut count = 0;
        let (mut row, col, mut left) = (at / self.cols, at % self.cols, n);
        let mut push = |rect: Rect| {
            rects[count] = rect;
            count += 1;
        };
        if col > 0 {
            let cols = left.min(self.cols - col);
            push(Rect { row, rows: 1, col, cols });
            left -= cols;
            row += 1;
        }
        let whole = left / self.cols;
        if whole > 0 {
            push(Rect { row, rows: whole, col: 0, cols: self.cols });
            left -= whole * self.cols;
            row += whole;
        }
        if left > 0 {
            push(Rect { row, rows: 1, col: 0, cols: left });
        }
        self.tile(frame, &rects[..count], Some(at), n);
    }

    /// Loads, computes and stores one tile. `run` is the number of its first point if its points
    /// are consecutive.
    fn tile(&self, frame: &Frame<'_>, rects: &[Rect], run: Option<usize>, n: usize) {
        let loads = self.body.loads.len();
        // Safety: the table has a place for each register, and is this thread's own.
        let at = unsafe { std::slice::from_raw_parts_mut(frame.at, self.sources.len()) };
        for (reg, load) in self.body.loads.iter().enumerate() {
            // Safety: tiles were given by `assign`.
            let tile = unsafe { frame.tile(self.tiles[reg]) };
            at[reg] = tile;
            match (self.sources[reg], load, run) {
                (Source::Constant, _, _) => {}
                (Source::Direct, Load::View(v), Some(first)) => {
                    at[reg] = frame.places[v.buffer].run(v.offset + first as isize, 1, n);
                }
                _ => at[reg] = self.fill(frame, load, rects, tile),
            }
        }
        for (i, instr) in self.body.code.iter().enumerate() {
            let reg = loads + i;
            // Safety: the same.
            let mut to = unsafe { frame.tile(self.tiles[reg]) };
            if let (Some(store), Some(first)) = (self.through[i], run) {
                let view = &self.body.stores[store].to;
                to = frame.places[view.buffer].run(view.offset + first as isize, 1, n);
            }
            let arg = |k: usize| instr.args[k.min(instr.args.len() - 1)];
            let from = [at[arg(0)], at[arg(1)], at[arg(2)]];
            let same = [arg(0), arg(1)].map(|reg| self.sources[reg] == Source::Constant);
            let run = Run { to, from, same, n };
            // Safety: operands and result are tiles, or runs that `Memory` has checked, of `n`
            // elements each.
            unsafe { self.lanes[i](run) };
            at[reg] = to;
        }
        for (s, store) in self.body.stores.iter().enumerate() {
            let done = store.reg >= loads && self.through[store.reg - loads] == Some(s);
            match run {
                Some(_) if done => {}
                // Safety: `run` has checked the place; points are this thread's own.
                Some(first) if self.direct[s] => unsafe {
                    let to =
                        frame.places[store.to.buffer].run(store.to.offset + first as isize, 1, n);
                    std::ptr::copy(at[store.reg], to, n);
                },
                _ => self.spill(frame, &store.to, rects, at[store.reg]),
            }
        }
    }
}
