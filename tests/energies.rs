//! Products of factors beside enumeration. In: random potentials of two or three blocks of one to three
//! bits or categories, affine in some of them and not in others. Out: free energies, constants and conditional
//! densities are those of the sum over all values, whose potentials are asked for one by one; what a chain gives
//! has the marginals of the density. In f64; tolerance 1e-9 of the value or of 1, of sums of a few hundred terms.
//! Marginals of chains: within 5 standard errors of their draws. Reals: beside integrals by the trapezoid rule,
//! which for these functions is exact to rounding.

mod common;
#[path = "common/graphs.rs"]
mod graphs;

use graphs::{Dice, Values, compiled, outputs};
use rlc::base::codes;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TOLERANCE: f64 = 1e-9;

/// Terms of a potential; `@a` and `@b` are blocks, categories as one-hot vectors. Weights are made for each.
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
/// Terms of a block of categories.
const WORDS: &[(&str, &str)] = &[
    ("param w#: f32[@k] = normal(0, 1)", "sum(w#[@c])"),
    ("param w#: f32[@n, @k] = normal(0, 1)", "sum(pick(w#, @c))"),
    ("param w#: f32[@k + 1, 2] = normal(0, 1)", "sum(w#[@c])"),
    ("param w#: f32[@k + 2] = normal(0, 1)", "sum(one_hot(@c, @k + 2) @ w#)"),
    // One by one.
    ("param w#: f32[@n, @k] = normal(0, 1)", "sum(map((w, c) => w[c], w#, @c))"),
    ("param w#: f32[@n, @k + 1, 2] = normal(0, 1)", "sum(map((w, c) => sum(w[c]), w#, @c))"),
    ("param w#: f32[@n, @k, @nb] = normal(0, 1)", "sum(map((w, c) => dot(w[c], @b), w#, @c))"),
    ("param w#: f32[@n, @k] = normal(0, 1)", "dot(map((w, c) => pick(w, c), w#, @c), w#[0:@n, 0])"),
    ("param w#: f32[@k] = normal(0, 1)", "mean(map((c) => dot(one_hot(c, @k), w#), @c))"),
    (
        "param w#: f32[@k] = normal(0, 1)",
        "sum(map((i) => w#[@c[i]] / (1 + float(i)), int(iota(@n))))",
    ),
    ("param w#: f32[@k, 2] = normal(0, 1)", "w#[@c[0], 1] - sum(w#[@c[@n - 1:]])"),
    // Their numbers are asked for.
    ("param w#: f32 = normal(0, 1)", "w# * sum(float(@c))"),
];

/// A name, how many elements, and how many values each has; 0 classes: they are bits.
#[derive(Clone, Copy)]
struct Block {
    name: &'static str,
    n: usize,
    classes: usize,
}

impl Block {
    fn values(&self) -> usize {
        self.classes.max(2)
    }

    fn is_bits(&self) -> bool {
        self.classes == 0
    }

    /// The type in the head.
    fn ty(&self) -> String {
        match self.classes {
            0 => format!("bit[{}]", self.n),
            k => format!("idx({k})[{}]", self.n),
        }
    }

    /// What potentials are made of, and how long it is.
    fn feature(&self) -> (String, usize) {
        let (name, n, k) = (self.name, self.n, self.classes);
        match k {
            0 => (name.into(), n),
            k => (format!("reshape(one_hot({name}, {k}), {})", n * k), n * k),
        }
    }

    fn literal(&self, values: &[usize]) -> String {
        let list: Vec<String> = values.iter().map(usize::to_string).collect();
        let text = match list.as_slice() {
            [one] => format!("full({one}, 1)"),
            _ => format!("concat({})", list.join(", ")),
        };
        if self.is_bits() { text } else { format!("int({text})") }
    }
}

struct Case {
    text: String,
    blocks: Vec<Block>,
}

