//! `rlc devices`: graphics devices with their limits, each tested for about a second.

use crate::cli::args::DevicesArgs;
use crate::cli::output::{Ended, Output};

/// Without graphics devices in this build there are none to list.
#[cfg(not(feature = "gpu"))]
pub fn run(_: &DevicesArgs, out: &mut Output) -> Result<(), Ended> {
    Err(crate::cli::graphics::none(out))
}

#[cfg(feature = "gpu")]
pub use real::run;

#[cfg(feature = "gpu")]
mod real {
    use super::*;
    use crate::backend::cpu::Cpu;
    use crate::backend::wgpu::{Found, Gpu, list};
    use crate::backend::{Device, Loaded, Tensor};
    use crate::base::{Diagnostic, codes};
    use crate::graph::{Graph, InputRole, NoiseKind, Ty};
    use crate::plan::{Plan, plan};
    use crate::runtime::profile;
    use serde_json::json;

    /// Lists and tests all devices.
    pub fn run(args: &DevicesArgs, out: &mut Output) -> Result<(), Ended> {
        let all = list();
        if all.is_empty() {
            let help = "install a Vulkan driver, or go on with `--device cpu`";
            let error = Diagnostic::new(codes::RL5001, "no graphics device was found");
            return Err(out.fail(error.help(help)));
        }
        let mut bad = false;
        for (number, found) in all.iter().enumerate() {
            let tested = (!args.no_test).then(|| test(number));
            bad |= tested.as_ref().is_some_and(Result::is_err);
            out.data(&if out.json {
                in_json(number, found, tested.as_ref())
            } else {
                in_words(number, found, tested.as_ref())
            });
        }
        if bad {
            let text = "a graphics device computes other numbers than the processor";
            return Err(out.fail(Diagnostic::new(codes::RL5005, text)));
        }
        Ok(())
    }

    fn in_words(number: usize, found: &Found, tested: Option<&Result<f64, String>>) -> String {
        let mib = |bytes: u64| bytes >> 20;
        let has = [
            (found.timestamps, "timestamps"),
            (found.half, "16-bit reals"),
            (found.subgroups, "subgroups"),
            (found.cooperative[0].is_some(), "cooperative matrices of 32-bit reals"),
            (found.cooperative[1].is_some(), "cooperative matrices of 16-bit reals"),
        ];
        let has: Vec<&str> = has.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect();
        let mut text = format!("gpu:{number} {}\n", found.name);
        text += &format!("    {}, {}, {}\n", found.api, found.kind, found.driver);
        text += &format!(
            "    bindings {} of {} MiB, buffers {} MiB\n",
            found.bindings,
            mib(found.binding),
            mib(found.buffer)
        );
        text += &format!(
            "    workgroups {} invocations, {} KiB shared, {} a dim\n",
            found.lanes,
            found.shared >> 10,
            found.groups
        );
        text += &format!("    has {}\n", has.join(", "));
        match tested {
            None => {}
            Some(Ok(gflops)) => {
                text += &format!(
                    "    self test: as the processor; product of 1024^3 at {gflops:.0} GFLOP/s\n"
                );
            }
            Some(Err(why)) => text += &format!("    self test: FAILED, {why}\n"),
        }
        text
    }

    fn in_json(number: usize, found: &Found, tested: Option<&Result<f64, String>>) -> String {
        let [full, half] = found.cooperative.map(|units| units.map(|units| units.size));
        let row = json!({
            "device": format!("gpu:{number}"), "name": found.name, "api": found.api,
            "kind": found.kind, "driver": found.driver, "binding_bytes": found.binding,
            "buffer_bytes": found.buffer, "bindings": found.bindings, "invocations": found.lanes,
            "shared_bytes": found.shared, "workgroups": found.groups,
            "timestamps": found.timestamps, "half": found.half, "subgroups": found.subgroups,
            "cooperative": { "f32": full, "f16": half },
            "gflops": tested.and_then(|t| t.as_ref().ok()),
            "fault": tested.and_then(|t| t.as_ref().err()),
        });
        format!("{row}\n")
    }

    /// Compares a device with the processor on a product, functions and noise; then the speed of a
    /// product.
    fn test(number: usize) -> Result<f64, String> {
        let mut gpu = Gpu::open(number, false, |_| None).map_err(|why| format!("{why:?}"))?;
        let plan = sample(200);
        let loaded = gpu.load(&plan);
        let got = one(&mut gpu, loaded, 200);
        let mut cpu = Cpu::new(1);
        let loaded = cpu.load(&plan);
        let right = one(&mut cpu, loaded, 200);
        let far = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-4 * b.abs().max(1.0) || a.is_nan();
        if let Some(at) = got.iter().zip(&right).position(far) {
            return Err(format!("{} instead of {}", got[at], right[at]));
        }
        speed(&mut gpu)
    }

    /// `sum over columns of tanh(x w / 10) + z`, with noise `z`.
    fn sample(n: usize) -> Plan {
        let mut g = Graph::new();
        let x = g.input("x", InputRole::Data, Ty::f32([n, n]));
        let seed = g.input("seed", InputRole::Seed, Ty::i32([]));
        let product = g.contract(x, x, "ij,kj->ik");
        let small = g.scale(product, 0.1);
        let y = g.tanh(small);
        let z = g.random(NoiseKind::Normal, "z", &[n, n], seed, seed);
        let sum = g.add(y, z);
        let mean = g.mean(sum, &[1]);
        g.output("mean", mean);
        plan(&g)
    }

    fn one(device: &mut dyn Device, loaded: Loaded, n: usize) -> Vec<f32> {
        let x = (0..n * n).map(|i| ((i * 37 % 101) as f32 - 50.0) / 100.0).collect();
        let (x, seed) = (Tensor::f32([n, n], x), Tensor::i32([], vec![3]));
        device.run(loaded, &[("x", &x), ("seed", &seed)]);
        device.output(loaded, "mean").to_f32()
    }

    /// GFLOP/s of a product of 1024^3, the best of what half a second allows.
    fn speed(gpu: &mut Gpu) -> Result<f64, String> {
        let n = 1024;
        let mut g = Graph::new();
        let x = g.input("x", InputRole::Param, Ty::f32([n, n]));
        let y = g.contract(x, x, "ij,jk->ik");
        g.output("y", y);
        let loaded = gpu.load(&plan(&g));
        gpu.run(loaded, &[]);
        gpu.measure(profile::seconds);
        let (begun, mut best, mut before) = (profile::seconds(), f64::INFINITY, 0.0);
        while profile::seconds() - begun < 0.5 {
            gpu.run(loaded, &[]);
            let seconds: f64 = gpu.spent(loaded).iter().map(|spent| spent.seconds).sum();
            best = best.min(seconds - before);
            before = seconds;
        }
        match gpu.fault() {
            Some(fault) => Err(format!("{fault:?}")),
            None => Ok(2.0 * (n * n * n) as f64 / best / 1e9),
        }
    }
}
