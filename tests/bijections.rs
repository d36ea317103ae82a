//! Inverses and log-determinants of random functions. In: compositions of functions that can be undone
//! and of some that cannot, for vectors of 1 to 4 numbers. Out: the function is refused with a code and a
//! place, or its inverse undoes it, its log-determinant is that of its Jacobian by elimination, and the
//! log-density of what it makes of normal draws is theirs less that. In f64; tolerance 1e-7 of the value
//! or of 1: conditions of Jacobians up to 1e6, as logarithms of determinants of four rows.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, compiled, outputs};
use rlc::base::codes;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TOLERANCE: f64 = 1e-7;

/// Functions of a vector `{}`: the least and the largest width, or 0 for any even one; what is declared
/// beside; the text. `#` makes names unique, `@n` is the width, `@m` is half of it.
const LAYERS: &[(usize, usize, &str, &str)] = &[
    (
        1,
        4,
        "param s#: f32[@n] = normal(0, 0.5)\nparam t#: f32[@n] = normal(0, 1)\n",
        "({} * exp(s#) + t#)",
    ),
    (1, 4, "param s#: f32[@n] = normal(0, 0.5)\n", "({} / (0.5 + sigmoid(s#)))"),
    (1, 4, "param s#: f32[@n] = normal(0, 0.5)\n", "(tanh(s#) - {} * (tanh(s#) + 1.5))"),
    (1, 4, "", "(2 - 3 * {})"),
    (1, 4, "", "(-{} / 2)"),
    (1, 4, "", "tanh(0.3 * {})"),
    (1, 4, "", "sigmoid({} - 0.5)"),
    (1, 4, "", "logit(0.1 + 0.8 * sigmoid({}))"),
    (1, 4, "", "logit(sigmoid({}), margin = 0.05)"),
    (1, 4, "", "softplus({})"),
    (1, 4, "", "exp(0.3 * {})"),
    (1, 4, "", "expm1(0.3 * {})"),
    (1, 4, "", "log(exp(0.5 * {}) + 0.5)"),
    (1, 4, "", "log1p(softplus({}))"),
    (1, 4, "", "sqrt(softplus({}) + 0.1)"),
    (1, 4, "", "(2 / (1 + exp({})))"),
    (1, 4, "", "({} |> ScaleShift())"),
    (1, 4, "", "({} |> LULinear())"),
    (1, 4, "net k#(t: f32[@n]) = t |> LULinear()\n", "inverse(k#, at = {})"),
    (1, 4, "", "({} |> MaskedAffine(7))"),
    (1, 4, "net k#(t: f32[@n]) = t |> MaskedAffine(7)\n", "inverse(k#, at = {})"),
    (1, 4, "", "({} |> ActNorm())"),
    (4, 4, "", "flatten(reshape({}, 4, 1, 1) |> InvertibleConv1x1())"),
    (1, 4, "", "({} |> MaskedAffine(5, reverse = true))"),
    (0, 0, "", "({} |> Coupling(5))"),
    (0, 0, "", "({} |> RealNVP(4, k = 2))"),
    (0, 0, "", "(2 * {} |> SplineCoupling(5, bins = 4, bound = 2))"),
    (
        0,
        0,
        "net k#(t: f32[@n]) = t |> SplineCoupling(5, bins = 4, bound = 2)\n",
        "inverse(k#, at = 2 * {})",
    ),
    (4, 4, "", "flatten(squares(reshape({}, 1, 2, 2)))"),
    (1, 4, "", "leaky_relu({} - 0.5, 0.3)"),
    (1, 4, "param w#: f32 = 0.7\n", "leaky_relu({} - 0.2, softplus(w#))"),
    (1, 4, "", "elu({} - 0.5)"),
    (1, 4, "", "elu({} - 0.5, alpha = 0.5)"),
    (1, 4, "", "where({} >= 0, tanh({}) / 2, 3 * {})"),
    (1, 4, "", "flip({})"),
    (1, 4, "param w#: f32 = 0.7\n", "map((t) => t * exp(w#) + w#, {})"),
    (1, 4, "", "map((t) => 0.5 * softplus(2 * t), {})"),
    (1, 4, "", "({} |> chain(i in 0..2) { (t) => t / (i + 1.5) - 0.2 })"),
    (1, 4, "fn k#(t) = if true then t / 2 else t * t\n", "k#({})"),
    (
        1,
        4,
        "bijection k#(t: f32[@n]) -> f32[@n] = custom_inverse((a) => where(a > 0, a, 0.2 * a), at = t,\n  inverse = (b) => where(b > 0, b, b / 0.2), log_det = (a) => where(a > 0, 0 * a, 0 * a + log(0.2)))\n",
        "k#({})",
    ),
    (1, 4, "bijection k#(t: f32[@n]) -> f32[@n] = t * 1.5 + 0.1\n", "inverse(k#, at = {})"),
    (1, 4, "bijection k#(t: f32[@n]) -> f32[@n] = tanh(0.3 * (softplus(t) - 1))\n", "k#({})"),
    (0, 0, COUPLING, "k#({})"),
    (0, 0, COUPLING, "inverse(k#, at = {})"),
    (0, 0, COUPLING, "({} |> chain(i in 0..2) { (t) => flip(k#(t)) })"),
    (0, 0, TEMPLATE, "({} |> chain(i in 0..2) { k#(i % 2 == 1) })"),
    (0, 0, HALVES, "k#({})"),
    (2, 2, "fn k#(t) = concat(t[0:1] * 2, t[1:2] * exp(t[0:1]) - t[0:1]^2)\n", "k#({})"),
    (2, 2, "fn k#(t) = concat(t[1] + 1, t[0] + sin(t[1]))\n", "k#({})"),
    (3, 3, "fn k#(t) = concat(t[1:3], t[0:1] / (1 + exp(sum(t[1:3]))))\n", "k#({})"),
    (3, 3, TRIANGLE, "k#({})"),
    (4, 4, "", "reshape(permute(reshape({}, 2, 2), 1, 0), 4)"),
    (
        4,
        4,
        "fn k#(t) {\n  let m = reshape(t, 2, 2)\n  return flatten(concat(m[0:1] + tanh(m[1:2]), m[1:2] * 2, over = 0))\n}\n",
        "k#({})",
    ),
    (2, 2, "const A#: f32[2, 2] = reshape(concat(0.3, -1.2, 0.9, 0.4), 2, 2)\n", "({} @ A#)"),
    (2, 2, "const A#: f32[2, 2] = reshape(concat(0.0, -1.2, 0.9, 0.0), 2, 2)\n", "(A# @ {} - 0.1)"),
    (3, 3, SQUARE, "(A# @ {})"),
    (
        4,
        4,
        "const A#: f32[2, 2] = reshape(concat(1.0, 0.5, -0.5, 1.0), 2, 2)\n",
        "flatten(A# @ reshape({}, 2, 2))",
    ),
    (1, 4, "", "({} @ (eye(@n) + 0.2 * outer(iota(@n), cos(iota(@n)))))"),
    (3, 3, "fn k#(t) = t[int(concat(2.0, 0.0, 1.0))]\n", "k#({})"),
    (4, 4, "const order#: idx(4)[4] = int(concat(2.0, 0.0, 3.0, 1.0))\n", "2 * {}[order#]"),
    // These have none, or none that is derived.
    (2, 2, "const A#: f32[2, 2] = reshape(concat(0.3, -1.2, -0.6, 2.4), 2, 2)\n", "({} @ A#)"),
    (1, 4, "param A#: f32[@n, @n] = normal(0, 1)\n", "({} @ A#)"),
    (3, 3, "fn k#(t) = t[int(concat(2.0, 0.0, 2.0))]\n", "k#({})"),
    (1, 4, "", "({} * sigmoid({}))"),
    (1, 4, "param s#: f32[@n] = normal(0, 1)\n", "({} * s#)"),
    (2, 4, "", "cumsum({})"),
    (2, 4, "", "({} + 0.1 * sum({}))"),
    (2, 2, "", "concat({}[0:1], {}[0:1])"),
    (2, 2, "", "concat({}[0:1] + {}[1:2], {}[0:1] - {}[1:2])"),
    (1, 4, "", "abs({})"),
    (1, 4, "", "relu({})"),
    (1, 4, "", "where({} > 0, {}, 1 - {})"),
    (1, 4, "", "sin({})"),
];

