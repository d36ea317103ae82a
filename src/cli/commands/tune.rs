//! `rlc tune`: the fastest tile for every product of a model on a graphics device, written to a file
//! that `--tiles` reads. Results of a model do not depend on it.

use crate::cli::args::TuneArgs;
use crate::cli::output::{Ended, Output};

/// Without graphics devices in this build there is nothing to tune.
#[cfg(not(feature = "gpu"))]
pub fn run(_: &TuneArgs, out: &mut Output) -> Result<(), Ended> {
    Err(crate::cli::graphics::none(out))
}

#[cfg(feature = "gpu")]
pub use real::run;

#[cfg(feature = "gpu")]
mod real {
    use super::*;
    use crate::backend::wgpu::Gpu;
    use crate::backend::wgsl::{TILES, Tile, product_shape};
    use crate::backend::{Device, Tensor};
    use crate::base::{Diagnostic, codes};
    use crate::cli::settings::{self, Choice};
    use crate::cli::{graphics, machine};
    use crate::plan::{Elem, Kernel, Place, Plan};
    use crate::runtime::files;
    use crate::runtime::profile;
    use std::collections::BTreeMap;

    /// Runs of a kernel per tile; the best counts.
    const RUNS: usize = 5;

    /// Tunes a model.
    pub fn run(args: &TuneArgs, out: &mut Output) -> Result<(), Ended> {
        let mut choice: Choice = settings::read(&args.model, out)?;
        choice.device = Some(args.device.clone());
        let compiled = machine::open(&args.file, &mut choice, out)?;
        out.show();
        let mut tiles: BTreeMap<[usize; 4], Tile> = BTreeMap::new();
        if args.output.exists() {
            tiles.extend(out.check(graphics::tiles(&args.output))?);
        }
        let mut gpu = graphics::open(&args.device, false, out)?;
        gpu.measure(profile::seconds);
        let mut shapes: BTreeMap<[usize; 4], (&Plan, &Kernel)> = BTreeMap::new();
        for plan in &compiled.plans {
            for kernel in &plan.kernels {
                if let Some(shape) = product_shape(&kernel.work) {
                    shapes.insert(shape, (plan, kernel));
                }
            }
        }
        for (shape, (plan, kernel)) in shapes {
            let Some((tile, seconds)) = best(&mut gpu, plan, kernel, shape) else { continue };
            tiles.insert(shape, tile);
            let [outer, m, n, k] = shape;
            let rate = 2.0 * (outer * m * n * k) as f64 / seconds / 1e9;
            let Tile { rows, cols, depth, down, across } = tile;
            out.data(&format!(
                "{outer}x{m}x{n}x{k}: {rows}x{cols}x{depth}, {down}x{across} each, {rate:.1} GFLOP/s\n"
            ));
        }
        let list: Vec<_> = tiles.into_iter().collect();
        let text = serde_json::to_string(&list).unwrap_or_default() + "\n";
        files::put(&args.output, text.as_bytes()).map_err(|error| {
            let text = format!("cannot write `{}`: {error}", args.output.display());
            out.fail(Diagnostic::new(codes::RL4002, text))
        })?;
        out.note(&format!("wrote {}; use it with `--tiles`", args.output.display()));
        Ok(())
    }

    /// The tile with which a kernel alone is fastest, and its seconds.
    fn best(gpu: &mut Gpu, plan: &Plan, kernel: &Kernel, shape: [usize; 4]) -> Option<(Tile, f64)> {
        let alone = Plan { kernels: vec![kernel.clone()], outputs: vec![], ..plan.clone() };
        let zeros: Vec<(&str, Tensor)> = alone
            .buffers
            .iter()
            .filter_map(|buffer| match (&buffer.place, buffer.elem) {
                (Place::Input(name), Elem::I32) => {
                    Some((name.as_str(), Tensor::i32(buffer.shape.clone(), vec![0; buffer.len()])))
                }
                (Place::Input(name), _) => Some((
                    name.as_str(),
                    Tensor::f32(buffer.shape.clone(), vec![0.0; buffer.len()]),
                )),
                _ => None,
            })
            .collect();
        let inputs: Vec<(&str, &Tensor)> = zeros.iter().map(|(n, t)| (*n, t)).collect();
        let mut found: Option<(Tile, f64)> = None;
        for tile in TILES {
            gpu.forget();
            gpu.use_tiles([(shape, *tile)]);
            let loaded = gpu.load(&alone);
            let (mut least, mut before) = (f64::INFINITY, 0.0);
            for run in 0..=RUNS {
                gpu.run(loaded, &inputs);
                let seconds: f64 = gpu.spent(loaded).iter().map(|spent| spent.seconds).sum();
                if run > 0 {
                    least = least.min(seconds - before);
                }
                before = seconds;
            }
            if gpu.fault().is_some() {
                return None;
            }
            if found.is_none_or(|(_, other)| least < other) {
                found = Some((*tile, least));
            }
        }
        found
    }
}
