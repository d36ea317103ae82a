//! Gibbs sampling: every block in turn is drawn given all others (Geman and Geman 1984). Bits that the
//! potential is affine in are drawn together, others one after the other.

use super::Values;
use crate::base::Span;
use crate::graph::op::{index, map};
use crate::graph::{Attrs, DType, NoiseKind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Around, DensityId, ExprId, ExprKind, Support, Type, VarId};

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
    /// first where the rest is known, and are fair bits where it is not.
    pub fn chain_of(
        &mut self,
        id: DensityId,
        start: &Values,
        (steps, site): (usize, &Site),
        span: Span,
    ) -> Res<Values> {
        let over = self.m.densities[id.0 as usize].over.clone();
        let given: Values = start.iter().copied().filter(|(v, _)| !over.contains(v)).collect();
        let known = |v: &VarId| start.iter().find(|(own, _)| own == v).map(|(_, e)| *e);
        // What is not given is drawn before what is: a chain that starts at data goes there and back.
        let (open, held): (Vec<VarId>, Vec<VarId>) = over.iter().partition(|v| known(v).is_none());
        let order: Vec<VarId> = open.iter().chain(&held).copied().collect();
        let mut values = given.clone();
        for (n, var) in order.iter().enumerate() {
            let value = match known(var) {
                Some(value) => value,
                None => self.fair_bits(*var, &site.named(&format!("start_{n}")), span)?,
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
            let drawn = self.drawn_block(id, *var, (&carried, None), &site.within(turn), span)?;
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

    /// A block drawn given the others, of the density whose potential counts `beta` times.
    pub(super) fn drawn_block(
        &mut self,
        id: DensityId,
        var: VarId,
        (values, beta): (&Values, Option<ExprId>),
        site: &Site,
        span: Span,
    ) -> Res<ExprId> {
        let potential = self.potential(id)?;
        let site = site.named(self.var_name(var));
        if self.degree(potential, &[var]) > 1 {
            return self.one_by_one(id, var, (values, beta), &site, span);
        }
        let odds = self.slope_in(id, var, values, span)?;
        let odds = self.tempered(odds, beta, span)?;
        self.bits_of(odds, &site, span)
    }

    /// So many times a value.
    pub(super) fn tempered(
        &mut self,
        value: ExprId,
        beta: Option<ExprId>,
        span: Span,
    ) -> Res<ExprId> {
        beta.map_or(Ok(value), |beta| self.two(&map::MUL, value, beta, span))
    }

    /// Bits with these log-odds.
    fn bits_of(&mut self, odds: ExprId, site: &Site, span: Span) -> Res<ExprId> {
        let shape = self.ty(odds).shape.clone();
        let chance = self.one(&map::SIGMOID, odds, span)?;
        let support = Support::Interval(0.0, 1.0);
        let ty =
            Type { dtype: DType::F32, shape: shape.clone(), support, varies: site.per_example };
        let noise = ExprKind::Noise {
            kind: NoiseKind::Uniform,
            stream: site.stream.clone(),
            shape,
            around: site.around.clone(),
            per_example: site.per_example,
        };
        let noise = self.push(noise, ty, span)?;
        let below = self.op(&map::LT, vec![noise, chance], Attrs::None, Support::Bool, span)?;
        self.op(&map::CAST, vec![below], Attrs::DType(DType::F32), Support::Bit, span)
    }

    /// Bits with even chances, in the shape of a block.
    pub(super) fn fair_bits(&mut self, var: VarId, site: &Site, span: Span) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let zeros = self.zeros_like(&ty, span)?;
        self.bits_of(zeros, site, span)
    }

    /// The bits of a block one after the other: the log-odds of each are the difference of the potential
    /// with it and without it.
    fn one_by_one(
        &mut self,
        id: DensityId,
        var: VarId,
        (values, beta): (&Values, Option<ExprId>),
        site: &Site,
        span: Span,
    ) -> Res<ExprId> {
        let potential = self.potential(id)?;
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let n: usize = ty.shape.iter().product();
        let flat = Type { shape: vec![n], ..ty.clone() };
        let (at, i) = self.counter("i", n, span);
        let (carry, b) =
            self.m.fresh_var(self.var_name(var).to_string().as_str(), flat.clone(), span);
        let units = self.units(n, span)?;
        let one = self.op(&index::GATHER, vec![units, i], Attrs::None, Support::Bit, span)?;
        let kept = self.two(&map::MUL, b, one, span)?;
        let without = self.two(&map::SUB, b, kept, span)?;
        let with = self.two(&map::ADD, without, one, span)?;
        let at_value = |e: &mut Self, block: ExprId| {
            let block = e.reshape(block, ty.shape.clone(), span)?;
            let others = values.iter().copied().filter(|(own, _)| *own != var);
            let all: Values = others.chain([(var, block)]).collect();
            Ok(e.m.substitute(potential, &all))
        };
        let (high, low) = (at_value(self, with)?, at_value(self, without)?);
        let odds = self.two(&map::SUB, high, low, span)?;
        let odds = self.tempered(odds, beta, span)?;
        let bit = self.bits_of(odds, &site.within(at), span)?;
        let bit = self.fill(bit, &[n], span)?;
        let chosen = self.two(&map::MUL, bit, one, span)?;
        let next = self.two(&map::ADD, without, chosen, span)?;
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
}
