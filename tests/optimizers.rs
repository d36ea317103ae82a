//! Every optimizer, every schedule and clipping: 100 steps from a fixed start against trajectories of
//! the papers' formulas and of PyTorch, both in f64 (`tools/optimizers.py`).

#[path = "common/facts.rs"]
mod facts;

use std::path::PathBuf;

/// Name, value by the papers, value by PyTorch.
fn goldens() -> Vec<(String, f64, f64)> {
    let path = format!("{}/tests/goldens/optimizers.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[0].to_string(), words[1].parse().unwrap(), words[2].parse().unwrap())
    });
    rows.collect()
}

/// The largest deviation of a trajectory's end, relative to values of one.
fn compare(device: &str, paper: impl Fn(&str) -> f64, pytorch: impl Fn(&str) -> f64) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/programs/optimizers.rl");
    let found = facts::figures(&file, device);
    let goldens = goldens();
    assert!(goldens.len() >= 60);
    for (name, by_paper, by_pytorch) in goldens {
        let value = found[&name];
        let off = |theirs: f64| (value - theirs).abs() / theirs.abs().max(1.0);
        assert!(off(by_paper) <= paper(&name), "{name} on {device}: {value}, {by_paper}");
        assert!(off(by_pytorch) <= pytorch(&name), "{name} on {device}: {value}, {by_pytorch}");
    }
}

/// PyTorch divides by the norm plus 1e-6 when it clips.
fn clip_of_pytorch(name: &str) -> f64 {
    if name.starts_with("clipped") { 1e-6 } else { 1e-12 }
}

#[test]
fn in_f64_they_are_those_of_the_papers_and_of_pytorch() {
    compare("reference", |_| 1e-12, clip_of_pytorch);
}

/// Steps of RMSprop keep their length near a minimum, where the sign of the gradient is rounding.
#[test]
fn in_f32_they_are_the_same_up_to_rounding() {
    let rounding = |name: &str| if name.starts_with("rmsprop_u") { 5e-3 } else { 5e-5 };
    compare("cpu", rounding, rounding);
}
