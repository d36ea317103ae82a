//! Limits: each is reached and accepted, then passed by one and refused with its code and a hint.
//! What must not be exceeded stands in `docs/language.md`; the numbers here are that promise.

mod common;
mod program;

use program::{folder_with_files, rlc, shown};
use rlc::base::{Diagnostic, FileId, codes};
use rlc::plan::{Work, plan};
use rlc::{optimize, syntax};
use std::fs;
use std::path::Path;
use std::time::Instant;

/// The only message about a text, if there is one.
fn said(text: &str) -> Option<Diagnostic> {
    let list = syntax::parse(FileId(0), text).1.list;
    assert!(list.len() <= 1, "{list:#?}");
    assert!(list.iter().all(|d| !d.hints().is_empty()), "{list:#?}");
    list.into_iter().next()
}

/// Accepted as it is, refused with this code if it is one larger.
fn limit(most: usize, code: &str, text: impl Fn(usize) -> String) {
    let fine = said(&text(most));
    assert!(fine.is_none(), "{code}: {:?}", fine.map(|d| d.message));
    let refused = said(&text(most + 1)).unwrap_or_else(|| panic!("{code}: {}", most + 1));
    assert_eq!(refused.code.name(), code, "{}", refused.message);
}

#[test]
fn bytes_of_a_file() {
    limit(1 << 20, "RL0007", |n| format!("dim D = 2\n//{}", "x".repeat(n - 12)));
    let text = "/".repeat((1 << 20) + 1);
    assert_eq!(syntax::decode(text.as_bytes()).unwrap_err().code, codes::RL0007);
    assert_eq!(syntax::decode(&text.as_bytes()[1..]).unwrap(), text[1..]);
}

#[test]
fn levels_of_nesting() {
    for (open, close) in [("(", ")"), ("f(", ")"), ("-", ""), ("not ", ""), ("2^", "")] {
        limit(128, "RL0005", |n| format!("const a = {}1{}", open.repeat(n), close.repeat(n)));
    }
}

#[test]
fn bytes_of_a_name() {
    limit(255, "RL0012", |n| format!("const {} = 1", "a".repeat(n)));
}

#[test]
fn steps_of_an_expression() {
    limit(999, "RL0006", |n| format!("const a = 1{}", " + 1".repeat(n)));
}

#[test]
fn parts_of_a_file() {
    // Beside the numbers: the item, the call, the name.
    limit(200_000, "RL0006", |n| format!("const a = f({}1)", "1,".repeat(n - 4)));
}

#[test]
fn messages_of_a_run() {
    let count = |n: usize| syntax::parse(FileId(0), &"loss a b\n".repeat(n)).1.list;
    assert_eq!((count(20).len(), count(21).len()), (20, 20));
    assert!(count(20)[19].notes.is_empty());
    assert_eq!(count(21)[19].notes, ["1 further messages are not shown"]);
}

fn check(home: &Path, text: &str) -> (i32, String) {
    fs::write(home.join("limit.rl"), text).unwrap();
    let output = rlc(home, &["check", "limit.rl", "--fast"]);
    (output.status.code().unwrap(), shown(&output))
}

/// The same on a model, through the program. `text` writes one that reaches a number.
fn model_limit(most: usize, code: &str, text: impl Fn(usize) -> String) {
    let folder = folder_with_files();
    let begin = Instant::now();
    let (exit, fine) = check(folder.path(), &text(most));
    assert_eq!(exit, 0, "{code}: {fine}");
    let (exit, refused) = check(folder.path(), &text(most + 1));
    assert_eq!(exit, 3, "{refused}");
    for part in [format!("error[{code}]"), "--> limit.rl:".into(), "= help: ".into()] {
        assert!(refused.contains(&part), "{part} in {refused}");
    }
    assert!(begin.elapsed().as_secs_f64() < 40.0, "{code} took {:?}", begin.elapsed());
}

fn model(body: &str) -> String {
    format!(
        "data d from uci_digits() {{ x: f32[64] in 0..1, y: idx(10) }}\n{body}\n\
         loss l = sum(f(x)^2)\n\
         train fit on d.train batch 8 steps 1 {{ minimize l over f with sgd(lr = 1e-3) }}\n"
    )
}

#[test]
fn layers_of_a_chain() {
    model_limit(10_000, "RL0110", |n| {
        let net = format!("x |> Linear(2) |> chain(i in 0..{n}) {{ tanh }}");
        model(&format!("net f(x: f32[64]) -> f32[2] = {net}"))
    });
}

#[test]
fn elements_of_a_tensor() {
    // 64 * 33,554,432 = 2^31.
    model_limit(33_554_432, "RL0110", |n| {
        model(&format!("net f(x: f32[64]) -> f32[{n}] = x |> Linear({n})"))
    });
}

#[test]
fn calls_inside_calls() {
    model_limit(198, "RL0108", |n| {
        let body = "fn g(x: f32, n: int) -> f32 = if n > 0 then g(x, n - 1) else x";
        model(&format!("{body}\nnet f(x: f32[64]) -> f32 = g(sum(x |> Linear(1)), {n})"))
    });
}

/// Operations are counted while layers are written out, so that a product of chains ends early.
#[test]
fn operations_of_a_model() {
    let folder = folder_with_files();
    let begin = Instant::now();
    let (exit, text) = check(
        folder.path(),
        &model(
            "fn g(x) = x |> chain(i in 0..10000) { tanh }\n\
             net f(x: f32[64]) -> f32[2] = x |> Linear(2) |> chain(i in 0..10000) { g }",
        ),
    );
    assert_eq!(exit, 3, "{text}");
    assert!(text.contains("error[RL0110]: the model has more than 200000 operations"), "{text}");
    assert!(text.contains("= help: repeat with `scan`"), "{text}");
    assert!(begin.elapsed().as_secs_f64() < 20.0, "took {:?}", begin.elapsed());
}

