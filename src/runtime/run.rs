//! A whole run. In: a session, a run folder, which phases. Out: trained weights, figures, samples,
//! a record. Stops between two steps when asked to.

use super::checkpoint::{Checkpoint, Identity, Progress};
use super::eval::{self, FigureValue};
use super::folder::RunFolder;
use super::job::PhaseSpec;
use super::sample;
use super::session::Session;
use super::stop;
use super::talk::{Averages, Reporter};
use super::train::{Sums, Train};
use super::weights;
use crate::backend::Tensor;
use crate::base::Diagnostic;
use crate::model::ir::{self, PhaseKind};
use crate::translate::program::Slot;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All phases are finished.
    Done,
    /// The user asked for it; everything is saved.
    Interrupted,
}

/// A run under way.
pub struct Run<'a, 'r> {
    /// The job on its device.
    pub session: Session<'a>,
    /// Where results go.
    pub folder: &'r mut RunFolder,
    /// Who listens.
    pub talk: &'r mut dyn Reporter,
    /// Set when the user wants to stop.
    pub stop: &'r AtomicBool,
    /// What checkpoints belong to.
    pub identity: Identity,
    /// Names of the phases to run; `None` for all.
    pub only: Option<Vec<String>>,
    /// How far it has come.
    pub progress: Progress,
    /// A train phase is saved this often.
    pub save_every: Duration,
    /// What the record says of each phase.
    pub record: Vec<Value>,
    /// Every slot at the best look of a train phase that stops by a figure.
    pub best: Vec<(Slot, Tensor)>,
    /// Figures that are not finite.
    pub odd: Vec<String>,
}

