//! What is told of products of factors. In: those of the file. Out: each block given the rest, where a
//! distribution of it follows, with what `rlc check` holds it against.

use super::Values;
use crate::base::Span;
use crate::graph::op::map;
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Conditional, DensityId, ExprId, VarId};

impl Elab<'_> {
    /// Keeps the conditionals of all products of factors that the file declares.
    pub fn note_conditionals(&mut self) {
        let parts = self.m.parts.iter().flat_map(|part| part.densities.iter().copied());
        let own: Vec<DensityId> = parts.filter(|d| self.is_energy(*d)).collect();
        for id in own {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().copied() {
                // Several readings of one text differ in the number of rows only.
                let name = self.called_given_the_rest(id, var);
                if self.m.conditionals.iter().any(|known| known.name == name) {
                    continue;
                }
                let found = self.guess(
                    |e| e.told_conditional(id, var, name, density.span).ok().flatten(),
                    Option::is_some,
                );
                self.m.conditionals.extend(found);
            }
        }
    }

    /// `rbm(h | v)`
    fn called_given_the_rest(&self, id: DensityId, var: VarId) -> String {
        let density = &self.m.densities[id.0 as usize];
        let rest = density.over.iter().filter(|v| **v != var).chain(&density.given);
        let rest: Vec<&str> = rest.map(|v| self.var_name(*v)).collect();
        let bar = if rest.is_empty() { "" } else { " | " };
        format!("{}({}{bar}{})", density.name, self.var_name(var), rest.join(", "))
    }

    fn told_conditional(
        &mut self,
        id: DensityId,
        var: VarId,
        name: String,
        span: Span,
    ) -> Res<Option<Conditional>> {
        let potential = self.potential(id)?;
        let none = Values::new();
        let Some(given) = self.given(potential, var, &none, span)? else { return Ok(None) };
        let Some(mass) = self.log_mass(potential, &[var], &none, span)? else { return Ok(None) };
        let Value::Dist(call) = self.family_of(&given, span)? else { return Ok(None) };
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let dist = self.shape_dist(&call, Some(ty), &name, span)?;
        let dist = self.m.dists[dist.0 as usize].clone();
        let Some(log) = dist.logp else { return Ok(None) };
        let value = self.mention(var);
        let log: ExprId = self.m.substitute(log, &[(dist.value, value)]);
        let mut derived = self.two(&map::ADD, log, mass, span)?;
        let mut whole = potential;
        let all = self.m.densities[id.0 as usize].over.clone();
        let others: Vec<VarId> = all.iter().copied().filter(|v| *v != var).collect();
        if let Some(bases) = self.log_bases(id, &all, &none, span)? {
            whole = self.two(&map::ADD, whole, bases, span)?;
        }
        if let Some(bases) = self.log_bases(id, &others, &none, span)? {
            derived = self.two(&map::ADD, derived, bases, span)?;
        }
        let bases = all.iter().filter_map(|v| Some((*v, self.base_of(*v)?))).collect();
        let (family, params) = (dist.family, dist.params);
        Ok(Some(Conditional { name, family, params, potential: whole, derived, bases }))
    }
}
