//! Loops in tiles that stay in the first cache. In: a loop of the plan and the places of buffers.
//! Out: its stores and folds. Tiles and parts have fixed sizes, whatever the number of threads.

use super::code::{self, Run};
use super::simd::Isa;
use super::{Team, slice_of};
use crate::base::noise;
use crate::plan::{Fold, Load, Loop, Reg, View};

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
pub struct Ready {
    body: Loop,
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
    places: &'a [*mut f32],
    tiles: *mut f32,
    /// Where the elements of each register of the present tile are.
    at: *mut *const f32,
    block: Option<Block>,
}

impl Frame<'_> {
    unsafe fn tile(&self, n: usize) -> *mut f32 {
        unsafe { self.tiles.add(n * TILE) }
    }

    /// The elements of a register of the present tile.
    unsafe fn register(&self, reg: Reg) -> *const f32 {
        unsafe { *self.at.add(reg) }
    }
}

impl Ready {
    /// Assigns registers.
    pub fn new(body: &Loop) -> Ready {
        let (cols, rows) = match body.shape.split_last() {
            Some((last, rest)) => (*last, rest.iter().product()),
            None => (1, 1),
        };
        let mut ready = Ready {
            body: body.clone(),
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
            let fits = *s == step;
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

    /// Whether a load may read the memory that a store writes: the same offset and strides.
    fn aliases(&self, reg: Reg, store: usize) -> bool {
        let to = &self.body.stores[store].to;
        matches!(&self.body.loads[reg], Load::View(v) if v.offset == to.offset && v.strides == to.strides)
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
            let take = |free: &mut Vec<usize>, count: &mut usize| {
                free.pop().unwrap_or_else(|| {
                    *count += 1;
                    *count - 1
                })
            };
            self.tiles[reg] = take(&mut free, &mut self.count);
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
    fn frame<'a>(&self, team: &Team, places: &'a [*mut f32], block: Option<Block>) -> Frame<'a> {
        let registers = self.sources.len() * size_of::<*const f32>() / size_of::<f32>();
        let tiles = team.scratch(self.count * TILE + registers);
        let at = unsafe { tiles.add(self.count * TILE) }.cast();
        Frame { isa: team.isa, places, tiles, at, block }
    }

    /// Runs the whole loop, this thread's share of it.
    pub fn run(&self, team: &Team, places: &[*mut f32]) {
        let points = self.rows * self.cols;
        if points == 0 && self.body.folds.is_empty() {
            return;
        }
        let frame = self.frame(team, places, None);
        self.constants(&frame);
        if self.body.folds.is_empty() {
            for task in team.share(points.div_ceil(TASK)) {
                let mut at = task * TASK;
                let end = (at + TASK).min(points);
                while at < end {
                    let n = (end - at).min(TILE);
                    self.flat(&frame, at, n);
                    at += n;
                }
            }
            return;
        }
        if self.body.columns {
            self.columns(team, &frame)
        } else {
            self.folds(team, &frame)
        }
        if self.body.splits > 1 {
            team.barrier();
            self.join_parts(team, &frame);
        }
    }

    /// Runs an epilogue over a block of rows and columns of a product.
    pub fn epilogue(
        &self,
        team: &Team,
        places: &[*mut f32],
        block: Block,
        rows: usize,
        cols: usize,
    ) {
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
                let tile = unsafe { slice_of(frame.tile(self.tiles[reg]), TILE) };
                let value = match load {
                    Load::Const(bits) => f32::from_bits(*bits),
                    Load::View(v) => unsafe { *frame.places[v.buffer].offset(v.offset) },
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
        let at = unsafe { std::slice::from_raw_parts_mut(frame.at, self.sources.len()) };
        for (reg, load) in self.body.loads.iter().enumerate() {
            let tile = unsafe { frame.tile(self.tiles[reg]) };
            at[reg] = tile;
            match (self.sources[reg], load, run) {
                (Source::Constant, _, _) => {}
                (Source::Direct, Load::View(v), Some(first)) => {
                    at[reg] = unsafe { frame.places[v.buffer].offset(v.offset + first as isize) };
                }
                _ => at[reg] = self.fill(frame, load, rects, tile),
            }
        }
        for (i, instr) in self.body.code.iter().enumerate() {
            let reg = loads + i;
            let mut to = unsafe { frame.tile(self.tiles[reg]) };
            if let (Some(store), Some(first)) = (self.through[i], run) {
                let view = &self.body.stores[store].to;
                to = unsafe { frame.places[view.buffer].offset(view.offset + first as isize) };
            }
            let arg = |k: usize| instr.args[k.min(instr.args.len() - 1)];
            let from = [at[arg(0)], at[arg(1)], at[arg(2)]];
            let same = [arg(0), arg(1)].map(|reg| self.sources[reg] == Source::Constant);
            let run = Run { to, from, same, n };
            unsafe { code::run(frame.isa, instr.op, run) };
            at[reg] = to;
        }
        for (s, store) in self.body.stores.iter().enumerate() {
            let done = store.reg >= loads && self.through[store.reg - loads] == Some(s);
            match run {
                Some(_) if done => {}
                Some(first) if self.direct[s] => unsafe {
                    let to = frame.places[store.to.buffer].offset(store.to.offset + first as isize);
                    std::ptr::copy(at[store.reg], to, n);
                },
                _ => self.spill(frame, &store.to, rects, at[store.reg]),
            }
        }
    }

    /// Calls `f` with the place of each row of some rects.
    fn each_row(
        &self,
        offset: isize,
        strides: &[isize],
        rects: &[Rect],
        mut f: impl FnMut(isize, Rect),
    ) {
        let dims = self.body.shape.len().saturating_sub(1);
        let step = strides.last().copied().unwrap_or(0);
        for rect in rects {
            let mut index = [0usize; 16];
            let mut rest = rect.row;
            let mut place = offset + rect.col as isize * step;
            for d in (0..dims).rev() {
                index[d] = rest % self.body.shape[d];
                rest /= self.body.shape[d];
                place += index[d] as isize * strides[d];
            }
            for row in 0..rect.rows {
                f(place, Rect { row: rect.row + row, rows: 1, ..*rect });
                for d in (0..dims).rev() {
                    index[d] += 1;
                    place += strides[d];
                    if index[d] < self.body.shape[d] {
                        break;
                    }
                    place -= strides[d] * index[d] as isize;
                    index[d] = 0;
                }
            }
        }
    }

    /// Gathers a load into a tile, or finds that it is a run of memory.
    fn fill(&self, frame: &Frame<'_>, load: &Load, rects: &[Rect], tile: *mut f32) -> *const f32 {
        let mut to = tile;
        match load {
            Load::View(v) => {
                let step = v.strides.last().copied().unwrap_or(0);
                let base = frame.places[v.buffer];
                if let ([rect], 1) = (rects, step)
                    && rect.rows == 1
                {
                    let mut found = base.cast_const();
                    self.each_row(v.offset, &v.strides, rects, |place, _| unsafe {
                        found = base.offset(place);
                    });
                    return found;
                }
                let narrow = self.body.shape.len() > 1 && self.cols <= NARROW;
                for rect in rects {
                    if narrow && rect.cols == self.cols {
                        self.narrow(base, v, rect, to);
                        to = unsafe { to.add(rect.rows * rect.cols) };
                        continue;
                    }
                    self.each_row(v.offset, &v.strides, &[*rect], |place, rect| unsafe {
                        copy_in(base.offset(place), step, to, rect.cols);
                        to = to.add(rect.cols);
                    });
                }
            }
            Load::Count { offset, strides } => {
                let step = strides.last().copied().unwrap_or(0);
                self.each_row(*offset, strides, rects, |place, rect| {
                    for i in 0..rect.cols {
                        let value = (place + i as isize * step) as i32;
                        unsafe { *to.add(i) = f32::from_bits(value as u32) };
                    }
                    to = unsafe { to.add(rect.cols) };
                });
            }
            Load::Noise { offset, strides, .. } => {
                let step = strides.last().copied().unwrap_or(0);
                self.each_row(*offset, strides, rects, |place, rect| {
                    noises(frame, load, place, unsafe { slice_of(to, rect.cols) }, step);
                    to = unsafe { to.add(rect.cols) };
                });
            }
            Load::Product => {
                let block = frame.block.expect("an epilogue has a product");
                let from = |rect: &Rect| {
                    let row = (rect.row - block.first_row) as isize * block.row;
                    unsafe { block.at.offset(row + (rect.col - block.first_col) as isize) }
                };
                for rect in rects {
                    if rects.len() == 1 && (rect.rows == 1 || rect.cols as isize == block.row) {
                        return from(rect);
                    }
                    for row in 0..rect.rows {
                        let one = Rect { row: rect.row + row, ..*rect };
                        unsafe {
                            std::ptr::copy_nonoverlapping(from(&one), to, rect.cols);
                            to = to.add(rect.cols);
                        }
                    }
                }
            }
            Load::Const(_) => unreachable!("a literal is constant"),
        }
        tile
    }

    /// Gathers whole rows of a few elements each: two dims at a time.
    fn narrow(&self, base: *mut f32, v: &View, rect: &Rect, mut to: *mut f32) {
        let dims = self.body.shape.len();
        let (down, step) = (v.strides[dims - 2], v.strides[dims - 1]);
        let height = self.body.shape[dims - 2];
        let (mut row, end) = (rect.row, rect.row + rect.rows);
        while row < end {
            let rows = (height - row % height).min(end - row);
            let first = Rect { row, rows: 1, col: 0, cols: self.cols };
            self.each_row(v.offset, &v.strides, &[first], |place, _| unsafe {
                let mut from = base.offset(place).cast_const();
                for _ in 0..rows {
                    for i in 0..self.cols {
                        *to.add(i) = *from.offset(i as isize * step);
                    }
                    to = to.add(self.cols);
                    from = from.offset(down);
                }
            });
            row += rows;
        }
    }

    /// Writes a tile to a view.
    fn spill(&self, frame: &Frame<'_>, to: &View, rects: &[Rect], mut from: *const f32) {
        let step = to.strides.last().copied().unwrap_or(0);
        let base = frame.places[to.buffer];
        self.each_row(to.offset, &to.strides, rects, |place, rect| unsafe {
            let at = base.offset(place);
            if step == 1 {
                std::ptr::copy(from, at, rect.cols);
            } else {
                for i in 0..rect.cols {
                    *at.offset(i as isize * step) = *from.add(i);
                }
            }
            from = from.add(rect.cols);
        });
    }

    /// Extent of the folded dims.
    fn folded(&self) -> usize {
        let last = usize::from(self.body.columns);
        self.body.shape[self.body.outer..self.body.shape.len() - last].iter().product()
    }

    /// Rows folded to one value each.
    fn folds(&self, team: &Team, frame: &Frame<'_>) {
        let (width, splits) = (self.folded(), self.body.splits);
        let results: usize = self.body.shape[..self.body.outer].iter().product();
        if splits == 1 && width <= TILE && width > 0 {
            let group = TILE / width;
            let per_task = (TASK / (group * width)).max(1) * group;
            for task in team.share(results.div_ceil(per_task)) {
                let end = ((task + 1) * per_task).min(results);
                for first in (task * per_task..end).step_by(group) {
                    let count = group.min(end - first);
                    self.flat(frame, first * width, count * width);
                    for fold in &self.body.folds {
                        let from = unsafe { frame.register(fold.reg) };
                        for i in 0..count {
                            let row = unsafe { from.add(i * width) };
                            let value = unsafe {
                                code::fold(frame.isa, fold.how, fold.integer, row, width)
                            };
                            self.put(frame, fold, first + i, 0, value);
                        }
                    }
                }
            }
            return;
        }
        for task in team.share(results * splits) {
            let (result, part) = (task / splits, task % splits);
            let (from, to) = (part * width / splits, (part + 1) * width / splits);
            let mut sums: Vec<f32> =
                self.body.folds.iter().map(|f| code::start(f.how, f.integer)).collect();
            let mut at = from;
            while at < to {
                let n = (to - at).min(TILE);
                self.flat(frame, result * width + at, n);
                for (f, fold) in self.body.folds.iter().enumerate() {
                    unsafe {
                        let tile = frame.register(fold.reg);
                        let value = code::fold(frame.isa, fold.how, fold.integer, tile, n);
                        join_one(frame.isa, fold, &mut sums[f], value);
                    }
                }
                at += n;
            }
            for (fold, value) in self.body.folds.iter().zip(sums) {
                self.put(frame, fold, result, part, value);
            }
        }
    }

    /// Columns folded to one row, in strips.
    fn columns(&self, team: &Team, frame: &Frame<'_>) {
        let (height, splits) = (self.folded(), self.body.splits);
        let outer: usize = self.body.shape[..self.body.outer].iter().product();
        let strips = self.cols.div_ceil(STRIP).max(1);
        let strip = self.cols.div_ceil(strips).next_multiple_of(16);
        let mut sums = vec![vec![0f32; STRIP]; self.body.folds.len()];
        for task in team.share(outer * strips * splits) {
            let (o, rest) = (task / (strips * splits), task % (strips * splits));
            let (part, s) = (rest / strips, rest % strips);
            let (col, end) = (s * strip, ((s + 1) * strip).min(self.cols));
            if col >= end {
                continue;
            }
            let cols = end - col;
            for (sum, fold) in sums.iter_mut().zip(&self.body.folds) {
                sum.fill(code::start(fold.how, fold.integer));
            }
            let step = if cols >= WIDE_ROW { 1 } else { TILE / cols };
            let (mut row, last) = (part * height / splits, (part + 1) * height / splits);
            while row < last {
                let rows = (last - row).min(step);
                let rect = Rect { row: o * height + row, rows, col, cols };
                let run = (rows == 1 || cols == self.cols).then_some(rect.row * self.cols + col);
                self.tile(frame, &[rect], run, rows * cols);
                for (f, fold) in self.body.folds.iter().enumerate() {
                    let to = sums[f].as_mut_ptr();
                    for r in 0..rows {
                        unsafe {
                            let from = frame.register(fold.reg).add(r * cols);
                            let run = Run::new(to, [to, from, from], cols);
                            code::run(frame.isa, code::join(fold.how, fold.integer), run);
                        }
                    }
                }
                row += rows;
            }
            for (sum, fold) in sums.iter().zip(&self.body.folds) {
                for (i, value) in sum[..cols].iter().enumerate() {
                    self.put(frame, fold, o * self.cols + col + i, part, *value);
                }
            }
        }
    }

    /// Writes one result, or one part of it.
    fn put(&self, frame: &Frame<'_>, fold: &Fold, result: usize, part: usize, value: f32) {
        if let (Some(parts), true) = (fold.parts, self.body.splits > 1) {
            unsafe { *frame.places[parts].add(part * self.results() + result) = value };
        } else {
            unsafe {
                *frame.places[fold.to.buffer].offset(self.result_place(fold, result)) = value
            };
        }
    }

    fn results(&self) -> usize {
        let outer: usize = self.body.shape[..self.body.outer].iter().product();
        if self.body.columns { outer * self.cols } else { outer }
    }

    /// Place of a result of a fold, results being numbered in row-major order.
    fn result_place(&self, fold: &Fold, mut result: usize) -> isize {
        let (shape, strides) = (&self.body.shape, &fold.to.strides);
        let mut place = fold.to.offset;
        if self.body.columns {
            place += (result % self.cols) as isize * strides[shape.len() - 1];
            result /= self.cols;
        }
        for d in (0..self.body.outer).rev() {
            place += (result % shape[d]) as isize * strides[d];
            result /= shape[d];
        }
        place
    }

    fn join_parts(&self, team: &Team, frame: &Frame<'_>) {
        let results = self.results();
        for fold in &self.body.folds {
            let parts = frame.places[fold.parts.expect("parts of a split fold")];
            for result in team.share(results) {
                let mut sum = code::start(fold.how, fold.integer);
                for part in 0..self.body.splits {
                    unsafe {
                        let value = *parts.add(part * results + result);
                        join_one(frame.isa, fold, &mut sum, value);
                    }
                }
                unsafe {
                    *frame.places[fold.to.buffer].offset(self.result_place(fold, result)) = sum
                };
            }
        }
    }
}

unsafe fn join_one(isa: Isa, fold: &Fold, sum: &mut f32, value: f32) {
    let to: *mut f32 = sum;
    let from = [to.cast_const(), &value, &value];
    unsafe { code::run(isa, code::join(fold.how, fold.integer), Run::new(to, from, 1)) }
}

fn load_offset(load: &Load) -> isize {
    if let Load::Noise { offset, .. } = load { *offset } else { 0 }
}

/// `n` elements of memory, `step` apart.
unsafe fn copy_in(from: *const f32, step: isize, to: *mut f32, n: usize) {
    unsafe {
        match step {
            1 => std::ptr::copy_nonoverlapping(from, to, n),
            0 => slice_of(to, n).fill(*from),
            _ => {
                for i in 0..n {
                    *to.add(i) = *from.offset(i as isize * step);
                }
            }
        }
    }
}

/// Noise of elements `first`, `first + step`, ...
fn noises(frame: &Frame<'_>, load: &Load, first: isize, to: &mut [f32], step: isize) {
    let Load::Noise { normal, stream, seed, step: time, .. } = load else { unreachable!("noise") };
    let scalar = |b: usize| unsafe { (*frame.places[b]).to_bits() };
    let (seed, time) = (scalar(*seed), scalar(*time));
    let real = |word| if *normal { noise::normal(word) } else { noise::uniform(word) };
    if step == 1 {
        let mut words = [0; 64];
        let mut at = first as u32;
        for part in to.chunks_mut(64) {
            let words = &mut words[..part.len()];
            noise::words(seed, *stream, time, at, words);
            part.iter_mut().zip(words).for_each(|(x, w)| *x = real(*w));
            at = at.wrapping_add(64);
        }
    } else {
        for (i, x) in to.iter_mut().enumerate() {
            let element = (first + i as isize * step) as u32;
            *x = real(noise::word(seed, *stream, time, element));
        }
    }
}
