//! What requests are answered from: the open documents, and the pages of the library as files.

use super::documents::Document;
use super::uris;
use crate::base::FileId;
use crate::driver::Texts;
use crate::model::library_page;
use crate::runtime::files;
use lsp_types::{TextEdit, Uri, WorkspaceEdit};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything that is known.
pub struct World {
    /// Open documents, by their URIs.
    pub documents: BTreeMap<String, Document>,
    /// The pages of the library.
    pub pages: Pages,
}

impl World {
    /// The texts that stand for files.
    pub fn texts(&self) -> Texts {
        self.documents.values().map(|doc| (doc.path.clone(), doc.text.clone())).collect()
    }

    /// The name of a file for the editor: its own, if it is open.
    pub fn uri_of(&self, path: &Path) -> Option<Uri> {
        let open = self.documents.values().find(|doc| doc.path == path);
        open.map_or_else(|| uris::uri(path), |doc| Some(doc.uri.clone()))
    }
}

/// Changes of files, for the editor.
#[allow(clippy::mutable_key_type, reason = "the protocol's type has such keys")]
pub fn changes(files: impl IntoIterator<Item = (Uri, Vec<TextEdit>)>) -> WorkspaceEdit {
    WorkspaceEdit { changes: Some(files.into_iter().collect()), ..Default::default() }
}

/// The pages of the library in a folder, where an editor can open them.
pub struct Pages {
    /// The folder; without one a page cannot be shown.
    pub folder: Option<PathBuf>,
}

impl Pages {
    /// The page of an item of the library. It is written if it is not there as it should be.
    pub fn uri(&self, id: FileId) -> Option<Uri> {
        let page = library_page(id);
        let name = page.name.rsplit('/').next()?;
        let path = self.folder.as_ref()?.join(name);
        let known = files::read(&path, page.text.len() as u64 + 1);
        if known.ok().as_deref() != Some(page.text.as_bytes()) {
            files::keep(&path, page.text.as_bytes()).ok()?;
        }
        uris::uri(&path)
    }

    /// Whether a file is such a page: it is not to be checked as a model.
    pub fn has(&self, path: &Path) -> bool {
        self.folder.as_ref().is_some_and(|folder| path.starts_with(folder))
    }
}
