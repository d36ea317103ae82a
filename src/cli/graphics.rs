//! Graphics devices for commands. In: a name such as `gpu:1`. Out: an open device with what it has
//! compiled before, kept in the user's cache folder, and with tiles from a file.

use super::output::{Ended, Output};
use super::settings::Choice;
use crate::backend::{Device, Loaded};
use crate::driver::Compiled;

#[cfg(feature = "gpu")]
pub use real::*;

#[cfg(not(feature = "gpu"))]
pub use absent::*;

#[cfg(feature = "gpu")]
mod real {
    use super::*;
    use crate::backend::Fault;
    use crate::backend::wgpu::{self, Gpu};
    use crate::backend::wgsl::Tile;
    use crate::backend::wgsl::dispatches;
    use crate::base::{Diagnostic, budget, codes};
    use crate::cli::folders;
    use crate::runtime::files::{self, RealDisk};
    use std::path::{Path, PathBuf};

    /// Whether there is graphics hardware.
    pub fn has_real() -> bool {
        wgpu::list().first().is_some_and(wgpu::Found::is_real)
    }

    /// Opens a device by its name: `gpu` and `auto` are the first. With `cooperative`, its matrix units
    /// can be used.
    pub fn open(named: &str, cooperative: bool, out: &mut Output) -> Result<Gpu, Ended> {
        let number = named.strip_prefix("gpu:").and_then(|n| n.parse().ok()).unwrap_or(0);
        let cached = |key: &str| files::read(&place(key)?, MOST_CACHE).ok();
        match Gpu::open(number, cooperative, cached) {
            Ok(gpu) => {
                let found = gpu.found();
                out.note(&format!("device: {} ({}, {})", found.name, found.api, found.kind));
                Ok(gpu)
            }
            Err(Fault::None(why) | Fault::Memory(why) | Fault::Lost(why)) => {
                let help =
                    "`rlc devices` lists graphics devices; write `--device cpu` to do without";
                Err(out.fail(Diagnostic::new(codes::RL5001, why).help(help)))
            }
        }
    }

    /// A device with the plans of a model.
    pub fn device(
        compiled: &Compiled,
        named: &str,
        choice: &Choice,
        out: &mut Output,
    ) -> Result<(Box<dyn Device>, Vec<Loaded>), Ended> {
        let mut gpu = open(named, choice.cooperative, out)?;
        if let Some(path) = &choice.tiles {
            gpu.use_tiles(out.check(tiles(path))?);
        }
        if choice.half && !gpu.use_half() {
            let text = format!("`{}` has no reals of 16 bits", gpu.found().name);
            let help = "leave `--half` out; `rlc devices` says which devices have them";
            return Err(out.fail(Diagnostic::new(codes::RL5001, text).help(help)));
        }
        if choice.cooperative && !gpu.use_cooperative() {
            return Err(out.fail(no_units(gpu.found(), choice.half)));
        }
        let limits = crate::backend::wgsl::Limits::default();
        let most = budget::DISPATCHES.most as u64;
        if compiled.plans.iter().any(|plan| dispatches(plan, &limits) > most) {
            return Err(out.fail(budget::DISPATCHES.passed(codes::RL0110)));
        }
        let loaded = compiled.plans.iter().map(|plan| gpu.load(plan)).collect();
        Ok((Box::new(gpu), loaded))
    }

    /// A device whose cooperative matrices do not take operands as they are kept.
    fn no_units(found: &wgpu::Found, half: bool) -> Diagnostic {
        let (bits, other) = if half { (16, 32) } else { (32, 16) };
        let text = format!("`{}` has no cooperative matrices of {bits}-bit reals", found.name);
        let help = match (found.cooperative[usize::from(!half)].is_some(), half) {
            (true, false) => format!("it has some of {other}-bit reals: add `--half`"),
            (true, true) => format!("it has some of {other}-bit reals: leave `--half` out"),
            (false, _) => "leave `--cooperative` out; `rlc devices` says what devices have".into(),
        };
        Diagnostic::new(codes::RL5001, text).help(help)
    }

    /// Reads a file of tiles.
    pub fn tiles(path: &Path) -> Result<Vec<([usize; 4], Tile)>, Diagnostic> {
        let wrong = |why: String| {
            let text = format!("`{}` holds no tiles: {why}", path.display());
            Diagnostic::new(codes::RL4001, text).help("`rlc tune FILE.rl` writes such a file")
        };
        let bytes = files::read(path, MOST_CACHE).map_err(wrong)?;
        let list: Vec<([usize; 4], Tile)> =
            serde_json::from_slice(&bytes).map_err(|why| wrong(why.to_string()))?;
        let odd = list.iter().find(|(_, tile)| !crate::backend::wgsl::TILES.contains(tile));
        odd.map_or(Ok(()), |(shape, _)| Err(wrong(format!("an unknown tile for {shape:?}"))))?;
        Ok(list)
    }

    /// No cache file is larger.
    const MOST_CACHE: u64 = 1 << 28;

    /// The file that keeps what a device has compiled.
    fn place(key: &str) -> Option<PathBuf> {
        let cache = folders::cache()?;
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = key.chars().map(plain).collect();
        Some(cache.join(format!("shaders-{name}.bin")))
    }

    /// Keeps what a device has compiled. A cache that cannot be written is no fault.
    pub fn remember(device: &dyn Device) {
        let Some((key, bytes)) = device.compiled() else { return };
        let Some(path) = place(&key) else { return };
        let same = std::fs::metadata(&path).is_ok_and(|old| old.len() == bytes.len() as u64);
        if let (false, Some(folder)) = (same, path.parent())
            && std::fs::create_dir_all(folder).is_ok()
        {
            files::replace(&mut RealDisk, &path, &bytes).ok();
        }
    }
}

#[cfg(not(feature = "gpu"))]
mod absent {
    use super::*;
    use crate::base::{Diagnostic, codes};

    /// Whether there is graphics hardware.
    pub fn has_real() -> bool {
        false
    }

    /// A device with the plans of a model.
    pub fn device(
        _: &Compiled,
        _: &str,
        _: &Choice,
        out: &mut Output,
    ) -> Result<(Box<dyn Device>, Vec<Loaded>), Ended> {
        Err(none(out))
    }

    /// Why there is none.
    pub fn none(out: &mut Output) -> Ended {
        let text = "this build of rlc knows no graphics devices";
        let help = "build it with the feature `gpu`, or write `--device cpu`";
        out.fail(Diagnostic::new(codes::RL5001, text).help(help))
    }

    /// Nothing is compiled.
    pub fn remember(_: &dyn Device) {}
}
