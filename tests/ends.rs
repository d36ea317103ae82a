//! Sequences that end, beside sequences that are as long as they say. In: random nets over `idx(V)[<= T]`. Out: what a
//! program gives for a sequence that ends after n places, its gradients too, is what the same text gives for
//! `idx(V)[n]`, in f64 to 1e-9; whatever stands behind the end. What would take it along is refused.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, compiled, outputs};
use ndarray::{ArrayD, IxDyn};
use rlc::base::codes;
use rlc::translate::program::Program;

/// The longest sequence, and how many different tokens there are.
const LONGEST: usize = 5;
const TOKENS: usize = 4;
/// Sequences of a batch.
const ROWS: usize = 3;

/// Layers from `[T, 4]` to `[T, 4]`; `@T` is the number of places.
const LAYERS: &[&str] = &[
    "tanh(h |> Linear(4))",
    "h + (h |> LayerNorm() |> Linear(6) |> gelu |> Linear(4))",
    "map((r) => softmax(r) * 2, h)",
    "map((r, i) => r * cos(i) + sin(i), h, iota(@T))",
    "map((r, i) => r + float(i), h, x)",
    "where(expand(iota(@T) == 1, over = 4).T, 0.5, h)",
    "shift(h, 1)",
    "shift(h, 2, fill = 0.5)",
    "cumsum(h, over = 0)",
    "flip(h, over = 0)",
    "softmax(h, over = 0)",
    "log_softmax(3 * h, over = 0)",
    "h + expand(mean(h, over = 0), over = @T)",
    "h - expand(max(h, over = 0), over = @T)",
    "h * expand(min(h, over = 0), over = @T)",
    "h + expand(logsumexp(h, over = 0), over = @T)",
    "h + expand(last(h), over = @T)",
    "h + expand(h[0], over = @T)",
    "h + spread(mean(h), h)",
    "scan(s = zeros(4), r in h) { return tanh(r + (s |> Linear(4))) }",
    "(scan(s = (a = zeros(4), n = 0.0), r in h) { return (a = s.a + r, n = s.n + 1) }).a / 2",
    "scan(s = zeros(4), r in h, i in x) { return 0.5 * s + r * float(i) }",
    "h |> RNN(4)",
    "h |> GRU(4)",
    "h |> LSTM(4)",
    "h |> LSTM(4, reverse = true)",
    "concat(h |> RNN(2), h |> RNN(2, reverse = true))",
    "h |> MultiHeadAttention(2)",
    "h |> MultiHeadAttention(2, causal = true)",
    "h |> MultiHeadAttention(1, turns = true)",
    "h |> TransformerBlock(2, wide = 2)",
    "h |> TransformerBlock(1, wide = 1, causal = true, post = true)",
    "CrossAttention(2)(h, tanh(h))",
    "attention(h, h, h)",
    "softmax(where(causal_mask(@T), h @ h.T, -1e9)) @ h",
    "(h @ h.T) @ h",
    "einsum(\"i d, j d -> i j\", h, h) @ softmax(h)",
    "h |> RMSNorm() |> GLU(4)",
    "h + positions(@T, 4)",
    "reshape(permute(reshape(h, @T, 2, 2), 0, 2, 1), @T, 4)",
    "segment_sum(h, x, 4)[x]",
    "concat(h[:, 2:], h[:, 0:2])",
    "(h.T + expand(mean(h, over = 1), over = 4)).T",
    "expand(sum(h, over = 1), over = 4).T * h",
    "h * expand(dot(h[:, 0], h[:, 1]), over = (@T, 4))",
    "where(h > 0, h, exp(h) - 1)",
    "stop(h) * h",
    "f(h)",
];

/// From `[T, 4]` to a number.
const ENDS: &[&str] = &[
    "sum(h)",
    "mean(h)",
    "mean(h^2)",
    "max(h)",
    "min(h)",
    "logsumexp(h)",
    "prod(1 + 0.1 * tanh(h))",
    "sum(mean(h, over = 0)^2)",
    "sum(last(h))",
    "sum(h[0] * last(h))",
    "sum(h @ last(h))",
    "norm(h)",
    "sum(h) / length(h)",
    "float(argmax(h[:, 0])) + 0.1 * sum(h)",
    "sum(map((r) => max(r), h))",
    "sum(flip(h, over = 0) * expand(iota(@T), over = 4).T)",
    "sum(segment_sum(h, x, 4)[1])",
    "mean(cumsum(h, over = 0))",
    "sum(max(h, over = 0) * min(h, over = 0))",
    "sum((h.T @ h)^2)",
    "length(x) + sum(tanh(h))",
    "last(scan(s = 0.0, r in h) { return tanh(s + sum(r)) })",
    "float(max(x)) + float(min(x)) * mean(h)",
    "cross_entropy(mean(h, over = 0), last(x))",
];

