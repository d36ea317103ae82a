//! How products are cut. In: a shape and the limits of a device. Out: tiles and parts.

use super::Limits;
use super::cooperative::units;
use serde::{Deserialize, Serialize};

/// How a product is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tile {
    /// Rows of a group.
    pub rows: usize,
    /// Columns of a group.
    pub cols: usize,
    /// Terms in shared memory at a time.
    pub depth: usize,
    /// Rows of an invocation.
    pub down: usize,
    /// Columns of an invocation.
    pub across: usize,
}

/// The tiles to choose from.
pub const TILES: &[Tile] = &[
    Tile { rows: 128, cols: 128, depth: 8, down: 8, across: 8 },
    Tile { rows: 64, cols: 128, depth: 8, down: 4, across: 8 },
    Tile { rows: 128, cols: 64, depth: 8, down: 8, across: 4 },
    Tile { rows: 64, cols: 64, depth: 16, down: 4, across: 4 },
    Tile { rows: 32, cols: 64, depth: 16, down: 2, across: 4 },
    Tile { rows: 64, cols: 32, depth: 16, down: 4, across: 2 },
    Tile { rows: 32, cols: 32, depth: 16, down: 2, across: 2 },
    Tile { rows: 16, cols: 32, depth: 16, down: 1, across: 2 },
    Tile { rows: 32, cols: 16, depth: 16, down: 2, across: 1 },
    Tile { rows: 16, cols: 16, depth: 16, down: 1, across: 1 },
    Tile { rows: 1, cols: 64, depth: 32, down: 1, across: 1 },
    Tile { rows: 64, cols: 1, depth: 32, down: 1, across: 1 },
];

impl Tile {
    /// Invocations of a group.
    pub fn lanes(&self) -> usize {
        self.rows / self.down * (self.cols / self.across)
    }

    /// Whether a device can run it.
    pub fn fits(&self, limits: &Limits) -> bool {
        let shared = (self.rows + self.cols) * self.depth;
        self.lanes() <= limits.lanes as usize && shared <= limits.shared
    }

    /// Groups of a shape.
    pub fn groups(&self, [outer, m, n, _]: [usize; 4]) -> usize {
        outer * m.div_ceil(self.rows) * n.div_ceil(self.cols)
    }
}

/// Groups that keep a device busy.
pub const BUSY: usize = 128;
/// Fewest terms of a part.
const PART: usize = 256;
/// A multiple of the depth of every tile.
pub const DEEPEST: usize = 32;
/// Most parts.
const PARTS: usize = 32;

/// Parts into which the terms are split: a function of the shape alone.
pub fn parts(shape: [usize; 4]) -> usize {
    let [outer, m, n, k] = shape;
    let groups = outer * m.div_ceil(32) * n.div_ceil(32);
    (BUSY / groups.max(1)).min(k / PART).clamp(1, PARTS)
}

/// The tile of a shape: that of matrix units where they take it; else a measured one, or the least
/// time of a simple model. An invocation reads `down + across` words from shared memory for
/// `down * across` terms; groups run `busy` at a time.
pub fn tile(shape: [usize; 4], limits: &Limits) -> Tile {
    if let Some(units) = units(shape, limits) {
        return units.tile();
    }
    if let Some(tile) = limits.tiles.get(&shape).filter(|tile| tile.fits(limits)) {
        return *tile;
    }
    let cost = |t: &Tile| {
        let rounds = (t.groups(shape) * parts(shape)).div_ceil(limits.busy).max(1);
        let work = (t.down * t.across) as f64;
        let reads = (t.down + t.across) as f64;
        rounds as f64 * (work + reads + 2.0)
    };
    let fitting = TILES.iter().filter(|tile| tile.fits(limits));
    let best = fitting.min_by(|a, b| cost(a).total_cmp(&cost(b)));
    *best.expect("the smallest tile fits everywhere")
}