const SQUARE: &str =
    "const A#: f32[3, 3] = reshape(concat(0.2, 1.0, 0.0, -1.0, 0.3, 0.5, 0.4, 0.0, 2.0), 3, 3)
";
const COUPLING: &str = "bijection k#(t: f32[@n]) -> f32[@n] {
  let (a, b) = halves(t, swap = true)
  let (s, m) = a |> Linear(4) |> tanh |> Linear(@n) |> halves
  return join(a, b * exp(tanh(s)) + m, swap = true)
}
";
const TEMPLATE: &str = "bijection k#(flip: bool)(t: f32[@n]) -> f32[@n] {
  let (a, b) = halves(t, swap = flip)
  return join(a, (b + (a |> Linear(@m))) / (1 + sigmoid(a |> Linear(@m))), swap = flip)
}
";
/// Both halves, one after the other: the second looks at what the first has become.
const HALVES: &str = "net k#(t: f32[@n]) {
  let (a, b) = halves(t)
  let c = a * exp(tanh(b |> Linear(@m)))
  return join(c, b - (c |> Linear(@m)))
}
";
const TRIANGLE: &str = "fn k#(t) {
  let a = 2 * t[0:1] + 1
  let b = t[1:2] * exp(tanh(a)) - a
  let c = t[2:3] / exp(0.2 * a) + a * b
  return concat(c, a, b)
}
";

