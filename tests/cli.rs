//! The program from outside: transcripts in `tests/cli/*.txt`. A line `$ rlc ...` is run in a fresh
//! folder that holds `tests/cli/files`; below it stand what stdout and stderr show and the exit
//! code. `UPDATE_TRANSCRIPTS=1 cargo test --test cli` writes the files anew; read the difference.

mod program;

use program::{SMALL, copy, folder_with_files, rlc, root, same_files, saving, shown};
use std::fs;
use std::process::Command;

/// Every error says what to type.
fn hints(name: &str, text: &str) {
    let mut blocks = text.split("\n! error[").skip(1);
    let without = blocks.find(|block| {
        let end = block.find("\n\n").unwrap_or(block.len());
        !block[..end].contains("= help: ")
    });
    assert_eq!(without, None, "{name}: an error without a hint");
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
        hints(&path.display().to_string(), &now);
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

#[test]
fn a_killed_run_goes_on_exactly() {
    let folder = folder_with_files();
    let home = folder.path();
    let whole = rlc(home, &[SMALL, &["--out", "whole", "--threads", "1"]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", shown(&whole));
    let text = shown(&whole);
    for part in ["nelbo", "upper bound on -log p(x)", "accuracy", "q.width", "q.active", "q.rate"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for (round, delay) in [0, 3, 8, 15, 27].into_iter().enumerate() {
        let out = format!("killed{round}");
        let mut child = saving(home, &out);
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        let resume = format!("--resume={out}");
        let more = rlc(home, &[SMALL, &[&resume, "--threads", "2"]].concat());
        assert_eq!(more.status.code(), Some(0), "{}", shown(&more));
        same_files(&home.join(&out), &home.join("whole"));
    }
}

/// A file may hold other rows later; a run that went on with them would be no run of either.
#[test]
fn a_run_goes_on_with_the_rows_it_began_with() {
    let folder = folder_with_files();
    let home = folder.path();
    let begun = rlc(home, &["run", "classes.rl", "--phase", "fit", "--out", "begun"]);
    assert_eq!(begun.status.code(), Some(0), "{}", shown(&begun));
    let own = fs::read(home.join("codes.csv")).unwrap();
    fs::write(home.join("codes.csv"), "x,y\n2,01\n100,1\n10000,x1\n").unwrap();
    let refused = rlc(home, &["run", "classes.rl", "--resume=begun"]);
    let text = shown(&refused);
    assert!(text.contains("RL3010") && text.contains("the rows of data set `"), "{text}");
    fs::write(home.join("codes.csv"), own).unwrap();
    let more = rlc(home, &["run", "classes.rl", "--resume=begun"]);
    assert!(shown(&more).contains("6700"), "{}", shown(&more));
}

/// A profile counts what the bill states, for as many calls as there are steps, and changes nothing.
#[test]
fn a_profile_says_where_the_time_went() {
    let folder = folder_with_files();
    let home = folder.path();
    let plain = rlc(home, &[SMALL, &["--out", "plain"]].concat());
    let timed = rlc(home, &[SMALL, &["--out", "timed", "--profile"]].concat());
    assert_eq!(plain.stdout, timed.stdout, "{}", shown(&timed));
    same_files(&home.join("plain"), &home.join("timed"));
    assert!(!home.join("plain/profile.json").exists());
    assert!(shown(&timed).contains("GFLOP/s"), "{}", shown(&timed));
    let text = fs::read_to_string(home.join("timed/profile.json")).unwrap();
    let profile: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kernels = profile["kernels"].as_array().unwrap();
    let seconds = kernels.iter().map(|k| k["seconds"].as_f64().unwrap()).sum::<f64>();
    assert!(seconds > 0.0 && (seconds - profile["seconds"].as_f64().unwrap()).abs() < 1e-9);
    let fit: Vec<_> = kernels.iter().filter(|k| k["phase"] == "fit").collect();
    let metrics = fs::read_to_string(home.join("timed/metrics.jsonl")).unwrap();
    let lines = metrics.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let steps = lines.filter(|l| l["phase"] == "fit").filter_map(|l| l["step"].as_u64()).max();
    assert!(fit.iter().all(|k| k["calls"].as_u64() == steps), "{steps:?} {fit:?}");
    let compiled = rlc(home, &["compile", "vae.rl", "--set", "H=8", "--json"]);
    let bills = String::from_utf8(compiled.stdout).unwrap();
    let bills = bills.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let bill = bills.into_iter().find(|b| b["phase"] == "fit").unwrap();
    for (ours, theirs) in [("flops", "flops"), ("bytes", "bytes_moved")] {
        let sum: u64 = fit.iter().map(|k| k[ours].as_u64().unwrap()).sum();
        assert_eq!(Some(sum), bill["bill"][theirs].as_u64(), "{ours}");
    }
}

#[test]
fn an_artifact_has_figures_that_are_called_as_they_are_written() {
    let folder = folder_with_files();
    let home = folder.path();
    let text = "data d from one_hot(n = 4) { x: f32[4] }\nparam m: f32[4] = zeros()\n\
        loss e = sum((x - m)^2)\n\
        train fit on d.train batch 2 steps 2 { minimize e over m with sgd(lr = 0.1) track m[0], sum(m) / 4 }\n\
        eval end on d.test batch 1 { report m[1], 2 * e }\n";
    fs::write(home.join("m.rl"), text).unwrap();
    let compiled = rlc(home, &["compile", "m.rl", "-o", "m.rlx"]);
    assert_eq!(compiled.status.code(), Some(0), "{}", shown(&compiled));
    let [a, b] = ["m.rl", "m.rlx"].map(|file| rlc(home, &["run", file, "--out", &file[2..]]));
    assert_eq!(a.status.code(), Some(0), "{}", shown(&a));
    assert!(String::from_utf8_lossy(&a.stdout).contains("2 * e"));
    assert_eq!(a.stdout, b.stdout, "{}", shown(&b));
}

#[test]
fn an_artifact_runs_like_its_source() {
    let folder = folder_with_files();
    let home = folder.path();
    let compile =
        ["compile", "vae.rl", "--set", "H=8", "--set", "epochs=4", "-o", "small.rlx", "--json"];
    let compiled = rlc(home, &compile);
    assert_eq!(compiled.status.code(), Some(0), "{}", shown(&compiled));
    let bills: Vec<serde_json::Value> = String::from_utf8(compiled.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(bills[1]["phase"], "fit");
    assert!(bills[1]["bill"]["peak_bytes"].as_u64().unwrap() > 0);
    let a = rlc(home, &[SMALL, &["--out", "a"]].concat());
    let b = rlc(home, &["run", "small.rlx", "--seed", "7", "--out", "b"]);
    assert_eq!(a.stdout, b.stdout, "{}", shown(&b));
    same_files(&home.join("a"), &home.join("b"));
    // A record of the run repeats it, from the artifact and from the source.
    for file in ["small.rlx", "vae.rl"] {
        let again = rlc(home, &["run", file, "--config", "a/config.yaml", "-q", "--phase", "fit"]);
        assert_eq!(again.status.code(), Some(0), "{}", shown(&again));
    }
    let cut = fs::read(home.join("small.rlx")).unwrap();
    fs::write(home.join("cut.rlx"), &cut[..cut.len() / 2]).unwrap();
    let refused = rlc(home, &["run", "cut.rlx"]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(shown(&refused).contains("RL3021"), "{}", shown(&refused));
    let encoded = rlc(home, &["encode", "small.rlx", "--weights", "a", "-o", "codes.npz"]);
    assert_eq!(encoded.status.code(), Some(0), "{}", shown(&encoded));
    assert!(String::from_utf8_lossy(&encoded.stdout).contains("q [360, 10]"));
    let timed = rlc(home, &["bench", "vae.rl", "--set", "H=8", "--seconds", "0.1"]);
    let last = String::from_utf8(timed.stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    for key in ["steps_per_s", "loss_1", "loss_20", "cold_start_s", "peak_rss_mb"] {
        assert!(last[key].as_f64().is_some_and(|x| x > 0.0), "{key} in {last}");
    }
}

/// The reference device computes in f64 what the CPU computes in f32.
#[test]
fn devices_agree() {
    let folder = folder_with_files();
    let figure = |device: &str| {
        let args = ["run", "vae.rl", "--set", "H=8", "--set", "epochs=1", "--json"];
        let run = rlc(folder.path(), &[&args[..], &["--device", device]].concat());
        let text = String::from_utf8(run.stdout.clone()).unwrap();
        let first = text.lines().next().unwrap_or_else(|| panic!("{}", shown(&run))).to_string();
        let value: serde_json::Value = serde_json::from_str(&first).unwrap();
        value["value"].as_f64().unwrap()
    };
    let (cpu, reference) = (figure("cpu"), figure("reference"));
    assert!((cpu - reference).abs() < 1e-3 * reference, "{cpu} {reference}");
}

/// An artifact with another body and a correct checksum.
fn forged(whole: &[u8], body: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let length = (body.len() as u64).to_le_bytes();
    [&whole[..8], &length, Sha256::digest(body).as_slice(), body].concat()
}

/// Places of all numbers of a JSON text.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let alone = at == 0 || b"[,:-".contains(&bytes[at - 1]);
        if end > at && alone {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}

/// Whoever can forge a checksum still cannot make the program reach outside its memory.
#[test]
fn forged_artifacts_are_refused_or_run() {
    let folder = folder_with_files();
    let home = folder.path();
    let compile = ["compile", "vae.rl", "--set", "H=4", "--set", "Z=2", "-o", "s.rlx"];
    assert_eq!(rlc(home, &compile).status.code(), Some(0));
    let whole = fs::read(home.join("s.rlx")).unwrap();
    let text = String::from_utf8(whole[48..].to_vec()).unwrap();
    let places = numbers(&text);
    assert!(places.len() > 1000);
    let mut refused = 0;
    let rounds = 120;
    for round in 0..rounds {
        let place = places[round * 7919 % places.len()].clone();
        let new = ["0", "1", "7", "999999", "4294967296", "18446744073709551615"][round % 6];
        let body = [&text[..place.start], new, &text[place.end..]].concat();
        fs::write(home.join("f.rlx"), forged(&whole, body.as_bytes())).unwrap();
        let output = rlc(home, &["bench", "f.rlx", "--seconds", "0", "--threads", "1", "-q"]);
        let code = output.status.code();
        let near = &body[place.start.saturating_sub(60)..(place.start + 30).min(body.len())];
        let fine = matches!(code, Some(0 | 1 | 3 | 4 | 6));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(fine, "{} with {new} in ...{near}...\n{said}", output.status);
        refused += usize::from(code == Some(4));
    }
    assert!(refused > rounds / 4, "{refused} of {rounds} refused");
}
