//! Loops: the body becomes a graph of its own; what does not depend on the loop is lowered outside
//! and handed in. Noise of the body is drawn outside, one row per iteration.

use super::lower::{Ax, Frame, Lower, Lowered};
use crate::graph::attrs::Scan;
use crate::graph::{InputRole, NodeId, Ty, range};
use crate::model::ir::{ExprId, ExprKind, VarId};
use std::sync::Arc;

struct Loop<'m> {
    init: &'m [ExprId],
    xs: &'m [ExprId],
    vars: &'m [VarId],
    body: &'m [ExprId],
    length: usize,
}

impl Loop<'_> {
    /// The variable that counts its turns.
    fn index(&self) -> VarId {
        self.vars[self.vars.len() - 1]
    }
}

impl<'m> Lower<'m> {
    pub(super) fn scan(&mut self, id: ExprId) -> Lowered {
        let m = self.m;
        let ExprKind::Scan { init, xs, vars, body, length, index } = &m.expr(id).kind else {
            unreachable!("called for scan")
        };
        let l = Loop { init, xs, vars, body, length: *length };
        let init: Vec<Lowered> = l.init.iter().map(|e| self.lower(*e)).collect();
        let xs: Vec<Lowered> = l.xs.iter().map(|e| self.lower(*e)).collect();
        let noises = self.loop_noise(l.body, l.index());
        let mut axes = Self::union(init.iter());
        // A body that depends on more axes than its carries start with: start with those too.
        let (frame, next) = loop {
            let (frame, next) = self.body(&l, &init, &xs, &noises, &axes);
            let wider =
                Self::union(next.iter().chain([&Lowered { node: NodeId(0), axes: axes.clone() }]));
            if wider == axes {
                break (frame, next);
            }
            axes = wider;
        };
        self.finish(&l, (init, xs, noises), axes, frame, next, *index)
    }

    fn body(
        &mut self,
        l: &Loop<'m>,
        init: &[Lowered],
        xs: &[Lowered],
        noises: &[ExprId],
        axes: &[Ax],
    ) -> (Frame, Vec<Lowered>) {
        let carry_types: Vec<Ty> = init.iter().map(|v| self.with_axes(v, axes)).collect();
        let slices: Vec<(Ty, InputRole, Vec<Ax>)> = xs
            .iter()
            .map(|v| {
                let ty = self.graph().ty(v.node);
                let k = v.axes.len();
                let ty = Ty::new(ty.dtype, [&ty.shape[..k], &ty.shape[k + 1..]].concat());
                (ty, range::role(self.graph(), v.node), v.axes.clone())
            })
            .collect();
        let noise_types: Vec<Ty> = noises.iter().map(|n| self.row_type(*n, l.index())).collect();
        let mut frame = Frame::new(l.vars.to_vec());
        let mut bound = Vec::new();
        for (i, ty) in carry_types.into_iter().enumerate() {
            let node = frame.graph.input(format!("c{i}"), InputRole::Other, ty);
            bound.push((l.vars[i], Lowered { node, axes: axes.to_vec() }));
        }
        for (i, (ty, role, axes)) in slices.into_iter().enumerate() {
            let node = frame.graph.input(format!("x{i}"), role, ty);
            bound.push((l.vars[l.init.len() + i], Lowered { node, axes }));
        }
        let t = frame.graph.input("t", InputRole::Other, Ty::i32([]));
        bound.push((l.index(), Lowered { node: t, axes: vec![] }));
        self.frames.push(frame);
        for (var, value) in bound {
            self.bind(var, value);
        }
        for (i, ty) in noise_types.into_iter().enumerate() {
            let node = self.g().input(format!("x{}", l.xs.len() + i), InputRole::Other, ty);
            self.read_row(noises[i], l.index(), node);
        }
        let next: Vec<Lowered> = l.body.iter().map(|e| self.lower(*e)).collect();
        let Some(frame) = self.frames.pop() else { unreachable!("pushed above") };
        (frame, next)
    }

    fn with_axes(&self, value: &Lowered, axes: &[Ax]) -> Ty {
        let lead: Vec<usize> = axes.iter().map(|a| self.size(*a)).collect();
        let own = self.own_shape(value);
        Ty::new(self.graph().ty(value.node).dtype, [&lead[..], &own[..]].concat())
    }

    #[allow(clippy::type_complexity)]
    fn finish(
        &mut self,
        l: &Loop<'m>,
        (init, xs, noises): (Vec<Lowered>, Vec<Lowered>, Vec<ExprId>),
        axes: Vec<Ax>,
        frame: Frame,
        next: Vec<Lowered>,
        index: usize,
    ) -> Lowered {
        self.frames.push(frame);
        let nodes: Vec<NodeId> = next.iter().map(|v| self.align(v, &axes)).collect();
        let Some(mut frame) = self.frames.pop() else { unreachable!("pushed above") };
        for (i, node) in nodes.iter().enumerate() {
            frame.graph.output(format!("c{i}"), *node);
        }
        for (i, node) in nodes.iter().enumerate() {
            frame.graph.output(format!("y{i}"), *node);
        }
        let mut args: Vec<NodeId> = init.iter().map(|v| self.align(v, &axes)).collect();
        let starts: Vec<_> = args.iter().map(|start| range::of(self.graph(), *start)).collect();
        frame.graph = range::carried(frame.graph, &starts);
        for v in &xs {
            args.push(self.sequence_first(v));
        }
        for id in &noises {
            args.push(self.rows(*id, l.index()));
        }
        args.extend(frame.captured.iter().map(|v| v.node));
        let scan = Scan {
            body: frame.graph,
            carries: init.len(),
            sequences: xs.len() + noises.len(),
            length: l.length,
            reverse: false,
        };
        let results = crate::graph::op::control::scan_results(&scan);
        let node = self.g().push(
            &crate::graph::op::control::SCAN,
            args,
            crate::graph::Attrs::Scan(Arc::new(scan)),
        );
        let at = init.len() + index;
        let stacked = self.g().get(node, at, results[at].clone());
        // [length, axes, own] -> [axes, length, own]
        let rank = results[at].rank();
        let k = axes.len();
        let perm: Vec<usize> = (1..=k).chain([0]).chain(k + 1..rank).collect();
        let node = self.g().permute(stacked, &perm);
        Lowered { node, axes }
    }

    /// `[axes, length, own] -> [length, axes, own]`
    fn sequence_first(&mut self, v: &Lowered) -> NodeId {
        let (k, rank) = (v.axes.len(), self.graph().shape(v.node).len());
        let perm: Vec<usize> = [k].into_iter().chain(0..k).chain(k + 1..rank).collect();
        self.g().permute(v.node, &perm)
    }
}