fn case(dice: &mut Dice) -> Case {
    let names = ["v", "h", "g"];
    let count = 2 + usize::from(dice.below(3) == 0);
    let most = if count == 2 { 3 } else { 2 };
    let mut block = |name: &&'static str| {
        let classes = if dice.below(3) == 0 { 2 + dice.below(2) } else { 0 };
        Block { name, n: 1 + dice.below(if classes == 0 { most } else { 2 }), classes }
    };
    let blocks: Vec<Block> = names[..count].iter().map(&mut block).collect();
    let kinds = if dice.below(2) == 0 { AFFINE } else { TERMS.len() };
    let (mut params, mut factors) = (String::new(), String::new());
    for n in 0..2 + dice.below(4) {
        let (a, b) = (dice.below(count), dice.below(count));
        let b = if a == b { (a + 1) % count } else { b };
        let (own, other) = (blocks[a], blocks[b]);
        let (param, term) = match !own.is_bits() && dice.below(3) == 0 {
            true => WORDS[dice.below(WORDS.len())],
            false => TERMS[dice.below(kinds)],
        };
        let ((text_a, len_a), (text_b, len_b)) = (own.feature(), other.feature());
        let put = |text: &str| {
            text.replace("@na", &len_a.to_string())
                .replace("@nb", &len_b.to_string())
                .replace("@a", &text_a)
                .replace("@b", &text_b)
                .replace("@c", own.name)
                .replace("@k", &own.classes.to_string())
                .replace("@n", &own.n.to_string())
                .replace('#', &n.to_string())
        };
        params += &format!("  {}\n", put(param));
        factors += &format!("  factor {}\n", put(term));
    }
    let head: Vec<String> = blocks.iter().map(|b| format!("{}: {}", b.name, b.ty())).collect();
    let text = format!(
        "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p({}) {{\n{params}{factors}}}\n",
        head.join(", ")
    );
    Case { text, blocks }
}

/// All values of some blocks: for each a list of numbers for each block.
fn all(blocks: &[Block]) -> Vec<Vec<Vec<usize>>> {
    let mut list = vec![vec![]];
    for block in blocks {
        let each = (0..block.values().pow(block.n as u32)).map(|number| {
            let digit = |i: usize| number / block.values().pow(i as u32) % block.values();
            (0..block.n).map(digit).collect::<Vec<usize>>()
        });
        let each: Vec<Vec<usize>> = each.collect();
        list = list
            .iter()
            .flat_map(|before: &Vec<Vec<usize>>| {
                each.iter().map(move |value| [&before[..], std::slice::from_ref(value)].concat())
            })
            .collect();
    }
    list
}

/// `v = concat(0, 1), h = full(1, 1)`
fn given(blocks: &[Block], values: &[Vec<usize>]) -> String {
    let each = blocks.iter().zip(values).map(|(b, v)| format!("{} = {}", b.name, b.literal(v)));
    each.collect::<Vec<_>>().join(", ")
}

