//! `rlc check`: whether a file is a model.

use crate::cli::args::CheckArgs;
use crate::cli::output::{Output, Stop};
use crate::cli::sources;

/// Checks a file.
pub fn run(args: &CheckArgs, out: &mut Output) -> Result<(), Stop> {
    sources::load(&args.file, out)?;
    out.note(&format!("{}: no errors", args.file.display()));
    Ok(())
}
