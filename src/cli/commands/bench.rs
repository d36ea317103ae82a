//! `rlc bench`: times the train step of a model. The last line of stdout is a JSON object.

use crate::base::{Diagnostic, codes};
use crate::cli::args::BenchArgs;
use crate::cli::machine::{self, Machine};
use crate::cli::output::{Ended, Output};
use crate::cli::settings;
use crate::model::ir::PhaseKind;
use crate::runtime::job::PhaseSpec;
use crate::runtime::run::Pace;
use crate::runtime::train::Train;
use serde_json::json;
use std::time::Instant;

/// Steps before the clock starts.
const WARM_UP: usize = 20;
/// No larger groups of steps are tried after so many seconds.
const WARM_SECONDS: f64 = 10.0;

/// Times a model. `begun` is when the program started.
pub fn run(args: &BenchArgs, begun: Instant, out: &mut Output) -> Result<(), Ended> {
    let mut choice = settings::read(&args.model, out)?;
    choice.exec_flags(&args.exec);
    let compiled = machine::open(&args.file, &mut choice, out)?;
    out.show();
    let Some(at) = compiled.job.phases.iter().position(|p| p.kind == PhaseKind::Train) else {
        let text = "the model has no train phase to time";
        return Err(out.fail(Diagnostic::new(codes::RL1001, text)));
    };
    let compiled_s = begun.elapsed().as_secs_f64();
    let name = compiled.job.phases[at].name.clone();
    let wanted = |phase: &PhaseSpec| phase.name == name;
    let mut machine = Machine::new(compiled, &args.file, &choice, wanted, &[], out)?;
    let mut session = machine.session();
    let phase = &session.job.phases[at];
    let mut train = out.check(Train::new(&session, phase, 0))?;
    let mut losses = Vec::new();
    let mut cold = 0.0;
    for step in 0..WARM_UP {
        losses.extend(out.check(train.step(&mut session))?);
        if step == 0 {
            cold = begun.elapsed().as_secs_f64();
        }
    }
    let mut pace = Pace::new(session.device.ahead());
    let mut last = None;
    while pace.steps < session.device.ahead() && begun.elapsed().as_secs_f64() < WARM_SECONDS {
        last = out.check(train.steps(&mut session, pace.steps))?;
        pace.took(std::time::Duration::ZERO);
    }
    let (clock, from) = (Instant::now(), train.done);
    while clock.elapsed().as_secs_f64() < args.seconds {
        last = out.check(train.steps(&mut session, pace.steps))?;
    }
    let rate = (train.done - from) as f64 / clock.elapsed().as_secs_f64();
    out.note(&format!("phase `{name}`: {rate:.1} steps/s, compiled in {compiled_s:.3} s"));
    machine.remember();
    let result = json!({
        "steps_per_s": rate,
        "loss_1": losses.first(),
        "loss_20": losses.get(WARM_UP - 1),
        "losses": losses,
        "loss_final": last,
        "compile_s": compiled_s,
        "cold_start_s": cold,
        "peak_rss_mb": peak_rss_mb(),
    });
    out.data(&format!("{result}\n"));
    Ok(())
}

/// The most memory that the process has held, where the system tells.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