fn log_sum(list: impl Iterator<Item = f64>) -> f64 {
    let list: Vec<f64> = list.collect();
    let top = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + list.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

fn reported(program: &str) -> Option<Values> {
    let text = || compiled("e.rl", program, &[]).map(|program| outputs(&program, &Values::new()));
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
    if seed.is_multiple_of(3) {
        let program = eval(&case, &["ais(p, chains = 200, temps = 400) as z".into()]);
        let found = reported(&program).expect("a constant can always be estimated");
        let (is, wanted) = (value(&found, "z"), log_sum(energy.iter().map(|e| -e)));
        assert!((is - wanted).abs() < 0.1, "ais gives {is}, not {wanted}\n{program}");
    }
    // The first block is given, the others are summed out or drawn.
    let (first, rest) = case.blocks.split_at(1);
    for (n, held) in all(first).iter().enumerate() {
        let under = || values.iter().zip(&energy).filter(|(value, _)| value[0] == held[0]);
        let total = log_sum(under().map(|(_, e)| -e));
        let program = eval(&case, &[format!("free_energy(p, {}) as f", given(first, held))]);
        if let Some(found) = reported(&program) {
            close(value(&found, "f"), -total, "free_energy", &program);
            answered += usize::from(n == 0);
        }
        pseudo(&case, &values, &energy, held);
        let others = all(rest);
        let asked = others
            .iter()
            .enumerate()
            .map(|(n, v)| format!("log p({} | {}) as l{n}", given(rest, v), given(first, held)));
        let program = eval(&case, &asked.collect::<Vec<_>>());
        let Some(found) = reported(&program) else { continue };
        for (k, other) in others.iter().enumerate() {
            let own = under().find(|(value, _)| value[1..] == other[..]).expect("a value");
            close(value(&found, &format!("l{k}")), -own.1 - total, "a conditional", &program);
        }
        answered += usize::from(n == 0);
    }
    answered
}

/// The pseudo-likelihood of a value of the first block.
fn pseudo(case: &Case, values: &[Vec<Vec<usize>>], energy: &[f64], held: &[Vec<usize>]) {
    let asked = format!("pseudo_loglik(p, {}) as s", given(&case.blocks[..1], held));
    let program = eval(case, &[asked]);
    let found = reported(&program);
    assert!(case.blocks[0].is_bits() || found.is_none(), "of categories\n{program}");
    let Some(found) = found else { return };
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

/// A number that the environment may give.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn sums_and_conditionals_are_those_of_enumeration() {
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
        let lines = case.blocks.iter().map(|Block { name, .. }| {
            format!("  {name} ~ gibbs(p, steps = 30)\n  emit {name} as drawn_{name}\n")
        });
        let program =
            format!("{}sample s count {DRAWS} {{\n{}}}\n", case.text, lines.collect::<String>());
        let found = reported(&program).expect("a chain can always be run");
        for (at, block) in case.blocks.iter().enumerate() {
            let drawn: Vec<f64> =
                found[&format!("emit:drawn_{}", block.name)].iter().copied().collect();
            for (i, class) in (0..block.n).flat_map(|i| (1..block.values()).map(move |c| (i, c))) {
                let own = drawn.iter().skip(i).step_by(block.n);
                let share = own.filter(|x| **x == class as f64).count() as f64 / DRAWS as f64;
                let those = values.iter().zip(&energy).filter(|(value, _)| value[at][i] == class);
                let chance = (log_sum(those.map(|(_, e)| -e)) - total).exp();
                let error = (chance * (1.0 - chance) / DRAWS as f64).sqrt();
                // Chains of potentials this steep may not have mixed after 30 sweeps.
                let off = (share - chance).abs();
                let name = block.name;
                assert!(
                    off < 5.0 * error + 0.02,
                    "{name}[{i}] = {class}: {share}, not {chance}\n{program}"
                );
            }
        }
    }
}

/// A block of two reals and one of two bits, with weights that are known here too.
struct Mixed {
    /// Before half of the squares.
    precision: [f64; 2],
    slope: [f64; 2],
    weights: [[f64; 2]; 2],
    odds: [f64; 2],
    /// Half of the square of the product with this is taken off: with it the reals meet.
    joined: [f64; 2],
}

impl Mixed {
    fn new(dice: &mut Dice, meet: bool) -> Mixed {
        let mut real = || dice.below(2001) as f64 / 1000.0 - 1.0;
        Mixed {
            precision: [(real() * 0.7).exp(), (real() * 0.7).exp()],
            slope: [real(), real()],
            weights: [[real(), real()], [real(), real()]],
            odds: [real(), real()],
            joined: if meet { [real(), real() + 1.5] } else { [0.0; 2] },
        }
    }

    fn potential(&self, v: [f64; 2], h: [f64; 2]) -> f64 {
        let each = (0..2).map(|i| {
            let tied: f64 = (0..2).map(|j| self.weights[i][j] * h[j]).sum();
            -0.5 * self.precision[i] * v[i] * v[i] + (self.slope[i] + tied) * v[i]
        });
        let joined = self.joined[0] * v[0] + self.joined[1] * v[1];
        each.sum::<f64>() + self.odds[0] * h[0] + self.odds[1] * h[1] - 0.5 * joined * joined
    }

