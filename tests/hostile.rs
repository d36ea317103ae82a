//! Artifacts from anywhere. Those of small models are edited at random, their checksum is made right,
//! and then they are run: whatever stands in them, the program ends by itself, says what is wrong, and
//! writes nothing outside of its run folder. Known attacks stand behind.
//!
//! `RLC_HOSTILE=100000 cargo test --test hostile` tries so many edits; `RLC_HOSTILE_SEED` says where
//! to begin. Executors check every access of a kernel against its buffer (`backend/cpu/memory.rs`), so
//! that one that the checks of a plan let through ends in a panic here, not in silence.
#![cfg(unix)]

mod clock;
mod mutate;
mod program;

use clock::Clock;
use mutate::{Random, body, edit, sealed, settled};
use program::rlc;
use rlc::backend::wgsl;
use rlc::plan::Plan;
use rlc::runtime::{artifact, trust};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Edits of the short part.
const FEW: u64 = 800;
/// Nothing takes more time of the processor.
const PATIENCE: Duration = Duration::from_secs(10);
/// A run that trains for long is asked to stop.
const ASK: Duration = Duration::from_secs(4);

/// A loop over time, a loop in a loop, a gather, an order.
const SCAN: &str = "dim T = 4, M = 3
data d from uci_digits(rows = 64) { x: f32[64] in 0..1, y: idx(10) }
param table: f32[10, M] = normal(0, 1)
net rnn(xs: f32[T, M]) -> f32[M] {
  let cell = Linear(M)
  return last(scan(h = 0 * xs[0], x in xs) { return tanh(cell(h) + x) })
}
net pre(x: f32[64]) -> f32[T, M] = x |> Linear(T * M) |> reshape(T, M)
loss l = sum((rnn(pre(x)) - table[y])^2)
train fit on d.train batch 16 epochs 1 { minimize l over (rnn, pre, table) with adam(lr = 1e-3) track l as again }
eval test on d.test batch 90 { report l }
sample codes on d.test count 8 { emit rnn(pre(x)) as table }
";

/// Name, text and settings of the models whose artifacts are edited.
fn models() -> Vec<(&'static str, String, &'static [&'static str])> {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{name}.rl"));
        let text = fs::read_to_string(path).unwrap();
        // Few rows, so that a run is over in a moment.
        text.replace("uci_digits()", "uci_digits(rows = 64)")
            .replace("(binarize", "(rows = 64, binarize")
    };
    vec![
        ("scan", SCAN.into(), &[]),
        ("mlp", read("mlp"), &["epochs=1", "rows=64"]),
        ("cnn", read("cnn"), &["epochs=1"]),
        ("vae", read("vae"), &["epochs=1", "H=8", "Z=2", "k=2"]),
        ("gmm", read("gmm"), &["sweeps=1", "N=200"]),
        ("vq_vae", read("vq_vae"), &["epochs=1", "H=8"]),
    ]
}

fn compiled(home: &Path) -> Vec<Value> {
    let one = |(name, text, set): (&str, String, &[&str])| {
        fs::write(home.join(format!("{name}.rl")), text).unwrap();
        let mut args = vec!["compile".to_string(), format!("{name}.rl"), "-q".into()];
        args.extend(set.iter().flat_map(|set| ["--set".to_string(), set.to_string()]));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = rlc(home, &args);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", program::shown(&output));
        body(&fs::read(home.join(format!("{name}.rlx"))).unwrap())
    };
    models().into_iter().map(one).collect()
}

/// What becomes of an artifact without running it: an error, or its plans. Accepted plans can be
/// printed and made into shaders.
fn looked_at(bytes: &[u8]) -> Result<Vec<Plan>, String> {
    let (job, plans) =
        artifact::read::<Plan>(bytes, "x.rlx").map_err(|error| error.message.clone())?;
    trust::plans(&job, &plans)?;
    for plan in &plans {
        let _ = plan.to_string();
        let shaders = wgsl::program(plan, &wgsl::Layout::of(plan, None), &wgsl::Limits::default());
        for module in &shaders.modules {
            naga::front::wgsl::parse_str(&module.text).unwrap_or_else(|why| {
                panic!("{}\n{}", why.emit_to_string(&module.text), module.text)
            });
        }
    }
    Ok(plans)
}

/// Runs `x.rlx` in a folder of its own, with little memory.
fn started(home: &Path) -> Child {
    let work = home.join("work");
    fs::remove_dir_all(&work).ok();
    fs::create_dir(&work).unwrap();
    let line = "ulimit -v 6000000; ulimit -c 0; exec \"$RLC\" run ../x.rlx --threads 1";
    Command::new("sh")
        .args(["-c", line])
        .current_dir(&work)
        .env("RLC", env!("CARGO_BIN_EXE_rlc"))
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(fs::File::create(home.join("said")).unwrap())
        .spawn()
        .unwrap()
}

