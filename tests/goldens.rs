//! Loss terms and gradients of three models at fixed weights against figures that JAX computed in
//! f64 (`tools/goldens.py`). Tolerance 1e-9 relative: both sides sum f64 in another order.

mod common;

use common::*;
use ndarray_npy::NpzReader;
use rlc::graph::{Graph, InputRole};
use rlc::translate::program::TOTAL;
use rlc::{autodiff, backend::reference, optimize};
use std::collections::BTreeMap;
use std::fs::File;

const TOLERANCE: f64 = 1e-9;

type Golden = BTreeMap<String, Value>;

fn golden(name: &str) -> Golden {
    let path = format!("{}/tests/goldens/{name}.npz", env!("CARGO_MANIFEST_DIR"));
    let mut archive = NpzReader::new(File::open(path).unwrap()).unwrap();
    let names = archive.names().unwrap();
    let mut read = |key: &String| -> Value {
        let reals: Result<Value, _> = archive.by_name(key);
        reals.unwrap_or_else(|_| {
            let whole: ndarray::ArrayD<i32> = archive.by_name(key).unwrap();
            whole.mapv(f64::from)
        })
    };
    names.iter().map(|key| (key.trim_end_matches(".npy").to_string(), read(key))).collect()
}

/// What every input of the graph holds.
fn feed(graph: &Graph, golden: &Golden) -> BTreeMap<String, Value> {
    let mut feed = BTreeMap::new();
    for (name, role, ty) in inputs(graph) {
        let value = match role {
            // A weight that the golden file lacks belongs to a later phase.
            InputRole::Param => golden.get(&format!("param/{name}")).cloned().unwrap_or(zeros(&ty)),
            role if role.is_data() => {
                let field = name.split('.').nth(1).unwrap();
                golden.get(&format!("data/{field}")).cloned().unwrap_or(zeros(&ty))
            }
            _ if name.starts_with("noise/") => golden.get(&name).cloned().unwrap_or(zeros(&ty)),
            _ if name == TOTAL => zeros(&ty) + 10.0,
            _ => zeros(&ty),
        };
        feed.insert(name, value);
    }
    feed
}

fn close(what: &str, ours: &Value, theirs: &Value) {
    assert_eq!(ours.shape(), theirs.shape(), "{what}");
    let scale = theirs.iter().fold(0.0f64, |m, x| m.max(x.abs())).max(1e-12);
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / scale;
    assert!(worst <= TOLERANCE, "{what}: off by {worst:e} of the largest element");
}

/// Adam's first moment after one step from zero is `0.1 * gradient`.
fn check(name: &str, settings: &[(&str, &str)], optimized: bool) {
    let golden = golden(name);
    let program = file_program(name, settings);
    let graph = noise_as_inputs(&program.phases[0].graph);
    let graph = if optimized { optimize::before(&graph) } else { graph };
    let graph = autodiff::expand(&graph);
    let graph = if optimized { optimize::after(&graph) } else { graph };
    let outputs: BTreeMap<String, Value> =
        reference::run(&graph, &feed(&graph, &golden)).into_iter().collect();
    let mut compared = 0;
    for (key, theirs) in &golden {
        let ours = if let Some(term) = key.strip_prefix("term/") {
            outputs[&format!("track:{term}")].clone()
        } else if let Some(path) = key.strip_prefix("grad/") {
            &outputs[&format!("state:fit.adam.{path}.m")] / 0.1
        } else {
            continue;
        };
        close(&format!("{name} {key} optimized={optimized}"), &ours, theirs);
        compared += 1;
    }
    assert!(compared >= 4, "{name}: {compared} figures");
}

#[test]
fn mlp() {
    for optimized in [false, true] {
        check("mlp", &[("D", "12"), ("H", "7"), ("C", "4"), ("drop", "0")], optimized);
    }
}

#[test]
fn vae() {
    for optimized in [false, true] {
        check("vae", &[("D", "12"), ("H", "7"), ("Z", "3")], optimized);
    }
}

#[test]
fn contractive() {
    for optimized in [false, true] {
        check("contractive", &[("D", "12"), ("H", "7"), ("lambda", "0.1")], optimized);
    }
}