    /// In one of several ways to write it.
    fn text(&self, way: usize) -> String {
        let list = |x: &[f64]| format!("concat({:?}, {:?})", x[0], x[1]);
        let meet = match way {
            _ if self.joined == [0.0; 2] => String::new(),
            0 => format!("factor -0.5 * dot({}, v)^2", list(&self.joined)),
            1 => format!("factor -0.5 * sum((v @ reshape({}, 2, 1))^2)", list(&self.joined)),
            2 => format!(
                "let c = reshape({}, 2, 1)\n  factor -exp(log(0.25)) * (frob2(v @ c) + sum((c.T @ v)^2))",
                list(&self.joined)
            ),
            _ => {
                let [a, b] = self.joined;
                format!(
                    "factor -0.5 * (concat({a:?} * v, {b:?} * v[1:2])[0] + {b:?} * flip(v, over = 0)[0])^2"
                )
            }
        };
        let squares = match way {
            0 => "factor -0.5 * dot(exp(log(r)), v^2)",
            1 => "factor -sum((v * sqrt(exp(log(r))))^2) / 2",
            2 => "factor -0.5 * sum(v * exp(log(r)) * v)",
            _ => "factor -0.5 * dot(v / exp(-0.5 * log(r)), v / exp(-0.5 * log(r)))",
        };
        format!(
            "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p(v: f32[2], h: bit[2]) {{\n  \
             let r = {}\n  {squares}\n  {meet}\n  factor dot({}, v) + dot({}, h)\n  factor dot(v @ reshape(concat({}, {}), 2, 2), h)\n}}\n",
            list(&self.precision),
            list(&self.slope),
            list(&self.odds),
            list(&self.weights[0]),
            list(&self.weights[1]),
        )
    }

    /// The integral over reals of a function of them times the exponential of the potential.
    fn integral(&self, h: [f64; 2], of: impl Fn([f64; 2]) -> f64) -> f64 {
        const STEP: f64 = 0.1;
        let at = |i: i32| f64::from(i) * STEP;
        let places = || -250..=250;
        let row = |i: i32| {
            places()
                .map(|j| of([at(i), at(j)]) * self.potential([at(i), at(j)], h).exp())
                .sum::<f64>()
        };
        places().map(row).sum::<f64>() * STEP * STEP
    }
}

#[test]
fn reals_are_integrated_out() {
    let bits = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    for seed in 0..16 {
        let mixed = Mixed::new(&mut Dice::new(seed), seed >= 12);
        let mut asked =
            vec!["log_z(p) as z".to_string(), "free_energy(p, v = concat(0.3, -1.2)) as f".into()];
        // A vector takes a root of a matrix in every turn.
        let (chains, turns) = if seed >= 12 { (100, 100) } else { (500, 500) };
        asked.push(format!("ais(p, chains = {chains}, temps = {turns}) as a"));
        let starts = "v = concat(0.5, 0), h = full(-1, 2)";
        asked.push(format!("ais(p, chains = {chains}, temps = {turns}, {starts}) as b"));
        for (n, h) in bits.iter().enumerate() {
            let h = format!("h = concat({}, {})", h[0], h[1]);
            asked.push(format!("free_energy(p, {h}) as f{n}"));
            asked.push(format!("mean(p(v | {h}))[0] as m{n}, variance(p(v | {h}))[1] as s{n}"));
            asked.push(format!("log p(v = concat(0.3, -1.2) | {h}) as l{n}"));
        }
        let lines: Vec<String> = asked.iter().map(|r| format!("  report {r}\n")).collect();
        let eval = format!("eval e on d.train batch 2 {{\n{}}}\n", lines.concat());
        let program = format!("{}{eval}", mixed.text(seed as usize % 4));
        let found = reported(&program).expect("concave squares");
        let masses: Vec<f64> = bits.iter().map(|h| mixed.integral(*h, |_| 1.0)).collect();
        let z = masses.iter().sum::<f64>().ln();
        close(value(&found, "z"), z, "log_z", &program);
        for name in ["a", "b"] {
            let is = value(&found, name);
            assert!((is - z).abs() < 0.1, "ais gives {is}, not {z}\n{program}");
        }
        let here = log_sum(bits.iter().map(|h| mixed.potential([0.3, -1.2], *h)));
        close(value(&found, "f"), -here, "free_energy", &program);
        for (n, (h, mass)) in bits.iter().zip(&masses).enumerate() {
            let mean = |i: usize| mixed.integral(*h, |v| v[i]) / mass;
            let spread = mixed.integral(*h, |v| v[1] * v[1]) / mass - mean(1).powi(2);
            close(value(&found, &format!("f{n}")), -mass.ln(), "free_energy", &program);
            close(value(&found, &format!("m{n}")), mean(0), "a mean", &program);
            close(value(&found, &format!("s{n}")), spread, "a variance", &program);
            let log = mixed.potential([0.3, -1.2], *h) - mass.ln();
            close(value(&found, &format!("l{n}")), log, "a density", &program);
        }
    }
}

