//! Objectives to graphs. In: a model without probability. Out: a [`program::Program`]: one
//! graph per phase, with the batch axis explicit. Knows no devices and no files.

mod derivative;
mod lower;
mod noise;
mod part;
pub mod program;
mod scan;
mod steps;

pub use crate::objective::Facts;
pub use part::{Part, Wanted, mixes, part};

use crate::base::{Budget, Over};
use crate::graph::{Graph, Named, Ty};
use crate::model::ir::StateId;
use crate::model::ir::pure::Pure;
use lower::Lower;
use program::{Program, Slot};

/// Translates a whole model. Derivatives are `vjp` nodes of the graphs.
///
/// # Panics
/// If the graphs are larger than the budget allows; [`translate_within`] says so instead.
pub fn translate(model: &Pure, facts: &Facts) -> Program {
    match translate_within(model, facts, &mut Budget::default()) {
        Ok(program) => program,
        Err(over) => panic!("{}", over.limit().said),
    }
}

/// The same within a budget.
///
/// # Errors
/// The limit that was passed.
pub fn translate_within(model: &Pure, facts: &Facts, budget: &mut Budget) -> Result<Program, Over> {
    let init = init(model, budget);
    let mut phases = Vec::new();
    for phase in &model.phases {
        phases.push(steps::phase(model, facts, phase, budget));
        fine(budget)?;
    }
    let mut encoders = Vec::new();
    let rows = model.encode_rows;
    for code in model.codes.iter().filter(|code| code.rows.is_none_or(|n| n == rows)) {
        encoders.push(steps::encoder(model, facts, code, (rows, budget)));
        fine(budget)?;
    }
    fine(budget)?;
    Ok(Program { name: model.name.clone(), slots: slots(model), init, phases, encoders })
}

fn fine(budget: &Budget) -> Result<(), Over> {
    budget.over().map_or(Ok(()), |over| Err(over.clone()))
}

/// Every weight and state, in order of their path.
fn slots(model: &Pure) -> Vec<Slot> {
    let slot = |path: &str, ty: &crate::model::ir::Type, is_param| Slot {
        path: path.into(),
        ty: Ty::new(ty.dtype, ty.shape.clone()),
        is_param,
        is_moment: false,
        support: ty.support,
    };
    let mut list: Vec<Slot> = model.params.iter().map(|p| slot(&p.path, &p.ty, true)).collect();
    let moments = model.moments();
    let states = model.states.iter().zip(0..);
    list.extend(states.map(|(s, at)| Slot {
        is_moment: moments.contains(&StateId(at)),
        ..slot(&s.path, &s.ty, false)
    }));
    list.sort_by(|a, b| a.path.cmp(&b.path));
    list
}

/// Initial values of all slots, from the seed.
fn init(model: &Pure, budget: &mut Budget) -> Graph {
    let mut low = Lower::new(model, 0);
    low.budget = std::mem::take(budget);
    low.fixed_step = true;
    for p in &model.params {
        low.place = p.span;
        let value = low.lower(p.init);
        low.g().output(Named::Param(&p.path).to_string(), value.node);
    }
    for s in &model.states {
        low.place = s.span;
        let value = low.lower(s.init);
        low.g().output(Named::State(&s.path).to_string(), value.node);
    }
    *budget = std::mem::take(&mut low.budget);
    std::mem::take(low.g())
}
