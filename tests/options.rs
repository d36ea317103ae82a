//! Options of a source from the language and the command line to what a run does with its rows.

use std::path::PathBuf;
use std::process::{Command, Output};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(text: &str) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.rl"), text).unwrap();
        Folder(folder)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn try_run(&self, out: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rlc"))
            .current_dir(self.0.path())
            .args(["run", "model.rl", "--quiet", "--out", out])
            .args(args)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn run(&self, out: &str, args: &[&str]) -> serde_json::Value {
        let output = self.try_run(out, args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(self.path(out).join("report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

fn figure(report: &serde_json::Value, phase: &str, name: &str) -> f64 {
    let figures = report["figures"].as_array().unwrap();
    let found = figures.iter().find(|f| f["name"] == name && f["phase"] == phase);
    found.unwrap_or_else(|| panic!("no figure {phase} {name}"))["value"].as_f64().unwrap()
}

/// Zhang et al. 2017: the same network learns random labels by heart and true ones with sense.
const MEMORY: &str = r#"
config labels: str = "true"
config rows: int = 300
config class: int = -1
data d from uci_digits(labels = labels, rows = rows, class = class, valid = 0.1) {
  x: f32[64] in 0..1,
  y: idx(10)
}
net f(x: f32[64]) -> f32[10] = x |> Linear(200) |> relu |> Linear(10)
loss nll = cross_entropy(f(x), y)
train fit on d.train batch 100 epochs 150 {
  minimize nll over f with adam(lr = 3e-3)
}
eval known on d.train batch 100 { report accuracy(f(x), y) as right, float(y) as class }
eval valid on d.valid batch 100 { report accuracy(f(x), y) as right, float(y) as class }
eval test on d.test batch 100 { report accuracy(f(x), y) as right, float(y) as class }
"#;

#[test]
fn labels_by_heart_or_with_sense() {
    let folder = Folder::new(MEMORY);
    let honest = folder.run("honest", &[]);
    assert!(figure(&honest, "known", "right") >= 0.99);
    assert!(figure(&honest, "test", "right") >= 0.85);
    let random = folder.run("random", &["--set", "labels=shuffled"]);
    assert!(figure(&random, "known", "right") >= 0.99);
    // The labels of validation and test rows stay true.
    for phase in ["valid", "test"] {
        assert!((0.0..0.25).contains(&figure(&random, phase, "right")), "{phase}");
        assert_eq!(figure(&random, phase, "class"), figure(&honest, phase, "class"), "{phase}");
    }
    // What a run writes down repeats it.
    let again = folder.run("again", &["--config", "random/config.yaml"]);
    assert_eq!(again["figures"], random["figures"]);
    let refused = folder.try_run("refused", &["--set", "labels=random"]);
    let text = String::from_utf8_lossy(&refused.stderr).to_string();
    assert!(text.contains("RL2066") && text.contains("write \"true\" or \"shuffled\""), "{text}");
}

#[test]
fn options_hold_for_another_source() {
    let folder = Folder::new(MEMORY);
    let mut x = String::new();
    for row in 0..600 {
        let cells: Vec<String> = (0..64).map(|at| ((row * 7 + at) % 10).to_string()).collect();
        x.push_str(&format!("{},{}\n", cells.join(","), row % 3));
    }
    std::fs::write(folder.path("t.csv"), x).unwrap();
    let source = "d=csv:t.csv,split=0.8";
    let args = ["--data", source, "--set", "rows=100", "--set", "class=2"];
    let text = MEMORY.replace("f32[64] in 0..1", "f32[64]");
    std::fs::write(folder.path("model.rl"), text).unwrap();
    let report = folder.run("other", &args);
    assert_eq!(figure(&report, "known", "class"), 2.0);
    assert_eq!(figure(&report, "valid", "class"), 2.0);
    let test = figure(&report, "test", "class");
    assert!((0.8..1.2).contains(&test), "{test}: the test split keeps every class");
}

#[test]
fn made_up_data_has_the_factors_it_states() {
    let folder = Folder::new(
        r#"
data s from sprites() { x: bit[256], px: idx(8), shape: idx(3), scale: idx(3) }
data l from lowrank(n = 2000, noise = 0.05) { x: f32[8], z: f32[2] }
data m from ratings(n = 4000, users = 8, items = 5, rank = 2, noise = 0.1) {
  user: idx(8),
  item: idx(5),
  rating: f32
}
data i from iris() { x: f32[4], y: idx(3) }
data b from blobs(n = 1000, k = 4) { x: f32[2], y: idx(4) }
data r from spirals(n = 1000) { x: f32[2], y: idx(2) }
eval sprites on s.test batch 100 {
  report linear_r2(x, float(px)) as place, mig(concat(float(px), float(scale)), (px, scale)) as gap
  report sum(x) as area, float(shape) as shape
}
eval lowrank on l.test batch 100 { report linear_r2(x, z[0]) as first, linear_r2(x, z[1]) as second }
eval ratings on m.test batch 100 {
  report linear_r2(one_hot(5 * user + item, 40), rating) as pair
  report linear_r2(concat(one_hot(user, 8), one_hot(item, 5)), rating) as levels, rating as mean
}
eval iris on i.test batch 30 { report auc(-x[2], y == 0) as setosa }
eval blobs on b.test batch 100 { report knn_probe(x, y) as near }
eval spirals on r.test batch 100 { report knn_probe(x, y) as near, linear_probe(x, y) as linear }
"#,
    );
    let report = folder.run("run", &[]);
    let get = |phase: &str, name: &str| figure(&report, phase, name);
    assert!(get("sprites", "place") > 0.85, "{}", get("sprites", "place"));
    assert!((0.9..1.1).contains(&get("sprites", "shape")));
    assert!((15.0..60.0).contains(&get("sprites", "area")));
    // A code that is the factors has a gap of one.
    assert!(get("sprites", "gap") > 0.95, "{}", get("sprites", "gap"));
    assert!(get("lowrank", "first") > 0.99 && get("lowrank", "second") > 0.98);
    // A rating is that of the pair, not the sum of two levels.
    assert!(get("ratings", "pair") > 0.95 && get("ratings", "levels") < 0.9);
    assert!((1.0..5.0).contains(&get("ratings", "mean")));
    assert_eq!(get("iris", "setosa"), 1.0);
    assert!(get("blobs", "near") > 0.95);
    // Near points belong together; no line separates the spirals.
    assert!(get("spirals", "near") > 0.97 && get("spirals", "linear") < 0.75);
}

/// Logistic regression by five folds; what each run tests is what the others train on.
const FOLDS: &str = r#"
dim D = 4, C = 3
config fold: int = 0
data d from iris(folds = 5, fold = fold, standardize = true) { x: f32[D], y: idx(C) }
net f(x: f32[D]) -> f32[C] = x |> Linear(C)
loss nll = cross_entropy(f(x), y)
train fit on d.train batch 20 epochs 40 { minimize nll over f with adam(lr = 2e-2) }
eval test on d.test batch 20 { report accuracy(f(x), y) as right, float(y) as class }
"#;

fn mean_of_folds(folder: &Folder, name: &str, args: &[&str]) -> Vec<f64> {
    let run = |fold: usize| {
        let (out, set) = (format!("{name}-{fold}"), format!("fold={fold}"));
        let report = folder.run(&out, &[args, &["--set", &set]].concat());
        (figure(&report, "test", "right"), figure(&report, "test", "class"))
    };
    let runs: Vec<(f64, f64)> = (0..5).map(run).collect();
    let mean = |list: Vec<f64>| list.iter().sum::<f64>() / 5.0;
    vec![mean(runs.iter().map(|r| r.0).collect()), mean(runs.iter().map(|r| r.1).collect())]
}

#[test]
fn five_folds_of_irises() {
    let folder = Folder::new(FOLDS);
    let [right, class] = mean_of_folds(&folder, "iris", &[])[..] else { panic!("two figures") };
    assert!(right >= 0.93, "{right}");
    // Each fold has ten of each class.
    assert!((class - 1.0).abs() < 1e-6, "{class}");
}

/// The user's own table, its first line no row; needs the data of `RLC_DATA`.
#[test]
fn five_folds_of_a_table() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("RLC_DATA").map_or(root.join("../shared/data"), PathBuf::from);
    let table = data.join("uci-tabular/breast_cancer.csv");
    if !table.is_file() {
        eprintln!("skipped: no {}; RLC_DATA names the folder", table.display());
        return;
    }
    let folder = Folder::new(FOLDS);
    let source = format!("d=csv:{},skip=1", table.display());
    let args = ["--data", &source, "--set", "D=30", "--set", "C=2"];
    let [right, class] = mean_of_folds(&folder, "table", &args)[..] else { panic!("two figures") };
    assert!(right >= 0.95, "{right}");
    // 357 of 569 are benign, and each fold has as many but for one.
    assert!((class - 357.0 / 569.0).abs() < 0.005, "{class}");
}
