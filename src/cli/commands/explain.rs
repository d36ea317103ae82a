//! `rlc explain`: the page of an error code, or the derivation of a file's objective.

use crate::base::{Code, codes, nearest};
use crate::cli::args::ExplainArgs;
use crate::cli::output::{Ended, Output};
use crate::cli::{exit, settings};
use crate::driver;
use std::path::Path;

/// Explains a code or a file.
pub fn run(args: &ExplainArgs, out: &mut Output) -> Result<(), Ended> {
    if is_code(&args.what) {
        return code(&args.what.to_ascii_uppercase(), out);
    }
    let mut choice = settings::read(&args.model, out)?;
    let log = &mut out.log;
    let mut trees = driver::load(Path::new(&args.what), log)?;
    choice.asked.check(&trees, log)?;
    let model = driver::model(&mut trees, &choice.asked, log)?;
    let derived = driver::objective(model, log)?;
    out.show();
    out.data(&derived.explanation.render());
    Ok(())
}

/// `RL` and digits only.
fn is_code(what: &str) -> bool {
    let digits = what.strip_prefix("RL").or_else(|| what.strip_prefix("rl"));
    digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

fn code(name: &str, out: &mut Output) -> Result<(), Ended> {
    let Some(code) = Code::find(name) else {
        let names: Vec<&str> = codes::CODES.iter().map(|c| c.name()).collect();
        let hint = nearest(name, &names).map_or(String::new(), |n| format!("; `{n}` exists"));
        out.note(&format!("error: there is no code {name}{hint}"));
        return Err(Ended::Code(exit::USAGE));
    };
    let row = code.0;
    if out.json {
        let page = serde_json::json!({
            "code": row.name, "title": row.title, "explanation": row.explanation,
        });
        out.data(&format!("{page}\n"));
    } else {
        out.data(&format!("{}: {}\n\n{}\n", row.name, row.title, row.explanation));
    }
    Ok(())
}
