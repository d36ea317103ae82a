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

impl<'a> Elab<'a> {
    /// The logarithm of the constant: chains from simple densities to this one, whose potential counts more
    /// from turn to turn; each step's gain is a factor of the weight of its chain. `starts` are log-odds,
    /// logits and means of the simple densities.
    pub fn annealed(
        &mut self,
        id: DensityId,
        (given, starts): (&Values, &Values),
        (chains, temps): (usize, usize),
        span: Span,
    ) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        if over.iter().any(|v| self.block_of(*v).is_none()) {
            return self.not_summed(id, &over, span);
        }
        let phi = self.potential(id)?;
        let summed = self.widest_simple(phi, &over, span)?;
        let rest: Vec<VarId> = over.iter().copied().filter(|v| Some(*v) != summed).collect();
        let hidden: Vec<VarId> = summed.into_iter().collect();
        let start_of = |var: &VarId| starts.iter().find(|(own, _)| own == var).map(|(_, e)| *e);
        let axis = AxisId(self.m.axes.len() as u32);
        let name = format!("chains of {}", self.m.densities[id.0 as usize].name);
        self.m.axes.push(Axis { name, size: chains });
        let mut around = self.here.around.clone();
        around.axes.push(axis);
        let site = Site { stream: self.noise_stream(), around, per_example: false };
        let (turn, t) = self.counter("t", temps, span);
        let (mut vars, mut init, mut carried) = (Vec::new(), Vec::new(), given.clone());
        for var in &rest {
            let site = site.named(&format!("start_{}", self.var_name(*var)));
            let simple = self.simple(*var, (start_of(var), given), span)?;
            init.push(self.draw(&simple, &site, span)?);
            let old = self.m.vars[var.0 as usize].clone();
            let (fresh, e) = self.m.fresh_var(&old.name, old.ty, span);
            vars.push(fresh);
            carried.push((*var, e));
        }
        let scalar = Type {
            dtype: DType::F32,
            shape: vec![],
            support: Support::Real,
            varies: false,
            ends: false,
        };
        let (weight, w) = self.m.fresh_var("weight", scalar.clone(), span);
        vars.extend([weight, turn]);
        init.push(self.literal(0.0, DType::F32, span));
        let (before, after) = self.temperatures(t, temps, span)?;
        let low = self.between(phi, (&over, starts), before, span)?;
        let high = self.between(phi, (&over, starts), after, span)?;
        let (from, to) = (
            self.log_mass_of(low, &hidden, &carried, span)?,
            self.log_mass_of(high, &hidden, &carried, span)?,
        );
        let gain = self.two(&map::SUB, to, from, span)?;
        let next_weight = self.two(&map::ADD, w, gain, span)?;
        for var in hidden.iter().chain(&rest) {
            let drawn = self.drawn_block((id, high), *var, &carried, &site.within(turn), span)?;
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
        let mut sum = self.push(mean, ty, span)?;
        for var in &over {
            let simple = self.simple_log_z(*var, (start_of(var), given), span)?;
            sum = self.two(&map::ADD, sum, simple, span)?;
        }
        Ok(sum)
    }

    /// A potential `beta` of the way from the simple ones.
    fn between(
        &mut self,
        phi: ExprId,
        (over, starts): (&[VarId], &Values),
        beta: ExprId,
        span: Span,
    ) -> Res<ExprId> {
        let one = self.literal(1.0, DType::F32, span);
        let left = self.two(&map::SUB, one, beta, span)?;
        let mut sum = self.two(&map::MUL, beta, phi, span)?;
        for var in over {
            let start = starts.iter().find(|(own, _)| own == var).map(|(_, e)| *e);
            if let Some(simple) = self.simple_potential(*var, start, span)? {
                let simple = self.two(&map::MUL, left, simple, span)?;
                sum = self.two(&map::ADD, sum, simple, span)?;
            }
        }
        Ok(sum)
    }

    /// That of blocks that are simple.
    fn log_mass_of(
        &mut self,
        phi: ExprId,
        hidden: &[VarId],
        with: &Values,
        span: Span,
    ) -> Res<ExprId> {
        match self.log_mass(phi, hidden, with, span)? {
            Some(sum) => Ok(sum),
            None => unreachable!("a mixture of two simple potentials"),
        }
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
