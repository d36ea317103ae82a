//! Parts for other programs: every format writes a part or refuses it with its reason, and what it
//! writes computes what the reference interpreter does. C is compiled where `cc` is; ONNX and PyTorch
//! are run where `RLC_PYTHON` names an interpreter that has them. Weights are random numbers.

mod common;
#[path = "common/graphs.rs"]
#[allow(dead_code, reason = "shared by tests")]
mod graphs;

use common::Value;
use graphs::Dice;
use ndarray::IxDyn;
use rlc::backend::export::{About, Open, Refused, Weights, c, onnx, torch};
use rlc::backend::{Tensor, reference};
use rlc::driver::export::{Exported, export};
use rlc::driver::{Asked, Log, Trees};
use rlc::graph::{Attrs, DType, Graph, InputRole, NodeId, Ty};
use rlc::runtime::data::npz;
use rlc::runtime::data::raw::Elements;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Nets from four to three numbers.
const BODIES: &[&str] = &[
    "x |> Linear(3)",
    "x |> Linear(5) |> tanh |> Linear(3)",
    "x |> Linear(5) |> gelu |> LayerNorm() |> Linear(3) |> softplus",
    "x |> Linear(3) |> BatchNorm()",
    "x |> chain(i in 0..3) { Linear(4) } |> Linear(3) |> softmax",
    "{ let y = reshape(x, 1, 4) |> Conv1d(3, 2) return reshape(y, -1)[0:3] }",
    "{ let y = reshape(x, 1, 2, 2) |> Conv2d(3, 3, pad = 1) |> relu return reshape(y, -1)[0:3] }",
    "{ param W: f32[4, 3] = glorot() state s: f32[3] = normal(0, 1) return x @ W + s }",
    "last(scan(h = zeros(3), t in 0..2) { return concat(h, x) |> Linear(3) |> tanh })",
    "sum(map((t) => x * t |> Linear(3), iota(2)), over = 0)",
    "x + normal_noise(x) |> Linear(3)",
    "(reshape(x, 2, 2) |> TransformerBlock(1, wide = 1) |> LSTM(3))[1]",
    "reshape(x, 2, 2) |> GRU(3) |> last",
    "{ let t = x |> Linear(3) return log1p(exp(t)) + expm1(t) + t % 0.7 + sigmoid(t) }",
    "{ let t = x |> Linear(3) return lgamma(1 + t * t) + max(t) + prod(t) + logsumexp(t) }",
    "flip(cumsum(x))[0:3] + sort(x)[0:3] + float(argmax(x)) + (x |> Linear(3))",
    "mean(batch(x), over = 0)[0:3] |> Linear(3)",
];

fn program(body: &str) -> String {
    let sign = if body.starts_with('{') { "" } else { "= " };
    format!(
        "data d from uci_digits() {{ x: f32[64] }}\n\
         encoder f(x: f32[4]) -> f32[3] {sign}{body}\n\
         loss a = sum(f(x[0:4]))\n\
         train t on d.train batch 4 steps 1 {{ minimize a over f with sgd(lr = 0.1) }}\n"
    )
}

/// A part of a text, or `None` where the text is refused.
fn exported(text: &str) -> Option<Exported> {
    let mut log = Log::default();
    let made = Trees::of("m.rl", text, &[], &mut log)
        .and_then(|mut trees| export(&mut trees, &Asked::default(), Some("f"), &mut log));
    if made.is_err() {
        let codes: Vec<String> =
            log.found.list.iter().map(|d| format!("{:?} {}", d.code, d.message)).collect();
        eprintln!("{codes:?}\n{text}");
    }
    made.ok()
}

fn open(exported: &Exported) -> Result<Open<'_>, Refused> {
    let [(a, low), (b, high)] = &exported.pairs[0];
    Open::new(low, high, (*a, *b))
}

/// Random numbers between -1 and 1, the same for the same name.
fn numbers(name: &str, ty: &Ty) -> Vec<f32> {
    let mut dice = Dice::new(name.bytes().fold(7, |n, b| n.wrapping_mul(31) ^ u64::from(b)));
    let positive = name.ends_with("var") || name.contains("uniform");
    (0..ty.len())
        .map(|_| {
            let x = dice.below(2000) as f32 / 1000.0 - 1.0;
            if positive { x.abs().max(0.1) } else { x }
        })
        .collect()
}

