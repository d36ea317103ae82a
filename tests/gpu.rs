//! Models on a graphics device as a user runs them: the numbers of the processor, the same bits twice,
//! the errors of a missing device. Without a device these tests say so and pass; where
//! `RLC_GPU=required` is set, they fail.
#![cfg(feature = "gpu")]

mod common;
#[path = "common/device.rs"]
mod device;
#[path = "common/facts.rs"]
mod facts;

use common::{model_names, model_path};
use device::present;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn facts_hold() {
    if present() {
        facts::facts_hold("gpu");
    }
}

fn rlc(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(args)
        .current_dir(home)
        .env("XDG_CACHE_HOME", home)
        .output()
        .unwrap()
}

fn done(home: &Path, args: &[&str]) -> Output {
    let output = rlc(home, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "rlc {args:?}: {errors}");
    output
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The losses of the first 20 steps on a device, with more flags.
fn losses(home: &Path, model: &str, device: &[&str]) -> Vec<f64> {
    let path = model_path(model);
    let args = ["bench", path.to_str().unwrap(), "--seconds", "0", "--device"];
    let output = done(home, &[&args, device].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    serde_json::from_value(last["losses"].clone()).unwrap()
}

/// Models whose train phase minimizes nothing: its updates are compared by what the run reports.
const NO_LOSS: &[&str] = &["gmm", "ib", "perceptron", "recirculation"];

/// What a software device compiles in a minute or two; that every op is right is tested by itself.
/// `RLC_GPU_MODELS=all` takes all models.
const SOME: &[&str] = &["conv_vae", "iwae", "k_sparse", "vq_vae"];

fn all() -> bool {
    std::env::var("RLC_GPU_MODELS").is_ok_and(|v| v == "all")
}

/// Every other model that is compared.
fn compared(half: usize) -> impl Iterator<Item = String> {
    let all = all();
    let wanted = move |name: &String| all || SOME.contains(&name.as_str());
    model_names().into_iter().filter(wanted).skip(half).step_by(2)
}

/// A few random steps apart, rounding is the only difference: 1e-4 leaves room for sums of thousands
/// of terms in another order, and is far below what a wrong kernel does.
const NEAR: f64 = 1e-4;

fn compare(models: impl Iterator<Item = String>) {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for model in models.filter(|model| !NO_LOSS.contains(&model.as_str())) {
        let (got, right) =
            (losses(home.path(), &model, &["gpu"]), losses(home.path(), &model, &["cpu"]));
        assert_eq!((got.len(), right.len()), (20, 20), "{model}");
        for (step, (a, b)) in got.iter().zip(&right).enumerate() {
            assert!((a - b).abs() <= NEAR * b.abs(), "{model}, step {step}: {a} instead of {b}");
        }
    }
}

#[test]
fn losses_of_every_other_model_are_those_of_the_processor() {
    compare(compared(0));
}

#[test]
fn losses_of_the_other_models_are_those_of_the_processor() {
    compare(compared(1));
}

fn report(home: &Path, name: &str) -> serde_json::Value {
    let text = fs::read_to_string(home.join(name).join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn models_without_a_loss_report_the_figures_of_the_processor() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for model in NO_LOSS {
        let path = model_path(model);
        for device in ["gpu", "cpu"] {
            let out = format!("{model}-{device}");
            done(home.path(), &["run", path.to_str().unwrap(), "--device", device, "--out", &out]);
        }
        let figures =
            |device: &str| report(home.path(), &format!("{model}-{device}"))["figures"].clone();
        let (got, right) = (figures("gpu"), figures("cpu"));
        for (a, b) in got.as_array().unwrap().iter().zip(right.as_array().unwrap()) {
            let (x, y) = (a["value"].as_f64().unwrap(), b["value"].as_f64().unwrap());
            assert!((x - y).abs() <= 1e-2 * y.abs().max(1e-3), "{model}: {a} instead of {b}");
        }
    }
}

/// A run on the device is one of the processor in all but rounding, and the same bits when repeated;
/// its folder can be gone on with anywhere.
#[test]
fn a_run_is_repeated_and_gone_on_with() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model_path("mlp");
    let path = path.to_str().unwrap();
    let run = |out: &str, more: &[&str]| {
        let args = ["run", path, "--set", "epochs=2", "--out", out];
        done(home.path(), &[&args, more].concat())
    };
    let said = errors(&run("gpu", &["--device", "gpu"]));
    assert!(said.contains("device: "), "{said}");
    run("again", &["--device", "gpu"]);
    run("cpu", &[]);
    let read = |out: &str, file: &str| fs::read(home.path().join(out).join(file)).unwrap();
    for file in ["weights.safetensors", "metrics.jsonl"] {
        assert_eq!(read("gpu", file), read("again", file), "{file}");
    }
    let lines = |out: &str| -> Vec<f64> {
        let text = String::from_utf8(read(out, "metrics.jsonl")).unwrap();
        let losses = text.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
        losses.filter_map(|line| line["loss"].as_f64()).collect()
    };
    assert_eq!(lines("gpu").len(), 2);
    for (a, b) in lines("gpu").iter().zip(lines("cpu")) {
        assert!((a - b).abs() <= NEAR * b, "{a} instead of {b}");
    }
    let more = done(home.path(), &["run", path, "--set", "epochs=2", "--resume=gpu"]);
    assert!(errors(&more).contains("report.json"), "{}", errors(&more));
}

/// Values in 16 bits: another rounding of 1 in 2048 at every step, so losses agree to a few hundredths,
/// and the same bits when repeated.
#[test]
fn losses_with_values_in_16_bits_are_near() {
    if !present() || !rlc::backend::wgpu::list()[0].half {
        eprintln!("skipped: the device has no reals of 16 bits");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for model in if all() { &["mlp", "vae"][..] } else { &["mlp"] } {
        differ_slightly(home.path(), model, &["gpu", "--half"]);
    }
}

/// Losses that differ from those without flags by a few hundredths at most, and not when repeated.
fn differ_slightly(home: &Path, model: &str, device: &[&str]) {
    let got = losses(home, model, device);
    assert_eq!(got, losses(home, model, device), "{model}");
    let right = losses(home, model, &["gpu"]);
    assert_ne!(got, right, "{model}: {device:?} does nothing");
    for (a, b) in got.iter().zip(right) {
        assert!((a - b).abs() <= 0.02 * b.abs(), "{model}: {a} instead of {b}");
    }
}

/// With cooperative matrices: what they cost beyond 16 bits is the order of terms. Where a device has
/// none, the flag is an error that says what to do, and on the processor a note.
#[test]
fn losses_by_cooperative_matrices_are_near() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model_path("mlp");
    let bench = ["bench", path.to_str().unwrap(), "--seconds", "0", "--device"];
    let said = errors(&done(home.path(), &[&bench[..], &["cpu", "--cooperative"]].concat()));
    assert!(said.contains("`--cooperative` is for graphics devices"), "{said}");
    let flags = [&["gpu", "--cooperative"][..], &["gpu", "--cooperative", "--half"]];
    for (units, flags) in rlc::backend::wgpu::list()[0].cooperative.iter().zip(flags) {
        if units.is_some() {
            differ_slightly(home.path(), "mlp", flags);
            continue;
        }
        let output = rlc(home.path(), &[&bench[..], flags].concat());
        assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
        assert!(errors(&output).contains("RL5001"), "{}", errors(&output));
    }
}

#[test]
fn time_is_told_kernel_by_kernel() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model_path("mlp");
    let args = ["--set", "epochs=1", "--device", "gpu", "--profile", "--out", "r"];
    let output = done(home.path(), &[&["run", path.to_str().unwrap()], &args[..]].concat());
    assert!(errors(&output).contains("kernels took"), "{}", errors(&output));
    let text = fs::read_to_string(home.path().join("r/profile.json")).unwrap();
    let profile: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kernels = profile["kernels"].as_array().unwrap();
    let spent = |kernel: &serde_json::Value| kernel["seconds"].as_f64().unwrap();
    assert!(kernels.iter().any(|k| k["kind"] == "product" && spent(k) > 0.0), "{text}");
}

#[test]
fn devices_are_listed_and_tested() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let text = String::from_utf8(done(home.path(), &["devices"]).stdout).unwrap();
    assert!(text.starts_with("gpu:0 "), "{text}");
    assert!(text.contains("self test: as the processor"), "{text}");
    let text = String::from_utf8(done(home.path(), &["devices", "--json", "--no-test"]).stdout);
    let row: serde_json::Value =
        serde_json::from_str(text.unwrap().lines().next().unwrap()).unwrap();
    assert!(row["binding_bytes"].as_u64().unwrap() >= 128 << 20, "{row}");
}

