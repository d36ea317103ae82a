//! Categories as vectors. In: an expression in whole numbers `k: idx(n)[m..]`. Out: the same in `u: f32[m.., n]`,
//! which stands for `one_hot(k, n)`; so that rows of tables, `table[k]`, and what is picked, `pick(x, k)`,
//! become sums of products, which a form is told of. Single categories, `table[k[0]]` or those that a `map` goes
//! through, are vectors as well.

use crate::base::Span;
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{contract, is, map, view};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Support, Type, VarId};
use std::collections::HashMap;

impl<'a> Elab<'a> {
    /// An expression in one-hot vectors of the categories of `var`; none if it asks for their numbers otherwise.
    pub(super) fn in_one_hot(
        &mut self,
        root: ExprId,
        var: VarId,
        span: Span,
    ) -> Res<Option<(ExprId, VarId)>> {
        let own = self.m.vars[var.0 as usize].clone();
        let Support::Index(n) = own.ty.support else { unreachable!("categories") };
        let shape = [&own.ty.shape[..], &[n]].concat();
        let ty = Type {
            dtype: DType::F32,
            shape,
            support: Support::Real,
            varies: own.ty.varies,
            ends: false,
        };
        let (stands, u) = self.m.fresh_var(&own.name, ty, span);
        let mut done: HashMap<ExprId, ExprId> = HashMap::new();
        for id in self.m.reachable(&[root]) {
            let new = match self.linear_in_words(id, var, (u, n), &done, span)? {
                Some(new) => new,
                None => {
                    let kind = self.m.expr(id).kind.clone().map_children(&mut |c| done[&c]);
                    self.m.rebuilt(id, kind)
                }
            };
            done.insert(id, new);
        }
        let root = done[&root];
        Ok((!self.depends_on(root, var)).then_some((root, stands)))
    }

    pub(super) fn depends_on(&self, root: ExprId, var: VarId) -> bool {
        let below = self.m.reachable(&[root]);
        below.iter().any(|id| self.m.expr(*id).kind == ExprKind::Var(var))
    }