/// Each order of a derivative can double the graph; that ends in a message, not in a full memory.
#[test]
fn operations_with_derivatives() {
    let folder = folder_with_files();
    let nested = |order: usize| {
        let mut goal = "f".to_string();
        for i in 0..order {
            goal = format!("((a{i}) => grad({goal}, at = a{i}))");
        }
        format!(
            "data d from uci_digits() {{ x: f32[64] in 0..1, y: idx(10) }}\n\
             net f(x: f32) -> f32 = sum(reshape(x, 1) |> Linear(4) |> tanh |> Linear(1))\n\
             loss l = {goal}(x[0])^2\n\
             train fit on d.train batch 8 steps 1 {{ minimize l over f with sgd(lr = 1e-3) }}\n"
        )
    };
    let compile = |order: usize| {
        fs::write(folder.path().join("high.rl"), nested(order)).unwrap();
        rlc(folder.path(), &["compile", "high.rl"])
    };
    let fine = compile(7);
    assert_eq!(fine.status.code(), Some(0), "{}", shown(&fine));
    let begin = Instant::now();
    let refused = compile(30);
    let text = shown(&refused);
    assert_eq!(refused.status.code(), Some(3), "{text}");
    let said = "error[RL0110]: a phase of more than 200000 operations, derivatives included";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("high.rl:4:7") && text.contains("= help: "), "{text}");
    assert!(begin.elapsed().as_secs_f64() < 60.0, "took {:?}", begin.elapsed());
}

/// A long formula is cut into loops of bounded size.
#[test]
fn registers_of_a_loop() {
    let wide = vec!["tanh(h * 3.0 + 1.5)^3"; 150];
    let terms = wide.iter().enumerate().map(|(i, t)| t.replace("3.0", &format!("{i}.25")));
    let sum = terms.collect::<Vec<_>>().join(" + ");
    for body in [
        "net f(x: f32[64]) -> f32[64] = x |> Linear(64) |> chain(i in 0..3000) { tanh }".into(),
        format!("net f(x: f32[64]) -> f32[64] {{\n let h = x |> Linear(64)\n return {sum}\n}}"),
    ] {
        let program = common::program("wide.rl", &model(&body), &[]);
        let graph = rlc::autodiff::expand(&optimize::before(&program.phases[0].graph));
        let plan = plan(&optimize::after(&graph));
        let sizes = plan.kernels.iter().map(|kernel| match &kernel.work {
            Work::Loop(body) => body.loads.len() + body.code.len(),
            _ => 0,
        });
        let most = sizes.max().unwrap();
        assert!((40..=200).contains(&most), "{most} registers");
    }
}

#[test]
fn files_that_use_files() {
    let folder = folder_with_files();
    let home = folder.path();
    let write = |n: usize| {
        for i in 0..n {
            let used = if i + 1 < n { format!("use \"u{}.rl\"\n", i + 1) } else { String::new() };
            fs::write(home.join(format!("u{i}.rl")), format!("{used}const c{i} = 1\n")).unwrap();
        }
        rlc(home, &["check", "u0.rl", "--fast"])
    };
    let fine = write(16);
    assert_eq!(fine.status.code(), Some(0), "{}", shown(&fine));
    let refused = shown(&write(17));
    let said = "error[RL0016]: files use each other more than 16 levels deep";
    assert!(refused.contains(said) && refused.contains("--> u15.rl:1:5"), "{refused}");
}

#[test]
fn bytes_of_a_configuration() {
    let folder = folder_with_files();
    let home = folder.path();
    let run = |n: usize| {
        fs::write(home.join("c.yaml"), format!("#{}\n", "x".repeat(n - 2))).unwrap();
        rlc(home, &["check", "vae.rl", "--fast", "--config", "c.yaml"])
    };
    let fine = run(65_536);
    assert_eq!(fine.status.code(), Some(0), "{}", shown(&fine));
    let refused = shown(&run(65_537));
    assert!(refused.contains("error[RL1003]") && refused.contains("= help: "), "{refused}");
}

/// Short texts that unfold to gigabytes elsewhere, and brackets that overflow stacks.
#[test]
fn hostile_configurations_end_at_once() {
    let folder = folder_with_files();
    let home = folder.path();
    let bomb = |levels: usize| {
        let mut text = "a0: &a0 [x, x]\n".to_string();
        for i in 1..levels {
            text += &format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1);
        }
        text
    };
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(30_000), "*a, ".repeat(8_000));
    for (text, code) in [
        (bomb(9), "RL1003"),
        (bomb(30), "RL1003"),
        (long, "RL1003"),
        ("[".repeat(60_000), "RL1004"),
        (format!("set: {}1{}", "[".repeat(17), "]".repeat(17)), "RL1004"),
    ] {
        let begin = Instant::now();
        fs::write(home.join("h.yaml"), text).unwrap();
        let output = rlc(home, &["check", "vae.rl", "--config", "h.yaml"]);
        let text = shown(&output);
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains(code) && text.contains("--> h.yaml:"), "{text}");
        assert!(begin.elapsed().as_secs_f64() < 2.0, "took {:?}", begin.elapsed());
    }
}
