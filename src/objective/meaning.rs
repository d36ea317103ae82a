//! What a reported number means: its unit, and for a bound its direction. A figure is read as a
//! linear combination of probabilistic atoms; a combination that is no known quantity gets no claim.

use super::{Facts, Meaning};
use crate::graph::op::is;
use crate::graph::{Attrs, DType};
use crate::metrics;
use crate::model::ir::leak::{self, Leak};
use crate::model::ir::walk::head;
use crate::model::ir::*;
use std::collections::BTreeMap;
use std::f64::consts::LN_2;

/// Meanings of every tracked and reported figure.
pub(super) fn all(m: &Model, facts: &mut Facts) {
    for phase in &m.phases {
        collect(m, &phase.name, &phase.body, facts);
    }
}

fn collect(m: &Model, phase: &str, body: &[PhaseStmt], facts: &mut Facts) {
    for stmt in body {
        match stmt {
            PhaseStmt::Optimize { goal, .. } => {
                facts
                    .meanings
                    .entry((phase.into(), "loss".into()))
                    .or_insert_with(|| meaning_of(m, *goal));
            }
            PhaseStmt::Track(r) | PhaseStmt::Report(r) => {
                facts.meanings.insert((phase.into(), r.name.clone()), meaning_of(m, r.value));
            }
            PhaseStmt::Repeat(_, inner) => collect(m, phase, inner, facts),
            _ => {}
        }
    }
}

fn say(unit: &str, bound: &str) -> Meaning {
    Meaning { unit: unit.into(), bound: bound.into() }
}

/// The meaning of one figure, before it is derived.
pub fn meaning_of(m: &Model, root: ExprId) -> Meaning {
    match &m.expr(root).kind {
        ExprKind::Symbolic(Symbolic::Metric { name, .. }) => {
            return say(metrics::find(name).map_or("", |row| row.unit), "");
        }
        _ if is_truth(m, root) => return say("share of examples", ""),
        _ => {}
    }
    let mut terms = Vec::new();
    if !linear(m, root, 1.0, &mut terms) {
        return Meaning::default();
    }
    terms.retain(|(c, _)| *c != 0.0);
    let whole = terms.len();
    terms.retain(|(_, e)| constant(m, *e).is_none());
    let moved = terms.len() < whole;
    let nats = !terms.is_empty() && terms.iter().all(|(_, e)| in_nats(m, *e));
    if terms.len() > 1 && leaks(m, root) || !nats {
        return Meaning::default();
    }
    let scale = scale_of(m, &terms);
    terms.iter_mut().for_each(|(c, _)| *c = rounded(*c / scale.0));
    let meaning = Meaning { unit: unit(scale), ..in_one_unit(m, &terms) };
    // What a number was added to, as the logarithm of how many levels a grey value has, is no bound.
    let bound = moved && !meaning.bound.is_empty();
    if bound { say(&meaning.unit, "estimate") } else { meaning }
}

/// The factor of a figure that makes its unit, and how many numbers are scored: that of the first term
/// that scores data.
fn scale_of(m: &Model, terms: &[(f64, ExprId)]) -> (f64, usize) {
    let scored = terms.iter().find_map(|(c, e)| scored(m, *e).map(|n| (c.abs(), n)));
    scored.or(terms.first().map(|(c, _)| (c.abs(), 0))).unwrap_or((1.0, 0))
}

/// Coefficients are quotients of reals: what is within a few roundings of a whole number is one.
fn rounded(c: f64) -> f64 {
    if (c - c.round()).abs() < SAME { c.round() } else { c }
}

/// Factors are alike that differ by less: they are written with few digits.
const SAME: f64 = 1e-6;

/// Nats or bits, of an example or of each number of it.
fn unit((scale, n): (f64, usize)) -> String {
    let is = |factor: f64| (scale / factor - 1.0).abs() < SAME;
    let each = 1.0 / n.max(1) as f64;
    match scale {
        _ if is(1.0) => NATS.into(),
        _ if is(1.0 / LN_2) => "bits per example".into(),
        _ if n > 1 && is(each) => "nats per dim".into(),
        _ if n > 0 && is(each / LN_2) => "bits per dim".into(),
        _ => format!("nats times {}", (scale * 1e6).round() / 1e6),
    }
}

