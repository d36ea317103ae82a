//! A part of a model for other programs. In: a model file, the name of a part. Out: the part as graphs
//! for two numbers of rows, which show what follows that number, and for one row.

use super::limits::optimized;
use super::log::{Log, Stopped};
use super::{Asked, Trees, model, objective};
use crate::base::{Diagnostic, Span, codes};
use crate::graph::Graph;
use crate::model::ir::pure::Pure;
use crate::model::ir::{PhaseKind, Role, Support};
use crate::objective::{Derived, Facts};
use crate::translate::program::Feed;
use crate::translate::{self, Wanted};

/// Numbers of rows that dims are told by: a pair that a model has no use for itself.
const ROWS: [(usize, usize); 4] = [(67, 71), (89, 97), (37, 41), (11, 13)];

/// A part that can be written.
pub struct Exported {
    /// The model.
    pub model: String,
    /// The part.
    pub part: String,
    /// Where it is declared.
    pub span: Span,
    /// For each number of rows: the number, the graph.
    pub pairs: Vec<[(usize, Graph); 2]>,
    /// For one row.
    pub one: Graph,
    /// Values that it is given: names and what they may be.
    pub given: Vec<(String, Support)>,
    /// Data fields that it reads.
    pub feeds: Vec<Feed>,
}

/// A part of a file by its name; else the last that has a code.
pub fn export(
    trees: &mut Trees,
    asked: &Asked,
    name: Option<&str>,
    log: &mut Log,
) -> Result<Exported, Stopped> {
    let asked = Asked { exports: true, ..asked.clone() };
    let model = model(trees, &asked, log)?;
    let Derived { pure, facts, .. } = objective(model, log)?;
    let wanted = log.check(find(&pure, name))?;
    if translate::mixes(&pure, wanted) {
        let text = "each row of this part depends on the other rows of its batch";
        let error = Diagnostic::new(codes::RL6002, text).at(place(&pure, wanted), "");
        return Err(log.fail(error.help("write a part that is a function of one row")));
    }
    let first = made(&pure, &facts, wanted, 1, log)?;
    let mut pairs = Vec::new();
    for (a, b) in ROWS {
        let low = made(&pure, &facts, wanted, a, log)?.0;
        let high = made(&pure, &facts, wanted, b, log)?.0;
        pairs.push([(a, low), (b, high)]);
    }
    let (one, part) = first;
    Ok(Exported {
        model: pure.name.clone(),
        part: part.name,
        span: part.span,
        pairs,
        one,
        given: part.given,
        feeds: part.feeds,
    })
}

fn place(pure: &Pure, wanted: Wanted<'_>) -> Span {
    match wanted {
        Wanted::Export(export) => pure.parts[export.part.0 as usize].span,
        Wanted::Phase(at) => pure.phases[at].span,
    }
}

fn made(
    pure: &Pure,
    facts: &Facts,
    wanted: Wanted<'_>,
    rows: usize,
    log: &mut Log,
) -> Result<(Graph, translate::Part), Stopped> {
    let part = translate::part(pure, facts, wanted, rows);
    let part = log.check(part.map_err(|over| over.diagnostic(|span| span)))?;
    let graph = optimized(&part.graph).map_err(|over| over.at_phase(Some(part.span)));
    Ok((log.check(graph)?, part))
}

/// Names of all parts that can be asked for.
fn names(pure: &Pure) -> Vec<&str> {
    let parts = pure.exports.iter().map(|e| pure.parts[e.part.0 as usize].name.as_str());
    let phases = pure.phases.iter().filter(|p| p.kind == PhaseKind::Sample);
    let mut names: Vec<&str> = parts.chain(phases.map(|p| p.name.as_str())).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

fn find<'m>(pure: &'m Pure, name: Option<&str>) -> Result<Wanted<'m>, Diagnostic> {
    let role = |part: crate::model::ir::PartId| pure.parts[part.0 as usize].role;
    let known = names(pure);
    let Some(name) = name else {
        let of = |wanted| pure.exports.iter().rev().find(|e| role(e.part) == wanted);
        let found = of(Role::Bottleneck).or_else(|| of(Role::Encoder));
        return found.map(Wanted::Export).ok_or_else(|| {
            let error = Diagnostic::new(codes::RL6001, "the model has no part with a code");
            error.help(listed(&known))
        });
    };
    let named = pure.exports.iter().filter(|e| pure.parts[e.part.0 as usize].name == name);
    // Of several factors of one name the one that is given something is the function.
    if let Some(found) = named.max_by_key(|e| usize::from(!e.inputs.is_empty())) {
        return Ok(Wanted::Export(found));
    }
    let phase = |p: &crate::model::ir::Phase<_>| p.kind == PhaseKind::Sample && p.name == name;
    if let Some(at) = pure.phases.iter().position(phase) {
        return Ok(Wanted::Phase(at));
    }
    let text = format!("there is no part `{}` that can be written", name.escape_debug());
    Err(Diagnostic::new(codes::RL6001, text).help(listed(&known)))
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "declare an `encoder`, a `decoder` or a `bottleneck`".into(),
        names => format!("`--part` takes {}", names.join(", ")),
    }
}
