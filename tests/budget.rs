//! Programs that explode: short texts that unfold to more than any machine has. Each ends with a code
//! and a place, under a limit of memory and of time, whatever the command. What only looks as if it
//! exploded (a value that is used twice is made once) is accepted, and printed in bounded space.

mod program;

use program::folder_with_files;
use rlc::base::budget::LIMITS;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Address space in KiB: 264 MiB of memory, 64 of stack, 128 that the allocator of the system sets
/// aside for two threads, the program itself.
const SPACE: usize = 540_000;
/// A release build takes 2 seconds at most; this one is slower, and runs beside others.
const TIME: Duration = Duration::from_secs(90);

const DATA: &str = "data d from one_hot(n = 8) { x: f32[8], y: idx(8) }\n";
const NET: &str = "net f(x: f32[8]) -> f32[8] = x |> Linear(8)\n";

/// What a command says, and its exit code.
fn run(home: &Path, args: &str) -> (i32, String) {
    let begin = Instant::now();
    let line = format!("ulimit -v {SPACE}; exec \"$RLC\" {args}");
    let mut child = Command::new("sh")
        .args(["-c", &line])
        .current_dir(home)
        .env("RLC", env!("CARGO_BIN_EXE_rlc"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(fs::File::create(home.join("stdout")).unwrap())
        .stderr(fs::File::create(home.join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > TIME {
            child.kill().ok();
            panic!("{args}: no end after {TIME:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read =
        |name: &str| String::from_utf8_lossy(&fs::read(home.join(name)).unwrap()).into_owned();
    let printed = read("stdout").len();
    assert!(printed <= 33_554_432, "{args}: {printed} bytes are printed");
    let said = read("stderr");
    let code = status.code().unwrap_or_else(|| panic!("{args}: {status} {said}"));
    assert!(![70, 101, 134, 139].contains(&code), "{args}: {said}");
    (code, said)
}

fn with(name: &str, text: &str, run: impl FnOnce(&Path)) {
    let folder = folder_with_files();
    let mut file = fs::File::create(folder.path().join(name)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    run(folder.path());
}

/// Every command that elaborates refuses the text with the same message at a place.
fn refused(name: &str, text: &str, said: &str) {
    refused_by(name, text, said, &["check m.rl --fast", "explain m.rl", "compile m.rl -o m.rlx"]);
}

fn refused_by(name: &str, text: &str, said: &str, commands: &[&str]) {
    with("m.rl", text, |home| {
        for command in commands {
            let (code, shown) = run(home, command);
            let context = format!("{name}, {command}: {}", &shown[..shown.len().min(2_000)]);
            assert!([3, 6].contains(&code), "exit {code}, {context}");
            assert!(shown.contains(said), "{context}");
            assert!(shown.contains("--> m.rl:") && shown.contains("= help: "), "{context}");
            assert!(shown.len() < 40_000, "{} bytes of messages, {name}", shown.len());
        }
    });
}

fn accepted_by(name: &str, text: &str, commands: &[&str]) {
    with("m.rl", text, |home| {
        for command in commands {
            let (code, shown) = run(home, command);
            assert_eq!(code, 0, "{name}, {command}: {shown}");
        }
    });
}

/// A file with a loss that is trained.
fn model(items: &str, loss: &str) -> String {
    format!("{DATA}{NET}{items}\nloss l = {loss}\n{}", train("l"))
}

fn train(goal: &str) -> String {
    format!("train t on d.train batch 4 epochs 1 {{ minimize {goal} over f with sgd(lr = 0.1) }}\n")
}

/// `n` lines, each from its number.
fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(|i| line(i) + "\n").collect()
}

const STEPS: &str = "error[RL0110]: reading the model takes more than 2000000 steps";
const OPERATIONS: &str = "error[RL0110]: the model has more than 200000 operations";
const ELEMENTS: &str = "error[RL0110]: a tensor of more than 2147483648 elements";

#[test]
fn functions_of_functions() {
    let of = |args: &str, ty: &str, body: &dyn Fn(usize) -> String, last: &str| {
        let steps = lines(40, |i| format!("fn g{i}({args}){ty} = {}", body(i + 1)));
        format!("{steps}fn g40({args}){ty} = {last}\n")
    };
    let (args, ty) = ("x: f32[8]", " -> f32[8]");
    let twice = of(args, ty, &|i| format!("g{i}(x) + g{i}(g{i}(x))"), "x * 2");
    refused("calls", &model(&twice, "sum(g0(f(x)))"), STEPS);
    let shared = of(args, ty, &|i| format!("g{i}(x) + g{i}(x)"), "x");
    refused("calls that give the same", &model(&shared, "sum(g0(f(x)))"), STEPS);
    let numbers = of("n: int", "", &|i| format!("g{i}(n) + g{i}(n)"), "n");
    refused("numbers", &model(&numbers, "g0(1) * sum(f(x))"), STEPS);
    let deep = of(args, ty, &|i| format!("g{i}(g{i}(tanh(x)))"), "tanh(x)");
    refused("calls of calls", &model(&deep, "sum(g0(f(x)))"), OPERATIONS);
    let branches =
        of("x: f32", " -> f32", &|i| format!("if x > {i} then g{i}(x * 2) else g{i}(-x)"), "x");
    refused("branches", &model(&branches, "g0(sum(f(x)))"), OPERATIONS);
    let defaults = of("x: f32, a: f32 = 1.0", "", &|i| format!("x + g{i}(g{i}(a))"), "x");
    refused("arguments", &model(&defaults, "g0(1.0) * sum(f(x))"), STEPS);
}

#[test]
fn layers_of_layers() {
    let modules =
        lines(30, |i| format!("module G{i}()(x: f32[8]) -> f32[8] = x |> G{0}() |> G{0}()", i + 1));
    let net = "module G30()(x: f32[8]) -> f32[8] = x |> Linear(8)\nnet h(x: f32[8]) -> f32[8] = x |> G0()";
    refused("modules", &model(&format!("{modules}{net}"), "sum(h(f(x)))"), "error[RL0110]: ");
    let chains = "fn g(x: f32[8]) -> f32[8] = x |> chain(i in 0..9000) { tanh }\n\
                  fn h(x: f32[8]) -> f32[8] = x |> chain(i in 0..9000) { g }";
    refused("chains", &model(chains, "sum(h(f(x)))"), OPERATIONS);
    let idle = "fn e(x) = x\nfn g(x) = x |> chain(i in 0..9000) { e }\n\
                fn h(x) = x |> chain(i in 0..9000) { g }";
    refused("chains of nothing", &model(idle, "sum(h(f(x)))"), STEPS);
    let lambdas = "fn twice(g) = (x) => g(g(x))";
    let nested = format!("sum({}tanh{}(f(x)))", "twice(".repeat(50), ")".repeat(50));
    refused("lambdas", &model(lambdas, &nested), OPERATIONS);
    let long = "A".repeat(250);
    let names = format!(
        "module {long}(n: int)(x: f32[8]) -> f32[8] = if n > 0 then x |> {long}(n - 1) |> Linear(8) else x |> Linear(8)\n\
         net h(x: f32[8]) -> f32[8] = x |> chain(i in 0..900) {{ {long}(60) }}"
    );
    refused("names", &model(&names, "sum(h(f(x)))"), "error[RL0110]: the names of weights");
}

#[test]
fn instances_of_files() {
    let folder = folder_with_files();
    let home = folder.path();
    for i in 0..13 {
        let text = format!(
            "dim D = 8\nuse \"v{}.rl\" as a\n\
             net f(x: f32[D]) -> f32[D] = x |> a.f(D = 8) |> a.f(D = 8)\n",
            i + 1
        );
        fs::write(home.join(format!("v{i}.rl")), text).unwrap();
    }
    let last = "dim D = 8\nnet f(x: f32[D]) -> f32[D] = x |> Linear(D)\n";
    fs::write(home.join("v13.rl"), last).unwrap();
    let top = format!(
        "use \"v0.rl\" as v\n{DATA}net f(x: f32[8]) -> f32[8] = x |> v.f(D = 8)\nloss l = sum(f(x))\n{}",
        train("l")
    );
    fs::write(home.join("m.rl"), top).unwrap();
    let (code, said) = run(home, "check m.rl --fast");
    assert!(code == 3 && said.contains("error[RL0110]: ") && said.contains("--> "), "{said}");
}

/// Constants that are instances of a file of such constants, and so on.
#[test]
fn instances_of_instances() {
    let folder = folder_with_files();
    let home = folder.path();
    let names = lines(200, |i| format!("const c{i} = {i}"));
    let makes = lines(8, |k| format!("const i{k} = m(Q = Q)"));
    let calls: String = (0..8).map(|k| format!(" |> i{k}.f")).collect();
    for i in 0..13 {
        let below = i + 1;
        let text =
            format!("use \"z{below}.rl\" as m\n{makes}dim Q = 8\n{names}fn f(x) = x{calls}\n");
        fs::write(home.join(format!("z{i}.rl")), text).unwrap();
    }
    fs::write(home.join("z13.rl"), format!("dim Q = 8\n{names}fn f(x) = x + 1.0\n")).unwrap();
    let top =
        format!("{DATA}use \"z0.rl\" as a\nloss l = sum(a.f(x))\neval e on d.test {{ report l }}");
    fs::write(home.join("m.rl"), top).unwrap();
    let (code, said) = run(home, "check m.rl --fast");
    assert!(code == 3 && said.contains("error[RL0110]: ") && said.contains("--> "), "{said}");
    let long = format!("// {}\nfn g(x) = x\n", "long ".repeat(200_000));
    let uses = lines(20, |i| format!("use \"b{i}.rl\" as b{i}"));
    (0..20).for_each(|i| fs::write(home.join(format!("b{i}.rl")), &long).unwrap());
    fs::write(home.join("m.rl"), format!("{uses}{DATA}{NET}loss l = sum(f(x))\n{}", train("l")))
        .unwrap();
    let (code, said) = run(home, "check m.rl --fast");
    assert!(code == 3 && said.contains("sources of more than 16777216 bytes"), "{said}");
}

#[test]
fn values_that_double() {
    let tuples =
        format!("const t0 = (1, 1)\n{}", lines(60, |i| format!("const t{} = (t{i}, t{i})", i + 1)));
    let said = "error[RL0110]: a tuple of more than 50000 parts";
    refused("tuples", &model(&tuples, "sum(f(x))"), said);
    let records = lines(60, |i| format!(" let t{} = (a = t{i}, b = t{i})", i + 1));
    let records =
        format!("fn g(x: f32[8]) -> f32[8] {{\n let t0 = (a = x, b = x)\n{records} return x\n}}");
    refused("records", &model(&records, "sum(g(f(x)))"), said);
    let texts = format!(
        "const s = \"{}\"\nconst u = ({})",
        "x".repeat(500_000),
        "s, ".repeat(90_000) + "s"
    );
    refused("texts", &model(&texts, "sum(f(x))"), said);
    let spelled = format!(
        "{}const v = \"{}\"\nsample s on d.test count 4 {{ {} }}\n",
        model("", "sum(f(x))"),
        "x".repeat(500_000),
        lines(900, |i| format!("emit spell(y, v) as t{i}"))
    );
    refused("vocabularies", &spelled, STEPS);
}

#[test]
fn texts_of_many_mistakes() {
    refused("no sign", &lines(90_000, |_| "loss a b".into()), "error[RL0014]");
    refused("keywords", &"loss ".repeat(200_000), "error[RL0015]");
    let said = "error[RL0110]: the files of the model declare more than 4000 names";
    refused("losses", &lines(25_000, |i| format!("loss a{i} = nope + q")), said);
    refused("weights", &lines(30_000, |i| format!("param p{i}: f32[2] = zeros()")), said);
    let phase =
        |i| format!("train t{i} on d.train batch 2 steps 1 {{ minimize l over f with adam() }}");
    let said = "error[RL0110]: a model of more than 256 phases";
    refused("phases", &format!("{DATA}{NET}loss l = sum(f(x))\n{}", lines(3_900, phase)), said);
}

/// A message for every character, of which the first are kept.
#[test]
fn texts_of_wrong_characters() {
    let many = |text: &str| text.repeat(1_000_000 / text.len());
    for (text, code) in [
        ("'x' ", "error[RL0003]"),
        ("it's ", "error[RL0003]"),
        ("'", "error[RL0003]"),
        ("$", "error[RL0003]"),
        ("\"\n", "error[RL0008]"),
        ("\"x\" ", "error[RL0014]"),
        ("loss (]\n", "error[RL0009]"),
    ] {
        refused_by(text, &many(text), code, &["check m.rl --fast"]);
    }
    with("m.rl", &many("$"), |home| {
        let (code, said) = run(home, "check m.rl --fast");
        assert!(code == 3 && said.contains("999980 further messages are not shown"), "{said}");
    });
}

#[test]
fn texts_of_many_parts() {
    refused(
        "losses",
        &model(&lines(20_000, |i| format!("loss l{i} = sum(f(x))")), "l0"),
        "declare more than 4000 names",
    );
    refused(
        "dims",
        &model(&format!("dim {}", lines(5_000, |i| format!("D{i} = 1,")) + "Z = 1"), "sum(f(x))"),
        "declare more than 4000 names",
    );
    let names = lines(3_900, |i| format!("const c{i} = c{} + 1", i + 1));
    refused(
        "names of names",
        &model(&format!("{names}const c3900 = 1"), "sum(f(x)) * c0"),
        "inside each other more than 4000 levels deep",
    );
    let lets = lines(30_000, |i| format!(" let a{i} = nope{i}"));
    refused(
        "statements",
        &model(&format!("fn g(x: f32[8]) -> f32[8] {{\n{lets} return x\n}}"), "sum(g(f(x)))"),
        "a body of more than 4000 statements",
    );
    let wrong = lines(3_000, |i| format!("loss l{i} = {}{i}", "n".repeat(250)));
    refused("mistakes", &format!("{DATA}{wrong}"), "further messages are not shown");
    let near = lines(1_400, |i| format!("const {}{i} = 1", "a".repeat(235)));
    let near = near + &lines(1_400, |i| format!("const b{i} = {}x{i}", "a".repeat(230)));
    refused("mistakes that are near", &format!("{DATA}{near}"), "error[RL0101]");
    let figures = (0..5_000).map(|i| format!("l * {i} as a{i}")).collect::<Vec<_>>().join(", ");
    let many =
        format!("{}eval e on d.test batch 2 {{ report {figures} }}\n", model("", "sum(f(x))"));
    refused("figures", &many, "a phase of more than 1000 figures");
}

#[test]
fn phases_that_are_written_out() {
    let phase = |body: &str| {
        format!("{DATA}{NET}loss l = sum(f(x))\ntrain t on d.train batch 4 epochs 1 {{ {body} }}\n")
    };
    let step = "minimize l over f with sgd(lr = 0.1)";
    let said = "error[RL0110]: a step of more than 65536 minibatches";
    refused("repeat", &phase(&format!("repeat 1000000 {{ {step} }}")), said);
    refused("repeats", &phase(&format!("repeat 1000 {{ repeat 1000 {{ {step} }} }}")), said);
    refused("idle repeats", &phase(&format!("repeat 1000000000 {{ let a = 1 }} {step}")), said);
    let together = "error[RL0110]: the phases have more than 400000 operations together";
    let compiled = ["check m.rl", "compile m.rl -o m.rlx", "compile m.rl --emit graph"];
    refused_by("turns", &phase(&format!("repeat 60000 {{ {step} }}")), together, &compiled);
    let long = format!(
        "{DATA}{NET}loss l = sum(f(x) |> chain(i in 0..1000) {{ tanh }})\ntrain t on d.train batch 4 epochs 1 {{ {} }}\n",
        lines(900, |_| step.to_string())
    );
    refused_by("goals", &long, together, &compiled[..2]);
    let evals = |n: usize| lines(n, |i| format!("eval e{i} on d.test batch 4 {{ report l }}"));
    let long = model("", "sum(f(x) |> chain(i in 0..4000) { tanh })");
    refused_by("phases", &format!("{long}{}", evals(250)), together, &compiled[1..2]);
    let said = "error[RL0110]: a model of more than 256 phases";
    refused("many phases", &format!("{}{}", model("", "sum(f(x))"), evals(3900)), said);
}

/// Every phase holds the states of all optimizers.
#[test]
fn states_of_many_phases() {
    let layers = " |> Linear(8)".repeat(30);
    let text = format!(
        "{DATA}net f(x: f32[8]) -> f32[8] = x{layers}\nloss l = sum(f(x))\n{}",
        lines(128, |i| format!(
            "train e{i} on d.train batch 2 steps 1 {{ minimize l over f with adam() }}"
        ))
    );
    let said = "error[RL0110]: the phases have more than 400000 operations together";
    refused_by("states", &text, said, &["check m.rl", "compile m.rl -o m.rlx"]);
}

#[test]
fn derivatives_of_derivatives() {
    let nested = |inner: &str, order: usize| {
        (0..order).fold(inner.to_string(), |f, i| format!("((a{i}) => grad({f}, at = a{i}))"))
    };
    let net = "net h(x: f32) -> f32 = sum(reshape(x, 1) |> Linear(4) |> tanh |> Linear(1))";
    let said = "error[RL0110]: a phase of more than 200000 operations, derivatives included";
    let all = ["check m.rl", "compile m.rl", "compile m.rl --emit grad", "compile m.rl --emit dot"];
    refused_by(
        "grad",
        &model(net, &format!("sum(f(x)) + {}(x[0])^2", nested("h", 30))),
        said,
        &all,
    );
    let looped = "fn s(a: f32) -> f32 = last(scan(h = a, t in 0..3) { return tanh(h) * a })";
    refused_by(
        "loops",
        &model(looped, &format!("sum(f(x)) + {}(x[0])^2", nested("s", 30))),
        said,
        &all[..2],
    );
    let cubes =
        (0..9).fold("f".to_string(), |f, i| format!("((a{i}) => jacobian({f}, at = a{i}))"));
    refused_by("jacobian", &model("", &format!("sum({cubes}(x)^2)")), "error[RL0110]: ", &all[..2]);
}

#[test]
fn tensors_of_a_phase() {
    let all =
        ["check m.rl", "compile m.rl", "compile m.rl --emit graph", "compile m.rl --emit wgsl"];
    let refuse = |name: &str, text: &str| refused_by(name, text, ELEMENTS, &all);
    refuse("one_hot", &model("", "sum(one_hot(y, 2000000000)) + sum(f(x))"));
    let batch = |n: usize, text: String| text.replace("batch 4", &format!("batch {n}"));
    let rows = batch(1_000_000, model("", "sum(batch(f(x)) @ batch(f(x)).T)"));
    refused_by("batch", &rows, "error[RL0110]: a tensor of shape [1000000, 1000000]", &all);
    let wide = "net h(x: f32[8]) -> f32[100000] = x |> Linear(100000)";
    refuse(
        "jacobian",
        &model(wide, "sum(f(x)) + sum(jacobian((a) => jacobian(h, at = a), at = x))"),
    );
    refuse("windows", &model("", "sum(windows(reshape(f(x), 1, 8), size = 8, pad = 100000000))"));
    let prior = "prior p(z) { z: f32[8] ~ Normal(0, 1) }";
    let draws = "E[z ~ p(z), samples = 100](".repeat(60) + "sum(f(x) * z)" + &")".repeat(60);
    refuse("draws", &model(prior, &draws));
    let said = "error[RL0110]: a batch of more than 16777216 rows";
    refused("rows", &batch(1_000_000_000, model("", "sum(f(x))")), said);
    let huge = "conv(reshape(f(x), 1, 2, 4), reshape(f(x), 1, 1, 2, 4), pad = 9223372036854775807)";
    refused("padding", &model("", &format!("sum({huge})")), "the limit is 2147483647");
    let taps = "conv(reshape(spread(x[0], zeros(4000, 300), over = (0, 1)), 1, 4000, 300), \
                ones(1, 1, 200, 200))";
    let said = "a convolution of more than 67108864 lines and taps";
    // Known only once it is planned.
    let whole = ["check m.rl", "compile m.rl"];
    refused_by("taps", &model("", &format!("sum(f(x)) + mean({taps})")), said, &whole);
    let ones = ", 1".repeat(30);
    refused("dims", &model("", &format!("sum(reshape(f(x), 8{ones}))")), "dims, the limit is 24");
}

/// A value that is used twice is one value: it is made once, and printed with an end.
#[test]
fn values_that_are_shared() {
    let lets = |body: &dyn Fn(usize) -> String| {
        let lets = lines(300, |i| format!(" let a{} = {}", i + 1, body(i)));
        format!("fn g(x: f32[8]) -> f32[8] {{\n let a0 = x\n{lets} return a300\n}}")
    };
    let twice = model(&lets(&|i| format!("a{i} + a{i}")), "sum(g(f(x)))");
    let waves = model(&lets(&|i| format!("sin(a{i}) * tanh(a{i})")), "sum(g(f(x)))");
    let losses = lines(200, |i| format!("loss a{} = sin(a{i}) * tanh(a{i})", i + 1));
    let losses = model(&format!("loss a0 = sum(f(x))\n{losses}"), "a200");
    let all = [
        "check m.rl",
        "explain m.rl",
        "fmt m.rl",
        "compile m.rl --report",
        "compile m.rl --emit ast",
        "compile m.rl --emit model",
        "compile m.rl --emit objective",
        "compile m.rl --emit graph",
        "compile m.rl --emit grad",
        "compile m.rl --emit opt",
        "compile m.rl --emit plan",
        "compile m.rl --emit wgsl",
        "compile m.rl --emit dot",
        "compile m.rl --emit pass:contractions",
    ];
    accepted_by("sums", &twice, &all);
    accepted_by("products", &waves, &all);
    accepted_by("losses", &losses, &all[..7]);
}

/// What the processor can do may be too much for shaders.
#[test]
fn dispatches_of_a_phase() {
    let text = model("", "last(scan(h = sum(f(x)), t in 0..1000000) { return tanh(h) })");
    accepted_by("a long loop", &text, &["compile m.rl", "compile m.rl --emit plan"]);
    let said = "error[RL0110]: a phase of more than 50000 dispatches";
    refused_by("a long loop", &text, said, &["compile m.rl --emit wgsl"]);
}

/// The bill is known before anything is made: what is too large to be compared is left out, and what
/// does not fit into memory is refused.
/// What a sequence depends on is followed element by element.
#[test]
fn sequences_that_are_too_long() {
    let whole = |n: usize, net: &str| {
        format!(
            "{DATA}model p(s) {{ s: bit[{n}] ~ Autoregressive(logits = {net}) }}\n\
             sample a count 1 {{ s ~ p(s) emit s }}"
        )
    };
    let said = "proving that no position looks ahead";
    let scores =
        |n: usize| format!("(s) => sum(where(causal_mask({n}), outer(s, s), 0), over = 1)");
    refused("products of positions", &whole(9000, &scores(9000)), said);
    let turns =
        "(s) => scan(h = zeros(64), t in shift(s, 1)) { return tanh(h + cumsum(h) + t) }[:, 0]";
    refused("turns of a loop", &whole(200_000, turns), said);
    let many = lines(60, |i| {
        format!("model p{i}(s) {{ s: bit[700] ~ Autoregressive(logits = {}) }}\n", scores(700))
    });
    let uses = lines(60, |i| format!("  s{i} ~ p{i}(s)\n  emit s{i} as e{i}\n"));
    let text = format!("{DATA}{many}sample a count 1 {{\n{uses}}}\n");
    refused_by("many of them", &text, said, &["check m.rl --fast"]);
    let fine = "(s) => scan(h = 0.0, t in shift(s, 1)) { return tanh(h + t) }";
    accepted_by("a long one", &whole(20_000, fine), &["check m.rl --fast"]);
}

#[test]
fn checks_of_large_models() {
    let wide = |n: usize| {
        format!(
            "data d from one_hot(n = 64) {{ x: f32[64], y: idx(64) }}\n\
             net f(x: f32[64]) -> f32[64] = x |> Linear({n}) |> Linear(64)\n\
             loss l = cross_entropy(f(x), y)\n{}",
            train("l")
        )
    };
    let commands = ["check m.rl", "run m.rl"];
    refused_by("weights", &wide(30_000_000), "error[RL5002]: the model needs", &commands);
    with("m.rl", &wide(100_000), |home| {
        let (code, said) = run(home, "check m.rl");
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("a run needs "), "{said}");
        assert!(said.contains("too large to be compared in f64"), "{said}");
    });
}

/// What leaves a loop when it is optimized stays in it where it is compared.
#[test]
fn checks_of_long_loops() {
    let long = format!(
        "{DATA}param w: f32 = ones()\n\
         loss l = w * last(scan(h = 0.0, t in 0..100000) {{ return h * 0.5 + sum(iota(200000)) * float(t) }})\n\
         train t on d.train batch 2 steps 1 {{ minimize l over w with sgd() }}\n"
    );
    with("m.rl", &long, |home| {
        let (code, said) = run(home, "check m.rl");
        assert!(code == 0 && said.contains("too large to be checked in f64"), "{said}");
    });
}

/// The table of the page is the table that is kept.
#[test]
fn the_page_has_every_limit() {
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/language.md")).unwrap();
    let grouped = |n: usize| {
        let digits = n.to_string();
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        groups.join(",")
    };
    let rows = LIMITS.iter().map(|limit| format!("| {} | {} |\n", limit.what, grouped(limit.most)));
    let table = format!("| what | at most |\n|---|---|\n{}\n", rows.collect::<String>());
    assert!(page.contains(&table), "the table should be:\n{table}");
}