/// How many numbers a term scores.
fn scored(m: &Model, id: ExprId) -> Option<usize> {
    let len = |var: VarId| m.vars[var.0 as usize].ty.shape.iter().product::<usize>();
    match &m.expr(id).kind {
        ExprKind::Symbolic(Symbolic::LogProb(of)) => Some(m.over(of).map(len).sum()),
        ExprKind::Symbolic(Symbolic::Elbo { p, q, .. }) => {
            let latents: Vec<&str> = m.over(q).map(|var| name(m, var)).collect();
            Some(m.over(p).filter(|var| !latents.contains(&name(m, *var))).map(len).sum())
        }
        ExprKind::Symbolic(Symbolic::Expect { body, .. }) => {
            let mut terms = Vec::new();
            linear(m, *body, 1.0, &mut terms);
            terms.iter().find_map(|(_, e)| scored(m, *e))
        }
        _ => None,
    }
}

const NATS: &str = "nats per example";

/// The meaning of a sum of terms where the first that scores data counts once.
fn in_one_unit(m: &Model, terms: &[(f64, ExprId)]) -> Meaning {
    match terms {
        [(c, e)] if c.abs() == 1.0 => match &m.expr(*e).kind {
            ExprKind::Symbolic(Symbolic::Elbo { p, q, .. }) => {
                let of = marginal(m, &[p], q);
                let negative = format!("upper bound on -{of}");
                say(NATS, &if *c < 0.0 { negative } else { format!("lower bound on {of}") })
            }
            ExprKind::Symbolic(Symbolic::LogProb(scored)) => {
                match leak::leaked(m, scored, &m.lets()) {
                    None => say(NATS, ""),
                    Some(Leak::Same(_)) => say(NATS, "given itself: no likelihood"),
                    Some(Leak::Moved(_)) => say(NATS, "exact where no element sees itself"),
                }
            }
            ExprKind::Symbolic(Symbolic::Kl { q, p, closed }) if is_exact(m, [q, p], closed) => {
                say(NATS, "")
            }
            ExprKind::Symbolic(Symbolic::Kl { .. })
            | ExprKind::Symbolic(Symbolic::Expect { .. })
                if in_nats(m, *e) =>
            {
                say(NATS, "estimate")
            }
            _ => Meaning::default(),
        },
        [(a, e), (b, f)] => {
            let (rec, kl, c) = match (&m.expr(*e).kind, &m.expr(*f).kind) {
                (
                    ExprKind::Symbolic(Symbolic::Expect { .. }),
                    ExprKind::Symbolic(Symbolic::Kl { .. }),
                ) if *a == -1.0 => (*e, *f, *b),
                (
                    ExprKind::Symbolic(Symbolic::Kl { .. }),
                    ExprKind::Symbolic(Symbolic::Expect { .. }),
                ) if *b == -1.0 => (*f, *e, *a),
                _ => {
                    return if terms.iter().all(|(_, e)| in_nats(m, *e)) {
                        say(NATS, "estimate")
                    } else {
                        Meaning::default()
                    };
                }
            };
            let Some(of) = bounded(m, rec, kl) else { return say(NATS, "estimate") };
            if c >= 1.0 {
                say(NATS, &format!("upper bound on -{of}"))
            } else {
                say(NATS, "no bound: the divergence counts less than once")
            }
        }
        _ if !terms.is_empty() && terms.iter().all(|(_, e)| in_nats(m, *e)) => {
            say(NATS, "estimate")
        }
        _ => Meaning::default(),
    }
}

/// Whether it is a truth value as a number, or in its place what is no number: `where(x <= infinity,
/// truth, x)`.
fn is_truth(m: &Model, id: ExprId) -> bool {
    let ExprKind::Op { op, args, .. } = &m.expr(id).kind else { return false };
    match (op.name, args.as_slice()) {
        (is::CAST, [of]) => m.ty(*of).dtype == DType::Bool,
        (is::SELECT, [chosen, truth, other]) => {
            let ExprKind::Op { op, args, .. } = &m.expr(*chosen).kind else { return false };
            let most = |id: ExprId| constant(m, id) == Some(f64::INFINITY);
            op.name == is::LE && args[0] == *other && most(args[1]) && is_truth(m, *truth)
        }
        _ => false,
    }
}

