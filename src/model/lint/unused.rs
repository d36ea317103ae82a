//! Warnings for what nobody uses: losses, weights, draws, priors. In: the finished model. What a phase
//! reaches counts as used, through names, calls, imports and densities.

use super::Lint;
use crate::base::{Span, codes};
use crate::model::ir::*;
use std::collections::BTreeSet;

impl Lint<'_> {
    /// Every warning of this kind.
    pub(super) fn lint_unused(&mut self) {
        self.unused_losses();
        self.frozen_weights();
        self.unused_weights();
        self.hidden_draws();
        self.unused_draws();
        self.unused_priors();
    }

    /// Losses that no phase reaches, by name or through others.
    fn unused_losses(&mut self) {
        let live: BTreeSet<ExprId> = self.below(&self.m.roots()).into_iter().collect();
        for Declaration { name, span, named, of } in &self.declared.losses {
            if of.iter().any(|value| live.contains(value)) {
                continue;
            }
            let text = if *named {
                format!("no phase uses loss `{name}`")
            } else {
                format!("loss `{name}` is used nowhere")
            };
            let help = format!("`minimize {name} over ...`, `report {name}`, or remove it");
            self.warn(codes::RL0202, text, *span, "declared here", &help);
        }
    }

    /// Weights of a file that no phase uses.
    fn unused_weights(&mut self) {
        let live: BTreeSet<ExprId> = self.below(&self.m.roots()).into_iter().collect();
        let mut known: BTreeSet<ParamId> = BTreeSet::new();
        for id in live {
            if let ExprKind::Param(p) = self.m.expr(id).kind {
                known.insert(p);
            }
        }
        known.extend(self.updated());
        for Declaration { name, span, of, .. } in &self.declared.weights {
            if of.iter().all(|p| known.contains(p)) {
                continue;
            }
            let text = format!("no phase uses the weight `{name}`");
            self.warn(codes::RL0203, text, *span, "declared here", "use it in a net, or remove it");
        }
    }

    /// Weights that some phase updates.
    fn updated(&self) -> BTreeSet<ParamId> {
        let mut updated: BTreeSet<ParamId> = BTreeSet::new();
        for stmt in self.m.every_statement() {
            match stmt {
                PhaseStmt::Optimize { updates, .. } => {
                    updated.extend(updates.iter().map(|u| u.param));
                }
                PhaseStmt::AssignParam(p, _) => {
                    updated.insert(*p);
                }
                _ => {}
            }
        }
        updated
    }

    fn frozen_weights(&mut self) {
        let goals = self.m.goals();
        if goals.is_empty() {
            return;
        }
        let updated = self.updated();
        let mut owners: Vec<(String, Span)> = Vec::new();
        for id in self.m.below(&goals, &self.lets, |kind| !matches!(kind, ExprKind::Stop(_))) {
            let ExprKind::Param(p) = self.m.expr(id).kind else { continue };
            let owner = self.owner(p);
            if !updated.contains(&p) && owners.iter().all(|(o, _)| o != owner) {
                owners.push((owner.to_string(), self.m.params[p.0 as usize].span));
            }
        }
        for (owner, span) in owners {
            let text = format!("the weights of `{owner}` are in a goal and no phase updates them");
            self.warn(
                codes::RL0203,
                text,
                span,
                "made here",
                &format!("add it: `over (..., {owner})`; or `stop(...)` its value"),
            );
        }
    }

    /// `E[z ~ q](body)` whose body does not mention the draw.
    fn unused_draws(&mut self) {
        let mut found = Vec::new();
        for id in self.below(&self.m.roots()) {
            let ExprKind::Symbolic(Symbolic::Expect { vars, body, .. }) = &self.m.expr(id).kind
            else {
                continue;
            };
            let mentioned = self.below(&[*body]);
            let used = vars
                .iter()
                .any(|v| mentioned.iter().any(|e| self.m.expr(*e).kind == ExprKind::Var(*v)));
            if !used {
                let name = self.m.vars[vars[0].0 as usize].name.clone();
                found.push((name, self.m.expr(id).span));
            }
        }
        for (name, span) in found {
            let text = format!("`{name}` is drawn and never used");
            self.warn(
                codes::RL0201,
                text,
                span,
                "",
                "mention it in the parentheses, or drop `E[...]`",
            );
        }
    }

    /// A variable of a density that is neither in its head nor mentioned by another statement.
    fn hidden_draws(&mut self) {
        let mut found: Vec<(String, Span)> = Vec::new();
        for (at, density) in self.m.densities.iter().enumerate() {
            let exprs = self.m.reachable(&self.m.density_exprs(DensityId(at as u32)));
            let mentioned = |v: VarId| {
                density.over.contains(&v)
                    || exprs.iter().any(|e| self.m.expr(*e).kind == ExprKind::Var(v))
            };
            for factor in &density.factors {
                if let Factor::Draw { var, span, .. } = factor
                    && !mentioned(*var)
                    && found.iter().all(|(_, old)| old != span)
                {
                    found.push((self.m.vars[var.0 as usize].name.clone(), *span));
                }
            }
        }
        for (name, span) in found {
            let text = format!("`{name}` is drawn and never used");
            let help = "mention it in a later statement or in the head, or remove it";
            self.warn(codes::RL0201, text, span, "", help);
        }
    }

    /// A prior of what a density infers must be in a loss. One without such a density is the noise of a
    /// generator: it must be drawn somewhere, and nothing scores it.
    fn unused_priors(&mut self) {
        let used = self.scored();
        let trained = !self.m.goals().is_empty();
        let parts = self.m.parts.iter().enumerate();
        let mut found = Vec::new();
        for (at, prior) in parts.filter(|(_, p)| trained && p.role == Role::Prior) {
            if prior.densities.is_empty() || used.contains(&PartId(at as u32)) {
                continue;
            }
            let name = &prior.name;
            let help = if self.inferred(prior) {
                format!("add `KL(q(z | x) || {name}(z))` to the loss, or use `elbo`")
            } else if self.drawn().any(|density| prior.densities.contains(density)) {
                continue;
            } else {
                format!("draw from it where a generator takes noise, `E[z ~ {name}]`, or remove it")
            };
            found.push((format!("no loss uses the prior `{name}`"), prior.span, help));
        }
        for (text, span, help) in found {
            self.warn(codes::RL0207, text, span, "declared here", &help);
        }
    }

    /// Whether a density has a variable of a prior as its own and is given something for it.
    fn inferred(&self, prior: &Part) -> bool {
        let name = |v: &VarId| &self.m.vars[v.0 as usize].name;
        let density = |d: &DensityId| &self.m.densities[d.0 as usize];
        let own: Vec<&String> =
            prior.densities.iter().flat_map(|d| density(d).over.iter().map(name)).collect();
        let mut given = self.m.densities.iter().filter(|d| !d.given.is_empty());
        given.any(|d| d.over.iter().any(|v| own.contains(&name(v))))
    }

    /// What sample phases draw from.
    fn drawn(&self) -> impl Iterator<Item = &DensityId> {
        self.m.every_statement().into_iter().flat_map(|stmt| match stmt {
            PhaseStmt::Draw { density, .. } => density.densities.iter(),
            _ => [].iter(),
        })
    }

    /// Parts whose densities a loss or a phase scores or takes an expectation under.
    fn scored(&self) -> BTreeSet<PartId> {
        let mut used: BTreeSet<PartId> = BTreeSet::new();
        let roots: Vec<ExprId> =
            self.m.losses.iter().map(|l| l.value).chain(self.m.roots()).collect();
        for id in self.below(&roots) {
            match &self.m.expr(id).kind {
                // A generator draws from its prior and scores nothing.
                ExprKind::Symbolic(Symbolic::Kl { p, .. })
                | ExprKind::Symbolic(Symbolic::Elbo { p, .. })
                | ExprKind::Symbolic(Symbolic::LogProb(p))
                | ExprKind::Symbolic(Symbolic::Expect { density: p, .. }) => {
                    let parts = p.densities.iter().map(|d| self.m.densities[d.0 as usize].part);
                    used.extend(parts);
                }
                _ => {}
            }
        }
        used
    }
}
