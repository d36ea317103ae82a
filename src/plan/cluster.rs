//! Loops under construction: affine index maps, and a register program that grows node by node. In:
//! loads and instructions. Out: a [`Loop`] with its dims merged. Knows no graph.

use super::{Code, Fold, How, Instr, Load, Loop, Reg, Store, View};
use crate::graph::op::map;
use std::collections::HashMap;

const MULTIPLY: Code = Code::Real(&map::MUL);

/// Index along one dim of a value: `start + steps . i`, `i` the point of the index space.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Affine {
    /// At point zero.
    pub start: isize,
    /// Per dim of the index space.
    pub steps: Vec<isize>,
}

/// One per dim of a value.
pub type Map = Vec<Affine>;

/// Each dim is itself.
pub fn identity(rank: usize) -> Map {
    let steps = |d| (0..rank).map(|j| isize::from(j == d)).collect();
    (0..rank).map(|d| Affine { start: 0, steps: steps(d) }).collect()
}

/// Row-major strides.
pub fn strides(shape: &[usize]) -> Vec<isize> {
    let mut out = vec![1; shape.len()];
    for d in (1..shape.len()).rev() {
        out[d - 1] = out[d] * shape[d] as isize;
    }
    out
}

/// The dot product of a map with strides.
pub fn dot(map: &[Affine], strides: &[isize], rank: usize) -> Affine {
    let mut out = Affine { start: 0, steps: vec![0; rank] };
    for (dim, stride) in map.iter().zip(strides) {
        out.start += dim.start * stride;
        for (step, s) in out.steps.iter_mut().zip(&dim.steps) {
            *step += s * stride;
        }
    }
    out
}

/// The dims of `shape` at a place in row-major order; `None` if they are not affine.
pub fn split(mut place: Affine, shape: &[usize], space: &[usize]) -> Option<Map> {
    let mut map = Map::new();
    for (&stride, &extent) in strides(shape).iter().zip(shape) {
        if extent == 1 {
            map.push(Affine { start: 0, steps: vec![0; space.len()] });
            continue;
        }
        let start = place.start.div_euclid(stride);
        place.start -= start * stride;
        let steps = place.steps.iter_mut().zip(space).map(|(step, n)| {
            let whole = if *n > 1 && *step % stride == 0 { *step / stride } else { 0 };
            *step -= whole * stride;
            whole
        });
        let dim = Affine { start, steps: steps.collect() };
        let (low, high) = range(&place, space);
        let (first, last) = range(&dim, space);
        if low < 0 || high >= stride || first < 0 || last >= extent as isize {
            return None;
        }
        map.push(dim);
    }
    Some(map)
}

/// The smallest and the largest value of an affine function over a space.
pub fn range(f: &Affine, space: &[usize]) -> (isize, isize) {
    let (mut low, mut high) = (f.start, f.start);
    for (step, n) in f.steps.iter().zip(space) {
        let reach = step * (*n as isize - 1);
        if reach < 0 { low += reach } else { high += reach }
    }
    (low, high)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Cell {
    Load(Load),
    Instr(Instr),
}

/// A loop that grows.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// The index space, dims in natural order.
    pub space: Vec<usize>,
    /// Which dims are folded; all false without folds.
    pub folded: Vec<bool>,
    cells: Vec<Cell>,
    known: HashMap<Cell, Reg>,
    /// What is written.
    pub stores: Vec<Store>,
    /// What is folded.
    pub folds: Vec<Fold>,
}

impl Cluster {
    /// An empty one over a space.
    pub fn new(space: &[usize]) -> Cluster {
        Cluster { space: space.to_vec(), folded: vec![false; space.len()], ..Cluster::default() }
    }

    fn cell(&mut self, cell: Cell) -> Reg {
        if let Some(reg) = self.known.get(&cell) {
            return *reg;
        }
        self.cells.push(cell.clone());
        self.known.insert(cell, self.cells.len() - 1);
        self.cells.len() - 1
    }

