//! What a model becomes: graphs with named inputs and outputs, and the facts that the run needs to
//! feed them. Plain data.
//!
//! Input names: weights and states by their path (roles `Param`, `State`), data as `data.field`
//! (or `data.field#r` for repetition r > 0 of a `repeat`; `data.field#all` for all its rows), and what
//! the run itself supplies: [`SEED`], [`STEP`] (`i32[]`), [`TOTAL`] (`f32[]`: number of steps of the
//! phase, for schedules). No name of a file has their parentheses.
//! Output names: `param:PATH` and `state:PATH` for new values, `track:NAME`, `report:NAME`,
//! `metric:NAME:I` (argument I), `emit:NAME`, `code:PART`.

use crate::graph::{Graph, Ty};
use crate::model::ir;
pub use crate::objective::Meaning;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// The input that holds the seed of the run.
pub const SEED: &str = "seed()";
/// The input that holds the number of finished steps.
pub const STEP: &str = "step()";
/// The input that holds the number of steps of the phase.
pub const TOTAL: &str = "total()";

/// A slot that lives across steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Its path.
    pub path: String,
    /// Its type.
    pub ty: Ty,
    /// Whether it is a weight (else state).
    pub is_param: bool,
    /// Whether it is a state that an optimizer keeps of a weight.
    #[serde(default)]
    pub is_moment: bool,
    /// The values that it may hold.
    #[serde(default = "any")]
    pub support: ir::Support,
}

fn any() -> ir::Support {
    ir::Support::Real
}

/// A data field that a graph reads, for instance `mnist.x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feed {
    /// The input's name.
    pub input: String,
    /// The data set.
    pub data: String,
    /// The field.
    pub field: String,
    /// Which minibatch of the step (0 unless inside `repeat`).
    pub repetition: usize,
    /// The number of rows, if it is all rows of the data set instead of a minibatch.
    #[serde(default)]
    pub all: Option<usize>,
    /// The split, if it is all rows of one.
    #[serde(default)]
    pub split: Option<String>,
}

impl Feed {
    /// A field of a minibatch.
    pub fn batch(data: &str, field: &str, repetition: usize) -> Feed {
        let input = match repetition {
            0 => format!("{data}.{field}"),
            r => format!("{data}.{field}#{r}"),
        };
        let (data, field) = (data.into(), field.into());
        Feed { input, data, field, repetition, all: None, split: None }
    }

    /// All rows of a field, or those of a split.
    pub fn whole(data: &str, split: Option<&str>, field: &str, rows: usize) -> Feed {
        let input = match split {
            None => format!("{data}.{field}#all"),
            Some(split) => format!("{data}.{split}.{field}#all"),
        };
        let (data, field, split) = (data.into(), field.into(), split.map(String::from));
        Feed { input, data, field, repetition: 0, all: Some(rows), split }
    }

    /// The name of the input that it should have.
    pub fn input(&self) -> String {
        match self.all {
            Some(rows) => Feed::whole(&self.data, self.split.as_deref(), &self.field, rows).input,
            None => Feed::batch(&self.data, &self.field, self.repetition).input,
        }
    }
}

/// One reported figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub how: FigureKind,
    /// Unit and direction.
    pub meaning: Meaning,
    /// Whether a row's value depends on other rows: `batch(x)`, `batch_mean(x)`.
    #[serde(default)]
    pub mixes: bool,
}

/// How a figure is computed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FigureKind {
    /// The mean of the rows of output `report:NAME` (`f32[B]`), or of its batches if it is a scalar.
    Mean,
    /// A host metric of outputs `metric:NAME:0..args` (`[B, ...]`) collected over the split, and
    /// over the training split first if the metric learns.
    Metric {
        /// Row of the metric table.
        metric: String,
        /// Number of arguments.
        args: usize,
        /// Values of the row's settings.
        settings: Vec<f64>,
    },
    /// What passes a bottleneck, from outputs `code:PART` (`f32[B, ...]`) and `rate:PART` (`f32[B]`,
    /// nats, present for densities with a prior).
    Bottleneck {
        /// The part.
        part: String,
        /// Its width.
        width: usize,
        /// Whether `rate:PART` is there.
        has_rate: bool,
        /// Number of different indices, if the code consists of indices.
        codes: Option<usize>,
    },
}

/// Something emitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Emit {
    /// Output `emit:NAME`, `[B, ...]`.
    pub name: String,
    /// `image`, `text`, `table`, `npz`, `points`, `sound`.
    pub format: String,
    /// Range of values if known (for images, and for levels of sound).
    pub range: Option<(f64, f64)>,
    /// What indices stand for in a text; empty: character codes, or numbers.
    #[serde(default)]
    pub words: Vec<String>,
    /// What stands between two words.
    #[serde(default)]
    pub between: String,
    /// The field of a data set whose words indices stand for: its data set and its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<(String, String)>,
}

/// A phase, compiled.
#[derive(Clone, Debug)]
pub struct PhaseGraph {
    /// What the phase says before its statements.
    pub head: ir::Head,
    /// The graph, derivatives already expanded or not as the stage says.
    pub graph: Graph,
    /// Data inputs.
    pub feeds: Vec<Feed>,
    /// Minibatches consumed per step (1 without `repeat`).
    pub batches_per_step: usize,
    /// Names of `track:` outputs with their meaning, in order; the first `loss` is the goal.
    pub tracks: Vec<(String, Meaning)>,
    /// Figures of an eval phase.
    pub figures: Vec<Figure>,
    /// Emits of a sample phase.
    pub emits: Vec<Emit>,
    /// Whether any output of a row depends on other rows.
    pub mixes: bool,
}

impl PhaseGraph {
    /// A phase of which there is nothing yet.
    pub fn new(head: ir::Head) -> PhaseGraph {
        PhaseGraph {
            head,
            graph: Graph::default(),
            feeds: Vec::new(),
            batches_per_step: 1,
            tracks: Vec::new(),
            figures: Vec::new(),
            emits: Vec::new(),
            mixes: false,
        }
    }
}

impl Deref for PhaseGraph {
    type Target = ir::Head;

    fn deref(&self) -> &ir::Head {
        &self.head
    }
}

/// The whole model as graphs.
#[derive(Clone, Debug)]
pub struct Program {
    /// The model's name.
    pub name: String,
    /// Every weight and state, in order of their path.
    pub slots: Vec<Slot>,
    /// Outputs `param:PATH`, `state:PATH` from input `seed`.
    pub init: Graph,
    /// The phases in file order.
    pub phases: Vec<PhaseGraph>,
    /// For `rlc encode`: one graph per role function or density, batch of `encode_batch` rows:
    /// output `code:PART`.
    pub encoders: Vec<PhaseGraph>,
}
