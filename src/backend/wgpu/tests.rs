//! Shaders against the CPU executor and the meaning of each op in f64. On a machine without a device
//! these tests say so and pass; where `RLC_GPU=required` is set, they fail.

use super::{Gpu, list};
use crate::backend::cases::{self, Case, tensor};
use crate::backend::cpu::Cpu;
use crate::backend::{Device, Loaded, Tensor, reference};
use crate::plan::{self, Plan};
use std::collections::BTreeMap;

/// The device to test on.
fn device() -> Option<Gpu> {
    if list().is_empty() {
        let required = std::env::var("RLC_GPU").is_ok_and(|v| v == "required");
        assert!(!required, "there is no graphics device, and RLC_GPU=required");
        eprintln!("skipped: there is no graphics device");
        return None;
    }
    Some(Gpu::open(0, |_| None).expect("a device that is listed opens"))
}

/// Creates slots and runs once; values of all slots and outputs.
fn run(device: &mut dyn Device, loaded: Loaded, plan: &Plan, case: &Case) -> Vec<(String, Tensor)> {
    let tensors: Vec<(&str, Tensor)> =
        case.inputs.iter().map(|(name, (ty, value))| (&name[..], tensor(ty, value))).collect();
    for (name, value) in &tensors {
        device.create(name, &case.inputs[*name].0, value);
    }
    let given: Vec<(&str, &Tensor)> = tensors.iter().map(|(name, t)| (*name, t)).collect();
    device.run(loaded, &given);
    assert_eq!(device.fault(), None, "{}", case.name);
    let slots = case.inputs.keys().map(|path| (path.clone(), device.read(path)));
    let mut all: Vec<_> = slots.collect();
    all.extend(plan.outputs.iter().map(|o| (o.name.clone(), device.output(loaded, &o.name))));
    all
}

/// Compares every output with the oracle, and a second run with the first, bit for bit.
fn check(gpu: &mut Gpu, case: &Case) {
    let plan = plan::plan(&case.graph);
    gpu.forget();
    let loaded = gpu.load(&plan);
    let found = run(gpu, loaded, &plan, case);
    let values = case.inputs.iter().map(|(name, (_, value))| (name.clone(), value.clone()));
    for (name, value) in reference::run(&case.graph, &values.collect::<BTreeMap<_, _>>()) {
        let path = name.strip_prefix("param:").or(name.strip_prefix("state:")).unwrap_or(&name);
        let (_, got) = found.iter().find(|(n, _)| n == path).expect("an output");
        let got = got.to_f32();
        let size = value.iter().fold(1.0f64, |m, x| if x.is_finite() { m.max(x.abs()) } else { m });
        assert_eq!(got.len(), value.len(), "{name}");
        for (i, (x, y)) in got.iter().zip(value.iter()).enumerate() {
            let x = f64::from(*x);
            let near = (x - y).abs() <= 2.0 * case.tolerance * size;
            let same = x == *y || (x.is_nan() && y.is_nan()) || near;
            let text = || crate::backend::wgsl::show(&case.name, gpu.graphs[loaded.0].program());
            assert!(same, "{}: {name}[{i}]: {x} instead of {y}\n{plan}\n{}", case.name, text());
        }
    }
    let bits = |all: &[(String, Tensor)]| -> Vec<u32> {
        all.iter().flat_map(|(_, t)| t.to_f32()).map(f32::to_bits).collect()
    };
    let again = run(gpu, loaded, &plan, case);
    assert_eq!(bits(&found), bits(&again), "{}: a second run differs", case.name);
}

fn check_all(cases: impl IntoIterator<Item = Case>) {
    let Some(mut gpu) = device() else { return };
    cases.into_iter().for_each(|case| check(&mut gpu, &case));
}

#[test]
fn every_op_has_its_meaning() {
    check_all(cases::ops());
}

#[test]
fn contractions_of_any_labels() {
    check_all(cases::contractions());
}

#[test]
fn folds_of_every_shape() {
    check_all(cases::folds());
}

#[test]
fn convolutions_of_any_window() {
    check_all(cases::convolutions());
}

#[test]
fn noise_has_the_bits_of_the_cpu() {
    let case = cases::noise();
    check_all([case]);
    let Some(mut gpu) = device() else { return };
    let case = cases::noise();
    let plan = plan::plan(&case.graph);
    let loaded = gpu.load(&plan);
    let found = run(&mut gpu, loaded, &plan, &case);
    let mut cpu = Cpu::new(1);
    let loaded = cpu.load(&plan);
    assert_eq!(found, run(&mut cpu, loaded, &plan, &case));
}

#[test]
fn slots_are_updated_in_place() {
    check_all([cases::update(), cases::trade()]);
}

/// Graphs that are fused, planned and written as shaders in every way.
#[test]
fn random_graphs_mean_the_same() {
    check_all(cases::random(0..2000));
}

/// The same with pages so small that most values lie in several.
#[test]
fn values_larger_than_a_binding() {
    let Some(mut gpu) = device() else { return };
    gpu.limit_pages(64);
    let few = |case: &Case| crate::plan::plan(&case.graph).bill.peak_bytes < 64 * 4 * 5;
    let cases = cases::random(0..2000).chain(cases::ops()).filter(few);
    assert!(cases.map(|case| check(&mut gpu, &case)).count() > 100);
}
