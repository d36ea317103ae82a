//! Autoregressive densities beside enumeration. In: random nets of a short sequence, of layers that see what is before,
//! and of some that see more. Out: a net that is taken has log-densities whose exponentials add up to 1 over all
//! sequences, in f64 to 1e-9, and draws have these probabilities; a net that is refused gives the logits of some
//! position by what it or a later one is: over all sequences they are not the same for equal beginnings.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, compiled, outputs};
use rlc::base::{Code, codes};
use rlc::driver::{self, Asked, Log, Trees};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Sequences that are drawn of a net.
const DRAWS: usize = 2000;

/// Layers from `[T, 4]` to `[T, 4]`.
const LAYERS: &[&str] = &[
    // Every position by itself.
    "tanh(h |> Linear(4))",
    "h + (h |> LayerNorm() |> Linear(6) |> gelu |> Linear(4))",
    "map((r) => softmax(r) * 2, h)",
    "h * sigmoid(h |> Linear(4))",
    "map((r, i) => r * cos(i) + sin(i), h, iota(@T))",
    "where(expand(iota(@T) == 1, over = 4).T, 0.5, h)",
    // What is before.
    "shift(h, 1)",
    "shift(h, 2)",
    "cumsum(h, over = 0)",
    "(scan(s = zeros(4), r in h) { return tanh(r + (s |> Linear(4))) })",
    "(scan(s = (a = zeros(4), n = 0.0), r in h) { return (a = s.a + r, n = s.n + 1) }).a / 2",
    "attention(h, where(causal_mask(@T), scores(h), -1e9))",
    "attention(h, where(causal_mask(@T), scores(h), -infinity))",
    "attention(h, scores(h) + where(causal_mask(@T), 0, -1e9))",
    "attention(h, scores(h) - 1e9 * (1 - float(causal_mask(@T))))",
    "einsum(\"i j, j d -> i d\", weight(@T, @T) * float(causal_mask(@T)), h)",
    "(h.T @ (weight(@T, @T) * float(causal_mask(@T)).T)).T",
    "conv(h.T, weight(4, 4, 2), pad = 1)[:, 0:@T].T",
    "conv(h.T, weight(4, 4, 2), pad = 2, dilation = 2)[:, 0:@T].T",
    "conv(h.T, where(expand(expand(iota(3) < 2, over = 4), over = 4), weight(4, 4, 3), 0), pad = \"same\").T",
    "concat(zeros(1, 4), h[0:@T - 1], over = 0)",
    "reshape(permute(reshape(h, @T, 2, 2), 0, 2, 1), @T, 4)",
    "map((t) => sum(where(expand(iota(@T) <= float(t), over = 4).T, h, 0), over = 0), int(iota(@T)))",
    "map((t) => h[max(t - 1, 0)], int(iota(@T)))",
    // Sums and states that begin before the first position.
    "cumsum(concat(ones(2, 4), h, over = 0), over = 0)[1:@T + 1]",
    "scan(s = ones(4), r in concat(ones(2, 4), h, over = 0)) { return tanh(r + s) }[1:@T + 1]",
    "cumsum(concat(ones(1, 4), h, over = 0), over = 0)[0:@T]",
    // Of the library.
    "h |> RNN(4)",
    "h |> GRU(4)",
    "h |> LSTM(4)",
    "h |> MultiHeadAttention(2, causal = true)",
    "h |> MultiHeadAttention(1, causal = true, turns = true)",
    "h |> TransformerBlock(2, wide = 2, causal = true, turns = true)",
    "h |> TransformerBlock(1, wide = 1, causal = true, post = true)",
    "h |> CausalConv1d(4, 3)",
    "h |> CausalConv1d(4, 2, dilation = 2)",
    "h |> RMSNorm() |> GLU(4)",
    "h + positions(@T, 4)",
    // What is behind.
    "h + expand(mean(h, over = 0), over = @T)",
    "flip(h, over = 0)",
    "flip(cumsum(flip(h, over = 0), over = 0), over = 0)",
    "attention(h, scores(h))",
    "attention(h, where(causal_mask(@T).T, scores(h), -1e9))",
    // The first row sees nothing, so that its weights are even.
    "attention(h, where(expand(iota(@T), over = @T).T > expand(iota(@T), over = @T), scores(h), -1e9))",
    "conv(h.T, weight(4, 4, 3), pad = \"same\").T",
    "einsum(\"i j, j d -> i d\", weight(@T, @T), h)",
    "sort(h, over = 0)",
    "h[(int(iota(@T)) + 1) % @T]",
    "h |> LSTM(4, reverse = true)",
    "h |> MultiHeadAttention(2)",
    "h |> TransformerBlock(2, wide = 1)",
    "CrossAttention(2)(h, h)",
];
/// So many of them see nothing that is behind.
const CAUSAL: usize = 38;

