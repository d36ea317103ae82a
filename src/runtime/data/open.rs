//! Reading a data file whole. In: a path. Out: its bytes. Refuses what is not a regular file
//! before opening it, so that a pipe cannot block the program.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::memory;
use super::pieces::Stored;
use crate::base::{Code, Diagnostic, codes};
use crate::runtime::files;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// A data file larger than this is refused.
const MOST_BYTES: u64 = 1 << 34;

/// Where the paths of a source are looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// The folder that relative paths start at.
    pub folder: PathBuf,
    /// Whether a path may leave the folder: true for the command line, false for a `.rl` file.
    pub may_leave: bool,
}

impl Root {
    /// The place that `text` names, checked.
    pub fn resolve(&self, text: &str) -> Result<PathBuf, Diagnostic> {
        let path = Path::new(text);
        let leaves =
            path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
        if leaves && !self.may_leave {
            return Err(outside(text));
        }
        let full = self.folder.join(path);
        if self.may_leave {
            return Ok(full);
        }
        // A link inside the folder may point out of it, so the real places are compared.
        let (Ok(real), Ok(folder)) = (full.canonicalize(), real_folder(&self.folder)) else {
            return Ok(full);
        };
        if real.starts_with(folder) { Ok(full) } else { Err(outside(text)) }
    }
}

fn real_folder(folder: &Path) -> std::io::Result<PathBuf> {
    if folder.as_os_str().is_empty() {
        Path::new(".").canonicalize()
    } else {
        folder.canonicalize()
    }
}

fn outside(text: &str) -> Diagnostic {
    let text = format!("`{}` is outside the folder of the model file", text.escape_debug());
    Diagnostic::new(codes::RL2072, text).help(
        "put the data beside the model, or name the place on the command line: `--data NAME=...`",
    )
}

/// A regular file that is read bit by bit.
pub fn stored(path: &Path) -> Result<Stored, Diagnostic> {
    let len = regular(path)?;
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    files::is_read(path);
    Ok(Stored::new(file, len))
}

fn unread(path: &Path, error: &std::io::Error) -> Diagnostic {
    bad(codes::RL2073, format!("cannot read `{}`: {error}", path.display()))
}

/// The length of what is a regular file.
fn regular(path: &Path) -> Result<u64, Diagnostic> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|error| unread(path, &error))?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder" } else { "not a regular file" };
        return Err(bad(codes::RL2070, format!("`{shown}` is {what}")));
    }
    if meta.len() > MOST_BYTES {
        let text = format!("`{shown}` has {} bytes, more than {MOST_BYTES}", meta.len());
        return Err(bad(codes::RL2070, text));
    }
    Ok(meta.len())
}

/// The bytes of a regular file.
pub fn read(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let shown = path.display();
    let failed = |error: std::io::Error| unread(path, &error);
    let len = regular(path)?;
    let expected = len as usize;
    memory::room(expected, &shown.to_string())?;
    files::is_read(path);
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(expected).is_err() {
        return Err(bad(codes::RL2073, format!("no memory for the {expected} bytes of `{shown}`")));
    }
    Read::by_ref(&mut file).take(len + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() != expected {
        let text = format!("`{shown}` changed its size while it was read");
        return Err(bad(codes::RL2071, text));
    }
    Ok(bytes)
}

fn bad(code: Code, text: String) -> Diagnostic {
    Diagnostic::new(code, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outer = tempfile::tempdir().unwrap();
        std::fs::write(outer.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(outer.path(), folder.path().join("link")).unwrap();
        std::fs::write(folder.path().join("in.csv"), "1").unwrap();
        let inside = Root { folder: folder.path().into(), may_leave: false };
        for path in ["../x", "/etc/passwd", "a/../../x", "link/secret"] {
            assert_eq!(inside.resolve(path).unwrap_err().code, codes::RL2072, "{path}");
        }
        for path in ["in.csv", "./in.csv"] {
            let text = std::fs::read_to_string(inside.resolve(path).unwrap()).unwrap();
            assert_eq!(text, "1", "{path}");
        }
        let free = Root { may_leave: true, ..inside };
        assert_eq!(free.resolve("../x").unwrap(), folder.path().join("../x"));
    }

    #[test]
    fn only_regular_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap_err().code, codes::RL2070);
        assert_eq!(read(Path::new("/dev/zero")).unwrap_err().code, codes::RL2070);
        let dangling = folder.path().join("dangling");
        std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
        assert_eq!(read(&dangling).unwrap_err().code, codes::RL2073);
        std::fs::write(folder.path().join("f"), "abc").unwrap();
        assert_eq!(read(&folder.path().join("f")).unwrap(), b"abc");
    }
}
