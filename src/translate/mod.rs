//! Objectives to graphs. In: a typed model without probability. Out: a [`program::Program`]: one
//! graph per phase, with the batch axis explicit. Knows no devices and no files.

mod derivative;
mod lower;
mod noise;
pub mod program;
mod scan;
mod steps;

pub use crate::objective::Facts;

use crate::graph::{Graph, Ty};
use crate::model::ir::Model;
use lower::Lower;
use program::{Program, Slot};

/// Translates a whole model. The roots of its phases hold only pure expressions, except that a
/// report may be a metric of pure arguments. Derivatives are `vjp` nodes of the graphs.
pub fn translate(model: &Model, facts: &Facts) -> Program {
    let phases = model.phases.iter().map(|p| steps::phase(model, facts, p, p.batch)).collect();
    let rows = model.encode_rows;
    let codes = model.codes.iter().filter(|code| code.rows.is_none_or(|n| n == rows));
    let encoders = codes.map(|code| steps::encoder(model, facts, code, rows)).collect();
    Program { name: model.name.clone(), slots: slots(model), init: init(model), phases, encoders }
}

/// Every weight and state, in order of their path.
fn slots(model: &Model) -> Vec<Slot> {
    let slot = |path: &str, ty: &crate::model::ir::Type, is_param| Slot {
        path: path.into(),
        ty: Ty::new(ty.dtype, ty.shape.clone()),
        is_param,
    };
    let mut list: Vec<Slot> = model.params.iter().map(|p| slot(&p.path, &p.ty, true)).collect();
    list.extend(model.states.iter().map(|s| slot(&s.path, &s.ty, false)));
    list.sort_by(|a, b| a.path.cmp(&b.path));
    list
}

/// Initial values of all slots, from the seed.
fn init(model: &Model) -> Graph {
    let mut low = Lower::new(model, 0);
    low.fixed_step = true;
    for p in &model.params {
        let value = low.lower(p.init);
        low.g().output(format!("param:{}", p.path), value.node);
    }
    for s in &model.states {
        let value = low.lower(s.init);
        low.g().output(format!("state:{}", s.path), value.node);
    }
    std::mem::take(low.g())
}
