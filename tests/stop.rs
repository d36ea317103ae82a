//! Train phases that stop by a figure of a validation split, on a model that learns its few examples
//! by heart.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MODEL: &str = r#"
config patience: int = 4
data d from uci_digits(rows = 60, valid = 0.2) { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> dropout(0.1) |> Linear(100) |> relu |> Linear(10)
loss nll = cross_entropy(f(x), y)
train fit on d.train batch 20 epochs 150 until nll stalls patience on d.valid {
  minimize nll over f with adam(lr = 1e-2)
}
eval valid on d.valid batch 64 { report nll }
eval known on d.train batch 20 { report nll }
"#;

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.rl"), text).unwrap();
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.current_dir(folder).args(["run", "model.rl"]).args(args);
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let output = command(folder, args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn figure(folder: &Path, phase: &str) -> f64 {
    let report = json(&folder.join("report.json"));
    let figures = report["figures"].as_array().unwrap();
    let found = figures.iter().find(|f| f["phase"] == phase && f["name"] == "nll").unwrap();
    found["value"].as_f64().unwrap()
}

/// Step and value of every look.
fn looks(folder: &Path) -> Vec<(u64, f64)> {
    let text = fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter_map(|line: serde_json::Value| {
            Some((line["step"].as_u64()?, line["until"].as_f64()?))
        })
        .collect()
}

#[test]
fn training_stops_and_keeps_the_best_weights() {
    let home = folder(MODEL);
    let home = home.path();
    let output = run(home, &["--out", "early"]);
    let early = home.join("early");
    let looks = looks(&early);
    let best = looks.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    let last = looks.last().unwrap();
    // Three steps a pass, a look after each, four without improvement.
    assert_eq!(looks[0].0, 3);
    assert_eq!(last.0, best.0 + 4 * 3);
    assert!(last.0 < 450, "it never stopped");
    let report = json(&early.join("report.json"));
    assert_eq!(report["phases"][0]["steps"], last.0);
    assert_eq!(report["phases"][0]["kept"]["step"], best.0);
    let note = format!("fit: stopped after step {}, kept step {}", last.0, best.0);
    let shown = String::from_utf8_lossy(&output.stderr).to_string();
    assert!(shown.contains(&note), "{shown}");
    // The weights that are kept give the value of the best look; other batches, other rounding.
    let kept = figure(&early, "valid");
    assert!((kept - best.1).abs() < 1e-4 * best.1, "{kept}, not {}", best.1);
    // Trained on, the model knows its examples better and others worse.
    let text = MODEL.replace(" until nll stalls patience on d.valid", "");
    fs::write(home.join("model.rl"), text).unwrap();
    run(home, &["--out", "whole"]);
    let whole = home.join("whole");
    assert!(figure(&whole, "known") < 0.5 * figure(&early, "known"));
    assert!(figure(&whole, "valid") > 1.05 * kept, "{} {kept}", figure(&whole, "valid"));
}

#[test]
fn a_killed_run_stops_at_the_same_step_with_the_same_weights() {
    let home = folder(MODEL);
    let home = home.path();
    run(home, &["--out", "whole", "--quiet"]);
    for (round, wanted) in [5, 30].into_iter().enumerate() {
        let out = format!("killed{round}");
        let mut child = command(home, &["--quiet", "--save-every", "0", "--out", &out])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let at_least = format!("000-{wanted:010}");
        let checkpoints = home.join(&out).join("checkpoints");
        for _ in 0..6000 {
            let entries = fs::read_dir(&checkpoints).into_iter().flatten().flatten();
            let newest = entries.filter_map(|e| e.file_name().into_string().ok()).max();
            if newest.is_some_and(|name| name >= at_least) || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        run(home, &[&format!("--resume={out}"), "--quiet"]);
        for file in ["metrics.jsonl", "weights.safetensors"] {
            let read = |run: &str| fs::read(home.join(run).join(file)).unwrap();
            assert!(read(&out) == read("whole"), "{file} of {out}");
        }
    }
}

#[test]
fn a_figure_that_goes_on_falling_stops_nothing() {
    let home = folder(&MODEL.replace("until nll stalls patience", "until -nll stalls 450"));
    let home = home.path();
    let text = fs::read_to_string(home.join("model.rl")).unwrap().replace("epochs 150", "epochs 5");
    fs::write(home.join("model.rl"), text).unwrap();
    run(home, &["--out", "all"]);
    let looks = looks(&home.join("all"));
    assert_eq!(looks.len(), 5);
    // The other direction: the look with the largest loss is kept.
    let report = json(&home.join("all/report.json"));
    let worst = looks.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(report["phases"][0]["kept"]["step"], worst.0);
    assert!(worst.1 < 0.0);
}
