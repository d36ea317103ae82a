//! The constant by annealed importance sampling (Neal 2001; Salakhutdinov and Murray 2008), and
//! pseudo-likelihood (Besag 1975).

use super::Values;
use super::sweep::Site;
use crate::base::Span;
use crate::graph::op::map;
use crate::graph::{Attrs, DType};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    Axis, AxisId, AxisReduce, DensityId, ExprId, ExprKind, Support, Type, VarId,
};
use std::f64::consts::LN_2;

impl<'a> Elab<'a> {
    /// The logarithm of the constant: chains from fair bits to the density, whose potential counts more from
    /// turn to turn; each step's gain is a factor of the weight of its chain.
    pub fn annealed(
        &mut self,
        id: DensityId,
        given: &Values,
        (chains, temps): (usize, usize),
        span: Span,
    ) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        if !self.all_bits(&over) {
            return self.not_summed(id, &over, span);
        }
        let summed = self.widest_affine(id)?;
        let rest: Vec<VarId> = over.iter().copied().filter(|v| Some(*v) != summed).collect();
        let axis = AxisId(self.m.axes.len() as u32);
        let name = format!("chains of {}", self.m.densities[id.0 as usize].name);
        self.m.axes.push(Axis { name, size: chains });
        let mut around = self.here.around.clone();
        around.axes.push(axis);
        let site = Site { stream: self.noise_stream(), around, per_example: false };
        let (turn, t) = self.counter("t", temps, span);
        let (mut vars, mut init, mut carried) = (Vec::new(), Vec::new(), given.clone());
        for var in &rest {
            let start = site.named(&format!("start_{}", self.var_name(*var)));
            init.push(self.fair_bits(*var, &start, span)?);
            let old = self.m.vars[var.0 as usize].clone();
            let (fresh, e) = self.m.fresh_var(&old.name, old.ty, span);
            vars.push(fresh);
            carried.push((*var, e));
        }
        let scalar =
            Type { dtype: DType::F32, shape: vec![], support: Support::Real, varies: false };
        let (weight, w) = self.m.fresh_var("weight", scalar.clone(), span);
        vars.extend([weight, turn]);
        init.push(self.literal(0.0, DType::F32, span));
        let (before, after) = self.temperatures(t, temps, span)?;
        let hidden: Vec<VarId> = summed.into_iter().collect();
        let log =
            |e: &mut Self, beta: ExprId| e.affine_sum(id, &hidden, (&carried, Some(beta)), span);
        let (high, low) = (log(self, after)?, log(self, before)?);
        let gain = self.two(&map::SUB, high, low, span)?;
        let next_weight = self.two(&map::ADD, w, gain, span)?;
        for var in hidden.iter().chain(&rest) {
            let site = site.within(turn);
            let drawn = self.drawn_block(id, *var, (&carried, Some(after)), &site, span)?;
            carried.retain(|(own, _)| own != var);
            carried.push((*var, drawn));
        }
        let mut body = Vec::new();
        for var in &rest {
            body.extend(carried.iter().find(|(own, _)| own == var).map(|(_, e)| *e));
        }
        body.push(next_weight);
        let index = rest.len();
        let kind = ExprKind::Scan { init, xs: vec![], vars, body, length: temps, index };
        let last = self.after(kind, &scalar, span)?;
        let ty = self.ty(last).clone();
        let mean = ExprKind::Reduce { axis, how: AxisReduce::LogMeanExp, body: last };
        let mean = self.push(mean, ty, span)?;
        let fair = self.literal(self.bits(&over) as f64 * LN_2, DType::F32, span);
        self.two(&map::ADD, mean, fair, span)
    }

    /// How often the potential counts before and after a turn.
    fn temperatures(&mut self, t: ExprId, temps: usize, span: Span) -> Res<(ExprId, ExprId)> {
        let attrs = Attrs::DType(DType::F32);
        let turn = self.op(&map::CAST, vec![t], attrs, Support::Real, span)?;
        let one = self.literal(1.0, DType::F32, span);
        let next = self.two(&map::ADD, turn, one, span)?;
        let share = 1.0 / temps as f64;
        Ok((self.times(turn, share, span)?, self.times(next, share, span)?))
    }

    /// The sum over the bits of a block of the log-probability of each given the others; what has no value
    /// is summed out.
    pub fn pseudo_likelihood(
        &mut self,
        id: DensityId,
        values: &Values,
        var: VarId,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let n: usize = ty.shape.iter().product();
        let axis = AxisId(self.m.axes.len() as u32);
        self.m.axes.push(Axis { name: format!("bits of {}", self.var_name(var)), size: n });
        let units = self.units(n, span)?;
        let row = Type { shape: vec![n], ..self.ty(units).clone() };
        let row = self.push(ExprKind::Element { axis, of: units }, row, span)?;
        let row = self.reshape(row, ty.shape.clone(), span)?;
        let Some((_, value)) = values.iter().find(|(own, _)| *own == var).copied() else {
            unreachable!("the block has a value")
        };
        // v + e (1 - 2 v): the bit is the other one.
        let one = self.literal(1.0, DType::F32, span);
        let twice = self.times(value, 2.0, span)?;
        let other = self.two(&map::SUB, one, twice, span)?;
        let change = self.two(&map::MUL, row, other, span)?;
        let turned = self.two(&map::ADD, value, change, span)?;
        let others = values.iter().copied().filter(|(own, _)| *own != var);
        let all: Values = others.chain([(var, turned)]).collect();
        let (there, here) =
            (self.free_energy(id, &all, span)?, self.free_energy(id, values, span)?);
        let odds = self.two(&map::SUB, here, there, span)?;
        let soft = self.one(&map::SOFTPLUS, odds, span)?;
        let log = self.one(&map::NEG, soft, span)?;
        let ty = self.ty(log).clone();
        self.push(ExprKind::Reduce { axis, how: AxisReduce::Sum, body: log }, ty, span)
    }
}
