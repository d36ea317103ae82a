//! The program as a user starts it, for tests: in a fresh folder with the files of `tests/cli`.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { assert!(fs::copy(&path, &target).is_ok()) }
    }
}

pub fn rlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

/// What a command shows, as a transcript has it.
pub fn shown(output: &Output) -> String {
    let mut text = String::new();
    for (name, stream) in [("", &output.stdout), ("! ", &output.stderr)] {
        for line in String::from_utf8_lossy(stream).lines() {
            text.push_str(format!("{name}{line}").trim_end());
            text.push('\n');
        }
    }
    let code = output.status.code().expect("ended by a signal");
    assert!(![101, 134, 139].contains(&code), "{text}");
    if code != 0 {
        text.push_str(&format!("[exit {code}]\n"));
    }
    text
}

/// A small model that trains in a moment.
pub const SMALL: &[&str] = &["run", "vae.rl", "--set", "H=8", "--set", "epochs=4", "--seed", "7"];

pub fn folder_with_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("files"), folder.path());
    folder
}

pub fn same_files(a: &Path, b: &Path) {
    for file in ["metrics.jsonl", "weights.safetensors", "samples/prior_draws.png"] {
        let same = fs::read(a.join(file)).unwrap() == fs::read(b.join(file)).unwrap();
        assert!(same, "{file}");
    }
}

/// Starts a run that saves after every step, and waits until it has saved some.
pub fn saving(folder: &Path, out: &str) -> std::process::Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(SMALL)
        .args(["--quiet", "--save-every", "0", "--out", out])
        .current_dir(folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let checkpoints = folder.join(out).join("checkpoints");
    for _ in 0..6000 {
        let saved = fs::read_dir(&checkpoints).into_iter().flatten().count();
        if saved >= 2 || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child
}
