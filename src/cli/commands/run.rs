//! `rlc run`: trains, evaluates and samples a model; leaves a run folder.

use crate::base::{Diagnostic, codes, nearest};
use crate::cli::args::RunArgs;
use crate::cli::machine::{self, Machine};
use crate::cli::output::{Ended, Output};
use crate::cli::progress::Progress;
use crate::cli::report::{self, About};
use crate::cli::settings::{self, Choice};
use crate::model::ir;
use crate::runtime::checkpoint::{Checkpoint, Identity};
use crate::runtime::data::kept::Kept;
use crate::runtime::folder::{self, RunFolder};
use crate::runtime::job::Job;
use crate::runtime::run::{End, Run};
use crate::runtime::{checkpoint, config, profile};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Runs a model.
pub fn run(args: &RunArgs, out: &mut Output) -> Result<(), Ended> {
    let mut choice = settings::read(&args.model, out)?;
    choice.run_flags(args);
    let compiled = machine::open(&args.file, &mut choice, out)?;
    out.show();
    check_phases(&compiled.job, &choice, out)?;
    let mut about = About::new(&compiled, &out.log.sources);
    let mut resumed = match &args.resume {
        Some(named) => Some(resume(named, &compiled.job.name, &mut choice, out)?),
        None => None,
    };
    let only = choice.phases.clone();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.iter().any(|o| o == name));
    let in_run = |phase: &crate::runtime::job::PhaseSpec| wanted(ir::owner_of(&phase.name));
    let weights = match &args.weights {
        Some(path) => Some(machine::read_weights(path, out)?),
        None => None,
    };
    let kept = weights.as_ref().map_or(&[][..], |weights| weights.kept.as_slice());
    let mut machine = Machine::new(compiled, &args.file, &choice, in_run, kept, out)?;
    let mut identity = machine.identity(&choice);
    identity.inherit(&[], kept);
    let settings = machine.job.settings.clone();
    let name = machine.job.name.clone();
    let (seed, threads) = (machine.seed, choice.threads());
    if args.profile {
        machine.device.measure(profile::seconds);
    }
    let mut session = machine.session();
    if let Some(weights) = &weights {
        machine::load_weights(&mut session, weights, out)?;
    }
    // Nothing is written before all that can be checked is checked.
    let mut folder = match resumed.take() {
        Some((folder, saved)) => {
            out.check(same(&saved.identity, &identity))?;
            identity.inherit(&saved.identity.rows, &saved.identity.kept);
            resumed_from(&saved, out);
            (folder, Some(saved))
        }
        None => (out.check(RunFolder::create(choice.out.as_deref(), &name))?, None),
    };
    let data =
        choice.asked.data.iter().map(|(name, new)| (name.clone(), new.text.clone())).collect();
    let text = config::resolved(&settings, &data, seed, threads);
    out.check(folder.0.write("config.yaml", text.as_bytes()))?;
    about.set("seed", json!(seed));
    about.set(
        "machine",
        json!({ "device": choice.device.as_deref().unwrap_or("cpu"), "threads": threads }),
    );
    about.set("file", json!(args.file));
    about.set("data", json!(identity.data));
    about.set("status", json!({ "end": "running" }));
    out.check(folder.0.write(report::ABOUT, about.text().as_bytes()))?;
    let stop = interrupts();
    let path = folder.0.path.clone();
    let mut progress = Progress::new(out);
    let mut run = Run {
        session,
        folder: &mut folder.0,
        talk: &mut progress,
        stop: &stop,
        identity,
        only,
        progress: checkpoint::Progress::default(),
        save_every: Duration::from_secs_f64(args.save_every.clamp(0.0, 1e9)),
        record: Vec::new(),
        best: Vec::new(),
        odd: Vec::new(),
    };
    let ended = match folder.1 {
        Some(saved) => run.restore(saved).and_then(|()| run.run()),
        None => run.run(),
    };
    let mut status = report::status_of(
        &ended,
        &format!("rlc run {} --resume={}", args.file.display(), path.display()),
    );
    let at = machine_phase(run.session.job, run.progress.phase);
    if let (Some(phase), false) = (at, matches!(ended, Ok(End::Done))) {
        status["phase"] = json!(phase);
        status["step"] = json!(run.progress.step);
    }
    about.set("phases", json!(run.record));
    about.set("status", status);
    machine.remember();
    if args.profile {
        show_profile(&machine, &mut folder.0, out)?;
    }
    look(&folder.0, &about, out);
    match out.check(ended)? {
        End::Done => Ok(()),
        End::Interrupted => {
            out.note(&format!("saved; go on with `--resume={}`", path.display()));
            Err(Ended::Interrupted)
        }
    }
}

/// The name of a phase by its number.
fn machine_phase(job: &Job, number: usize) -> Option<&str> {
    job.phases.get(number).map(|phase| phase.name.as_str())
}

