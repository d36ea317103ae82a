//! Figures that a run reports, from the language to the report file.

use std::path::{Path, PathBuf};
use std::process::Command;

struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    /// Runs a program from its text.
    fn new(text: &str, args: &[&str]) -> Run {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.rl"), text).unwrap();
        rlc(folder.path(), args);
        Run { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("run").join(file)
    }

    fn figure(&self, name: &str) -> f64 {
        let text = std::fs::read_to_string(self.path("report.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let figures = report["figures"].as_array().unwrap();
        let found = figures.iter().find(|f| f["name"] == name);
        found.unwrap_or_else(|| panic!("no figure {name}"))["value"].as_f64().unwrap()
    }
}

fn rlc(folder: &Path, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.current_dir(folder).args(["run", "model.rl", "--quiet", "--out", "run"]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every metric is a function of the language. Where a value is known it is compared; the bounds
/// of the rest say that the digits are easy.
#[test]
fn metrics_are_functions() {
    let run = Run::new(
        r#"
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
eval test on d.test batch 100 {
  report linear_probe(x, y) as linear, knn_probe(x, y) as near, linear_r2(x, y) as r2
  report linear_r2(x, sum(x)) as exact, auc(x[20], y == 0) as area, auc(float(y), y == 9) as nines
  report kmeans_accuracy(x, y) as clusters, nmi(x, y) as shared
  report mutual_information(y, y) as entropy, mutual_information(x[20], y, bins = 2) as bit
  report mig(one_hot(y, 10), y) as gap, mig(float(y), (y, y)) as alone, dci(x, (y, argmax(x))) as dci
  report psnr(x, x + 0.1) as db, psnr(x, x + 0.1, peak = 2) as louder
  report accuracy(one_hot(y, 10), y) as right
  report two_nn(x) as dims, rank(reshape(x, 8, 8)) as directions, rank(eye(7)) as seven
  report rank(jacobian((v) => concat(v, 2 * v), at = x)) as linear_map
}
"#,
        &[],
    );
    let close = |name: &str, value: f64| {
        let found = run.figure(name);
        assert!((found - value).abs() < 1e-4, "{name}: {found}, not {value}");
    };
    // The test rows hold 36 digits of each class, more or less: nearly log 10 nats.
    let entropy = run.figure("entropy");
    assert!(entropy < 10f64.ln() && entropy > 2.27, "{entropy}");
    assert!(run.figure("bit") < 2f64.ln());
    close("exact", 1.0);
    close("nines", 1.0);
    close("alone", 1.0);
    close("db", 20.0);
    close("louder", 20.0 + 20.0 * 2f64.log10());
    close("right", 1.0);
    close("seven", 7.0);
    close("linear_map", 64.0);
    for (name, low, high) in [
        ("linear", 0.93, 1.0),
        ("near", 0.95, 1.0),
        ("r2", 0.3, 0.8),
        ("area", 0.0, 0.4),
        ("clusters", 0.6, 0.9),
        ("shared", 0.6, 0.9),
        ("gap", 0.0, 0.05),
        ("dci", 0.01, 0.9),
        ("dims", 5.0, 12.0),
        ("directions", 4.0, 8.0),
    ] {
        let found = run.figure(name);
        assert!((low..=high).contains(&found), "{name}: {found}");
    }
}

/// A bottleneck of indices reports how much of its codebook is used; a code without a rate, how many
/// of its values are not 0.
#[test]
fn bottlenecks_report_what_passes() {
    let data = r#"data d from uci_digits(binarize = "threshold") { x: bit[64], y: idx(10) }"#;
    let mixture = Run::new(
        &format!(
            "{data}{}",
            r#"
bottleneck q(c | x: bit[64]) { c: idx(16) ~ Categorical(logits = x |> Linear(16)) }
prior p(c) { c: idx(16) ~ Categorical(probs = expand(1 / 16, over = 16)) }
param means: f32[16, 64] = normal(0, 0.1)
decoder p(x | c: idx(16)) { x: bit[64] ~ Bernoulli(logits = means[c]) }
loss nelbo = -elbo(p, q)
train fit on d.train batch 64 epochs 10 {
  minimize nelbo over (q, means) with adam(lr = 1e-2)
}
eval test on d.test batch 100 { report nelbo }
"#
        ),
        &[],
    );
    let (used, perplexity) = (mixture.figure("q.used"), mixture.figure("q.perplexity"));
    assert!((2.0..=16.0).contains(&used) && used.fract() == 0.0, "{used}");
    assert!(perplexity > 1.5 && perplexity <= used, "{perplexity} of {used}");
    assert!((0.5..=16f64.ln()).contains(&mixture.figure("q.rate")));
    assert_eq!(mixture.figure("q.width"), 1.0);
    let sparse = Run::new(
        &format!(
            "{data}{}",
            r#"
bottleneck code(x: bit[64]) -> f32[65] = concat(x, 0.0)
eval test on d.test batch 100 { report mean(x) as ones, sum(code(x)) / 65 as all }
"#
        ),
        &[],
    );
    let difference = sparse.figure("code.active_fraction") - sparse.figure("all");
    assert!(difference.abs() < 1e-6, "{difference}");
    assert!(sparse.figure("code.active") < 64.0);
}

/// A draw of a sample phase has the name that is written, and takes no other: not that of the data
/// which the density calls so, nor of an earlier draw. Two places that draw are two draws.
#[test]
fn draws_of_samples_have_their_own_names() {
    let run = Run::new(
        r#"
data d from uniform(40, 1) { s: f32[1] }
prior p(z) { z: f32 ~ Normal(0, 1) }
decoder p(s | z: f32) { s: f32[1] ~ Normal(500 + z * ones(1), 1) }
model m(a, c) { a: f32 ~ Normal(100, 1)  c: f32 ~ Normal(a + 100, 1) }
sample rec on d.train count 3 {
  z ~ p(z)
  y ~ p(s | z)
  z2 ~ p(z)
  c ~ m(a, c)
  emit s as input, y as output, z as first, z2 as second, a as upper, c as lower
}
"#,
        &[],
    );
    let column = |name: &str| -> Vec<f64> {
        let text = std::fs::read_to_string(run.path(&format!("samples/rec-{name}.csv"))).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    };
    let all = |name: &str, holds: fn(f64) -> bool| {
        let values = column(name);
        assert!(values.len() == 3 && values.into_iter().all(holds), "{name}");
    };
    all("input", |s| (0.0..=1.0).contains(&s));
    all("output", |y| (490.0..510.0).contains(&y));
    all("upper", |a| (90.0..110.0).contains(&a));
    all("lower", |c| (185.0..215.0).contains(&c));
    assert!(column("first").iter().zip(column("second")).all(|(a, b)| *a != b));
}
