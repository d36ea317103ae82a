//! Reading a model and the files it uses. In: a path, or texts at hand. Out: syntax trees by file id.

use super::log::{Log, Stopped};
use crate::base::{Code, Diagnostic, FileId, Span, budget, codes};
use crate::model::Files;
use crate::runtime::{artifact, files};
use crate::syntax::{self, ast};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Files may use files this many levels deep.
const MOST_LEVELS: usize = budget::FILES_DEEP.most;

/// The trees of a model.
pub struct Trees {
    /// The file named on the command line.
    pub entry: FileId,
    /// Every file by id, and what each `use` stands for.
    pub files: Files,
}

/// Texts that stand for files, by their paths: what is open in an editor and not saved.
pub type Texts = BTreeMap<PathBuf, Arc<str>>;

/// Reads and parses a file and everything it uses; shared files once.
pub fn load(path: &Path, log: &mut Log) -> Result<Trees, Stopped> {
    Loader::new(log, &Texts::new(), false).trees(path)
}

/// The same for a reader, who sees what can be read: a text may stand for a file, and a tree lacks the
/// items that do not parse. What is wrong with them is in the log.
pub fn load_open(path: &Path, texts: &Texts, log: &mut Log) -> Result<Trees, Stopped> {
    Loader::new(log, texts, true).trees(path)
}

impl Trees {
    /// Parses a text that is at hand, with those that it uses: `(name, text)`, by the names that its
    /// `use` items say.
    pub fn of(
        name: &str,
        text: &str,
        used: &[(&str, &str)],
        log: &mut Log,
    ) -> Result<Trees, Stopped> {
        let mut files = Files::default();
        let mut add = |name: &str, text: &str| {
            let id = log.sources.add(name, text);
            let (tree, found) = syntax::parse(id, text);
            files.trees.insert(id, Arc::new(tree));
            log.take(found).map(|()| id)
        };
        let entry = add(name, text)?;
        for (name, text) in used {
            let id = add(name, text)?;
            files.imports.insert((entry, (*name).into()), id);
        }
        Ok(Trees { entry, files })
    }
}

struct Loader<'a> {
    log: &'a mut Log,
    texts: &'a Texts,
    /// Whether a file with mistakes is taken as far as it goes.
    lenient: bool,
    files: Files,
    known: BTreeMap<PathBuf, FileId>,
    /// Bytes of all files so far.
    bytes: usize,
}

impl<'a> Loader<'a> {
    fn new(log: &'a mut Log, texts: &'a Texts, lenient: bool) -> Loader<'a> {
        let (files, known) = (Files::default(), BTreeMap::new());
        Loader { log, texts, lenient, files, known, bytes: 0 }
    }

    fn trees(mut self, path: &Path) -> Result<Trees, Stopped> {
        let entry = self.file(path, None, &mut Vec::new())?;
        Ok(Trees { entry, files: self.files })
    }

    /// The bytes of a file.
    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        match self.texts.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => files::read(path, syntax::MAX_BYTES as u64 + 1),
        }
    }

    /// `open` lists the files whose `use` led here, outermost first.
    fn file(
        &mut self,
        path: &Path,
        from: Option<Span>,
        open: &mut Vec<PathBuf>,
    ) -> Result<FileId, Stopped> {
        let wrong = |code: Code, text: String| {
            let error = Diagnostic::new(code, text);
            match from {
                Some(span) => error.at(span, ""),
                None => error,
            }
        };
        if open.iter().any(|p| p == path) {
            let text = format!("`{}` uses itself", path.display());
            let names: Vec<String> = open.iter().map(|p| p.display().to_string()).collect();
            return Err(self.log.fail(wrong(codes::RL0016, text).note(names.join(" -> "))));
        }
        if open.len() >= MOST_LEVELS {
            let text = format!("files use each other more than {MOST_LEVELS} levels deep");
            return Err(self.log.fail(wrong(codes::RL0016, text)));
        }
        if let Some(id) = self.known.get(path) {
            return Ok(*id);
        }
        let bytes = self.bytes(path).map_err(|why| self.log.fail(wrong(codes::RL4001, why)))?;
        let name = path.display().to_string();
        if artifact::is_artifact(&bytes) {
            let error =
                wrong(codes::RL0002, format!("`{name}` is an artifact, not a model's text"));
            let help =
                "`rlc run` runs it; the other commands read the `.rl` file that it was made of";
            return Err(self.log.fail(error.help(help)));
        }
        self.bytes += bytes.len();
        if self.bytes > budget::FILES_BYTES.most {
            return Err(self.log.fail(budget::FILES_BYTES.passed(codes::RL0007)));
        }
        let text = match syntax::decode(&bytes) {
            Ok(text) => text,
            Err(mut error) => {
                error.message = format!("`{name}`: {}", error.message);
                return Err(self.log.fail(error));
            }
        };
        let id = self.log.sources.add(name, text.as_str());
        self.known.insert(path.into(), id);
        let (tree, found) = syntax::parse(id, &text);
        // A tree that is over a limit is too large to be walked.
        let whole = found.list.iter().all(|d| ![codes::RL0006, codes::RL0007].contains(&d.code));
        match self.log.take(found) {
            Err(_) if self.lenient && whole => {}
            taken => taken?,
        }
        open.push(path.into());
        let uses: Vec<(String, Span)> = tree.items.iter().filter_map(used).collect();
        self.files.trees.insert(id, Arc::new(tree));
        for (used, span) in uses {
            let found = beside(path, &used)
                .map_err(|error| self.log.fail(error.at(span, "")))
                .and_then(|path| self.file(&path, Some(span), open));
            match found {
                Err(_) if self.lenient => {}
                found => drop(self.files.imports.insert((id, used), found?)),
            }
        }
        open.pop();
        Ok(id)
    }
}

fn used(item: &ast::Item) -> Option<(String, Span)> {
    match &item.kind {
        ast::ItemKind::Use { path, path_span, .. } => Some((path.clone(), *path_span)),
        _ => None,
    }
}

/// The place of a used file: beside or below the file that uses it.
fn beside(file: &Path, used: &str) -> Result<PathBuf, Diagnostic> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut path = folder.to_path_buf();
    let outside = || {
        let text = format!("`{}` is outside the folder of the file", used.escape_debug());
        Diagnostic::new(codes::RL0017, text).help("copy it beside the file that uses it")
    };
    for part in Path::new(used).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(outside()),
        }
    }
    // A link inside the folder may point out of it.
    let home = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (path.canonicalize(), home.canonicalize()) {
        (Ok(real), Ok(home)) if !real.starts_with(&home) => Err(outside()),
        _ => Ok(path),
    }
}
