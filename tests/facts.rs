//! Facts about the library: each file in `tests/facts` states its own (`common/facts.rs` says how).
//! Held by the fused executor and by the f64 interpreter, unless a line `// on: cpu` says that a file
//! trains too long for that.

#[path = "common/facts.rs"]
mod facts;

use facts::check;
use std::path::PathBuf;

fn facts_hold(device: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/facts");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rl"));
    files.sort();
    assert!(files.len() >= 4);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if device == "cpu" || !text.contains("\n// on: cpu\n") {
            check(&file, device);
        }
    }
}

#[test]
fn facts_hold_on_the_processor() {
    facts_hold("cpu");
}

#[test]
fn facts_hold_on_the_reference() {
    facts_hold("reference");
}
