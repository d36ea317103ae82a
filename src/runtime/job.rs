//! What a run needs to know beside the plans. In: a program and, per graph, which inputs its plan
//! still reads. Out: plain data that an artifact carries. Knows no plan format.

use super::data::FieldSpec;
use crate::graph::{Attrs, Graph, Named, Ty, op};
use crate::metrics;
use crate::model::ir::pure::Pure;
use crate::model::ir::{self, PhaseKind, Source, Static};
use crate::translate::program::{self, Emit, Feed, Figure, FigureKind, Meaning, Program, Slot};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// A compiled model without its plans. Plans are referred to by their number: 0 is the initializer,
/// then the phases in order, then the encoders, then
/// the rests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The model's name.
    pub name: String,
    /// SHA-256 of the sources and settings, in hex: what a checkpoint belongs to.
    pub source: String,
    /// Settings with their final values.
    pub settings: Vec<(String, Static)>,
    /// Data sets.
    pub data: Vec<DataSpec>,
    /// Weights and states.
    pub slots: Vec<Slot>,
    /// Inputs of the initializer that are not slots.
    pub init_inputs: Vec<String>,
    /// The phases in file order.
    pub phases: Vec<PhaseSpec>,
    /// One per part that has a code.
    pub encoders: Vec<PhaseSpec>,
    /// Phases once more, for the short last batch of their split, where outputs mix rows.
    #[serde(default)]
    pub rests: Vec<PhaseSpec>,
}

/// A declared data set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataSpec {
    /// Its name.
    pub name: String,
    /// The source that the file names.
    pub source: Option<Source>,
    /// Its fields.
    pub fields: Vec<FieldSpec>,
}

/// A phase without its graph.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhaseSpec {
    /// What the phase says before its statements.
    #[serde(flatten)]
    pub head: ir::Head,
    /// Number of its plan.
    pub plan: usize,
    /// Data inputs that the plan reads.
    pub feeds: Vec<Feed>,
    /// Minibatches consumed per step.
    pub batches_per_step: usize,
    /// Which of [`SCALARS`] the plan reads.
    pub scalars: Vec<String>,
    /// Tracked values; the first is the goal.
    pub tracks: Vec<(String, Meaning)>,
    /// Figures of an eval phase.
    pub figures: Vec<Figure>,
    /// Emits of a sample phase.
    pub emits: Vec<Emit>,
    /// Names of all outputs.
    pub outputs: Vec<String>,
    /// Whether any output of a row depends on other rows of the batch.
    #[serde(default)]
    pub mixes: bool,
}

/// Inputs that the run itself supplies.
pub const SCALARS: &[&str] = &[program::SEED, program::STEP, program::TOTAL];

/// Names of the inputs that a graph's outputs depend on.
pub fn inputs(graph: &Graph) -> Vec<String> {
    let mut live = vec![false; graph.len()];
    for (_, id) in &graph.outputs {
        live[id.0 as usize] = true;
    }
    let mut names = Vec::new();
    for id in graph.ids().rev().filter(|id| id.0 < graph.len() as u32) {
        if !live[id.0 as usize] {
            continue;
        }
        let node = graph.node(id);
        node.args.iter().for_each(|arg| live[arg.0 as usize] = true);
        if let (true, Attrs::Input { name, .. }) = (node.op == &op::control::INPUT, &node.attrs) {
            names.push(name.to_string());
        }
    }
    names.sort();
    names
}

impl Job {
    /// The job of a program whose graphs are final: initializer, phases, encoders.
    pub fn new(model: &Pure, program: &Program, source: String) -> Job {
        let mut plan = 0;
        let mut specs = |phases: &[program::PhaseGraph]| -> Vec<PhaseSpec> {
            let number = |phase| {
                plan += 1;
                PhaseSpec::new(phase, plan)
            };
            phases.iter().map(number).collect()
        };
        let phases = specs(&program.phases);
        let encoders = specs(&program.encoders);
        let settings = model.settings.iter().map(|s| (s.name.clone(), s.value.clone())).collect();
        let init_inputs = inputs(&program.init);
        Job {
            name: program.name.clone(),
            source,
            settings,
            data: model.data.iter().map(|data| DataSpec::new(&model.fields, data)).collect(),
            slots: program.slots.clone(),
            init_inputs: init_inputs.into_iter().filter(|n| is_scalar(n)).collect(),
            phases,
            encoders,
            rests: Vec::new(),
        }
    }

    /// Number of plans.
    pub fn plans(&self) -> usize {
        1 + self.specs().count()
    }

    /// Everything that has a plan, in the order of the plans after the initializer.
    pub fn specs(&self) -> impl Iterator<Item = &PhaseSpec> {
        self.phases.iter().chain(&self.encoders).chain(&self.rests)
    }

    /// Whether a weight or a state has this path.
    pub fn has_slot(&self, path: &str) -> bool {
        self.slots.iter().any(|slot| slot.path == path)
    }