struct Case {
    text: String,
    length: usize,
    /// 0: bits.
    classes: usize,
    /// Whether sequences end at their first 0.
    ends: bool,
}

impl Case {
    fn values(&self) -> usize {
        self.classes.max(2)
    }

    /// All sequences.
    fn all(&self) -> Vec<Vec<usize>> {
        let n = self.values();
        let digit = |number: usize, i: usize| number / n.pow(i as u32) % n;
        let all = (0..n.pow(self.length as u32))
            .map(|number| (0..self.length).map(|i| digit(number, i)).collect::<Vec<_>>());
        let is_one = |x: &Vec<usize>| {
            !self.ends || x.iter().skip_while(|token| **token > 0).all(|token| *token == 0)
        };
        all.filter(is_one).collect()
    }

    fn literal(&self, sequence: &[usize]) -> String {
        let list: Vec<String> = sequence.iter().map(usize::to_string).collect();
        match self.classes {
            0 => format!("concat({})", list.join(", ")),
            _ if self.ends => format!("ended(int(concat({})) % {})", list.join(", "), self.classes),
            _ => format!("int(concat({}))", list.join(", ")),
        }
    }

    fn ty(&self) -> String {
        match (self.classes, self.ends) {
            (0, _) => format!("bit[{}]", self.length),
            (k, true) => format!("idx({k})[<= {}]", self.length),
            (k, false) => format!("idx({k})[{}]", self.length),
        }
    }
}

fn case(dice: &mut Dice) -> Case {
    let length = 3 + dice.below(2);
    let classes = [0, 2, 3][dice.below(3)];
    let ends = classes > 0 && dice.below(3) == 0;
    let kinds = if dice.below(2) == 0 { CAUSAL } else { LAYERS.len() };
    let mut lines = String::new();
    if dice.below(8) != 0 {
        lines += "  let h = shift(h, 1)\n";
    }
    for _ in 0..1 + dice.below(4) {
        lines += &format!("  let h = {}\n", LAYERS[dice.below(kinds)]);
    }
    let ty = if classes == 0 { "bit".into() } else { format!("idx({classes})") };
    let start = match classes {
        0 => "outer(x, weight(4)) + expand(weight(4), over = @T)".to_string(),
        k => format!("map((i) => weight({k}, 4)[i], x)"),
    };
    let (out, width) = if classes == 0 { (1, "[@T]") } else { (classes, "[@T, @V]") };
    let end = if classes == 0 { "[:, 0]" } else { "" };
    let text = format!(
        "data d from uniform(4, 1) {{ u: f32[1] in 0..1 }}\n\
         fn scores(h) = einsum(\"i d, j d -> i j\", h, flip(h))\n\
         fn attention(h, s) = einsum(\"i j, j d -> i d\", softmax(s), h)\n\
         net lm(x: {ty}[@T]) -> f32{width} {{\n  let h = {start}\n{lines}  return (h |> Linear({out})){end}\n}}\n"
    );
    let text = text.replace("@T", &length.to_string()).replace("@V", &classes.to_string());
    Case { text: weights(&text), length, classes, ends }
}

