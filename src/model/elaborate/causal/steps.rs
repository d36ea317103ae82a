//! Draws that compute each position once. In: a draw of a whole sequence as a function of the sequence, and what its
//! elements depend on. Out: the same draw of one position, from those before it: of every value the row of this
//! position. Values whose earlier rows are needed again are kept: keys and values of attention, states of
//! recurrent nets, windows of convolutions.
//!
//! A value is kept where each of its rows depends on the positions before it, on no more and on no less. Rows that are
//! not there yet are 0; all that is made of them depends on positions that are not drawn yet, and it is proven that
//! no distribution does. What has no rule here is drawn by the whole net at every position.

use super::cells::Cells;
use crate::base::Span;
use crate::graph::op::{Kind, Op, index, map, view};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::{Elab, Stop};
use crate::model::ir::{AxisId, AxisReduce, ExprId, ExprKind, Support, Symbolic, Type, VarId};
use std::collections::HashMap;
use std::rc::Rc;

/// Why there is no row.
pub enum Halt {
    /// No rule: the whole net is computed for every position.
    Whole,
    /// A mistake that was told.
    Stop,
}

impl From<Stop> for Halt {
    fn from(_: Stop) -> Halt {
        Halt::Stop
    }
}

pub type Step<T> = Result<T, Halt>;

/// A carry of the loop.
pub struct Kept {
    pub var: VarId,
    pub init: ExprId,
    pub next: ExprId,
}

/// A sequence: its variable, what is drawn of it, how long it is.
pub struct Sequence {
    pub var: VarId,
    pub before: ExprId,
    pub length: usize,
    /// The number of the position that is drawn.
    pub turn: ExprId,
}

pub struct Steps<'e, 'a> {
    pub(super) e: &'e mut Elab<'a>,
    pub(super) cells: HashMap<ExprId, Rc<Cells>>,
    pub(super) of: Sequence,
    pub kept: Vec<Kept>,
    rows: HashMap<(ExprId, usize, i64), ExprId>,
    wholes: HashMap<ExprId, ExprId>,
    loops: HashMap<(Vec<ExprId>, i64), Vec<ExprId>>,
    pub(super) span: Span,
}

impl<'e, 'a> Steps<'e, 'a> {
    pub fn new(
        e: &'e mut Elab<'a>,
        cells: HashMap<ExprId, Rc<Cells>>,
        of: Sequence,
        span: Span,
    ) -> Steps<'e, 'a> {
        let (kept, rows, wholes) = (vec![], HashMap::new(), HashMap::new());
        Steps { e, cells, of, kept, rows, wholes, loops: HashMap::new(), span }
    }

    pub(super) fn shape(&self, id: ExprId) -> Vec<usize> {
        self.e.ty(id).shape.clone()
    }

    pub(super) fn depends(&self, id: ExprId) -> bool {
        match self.cells.get(&id) {
            Some(cells) => cells.last() > 0.0,
            None => self.e.m.mentions(id, &[self.of.var]),
        }
    }

    /// The dim whose rows depend on the positions before, and how far a row lags behind: 1 if row i depends on
    /// positions below i, 0 if on its own too.
    fn aligned(&self, id: ExprId) -> Option<(usize, i64)> {
        let cells = self.cells.get(&id).filter(|cells| cells.axes.is_empty())?;
        let latest = cells.latest_kept()?;
        let exact = |d: usize, lag: i64| {
            latest
                .axis_iter(ndarray::Axis(d))
                .enumerate()
                .all(|(i, row)| row.iter().all(|last| *last as i64 == i as i64 + 1 - lag))
        };
        let long = |d: &usize| latest.shape()[*d] == self.of.length;
        (0..latest.ndim())
            .filter(long)
            .find_map(|d| (0..2).find(|lag| exact(d, *lag)).map(|lag| (d, lag)))
    }

