//! `rlc report`: a page of a run, or of several side by side.

use crate::base::{Diagnostic, codes};
use crate::cli::args::ReportArgs;
use crate::cli::output::{Ended, Output};
use crate::cli::report;
use crate::runtime::files;
use std::path::PathBuf;

/// Writes the page: into the folder of the run, or of several runs beside where the command is given.
pub fn run(args: &ReportArgs, out: &mut Output) -> Result<(), Ended> {
    let mut runs = Vec::new();
    for folder in &args.runs {
        runs.push(out.check(report::of_folder(folder))?);
    }
    let path = match (&args.output, args.runs.as_slice()) {
        (Some(path), _) => path.clone(),
        (None, [one]) => one.join("report.html"),
        (None, _) => PathBuf::from("report.html"),
    };
    let page = report::html(&report::document(runs));
    let wrote = files::put(&path, page.as_bytes());
    out.check(wrote.map_err(|why| {
        let text = format!("cannot write `{}`: {why}", path.display());
        Diagnostic::new(codes::RL4002, text).help("name another file: `-o NAME.html`")
    }))?;
    out.note(&format!("wrote {}", path.display()));
    Ok(())
}
