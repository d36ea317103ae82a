//! The discrete information bottleneck of `models/ib.rl` against exhaustive search, for a code of two
//! values: every table on a grid is tried, and the best ones are polished coordinate by coordinate.

mod common;

use common::model_path;
use std::process::Command;

const X: usize = 8;
const Y: usize = 4;

/// `p(y | x)` of the model file.
fn about() -> [[f64; Y]; X] {
    std::array::from_fn(|x| {
        let raw: [f64; Y] =
            std::array::from_fn(|y| (2.0 * (1.3 * y as f64 + 0.7 * (x * x) as f64).cos()).exp());
        raw.map(|value| value / raw.iter().sum::<f64>())
    })
}

fn xlogx(p: f64) -> f64 {
    if p > 0.0 { p * p.ln() } else { 0.0 }
}

/// `I(T; X)` and `I(T; Y)` in nats, for `q(t = 1 | x)` and uniform `p(x)`.
fn information(q: &[f64; X], about: &[[f64; Y]; X]) -> (f64, f64) {
    let (mut rate, mut worth) = (0.0, 0.0);
    let marginal: [f64; Y] =
        std::array::from_fn(|y| about.iter().map(|row| row[y]).sum::<f64>() / X as f64);
    for side in [0, 1] {
        let of = |x: usize| if side == 1 { q[x] } else { 1.0 - q[x] };
        let share = (0..X).map(of).sum::<f64>() / X as f64;
        rate += (0..X).map(|x| xlogx(of(x))).sum::<f64>() / X as f64 - xlogx(share);
        let joint = |y: usize| (0..X).map(|x| of(x) * about[x][y]).sum::<f64>() / X as f64;
        worth += (0..Y).map(|y| xlogx(joint(y))).sum::<f64>() - xlogx(share);
    }
    (rate, worth - marginal.into_iter().map(xlogx).sum::<f64>())
}

/// The least `I(T; X) - beta I(T; Y)` over all tables of a grid, polished.
fn exhaustive(beta: f64) -> f64 {
    let about = about();
    let cost = |q: &[f64; X]| {
        let (rate, worth) = information(q, &about);
        rate - beta * worth
    };
    // The two values of the code can be exchanged: the first entry needs only half of the grid.
    let tables = (0..3 * 5usize.pow(X as u32 - 1)).map(|mut code| {
        let mut q = [0.0; X];
        for entry in q.iter_mut().rev() {
            *entry = (code % 5) as f64 / 4.0;
            code /= 5;
        }
        (cost(&q), q)
    });
    let mut best: Vec<(f64, [f64; X])> = tables.collect();
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    let polished = best.iter().take(50).map(|(_, q)| polish(*q, cost));
    polished.fold(f64::INFINITY, f64::min)
}

/// Moves one entry at a time, by ever smaller steps.
fn polish(mut q: [f64; X], cost: impl Fn(&[f64; X]) -> f64) -> f64 {
    let (mut least, mut step) = (cost(&q), 0.125);
    while step > 1e-7 {
        let before = least;
        for x in 0..X {
            for move_by in [step, -step] {
                let mut other = q;
                other[x] = (q[x] + move_by).clamp(0.0, 1.0);
                let found = cost(&other);
                if found < least {
                    (least, q) = (found, other);
                }
            }
        }
        if least >= before {
            step /= 2.0;
        }
    }
    least
}

fn figures(beta: f64) -> impl Fn(&str) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.arg("run").arg(model_path("ib")).args(["--quiet", "--device", "reference"]);
    command.arg("--set").arg(format!("beta={beta}")).arg("--out").arg(folder.path().join("run"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(folder.path().join("run/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    move |name| {
        let figures = report["figures"].as_array().unwrap();
        figures.iter().find(|f| f["name"] == name).unwrap()["value"].as_f64().unwrap()
    }
}

/// Within 1e-4 nats of exhaustive search and with the self-consistent equations solved to 1e-8; the
/// curve of what is kept against what it costs is concave.
#[test]
fn information_bottleneck_is_the_best_of_all_codes() {
    let mut curve = vec![(0.0, 0.0)];
    for beta in [3.0, 5.0, 12.0] {
        let figure = figures(beta);
        assert!(figure("residual") <= 1e-8, "beta {beta}: residual {}", figure("residual"));
        let (found, least) = (figure("lagrangian"), exhaustive(beta));
        assert!((found - least).abs() <= 1e-4, "beta {beta}: {found}, exhaustive search {least}");
        curve.push((figure("information_of_x"), figure("information_of_y")));
    }
    let slopes: Vec<f64> =
        curve.windows(2).map(|w| (w[1].1 - w[0].1) / (w[1].0 - w[0].0).max(1e-12)).collect();
    assert!(curve.windows(2).all(|w| w[1].0 > w[0].0), "{curve:?}");
    assert!(slopes.windows(2).all(|w| w[1] <= w[0] + 1e-6), "not concave: {curve:?}");
}
