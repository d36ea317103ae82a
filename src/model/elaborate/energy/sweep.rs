//! Gibbs sampling: every block in turn is drawn given all others (Geman and Geman 1984). Elements that are
//! independent are drawn together, others one after the other.

use super::block::{Block, Given};
use super::{AFFINE, CONCAVE, Values};
use crate::base::{Span, codes};
use crate::graph::op::{index, map};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    Around, Axis, AxisId, AxisReduce, DensityId, ExprId, ExprKind, Type, VarId,
};

/// The noise of a chain: its name, what it is fresh in every turn of, and whether each example has its own.
#[derive(Clone)]
pub struct Site {
    /// The stream; that of a density that is drawn starts with `~`.
    pub stream: String,
    /// Loops and axes.
    pub around: Around,
    /// Whether each example has a chain of its own.
    pub per_example: bool,
}

impl Site {
    pub(super) fn named(&self, name: &str) -> Site {
        Site { stream: format!("{}.{name}", self.stream), ..self.clone() }
    }

    /// Inside of a loop with this index.
    pub fn within(&self, turn: VarId) -> Site {
        let mut site = self.clone();
        site.around.loops.push(turn);
        site
    }
}

impl<'a> Elab<'a> {
    /// Values of all blocks after so many sweeps. `start` are those that are given; the others are drawn
    /// first: as fair bits, even categories or standard normals.
    pub fn chain_of(
        &mut self,
        id: DensityId,
        start: &Values,
        (steps, site): (usize, &Site),
        span: Span,
    ) -> Res<Values> {
        let over = self.m.densities[id.0 as usize].over.clone();
        let phi = self.potential(id)?;
        let given: Values = start.iter().copied().filter(|(v, _)| !over.contains(v)).collect();
        let known = |v: &VarId| start.iter().find(|(own, _)| own == v).map(|(_, e)| *e);
        // What is not given is drawn before what is: a chain that starts at data goes there and back.
        let (open, held): (Vec<VarId>, Vec<VarId>) = over.iter().partition(|v| known(v).is_none());
        let order: Vec<VarId> = open.iter().chain(&held).copied().collect();
        let mut values = given.clone();
        for (n, var) in order.iter().enumerate() {
            let value = match known(var) {
                Some(value) => value,
                None => {
                    let simple = self.simple(*var, (None, &given), span)?;
                    self.draw(&simple, &site.named(&format!("start_{n}")), span)?
                }
            };
            values.push((*var, value));
        }
        let (turn, _) = self.counter("t", steps, span);
        let mut vars = Vec::new();
        let mut carried = given.clone();
        for var in &order {
            let old = self.m.vars[var.0 as usize].clone();
            let (fresh, e) = self.m.fresh_var(&old.name, old.ty, span);
            vars.push(fresh);
            carried.push((*var, e));
        }
        for var in &order {
            let drawn = self.drawn_block((id, phi), *var, &carried, &site.within(turn), span)?;
            carried.iter_mut().filter(|(own, _)| own == var).for_each(|(_, e)| *e = drawn);
        }
        vars.push(turn);
        let value =
            |list: &Values, var: &VarId| list.iter().find(|(own, _)| own == var).map(|(_, e)| *e);
        let all = |list: &Values| -> Vec<ExprId> {
            order.iter().filter_map(|v| value(list, v)).collect()
        };
        let (init, body) = (all(&values), all(&carried));
        let mut found = given;
        for (at, var) in order.iter().enumerate() {
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let (init, body, vars) = (init.clone(), body.clone(), vars.clone());
            let kind = ExprKind::Scan { init, xs: vec![], vars, body, length: steps, index: at };
            let last = self.after(kind, &ty, span)?;
            let ty = self.ty(last).clone();
            // No gradient flows through a chain: that of its last state is a mean of its own.
            found.push((*var, self.push(ExprKind::Stop(last), ty, span)?));
        }
        Ok(found)
    }