#[test]
fn reals_without_a_proven_integral_are_refused() {
    for factor in [
        "dot(v, v)",
        "-0.5 * sum((v * w)^2)",
        "-0.5 * sum(v[0:1]^2)",
        "-0.5 * dot(v @ (W @ W.T), v)",
        "-0.5 * sum(v)^2",
        "-sum(v^2) - sum(v^4)",
        "-sum(abs(v))",
        "-dot(h, v^2)",
        "dot(v, w)",
        "-sum(einsum(\"i, j -> i j\", v, v))",
        "-sum(v^2) - 0.5 * sum(einsum(\"i, j -> i j\", v, v))",
        "-sum(v^2) - 0.5 * sum(conv(reshape(v, 1, 2), reshape(v, 1, 1, 2)))",
    ] {
        let program = format!(
            "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p(v: f32[2], h: bit[2]) {{\n  \
             param w: f32[2] = normal(0, 1)\n  param W: f32[2, 2] = normal(0, 1)\n  factor {factor} + sum(h)\n}}\n\
             eval e on d.train batch 2 {{ report free_energy(p, h = full(1, 2)) as f }}\n"
        );
        assert!(reported(&program).is_none(), "{program}");
    }
}

/// Terms of the second degree or of another one in `v: f32[2]`, several ways to write each kind of product.
const PRODUCTS: &[&str] = &[
    "sum(v^2)",
    "dot(v, v)",
    "dot(v, w) + 0.3",
    "dot(v @ W, v)",
    "sum((v @ W)^2)",
    "dot(v @ W, v @ W)",
    "frob2(v @ W + w)",
    "sum(v)^2",
    "sum(v) * dot(v, w)",
    "v[0] * v[1]",
    "v[0:1][0] * v[1:2][0]",
    "sum(einsum(\"i, j -> i j\", v, v))",
    "sum(einsum(\"i, j -> i j\", v, v) * W)",
    "sum(einsum(\"i, j -> j i\", v, v))",
    "sum(outer(v, v) * W)",
    "sum(v * flip(v, over = 0))",
    "sum(cumsum(v)^2)",
    "sum(cumsum(v) * v)",
    "sum((reshape(v, 1, 2).T @ reshape(v, 1, 2)) * W)",
    "sum(reshape(v, 2, 1) @ reshape(v, 1, 2))",
    "sum(map((a) => a * dot(v, w), v))",
    "sum(map((a, b) => (a - b)^2, v, flip(v, over = 0)))",
    "sum(where(w > 0, v, flip(v, over = 0))^2)",
    "sum(where(w > 0, v^2, v * flip(v, over = 0)))",
    "sum(concat(v, v)^2)",
    "sum(concat(v, w)^2) / 2",
    "sum(conv(reshape(v, 1, 2), reshape(v, 1, 1, 2)))",
    "sum(conv(reshape(v, 1, 2), reshape(w, 1, 1, 2))^2)",
    "sum((v * w)^2) * exp(w[0])",
    "sum(v^2)^2",
    "sum(tanh(v))",
];

