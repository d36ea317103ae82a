//! The typed model. In: syntax trees and settings. Out: [`ir::Model`] and every diagnostic that a
//! user can get about a model. Knows no devices and no files.

mod elaborate;
pub mod ir;
mod lint;
mod prelude;
pub mod prim;
pub mod settings;

pub use elaborate::expr::types::show as show_type;
pub use elaborate::phase::FORMATS;
pub use prelude::PRELUDE;
pub use settings::{Given, RowCounts, Settings};

use crate::base::{Diagnostics, FileId, Source, SourceMap};
use crate::syntax::ast;
use elaborate::Elab;
use elaborate::names::Input;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Files of one compilation.
#[derive(Default)]
pub struct Files {
    /// Trees by file.
    pub trees: BTreeMap<FileId, Arc<ast::File>>,
    /// What `use "path"` in a file stands for.
    pub imports: HashMap<(FileId, String), FileId>,
}

/// Adds the prelude to the texts of a compilation.
pub fn add_prelude(sources: &mut SourceMap) {
    sources.add_prelude(&prelude::LIBRARY);
}

/// The tree of an item of the library, which is a file of its own with the places of its page.
pub fn library_tree(id: FileId) -> Option<&'static ast::File> {
    prelude::tree(id)
}

/// The page that an item of the library stands on.
///
/// # Panics
/// If it is none: the ids are those that [`library`] gives.
pub fn library_page(id: FileId) -> &'static Source {
    let at = id.in_prelude().expect("an item of the library");
    &prelude::LIBRARY.pages[prelude::LIBRARY.page_of[at]]
}

/// What the library declares, by name; several distributions may share one.
pub fn library() -> impl Iterator<Item = (&'static str, FileId, &'static ast::Item)> {
    let of = |name| prelude::named(name).map(move |(id, item)| (name, id, item));
    prelude::names().flat_map(of)
}

/// Elaborates the entry file. `sources` must know the prelude ([`add_prelude`]).
pub fn elaborate(
    entry: FileId,
    files: &Files,
    sources: &SourceMap,
    settings: &Settings,
) -> (ir::Model, Diagnostics) {
    let trees = elaborate::weights::instance::Trees::new(&files.trees);
    let builtins = &prim::BUILTINS;
    let imports = &files.imports;
    let input = Input { entry, files: &trees, imports, sources, settings, builtins };
    let mut elab = Elab::new(input);
    elab.run();
    if !elab.diags.has_errors() {
        let declared = elab.declarations();
        lint::lint(&elab.m, &declared, &mut elab.diags);
    }
    elab.done()
}
