//! `rlc fmt`: the canonical form of files.

use crate::base::text::visible;
use crate::base::{Diagnostic, budget, codes};
use crate::cli::args::FmtArgs;
use crate::cli::exit;
use crate::cli::output::{Ended, Output};
use crate::runtime::files;
use crate::syntax;
use std::io::Read;
use std::path::Path;

/// Formats every file, or tells which are not in canonical form.
pub fn run(args: &FmtArgs, out: &mut Output) -> Result<(), Ended> {
    let mut changed = 0;
    let mut broken = false;
    for path in &args.files {
        match one(path, args.check, out) {
            Ok(true) => changed += 1,
            Ok(false) => {}
            // The other files are formatted all the same.
            Err(Ended::Errors) => broken = true,
            Err(other) => return Err(other),
        }
    }
    match (broken, args.check && changed > 0) {
        (true, _) => Err(Ended::Errors),
        (_, true) => Err(Ended::Code(exit::NUMERIC)),
        _ => Ok(()),
    }
}

/// Whether the file was not in canonical form.
fn one(path: &Path, check: bool, out: &mut Output) -> Result<bool, Ended> {
    let stdin = path == Path::new("-");
    let (name, bytes) = if stdin {
        ("<stdin>".to_string(), read_stdin())
    } else {
        (path.display().to_string(), files::read(path, syntax::MAX_BYTES as u64 + 1))
    };
    let bytes = bytes.map_err(|why| out.fail(Diagnostic::new(codes::RL4001, why)))?;
    let text = syntax::decode(&bytes).map_err(|error| out.fail(of(&name, error)))?;
    let id = out.log.sources.add(name.as_str(), text.as_str());
    let (tree, found) = syntax::parse(id, &text);
    out.take(found)?;
    let new = syntax::format(&tree, &text);
    let same = new.as_bytes() == bytes;
    if new.len() > syntax::MAX_BYTES {
        // Broken and indented lines are longer; no command could read the file again.
        let error = budget::FILE_BYTES.passed(codes::RL0007);
        return Err(out.fail(of(&format!("{name}, formatted"), error)));
    }
    if stdin && !check {
        out.bytes(new.as_bytes());
    } else if check && !same {
        out.data(&format!("{}\n", visible(&name, &[])));
    } else if !same {
        files::rewrite(path, new.as_bytes()).map_err(|error| {
            let text = format!("cannot write `{name}`: {error}");
            out.fail(Diagnostic::new(codes::RL4002, text))
        })?;
        out.note(&format!("formatted {name}"));
    }
    Ok(!same)
}

/// The error with what it is about.
fn of(what: &str, mut error: Diagnostic) -> Diagnostic {
    error.message = format!("`{what}`: {}", error.message);
    error
}

fn read_stdin() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let most = syntax::MAX_BYTES as u64 + 1;
    let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| format!("cannot read stdin: {error}"))
}
