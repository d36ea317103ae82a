//! A compiled model on a device, with its data. In: a file and what the user chose. Out: what the
//! commands that run something share.

use super::graphics;
use super::needs::{self, Needs};
use super::output::{Ended, Output};
use super::settings::Choice;
use crate::backend::cpu::Cpu;
use crate::backend::oracle::Oracle;
use crate::backend::{Device, Loaded, Tensor, reference};
use crate::base::{Diagnostic, Diagnostics, codes};
use crate::driver::{self, Compiled, Rest};
use crate::runtime::checkpoint::{self, Identity};
use crate::runtime::data::Dataset;
use crate::runtime::data::args::describe;
use crate::runtime::data::kept::{self, Kept};
use crate::runtime::folder;
use crate::runtime::job::{Job, PhaseSpec};
use crate::runtime::session::{Datasets, Session, load_data};
use crate::runtime::{files, trust, weights};
use crate::translate::program::Slot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Data that a constant holds whole has the rows that the model was compiled for.
fn same_tables(phases: &[&PhaseSpec], data: &Datasets) -> Result<(), Diagnostic> {
    for feed in phases.iter().flat_map(|phase| &phase.feeds) {
        let (Some(rows), Some(set)) = (feed.all, data.get(&feed.data)) else { continue };
        let (name, found) = match &feed.split {
            None => (feed.data.clone(), set.rows),
            Some(split) => {
                (format!("{}.{split}", feed.data), set.split(split).map_or(0, |rows| rows.len()))
            }
        };
        if found != rows {
            let text = format!(
                "`{name}` has {found} rows; this was compiled for {rows}, which a constant of it holds"
            );
            let help = "compile again with this data: `rlc compile FILE.rl --data ...`";
            return Err(Diagnostic::new(codes::RL2064, text).help(help));
        }
    }
    Ok(())
}

/// Compares the bill with the memory of the machine, where the system tells it. A graphics device has
/// memory of its own, and says itself when it has no more.
fn affordable(compiled: &Compiled, device: &str) -> Result<(), Diagnostic> {
    let needs = Needs::of(&compiled.plans, &compiled.job.slots);
    match device {
        "cpu" => needs.affordable(compiled.place),
        "reference" => {
            let largest = compiled.graphs.iter().map(reference::bytes).max().unwrap_or(0);
            // Slots are held twice: of a step's start and of its end.
            let slots = compiled.job.slots.iter().map(|slot| 16 * slot.ty.len() as u128);
            let needed = largest as u128 + slots.sum::<u128>();
            needs::fits(needed, needs::memory(), compiled.place)
        }
        _ => Ok(()),
    }
}

/// A device with everything that a model has to run.
fn device(
    compiled: &Compiled,
    choice: &Choice,
    out: &mut Output,
) -> Result<(Box<dyn Device>, Vec<Loaded>), Ended> {
    match choice.device.as_deref() {
        Some("reference") if compiled.graphs.is_empty() => {
            let text = "the reference device runs graphs, an artifact holds plans only";
            Err(out.fail(Diagnostic::new(codes::RL5001, text).help("run the `.rl` file")))
        }
        Some("reference") => {
            idle_flags(choice, out);
            let mut device = Oracle::new();
            let loaded = compiled.graphs.iter().map(|graph| device.load(graph)).collect();
            Ok((Box::new(device), loaded))
        }
        Some("auto") if !graphics::has_real() => {
            out.note("device: the processor; there is no graphics hardware");
            Ok(processor(compiled, choice, out))
        }
        Some(named @ "auto") => graphics::device(compiled, named, choice, out),
        Some(named) if named.starts_with("gpu") => graphics::device(compiled, named, choice, out),
        _ => Ok(processor(compiled, choice, out)),
    }
}

/// Says which flags do nothing without a graphics device.
fn idle_flags(choice: &Choice, out: &mut Output) {
    let given = [
        (choice.half, "--half"),
        (choice.cooperative, "--cooperative"),
        (choice.tiles.is_some(), "--tiles"),
    ];
    for (_, flag) in given.iter().filter(|(given, _)| *given) {
        out.note(&format!("`{flag}` is for graphics devices; the processor does without"));
    }
}

fn processor(
    compiled: &Compiled,
    choice: &Choice,
    out: &mut Output,
) -> (Box<dyn Device>, Vec<Loaded>) {
    idle_flags(choice, out);
    let mut device = Cpu::new(choice.threads());
    let loaded = compiled.plans.iter().map(|plan| device.load(plan)).collect();
    (Box::new(device), loaded)
}

