//! The executor against the meaning of each op in f64.

use super::simd::Isa;
use super::{Cpu, Device, Tensor};
use crate::backend::cases::updates::{self, Step};
use crate::backend::cases::{self, Case, Dice, Inputs, feed};
use crate::backend::{edges, reference};
use crate::graph::op::index::PUT_ROWS;
use crate::graph::op::{self, Value};
use crate::graph::{Attrs, Graph, InputRole, Named, Op, Ty};
use crate::optimize;
use crate::plan::{self, Plan};

/// Runs a plan; slots are made from the inputs of their name.
fn run(isa: Isa, threads: usize, plan: &Plan, inputs: &Inputs) -> Vec<(String, Vec<f32>)> {
    let mut cpu = Cpu::with(isa, threads);
    let tensors = cases::tensors(inputs);
    for (name, value) in &tensors {
        cpu.create(name, &inputs[*name].0, value);
    }
    let given: Vec<(&str, &Tensor)> = tensors.iter().map(|(name, t)| (*name, t)).collect();
    let loaded = cpu.load(plan);
    cpu.run(loaded, &given);
    let slots = inputs.keys().map(|path| (path.clone(), cpu.read(path).to_f32()));
    let named = plan.outputs.iter().map(|o| (o.name.clone(), cpu.output(loaded, &o.name).to_f32()));
    slots.chain(named).collect()
}

/// Compares every output with the oracle, and threads and instruction sets with each other.
fn check(case: &Case) {
    let Case { name: _, graph: g, inputs, tolerance } = case;
    let plan = plan::plan(g);
    plan::verify(&plan).unwrap();
    let found = run(Isa::best(), 1, &plan, inputs);
    let values = inputs.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect();
    for (name, value) in reference::run(g, &values) {
        let path = Named::slot(&name).unwrap_or(&name);
        let (_, got) = found.iter().find(|(n, _)| n == path).expect("an output");
        let size = value.iter().fold(1.0f64, |m, x| if x.is_finite() { m.max(x.abs()) } else { m });
        assert_eq!(got.len(), value.len(), "{name}");
        for (i, (x, y)) in got.iter().zip(value.iter()).enumerate() {
            let x = f64::from(*x);
            let same = x == *y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= *tolerance * size;
            assert!(same, "{name}[{i}]: {x} instead of {y}\n{plan}");
        }
    }
    let bits = |r: &[(String, Vec<f32>)]| -> Vec<u32> {
        r.iter().flat_map(|(_, v)| v.iter().map(|x| x.to_bits())).collect()
    };
    assert_eq!(bits(&found), bits(&run(Isa::best(), 2, &plan, inputs)), "threads\n{plan}");
}

#[test]
fn every_op_has_its_meaning() {
    cases::ops().iter().for_each(check);
}

#[test]
fn random_graphs_fused_or_not_mean_the_same() {
    cases::random(0..150).for_each(|case| check(&case));
}

#[test]
fn contractions_of_any_labels() {
    cases::contractions().iter().for_each(check);
}

#[test]
fn folds_of_every_shape() {
    cases::folds().iter().for_each(check);
}

#[test]
fn convolutions_of_any_window() {
    cases::convolutions().iter().for_each(check);
}

#[test]
fn long_lines_and_many_rows() {
    cases::lines().iter().for_each(check);
}

#[test]
fn values_of_every_size() {
    cases::sizes().iter().for_each(check);
}

#[test]
fn loops_over_time() {
    cases::loops().iter().for_each(check);
}

#[test]
fn noise_is_that_of_its_elements() {
    check(&cases::noise());
}

#[test]
fn slots_that_trade_places() {
    check(&cases::trade());
}

/// A training step is one kernel without memory of its own.
#[test]
fn slots_are_updated_in_place() {
    let case = cases::update();
    check(&case);
    let plan = plan::plan(&case.graph);
    assert_eq!(plan.kernels.len(), 1, "{plan}");
    assert_eq!(plan.arena, 0, "{plan}");
}

/// Rows that get no gradient are neither read nor written, and no bit of the others differs.
#[test]
fn tables_are_updated_by_rows() {
    let mut by_rows = 0;
    for seed in 0..400 {
        let Step { mut case, rests } = updates::step(seed);
        let whole = case.graph.clone();
        case.graph = optimize::rows::rows(&whole);
        let made = |g: &Graph, name| {
            let (_, id) = g.outputs.iter().find(|(n, _)| n == name).unwrap();
            g.node(*id).op == &PUT_ROWS
        };
        // A state that nothing changes is none of a step.
        let changed = |name| {
            whole.outputs.iter().any(|(n, id)| n == name && !whole.node(*id).args.is_empty())
        };
        for (name, rests) in ["param:w", "state:w.m"].into_iter().zip(rests) {
            let expected = rests && changed(name);
            assert_eq!(made(&case.graph, name), expected, "{}, {name}", case.name);
            by_rows += usize::from(expected);
        }
        check(&case);
        let bits = |g: &Graph| -> Vec<(String, Vec<u32>)> {
            let found = run(Isa::best(), 1, &plan::plan(g), &case.inputs);
            let of = |v: &Vec<f32>| v.iter().map(|x| x.to_bits()).collect();
            found.iter().map(|(name, v)| (name.clone(), of(v))).collect()
        };
        assert_eq!(bits(&whole), bits(&case.graph), "{}", case.name);
    }
    assert!(by_rows > 100, "{by_rows}");
}

