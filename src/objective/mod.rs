//! Objectives. In: the typed model, with densities, expectations, divergences and bounds still
//! symbolic. Out: the model without probability, what was decided and why, and what each reported
//! number means. Knows no devices and no files.

mod change;
mod divergence;
mod expect;
pub mod explain;
mod formula;
mod kind;
mod meaning;
mod pure;

pub use explain::{Decision, Explanation};
pub use kind::{DensityKind, density_kind};
pub use meaning::meaning_of;

use crate::base::{Over, Span, budget};
use crate::model::ir::pure::Pure;
use crate::model::ir::{Applied, ExprId, ExprKind, Model, PhaseStmt, Symbolic, Update, VarId};
use expect::Scored;
use explain::Trained;
use std::collections::{BTreeMap, HashMap};

/// Unit and direction of a figure.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Meaning {
    /// `nats per example`, `accuracy`, or empty.
    pub unit: String,
    /// `upper bound on -log p(x)`, `estimate`, or empty if exact.
    pub bound: String,
}

/// What the graph cannot say about values.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Unit and bound of figures, by phase and name. The goal of a train phase is called `loss`.
    pub meanings: BTreeMap<(String, String), Meaning>,
}

/// What follows from a model.
#[derive(Debug)]
pub struct Derived {
    /// The model without probability.
    pub pure: Pure,
    /// The typed model with derived objectives in the place of the declared ones, for people.
    pub model: Model,
    /// What numbers mean.
    pub facts: Facts,
    /// What was decided.
    pub explanation: Explanation,
}

/// Rewrites one root after the other.
pub(crate) struct Derive {
    m: Model,
    /// Decisions of the current root.
    decisions: Vec<Decision>,
    /// What the statements of the current phase train.
    trained: Vec<Trained>,
}

/// Derives every objective of a model.
///
/// # Errors
/// The limit that was passed.
pub fn derive(mut model: Model) -> Result<Derived, Over> {
    let mut facts = Facts::default();
    // What each root costs is counted before any is looked at.
    let roots = roots(&model);
    let fine = roots.iter().all(|(root, span)| {
        let below = model.reachable(&[*root]).len();
        model.budget.spend(budget::REWRITES, below, *span)
    });
    if !fine {
        within(&model)?;
    }
    meaning::all(&model, &mut facts);
    let mut explanation = Explanation::start(&model);
    let mut d = Derive { m: model, decisions: Vec::new(), trained: Vec::new() };
    for i in 0..d.m.losses.len() {
        let loss = d.m.losses[i].clone();
        d.m.spender = Some(loss.span);
        d.decisions.clear();
        d.reduce(loss.value);
        explanation.loss(&d.m, &loss, std::mem::take(&mut d.decisions));
    }
    for i in 0..d.m.phases.len() {
        let body = std::mem::take(&mut d.m.phases[i].body);
        d.m.spender = Some(d.m.phases[i].span);
        d.m.phases[i].body = body.into_iter().flat_map(|stmt| d.statement(stmt)).collect();
        for trained in std::mem::take(&mut d.trained) {
            explanation.goal(&d.m, &d.m.phases[i].name, trained);
        }
    }
    for i in 0..d.m.codes.len() {
        let code = d.m.codes[i].clone();
        d.m.codes[i].value = d.reduce(code.value);
        if let Some(rate) = code.rate {
            let rate = d.reduce(rate);
            d.m.codes[i].rate = Some(rate);
        }
    }
    for i in 0..d.m.exports.len() {
        for at in 0..d.m.exports[i].outputs.len() {
            let value = d.m.exports[i].outputs[at].1;
            d.m.exports[i].outputs[at].1 = d.reduce(value);
        }
    }
    for i in 0..d.m.params.len() {
        let init = d.m.params[i].init;
        d.m.params[i].init = d.reduce(init);
    }
    for i in 0..d.m.states.len() {
        let init = d.m.states[i].init;
        d.m.states[i].init = d.reduce(init);
    }
    d.m.spender = None;
    within(&d.m)?;
    Ok(Derived { pure: pure::purified(&d.m), model: d.m, facts, explanation })
}

fn within(model: &Model) -> Result<(), Over> {
    model.budget.over().map_or(Ok(()), |over| Err(over.clone()))
}

/// Everything that is derived, with the place that it is charged to.
fn roots(m: &Model) -> Vec<(ExprId, Span)> {
    let of = |stmt: &PhaseStmt, span: Span| match stmt {
        PhaseStmt::Let { value, .. } => Some((*value, span)),
        PhaseStmt::Optimize { goal, span, .. } => Some((*goal, *span)),
        PhaseStmt::AssignParam(_, e) | PhaseStmt::AssignState(_, e) => Some((*e, span)),
        PhaseStmt::Track(r) | PhaseStmt::Report(r) => Some((r.value, r.span)),
        PhaseStmt::Emit { value, span, .. } => Some((*value, *span)),
        PhaseStmt::Draw { .. } | PhaseStmt::Repeat(..) | PhaseStmt::Calls(_) => None,
    };
    let mut list: Vec<(ExprId, Span)> = m.losses.iter().map(|l| (l.value, l.span)).collect();
    for phase in &m.phases {
        let all = PhaseStmt::all(&phase.body).into_iter();
        list.extend(all.filter_map(|stmt| of(stmt, phase.span)));
    }
    list
}

