//! `rlc new`: a small model that works at once.

use crate::base::{Diagnostic, codes};
use crate::cli::args::NewArgs;
use crate::cli::output::{Ended, Output};
use crate::runtime::files;
use std::path::Path;

const TEMPLATE: &str = include_str!("new.rl");

/// Writes NAME.rl, never over a file.
pub fn run(args: &NewArgs, out: &mut Output) -> Result<(), Ended> {
    let stem = args.name.strip_suffix(".rl").unwrap_or(&args.name);
    let name = format!("{stem}.rl");
    let path = Path::new(&name);
    if path.file_stem().is_none_or(|s| s.is_empty()) || stem.ends_with('/') {
        let text = format!("`{}` does not name a file", args.name.escape_debug());
        return Err(out.fail(Diagnostic::new(codes::RL4002, text).help("`rlc new vae`")));
    }
    let title = path.file_name().map_or(name.clone(), |n| n.to_string_lossy().into_owned());
    let text = TEMPLATE.replace("NAME.rl", &title);
    files::create_new(path, text.as_bytes())
        .map_err(|why| out.fail(Diagnostic::new(codes::RL4002, why)))?;
    out.note(&format!("wrote {name}; train it with `rlc run {name}`"));
    Ok(())
}
