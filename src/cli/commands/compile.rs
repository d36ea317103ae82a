//! `rlc compile`: an artifact, or the print of a stage.

use crate::backend::{AHEAD, wgsl};
use crate::base::{Diagnostic, budget, codes, nearest};
use crate::cli::args::CompileArgs;
use crate::cli::output::{Ended, Output};
use crate::cli::settings::Choice;
use crate::cli::{exit, machine, settings};
use crate::driver::stages::{self, Chosen};
use crate::driver::{self, Compiled, Trees};
use crate::model::ir::PhaseKind;
use crate::plan::Plan;
use crate::runtime::artifact;
use crate::runtime::files;
use serde_json::json;

/// Compiles a file.
pub fn run(args: &CompileArgs, out: &mut Output) -> Result<(), Ended> {
    let stage = args.emit.as_deref().map(|name| chosen(name, out)).transpose()?;
    let mut choice = settings::read(&args.model, out)?;
    let mut trees = driver::load(&args.file, &mut out.log)?;
    choice.asked.check(&trees, &mut out.log)?;
    let Some(stage) = stage else { return write(args, trees, &choice, out) };
    let printed = stages::print(stage, &mut trees, &choice.asked, out.json, &mut out.log)?;
    printed.notes.iter().for_each(|note| out.note(note));
    out.show();
    out.data(&printed.text);
    Ok(())
}

/// The stage of that name.
fn chosen(name: &str, out: &Output) -> Result<Chosen, Ended> {
    stages::choose(name).ok_or_else(|| {
        let names = stages::names();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let hint = match nearest(name, &all) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("it is one of {}", all.join(", ")),
        };
        out.note(&format!("error: no stage is called `{}`; {hint}", name.escape_debug()));
        Ended::Code(exit::USAGE)
    })
}

/// Writes the artifact and prints the bill.
fn write(args: &CompileArgs, trees: Trees, choice: &Choice, out: &mut Output) -> Result<(), Ended> {
    let mut compiled = driver::compile(trees, &choice.asked, &mut out.log)?;
    match machine::rests_at_hand(&compiled, &args.file, choice) {
        Some(rests) => driver::add_rests(&mut compiled, &rests, &mut out.log)?,
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
