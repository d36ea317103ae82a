//! What `--emit` prints: every level of the compiler, one row each. In: the name of a stage, a model.
//! Out: its text, and remarks on the way there.

use super::files::Trees;
use super::limits::{TooLarge, expanded, optimized};
use super::log::{Log, Stopped};
use super::{Asked, graphs_mut, model, objective, places, print as shown, program};
use crate::backend::wgsl;
use crate::base::{SourceMap, budget};
use crate::graph::{Graph, dot};
use crate::model::ir::Model;
use crate::model::ir::index::Index;
use crate::model::ir::pure::Pure;
use crate::objective::Derived;
use crate::optimize::{self, AFTER, BEFORE};
use crate::plan::Plan;
use crate::syntax;
use crate::translate::program::Program;
use serde_json::json;

/// A level of the compiler that can be printed.
#[derive(Debug)]
pub struct Stage {
    /// Its name; that of a pass follows behind `pass:`.
    pub name: &'static str,
    /// What is printed.
    pub says: &'static str,
    print: Printer,
}

/// What a stage is a print of.
#[derive(Debug)]
enum Printer {
    Trees(fn(&Trees) -> String),
    Model(fn(&Model) -> String),
    Index(fn(&Index, &SourceMap) -> String),
    Objective(fn(&Derived) -> String),
    /// Of each graph of a program.
    Graph(fn(&Named<'_>) -> Result<Printed, TooLarge>),
}

/// A graph to be printed.
struct Named<'a> {
    name: &'a str,
    graph: &'a Graph,
    /// The pass after which it is printed.
    pass: &'a str,
    /// Whether programs read it.
    as_json: bool,
}

/// A stage as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// What there is to say beside it.
    pub notes: Vec<String>,
}

/// From the text of a model to that of a device.
pub const STAGES: &[Stage] = &[
    Stage { name: "ast", says: "the syntax tree", print: Printer::Trees(ast) },
    Stage { name: "model", says: "the typed model", print: Printer::Model(shown::model) },
    Stage {
        name: "index",
        says: "where names are declared, what expressions are",
        print: Printer::Index(shown::index),
    },
    Stage {
        name: "objective",
        says: "the derivation, and the model without probability",
        print: Printer::Objective(derivation),
    },
    Stage { name: "graph", says: "graphs as translated", print: Printer::Graph(plain) },
    Stage { name: "grad", says: "graphs with derivatives", print: Printer::Graph(grad) },
    Stage { name: "opt", says: "optimized graphs", print: Printer::Graph(opt) },
    Stage { name: "plan", says: "kernels, buffers, the bill", print: Printer::Graph(plan) },
    Stage { name: "wgsl", says: "compute shaders", print: Printer::Graph(shaders) },
    Stage { name: "dot", says: "optimized graphs for Graphviz", print: Printer::Graph(drawn) },
    Stage { name: PASS, says: "graphs after a pass", print: Printer::Graph(until) },
];

/// What stands before the name of a pass.
const PASS: &str = "pass:";

/// A stage that was asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    stage: &'static Stage,
    pass: &'static str,
}

/// The names of all stages, those of passes among them.
pub fn names() -> Vec<String> {
    let own = STAGES.iter().filter(|stage| stage.name != PASS).map(|stage| stage.name.to_string());
    own.chain(passes().map(|pass| format!("{PASS}{pass}"))).collect()
}

fn passes() -> impl Iterator<Item = &'static str> {
    BEFORE.iter().chain(AFTER).map(|pass| pass.name)
}

/// The stage of a name, if there is one.
pub fn choose(name: &str) -> Option<Chosen> {
    let (head, pass) = match name.strip_prefix(PASS) {
        Some(pass) => (PASS, passes().find(|own| *own == pass)?),
        None => (name, ""),
    };
    STAGES.iter().find(|stage| stage.name == head).map(|stage| Chosen { stage, pass })
}

/// Compiles up to a stage and prints it. For programs, some stages are lines of JSON.
pub fn print(
    chosen: Chosen,
    trees: &mut Trees,
    asked: &Asked,
    as_json: bool,
    log: &mut Log,
) -> Result<Printed, Stopped> {
    let typed = |trees: &mut Trees, log: &mut Log| model(trees, asked, log);
    let text = match chosen.stage.print {
        Printer::Trees(print) => print(trees),
        Printer::Model(print) => print(&typed(trees, log)?),
        Printer::Index(print) => {
            let asked = Asked { index: true, ..asked.clone() };
            let model = model(trees, &asked, log)?;
            print(&model.index.unwrap_or_default(), &log.sources)
        }
        Printer::Objective(print) => print(&objective(typed(trees, log)?, log)?),
        Printer::Graph(print) => {
            let Derived { pure, facts, .. } = objective(typed(trees, log)?, log)?;
            let program = program(&pure, &facts, log)?;
            return graphs(chosen, print, (program, &pure), as_json, log);
        }
    };
    match text.len() <= budget::TEXT.most {
        true => Ok(Printed { text, notes: Vec::new() }),
        false => Err(log.fail(TooLarge(budget::TEXT).at_phase(None))),
    }
}

