//! Artifacts of random models, as they are and edited. In: a model and edits. Out: an artifact that is
//! refused with a message, or whose plans can be printed, made into shaders and run.

use super::harness::{Found, Kind, PATIENCE, fuzz, program};
use super::mutate::{Random, body, edit, sealed, settled};
use super::{maker, models};
use rlc::backend::wgsl;
use rlc::driver;
use rlc::plan::{Plan, plan};
use rlc::runtime::job::Job;
use rlc::runtime::{artifact, trust};
use std::fs;
use std::path::Path;

#[test]
fn artifacts_end_with_a_message() {
    let kind = Kind { name: "artifacts", ending: "rlx", first: 1000, few: 20, patience: PATIENCE };
    let folder = tempfile::tempdir().unwrap();
    fuzz(&kind, made, |input| looked_at(folder.path(), input));
}

/// The artifact of a random model, with up to four edits.
fn made(dice: &mut Random) -> Vec<u8> {
    let bytes = loop {
        if let Ok(bytes) = artifact_of(&maker::program(dice, false)) {
            break bytes;
        }
    };
    let (mut body, edits) = (body(&bytes), dice.below(5));
    edit(&mut body, dice, edits, "/tmp/rlc-fuzz-outside");
    if dice.below(2) == 0 {
        settled(&mut body);
    }
    let mut bytes = sealed(&body);
    if dice.below(20) == 0 {
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
    }
    bytes
}

fn artifact_of(text: &str) -> Result<Vec<u8>, String> {
    let (derived, mut program) = models::compiled(text)?;
    let mut plans = Vec::new();
    for graph in driver::graphs_mut(&mut program) {
        *graph = driver::optimized(graph).map_err(|_| "limit".to_string())?;
        plans.push(plan(graph));
    }
    let job = Job::new(&derived.pure, &program, "fuzz".into());
    artifact::write(&job, &plans)
}

fn looked_at(folder: &Path, input: &[u8]) -> Found {
    let read = artifact::read::<Plan>(input, "x.rlx");
    let (job, plans) = match read {
        Ok(found) => found,
        Err(error) if error.hints().is_empty() => {
            return Err(format!("no hint: {}", error.message));
        }
        Err(_) => return Ok("unread".into()),
    };
    if trust::plans(&job, &plans).is_err() {
        return Ok("refused".into());
    }
    for plan in &plans {
        let _ = plan.to_string();
        let shaders = wgsl::program(plan, &wgsl::Layout::of(plan, None), &wgsl::Limits::default());
        for module in &shaders.modules {
            naga::front::wgsl::parse_str(&module.text)
                .map_err(|why| format!("a shader: {}", why.emit_to_string(&module.text)))?;
        }
    }
    let home = folder.join("home");
    fs::remove_dir_all(&home).ok();
    fs::create_dir(&home).unwrap();
    fs::write(home.join("x.rlx"), input).unwrap();
    let ended = program(&home, &["run", "x.rlx", "--threads", "1"])?;
    Ok(format!("exit {}", ended.code))
}
