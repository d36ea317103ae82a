//! Programs of one text, compiled or refused, and what their phases give in f64 from initial values.

use crate::common;
use rlc::autodiff;
use rlc::backend::reference;
use rlc::base::Diagnostic;
use rlc::driver::{self, Asked, Log, Trees};
use rlc::graph::Graph;
use rlc::translate::program::Program;
use std::collections::BTreeMap;

pub type Values = BTreeMap<String, common::Value>;

/// A linear congruential generator (Knuth's MMIX).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// The graphs of a program, or why it is refused. Whatever the model stage takes, later stages do too.
pub fn compiled(name: &str, text: &str, used: &[(&str, &str)]) -> Result<Program, Vec<Diagnostic>> {
    let mut log = Log::default();
    let model = Trees::of(name, text, used, &mut log)
        .and_then(|mut trees| driver::model(&mut trees, &Asked::default(), &mut log));
    let Ok(model) = model else { return Err(log.found.list) };
    let made = driver::objective(model, &mut log).and_then(|derived| {
        let mut program = driver::program(&derived.pure, &derived.facts, &mut log)?;
        driver::plans(&mut program, &derived.pure, &mut log)?;
        Ok(program)
    });
    Ok(made.unwrap_or_else(|_| panic!("{:#?}", log.found.list)))
}

/// The outputs of a graph; inputs that have no value are numbers between 0 and 1.
pub fn run(graph: &Graph, known: &Values) -> Values {
    let graph = autodiff::expand(graph);
    let mut feed = Values::new();
    for (name, _, ty) in common::inputs(&graph) {
        let mut at = 0.0;
        let number = || {
            at += 0.37;
            f64::fract(at)
        };
        let new = || common::Value::from_shape_simple_fn(ty.shape.clone(), number);
        feed.insert(name.clone(), known.get(&name).cloned().unwrap_or_else(new));
    }
    reference::run(&graph, &feed).into_iter().collect()
}

/// Runs a program from its initial values, on inputs of which some are known. The outputs of its phases.
pub fn outputs(program: &Program, known: &Values) -> Vec<Values> {
    let mut slots = known.clone();
    for (name, value) in run(&program.init, &Values::new()) {
        let path = name.split_once(':').unwrap().1;
        slots.insert(path.into(), value);
    }
    program.phases.iter().map(|phase| run(&phase.graph, &slots)).collect()
}