/// The same stage of every graph of a program.
fn graphs(
    chosen: Chosen,
    print: fn(&Named<'_>) -> Result<Printed, TooLarge>,
    (mut program, model): (Program, &Pure),
    as_json: bool,
    log: &mut Log,
) -> Result<Printed, Stopped> {
    let phases = program.phases.iter().chain(&program.encoders);
    let names: Vec<String> =
        ["init".to_string()].into_iter().chain(phases.map(|phase| phase.name.clone())).collect();
    let mut all = Printed::default();
    for ((name, graph), place) in names.iter().zip(graphs_mut(&mut program)).zip(places(model)) {
        let printed = print(&Named { name, graph, pass: chosen.pass, as_json });
        let printed = printed.and_then(|printed| {
            let whole = all.text.len() + printed.text.len() <= budget::TEXT.most;
            if whole { Ok(printed) } else { Err(TooLarge(budget::TEXT)) }
        });
        let printed = log.check(printed.map_err(|over| over.at_phase(place)))?;
        all.text.push_str(&printed.text);
        all.notes.extend(printed.notes);
    }
    Ok(all)
}

impl From<String> for Printed {
    fn from(text: String) -> Printed {
        Printed { text, notes: Vec::new() }
    }
}

fn ast(trees: &Trees) -> String {
    trees.files.trees.values().map(|tree| syntax::dump(tree)).collect()
}

fn derivation(derived: &Derived) -> String {
    derived.explanation.render() + &shown::model(&derived.model)
}

fn plain(of: &Named<'_>) -> Result<Printed, TooLarge> {
    Ok(shown::graph(of.name, of.graph).into())
}

fn grad(of: &Named<'_>) -> Result<Printed, TooLarge> {
    Ok(shown::graph(of.name, &expanded(of.graph)?).into())
}

fn opt(of: &Named<'_>) -> Result<Printed, TooLarge> {
    Ok(shown::graph(of.name, &optimized(of.graph)?).into())
}

fn drawn(of: &Named<'_>) -> Result<Printed, TooLarge> {
    Ok(dot::dot(&optimized(of.graph)?).into())
}

fn plan(of: &Named<'_>) -> Result<Printed, TooLarge> {
    Ok(format!("// {}\n{}\n", of.name, crate::plan::plan(&optimized(of.graph)?)).into())
}

/// A plan as compute shaders, within the limits that every graphics device keeps.
/// For programs: a module a line, whole, with the groups of its dispatches.
fn shaders(of: &Named<'_>) -> Result<Printed, TooLarge> {
    let plan: Plan = crate::plan::plan(&optimized(of.graph)?);
    let program = wgsl::program(&plan, &wgsl::Layout::of(&plan, None), &wgsl::Limits::default());
    if !program.whole {
        return Err(TooLarge(budget::DISPATCHES));
    }
    if !of.as_json {
        return Ok(wgsl::show(of.name, &program).into());
    }
    let row = |(number, module): (usize, &wgsl::Module)| {
        let own = program.steps.iter().filter(|step| step.module == number);
        let bindings = module.bindings.iter().map(|b| format!("{}{}", b.region.name(), b.page));
        let row = json!({
            "phase": of.name, "module": number, "label": module.label, "text": module.text,
            "bindings": bindings.collect::<Vec<_>>(), "record": module.moving > 0,
            "groups": own.map(|step| step.groups).collect::<Vec<_>>(),
        });
        format!("{row}\n")
    };
    Ok(program.modules.iter().enumerate().map(row).collect::<String>().into())
}

/// The graph after a pass, with the number of nodes after each pass so far.
fn until(of: &Named<'_>) -> Result<Printed, TooLarge> {
    let (mut result, mut counts) = optimize::run_named(of.graph, BEFORE, Some(of.pass));
    if !BEFORE.iter().any(|p| p.name == of.pass) {
        let (after, more) = optimize::run_named(&expanded(of.graph)?, AFTER, Some(of.pass));
        result = after;
        counts.extend(more);
    }
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let note = format!("{}: nodes after {}", of.name, counts.join(", "));
    Ok(Printed { text: shown::graph(of.name, &result), notes: vec![note] })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "param w: f32 = 2.0
data d from uniform(8, 2) { x: f32[2] }
decoder p(x) { x: f32[2] ~ Normal(w, 1) }
train t on d.train batch 4 steps 1 { minimize -log p(x) over w with sgd(lr = 0.1) }
";

    #[test]
    fn every_stage_prints() {
        let mut texts = Vec::new();
        for name in names() {
            let mut log = Log::default();
            let printed = Trees::of("m.rl", TEXT, &[], &mut log).and_then(|mut trees| {
                let stage = choose(&name).expect("a stage of that name");
                print(stage, &mut trees, &Asked::default(), false, &mut log)
            });
            let printed = printed.unwrap_or_else(|_| panic!("{name}: {:?}", log.found.list));
            assert!(printed.text.contains(if name == "ast" { "train" } else { "t" }), "{name}");
            assert_eq!(printed.notes.len(), if name.starts_with(PASS) { 2 } else { 0 }, "{name}");
            texts.push(printed.text);
        }
        // No two levels are one, but a pass may have nothing to do.
        let own = &texts[..STAGES.len() - 1];
        for (n, text) in own.iter().enumerate() {
            assert!(!own[..n].contains(text), "{}: {text}", STAGES[n].name);
        }
        assert!(choose("plans").is_none() && choose("pass:").is_none());
    }
}
