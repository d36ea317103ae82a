//! Where buffers lie. In: offsets of slots and inputs. Out: a span of words for each buffer of a plan.

use crate::plan::{Buffer, BufferId, Elem, Place, Plan};
use std::collections::BTreeMap;

/// Memory that is bound as one storage buffer, or one per page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// Intermediate values of a graph, and scratch behind them.
    Arena,
    /// Weights and states, shared by all graphs.
    Slots,
    /// What a run is given.
    Inputs,
    /// Constants: quantiles of the normal distribution, and the numbers 0, 1, 2, ...
    Tables,
}

impl Region {
    /// Its name in a module.
    pub fn name(self) -> &'static str {
        match self {
            Region::Arena => "arena",
            Region::Slots => "slots",
            Region::Inputs => "inputs",
            Region::Tables => "tables",
        }
    }

    /// Whether kernels write it.
    pub fn is_written(self) -> bool {
        matches!(self, Region::Arena | Region::Slots)
    }
}

/// Words of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The region.
    pub region: Region,
    /// The first word.
    pub start: usize,
    /// How many.
    pub len: usize,
    /// How they are read.
    pub elem: Elem,
    /// A name for them, if they have one: letters, digits and `_`.
    pub name: String,
    /// Whether the place differs from one time step to the next.
    pub moves: bool,
}

/// The span of each buffer of a plan.
pub struct Places(pub Vec<Span>);

impl Places {
    /// The span of a buffer.
    pub fn of(&self, buffer: BufferId) -> &Span {
        &self.0[buffer]
    }
}

/// First words of slots and inputs by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Slots.
    pub slots: BTreeMap<String, usize>,
    /// Inputs.
    pub inputs: BTreeMap<String, usize>,
}

/// Buffers begin at multiples of this many words.
pub const LINE: usize = 16;

impl Layout {
    /// Slots and inputs of a plan one behind the other, by name.
    pub fn of(plan: &Plan) -> Layout {
        let mut layout = Layout::default();
        let mut sizes: (BTreeMap<&str, usize>, BTreeMap<&str, usize>) = Default::default();
        for buffer in &plan.buffers {
            match &buffer.place {
                Place::Slot(path) => sizes.0.insert(path, buffer.len()),
                Place::Input(name) => sizes.1.insert(name, buffer.len()),
                _ => None,
            };
        }
        layout.slots = stack(&sizes.0);
        layout.inputs = stack(&sizes.1);
        layout
    }

    /// The span of each buffer.
    pub fn places(&self, plan: &Plan) -> Places {
        Places(plan.buffers.iter().map(|buffer| self.span(buffer)).collect())
    }

    fn span(&self, buffer: &Buffer) -> Span {
        let (region, start, name) = match &buffer.place {
            Place::Arena(offset) => (Region::Arena, *offset, String::new()),
            Place::Slot(path) => (Region::Slots, self.slots[path], ident(path)),
            Place::Input(name) => (Region::Inputs, self.inputs[name], ident(name)),
            Place::Result(_) => unreachable!("a result outside a loop"),
        };
        Span { region, start, len: buffer.len(), elem: buffer.elem, name, moves: false }
    }
}

fn stack(sizes: &BTreeMap<&str, usize>) -> BTreeMap<String, usize> {
    let mut end = 0;
    let place = |(name, len): (&&str, &usize)| {
        let start = end;
        end += len.next_multiple_of(LINE);
        (name.to_string(), start)
    };
    sizes.iter().map(place).collect()
}

/// Longest name.
const LONGEST: usize = 32;

/// The letters and digits of a name; `_` for everything else.
fn ident(name: &str) -> String {
    let kept = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let all: String = kept.collect();
    // The end says more than the beginning, which many paths share.
    let from = all.len().saturating_sub(LONGEST);
    all[from..].trim_matches('_').to_lowercase()
}
