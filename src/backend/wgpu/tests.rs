//! Shaders against the CPU executor and the meaning of each op in f64. On a machine without a device
//! these tests say so and pass; where `RLC_GPU=required` is set, they fail.

mod edges;

use super::{Gpu, list};
use crate::backend::cases::{self, Case, tensor};
use crate::backend::cpu::Cpu;
use crate::backend::{Device, Fault, Loaded, Tensor, reference};
use crate::graph::{Graph, InputRole, Named, Ty};
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
    Some(Gpu::open(0, false, |_| None).expect("a device that is listed opens"))
}

/// Creates slots and runs once; values of all slots and outputs.
fn run(device: &mut dyn Device, loaded: Loaded, plan: &Plan, case: &Case) -> Vec<(String, Tensor)> {
    let tensors = cases::tensors(&case.inputs);
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
        let path = Named::slot(&name).unwrap_or(&name);
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
fn tables_are_updated_by_rows() {
    check_all((0..24).map(|seed| {
        let mut case = cases::updates::step(seed).case;
        case.graph = crate::optimize::rows::rows(&case.graph);
        case
    }));
}

#[test]
fn contractions_of_any_labels() {
    check_all(cases::contractions());
}

/// The same by large tiles, which a device with many groups at a time takes for large values only.
#[test]
fn contractions_by_large_tiles() {
    let Some(mut gpu) = device() else { return };
    gpu.limits().busy = 1;
    cases::contractions().iter().for_each(|case| check(&mut gpu, case));
    if gpu.use_half() {
        gpu.limits().half = Some(1);
        for mut case in cases::contractions() {
            case.tolerance = 0.004;
            check(&mut gpu, &case);
        }
    }
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
    gpu.limits().page = 64;
    let few = |case: &Case| crate::plan::plan(&case.graph).bill.peak_bytes < 64 * 4 * 5;
    let cases = cases::random(0..2000).chain(cases::ops()).filter(few);
    assert!(cases.map(|case| check(&mut gpu, &case)).count() > 100);
}

/// More groups than a dim of a dispatch takes, and more operations than a dispatch may do.
#[test]
fn dispatches_in_two_dims_and_in_pieces() {
    let Some(mut gpu) = device() else { return };
    gpu.limits().groups = 3;
    gpu.limits().work = 20_000;
    let cases = cases::random(0..100).chain(cases::convolutions()).chain(cases::ops());
    cases.for_each(|case| check(&mut gpu, &case));
}

/// One element less than a row of dispatches takes, as many, and one more.
#[test]
fn as_many_elements_as_one_dim_takes() {
    let Some(mut gpu) = device() else { return };
    let full = 65_535 * 256;
    for n in [full - 1, full, full + 1] {
        let mut g = Graph::new();
        let x = g.input("x", InputRole::Data, Ty::f32([n]));
        let y = g.add_const(x, 1.0);
        g.output("y", y);
        gpu.forget();
        let loaded = gpu.load(&plan::plan(&g));
        let values: Vec<f32> = (0..n).map(|i| (i % 1000) as f32).collect();
        gpu.run(loaded, &[("x", &Tensor::f32([n], values.clone()))]);
        let found = gpu.output(loaded, "y").to_f32();
        assert_eq!(found.len(), n);
        assert!(found.iter().zip(&values).all(|(y, x)| *y == x + 1.0), "{n}");
    }
}

/// A graph that the device has no room for is an error, and the device goes on answering with zeros.
#[test]
fn too_many_blocks_are_refused() {
    let Some(mut gpu) = device() else { return };
    gpu.limits().page = 64;
    gpu.limits().bindings = 8;
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([1000]));
    let y = g.add_const(x, 1.0);
    g.output("y", y);
    let loaded = gpu.load(&plan::plan(&g));
    gpu.run(loaded, &[("x", &Tensor::f32([1000], vec![0.0; 1000]))]);
    assert!(matches!(gpu.fault(), Some(Fault::Memory(_))), "{:?}", gpu.fault());
    assert_eq!(gpu.output(loaded, "y"), Tensor::f32([1000], vec![0.0; 1000]));
}

/// The first value that is not finite is found, and slots stay as they were.
#[test]
fn a_value_that_is_not_finite_is_found() {
    let Some(mut gpu) = device() else { return };
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([3]));
    let w = g.input("w", InputRole::Param, Ty::f32([3]));
    let y = g.log(x);
    let sum = g.add(w, y);
    g.output("param:w", sum);
    gpu.create("w", &Ty::f32([3]), &Tensor::f32([3], vec![1.0; 3]));
    let loaded = gpu.load(&plan::plan(&g));
    let bad = Tensor::f32([3], vec![-1.0; 3]);
    assert!(gpu.first_bad(loaded, &[("x", &bad)]).is_some());
    assert_eq!(gpu.read("w").to_f32(), [1.0; 3]);
    let good = Tensor::f32([3], vec![1.0; 3]);
    assert_eq!(gpu.first_bad(loaded, &[("x", &good)]), None);
    assert_eq!(gpu.read("w").to_f32(), [1.0; 3]);
}

