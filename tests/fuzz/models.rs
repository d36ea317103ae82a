//! Random models computed in several ways: by the fused executor with one and with two threads, by the
//! f64 interpreter on the graph as it was translated, by a graphics device where there is one. In: a
//! program made by types. Out: whether they agree.
//!
//! What rounding may do depends on the model, so it is measured: the interpreter runs again with
//! inputs other than 0 moved by about the rounding of f32 and every value on the way rounded to its
//! bits, and results may differ by `SPREAD` times what that changes, besides the tolerance that random
//! graphs have elsewhere. (Inputs alone are not enough: the slope of a bias before a normalization is a sum
//! that is 0 for all inputs, and f32 leaves the rounding of its terms.) Where a comparison or an
//! order hangs on the last bit, one draw of the data may disagree; a wrong kernel does at most draws.

use super::harness::{Found, Kind, MEMORY, PATIENCE, fuzz, is_long};
use super::maker;
use super::mutate::Random;
use ndarray::{ArrayD, IxDyn};
use rlc::autodiff;
use rlc::backend::cpu::Cpu;
#[cfg(feature = "gpu")]
use rlc::backend::wgpu::{Gpu, list};
use rlc::backend::{Device, Loaded, Tensor, reference};
use rlc::base::Severity;
use rlc::driver::{self, Asked, Log, Trees, numeric};
use rlc::graph::op::contract::CONTRACT;
use rlc::graph::op::control::INPUT;
use rlc::graph::op::reduce::SUM;
use rlc::graph::{Attrs, DType, Graph, InputRole, Ty};
use rlc::model::ir;
use rlc::model::ir::pure::Pure;
use rlc::objective::Derived;
use rlc::plan::{self, Plan};
use rlc::translate::program::{PhaseGraph, Program, SEED, STEP, TOTAL};
#[cfg(feature = "gpu")]
use std::cell::RefCell;
use std::collections::BTreeMap;

type Value = ArrayD<f64>;
type Feed = BTreeMap<String, (Ty, Value)>;

/// Random graphs of the executors' own tests are held to this.
const TOLERANCE: f64 = 1e-4;
/// Inputs are moved by about half a unit in the last place of f32, and rounding inside of a chain of
/// tens of operations adds up to tens of those.
const MOVED: f64 = 1e-7;
const SPREAD: f64 = 50.0;
/// Draws of the data.
const DRAWS: usize = 3;

#[test]
fn models_mean_the_same_everywhere() {
    // A graphics driver in software compiles kernels for 40 ms each, and a spline with its slopes has 300.
    let patience = 3 * PATIENCE;
    let kind = Kind { name: "models", ending: "rl", first: 0, few: 45, patience };
    fuzz(&kind, |dice| maker::program(dice, false).into_bytes(), compared);
}

/// A model and its graphs, or what refused it.
pub fn compiled(text: &str) -> Result<(Derived, Program), String> {
    let mut log = Log::default();
    let made = Trees::of("m.rl", text, &[], &mut log).and_then(|mut trees| {
        let model = driver::model(&mut trees, &Asked::default(), &mut log)?;
        let derived = driver::objective(model, &mut log)?;
        let program = driver::program(&derived.pure, &derived.facts, &mut log)?;
        Ok((derived, program))
    });
    made.map_err(|_| {
        let error = log.found.list.iter().find(|d| d.severity == Severity::Error);
        error.map_or("?", |d| d.code.name()).to_string()
    })
}

fn compared(input: &[u8]) -> Found {
    let text = String::from_utf8_lossy(input);
    let (derived, program) = match compiled(&text) {
        Ok(found) => found,
        Err(code) => return Ok(code),
    };
    let mut dice = Random::new(
        input.iter().fold(7, |h: u64, b| h.wrapping_mul(31).wrapping_add(u64::from(*b))),
    );
    let optimized = |graph: &Graph| driver::optimized(graph).map_err(|_| "limit".to_string());
    let Ok(init) = optimized(&program.init) else { return Ok("limit".into()) };
    for phase in &program.phases {
        let Ok(fast) = optimized(&phase.graph) else { return Ok("limit".into()) };
        let plain = autodiff::expand(&phase.graph);
        if reference::bytes(&plain) > MEMORY / 2 {
            return Ok("large".into());
        }
        let plan = plan::plan(&fast);
        let mut wrong = Vec::new();
        for draw in 0..DRAWS {
            let feed = feed(&derived.pure, phase, &init, &mut dice);
            match agree(
                &plain,
                &plan,
                &feed,
                draw == 0 && dice.below(if is_long() { 8 } else { 40 }) == 0,
            ) {
                Ok(()) => break,
                Err(why) => wrong.push(why),
            }
            if wrong[draw].starts_with("threads") {
                return Err(wrong.remove(draw));
            }
        }
        if wrong.len() == DRAWS {
            return Err(format!("{}: {}", phase.name, wrong[0]));
        }
    }
    for (phase, outcome) in numeric::gradients(derived.pure.clone(), &derived.facts) {
        if let numeric::Outcome::Differs(measured, told) = outcome
            && measured.is_finite()
            && told.is_finite()
        {
            return Err(format!("gradient of {phase}: {told}, measured {measured}"));
        }
    }
    Ok("compared".into())
}

