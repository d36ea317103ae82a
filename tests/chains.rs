//! Kernels of Markov chains leave the density that they are for as it is. In: random targets whose exact draws
//! are known (correlated normals by factors, posteriors of linear models, positive values, values of an
//! interval, a scale and what it scales, bits beside a real, categories by Bayes' rule, counts), random kernels with steps so large that many are refused. Every row
//! starts at an exact draw. Out: means of several functions of what the chain gives are those of the target,
//! within 5 standard errors of 8,192 rows (one false alarm in 1.7 million figures); and the chain has moved.

#[path = "common/facts.rs"]
mod facts;

use std::fmt::Write;

/// Numbers of a seed.
struct Dice(u64);

impl Dice {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A density, exact draws of it, and functions of it whose means are known.
struct Target {
    /// Declarations.
    text: String,
    /// How a chain names it.
    asked: String,
    /// The variables and an exact draw of each.
    starts: Vec<(String, String)>,
    /// Functions and their means.
    means: Vec<(String, f64)>,
    /// A step of the size of the density.
    step: f64,
    /// Whether values lie apart, which `metropolis` alone moves between.
    discrete: bool,
}

/// `x = mu + L e`, by `factor -0.5 * sum(e^2)`; `L` is a lower triangle.
fn normal(dice: &mut Dice) -> Target {
    let d = 1 + dice.below(3) as usize;
    let mu: Vec<f64> = (0..d).map(|_| dice.between(-3.0, 3.0)).collect();
    let l = |dice: &mut Dice, i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => dice.between(0.5, 2.0),
        std::cmp::Ordering::Greater => dice.between(-1.0, 1.0),
    };
    let l: Vec<Vec<f64>> = (0..d).map(|i| (0..d).map(|j| l(dice, i, j)).collect()).collect();
    // e by forward substitution, one name after the other.
    let mut text = format!("model target(x: f32[{d}]) {{\n");
    for i in 0..d {
        let known: String = (0..i).map(|j| format!(" - {} * e{j}", l[i][j])).collect();
        writeln!(text, "  let e{i} = (x[{i}] - {}{known}) / {}", mu[i], l[i][i]).unwrap();
        writeln!(text, "  factor -0.5 * e{i}^2").unwrap();
    }
    text += "}\n";
    let row = |i: usize| {
        let sum: String = (0..=i).map(|j| format!(" + {} * noise[{j}]", l[i][j])).collect();
        format!("{}{sum}", mu[i])
    };
    let rows: Vec<String> = (0..d).map(row).collect();
    let start = if d == 1 {
        format!("full({}, 1)", rows[0])
    } else {
        format!("concat({})", rows.join(", "))
    };
    let mut means = Vec::new();
    for i in 0..d {
        means.push((format!("x[{i}]"), mu[i]));
        for j in 0..=i {
            let cov: f64 = (0..=j).map(|k| l[i][k] * l[j][k]).sum();
            means.push((format!("(x[{i}] - {}) * (x[{j}] - {})", mu[i], mu[j]), cov));
        }
    }
    Target {
        text,
        asked: "target".into(),
        starts: vec![("x".into(), start)],
        means,
        step: 0.9,
        discrete: false,
    }
}

/// z given x, of z ~ N(m, s) and x ~ N(a z, t): a normal again.
fn posterior(dice: &mut Dice) -> Target {
    let (m, s) = (dice.between(-2.0, 2.0), dice.between(0.5, 2.0));
    let (a, t, x) = (dice.between(-2.0, 2.0), dice.between(0.5, 2.0), dice.between(-2.0, 2.0));
    let precision = 1.0 / (s * s) + a * a / (t * t);
    let (mean, deviation) = ((m / (s * s) + a * x / (t * t)) / precision, precision.powf(-0.5));
    let text = format!(
        "prior p(z: f32[2]) {{ z ~ Normal({m}, {s}) }}\n\
         decoder p(x: f32[2] | z) {{ x ~ Normal({a} * z, {t}) }}\n"
    );
    let start = format!("{mean} + {deviation} * noise[0:2]");
    let square = |i: usize| format!("(z[{i}] - {mean})^2");
    let means = vec![
        ("z[0]".into(), mean),
        ("z[1]".into(), mean),
        (square(0), 1.0 / precision),
        (square(1), 1.0 / precision),
        (format!("(z[0] - {mean}) * (z[1] - {mean})"), 0.0),
    ];
    let asked = format!("p(z | x = full({x}, 2))");
    Target {
        text,
        asked,
        starts: vec![("z".into(), start)],
        means,
        step: 1.2 * deviation,
        discrete: false,
    }
}

