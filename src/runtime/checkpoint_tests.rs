//! Checkpoints under every fault that a disk or a kill can bring.

use super::super::damage::{cuts, flips};
use super::*;
use crate::graph::Ty;
use crate::runtime::files::RealDisk;
use std::io::{Error, ErrorKind};

fn example(step: usize) -> Checkpoint {
    let slot = |path: &str, ty, is_param| Slot {
        path: path.into(),
        ty,
        is_param,
        is_moment: false,
        support: Support::Real,
    };
    let weights = Tensor::f32([3, 2], (0..6).map(|i| (i * step) as f32 * 0.1).collect());
    Checkpoint {
        identity: Identity {
            model: "m".into(),
            source: "abc".into(),
            seed: 7,
            data: vec![("d".into(), "one_hot(8)".into())],
            rows: Vec::new(),
            kept: Vec::new(),
        },
        progress: Progress { step, sums: vec![f64::NAN.to_bits()], ..Progress::default() },
        slots: vec![
            (slot("net.W", Ty::f32([3, 2]), true), weights),
            (slot("adam.t", Ty::i32([]), false), Tensor::i32([], vec![step as i32])),
        ],
    }
}

/// Fails at operation `left`, and at every one after it, as a kill or a full disk does. A write
/// that fails has written half of its bytes.
struct Failing {
    left: usize,
    kind: ErrorKind,
}

impl Failing {
    fn go(&mut self) -> std::io::Result<()> {
        if self.left == 0 {
            return Err(Error::from(self.kind));
        }
        self.left -= 1;
        Ok(())
    }
}

impl Disk for Failing {
    fn make_folder(&mut self, path: &Path) -> std::io::Result<()> {
        self.go()?;
        RealDisk.make_folder(path)
    }
    fn write(&mut self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        if let Err(error) = self.go() {
            std::fs::write(path, &bytes[..bytes.len() / 2]).ok();
            return Err(error);
        }
        RealDisk.write(path, bytes)
    }
    fn rename(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.go()?;
        RealDisk.rename(from, to)
    }
    fn sync_folder(&mut self, path: &Path) -> std::io::Result<()> {
        self.go()?;
        RealDisk.sync_folder(path)
    }
    fn remove(&mut self, path: &Path) -> std::io::Result<()> {
        if let Err(error) = self.go() {
            // Some of the files are gone already.
            std::fs::remove_file(path.join("weights.safetensors")).ok();
            return Err(error);
        }
        RealDisk.remove(path)
    }
}

#[test]
fn round_trip_and_the_newest_wins() {
    let folder = tempfile::tempdir().unwrap();
    for step in [5, 10, 200] {
        save(&mut RealDisk, folder.path(), &example(step)).unwrap();
    }
    let (found, notes) = latest(folder.path()).unwrap();
    assert_eq!((found, notes.len()), (example(200), 0));
    assert_eq!(list(folder.path()).len(), KEEP);
    // Saving the same step again changes nothing.
    save(&mut RealDisk, folder.path(), &example(200)).unwrap();
    assert_eq!(latest(folder.path()).unwrap().0, example(200));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(latest(empty.path()).unwrap_err().code, codes::RL3011);
}

#[test]
fn a_stop_at_any_operation_loses_nothing() {
    for kind in [ErrorKind::Other, ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem] {
        for left in 0.. {
            let folder = tempfile::tempdir().unwrap();
            for step in [1, 2] {
                save(&mut RealDisk, folder.path(), &example(step)).unwrap();
            }
            let result = save(&mut Failing { left, kind }, folder.path(), &example(3));
            let (found, _) = latest(folder.path()).unwrap();
            let step = found.progress.step;
            assert!(step == 2 || step == 3, "stopped at {left}: {step}");
            assert_eq!(found, example(step));
            assert!(result.is_err() || step == 3, "stopped at {left}");
            // The next run tidies up and goes on.
            clean(&mut RealDisk, folder.path());
            save(&mut RealDisk, folder.path(), &example(4)).unwrap();
            assert_eq!(latest(folder.path()).unwrap().0, example(4));
            if result.is_ok() && left > 10 {
                break;
            }
        }
    }
}