/// Whether a figure scores values given themselves.
fn leaks(m: &Model, root: ExprId) -> bool {
    let lets = m.lets();
    m.reachable(&[root]).into_iter().any(|id| match &m.expr(id).kind {
        ExprKind::Symbolic(Symbolic::LogProb(scored)) => {
            matches!(leak::leaked(m, scored, &lets), Some(Leak::Same(_)))
        }
        _ => false,
    })
}

/// Whether a divergence has a closed form for every variable, and none of them holds for a draw of
/// another one only, which leaves an average over draws.
fn is_exact(m: &Model, sides: [&Applied; 2], closed: &[(VarId, Option<ExprId>)]) -> bool {
    let own: Vec<VarId> = sides.into_iter().flat_map(|of| m.over(of)).collect();
    let fresh: Vec<VarId> = sides.into_iter().flat_map(|of| m.fresh(of)).collect();
    let is_fresh =
        |value: ExprId| matches!(m.expr(value).kind, ExprKind::Var(v) if fresh.contains(&v));
    // What factors are given of what others draw.
    let given = sides.into_iter().flat_map(|of| &of.bind);
    let given = given.filter(|(_, value)| is_fresh(*value)).map(|(var, _)| *var);
    let drawn: Vec<VarId> = given.chain(own).chain(fresh.iter().copied()).collect();
    closed.iter().all(|(_, form)| form.is_some_and(|form| !m.mentions(form, &drawn)))
}

/// Whether an expression is measured in nats.
fn in_nats(m: &Model, id: ExprId) -> bool {
    match &m.expr(id).kind {
        ExprKind::Symbolic(Symbolic::LogProb(_))
        | ExprKind::Symbolic(Symbolic::Kl { .. })
        | ExprKind::Symbolic(Symbolic::Elbo { .. }) => true,
        ExprKind::Symbolic(Symbolic::Expect { body, .. }) => {
            let mut terms = Vec::new();
            linear(m, *body, 1.0, &mut terms)
                && !terms.is_empty()
                && terms.iter().all(|(_, e)| in_nats(m, *e))
        }
        _ => false,
    }
}

/// What a joint says of data where latent variables are averaged out: `log p(x | y)`.
fn marginal(m: &Model, joint: &[&Applied], q: &Applied) -> String {
    let latents: Vec<&str> = m.over(q).map(|var| name(m, var)).collect();
    let factors = || joint.iter().flat_map(|of| &of.densities).map(|d| &m.densities[d.0 as usize]);
    let (mut scored, mut given): (Vec<&str>, Vec<&str>) = (vec![], vec![]);
    for var in factors().flat_map(|d| &d.over).map(|var| name(m, *var)) {
        if !latents.contains(&var) && !scored.contains(&var) {
            scored.push(var);
        }
    }
    for var in factors().flat_map(|d| &d.given).map(|var| name(m, *var)) {
        if ![&latents, &scored, &given].iter().any(|list| list.contains(&var)) {
            given.push(var);
        }
    }
    let model = factors().next().map_or("p", |d| &d.name);
    format!("log {}", head(model, &scored, &given))
}

/// What `E_q[log p(x | z)]` and `KL(q || p(z))` bound, if they do: one `q` under the same conditions,
/// and the other factors of the joint of `p`, at what `q` draws and under the same conditions.
fn bounded(m: &Model, rec: ExprId, kl: ExprId) -> Option<String> {
    let (
        ExprKind::Symbolic(Symbolic::Expect { density, vars, body, estimator, .. }),
        ExprKind::Symbolic(Symbolic::Kl { q, p, .. }),
    ) = (&m.expr(rec).kind, &m.expr(kl).kind)
    else {
        return None;
    };
    // Relaxed draws are those of another density.
    if *estimator == Some(Estimator::Relaxed) {
        return None;
    }
    let ExprKind::Symbolic(Symbolic::LogProb(likelihood)) = &m.expr(*body).kind else {
        return None;
    };
    let latents: Vec<&str> = m.over(density).map(|var| name(m, var)).collect();
    let is_latent = |var: VarId| latents.contains(&name(m, var));
    let conditions = |of: &Applied| -> BTreeMap<VarId, ExprId> {
        of.bind.iter().copied().filter(|(var, _)| !is_latent(*var)).collect()
    };
    let drawn = |(var, value): &(VarId, ExprId)| {
        let at = latents.iter().position(|latent| *latent == name(m, *var));
        at.is_none_or(|at| m.expr(*value).kind == ExprKind::Var(vars[at]))
    };
    let both = [conditions(likelihood), conditions(p)];
    let holds = density.densities == q.densities
        && conditions(density) == conditions(q)
        && factors_of_one(m, likelihood, p)
        && likelihood.bind.iter().all(drawn)
        && both.iter().all(|of| of.values().all(|value| !m.mentions(*value, vars)))
        && agree(m, &both)
        && both.iter().flatten().all(|(var, value)| is_observed(m, (*var, *value), likelihood));
    holds.then(|| marginal(m, &[likelihood, p], q))
}