/// Writes the page of a run. A run that cannot write it any more says so, and is not lost for that.
fn look(folder: &RunFolder, about: &About, out: &mut Output) {
    let wrote = folder
        .write(report::ABOUT, about.text().as_bytes())
        .and_then(|_| report::of_folder(&folder.path))
        .and_then(|run| {
            let page = report::html(&report::document(vec![run]));
            folder.write("report.html", page.as_bytes())
        });
    if let Err(why) = wrote {
        out.note(&format!("no report.html: {}", why.message));
    }
}

/// Prints where the time went and writes `profile.json`.
fn show_profile(machine: &Machine, folder: &mut RunFolder, out: &mut Output) -> Result<(), Ended> {
    let rows = profile::rows(&machine.job, &*machine.device, &machine.loaded);
    if rows.is_empty() {
        out.note("this device measures no kernels");
        return Ok(());
    }
    profile::table(&rows).lines().for_each(|line| out.note(line));
    let text = format!("{:#}\n", profile::json(&rows));
    out.check(folder.write("profile.json", text.as_bytes()))?;
    Ok(())
}

fn check_phases(job: &Job, choice: &Choice, out: &mut Output) -> Result<(), Ended> {
    let names = job.phases.iter().map(|phase| phase.name.as_str());
    let names: Vec<&str> = names.filter(|name| !ir::is_watch(name)).collect();
    for name in choice.phases.iter().flatten() {
        if !names.contains(&name.as_str()) {
            let text = format!("the model has no phase `{}`", name.escape_debug());
            let help = match nearest(name, &names) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("it has {}", names.join(", ")),
            };
            return Err(out.fail(Diagnostic::new(codes::RL1001, text).help(help)));
        }
    }
    Ok(())
}

/// Opens the folder to go on in. Its seed holds unless another is given.
fn resume(
    named: &str,
    model: &str,
    choice: &mut Choice,
    out: &mut Output,
) -> Result<(RunFolder, Checkpoint), Ended> {
    let named = (!named.is_empty()).then(|| PathBuf::from(named));
    let path = named.or(choice.out.clone()).or_else(|| folder::newest(model));
    let Some(path) = path else {
        let text = format!("there is no run of `{model}` in `runs`");
        return Err(out.fail(Diagnostic::new(codes::RL3011, text)));
    };
    let folder = out.check(RunFolder::resume(&path))?;
    let (saved, refused) = out.check(folder.latest())?;
    for error in refused {
        out.note(&format!("skipped a damaged checkpoint: {}", error.message));
    }
    choice.seed = choice.seed.or(Some(saved.identity.seed));
    Ok((folder, saved))
}

/// A run is continued with what it was begun with, or not at all.
fn same(saved: &Identity, now: &Identity) -> Result<(), Diagnostic> {
    // Phases may read data that those before did not, and not read what they did.
    let shared = |name: &str| {
        let has = |identity: &Identity| identity.rows.iter().any(|(known, _)| known == name);
        has(saved) && has(now)
    };
    let kept = |identity: &Identity| -> Vec<Kept> {
        identity.kept.iter().filter(|kept| shared(&kept.data)).cloned().collect()
    };
    let other = |(name, sum): &(String, String)| {
        saved.rows.iter().any(|(known, was)| known == name && was != sum)
    };
    let differ = if saved.model != now.model || saved.source != now.source {
        "the source text or a setting has changed"
    } else if saved.seed != now.seed {
        "the seed is another"
    } else if saved.data != now.data {
        "the data comes from another source"
    } else if kept(saved) != kept(now) {
        "the data has other words or another range than when it began"
    } else if let Some((name, _)) = now.rows.iter().find(|row| other(row)) {
        let text = format!(
            "this run cannot go on: the rows of data set `{name}` are others than when it began"
        );
        let help = "put the data back as it was; or start anew from its weights: `--weights RUN`";
        return Err(Diagnostic::new(codes::RL3010, text).help(help));
    } else {
        return Ok(());
    };
    let text = format!("this run cannot go on: {differ}");
    let help = "resume with the run's own settings: `--config RUN/config.yaml`; \
                or start anew from its weights: `--weights RUN`";
    Err(Diagnostic::new(codes::RL3010, text).help(help))
}

fn resumed_from(saved: &Checkpoint, out: &Output) {
    let at = &saved.progress;
    out.note(&format!("going on in phase {} after step {}", at.phase + 1, at.step));
}

/// The first signal asks the run to stop after the step; the second ends the program at once, which
/// no checkpoint minds.
fn interrupts() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(crate::cli::exit::INTERRUPTED));
        }
    };
    // Without a handler, an interrupt ends the program between two checkpoints.
    ctrlc::set_handler(handler).ok();
    stop
}
