//! `rlc compile`: an artifact, or the print of a stage.

use crate::backend::{AHEAD, wgsl};
use crate::base::{Diagnostic, budget, codes, nearest};
use crate::cli::args::{CompileArgs, STAGES};
use crate::cli::compile::{self, Compiled, TooLarge};
use crate::cli::output::{Output, Stop};
use crate::cli::settings::Choice;
use crate::cli::sources::Trees;
use crate::cli::{exit, machine, settings, show, sources};
use crate::graph::{Graph, dot};
use crate::model::ir::PhaseKind;
use crate::objective::Derived;
use crate::optimize::{self, AFTER, BEFORE};
use crate::plan::{Plan, plan};
use crate::runtime::artifact;
use crate::runtime::files;
use crate::syntax;
use serde_json::json;

/// Compiles a file.
pub fn run(args: &CompileArgs, out: &mut Output) -> Result<(), Stop> {
    if let Some(stage) = &args.emit {
        check_stage(stage, out)?;
    }
    let mut choice = settings::read(&args.model, out)?;
    let mut trees = sources::load(&args.file, out)?;
    choice.check(&trees, out)?;
    match &args.emit {
        Some(stage) => {
            let text = print(stage, &mut trees, &choice, out)?;
            out.show();
            out.data(&text);
            Ok(())
        }
        None => write(args, trees, &choice, out),
    }
}

fn passes() -> impl Iterator<Item = &'static str> {
    BEFORE.iter().chain(AFTER).map(|pass| pass.name)
}

fn check_stage(stage: &str, out: &Output) -> Result<(), Stop> {
    let named: Vec<String> = passes().map(|name| format!("pass:{name}")).collect();
    let all: Vec<&str> = STAGES.iter().copied().chain(named.iter().map(String::as_str)).collect();
    if all.contains(&stage) {
        return Ok(());
    }
    let hint = match nearest(stage, &all) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("it is one of {}", all.join(", ")),
    };
    out.note(&format!("error: no stage is called `{}`; {hint}", stage.escape_debug()));
    Err(Stop::Code(exit::USAGE))
}

/// A stage as text.
fn print(
    stage: &str,
    trees: &mut Trees,
    choice: &Choice,
    out: &mut Output,
) -> Result<String, Stop> {
    let within = |text: String, out: &mut Output| match text.len() <= budget::TEXT.most {
        true => Ok(text),
        false => Err(out.fail(TooLarge(budget::TEXT).at_phase(None))),
    };
    if stage == "ast" {
        return within(trees.files.trees.values().map(syntax::dump).collect(), out);
    }
    let model = compile::model(trees, choice, out)?;
    if stage == "model" {
        return within(show::model(&model), out);
    }
    let Derived { model, facts, explanation } = compile::objective(model, out)?;
    if stage == "objective" {
        return within(explanation.render() + &show::model(&model), out);
    }
    let mut program = compile::program(&model, &facts, out)?;
    let phases = program.phases.iter().chain(&program.encoders);
    let names: Vec<String> =
        ["init".to_string()].into_iter().chain(phases.map(|phase| phase.name.clone())).collect();
    let mut text = String::new();
    let places = compile::places(&model);
    for ((name, graph), place) in names.iter().zip(compile::graphs_mut(&mut program)).zip(places) {
        let printed = graph_stage(stage, name, graph, out);
        let printed = printed.and_then(|printed| {
            let whole = text.len() + printed.len() <= budget::TEXT.most;
            if whole { Ok(printed) } else { Err(TooLarge(budget::TEXT)) }
        });
        text.push_str(&out.check(printed.map_err(|over| over.at_phase(place)))?);
    }
    Ok(text)
}

fn graph_stage(stage: &str, name: &str, graph: &Graph, out: &Output) -> Result<String, TooLarge> {
    let graph = match stage {
        "graph" => graph.clone(),
        "grad" => compile::expanded(graph)?,
        "plan" => return Ok(format!("// {name}\n{}\n", plan(&compile::optimized(graph)?))),
        "wgsl" => return shaders(name, &plan(&compile::optimized(graph)?), out.json),
        "dot" => return Ok(dot::dot(&compile::optimized(graph)?)),
        "opt" => compile::optimized(graph)?,
        pass => until(pass.trim_start_matches("pass:"), name, graph, out)?,
    };
    Ok(show::graph(name, &graph))
}