    /// Row `turn + o` along a dim.
    pub fn row(&mut self, id: ExprId, d: usize, o: i64) -> Step<ExprId> {
        if let Some(row) = self.rows.get(&(id, d, o)) {
            return Ok(*row);
        }
        let row = self.new_row(id, d, o)?;
        self.rows.insert((id, d, o), row);
        Ok(row)
    }

    fn new_row(&mut self, id: ExprId, d: usize, o: i64) -> Step<ExprId> {
        if matches!(self.e.m.expr(id).kind, ExprKind::Var(v) if v == self.of.var) {
            return match d {
                0 => self.pick(self.of.before, 0, o),
                _ => Err(Halt::Whole),
            };
        }
        if !self.depends(id) {
            return self.pick(id, d, o);
        }
        // What was computed before is not computed again.
        if self.aligned(id).is_some_and(|(dim, lag)| dim == d && o < lag - 1) {
            let whole = self.whole(id)?;
            return self.pick(whole, d, o);
        }
        match self.e.m.expr(id).kind.clone() {
            ExprKind::Op { op, attrs, args } => self.row_of_op(id, (op, &attrs, &args), d, o),
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => {
                self.row(result, d, o)
            }
            ExprKind::Stop(of) | ExprKind::Symbolic(Symbolic::Once(of)) => self.row(of, d, o),
            ExprKind::Symbolic(Symbolic::Invertible { value, .. }) => self.row(value, d, o),
            ExprKind::Scan { .. } if d == 0 => self.turn(id, o),
            ExprKind::Reduce { axis, how: AxisReduce::Stack, body } if d == 0 => {
                self.inside(body, axis, o)
            }
            ExprKind::Reduce { axis, how, body } => {
                let own = if how == AxisReduce::Stack { d - 1 } else { d };
                let body = self.row(body, own, o)?;
                let mut shape = self.shape(id);
                shape.remove(d);
                self.typed(ExprKind::Reduce { axis, how, body }, shape, id)
            }
            ExprKind::Element { axis, of } => {
                let of = self.row(of, d + 1, o)?;
                let mut shape = self.shape(id);
                shape.remove(d);
                self.typed(ExprKind::Element { axis, of }, shape, id)
            }
            _ => Err(Halt::Whole),
        }
    }

    fn typed(&mut self, kind: ExprKind, shape: Vec<usize>, like: ExprId) -> Step<ExprId> {
        let ty = Type { shape, varies: true, ..self.e.ty(like).clone() };
        Ok(self.e.push(kind, ty, self.span)?)
    }

    pub(super) fn op(
        &mut self,
        op: Op,
        args: Vec<ExprId>,
        attrs: Attrs,
        like: ExprId,
    ) -> Step<ExprId> {
        let support = self.e.ty(like).support;
        Ok(self.e.op(op, args, attrs, support, self.span)?)
    }

    /// The number of a row, and whether there is one: of those before the first and behind the last there is none.
    pub(super) fn number(&mut self, o: i64, n: usize) -> Step<(ExprId, Option<ExprId>)> {
        let (t, span) = (self.of.turn, self.span);
        let inside = o >= 0 && o + self.of.length as i64 <= n as i64;
        if o == 0 && inside {
            return Ok((t, None));
        }
        let literal = |s: &mut Self, x: f64| s.e.literal(x, DType::I32, span);
        let by = literal(self, o as f64);
        let at = self.e.op(&map::ADD, vec![t, by], Attrs::None, Support::Integer, span)?;
        let (low, high) = (literal(self, 0.0), literal(self, n as f64 - 1.0));
        let support = Support::Index(n);
        let clipped = self.e.op(&map::MAX, vec![at, low], Attrs::None, Support::Integer, span)?;
        let clipped = self.e.op(&map::MIN, vec![clipped, high], Attrs::None, support, span)?;
        if inside {
            return Ok((clipped, None));
        }
        let there = self.e.op(&map::EQ, vec![at, clipped], Attrs::None, Support::Bool, span)?;
        Ok((clipped, Some(there)))
    }

