//! The elaborator: an abstract interpreter of syntax trees. In: trees and settings. Out: the typed
//! model. Functions and nets are inlined, dims become integers, weights get stable paths. Every
//! mistake becomes a diagnostic; the item it stands in is given up and the next one read.

pub mod bijection;
mod build;
pub mod builtin;
pub mod causal;
pub mod density;
mod ending;
pub mod energy;
pub mod expr;
pub mod items;
mod known;
mod moves;
pub mod names;
pub mod phase;
pub mod report;
pub mod scope;
mod seen;
pub mod target;
mod unread;
pub mod value;
pub mod weights;

use crate::base::text::as_name;
use crate::base::{Diagnostics, FileId, Span};
use crate::model::ir::{self, Declaration, Declared, ExprId, Model};
use crate::model::settings;
use crate::syntax::ast::ItemKind;
use names::{Input, Names};
use scope::{Asked, Context, Scope};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use value::Value;
use weights::number::Numbers;

/// An error was reported; the item is given up.
#[derive(Debug)]
pub struct Stop;
pub type Res<T> = Result<T, Stop>;

/// The state of an elaboration.
pub struct Elab<'a> {
    /// What is looked up.
    pub names: Names<'a>,
    /// What is made: the model, and how its parts came about.
    pub m: Model,
    pub made: Made,
    pub diags: Diagnostics,
    /// What holds at the place that is read.
    pub here: Scope<'a>,
    /// What is read tells this of itself.
    pub told: Told,
}

/// How the parts of the model came about.
#[derive(Default)]
pub struct Made {
    pub params: HashMap<String, ir::ParamId>,
    pub states: HashMap<String, ir::StateId>,
    /// Where the slot of a path is declared.
    pub declared: HashMap<String, Span>,
    /// Numbers of layers, instances and copies.
    pub numbers: Numbers,
    /// What each owner of weights uses: nets, densities and weights by their paths.
    pub reach: BTreeMap<String, BTreeSet<String>>,
    /// Part of each role or net, by file, name and role.
    pub parts: HashMap<(FileId, String, ir::Role), ir::PartId>,
    /// Calls of nets whose result depends on the number of rows, with that number.
    pub rows_of: HashMap<ExprId, usize>,
    /// Calls of nets that ask whether this is training, and whether all such calls were in training.
    pub trains: HashMap<ExprId, bool>,
    /// How often each name was drawn from. A graph is made in one context, so that names with these
    /// numbers are unique in it.
    pub drawn: HashMap<(Context, String), usize>,
    /// Bijections that were looked at: file, name, path.
    pub inverted: BTreeSet<(FileId, String, String)>,
    /// Bottlenecks that some phase prunes.
    pub pruned: BTreeSet<String>,
    /// Calls of layers that write states, by what they write and give; equal ones have one number.
    pub writers: HashMap<(ir::StateId, ExprId, ExprId), u32>,
    /// The number of the next call of a layer that writes a state.
    pub next_call: u32,
    /// Which places of the dims of values count, where sequences end.
    pub places: HashMap<ExprId, ending::Places>,
}

/// What an expression tells of itself while it is read, beside its value.
#[derive(Default)]
pub struct Told {
    /// What was asked of the context since this was cleared.
    pub asked: Asked,
    /// Whether the number of rows was asked outside of phases, where a later look will know it.
    pub waits: bool,
    /// Numbers of the calls that write states which the current statement makes, in order.
    pub wrote: Vec<u32>,
}

impl<'a> Elab<'a> {
    /// Nothing is read yet.
    pub fn new(input: Input<'a>) -> Elab<'a> {
        let Input { entry, sources, settings, .. } = input;
        let name = sources.file(entry).name.clone();
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(&name);
        let mut model = ir::Model::default();
        model.name = as_name(stem.strip_suffix(".rl").unwrap_or(stem));
        model.encode_rows = settings.encode_rows.unwrap_or(ir::ENCODE_ROWS);
        model.index = settings.index.then(ir::index::Index::default);
        Elab {
            names: Names::new(input),
            m: model,
            made: Made::default(),
            diags: Diagnostics::default(),
            here: Scope::default(),
            told: Told::default(),
        }
    }

    /// Finds every name of every file, the parts and the data.
    fn prepare(&mut self) -> Res<()> {
        self.names.globals.entry(self.names.entry).or_default();
        self.collect()?;
        if self.faults_of_trees() {
            return Err(Stop);
        }
        self.name_files();
        self.names.divergences = items::divergences(self.names.files.iter());
        self.declare_parts();
        self.declare_data();
        Ok(())
    }

    /// Reads everything.
    pub fn run(&mut self) {
        if self.prepare().is_err() {
            return;
        }
        self.families_of_divergences();
        self.unknown_settings();
        self.find_prunes();
        self.all_items();
        if !self.diags.has_errors() && self.m.budget.over().is_none() {
            self.unread();
        }
        if !self.diags.has_errors() {
            self.find_codes();
            if self.names.settings.exports {
                self.find_exports();
            }
            self.note_conditionals();
        }
        self.unreached();
    }

    /// What became of the declarations of the entry file.
    pub fn declarations(&self) -> Declared {
        let entry = self.names.entry;
        let mut declared = Declared::default();
        for (name, global) in &self.names.globals[&entry] {
            let named = self.names.used.contains(&(entry, name.clone()));
            let (name, span) = (name.clone(), global.span);
            match global.item.kind {
                ItemKind::Loss { .. } => {
                    let values = self.names.memo.get(&(entry, name.clone())).into_iter().flatten();
                    let of = values.filter_map(|known| match known.value {
                        Value::Tensor(id) => Some(id),
                        _ => None,
                    });
                    let of = of.collect();
                    declared.losses.push(Declaration { name, span, named, of });
                }
                ItemKind::Param(_) => {
                    let of = self.made.params.get(&name).copied().into_iter().collect();
                    declared.weights.push(Declaration { name, span, named, of });
                }
                _ => {}
            }
        }
        declared
    }

    /// The model and everything that is said about it.
    pub fn done(mut self) -> (Model, Diagnostics) {
        // What is tried may be over the budget, and is given up without a word elsewhere.
        if let Some(over) = self.m.budget.over() {
            let error = over.diagnostic(|span| span);
            if !self.diags.has_errors() {
                self.diags.push(error);
            }
        }
        self.m.spender = None;
        (self.m, self.diags)
    }

    fn unknown_settings(&mut self) {
        let known = items::setting_names(&self.names.files[&self.names.entry]);
        for (name, (_, origin)) in &self.names.settings.values {
            if !known.contains(&name.as_str()) {
                self.diags.push(settings::unknown(name, origin, &known));
            }
        }
    }
}
