//! What the compiler says of a text. In: a path and the texts that are open. Out: trees, index, derivation and
//! messages, kept together for whoever is asked about a place. Made in one go by the stages of the
//! compiler, off the loop that answers.

use crate::base::{Diagnostic, FileId, SourceMap, Span};
use crate::driver::{self, Counted, Reading, Texts};
use crate::model::ir::Model;
use crate::model::ir::index::Index;
use crate::model::library_tree;
use crate::objective::Explanation;
use crate::syntax::ast;
use crate::syntax::declared::{Declared, declared};
use std::path::{Path, PathBuf};

/// A text as the compiler saw it.
pub struct Analysis {
    /// The revision of the document.
    pub revision: u64,
    reading: Reading,
    entry: FileId,
}

impl Analysis {
    /// Reads a file.
    pub fn of(path: &Path, revision: u64, texts: &Texts, counted: &mut Counted) -> Analysis {
        let reading = driver::read(path, texts, counted);
        let entry = reading.trees.as_ref().map_or(FileId(0), |trees| trees.entry);
        Analysis { revision, reading, entry }
    }

    /// The file that was read.
    pub fn entry(&self) -> FileId {
        self.entry
    }

    /// Everything that is wrong.
    pub fn found(&self) -> &[Diagnostic] {
        &self.reading.log.found.list
    }

    /// Whether there is no mistake in it.
    pub fn is_whole(&self) -> bool {
        !self.reading.log.found.has_errors()
    }

    /// All texts.
    pub fn sources(&self) -> &SourceMap {
        &self.reading.log.sources
    }

    /// The typed model, as far as it goes.
    pub fn model(&self) -> &Model {
        &self.reading.model
    }

    /// Names and expressions by their places.
    pub fn index(&self) -> Option<&Index> {
        self.reading.model.index.as_ref()
    }

    /// What was derived.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.reading.explanation.as_ref()
    }

    /// The tree of a file, or of an item of the library.
    pub fn tree(&self, id: FileId) -> Option<&ast::File> {
        let own = || self.reading.trees.as_ref()?.files.trees.get(&id).map(|tree| &**tree);
        library_tree(id).or_else(own)
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        let whole = &self.sources().file(span.file).text;
        whole.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Whether a file belongs to the library.
    pub fn is_library(&self, id: FileId) -> bool {
        self.sources().is_prelude(id)
    }

    /// The path of a file that was read.
    pub fn path(&self, id: FileId) -> PathBuf {
        PathBuf::from(&self.sources().file(id).name)
    }

    /// The files that were read, the first among them.
    pub fn files(&self) -> impl Iterator<Item = (FileId, PathBuf)> + '_ {
        let ids = self.reading.trees.iter().flat_map(|trees| trees.files.trees.keys().copied());
        ids.map(|id| (id, self.path(id)))
    }

    /// Where the name at a byte of the file is declared.
    pub fn declaration(&self, at: u32) -> Option<Span> {
        let known = self.index().and_then(|index| index.declaration(self.entry, at));
        known.or_else(|| {
            let here = |one: &Declared| one.name.span.start <= at && at <= one.name.span.end;
            declared(self.tree(self.entry)?).into_iter().find(here).map(|one| one.name.span)
        })
    }

    /// What is declared at a place.
    pub fn declared(&self, name: Span) -> Option<Declared> {
        let all = declared(self.tree(name.file)?);
        all.into_iter().find(|one| one.name.span == name)
    }

    /// What the smallest expression around a byte of the file is.
    pub fn value(&self, at: u32) -> Option<(Span, &[String])> {
        self.index()?.value(self.entry, at)
    }

    /// What the expression at a place is, in every way that it was read.
    pub fn ways(&self, span: Span) -> Option<&[String]> {
        self.index()?.ways(Span { file: self.entry, ..span })
    }
}
