//! The families of the library in every role: what is drawn has the distribution that is said (bounds of
//! Kolmogorov and Smirnov at points with known probabilities, moments); entropies, divergences and their
//! slopes against averages of draws; as prior, posterior and likelihood, in functions, `map` and `scan`,
//! on every device.
//!
//! `families/draws.tsv` is made by `tools/families.py`, `families/list.tsv` is written by hand.

#[cfg(feature = "gpu")]
#[path = "common/device.rs"]
mod device;

use ndarray::Array2;
use ndarray_npy::NpzReader;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

fn lines(name: &str) -> Vec<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/families").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(String::from).collect()).collect()
}

fn rlc(at: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    let output = command.current_dir(at).args(args).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {shown}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

// ---- draws ----

/// A family, a number that is made of a draw, its probabilities up to points, its mean and its variance with
/// the variances of their estimates from one draw; not a number where there is none.
struct Drawn {
    declared: String,
    number: String,
    whole: bool,
    points: Vec<(f64, f64)>,
    moments: [f64; 4],
}

fn drawn() -> Vec<Drawn> {
    let row = |words: Vec<String>| {
        let point = |text: &str| {
            let (at, below) = text.split_once(':').unwrap();
            (at.parse().unwrap(), below.parse().unwrap())
        };
        let moments = [3, 4, 5, 6].map(|at: usize| words[at].parse().unwrap());
        Drawn {
            declared: words[0].clone(),
            number: words[1].clone(),
            whole: words[2] == "whole",
            points: words[7].split(' ').map(point).collect(),
            moments,
        }
    };
    lines("draws.tsv").into_iter().map(row).collect()
}

/// `count` draws of each: `[draw, family]`.
fn draws(rows: &[Drawn], count: usize, device: &str) -> Array2<f32> {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        writeln!(text, "model m{i}(v) {{ v: {} }}", row.declared).unwrap();
        writeln!(text, "fn n{i}(v) = {}", row.number).unwrap();
    }
    writeln!(text, "sample rows count {count} {{").unwrap();
    (0..rows.len()).for_each(|i| writeln!(text, "  x{i} ~ m{i}(v)").unwrap());
    let numbers: Vec<String> = (0..rows.len()).map(|i| format!("n{i}(x{i})")).collect();
    let groups: Vec<String> =
        numbers.chunks(16).map(|some| format!("concat({}, 0.0)", some.join(", "))).collect();
    writeln!(text, "  emit concat({}, 0.0) as npz\n}}", groups.join(", ")).unwrap();
    std::fs::write(folder.path().join("m.rl"), text).unwrap();
    rlc(folder.path(), &["run", "m.rl", "--quiet", "--device", device, "--out", "out"]);
    let file = File::open(folder.path().join("out/samples/rows.npz")).unwrap();
    let mut archive = NpzReader::new(file).unwrap();
    let name = archive.names().unwrap()[0].clone();
    archive.by_name(&name).unwrap()
}

fn column(all: &Array2<f32>, i: usize) -> Vec<f64> {
    all.column(i + i / 16).iter().map(|x| f64::from(*x)).collect()
}

