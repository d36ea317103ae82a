//! Files of a run. In: paths and bytes. Out: files that are whole or not there. Every durable
//! change goes through [`Disk`], so that tests can stop it at any operation.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The operations that change the disk.
pub trait Disk {
    /// Makes a folder; it may exist.
    fn make_folder(&mut self, path: &Path) -> std::io::Result<()>;
    /// Writes a new file and forces it to the disk.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> std::io::Result<()>;
    /// Gives a file or folder its final name.
    fn rename(&mut self, from: &Path, to: &Path) -> std::io::Result<()>;
    /// Forces a folder's entries to the disk.
    fn sync_folder(&mut self, path: &Path) -> std::io::Result<()>;
    /// Removes a folder and what is in it.
    fn remove(&mut self, path: &Path) -> std::io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn make_folder(&mut self, path: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(path)
    }
    fn write(&mut self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }
    fn rename(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        std::fs::rename(from, to)
    }
    fn sync_folder(&mut self, path: &Path) -> std::io::Result<()> {
        File::open(path)?.sync_all()
    }
    fn remove(&mut self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_dir_all(path)
    }
}

/// Writes a file so that its name always holds either the old or the new content.
pub fn replace(disk: &mut dyn Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let wrote = disk.write(&temporary, bytes).and_then(|()| disk.rename(&temporary, path));
    if wrote.is_err() {
        // What is half written is of no use to anybody.
        std::fs::remove_file(&temporary).ok();
    }
    wrote?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => disk.sync_folder(folder),
        _ => disk.sync_folder(Path::new(".")),
    }
}

/// Writes a file that a user names: a new one; or over a regular one, which stays behind its links and
/// has the same mode and owner; or into a device or a pipe. Never over what this process has read, a
/// model's text, or a file of another kind: weights, tables and settings are not made again.
pub fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let refused = |why| Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why));
    if path.extension().is_some_and(|end| end == "rl") {
        return refused("a name that ends in `.rl` is a model's text");
    }
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => refused("it is a folder"),
        Ok(meta) if meta.is_file() => {
            if read_files().contains(&std::fs::canonicalize(path)?) {
                return refused("it is a file that was read; name another one");
            }
            if !alike(path, bytes)? {
                return refused("it holds something else; remove it, or name another one");
            }
            rewrite(path, bytes)
        }
        Ok(_) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        // A link to nowhere: the file is made where it leads.
        Err(_) if path.is_symlink() => RealDisk.write(path, bytes),
        Err(_) => replace(&mut RealDisk, path, bytes),
    }
}

/// Writes a file that can be made again, into a folder that may not be there yet.
pub fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    replace(&mut RealDisk, path, bytes)
}

/// Files that this process has read.
fn read_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    static READ: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    READ.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps in mind that a file is read: [`put`] does not write over it.
pub fn is_read(path: &Path) {
    read_files().extend(std::fs::canonicalize(path));
}

/// Whether a file is empty or begins like what is to be written: archives, artifacts and lists differ
/// in their first bytes.
fn alike(path: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    let mut there = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut there)?;
    let same = if bytes.starts_with(b"[") { 1 } else { 4.min(bytes.len()) };
    Ok(there.is_empty() || there.get(..same) == bytes.get(..same))
}

/// Removes what a killed process left of [`replace`] in a folder.
pub fn clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".tmp")?.rsplit_once('.'));
        if id.is_some_and(|(_, id)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())) {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Writes new content to a file of the user, which stays what it is: behind the same links, with the
/// same mode and owner. The content is somewhere whole at any time.
pub fn rewrite(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let meta = std::fs::metadata(&path)?;
    if meta.permissions().readonly() {
        let kind = std::io::ErrorKind::PermissionDenied;
        return Err(std::io::Error::new(kind, "it is read-only"));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let wrote = match beside(&temporary, &meta, bytes) {
        Ok(true) => std::fs::rename(&temporary, &path),
        // Another name of the file, or its owner, would be lost.
        Ok(false) => {
            let wrote = over(&path, bytes);
            let kept = |error: std::io::Error| {
                let text = format!("{error}; the new text is in `{}`", temporary.display());
                std::io::Error::new(error.kind(), text)
            };
            return wrote.map_err(kept).and_then(|()| std::fs::remove_file(&temporary));
        }
        // The folder takes no new file.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return over(&path, bytes);
        }
        Err(error) => Err(error),
    };
    if wrote.is_err() {
        std::fs::remove_file(&temporary).ok();
    }
    wrote
}

/// Writes a file beside one that it shall replace. Whether it can: then it has the mode and the owner
/// of that one, which has no other name.
fn beside(temporary: &Path, meta: &std::fs::Metadata, bytes: &[u8]) -> std::io::Result<bool> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let alike = same_owner(&file, meta)?;
    file.set_permissions(meta.permissions())?;
    Ok(alike)
}

