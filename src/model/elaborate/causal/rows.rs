//! Rows of what ops give. In: an op, its operands, a dim and a row of it. Out: the row, of rows of the operands, or of
//! operands that are kept as a whole where the op joins rows.

use super::steps::{Halt, Kept, Step, Steps};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{Kind, Op, contract, is, map, view};
use crate::graph::{Attrs, DType};
use crate::model::ir::ExprId;
use ndarray::Axis;

/// Windows of more taps are not written out.
const TAPS: usize = 256;

/// A dim is one fewer where the row's was before it.
fn less(axis: usize, d: usize) -> usize {
    if axis > d { axis - 1 } else { axis }
}

impl Steps<'_, '_> {
    pub(super) fn row_of_op(
        &mut self,
        id: ExprId,
        (op, attrs, args): (Op, &Attrs, &[ExprId]),
        d: usize,
        o: i64,
    ) -> Step<ExprId> {
        match (op.kind, op.name) {
            (Kind::Map, _) => {
                let mut rows = Vec::new();
                for arg in args {
                    rows.push(self.row(*arg, d, o)?);
                }
                self.op(op, rows, attrs.clone(), id)
            }
            (Kind::Reduce, _) => {
                let one = [if op.name == is::ARGMAX { attrs.axis() } else { 0 }];
                let axes = if op.name == is::ARGMAX { &one[..] } else { attrs.axes() };
                let rank = self.shape(args[0]).len();
                let kept = (0..rank).filter(|i| !axes.contains(i)).nth(d).ok_or(Halt::Whole)?;
                let row = self.row(args[0], kept, o)?;
                let axes: Vec<usize> = axes.iter().map(|axis| less(*axis, kept)).collect();
                let attrs = match op.name {
                    is::ARGMAX => Attrs::Axis(axes[0]),
                    _ => Attrs::Axes(axes),
                };
                self.op(op, vec![row], attrs, id)
            }
            (Kind::View, _) => self.row_of_view(id, (op, attrs, args), d, o),
            (_, is::CONTRACT) => self.row_of_product(id, attrs.labels(), args, d, o),
            (_, is::CONV) => self.row_of_windows(id, attrs, args, d, o),
            (_, is::GATHER) if d < self.shape(args[1]).len() && !self.depends(args[0]) => {
                let number = self.row(args[1], d, o)?;
                self.op(op, vec![args[0], number], Attrs::None, id)
            }
            (_, is::TAKE_ALONG) if attrs.axis() != d => {
                let rows = vec![self.row(args[0], d, o)?, self.row(args[1], d, o)?];
                self.op(op, rows, Attrs::Axis(less(attrs.axis(), d)), id)
            }
            (_, is::CUMSUM | is::ARGSORT) if attrs.directed().0 != d => {
                let (axis, reverse) = attrs.directed();
                let row = self.row(args[0], d, o)?;
                self.op(op, vec![row], Attrs::Directed { axis: less(axis, d), reverse }, id)
            }
            (_, is::CUMSUM) if !attrs.directed().1 => self.row_of_sums(id, args[0], d, o),
            _ => Err(Halt::Whole),
        }
    }

    /// Running sums over time: the sum is kept.
    fn row_of_sums(&mut self, id: ExprId, of: ExprId, d: usize, o: i64) -> Step<ExprId> {
        // The first turn would leave rows out.
        if o > 0 {
            return Err(Halt::Whole);
        }
        let row = self.row(of, d, o)?;
        let (_, there) = self.number(o, self.shape(id)[d])?;
        let row = self.or_zero(row, there)?;
        let ty = self.carried(row);
        let (var, sum) = self.e.m.fresh_var("sum", ty, self.span);
        let next = self.op(&map::ADD, vec![sum, row], Attrs::None, id)?;
        let zero = self.e.literal(0.0, DType::F32, self.span);
        let init = self.e.fill(zero, &self.shape(row), self.span)?;
        self.kept.push(Kept { var, init, next });
        Ok(next)
    }

