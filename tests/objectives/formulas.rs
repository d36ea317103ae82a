//! What `rlc explain` prints is what is computed: expressions with one formula have one value. Random
//! expressions over a few values, each of which is small, so that many differ in one index or axis.

use super::common::{self, Value};
use rlc::backend::reference;
use rlc::graph::InputRole;
use std::collections::{BTreeMap, HashMap};

const HEAD: &str = "data d from uniform(2, 5) { x: f32[3], s: f32, u: f32 }
param w: f32 = constant(1.5)
param A: f32[3, 2] = glorot()
param C: f32[3, 3] = glorot()
param T: f32[2, 3, 2] = glorot()
net f(z: f32) -> f32 = 3 * z
net raised(z: f32, n: int) -> f32 = z^n
model q(v | s: f32) { v: f32 ~ Normal(s, 2) }
prior p(v) { v: f32 ~ Normal(0.5, 1) }
prior hidden(s) { s: f32 ~ Normal(0.5, 1) }
fn drawn(s: f32) -> f32 { let z ~ Normal(s, 1) return z }
fn beside(t: f32) -> f32 = E[s ~ hidden](s * t)
";

struct Maker(u64);

impl Maker {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }

    /// A form with holes: `S` a number, `V` three, `P` two, `M` three by two, `Q` three by three, `D` a
    /// digit from 0 to 2, `B` one from 0 to 1.
    fn fill(&mut self, form: &str, deep: usize) -> String {
        let words = form.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        words.map(|word| self.hole(word, deep)).collect()
    }

    fn hole(&mut self, word: &str, deep: usize) -> String {
        let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
        let (name, rest) = word.split_at(end);
        let (plain, forms): (&[&str], &[&str]) = match name {
            "S" => (&["s", "w", "u", "2"], NUMBERS),
            "V" => (&["x", "C[0]", "C[:, 1]"], VECTORS),
            "P" => (&["A[0]", "A[2]", "x[0:2]"], PAIRS),
            "M" => (&["A", "T[0]", "T[1]"], MATRICES),
            "Q" => (&["C", "C.T"], SQUARES),
            "D" => return format!("{}{rest}", self.below(3)),
            "B" => return format!("{}{rest}", self.below(2)),
            _ => return word.into(),
        };
        let list = if deep == 0 { plain } else { forms };
        let form = list[self.below(list.len())];
        format!("({}){rest}", self.fill(form, deep.saturating_sub(1)))
    }
}

const NUMBERS: &[&str] = &[
    "s",
    "w",
    "V[D]",
    "P[B]",
    "M[D, B]",
    "Q[D, D]",
    "S - S",
    "S - (S + S)",
    "S * S",
    "S / (S + 3)",
    "-S",
    "S^2",
    "(S^2)^2",
    "sum(V)",
    "mean(V)",
    "sum(P)",
    "max(V)",
    "prod(V)",
    "V @ V",
    "P @ P",
    "sum(M)",
    "max(M)",
    "float(int(3 * S))",
    "float(int(S) / 2)",
    "float(argmax(V))",
    "f(S)",
    "raised(S, D)",
    "raised(S, B)",
    "stop(S)",
    "batch_mean(S)",
    "sum(batch(S)[0:1])",
    "batch(S)[B]",
    "grad((n) => S * n^2, at = S)",
    "grad((n) => grad((m) => m * n^2, at = n), at = S)",
    "grad((n) => grad((m) => m^2 * n, at = n), at = S)",
    "grad((n) => sum(n), at = V)[D]",
    "jacobian((n) => n * V, at = V)[D, D]",
    "jvp((n) => n * n, at = V, with = V)[D]",
    "KL(Normal(S, 1) || Normal(S, 2))",
    "KL(q(v | s = S) || Normal(S, 2))",
    "KL(q(v | s) || p)",
    "KL(p || q(v | s))",
    "KL(q(v | s = S) || q(v | s))",
    "log q(v = S | s = S)",
    "mean(q(v | s = S))",
    "last(scan(h = S, t in 0..3) { return h * w })",
    "last(scan(h = S, t in 0..2) { return h + w })",
    "scan(h = S, t in 0..3) { return h + w * float(t) }[D]",
    "last(scan(h = S, a in V) { return h * a + S })",
    "last(scan(h = (a = S, b = 1.0), t in 0..2) { return (a = h.b, b = h.a * h.b + 1) }).a",
    "last(scan(h = (a = S, b = 1.0), t in 0..2) { return (a = h.b, b = h.a * h.b + 1) }).b",
    "sum(map((t) => t * S, V))",
    "sum(map((t) => sum(map((r) => r * t, V)), V))",
    "sum(map((t) => w, V))",
    "where(S > S, S, S)",
    "sum(einsum(\"i j, i k -> j k\", M, M))",
    "max(S, S)",
    "sum(einsum(\"i j, k j -> i k\", M, M))",
    "sum(einsum(\"i j, i j -> i\", M, M)^2)",
];