/// Nothing is copied: the table is its own result.
#[test]
fn a_table_is_no_operand_beside_itself() {
    let graph = |rows: usize| {
        let mut g = Graph::new();
        let w = g.input("w", InputRole::Param, Ty::f32([rows, 2]));
        let at = g.input("at", InputRole::Data, Ty::i32([3]));
        let term = g.input("term", InputRole::Data, Ty::f32([3, 2]));
        let sum = g.scatter_add(at, term, rows);
        let new = g.sub(w, sum);
        g.output("param:w", new);
        plan::plan(&optimize::rows::rows(&g))
    };
    let (small, large) = (graph(100), graph(100_000));
    assert_eq!(small.arena, large.arena, "{large}");
    assert_eq!(small.bill.bytes_moved, large.bill.bytes_moved, "{large}");
}

/// Elementwise functions on wide ranges, each instruction set with the same bits.
#[test]
fn functions_are_right_to_a_few_units_in_the_last_place() {
    let rows = op::table().flat_map(|op| op.accuracy.iter().map(move |row| (op, row)));
    for (op, (low, high, units)) in rows {
        let (n, name) = (20_000, op.name);
        let mut dice = Dice(7);
        let x = dice.value(&Ty::f32([n]), *low, *high);
        let found = apply(op, &x);
        let op::Meaning::Map1(exact) = op.meaning else { panic!("{name} is no function") };
        let mut worst = (0.0, 0.0);
        for (x, y) in x.iter().zip(&found) {
            let right = exact(*x);
            let ulp = f64::from((right as f32).abs().max(f32::MIN_POSITIVE)) * 2f64.powi(-24);
            let wrong = (f64::from(*y) - right).abs() / ulp / 2.0;
            if wrong > worst.0 {
                worst = (wrong, *x);
            }
        }
        assert!(worst.0 <= *units, "{name} on {low}..{high}: {} units at {}", worst.0, worst.1);
    }
}

/// One function over a vector, checked to have the same bits on every instruction set.
fn apply(op: Op, x: &Value) -> Vec<f32> {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let node = feed(&mut inputs, &mut g, "x", InputRole::Other, x.clone());
    let y = g.push(op, vec![node], Attrs::None);
    g.output("y", y);
    let plan = plan::plan(&g);
    let of = |isa| run(isa, 1, &plan, &inputs).pop().unwrap().1;
    let found = of(Isa::Plain);
    for isa in Isa::available() {
        for (i, (a, b)) in found.iter().zip(of(isa)).enumerate() {
            assert_eq!(a.to_bits(), b.to_bits(), "{op:?} {} on {isa:?}: {b} for {a}", x[i]);
        }
    }
    found
}

#[test]
fn functions_of_special_numbers() {
    let rows = op::table().flat_map(|op| op.special.iter().map(move |row| (op, row)));
    for (op, (x, y)) in rows {
        let found = apply(op, &Value::from_elem(vec![1], *x))[0];
        let same = f64::from(found) == *y || (found.is_nan() && y.is_nan());
        assert!(same, "{op:?}({x}) = {found}, not {y}");
    }
}

/// A row says by its text in shaders whether it is there for integers; its lane agrees.
#[test]
fn rows_and_lanes_are_of_the_same_types() {
    for op in op::map::ROWS.iter().filter(|op| **op != &op::map::CAST) {
        assert_eq!(!op.whole.is_empty(), super::lanes::has_integers(op), "{op:?}");
        let integers = vec![Ty::i32([]); op.operands];
        let taken = op.infer_type(&integers.iter().collect::<Vec<_>>(), &Attrs::None).is_ok();
        assert_eq!(!op.whole.is_empty(), taken, "{op:?}");
    }
}

#[test]
fn the_bill_tells_the_memory() {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([64, 300]));
    let w = g.input("w", InputRole::Param, Ty::f32([200, 300]));
    let y = g.contract(x, w, "bi,oi->bo");
    let d = g.contract(y, x, "bo,bi->oi");
    let new = g.sub(w, d);
    g.output("param:w", new);
    let plan = plan::plan(&g);
    let mut cpu = Cpu::new(2);
    let ty = Ty::f32([200, 300]);
    cpu.create("w", &ty, &Tensor::f32([200, 300], vec![0.0; 60_000]));
    cpu.load(&plan);
    let input = 64 * 300 * 4;
    let (told, is) = (plan.bill.peak_bytes as f64, (cpu.bytes() + input) as f64);
    assert!((told / is - 1.0).abs() < 0.1, "{told} told, {is} used");
}

#[test]
fn a_value_that_is_not_finite_is_found() {
    let mut g = Graph::new();
    let mut inputs = Inputs::new();
    let x = feed(&mut inputs, &mut g, "x", InputRole::Data, Value::from_elem(vec![3], -1.0));
    let y = g.log(x);
    g.output("y", y);
    let plan = plan::plan(&g);
    let mut cpu = Cpu::new(2);
    let loaded = cpu.load(&plan);
    let given = Tensor::f32([3], vec![-1.0; 3]);
    assert_eq!(cpu.first_bad(loaded, &[("x", &given)]).as_deref(), Some("log f32[3]"));
    let given = Tensor::f32([3], vec![1.0; 3]);
    assert_eq!(cpu.first_bad(loaded, &[("x", &given)]), None);
}

/// Results, not operands, that are subnormal may be zero, so those of a reduction on its way.
#[test]
fn every_op_at_the_edges() {
    let mut wrong = vec![];
    let cases = [(edges::maps(), false), (edges::folds(), true)];
    for (case, flushes) in cases.iter().flat_map(|(list, f)| list.iter().map(|c| (c, *f))) {
        let mut cpu = Cpu::new(1);
        let loaded = cpu.load(&plan::plan(&case.graph));
        wrong.extend(edges::wrong(case, &edges::run(&mut cpu, loaded, case), flushes));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
