//! Elementary functions on a device: their error on wide ranges, and what they give where numbers end.

use super::{Gpu, device};
use crate::backend::cpu::Cpu;
use crate::backend::{Device, Tensor, cases, edges};
use crate::graph::{Attrs, Graph, InputRole, Op, Ty, op};
use crate::plan;

/// Functions on wide ranges against f64, in units of the last place. Devices may flush subnormal
/// results to zero.
#[test]
fn functions_are_right_to_a_few_units_in_the_last_place() {
    let Some(mut gpu) = device() else { return };
    let rows = op::table().flat_map(|op| op.accuracy.iter().map(move |row| (op, row)));
    for (op, (low, high, units)) in rows {
        let name = op.name;
        let mut dice = cases::Dice(7);
        let x = dice.value(&Ty::f32([20_000]), *low, *high);
        let found = apply(&mut gpu, op, x.iter().map(|x| *x as f32).collect());
        let op::Meaning::Map1(exact) = op.meaning else { panic!("{name}") };
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
    let rows = op::table().flat_map(|op| op.special.iter().map(move |row| (op, row)));
    for (op, (x, y)) in rows {
        let found = apply(&mut gpu, op, vec![*x as f32])[0];
        let same = f64::from(found) == *y || (found.is_nan() && y.is_nan());
        assert!(same, "{op:?}({x}) = {found}, not {y}");
    }
}

fn apply(gpu: &mut Gpu, op: Op, x: Vec<f32>) -> Vec<f32> {
    let mut g = Graph::new();
    let node = g.input("x", InputRole::Data, Ty::f32([x.len()]));
    let y = g.push(op, vec![node], Attrs::None);
    g.output("y", y);
    gpu.forget();
    let loaded = gpu.load(&plan::plan(&g));
    gpu.run(loaded, &[("x", &Tensor::f32([x.len()], x))]);
    gpu.output(loaded, "y").to_f32()
}

/// Of integers, the bits are those of the processor.
#[test]
fn every_op_at_the_edges() {
    let Some(mut gpu) = device() else { return };
    let mut wrong = vec![];
    for case in edges::maps().into_iter().chain(edges::folds()) {
        let plan = plan::plan(&case.graph);
        gpu.forget();
        let loaded = gpu.load(&plan);
        let found = edges::run(&mut gpu, loaded, &case);
        wrong.extend(edges::wrong(&case, &found, true));
        if edges::is_exact(&case) {
            let mut cpu = Cpu::new(1);
            let loaded = cpu.load(&plan);
            let same = edges::run(&mut cpu, loaded, &case);
            if found != same {
                wrong.push(format!("{}: {found:?}, not as the processor {same:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