#[test]
fn every_cut_and_every_changed_byte_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(&mut RealDisk, folder.path(), &example(3)).unwrap();
    for name in ["weights.safetensors", "state.safetensors", MANIFEST] {
        let file = path.join(name);
        let whole = std::fs::read(&file).unwrap();
        for cut in cuts(&whole) {
            std::fs::write(&file, cut).unwrap();
            assert!(load(&path).is_err(), "{name} cut at {}", cut.len());
        }
        for (at, bytes) in flips(&whole) {
            std::fs::write(&file, &bytes).unwrap();
            assert!(load(&path).is_err(), "{name} changed at {at}");
        }
        std::fs::write(&file, &whole).unwrap();
    }
    assert_eq!(load(&path).unwrap(), example(3));
}

#[test]
fn files_of_two_checkpoints_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let one = save(&mut RealDisk, folder.path(), &example(1)).unwrap();
    let two = save(&mut RealDisk, folder.path(), &example(2)).unwrap();
    for name in ["weights.safetensors", "state.safetensors", MANIFEST] {
        let old = std::fs::read(two.join(name)).unwrap();
        std::fs::copy(one.join(name), two.join(name)).unwrap();
        let (found, notes) = latest(folder.path()).unwrap();
        assert_eq!((found, notes.len()), (example(1), 1), "{name}");
        std::fs::write(two.join(name), old).unwrap();
    }
}

/// Writes the manifest of a checkpoint anew, with a correct checksum.
fn forge(path: &Path, change: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(path.join(MANIFEST)).unwrap();
    let body = change(text.rsplit_once("\nsha256 ").unwrap().0);
    let text = format!("{body}\nsha256 {}\n", sha256(body.as_bytes()));
    std::fs::write(path.join(MANIFEST), text).unwrap();
}

#[test]
fn hostile_manifests() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(&mut RealDisk, folder.path(), &example(1)).unwrap();
    let text = std::fs::read_to_string(path.join(MANIFEST)).unwrap();
    for (from, to, code) in [
        ("\"weights.safetensors\"", "\"../weights.safetensors\"", codes::RL3008),
        ("\"weights.safetensors\"", "\"/etc/passwd\"", codes::RL3008),
        ("\"weights.safetensors\"", "\"..\"", codes::RL3008),
        ("\"version\": 1", "\"version\": 2", codes::RL3009),
        ("\"version\": 1", "\"version\": true", codes::RL3002),
        ("\"path\": \"net.W\"", "\"path\": \"net.V\"", codes::RL3005),
        ("\"bytes\": ", "\"bytes\": 1", codes::RL3001),
    ] {
        assert!(text.contains(from), "{from}");
        forge(&path, |body| body.replacen(from, to, 1));
        assert_eq!(load(&path).unwrap_err().code, code, "{to}");
        std::fs::write(path.join(MANIFEST), &text).unwrap();
    }
}

#[test]
fn weights_of_another_model_are_listed() {
    let slots: Vec<Slot> = example(1).slots.into_iter().map(|(slot, _)| slot).collect();
    let named = |name: &str, shape: [usize; 2]| {
        (name.to_string(), Tensor::f32(shape, vec![0.0; shape[0] * shape[1]]))
    };
    let values = [&named("net.W", [2, 3]), &named("net.b", [1, 2])];
    let error = fit(&slots, &values, true, "w").unwrap_err();
    assert_eq!(error.code, codes::RL3005);
    let notes = ["`net.W` is [2, 3], the model has [3, 2]", "the model has no `net.b`"];
    assert_eq!(error.notes, notes);
    let good = [&named("net.W", [3, 2])];
    fit(&slots, &good, true, "w").unwrap();
    assert_eq!(fit(&slots, &good, false, "w").unwrap_err().notes, ["`adam.t` is missing"]);
}

#[test]
fn a_range_holds_for_values_of_files() {
    let slot = |support| Slot {
        path: "w".into(),
        ty: Ty::f32([2]),
        is_param: true,
        is_moment: false,
        support,
    };
    let fits = |support, x: f32| {
        fit(&[slot(support)], &[&("w".into(), Tensor::f32([2], vec![0.0, x]))], true, "f").is_ok()
    };
    let tenth = Support::Interval(0.0, 0.1);
    assert!(fits(Support::Real, 5.0) && fits(tenth, 0.1) && fits(Support::Index(3), 2.0));
    assert!(fits(tenth, f32::NAN) && fits(Support::Bit, 1.0));
    assert!(!fits(tenth, 0.2) && !fits(tenth, -1e-9) && !fits(Support::Index(3), 3.0));
    assert!(!fits(Support::Bit, 2.0));
}
