//! Distributions of sequences, and what is asked of densities that are known up to a constant.

pub mod autoregressive;
pub mod chain;
pub mod energy;
pub mod once;

use crate::model::elaborate::Elab;
use crate::model::elaborate::value::{Densities, Value};
use crate::model::ir::{Density, DensityId, Factor};
use std::rc::Rc;

/// A density of values that are computed from noise, in the place of another one.
fn computed<'a>(e: &mut Elab<'a>, of: Density, name: String, factors: Vec<Factor>) -> Value<'a> {
    let id = DensityId(e.m.densities.len() as u32);
    let over = factors.iter().filter_map(Factor::var).collect();
    let path = of.name.clone();
    let (given, calls) = (vec![], vec![]);
    let made = Density { name: name.clone(), over, given, factors, change: None, calls, ..of };
    e.m.densities.push(made);
    Value::Density(Rc::new(Densities { name, path, ids: vec![id], calls: vec![] }))
}
