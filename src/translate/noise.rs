//! Noise to graph nodes. Noise of a loop body is drawn outside of all loops, with one leading dim per
//! loop, outermost first; each loop reads one row of it in every turn.

use super::lower::{Ax, Lower, Lowered};
use crate::graph::{NodeId, NoiseKind, Ty};
use crate::model::ir::{Around, ExprId, ExprKind, Support, VarId};

/// The parts of a noise expression.
struct Site<'m> {
    kind: NoiseKind,
    stream: &'m str,
    shape: &'m [usize],
    around: &'m Around,
    per_example: bool,
}

impl<'m> Lower<'m> {
    fn site(&self, id: ExprId) -> Site<'m> {
        match &self.m.expr(id).kind {
            ExprKind::Noise { kind, stream, shape, around, per_example } => {
                Site { kind: *kind, stream, shape, around, per_example: *per_example }
            }
            other => unreachable!("{other:?} is no noise"),
        }
    }

    /// Noise outside of loops.
    pub(super) fn noise(&mut self, id: ExprId) -> Lowered {
        let (ty, axes) = self.noise_type(id);
        let node = self.drawn(id, &ty.shape);
        Lowered { node, axes }
    }

    /// The type of one turn's noise, and its axes.
    pub(super) fn noise_type(&self, id: ExprId) -> (Ty, Vec<Ax>) {
        let site = self.site(id);
        let batch = site.per_example && self.batch > 0;
        let mut lead = if batch { vec![Ax::Batch] } else { vec![] };
        lead.extend(site.around.axes.iter().map(|a| Ax::Map(a.0)));
        lead.sort();
        let sizes: Vec<usize> = lead.iter().map(|a| self.size(*a)).collect();
        (Ty::f32([&sizes[..], site.shape].concat()), lead)
    }

    fn drawn(&mut self, id: ExprId, shape: &[usize]) -> NodeId {
        let site = self.site(id);
        let stream = match self.repetition {
            0 => site.stream.to_string(),
            n => format!("{}@{n}", site.stream),
        };
        let (seed, step) = (self.seed(), self.step());
        self.g().random(site.kind, &stream, shape, seed, step)
    }

    // ---- loops ----

    /// Noise that is fresh in every turn of the loop with this index.
    pub(super) fn loop_noise(&self, body: &[ExprId], index: VarId) -> Vec<ExprId> {
        let mine = |e: &ExprId| matches!(&self.m.expr(*e).kind, ExprKind::Noise { around, .. } if around.loops.contains(&index));
        self.m.reachable(body).into_iter().filter(mine).collect()
    }

    /// The loops inside of the one with this index, as leading dims of one row.
    fn inner(&self, id: ExprId, index: VarId) -> Vec<usize> {
        let loops = &self.site(id).around.loops;
        let inside = loops.iter().skip_while(|v| **v != index).skip(1);
        inside.map(|v| self.length(*v)).collect()
    }

    fn length(&self, index: VarId) -> usize {
        match self.m.vars[index.0 as usize].ty.support {
            Support::Index(n) => n,
            other => unreachable!("an index is below a length, not {other:?}"),
        }
    }

    /// The type of the row that one turn reads.
    pub(super) fn row_type(&self, id: ExprId, index: VarId) -> Ty {
        let (ty, _) = self.noise_type(id);
        Ty::f32([&self.inner(id, index)[..], &ty.shape[..]].concat())
    }

    /// A row is the noise itself, or rows for the loops inside.
    pub(super) fn read_row(&mut self, id: ExprId, index: VarId, node: NodeId) {
        if self.inner(id, index).is_empty() {
            let (_, axes) = self.noise_type(id);
            self.remember(id, Lowered { node, axes });
        } else {
            self.frame().rows.insert(id, node);
        }
    }

    /// All rows for the loop with this index, in the frame around it.
    pub(super) fn rows(&mut self, id: ExprId, index: VarId) -> NodeId {
        let loops = &self.site(id).around.loops;
        if loops.first() != Some(&index)
            && let Some(node) = self.frame().rows.get(&id)
        {
            return *node;
        }
        let shape = [&[self.length(index)], &self.row_type(id, index).shape[..]].concat();
        let inside = self.frames.split_off(1);
        let node = self.drawn(id, &shape);
        self.frames.extend(inside);
        self.carry_in(Lowered { node, axes: vec![] }, 0).node
    }
}
