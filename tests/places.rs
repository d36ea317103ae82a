//! Every kind of expression at every place. In: an expression of each kind, put into constructs that give
//! back what is in them, one in the other, and then to a place of a program. Out: the program is refused,
//! or it is compiled and run, and the figure is that of the expression by itself; whether the parts that
//! it names stand in a file that it uses makes no difference. In f64; tolerance 1e-9 of the value or of
//! 1: means of few terms in two orders.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, outputs};
use rlc::translate::program::Program;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TOLERANCE: f64 = 1e-9;

/// What every program declares.
const HEAD: &str = "data d from uniform(8, 4, split = 0.5) { x: f32[4] in 0..1 }
config c: f32 = 0.5
const table = mean(d.x)
param w: f32 = constant(1)
state st: f32 = 2
";

/// Parts that stand in the program, or in a file that it uses.
const PARTS: &str = "prior h(z) { z: f32[3] ~ Normal(1, 0.5) }
prior r(u) { u: bit ~ Bernoulli(0.25) }
bottleneck q(z | x: f32[4]) { z: f32[3] ~ Normal(x |> Linear(3), 0.5) }
prior g(z) { z: f32[3] ~ Normal(0, 1) }
decoder g(x | z: f32[3]) { x: f32[4] ~ Normal(z |> Linear(4), 1) }
decoder l(y | z: f32[3]) { y: f32 ~ Normal(sum(z), 2) }
net f(x: f32[4]) -> f32[3] = x |> Linear(3) |> tanh
net bn(x: f32[4]) -> f32[4] = x |> BatchNorm()
fn sq(t) = t * t
fn id(t) = t
fn drawn() {
  let u ~ r(u)
  return float(u)
}
";
const NAMES: [&str; 10] = ["h", "r", "q", "g", "l", "f", "bn", "sq", "id", "drawn"];

/// A text that names the parts in another file: `m.f(x)` for `f(x)`.
fn elsewhere(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| word(c) != word(first)).unwrap_or(rest.len());
        let token = &rest[..end];
        if NAMES.contains(&token) {
            out += "m.";
        }
        out += token;
        rest = &rest[end..];
    }
    out
}

/// What an expression is, beside its text.
#[derive(Clone, Copy, PartialEq)]
enum Is {
    /// One value for all rows.
    Same,
    /// A value for each row.
    Varying,
    /// Another value wherever it stands.
    Drawn,
}
use Is::{Drawn, Same, Varying};

/// An expression of each kind, a real number.
const LEAVES: &[(Is, &str)] = &[
    (Same, "0.5"),
    (Same, "c"),
    (Same, "w"),
    (Same, "st"),
    (Same, "table"),
    (Same, "float(B)"),
    (Same, "step()"),
    (Same, "progress()"),
    (Same, "sum(f(ones(4)))"),
    (Same, "log h(z = ones(3))"),
    (Same, "KL(h(z) || g(z))"),
    (Same, "E[u ~ r(u)](float(u))"),
    (Same, "E[u ~ r(u)](log l(y = float(u) | z = ones(3)))"),
    (Same, "sum(mean(h(z)))"),
    (Same, "sum(variance(h(z)))"),
    (Same, "entropy(h(z))"),
    (Same, "grad(sq, at = 2)"),
    (Same, "grad((t) => t * w, at = 2)"),
    (Same, "sum(jacobian(sq, at = ones(3)))"),
    (Same, "sum(hessian((t) => sum(sq(t)), at = ones(3)))"),
    (Same, "sum(map((t) => t * w, iota(4)))"),
    (Same, "last(scan(a = w, t in 0..3) { return 2 * a })"),
    (Same, "(w |> chain(i in 0..3) { (a) => 2 * a })"),
    (Same, "batch_mean(sum(x))"),
    (Same, "sum(batch(x))"),
    (Same, "mean(f(mean(batch(x), dim = 0)))"),
    (Same, "batch_mean(KL(q(z | x) || g(z)))"),
    (Varying, "x[0]"),
    (Varying, "sum(f(x))"),
    (Varying, "sum(bn(x))"),
    (Varying, "log q(z = ones(3) | x)"),
    (Varying, "KL(q(z | x) || g(z))"),
    (Varying, "sum(mean(q(z | x)))"),
    (Varying, "E[u ~ r(u)](float(u) * x[1])"),
    (Varying, "sum(grad((t) => sum(f(t)), at = x))"),
    (Varying, "last(scan(a = w, t in x) { return a + t * t })"),
    (Varying, "x[clip(int(x[0] * 3), 0, 3)]"),
    (Varying, "(x[0] - batch_mean(x[0]))"),
    (Varying, "where(x[0] > 0.5, 1 / x[0], x[1])"),
    (Drawn, "drawn()"),
    (Drawn, "normal_noise()"),
    (Drawn, "sum(dropout(x, 0.5))"),
    (Drawn, "E[z ~ q(z | x)](log l(y = 1 | z))"),
    (Drawn, "E[z ~ h(z), samples = 3](sum(z))"),
    (Drawn, "elbo(g, q)"),
    (Drawn, "iwae(g, q, k = 2)"),
];

