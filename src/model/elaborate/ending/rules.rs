//! Which places of a result count, from those of its operands: one rule for each kind of op. In: an expression. Out:
//! for each dim what says so. An op without a rule has no places that do not count; `masks` refuses those.

use super::Places;
use crate::base::Span;
use crate::graph::Attrs;
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{Kind, Op, is, view};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{AxisReduce, ExprId, ExprKind, Support};

impl<'a> Elab<'a> {
    /// For each dim of a value, what says which of its places count.
    pub fn counts(&mut self, id: ExprId, span: Span) -> Res<Places> {
        let mut open = vec![id];
        while let Some(at) = open.last().copied() {
            if self.made.places.contains_key(&at) {
                open.pop();
                continue;
            }
            let below = if self.m.ends { self.decides(at) } else { vec![] };
            let missing: Vec<ExprId> =
                below.into_iter().filter(|id| !self.made.places.contains_key(id)).collect();
            if missing.is_empty() {
                let mut places = self.places_in(at, span)?;
                // Of one place there is nothing to leave out.
                let shape = self.ty(at).shape.clone();
                places.iter_mut().zip(shape).for_each(|(own, n)| *own = own.filter(|_| n > 1));
                self.made.places.insert(at, places.into());
            }
            open.extend(missing);
        }
        Ok(self.made.places[&id].clone())
    }

    /// The expressions whose places decide about those of another.
    fn decides(&self, id: ExprId) -> Vec<ExprId> {
        if self.end_of(id).is_some() || self.ends(id) {
            return vec![];
        }
        match &self.m.expr(id).kind {
            ExprKind::Op { args, .. } => args.clone(),
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => vec![*result],
            ExprKind::Stop(of) => vec![*of],
            ExprKind::Reduce { body, .. } => vec![*body],
            ExprKind::Element { of, .. } => vec![*of],
            _ => vec![],
        }
    }

    fn places_in(&mut self, id: ExprId, span: Span) -> Res<Vec<Option<ExprId>>> {
        let none = vec![None; self.ty(id).shape.len()];
        if !self.m.ends {
            return Ok(none);
        }
        if self.end_of(id).is_some() {
            return Ok(vec![Some(id)]);
        }
        if self.ends(id) {
            return self.up_to_end(id, span).map(|counts| vec![Some(counts)]);
        }
        let of = |e: &Self, id: &ExprId| e.made.places[id].to_vec();
        Ok(match self.m.expr(id).kind.clone() {
            ExprKind::Op { op, attrs, args } => {
                let given: Vec<Places> =
                    args.iter().map(|arg| self.made.places[arg].clone()).collect();
                if given.iter().all(|places| places.iter().all(Option::is_none)) {
                    return Ok(none);
                }
                self.places_of_op(op, &attrs, &args, &given, none, span)?
            }
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => of(self, &result),
            ExprKind::Stop(x) => of(self, &x),
            ExprKind::Reduce { how: AxisReduce::Stack, body, .. } => {
                [vec![None], of(self, &body)].concat()
            }
            ExprKind::Reduce { body, .. } => of(self, &body),
            ExprKind::Element { of: x, .. } => of(self, &x)[1..].to_vec(),
            _ => none,
        })
    }

