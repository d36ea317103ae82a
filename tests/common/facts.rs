//! Runs programs and holds their facts. A file computes figures and says what they must be:
//! `// fact: NAME < BOUND`, `// fact: NAME > BOUND`, `// fact: NAME = VALUE` up to rounding, or
//! `// fact: NAME == VALUE` in every bit, where NAME is a figure of an eval phase or the last average
//! of a tracked value. `// fact of processors: ...` is not held by graphics devices, whose drivers may
//! put factors in another order.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Figures and last averages of a run.
pub fn figures(file: &Path, device: &str) -> BTreeMap<String, f64> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .arg("run")
        .arg(file)
        .args(["--quiet", "--device", device, "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", file.display());
    let mut found = BTreeMap::new();
    let tracked = std::fs::read_to_string(out.join("metrics.jsonl")).unwrap_or_default();
    for line in tracked.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        for (name, value) in line.as_object().unwrap() {
            found.extend(value.as_f64().map(|v| (name.clone(), v)));
        }
    }
    let report = std::fs::read_to_string(out.join("report.json")).unwrap_or_default();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_default();
    for figure in report["figures"].as_array().into_iter().flatten() {
        let value = figure["value"].as_f64();
        found.extend(value.map(|v| (figure["name"].as_str().unwrap().to_string(), v)));
    }
    found
}

pub fn check(file: &Path, device: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let found = figures(file, device);
    let of_processors = |l| Some(l).filter(|_| device != "gpu");
    let facts = text.lines().filter_map(|l| {
        let own = l.strip_prefix("// fact of processors: ").and_then(of_processors);
        l.strip_prefix("// fact: ").or(own)
    });
    let facts: Vec<&str> = facts.collect();
    assert!(!facts.is_empty(), "{} states no fact", file.display());
    for fact in facts {
        let words: Vec<&str> = fact.split_whitespace().collect();
        let [name, relation, bound] = words[..] else { panic!("{fact}") };
        let bound: f64 = bound.parse().unwrap();
        let value = *found.get(name).unwrap_or_else(|| panic!("no figure {name}: {found:?}"));
        let holds = match relation {
            "<" => value < bound,
            ">" => value > bound,
            "=" => (value - bound).abs() <= 2e-5 * bound.abs().max(1.0),
            "==" => value == bound,
            _ => panic!("{fact}"),
        };
        assert!(holds, "{} on {device}: {fact}, found {value}", file.display());
    }
}

/// The files in `tests/facts`.
pub fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rl"));
    files.sort();
    assert!(files.len() >= 4);
    files
}

/// Holds all of them, but on the processor only those that train long.
pub fn facts_hold(device: &str) {
    for file in programs() {
        let text = std::fs::read_to_string(&file).unwrap();
        if device == "cpu" || !text.contains("\n// on: cpu\n") {
            check(&file, device);
        }
    }
}
