//! Pages of runs: what they hold is what the run folder holds, whatever stands in it; they load nothing. Where there is a
//! Chromium, it opens them.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Home(tempfile::TempDir);

const MODEL: &str = "// small.rl - an autoencoder of `4` values </script><b>bold</b>\n\
    dim D = 4, H = 2  // the width of the code\nconfig lr: f32 = 0.1\n\
    data d from lowrank(n = 200, width = 4) { x: f32[D] }\n\
    encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H)\n\
    net dec(z: f32[H]) -> f32[D] = z |> Linear(D)\n\
    loss rec = sum((x - dec(enc(x)))^2)\n\
    train fit on d.train batch 20 epochs 12 { minimize rec over (enc, dec) with sgd(lr = lr)  track rec as of_rows }\n\
    eval test on d.test { report rec }\n\
    sample codes on d.test count 5 { emit enc(x) as points }\n";

impl Home {
    fn new(text: &str) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        std::fs::write(home.path("small.rl"), text).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn rlc(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
        command.current_dir(self.0.path()).args(args).output().unwrap()
    }

    fn page(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

/// The document in a page.
fn document(page: &str) -> Value {
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_page_says_what_the_folder_holds() {
    let home = Home::new(MODEL);
    let out = home.rlc(&["run", "small.rl", "--out", "a", "--set", "lr=0.05", "--threads", "1"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let page = home.page("a/report.html");
    // Three scripts, whatever the texts of the file hold, and no address but in comments and names of formats.
    assert_eq!(page.matches("</script>").count(), 3);
    assert!(
        !page.contains("src=\"http") && !page.contains("@import") && !page.contains("url(http")
    );
    let document = document(&page);
    let run = &document["runs"][0];
    assert_eq!((&run["name"], &run["model"]), (&"a".into(), &"small".into()));
    assert_eq!(run["status"]["end"], "finished");
    assert_eq!(run["about"], "an autoencoder of `4` values </script><b>bold</b>");
    assert_eq!(run["source"], MODEL);
    let report = json(&home.path("a/report.json"));
    let figures = report["figures"].as_array().unwrap();
    assert!(!figures.is_empty());
    for (own, shown) in figures.iter().zip(run["figures"].as_array().unwrap()) {
        for part in ["phase", "name", "value", "unit", "bound"] {
            assert_eq!(own[part], shown[part]);
        }
    }
    let setting = |name: &str| {
        let all = run["settings"].as_array().unwrap();
        all.iter().find(|setting| setting["name"] == name).unwrap().clone()
    };
    assert_eq!((&setting("lr")["used"], &setting("lr")["default"]), (&0.05.into(), &0.1.into()));
    assert_eq!(setting("H")["about"], "the width of the code");
    let lines = std::fs::read_to_string(home.path("a/metrics.jsonl")).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tracked: Vec<&Value> = lines.iter().filter(|line| line["step"].is_u64()).collect();
    let curve = &run["curves"][0];
    assert_eq!((&curve["name"], &curve["goal"]), (&"loss".into(), &true.into()));
    assert_eq!(curve["mean"].as_array().unwrap().len(), tracked.len());
    for (at, line) in tracked.iter().enumerate() {
        assert_eq!((&curve["mean"][at], &curve["steps"][at]), (&line["loss"], &line["step"]));
    }
    assert_eq!(run["curves"][1]["name"], "of_rows");
    let kinds: Vec<&str> =
        run["samples"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["table", "image"]);
    assert_eq!(run["objective"]["goals"][0]["loss"], "rec");
    assert_eq!(run["bill"][1]["phase"], "fit");
    opened(&home.path("a/report.html"), &["of_rows", "the width of the code", "<canvas"]);
}

#[test]
fn several_runs_and_those_that_did_not_end_well() {
    let home = Home::new(MODEL);
    for (out, lr) in [("a", "lr=0.05"), ("b", "lr=0.01")] {
        assert!(
            home.rlc(&["run", "small.rl", "--out", out, "--set", lr, "--quiet"]).status.success()
        );
    }
    // Steps that grow without end.
    let failed = home.rlc(&["run", "small.rl", "--out", "c", "--set", "lr=1e30", "--quiet"]);
    assert!(!failed.status.success());
    let of = document(&home.page("c/report.html"));
    let status = &of["runs"][0]["status"];
    assert_eq!((&status["end"], &status["phase"]), (&"failed".into(), &"fit".into()));
    let message = &status["message"];
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(said.contains(message["code"].as_str().unwrap()), "{said}");
    opened(&home.path("c/report.html"), &[message["code"].as_str().unwrap()]);

    let out = home.rlc(&["report", "a", "b", "c", "-o", "all.html"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all = document(&home.page("all.html"));
    let names: Vec<&str> =
        all["runs"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    opened(&home.path("all.html"), &["<table", "0.01"]);
    // Written anew from the files of the folder.
    let first = home.page("a/report.html");
    std::fs::remove_file(home.path("a/report.html")).unwrap();
    assert!(home.rlc(&["report", "a"]).status.success());
    assert_eq!(home.page("a/report.html"), first);
    let none = home.rlc(&["report", "."]);
    assert_eq!(none.status.code(), Some(4), "{}", String::from_utf8_lossy(&none.stderr));
    assert!(String::from_utf8_lossy(&none.stderr).contains("RL3011"));
}

/// Opens a page, if there is a browser: its scripts run without a word of complaint, and draw these.
fn opened(page: &Path, parts: &[&str]) {
    let browser = std::env::var("RLC_BROWSER").unwrap_or("chromium".into());
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(&browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]);
    command.arg(format!("--user-data-dir={}", home.path().display()));
    command.args(["--virtual-time-budget=5000", "--dump-dom"]);
    let Ok(out) = command.arg(format!("file://{}", page.display())).output() else {
        println!("there is no `{browser}`: {} is not opened", page.display());
        return;
    };
    let (drawn, said) =
        (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr).into_owned());
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    let drawn = drawn.split("id=\"data\"").next().unwrap();
    for part in parts {
        assert!(drawn.contains(part), "`{part}` is not in {}", page.display());
    }
}