    fn places_of_op(
        &mut self,
        op: Op,
        attrs: &Attrs,
        args: &[ExprId],
        given: &[Places],
        mut out: Vec<Option<ExprId>>,
        span: Span,
    ) -> Res<Vec<Option<ExprId>>> {
        // The first that says something about a dim.
        let any = |dim: usize| given.iter().find_map(|places| places[dim]);
        match (op.kind, attrs) {
            (Kind::Map, _) => out = (0..out.len()).map(any).collect(),
            // Repeated along no dim it is what `padded` gives.
            (Kind::View, Attrs::Broadcast { dims, shape }) if dims.len() == shape.len() => {}
            (Kind::View, Attrs::Broadcast { dims, .. }) => {
                dims.iter().zip(given[0].iter()).for_each(|(to, own)| out[*to] = *own);
            }
            (Kind::View, Attrs::Perm(perm)) => {
                out = perm.iter().map(|from| given[0][*from]).collect();
            }
            (Kind::View, Attrs::Shape(shape)) => {
                let from = self.ty(args[0]).shape.clone();
                for (dim, own) in given[0].iter().enumerate() {
                    if let Some(to) = same_dim(&from, shape, dim).filter(|_| own.is_some()) {
                        out[to] = *own;
                    }
                }
            }
            (Kind::View, Attrs::Slice(cuts)) => {
                for (dim, (_, high, _)) in cuts.iter().enumerate() {
                    out[dim] = match given[0][dim] {
                        Some(own) => Some(self.first_places(own, *high, span)?),
                        None => None,
                    };
                }
            }
            (Kind::View, Attrs::Axis(axis)) => {
                out = (0..out.len()).map(|dim| any(dim).filter(|_| dim != *axis)).collect();
            }
            (Kind::View, Attrs::Axes(axes)) => {
                out = (0..out.len()).map(|dim| any(dim).filter(|_| !axes.contains(&dim))).collect();
            }
            (Kind::Reduce, Attrs::Axes(axes)) => out = left(&given[0], axes),
            (Kind::Reduce, Attrs::Axis(axis)) => out = left(&given[0], &[*axis]),
            (Kind::Contract, Attrs::Contract(spec)) => {
                out = spec.out.iter().map(|label| of_label(spec, given, *label)).collect();
            }
            (Kind::Index, _) => out = of_index(op, attrs, given, out, any),
            _ => {}
        }
        Ok(out)
    }

    /// What says which of the first places count.
    fn first_places(&mut self, counts: ExprId, n: usize, span: Span) -> Res<ExprId> {
        if self.ty(counts).shape[0] == n {
            return Ok(counts);
        }
        self.plainly(|e| {
            let cut = Attrs::Slice(vec![(0, n, 1)]);
            e.op(&view::SLICE, vec![counts], cut, Support::Bool, span)
        })
    }
}

/// The dims that are not reduced.
fn left(places: &Places, gone: &[usize]) -> Vec<Option<ExprId>> {
    (0..places.len()).filter(|dim| !gone.contains(dim)).map(|dim| places[dim]).collect()
}

/// What is said of a label of a product.
fn of_label(spec: &ContractSpec, given: &[Places], label: u8) -> Option<ExprId> {
    let of = |labels: &[u8], places: &Places| {
        labels.iter().position(|own| *own == label).and_then(|dim| places[dim])
    };
    of(&spec.lhs, &given[0]).or_else(|| of(&spec.rhs, &given[1]))
}

fn of_index(
    op: Op,
    attrs: &Attrs,
    given: &[Places],
    out: Vec<Option<ExprId>>,
    any: impl Fn(usize) -> Option<ExprId>,
) -> Vec<Option<ExprId>> {
    match (op.name, attrs) {
        (is::GATHER, _) => [&given[1], &given[0][1..]].concat(),
        (is::SCATTER_ADD, _) => [&[None], &given[1][1..]].concat(),
        (is::CUMSUM, _) => (0..out.len()).map(any).collect(),
        (is::ARGSORT, Attrs::Directed { axis, .. }) | (is::TAKE_ALONG, Attrs::Axis(axis)) => {
            (0..out.len()).map(|dim| any(dim).filter(|_| dim != *axis)).collect()
        }
        _ => out,
    }
}

/// The dim of another shape of the same elements that a dim becomes.
pub fn same_dim(from: &[usize], to: &[usize], dim: usize) -> Option<usize> {
    let before = |shape: &[usize], dim: usize| shape[..dim].iter().product::<usize>();
    let wanted = (from[dim], before(from, dim));
    (0..to.len()).find(|other| (to[*other], before(to, *other)) == wanted)
}