const VECTORS: &[&str] = &[
    "x",
    "C[D]",
    "C[:, D]",
    "M[:, B]",
    "M @ P",
    "Q @ V",
    "V @ Q",
    "V * V",
    "V - V",
    "V - (V - V)",
    "S * V",
    "S * ones(3)",
    "expand(S, over = 3)",
    "full(S, 3)",
    "cumsum(V)",
    "sort(V)",
    "flip(V)",
    "concat(P, S)",
    "concat(S, P)",
    "shift(V, 1)",
    "shift(V, 2)",
    "sum(M, over = 1)",
    "sum(Q, over = 0)",
    "sum(Q, over = 1)",
    "mean(Q, over = 0)",
    "max(Q, over = B)",
    "float(argsort(V))",
    "float(argmax(Q, over = B))",
    "where(V > S, V, zeros(3))",
    "one_hot(argmax(V), 3)",
    "diag(Q)",
    "V / (V^2 + 1)",
    "logsumexp(Q, over = B)",
    "map((t) => t * S, V)",
    "map((t) => t @ P, M)",
    "scan(h = S, t in 0..3) { return h * w }",
    "-V",
    "pick(Q, argmax(Q, over = 1))",
    "T[0, :, B]",
    "T[B, :, 0]",
    "sum(T, over = (0, 2))",
    "float(int(4 * V))",
    "exp(expand(S, over = 3))",
    "V @ (Q @ Q)",
    "V * (Q @ V)",
    "(V * V) @ Q",
];

const PAIRS: &[&str] = &[
    "A[D]",
    "x[0:2]",
    "x[1:3]",
    "concat(S, S)",
    "V @ M",
    "sum(M, over = 0)",
    "max(M, over = 0)",
    "P * P",
    "expand(S, over = 2)",
    "T[B, D]",
    "T[:, D, B]",
    "flip(P)",
    "cumsum(P)",
    "flatten(T)[3:5]",
    "reshape(T, 4, 3)[2:4, D]",
    "T[B, D] - P",
    "shift(P, 1)",
    "sort(P)",
    "squeeze(reshape(P, 1, 2))",
];

const MATRICES: &[&str] = &[
    "A",
    "T[B]",
    "cumsum(M, over = B)",
    "flip(M, over = B)",
    "sort(M, over = B)",
    "M * M",
    "M + M",
    "Q @ M",
    "expand(P, over = 3)",
    "reshape(T, 4, 3).T[:, 1:3]",
    "reshape(A.T, 3, 2)",
    "einsum(\"i, j -> i j\", V, P)",
    "permute(T, 1, 0, 2)[:, B]",
    "permute(T, 1, 2, 0)[:, B]",
    "map((t) => P * t, V)",
    "jacobian((n) => M @ n, at = P)",
    "jacobian((n) => V * sum(n^2), at = P)",
    "einsum(\"a i j, a j -> i j\", T, T[:, 0])",
    "M - spread(sum(M, over = 1), M, over = 1)",
    "M - expand(sum(M, over = 0), over = 3)",
];

const SQUARES: &[&str] = &[
    "C",
    "C.T",
    "Q.T",
    "Q @ Q",
    "Q * Q",
    "eye(3)",
    "expand(V, over = 3)",
    "expand(V, over = 3).T",
    "spread(V, Q, over = 1)",
    "spread(V, Q, over = 0)",
    "einsum(\"i, j -> j i\", V, V)",
    "einsum(\"i j, k j -> k i\", Q, Q)",
    "einsum(\"i j, j k -> i k\", Q, Q)",
    "diag(V)",
    "M @ M.T",
    "cumsum(Q, over = B)",
    "concat(M, reshape(V, 3, 1), over = 1)",
    "concat(reshape(V, 1, 3), M.T, over = 0)",
    "float(argsort(Q, over = B))",
    "flip(Q, over = B)",
    "hessian((n) => sum(n^3), at = V)",
];

