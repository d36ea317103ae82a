//! `rlc compile`: an artifact, or the print of a stage.

use crate::base::nearest;
use crate::cli::args::CompileArgs;
use crate::cli::exit;
use crate::cli::output::{Output, Stop};
use crate::cli::sources;

/// The stages that can be printed.
const STAGES: &[&str] = &["ast"];

/// Compiles a file.
pub fn run(args: &CompileArgs, out: &mut Output) -> Result<(), Stop> {
    let stage = args.emit.as_deref().unwrap_or("ast");
    if !STAGES.contains(&stage) {
        let hint = match nearest(stage, STAGES) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("it is one of {}", STAGES.join(", ")),
        };
        out.note(&format!("error: no stage is called `{}`; {hint}", stage.escape_debug()));
        return Err(Stop::Code(exit::USAGE));
    }
    let trees = sources::load(&args.file, out)?;
    for tree in trees.files.trees.values() {
        out.data(&crate::syntax::dump(tree));
    }
    Ok(())
}