/// Tiles that were found for a device change no bit.
#[test]
fn tuning_changes_no_bit() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model_path("perceptron");
    let path = path.to_str().unwrap();
    let tuned = done(home.path(), &["tune", path, "-o", "tiles.json"]);
    assert!(errors(&tuned).contains("wrote tiles.json"), "{}", errors(&tuned));
    let run = ["run", path, "--device", "gpu"];
    done(home.path(), &[&run[..], &["--out", "plain"]].concat());
    done(home.path(), &[&run[..], &["--out", "tuned", "--tiles", "tiles.json"]].concat());
    let read = |out: &str| fs::read(home.path().join(out).join("weights.safetensors")).unwrap();
    assert_eq!(read("plain"), read("tuned"));
    fs::write(home.path().join("tiles.json"), "[[1, 2]]").unwrap();
    let output = rlc(home.path(), &[&run[..], &["--tiles", "tiles.json"]].concat());
    assert!(errors(&output).contains("holds no tiles"), "{}", errors(&output));
}

/// Without a driver: an error with a hint, and `auto` takes the processor and says so.
#[test]
fn a_missing_device_is_said() {
    let home = tempfile::tempdir().unwrap();
    let path = model_path("perceptron");
    let without = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_rlc"))
            .args(args)
            .current_dir(home.path())
            .env("VK_ICD_FILENAMES", "/nonexistent.json")
            .env("VK_DRIVER_FILES", "/nonexistent.json")
            .output()
            .unwrap()
    };
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let run = ["run", path.to_str().unwrap(), "--quiet"];
    let output = without(&[&run[..], &["--device", "gpu"]].concat());
    assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
    assert!(errors(&output).contains("RL5001"), "{}", errors(&output));
    assert!(errors(&output).contains("--device cpu"), "{}", errors(&output));
    let output = without(&["devices"]);
    assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
    let output = without(&["run", path.to_str().unwrap(), "--device", "auto"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(errors(&output).contains("device: the processor"), "{}", errors(&output));
    let output = without(&["run", path.to_str().unwrap(), "--device", "gpu:x"]);
    assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
}

/// Ctrl-C saves within seconds, and the processor goes on with the run.
#[cfg(unix)]
#[test]
fn an_interrupted_run_is_gone_on_with_on_the_processor() {
    if !present() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model_path("mlp");
    let run = ["run", path.to_str().unwrap(), "--set", "epochs=40"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(run)
        .args(["--device", "gpu", "--out", "r", "--save-every", "0.2", "--quiet"])
        .current_dir(home.path())
        .spawn()
        .unwrap();
    let metrics = home.path().join("r/metrics.jsonl");
    let begun = std::time::Instant::now();
    while fs::metadata(&metrics).map_or(0, |m| m.len()) == 0 {
        assert!(begun.elapsed().as_secs() < 120, "no epoch in two minutes");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let code = child.wait().unwrap().code();
    // The run may have been over before the signal came.
    assert!(code == Some(130) || code == Some(0), "{code:?}");
    done(home.path(), &[&run[..], &["--resume=r", "--device", "cpu"]].concat());
    let accuracy = report(home.path(), "r")["figures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|figure| figure["phase"] == "test" && figure["name"] == "accuracy")
        .and_then(|figure| figure["value"].as_f64());
    assert!(accuracy.is_some_and(|accuracy| accuracy > 0.95), "{accuracy:?}");
}