    /// Adds a phase for batches of another size. Its plan is the last.
    pub fn add_rest(&mut self, phase: &program::PhaseGraph) {
        let plan = self.plans();
        self.rests.push(PhaseSpec::new(phase, plan));
    }

    /// The program of a phase for this many rows.
    pub fn rest(&self, phase: &PhaseSpec, rows: usize) -> Option<&PhaseSpec> {
        // A phase and a code may have one name; what they give tells them apart.
        let same = |rest: &&PhaseSpec| rest.name == phase.name && rest.outputs == phase.outputs;
        self.rests.iter().filter(same).find(|rest| rest.batch == rows)
    }

    /// The phase that computes the figure by which a train phase stops.
    pub fn watch(&self, train: &PhaseSpec) -> Option<(usize, &PhaseSpec)> {
        let name = ir::watch_of(&train.name);
        train.until.zip(self.phases.iter().find(|phase| phase.name == name))
    }

    /// The declared data set of this name.
    pub fn data(&self, name: &str) -> Option<&DataSpec> {
        self.data.iter().find(|data| data.name == name)
    }
}

/// Whether the run itself supplies an input of this name.
pub fn is_scalar(name: &str) -> bool {
    SCALARS.contains(&name)
}

impl DataSpec {
    /// A data set of a model with these fields.
    pub fn new(fields: &[ir::Field], data: &ir::Data) -> DataSpec {
        let field = |id: &ir::FieldId| {
            let field = &fields[id.0 as usize];
            FieldSpec { name: field.name.clone(), ty: field.ty.clone() }
        };
        DataSpec {
            name: data.name.clone(),
            source: data.source.clone(),
            fields: data.fields.iter().map(field).collect(),
        }
    }
}

impl Deref for PhaseSpec {
    type Target = ir::Head;

    fn deref(&self) -> &ir::Head {
        &self.head
    }
}

impl PhaseSpec {
    fn new(phase: &program::PhaseGraph, plan: usize) -> PhaseSpec {
        let live = inputs(&phase.graph);
        PhaseSpec {
            head: phase.head.clone(),
            plan,
            feeds: phase.feeds.iter().filter(|f| live.contains(&f.input)).cloned().collect(),
            batches_per_step: phase.batches_per_step.max(1),
            scalars: live.iter().filter(|name| is_scalar(name)).cloned().collect(),
            tracks: phase.tracks.clone(),
            figures: phase.figures.clone(),
            emits: phase.emits.clone(),
            outputs: phase.graph.outputs.iter().map(|(name, _)| name.clone()).collect(),
            mixes: phase.mixes,
        }
    }

    /// Whether a data set must be read: for its values, or for how many rows there are.
    pub fn needs(&self, data: &str) -> bool {
        let counted = match self.kind {
            PhaseKind::Train => self.steps.is_none(),
            PhaseKind::Eval => true,
            PhaseKind::Sample => false,
        };
        let named = self.on.as_ref().is_some_and(|(name, _)| name == data);
        (counted && named) || self.feeds.iter().any(|feed| feed.data == data)
    }

    /// Whether it writes texts with the words of a data set.
    pub fn spells(&self, data: &str) -> bool {
        self.emits.iter().filter_map(|emit| emit.of.as_ref()).any(|(name, _)| name == data)
    }

    /// Whether it reads rows of minibatches.
    pub fn reads_rows(&self) -> bool {
        self.feeds.iter().any(|feed| feed.all.is_none())
    }

    /// Whether it has a metric that is fitted to the training split first.
    pub fn learns(&self) -> bool {
        self.figures.iter().any(|figure| figure.learns())
    }

    /// Names of the outputs that a run reads.
    pub fn reads(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.tracks.iter().map(|(name, _)| Named::Track(name).to_string()).collect();
        names.extend(self.emits.iter().map(|emit| Named::Emit(&emit.name).to_string()));
        names.extend(self.outputs.iter().filter(|name| Named::code(name).is_some()).cloned());
        for figure in &self.figures {
            let name = &figure.name;
            match &figure.how {
                FigureKind::Mean => names.push(Named::Report(name).to_string()),
                FigureKind::Metric { args, .. } => {
                    names.extend((0..*args).map(|at| Named::Metric(name, at).to_string()));
                }
                FigureKind::Bottleneck { part, has_rate, .. } => {
                    names.push(Named::Code(part).to_string());
                    names.extend(has_rate.then(|| Named::Rate(part).to_string()));
                }
            }
        }
        names
    }
}

impl Figure {
    /// Whether it is a metric that is fitted to the training split first.
    pub fn learns(&self) -> bool {
        match &self.how {
            FigureKind::Metric { metric, .. } => metrics::find(metric).is_some_and(|m| m.learns),
            _ => false,
        }
    }
}

/// Zeros of a type.
pub fn zeros(ty: &Ty) -> crate::backend::Tensor {
    use crate::backend::Tensor;
    match ty.dtype {
        crate::graph::DType::I32 => Tensor::i32(ty.shape.clone(), vec![0; ty.len()]),
        _ => Tensor::f32(ty.shape.clone(), vec![0.0; ty.len()]),
    }
}