/// `weight(2, 3)` becomes a weight of the net.
fn weights(text: &str) -> String {
    let (mut made, mut params, mut count) = (String::new(), String::new(), 0);
    let mut rest = text;
    while let Some(at) = rest.find("weight(") {
        let end = at + rest[at..].find(')').unwrap();
        let dims = &rest[at + "weight(".len()..end];
        params += &format!("  param w{count}: f32[{dims}] = normal(0, 1)\n");
        made += &format!("{}w{count}", &rest[..at]);
        count += 1;
        rest = &rest[end + 1..];
    }
    made += rest;
    let net = made.find("net lm").unwrap();
    let body = net + made[net..].find("{\n").unwrap() + 2;
    made.insert_str(body, &params);
    made
}

/// What a program reports; nothing where it is refused, since a position looks ahead or the end of a sequence is in
/// the way.
fn reported(program: &str) -> Result<Values, Code> {
    let text = || compiled("e.rl", program, &[]).map(|program| outputs(&program, &Values::new()));
    match catch_unwind(AssertUnwindSafe(text)) {
        Ok(Ok(found)) => Ok(found.into_iter().next().unwrap()),
        Ok(Err(messages)) => {
            let refused = [codes::RL0130, codes::RL0131];
            let code = messages.iter().map(|d| d.code).find(|code| refused.contains(code));
            Err(code.unwrap_or_else(|| panic!("{messages:#?}\n{program}")))
        }
        Err(_) => panic!("a panic\n{program}"),
    }
}

fn eval(case: &Case, density: &str, reports: &[String]) -> String {
    let lines: Vec<String> = reports.iter().map(|r| format!("  report {r}\n")).collect();
    format!("{}{density}eval e on d.train batch 2 {{\n{}}}\n", case.text, lines.concat())
}

fn value(found: &Values, name: &str) -> f64 {
    *found[&format!("report:{name}")].iter().next().unwrap()
}

/// Whether the logits of a position are the same for all sequences that begin alike.
fn is_causal(case: &Case) -> bool {
    let all = case.all();
    let each = if case.classes == 0 { 1 } else { case.classes };
    let asked = all.iter().enumerate().flat_map(|(n, sequence)| {
        let literal = case.literal(sequence);
        (0..case.length * each).map(move |i| {
            let at = if each == 1 { format!("{i}") } else { format!("{}, {}", i / each, i % each) };
            format!("padded(lm({literal}))[{at}] as l{n}_{i}")
        })
    });
    let program = eval(case, "", &asked.collect::<Vec<_>>());
    let found = reported(&program).expect("a net by itself is taken");
    all.iter().enumerate().all(|(n, one)| {
        all.iter().enumerate().all(|(m, other)| {
            (0..case.length).filter(|t| one[..*t] == other[..*t]).all(|t| {
                (0..each).all(|k| {
                    let [a, b] = [n, m].map(|s| value(&found, &format!("l{s}_{}", t * each + k)));
                    (a - b).abs() <= 1e-9
                })
            })
        })
    })
}

fn density(case: &Case, order: &str) -> String {
    format!("model p(x) {{\n  x: {} ~ Autoregressive(logits = lm{order})\n}}\n", case.ty())
}

#[derive(PartialEq)]
enum Found {
    Taken,
    /// Taken, and drawn by rows.
    ByRows,
    Refused,
    /// Refused, and no logits depend on what is not before them.
    ForNothing,
}

