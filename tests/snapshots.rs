//! Every model's explanation and optimized train graph, and every stage of a few small models, as
//! snapshots. A changed snapshot is read before it is accepted.

mod common;

use common::{model_names, model_path};
use std::process::Command;

const STAGES: &[&str] =
    &["ast", "model", "objective", "graph", "grad", "opt", "plan", "wgsl", "dot"];

fn rlc(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rlc")).args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "rlc {args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn explanations_of_every_model() {
    for name in model_names() {
        let path = model_path(&name);
        snapshot(&format!("explain_{name}"), &rlc(&["explain", path.to_str().unwrap()]));
    }
}

#[test]
fn optimized_graphs_of_every_model() {
    for name in model_names() {
        let path = model_path(&name);
        snapshot(
            &format!("opt_{name}"),
            &rlc(&["compile", path.to_str().unwrap(), "--emit", "opt"]),
        );
    }
}

/// Shaders of more lines nobody reads. They are printed, and `tests/gpu.rs` holds what they compute.
const READ: usize = 5000;

/// The largest program of a print of shaders: the train step.
fn largest(text: &str) -> &str {
    let heads = text.match_indices(" dispatches, ").filter_map(|(at, _)| text[..at].rfind("// "));
    let mut ends: Vec<usize> = heads.collect();
    ends.push(text.len());
    let programs = ends.windows(2).map(|pair| &text[pair[0]..pair[1]]);
    programs.max_by_key(|program| program.len()).unwrap()
}

#[test]
fn shaders_of_every_model() {
    for name in model_names() {
        let path = model_path(&name);
        let text = rlc(&["compile", path.to_str().unwrap(), "--emit", "wgsl"]);
        let program = largest(&text);
        if program.lines().count() <= READ {
            snapshot(&format!("wgsl_{name}"), program);
        }
    }
}

#[test]
fn every_stage_of_small_models() {
    for name in ["tiny_vae", "tiny_jacobian", "tiny_scan"] {
        let path = format!("{}/tests/emit/{name}.rl", env!("CARGO_MANIFEST_DIR"));
        for stage in STAGES {
            let text = rlc(&["compile", &path, "--emit", stage]);
            snapshot(&format!("{name}_{stage}"), &text);
        }
    }
}
