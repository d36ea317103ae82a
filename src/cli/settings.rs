//! What the user chose: a configuration file and flags, merged. In: arguments. Out: settings of the
//! right types, data sources, seed, threads. Flags win over the file, later flags over earlier.

use super::args::{ExecArgs, ModelArgs, RunArgs};
use super::output::{Ended, Output};
use crate::base::{Diagnostic, Span, codes};
use crate::driver::{Asked, Replaced};
use crate::runtime::config;
use crate::runtime::data::source;
use crate::runtime::files;
use std::path::PathBuf;

/// What the user chose.
#[derive(Default)]
pub struct Choice {
    /// Settings of the file, and its data.
    pub asked: Asked,
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
pub fn read(model: &ModelArgs, out: &mut Output) -> Result<Choice, Ended> {
    let mut choice = Choice::default();
    if let Some(path) = &model.config {
        let bytes = files::read(path, config::MOST_BYTES as u64 + 1)
            .map_err(|why| out.fail(Diagnostic::new(codes::RL4001, why)))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| {
            out.fail(Diagnostic::new(codes::RL1004, format!("`{name}` is not UTF-8")))
        })?;
        let id = out.log.sources.add(name, text.as_str());
        let file = out.check(config::read(id, &text))?;
        if file == config::Config::default() {
            out.note(&format!("`{}` sets nothing", path.display()));
        }
        choice.asked.set = file.set;
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
        choice.asked.set.retain(|setting| setting.name != *name);
        choice.asked.set.push(config::given(name, text));
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
    ) -> Result<(), Ended> {
        let source = out.check(source::parse(&text).map_err(|error| match span {
            Some(span) => error.at(span, ""),
            None => error,
        }))?;
        self.asked.data.insert(name, Replaced { text, source, span });
        Ok(())
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
    pub fn check_device(&self, out: &mut Output) -> Result<(), Ended> {
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
}