    fn row_of_view(
        &mut self,
        id: ExprId,
        (op, attrs, args): (Op, &Attrs, &[ExprId]),
        d: usize,
        o: i64,
    ) -> Step<ExprId> {
        let (from, mut shape) = (self.shape(args[0]), self.shape(id));
        let n = shape.remove(d);
        match attrs {
            Attrs::Shape(_) => {
                let before: usize = shape[..d].iter().product();
                let same =
                    |i: &usize| from[*i] == n && from[..*i].iter().product::<usize>() == before;
                let own = (0..from.len()).find(same).ok_or(Halt::Whole)?;
                let row = self.row(args[0], own, o)?;
                Ok(self.e.reshape(row, shape, self.span)?)
            }
            Attrs::Perm(perm) => {
                let own = perm[d];
                let row = self.row(args[0], own, o)?;
                let rest = perm.iter().filter(|p| **p != own);
                let perm = rest.map(|p| less(*p, own)).collect();
                self.op(op, vec![row], Attrs::Perm(perm), id)
            }
            Attrs::Broadcast { dims, .. } => {
                let own = dims.iter().position(|to| *to == d);
                let of = match own {
                    Some(own) => self.row(args[0], own, o)?,
                    None => self.whole(args[0])?,
                };
                let dims = dims.iter().filter(|to| **to != d);
                let dims = dims.map(|to| less(*to, d)).collect();
                self.op(op, vec![of], Attrs::Broadcast { shape, dims }, id)
            }
            Attrs::Slice(cuts) => {
                let (start, _, stride) = cuts[d];
                if stride != 1 {
                    return Err(Halt::Whole);
                }
                let row = self.row(args[0], d, o + start as i64)?;
                let mut cuts = cuts.clone();
                cuts.remove(d);
                self.op(op, vec![row], Attrs::Slice(cuts), id)
            }
            Attrs::Pad(pads) => {
                let (low, _, gap) = pads[d];
                if gap != 0 {
                    return Err(Halt::Whole);
                }
                let own = o - low as i64;
                let row = self.row(args[0], d, own)?;
                let mut pads = pads.clone();
                pads.remove(d);
                let row = match pads.iter().all(|pad| *pad == (0, 0, 0)) {
                    true => row,
                    false => self.op(op, vec![row], Attrs::Pad(pads), id)?,
                };
                let (_, there) = self.number(own, from[d])?;
                self.or_zero(row, there)
            }
            Attrs::Axis(axis) if *axis != d => {
                let mut rows = Vec::new();
                for arg in args {
                    rows.push(self.row(*arg, d, o)?);
                }
                let axis = less(*axis, d);
                self.op(op, rows, Attrs::Axis(axis), id)
            }
            Attrs::Axis(_) => self.row_of_joined(args, d, o),
            Attrs::Axes(axes) if !axes.contains(&d) => {
                let row = self.row(args[0], d, o)?;
                let axes = axes.iter().map(|axis| less(*axis, d)).collect();
                self.op(op, vec![row], Attrs::Axes(axes), id)
            }
            _ => Err(Halt::Whole),
        }
    }

    /// Values one after the other: the row is one of the last in which it can be.
    fn row_of_joined(&mut self, args: &[ExprId], d: usize, o: i64) -> Step<ExprId> {
        let mut start = 0;
        let mut found: Option<ExprId> = None;
        for arg in args {
            let n = self.shape(*arg)[d];
            let own = o - start;
            // Whether some position has its row here.
            if own < n as i64 && own + self.of.length as i64 > 0 {
                let row = self.row(*arg, d, own)?;
                let (_, there) = self.number(own, n)?;
                found = Some(match (found, there) {
                    (Some(before), Some(there)) => self.choose(there, row, before)?,
                    _ => row,
                });
            }
            start += n as i64;
        }
        found.ok_or(Halt::Whole)
    }

    fn row_of_product(
        &mut self,
        id: ExprId,
        spec: &ContractSpec,
        args: &[ExprId],
        d: usize,
        o: i64,
    ) -> Step<ExprId> {
        let label = spec.out[d];
        let mut rows = Vec::new();
        for (arg, labels) in args.iter().zip([&spec.lhs, &spec.rhs]) {
            rows.push(match labels.iter().position(|l| *l == label) {
                Some(own) => self.row(*arg, own, o)?,
                None => self.whole(*arg)?,
            });
        }
        let rest = |labels: &[u8]| labels.iter().copied().filter(|l| *l != label).collect();
        let spec =
            ContractSpec { lhs: rest(&spec.lhs), rhs: rest(&spec.rhs), out: rest(&spec.out) };
        self.op(&contract::CONTRACT, rows, Attrs::Contract(spec), id)
    }

    /// A convolution over time: one product of the rows under the taps and their weights.
    fn row_of_windows(
        &mut self,
        id: ExprId,
        attrs: &Attrs,
        args: &[ExprId],
        d: usize,
        o: i64,
    ) -> Step<ExprId> {
        let window = attrs.window().clone();
        let [taps] = window.size[..] else { return Err(Halt::Whole) };
        if d != 2 || window.groups != 1 || window.stride != [1] || taps > TAPS {
            return Err(Halt::Whole);
        }
        if self.depends(args[1]) {
            return Err(Halt::Whole);
        }
        let [wide, channels] = [self.shape(args[1])[0], self.shape(args[1])[1]];
        let zeros = |k: usize, s: &Self| {
            s.cells
                .get(&args[1])
                .and_then(|cells| cells.known())
                .is_some_and(|known| known.index_axis(Axis(2), k).iter().all(|x| *x == 0.0))
        };
        let (mut rows, mut weights) = (Vec::new(), Vec::new());
        for k in 0..taps {
            let own = o - window.pad_low[0] as i64 + (k * window.dilation[0]) as i64;
            let never = own >= window.input[0] as i64 || own + (self.of.length as i64) <= 0;
            if never || zeros(k, self) {
                continue;
            }
            let row = self.row(args[0], 2, own)?;
            let (_, there) = self.number(own, window.input[0])?;
            rows.push(self.or_zero(row, there)?);
            let tap = self.e.cut(args[1], 2, k, k + 1, self.span)?;
            weights.push(self.e.reshape(tap, vec![wide, channels], self.span)?);
        }
        let (Some(row), Some(weight)) = (rows.first().copied(), weights.first().copied()) else {
            return Err(Halt::Whole);
        };
        let (row, weight) = match rows.len() {
            1 => (row, weight),
            _ => (
                self.op(&view::CONCAT, rows, Attrs::Axis(1), row)?,
                self.op(&view::CONCAT, weights, Attrs::Axis(1), weight)?,
            ),
        };
        let spec = ContractSpec { lhs: b"nc".to_vec(), rhs: b"oc".to_vec(), out: b"no".to_vec() };
        self.op(&contract::CONTRACT, vec![row, weight], Attrs::Contract(spec), id)
    }
}
