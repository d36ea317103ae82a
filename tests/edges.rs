//! Functions, densities and divergences of the library at the edges of their arguments, against
//! values of arbitrary precision (`tests/edges/table.tsv`, made by `tools/edges.py`), on the processor,
//! on a graphics device and in the f64 interpreter; and derivatives behind branches that are not taken.

#[cfg(feature = "gpu")]
#[path = "common/device.rs"]
mod device;

use ndarray_npy::NpzReader;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A line of the table.
struct Row {
    expression: String,
    /// a, b, c, d
    values: [f64; 4],
    label: u32,
    right: f64,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/edges")
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join("table.tsv")).unwrap();
    let row = |line: &str| {
        let words: Vec<&str> = line.split('\t').collect();
        let number = |i: usize| words[i].parse::<f64>().unwrap();
        Row {
            expression: words[0].into(),
            values: [number(1), number(2), number(3), number(4)],
            label: words[5].parse().unwrap(),
            right: number(6),
        }
    };
    text.lines().filter(|l| !l.starts_with('#')).map(row).collect()
}

/// Every expression at every row: `[row, expression]`.
fn run(expressions: &[&str], rows: &[Row], device: &str, at: &Path) -> ndarray::Array2<f32> {
    let mut data = String::from("a,b,c,d,u,n,k\n");
    for row in rows {
        let [a, b, c, d] = row.values;
        let unit = if (0.0..=1.0).contains(&a) { a } else { 0.0 };
        let count = if a >= 0.0 && a.fract() == 0.0 { a } else { 0.0 };
        writeln!(data, "{a:e},{b:e},{c:e},{d:e},{unit:e},{count:e},{}", row.label).unwrap();
    }
    std::fs::write(at.join("data.csv"), data).unwrap();
    let mut text = std::fs::read_to_string(folder().join("densities.rl")).unwrap();
    let fields = "a: f32, b: f32, c: f32, d: f32, u: f32 in 0..1, n: count, k: idx(3)";
    writeln!(text, "data t from csv(\"data.csv\", split = 1.0) {{ {fields} }}").unwrap();
    // The parts of a `concat` are as many as an argument list may hold, so several are joined.
    let groups: Vec<String> =
        expressions.chunks(16).map(|some| format!("concat({}, 0.0)", some.join(", "))).collect();
    let count = rows.len();
    writeln!(
        text,
        "sample rows on t.train count {count} {{ emit concat({}) as npz }}",
        groups.join(",\n  ")
    )
    .unwrap();
    let file = at.join("edges.rl");
    std::fs::write(&file, text).unwrap();
    let out = at.join(device);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.arg("run").arg(&file).args(["--quiet", "--device", device, "--out"]).arg(&out);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = File::open(out.join("samples/rows.npz")).unwrap();
    let mut archive = NpzReader::new(found).unwrap();
    let name = archive.names().unwrap()[0].clone();
    archive.by_name(&name).unwrap()
}

/// Reals of 24 bits: an operand is known to half a unit of the last place, so a result that is a sum of
/// operands to a few units of the largest; what is in no sum, to 1e-5 of itself.
/// The reference counts in 64 bits, and rounds only what it writes.
fn near(row: &Row, found: f64, device: &str) -> bool {
    let right = row.right;
    // Slopes of log-densities are differences of numbers of the size of 1 / scale and 1 / x.
    let slope = row.expression.contains("=> log ");
    let (relative, absolute) = match device {
        "reference" => (1e-6, 1e-6),
        _ if slope => (5e-4, 1e-4),
        _ => (1e-5, 3e-6),
    };
    match () {
        () if right.is_nan() => found.is_nan(),
        () if found.is_nan() => false,
        () if right.abs() > f64::from(f32::MAX) => {
            found.signum() == right.signum() && found.abs() > 1e38
        }
        () => (found - right).abs() <= relative * right.abs() + absolute,
    }
}

#[test]
fn the_library_is_right_at_the_edges_on_the_processor() {
    right_at_the_edges("cpu");
}

#[test]
fn the_library_is_right_at_the_edges_on_the_reference() {
    right_at_the_edges("reference");
}

#[cfg(feature = "gpu")]
#[test]
fn the_library_is_right_at_the_edges_on_a_graphics_device() {
    if device::present() {
        right_at_the_edges("gpu");
    }
}