impl<'a> Run<'a, '_> {
    /// Goes back to a checkpoint of this run.
    pub fn restore(&mut self, from: Checkpoint) -> Result<(), Diagnostic> {
        let (slots, best) = stop::apart(from.slots);
        self.session.write_slots(&slots);
        self.best = best;
        self.folder.rewind(from.progress.metrics_bytes)?;
        self.progress = from.progress;
        Ok(())
    }

    /// Runs every phase that is left.
    pub fn run(&mut self) -> Result<End, Diagnostic> {
        let phases = &self.session.job.phases;
        while let Some(phase) = phases.get(self.progress.phase) {
            let wanted = self.only.as_ref().is_none_or(|only| only.contains(&phase.name))
                && !ir::is_watch(&phase.name);
            if wanted && self.phase(phase)? == End::Interrupted {
                return Ok(End::Interrupted);
            }
            let figures = std::mem::take(&mut self.progress.figures);
            let metrics_bytes = self.folder.metrics_bytes();
            let next = self.progress.phase + 1;
            self.progress = Progress { phase: next, figures, metrics_bytes, ..Progress::default() };
            if wanted && phase.kind == PhaseKind::Train {
                self.save()?;
            }
        }
        self.finish()?;
        Ok(End::Done)
    }

    fn phase(&mut self, phase: &'a PhaseSpec) -> Result<End, Diagnostic> {
        let begun = Instant::now();
        let before = self.progress.step;
        let end = match phase.kind {
            PhaseKind::Train => self.train(phase)?,
            PhaseKind::Eval => self.eval(phase)?,
            PhaseKind::Sample => self.sample(phase)?,
        };
        let kind = format!("{:?}", phase.kind).to_lowercase();
        let seconds = begun.elapsed().as_secs_f64();
        let steps = self.progress.step - before;
        let mut record = json!({
            "phase": phase.name, "kind": kind, "steps": steps, "seconds": seconds,
        });
        if let Some(best) = self.progress.best {
            record["kept"] = json!({ "step": best.step, "until": f64::from_bits(best.value) });
        }
        self.record.push(record);
        Ok(end)
    }

    fn train(&mut self, phase: &'a PhaseSpec) -> Result<End, Diagnostic> {
        let mut train = Train::new(&self.session, phase, self.progress.step)?;
        if self.progress.counted > 0 {
            let values = self.progress.sums.iter().map(|bits| f64::from_bits(*bits)).collect();
            train.sums = Sums { values, counted: self.progress.counted };
        }
        self.talk.begin(&phase.name, phase.kind, train.done, train.total);
        let mut saved = Instant::now();
        let mut pace = Pace::new(self.session.device.ahead());
        while train.done < train.total {
            let most = pace.steps.min(to_next(&train));
            let begun = Instant::now();
            let loss = train.steps(&mut self.session, most)?;
            pace.took(begun.elapsed());
            self.talk.step(train.done, loss);
            if train.done.is_multiple_of(train.interval()) || train.done == train.total {
                self.averages(&mut train)?;
            }
            if train.done.is_multiple_of(train.per_epoch.unwrap_or(train.interval()))
                && self.stalled(&train)?
            {
                break;
            }
            let stop = self.stop.load(Ordering::Relaxed);
            if stop || saved.elapsed() >= self.save_every {
                let slots = train.healthy_slots(&mut self.session)?;
                self.note_progress(&train);
                self.save_slots(&slots)?;
                train.remember(slots);
                saved = Instant::now();
            }
            if stop {
                self.talk.end(&phase.name);
                return Ok(End::Interrupted);
            }
        }
        train.healthy_slots(&mut self.session)?;
        self.note_progress(&train);
        self.talk.end(&phase.name);
        self.keep_best(&train);
        Ok(End::Done)
    }

    fn averages(&mut self, train: &mut Train<'a>) -> Result<(), Diagnostic> {
        let averages = Averages {
            phase: train.phase.name.clone(),
            step: train.done,
            epoch: train.epoch(),
            values: train.averages(),
        };
        let mut line = serde_json::Map::new();
        line.insert("phase".into(), json!(averages.phase));
        line.insert("step".into(), json!(averages.step));
        if let Some(epoch) = averages.epoch {
            line.insert("epoch".into(), json!(epoch));
        }
        for (name, value) in &averages.values {
            line.insert(name.clone(), json!(value));
            self.note_odd(&averages.phase, name, *value);
        }
        self.folder.metric(&Value::Object(line).to_string())?;
        self.talk.averages(&averages);
        Ok(())
    }

    fn note_progress(&mut self, train: &Train<'_>) {
        self.progress.step = train.done;
        self.progress.epoch = train.epoch().unwrap_or(0);
        self.progress.sums = train.sums.values.iter().map(|sum| sum.to_bits()).collect();
        self.progress.counted = train.sums.counted;
        self.progress.metrics_bytes = self.folder.metrics_bytes();
    }

    fn save(&mut self) -> Result<(), Diagnostic> {
        let slots = self.session.read_slots();
        self.session.healthy()?;
        self.save_slots(&slots)
    }

    fn save_slots(&mut self, slots: &[(Slot, Tensor)]) -> Result<(), Diagnostic> {
        let checkpoint = Checkpoint {
            identity: self.identity.clone(),
            progress: self.progress.clone(),
            slots: stop::together(slots.to_vec(), &self.best),
        };
        self.folder.save(&checkpoint).map(|_| ())
    }

    fn eval(&mut self, phase: &'a PhaseSpec) -> Result<End, Diagnostic> {
        let mut begun = false;
        let talk = &mut *self.talk;
        let figures = eval::eval(&mut self.session, phase, |done, total| {
            if !begun {
                talk.begin(&phase.name, phase.kind, 0, total);
                begun = true;
            }
            talk.step(done, None);
        })?;
        self.talk.end(&phase.name);
        for figure in &figures {
            self.folder.metric(&figure_line(figure))?;
            self.talk.figure(figure);
            self.note_odd(&figure.phase, &figure.name, figure.value);
        }
        self.progress.figures.extend(figures);
        Ok(self.end())
    }

    /// Keeps the name of a figure that is not finite, to say so in the end.
    fn note_odd(&mut self, phase: &str, name: &str, value: f64) {
        if !value.is_finite() {
            let odd = format!("`{name}` of phase `{phase}` is {value}");
            if !self.odd.contains(&odd) {
                self.odd.push(odd);
            }
        }
    }

    fn sample(&mut self, phase: &'a PhaseSpec) -> Result<End, Diagnostic> {
        for file in sample::sample(&mut self.session, phase)? {
            let path = self.folder.write(&format!("samples/{}", file.name), &file.bytes)?;
            self.talk.wrote(&path);
        }
        Ok(self.end())
    }

    /// Eval and sample phases are repeated whole when a run is resumed.
    fn end(&self) -> End {
        if self.stop.load(Ordering::Relaxed) { End::Interrupted } else { End::Done }
    }

    /// Weights and record of the finished run.
    fn finish(&mut self) -> Result<(), Diagnostic> {
        let slots = self.session.read_slots();
        self.session.healthy()?;
        let params = slots.into_iter().filter(|(slot, _)| slot.is_param);
        let params: Vec<_> = params.map(|(slot, value)| (slot.path, value)).collect();
        let about = json!(self.identity).to_string();
        self.folder.write("weights.safetensors", &weights::write(&params, &about))?;
        let mut report = json!({
            "rlc": env!("CARGO_PKG_VERSION"),
            "run": self.identity,
            "phases": self.record,
            "figures": self.progress.figures,
        });
        // Figures that a resumed run has from before are named too.
        for figure in self.progress.figures.clone() {
            self.note_odd(&figure.phase, &figure.name, figure.value);
        }
        if !self.odd.is_empty() {
            report["not_finite"] = json!(self.odd);
            let odd = std::mem::take(&mut self.odd);
            odd.iter().for_each(|text| self.talk.warn(text));
        }
        let text = serde_json::to_string_pretty(&report).unwrap_or_default() + "\n";
        let path = self.folder.write("report.json", text.as_bytes())?;
        self.talk.wrote(&path);
        Ok(())
    }
}

/// Steps until the next average or look at a figure.
fn to_next(train: &Train<'_>) -> usize {
    let each = [train.interval(), train.per_epoch.unwrap_or(usize::MAX)];
    let next = each.iter().map(|n| n - train.done % n).min().unwrap_or(1);
    next.min(train.total - train.done)
}

/// How many steps are handed to the device together: as many as it takes, but no longer than a user
/// waits for an answer.
pub struct Pace {
    /// Steps of the next group.
    pub steps: usize,
    most: usize,
}

/// Time of one group.
const GROUP: Duration = Duration::from_millis(100);

impl Pace {
    /// For a device that takes so many steps together.
    pub fn new(most: usize) -> Pace {
        Pace { steps: 1, most: most.max(1) }
    }

    /// A group has taken so long.
    pub fn took(&mut self, time: Duration) {
        match () {
            () if time < GROUP / 2 => self.steps = (self.steps * 2).min(self.most),
            () if time > GROUP * 2 => self.steps = (self.steps / 2).max(1),
            () => {}
        }
    }
}

fn figure_line(figure: &FigureValue) -> String {
    json!(figure).to_string()
}
