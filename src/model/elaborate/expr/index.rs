//! Elements by their places. In: a value, and indices or slices as written. Out: ops that cut, gather and
//! turn dims. Known places are checked here, computed ones are proven by `range`.

use crate::base::{FileId, Span, codes};
use crate::graph::op::{index, view};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Env, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::ExprId;
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// `x[i, :, 1:3]`
    pub(super) fn index(
        &mut self,
        base: ast::ExprId,
        slices: &'a [ast::Slice],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(base, file, env)?;
        if let (Value::Tuple(parts), [ast::Slice::At(e)]) = (&value, slices) {
            let at = self.eval(*e, file, env)?;
            return self.tuple_part(parts, &at, span);
        }
        let mut id = self.tensor(&value, self.names.files[&file].expr(base).span)?;
        if slices.len() > self.ty(id).shape.len() {
            let text = format!("{} indices into `{}`", slices.len(), show(self.ty(id)));
            return self.fail(codes::RL0103, text, span, "give at most one index for each dim");
        }
        let mut dim = 0;
        for slice in slices {
            (id, dim) = match slice {
                ast::Slice::All => (id, dim + 1),
                ast::Slice::At(e) => self.element((id, dim), *e, (file, env), span)?,
                ast::Slice::Range(low, high) => {
                    let extent = self.ty(id).shape[dim];
                    let (low, high) = self.slice_ends((*low, *high), extent, file, env)?;
                    (self.cut(id, dim, low, high, span)?, dim + 1)
                }
            };
        }
        Ok(Value::Tensor(id))
    }

    fn tuple_part(&mut self, parts: &[Value<'a>], at: &Value<'a>, span: Span) -> Res<Value<'a>> {
        let at = self.int(at, "the place in a tuple", span)?;
        match parts.get(at as usize) {
            Some(part) => Ok(part.clone()),
            None => {
                let text = format!("a tuple of {} has no part {at}", parts.len());
                self.fail(codes::RL0103, text, span, "parts count from 0")
            }
        }
    }

    /// `x[i]` along a dim, for a known or a computed index; returns the dim that comes next.
    fn element(
        &mut self,
        (id, dim): (ExprId, usize),
        at: ast::ExprId,
        (file, env): (FileId, &Env<'a>),
        span: Span,
    ) -> Res<(ExprId, usize)> {
        let place = self.names.files[&file].expr(at).span;
        match self.eval(at, file, env)? {
            Value::Tensor(rows) if self.known_int(rows).is_none() => {
                let (rows, added) = self.gather(id, rows, dim, place)?;
                Ok((rows, dim + added))
            }
            at => {
                let n = self.int(&at, "an index", place)?;
                let at = self.position(n, self.ty(id).shape[dim], false, place)?;
                let cut = self.cut(id, dim, at, at + 1, span)?;
                Ok((self.drop_dim(cut, dim, span)?, dim))
            }
        }
    }

    /// The places that `a:b` stands for in a dim.
    fn slice_ends(
        &mut self,
        (low, high): (ast::ExprId, Option<ast::ExprId>),
        extent: usize,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<(usize, usize)> {
        let place = self.names.files[&file].expr(low).span;
        let a = self.eval(low, file, env)?;
        let a = self.int(&a, "the start of a range", place)?;
        let a = self.position(a, extent, true, place)?;
        let b = match high {
            None => extent,
            Some(high) => {
                let b = self.eval(high, file, env)?;
                let b = self.int(&b, "the end of a range", place)?;
                self.position(b, extent, true, place)?
            }
        };
        if a >= b {
            let text = format!("the range {a}:{b} is empty");
            let help = "the first place comes before the end: `x[0:3]`";
            return self.fail(codes::RL0103, text, place, help);
        }
        Ok((a, b))
    }

    fn position(&mut self, n: i64, extent: usize, end: bool, span: Span) -> Res<usize> {
        let at = if n < 0 { n + extent as i64 } else { n };
        let limit = extent as i64 + end as i64;
        if at < 0 || at >= limit {
            let text = format!("index {n} into a dim of {extent}");
            let help = "indices count from 0; negative ones from the end";
            return self.fail(codes::RL0103, text, span, help);
        }
        Ok(at as usize)
    }

    /// Elements `low..high` along a dim.
    pub fn cut(
        &mut self,
        id: ExprId,
        dim: usize,
        low: usize,
        high: usize,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.ty(id).clone();
        if low == 0 && high == ty.shape[dim] {
            return Ok(id);
        }
        let mut cuts: Vec<(usize, usize, usize)> = ty.shape.iter().map(|n| (0, *n, 1)).collect();
        cuts[dim] = (low, high, 1);
        self.op(&view::SLICE, vec![id], Attrs::Slice(cuts), ty.support, span)
    }

    fn drop_dim(&mut self, id: ExprId, dim: usize, span: Span) -> Res<ExprId> {
        let mut shape = self.ty(id).shape.clone();
        shape.remove(dim);
        self.reshape(id, shape, span)
    }

    pub fn reshape(&mut self, id: ExprId, shape: Vec<usize>, span: Span) -> Res<ExprId> {
        if self.ty(id).shape == shape {
            return Ok(id);
        }
        let support = self.ty(id).support;
        self.op(&view::RESHAPE, vec![id], Attrs::Shape(shape), support, span)
    }

    pub fn transpose(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let rank = self.ty(id).shape.len();
        if rank < 2 {
            let text = format!("`.T` needs at least two dims, this is `{}`", show(self.ty(id)));
            return self.fail(codes::RL0103, text, span, "a vector needs no `.T`: delete it");
        }
        let mut perm: Vec<usize> = (0..rank).collect();
        perm.swap(rank - 1, rank - 2);
        let support = self.ty(id).support;
        self.op(&view::PERMUTE, vec![id], Attrs::Perm(perm), support, span)
    }

    /// Rows of a table by computed indices; returns how many dims the index has.
    fn gather(
        &mut self,
        table: ExprId,
        rows: ExprId,
        dim: usize,
        span: Span,
    ) -> Res<(ExprId, usize)> {
        let (size, ty) = (self.ty(table).shape[dim], self.ty(rows).clone());
        if ty.dtype != DType::I32 {
            let text = format!("an index must be whole numbers, this is `{}`", show(&ty));
            return self.fail(codes::RL0103, text, span, "declare it `idx(n)`");
        }
        self.proven(rows, size, span)?;
        // The indexed dim to the front, and the index's dims to where it was.
        let (rank, added) = (self.ty(table).shape.len(), ty.shape.len());
        let first: Vec<usize> =
            std::iter::once(dim).chain((0..rank).filter(|d| *d != dim)).collect();
        let back = (added..added + dim).chain(0..added).chain(added + dim..added + rank - 1);
        let back: Vec<usize> = back.collect();
        let support = self.ty(table).support;
        let permuted = |e: &mut Self, id, perm: Vec<usize>| {
            e.op(&view::PERMUTE, vec![id], Attrs::Perm(perm), support, span)
        };
        let table = if dim == 0 { table } else { permuted(self, table, first)? };
        let out = self.op(&index::GATHER, vec![table, rows], Attrs::None, support, span)?;
        let out = if dim == 0 { out } else { permuted(self, out, back)? };
        Ok((out, added))
    }
}