/// Waits for the end. A run that trains for long is asked to stop.
fn ended(child: &mut Child) -> Result<i32, String> {
    let (clock, begun) = (Clock::of(child.id()), Instant::now());
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let signal = status.signal().map(|signal| format!("signal {signal}"));
            return signal.map_or(Ok(status.code().unwrap_or(-1)), Err);
        }
        if begun.elapsed() > ASK && !asked {
            Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
            asked = true;
        }
        if clock.is_over(PATIENCE) {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err("a hang".into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What lies in a folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Runs the artifact of this name; what is wrong with how it ended.
fn run(home: &Path, before: &[PathBuf]) -> Result<i32, String> {
    let code = ended(&mut started(home))?;
    let said = fs::read_to_string(home.join("said")).unwrap_or_default();
    if ![0, 1, 3, 4, 5, 6, 130].contains(&code) {
        return Err(format!("exit {code}: {said}"));
    }
    let hidden = said.chars().any(|c| c.is_control() && c != '\n');
    if (code != 0 && code != 130 && !said.contains("error")) || hidden {
        return Err(format!("exit {code} with `{}`", said.escape_debug()));
    }
    let own = [home.join("work"), home.join("said"), home.join("x.rlx")];
    let stray =
        entries(home).into_iter().find(|path| !before.contains(path) && !own.contains(path));
    let runs = home.join("work/runs");
    let odd = entries(&home.join("work")).into_iter().find(|path| *path != runs);
    let left = walk(&runs)
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains("tmp")));
    match stray.or(odd).or(left) {
        Some(path) => Err(format!("left {}", path.display())),
        None => Ok(code),
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder);
    let inner: Vec<PathBuf> =
        found.iter().filter(|path| path.is_dir()).flat_map(|path| walk(path)).collect();
    found.extend(inner);
    found
}

/// Ends the process if one artifact is looked at for too long, and says which.
fn watched() -> &'static AtomicU64 {
    static CASE: AtomicU64 = AtomicU64::new(u64::MAX);
    std::thread::spawn(|| {
        let clock = Clock::own();
        let (mut last, mut since) = (u64::MAX, clock.spent());
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let now = CASE.load(Ordering::Relaxed);
            if now != last || now == u64::MAX {
                (last, since) = (now, clock.spent());
            } else if clock.spent() > since + 3 * PATIENCE {
                eprintln!("edit {now}: a hang");
                std::process::exit(1);
            }
        }
    });
    &CASE
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_edits_end_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let bodies = compiled(home);
    let before = entries(home);
    let outside = home.join("outside").display().to_string();
    let case = watched();
    let (first, count) = (setting("RLC_HOSTILE_SEED", 0), setting("RLC_HOSTILE", FEW));
    let (mut accepted, mut failures) = (0, Vec::new());
    let mut codes = std::collections::BTreeMap::new();
    for seed in first..first + count {
        let mut random = Random::new(seed);
        let mut body = bodies[random.below(bodies.len())].clone();
        let edits = 1 + random.below(4);
        edit(&mut body, &mut random, edits, &outside);
        if random.below(2) == 0 {
            settled(&mut body);
        }
        let bytes = sealed(&body);
        case.store(seed, Ordering::Relaxed);
        let found = catch_unwind(AssertUnwindSafe(|| looked_at(&bytes)));
        case.store(u64::MAX, Ordering::Relaxed);
        let mut failed = |why: String| {
            fs::write(std::env::temp_dir().join(format!("hostile-{seed}.rlx")), &bytes).ok();
            eprintln!("edit {seed}: {why}");
            failures.push(seed);
        };
        match found {
            Err(_) => failed("a panic".into()),
            Ok(Err(_)) => *codes.entry(4).or_insert(0) += 1,
            Ok(Ok(_)) => {
                accepted += 1;
                fs::write(home.join("x.rlx"), &bytes).unwrap();
                match run(home, &before) {
                    Ok(code) => *codes.entry(code).or_insert(0) += 1,
                    Err(why) => failed(why),
                }
            }
        }
    }
    eprintln!("{count} edits from {first}: {accepted} accepted, exit codes {codes:?}");
    assert!(failures.is_empty(), "edits {failures:?}");
    assert!(count < FEW || (accepted > 0 && accepted < count / 2), "{accepted} accepted");
}

