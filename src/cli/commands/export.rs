//! `rlc export`: a trained part for other programs.

use crate::backend::export::{About, Open, Refused, Weights, c, onnx, torch};
use crate::base::{Diagnostic, codes};
use crate::cli::args::ExportArgs;
use crate::cli::machine;
use crate::cli::output::{Ended, Output};
use crate::cli::report::ABOUT;
use crate::cli::settings;
use crate::driver;
use crate::driver::export::{Exported, export};
use crate::graph::DType;
use crate::model::ir::Support;
use crate::runtime::data::kept::Kept;
use crate::runtime::files;
use std::path::{Path, PathBuf};

/// Writes a part.
pub fn run(args: &ExportArgs, out: &mut Output) -> Result<(), Ended> {
    let mut model = args.model.clone();
    let (file, weights) = if args.from.is_dir() {
        let config = args.from.join("config.yaml");
        if model.config.is_none() && config.is_file() {
            model.config = Some(config);
        }
        (file_of(&args.from, out)?, Some(args.from.clone()))
    } else {
        (args.from.clone(), None)
    };
    let mut choice = settings::read(&model, out)?;
    let mut trees = driver::load(&file, &mut out.log)?;
    choice.asked.check(&trees, &mut out.log)?;
    let exported = export(&mut trees, &choice.asked, args.part.as_deref(), &mut out.log)?;
    out.show();
    let named = args.weights.clone().or(weights);
    let weights_path = machine::find_weights(named.as_ref(), &exported.model, out)?;
    let (weights, kept) = machine::read_weights(&weights_path, out)?.all();
    let about = about(&exported, &kept);
    let open = opened(&exported, &weights, out)?;
    if let Some(path) = &args.onnx {
        let made = onnx::write(open, &weights, &about, args.opset);
        let bytes = said(made, &exported, out)?;
        put(path, &bytes, out)?;
    }
    if let Some(path) = &args.torch {
        let beside = beside(path, &weights_path, out)?;
        let name = beside.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = said(torch::write(open, &about, &name), &exported, out)?;
        let own = open
            .slots()
            .into_iter()
            .filter_map(|(slot, _)| weights.get(&slot).map(|value| (slot.clone(), value.clone())));
        let own: Vec<_> = own.collect();
        put(path, text.as_bytes(), out)?;
        put(&beside, &crate::runtime::weights::write(&own, ""), out)?;
    }
    if let Some(folder) = &args.c {
        let one = Open::new(&exported.one, &exported.one, (1, 2));
        let one = one.and_then(|one| c::write(one, &weights, &about));
        let files = said(one, &exported, out)?;
        std::fs::create_dir_all(folder).map_err(|error| {
            let text = format!("cannot make `{}`: {error}", folder.display());
            out.fail(Diagnostic::new(codes::RL4002, text).help("name another folder"))
        })?;
        for (name, text) in &files {
            put(&folder.join(name), text.as_bytes(), out)?;
        }
    }
    describe(open, &about, out)?;
    out.note(&format!(
        "{} of {}, with the weights of {}",
        exported.part,
        exported.model,
        weights_path.display()
    ));
    Ok(())
}

/// The file of the weights of a module: beside it, and not where a run keeps its own.
fn beside(module: &Path, run: &Path, out: &mut Output) -> Result<PathBuf, Ended> {
    let mut wrong = |text: &str, help: &str| {
        let text = format!("{text}: `{}`", module.display());
        out.fail(Diagnostic::new(codes::RL4002, text).help(help))
    };
    if module.extension().is_none_or(|ending| ending != "py") {
        return Err(wrong("a module is a file that ends in `.py`", "write `--torch NAME.py`"));
    }
    let beside = module.with_extension("safetensors");
    let home = |path: &Path| {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        folder.canonicalize().ok()
    };
    if beside.exists() && home(&beside) == home(run) {
        let text = "the weights of the run would be written over";
        return Err(wrong(text, "name a file outside of the run"));
    }
    Ok(beside)
}

/// The model of a run.
fn file_of(run: &Path, out: &mut Output) -> Result<PathBuf, Ended> {
    let text = std::fs::read_to_string(run.join(ABOUT)).unwrap_or_default();
    let about: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let file = about["file"].as_str().map(PathBuf::from).filter(|file| file.is_file());
    file.ok_or_else(|| {
        let text = format!("the model file of `{}` is not known here", run.display());
        let help = format!("name it: `rlc export FILE.rl --weights {}`", run.display());
        out.fail(Diagnostic::new(codes::RL4001, text).help(help))
    })
}

/// The part for any number of rows, if its weights fit it.
fn opened<'e>(
    exported: &'e Exported,
    weights: &Weights,
    out: &mut Output,
) -> Result<Open<'e>, Ended> {
    let mut found = Err(Refused { why: String::new() });
    for [(a, low), (b, high)] in &exported.pairs {
        found = Open::new(low, high, (*a, *b));
        if found.is_ok() {
            break;
        }
    }
    let open = found.map_err(|why| refuse(why, exported, out))?;
    for (name, id) in open.slots() {
        let own = open.graph.shape(id);
        let Some(value) = weights.get(&name) else {
            let text = format!("the weights have no value of `{name}`");
            let help = "name the folder of the run: `--weights RUN`";
            return Err(out.fail(Diagnostic::new(codes::RL3005, text).help(help)));
        };
        if value.shape != own {
            let text = format!("`{name}` has shape {:?}, the model says {own:?}", value.shape);
            return Err(out.fail(Diagnostic::new(codes::RL3005, text)));
        }
    }
    Ok(open)
}