impl Derive {
    fn statement(&mut self, stmt: PhaseStmt) -> Vec<PhaseStmt> {
        let stmt = match stmt {
            PhaseStmt::Let { var, value, more } => {
                PhaseStmt::Let { var, value: self.reduce(value), more }
            }
            PhaseStmt::Draw { vars, density } => return self.draws(&vars, &density),
            PhaseStmt::Calls(order) => PhaseStmt::Calls(order),
            PhaseStmt::Optimize { goal, name, optimizer, clip, updates, span } => {
                let written = goal;
                self.decisions.clear();
                let goal = self.reduce(goal);
                self.trained.push(Trained {
                    goal: written,
                    name: name.clone(),
                    optimizer: optimizer.clone(),
                    params: updates.iter().map(|update| update.param).collect(),
                    decisions: std::mem::take(&mut self.decisions),
                });
                let clip = clip.map(|clip| self.reduce(clip));
                let updates = updates.into_iter().map(|update| self.update(update)).collect();
                PhaseStmt::Optimize { goal, name, optimizer, clip, updates, span }
            }
            PhaseStmt::AssignParam(p, e) => PhaseStmt::AssignParam(p, self.reduce(e)),
            PhaseStmt::AssignState(s, e) => PhaseStmt::AssignState(s, self.reduce(e)),
            PhaseStmt::Repeat(n, body) => {
                PhaseStmt::Repeat(n, body.into_iter().flat_map(|s| self.statement(s)).collect())
            }
            PhaseStmt::Track(mut report) => {
                report.value = self.reduce(report.value);
                PhaseStmt::Track(report)
            }
            PhaseStmt::Report(mut report) => {
                report.value = self.reduce(report.value);
                PhaseStmt::Report(report)
            }
            PhaseStmt::Emit { format, name, value, words, span } => {
                PhaseStmt::Emit { format, name, value: self.reduce(value), words, span }
            }
        };
        vec![stmt]
    }

    /// A setting of an optimizer may be the average of a loss.
    fn update(&mut self, update: Update) -> Update {
        let value = self.reduce(update.value);
        let states = update.states.into_iter().map(|(state, value)| (state, self.reduce(value)));
        Update { value, states: states.collect(), ..update }
    }

    /// `z ~ p(z)` in a sample phase: ancestral draws.
    fn draws(&mut self, vars: &[VarId], density: &Applied) -> Vec<PhaseStmt> {
        let sites = self.sites(density);
        let Some(span) = density.densities.first().map(|d| self.m.densities[d.0 as usize].span)
        else {
            return vec![];
        };
        let (values, _) = self.draw_all(&sites, density, None, Scored::Nothing, span);
        let over = self.over_vars(density, vars);
        let bound = over.into_iter().filter_map(|(own, fresh)| {
            let (_, value) = values.iter().find(|(v, _)| *v == own)?;
            Some((fresh, *value))
        });
        let bound: Vec<(VarId, ExprId)> = bound.collect();
        bound
            .into_iter()
            .map(|(var, value)| PhaseStmt::Let { var, value: self.reduce(value), more: false })
            .collect()
    }

    /// Replaces constructs below an expression, children first.
    fn reduce(&mut self, root: ExprId) -> ExprId {
        let mut done: HashMap<ExprId, ExprId> = HashMap::new();
        if self.m.budget.over().is_some() {
            return root;
        }
        let below = self.m.reachable(&[root]);
        if !self.m.budget.take(budget::REWRITES, below.len()) {
            return root;
        }
        for id in below {
            let kind = self.m.expr(id).kind.clone();
            let kind = kind.map_children(&mut |child| done[&child]);
            let new = match kind {
                ExprKind::Symbolic(Symbolic::LogProb(applied)) => self.log_prob(&applied, id),
                ExprKind::Symbolic(stated @ Symbolic::Expect { .. }) => {
                    self.expectation(stated, id)
                }
                ExprKind::Symbolic(Symbolic::Kl { q, p, closed }) => {
                    self.divergence(&q, &p, &closed, id)
                }
                ExprKind::Symbolic(Symbolic::Elbo { p, q, importance, closed }) => {
                    self.bound(&p, &q, importance, &closed, id)
                }
                ExprKind::Symbolic(Symbolic::Invertible { value, .. }) => value,
                ExprKind::Symbolic(Symbolic::Once(of)) => self.once(of),
                other => {
                    done.insert(id, self.m.rebuilt(id, other));
                    continue;
                }
            };
            // Formulas of a density may hold draws and expectations of their own.
            let pure = self.is_pure(new);
            done.insert(id, if pure { new } else { self.reduce(new) });
        }
        done[&root]
    }

    /// Whether nothing below is left to be replaced.
    fn is_pure(&mut self, root: ExprId) -> bool {
        let below = self.m.reachable(&[root]);
        self.m.budget.take(budget::REWRITES, below.len())
            && below.iter().all(|id| match &self.m.expr(*id).kind {
                ExprKind::Symbolic(stated) => matches!(stated, Symbolic::Metric { .. }),
                _ => true,
            })
    }
}
