//! Files of a run. In: paths and bytes. Out: files that are whole or not there. Every durable
//! change goes through [`Disk`], so that tests can stop it at any operation.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

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
    disk.write(&temporary, bytes)?;
    disk.rename(&temporary, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => disk.sync_folder(folder),
        _ => disk.sync_folder(Path::new(".")),
    }
}

/// Writes a file that does not exist yet; the error is a sentence.
pub fn create_new(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let shown = path.display();
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    open.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("cannot write `{shown}`: {error}"))
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
    fn only_regular_files_are_read() {
        assert!(read(Path::new("/dev/zero"), 10).unwrap_err().contains("not a regular file"));
        assert!(read(Path::new("/"), 10).unwrap_err().contains("a folder"));
    }
}