/// Constructs that give back what is in them: whether slopes pass, what they declare, and the expression.
/// `{}` is what is in them, `#` a number that no other has. The first are for one value of all rows only.
const AROUND: &[(bool, &str, &str)] = &[
    (true, "", "batch_mean({})"),
    (true, "", "mean(batch({}))"),
    (true, "", "sum(map((t) => t / 3, full({}, 3)))"),
    (false, "param p#: f32 = {}\n", "p#"),
    (false, "state p#: f32 = {}\n", "p#"),
    (false, "const p# = {}\n", "p#"),
    (false, "net k#(x: f32[4]) {\n  param p: f32 = {}\n  return p + 0 * sum(x)\n}\n", "k#(x)"),
    (false, "net k#(x: f32[4]) {\n  state p: f32 = {}\n  return p + 0 * sum(x)\n}\n", "k#(x)"),
    (true, "prior k#(a#) { a#: f32 ~ Normal({}, 1) }\n", "mean(k#(a#))"),
    // From here on for all.
    (true, "", "({})"),
    (true, "", "(-(-{}))"),
    (true, "", "id({})"),
    (true, "", "({} |> id)"),
    (false, "", "stop({})"),
    (true, "", "((v#) => {} + 0 * v#)(1)"),
    (true, "", "(a = {}, b = 1).a"),
    (true, "", "(if c > 0.2 then {} else 2)"),
    (true, "", "(if c > 2 then w / 0 else {})"),
    (true, "", "where(x[0] > 2, w / 0, {})"),
    (true, "", "where(w < 2, {}, 1 / (w - w))"),
    (true, "", "mean(map((t#) => {} + 0 * t#, x))"),
    (true, "", "sum(map((i#) => {} / 2, iota(2)))"),
    (true, "", "last(scan(a# = 0, t# in x) { return {} + 0 * a# })"),
    (true, "", "last(scan(a# = {}, t# in x) { return a# + 0 * t# })"),
    (true, "", "(w |> chain(i# in 0..2) { (a#) => 0 * a# + {} })"),
    (true, "", "E[z ~ h(z)](0 * sum(z) + {})"),
    (true, "", "E[u ~ r(u)](0 * float(u) + {})"),
    (true, "", "E[z ~ q(z | x), samples = 2](0 * sum(z) + {})"),
    (true, "", "grad((t#) => t# * {}, at = 1)"),
    (true, "", "sum(jacobian((t#) => t# * {}, at = ones(1)))"),
    (true, "fn k#() = {}\n", "k#()"),
    (true, "fn k#(a = {}) = a\n", "k#()"),
    (true, "fn k#() {\n  let a = {}\n  return a\n}\n", "k#()"),
    (true, "net k#(x: f32[4]) = {}\n", "k#(x)"),
    (true, "loss k# = {}\n", "k#"),
    (true, "module M#() (v: f32) { return v }\nuse M#() as m#\n", "m#({})"),
    (true, "model k#(a# | x: f32[4]) { a#: f32 ~ Normal({}, 1) }\n", "mean(k#(a# | x))"),
    (true, "model k#(a# | m: f32) { a#: f32 ~ Normal(m, 1) }\n", "mean(k#(a# | m = {}))"),
];
const FOR_ONE_VALUE: usize = 9;