fn is_state(graph: &Graph, id: NodeId) -> bool {
    matches!(graph.node(id).attrs, Attrs::Input { role: InputRole::State, .. })
}

fn weights(open: Open<'_>) -> Weights {
    let value = |(name, id): (String, NodeId)| {
        let ty = open.graph.ty(id);
        let tensor = match ty.dtype {
            DType::I32 => Tensor::i32(ty.shape.clone(), vec![0; ty.len()]),
            // States may be variances.
            _ if is_state(open.graph, id) => {
                let list = numbers(&name, ty).iter().map(|x| x.abs() + 0.1).collect();
                Tensor::f32(ty.shape.clone(), list)
            }
            _ => Tensor::f32(ty.shape.clone(), numbers(&name, ty)),
        };
        (name, tensor)
    };
    open.slots().into_iter().map(value).collect()
}

/// Inputs and outputs by their names, from the reference interpreter.
fn wanted(graph: &Graph, open: Open<'_>, weights: &Weights) -> BTreeMap<String, Value> {
    let noise = common::noise_as_inputs(graph);
    let mut known: BTreeMap<String, Value> =
        weights.iter().map(|(name, w)| (name.clone(), shaped(&w.shape, w.to_f64()))).collect();
    let mut given = BTreeMap::new();
    for one in open.inputs().unwrap() {
        let ty = graph.ty(one.id);
        let value =
            shaped(&ty.shape, numbers(&one.name, ty).iter().map(|x| f64::from(*x)).collect());
        given.insert(one.name.clone(), value.clone());
        known.insert(one.name, value);
    }
    for (name, _, ty) in common::inputs(&noise) {
        let own = || {
            let stream = name.trim_start_matches("noise/");
            given.iter().find(|(given, _)| given.ends_with(stream)).map(|(_, value)| value.clone())
        };
        let value = own().unwrap_or_else(|| shaped(&ty.shape, vec![0.0; ty.len()]));
        known.entry(name).or_insert(value);
    }
    let results = reference::run(&noise, &known);
    given.extend(results);
    given
}

fn shaped(shape: &[usize], list: Vec<f64>) -> Value {
    Value::from_shape_vec(IxDyn(shape), list).unwrap()
}

/// Compiles a part with warnings as errors, runs it, and compares.
fn check_c(
    text: &str,
    files: &[(String, String)],
    open: Open<'_>,
    values: &BTreeMap<String, Value>,
    folder: &Path,
) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let mut main =
        "#include \"f.h\"\n#include <stdio.h>\nstatic float scratch[F_SCRATCH];\n".to_string();
    let mut args = Vec::new();
    for (at, one) in open.inputs().unwrap().iter().enumerate() {
        let list: Vec<String> = values[&one.name].iter().map(|x| format!("{x:?}")).collect();
        let _ = writeln!(main, "static const float in{at}[] = {{{}}};", list.join(", "));
        args.push(format!("in{at}"));
    }
    let len = values["f"].len();
    let _ = writeln!(
        main,
        "int main(void) {{ float out[{len}]; int i; f({}, out, scratch); \
         for (i = 0; i < {len}; i++) printf(\"%.9g\\n\", (double)out[i]); return 0; }}",
        args.join(", ")
    );
    std::fs::write(folder.join("main.c"), main).unwrap();
    let cc = Command::new("cc")
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-Werror",
            "main.c",
            "f.c",
            "-lm",
            "-o",
            "f",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(cc.status.success(), "{text}\n{}", String::from_utf8_lossy(&cc.stderr));
    let ran = Command::new(folder.join("f")).output().unwrap();
    let found: Vec<f64> =
        String::from_utf8(ran.stdout).unwrap().lines().map(|l| l.parse().unwrap()).collect();
    let scale = values["f"].iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    for (found, wanted) in found.iter().zip(values["f"].iter()) {
        assert!((found - wanted).abs() <= 1e-5 * scale, "{found} {wanted}\n{text}");
    }
    assert_eq!(found.len(), len);
}