fn home(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Compiles a `.rl` file, or reads a `.rlx` file, for a device that there may be.
pub fn open(file: &Path, choice: &mut Choice, out: &mut Output) -> Result<Compiled, Ended> {
    choice.check_device(out)?;
    Ok(driver::open(file, &mut choice.asked, &mut out.log)?)
}

/// The short last batches of the data that an artifact is made with; none if the data is not here.
pub fn rests_at_hand(compiled: &Compiled, file: &Path, choice: &Choice) -> Option<Vec<Rest>> {
    let phases: Vec<&PhaseSpec> = compiled.job.specs().filter(|p| driver::has_rest(p)).collect();
    let data = load_data(&compiled.job, &phases, &choice.asked.sources(), home(file), &[]).ok()?;
    Some(driver::rests(&compiled.job, &phases, &data))
}

/// A device with every plan of a job on it.
pub struct Machine {
    /// What runs.
    pub job: Job,
    /// Where.
    pub device: Box<dyn Device>,
    /// The plans on the device.
    pub loaded: Vec<Loaded>,
    /// The data that the phases read.
    pub data: Datasets,
    /// How fields of the data were read: those of this run first, then those of the weights.
    pub read_as: Vec<Kept>,
    /// The seed.
    pub seed: u32,
}

impl Machine {
    /// Loads data and plans.
    pub fn new(
        mut compiled: Compiled,
        file: &Path,
        choice: &Choice,
        wanted: impl Fn(&PhaseSpec) -> bool,
        kept: &[Kept],
        out: &mut Output,
    ) -> Result<Machine, Ended> {
        out.check(affordable(&compiled, choice.device.as_deref().unwrap_or("cpu")))?;
        let job = &compiled.job;
        let phases: Vec<&PhaseSpec> = job.specs().filter(|phase| wanted(phase)).collect();
        let data = out.check(load_data(job, &phases, &choice.asked.sources(), home(file), kept))?;
        for set in data.values() {
            set.notes().iter().for_each(|note| out.note(note));
            out.take(Diagnostics { list: set.warnings() })?;
        }
        let has = |kept: &Kept| {
            let data = job.data.iter().find(|data| data.name == kept.data);
            data.is_some_and(|data| data.fields.iter().any(|field| field.name == kept.field))
        };
        let mut warnings = kept::apart(data.values().flat_map(|set| &set.kept));
        warnings.extend(kept::unused(kept, has));
        out.take(Diagnostics { list: warnings })?;
        out.check(same_tables(&phases, &data))?;
        out.show();
        let rests = driver::rests(job, &phases, &data);
        driver::add_rests(&mut compiled, &rests, &mut out.log)?;
        if compiled.from.is_some() {
            // Those of an artifact were checked when it was read.
            let found = trust::plans(&compiled.job, &compiled.plans);
            assert_eq!(found, Ok(()), "the planner");
        }
        let (device, loaded) = device(&compiled, choice, out)?;
        let (job, seed) = (compiled.job, choice.seed.unwrap_or(0));
        let own = data.values().flat_map(|set| set.kept.clone());
        let read_as = own.chain(kept.iter().cloned()).collect();
        Ok(Machine { job, device, loaded, data, read_as, seed })
    }

    /// The job with initial weights.
    pub fn session(&mut self) -> Session<'_> {
        let mut session = Session {
            job: &self.job,
            device: &mut *self.device,
            loaded: &self.loaded,
            data: &self.data,
            seed: self.seed,
            read_as: &self.read_as,
            kept: Default::default(),
        };
        session.initialize();
        session
    }

    /// Keeps what the device has compiled for the next time.
    pub fn remember(&self) {
        graphics::remember(&*self.device);
    }

    /// What a checkpoint of this run belongs to.
    pub fn identity(&self, choice: &Choice) -> Identity {
        let origin = |data: &crate::runtime::job::DataSpec| {
            let new = choice.asked.data.get(&data.name).map(|new| new.text.clone());
            let own = || data.source.as_ref().map(describe).unwrap_or_default();
            (data.name.clone(), new.unwrap_or_else(own))
        };
        let digest =
            |(name, set): (&String, &Dataset)| (name.clone(), format!("{:08x}", set.digest()));
        Identity {
            model: self.job.name.clone(),
            source: self.job.source.clone(),
            seed: self.seed,
            data: self.job.data.iter().map(origin).collect(),
            rows: self.data.iter().map(digest).collect(),
            kept: self.data.values().flat_map(|set| set.kept.clone()).collect(),
        }
    }
}

