//! The run folder. In: where it shall be. Out: files in it. One process at a time writes to it.

use super::checkpoint::{self, Checkpoint};
use super::files::{self, RealDisk};
use crate::base::{Diagnostic, codes};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A run folder that this process holds.
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Locked as long as this value lives.
    lock: File,
    metrics: File,
    metrics_bytes: u64,
}

const LOCK: &str = "lock";
const METRICS: &str = "metrics.jsonl";
const CHECKPOINTS: &str = "checkpoints";

impl RunFolder {
    /// A new folder: `out`, or the first free `runs/NAME-N`.
    pub fn create(out: Option<&Path>, name: &str) -> Result<RunFolder, Diagnostic> {
        let path = match out {
            Some(out) => {
                usable(out)?;
                make(out)?;
                out.to_path_buf()
            }
            None => next(name)?,
        };
        RunFolder::open(path)
    }

    /// An existing folder, to go on in it.
    pub fn resume(path: &Path) -> Result<RunFolder, Diagnostic> {
        if !path.join(CHECKPOINTS).is_dir() {
            let text = format!("`{}` holds no checkpoint", path.display());
            return Err(Diagnostic::new(codes::RL3011, text));
        }
        let folder = RunFolder::open(path.to_path_buf())?;
        checkpoint::clean(&mut RealDisk, &folder.checkpoints());
        files::clean(path);
        files::clean(&path.join("samples"));
        Ok(folder)
    }

    fn open(path: PathBuf) -> Result<RunFolder, Diagnostic> {
        let lock = lock(&path)?;
        let file = path.join(METRICS);
        let opened = OpenOptions::new().create(true).append(true).read(true).open(&file);
        let metrics = opened.map_err(|error| cannot(&file, &error))?;
        let metrics_bytes = metrics.metadata().map_or(0, |meta| meta.len());
        let made = std::fs::create_dir_all(path.join(CHECKPOINTS));
        made.map_err(|error| cannot(&path, &error))?;
        Ok(RunFolder { path, lock, metrics, metrics_bytes })
    }

    fn checkpoints(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// The newest whole checkpoint, and notes about damaged newer ones.
    pub fn latest(&self) -> Result<(Checkpoint, Vec<Diagnostic>), Diagnostic> {
        checkpoint::latest(&self.checkpoints())
    }

    /// Whether this is still the folder that was opened, and its metrics are in it. Nothing is written
    /// to what stands in its place, nor to a file that is gone.
    fn here(&self) -> Result<(), Diagnostic> {
        let metrics = self.path.join(METRICS);
        let held = [
            (&self.lock, self.path.join(LOCK), &self.path),
            (&self.metrics, metrics.clone(), &metrics),
        ];
        for (own, place, shown) in held {
            let there = std::fs::metadata(place);
            if there.is_ok_and(|there| own.metadata().is_ok_and(|own| same(&own, &there))) {
                continue;
            }
            let text = format!("`{}` was moved or removed while the run went on", shown.display());
            return Err(Diagnostic::new(codes::RL4005, text));
        }
        Ok(())
    }

    /// Cuts `metrics.jsonl` back to what a checkpoint knows.
    pub fn rewind(&mut self, bytes: u64) -> Result<(), Diagnostic> {
        let cut = self.metrics.set_len(bytes.min(self.metrics_bytes));
        let cut = cut.and_then(|()| self.metrics.seek(SeekFrom::End(0)));
        self.metrics_bytes = cut.map_err(|e| cannot(&self.path.join(METRICS), &e))?;
        Ok(())
    }

    /// Appends a line to `metrics.jsonl`.
    pub fn metric(&mut self, line: &str) -> Result<(), Diagnostic> {
        self.here()?;
        let text = format!("{line}\n");
        let wrote = self.metrics.write_all(text.as_bytes());
        wrote.map_err(|error| cannot(&self.path.join(METRICS), &error))?;
        self.metrics_bytes += text.len() as u64;
        Ok(())
    }

    /// Length of `metrics.jsonl`.
    pub fn metrics_bytes(&self) -> u64 {
        self.metrics_bytes
    }

    /// Saves a checkpoint, after the metrics it counts.
    pub fn save(&mut self, checkpoint: &Checkpoint) -> Result<PathBuf, Diagnostic> {
        self.here()?;
        self.metrics.sync_data().map_err(|e| cannot(&self.path.join(METRICS), &e))?;
        let saved = checkpoint::save(&mut RealDisk, &self.checkpoints(), checkpoint);
        // It may have gone away in the middle of being written to.
        saved.or_else(|error| self.here().and(Err(error)))
    }

    /// Writes a file of the folder, whole or not at all. `name` may have one folder in it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Diagnostic> {
        self.here()?;
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        let wrote = std::fs::create_dir_all(folder)
            .and_then(|()| files::replace(&mut RealDisk, &path, bytes));
        let wrote = wrote.map_err(|error| cannot(&path, &error));
        wrote.or_else(|error| self.here().and(Err(error)))?;
        Ok(path)
    }
}

/// The newest folder `runs/NAME-N` that holds a checkpoint.
pub fn newest(name: &str) -> Option<PathBuf> {
    let saved = |number: &u32| {
        let checkpoints = numbered(name, *number).join(CHECKPOINTS);
        std::fs::read_dir(checkpoints).is_ok_and(|mut entries| entries.next().is_some())
    };
    let most = numbers(name).into_iter().filter(saved).max()?;
    Some(numbered(name, most))
}

fn numbered(name: &str, number: u32) -> PathBuf {
    Path::new("runs").join(format!("{name}-{number}"))
}