fn normal(dice: &mut Random) -> f64 {
    (0..12).map(|_| dice.below(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0
}

/// Values of all inputs: weights near their initial values, data by its type; numbers of f32.
fn feed(model: &Pure, phase: &PhaseGraph, init: &Graph, dice: &mut Random) -> Feed {
    let scalar = |x: f64| Value::from_elem(IxDyn(&[]), x);
    let seed = dice.below(1000) as f64;
    let scalars = [(SEED, seed), (STEP, 1.0), (TOTAL, 3.0)];
    let named: BTreeMap<String, Value> =
        scalars.iter().map(|(name, x)| ((*name).to_string(), scalar(*x))).collect();
    let initial: BTreeMap<String, Value> = reference::run(init, &named).into_iter().collect();
    let graph = &phase.graph;
    let mut feed = Feed::new();
    for id in graph.ids() {
        let Attrs::Input { name, role, ty } = &graph.node(id).attrs else { continue };
        assert_eq!(graph.node(id).op.name, INPUT.name);
        let value = match role {
            InputRole::Param => initial[&format!("param:{name}")].mapv(|x| x + 0.1 * normal(dice)),
            InputRole::State => initial[&format!("state:{name}")].clone(),
            role if role.is_data() => data(model, name, ty, dice),
            _ => named[name].clone(),
        };
        feed.insert(name.clone(), (ty.clone(), value.mapv(|x| f64::from(x as f32))));
    }
    feed
}

fn data(model: &Pure, input: &str, ty: &Ty, dice: &mut Random) -> Value {
    let name = input.split('#').next().unwrap_or(input);
    let field = model.fields.iter().find(|f| format!("{}.{}", f.data, f.name) == name);
    let support = field.map_or(ir::Support::Real, |field| field.ty.support);
    Value::from_shape_simple_fn(IxDyn(&ty.shape), || match support {
        ir::Support::Index(n) => dice.below(n) as f64,
        ir::Support::Bit => dice.below(2) as f64,
        ir::Support::Interval(a, b) => a + (b - a) * dice.below(1000) as f64 / 999.0,
        _ => normal(dice),
    })
}

/// The executors against the interpreter on the graph before any pass.
fn agree(plain: &Graph, plan: &Plan, feed: &Feed, also_gpu: bool) -> Result<(), String> {
    let values = |by: f64, dice: &mut Random| -> BTreeMap<String, Value> {
        let one = |(name, (ty, value)): (&String, &(Ty, Value))| {
            // A 0 stays: a second moment below it has no root.
            let most = |x: &f64| if *x == 0.0 { 0.0 } else { x.abs().max(1e-3) };
            let moved = |x: &f64| x + by * normal(dice) * most(x);
            let real = ty.dtype == DType::F32 && name.as_str() != TOTAL;
            (name.clone(), if real && by > 0.0 { value.map(moved) } else { value.clone() })
        };
        feed.iter().map(one).collect()
    };
    let mut dice = Random::new(5);
    let right = reference::run(plain, &values(0.0, &mut dice));
    let near: Vec<_> =
        (0..3).map(|_| rounded(plain, &values(MOVED, &mut dice), &mut dice)).collect();
    let found = ran(&mut Cpu::new(1), plan, feed);
    let again = ran(&mut Cpu::new(2), plan, feed);
    let bits = |all: &BTreeMap<String, Vec<f32>>| -> Vec<u32> {
        all.values().flatten().map(|x| x.to_bits()).collect()
    };
    if bits(&found) != bits(&again) {
        return Err("threads: two give other bits than one".into());
    }
    close("cpu", &right, &near, &found)?;
    if also_gpu {
        on_device(plan, feed, &right, &near)?;
    }
    Ok(())
}

/// The outputs where each value that f32 cannot hold is rounded to as many bits as f32 has, on a grid
/// that another factor moves. What is on the grid stays: copies of one value stay equal, as they do
/// on devices. Sums of no whole numbers are moved though they are on it: terms are added one by
/// one, so the mean of equal numbers need not be that number, and a normalization divides what is left
/// by almost 0.
fn rounded(plain: &Graph, feed: &BTreeMap<String, Value>, dice: &mut Random) -> Outputs {
    let scale = 1.0 + dice.below(1 << 20) as f64 / f64::from(1 << 20);
    let onto =
        |x: f64| if f64::from(x as f32) == x { x } else { f64::from((x * scale) as f32) / scale };
    reference::run_watched(plain, feed, &mut |node, args, value| {
        if node.ty.dtype == DType::F32 {
            value.mapv_inplace(onto);
        }
        if [&SUM, &CONTRACT].contains(&node.op) {
            let mut moved = |x: f64| x * (1.0 + MOVED * normal(dice));
            // Terms that are no whole numbers may have a whole sum: that of a softmax.
            let whole = args.iter().all(|arg| arg.iter().all(|x| x.fract() == 0.0));
            value.mapv_inplace(|x| if whole || x == 0.0 { x } else { moved(x) });
        }
    })
}

/// Runs a plan once; all its outputs, new weights and states among them.
fn ran(device: &mut dyn DeviceOfPlans, plan: &Plan, feed: &Feed) -> BTreeMap<String, Vec<f32>> {
    let tensors: Vec<(&str, Ty, Tensor)> = feed
        .iter()
        .map(|(name, (ty, value))| {
            let shape = ty.shape.clone();
            let tensor = match ty.dtype {
                DType::I32 => Tensor::i32(shape, value.iter().map(|x| *x as i32).collect()),
                _ => Tensor::f32(shape, value.iter().map(|x| *x as f32).collect()),
            };
            (name.as_str(), ty.clone(), tensor)
        })
        .collect();
    let loaded = device.take(plan);
    let device = device.device();
    for (name, ty, value) in &tensors {
        device.create(name, ty, value);
    }
    let given: Vec<(&str, &Tensor)> = tensors.iter().map(|(name, _, t)| (*name, t)).collect();
    device.run(loaded, &given);
    let mut found = BTreeMap::new();
    for (name, _, _) in &tensors {
        found.insert(format!("param:{name}"), device.read(name).to_f32());
        found.insert(format!("state:{name}"), device.read(name).to_f32());
    }
    for output in &plan.outputs {
        if !found.contains_key(&output.name) {
            found.insert(output.name.clone(), device.output(loaded, &output.name).to_f32());
        }
    }
    found
}

/// A device that takes plans.
trait DeviceOfPlans {
    fn take(&mut self, plan: &Plan) -> Loaded;
    fn device(&mut self) -> &mut dyn Device;
}

impl DeviceOfPlans for Cpu {
    fn take(&mut self, plan: &Plan) -> Loaded {
        self.load(plan)
    }
    fn device(&mut self) -> &mut dyn Device {
        self
    }
}

type Outputs = Vec<(String, Value)>;

fn close(
    what: &str,
    right: &Outputs,
    near: &[Outputs],
    found: &BTreeMap<String, Vec<f32>>,
) -> Result<(), String> {
    for (at, (name, value)) in right.iter().enumerate() {
        let Some(got) = found.get(name) else { return Err(format!("{what}: no output {name}")) };
        let size = value.iter().filter(|x| x.is_finite()).fold(1e-3f64, |m, x| m.max(x.abs()));
        for (i, (x, y)) in got.iter().zip(value.iter()).enumerate() {
            let x = f64::from(*x);
            let moved = near.iter().filter_map(|outputs| outputs[at].1.iter().nth(i));
            let away = moved.map(|n| if n.is_nan() && !y.is_nan() { f64::INFINITY } else { n - y });
            let spread = away.fold(0.0f64, |m, d| m.max(d.abs()));
            let most = TOLERANCE * size + SPREAD * spread;
            // Beyond the numbers of f32, or at the edge of a pole, nothing is compared.
            let lost = !spread.is_finite() || y.abs() > 1e30 || (!x.is_finite() && y.abs() > 1e15);
            let same = x == *y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= most || lost;
            if !same {
                return Err(format!("{what}: {name}[{i}] is {x}, not {y}, within {most:e}"));
            }
        }
    }
    Ok(())
}

#[cfg(feature = "gpu")]
impl DeviceOfPlans for Gpu {
    fn take(&mut self, plan: &Plan) -> Loaded {
        self.forget();
        self.load(plan)
    }
    fn device(&mut self) -> &mut dyn Device {
        self
    }
}

#[cfg(feature = "gpu")]
fn on_device(plan: &Plan, feed: &Feed, right: &Outputs, near: &[Outputs]) -> Result<(), String> {
    thread_local! {
        // Never dropped: drivers have storage of the thread too.
        static GPU: &'static RefCell<Option<Gpu>> = {
            let gpu = if list().is_empty() { None } else { Gpu::open(0, false, |_| None).ok() };
            Box::leak(Box::new(RefCell::new(gpu)))
        };
    }
    let mut gpu = GPU.with(|gpu| gpu.borrow_mut());
    let required = std::env::var("RLC_GPU").is_ok_and(|v| v == "required");
    assert!(gpu.is_some() || !required, "there is no graphics device, and RLC_GPU=required");
    let Some(gpu) = &mut *gpu else { return Ok(()) };
    let found = ran(gpu, plan, feed);
    match gpu.fault() {
        Some(fault) => Err(format!("gpu: {fault:?}")),
        None => close("gpu", right, near, &found),
    }
}

#[cfg(not(feature = "gpu"))]
fn on_device(_: &Plan, _: &Feed, _: &Outputs, _: &[Outputs]) -> Result<(), String> {
    Ok(())
}