fn name(m: &Model, var: VarId) -> &str {
    &m.vars[var.0 as usize].name
}

/// Different factors of one model.
fn factors_of_one(m: &Model, likelihood: &Applied, p: &Applied) -> bool {
    let model = |d: &DensityId| &m.densities[d.0 as usize].name;
    let Some(first) = p.densities.first() else { return false };
    let all = || likelihood.densities.iter().chain(&p.densities);
    all().all(|d| model(d) == model(first))
        && likelihood.densities.iter().all(|d| !p.densities.contains(d))
}

/// Whether variables of one name have one value.
fn agree(m: &Model, both: &[BTreeMap<VarId, ExprId>; 2]) -> bool {
    let mut values: BTreeMap<&str, ExprId> = BTreeMap::new();
    let mut all = both.iter().flatten();
    all.all(|(var, value)| *values.entry(name(m, *var)).or_insert(*value) == *value)
}

/// Whether a variable that the joint has a factor for is scored, or is data: one that is held at
/// another value is not averaged over, as `log p(x)` is.
fn is_observed(m: &Model, (var, value): (VarId, ExprId), likelihood: &Applied) -> bool {
    let scored = m.over(likelihood).any(|v| name(m, v) == name(m, var));
    let model = likelihood.densities.first().map(|d| &m.densities[d.0 as usize].name);
    let mut joint = m.densities.iter().filter(|d| Some(&d.name) == model);
    let drawn = joint.any(|d| d.over.iter().any(|v| name(m, *v) == name(m, var)));
    scored || !drawn || matches!(m.expr(value).kind, ExprKind::Field(_))
}

/// Splits an expression into coefficients and atoms; false if it is not linear in them. Operands are
/// older than their users, so each is looked at once, when all of its coefficient is known.
fn linear(m: &Model, root: ExprId, scale: f64, out: &mut Vec<(f64, ExprId)>) -> bool {
    let mut open: BTreeMap<ExprId, f64> = BTreeMap::from([(root, scale)]);
    while let Some((id, scale)) = open.pop_last() {
        match &m.expr(id).kind {
            _ if constant(m, id).is_some() => out.push((scale, id)),
            ExprKind::Op { op, args, .. } => {
                let parts: &[(usize, f64)] = match (op.name, args.as_slice()) {
                    (is::ADD, _) => &[(0, 1.0), (1, 1.0)],
                    (is::SUB, _) => &[(0, 1.0), (1, -1.0)],
                    (is::NEG, _) => &[(0, -1.0)],
                    (is::MUL, [a, b]) => match (constant(m, *a), constant(m, *b)) {
                        (Some(c), _) => &[(1, c)],
                        (_, Some(c)) => &[(0, c)],
                        _ => return false,
                    },
                    (is::DIV, [_, b]) => match constant(m, *b) {
                        Some(c) => &[(0, 1.0 / c)],
                        None => return false,
                    },
                    _ => return false,
                };
                for (at, c) in parts {
                    *open.entry(args[*at]).or_insert(0.0) += scale * c;
                }
            }
            ExprKind::Symbolic(Symbolic::LogProb(_))
            | ExprKind::Symbolic(Symbolic::Kl { .. })
            | ExprKind::Symbolic(Symbolic::Elbo { .. })
            | ExprKind::Symbolic(Symbolic::Expect { .. }) => out.push((scale, id)),
            _ => return false,
        }
    }
    true
}

fn constant(m: &Model, id: ExprId) -> Option<f64> {
    match &m.expr(id).kind {
        ExprKind::Op { attrs: Attrs::Const(x, _), .. } => Some(x.0),
        _ => None,
    }
}