fn check_python(python: &str, folder: &Path, values: &BTreeMap<String, Value>, text: &str) {
    let arrays: Vec<_> = values
        .iter()
        .map(|(name, v)| {
            let list = v.iter().map(|x| *x as f32).collect();
            (name.clone(), v.shape().to_vec(), Elements::F32(list))
        })
        .collect();
    std::fs::write(folder.join("wanted.npz"), npz::write(&arrays)).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/check.py");
    let ran = Command::new(python)
        .arg(script)
        .args(["f.onnx", "f.py", "wanted.npz"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{text}\n{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn every_format_says_a_net_or_why_not() {
    let has_cc = Command::new("cc").arg("--version").output().is_ok();
    let python = std::env::var("RLC_PYTHON").ok();
    if !has_cc {
        eprintln!("there is no `cc`: C is not compiled");
    }
    if python.is_none() {
        eprintln!("`RLC_PYTHON` names no interpreter: ONNX and PyTorch are not run");
    }
    let (mut ran, mut refused, mut bad) = (0, 0, Vec::new());
    for (at, body) in BODIES.iter().enumerate() {
        let text = program(body);
        let part = match exported(&text) {
            Some(part) => part,
            None if body.contains("batch") => {
                refused += 1;
                continue;
            }
            None => {
                bad.push(text);
                continue;
            }
        };
        let open = open(&part).unwrap();
        let about = About { model: "m".into(), part: "f".into(), ..About::default() };
        let weights = weights(open);
        let folder = tempfile::tempdir().unwrap();
        let one = Open::new(&part.one, &part.one, (1, 2)).unwrap();
        match c::write(one, &weights, &about) {
            Ok(files) if has_cc => {
                check_c(&text, &files, one, &wanted(&part.one, one, &weights), folder.path());
                ran += 1;
            }
            Ok(_) => {}
            Err(why) => {
                assert!(why.why.contains("no words"), "{why:?}");
                refused += 1;
            }
        }
        let module = torch::write(open, &about, "f.safetensors")
            .unwrap_or_else(|why| panic!("{why:?}\n{text}"));
        for opset in [onnx::OPSETS.0, onnx::OPSETS.1] {
            let bytes = match onnx::write(open, &weights, &about, opset) {
                Ok(bytes) => bytes,
                Err(why) => {
                    assert!(body.contains("lgamma"), "{at} {why:?}\n{text}");
                    refused += 1;
                    continue;
                }
            };
            assert_eq!(Some(&bytes), onnx::write(open, &weights, &about, opset).ok().as_ref());
            let Some(python) = &python else { continue };
            std::fs::write(folder.path().join("f.onnx"), &bytes).unwrap();
            std::fs::write(folder.path().join("f.py"), &module).unwrap();
            let list: Vec<_> = weights.iter().map(|(n, w)| (n.clone(), w.clone())).collect();
            let bytes = rlc::runtime::weights::write(&list, "");
            std::fs::write(folder.path().join("f.safetensors"), bytes).unwrap();
            check_python(python, folder.path(), &wanted(open.graph, open, &weights), &text);
            ran += 1;
        }
    }
    assert!(bad.is_empty(), "no models: {bad:#?}");
    eprintln!("{ran} were run and compared, {refused} refused");
    assert!(ran > 0 || !has_cc);
}

/// A run whose code is compared with what leaves.
const RUN: &str = "dim D = 5, Z = 2\n\
    data d from npz(\"d.npz\", split = 1.0) { x: f32[D] }\n\
    bottleneck q(z | x: f32[D]) {\n\
      let h = x |> Linear(8) |> BatchNorm() |> tanh\n\
      z: f32[Z] ~ Normal(h |> Linear(Z), exp(h |> Linear(Z)))\n\
    }\n\
    prior p(z) { z: f32[Z] ~ Normal(0, 1) }\n\
    decoder p(x | z: f32[Z]) { x: f32[D] ~ Normal(z |> Linear(8) |> tanh |> Linear(D), 1) }\n\
    loss nelbo = -elbo(p, q)\n\
    train fit on d.train batch 10 epochs 3 { minimize nelbo over (q, p) with adam(lr = 0.01) }\n\
    sample draws count 4 { z ~ p(z) emit mean(p(x | z)) as array }\n";

fn rlc(home: &Path, args: &[&str]) -> (bool, String) {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_rlc")).current_dir(home).args(args).output().unwrap();
    (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

/// A folder with data and a run of it.
fn trained(home: &Path) -> Vec<f32> {
    let rows: Vec<f32> = numbers("rows", &Ty::f32([60, 5])).iter().map(|x| 3.0 * x + 2.0).collect();
    let array = ("x".to_string(), vec![60, 5], Elements::F32(rows.clone()));
    std::fs::write(home.join("d.npz"), npz::write(&[array])).unwrap();
    std::fs::write(home.join("m.rl"), RUN).unwrap();
    for args in [
        &["run", "m.rl", "--out", "run", "-q"][..],
        &["encode", "m.rl", "--weights", "run", "--split", "train", "-o", "c.npz"],
    ] {
        let (fine, said) = rlc(home, args);
        assert!(fine, "{said}");
    }
    rows
}

/// The array of an npz file that holds one.
fn only(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    let mut archive = ndarray_npy::NpzReader::new(std::io::Cursor::new(bytes)).unwrap();
    let array: ndarray::ArrayD<f32> = archive.by_index(0).unwrap();
    array.into_iter().collect()
}

/// What leaves of a run gives what `rlc encode` gives, for the rows of the file.
#[test]
fn what_leaves_is_what_encode_gives() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let rows = trained(home);
    let wanted = only(&home.join("c.npz"));
    let (fine, said) =
        rlc(home, &["export", "run", "--onnx", "q.onnx", "--torch", "q.py", "--c", "qc"]);
    assert!(fine, "{said}");
    if Command::new("cc").arg("--version").output().is_ok() {
        let list: Vec<String> = rows.iter().map(|x| format!("{x:?}")).collect();
        let main = format!(
            "#include \"q.h\"\n#include <stdio.h>\nstatic const float x[] = {{{}}};\n\
             static float scratch[Q_SCRATCH];\nint main(void) {{ int i; float m[2], l[2], s[2]; \
             for (i = 0; i < 60; i++) {{ q(x + 5 * i, m, l, s, scratch); \
             printf(\"%.9g\\n%.9g\\n\", (double)m[0], (double)m[1]); }} return 0; }}",
            list.join(", ")
        );
        std::fs::write(home.join("qc/main.c"), main).unwrap();
        let mut cc = Command::new("cc");
        cc.args(["-std=c99", "main.c", "q.c", "-lm", "-o", "q"]).current_dir(home.join("qc"));
        let cc = cc.output().unwrap();
        assert!(cc.status.success(), "{}", String::from_utf8_lossy(&cc.stderr));
        let ran = Command::new(home.join("qc/q")).output().unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        let found: Vec<f32> = text.lines().map(|l| l.parse().unwrap()).collect();
        assert_eq!(found.len(), wanted.len());
        let scale = wanted.iter().fold(1e-3f32, |m, x| m.max(x.abs()));
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found - wanted).abs() <= 1e-5 * scale, "{found} {wanted}");
        }
    }
    if let Ok(python) = std::env::var("RLC_PYTHON") {
        let arrays = [
            ("x".to_string(), vec![60, 5], Elements::F32(rows)),
            ("q".to_string(), vec![60, 2], Elements::F32(wanted)),
        ];
        std::fs::write(home.join("w.npz"), npz::write(&arrays)).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/check.py");
        let mut check = Command::new(python);
        check.arg(script).args(["q.onnx", "q.py", "w.npz"]).current_dir(home);
        let ran = check.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// What cannot be written is said, and nothing is written.
#[test]
fn refusals() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    trained(home);
    let before = std::fs::read_dir(home).unwrap().count();
    for (args, code, words) in [
        (&["--part", "nope", "--c", "x"][..], "RL6001", "`--part` takes q, p, draws"),
        (&["--torch", "q"], "RL4002", "--torch NAME.py"),
        (&["--torch", "run/weights.py"], "RL4002", "outside of the run"),
    ] {
        let (fine, said) = rlc(home, &[&["export", "run"], args].concat());
        assert!(!fine && said.contains(code) && said.contains(words), "{args:?} {said}");
    }
    let (fine, said) = rlc(home, &["export", "elsewhere", "--c", "x"]);
    assert!(!fine && said.contains("RL4001"), "{said}");
    assert_eq!(std::fs::read_dir(home).unwrap().count(), before);
}
