//! Products of matrices in blocks. In: a product of the plan and the places of buffers. Out: the
//! result, or what its epilogue makes of it. Blocks do not depend on the number of threads.

use super::Team;
use super::memory::Memory;
use super::simd::Isa;
use super::tile::{Block, ReadyLoop};
use crate::plan::{Gemm, Matrix};
use gemm::Parallelism;

/// Most rows and columns of a block.
const BLOCK: (usize, usize) = (128, 800);

/// A product with its blocks chosen.
pub struct ReadyGemm {
    gemm: Gemm,
    epilogue: Option<ReadyLoop>,
    rows: usize,
    cols: usize,
}

/// A strided matrix in memory.
#[derive(Clone, Copy)]
pub struct Part {
    /// First element.
    pub at: *mut f32,
    /// Step to the next row.
    pub row: isize,
    /// Step to the next column.
    pub col: isize,
}

/// `to = a b`, or `to += a b`, on this thread.
///
/// # Safety
/// The parts must reach over `[m, n]`, `[m, k]` and `[k, n]`; `to` overlaps neither operand.
pub unsafe fn multiply(size: (usize, usize, usize), to: Part, a: Part, b: Part, add: bool) {
    let (m, n, k) = size;
    let (alpha, beta) = if add { (1.0, 1.0) } else { (0.0, 1.0) };
    // Safety: the caller's parts; steps are those that they were checked with.
    unsafe {
        gemm::gemm::<f32>(
            m,
            n,
            k,
            to.at,
            to.col,
            to.row,
            add,
            a.at,
            a.col,
            a.row,
            b.at,
            b.col,
            b.row,
            alpha,
            beta,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Rows and columns of a block. Whole rows are best: an epilogue then walks its operands without
/// gaps. An even number of blocks keeps two threads equally busy.
fn blocks(m: usize, n: usize, outer: usize) -> (usize, usize) {
    let across = n.div_ceil(BLOCK.1).max(1);
    let mut down = m.div_ceil(BLOCK.0).max(1);
    if down * across * outer > 1 {
        let odd = down * across * outer % 2 == 1;
        down += usize::from(odd && m / (down + 1) >= 16);
        return (m.div_ceil(down), even(n, across));
    }
    // One block only: the longer side is halved, if the halves are still worth a call.
    match () {
        () if n >= m && n >= 128 => (m, even(n, 2)),
        () if m >= 32 => (m.div_ceil(2), n),
        () => (m, n),
    }
}

/// `n` in so many parts, each a multiple of a vector.
fn even(n: usize, parts: usize) -> usize {
    n.div_ceil(parts).next_multiple_of(16).min(n.max(1))
}

impl ReadyGemm {
    /// Chooses blocks.
    pub fn new(gemm: &Gemm, isa: Isa) -> ReadyGemm {
        let epilogue = gemm.epilogue.as_ref().map(|body| ReadyLoop::new(body, isa));
        let outer: usize = gemm.outer.iter().product();
        let (rows, cols) = blocks(gemm.m, gemm.n, outer);
        let rows = rows.max(1);
        ReadyGemm { gemm: gemm.clone(), epilogue, rows, cols }
    }

    /// Runs the blocks that fall to this thread.
    pub fn run(&self, team: &Team, places: &[Memory]) {
        let g = &self.gemm;
        let outer: usize = g.outer.iter().product();
        let (down, across) = (g.m.div_ceil(self.rows), g.n.div_ceil(self.cols));
        for task in team.tasks(outer * down * across) {
            let (o, rest) = (task / (down * across), task % (down * across));
            let (i, j) = (rest / across * self.rows, rest % across * self.cols);
            self.block(team, places, o, (i, j));
        }
    }

    fn block(&self, team: &Team, places: &[Memory], o: usize, (i, j): (usize, usize)) {
        let g = &self.gemm;
        let (rows, cols) = (self.rows.min(g.m - i), self.cols.min(g.n - j));
        let part = |m: &Matrix, (row, rows): (usize, usize), (col, cols): (usize, usize)| {
            let place = self.place(m, o) + row as isize * m.row + col as isize * m.col;
            let at = places[m.buffer].grid(place, (m.row, rows), (m.col, cols));
            Part { at, row: m.row, col: m.col }
        };
        let a = part(&g.a, (i, rows), (0, g.k));
        let b = part(&g.b, (0, g.k), (j, cols));
        let result = |m: &Matrix| part(m, (i, rows), (j, cols));
        let to = match &g.to {
            Some(to) if self.epilogue.is_none() || to.col == 1 => result(to),
            _ => Part { at: team.block(rows * cols), row: cols as isize, col: 1 },
        };
        // Safety: `grid` has checked the parts, and a result lies apart from its operands (guard,
        // 3).
        unsafe { multiply((rows, cols, g.k), to, a, b, false) };
        if let Some(epilogue) = &self.epilogue {
            let block = Block { at: to.at, row: to.row, first_row: o * g.m + i, first_col: j };
            epilogue.epilogue(team, places, block, rows, cols);
        }
        if let (Some(own), true) = (&g.to, self.epilogue.is_some()) {
            let own = result(own);
            if own.at != to.at {
                copy(to, own, rows, cols);
            }
        }
    }

    fn place(&self, m: &Matrix, mut o: usize) -> isize {
        let mut place = m.offset;
        for (n, stride) in self.gemm.outer.iter().zip(&m.outer).rev() {
            place += (o % n) as isize * stride;
            o /= n;
        }
        place
    }
}

fn copy(from: Part, to: Part, rows: usize, cols: usize) {
    for i in 0..rows as isize {
        for j in 0..cols as isize {
            // Safety: both parts reach over `rows` and `cols`: scratch, and what `grid` has
            // checked.
            unsafe {
                *to.at.offset(i * to.row + j * to.col) =
                    *from.at.offset(i * from.row + j * from.col);
            }
        }
    }
}
