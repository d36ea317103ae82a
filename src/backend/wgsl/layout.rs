//! Where buffers lie. In: offsets of slots and inputs. Out: a span of words for each buffer of a plan.

use super::half::{Split, split};
use crate::plan::{Buffer, BufferId, Elem, Place, Plan};
use std::collections::BTreeMap;

/// Memory that is bound as one storage buffer, or one per page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// Intermediate values of a graph, and scratch behind them.
    Arena,
    /// Intermediate values in 16 bits. Its words are elements.
    Halves,
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
            Region::Halves => "halves",
            Region::Slots => "slots",
            Region::Inputs => "inputs",
            Region::Tables => "tables",
        }
    }

    /// Whether kernels write it.
    pub fn is_written(self) -> bool {
        matches!(self, Region::Arena | Region::Halves | Region::Slots)
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

impl Span {
    /// Words of scratch behind the arena.
    pub fn scratch(start: usize, len: usize) -> Span {
        let (region, elem) = (Region::Arena, Elem::F32);
        Span { region, start, len, elem, name: String::new(), moves: false }
    }
}

/// The span of each buffer of a plan.
pub struct Places(pub Vec<Span>);

impl Places {
    /// The span of a buffer.
    pub fn of(&self, buffer: BufferId) -> &Span {
        &self.0[buffer]
    }
}

/// Where everything lies that is not a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Regions and first words of the buffers in the arena, by buffer.
    values: Vec<Option<(Region, usize)>>,
    /// Words of the arena, before scratch.
    pub arena: usize,
    /// Values in 16 bits.
    pub halves: usize,
    /// First words of slots by name.
    pub slots: BTreeMap<String, usize>,
    /// First words of inputs by name.
    pub inputs: BTreeMap<String, usize>,
}

/// Buffers begin at multiples of this many words.
pub const LINE: usize = 16;

impl Layout {
    /// Slots and inputs of a plan one behind the other, by name; the arena as it is planned, or
    /// split, values of at least so many elements in 16 bits.
    pub fn of(plan: &Plan, half: Option<usize>) -> Layout {
        let mut layout = Layout { arena: plan.arena, ..Layout::default() };
        let planned = |buffer: &Buffer| match buffer.place {
            Place::Arena(offset) => Some((Region::Arena, offset)),
            _ => None,
        };
        layout.values = plan.buffers.iter().map(planned).collect();
        if let Some(least) = half {
            let Split { places, arena, halves } = split(plan, least);
            (layout.values, layout.arena, layout.halves) = (places, arena, halves);
        }
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
        let spans = plan.buffers.iter().enumerate().map(|(at, buffer)| self.span(at, buffer));
        Places(spans.collect())
    }

    /// The region and the first word of a buffer in the arena.
    pub fn value(&self, buffer: BufferId) -> (Region, usize) {
        // A buffer that no kernel uses has no place; nothing looks for it there.
        self.values[buffer].unwrap_or((Region::Arena, 0))
    }

    fn span(&self, at: BufferId, buffer: &Buffer) -> Span {
        let (region, start, name) = match &buffer.place {
            Place::Arena(_) => {
                let (region, start) = self.value(at);
                (region, start, String::new())
            }
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
