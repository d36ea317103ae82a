//! Change of variables. In: a density whose head is computed from hidden draws, with values for the head.
//! Out: values for the draws, and the log-density of what is computed: that of the draws, less the
//! logarithm of the Jacobian's determinant (Dinh et al. 2015, eq. 1).

use super::Derive;
use super::expect::Site;
use super::explain::Decision;
use crate::base::Span;
use crate::graph::op::{map, reduce};
use crate::graph::{Attrs, DType};
use crate::model::ir::*;
use std::collections::HashMap;

impl Derive {
    /// Draws of an applied density that its changes of variables solve for.
    pub(super) fn hidden(&self, applied: &Applied) -> Vec<VarId> {
        let changes =
            applied.densities.iter().filter_map(|d| self.m.densities[d.0 as usize].changed());
        changes.flat_map(|change| &change.solved).map(|(var, _)| *var).collect()
    }

    /// The draws that stand in the head of an applied density: what it scores itself.
    pub(super) fn drawn(&self, applied: &Applied) -> Vec<Site> {
        let hidden = self.hidden(applied);
        self.sites(applied).into_iter().filter(|site| !hidden.contains(&site.var)).collect()
    }

    /// What hidden draws are where the head has these values, and the log-determinants.
    pub(super) fn solved(&mut self, applied: &Applied) -> (Vec<(VarId, ExprId)>, Vec<ExprId>) {
        let (mut values, mut logs) = (Vec::new(), Vec::new());
        for id in applied.densities.clone() {
            let Some(Change { solved, log_det, .. }) =
                self.m.densities[id.0 as usize].changed().cloned()
            else {
                continue;
            };
            let (vars, roots): (Vec<VarId>, Vec<ExprId>) = solved.into_iter().unzip();
            let roots: Vec<ExprId> = roots.into_iter().chain([log_det]).collect();
            let mut opened = self.m.opened(&roots, &applied.bind, &applied.calls);
            logs.extend(opened.pop());
            values.extend(vars.into_iter().zip(opened));
        }
        (values, logs)
    }

    /// Values of all variables of an applied density, hidden ones too.
    pub(super) fn whole(&mut self, applied: &Applied) -> Vec<(VarId, ExprId)> {
        let (values, _) = self.solved(applied);
        applied.bind.iter().copied().chain(values).collect()
    }

    /// Log-densities of what is computed from hidden draws.
    pub(super) fn changed(&mut self, applied: &Applied, span: Span) -> Vec<ExprId> {
        let (values, logs) = self.solved(applied);
        if values.is_empty() {
            return Vec::new();
        }
        let bind = self.whole(applied);
        let hidden = self.hidden(applied);
        let sites: Vec<Site> =
            self.sites(applied).into_iter().filter(|site| hidden.contains(&site.var)).collect();
        self.explain_change(applied, &sites);
        let mut terms: Vec<ExprId> =
            sites.iter().map(|site| self.log_draw(site, (&bind, &applied.calls), span)).collect();
        terms.extend(logs.into_iter().map(|log| self.map(&map::NEG, &[log], span)));
        let density = |d: &DensityId| self.m.densities[d.0 as usize].changed();
        if !applied.densities.iter().any(|d| density(d).is_some_and(|change| change.partial)) {
            return terms;
        }
        let log = self.total(&terms, span);
        vec![self.where_drawn(log, values, span)]
    }

    /// A log-density where the draws are numbers, minus infinity where no draw gives the value.
    fn where_drawn(&mut self, mut log: ExprId, draws: Vec<(VarId, ExprId)>, span: Span) -> ExprId {
        let largest = self.number(f64::from(f32::MAX), span);
        let truth = (DType::Bool, Support::Bool);
        for (_, draw) in draws {
            let size = self.map(&map::ABS, &[draw], span);
            let fine = self.typed(&map::LE, &[size, largest], truth, span);
            let Type { shape, varies, .. } = self.m.ty(fine).clone();
            let real = |shape| Type {
                dtype: DType::F32,
                shape,
                support: Support::Bit,
                varies,
                ends: false,
            };
            let attrs = Attrs::DType(DType::F32);
            let cast = ExprKind::Op { op: &map::CAST, attrs, args: vec![fine] };
            let mut all = self.m.push(cast, real(shape.clone()), span);
            if !shape.is_empty() {
                let attrs = Attrs::Axes((0..shape.len()).collect());
                let least = ExprKind::Op { op: &reduce::MIN_OF, attrs, args: vec![all] };
                all = self.m.push(least, real(vec![]), span);
            }
            let half = self.number(0.5, span);
            let holds = self.typed(&map::GT, &[all, half], truth, span);
            let none = self.number(f64::NEG_INFINITY, span);
            let ty = self.m.ty(log).clone();
            let args = vec![holds, log, none];
            let chosen = ExprKind::Op { op: &map::SELECT, attrs: Attrs::None, args };
            log = self.m.push(chosen, ty, span);
        }
        log
    }

    /// In what is averaged over computed values, the draws that they were computed from stand for
    /// themselves: no inverse undoes what was just done.
    pub(super) fn known_draws(
        &mut self,
        body: ExprId,
        density: &Applied,
        values: &[(VarId, ExprId)],
    ) -> ExprId {
        let (solved, _) = self.solved(density);
        let mut drawn: HashMap<ExprId, ExprId> = HashMap::new();
        for (var, inverse) in solved {
            let inverse = self.reduce(inverse);
            if let Some((_, draw)) = values.iter().find(|(own, _)| *own == var) {
                drawn.insert(inverse, *draw);
            }
        }
        if drawn.is_empty() {
            return body;
        }
        self.m.rewrite(&[body], &mut |m, id, kind| match drawn.get(&id) {
            Some(draw) => *draw,
            None => m.rebuilt(id, kind),
        })[0]
    }

    fn explain_change(&mut self, applied: &Applied, sites: &[Site]) {
        let head = super::explain::head(&self.m, applied);
        let of = |site: &Site| {
            format!("log of {} at {}", self.m.dists[site.dist.0 as usize].family, site.name)
        };
        let draws: Vec<String> = sites.iter().map(of).collect();
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        let how = format!(
            "change of variables: {}, less log |det| of the Jacobian; {} by the derived inverse",
            draws.join(" + "),
            names.join(", ")
        );
        self.decisions.push(Decision { what: format!("log {head}"), how });
    }
}