/// Declarations and a function of `u`.
fn function(dice: &mut Dice, width: usize) -> (String, String) {
    let (mut declared, mut text) = (String::new(), "u".to_string());
    let last = if dice.below(3) == 0 { LAYERS.len() } else { LAYERS.len() - 13 };
    for n in 0..1 + dice.below(4) {
        let fits: Vec<_> = LAYERS[..last]
            .iter()
            .filter(|(low, high, ..)| match low {
                0 => width.is_multiple_of(2),
                _ => (*low..=*high).contains(&width),
            })
            .collect();
        let (_, _, more, around) = fits[dice.below(fits.len())];
        let (n, half) = (n.to_string(), (width / 2).to_string());
        let put = |into: &str| {
            into.replace('#', &n).replace("@n", &width.to_string()).replace("@m", &half)
        };
        declared += &put(more);
        text = put(around).replace("{}", &text);
    }
    (declared, text)
}

fn program(dice: &mut Dice, width: usize) -> String {
    let (declared, text) = function(dice, width);
    let mut out = format!(
        "data d from uniform(6, {width}) {{ x: f32[{width}] in 0..1 }}\n{declared}\
         bijection f(u: f32[{width}]) -> f32[{width}] = {text}\n\
         model p(y) {{\n  u: f32[{width}] ~ Normal(0, 1)\n  y: f32[{width}] = f(u)\n}}\n\
         eval t on d.train batch 3 {{\n  let y = f(x)\n  let j = jacobian(f, at = x)\n"
    );
    let normal = "sum(-0.5 * x^2 - 0.5 * log(2 * pi))";
    let mut reports = vec![
        "log_det(f, at = x) as slope".to_string(),
        "max(abs(inverse(f, at = y) - x)) as back".into(),
        format!("log p(y) - {normal} as score"),
        "E[y ~ p(y)](log p(y) + log_det(f, at = inverse(f, at = y)) \
         - sum(-0.5 * inverse(f, at = y)^2 - 0.5 * log(2 * pi))) as drawn"
            .into(),
    ];
    for i in 0..width {
        reports.extend((0..width).map(|k| format!("j[{i}][{k}] as j_{i}_{k}")));
    }
    reports.iter().for_each(|report| out += &format!("  report {report}\n"));
    out + "}\n"
}

/// The logarithm of the size of a determinant, by elimination with the largest element first.
fn log_det(mut m: Vec<Vec<f64>>) -> f64 {
    let mut log = 0.0;
    for at in 0..m.len() {
        let best =
            (at..m.len()).max_by(|a, b| m[*a][at].abs().total_cmp(&m[*b][at].abs())).unwrap();
        m.swap(at, best);
        log += m[at][at].abs().ln();
        let pivot = m[at].clone();
        for row in &mut m[at + 1..] {
            let factor = row[at] / pivot[at];
            row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
    }
    log
}

/// What is not as it should be in some row.
fn wrong(found: &Values, width: usize) -> Option<String> {
    let of = |name: &str, row: usize| {
        let value = &found[&format!("report:{name}")];
        value.iter().nth(row % value.len()).copied().unwrap()
    };
    for row in 0..3 {
        let line = |i: usize| (0..width).map(|k| of(&format!("j_{i}_{k}"), row)).collect();
        let brute = log_det((0..width).map(line).collect());
        let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * b.abs().max(1.0);
        let pairs = [
            ("log_det", of("slope", row), brute),
            ("inverse", of("back", row), 0.0),
            ("log p", of("score", row), -brute),
            ("a draw", of("drawn", row), 0.0),
        ];
        for (name, is, wanted) in pairs {
            if !close(is, wanted) {
                return Some(format!("{name} is {is}, not {wanted}"));
            }
        }
    }
    None
}

/// Whether one program is taken, or what is wrong.
fn check(seed: u64) -> Result<bool, String> {
    let mut dice = Dice::new(seed);
    let width = 1 + dice.below(4);
    let text = program(&mut dice, width);
    let run = || compiled("f.rl", &text, &[]).map(|program| outputs(&program, &Values::new()));
    let found = catch_unwind(AssertUnwindSafe(run));
    let found = found.map_err(|_| format!("seed {seed}: a panic\n{text}"))?;
    match found {
        Ok(found) => match wrong(&found[0], width) {
            Some(why) => Err(format!("seed {seed}: {why}\n{text}")),
            None => Ok(true),
        },
        Err(messages) => {
            let told = messages.iter().any(|d| d.code == codes::RL0128 && !d.help.is_empty());
            if told { Ok(false) } else { Err(format!("seed {seed}: {messages:#?}\n{text}")) }
        }
    }
}

#[test]
fn what_is_derived_undoes_and_what_is_not_is_told() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (seed, tries) = (number("RLC_BIJECTIONS_SEED", 0), number("RLC_BIJECTIONS", 400));
    let (mut taken, mut faults) = (0, Vec::new());
    for seed in seed..seed + tries {
        match check(seed) {
            Ok(was) => taken += u64::from(was),
            Err(text) => faults.push(text),
        }
    }
    assert!(faults.is_empty(), "{} of {tries}:\n{}", faults.len(), faults.join("\n"));
    println!("{tries} programs, {taken} taken");
    assert!(taken * 2 > tries && taken * 20 < tries * 19, "{taken} of {tries} taken");
}