fn program(dice: &mut Dice) -> String {
    let mut lines = String::new();
    for _ in 0..1 + dice.below(4) {
        lines += &format!("  let h = {}\n", LAYERS[dice.below(LAYERS.len())]);
    }
    let end = ENDS[dice.below(ENDS.len())];
    let over = if lines.contains("f(h)") { "(g, f)" } else { "g" };
    format!(
        "data d {{ x: @X }}\n\
         net f(h: f32[@T, 4]) -> f32[@T, 4] = h |> Linear(4) |> tanh\n\
         net g(x: idx({TOKENS})[@T]) -> f32 {{\n  param e: f32[{TOKENS}, 4] = normal(0, 1)\n  \
         let h = e[x]\n{lines}  return {end}\n}}\n\
         train t on d.train batch @B steps 1 {{ minimize g(x) over {over} with sgd(lr = 1.0) }}\n\
         eval e on d.train batch @B {{ report g(x) as value }}\n"
    )
}

/// The program for sequences that end, or for all of a length.
fn of_type(text: &str, ends: bool, length: usize, rows: usize) -> String {
    let bound = if ends { "<= " } else { "" };
    text.replace("@X", &format!("idx({TOKENS})[{bound}{length}]"))
        .replace("@T", &length.to_string())
        .replace("@B", &rows.to_string())
}

/// A sequence by its places that count, of two at least: all layers can be applied to it.
fn sequence(dice: &mut Dice) -> Vec<usize> {
    let length = 2 + dice.below(LONGEST - 1);
    let mut list: Vec<usize> = (0..length).map(|_| 1 + dice.below(TOKENS - 1)).collect();
    if length < LONGEST || dice.below(2) == 0 {
        list[length - 1] = 0;
    }
    list
}

/// What the phases give: figures, and weights after a step.
fn results(program: &Program, rows: &[Vec<usize>]) -> Values {
    let flat = rows.iter().flatten().map(|x| *x as f64).collect();
    let x = ArrayD::from_shape_vec(IxDyn(&[rows.len(), rows[0].len()]), flat).unwrap();
    let named = outputs(program, &Values::from([("d.x".into(), x)])).into_iter().flatten();
    // A figure has a value for each row.
    let one = |(name, value): (String, common::Value)| match name.starts_with("report:") {
        true => (name, ArrayD::from_elem(IxDyn(&[]), value.mean().unwrap())),
        false => (name, value),
    };
    named.map(one).collect()
}

/// The largest difference of what two programs give, in parts of what they give.
fn off(a: &Values, b: &Values) -> f64 {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    let pairs = a.iter().flat_map(|(name, a)| a.iter().zip(b[name].iter()));
    let far = pairs.map(|(a, b)| match (a.is_nan(), b.is_nan()) {
        (true, true) => 0.0,
        _ => (a - b).abs() / (1.0 + a.abs()),
    });
    far.fold(0.0, |most, far| if far > most || far.is_nan() { far } else { most })
}