/// A potential that is taken is the normal that its values at six places say, whichever way it is written: these
/// are the potential with a value for everything, where no form of it is asked for.
#[test]
fn products_of_reals_are_normals_or_refused() {
    let at =
        [[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 1.0], [0.7, -1.9]];
    let mut taken = 0;
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let mut factors = vec!["factor -3 * sum(v^2)".to_string()];
        for _ in 0..1 + dice.below(3) {
            let sign = ["-0.5 *", "-exp(w[1]) *", "0.2 *", "-0.1 *"][dice.below(4)];
            factors.push(format!("factor {sign} ({})", PRODUCTS[dice.below(PRODUCTS.len())]));
        }
        // Without squares of its own a form is hardly ever proven.
        if dice.below(8) == 0 {
            factors.remove(0);
        }
        let places = at.iter().enumerate();
        let asked: Vec<String> = places
            .map(|(n, [a, b])| format!("free_energy(p, v = concat({a:?}, {b:?})) as k{n}"))
            .collect();
        let program = format!(
            "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p(v: f32[2]) {{\n  let w = concat(0.6, -0.4)\n  \
             let W = reshape(concat(0.5, -0.3, 0.2, 0.4), 2, 2)\n  {}\n}}\n\
             eval e on d.train batch 2 {{ report {}, log_z(p) as z }}\n",
            factors.join("\n  "),
            asked.join(", ")
        );
        let Some(found) = reported(&program) else { continue };
        taken += 1;
        let phi: Vec<f64> = (0..at.len()).map(|n| -value(&found, &format!("k{n}"))).collect();
        let c = phi[0];
        let slope = [(phi[1] - phi[2]) / 2.0, (phi[3] - phi[4]) / 2.0];
        let own = [2.0 * c - phi[1] - phi[2], 2.0 * c - phi[3] - phi[4]];
        let cross = c + slope[0] + slope[1] - 0.5 * (own[0] + own[1]) - phi[5];
        let [a, b] = at[6];
        let there = c + slope[0] * a + slope[1] * b
            - 0.5 * (own[0] * a * a + own[1] * b * b)
            - cross * a * b;
        close(phi[6], there, "of the second degree", &program);
        let det = own[0] * own[1] - cross * cross;
        assert!(own[0] > 0.0 && det > 0.0, "no integral\n{program}");
        let square = (own[1] * slope[0] * slope[0] - 2.0 * cross * slope[0] * slope[1]
            + own[0] * slope[1] * slope[1])
            / det;
        let z = c + (2.0 * std::f64::consts::PI).ln() - 0.5 * det.ln() + 0.5 * square;
        close(value(&found, "z"), z, "log_z", &program);
    }
    assert!(taken > 40, "{taken} of 300 are taken");
}

/// Two values that have a distribution of their own and two bits, joined by affine factors. Everything is
/// known here too: the values that count, each with the logarithm of its probability without factors.
struct Based {
    /// `v ~ ...`
    base: String,
    /// Its type, and what it is given.
    ty: &'static str,
    given: &'static str,
    values: Vec<([f64; 2], f64)>,
    slope: [f64; 2],
    weights: [[f64; 2]; 2],
    odds: [f64; 2],
}

/// How many things a total counts.
const TOTAL: usize = 4;

/// `log n!`
fn log_factorial(n: usize) -> f64 {
    (1..=n).map(|k| (k as f64).ln()).sum()
}