/// The sum of `a` exponentials of rate `b`, as a family of the file.
fn waiting(a: u64, b: f64) -> (String, String) {
    let log_gamma: f64 = (1..a).map(|k| (k as f64).ln()).sum();
    let logs = vec!["log(uniform_noise())"; a as usize].join(" + ");
    let constant = a as f64 * b.ln() - log_gamma;
    let family = format!(
        "distribution Waiting(rate: f32) on positive {{\n  draw = -({logs}) / rate\n  \
         logp = {} * log(x) - rate * x + {constant}\n}}\n",
        a as f64 - 1.0
    );
    (family, format!("-sum(log(uniform_noise(zeros({a})))) / {b}"))
}

fn gamma(dice: &mut Dice) -> Target {
    let (a, b) = (1 + dice.below(4), dice.between(0.3, 3.0));
    let (family, start) = waiting(a, b);
    let text = format!("{family}model target(y: f32) {{ y ~ Waiting({b}) }}\n");
    // The mean of log y is digamma(a) - log b.
    let digamma = -0.577_215_664_901_532_9 + (1..a).map(|k| 1.0 / k as f64).sum::<f64>();
    let a = a as f64;
    let means = vec![
        ("y".into(), a / b),
        ("y^2".into(), a * (a + 1.0) / (b * b)),
        ("log(y)".into(), digamma - b.ln()),
    ];
    let starts = vec![("y".into(), start)];
    Target { text, asked: "target".into(), starts, means, step: 1.5 / a.sqrt(), discrete: false }
}

/// `y^(a - 1)` between 0 and 1: a root of a uniform number.
fn interval(dice: &mut Dice) -> Target {
    let a = dice.between(0.7, 3.0);
    let text = format!("model target(y: f32 in 0..1) {{\n  factor {} * log(y)\n}}\n", a - 1.0);
    let start = format!("clip(uniform_noise()^{}, 0, 1)", 1.0 / a);
    let means = vec![
        ("y".into(), a / (a + 1.0)),
        ("y^2".into(), a / (a + 2.0)),
        ("log(y)".into(), -1.0 / a),
    ];
    let starts = vec![("y".into(), start)];
    Target { text, asked: "target".into(), starts, means, step: 1.5, discrete: false }
}

/// A positive scale and values of that scale.
fn scaled(dice: &mut Dice) -> Target {
    let (a, b) = (3 + dice.below(3), dice.between(0.5, 2.0));
    let (family, s) = waiting(a, b);
    let text = format!(
        "{family}model target(s: f32, x: f32[2]) {{\n  s ~ Waiting({b})\n  x ~ Normal(0, s)\n}}\n"
    );
    let a = a as f64;
    let second = a * (a + 1.0) / (b * b);
    let means = vec![
        ("s".into(), a / b),
        ("s^2".into(), second),
        ("x[0]".into(), 0.0),
        ("abs(x[1])".into(), a / b * (2.0 / std::f64::consts::PI).sqrt()),
        ("x[0] * x[1]".into(), 0.0),
        ("x[1]^2".into(), second),
    ];
    let starts = vec![("s".into(), "scale".into()), ("x".into(), "scale * noise[0:2]".into())];
    // `scale` is one draw for both.
    let text = format!("{text}// scale = {s}\n");
    Target { text, asked: "target".into(), starts, means, step: 0.5, discrete: false }
}

/// Two bits and a real that depends on their sum.
fn coins(dice: &mut Dice) -> Target {
    let (a, m, s) = (dice.between(-1.5, 1.5), dice.between(-2.0, 2.0), dice.between(0.5, 2.0));
    let p = 1.0 / (1.0 + (-a).exp());
    let text = format!(
        "model target(z: bit[2], y: f32) {{\n  z ~ Bernoulli(logits = {a} * ones(2))\n  \
         y ~ Normal({m} * sum(z), {s})\n}}\n"
    );
    let starts = vec![
        ("z".into(), format!("~ Bernoulli(logits = {a} * ones(2))")),
        ("y".into(), format!("{m} * sum(first_z) + {s} * noise[0]")),
    ];
    let second = 2.0 * p + 2.0 * p * p;
    let means = vec![
        ("z[0]".into(), p),
        ("z[1]".into(), p),
        ("z[0] * z[1]".into(), p * p),
        ("y".into(), 2.0 * m * p),
        ("y * z[0]".into(), m * (p + p * p)),
        ("y^2".into(), m * m * second + s * s),
    ];
    Target { text, asked: "target".into(), starts, means, step: 1.0, discrete: true }
}

