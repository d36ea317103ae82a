//! Elementary functions on a device: their error on wide ranges, and what they give where numbers end.

use super::Gpu;
use super::tests::device;
use crate::backend::{Device, Tensor, cases};
use crate::graph::{Attrs, DType, Graph, InputRole, Ty, op};
use crate::plan;

/// Functions on wide ranges against f64, in units of the last place. Devices may flush subnormal
/// results to zero.
#[test]
fn functions_are_right_to_a_few_units_in_the_last_place() {
    let Some(mut gpu) = device() else { return };
    for (name, low, high, units) in cases::FUNCTIONS {
        let mut dice = cases::Dice(7);
        let x = dice.value(&Ty::f32([20_000]), *low, *high);
        let found = apply(&mut gpu, name, x.iter().map(|x| *x as f32).collect());
        let op::Meaning::Map1(exact) = op::find(name).unwrap().meaning else { panic!("{name}") };
        for (x, y) in x.iter().zip(&found) {
            let right = exact(*x);
            let ulp = f64::from((right as f32).abs().max(f32::MIN_POSITIVE)) * 2f64.powi(-23);
            let wrong = (f64::from(*y) - right).abs() / ulp;
            // The bound of the CPU, and two units that division may cost.
            assert!(wrong <= units + 2.0, "{name}({x}) = {y}, {wrong} units from {right}");
        }
    }
}

/// Infinities, not-a-number and zeros: the class of the processor.
#[test]
fn functions_of_special_numbers() {
    let Some(mut gpu) = device() else { return };
    for (name, x, y) in cases::SPECIAL {
        let found = apply(&mut gpu, name, vec![*x as f32])[0];
        let same = f64::from(found) == *y || (found.is_nan() && y.is_nan());
        assert!(same, "{name}({x}) = {found}, not {y}");
    }
}

fn apply(gpu: &mut Gpu, name: &str, x: Vec<f32>) -> Vec<f32> {
    let mut g = Graph::new();
    let node = g.input("x", InputRole::Data, Ty::f32([x.len()]));
    let y = g.push(op::find(name).unwrap(), vec![node], Attrs::None);
    g.output("y", y);
    gpu.forget();
    let loaded = gpu.load(&plan::plan(&g));
    gpu.run(loaded, &[("x", &Tensor::f32([x.len()], x))]);
    gpu.output(loaded, "y").to_f32()
}

/// Zeros, subnormals, the largest numbers, infinities and not-a-number, and what lies between.
const EDGES: &[f32] = &[
    0.0,
    -0.0,
    1e-40,
    -1e-40,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-8,
    0.5,
    1.0,
    -1.0,
    2.0,
    -2.5,
    3.0,
    -3.0,
    88.0,
    -104.0,
    1e10,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

/// A device may take a subnormal number for zero.
fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0f32.copysign(x) } else { x }
}

/// The same class, and finite values within 16 units of the last place: what products and quotients
/// of a few units, and a division that is not exact, add up to at most.
fn near(found: f32, right: f64) -> bool {
    let right = right as f32;
    let (found, right) = (flushed(found), flushed(right));
    match () {
        () if right.is_nan() => found.is_nan(),
        () if !right.is_finite() => found == right,
        // The f64 meaning itself has an absolute error of a few 1e-15.
        () if found.abs().max(right.abs()) < 1e-14 && right.abs() > 1e-18 => true,
        () => (found - right).abs() <= 16.0 * f32::EPSILON * right.abs().max(f32::MIN_POSITIVE),
    }
}

#[test]
fn every_function_at_the_edges() {
    let Some(mut gpu) = device() else { return };
    let mut wrong = vec![];
    for op in op::table() {
        let reals = (op.samples)().iter().any(|s| s.args.iter().all(|a| a.0.dtype == DType::F32));
        match op.meaning {
            op::Meaning::Map1(exact) if reals => {
                let found = apply(&mut gpu, op.name, EDGES.to_vec());
                for (x, y) in EDGES.iter().zip(found) {
                    let right = |x: f32| exact(f64::from(x));
                    if !near(y, right(*x)) && !near(y, right(flushed(*x))) {
                        wrong.push(format!("{}({x}) = {y}, not {}", op.name, right(*x)));
                    }
                }
            }
            op::Meaning::Map2(exact) if reals => {
                let pairs = EDGES.iter().flat_map(|x| EDGES.iter().map(move |y| (*x, *y)));
                let (a, b): (Vec<f32>, Vec<f32>) = pairs.unzip();
                let found = apply2(&mut gpu, op.name, a.clone(), b.clone());
                for ((x, y), z) in a.iter().zip(&b).zip(found) {
                    let right = |x: f32, y: f32| exact(f64::from(x), f64::from(y));
                    let (fx, fy) = (flushed(*x), flushed(*y));
                    let all = [right(*x, *y), right(fx, fy), right(fx, *y), right(*x, fy)];
                    if !all.iter().any(|right| near(z, *right)) {
                        wrong.push(format!("{}({x}, {y}) = {z}, not {}", op.name, all[0]));
                    }
                }
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn apply2(gpu: &mut Gpu, name: &str, x: Vec<f32>, y: Vec<f32>) -> Vec<f32> {
    let mut g = Graph::new();
    let args = ["x", "y"].map(|name| g.input(name, InputRole::Data, Ty::f32([x.len()])));
    let z = g.push(op::find(name).unwrap(), args.to_vec(), Attrs::None);
    let z = if g.ty(z).dtype == DType::Bool { g.cast(z, DType::F32) } else { z };
    g.output("z", z);
    gpu.forget();
    let loaded = gpu.load(&plan::plan(&g));
    let (x, y) = (Tensor::f32([x.len()], x), Tensor::f32([y.len()], y));
    gpu.run(loaded, &[("x", &x), ("y", &y)]);
    gpu.output(loaded, "z").to_f32()
}