impl Based {
    fn new(family: usize, dice: &mut Dice) -> Based {
        let mut real = || dice.below(2001) as f64 / 1000.0 - 1.0;
        let (a, b) = ([real(), real()], [real(), real()]);
        let list = |x: [f64; 2]| format!("concat({:?}, {:?})", x[0], x[1]);
        let counts = |most: usize| {
            (0..=most).flat_map(move |i| (0..=most).map(move |j| [i, j])).collect::<Vec<_>>()
        };
        let chance = |x: f64| 1.0 / (1.0 + (-x).exp());
        let split = [chance(a[0] - a[1]), chance(a[1] - a[0])];
        let binomial = |k: usize, p: f64| {
            let ways = log_factorial(TOTAL) - log_factorial(k) - log_factorial(TOTAL - k);
            ways + k as f64 * p.ln() + (TOTAL - k) as f64 * (1.0 - p).ln()
        };
        let real_of = |k: [usize; 2]| [k[0] as f64, k[1] as f64];
        let (base, values): (String, Vec<([f64; 2], f64)>) = match family {
            0 => {
                let rate = a.map(f64::exp);
                let log = |k: usize, r: f64| k as f64 * r.ln() - r - log_factorial(k);
                let each = |k: [usize; 2]| (real_of(k), log(k[0], rate[0]) + log(k[1], rate[1]));
                (format!("Poisson({})", list(rate)), counts(80).into_iter().map(each).collect())
            }
            1 | 2 => {
                let p = a.map(chance);
                let each =
                    |k: [usize; 2]| (real_of(k), binomial(k[0], p[0]) + binomial(k[1], p[1]));
                let text = match family {
                    1 => format!("Binomial(n, logits = {})", list(a)),
                    _ => format!("Binomial(n, probs = {})", list(p)),
                };
                (text, counts(TOTAL).into_iter().map(each).collect())
            }
            3 | 4 => {
                let each = |k: usize| (real_of([k, TOTAL - k]), binomial(k, split[0]));
                let text = match family {
                    3 => format!("Multinomial(n, logits = {})", list(a)),
                    _ => format!("Multinomial(n, probs = {})", list(split)),
                };
                (text, (0..=TOTAL).map(each).collect())
            }
            _ => {
                const STEP: f64 = 0.1;
                let scale = b.map(|x| (0.5 * x).exp());
                let log = |x: f64, m: f64, s: f64| {
                    -0.5 * ((x - m) / s).powi(2) - s.ln() - 0.5 * std::f64::consts::TAU.ln()
                };
                let at = |k: usize| k as f64 * STEP - 20.0;
                let each = |k: [usize; 2]| {
                    let x = k.map(at);
                    let own = log(x[0], a[0], scale[0]) + log(x[1], a[1], scale[1]);
                    (x, own + 2.0 * STEP.ln())
                };
                let text = format!("Normal({}, {})", list(a), list(scale));
                (text, counts(400).into_iter().map(each).collect())
            }
        };
        Based {
            base,
            ty: if family == 5 { "f32[2]" } else { "count[2]" },
            given: if (1..5).contains(&family) { "n" } else { "" },
            values,
            slope: [real(), real()],
            weights: [[real(), real()], [real(), real()]],
            odds: [real(), real()],
        }
    }

    fn potential(&self, v: [f64; 2], h: [f64; 2]) -> f64 {
        let tied = |i: usize| self.weights[i][0] * h[0] + self.weights[i][1] * h[1];
        let each = (0..2).map(|i| (self.slope[i] + tied(i)) * v[i] + self.odds[i] * h[i]);
        each.sum()
    }

    /// The logarithm of the sum over values.
    fn mass(&self, h: [f64; 2]) -> f64 {
        log_sum(self.values.iter().map(|(v, log)| log + self.potential(*v, h)))
    }

    fn mean(&self, h: [f64; 2], i: usize) -> f64 {
        let each = |(v, log): &([f64; 2], f64)| v[i] * (log + self.potential(*v, h)).exp();
        self.values.iter().map(each).sum::<f64>() / self.mass(h).exp()
    }

    fn text(&self) -> String {
        let list = |x: &[f64]| format!("concat({:?}, {:?})", x[0], x[1]);
        let bar = if self.given.is_empty() { "" } else { " | n: count" };
        format!(
            "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p(v: {}, h: bit[2]{bar}) {{\n  v ~ {}\n  \
             factor dot({}, v) + dot({}, h)\n  factor dot(v @ reshape(concat({}, {}), 2, 2), h)\n}}\n",
            self.ty,
            self.base,
            list(&self.slope),
            list(&self.odds),
            list(&self.weights[0]),
            list(&self.weights[1]),
        )
    }
}

const BITS: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];