fn check(seed: u64) -> Found {
    let case = case(&mut Dice::new(seed));
    let all = case.all();
    let asked =
        all.iter().enumerate().map(|(n, x)| format!("log p(x = {}) as l{n}", case.literal(x)));
    let program = eval(&case, &density(&case, ""), &asked.collect::<Vec<_>>());
    let found = match reported(&program) {
        Ok(found) => found,
        Err(code) if code == codes::RL0131 => return Found::Refused,
        Err(_) => {
            return match is_causal(&case) {
                true => {
                    println!("refused for nothing, seed {seed}\n{program}");
                    Found::ForNothing
                }
                false => Found::Refused,
            };
        }
    };
    let total: f64 = (0..all.len()).map(|n| value(&found, &format!("l{n}")).exp()).sum();
    assert!((total - 1.0).abs() < 1e-9, "seed {seed}: all sequences have {total}\n{program}");
    if seed.is_multiple_of(2) {
        let chance: Vec<f64> =
            (0..all.len()).map(|n| value(&found, &format!("l{n}")).exp()).collect();
        if drawn(&case, &chance, seed) {
            return Found::ByRows;
        }
        println!("by the whole net, seed {seed}\n{}", case.text);
    }
    Found::Taken
}

/// Draws: by rows where they can be, and by the whole net at every position, with the same noise.
fn draws(case: &Case, order: &str) -> Vec<f64> {
    let sample = format!("sample s count {DRAWS} {{\n  x ~ p(x)\n  emit x as drawn\n}}\n");
    let program = format!("{}{}{sample}", case.text, density(case, order));
    let found = reported(&program).expect("what is scored is drawn");
    found["emit:drawn"].iter().copied().collect()
}

/// Draws have the probabilities of sequences: chi-squared, of some 80 cells at most. Those by rows are those by the
/// whole net but for rounding, which may take a draw to the other side of a bound once in a while.
fn drawn(case: &Case, chance: &[f64], seed: u64) -> bool {
    let rows = draws(case, "");
    let (program, all, mut counts) = (&case.text, case.all(), vec![0.0; chance.len()]);
    for row in rows.chunks(case.length) {
        let row: Vec<usize> = row.iter().map(|x| *x as usize).collect();
        counts[all.iter().position(|x| *x == row).expect("a sequence of the type")] += 1.0;
    }
    let cells = counts.iter().zip(chance).filter(|(_, p)| **p * DRAWS as f64 > 3.0);
    let (mut sum, mut free) = (0.0, 0.0);
    for (count, p) in cells {
        let expected = p * DRAWS as f64;
        sum += (count - expected).powi(2) / expected;
        free += 1.0;
    }
    // The chance of more is below 1e-6 (Laurent and Massart 2000).
    let bound = free + 2.0 * (free * 14.0_f64).sqrt() + 28.0;
    assert!(sum < bound, "seed {seed}: chi-squared {sum} of {free}\n{program}");
    if !case.ends {
        let whole = draws(case, &format!(", order = int(iota({}))", case.length));
        let off = rows.iter().zip(&whole).filter(|(a, b)| a != b).count();
        assert!(off <= 4, "seed {seed}: {off} values differ\n{program}");
    }
    by_rows(&format!(
        "{program}{}sample s count 2 {{\n  x ~ p(x)\n  emit x\n}}\n",
        density(case, "")
    ))
}

/// Whether a program draws by rows.
fn by_rows(program: &str) -> bool {
    let mut log = Log::default();
    let mut trees = Trees::of("e.rl", program, &[], &mut log).expect("a program");
    let model = driver::model(&mut trees, &Asked::default(), &mut log).expect("a model");
    model.sequences[0].kept.is_some()
}

/// A number that the environment may give.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn what_is_taken_is_a_density_and_what_is_refused_looks_ahead() {
    let (seed, tries) = (number("RLC_ORDERED_SEED", 0), number("RLC_ORDERED", 60));
    let found: Vec<Found> = (seed..seed + tries).map(check).collect();
    let count = |what: Found| found.iter().filter(|f| **f == what).count() as u64;
    let (rows, refused) = (count(Found::ByRows), count(Found::Refused));
    let (taken, nothing) = (rows + count(Found::Taken), count(Found::ForNothing));
    println!(
        "{tries} nets: {taken} taken, {rows} drawn by rows, {refused} refused, {nothing} for nothing"
    );
    assert!(taken > tries / 3 && refused > tries / 8 && nothing <= tries / 20);
    assert!(rows > tries / 6, "{rows} are drawn by rows");
}
