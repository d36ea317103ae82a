//! Factors out of a joint: `p(z1 | z2)` of `p(z1, z2)`. In: a density and the names that are asked for.
//! Out: the density of these statements alone, where that is what conditioning gives: no name that is
//! asked for may be needed by one that is given, nor need one that is neither.

use crate::model::elaborate::Elab;
use crate::model::ir::{Density, DensityId, ExprKind, Factor, VarId};
use std::collections::BTreeSet;

impl Elab<'_> {
    /// The factor of a joint density over some of its names, given others. `None` where there is none.
    pub fn factor_of(
        &mut self,
        id: DensityId,
        wanted: &[String],
        given: &[String],
    ) -> Option<DensityId> {
        let joint = self.m.densities[id.0 as usize].clone();
        let named =
            |list: &[String], v: &VarId| list.iter().any(|n| *n == self.m.vars[v.0 as usize].name);
        let over: Vec<VarId> = joint.over.iter().copied().filter(|v| named(wanted, v)).collect();
        let known: Vec<VarId> = joint.over.iter().copied().filter(|v| named(given, v)).collect();
        let hidden = joint.factors.iter().any(|f| match f {
            Factor::Draw { var, .. } => !joint.over.contains(var),
            _ => true,
        });
        if over.is_empty() || over.len() == joint.over.len() || hidden {
            return None;
        }
        // What is given must not depend on what is asked for, however far.
        let above = self.all_needs(&joint, &known);
        let needed = over.iter().flat_map(|v| self.needs(&joint, *v)).filter(|v| !over.contains(v));
        let needed: BTreeSet<VarId> = needed.collect();
        if over.iter().any(|v| above.contains(v)) || needed.iter().any(|v| !known.contains(v)) {
            return None;
        }
        let whole = joint.given.iter().copied().chain(needed).collect();
        Some(self.factor_over(joint, over, whole))
    }

    /// All that some variables of a joint depend on, however far.
    fn all_needs(&self, joint: &Density, vars: &[VarId]) -> BTreeSet<VarId> {
        let (mut above, mut todo) = (BTreeSet::new(), vars.to_vec());
        while let Some(var) = todo.pop() {
            todo.extend(self.needs(joint, var).into_iter().filter(|v| above.insert(*v)));
        }
        above
    }

    /// The density of the statements of a joint that draw these variables: one for each head.
    fn factor_over(&mut self, joint: Density, over: Vec<VarId>, given: Vec<VarId>) -> DensityId {
        let old = self.m.densities.iter().position(|d| d.over == over && d.given == given);
        let factors = joint.factors.into_iter().filter(|f| match f {
            Factor::Draw { var, .. } => over.contains(var),
            _ => false,
        });
        let factors: Vec<Factor> = factors.collect();
        DensityId(old.unwrap_or_else(|| {
            self.m.densities.push(Density { over, given, factors, ..joint });
            self.m.densities.len() - 1
        }) as u32)
    }

    /// Names of the joint that the distribution of a variable mentions.
    fn needs(&self, joint: &Density, var: VarId) -> Vec<VarId> {
        let params = joint.factors.iter().filter_map(|f| match f {
            Factor::Draw { var: own, dist, .. } if *own == var => {
                Some(self.m.dists[dist.0 as usize].params.iter().map(|(_, e)| *e))
            }
            _ => None,
        });
        let roots: Vec<_> = params.flatten().collect();
        let below = self.m.reachable(&roots).into_iter();
        let vars = below.filter_map(|e| match self.m.expr(e).kind {
            ExprKind::Var(v) => Some(v),
            _ => None,
        });
        vars.filter(|v| joint.over.contains(v)).collect()
    }
}
