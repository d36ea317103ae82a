//! Nothing that is written is left out. In: every call of the models and of the facts, with an argument
//! more than anything reads: a name, a place, and for a density a condition. Out: a mistake is told. The
//! oracle is the call itself: where it is not read at all, as in a branch that is not taken, a name that
//! nobody knows does not matter either.

mod common;

use rlc::base::FileId;
use rlc::driver::{self, Asked, Log, Trees};
use rlc::syntax::{
    self,
    ast::{ExprKind, File},
};
use std::path::PathBuf;

/// Whether a program is taken. Data that it needs stands beside its path.
fn taken(path: &str, text: &str) -> bool {
    let mut log = Log::default();
    let model = Trees::of(path, text, &[], &mut log)
        .and_then(|mut trees| driver::model(&mut trees, &Asked::default(), &mut log));
    model.is_ok()
}

/// Calls as pairs of places: the end of what is called, and the closing parenthesis.
fn calls(tree: &File) -> Vec<(usize, usize)> {
    let place = |kind: &ExprKind, end: u32| match kind {
        ExprKind::Call { callee, .. } => Some((tree.expr(*callee).span.end as usize, end as usize)),
        _ => None,
    };
    tree.exprs.iter().filter_map(|e| place(&e.kind, e.span.end - 1)).collect()
}

/// The arguments that no call reads.
const MORE: [&str; 2] = ["zzz = 1", "zzz = 1, yyy = 2"];

/// Of one file: how many calls were tried, how many of them nothing reads, and what is wrong.
#[derive(Default)]
struct Found {
    tried: usize,
    unread: usize,
    wrong: Vec<String>,
}

fn look(file: &PathBuf) -> Found {
    let text = std::fs::read_to_string(file).unwrap();
    let mut found = Found::default();
    if text.contains("use \"") {
        return found;
    }
    let path = file.to_str().unwrap();
    let taken = |text: &str| taken(path, text);
    assert!(taken(&text), "{path}");
    let tree = syntax::parse(FileId(0), &text).0;
    for (name, end) in calls(&tree) {
        let empty = text[..end].trim_end().ends_with('(');
        let more = MORE[found.tried % 2];
        let added = if empty { more.to_string() } else { format!(", {more}") };
        found.tried += 1;
        if !taken(&format!("{}{added}{}", &text[..end], &text[end..])) {
            continue;
        }
        // A call that nothing reads.
        if taken(&format!("{}_zzz{}", &text[..name], &text[name..])) {
            found.unread += 1;
            continue;
        }
        let line = text[..end].matches('\n').count() + 1;
        found.wrong.push(format!("{}:{line}: `{added})` is taken", file.display()));
    }
    found
}

#[test]
fn an_argument_that_nothing_reads_is_a_mistake() {
    let mut all = Found::default();
    for found in common::on_every_core(&common::models_and_facts(), look) {
        all.tried += found.tried;
        all.unread += found.unread;
        all.wrong.extend(found.wrong);
    }
    let Found { tried, unread, wrong } = all;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 3000 && unread * 50 < tried, "{tried} calls, {unread} of them not read");
}
