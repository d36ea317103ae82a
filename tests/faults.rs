//! What goes wrong around a run: signals, full disks, damaged files, a second program in the same
//! folder. The program is started as a user starts it; whatever happens, what was saved before is
//! there afterwards, and a run that goes on ends with the bits of one that was never disturbed.
#![cfg(unix)]

mod program;

use program::{SMALL, folder_with_files, rlc, same_files, saving, shown};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The undisturbed run.
fn whole(home: &Path) {
    let whole = rlc(home, &[SMALL, &["--out", "whole"]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", shown(&whole));
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// A run that was stopped after it had saved.
fn stopped(home: &Path, out: &str, by: &str) {
    let mut child = saving(home, out);
    signal(&child, by);
    let code = child.wait().unwrap().code();
    // The run may have been over before the signal came.
    assert!(code == Some(130) || code == Some(0), "{code:?}");
}

/// A run that goes on ends with the bits of the undisturbed one. Out: what it says.
fn goes_on_exactly(home: &Path, out: &str) -> String {
    let more = resume(home, out, &[]);
    let text = shown(&more);
    assert_eq!(more.status.code(), Some(0), "{text}");
    same_files(&home.join(out), &home.join("whole"));
    text
}

fn resume(home: &Path, out: &str, more: &[&str]) -> Output {
    rlc(home, &[SMALL, &[&format!("--resume={out}")], more].concat())
}

/// Two data sets, a copy that follows a net, draws in a loss: a run that was interrupted goes on with
/// the bits of one that was not, whatever the number of threads.
#[test]
fn two_data_sets_go_on_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let text = "data a from uci_digits() { x: f32[64] in 0..1 }
data b from uci_digits(binarize = \"stochastic\", rows = 300) { x: bit[64] }
net f(x: f32[64]) -> f32[8] = x |> Linear(8)
const t = copy(f)
loss l {
  let n ~ Normal(0, 1)
  return sum((f(a.x) - stop(t(b.x)) + 0.1 * n)^2)
}
train fit on (a.train, b.train) batch 32 epochs 20 {
  minimize l over f with adam(lr = 1e-3)
  t <- 0.9 * t + 0.1 * f
}
";
    fs::write(home.join("two.rl"), text).unwrap();
    let run = ["run", "two.rl", "--quiet"];
    assert_eq!(rlc(home, &[&run[..], &["--out", "whole"]].concat()).status.code(), Some(0));
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(run)
        .args(["--save-every", "0", "--out", "cut"])
        .current_dir(home)
        .spawn()
        .unwrap();
    while fs::read_dir(home.join("cut/checkpoints")).into_iter().flatten().count() < 2
        && child.try_wait().unwrap().is_none()
    {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    signal(&child, "-INT");
    let code = child.wait().unwrap().code();
    assert!(code == Some(130) || code == Some(0), "{code:?}");
    let more = rlc(home, &[&run[..], &["--resume=cut", "--threads", "1"]].concat());
    assert_eq!(more.status.code(), Some(0), "{}", shown(&more));
    let weights = |out: &str| fs::read(home.join(out).join("weights.safetensors")).unwrap();
    assert!(weights("cut") == weights("whole"));
}

/// Folders of checkpoints, oldest first.
fn checkpoints(home: &Path, out: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.join(out).join("checkpoints")).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

/// Exit code, code of the error, and a hint.
fn refused(output: &Output, exit: i32, code: &str) -> String {
    let text = shown(output);
    assert_eq!(output.status.code(), Some(exit), "{text}");
    assert!(text.contains(&format!("error[{code}]")), "{text}");
    assert!(text.contains("= help: "), "{text}");
    text
}

/// A shell line in the folder; `$RLC` is the program.
fn shell(home: &Path, line: &str) -> Output {
    Command::new("sh")
        .args(["-c", line])
        .current_dir(home)
        .env("RLC", env!("CARGO_BIN_EXE_rlc"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[test]
fn an_interrupt_or_a_termination_saves_and_ends_with_130() {
    let folder = folder_with_files();
    let home = folder.path();
    whole(home);
    for by in ["-INT", "-TERM"] {
        let out = format!("stopped{by}");
        stopped(home, &out, by);
        goes_on_exactly(home, &out);
    }
}

/// Writing stops in the middle of a file, as on a full disk.
#[test]
fn a_full_disk_costs_nothing_that_was_saved() {
    let folder = folder_with_files();
    let home = folder.path();
    whole(home);
    stopped(home, "full", "-TERM");
    let before = checkpoints(home, "full");
    let limit = "trap '' XFSZ; ulimit -f 8; exec \"$RLC\"";
    let run = shell(home, &format!("{limit} {} --resume=full --save-every 0", SMALL.join(" ")));
    let text = refused(&run, 5, "RL4002");
    assert!(text.contains("File too large"), "{text}");
    let after = checkpoints(home, "full");
    assert!(before.iter().all(|path| after.contains(path)), "{before:?} {after:?}");
    let fresh = shell(home, &format!("{limit} {} --out fresh", SMALL.join(" ")));
    refused(&fresh, 5, "RL4002");
    goes_on_exactly(home, "full");
}

#[test]
fn places_that_cannot_be_written_are_said_before_training() {
    let folder = folder_with_files();
    let home = folder.path();
    for args in [&["--out", "/proc/run"][..], &["--out", "vae.rl/run"], &["--out", "/dev/null/run"]]
    {
        let run = rlc(home, &[SMALL, args].concat());
        let text = refused(&run, 5, if args[1] == "/proc/run" { "RL4002" } else { "RL4004" });
        assert!(!text.contains("step"), "{text}");
    }
    let compiled = rlc(home, &["compile", "vae.rl", "-o", "/proc/vae.rlx"]);
    refused(&compiled, 5, "RL4002");
    let formatted = shell(home, "\"$RLC\" ops > /dev/full");
    assert_eq!(formatted.status.code(), Some(5), "{}", shown(&formatted));
}

/// A reader that leaves early ends nothing else.
#[test]
fn closed_pipes_end_quietly() {
    let folder = folder_with_files();
    let home = folder.path();
    for line in ["ops", "data uci_digits", "compile vae.rl --emit opt", "explain RL0116"] {
        let run = shell(home, &format!("(\"$RLC\" {line}; echo code $? >&2) | true"));
        let text = String::from_utf8_lossy(&run.stderr);
        assert_eq!(text.trim(), "code 0", "{line}");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(SMALL)
        .args(["--out", "closed"])
        .current_dir(home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(home.join("closed/weights.safetensors").is_file());
}

/// A run goes on with what it was begun with, or not at all, and says what is another.
#[test]
fn a_run_is_not_continued_as_another() {
    let folder = folder_with_files();
    let home = folder.path();
    stopped(home, "run", "-TERM");
    let before = checkpoints(home, "run");
    for (args, what) in [
        (&["--set", "H=9"][..], "a setting has changed"),
        (&["--data", "digits=uci_digits:,binarize=fixed"], "the data comes from another source"),
    ] {
        let text = refused(&resume(home, "run", args), 4, "RL3010");
        assert!(text.contains(what), "{text}");
        assert!(text.contains("--weights RUN"), "{text}");
    }
    let seed = ["run", "vae.rl", "--set", "H=8", "--set", "epochs=4", "--resume=run", "--seed=8"];
    let text = refused(&rlc(home, &seed), 4, "RL3010");
    assert!(text.contains("the seed is another"), "{text}");
    let text = fs::read_to_string(home.join("vae.rl")).unwrap();
    fs::write(home.join("vae.rl"), text.replace("relu |> Linear(D)", "tanh |> Linear(D)")).unwrap();
    refused(&resume(home, "run", &[]), 4, "RL3010");
    assert_eq!(checkpoints(home, "run"), before);
}

#[test]
fn a_folder_has_one_writer() {
    let folder = folder_with_files();
    let home = folder.path();
    let long = ["run", "vae.rl", "--set", "H=8", "--set", "epochs=100000", "--quiet"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(long)
        .args(["--out", "busy", "--save-every", "0"])
        .current_dir(home)
        .spawn()
        .unwrap();
    let mut saved = false;
    for _ in 0..2000 {
        saved |= fs::read_dir(home.join("busy/checkpoints")).into_iter().flatten().count() > 0;
        if saved {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let second = rlc(home, &[&long[..], &["--resume=busy"]].concat());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(saved);
    let text = refused(&second, 5, "RL4003");
    assert!(text.contains(&format!("by process {}", child.id())), "{text}");
}

/// The newest checkpoint is damaged: the one before it is used, the rest is computed again.
#[test]
fn a_damaged_checkpoint_is_passed_over() {
    let folder = folder_with_files();
    let home = folder.path();
    whole(home);
    for (round, file) in ["weights.safetensors", "state.safetensors"].into_iter().enumerate() {
        let out = format!("damaged{round}");
        stopped(home, &out, "-TERM");
        let all = checkpoints(home, &out);
        assert!(all.len() >= 2, "{all:?}");
        let path = all.last().unwrap().join(file);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let text = goes_on_exactly(home, &out);
        assert!(text.contains("skipped a damaged checkpoint"), "{text}");
    }
}

/// What the plans' bill says is what the process takes: two batch sizes, the difference of both.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_that_of_the_bill() {
    let folder = folder_with_files();
    let home = folder.path();
    let model = "config rows: int = 64
data d from moons(20000, 0.1) { x: f32[2], y: idx(2) }
net f(x: f32[2]) -> f32[2] = x |> Linear(512) |> tanh |> Linear(512) |> tanh |> Linear(2)
loss l = cross_entropy(f(x), y)
train fit on d.train batch rows steps 3 { minimize l over f with adam(lr = 1e-3) }\n";
    fs::write(home.join("wide.rl"), model).unwrap();
    let figures = |rows: &str| {
        let set = format!("rows={rows}");
        let compiled = rlc(home, &["compile", "wide.rl", "--set", &set, "--json"]);
        let last = String::from_utf8(compiled.stdout).unwrap();
        let bill: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        let timed = rlc(home, &["bench", "wide.rl", "--set", &set, "--seconds", "0"]);
        let last = String::from_utf8(timed.stdout).unwrap();
        let timed: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        let stated = bill["bill"]["peak_bytes"].as_f64().unwrap();
        (stated, timed["peak_rss_mb"].as_f64().unwrap() * (1 << 20) as f64)
    };
    let (small, large) = (figures("64"), figures("12000"));
    let (stated, measured) = (large.0 - small.0, large.1 - small.1);
    assert!(stated > 5e7, "{stated}");
    assert!((measured - stated).abs() < 0.1 * stated, "bill {stated}, process {measured}");
}

/// A second interrupt ends the program at once; the checkpoints stay whole.
#[test]
fn two_interrupts_in_a_row() {
    let folder = folder_with_files();
    let home = folder.path();
    whole(home);
    let mut child = saving(home, "twice");
    signal(&child, "-INT");
    // The run may be over before the second signal.
    let id = child.id().to_string();
    Command::new("kill").args(["-INT", &id]).stderr(Stdio::null()).status().unwrap();
    let code = child.wait().unwrap().code();
    assert!(code == Some(130) || code == Some(0), "{code:?}");
    goes_on_exactly(home, "twice");
}

/// A file that links out of the model's folder is no file of the model.
#[test]
fn links_do_not_lead_out_of_the_folder() {
    let folder = folder_with_files();
    let home = folder.path();
    fs::create_dir(home.join("inside")).unwrap();
    fs::write(home.join("outside.rl"), "const c = 1\n").unwrap();
    std::os::unix::fs::symlink("../outside.rl", home.join("inside/link.rl")).unwrap();
    fs::write(home.join("inside/m.rl"), "use \"link.rl\"\nloss l = 1.0\n").unwrap();
    let text = refused(&rlc(home, &["check", "inside/m.rl"]), 3, "RL0017");
    assert!(text.contains("inside/m.rl:1:5"), "{text}");
}

/// A folder that is moved or removed while the run goes on ends it; nothing new stands in its place.
#[test]
fn a_run_folder_that_goes_away_ends_the_run() {
    let folder = folder_with_files();
    let home = folder.path();
    for moved in [true, false] {
        let out = format!("away{moved}");
        let long = ["run", "vae.rl", "--set", "H=8", "--set", "epochs=100000", "--quiet"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
            .args(long)
            .args(["--out", &out, "--save-every", "0"])
            .current_dir(home)
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        for _ in 0..2000 {
            let checkpoints = home.join(&out).join("checkpoints");
            if fs::read_dir(checkpoints).into_iter().flatten().count() > 1 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        if moved {
            fs::rename(home.join(&out), home.join("elsewhere")).unwrap();
        } else {
            // While it is being emptied, the run may write once more.
            while home.join(&out).exists() && child.try_wait().unwrap().is_none() {
                fs::remove_dir_all(home.join(&out)).ok();
            }
        }
        let text = shown(&child.wait_with_output().unwrap());
        let gone = text.contains("error[RL4005]") && text.contains("was moved or removed");
        // A file may also be missing in the middle of being written.
        assert!(gone || (!moved && text.contains("error[RL4002]")), "{text}");
        assert!(text.contains("[exit 5]") && text.contains("= help: "), "{text}");
        assert!(!moved || !home.join(&out).exists(), "{out} is there again");
    }
}

/// Files that a killed run has half written do not stay.
#[test]
fn nothing_half_written_stays() {
    let folder = folder_with_files();
    let home = folder.path();
    stopped(home, "run", "-TERM");
    for name in ["run/report.json.99.tmp", "run/samples/a.png.7.tmp", "run/checkpoints/.tmp-5/x"] {
        fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
        fs::write(home.join(name), "x").unwrap();
    }
    let run = resume(home, "run", &[]);
    assert_eq!(run.status.code(), Some(0), "{}", shown(&run));
    let mut open = vec![home.join("run")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(!path.file_name().unwrap().to_string_lossy().contains("tmp"), "{path:?}");
            open.extend(path.is_dir().then_some(path));
        }
    }
}

/// `rlc fmt` changes what a file says and nothing else of it.
#[test]
fn fmt_keeps_mode_and_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = folder_with_files();
    let home = folder.path();
    let ugly = "dim   D=2\nloss a=D*1.0\n";
    fs::write(home.join("one.rl"), ugly).unwrap();
    fs::set_permissions(home.join("one.rl"), PermissionsExt::from_mode(0o750)).unwrap();
    fs::hard_link(home.join("one.rl"), home.join("two.rl")).unwrap();
    symlink("one.rl", home.join("three.rl")).unwrap();
    let run = rlc(home, &["fmt", "three.rl"]);
    assert_eq!(run.status.code(), Some(0), "{}", shown(&run));
    let meta = fs::metadata(home.join("two.rl")).unwrap();
    assert_eq!((meta.mode() & 0o777, meta.nlink()), (0o750, 2));
    assert!(fs::symlink_metadata(home.join("three.rl")).unwrap().is_symlink());
    assert!(fs::read_to_string(home.join("two.rl")).unwrap().starts_with("dim D = 2\n"));
    fs::write(home.join("fixed.rl"), ugly).unwrap();
    fs::set_permissions(home.join("fixed.rl"), PermissionsExt::from_mode(0o444)).unwrap();
    refused(&rlc(home, &["fmt", "fixed.rl"]), 5, "RL4002");
    assert_eq!(fs::read_to_string(home.join("fixed.rl")).unwrap(), ugly);
}

/// Lines that are broken and indented take more bytes than a file may have: it stays as it is.
#[test]
fn fmt_writes_nothing_that_cannot_be_read() {
    let folder = folder_with_files();
    let home = folder.path();
    let long =
        format!("const a = {}{}1{}\n", "(".repeat(60), "(1, 2), ".repeat(9_000), ")".repeat(60));
    fs::write(home.join("long.rl"), &long).unwrap();
    let run = rlc(home, &["fmt", "long.rl"]);
    refused(&run, 3, "RL0007");
    assert!(shown(&run).contains("`long.rl, formatted`: a source of more than"), "{}", shown(&run));
    assert_eq!(fs::read_to_string(home.join("long.rl")).unwrap(), long);
    refused(&rlc(home, &["fmt", "--check", "long.rl"]), 3, "RL0007");
}

/// Names and arguments that a terminal would obey are written out, wherever they are repeated.
#[test]
fn names_that_a_terminal_would_obey() {
    let folder = folder_with_files();
    let home = folder.path();
    let name = "m\u{1b}[2J\u{9b}31m\n\u{202e}.rl";
    fs::copy(home.join("vae.rl"), home.join(name)).unwrap();
    fs::write(home.join(format!("bad{name}")), "loss a = \u{9b}2J + b\u{202e} // \u{1b}[2J\n")
        .unwrap();
    fs::write(home.join(format!("ugly{name}")), "dim   D=2\nloss a=D*1.0\n").unwrap();
    let bad = format!("bad{name}");
    let ugly = format!("ugly{name}");
    let small = ["--set", "H=8", "--set", "epochs=1"];
    for args in [
        &[&["run", name][..], &small].concat()[..],
        &[&["compile", name][..], &small].concat(),
        &["compile", name, "--json"],
        &["check", &bad],
        &["check", &bad, "--json"],
        &["check", name, "--fast"],
        &["fmt", "--check", &ugly],
        &["fmt", &ugly],
        &["run", "absent\u{1b}[2J\n.rl"],
        &["run", "vae.rl", "--phases", name],
        &["run", "vae.rl", "--out", "a\u{1b}[2J\nb", "--set", name],
        &["run", "vae.rl", "--data", name],
        &["run", "vae.rl", "--data", "digits=npz:\u{1b}[2J.npz"],
        &["run", "vae.rl", "--weights", name],
        &["run", "vae.rl", "--config", "x\u{1b}.yaml"],
        &["run", "vae.rl", "--device", name],
        &["run", "vae.rl", "--resume=x\u{1b}[2J"],
        &["encode", "vae.rl", "--net", name],
        &["explain", name],
        &["data", name],
        &["new", "n\u{1b}[2J"],
        &[name],
        &["run", "vae.rl", &format!("--{name}")],
    ] {
        let output = rlc(home, args);
        let code = output.status.code().expect("ended by a signal");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_ne!(code, 70, "{text}");
        let odd = |c: char| (c.is_control() && !"\n\t".contains(c)) || c == '\u{202e}';
        assert!(!text.contains(odd), "{args:?}: {}", text.escape_debug());
        // The name of the file goes on after its end of line.
        assert!(!text.contains("31m\n"), "{args:?}: {text}");
    }
    assert!(home.join("runs/m_[2J_31m__-1/report.json").is_file());
}

/// Nothing of a refused binary reaches the terminal.
#[test]
fn what_is_refused_is_not_shown() {
    let folder = folder_with_files();
    let home = folder.path();
    let hostile = b"\x1b[2J\x07\x00secret".repeat(20);
    for name in ["h.rl", "h.rlx", "h.npy", "h.npz", "h.csv", "h.safetensors", "h.yaml"] {
        fs::write(home.join(name), &hostile).unwrap();
    }
    for args in [
        &["check", "h.rl"][..],
        &["run", "h.rlx"],
        &["run", "vae.rl", "--data", "digits=npy:h.npy"],
        &["run", "vae.rl", "--data", "digits=npz:h.npz"],
        &["run", "vae.rl", "--data", "digits=csv:h.csv"],
        &["run", "vae.rl", "--data", "digits=idx:h.npy"],
        &["run", "vae.rl", "--weights", "h.safetensors"],
        &["run", "vae.rl", "--config", "h.yaml"],
    ] {
        let output = rlc(home, args);
        assert!(matches!(output.status.code(), Some(3 | 4)), "{}", shown(&output));
        let mut all = output.stdout.clone();
        output.stderr.as_slice().read_to_end(&mut all).unwrap();
        let hidden = all.iter().any(|b| *b < b' ' && *b != b'\n');
        assert!(!hidden, "{args:?}: {}", String::from_utf8_lossy(&all));
        assert!(all.len() < 16_000, "{args:?}: {} bytes", all.len());
    }
}