/// Places where the expression has another meaning than its value: it is compiled and run there.
const PLACES: &[&str] = &[
    "train t on d.train batch 2 epochs 1 { minimize {} * w over w with sgd(0.1) }",
    "train t on d.train batch 2 epochs 1 { minimize sq({} - f(x)[0]) over (w, f) with adam(0.1) }",
    "train t on d.train batch 2 epochs 1 {\n  let a = {}\n  minimize sq(a * w) over w with sgd(0.1)\n}",
    "train t on d.train batch 2 epochs 1 {\n  minimize sq(w) over w with sgd(0.1)\n  track {} as v\n}",
    "train t on d.train batch 2 epochs 1 {\n  st <- {}\n  minimize sq(st * w) over w with sgd(0.1)\n}",
    "train t on d.train batch 2 epochs 1 { w <- {} }",
    "train t on d.train batch 2 epochs 1 {\n  repeat 2 {\n    st <- st + {}\n    minimize sq(w * st) over w with sgd(0.1)\n  }\n}",
    "train t on d.train batch 2 epochs 1 { minimize sq(w) over w with adam(lr = 0.1, clip = {}) }",
    "train t on d.train batch 2 epochs 1 { minimize sq(w) over w with sgd({}) }",
    "train t on d.train batch 2 epochs 1 { minimize sq(w) over w with sgd(cosine({}, 0)) }",
    "train t on d.train batch 2 epochs 1 until {} stalls 1 on d.test { minimize sq(w) over w with sgd(0.1) }",
    "train t on d.train batch {} epochs 1 { minimize sq(w) over w with sgd(0.1) }",
    "optimizer O(lr) {\n  state m: f32 = {}\n  weight <- weight - lr * gradient * m\n}\ntrain t on d.train batch 2 epochs 1 { minimize sq(w) over w with O(0.1) }",
    "sample s count 2 { emit {} as table }",
    "sample s on d.test count 2 {\n  z ~ g(z)\n  emit {} * sum(z) as table\n}",
    "sample s count {} { emit ones(2) as table }",
    "model k(a | x: f32[4]) {\n  let m = {}\n  a: f32 ~ Normal(m, 1)\n}\neval t on d.test batch 4 { report E[a ~ k(a | x)](a) as v, KL(k(a | x) || k(a | x)) as kl }",
    "model k(a | x: f32[4]) { a: f32 ~ Normal(0, exp({})) }\neval t on d.test batch 4 { report log k(a = 0 | x) as v }",
    "model k(a | x: f32[4]) {\n  param s: f32 = {}\n  a: f32 ~ Normal(s, 1)\n}\neval t on d.test batch 4 { report log k(a = 0 | x) as v }",
    "prior k(a) {\n  u: f32 ~ Normal(0, 1)\n  a = u + {}\n}\neval t on d.test batch 4 { report E[a ~ k(a)](a) as v }",
    "distribution D(a: f32) over f32 { logp(x) = -a * x * x }\nprior k(v) { v: f32 ~ D(sq({})) }\neval t on d.test batch 4 { report log k(v = 1) as v }",
    "eval t on d.test batch 4 { report log l(y = {} | z = ones(3)) as v, log l(y = 1 | z = ones(3) * {}) as u }",
    "eval t on d.test batch 4 { report E[z ~ q(z | x)](sum(z) * {}) as v, E[u ~ r(u)](float(u) * {}) as u }",
    "eval t on d.test batch 4 { report grad(sq, at = {}) as v, mse(x, ones(4) * {}) as u }",
    "eval t on d.test batch 4 { report x[{}] as v }",
    "eval t on d.test batch 4 { report linear_probe(x * {}, clip(int(2 * x[0]), 0, 1)) as v }",
    "eval t on d.test batch 4 { report (if {} > 0 then 1 else 2) as v }",
    "eval t on d.test batch 4 { report E[z ~ h(z), samples = {}](sum(z)) as v }",
    "eval t on d.test batch 4 { report last(scan(a = 0, t in 0..{}) { return a + 1 }) as v }",
    "dim P = {}\neval t on d.test batch 4 { report sum(ones(P)) as v }",
    "config p: f32 = {}\neval t on d.test batch 4 { report p as v }",
    "param p: f32[{}] = zeros()\neval t on d.test batch 4 { report sum(p) as v }",
    "net k(x: f32[4]) = x |> Linear({})\neval t on d.test batch 4 { report sum(k(x)) as v }",
    "net k(x: f32[4]) {\n  param p: f32[4] = normal(0, {})\n  return x * p\n}\neval t on d.test batch 4 { report sum(k(x)) as v }",
];

/// Declarations and an expression with the value of a leaf.
fn wrapped(dice: &mut Dice, (is, leaf): (Is, &str), slopes: bool) -> (String, String) {
    let (mut declared, mut text) = (String::new(), leaf.to_string());
    for n in 0..dice.below(4) {
        let from = if is == Same { 0 } else { FOR_ONE_VALUE };
        let (passes, more, around) = AROUND[from + dice.below(AROUND.len() - from)];
        if slopes && !passes {
            continue;
        }
        let put = |into: &str| into.replace('#', &n.to_string()).replace("{}", &text);
        declared += &put(more);
        text = put(around);
    }
    (declared, text)
}