    /// A block drawn given the others, of the density with this potential.
    pub(super) fn drawn_block(
        &mut self,
        (id, phi): (DensityId, ExprId),
        var: VarId,
        values: &Values,
        site: &Site,
        span: Span,
    ) -> Res<ExprId> {
        let site = site.named(self.var_name(var));
        match (self.given(phi, var, values, span)?, self.block_of(var)) {
            (Some(given), _) => self.draw(&given, &site, span),
            (None, Some(Block::Bits)) => self.one_by_one(phi, (var, 2), values, &site, span),
            (None, Some(Block::Words(n))) => self.one_by_one(phi, (var, n), values, &site, span),
            (None, _) => self.not_drawn(id, var, span),
        }
    }

    /// The elements of a block one after the other: the logits of each are the potential with all its values.
    fn one_by_one(
        &mut self,
        phi: ExprId,
        (var, classes): (VarId, usize),
        values: &Values,
        site: &Site,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let n = self.elements(var);
        let flat = Type { shape: vec![n], ..ty.clone() };
        let (at, i) = self.counter("i", n, span);
        let name = self.var_name(var).to_string();
        let (carry, b) = self.m.fresh_var(&name, flat.clone(), span);
        let logits = self.logits_at(phi, (var, classes), (b, i), values, span)?;
        let site = site.within(at);
        let given = match ty.dtype {
            DType::I32 => Given::Words(logits),
            _ => {
                let (high, low) =
                    (self.cut(logits, 0, 1, 2, span)?, self.cut(logits, 0, 0, 1, span)?);
                let odds = self.two(&map::SUB, high, low, span)?;
                Given::Bits(self.reshape(odds, vec![], span)?)
            }
        };
        let drawn = self.draw(&given, &site, span)?;
        let next = self.with_part(b, (&[0], i), drawn, span)?;
        let start = values.iter().find(|(own, _)| *own == var).map(|(_, e)| *e);
        let Some(start) = start else { unreachable!("every block has a value") };
        let start = self.reshape(start, vec![n], span)?;
        let kind = ExprKind::Scan {
            init: vec![start],
            xs: vec![],
            vars: vec![carry, at],
            body: vec![next],
            length: n,
            index: 0,
        };
        let last = self.after(kind, &flat, span)?;
        self.reshape(last, ty.shape.clone(), span)
    }

    /// The potential with each value of element `i` of a block.
    fn logits_at(
        &mut self,
        phi: ExprId,
        (var, classes): (VarId, usize),
        (block, i): (ExprId, ExprId),
        values: &Values,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let axis = AxisId(self.m.axes.len() as u32);
        let name = format!("values of {}", self.var_name(var));
        self.m.axes.push(Axis { name, size: classes });
        let count = Attrs::Iota { ty: Ty::new(ty.dtype, [classes]), axis: 0 };
        let all = self.op(&index::IOTA, vec![], count, ty.support, span)?;
        let one = Type { shape: vec![], ..self.ty(all).clone() };
        let value = self.push(ExprKind::Element { axis, of: all }, one, span)?;
        let with = self.with_part(block, (&[0], i), value, span)?;
        let with = self.reshape(with, ty.shape, span)?;
        let others = values.iter().copied().filter(|(own, _)| *own != var);
        let values: Values = others.chain([(var, with)]).collect();
        let body = self.m.substitute(phi, &values);
        let stacked = Type { shape: vec![classes], ..self.ty(body).clone() };
        self.push(ExprKind::Reduce { axis, how: AxisReduce::Stack, body }, stacked, span)
    }

    /// A block that no rule draws.
    fn not_drawn<T>(&mut self, id: DensityId, var: VarId, span: Span) -> Res<T> {
        let density = self.m.densities[id.0 as usize].clone();
        let name = self.var_name(var).to_string();
        let text = format!("`{name}` of `{}` is not drawn", density.name);
        let label = self.why_not(&[var]);
        let place = self.factor_beyond(&density, &[var]);
        let error = self.error(codes::RL0129, text, span, "").also(place, label);
        let based = matches!(self.block_of(var), Some(Block::Base(_)));
        self.stop(error.help(if based { AFFINE } else { CONCAVE }))
    }
}