    /// A loaded register.
    pub fn load(&mut self, load: Load) -> Reg {
        self.cell(Cell::Load(load))
    }

    /// A computed register.
    pub fn instr(&mut self, op: Code, args: Vec<Reg>) -> Reg {
        self.cell(Cell::Instr(Instr { op, args }))
    }

    /// Number of registers so far.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether registers from `before` on, or the last result, build on older ones.
    pub fn shares(&self, before: usize) -> bool {
        let old =
            |reg: &Reg| *reg < before && !matches!(self.cells[*reg], Cell::Load(Load::Const(_)));
        let built = self.cells[before..].iter().any(|cell| match cell {
            Cell::Instr(instr) => instr.args.iter().any(old),
            Cell::Load(_) => false,
        });
        let ends = [self.stores.last().map(|s| s.reg), self.folds.last().map(|f| f.reg)];
        built || ends.iter().flatten().any(old)
    }

    /// Adds a fold over some dims of the space.
    pub fn fold(&mut self, reg: Reg, how: How, integer: bool, to: View, folded: Vec<bool>) {
        self.folded = folded;
        self.folds.push(Fold { reg, how, integer, to, parts: None });
    }

    /// The finished loop: unused registers dropped, kept dims before folded ones, dims merged.
    /// `classes` keeps dims of different class apart.
    pub fn finish(&self, classes: Option<&[usize]>) -> Loop {
        let mut out = self.program();
        let last = (0..self.space.len()).rev().find(|d| self.space[*d] != 1);
        let after = self.folded.iter().rposition(|f| *f).map_or(0, |d| d + 1);
        let columns = !self.folds.is_empty() && last.is_some_and(|d| d >= after);
        let mut class: Vec<usize> = self.folded.iter().map(|f| usize::from(*f)).collect();
        if columns {
            class[after..].iter_mut().for_each(|c| *c = 2);
        }
        if let Some(classes) = classes {
            class = classes.to_vec();
        }
        let mut order: Vec<usize> = (0..self.space.len()).collect();
        order.sort_by_key(|d| class[*d]);
        class = order.iter().map(|d| class[*d]).collect();
        out.each_strides(|s| *s = order.iter().map(|d| s[*d]).collect());
        out.shape = order.iter().map(|d| self.space[*d]).collect();
        merge(&mut out, &mut class);
        if classes.is_some() && class.last() != Some(&2) {
            // An epilogue always has its columns last, be it one.
            out.shape.push(1);
            class.push(2);
            out.each_strides(|s| s.push(0));
        }
        if columns {
            single_column(&mut out, &mut class);
        }
        out.columns = columns;
        out.outer = class.iter().filter(|c| **c == 0).count();
        out.splits = 1;
        out
    }

    /// Uses of each register by what is stored or folded.
    fn uses(&self, cells: &[Cell]) -> Vec<usize> {
        let mut uses = vec![0; cells.len()];
        let ends = self.stores.iter().map(|s| s.reg).chain(self.folds.iter().map(|f| f.reg));
        ends.for_each(|r| uses[r] += 1);
        for (i, cell) in cells.iter().enumerate().rev() {
            if let (1.., Cell::Instr(instr)) = (uses[i], cell) {
                instr.args.iter().for_each(|a| uses[*a] += 1);
            }
        }
        uses
    }

