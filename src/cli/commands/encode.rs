//! `rlc encode`: the representation of a split as npz.

use crate::base::{Diagnostic, codes};
use crate::cli::args::EncodeArgs;
use crate::cli::machine::{self, Machine};
use crate::cli::output::{Ended, Output};
use crate::cli::settings;
use crate::runtime::data::npz;
use crate::runtime::encode::encode;
use crate::runtime::files;
use crate::runtime::job::PhaseSpec;
use std::path::PathBuf;

/// Encodes a split.
pub fn run(args: &EncodeArgs, out: &mut Output) -> Result<(), Ended> {
    let mut choice = settings::read(&args.model, out)?;
    choice.exec_flags(&args.exec);
    let mut compiled = machine::open(&args.file, &mut choice, out)?;
    out.show();
    let names: Vec<String> = compiled.job.encoders.iter().map(|e| e.name.clone()).collect();
    let chosen = |phase: &PhaseSpec| args.net.as_ref().is_none_or(|net| *net == phase.name);
    if !compiled.job.encoders.iter().any(chosen) {
        let text = match &args.net {
            Some(net) => format!("the model has no code `{}`", net.escape_debug()),
            None => "the model has no part with a code".into(),
        };
        let help = match names.as_slice() {
            [] => "declare an `encoder` or a `bottleneck`".to_string(),
            names => format!("codes come from {}", names.join(", ")),
        };
        return Err(out.fail(Diagnostic::new(codes::RL1001, text).help(help)));
    }
    for on in compiled.job.encoders.iter_mut().filter_map(|e| e.head.on.as_mut()) {
        on.1.clone_from(&args.split);
    }
    let model = compiled.job.name.clone();
    let weights = machine::find_weights(args.weights.as_ref(), &model, out)?;
    let wanted = |phase: &PhaseSpec| names.contains(&phase.name) && chosen(phase);
    let read = machine::read_weights(&weights, out)?;
    let mut machine = Machine::new(compiled, &args.file, &choice, wanted, &read.kept, out)?;
    let mut session = machine.session();
    machine::load_weights(&mut session, &read, out)?;
    let job = session.job;
    let encoders: Vec<&PhaseSpec> = job.encoders.iter().filter(|e| chosen(e)).collect();
    let arrays = out.check(encode(&mut session, &encoders, &args.split))?;
    machine.remember();
    let default = || PathBuf::from(format!("{model}-{}.npz", args.split));
    let path = args.output.clone().unwrap_or_else(default);
    files::put(&path, &npz::write(&arrays)).map_err(|error| {
        let text = format!("cannot write `{}`: {error}", path.display());
        let help = "name another file: `-o NAME.npz`";
        out.fail(Diagnostic::new(codes::RL4002, text).help(help))
    })?;
    for (name, shape, _) in &arrays {
        if out.json {
            out.data(&format!("{}\n", serde_json::json!({ "name": name, "shape": shape })));
        } else {
            out.data(&format!("{name} {shape:?}\n"));
        }
    }
    out.note(&format!("wrote {} with the weights of {}", path.display(), weights.display()));
    Ok(())
}
