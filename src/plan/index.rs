//! Nodes that become kernels as they are: by computed indices, convolutions, loops over time.
//! In: the node. Out: a kernel over contiguous buffers.

use super::lower::{Ends, Lower, Unfit, lower};
use super::{Conv, ConvKind, Elem, Index, Place, ScanWork, Work, simplify};
use crate::graph::op::{contract, control, is};
use crate::graph::{Attrs, NodeId};

/// Most parts into which the images of a filter gradient are split.
pub const PARTS: usize = 8;

/// Extents before, at and after an axis.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let outer = shape[..axis].iter().product();
    (outer, shape[axis], shape[axis + 1..].iter().product())
}

impl Lower<'_> {
    /// Ops by computed indices, and `argmax`.
    pub fn index(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let mut operands = vec![];
        for arg in &node.args {
            operands.push(self.contiguous(*arg)?);
        }
        let (first, second) = (operands[0], *operands.last().expect("operands"));
        let to = self.new_home(id, self.drafts.len());
        let shape = |i: usize| self.g.shape(node.args[i]);
        let work = match (&node.attrs, node.op.name) {
            (_, is::GATHER) => {
                let (rows, count) = (shape(0)[0], shape(1).iter().product());
                let width = shape(0)[1..].iter().product();
                Index::Gather { table: first, index: second, to, rows, count, width }
            }
            (_, is::PUT_ROWS) => {
                let (rows, count) = (shape(0)[0], shape(1)[0]);
                let width = shape(0)[1..].iter().product();
                let from = second;
                let index = operands[1];
                Index::PutRows { table: first, index, from, to, rows, count, width }
            }
            (_, is::FIRSTS) => Index::Firsts { index: first, to, count: shape(0)[0] },
            (Attrs::Rows(rows), _) => {
                let count = shape(0).iter().product();
                let width = node.ty.shape[1..].iter().product();
                Index::ScatterAdd { index: first, from: second, to, rows: *rows, count, width }
            }
            (Attrs::Axis(axis), is::TAKE_ALONG) => {
                let (outer, extent, inner) = around(shape(0), *axis);
                let picks = node.ty.shape[*axis];
                Index::TakeAlong { from: first, index: second, to, outer, extent, picks, inner }
            }
            (Attrs::Along { axis, size }, _) => {
                let (outer, picks, inner) = around(shape(0), *axis);
                Index::PutAlong {
                    from: second,
                    index: first,
                    to,
                    outer,
                    extent: *size,
                    picks,
                    inner,
                }
            }
            (Attrs::Axis(axis), is::ARGMAX) => {
                let (outer, extent, inner) = around(shape(0), *axis);
                Index::ArgMax { from: first, to, outer, extent, inner }
            }
            (Attrs::Directed { axis, reverse }, name) => {
                let (outer, extent, inner) = around(shape(0), *axis);
                let reverse = *reverse;
                if name == is::CUMSUM {
                    Index::CumSum { from: first, to, outer, extent, inner, reverse }
                } else {
                    Index::ArgSort { from: first, to, outer, extent, inner, reverse }
                }
            }
            (attrs, name) => unreachable!("index {name} {attrs:?}"),
        };
        self.done(id, Work::Index(work));
        Ok(())
    }

    /// Convolutions, their adjoints and windows.
    pub fn conv(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let w = node.attrs.window();
        let a = self.contiguous(node.args[0])?;
        let b = node.args.get(1).map_or(Ok(a), |arg| self.contiguous(*arg))?;
        let output = contract::outputs(w).expect("checked by the op's row");
        let shape = |i: usize| self.g.shape(node.args[i]);
        let Some(kind) = node.op.window else { unreachable!("windows of {}", node.op.name) };
        let (c, o) = match kind {
            ConvKind::Forward => (shape(0)[1], shape(1)[0]),
            ConvKind::Input => (node.ty.shape[1], shape(0)[1]),
            ConvKind::Filter => (shape(0)[1], shape(1)[1]),
            ConvKind::Unfold | ConvKind::Fold => (shape(0)[1], 0),
        };
        let n = shape(0)[0];
        let to = self.new_home(id, self.drafts.len());
        let parts = (kind == ConvKind::Filter && n > 1).then(|| {
            let shape = [&[n.min(PARTS)], &node.ty.shape[..]].concat();
            self.add_buffer(Elem::F32, &shape, Place::Arena(0))
        });
        let conv = Conv {
            kind,
            n,
            c,
            o,
            groups: w.groups,
            input: w.input.clone(),
            output,
            size: w.size.clone(),
            stride: w.stride.clone(),
            dilation: w.dilation.clone(),
            pad: w.pad_low.clone(),
            a,
            b,
            to,
            parts,
        };
        self.done(id, Work::Conv(conv));
        Ok(())
    }

    /// A loop over time, its body planned by itself.
    pub fn scan(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let scan = node.attrs.body();
        let mut operands = vec![];
        for arg in &node.args {
            operands.push(self.contiguous(*arg)?);
        }
        let body = lower(&simplify::simplify(&scan.body), Ends::Results);
        let at = self.drafts.len();
        let types = control::scan_results(scan);
        let mut results = vec![];
        for ty in &types {
            results.push(self.add_buffer(ty.dtype.into(), &ty.shape, Place::Arena(0)));
        }
        for get in self.g.ids().filter(|n| self.g.node(*n).args.first() == Some(&id)) {
            let Attrs::Result { index, .. } = self.g.node(get).attrs else { continue };
            self.buffer[get.0 as usize] = Some(results[index]);
            self.home[get.0 as usize] = Some(at);
        }
        let mut spares = vec![];
        for ty in &types[..scan.carries] {
            spares.push(self.add_buffer(ty.dtype.into(), &ty.shape, Place::Arena(0)));
        }
        let workspace = self.add_buffer(Elem::F32, &[body.arena], Place::Arena(0));
        let constants = operands.split_off(scan.carries + scan.sequences);
        let sequences = operands.split_off(scan.carries);
        let work = ScanWork {
            body,
            workspace,
            length: scan.length,
            reverse: scan.reverse,
            carries: operands,
            spares,
            sequences,
            constants,
            results,
        };
        self.done(id, Work::Scan(Box::new(work)));
        Ok(())
    }
}
