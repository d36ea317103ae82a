//! Programs as texts, through everything that reads one: the parser, the formatter, the checker, all
//! stages up to plans and shaders, and now and then the program itself with all its commands.

use super::harness::{Found, Kind, PATIENCE, fuzz, is_long, program};
use super::mutate::Random;
use super::{edits, maker, random};
use rlc::backend::wgsl;
use rlc::base::{Budget, Diagnostic, FileId, SourceMap, codes, text};
use rlc::cli::render;
use rlc::driver::{self, Asked, Log, Trees, numeric};
use rlc::graph::{dot, text as graph_text, verify};
use rlc::model::ir::Model;
use rlc::plan::{self, Plan};
use rlc::runtime::job::Job;
use rlc::runtime::{artifact, trust};
use rlc::{objective, syntax, translate};
use std::fs;
use std::path::Path;

#[test]
fn sources_end_with_a_message() {
    let kind = Kind { name: "sources", ending: "rl", first: 1000, few: 90, patience: PATIENCE };
    fuzz(&kind, made, looked_at);
}

/// The commands cost a process each: the short part makes few.
#[test]
fn commands_end_with_a_message() {
    // Each of the twenty has its own bound; two of them train until they are asked to stop.
    let kind = Kind { name: "commands", ending: "rl", first: 1000, few: 8, patience: 5 * PATIENCE };
    let folder = tempfile::tempdir().unwrap();
    fuzz(&kind, made, |input| commands(folder.path(), input));
}

/// A program by the grammar, by types with a mistake or without, or an edited one.
fn made(dice: &mut Random) -> Vec<u8> {
    match dice.below(10) {
        0 => random::program(dice.next()).into_bytes(),
        1..=3 => maker::program(dice, true).into_bytes(),
        4 => maker::program(dice, false).into_bytes(),
        _ => edits::edited(dice),
    }
}

/// What every message must be like.
fn said(sources: &SourceMap, list: &[Diagnostic]) -> Result<(), String> {
    for d in list {
        let name = d.code.name();
        let wrong = |what: &str| Err(format!("{what}: {name} {}", d.message.escape_debug()));
        if !codes::CODES.contains(&d.code) {
            return wrong("no such code");
        }
        // A file without anything has no place to point at.
        if d.primary.is_none() && name != "RL0001" {
            return wrong("no place");
        }
        if d.hints().is_empty() {
            return wrong("no hint");
        }
        let shown = render::text(d, sources, false);
        let _ = render::json(d, sources);
        if shown.chars().any(|c| !text::is_plain(c) && c != '\n') {
            return wrong("hidden characters");
        }
        if shown.len() > 20_000 {
            return wrong(&format!("{} bytes", shown.len()));
        }
    }
    Ok(())
}

/// The formatter keeps the program, its comments and what was said of it, and has nothing left to do.
fn formatted(tree: &syntax::ast::File, text: &str, before: &[Diagnostic]) -> Result<(), String> {
    let once = syntax::format(tree, text);
    // `rlc fmt` refuses to write it.
    if once.len() > syntax::MAX_BYTES {
        return Ok(());
    }
    let (after, found) = syntax::parse(FileId(0), &once);
    let messages =
        |list: &[Diagnostic]| -> Vec<String> { list.iter().map(|d| d.message.clone()).collect() };
    if messages(&found.list) != messages(before) {
        return Err(format!("formatted, it says {:?}", messages(&found.list)));
    }
    if syntax::dump(tree) != syntax::dump(&after) {
        return Err("the formatter changes what it means".into());
    }
    let comments = |tree: &syntax::ast::File| -> Vec<String> {
        tree.comments.iter().map(|c| c.text.clone()).collect()
    };
    if comments(tree) != comments(&after) {
        return Err("the formatter changes comments".into());
    }
    if syntax::format(&after, &once) != once {
        return Err("the formatter changes its own result".into());
    }
    Ok(())
}

fn looked_at(input: &[u8]) -> Found {
    let text = match syntax::decode(input) {
        Ok(text) => text,
        Err(error) => return said_without_place(&error),
    };
    let mut log = Log::default();
    let trees = Trees::of("m.rl", &text, &[], &mut log);
    said(&log.sources, &log.found.list)?;
    let Ok(mut trees) = trees else { return Ok("syntax".into()) };
    formatted(&trees.files.trees[&trees.entry], &text, &log.found.list)?;
    let model = driver::model(&mut trees, &Asked::default(), &mut log);
    said(&log.sources, &log.found.list)?;
    let Ok(model) = model else { return Ok("model".into()) };
    let derived = driver::objective(model.clone(), &mut log);
    said(&log.sources, &log.found.list)?;
    let Ok(derived) = derived else { return Ok("objective".into()) };
    let explained = derived.explanation.render();
    if explained.chars().any(|c| !text::is_plain(c) && c != '\n') {
        return Err("hidden characters in an explanation".into());
    }
    graphs(&log.sources, &model, &derived)
}

/// What is wrong with bytes has no place: they are no text.
fn said_without_place(error: &Diagnostic) -> Found {
    match error.hints().is_empty() {
        true => Err(format!("no hint: {}", error.message)),
        false => Ok("bytes".into()),
    }
}

