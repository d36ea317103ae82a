//! The import direction: a file imports from its own folder, from folders to its left, and from
//! nowhere else. Some crates belong to one place.

use rlc::graph::{Kind, op};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ORDER: &[&str] = &[
    "base",
    "metrics",
    "graph",
    "syntax",
    "model",
    "objective",
    "translate",
    "autodiff",
    "optimize",
    "plan",
    "backend",
    "runtime",
    "driver",
    "lsp",
    "cli",
];

/// Rooms of the model stage, in the same direction: what a model is, its settings, the texts of the
/// library, from trees to a model, built-in functions, warnings.
const MODEL: &[&str] = &["ir", "settings", "prelude", "elaborate", "prim", "lint"];

/// (crate or std path, the only places whose sources may mention it)
const OWNERS: &[(&str, &[&str])] = &[
    ("pest", &["syntax"]),
    ("petgraph", &["graph"]),
    ("serde_yaml", &["runtime/config"]),
    ("std::fs", &["runtime", "cli"]),
    ("std::env", &["runtime", "cli", "main.rs"]),
    // Threads look how long they slept; no result depends on it.
    ("std::time", &["runtime", "cli", "backend/cpu/stages.rs"]),
    ("use wgpu", &["backend/wgpu"]),
    ("std::thread", &["backend/cpu", "backend/wgpu", "runtime", "lsp/worker", "cli"]),
    ("lsp_server", &["lsp", "cli/commands/lsp"]),
    ("lsp_types", &["lsp"]),
    ("crossbeam_channel", &["lsp"]),
    ("println!", &["cli", "main.rs"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file: comment lines and the test module at its end left out.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let relative = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_string();
    found.iter().map(|path| (relative(path), code(&fs::read_to_string(path).unwrap()))).collect()
}

fn mentions(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !word(before) && !word(after)
    })
}

#[test]
fn imports_point_left() {
    let mut wrong = Vec::new();
    for (path, code) in all() {
        let Some((folder, _)) = path.split_once('/') else { continue };
        let place = ORDER.iter().position(|f| *f == folder).expect("a folder without a place");
        for later in &ORDER[place + 1..] {
            if mentions(&code, &format!("crate::{later}")) {
                wrong.push(format!("src/{path} imports {later}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_of_the_model_import_to_the_left() {
    let mut wrong = Vec::new();
    for (path, code) in all() {
        let Some(inside) = path.strip_prefix("model/") else { continue };
        let room = inside.split(['/', '.']).next().unwrap();
        let place = MODEL.iter().position(|r| *r == room);
        let Some(place) = place.or((inside == "mod.rs").then_some(MODEL.len() - 1)) else {
            panic!("src/{path} stands in no room")
        };
        for later in &MODEL[place + 1..] {
            if mentions(&code, &format!("model::{later}"))
                || mentions(&code, &format!("super::{later}"))
            {
                wrong.push(format!("src/{path} imports {later}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A room has at most so many files in one folder.
#[test]
fn rooms_of_the_model_are_small() {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for (path, _) in all().iter().filter(|(path, _)| path.starts_with("model/")) {
        *files.entry(path.rsplit_once('/').unwrap().0.into()).or_default() += 1;
    }
    let large: Vec<_> = files.iter().filter(|(_, n)| **n > 11).collect();
    assert!(files.len() > 5 && large.is_empty(), "{large:?}");
}

#[test]
fn passes_and_derivatives_know_the_graph_only() {
    for (path, code) in all() {
        let folder = path.split('/').next().unwrap();
        if folder == "autodiff" || folder == "optimize" {
            for other in ["syntax", "model", "objective", "translate"] {
                assert!(!mentions(&code, &format!("crate::{other}")), "src/{path} imports {other}");
            }
        }
        if folder == "optimize" {
            assert!(!mentions(&code, "crate::autodiff"), "src/{path} imports autodiff");
        }
    }
}

/// A file that is compiled for tests only.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

#[test]
fn executors_do_not_know_each_other() {
    let others =
        [("cpu", ["wgpu", "wgsl"]), ("wgpu", ["cpu", "reference"]), ("wgsl", ["cpu", "wgpu"])];
    for (path, code) in all().iter().filter(|(path, _)| !is_test(path)) {
        for (own, others) in others {
            let inside = path.starts_with(&format!("backend/{own}/"));
            for other in others.iter().filter(|_| inside) {
                let known = [format!("crate::backend::{other}"), format!("super::{other}")];
                assert!(!known.iter().any(|k| mentions(code, k)), "src/{path} imports {other}");
            }
        }
    }
}

#[test]
fn crates_and_the_outside_world_have_one_owner() {
    let mut wrong = Vec::new();
    for (path, code) in all().iter().filter(|(path, _)| !is_test(path)) {
        for (name, places) in OWNERS {
            if mentions(code, name) && !places.iter().any(|place| path.starts_with(place)) {
                wrong.push(format!("src/{path} mentions {name}, which belongs to {places:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where ops are named for what they mean: rules of algebra, ranges, derivatives, probability, the
/// language, composite ops written out in simpler ones, the words of other formats.
const MEANING: &[&str] = &[
    "optimize",
    "autodiff",
    "objective",
    "translate",
    "model",
    "graph/range",
    "plan/simplify",
    "backend/export",
];

/// Files outside of those that know an op by its name: where its row stands, what it does on lanes, what
/// the planner makes of it.
#[test]
fn few_files_name_an_op() {
    let files = all();
    let mut wrong = Vec::new();
    for op in op::table() {
        let name = op.name.to_uppercase();
        let most = if op.kind == Kind::Map { 3 } else { 5 };
        let names = |(path, code): &&(String, String)| {
            !MEANING.iter().any(|folder| path.starts_with(folder))
                && !is_test(path)
                && is_named(code, &name)
        };
        let own: Vec<&str> = files.iter().filter(names).map(|(path, _)| path.as_str()).collect();
        assert!(!own.is_empty(), "{} is named nowhere", op.name);
        if own.len() > most {
            wrong.push(format!("{}: {}", op.name, own.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether code has the constant of an op, not one of a type (`f32::MAX`).
fn is_named(code: &str, name: &str) -> bool {
    let modules = op::table().map(|op| format!("{:?}", op.kind).to_lowercase());
    let modules: Vec<String> = modules.chain(["is", "Row", "ops"].map(String::from)).collect();
    code.match_indices(name).any(|(at, _)| {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let whole = !word(before.chars().next_back()) && !word(after.chars().next());
        let of =
            before.strip_suffix("::").map(|path| path.rsplit(|c| !word(Some(c))).next().unwrap());
        whole && of.is_none_or(|module| modules.iter().any(|m| m == module))
    })
}