/// Formulas and values of so many expressions.
fn formulas(sources: &[String]) -> Vec<(String, f64)> {
    let losses: Vec<String> =
        sources.iter().enumerate().map(|(i, e)| format!("loss l{i} = {e}")).collect();
    let reports: Vec<String> = (0..sources.len()).map(|i| format!("l{i}")).collect();
    let text = format!(
        "{HEAD}{}\neval e on d.train batch 2 {{ report {} }}\n",
        losses.join("\n"),
        reports.join(", ")
    );
    let pages = common::derive("formulas", &text, &[]).explanation.losses;
    let program = common::program("formulas", &text, &[]);
    let graph = rlc::autodiff::expand(&program.phases[0].graph);
    let mut feed = BTreeMap::new();
    for (k, (name, role, ty)) in common::inputs(&graph).into_iter().enumerate() {
        let spread = |i: usize| ((i + 7 * k) as f64 * 1.7).sin() + 0.2;
        let value = match role {
            InputRole::Seed | InputRole::Step => common::zeros(&ty),
            _ => Value::from_shape_vec(
                ndarray::IxDyn(&ty.shape),
                (0..ty.len()).map(spread).collect(),
            )
            .unwrap(),
        };
        feed.insert(name, value);
    }
    let outputs: HashMap<String, Value> = reference::run(&graph, &feed).into_iter().collect();
    let value = |i: usize| outputs[&format!("report:l{i}")].sum();
    pages.iter().enumerate().map(|(i, page)| (page.formula.clone(), value(i))).collect()
}

fn check(seed: u64) {
    let mut maker = Maker(seed);
    let sources: Vec<String> = (0..250)
        .map(|i| {
            let deep = 1 + i % 3;
            let form = NUMBERS[maker.below(NUMBERS.len())];
            maker.fill(form, deep - 1)
        })
        .collect();
    let mut known: HashMap<String, (f64, &String)> = HashMap::new();
    for ((formula, value), source) in formulas(&sources).into_iter().zip(&sources) {
        if formula.contains("...") {
            continue;
        }
        let (first, other) = *known.entry(formula.clone()).or_insert((value, source));
        let alike = first == value || (first - value).abs() <= 1e-9 * first.abs().max(value.abs());
        assert!(
            alike || first.is_nan() && value.is_nan(),
            "`{other}` is {first} and `{source}` is {value}, and both print `{formula}`"
        );
    }
}

#[test]
fn one_formula_has_one_value() {
    (0..4).for_each(check);
}

/// Formulas as people read them.
#[test]
fn formulas_say_what_is_computed() {
    let cases = [
        ("KL(Normal(s, 1) || Normal(w, 2))", "KL(Normal(s, 1) || Normal(w, 2))"),
        ("s - float(int(s))", "s - float(int(s))"),
        ("x[0] - x[1] - x[2]", "x[0] - x[1] - x[2]"),
        ("grad((q) => grad((p) => p * q^2, at = q), at = s)", "grad[grad[p * q^2](p = q)](q = s)"),
        (
            "sum(s * ones(3)) - sum(expand(s, over = 3))",
            "sum(s * ones(3)) - sum(expand(s, over = 3))",
        ),
        ("sum(2 * x)", "sum(2 * x)"),
        ("sum(shift(x, 1) * x)", "sum(concat(zeros(1), x[0:2]) * x)"),
        ("sum(A.T @ x)", "sum(A.T @ x)"),
        ("sum(einsum(\"a b, a c -> b c\", A, A))", "sum(einsum(\"i j, i k -> j k\", A, A))"),
        ("sum(cumsum(A, over = 0)[:, 0])", "sum(cumsum(A, over = 0)[:, 0])"),
        ("sum(reshape(A, 2, 3) @ x)", "sum(reshape(A, 2, 3) @ x)"),
        ("last(scan(h = s, t in 0..3) { return h * w })", "last(scan(h = s, t in 0..3)[ h * w ])"),
        (
            "E[z ~ Normal(s, 1)](E[z ~ q(v | s = z)](z^2))",
            "E[z ~ Normal(s, 1)][ E[v ~ q(v | s = z)][ v^2 ] ]",
        ),
        ("mean(x) + mean(A[:, 0])", "mean(x) + mean(A[:, 0])"),
        ("elbo(p, q(v | s = 2 * s))", "elbo(p(v), q(v | s = 2 * s))"),
        ("f(s) + raised(s, 2)", "f(s) + s^2"),
        ("drawn(s) - drawn(s)", "(z ~ Normal(s, 1)) - (z' ~ Normal(s, 1))"),
        ("beside(s)", "E[s ~ hidden(s)][ s * d.s ]"),
        ("sum(map((t) => w, x))", "sum(stack over i in 0..3 of [ w ])"),
        (
            "sum(conv(reshape(x, 1, 3), reshape(x[0:2], 1, 1, 2), stride = 2, pad = 1))",
            "sum(reshape(conv(reshape(x, 1, 1, 3), reshape(x[0:2], 1, 1, 2), stride = 2, pad = 1), 1, 2))",
        ),
    ];
    let sources: Vec<String> = cases.iter().map(|(source, _)| source.to_string()).collect();
    for ((formula, _), (_, wanted)) in formulas(&sources).into_iter().zip(cases) {
        assert_eq!(formula, wanted);
    }
}