    /// Row `turn + o` of a value that is there as a whole; the nearest where there is none.
    fn pick(&mut self, id: ExprId, d: usize, o: i64) -> Step<ExprId> {
        let shape = self.shape(id);
        let (number, _) = self.number(o, shape[d])?;
        let mut perm: Vec<usize> = (0..shape.len()).collect();
        perm.remove(d);
        perm.insert(0, d);
        let front = match d {
            0 => id,
            _ => self.op(&view::PERMUTE, vec![id], Attrs::Perm(perm), id)?,
        };
        self.op(&index::GATHER, vec![front, number], Attrs::None, id)
    }

    /// A row where there is one, else 0.
    pub(super) fn or_zero(&mut self, row: ExprId, there: Option<ExprId>) -> Step<ExprId> {
        let Some(there) = there else { return Ok(row) };
        let (shape, dtype) = (self.shape(row), self.e.ty(row).dtype);
        let zero = self.e.literal(0.0, dtype, self.span);
        let zero = self.e.fill(zero, &shape, self.span)?;
        self.choose(there, row, zero)
    }

    pub(super) fn choose(&mut self, there: ExprId, a: ExprId, b: ExprId) -> Step<ExprId> {
        let there = self.e.fill(there, &self.shape(a), self.span)?;
        self.op(&map::SELECT, vec![there, a, b], Attrs::None, a)
    }

    /// A whole value with what is known of it now.
    pub(super) fn whole(&mut self, id: ExprId) -> Step<ExprId> {
        if !self.depends(id) {
            return Ok(id);
        }
        if matches!(self.e.m.expr(id).kind, ExprKind::Var(v) if v == self.of.var) {
            return Ok(self.of.before);
        }
        if let Some(whole) = self.wholes.get(&id) {
            return Ok(*whole);
        }
        if let ExprKind::Element { axis, of } = self.e.m.expr(id).kind {
            let of = self.whole(of)?;
            let shape = self.shape(id);
            return self.typed(ExprKind::Element { axis, of }, shape, id);
        }
        if self.aligned(id).is_none() {
            return self.view_of_whole(id);
        }
        let (d, lag) = self.aligned(id).ok_or(Halt::Whole)?;
        let ty = self.carried(id);
        let (var, old) = self.e.m.fresh_var("kept", ty.clone(), self.span);
        let row = self.row(id, d, lag - 1)?;
        let next = self.put(old, d, lag - 1, row)?;
        let zero = self.e.literal(0.0, ty.dtype, self.span);
        let init = self.e.fill(zero, &ty.shape, self.span)?;
        self.kept.push(Kept { var, init, next });
        self.wholes.insert(id, next);
        Ok(next)
    }

    /// In a `map` over something else nothing is kept, but what it takes from outside may be, and views of
    /// that have no rows that are not there.
    fn view_of_whole(&mut self, id: ExprId) -> Step<ExprId> {
        match self.e.m.expr(id).kind.clone() {
            ExprKind::Op { op, attrs, args } if op.kind == Kind::View => {
                let mut wholes = Vec::new();
                for arg in args {
                    wholes.push(self.whole(arg)?);
                }
                self.op(op, wholes, attrs, id)
            }
            _ => Err(Halt::Whole),
        }
    }

    /// The type of what is kept of a value: it starts at 0, and only whole numbers stay in a range.
    pub(super) fn carried(&self, id: ExprId) -> Type {
        let ty = self.e.ty(id).clone();
        let support = if ty.dtype == DType::I32 { ty.support } else { Support::Real };
        Type { support, varies: true, ..ty }
    }

    /// A value with another row.
    fn put(&mut self, of: ExprId, d: usize, o: i64, row: ExprId) -> Step<ExprId> {
        let by = self.e.literal(o as f64, DType::I32, self.span);
        let args = vec![self.of.turn, by];
        let at = self.e.op(&map::ADD, args, Attrs::None, Support::Integer, self.span)?;
        Ok(self.e.with_part(of, (&[d], at), row, self.span)?)
    }

