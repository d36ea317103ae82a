//! The typed model. In: syntax trees and settings. Out: [`ir::Model`] and every diagnostic that a
//! user can get about a model. Knows no devices and no files.

mod arith;
mod branch;
mod call;
mod codes_of;
mod copy;
mod density;
mod dist;
mod draws;
mod elab;
mod expr;
mod factors;
mod goal;
mod instance;
pub mod ir;
mod items;
pub mod leak;
mod lint;
mod mixing;
mod number;
mod phase;
pub mod prim;
mod probability;
mod prune;
mod query;
mod range;
mod scan;
pub mod settings;
mod slots;
mod types;
mod unmoved;
mod unread;
mod unused;
mod value;
pub mod walk;
mod writes;

pub use phase::FORMATS;
pub use settings::{Given, Settings};
pub use types::show as show_type;

use crate::base::text::as_name;
use crate::base::{Diagnostics, FileId, SourceMap};
use crate::syntax::{self, ast};
use elab::{Context, Elab};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The prelude: layers, activations, initializers, distributions, divergences, optimizers.
pub const PRELUDE: &[(&str, &str)] = &[
    ("functions.rl", include_str!("prelude/functions.rl")),
    ("layers.rl", include_str!("prelude/layers.rl")),
    ("distributions.rl", include_str!("prelude/distributions.rl")),
    ("optimizers.rl", include_str!("prelude/optimizers.rl")),
];

/// Files of one compilation.
#[derive(Default)]
pub struct Files {
    /// Trees by file.
    pub trees: BTreeMap<FileId, ast::File>,
    /// What `use "path"` in a file stands for.
    pub imports: HashMap<(FileId, String), FileId>,
}

/// Adds the prelude to the files of a compilation.
///
/// # Panics
/// If the prelude does not parse: it is part of the program.
pub fn add_prelude(files: &mut Files, sources: &mut SourceMap) {
    for (name, text) in PRELUDE {
        let id = sources.add(format!("<prelude>/{name}"), *text);
        let (tree, diagnostics) = syntax::parse(id, text);
        assert!(!diagnostics.has_errors(), "prelude {name}: {:?}", diagnostics.list);
        files.trees.insert(id, tree);
    }
}

/// Elaborates the entry file. `files` must hold the prelude ([`add_prelude`]).
pub fn elaborate(
    entry: FileId,
    files: &Files,
    sources: &SourceMap,
    settings: &Settings,
) -> (ir::Model, Diagnostics) {
    let trees = instance::Trees::new(&files.trees);
    let mut elab = Elab::new(entry, &trees, &files.imports, sources, settings);
    elab.run();
    (elab.m, elab.diags)
}

impl<'a> Elab<'a> {
    /// Nothing is read yet.
    fn new(
        entry: FileId,
        files: &'a instance::Trees<'a>,
        imports: &'a HashMap<(FileId, String), FileId>,
        sources: &'a SourceMap,
        settings: &'a Settings,
    ) -> Elab<'a> {
        let name = sources.file(entry).name.clone();
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(&name);
        let mut model = ir::Model::default();
        model.name = as_name(stem.strip_suffix(".rl").unwrap_or(stem));
        model.encode_rows = settings.encode_rows.unwrap_or(ir::ENCODE_ROWS);
        Elab {
            files,
            prefixes: HashMap::new(),
            reach: BTreeMap::new(),
            instances: HashMap::new(),
            copies: BTreeMap::new(),
            overrides: HashMap::new(),
            sources,
            settings,
            m: model,
            diags: Diagnostics::default(),
            globals: HashMap::new(),
            prelude: BTreeMap::new(),
            imports,
            entry,
            memo: HashMap::new(),
            busy: Vec::new(),
            failed: elab::Failed::default(),
            ctx: Context::default(),
            calls: Vec::new(),
            owner: elab::nobody(),
            noise: Vec::new(),
            fields_visible: false,
            lets: HashMap::new(),
            declared: HashMap::new(),
            numbers: number::Numbers::default(),
            outside: None,
            whole: false,
            params: HashMap::new(),
            states: HashMap::new(),
            used: BTreeSet::new(),
            parts: HashMap::new(),
            asked: elab::Asked::default(),
            waits: false,
            may_wait: false,
            rows_of: HashMap::new(),
            trains: HashMap::new(),
            site: String::new(),
            density: String::new(),
            drawn: HashMap::new(),
            around: ir::Around::default(),
            depth: 0,
            pruned: BTreeSet::new(),
            writers: HashMap::new(),
            next_call: 0,
            wrote: Vec::new(),
        }
    }

    /// Finds every name of every file, the parts and the data.
    fn prepare(&mut self) -> elab::Res<()> {
        self.globals.entry(self.entry).or_default();
        self.collect()?;
        if self.faults_of_trees() {
            return Err(elab::Stop);
        }
        self.name_files();
        let divergences = items::divergences(self.files.iter());
        self.prelude.insert("KL".into(), divergences);
        self.declare_parts();
        self.declare_data();
        Ok(())
    }

    fn run(&mut self) {
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
            self.lets = self.m.lets();
            self.find_codes();
            self.lint();
        }
        // What is tried may be over the budget, and is given up without a word elsewhere.
        if let Some(over) = self.m.budget.over() {
            let error = over.diagnostic(|span| span);
            if !self.diags.has_errors() {
                self.diags.push(error);
            }
        }
        self.m.spender = None;
    }

    fn unknown_settings(&mut self) {
        let known = items::setting_names(&self.files[&self.entry]);
        for (name, (_, origin)) in &self.settings.values {
            if !known.contains(&name.as_str()) {
                self.diags.push(settings::unknown(name, origin, &known));
            }
        }
    }
}