/// Graphs, plans, shaders, the artifact, and the checks in f64.
fn graphs(sources: &SourceMap, model: &Model, derived: &objective::Derived) -> Found {
    let made = translate::translate_within(&derived.pure, &derived.facts, &mut Budget::default());
    let mut program = match made {
        Ok(program) => program,
        Err(over) => {
            said(sources, &[over.diagnostic(|span| span)])?;
            return Ok("limit".into());
        }
    };
    let mut plans = Vec::new();
    let places: Vec<_> = driver::places(&derived.pure).take(1000).collect();
    for (graph, place) in driver::graphs_mut(&mut program).zip(places) {
        let finished = driver::expanded(graph).and_then(|_| driver::optimized(graph));
        match finished {
            Ok(finished) => {
                plans.push(planned(&finished)?);
                *graph = finished;
            }
            Err(over) => {
                said(sources, &[over.at_phase(place)])?;
                return Ok("limit".into());
            }
        }
    }
    let job = Job::new(&derived.pure, &program, "fuzz".into());
    let bytes = artifact::write(&job, &plans)?;
    let (job, plans) = artifact::read::<Plan>(&bytes, "m.rlx").map_err(|e| e.message)?;
    trust::plans(&job, &plans)?;
    let costs = plans.iter().map(|plan| plan.bill.flops as usize).sum::<usize>();
    if costs < 50_000_000 {
        numeric::closed_forms(model);
        numeric::gradients(derived.pure.clone(), &derived.facts);
    }
    Ok("whole".into())
}

/// A finished graph is one by all rules, reads back from its text, and has a plan and shaders.
fn planned(graph: &rlc::graph::Graph) -> Result<Plan, String> {
    verify::verify(graph)?;
    if verify::has_derivatives(graph) {
        return Err("derivatives are left".into());
    }
    let printed = graph_text::print(graph);
    if printed.len() < 100_000 {
        let back = graph_text::parse(&printed)?;
        if graph_text::print(&back) != printed {
            return Err("the text of a graph does not read back".into());
        }
        let _ = dot::dot(graph);
    }
    let plan = plan::plan(graph);
    plan::verify(&plan)?;
    let _ = plan.to_string();
    let shaders = wgsl::program(&plan, &wgsl::Layout::of(&plan, None), &wgsl::Limits::default());
    // Reading shaders takes longest by far.
    if is_long() || shaders.modules.len() < 12 {
        for module in &shaders.modules {
            let read = naga::front::wgsl::parse_str(&module.text);
            read.map_err(|why| format!("a shader: {}", why.emit_to_string(&module.text)))?;
        }
    }
    Ok(plan)
}

/// Every command on a file, in a folder of its own beside nothing else.
fn commands(folder: &Path, input: &[u8]) -> Found {
    let home = folder.join("home");
    fs::remove_dir_all(&home).ok();
    fs::create_dir(&home).unwrap();
    fs::write(home.join("m.rl"), input).unwrap();
    let check = program(&home, &["check", "m.rl"])?;
    let mut codes = vec![check.code];
    for args in [
        &["explain", "m.rl"][..],
        &["fmt", "--check", "m.rl"],
        &["check", "m.rl", "--json"],
        &["data", "m.rl"],
    ] {
        codes.push(program(&home, args)?.code);
    }
    for stage in driver::stages::names() {
        let ended = program(&home, &["compile", "m.rl", "--emit", &stage])?;
        // What is known to be wrong is wrong for every stage that looks at it.
        if check.code == 3
            && ended.code == 0
            && stage == "plan"
            && check.said.contains("error[RL01")
        {
            return Err(format!("`check` refuses what `compile` takes: {}", check.said));
        }
        if check.code == 0 && ended.code != 0 && stage != "wgsl" {
            return Err(format!(
                "`compile --emit {stage}` refuses what `check` takes: {}",
                ended.said
            ));
        }
    }
    left(&home, &["m.rl"])?;
    if check.code == 0 {
        let run = program(&home, &["run", "m.rl", "--threads", "1"])?;
        // How many rows the last batch has is known when data is read.
        let by_rows = run.said.contains("note: the last batch of phase");
        if run.code == 3 && !by_rows {
            return Err(format!("`run` refuses what `check` takes: {}", run.said));
        }
        let artifact = program(&home, &["compile", "m.rl"])?;
        codes.extend([run.code, artifact.code]);
        if artifact.code == 0 {
            let again = program(&home, &["run", "m.rlx", "--threads", "2"])?;
            codes.push(again.code);
            let weights =
                |run: &str| fs::read(home.join("runs").join(run).join("weights.safetensors"));
            if (run.code, again.code) == (0, 0)
                && weights("m-1").map_err(|e| e.to_string())?
                    != weights("m-2").map_err(|e| e.to_string())?
            {
                return Err("the artifact trains other weights".into());
            }
        }
        left(&home, &["m.rl", "m.rlx", "runs"])?;
    }
    codes.sort_unstable();
    codes.dedup();
    Ok(format!("{codes:?}"))
}

/// Nothing lies in the folder, or beside it, but what should.
fn left(home: &Path, wanted: &[&str]) -> Result<(), String> {
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    let own = ["home", "said", "printed", "cache"];
    let mut odd = names(home.parent().unwrap());
    odd.retain(|name| !own.contains(&name.as_str()));
    odd.extend(names(home).into_iter().filter(|name| !wanted.contains(&name.as_str())));
    match odd.first() {
        Some(name) => Err(format!("left {name}")),
        None => Ok(()),
    }
}