#[test]
fn a_sequence_that_ends_is_one_of_its_length() {
    let env = |name: &str, otherwise| {
        std::env::var(name).map_or(otherwise, |text: String| text.parse().unwrap())
    };
    let (first, tries) = (env("RLC_ENDS_SEED", 0u64), env("RLC_ENDS", 80u64));
    for seed in first..first + tries {
        let mut dice = Dice::new(seed);
        let text = program(&mut dice);
        let made = |ends, length, rows| {
            let text = of_type(&text, ends, length, rows);
            compiled("e.rl", &text, &[])
                .unwrap_or_else(|why| panic!("seed {seed}: {why:#?}\n{text}"))
        };
        let ending = made(true, LONGEST, ROWS);
        let rows: Vec<Vec<usize>> = (0..ROWS).map(|_| sequence(&mut dice)).collect();
        let behind = |with: &mut dyn FnMut() -> usize| -> Vec<Vec<usize>> {
            let padded = |row: &Vec<usize>| {
                let more = (row.len()..LONGEST).map(|_| with()).collect::<Vec<_>>();
                [&row[..], &more].concat()
            };
            rows.iter().map(padded).collect()
        };
        let found = results(&ending, &behind(&mut || 0));
        // Each row by itself, as long as it is: figures and steps are means over rows.
        let alone: Vec<Values> = rows
            .iter()
            .map(|row| results(&made(false, row.len(), 1), std::slice::from_ref(row)))
            .collect();
        let mut wanted = alone[0].clone();
        for other in &alone[1..] {
            wanted.iter_mut().for_each(|(name, value)| *value = &*value + &other[name]);
        }
        wanted.values_mut().for_each(|value| *value = &*value / ROWS as f64);
        let far = off(&wanted, &found);
        assert!(far < 1e-9, "seed {seed}: off by {far}\n{text}\n{rows:?}");
        // What stands behind the end changes nothing.
        let other = results(&ending, &behind(&mut || dice.below(TOKENS)));
        let far = off(&found, &other);
        assert!(far < 1e-12, "seed {seed}: by what is behind the end off by {far}\n{text}");
    }
}

/// What has no meaning for a sequence that ends, or would bring two of them together.
const REFUSED: &[&str] = &[
    "sum(sort(h, over = 0))",
    "sum(float(argsort(h[:, 0])))",
    "sum(h[1])",
    "sum(h[1:])",
    "sum(h[int(sum(h)) % 5])",
    "sum(reshape(h, 20))",
    "sum(flatten(h))",
    "sum(concat(h, h, over = 0))",
    "sum(batch(h))",
    "sum(batch_mean(h))",
    "sum(flip(cumsum(flip(h.T), over = 1)))",
    "sum(grad((v) => sum(v^2), at = h))",
    "sum(jacobian((v) => sum(v^2, over = 0), at = h))",
    "sum(e[x] * e[y])",
    "sum(map((a, b) => sum(a * b), e[x], e[y]))",
    "sum(last(scan(s = h, i in 0..2) { return s * 2 }))",
    "sum(scan(s = zeros(4), r in h.T) { return s + sum(r) })",
    "sum(c(h))",
    "sum(pick(h.T, expand(last(x), over = 4)))",
    "sum(E[z ~ Normal(h, 1)](z))",
    "-log q(v = h)",
    "-log r(x = x)",
    "-log p(x = int(iota(5)) % 4)",
    "k(int(iota(5)) % 4)",
];

#[test]
fn what_mixes_ends_is_refused() {
    let mut found = Vec::new();
    for end in REFUSED {
        let text = format!(
            "data d {{ x: idx(4)[<= 5], y: idx(4)[<= 5] }}\nparam e: f32[4, 4] = normal(0, 1)\n\
             net lm(x: idx(4)[5]) -> f32[5, 4] = shift(e[x], 1)\n\
             net c(h: f32[5, 4]) -> f32[5, 4] = h |> CausalConv1d(4, 2)\n\
             net k(x: idx(4)[<= 5]) -> f32 = sum(e[x])\n\
             model p(x) {{ x: idx(4)[<= 5] ~ Autoregressive(logits = lm) }}\n\
             model r(x) {{ x: idx(4)[5] ~ Autoregressive(logits = lm) }}\n\
             model q(v) {{ v: f32[5, 4] ~ Normal(0, 1) }}\n\
             loss l {{\n  let h = e[x]\n  return {end}\n}}\n\
             train t on d.train batch 2 steps 1 {{ minimize l over e with sgd(lr = 0.1) }}\n"
        );
        let codes = match compiled("e.rl", &text, &[]) {
            Err(why) => why.iter().map(|d| d.code).collect(),
            Ok(_) => vec![],
        };
        // A function says what it takes; all others are refused for the end.
        let code = if end.starts_with("k(") { codes::RL0103 } else { codes::RL0131 };
        if !codes.contains(&code) {
            found.push((end, codes));
        }
    }
    assert!(found.is_empty(), "{found:?}");
}
