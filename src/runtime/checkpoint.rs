//! Checkpoints. In: slots and how far the run has come. Out: a folder `checkpoints/PPP-SSSSSSSSSS`
//! (phase, step) that is whole or not there; and back. Knows no device.
//!
//! Everything is written into a temporary folder and forced to the disk, the manifest last; the
//! folder then gets its name. A manifest states length and SHA-256 of every file and ends with its
//! own, so no changed byte goes unseen.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::data::kept::Kept;
use super::files::{self, Disk};
use super::weights;
use crate::backend::Tensor;
use crate::base::{Diagnostic, codes};
use crate::graph::DType;
use crate::model::ir::Support;
use crate::translate::program::Slot;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Version of the layout.
const VERSION: u32 = 1;
/// Checkpoints kept: the newest, and one before it.
const KEEP: usize = 2;
/// A manifest is smaller than this.
const MOST_MANIFEST: u64 = 16 << 20;
const MANIFEST: &str = "manifest.json";

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Number of the phase to run next.
    pub phase: usize,
    /// Steps of it that are finished.
    pub step: usize,
    /// The pass over the split that this step belongs to.
    pub epoch: usize,
    /// Sums of the tracked values since the last line of `metrics.jsonl`, as bits of f64.
    pub sums: Vec<u64>,
    /// Steps in those sums.
    pub counted: usize,
    /// Length of `metrics.jsonl`.
    pub metrics_bytes: u64,
    /// Figures of finished eval phases.
    pub figures: Vec<super::eval::FigureValue>,
    /// The best look so far of a train phase that stops by a figure.
    #[serde(default)]
    pub best: Option<Best>,
}

/// The best look at the figure by which a train phase stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Best {
    /// Its value, as bits of f64.
    pub value: u64,
    /// The step after which it was taken.
    pub step: usize,
    /// Looks since then.
    pub stale: usize,
}

/// What a checkpoint belongs to. A run may be resumed only with the same one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The model's name.
    pub model: String,
    /// Hash of sources and settings.
    pub source: String,
    /// The seed.
    pub seed: u32,
    /// Data sets and where they came from.
    pub data: Vec<(String, String)>,
    /// Data sets that the run read, and a sum over their rows: the same file may hold others later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<(String, String)>,
    /// How fields were read, where the data decided it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

impl Identity {
    /// Takes over what an earlier run says of data that this one does not read.
    pub fn inherit(&mut self, rows: &[(String, String)], kept: &[Kept]) {
        let read: Vec<String> = self.rows.iter().map(|(name, _)| name.clone()).collect();
        let unread = |name: &String| !read.contains(name);
        let known = self.kept.clone();
        self.rows.extend(rows.iter().filter(|(name, _)| unread(name)).cloned());
        let kept = kept.iter().filter(|kept| unread(&kept.data) && !known.contains(kept));
        self.kept.extend(kept.cloned());
    }
}

/// A file of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FileRow {
    name: String,
    bytes: u64,
    sha256: String,
}

/// The description of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// What it belongs to.
    pub identity: Identity,
    /// How far the run had come.
    pub progress: Progress,
    /// Every slot.
    pub slots: Vec<Slot>,
    files: Vec<FileRow>,
}

/// A checkpoint in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What it belongs to.
    pub identity: Identity,
    /// How far the run had come.
    pub progress: Progress,
    /// Every slot and its value.
    pub slots: Vec<(Slot, Tensor)>,
}

/// Hex digits of SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Saves a checkpoint below `folder` and drops the oldest ones.
pub fn save(disk: &mut dyn Disk, folder: &Path, from: &Checkpoint) -> Result<PathBuf, Diagnostic> {
    let name = format!("{:03}-{:010}", from.progress.phase, from.progress.step);
    let target = folder.join(name);
    let temporary = folder.join(format!(".tmp-{}", std::process::id()));
    let wrote = write(disk, &temporary, &target, from).and_then(|()| disk.sync_folder(folder));
    if let Err(error) = wrote {
        disk.remove(&temporary).ok();
        let text = format!("cannot save `{}`: {error}", target.display());
        let kept = "checkpoints saved before are unchanged";
        return Err(Diagnostic::new(codes::RL4002, text).note(kept));
    }
    for old in list(folder).iter().rev().skip(KEEP) {
        // A checkpoint that cannot be removed does no harm.
        disk.remove(old).ok();
    }
    Ok(target)
}