/// A category given a normal value whose mean it chooses: Bayes' rule.
fn category(dice: &mut Dice) -> Target {
    let n = 2 + dice.below(4) as usize;
    let logits: Vec<f64> = (0..n).map(|_| dice.between(-1.5, 1.5)).collect();
    let means: Vec<f64> = (0..n).map(|_| dice.between(-2.0, 2.0)).collect();
    let x = dice.between(-2.0, 2.0);
    let list = |v: &[f64]| {
        let all: Vec<String> = v.iter().map(f64::to_string).collect();
        format!("concat({})", all.join(", "))
    };
    let logs: Vec<f64> =
        logits.iter().zip(&means).map(|(l, m)| l - 0.5 * (x - m) * (x - m)).collect();
    let total: f64 = logs.iter().map(|l| l.exp()).sum();
    let text = format!(
        "prior p(k: idx({n})) {{ k ~ Categorical(logits = {}) }}\n\
         model p(x: f32 | k) {{ x ~ Normal({}[k], 1) }}\n",
        list(&logits),
        list(&means)
    );
    let starts = vec![("k".into(), format!("~ Categorical(logits = {})", list(&logs)))];
    let is = |j: usize| (format!("float(k == {j})"), logs[j].exp() / total);
    let means = (0..n).map(is).collect();
    let asked = format!("p(k | x = {x})");
    Target { text, asked, starts, means, step: 1.0, discrete: true }
}

/// Counts of a rate, by their density and by a potential.
fn counts(dice: &mut Dice) -> Target {
    let rate = dice.between(0.4, 6.0);
    let text = format!("model target(n: count[2]) {{ n ~ Poisson(rate = {rate} * ones(2)) }}\n");
    let starts = vec![("n".into(), format!("~ Poisson(rate = {rate} * ones(2))"))];
    let none = (-rate).exp();
    let means = vec![
        ("n[0]".into(), rate),
        ("n[1]".into(), rate),
        ("n[0] * n[1]".into(), rate * rate),
        ("n[0]^2".into(), rate + rate * rate),
        ("float(n[1] == 0)".into(), none),
        ("float(n[0] == 1)".into(), rate * none),
    ];
    let step = 1.0 / rate.sqrt();
    Target { text, asked: "target".into(), starts, means, step, discrete: true }
}

fn kernel(dice: &mut Dice, target: &Target) -> String {
    let starts: String =
        target.starts.iter().map(|(name, _)| format!(", {name} = first_{name}")).collect();
    let steps = 1 + dice.below(4);
    let (call, step) = match dice.below(4) {
        _ if target.discrete => ("metropolis".to_string(), target.step * dice.between(0.7, 1.5)),
        0 => ("metropolis".to_string(), target.step * dice.between(0.7, 1.5)),
        1 => ("langevin".into(), target.step * dice.between(0.7, 1.3)),
        2 => ("hmc".into(), target.step * dice.between(0.5, 0.9)),
        _ => ("nuts".into(), target.step * dice.between(0.3, 1.0)),
    };
    let more = match call.as_str() {
        "hmc" => format!(", leaps = {}", 1 + dice.below(5)),
        "nuts" => format!(", depth = {}", 1 + dice.below(4)),
        _ => String::new(),
    };
    format!("{call}({}{starts}, steps = {steps}, step = {step:.3}{more})", target.asked)
}

