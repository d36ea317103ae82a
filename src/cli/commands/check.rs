//! `rlc check`: whether a file is a model.

use crate::cli::args::CheckArgs;
use crate::cli::output::{Output, Stop};
use crate::cli::{compile, settings, sources};

/// Checks a file.
pub fn run(args: &CheckArgs, out: &mut Output) -> Result<(), Stop> {
    let mut choice = settings::read(&args.model, out)?;
    let mut trees = sources::load(&args.file, out)?;
    choice.check(&trees, out)?;
    let model = compile::model(&mut trees, &choice.set, out)?;
    compile::objective(model, out)?;
    out.show();
    out.note(&format!("{}: no errors", args.file.display()));
    Ok(())
}
