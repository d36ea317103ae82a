//! Stages as text, for `--emit`. In: a stage. Out: a string.

use crate::base::{SourceMap, Span, budget};
use crate::graph::{Graph, text};
use crate::model::ir::index::Index;
use crate::model::ir::{Model, PhaseStmt, Role};
use crate::model::show_type;
use crate::objective::explain::formula;
use crate::runtime::config;
use std::fmt::Write;

/// The typed model: everything that it declares, with types and values. It ends where it is longer
/// than a stage may be; whoever prints it says so.
pub fn model(m: &Model) -> String {
    let mut out = format!("model {}\n", m.name);
    // Writing to a string does not fail.
    for setting in &m.settings {
        writeln!(
            out,
            "setting {}: {} = {}",
            setting.name,
            setting.ty,
            config::show(&setting.value)
        )
        .ok();
    }
    for field in &m.fields {
        writeln!(out, "data {}.{}: {}", field.data, field.name, show_type(&field.ty)).ok();
    }
    for part in &m.parts {
        if part.role != Role::None {
            writeln!(out, "{} {}", format!("{:?}", part.role).to_lowercase(), part.name).ok();
        }
    }
    for param in &m.params {
        if out.len() > budget::TEXT.most {
            return out;
        }
        let init = formula(m, param.init);
        writeln!(out, "param {}: {} = {init}", param.path, show_type(&param.ty)).ok();
    }
    for state in &m.states {
        let init = formula(m, state.init);
        writeln!(out, "state {}: {} = {init}", state.path, show_type(&state.ty)).ok();
    }
    for loss in &m.losses {
        writeln!(out, "loss {} = {}", loss.name, formula(m, loss.value)).ok();
    }
    for phase in &m.phases {
        let kind = format!("{:?}", phase.kind).to_lowercase();
        let on: Vec<String> = phase
            .on
            .iter()
            .chain(&phase.beside)
            .map(|(data, split)| format!("{data}.{split}"))
            .collect();
        let on = match on.as_slice() {
            [] => String::new(),
            [one] => format!(" on {one}"),
            several => format!(" on ({})", several.join(", ")),
        };
        writeln!(out, "{kind} {}{on} batch {} {{", phase.name, phase.batch).ok();
        statements(m, &phase.body, 1, &mut out);
        out.push_str("}\n");
    }
    out
}

fn statements(m: &Model, body: &[PhaseStmt], depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    for stmt in body {
        if out.len() > budget::TEXT.most {
            return;
        }
        let line = match stmt {
            PhaseStmt::Let { var, value, .. } => {
                format!("let {} = {}", m.vars[var.0 as usize].name, formula(m, *value))
            }
            PhaseStmt::Calls(_) => continue,
            PhaseStmt::Draw { vars, .. } => {
                let names: Vec<&str> =
                    vars.iter().map(|var| m.vars[var.0 as usize].name.as_str()).collect();
                format!("draw {}", names.join(", "))
            }
            PhaseStmt::Optimize { goal, optimizer, updates, .. } => {
                let paths = updates.iter().map(|u| m.params[u.param.0 as usize].path.as_str());
                let paths = paths.collect::<Vec<_>>().join(", ");
                format!("minimize {} over ({paths}) with {optimizer}", formula(m, *goal))
            }
            PhaseStmt::AssignParam(param, value) => {
                format!("{} <- {}", m.params[param.0 as usize].path, formula(m, *value))
            }
            PhaseStmt::AssignState(state, value) => {
                format!("{} <- {}", m.states[state.0 as usize].path, formula(m, *value))
            }
            PhaseStmt::Repeat(count, inner) => {
                writeln!(out, "{pad}repeat {count} {{").ok();
                statements(m, inner, depth + 1, out);
                "}".into()
            }
            PhaseStmt::Track(r) => format!("track {} as {}", formula(m, r.value), r.name),
            PhaseStmt::Report(r) => format!("report {} as {}", formula(m, r.value), r.name),
            PhaseStmt::Emit { format, name, value, .. } => {
                format!("emit {} as {name} ({format})", formula(m, *value))
            }
        };
        writeln!(out, "{pad}{line}").ok();
    }
}

/// Names with the places where they are declared, and expressions with what they are, line by line.
pub fn index(index: &Index, sources: &SourceMap) -> String {
    let mut out = String::new();
    let place = |span: Span| {
        let (line, column) = sources.line_col(span.file, span.start);
        match sources.is_prelude(span.file) {
            true => format!("{}:{line}:{column}", sources.file(span.file).name),
            false => format!("{line}:{column}"),
        }
    };
    // Writing to a string does not fail.
    for (here, there) in index.uses().filter(|(here, _)| !sources.is_prelude(here.file)) {
        writeln!(out, "name {} {} {}", place(here), sources.text(here), place(there)).ok();
    }
    for (here, ways) in index.values() {
        let text = sources.text(here).split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = text.chars().take(SHORT).collect();
        let more = if short.len() < text.len() { "..." } else { "" };
        writeln!(out, "value {} {short}{more}: {}", place(here), ways.join(" | ")).ok();
        if out.len() > budget::TEXT.most {
            break;
        }
    }
    out
}

/// Letters of an expression that an index shows.
const SHORT: usize = 40;

/// A graph in text form under a heading.
pub fn graph(name: &str, graph: &Graph) -> String {
    format!("// {name}\n{}\n", text::print(graph))
}