/// The first kernel of this form, and its plan.
fn kernel<'v>(body: &'v mut Value, form: &str, fits: impl Fn(&Value) -> bool) -> &'v mut Value {
    let plans = body["plans"].as_array_mut().unwrap().iter_mut();
    let kernels = plans.flat_map(|plan| plan["kernels"].as_array_mut().unwrap());
    let mut works = kernels.filter_map(|kernel| kernel["work"].get_mut(form));
    works.find(|work| fits(work)).expect("a kernel of this form")
}

/// Name and edit.
type Attack = (&'static str, fn(&mut Value));

/// Edits of the artifact of a perceptron or of a convolutional net, each of which was once let through.
const ATTACKS: &[(&str, &[Attack])] = &[
    (
        "mlp",
        &[
            ("a name that leads out", |b| b["job"]["name"] = json!("../evil")),
            ("an absolute name", |b| b["job"]["name"] = json!("/absolute")),
            ("an empty fold", |b| {
                let body = kernel(b, "Loop", |l| l["folds"][0].is_object());
                let (outer, rank) =
                    (body["outer"].as_u64().unwrap(), body["shape"].as_array().unwrap().len());
                body["shape"][outer as usize] = json!(0);
                for load in body["loads"].as_array_mut().unwrap() {
                    if load.get("View").is_some() {
                        load["View"]["strides"] = json!(vec![0; rank]);
                        load["View"]["offset"] = json!(1u64 << 44);
                    }
                }
            }),
            ("no data set", |b| b["job"]["phases"][0]["on"] = Value::Null),
            ("a slot twice", |b| {
                let mut slot = b["job"]["slots"][0].clone();
                slot["ty"]["shape"] = json!([3]);
                b["job"]["slots"].as_array_mut().unwrap().insert(0, slot);
            }),
            ("an output that is an input", |b| {
                let plan = &mut b["plans"][3];
                let buffers = plan["buffers"].as_array().unwrap();
                let input = buffers.iter().position(|b| b["place"].get("Input").is_some());
                plan["outputs"][0]["buffer"] = json!(input.unwrap());
            }),
            ("more dims than a loop has", |b| {
                let body = kernel(b, "Loop", |l| l["folds"].as_array().unwrap().is_empty());
                let shape: Vec<u64> =
                    body["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
                body["shape"] = json!([vec![1; 200], shape].concat());
                widen(body, 200);
            }),
            ("a steps count beyond all", |b| b["job"]["phases"][0]["steps"] = json!(u64::MAX)),
            ("an operation without its operand", |b| {
                let body = kernel(b, "Loop", |l| {
                    l["code"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|i| i["args"].as_array().unwrap().len() == 2)
                });
                let code = body["code"].as_array_mut().unwrap();
                let two = code.iter_mut().find(|i| i["args"].as_array().unwrap().len() == 2);
                two.unwrap()["args"].as_array_mut().unwrap().pop();
            }),
        ],
    ),
    (
        "cnn",
        &[
            ("no images", |b| {
                let conv = kernel(b, "Conv", |_| true);
                (conv["n"], conv["output"]) = (json!(0), json!([1u64 << 30, 512]));
            }),
            ("more taps than a window has", |b| {
                let conv = kernel(b, "Conv", |_| true);
                (conv["n"], conv["o"]) = (json!(0), json!(0));
                conv["size"] = json!([1u64 << 20, 1u64 << 19]);
            }),
        ],
    ),
];

/// More dims of one point for every access of a loop.
fn widen(value: &mut Value, by: usize) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_array_mut().filter(|_| key == "strides") {
                    Some(list) => (0..by).for_each(|_| list.insert(0, json!(0))),
                    None => widen(inner, by),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| widen(inner, by)),
        _ => {}
    }
}

#[test]
fn known_attacks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let bodies = compiled(home);
    let before = entries(home);
    let names: Vec<&str> = models().iter().map(|(name, ..)| *name).collect();
    for (model, attacks) in ATTACKS {
        let whole = &bodies[names.iter().position(|name| name == model).unwrap()];
        fs::write(home.join("x.rlx"), sealed(whole)).unwrap();
        assert_eq!(run(home, &before), Ok(0), "{model} itself");
        for (what, attack) in *attacks {
            let mut body = whole.clone();
            attack(&mut body);
            settled(&mut body);
            fs::write(home.join("x.rlx"), sealed(&body)).unwrap();
            assert_eq!(run(home, &before), Ok(4), "{what}");
            let said = fs::read_to_string(home.join("said")).unwrap();
            assert!(said.contains("error[RL3021]"), "{what}: {said}");
        }
    }
}
