//! What the user chose: a configuration file and flags, merged. In: arguments. Out: settings of the
//! right types, data sources, seed, threads. Flags win over the file, later flags over earlier.

use super::args::{ExecArgs, ModelArgs, RunArgs};
use super::output::{Output, Stop};
use super::sources::Trees;
use crate::base::{Diagnostic, Span, codes, nearest};
use crate::model::ir::Source;
use crate::runtime::config::{self, Declared, Kind, Setting};
use crate::runtime::data::source;
use crate::runtime::files;
use crate::syntax::ast;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A source that replaces the file's own.
pub struct Replaced {
    /// As the user wrote it.
    pub text: String,
    /// What that says.
    pub source: Source,
    /// Its place in a configuration file.
    span: Option<Span>,
}

/// What the user chose.
#[derive(Default)]
pub struct Choice {
    /// Values of `dim` and `config` items.
    pub set: Vec<Setting>,
    /// Data sources by data set.
    pub data: BTreeMap<String, Replaced>,
    /// The seed.
    pub seed: Option<u32>,
    /// Threads.
    pub threads: Option<usize>,
    /// The device.
    pub device: Option<String>,
    /// Whether a graphics device keeps intermediate values in 16 bits.
    pub half: bool,
    /// Whether a graphics device makes products by its matrix units.
    pub cooperative: bool,
    /// Tiles of products.
    pub tiles: Option<PathBuf>,
    /// The run folder.
    pub out: Option<PathBuf>,
    /// The phases to run.
    pub phases: Option<Vec<String>>,
}

/// Reads the configuration file, if any, and puts the flags on top.
pub fn read(model: &ModelArgs, out: &mut Output) -> Result<Choice, Stop> {
    let mut choice = Choice::default();
    if let Some(path) = &model.config {
        let bytes = files::read(path, config::MOST_BYTES as u64 + 1)
            .map_err(|why| out.fail(Diagnostic::new(codes::RL4001, why)))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| {
            out.fail(Diagnostic::new(codes::RL1004, format!("`{name}` is not UTF-8")))
        })?;
        let id = out.sources.add(name, text.as_str());
        let file = out.check(config::read(id, &text))?;
        if file == config::Config::default() {
            out.note(&format!("`{}` sets nothing", path.display()));
        }
        choice.set = file.set;
        for (name, text, span) in file.data {
            choice.replace(name, text, span, out)?;
        }
        choice.seed = file.seed;
        choice.threads = file.threads;
        choice.device = file.device;
        choice.out = file.out.map(PathBuf::from);
        choice.phases = file.phases;
    }
    for (name, text) in &model.set {
        choice.set.retain(|setting| setting.name != *name);
        choice.set.push(config::given(name, text));
    }
    for (name, text) in &model.data {
        choice.replace(name.clone(), text.clone(), None, out)?;
    }
    Ok(choice)
}

impl Choice {
    fn replace(
        &mut self,
        name: String,
        text: String,
        span: Option<Span>,
        out: &mut Output,
    ) -> Result<(), Stop> {
        let source = out.check(source::parse(&text).map_err(|error| match span {
            Some(span) => error.at(span, ""),
            None => error,
        }))?;
        self.data.insert(name, Replaced { text, source, span });
        Ok(())
    }

    /// What replaces the sources of the file, by data set.
    pub fn sources(&self) -> BTreeMap<String, Source> {
        self.data.iter().map(|(name, new)| (name.clone(), new.source.clone())).collect()
    }

    /// Puts the flags of a device on top.
    pub fn exec_flags(&mut self, args: &ExecArgs) {
        self.seed = args.seed.or(self.seed);
        self.threads = args.threads.map(usize::from).or(self.threads);
        self.device = args.device.clone().or(self.device.take());
        self.tiles = args.tiles.clone();
        self.half = args.half;
        self.cooperative = args.cooperative;
    }

    /// Puts the flags of a run on top.
    pub fn run_flags(&mut self, args: &RunArgs) {
        self.exec_flags(&args.exec);
        self.out = args.out.clone().or(self.out.take());
        if !args.phases.is_empty() {
            self.phases = Some(args.phases.clone());
        }
    }

    /// Number of threads to use.
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(all)
    }

    /// Refuses devices that do not exist.
    pub fn check_device(&self, out: &mut Output) -> Result<(), Stop> {
        match self.device.as_deref() {
            None | Some("cpu" | "auto" | "gpu" | "reference") => Ok(()),
            Some(other) if other.strip_prefix("gpu:").is_some_and(|n| n.parse::<u8>().is_ok()) => {
                Ok(())
            }
            Some(other) => {
                let text = format!("there is no device `{}`", other.escape_debug());
                Err(out.fail(
                    Diagnostic::new(codes::RL5001, text)
                        .help("write `--device cpu`, `gpu`, `auto` or `reference`"),
                ))
            }
        }
    }

    /// Checks settings and data sets against what the file declares.
    pub fn check(&mut self, trees: &Trees, out: &mut Output) -> Result<(), Stop> {
        let Some(tree) = trees.files.trees.get(&trees.entry) else { return Ok(()) };
        out.take(config::check(&mut self.set, &declared(tree)))?;
        let names: Vec<&str> = tree.items.iter().filter_map(data_name).collect();
        self.check_data(&names, out)
    }

    /// Checks the names of replaced data sets.
    pub fn check_data(&self, names: &[&str], out: &mut Output) -> Result<(), Stop> {
        for (name, replaced) in &self.data {
            if names.contains(&name.as_str()) {
                continue;
            }
            let text = format!("the model has no data set `{}`", name.escape_debug());
            let mut error = Diagnostic::new(codes::RL1001, text);
            if let Some(span) = replaced.span {
                error = error.at(span, "");
            }
            let help = match nearest(name, names) {
                Some(word) => format!("did you mean `{word}`?"),
                None if names.is_empty() => "it reads no data".into(),
                None => format!("it has {}", names.join(", ")),
            };
            return Err(out.fail(error.help(help)));
        }
        Ok(())
    }
}

fn data_name(item: &ast::Item) -> Option<&str> {
    match &item.kind {
        ast::ItemKind::Data { name, .. } => Some(&name.name),
        _ => None,
    }
}

/// The `dim` and `config` items of a file.
fn declared(tree: &ast::File) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut add = |name: &ast::Ident, kind| {
        found.push(Declared { name: name.name.clone(), kind, span: name.span });
    };
    for item in &tree.items {
        match &item.kind {
            ast::ItemKind::Dim(dims) => dims.iter().for_each(|(name, _)| add(name, Kind::Dim)),
            ast::ItemKind::Config { name, ty, .. } => {
                let kind = match &ty.scalar {
                    ast::Scalar::Prim(word) if word == "bool" => Kind::Bool,
                    ast::Scalar::Prim(word) if word == "str" => Kind::Text,
                    ast::Scalar::Prim(word) if matches!(word.as_str(), "int" | "i32" | "u32") => {
                        Kind::Int
                    }
                    ast::Scalar::Idx(_) => Kind::Int,
                    ast::Scalar::Prim(_) => Kind::Real,
                };
                add(name, kind);
            }
            _ => {}
        }
    }
    found
}