fn write(
    disk: &mut dyn Disk,
    temporary: &Path,
    target: &Path,
    from: &Checkpoint,
) -> std::io::Result<()> {
    if temporary.exists() {
        disk.remove(temporary)?;
    }
    disk.make_folder(temporary)?;
    let about = serde_json::to_string(&from.identity)?;
    let mut rows = Vec::new();
    for (name, params) in [("weights.safetensors", true), ("state.safetensors", false)] {
        let some = from.slots.iter().filter(|(slot, _)| slot.is_param == params);
        let some: Vec<_> = some.map(|(slot, value)| (slot.path.clone(), value.clone())).collect();
        let bytes = weights::write(&some, &about);
        disk.write(&temporary.join(name), &bytes)?;
        let row = FileRow { name: name.into(), bytes: bytes.len() as u64, sha256: sha256(&bytes) };
        rows.push(row);
    }
    let manifest = Manifest {
        version: VERSION,
        identity: from.identity.clone(),
        progress: from.progress.clone(),
        slots: from.slots.iter().map(|(slot, _)| slot.clone()).collect(),
        files: rows,
    };
    let body = serde_json::to_string_pretty(&manifest)?;
    let text = format!("{body}\nsha256 {}\n", sha256(body.as_bytes()));
    disk.write(&temporary.join(MANIFEST), text.as_bytes())?;
    disk.sync_folder(temporary)?;
    if target.exists() {
        if load(target).is_ok() {
            // The same step was saved before, and a run repeats itself exactly.
            return disk.remove(temporary);
        }
        disk.remove(target)?;
    }
    disk.rename(temporary, target)
}

/// The checkpoints in a folder, oldest first.
fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(|n| n.to_str()).is_some_and(is_name))
        .collect();
    found.sort();
    found
}

/// `PPP-SSSSSSSSSS`
fn is_name(name: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    name.split_once('-').is_some_and(|(phase, step)| digits(phase) && digits(step))
}

/// The newest checkpoint of a folder that is whole, and notes about newer ones that are not.
pub fn latest(folder: &Path) -> Result<(Checkpoint, Vec<Diagnostic>), Diagnostic> {
    let mut refused = Vec::new();
    for path in list(folder).iter().rev() {
        match load(path) {
            Ok(found) => return Ok((found, refused)),
            Err(error) => refused.push(error),
        }
    }
    match refused.into_iter().next() {
        Some(error) => Err(error),
        None => {
            let text = format!("`{}` holds no checkpoint", folder.display());
            Err(Diagnostic::new(codes::RL3011, text))
        }
    }
}

/// Removes what a killed run left half written.
pub fn clean(disk: &mut dyn Disk, folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(".tmp-")) {
            disk.remove(&entry.path()).ok();
        }
    }
}

/// Reads a checkpoint; every byte of it is checked.
pub fn load(path: &Path) -> Result<Checkpoint, Diagnostic> {
    let manifest = manifest(path)?;
    let mut values = Vec::new();
    for row in &manifest.files {
        let plain = Path::new(&row.name).file_name().is_some_and(|name| name == row.name.as_str());
        if !plain {
            let text = format!("`{}` names the file `{}`", path.display(), row.name.escape_debug());
            return Err(Diagnostic::new(codes::RL3008, text));
        }
        values.extend(contents(&path.join(&row.name), row)?);
    }
    let mut slots = Vec::new();
    for slot in manifest.slots {
        let at = values.iter().position(|(name, _)| *name == slot.path);
        let Some((_, value)) = at.map(|at| values.swap_remove(at)) else {
            let text = format!("`{}` lacks `{}`", path.display(), slot.path.escape_debug());
            return Err(Diagnostic::new(codes::RL3005, text));
        };
        slots.push((slot, value));
    }
    Ok(Checkpoint { identity: manifest.identity, progress: manifest.progress, slots })
}

