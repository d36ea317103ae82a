//! Products of factors beside enumeration. In: random potentials of two or three blocks of one to three
//! bits, affine in some of them and not in others. Out: free energies, constants and conditional means are
//! those of the sum over all values, whose potentials are asked for one by one; what a chain gives has the
//! marginals of the density. In f64; tolerance 1e-9 of the value or of 1, of sums of a few hundred terms.
//! Marginals of chains: within 5 standard errors of their draws.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, compiled, outputs};
use rlc::base::codes;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TOLERANCE: f64 = 1e-9;

/// Terms of a potential; `@a` and `@b` are blocks. Weights are made for each.
const TERMS: &[(&str, &str)] = &[
    ("param w#: f32[@na] = normal(0, 1)", "dot(w#, @a)"),
    ("param w#: f32[@na, @nb] = normal(0, 1)", "dot(@a @ w#, @b)"),
    ("param w#: f32[@na, @nb] = normal(0, 1)", "sum((@a @ w#) * @b) / 2"),
    ("param w#: f32[@na, @nb] = normal(0, 1)", "dot(@a, w# @ @b)"),
    ("param w#: f32 = normal(0, 1)", "w# * sum(@a) - 0.3 * mean(@b)"),
    ("param w#: f32 = normal(0, 1)", "w# * @a[0] * @b[0]"),
    // Not affine in the first block.
    ("param w#: f32[@na, @na] = normal(0, 1)", "dot(@a @ w#, @a)"),
    ("param w#: f32[@na, 2] = normal(0, 2)", "sum(tanh(@a @ w#))"),
    ("param w#: f32[@na, @nb] = normal(0, 1)", "sum(softplus(@a @ w#) * @b)"),
    ("param w#: f32 = normal(0, 1)", "w# * sum(@a)^2"),
];
const AFFINE: usize = 6;