#[cfg(unix)]
fn same_owner(file: &File, meta: &std::fs::Metadata) -> std::io::Result<bool> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let owned = |own: std::fs::Metadata| own.uid() == meta.uid() && own.gid() == meta.gid();
    if meta.nlink() == 1 && !owned(file.metadata()?) {
        // Only some may give files away; whether it went well is looked at below.
        fchown(file, Some(meta.uid()), Some(meta.gid())).ok();
    }
    Ok(meta.nlink() == 1 && owned(file.metadata()?))
}

#[cfg(not(unix))]
fn same_owner(_: &File, _: &std::fs::Metadata) -> std::io::Result<bool> {
    Ok(true)
}

/// Writes over the content of a file.
fn over(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a file that does not exist yet; the error is a sentence.
pub fn create_new(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let shown = path.display();
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    open.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("cannot write `{shown}`: {error}"))
}

/// The names of the files of a folder that end so, in order; none where it cannot be read.
pub fn names(folder: &Path, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort();
    names
}

/// The bytes of a regular file, at most `most`; longer files are cut there, so that the caller can
/// tell. The error is a sentence.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let failed = |error: std::io::Error| format!("cannot read `{shown}`: {error}");
    let meta = std::fs::metadata(path).map_err(failed)?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder" } else { "not a regular file" };
        return Err(format!("cannot read `{shown}`: it is {what}"));
    }
    is_read(path);
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(most).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replace_leaves_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&mut RealDisk, &path, b"old").unwrap();
        replace(&mut RealDisk, &path, b"new").unwrap();
        assert_eq!(read(&path, 100).unwrap(), b"new");
        assert_eq!(read(&path, 2).unwrap(), b"ne");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(create_new(&path, b"x").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_rewritten_file_is_the_same_file() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for mode in [0o600, 0o755, 0o640] {
            std::fs::write(at("a"), "old").unwrap();
            std::fs::set_permissions(at("a"), PermissionsExt::from_mode(mode)).unwrap();
            rewrite(&at("a"), b"new").unwrap();
            assert_eq!(read(&at("a"), 9).unwrap(), b"new");
            assert_eq!(std::fs::metadata(at("a")).unwrap().mode() & 0o777, mode);
        }
        std::fs::hard_link(at("a"), at("b")).unwrap();
        symlink("a", at("c")).unwrap();
        rewrite(&at("c"), b"newer").unwrap();
        assert!(std::fs::symlink_metadata(at("c")).unwrap().is_symlink());
        for name in ["a", "b", "c"] {
            assert_eq!(read(&at(name), 9).unwrap(), b"newer", "{name}");
        }
        std::fs::set_permissions(at("a"), PermissionsExt::from_mode(0o444)).unwrap();
        assert!(rewrite(&at("a"), b"x").unwrap_err().to_string().contains("read-only"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    /// What a user names stays what it is: a link a link, a device a device, a source a source.
    #[test]
    #[cfg(unix)]
    fn files_of_the_user() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("source"), "model").unwrap();
        std::fs::write(at("weights"), "by hand").unwrap();
        read(&at("source"), 100).unwrap();
        std::fs::write(at("other.rl"), "model").unwrap();
        let write = |name: &str| put(&at(name), b"bytes").map_err(|e| e.to_string());
        for name in ["new", "new"] {
            write(name).unwrap();
            assert_eq!(std::fs::read(at(name)).unwrap(), b"bytes");
        }
        std::fs::write(at("old"), "byte").unwrap();
        symlink("old", at("link")).unwrap();
        symlink("later", at("lost")).unwrap();
        symlink("source", at("model")).unwrap();
        for (link, file) in [("link", "old"), ("lost", "later")] {
            write(link).unwrap();
            assert!(at(link).is_symlink(), "{link}");
            assert_eq!(std::fs::read(at(file)).unwrap(), b"bytes");
        }
        for name in ["source", "model"] {
            assert!(write(name).unwrap_err().contains("that was read"), "{name}");
        }
        assert!(write("other.rl").unwrap_err().contains("a model's text"));
        assert!(write("weights").unwrap_err().contains("something else"));
        assert_eq!(std::fs::read(at("weights")).unwrap(), b"by hand");
        for name in ["source", "other.rl"] {
            assert_eq!(std::fs::read(at(name)).unwrap(), b"model", "{name}");
        }
        std::fs::set_permissions(at("new"), PermissionsExt::from_mode(0o444)).unwrap();
        assert!(write("new").unwrap_err().contains("read-only"));
        std::fs::create_dir(at("folder")).unwrap();
        assert!(write("folder").unwrap_err().contains("a folder"));
        put(Path::new("/dev/null"), b"bytes").unwrap();
        let null = std::fs::metadata("/dev/null").unwrap().file_type();
        assert!(null.is_char_device());
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["report.json.123.tmp", "mine.tmp", "a.x.tmp", "b.json"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        clean(folder.path());
        let left = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["a.x.tmp", "b.json", "mine.tmp"]);
    }

    #[test]
    fn only_regular_files_are_read() {
        assert!(read(Path::new("/dev/zero"), 10).unwrap_err().contains("not a regular file"));
        assert!(read(Path::new("/"), 10).unwrap_err().contains("a folder"));
    }
}
