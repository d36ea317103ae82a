//! Ops that move elements, in ONNX.

use super::super::{Dim, Refused};
use super::{File, Scope, int, ints};
use crate::graph::op::is;
use crate::graph::{DType, NodeId};

impl Scope<'_> {
    pub(super) fn view(
        &mut self,
        f: &mut File,
        id: NodeId,
        args: &[&str],
    ) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        match node.op.name {
            is::RESHAPE => {
                let dims = self.open.dims(id);
                self.reshaped(f, args[0], &dims)
            }
            is::PERMUTE => {
                let perm: Vec<i64> = node.attrs.perm().iter().map(|p| *p as i64).collect();
                Ok(self.op(f, "Transpose", args, vec![ints("perm", &perm)]))
            }
            is::CONCAT => {
                let axis = vec![int("axis", node.attrs.axis() as i64)];
                Ok(self.op(f, "Concat", args, axis))
            }
            is::FLIP => {
                let axes: Vec<i64> = node.attrs.axes().iter().map(|a| *a as i64).collect();
                let n = axes.len();
                let (start, stop) = (f.list(&vec![-1; n]), f.list(&vec![i64::MIN; n]));
                let (axes, step) = (f.list(&axes), f.list(&vec![-1; n]));
                Ok(self.op(f, "Slice", &[args[0], &start, &stop, &axes, &step], vec![]))
            }
            is::SLICE => self.slice(f, id, args[0]),
            is::PAD => self.pad(f, id, args[0]),
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    fn slice(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let cuts = self.open.cuts(id)?;
        let size = self.open.dims(self.open.graph.node(id).args[0]);
        let zero = Dim { per_row: 0, fixed: 0 };
        let whole = |at: &usize| cuts[*at] == (zero, size[*at], 1);
        let axes: Vec<usize> = (0..cuts.len()).filter(|at| !whole(at)).collect();
        let starts: Vec<Dim> = axes.iter().map(|a| cuts[*a].0).collect();
        let stops: Vec<Dim> = axes.iter().map(|a| cuts[*a].1).collect();
        let (starts, stops) = (self.shape(f, &starts)?, self.shape(f, &stops)?);
        let steps: Vec<i64> = axes.iter().map(|a| cuts[*a].2 as i64).collect();
        let list: Vec<i64> = axes.iter().map(|a| *a as i64).collect();
        let (list, steps) = (f.list(&list), f.list(&steps));
        Ok(self.op(f, "Slice", &[x, &starts, &stops, &list, &steps], vec![]))
    }

    fn pad(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let pads = self.open.pads(id)?;
        let mut dims = self.open.dims(node.args[0]);
        let mut x = x.to_string();
        for (axis, (_, _, gap)) in pads.iter().enumerate().filter(|(_, (_, _, gap))| *gap > 0) {
            x = self.spaced(f, &x, &mut dims, axis, *gap)?;
        }
        let lows = pads.iter().map(|(low, _, _)| *low as i64);
        let all: Vec<i64> = lows.chain(pads.iter().map(|(_, high, _)| *high as i64)).collect();
        Ok(self.padded(f, &x, &all, node.ty.dtype))
    }

    pub(super) fn padded(&mut self, f: &mut File, x: &str, pads: &[i64], dtype: DType) -> String {
        let (pads, zero) = (f.list(pads), f.literal(0.0, dtype));
        self.op(f, "Pad", &[x, &pads, &zero], vec![])
    }

    /// Zeros between the elements of an axis.
    fn spaced(
        &mut self,
        f: &mut File,
        x: &str,
        dims: &mut [Dim],
        axis: usize,
        gap: usize,
    ) -> Result<String, Refused> {
        let Some(n) = dims[axis].known() else {
            return Err(Refused::new("zeros between rows"));
        };
        let one = Dim { per_row: 0, fixed: 1 };
        let apart = [&dims[..=axis], &[one], &dims[axis + 1..]].concat();
        let line = self.reshaped(f, x, &apart)?;
        let mut pads = vec![0; 2 * apart.len()];
        pads[apart.len() + axis + 1] = gap as i64;
        let wide = self.padded(f, &line, &pads, DType::F32);
        dims[axis] = Dim { per_row: 0, fixed: n * (gap + 1) };
        let line = self.reshaped(f, &wide, dims)?;
        // None behind the last.
        dims[axis] = Dim { per_row: 0, fixed: n * (gap + 1) - gap };
        let (start, stop) = (f.list(&[0]), f.list(&[(n * (gap + 1) - gap) as i64]));
        let axis = f.list(&[axis as i64]);
        Ok(self.op(f, "Slice", &[&line, &start, &stop, &axis], vec![]))
    }
}
