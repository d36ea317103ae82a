//! The program from outside: transcripts in `tests/cli/*.txt`. A line `$ rlc ...` is run in a fresh
//! folder that holds `tests/cli/files`; below it stand what stdout and stderr show and the exit
//! code. `UPDATE_TRANSCRIPTS=1 cargo test --test cli` writes the files anew; read the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { assert!(fs::copy(&path, &target).is_ok()) }
    }
}

fn rlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rlc"))
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

/// What a command shows, as a transcript has it.
fn shown(output: &Output) -> String {
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

fn replay(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("files"), folder.path());
    let mut result = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            result.push_str(&format!("{line}\n"));
        } else if let Some(command) = line.strip_prefix("$ rlc ") {
            let words: Vec<&str> = command.split_whitespace().collect();
            result.push_str(&format!("{line}\n{}\n", shown(&rlc(folder.path(), &words))));
        }
    }
    result.trim_end().to_string() + "\n"
}

#[test]
fn transcripts() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "txt") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).unwrap();
        let now = replay(&text);
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, &now).unwrap();
        } else if now != text {
            wrong.push(format!("{}:\n{now}", path.display()));
        }
    }
    assert!(count >= 4, "{count} transcripts");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
        .arg("ops")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn json_diagnostics_are_one_object_a_line() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("files"), folder.path());
    let output = rlc(folder.path(), &["check", "bracket.rl", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stderr)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["code"], "RL0009");
    assert_eq!(lines[0]["file"], "bracket.rl");
    assert!(lines[0]["line"].is_u64() && lines[0]["col"].is_u64(), "{}", lines[0]);
}