fn manifest(path: &Path) -> Result<Manifest, Diagnostic> {
    let file = path.join(MANIFEST);
    let shown = file.display();
    let not_whole = |why: String| Diagnostic::new(codes::RL3001, why);
    let damaged =
        |why: &str| Diagnostic::new(codes::RL3002, format!("`{shown}` is damaged: {why}"));
    let bytes = files::read(&file, MOST_MANIFEST).map_err(not_whole)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged("not a text"))?;
    let (body, sum) = text.rsplit_once("\nsha256 ").ok_or_else(|| damaged("it is cut off"))?;
    if sum.strip_suffix('\n') != Some(&sha256(body.as_bytes())) {
        return Err(damaged("its checksum does not match"));
    }
    let found: serde_json::Value =
        serde_json::from_str(body).map_err(|_| damaged("it is not JSON"))?;
    let version = found.get("version").and_then(serde_json::Value::as_u64);
    if let Some(version) = version.filter(|v| *v > u64::from(VERSION)) {
        let text = format!("`{shown}` has version {version}");
        return Err(Diagnostic::new(codes::RL3009, text));
    }
    serde_json::from_value(found).map_err(|why| damaged(&why.to_string()))
}

fn contents(file: &Path, row: &FileRow) -> Result<Vec<(String, Tensor)>, Diagnostic> {
    let shown = file.display();
    let not_whole = |why: String| Diagnostic::new(codes::RL3001, why);
    let bytes = files::read(file, row.bytes.saturating_add(1)).map_err(not_whole)?;
    if bytes.len() as u64 != row.bytes {
        let text = format!("`{shown}` has not the {} bytes that its manifest states", row.bytes);
        return Err(Diagnostic::new(codes::RL3001, text));
    }
    if sha256(&bytes) != row.sha256 {
        let text = format!("`{shown}` is damaged: its checksum does not match");
        return Err(Diagnostic::new(codes::RL3002, text));
    }
    weights::read(&bytes, &shown.to_string()).map(|found| found.tensors)
}

/// Checks that values are those that a model needs: same names, shapes and element types. States may
/// stand beside weights.
pub fn fit(
    slots: &[Slot],
    values: &[&(String, Tensor)],
    params_only: bool,
    path: &str,
) -> Result<(), Diagnostic> {
    let mut wrong = Vec::new();
    let needed = || slots.iter().filter(|slot| slot.is_param || !params_only);
    for slot in needed() {
        if !values.iter().any(|value| value.0 == slot.path) {
            wrong.push(format!("`{}` is missing", slot.path));
        }
    }
    for (name, value) in values {
        match slots.iter().find(|slot| slot.path == *name) {
            None => wrong.push(format!("the model has no `{}`", name.escape_debug())),
            Some(slot) if value.shape != slot.ty.shape => {
                let (has, needs) = (&value.shape, &slot.ty.shape);
                wrong.push(format!("`{}` is {has:?}, the model has {needs:?}", slot.path));
            }
            Some(slot) if !same_type(value, slot) => {
                let needs = slot.ty.dtype;
                wrong.push(format!("`{}` has elements of another type than {needs:?}", slot.path));
            }
            Some(slot) => {
                let odd = value.to_f64().into_iter().find(|x| outside(*x, slot.support));
                let range = odd.and_then(|x| Some((x, range(slot.support)?)));
                if let Some((x, (low, high))) = range {
                    wrong.push(format!("`{name}` holds {x}, and its range is {low}..{high}"));
                }
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let text = format!("the weights of `{path}` do not fit the model");
    let mut error = Diagnostic::new(codes::RL3005, text);
    let more = wrong.len().saturating_sub(10);
    for line in wrong.into_iter().take(10) {
        error = error.note(line);
    }
    if more > 0 {
        error = error.note(format!("and {more} more"));
    }
    Err(error.help("use the settings of the run: `--config RUN/config.yaml`"))
}

/// The least and the largest value, where the type states them.
fn range(support: Support) -> Option<(f64, f64)> {
    match support {
        Support::Interval(low, high) => Some((low, high)),
        Support::Bit => Some((0.0, 1.0)),
        Support::Count => Some((0.0, f64::INFINITY)),
        Support::Index(n) => Some((0.0, n as f64 - 1.0)),
        _ => None,
    }
}

/// Whether a number is not among those that a type holds. Ends of ranges may be rounded to f32.
fn outside(x: f64, support: Support) -> bool {
    let end = |x: f64| f64::from(x as f32);
    range(support).is_some_and(|(low, high)| x < low.min(end(low)) || x > high.max(end(high)))
}

/// Whether the elements are of the type that the model has.
pub fn same_type(value: &Tensor, slot: &Slot) -> bool {
    let real = !matches!(value.data, crate::backend::Data::I32(_));
    real == (slot.ty.dtype == DType::F32)
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