fn refuse(refused: Refused, exported: &Exported, out: &mut Output) -> Ended {
    let code = if refused.why.contains(" bytes") { codes::RL6003 } else { codes::RL6002 };
    let text = format!("`{}` cannot be written: {}", exported.part, refused.why);
    out.fail(Diagnostic::new(code, text).at(exported.span, "this part"))
}

fn said<T>(made: Result<T, Refused>, exported: &Exported, out: &mut Output) -> Result<T, Ended> {
    made.map_err(|why| refuse(why, exported, out))
}

fn put(path: &Path, bytes: &[u8], out: &mut Output) -> Result<(), Ended> {
    files::put(path, bytes).map_err(|error| {
        let text = format!("cannot write `{}`: {error}", path.display());
        out.fail(Diagnostic::new(codes::RL4002, text).help("name another file"))
    })?;
    out.note(&format!("wrote {}", path.display()));
    Ok(())
}

/// What there is to say of each input.
fn about(exported: &Exported, kept: &[Kept]) -> About {
    let inputs = exported.given.iter().map(|(name, support)| {
        let feed = exported.feeds.iter().find(|feed| feed.input == *name);
        let field = feed.map_or(name.as_str(), |feed| feed.field.as_str());
        let scaled = kept.iter().find(|kept| match feed {
            Some(feed) => kept.data == feed.data && kept.field == feed.field,
            None => kept.field == field,
        });
        let scaled = scaled.and_then(scaling).map_or(String::new(), |text| format!("; {text}"));
        (name.clone(), format!("{}{scaled}", values(*support)))
    });
    About {
        model: exported.model.clone(),
        part: exported.part.clone(),
        writer: env!("CARGO_PKG_VERSION").into(),
        inputs: inputs.collect(),
    }
}

fn values(support: Support) -> String {
    match support {
        Support::Real => "reals".into(),
        Support::Interval(low, high) => format!("reals from {low} to {high}"),
        Support::Positive => "reals above 0".into(),
        Support::Bit => "0 or 1".into(),
        Support::Count => "whole numbers from 0, as reals".into(),
        Support::Index(n) => format!("whole numbers from 0 to {}", n.saturating_sub(1)),
        Support::Bool => "truth values".into(),
        Support::Integer => "whole numbers".into(),
    }
}

/// What the run did to a field before the model saw it: the part takes what the model sees.
fn scaling(kept: &Kept) -> Option<String> {
    let list = |list: &[f64]| {
        let shown: Vec<String> = list.iter().take(64).map(|x| format!("{x}")).collect();
        let more = if list.len() > 64 { ", ..." } else { "" };
        format!("[{}{more}]", shown.join(", "))
    };
    if !kept.centre.is_empty() {
        let (mean, spread) = (list(&kept.centre), list(&kept.spread));
        return Some(format!(
            "give (value - mean) / deviation of the file's values, mean {mean}, deviation {spread}"
        ));
    }
    if let Some((low, high)) = kept.levels {
        return Some(format!(
            "the file's values from {low} to {high} became the ends of this range"
        ));
    }
    (!kept.words.is_empty()).then(|| format!("numbers of {} words of the run", kept.words.len()))
}

/// Inputs and outputs, a line each.
fn describe(open: Open<'_>, about: &About, out: &mut Output) -> Result<(), Ended> {
    let shown = |dims: Vec<crate::backend::export::Dim>| {
        let dim = |d: &crate::backend::export::Dim| match (d.per_row, d.fixed) {
            (0, n) => n.to_string(),
            (1, 0) => "batch".into(),
            (n, m) => format!("{n}*batch+{m}"),
        };
        dims.iter().map(dim).collect::<Vec<_>>()
    };
    let kind = |dtype| match dtype {
        DType::F32 => "f32",
        DType::I32 => "i32",
        DType::Bool => "bool",
    };
    let given = open.inputs().unwrap_or_default();
    let inputs = given.into_iter().map(|one| {
        let note = one.note(about);
        ("input", one.name, one.ty.dtype, shown(one.dims), note)
    });
    let outputs = open.outputs().into_iter().map(|(name, id)| {
        ("output", name, open.graph.ty(id).dtype, shown(open.dims(id)), String::new())
    });
    for (what, name, dtype, dims, note) in inputs.chain(outputs) {
        let kind = kind(dtype);
        if out.json {
            let line = serde_json::json!({ what: name, "type": kind, "shape": dims, "note": note });
            out.data(&format!("{line}\n"));
        } else {
            let note = if note.is_empty() { note } else { format!("  {note}") };
            out.data(&format!("{what} {name} {kind}[{}]{note}\n", dims.join(", ")));
        }
    }
    Ok(())
}