    /// A turn of a loop over time, whose carries are kept.
    fn turn(&mut self, id: ExprId, o: i64) -> Step<ExprId> {
        let ExprKind::Scan { init, xs, vars, body, length, index } = self.e.m.expr(id).kind.clone()
        else {
            unreachable!("a loop")
        };
        let key = (body.clone(), o);
        if let Some(next) = self.loops.get(&key) {
            return Ok(next[index]);
        }
        let whole =
            |s: &Self, list: &[ExprId]| list.iter().any(|id| s.e.m.mentions(*id, &[s.of.var]));
        // Of a later row the first turn would leave turns out.
        if o > 0 || whole(self, &init) || whole(self, &body) {
            return Err(Halt::Whole);
        }
        let (number, there) = self.number(o, length)?;
        let mut values = Vec::new();
        let mut carries = Vec::new();
        for first in &init {
            let ty = self.carried(*first);
            let (var, old) = self.e.m.fresh_var("state", ty, self.span);
            carries.push((var, old, *first));
            values.push(old);
        }
        for x in &xs {
            values.push(self.row(*x, 0, o)?);
        }
        values.push(number);
        let with: Vec<(VarId, ExprId)> = vars.iter().copied().zip(values).collect();
        let next = self.e.m.substitute_all(&body, &with);
        for ((var, old, init), next) in carries.into_iter().zip(&next) {
            let next = match there {
                Some(there) => self.choose(there, *next, old)?,
                None => *next,
            };
            self.kept.push(Kept { var, init, next });
        }
        self.loops.insert(key, next.clone());
        Ok(next[index])
    }

    /// What stands in a `map` over time, at one row.
    fn inside(&mut self, body: ExprId, axis: AxisId, o: i64) -> Step<ExprId> {
        let mut done: HashMap<ExprId, ExprId> = HashMap::new();
        let below = self.e.m.reachable(&[body]);
        // What stands in a loop of its own has no row before it is run.
        let binds = |id: &ExprId| !self.e.m.bound_by(*id).is_empty() && self.depends(*id);
        if below.iter().any(binds) {
            return Err(Halt::Whole);
        }
        let mut varies: HashMap<ExprId, bool> = HashMap::new();
        for id in below {
            let kind = self.e.m.expr(id).kind.clone();
            let own = match &kind {
                ExprKind::Element { axis: own, .. } => *own == axis,
                ExprKind::Noise { around, .. } => around.axes.contains(&axis),
                _ => false,
            };
            let moved = own || kind.children().iter().any(|child| varies[child]);
            varies.insert(id, moved);
            if !moved {
                continue;
            }
            let new = match kind {
                ExprKind::Element { axis: own, of } if own == axis => {
                    if varies[&of] {
                        return Err(Halt::Whole);
                    }
                    self.row(of, 0, o)?
                }
                ExprKind::Noise { .. } => {
                    let n = self.e.m.axes[axis.0 as usize].size;
                    let shape = [&[n][..], &self.shape(id)].concat();
                    let kind = ExprKind::Reduce { axis, how: AxisReduce::Stack, body: id };
                    let all = self.typed(kind, shape, id)?;
                    self.pick(all, 0, o)?
                }
                kind => {
                    let mut fixed: HashMap<ExprId, ExprId> = HashMap::new();
                    for child in kind.children() {
                        let new = match done.get(&child) {
                            Some(new) => *new,
                            None => self.whole(child)?,
                        };
                        fixed.insert(child, new);
                    }
                    let kind = kind.map_children(&mut |child| fixed[&child]);
                    self.e.m.rebuilt(id, kind)
                }
            };
            done.insert(id, new);
        }
        match done.get(&body) {
            Some(row) => Ok(*row),
            None => self.whole(body),
        }
    }
}