/// Weights that were read and not given to a session yet.
pub struct Weights {
    path: PathBuf,
    params: Vec<(String, Tensor)>,
    states: Vec<(String, Tensor)>,
    /// What the run that made them has kept of its data.
    pub kept: Vec<Kept>,
}

impl Weights {
    /// Every weight and state by its path, and what was kept of the data.
    pub fn all(self) -> (BTreeMap<String, Tensor>, Vec<Kept>) {
        (self.params.into_iter().chain(self.states).collect(), self.kept)
    }
}

/// Reads the weights of a run folder or of a safetensors file.
pub fn read_weights(path: &Path, out: &mut Output) -> Result<Weights, Ended> {
    let path = path.to_path_buf();
    if path.is_dir() {
        let (found, refused) = out.check(checkpoint::latest(&path.join("checkpoints")))?;
        refused.into_iter().for_each(|error| out.note(&format!("skipped: {}", error.message)));
        let (params, states): (Vec<_>, Vec<_>) =
            found.slots.into_iter().partition(|(slot, _)| slot.is_param);
        let plain = |list: Vec<(Slot, Tensor)>| -> Vec<(String, Tensor)> {
            list.into_iter().map(|(slot, value)| (slot.path, value)).collect()
        };
        let (params, states) = (plain(params), plain(states));
        return Ok(Weights { path, params, states, kept: found.identity.kept });
    }
    let bytes = files::read(&path, u64::MAX)
        .map_err(|why| out.fail(Diagnostic::new(codes::RL4001, why)))?;
    let found = out.check(weights::read(&bytes, &path.display().to_string()))?;
    let identity = found.about.and_then(|about| serde_json::from_str::<Identity>(&about).ok());
    let kept = identity.map_or(Vec::new(), |identity| identity.kept);
    Ok(Weights { path, params: found.tensors, states: Vec::new(), kept })
}

/// Gives a session weights. States of the run are taken where the model has them: running means
/// belong to the weights. Optimizers start anew, as their steps are counted from 0; so do states of
/// layers that are not there, and that is said.
pub fn load_weights(
    session: &mut Session<'_>,
    weights: &Weights,
    out: &mut Output,
) -> Result<(), Ended> {
    let slots = &session.job.slots;
    let shown = weights.path.display().to_string();
    let known = |(name, value): &&(String, Tensor)| {
        slots.iter().any(|slot| {
            let same = slot.path == *name && slot.ty.shape == value.shape;
            same && !slot.is_moment && checkpoint::same_type(value, slot)
        })
    };
    let states = weights.states.iter().filter(known);
    let given: Vec<_> = weights.params.iter().chain(states).collect();
    out.check(checkpoint::fit(slots, &given, true, &shown))?;
    if let Some(warning) = out.check(weights::numbers(&given, &shown))? {
        out.take(Diagnostics { list: vec![warning] })?;
        out.show();
    }
    for (name, value) in &given {
        session.device.write(name, value);
    }
    let has = |slot: &&Slot| given.iter().any(|(name, _)| *name == slot.path);
    let own = |slot: &&Slot| !slot.is_param && !slot.is_moment;
    let anew: Vec<&str> =
        slots.iter().filter(own).filter(|s| !has(s)).map(|slot| slot.path.as_str()).collect();
    if !anew.is_empty() {
        out.take(Diagnostics { list: vec![starts_anew(&shown, &anew)] })?;
        out.show();
    }
    Ok(())
}

/// A warning that names the states which the weights come without.
fn starts_anew(path: &str, names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (first, more) = names.split_at(names.len().min(10));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let text = format!("`{path}` has no value for {}{more}", first.join(", "));
    Diagnostic::new(codes::RL3012, text)
}

/// The run folder or weights file that was named, or the newest run of this model.
pub fn find_weights(
    named: Option<&PathBuf>,
    model: &str,
    out: &mut Output,
) -> Result<PathBuf, Ended> {
    named.cloned().or_else(|| folder::newest(model)).ok_or_else(|| {
        let text = format!("there is no run of `{model}` in `runs`");
        let help = "train first: `rlc run FILE.rl`, or name one: `--weights PATH`";
        out.fail(Diagnostic::new(codes::RL3011, text).help(help))
    })
}
