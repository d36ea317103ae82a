//! Draws of a sequence: a loop over its positions. In: the distribution of all positions given the sequence. Out: an
//! expression with noise in it, and what it keeps from position to position.

use super::Ordered;
use super::cells::Cells;
use super::steps::{Halt, Kept, Sequence, Steps};
use crate::base::Span;
use crate::graph::Attrs;
use crate::graph::op::index;
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{Dist, ExprId, ExprKind, Type, VarId};
use std::collections::HashMap;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// Draws: a loop over positions, each from those before. What counts is looked after in the formulas.
    pub(super) fn drawn_in_order(
        &mut self,
        of: &Ordered<'a>,
        dist: (&Dist, ExprId),
        sequence: (VarId, &[usize]),
        cells: HashMap<ExprId, Rc<Cells>>,
        span: Span,
    ) -> Res<(ExprId, Option<Vec<Type>>)> {
        self.plainly(|e| e.loop_of_draws(of, dist, sequence, cells, span))
    }

    fn loop_of_draws(
        &mut self,
        of: &Ordered<'a>,
        (each, draw): (&Dist, ExprId),
        (var, lead): (VarId, &[usize]),
        cells: HashMap<ExprId, Rc<Cells>>,
        span: Span,
    ) -> Res<(ExprId, Option<Vec<Type>>)> {
        let n: usize = lead.iter().product();
        let dims: Vec<usize> = (0..lead.len()).collect();
        let ty = Type { support: each.support, ends: false, ..each.ty.clone() };
        let (turn, t) = self.counter("t", n, span);
        let (carry, before) = self.m.fresh_var("x", ty.clone(), span);
        let sequence = Sequence { var, before, length: n, turn: t };
        let (mut kept, mut told) = (vec![], None);
        let next = match self.row_of_draw(of, draw, (lead, sequence), cells, span) {
            Ok((row, carries)) => {
                kept = carries;
                let ty = |kept: &Kept| self.m.vars[kept.var.0 as usize].ty.clone();
                told = Some(kept.iter().map(ty).collect());
                self.with_part(before, (&dims, t), row, span)?
            }
            Err(Halt::Stop) => return Err(Stop),
            Err(Halt::Whole) => {
                let at = self.drawn_position(of, t, span)?;
                let draw = self.m.substitute(draw, &[(var, before)]);
                self.with_part(before, (&dims, at), draw, span)?
            }
        };
        let zero = self.literal(0.0, ty.dtype, span);
        let start = self.fill(zero, &ty.shape, span)?;
        let mut body = vec![next];
        body.extend(kept.iter().map(|kept| kept.next));
        // What a layer writes in training, draws do not.
        let body = self.m.rewrite(&body, &mut |m, id, kind| match kind {
            ExprKind::Write { result, .. } => result,
            ExprKind::Var(own) if own == var => before,
            kind => m.rebuilt(id, kind),
        });
        let mut init = vec![start];
        init.extend(kept.iter().map(|kept| kept.init));
        let mut vars = vec![carry];
        vars.extend(kept.iter().map(|kept| kept.var));
        vars.push(turn);
        let kind = ExprKind::Scan { init, xs: vec![], vars, body, length: n, index: 0 };
        self.after(kind, &ty, span).map(|draw| (draw, told))
    }

    /// The draw of one position, and what is kept for the next.
    fn row_of_draw(
        &mut self,
        of: &Ordered<'a>,
        draw: ExprId,
        (lead, sequence): (&[usize], Sequence),
        cells: HashMap<ExprId, Rc<Cells>>,
        span: Span,
    ) -> Result<(ExprId, Vec<Kept>), Halt> {
        if of.order.is_some() || lead.len() != 1 {
            return Err(Halt::Whole);
        }
        let mut steps = Steps::new(self, cells, sequence, span);
        let row = steps.row(draw, 0, 0)?;
        Ok((row, steps.kept))
    }

    /// The position that is drawn in a turn.
    fn drawn_position(&mut self, of: &Ordered<'a>, t: ExprId, span: Span) -> Res<ExprId> {
        let Some((order, _)) = of.order else { return Ok(t) };
        let support = self.ty(order).support;
        self.op(&index::GATHER, vec![order, t], Attrs::None, support, span)
    }
}
