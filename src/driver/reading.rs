//! A file as somebody reads it who is still writing it. In: its path, and texts that stand for files. Out: as
//! much of its trees, its index and its derivation as can be had, and what is wrong with it: the messages
//! of `rlc check --fast`. Made for editors: a mistake ends nothing but what it stands in.

use super::files::{Texts, Trees, load_open};
use super::log::Log;
use super::{Asked, rows};
use crate::base::{Diagnostics, FileId};
use crate::model::{self, RowCounts, Settings, ir};
use crate::objective::{self, Explanation};
use crate::runtime::data::args::describe;
use crate::runtime::session::check_calls;
use std::collections::BTreeMap;
use std::path::Path;

/// What can be read of a file.
pub struct Reading {
    /// The file and those that it uses; what does not parse is not in the trees. None if the file cannot
    /// be read at all.
    pub trees: Option<Trees>,
    /// The typed model with its index, as far as it goes.
    pub model: ir::Model,
    /// What was derived, if nothing is wrong.
    pub explanation: Option<Explanation>,
    /// All texts, and what was found.
    pub log: Log,
}

/// Numbers of rows of data that constants hold, so that data is not read after every change of a text.
#[derive(Default)]
pub struct Counted {
    known: BTreeMap<String, BTreeMap<String, RowCounts>>,
}

impl Counted {
    /// Forgets all: data may have changed.
    pub fn clear(&mut self) {
        self.known.clear();
    }
}

/// Reads a file.
pub fn read(path: &Path, texts: &Texts, counted: &mut Counted) -> Reading {
    let mut log = Log::default();
    let trees = load_open(path, texts, &mut log).ok();
    model::add_prelude(&mut log.sources);
    let mut reading = Reading { trees, model: ir::Model::default(), explanation: None, log };
    let Some(trees) = &reading.trees else { return reading };
    let broken = reading.log.found.has_errors();
    let (model, found) = elaborated(trees, counted, &mut reading.log);
    // Of a file that does not parse some names are missing: what is said about them is no mistake.
    if !broken {
        reading.log.found.extend(found);
    }
    if !reading.log.found.has_errors() {
        match objective::derive(model.clone()) {
            Ok(derived) => reading.explanation = Some(derived.explanation),
            Err(over) => reading.log.found.push(over.diagnostic(|span| span)),
        }
    }
    reading.model = model;
    reading
}

/// The model with its index, and what is said about it.
fn elaborated(trees: &Trees, counted: &mut Counted, log: &mut Log) -> (ir::Model, Diagnostics) {
    let mut settings = Settings { index: true, ..Settings::default() };
    let once = |settings: &Settings, log: &Log| {
        model::elaborate(trees.entry, &trees.files, &log.sources, settings)
    };
    let (mut model, mut found) = once(&settings, log);
    if !model.unknown.is_empty() {
        settings.tables = counted.rows(&model, trees.entry, log);
        (model, found) = once(&settings, log);
        if settings.tables.is_empty() {
            // The log says why the data cannot be read; what follows from that is no mistake.
            return (model, Diagnostics::default());
        }
    }
    found.extend(check_calls(&model.data, &BTreeMap::new()));
    (model, found)
}

impl Counted {
    /// The numbers of rows that a model needs; none where data cannot be read, which the log says.
    fn rows(
        &mut self,
        model: &ir::Model,
        entry: FileId,
        log: &mut Log,
    ) -> BTreeMap<String, RowCounts> {
        let key = key(model, &log.sources.file(entry).name);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let Ok(counts) = rows(model, entry, &Asked::default(), log) else {
            return BTreeMap::new();
        };
        self.known.insert(key, counts.clone());
        counts
    }
}

/// What the numbers of rows follow from, but for the files of data themselves.
fn key(model: &ir::Model, file: &str) -> String {
    let data = model.data.iter().map(|data| {
        let fields = data.fields.iter().map(|id| &model.fields[id.0 as usize]);
        let fields: Vec<String> =
            fields.map(|f| format!("{}: {}", f.name, model::show_type(&f.ty))).collect();
        let source = data.source.as_ref().map_or(String::new(), describe);
        format!("{} from {source} {{ {} }}", data.name, fields.join(", "))
    });
    format!("{file}\n{}", data.collect::<Vec<_>>().join("\n"))
}