/// The program, and the means that its figures have: `m0`, and the mean of squares `q0`, and so on.
fn program(seed: u64) -> (String, Vec<f64>) {
    let mut dice = Dice(seed);
    let target = match seed % 8 {
        0 => normal(&mut dice),
        1 => posterior(&mut dice),
        2 => gamma(&mut dice),
        3 => interval(&mut dice),
        4 => coins(&mut dice),
        5 => category(&mut dice),
        6 => counts(&mut dice),
        _ => scaled(&mut dice),
    };
    let kernel = kernel(&mut dice, &target);
    let mut text =
        format!("data d from uniform(8192, 1, split = (0, 0, 1)) {{ u: f32[1] }}\n{}", target.text);
    for (name, start) in target.starts.iter().filter(|(_, start)| start.starts_with('~')) {
        writeln!(text, "fn start_{name}(t) {{\n  let v {start}\n  return v\n}}").unwrap();
    }
    text += "eval run on d.test batch 1024 {\n  let noise = normal_noise(zeros(3))\n";
    if let Some((_, scale)) = target.text.split_once("// scale = ") {
        writeln!(text, "  let scale = {}", scale.trim()).unwrap();
    }
    for (name, start) in &target.starts {
        // A draw of a family is one of a function's call.
        let start = if start.starts_with('~') { &format!("start_{name}(0)") } else { start };
        writeln!(text, "  let first_{name} = {start}").unwrap();
    }
    let names: Vec<&str> = target.starts.iter().map(|(name, _)| name.as_str()).collect();
    let first = names[0];
    // One draw of all variables: the functions are averaged together.
    let list: Vec<&str> = target.means.iter().map(|(f, _)| f.as_str()).collect();
    writeln!(
        text,
        "  let f = E[{first} ~ {kernel}](concat({}, {}))",
        list.join(", "),
        moved(&names)
    )
    .unwrap();
    for i in 0..target.means.len() {
        writeln!(text, "  report f[{i}] as m{i}, f[{i}]^2 as q{i}").unwrap();
    }
    writeln!(text, "  report f[{}] as moved\n}}", target.means.len()).unwrap();
    (text, target.means.iter().map(|(_, mean)| *mean).collect())
}

fn moved(names: &[&str]) -> String {
    let off = |name: &&str| match *name {
        "k" => "float(k != first_k)".to_string(),
        name => format!("sum(abs({name} - first_{name}))"),
    };
    names.iter().map(off).collect::<Vec<String>>().join(" + ")
}

fn holds(seed: u64) -> Result<(), String> {
    let (text, means) = program(seed);
    let folder = std::env::temp_dir().join(format!("rlc-chains-{}-{seed}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("chain.rl");
    std::fs::write(&file, &text).unwrap();
    let figures = facts::figures(&file, "cpu");
    let _ = std::fs::remove_dir_all(&folder);
    for (i, mean) in means.iter().enumerate() {
        let (found, square) = (figures[&format!("m{i}")], figures[&format!("q{i}")]);
        let error = ((square - found * found).max(0.0) / 8192.0).sqrt();
        // A figure that is no number holds nothing.
        let holds = (found - mean).abs() <= 5.0 * error;
        if !holds {
            return Err(format!(
                "{seed}: figure {i} is {found}, not {mean} (error {error})\n{text}"
            ));
        }
    }
    match figures["moved"] {
        // One of two categories may have nearly all of the density.
        far if far > 0.001 => Ok(()),
        far => Err(format!("{seed}: the chain moved by {far}\n{text}")),
    }
}

#[test]
fn kernels_leave_densities_as_they_are() {
    let most = std::env::var("RLC_CHAINS").map_or(72, |n| n.parse().unwrap());
    let wrong: Vec<String> = (0..most).filter_map(|seed| holds(seed).err()).collect();
    assert!(wrong.is_empty(), "{} of {most}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Leaps along the slopes of the density hold its energy: with small steps nearly all are accepted, for values
/// that stand for others too. A slope of another function would show here only.
#[test]
fn small_leaps_are_accepted() {
    let densities = [
        "model target(x: f32[2]) { factor -0.5 * sum(x^2) }",
        "model target(x: f32[2]) { x ~ Exponential(2.4) }",
        "model target(x: f32[2]) { x ~ Gamma(3, 0.7) }",
        "model target(x: f32[2]) { x ~ LogNormal(0.3, 0.8) }",
        "model target(x: f32[2] in 0..1) { x ~ Beta(2, 1.5) }",
        "model target(x: f32[2] in 0..3) { factor -sum(x) }",
        "model target(x: f32[2] in -1..1) { factor -sum(x^2) }",
        "model target(x: f32[2]) { x ~ StudentT(4, 0.3, 1.5) }",
    ];
    for density in densities {
        let text = format!(
            "data d from uniform(512, 1, split = (0, 0, 1)) {{ u: f32[1] }}\n{density}\n\
             eval run on d.test batch 512 {{\n  report E[accepted ~ hmc(target, steps = 50, step = 0.1, \
             leaps = 5, diagnostics = true)](accepted) as kept\n}}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.rl");
        std::fs::write(&file, &text).unwrap();
        let kept = facts::figures(&file, "cpu")["kept"];
        assert!(kept > 0.98, "{kept} of the leaps are accepted\n{density}");
    }
}
