//! Values in another shape as formulas: entries, order of dims, repetition. In: an operation that
//! moves elements. Out: its text as files write it, `x[0]`, `A[:, 1]`, `A.T`, `expand(s, over = 3)`.

use super::ops::number;
use super::{Formula, dims, several};
use crate::graph::Attrs;
use crate::graph::op::is;
use crate::model::ir::*;

/// Start, end and stride along one dim.
type Cut = (usize, usize, usize);

impl Formula<'_> {
    /// The number that an expression repeats.
    pub(super) fn filled(&self, id: ExprId) -> Option<ExprId> {
        match self.parts(id)? {
            (is::BROADCAST, _, [of]) if self.m.ty(*of).shape.is_empty() => Some(*of),
            _ => None,
        }
    }

    pub(super) fn view(
        &self,
        id: ExprId,
        (op, attrs, args): (&str, &Attrs, &[ExprId]),
        outer: u8,
        depth: usize,
    ) -> Option<String> {
        let go = |outer: u8| self.text(args[0], outer, depth + 1);
        Some(match attrs {
            Attrs::Perm(perm) if perm[..] == [1, 0] => format!("{}.T", go(9)),
            Attrs::Perm(perm) => format!("permute({}, {})", go(0), dims(perm)),
            Attrs::Slice(cuts) => format!("{}[{}]", go(9), self.cuts(args[0], cuts, &[])),
            Attrs::Pad(pads) => {
                let each = pads.iter().map(|(low, high, inside)| match inside {
                    0 => format!("{low}:{high}"),
                    n => format!("{low}:{high}:{n}"),
                });
                format!("pad({}, {})", go(0), each.collect::<Vec<_>>().join(", "))
            }
            Attrs::Broadcast { shape, dims } => self.repeated(args[0], (shape, dims), depth),
            Attrs::Shape(shape) => self.reshaped(args[0], shape, outer, depth),
            Attrs::Axis(axis) if op == is::CONCAT => {
                // A number counts as a vector of one.
                let plain = |arg: &ExprId| match self.parts(*arg) {
                    Some((is::RESHAPE, _, [of])) if self.m.ty(*of).shape.is_empty() => *of,
                    _ => *arg,
                };
                let parts = self.list(&args.iter().map(plain).collect::<Vec<_>>(), depth);
                match self.m.ty(id).shape.len() {
                    1 => format!("concat({parts})"),
                    _ => format!("concat({parts}, over = {axis})"),
                }
            }
            _ => return None,
        })
    }

    /// `1:3, :, 0`; dims in `gone` are single entries. Whole dims at the end are left out.
    fn cuts(&self, of: ExprId, cuts: &[Cut], gone: &[usize]) -> String {
        let shape = &self.m.ty(of).shape;
        let whole = |i: usize| cuts[i] == (0, shape[i], 1) && !gone.contains(&i);
        let shown = (0..cuts.len()).rposition(|i| !whole(i)).map_or(1, |last| last + 1);
        let one = |i: usize| {
            let (low, high, stride) = cuts[i];
            match stride {
                _ if gone.contains(&i) => low.to_string(),
                _ if whole(i) => ":".into(),
                1 => format!("{low}:{high}"),
                stride => format!("{low}:{high}:{stride}"),
            }
        };
        (0..shown).map(one).collect::<Vec<_>>().join(", ")
    }

    /// The dims of single entries that a shape leaves out, if that is all that it does.
    fn left_out(cuts: &[Cut], from: &[usize], to: &[usize]) -> Option<Vec<usize>> {
        let (mut gone, mut kept) = (Vec::new(), 0);
        let spare = from.len().checked_sub(to.len())?;
        for (i, extent) in from.iter().enumerate() {
            let single = *extent == 1 && cuts[i].1 - cuts[i].0 == 1;
            if single && gone.len() < spare {
                gone.push(i);
            } else if to.get(kept) == Some(extent) {
                kept += 1;
            } else {
                return None;
            }
        }
        (kept == to.len()).then_some(gone)
    }

    fn reshaped(&self, of: ExprId, shape: &[usize], outer: u8, depth: usize) -> String {
        let from = &self.m.ty(of).shape;
        if let Some((is::SLICE, Attrs::Slice(cuts), [whole])) = self.parts(of)
            && let Some(gone) = Self::left_out(cuts, from, shape)
        {
            let loops = matches!(self.m.expr(*whole).kind, ExprKind::Scan { .. });
            let extent = self.m.ty(*whole).shape[0];
            if loops && gone[..] == [0] && cuts[0].0 + 1 == extent {
                return format!("last({})", self.text(*whole, 0, depth + 1));
            }
            let text = self.text(*whole, 9, depth + 1);
            return format!("{text}[{}]", self.cuts(*whole, cuts, &gone));
        }
        if let Some((is::RESHAPE, _, [earlier])) = self.parts(of) {
            return self.reshaped(*earlier, shape, outer, depth);
        }
        if from[..] == *shape {
            return self.text(of, outer, depth + 1);
        }
        let text = self.text(of, 0, depth + 1);
        let thin: Vec<usize> = from.iter().copied().filter(|n| *n != 1).collect();
        match shape {
            [_] if from.len() > 1 => format!("flatten({text})"),
            _ if thin == shape => format!("squeeze({text})"),
            _ => format!("reshape({text}, {})", dims(shape)),
        }
    }

    /// A value that is repeated along new dims.
    fn repeated(&self, of: ExprId, (shape, kept): (&[usize], &[usize]), depth: usize) -> String {
        let dtype = self.m.ty(of).dtype;
        if let Some(x) = self.constant(of) {
            return match (dtype, x) {
                (crate::graph::DType::F32, 0.0) if x.is_sign_positive() => {
                    format!("zeros({})", dims(shape))
                }
                (crate::graph::DType::F32, 1.0) => format!("ones({})", dims(shape)),
                _ => format!("full({}, {})", number(x, dtype, 0), dims(shape)),
            };
        }
        let text = self.text(of, 0, depth + 1);
        let new: Vec<usize> = (0..shape.len()).filter(|i| !kept.contains(i)).collect();
        if new.iter().copied().eq(0..new.len()) {
            let sizes: Vec<usize> = new.iter().map(|i| shape[*i]).collect();
            return format!("expand({text}, over = {})", several(&sizes));
        }
        format!("spread({text}, over = {}, to = ({}))", several(&new), dims(shape))
    }
}