/// The graphs of a program, if it is taken.
fn compiled(text: &str, used: bool) -> Option<Program> {
    let taken = if used {
        let text = format!("use \"parts.rl\" as m\n{HEAD}{}", elsewhere(text));
        graphs::compiled("places.rl", &text, &[("parts.rl", PARTS)])
    } else {
        graphs::compiled("places.rl", &format!("{HEAD}{PARTS}{text}"), &[])
    };
    taken.ok()
}

/// What is held of a program.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    /// The figure of the expression at a place is that of the expression by itself.
    Value,
    /// So are the weights after a step that goes down the slopes.
    Slopes,
    /// It is refused, or compiled and run.
    Runs,
}

/// The phases of a program.
fn phases(dice: &mut Dice, held: Held, leaf: &str, text: &str) -> String {
    let step = |name: &str, text: &str| {
        format!(
            "train {name} on d.train batch 3 epochs 1 {{\n  \
             minimize sq({text} * w - f(x)[0]) over (w, f) with sgd(0.1)\n}}\n"
        )
    };
    match held {
        Held::Value => {
            format!("eval t on d.test batch 3 {{ report {leaf} as plain, {text} as there }}\n")
        }
        Held::Slopes => step("plain", leaf) + &step("there", text),
        Held::Runs => PLACES[dice.below(PLACES.len())].replace("{}", &format!("({text})")) + "\n",
    }
}

/// Pairs of values that are to be alike, with their names.
fn pairs(held: Held, found: &[Values]) -> Vec<(String, common::Value, common::Value)> {
    match held {
        Held::Runs => vec![],
        Held::Value => {
            let of = |name: &str| found[0][&format!("report:{name}")].clone();
            vec![("value".into(), of("plain"), of("there"))]
        }
        Held::Slopes => {
            let moved = found[0].iter().filter(|(name, _)| name.starts_with("param:"));
            moved
                .map(|(name, plain)| (name.clone(), plain.clone(), found[1][name].clone()))
                .collect()
        }
    }
}

/// One program: whether it was taken and compared, or what is wrong.
fn check(seed: u64) -> Result<(bool, bool), String> {
    let mut dice = Dice::new(seed);
    let held = [Held::Value, Held::Slopes, Held::Runs][dice.below(3)];
    let (is, leaf) = LEAVES[dice.below(LEAVES.len())];
    let (declared, text) = wrapped(&mut dice, (is, leaf), held == Held::Slopes);
    let program = declared + &phases(&mut dice, held, leaf, &text);
    let used = dice.below(2) == 0;
    let run = || compiled(&program, used).map(|compiled| outputs(&compiled, &Values::new()));
    let found = catch_unwind(AssertUnwindSafe(run));
    let found = found.map_err(|_| format!("seed {seed}: a panic\n{program}"))?;
    if compiled(&program, !used).is_some() != found.is_some() {
        let only = if used == found.is_some() { "in a file that is used" } else { "in one file" };
        return Err(format!("seed {seed}: taken {only} only\n{program}"));
    }
    let Some(found) = found else { return Ok((false, false)) };
    if is == Drawn {
        return Ok((true, false));
    }
    let pairs = pairs(held, &found);
    for (name, plain, there) in &pairs {
        let row = |of: &common::Value, i: usize| of.iter().nth(i % of.len()).copied().unwrap();
        for i in 0..plain.len().max(there.len()) {
            let (a, b) = (row(plain, i), row(there, i));
            if (a - b).abs() > TOLERANCE * a.abs().max(1.0) || a.is_nan() != b.is_nan() {
                return Err(format!("seed {seed}: {name} is {b}, not {a}\n{program}"));
            }
        }
    }
    Ok((true, !pairs.is_empty()))
}

#[test]
fn an_expression_is_refused_or_means_the_same_at_every_place() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (seed, tries) = (number("RLC_PLACES_SEED", 0), number("RLC_PLACES", 1500));
    let (mut taken, mut compared, mut wrong) = (0, 0, Vec::new());
    let seeds: Vec<u64> = (seed..seed + tries).collect();
    for found in common::on_every_core(&seeds, |seed| check(*seed)) {
        match found {
            Ok((was, equal)) => {
                taken += u64::from(was);
                compared += u64::from(equal);
            }
            Err(text) => wrong.push(text),
        }
    }
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{tries} programs, {taken} taken, {compared} compared");
    assert!(taken * 2 > tries && compared * 4 > tries, "{taken} taken, {compared} compared");
}
