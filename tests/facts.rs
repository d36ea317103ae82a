//! Facts about the library: each file in `tests/facts` states its own (`common/facts.rs` says how).
//! Held by the fused executor and by the f64 interpreter.

#[path = "common/facts.rs"]
mod facts;

use facts::check;
use std::path::PathBuf;

#[test]
fn facts_hold() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/facts");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rl"));
    files.sort();
    assert!(files.len() >= 4);
    for file in files {
        check(&file, "cpu");
        check(&file, "reference");
    }
}