/// A right family is taken for a wrong one with probability 1e-4 by the bound of Kolmogorov and Smirnov,
/// 2 exp(-2 t^2) for t = 2.23 (fewer points only lower it), and below 1e-5 by each moment, 4.5 deviations.
/// The seed is fixed, so that what passes once passes always.
#[test]
fn draws_have_the_distribution_that_is_said() {
    const COUNT: usize = 20_000;
    let rows = drawn();
    assert!(rows.len() > 50);
    let all = draws(&rows, COUNT, "cpu");
    let root = (COUNT as f64).sqrt();
    let mut wrong = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let x = column(&all, i);
        assert!(!row.whole || x.iter().all(|x| x.fract() == 0.0), "{}", row.declared);
        let share = |at: f64| x.iter().filter(|x| **x <= at).count() as f64 / COUNT as f64;
        let off = |(at, below): &(f64, f64)| (share(*at) - below).abs() * root;
        let most = row.points.iter().map(off).fold(0.0, f64::max);
        let mean = x.iter().sum::<f64>() / COUNT as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / COUNT as f64;
        let [right, spread, right_variance, variance_spread] = row.moments;
        let by_mean = (mean - right).abs() / spread.sqrt() * root;
        let by_variance = (variance - right_variance).abs() / variance_spread.sqrt() * root;
        // What is not a number is not compared.
        if most > 2.23 || by_mean > 4.5 || by_variance > 4.5 {
            let Drawn { declared, number, .. } = row;
            wrong.push(format!("{number} of {declared}: {most}, {by_mean}, {by_variance}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reals are alike up to rounding. A count may fall on the other side of a uniform number, rarely.
fn draws_are_those_of_the_processor(other: &str) {
    let rows = drawn();
    let [own, others] = ["cpu", other].map(|device| draws(&rows, 200, device));
    let mut wrong = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let (a, b) = (column(&own, i), column(&others, i));
        let near = |(a, b): &(&f64, &f64)| (*a - *b).abs() <= 2e-3 * a.abs() + 1e-5;
        let unlike = a.iter().zip(&b).filter(|pair| !near(pair)).count();
        if unlike > 2 {
            wrong.push(format!("{unlike} draws of {}", row.declared));
        }
    }
    assert!(wrong.is_empty(), "{other}:\n{}", wrong.join("\n"));
}

#[test]
fn draws_on_the_reference_are_those_of_the_processor() {
    draws_are_those_of_the_processor("reference");
}

#[cfg(feature = "gpu")]
#[test]
fn draws_on_a_graphics_device_are_those_of_the_processor() {
    if device::present() {
        draws_are_those_of_the_processor("gpu");
    }
}

// ---- roles ----

/// A family of `list.tsv`.
struct Family {
    ty: String,
    own: String,
    other: String,
    pathwise: bool,
    entropy: bool,
    closed: bool,
}

fn families() -> Vec<Family> {
    let row = |words: Vec<String>| Family {
        ty: words[0].clone(),
        own: words[1].clone(),
        other: words[2].clone(),
        pathwise: words[3] == "pathwise",
        entropy: words[4] == "entropy",
        closed: words[5] == "closed",
    };
    lines("list.tsv").into_iter().map(row).collect()
}

fn figures(at: &Path) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(at.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let figures = report["figures"].as_array().unwrap();
    let figure = |f: &serde_json::Value| {
        (f["name"].as_str().unwrap().to_string(), f["value"].as_f64().unwrap_or(f64::NAN))
    };
    figures.iter().map(figure).collect()
}

/// All families in one file, the declarations of each behind its number.
fn declarations(list: &[Family]) -> String {
    let mut text = String::from(
        "data d from uniform(64, 1, split = 0.5) { x: f32[1] }\nparam w: f32 = constant(0.2)\n",
    );
    for (i, Family { ty, own, other, .. }) in list.iter().enumerate() {
        writeln!(text, "model q{i}(v | s: f32) {{ v: {ty} ~ {own} }}").unwrap();
        writeln!(text, "model p{i}(v) {{ v: {ty} ~ {other} }}").unwrap();
    }
    text
}

/// Closed forms and their slopes are those of averages over 20,000 draws: a draw's share has a deviation of
/// about 1, of slopes up to 5, so a right one is within 0.06, and 0.2, with more than five deviations.
#[test]
fn closed_forms_and_their_slopes_are_averages() {
    let list = families();
    let mut text = declarations(&list);
    let mut reports = Vec::new();
    for (i, family) in list.iter().enumerate() {
        let q = format!("q{i}(v | s = t)");
        let average = |e: &str| format!("E[v ~ {q}, samples = 20000]({e})");
        let mut both = |name: &str, closed: &str, average: &str| {
            let value = |e: &str| format!("((t) => {e})(w)");
            let slope = |e: &str| format!("grad((t) => {e}, at = w)");
            reports.push(format!("{} - {} as {name}{i}", value(closed), value(average)));
            reports.push(format!("{} - {} as {name}{i}_slope", slope(closed), slope(average)));
        };
        if family.entropy {
            both("entropy", &format!("entropy({q})"), &average(&format!("-log {q}")));
        }
        if family.closed {
            let score = average(&format!("log {q} - log p{i}(v)"));
            both("kl", &format!("KL({q} || p{i}(v))"), &score);
        }
    }
    writeln!(text, "eval e on d.test batch 1 {{ report {} }}", reports.join(",\n  ")).unwrap();
    let text = text.replace("uniform(64, 1, split = 0.5)", "uniform(2, 1, split = 0.5)");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.rl"), text).unwrap();
    rlc(folder.path(), &["run", "m.rl", "--quiet", "--out", "out"]);
    let found = figures(&folder.path().join("out"));
    assert!(found.len() > 70, "{}", found.len());
    let most = |name: &str| if name.ends_with("_slope") { 0.2 } else { 0.06 };
    let wrong: Vec<_> =
        found.iter().filter(|(name, x)| x.is_nan() || x.abs() > most(name)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// As prior, posterior and likelihood, in functions, `map` and `scan`.
fn roles(list: &[Family]) -> String {
    let mut text = declarations(list);
    let mut goals = Vec::new();
    for (i, Family { ty, own, other, .. }) in list.iter().enumerate() {
        let number = "sum(tanh(v))";
        writeln!(text, "fn f{i}(s: f32) {{ v: {ty} ~ {own}  return {number} }}").unwrap();
        writeln!(text, "fn g{i}(h: f32) {{ v: {ty} ~ {other}  return h + {number} }}").unwrap();
        writeln!(
            text,
            "loss l{i} = E[v ~ q{i}(v | s = w)]({number} - log p{i}(v)) + KL(q{i}(v | s = w) || p{i}(v))\n  \
             + sum(map(f{i}, expand(w, over = 3))) + last(scan(h = 0.0 * w, t in 0..2) {{ return g{i}(h) }})"
        )
        .unwrap();
        goals.push(format!("l{i}"));
    }
    let all = goals.join(" + ");
    writeln!(
        text,
        "train fit on d.train batch 16 steps 2 {{ minimize {all} over w with sgd(lr = 1e-4) }}"
    )
    .unwrap();
    writeln!(text, "eval e on d.test batch 32 {{ report {} }}", goals.join(", ")).unwrap();
    text
}

fn roles_on(device: &str, at: &Path) -> Vec<(String, f64)> {
    rlc(at, &["run", "m.rl", "--quiet", "--device", device, "--out", device]);
    figures(&at.join(device))
}

#[test]
fn every_family_has_every_role_on_every_device() {
    alike_on("reference", &families());
    // Shaders are compiled for seconds each: some of the families.
    #[cfg(feature = "gpu")]
    if device::present() {
        let some: Vec<Family> = families().into_iter().step_by(5).collect();
        alike_on("gpu", &some);
    }
}

/// Figures of the processor, and those of another device.
fn alike_on(device: &str, list: &[Family]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.rl"), roles(list)).unwrap();
    let [own, found] = ["cpu", device].map(|device| roles_on(device, folder.path()));
    assert_eq!(own.len(), list.len());
    let near =
        |(_, a): &(String, f64), (_, b): &(String, f64)| (a - b).abs() <= 1e-3 * a.abs().max(1.0);
    let wrong: Vec<_> = own.iter().zip(&found).filter(|(a, b)| !near(a, b)).collect();
    assert!(wrong.is_empty(), "{device}: {wrong:?}");
}

#[test]
fn explanations_say_how_draws_pass_gradients() {
    let list = families();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.rl"), roles(&list)).unwrap();
    let shown = rlc(folder.path(), &["explain", "m.rl"]);
    for (i, family) in list.iter().enumerate() {
        let name = family.own.split('(').next().unwrap();
        let line = |start: &str| {
            let found = shown.lines().find(|line| line.trim_start().starts_with(start));
            found.unwrap_or_else(|| panic!("no `{start}` in {shown}"))
        };
        let average = line(&format!("E over q{i}(v"));
        let expected = match family.pathwise {
            true => "pathwise gradient: a draw of",
            false => "score-function gradient: a draw of",
        };
        assert!(average.contains(expected), "{average}");
        let divergence = line(&format!("KL(q{i}(v | s) || p{i}(v)): "));
        let closed = divergence.contains(&format!("): closed form for {name}"));
        assert_eq!(closed, family.closed, "{divergence}");
    }
}