#[test]
fn values_of_every_size() {
    check_all(cases::sizes());
}

#[test]
fn long_lines_and_many_rows() {
    check_all(cases::lines());
}

/// Whatever the tile of a product, its terms are added in the same order: the same bits.
#[test]
fn tiles_change_no_bit() {
    let Some(mut gpu) = device() else { return };
    let shapes = [
        [70, 90, 33],
        [20, 30, 2000],
        [1, 200, 700],
        [130, 1, 64],
        [64, 64, 64],
        [17, 19, 5],
        [96, 40, 128],
        [33, 257, 100],
    ];
    for [m, n, k] in shapes {
        let mut g = Graph::new();
        let a = g.input("a", InputRole::Data, Ty::f32([m, k]));
        let b = g.input("b", InputRole::Data, Ty::f32([n, k]));
        let c = g.contract(a, b, "ij,kj->ik");
        let c = g.tanh(c);
        g.output("c", c);
        let plan = plan::plan(&g);
        let mut dice = cases::Dice(3);
        let mut value = |shape: [usize; 2]| {
            let ty = Ty::f32(shape);
            tensor(&ty, &dice.value(&ty, -0.1, 0.1))
        };
        let (a, b) = (value([m, k]), value([n, k]));
        let mut first: Option<Vec<u32>> = None;
        for tile in crate::backend::wgsl::TILES {
            gpu.forget();
            gpu.use_tiles([([1, m, n, k], *tile)]);
            let loaded = gpu.load(&plan);
            gpu.run(loaded, &[("a", &a), ("b", &b)]);
            let bits = gpu.output(loaded, "c").to_f32().into_iter().map(f32::to_bits).collect();
            let same = *first.get_or_insert_with(|| Vec::clone(&bits)) == bits;
            assert!(same, "{m}x{n}x{k}: {tile:?}");
        }
    }
}

#[test]
fn loops_over_time() {
    check_all(cases::loops());
}

/// A device that keeps what it can in 16 bits.
fn half() -> Option<Gpu> {
    let mut gpu = device()?;
    if !gpu.use_half() {
        eprintln!("skipped: the device has no reals of 16 bits");
        return None;
    }
    gpu.limits().half = Some(1);
    Some(gpu)
}

/// 16 bits hold 11 binary digits: every operand and every value on the way is wrong by 1/2048 of
/// itself at most, and a sum of n terms by about the root of n times that. All cases stay within half
/// of the tolerance, 0.008 of the largest value; what is wrong is wrong by all of its size.
#[test]
fn values_in_16_bits() {
    let Some(mut gpu) = half() else { return };
    let many = cases::contractions().into_iter().chain(cases::convolutions()).chain(cases::loops());
    for mut case in many.chain(cases::folds()).chain(cases::sizes()) {
        case.tolerance = 0.004;
        check(&mut gpu, &case);
    }
    // The same in several pages.
    gpu.limits().page = 64;
    let few = |case: &Case| crate::plan::plan(&case.graph).bill.peak_bytes < 64 * 4 * 5;
    let some = cases::contractions().into_iter().chain(cases::folds()).chain(cases::loops());
    for mut case in some.filter(few) {
        case.tolerance = 0.004;
        check(&mut gpu, &case);
    }
}

/// A device that makes products by matrix units, with operands of 32 bits or of 16.
fn cooperative(half: bool) -> Option<Gpu> {
    device()?;
    let mut gpu = Gpu::open(0, true, |_| None).expect("a device that is listed opens");
    let has = (!half || gpu.use_half()) && gpu.use_cooperative();
    gpu.limits().half = half.then_some(1);
    if !has {
        let bits = if half { 16 } else { 32 };
        eprintln!("skipped: the device has no cooperative matrices of {bits}-bit reals");
    }
    has.then_some(gpu)
}

/// The error of operands of 16 bits is that of [`values_in_16_bits`]; with operands of 32, only the
/// order of terms differs. The second time, subgroups are smaller than they might be.
#[test]
fn products_by_cooperative_matrices() {
    for half in [false, true] {
        let Some(mut gpu) = cooperative(half) else { continue };
        for times in [1, 2] {
            let units = gpu.limits().cooperative.as_mut().expect("just set");
            units.lanes *= times;
            let mut used = 0;
            for mut case in cases::contractions().into_iter().chain(cases::convolutions()) {
                if half {
                    case.tolerance = 0.004;
                }
                check(&mut gpu, &case);
                let modules = &gpu.graphs[0].program().modules;
                used += usize::from(modules.iter().any(|m| m.text.contains("coopMultiplyAdd")));
            }
            assert!(used > 3, "{used} products used them");
        }
    }
}
