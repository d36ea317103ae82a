//! Models whose optimum is known: probabilistic PCA against the eigenvalues of the covariance, and
//! that EM never loses likelihood.

mod common;

use common::{Value, model_path};
use ndarray::{Array2, Axis, Ix2};
use ndarray_npy::NpzReader;
use std::f64::consts::PI;
use std::fs::File;
use std::path::Path;
use std::process::Command;

fn run(file: &Path, out: &Path, more: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlc"));
    command.arg("run").arg(file).arg("--quiet").arg("--out").arg(out).args(more);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn figure(out: &Path, name: &str) -> f64 {
    let text = std::fs::read_to_string(out.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|f| f["name"] == name).unwrap()["value"].as_f64().unwrap()
}

/// The training digits, a row each.
fn digits(folder: &Path) -> Array2<f64> {
    let file = folder.join("digits.rl");
    let text = "data digits from uci_digits() { x: f32[64] in 0..1 }\n\
                sample rows on digits.train count 1437 { emit x as npz }\n";
    std::fs::write(&file, text).unwrap();
    run(&file, &folder.join("digits"), &[]);
    let mut archive = NpzReader::new(File::open(folder.join("digits/samples/rows.npz")).unwrap());
    let archive = archive.as_mut().unwrap();
    let name = archive.names().unwrap()[0].clone();
    let rows: ndarray::ArrayD<f32> = archive.by_name(&name).unwrap();
    let rows: Value = rows.mapv(f64::from);
    rows.into_dimensionality::<Ix2>().unwrap()
}

/// The eigenvalues of a symmetric matrix, largest first: cyclic Jacobi rotations.
fn eigenvalues(mut a: Array2<f64>) -> Vec<f64> {
    let n = a.nrows();
    for _ in 0..30 {
        for p in 0..n {
            for q in p + 1..n {
                if a[[p, q]].abs() < 1e-15 {
                    continue;
                }
                let angle = 0.5 * (2.0 * a[[p, q]]).atan2(a[[q, q]] - a[[p, p]]);
                let (s, c) = angle.sin_cos();
                for k in 0..n {
                    let (x, y) = (a[[k, p]], a[[k, q]]);
                    (a[[k, p]], a[[k, q]]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..n {
                    let (x, y) = (a[[p, k]], a[[q, k]]);
                    (a[[p, k]], a[[q, k]]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    let mut values = a.diag().to_vec();
    values.sort_by(|x, y| y.total_cmp(x));
    values
}

/// The least mean negative log-likelihood with `k` factors (Tipping and Bishop 1999, equation 5 at
/// the maximum of section 3.2), in nats.
fn least_nll(rows: &Array2<f64>, k: usize) -> f64 {
    let mean = rows.mean_axis(Axis(0)).unwrap();
    let centred = rows - &mean;
    let values = eigenvalues(centred.t().dot(&centred) / rows.nrows() as f64);
    let d = values.len();
    let noise = values[k..].iter().sum::<f64>() / (d - k) as f64;
    let log_det = values[..k].iter().map(|v| v.ln()).sum::<f64>() + (d - k) as f64 * noise.ln();
    0.5 * (d as f64 * (2.0 * PI).ln() + log_det + d as f64)
}

/// The gradient finds the eigen-solution to 1e-3 nat, and the bound is tight there.
#[test]
fn probabilistic_pca_is_the_eigen_solution() {
    let folder = tempfile::tempdir().unwrap();
    let least = least_nll(&digits(folder.path()), 8);
    run(&model_path("ppca"), &folder.path().join("run"), &[]);
    let found = figure(&folder.path().join("run"), "train_nelbo");
    assert!((found - least).abs() <= 1e-3, "{found}, by eigenvalues {least}");
}

/// EM raises the likelihood in every sweep, up to what single precision rounds; the posterior is
/// Bayes' rule, so the bound equals the likelihood.
#[test]
fn expectation_and_maximization_never_lose() {
    let folder = tempfile::tempdir().unwrap();
    for seed in ["0", "1", "2"] {
        let out = folder.path().join(seed);
        run(&model_path("gmm"), &out, &["--seed", seed]);
        let text = std::fs::read_to_string(out.join("metrics.jsonl")).unwrap();
        let lines = text.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
        let nll: Vec<f64> = lines.filter_map(|l| l["nll"].as_f64()).collect();
        assert!(nll.len() >= 100, "{} sweeps", nll.len());
        assert!(nll.windows(2).all(|w| w[1] <= w[0] + 1e-5), "{nll:?}");
        assert!(nll[0] - nll[nll.len() - 1] > 0.3, "{nll:?}");
        let gap = figure(&out, "nelbo") - figure(&out, "nll");
        assert!(gap.abs() <= 1e-6, "the bound misses the likelihood by {gap}");
    }
}