#[test]
fn distributions_beside_factors_are_tilted() {
    const DRAWS: usize = 400;
    let seeds = 1 + number("RLC_ENERGIES", 60) / 100;
    for (family, seed) in (0..6).flat_map(|family| (0..seeds).map(move |seed| (family, seed))) {
        let based = Based::new(family, &mut Dice::new(seed + 77));
        let total = if based.given.is_empty() { "" } else { ", n = 4" };
        let (at, log_base) = based.values[based.values.len() / 3];
        let grid = if family == 5 { 2.0 * 0.1f64.ln() } else { 0.0 };
        let v = format!("v = concat({:?}, {:?})", at[0], at[1]);
        let mut asked = vec![format!("free_energy(p, {v}{total}) as f")];
        let own = total.trim_start_matches(", ");
        let alone = if own.is_empty() { String::new() } else { format!(", {own}") };
        asked.push(format!("log_z(p{alone}) as z"));
        let few = "chains = 60, temps = 40";
        if seed == 0 {
            asked.push(format!("ais(p{alone}, {few}) as a"));
            let start = "v = concat(0.3, -0.2), h = full(-1, 2)";
            asked.push(format!("ais(p{alone}, {few}, {start}) as b"));
        }
        for (n, h) in BITS.iter().enumerate() {
            let h = format!("h = concat({}, {})", h[0], h[1]);
            asked.push(format!("free_energy(p, {h}{total}) as f{n}"));
            asked.push(format!("log p({v} | {h}{total}) as l{n}, log p({h} | {v}{total}) as k{n}"));
            asked.push(format!("mean(p(v | {h}{total}))[0] as m{n}"));
        }
        let lines: Vec<String> = asked.iter().map(|r| format!("  report {r}\n")).collect();
        let eval = format!("eval e on d.train batch 2 {{\n{}}}\n", lines.concat());
        let drawn = format!(
            "sample s count {DRAWS} {{\n  v ~ gibbs(p{alone}, steps = 10)\n  emit v as drawn\n}}\n"
        );
        let program = format!("{}{eval}", based.text());
        let found = reported(&program).expect("factors are affine");
        let masses = BITS.map(|h| based.mass(h));
        let z = log_sum(masses.into_iter());
        close(value(&found, "z"), z, "log_z", &program);
        for name in ["a", "b"].into_iter().filter(|_| seed == 0) {
            let is = value(&found, name);
            assert!((is - z).abs() < 0.1, "ais gives {is}, not {z}\n{program}");
        }
        let joint = BITS.map(|h| log_base - grid + based.potential(at, h));
        let here = log_sum(joint.into_iter());
        close(value(&found, "f"), -here, "free_energy", &program);
        for (n, h) in BITS.into_iter().enumerate() {
            close(value(&found, &format!("f{n}")), -masses[n], "free_energy", &program);
            close(value(&found, &format!("l{n}")), joint[n] - masses[n], "a conditional", &program);
            close(value(&found, &format!("k{n}")), joint[n] - here, "a conditional", &program);
            close(value(&found, &format!("m{n}")), based.mean(h, 0), "a mean", &program);
        }
        let program = format!("{}{drawn}", based.text());
        let found = reported(&program).expect("a chain can be run");
        let drawn: Vec<f64> = found["emit:drawn"].iter().copied().collect();
        for i in 0..2 {
            let moment = |power: i32| {
                let each = |(v, log): &([f64; 2], f64)| {
                    let all = BITS.map(|h| (log + based.potential(*v, h) - z).exp());
                    v[i].powi(power) * all.iter().sum::<f64>()
                };
                based.values.iter().map(each).sum::<f64>()
            };
            let own: Vec<f64> = drawn.iter().skip(i).step_by(2).copied().collect();
            let mean = own.iter().sum::<f64>() / DRAWS as f64;
            let error = ((moment(2) - moment(1).powi(2)) / DRAWS as f64).sqrt();
            assert!(
                (mean - moment(1)).abs() < 5.0 * error,
                "v[{i}] is {mean} on the mean, not {}\n{program}",
                moment(1)
            );
        }
    }
}

#[test]
fn factors_that_do_not_tilt_are_refused() {
    for (base, factor) in [
        ("Poisson(full(1, 2))", "dot(v, v)"),
        ("Poisson(full(1, 2))", "sum(tanh(v))"),
        ("Poisson(1 + h)", "dot(v, h)"),
        ("NegativeBinomial(2, 0)", "dot(v, h)"),
        ("Poisson(1)\n  u ~ Poisson(2)", "dot(v, h)"),
    ] {
        let program = format!(
            "data d from uniform(4, 1) {{ x: f32[1] in 0..1 }}\nmodel p(v: count[2], h: bit[2]) {{\n  \
             v ~ {base}\n  factor {factor} + sum(h)\n}}\n\
             eval e on d.train batch 2 {{ report free_energy(p, h = full(1, 2)) as f }}\n"
        );
        assert!(reported(&program).is_none(), "{program}");
    }
}
