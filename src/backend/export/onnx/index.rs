//! Ops by computed indices, sums along an axis and sorts, in ONNX.

use super::super::{Dim, Refused};
use super::{F32, File, I32, I64, Scope, code, int, word};
use crate::graph::op::is;
use crate::graph::{DType, NodeId};

impl Scope<'_> {
    pub(super) fn index(
        &mut self,
        f: &mut File,
        id: NodeId,
        args: &[&str],
    ) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let operand = |at: usize| self.open.dims(node.args[at]);
        match node.op.name {
            is::GATHER => {
                let rows = operand(0)[0];
                let at = self.nearest(f, args[1], rows)?;
                Ok(self.op(f, "Gather", &[args[0], &at], vec![int("axis", 0)]))
            }
            is::TAKE_ALONG => {
                let axis = node.attrs.axis();
                let size = operand(0)[axis];
                let at = self.nearest(f, args[1], size)?;
                let axis = vec![int("axis", axis as i64)];
                Ok(self.op(f, "GatherElements", &[args[0], &at], axis))
            }
            is::IOTA => self.iota(f, id),
            is::EYE => {
                let (n, m) = (node.ty.shape[0], node.ty.shape[1]);
                let one = |at: usize| if at / m == at % m { 1.0f32 } else { 0.0 };
                let bytes = (0..n * m).flat_map(|at| one(at).to_le_bytes()).collect();
                if operand_free(&self.open.dims(id)) {
                    return Ok(f.constant(F32, &[n as i64, m as i64], bytes));
                }
                Err(Refused::op(node.op.name, "ONNX"))
            }
            is::CUMSUM => {
                let (axis, reverse) = node.attrs.directed();
                let axis = f.constant(I64, &[], (axis as i64).to_le_bytes().to_vec());
                let attrs = vec![int("reverse", i64::from(reverse))];
                Ok(self.op(f, "CumSum", &[args[0], &axis], attrs))
            }
            is::ARGSORT => {
                let (axis, reverse) = node.attrs.directed();
                let n = self.size(f, self.open.dims(id)[axis])?;
                let attrs = vec![int("axis", axis as i64), int("largest", i64::from(reverse))];
                let (values, at) = (f.fresh(), f.fresh());
                self.nodes.push(super::node("TopK", &[args[0], &n], &[&values, &at], attrs));
                Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]))
            }
            is::FIRSTS => {
                let (row, column) = (f.list(&[0]), f.list(&[1]));
                let row = self.op(f, "Unsqueeze", &[args[0], &row], vec![]);
                let column = self.op(f, "Unsqueeze", &[args[0], &column], vec![]);
                let same = self.op(f, "Equal", &[&column, &row], vec![]);
                let same = self.op(f, "Cast", &[&same], vec![int("to", F32)]);
                let attrs = vec![int("axis", 1), int("keepdims", 0)];
                let at = self.op(f, "ArgMax", &[&same], attrs);
                Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]))
            }
            is::SCATTER_ADD | is::PUT_ROWS => self.scatter(f, id, args),
            is::PUT_ALONG => self.put_along(f, id, args),
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    /// Indices outside become the nearest ones.
    fn nearest(&mut self, f: &mut File, at: &str, size: Dim) -> Result<String, Refused> {
        let zero = f.whole(0);
        let last = match size.known() {
            Some(n) => f.whole(n as i32 - 1),
            None => {
                let count = self.size(f, size)?;
                let one = f.list(&[1]);
                let last = self.op(f, "Sub", &[&count, &one], vec![]);
                let last = self.op(f, "Squeeze", &[&last], vec![]);
                self.op(f, "Cast", &[&last], vec![int("to", I32)])
            }
        };
        Ok(self.op(f, "Clip", &[at, &zero, &last], vec![]))
    }

    /// Indices outside become one behind the last.
    fn behind(&mut self, f: &mut File, at: &str, size: usize) -> String {
        let (zero, end) = (f.whole(0), f.whole(size as i32));
        let low = self.op(f, "Less", &[at, &zero], vec![]);
        let at = self.op(f, "Where", &[&low, &end, at], vec![]);
        self.op(f, "Min", &[&at, &end], vec![])
    }

    fn scatter(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let dims = self.open.dims(id);
        let Some(rows) = dims[0].known() else {
            return Err(Refused::new("rows are put at places that follow the number of rows"));
        };
        let adds = node.op.name == is::SCATTER_ADD;
        let (table, at, new) = if adds {
            let more = Dim { per_row: 0, fixed: rows + 1 };
            let shape = self.shape(f, &[&[more], &dims[1..]].concat())?;
            let zero = f.real(0.0);
            (self.op(f, "Expand", &[&zero, &shape], vec![]), args[0], args[1])
        } else {
            let mut pads = vec![0; 2 * dims.len()];
            pads[dims.len()] = 1;
            (self.padded(f, args[0], &pads, node.ty.dtype), args[1], args[2])
        };
        let at = self.behind(f, at, rows);
        let at = self.op(f, "Cast", &[&at], vec![int("to", I64)]);
        let last = f.list(&[-1]);
        let at = self.op(f, "Unsqueeze", &[&at, &last], vec![]);
        let how = if adds { vec![word("reduction", "add")] } else { vec![] };
        let wide = self.op(f, "ScatterND", &[&table, &at, new], how);
        Ok(self.first(f, &wide, 0, rows))
    }

    fn first(&mut self, f: &mut File, x: &str, axis: usize, n: usize) -> String {
        let (start, stop, axis) = (f.list(&[0]), f.list(&[n as i64]), f.list(&[axis as i64]));
        self.op(f, "Slice", &[x, &start, &stop, &axis], vec![])
    }

    fn put_along(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let (axis, size) = self.open.graph.node(id).attrs.along();
        let mut dims = self.open.dims(id);
        if dims[axis].known() != Some(size) {
            return Err(Refused::new("elements are put at places that follow the number of rows"));
        }
        dims[axis].fixed = size + 1;
        let (shape, zero) = (self.shape(f, &dims)?, f.real(0.0));
        let table = self.op(f, "Expand", &[&zero, &shape], vec![]);
        let at = self.behind(f, args[0], size);
        let attrs = vec![int("axis", axis as i64), word("reduction", "add")];
        let wide = self.op(f, "ScatterElements", &[&table, &at, args[1]], attrs);
        Ok(self.first(f, &wide, axis, size))
    }

    fn iota(&mut self, f: &mut File, id: NodeId) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let (axis, dims) = (node.attrs.counted(), self.open.dims(id));
        let scalar = |s: &mut Self, f: &mut File, x: &str| s.op(f, "Squeeze", &[x], vec![]);
        let line = match dims[axis].known() {
            Some(n) => {
                let one = |at: usize| match node.ty.dtype {
                    DType::F32 => (at as f32).to_le_bytes(),
                    _ => (at as i32).to_le_bytes(),
                };
                f.constant(code(node.ty.dtype), &[n as i64], (0..n).flat_map(one).collect())
            }
            None => {
                let count = self.size(f, dims[axis])?;
                let count = scalar(self, f, &count);
                let count = self.op(f, "Cast", &[&count], vec![int("to", I32)]);
                let (zero, one) = (f.whole(0), f.whole(1));
                let line = self.op(f, "Range", &[&zero, &count, &one], vec![]);
                self.op(f, "Cast", &[&line], vec![int("to", code(node.ty.dtype))])
            }
        };
        if dims.len() == 1 {
            return Ok(line);
        }
        let one = Dim { per_row: 0, fixed: 1 };
        let thin: Vec<Dim> =
            (0..dims.len()).map(|at| if at == axis { dims[at] } else { one }).collect();
        let line = self.reshaped(f, &line, &thin)?;
        let shape = self.shape(f, &dims)?;
        Ok(self.op(f, "Expand", &[&line, &shape], vec![]))
    }
}

fn operand_free(dims: &[Dim]) -> bool {
    dims.iter().all(|d| d.known().is_some())
}