/// The numbers of all folders `runs/NAME-N`.
fn numbers(name: &str) -> Vec<u32> {
    let prefix = format!("{name}-");
    let entries = std::fs::read_dir("runs").into_iter().flatten().flatten();
    let number = |entry: std::fs::DirEntry| {
        entry.file_name().to_str()?.strip_prefix(&prefix)?.parse::<u32>().ok()
    };
    entries.filter_map(number).collect()
}

/// Makes `runs/NAME-N` with the first number above all that exist.
fn next(name: &str) -> Result<PathBuf, Diagnostic> {
    make(Path::new("runs"))?;
    let first = numbers(name).into_iter().max().unwrap_or(0).saturating_add(1);
    // Another process may take a number at the same time.
    for number in first.. {
        let path = numbered(name, number);
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(cannot(&path, &error)),
        }
    }
    unreachable!("all numbers are taken")
}

fn make(path: &Path) -> Result<(), Diagnostic> {
    std::fs::create_dir_all(path).map_err(|error| cannot(path, &error))
}

/// A new run starts in an empty folder, so that files of two runs never mix.
fn usable(out: &Path) -> Result<(), Diagnostic> {
    let shown = out.display();
    let wrong = |what: &str| {
        let text = format!("`--out {shown}`: {what}");
        let help = "name a new folder, or go on in this one with `--resume`";
        Err(Diagnostic::new(codes::RL4004, text).help(help))
    };
    if out.file_name().is_none() {
        return wrong("this does not name a folder");
    }
    match std::fs::read_dir(out) {
        Ok(entries) => {
            let left = entries.flatten().any(|entry| entry.file_name() != LOCK);
            if left { wrong("the folder is not empty") } else { Ok(()) }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            wrong("this is not a folder")
        }
        Err(error) => Err(cannot(out, &error)),
    }
}

/// Takes the folder's lock. The system releases it when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, Diagnostic> {
    let path = folder.join(LOCK);
    let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
    let mut file = open.map_err(|error| cannot(&path, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            (&file).take(64).read_to_string(&mut holder).ok();
            let text = format!("`{}` is in use", folder.display());
            let error = Diagnostic::new(codes::RL4003, text);
            let digits: String = holder.chars().filter(char::is_ascii_digit).collect();
            return Err(error.note(format!("by process {digits}")));
        }
        Err(TryLockError::Error(error)) => return Err(cannot(&path, &error)),
    }
    let wrote = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    wrote.map_err(|error| cannot(&path, &error))?;
    Ok(file)
}

/// Whether two descriptions are of one file.
#[cfg(unix)]
fn same(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    true
}

fn cannot(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(codes::RL4002, format!("cannot write `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run");
        let first = RunFolder::create(Some(&path), "m").unwrap();
        let again = RunFolder::resume(&path).err().unwrap();
        assert_eq!(again.code, codes::RL4003);
        assert_eq!(again.notes, [format!("by process {}", std::process::id())]);
        drop(first);
        let next = RunFolder::resume(&path).unwrap();
        assert_eq!(next.path, path);
        assert_eq!(RunFolder::resume(&path).err().unwrap().code, codes::RL4003);
        drop(next);
        // It holds files of a run now.
        let error = RunFolder::create(Some(&path), "m").err().unwrap();
        assert_eq!(error.code, codes::RL4004);
    }

    #[test]
    fn folders_that_cannot_be_used() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "x").unwrap();
        for out in [file.as_path(), Path::new(""), Path::new("..")] {
            let error = RunFolder::create(Some(out), "m").err().unwrap();
            assert_eq!(error.code, codes::RL4004, "{}", out.display());
        }
        assert_eq!(RunFolder::resume(&file).err().unwrap().code, codes::RL3011);
    }

    #[test]
    fn a_folder_that_went_away_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let (path, moved) = (home.path().join("r"), home.path().join("s"));
        let mut run = RunFolder::create(Some(&path), "m").unwrap();
        run.metric("{}").unwrap();
        std::fs::rename(&path, &moved).unwrap();
        assert_eq!(run.metric("{}").unwrap_err().code, codes::RL4005);
        // Another run took the place.
        let other = RunFolder::create(Some(&path), "m").unwrap();
        assert_eq!(run.write("report.json", b"x").unwrap_err().code, codes::RL4005);
        other.write("report.json", b"y").unwrap();
        std::fs::remove_dir_all(&path).unwrap();
        assert_eq!(other.write("report.json", b"y").unwrap_err().code, codes::RL4005);
        assert!(!path.exists() && moved.join(METRICS).is_file());
    }

    #[test]
    fn metrics_that_are_gone_end_a_run() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("r");
        let mut run = RunFolder::create(Some(&path), "m").unwrap();
        run.metric("{}").unwrap();
        std::fs::remove_file(path.join(METRICS)).unwrap();
        let error = run.metric("{}").unwrap_err();
        assert!(error.code == codes::RL4005 && error.message.contains(METRICS));
        assert!(run.write("report.json", b"x").is_err());
    }

    #[test]
    fn metrics_are_cut_back() {
        let home = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(Some(&home.path().join("r")), "m").unwrap();
        run.metric("{\"a\":1}").unwrap();
        let kept = run.metrics_bytes();
        run.metric("{\"a\":2}").unwrap();
        run.rewind(kept).unwrap();
        run.metric("{\"a\":3}").unwrap();
        let text = std::fs::read_to_string(run.path.join(METRICS)).unwrap();
        assert_eq!(text, "{\"a\":1}\n{\"a\":3}\n");
    }
}