/// A plan as compute shaders, within the limits that every graphics device keeps.
/// For programs: a module a line, whole, with the groups of its dispatches.
fn shaders(name: &str, plan: &Plan, as_json: bool) -> Result<String, TooLarge> {
    let program = wgsl::program(plan, &wgsl::Layout::of(plan, None), &wgsl::Limits::default());
    if !program.whole {
        return Err(TooLarge(budget::DISPATCHES));
    }
    if !as_json {
        return Ok(wgsl::show(name, &program));
    }
    let row = |(number, module): (usize, &wgsl::Module)| {
        let own = program.steps.iter().filter(|step| step.module == number);
        let bindings = module.bindings.iter().map(|b| format!("{}{}", b.region.name(), b.page));
        let row = json!({
            "phase": name, "module": number, "label": module.label, "text": module.text,
            "bindings": bindings.collect::<Vec<_>>(), "record": module.record,
            "groups": own.map(|step| step.groups).collect::<Vec<_>>(),
        });
        format!("{row}\n")
    };
    Ok(program.modules.iter().enumerate().map(row).collect())
}

/// The graph after a pass; node counts of the passes so far go to stderr.
fn until(pass: &str, name: &str, graph: &Graph, out: &Output) -> Result<Graph, TooLarge> {
    let (mut result, mut counts) = optimize::run_named(graph, BEFORE, Some(pass));
    if !BEFORE.iter().any(|p| p.name == pass) {
        let expanded = compile::expanded(graph)?;
        let (after, more) = optimize::run_named(&expanded, AFTER, Some(pass));
        result = after;
        counts.extend(more);
    }
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
    out.note(&format!("{name}: nodes after {}", counts.join(", ")));
    Ok(result)
}

/// Writes the artifact and prints the bill.
fn write(args: &CompileArgs, trees: Trees, choice: &Choice, out: &mut Output) -> Result<(), Stop> {
    let mut compiled = compile::compile(trees, choice, out)?;
    match machine::rests_at_hand(&compiled, &args.file, choice) {
        Some(rests) => compile::add_rests(&mut compiled, &rests, out)?,
        None => out
            .note("the data is not here: figures that mix rows will leave a short last batch out"),
    }
    out.show();
    let path = args.output.clone().unwrap_or_else(|| args.file.with_extension("rlx"));
    let failed = |why: String| {
        Diagnostic::new(codes::RL4002, format!("cannot write `{}`: {why}", path.display()))
            .help("name another file: `-o NAME.rlx`")
    };
    let bytes = artifact::write(&compiled.job, &compiled.plans);
    let bytes = out.check(bytes.map_err(failed))?;
    let wrote = files::put(&path, &bytes);
    out.check(wrote.map_err(|error| failed(error.to_string())))?;
    bill(&compiled, args.report, out);
    out.note(&format!("wrote {} ({} bytes)", path.display(), bytes.len()));
    Ok(())
}

fn bill(compiled: &Compiled, report: bool, out: &mut Output) {
    let phases = compiled.job.phases.iter().chain(&compiled.job.encoders);
    let names = phases.map(|phase| (phase.name.as_str(), phase.kind == PhaseKind::Train));
    let mut text = String::new();
    for ((name, trains), plan) in [("init", false)].into_iter().chain(names).zip(&compiled.plans) {
        if out.json {
            text.push_str(&format!("{}\n", json!({ "phase": name, "bill": plan.bill })));
        } else if report {
            text.push_str(&format!(
                "{name}\n{plan}on a graphics device: {}\n\n",
                work(plan, trains)
            ));
        } else {
            text.push_str(&format!("{name:14} {}", plan.bill));
        }
    }
    out.data(&text);
}

/// What a graphics device is handed.
fn work(plan: &Plan, trains: bool) -> String {
    let shaders = wgsl::program(plan, &wgsl::Layout::of(plan, None), &wgsl::Limits::default());
    let (steps, modules) = (shaders.steps.len(), shaders.modules.len());
    if !shaders.whole {
        return format!("more than {} dispatches, too many", budget::DISPATCHES.most);
    }
    match trains {
        true => format!(
            "{steps} dispatches a step of {modules} shaders, a submit for up to {AHEAD} steps"
        ),
        false => format!("{steps} dispatches of {modules} shaders, one submit"),
    }
}