    /// The cells, with products that are used once, in a sum, fused into it.
    fn fused(&self) -> Vec<Cell> {
        let mut cells = self.cells.clone();
        let uses = self.uses(&cells);
        for i in 0..cells.len() {
            let Cell::Instr(sum) = cells[i].clone() else { continue };
            let product = |reg: Reg| match &cells[reg] {
                Cell::Instr(instr) if instr.op == MULTIPLY && uses[reg] == 1 => {
                    Some(instr.args.clone())
                }
                _ => None,
            };
            let is_product = |reg: Reg| matches!(&cells[reg], Cell::Instr(i) if i.op == MULTIPLY);
            let fuse = |op, mut args: Vec<Reg>, rest| {
                args.push(rest);
                Instr { op, args }
            };
            let fused = match (sum.op, &sum.args[..]) {
                (Code::Real(op), &[x, y]) if op == &map::ADD => product(y)
                    .map(|p| fuse(Code::Fma, p, x))
                    .or_else(|| product(x).map(|p| fuse(Code::Fma, p, y))),
                // Of two products that are equal the difference is 0, each of them rounded.
                (Code::Real(op), &[x, y]) if op == &map::SUB && !is_product(x) => {
                    product(y).map(|p| fuse(Code::Fnma, p, x))
                }
                _ => None,
            };
            if let Some(instr) = fused {
                cells[i] = Cell::Instr(instr);
            }
        }
        cells
    }

    fn program(&self) -> Loop {
        let cells = self.fused();
        let used: Vec<bool> = self.uses(&cells).iter().map(|n| *n > 0).collect();
        let mut out = Loop { shape: self.space.clone(), ..Loop::default() };
        let mut number = vec![usize::MAX; cells.len()];
        for (i, cell) in cells.iter().enumerate() {
            if let (true, Cell::Load(load)) = (used[i], cell) {
                number[i] = out.loads.len();
                out.loads.push(load.clone());
            }
        }
        for (i, cell) in cells.iter().enumerate() {
            if let (true, Cell::Instr(instr)) = (used[i], cell) {
                number[i] = out.loads.len() + out.code.len();
                let args = instr.args.iter().map(|a| number[*a]).collect();
                out.code.push(Instr { op: instr.op, args });
            }
        }
        out.stores = self.stores.clone();
        out.folds = self.folds.clone();
        out.stores.iter_mut().for_each(|s| s.reg = number[s.reg]);
        out.folds.iter_mut().for_each(|f| f.reg = number[f.reg]);
        out
    }
}

impl Loop {
    /// Every list of strides.
    pub fn each_strides(&mut self, mut f: impl FnMut(&mut Vec<isize>)) {
        for load in &mut self.loads {
            match load {
                Load::View(view) => f(&mut view.strides),
                Load::Count { strides, .. } | Load::Noise { strides, .. } => f(strides),
                Load::Const(_) | Load::Product => {}
            }
        }
        self.stores.iter_mut().for_each(|s| f(&mut s.to.strides));
        self.folds.iter_mut().for_each(|s| f(&mut s.to.strides));
    }
}

/// Merges neighbouring dims of one class wherever every access allows it, and drops dims of one.
fn merge(out: &mut Loop, class: &mut Vec<usize>) {
    let mut d = 0;
    while d < out.shape.len() {
        if out.shape[d] == 1 {
            out.shape.remove(d);
            class.remove(d);
            out.each_strides(|s| {
                s.remove(d);
            });
            continue;
        }
        if d > 0 && class[d] == class[d - 1] {
            let n = out.shape[d] as isize;
            let mut fits = true;
            out.each_strides(|s| fits &= s[d - 1] == s[d] * n);
            if fits {
                out.shape[d - 1] *= out.shape[d];
                out.shape.remove(d);
                class.remove(d);
                out.each_strides(|s| {
                    s.remove(d - 1);
                });
                continue;
            }
        }
        d += 1;
    }
}

/// Leaves one dim behind the folded ones; others of its class go to the front.
fn single_column(out: &mut Loop, class: &mut [usize]) {
    let n = class.len();
    let mut order: Vec<usize> = (0..n).collect();
    for c in class.iter_mut().take(n - 1) {
        *c = if *c == 2 { 0 } else { *c };
    }
    order.sort_by_key(|d| class[*d]);
    class.sort_unstable();
    out.shape = order.iter().map(|d| out.shape[*d]).collect();
    out.each_strides(|s| *s = order.iter().map(|d| s[*d]).collect());
}
