//! A compiled model from a file. In: the path of a `.rl` or `.rlx` file. Out: the same for both.

use super::log::{Log, Stopped};
use super::{Asked, Compiled, compile, load};
use crate::base::{Diagnostic, codes};
use crate::plan::Plan;
use crate::runtime::config::Setting;
use crate::runtime::job::Job;
use crate::runtime::{artifact, files, trust};
use std::path::Path;

/// Compiles a `.rl` file, or reads a `.rlx` file.
pub fn open(file: &Path, asked: &mut Asked, log: &mut Log) -> Result<Compiled, Stopped> {
    let head = files::read(file, 4).map_err(|why| {
        let error = Diagnostic::new(codes::RL4001, why);
        let is_run = file.join("config.yaml").is_file();
        let help =
            format!("it is the folder of a run: `rlc run FILE.rl --resume={}`", file.display());
        log.fail(if is_run { error.help(help) } else { error })
    })?;
    if !artifact::is_artifact(&head) && file.extension().is_none_or(|e| e != "rlx") {
        let trees = load(file, log)?;
        asked.check(&trees, log)?;
        return compile(trees, asked, log);
    }
    let bytes = files::read(file, artifact::MOST_BYTES)
        .map_err(|why| log.fail(Diagnostic::new(codes::RL4001, why)))?;
    let (job, plans) = log.check(artifact::read::<Plan>(&bytes, &file.display().to_string()))?;
    trust::plans(&job, &plans).map_err(|why| {
        let text = format!("`{}` is damaged: {why}", file.display());
        log.fail(Diagnostic::new(codes::RL3021, text))
    })?;
    log.check(settings_hold(&asked.set, &job))?;
    let names: Vec<&str> = job.data.iter().map(|data| data.name.as_str()).collect();
    log.check(asked.check_data(&names))?;
    Ok(Compiled { job, graphs: Vec::new(), plans, from: None, told: None, place: None })
}

/// An artifact is compiled already: a setting may only repeat what it was compiled with, as the
/// record of a run does.
fn settings_hold(set: &[Setting], job: &Job) -> Result<(), Diagnostic> {
    for setting in set {
        let own = job.settings.iter().find(|(name, _)| *name == setting.name);
        if own.is_none_or(|(_, value)| *value != setting.value) {
            let text = format!("`{}` cannot be set: an artifact is compiled already", setting.name);
            let help = "compile again: `rlc compile FILE.rl --set ...`";
            let error = Diagnostic::new(codes::RL1001, text).help(help);
            return Err(match setting.span {
                Some(span) => error.at(span, ""),
                None => error,
            });
        }
    }
    Ok(())
}