    /// What asks for categories in one of the three ways, by `u` instead.
    fn linear_in_words(
        &mut self,
        id: ExprId,
        var: VarId,
        (u, n): (ExprId, usize),
        done: &HashMap<ExprId, ExprId>,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let ExprKind::Op { op, args, attrs } = self.m.expr(id).kind.clone() else {
            return Ok(None);
        };
        let shape = self.ty(id).shape.clone();
        match (op.name, args.as_slice()) {
            (is::CAST, [hit]) => self.spelled_one_hot(*hit, var, (u, n), span),
            (is::GATHER, [table, k]) => {
                let Some(u) = self.stand_for(*k, var, (u, n), span)? else { return Ok(None) };
                let rows = self.cut(done[table], 0, 0, n, span)?;
                let index = self.ty(*k).shape.clone();
                self.rows_by(u, rows, &index, span).map(Some)
            }
            (is::TAKE_ALONG, [x, k]) => {
                let last = self.ty(*x).shape.len() - 1;
                if attrs != Attrs::Axis(last) || self.ty(*k).shape.last() != Some(&1) {
                    return Ok(None);
                }
                let Some(u) = self.stand_for(*k, var, (u, n), span)? else { return Ok(None) };
                let x = self.cut(done[x], last, 0, n, span)?;
                let wide = self.reshape(u, self.ty(x).shape.clone(), span)?;
                let product = self.two(&map::MUL, x, wide, span)?;
                let axes = Attrs::Axes(vec![last]);
                let sum = &crate::graph::op::reduce::SUM;
                let sum = self.op(sum, vec![product], axes, Support::Real, span)?;
                self.reshape(sum, shape, span).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Vectors for an index, `n` along one more dim: where it is the variable, elements of it on the axis of a
    /// `map`, or either of these in other places.
    fn stand_for(
        &mut self,
        k: ExprId,
        var: VarId,
        (u, n): (ExprId, usize),
        span: Span,
    ) -> Res<Option<ExprId>> {
        let shape = [&self.ty(k).shape[..], &[n]].concat();
        match self.m.expr(k).kind.clone() {
            ExprKind::Var(v) if v == var => Ok(Some(u)),
            ExprKind::Element { axis, of } => {
                let Some(of) = self.stand_for(of, var, (u, n), span)? else { return Ok(None) };
                let ty = Type { shape, ..self.ty(of).clone() };
                self.push(ExprKind::Element { axis, of }, ty, span).map(Some)
            }
            ExprKind::Op { op, args, attrs } => {
                let looked_up = op.name == is::GATHER && !self.depends_on(args[1], var);
                let attrs = if looked_up { Some(attrs) } else { in_vectors(attrs, shape) };
                let Some(attrs) = attrs else { return Ok(None) };
                let Some(x) = self.stand_for(args[0], var, (u, n), span)? else { return Ok(None) };
                let args = [&[x], &args[1..]].concat();
                self.op(op, args, attrs, Support::Real, span).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `one_hot(k, width)`: whether the number is that of the place along the last dim.
    fn spelled_one_hot(
        &mut self,
        hit: ExprId,
        var: VarId,
        (u, n): (ExprId, usize),
        span: Span,
    ) -> Res<Option<ExprId>> {
        let op = |id: ExprId| match &self.m.expr(id).kind {
            ExprKind::Op { op, args, attrs } => Some((op.name, args.clone(), attrs.clone())),
            _ => None,
        };
        let Some((is::EQ, sides, _)) = op(hit) else { return Ok(None) };
        let (Some((is::BROADCAST, k, spread)), Some((is::IOTA, _, count))) =
            (op(sides[0]), op(sides[1]))
        else {
            return Ok(None);
        };
        let rank = self.ty(hit).shape.len();
        let along = matches!(count, Attrs::Iota { axis, .. } if axis + 1 == rank);
        let first = matches!(&spread, Attrs::Broadcast { dims, .. } if dims.iter().copied().eq(0..rank - 1));
        if !along || !first {
            return Ok(None);
        }
        let Some(u) = self.stand_for(k[0], var, (u, n), span)? else { return Ok(None) };
        let wide = self.ty(hit).shape.clone();
        if wide[rank - 1] == n {
            return Ok(Some(u));
        }
        let mut pad = vec![(0, 0, 0); rank];
        pad[rank - 1] = (0, wide[rank - 1] - n, 0);
        self.op(&view::PAD, vec![u], Attrs::Pad(pad), Support::Real, span).map(Some)
    }

    /// Rows of a table, added up as `u`, in the dims of an index and one more, says.
    fn rows_by(&mut self, u: ExprId, table: ExprId, index: &[usize], span: Span) -> Res<ExprId> {
        let shape = self.ty(table).shape.clone();
        let letters: Vec<u8> = (b'a'..=b'z').take(index.len() + shape.len()).collect();
        let (outer, inner) = letters.split_at(index.len());
        let spec = ContractSpec {
            lhs: [outer, &inner[..1]].concat(),
            rhs: inner.to_vec(),
            out: [outer, &inner[1..]].concat(),
        };
        self.op(&contract::CONTRACT, vec![u, table], Attrs::Contract(spec), Support::Real, span)
    }
}

/// What moves elements by whole vectors instead, so that the result has this shape; none where it does more.
fn in_vectors(attrs: Attrs, shape: Vec<usize>) -> Option<Attrs> {
    let last = shape.len() - 1;
    Some(match attrs {
        Attrs::Shape(_) => Attrs::Shape(shape),
        Attrs::Slice(cuts) => Attrs::Slice([cuts, vec![(0, shape[last], 1)]].concat()),
        Attrs::Perm(perm) => Attrs::Perm([perm, vec![last]].concat()),
        Attrs::Broadcast { dims, .. } => {
            Attrs::Broadcast { shape, dims: [dims, vec![last]].concat() }
        }
        _ => return None,
    })
}
