//! Objectives to graphs. In: a typed model without probability. Out: a [`program::Program`]: one
//! graph per phase, with the batch axis explicit. Knows no devices and no files.

pub mod program;

use crate::base::Diagnostics;
use crate::model::ir;
use program::{Meaning, Phase, Program};
use std::collections::BTreeMap;

/// What the objective stage knows about values and the graph cannot say.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Unit and bound of `track` and `report` figures, by phase and name. The goal of a train
    /// phase is called `loss`.
    pub meanings: BTreeMap<(String, String), Meaning>,
    /// Per bottleneck density: nats that pass it per example, a pure scalar in terms of data
    /// fields. Where it is missing, the rate is estimated with one draw.
    pub rates: BTreeMap<ir::PartId, ir::ExprId>,
}

/// Translates a whole model. The roots of its phases hold only pure expressions, except that a
/// report may be a `Metric`.
pub fn translate(model: &ir::Model, facts: &Facts) -> (Program, Diagnostics) {
    let phases =
        (0..model.phases.len()).map(|i| translate_phase(model, facts, i, model.phases[i].batch));
    let program = Program {
        name: model.name.clone(),
        slots: Vec::new(),
        init: Default::default(),
        phases: phases.collect(),
        encoders: Vec::new(),
    };
    (program, Diagnostics::default())
}

/// Translates one phase for another number of rows: the last short batch of a split.
pub fn translate_phase(_model: &ir::Model, _facts: &Facts, _phase: usize, _batch: usize) -> Phase {
    unreachable!("being written")
}
