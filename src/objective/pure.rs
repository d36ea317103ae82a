//! The model without probability. In: a model whose every root is derived. Out: what is left of it, as a
//! type of its own, with the expressions that something needs only, in their order.

use crate::model::ir::pure::{Pure, PureExpr, PureStmt, Reported};
use crate::model::ir::{
    Code, Export, Expr, ExprId, ExprKind, Model, Param, Phase, PhaseStmt, Report, State, Symbolic,
    Update,
};
use std::collections::HashMap;

/// What is left of a derived model.
///
/// # Panics
/// If something stated is left: a mistake of this stage.
pub(super) fn purified(m: &Model) -> Pure {
    let (exprs, new) = expressions(m);
    let of = |id: &ExprId| new[id];
    let code = |code: &Code| {
        let (value, rate) = (of(&code.value), code.rate.as_ref().map(of));
        Code { value, rate, ..code.clone() }
    };
    let export = |export: &Export| {
        let outputs = export.outputs.iter().map(|(name, value)| (name.clone(), of(value)));
        Export { outputs: outputs.collect(), ..export.clone() }
    };
    Pure {
        name: m.name.clone(),
        exprs,
        vars: m.vars.clone(),
        axes: m.axes.clone(),
        params: m.params.iter().map(|p| Param { init: of(&p.init), ..p.clone() }).collect(),
        states: m.states.iter().map(|s| State { init: of(&s.init), ..s.clone() }).collect(),
        data: m.data.clone(),
        fields: m.fields.clone(),
        tables: m.tables.clone(),
        settings: m.settings.clone(),
        parts: m.parts.clone(),
        codes: m.codes.iter().map(code).collect(),
        exports: m.exports.iter().map(export).collect(),
        encode_rows: m.encode_rows,
        phases: m.phases.iter().map(|phase| phase_of(m, &new, phase)).collect(),
    }
}

/// Expressions with their new numbers, in the old order.
fn expressions(m: &Model) -> (Vec<PureExpr>, HashMap<ExprId, ExprId>) {
    let stated = |e: &ExprId| matches!(m.expr(*e).kind, ExprKind::Symbolic(_));
    let (figures, mut roots): (Vec<ExprId>, Vec<ExprId>) = m.roots().into_iter().partition(stated);
    // Of a metric its arguments are computed.
    roots.extend(figures.iter().flat_map(|e| m.expr(*e).kind.children()));
    roots.extend(
        m.every_statement()
            .into_iter()
            .filter_map(|stmt| match stmt {
                PhaseStmt::Optimize { updates, .. } => Some(updates),
                _ => None,
            })
            .flatten()
            .flat_map(|update| &update.states)
            .map(|(_, e)| *e),
    );
    roots.extend(m.params.iter().map(|p| p.init).chain(m.states.iter().map(|s| s.init)));
    roots.extend(m.codes.iter().flat_map(|code| [Some(code.value), code.rate]).flatten());
    roots.extend(m.exports.iter().flat_map(|e| e.outputs.iter().map(|(_, value)| *value)));
    let (mut exprs, mut new) = (Vec::new(), HashMap::new());
    for id in m.reachable(&roots) {
        let Expr { kind, ty, span } = m.expr(id);
        let kind = kind.map_with(&mut |child| new[&child], |stated, _| {
            unreachable!("not derived: {stated:?}")
        });
        new.insert(id, ExprId(exprs.len() as u32));
        exprs.push(Expr { kind, ty: ty.clone(), span: *span });
    }
    (exprs, new)
}

fn phase_of(m: &Model, new: &HashMap<ExprId, ExprId>, phase: &Phase) -> Phase<PureStmt> {
    Phase {
        head: phase.head.clone(),
        sized: phase.sized,
        body: statements(m, new, &phase.body),
        span: phase.span,
    }
}

fn statements(m: &Model, new: &HashMap<ExprId, ExprId>, body: &[PhaseStmt]) -> Vec<PureStmt> {
    body.iter().map(|stmt| statement(m, new, stmt)).collect()
}

fn statement(m: &Model, new: &HashMap<ExprId, ExprId>, stmt: &PhaseStmt) -> PureStmt {
    match stmt {
        PhaseStmt::Let { var, value, more } => {
            PureStmt::Let { var: *var, value: new[value], more: *more }
        }
        PhaseStmt::Draw { .. } => unreachable!("draws are `let`s now"),
        PhaseStmt::Optimize { goal, clip, updates, span, .. } => PureStmt::Optimize {
            goal: new[goal],
            clip: clip.map(|clip| new[&clip]),
            updates: updates.iter().map(|update| moved(new, update)).collect(),
            span: *span,
        },
        PhaseStmt::Calls(order) => PureStmt::Calls(order.clone()),
        PhaseStmt::AssignParam(param, e) => PureStmt::AssignParam(*param, new[e]),
        PhaseStmt::AssignState(state, e) => PureStmt::AssignState(*state, new[e]),
        PhaseStmt::Repeat(n, body) => PureStmt::Repeat(*n, statements(m, new, body)),
        PhaseStmt::Track(Report { name, value, span }) => {
            PureStmt::Track { name: name.clone(), value: new[value], span: *span }
        }
        PhaseStmt::Report(Report { name, value, span }) => {
            PureStmt::Report { name: name.clone(), value: reported(m, new, *value), span: *span }
        }
        PhaseStmt::Emit { format, name, value, words, span } => PureStmt::Emit {
            format: format.clone(),
            name: name.clone(),
            value: new[value],
            words: words.clone(),
            span: *span,
        },
    }
}

fn moved(new: &HashMap<ExprId, ExprId>, update: &Update) -> Update {
    let states = update.states.iter().map(|(state, e)| (*state, new[e])).collect();
    Update { value: new[&update.value], states, ..update.clone() }
}

fn reported(m: &Model, new: &HashMap<ExprId, ExprId>, value: ExprId) -> Reported {
    match &m.expr(value).kind {
        ExprKind::Symbolic(Symbolic::Metric { name, args, settings }) => Reported::Metric {
            name: name.clone(),
            args: args.iter().map(|arg| new[arg]).collect(),
            settings: settings.clone(),
        },
        _ => Reported::Mean(new[&value]),
    }
}