fn right_at_the_edges(device: &str) {
    let rows = table();
    let mut expressions: Vec<&str> = Vec::new();
    for row in &rows {
        if !expressions.contains(&row.expression.as_str()) {
            expressions.push(&row.expression);
        }
    }
    assert!(rows.len() > 1500 && expressions.len() > 90, "{} rows", rows.len());
    let at = tempfile::tempdir().unwrap();
    let found = run(&expressions, &rows, device, at.path());
    let mut wrong = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let at = expressions.iter().position(|e| *e == row.expression).unwrap();
        let value = f64::from(found[[i, at + at / 16]]);
        if !near(row, value, device) {
            let Row { expression, values, label, right } = row;
            wrong.push(format!("{expression} at {values:?}, {label}: {value}, not {right}"));
        }
    }
    assert!(wrong.is_empty(), "{} on {device}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Functions that have no edges of their own: of images, of noise, of weights at their beginning, of
/// the step, of whole numbers.
const ELSEWHERE: &[&str] = &[
    "dropout",
    "max_pool",
    "avg_pool",
    "upsample",
    "circular_pad",
    "translate",
    "moved",
    "random_shift",
    "random_offset",
    "causal_mask",
    "analogy",
    "constant",
    "normal",
    "uniform",
    "glorot",
    "he",
    "cosine",
    "linear",
    "exponential",
    "warmup",
    "warmup_cosine",
    "running_mean",
    "opened",
    "left_open",
];

#[test]
fn every_function_and_density_of_the_library_is_in_the_table() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let read =
        |name: &str| std::fs::read_to_string(root.join("src/model/prelude").join(name)).unwrap();
    let table = table();
    let used = |name: &str| table.iter().any(|row| row.expression.contains(&format!("{name}(")));
    let functions = read("functions.rl");
    let names = functions.lines().filter_map(|l| l.strip_prefix("fn ")?.split('(').next());
    let missing: Vec<&str> = names.filter(|n| !ELSEWHERE.contains(n) && !used(n)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
    let densities = std::fs::read_to_string(folder().join("densities.rl")).unwrap();
    let parts = ["distributions.rl", "gamma.rl", "counts.rl", "vectors.rl"];
    let library: String = parts.map(read).concat();
    for text in library.split("\ndistribution ").skip(1) {
        let (line, body) = text.split_once('\n').unwrap();
        let has = |row: &str| {
            body.lines().take_while(|l| *l != "}").any(|l| l.starts_with(&format!("  {row} ")))
        };
        let (family, rest) = line.split_once('(').unwrap();
        let first = rest.split(':').next().unwrap();
        let named = |l: &&str| {
            l.contains(&format!("{family}({first} = ")) || l.contains(&format!("{family}(b, c)"))
        };
        let model = densities.split("\nmodel ").find(|l| named(l));
        let model = model.unwrap_or_else(|| panic!("no model of {family}({first} = ...)"));
        let name = model.split('(').next().unwrap();
        let entropy = has("entropy").then(|| format!("entropy({name}("));
        for form in [format!("log {name}(")].into_iter().chain(entropy) {
            assert!(table.iter().any(|row| row.expression.contains(&form)), "no row `{form}`");
        }
    }
    let closed = library.lines().filter(|l| l.starts_with("divergence KL")).count();
    let mut scored: Vec<&str> =
        table.iter().map(|r| r.expression.as_str()).filter(|e| e.starts_with("KL(")).collect();
    scored.dedup();
    assert!(scored.len() > closed, "{scored:?}");
}

fn rlc(folder: &Path, text: &str, more: &[&str]) -> std::process::Output {
    std::fs::write(folder.join("m.rl"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.current_dir(folder).args(["run", "m.rl", "--out", "out"]).args(more).output().unwrap()
}

#[test]
fn the_last_update_is_looked_at() {
    // One step with a finite loss; no later loss sees its update.
    let text = "config rate: f32 = 80.0\ndata d from uci_digits() { x: f32[64] in 0..1 }\n\
        param w: f32[2] = constant(1)\nloss far = sum(exp(rate * w))\n\
        train fit on d.train batch 1 steps 1 { minimize far over w with sgd(lr = 1e30) }\n";
    // The reference device counts in f64, which end much later.
    for (device, rate) in [("cpu", "rate=80"), ("reference", "rate=700")] {
        let at = tempfile::tempdir().unwrap();
        let output = rlc(at.path(), text, &["--device", device, "--set", rate]);
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{shown}");
        assert!(
            shown.contains("error[RL5003]: phase `fit`: `w` holds -inf after step 0"),
            "{shown}"
        );
        assert!(!at.path().join("out/weights.safetensors").exists());
    }
}

#[test]
fn an_optimizer_does_not_stand_still_in_silence() {
    // The square of the first gradient is infinite, and every later update is 0.
    let text = "data d from uniform(4, 1, split = 1.0) { x: f32[1] }\nparam w: f32 = constant(1)\n\
        loss far = where(step() == 0, 1e25, 1.0) * w\n\
        train fit on d.train batch 4 steps 9 { minimize far over w with adam(lr = 0.1) }\n";
    let at = tempfile::tempdir().unwrap();
    let shown = rlc(at.path(), text, &[]).stderr;
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("error[RL5003]: phase `fit`: `fit.adam.w.v` holds inf"), "{shown}");
    assert!(shown.contains("= help: ") && shown.contains("clip = 1"), "{shown}");
}

#[test]
fn figures_that_are_not_finite_are_named_in_the_end_and_in_the_report() {
    let text = "data d from uci_digits() { x: f32[64] in 0..1 }\n\
        param w: f32 = constant(0)\neval look on d.test batch 1 { report log(w) as low, w / w as none, w as zero }\n";
    let at = tempfile::tempdir().unwrap();
    let output = rlc(at.path(), text, &[]);
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{shown}");
    for warning in ["`low` of phase `look` is -inf", "`none` of phase `look` is NaN"] {
        assert!(shown.contains(&format!("warning: {warning}")), "{shown}");
        let report = std::fs::read_to_string(at.path().join("out/report.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert!(report["not_finite"].as_array().unwrap().iter().any(|w| w == warning), "{report}");
    }
    assert!(!shown.contains("`zero`"), "{shown}");
}