struct Case {
    text: String,
    /// Names and widths of the blocks.
    blocks: Vec<(&'static str, usize)>,
}

fn case(dice: &mut Dice) -> Case {
    let names = ["v", "h", "g"];
    let count = 2 + usize::from(dice.below(3) == 0);
    let most = if count == 2 { 3 } else { 2 };
    let blocks: Vec<_> = names[..count].iter().map(|n| (*n, 1 + dice.below(most))).collect();
    let kinds = if dice.below(2) == 0 { AFFINE } else { TERMS.len() };
    let (mut params, mut factors) = (String::new(), String::new());
    for n in 0..2 + dice.below(4) {
        let (param, term) = TERMS[dice.below(kinds)];
        let (a, b) = (dice.below(count), dice.below(count));
        let b = if a == b { (a + 1) % count } else { b };
        let put = |text: &str| {
            text.replace("@na", &blocks[a].1.to_string())
                .replace("@nb", &blocks[b].1.to_string())
                .replace("@a", blocks[a].0)
                .replace("@b", blocks[b].0)
                .replace('#', &n.to_string())
        };
        params += &format!("  {}\n", put(param));
        factors += &format!("  factor {}\n", put(term));
    }
    let head: Vec<String> = blocks.iter().map(|(name, n)| format!("{name}: bit[{n}]")).collect();
    let text = format!(
        "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p({}) {{\n{params}{factors}}}\n",
        head.join(", ")
    );
    Case { text, blocks }
}

/// All values of some blocks: for each a list of bits for each block.
fn all(blocks: &[(&str, usize)]) -> Vec<Vec<Vec<usize>>> {
    let bits: usize = blocks.iter().map(|(_, n)| n).sum();
    let split = |number: usize| {
        let mut at = 0;
        let of = |n: usize| {
            at += n;
            (at - n..at).map(|bit| number >> bit & 1).collect()
        };
        blocks.iter().map(|(_, n)| *n).map(of).collect()
    };
    (0..1 << bits).map(split).collect()
}

fn vector(bits: &[usize]) -> String {
    let bits: Vec<String> = bits.iter().map(usize::to_string).collect();
    match bits.as_slice() {
        [one] => format!("full({one}, 1)"),
        _ => format!("concat({})", bits.join(", ")),
    }
}

/// `v = concat(0, 1), h = full(1, 1)`
fn given(blocks: &[(&str, usize)], values: &[Vec<usize>]) -> String {
    let each = blocks.iter().zip(values).map(|((name, _), v)| format!("{name} = {}", vector(v)));
    each.collect::<Vec<_>>().join(", ")
}

fn log_sum(list: impl Iterator<Item = f64>) -> f64 {
    let list: Vec<f64> = list.collect();
    let top = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + list.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

fn reported(program: &str) -> Option<Values> {
    let text = || compiled("e.rl", program, &[]).map(|program| outputs(&program));
    match catch_unwind(AssertUnwindSafe(text)) {
        Ok(Ok(found)) => Some(found.into_iter().next().unwrap()),
        Ok(Err(messages)) => {
            assert!(messages.iter().any(|d| d.code == codes::RL0129), "{messages:#?}\n{program}");
            None
        }
        Err(_) => panic!("a panic\n{program}"),
    }
}

fn eval(case: &Case, reports: &[String]) -> String {
    let lines: Vec<String> = reports.iter().map(|r| format!("  report {r}\n")).collect();
    format!("{}eval e on d.train batch 2 {{\n{}}}\n", case.text, lines.concat())
}

fn value(found: &Values, name: &str) -> f64 {
    *found[&format!("report:{name}")].iter().next().unwrap()
}

fn close(a: f64, b: f64, what: &str, program: &str) {
    assert!((a - b).abs() <= TOLERANCE * b.abs().max(1.0), "{what} is {a}, not {b}\n{program}");
}

/// Minus the potential of each value, asked for one by one.
fn energies(case: &Case, values: &[Vec<Vec<usize>>]) -> Vec<f64> {
    let asked = values
        .iter()
        .enumerate()
        .map(|(n, value)| format!("free_energy(p, {}) as e{n}", given(&case.blocks, value)));
    let found = reported(&eval(case, &asked.collect::<Vec<_>>())).expect("nothing is summed");
    (0..values.len()).map(|n| value(&found, &format!("e{n}"))).collect()
}

/// How many of the three questions were answered.
fn check(seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let case = case(&mut dice);
    let values = all(&case.blocks);
    let energy = energies(&case, &values);
    let mut answered = 0;
    let program = eval(&case, &["log_z(p) as z".into()]);
    if let Some(found) = reported(&program) {
        close(value(&found, "z"), log_sum(energy.iter().map(|e| -e)), "log_z", &program);
        answered += 1;
    }
    let program = eval(&case, &["ais(p, chains = 200, temps = 400) as z".into()]);
    let found = reported(&program).expect("a constant can always be estimated");
    let (is, wanted) = (value(&found, "z"), log_sum(energy.iter().map(|e| -e)));
    assert!((is - wanted).abs() < 0.1, "ais gives {is}, not {wanted}\n{program}");
    // The first block is given, the others are summed out or drawn.
    let (first, rest) = case.blocks.split_at(1);
    let names: Vec<&str> = rest.iter().map(|(name, _)| *name).collect();
    for (n, held) in all(first).iter().enumerate() {
        let under = || values.iter().zip(&energy).filter(|(value, _)| value[0] == held[0]);
        let total = log_sum(under().map(|(_, e)| -e));
        let program = eval(&case, &[format!("free_energy(p, {}) as f", given(first, held))]);
        if let Some(found) = reported(&program) {
            close(value(&found, "f"), -total, "free_energy", &program);
            answered += usize::from(n == 0);
        }
        let mut means = Vec::new();
        for (name, width) in rest {
            let bar = format!("{} | {}", names.join(", "), given(first, held));
            let of = match names.len() {
                1 => format!("mean(p({bar}))"),
                _ => format!("E[{name} ~ p({bar})]({name})"),
            };
            means.extend((0..*width).map(|i| (name, i, format!("{of}[{i}] as {name}{i}"))));
        }
        pseudo(&case, &values, &energy, held);
        if names.len() > 1 {
            continue;
        }
        let program = eval(&case, &means.iter().map(|(_, _, r)| r.clone()).collect::<Vec<_>>());
        let Some(found) = reported(&program) else { continue };
        for (name, i, _) in &means {
            let ones = under().filter(|(value, _)| value[1][*i] == 1);
            let chance = (log_sum(ones.map(|(_, e)| -e)) - total).exp();
            close(value(&found, &format!("{name}{i}")), chance, "a conditional mean", &program);
        }
        answered += usize::from(n == 0);
    }
    answered
}

/// The pseudo-likelihood of a value of the first block.
fn pseudo(case: &Case, values: &[Vec<Vec<usize>>], energy: &[f64], held: &[Vec<usize>]) {
    let asked = format!("pseudo_loglik(p, {}) as s", given(&case.blocks[..1], held));
    let program = eval(case, &[asked]);
    let Some(found) = reported(&program) else { return };
    let total = |first: &[usize]| {
        log_sum(values.iter().zip(energy).filter(|(v, _)| v[0] == first).map(|(_, e)| -e))
    };
    let each = (0..held[0].len()).map(|bit| {
        let mut other = held[0].clone();
        other[bit] = 1 - other[bit];
        total(&held[0]) - log_sum([total(&held[0]), total(&other)].into_iter())
    });
    close(value(&found, "s"), each.sum(), "pseudo_loglik", &program);
}

#[test]
fn sums_and_conditionals_are_those_of_enumeration() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (seed, tries) = (number("RLC_ENERGIES_SEED", 0), number("RLC_ENERGIES", 60));
    let answered: usize = (seed..seed + tries).map(check).sum();
    println!("{tries} potentials, {answered} answers");
    assert!(answered as u64 > tries * 3 / 2, "{answered} answers of {tries}");
}

#[test]
fn chains_have_the_marginals_of_the_density() {
    const DRAWS: usize = 4000;
    for seed in 0..12 {
        let mut dice = Dice::new(seed + 1000);
        let case = case(&mut dice);
        let values = all(&case.blocks);
        let energy = energies(&case, &values);
        let total = log_sum(energy.iter().map(|e| -e));
        let lines = case.blocks.iter().map(|(name, _)| {
            format!("  {name} ~ gibbs(p, steps = 30)\n  emit {name} as drawn_{name}\n")
        });
        let program =
            format!("{}sample s count {DRAWS} {{\n{}}}\n", case.text, lines.collect::<String>());
        let found = reported(&program).expect("a chain can always be run");
        for (at, (name, width)) in case.blocks.iter().enumerate() {
            let drawn = &found[&format!("emit:drawn_{name}")];
            for i in 0..*width {
                let mean = drawn.iter().skip(i).step_by(*width).sum::<f64>() / DRAWS as f64;
                let ones = values.iter().zip(&energy).filter(|(value, _)| value[at][i] == 1);
                let chance = (log_sum(ones.map(|(_, e)| -e)) - total).exp();
                let error = (chance * (1.0 - chance) / DRAWS as f64).sqrt();
                // Chains of potentials this steep may not have mixed after 30 sweeps.
                let off = (mean - chance).abs();
                assert!(off < 5.0 * error + 0.02, "{name}[{i}]: {mean}, not {chance}\n{program}");
            }
        }
    }
}
