//! The training loop. In: a session, a phase, where to start. Out: finished steps, averages of the
//! tracked values, and a stop at the first loss that is not finite. Saves nothing itself: the
//! caller is asked after every step.

use super::data::batches::Batches;
use super::data::rows::Rows;
use super::finite;
use super::job::PhaseSpec;
use super::session::{Drawn, Session};
use crate::backend::{Feed, Tensor};
use crate::base::{Diagnostic, codes};
use crate::graph::Named;
use crate::translate::program::Slot;

/// Sums of the tracked values since the last average.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// One per tracked value.
    pub values: Vec<f64>,
    /// Steps in them.
    pub counted: usize,
}

/// A train phase under way.
pub struct Train<'a> {
    /// The phase.
    pub phase: &'a PhaseSpec,
    /// Finished steps.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// Steps of one pass over the split, if it has data.
    pub per_epoch: Option<usize>,
    /// Sums of the tracked values.
    pub sums: Sums,
    batches: Option<Batches>,
    /// Batches of the data sets that come along, each in an order of its own.
    beside: Vec<(&'a str, Batches)>,
    /// Slots before some earlier step, to find out later where a value went bad.
    snapshot: Option<(usize, Vec<(Slot, Tensor)>)>,
}

impl<'a> Train<'a> {
    /// Prepares a phase of which `done` steps are finished.
    pub fn new(
        session: &Session<'a>,
        phase: &'a PhaseSpec,
        done: usize,
    ) -> Result<Train<'a>, Diagnostic> {
        let batches = match session.split(phase)? {
            Some(rows) if phase.reads_rows() || phase.steps.is_none() => {
                Some(Batches::new(rows, phase.batch, u64::from(session.seed), &phase.name))
            }
            _ => None,
        };
        if batches.as_ref().is_some_and(|b| b.per_epoch() == 0) {
            let rows = session.split(phase)?.map_or(0, Rows::len);
            return Err(too_small(phase, "its split", rows));
        }
        let mut beside = Vec::new();
        for (name, rows) in session.beside(phase, None)? {
            if rows.len() < phase.batch {
                return Err(too_small(phase, &format!("the split of `{name}`"), rows.len()));
            }
            let stream = format!("{}.{name}", phase.name);
            let seed = u64::from(session.seed);
            beside.push((name, Batches::new(rows, phase.batch, seed, &stream)));
        }
        let per_epoch = batches.as_ref().map(|b| (b.per_epoch() / phase.batches_per_step).max(1));
        let total = match (phase.steps, phase.epochs, &batches) {
            (Some(steps), _, _) => steps,
            (None, epochs, Some(b)) => epochs.unwrap_or(1) * b.per_epoch() / phase.batches_per_step,
            (None, epochs, None) => epochs.unwrap_or(1),
        };
        if total == 0 {
            let rows = session.split(phase)?.map_or(0, Rows::len);
            return Err(no_step(phase, rows));
        }
        let sums = Sums { values: vec![0.0; phase.tracks.len()], counted: 0 };
        Ok(Train { phase, done, total, per_epoch, sums, batches, beside, snapshot: None })
    }

    /// Steps between two averages: a pass, or a hundredth of the phase.
    pub fn interval(&self) -> usize {
        match (self.phase.steps, self.per_epoch) {
            (None, Some(per_epoch)) => per_epoch,
            _ => (self.total / 100).clamp(1, 1000),
        }
    }

    /// Finished passes.
    pub fn epoch(&self) -> Option<usize> {
        self.per_epoch.map(|per_epoch| self.done / per_epoch)
    }

    /// Remembers the slots as they are.
    pub fn remember(&mut self, slots: Vec<(Slot, Tensor)>) {
        self.snapshot = Some((self.done, slots));
    }

    /// The inputs of a step.
    pub fn inputs(&mut self, session: &Session<'a>, step: usize) -> Vec<(&'a str, Tensor)> {
        let rows = self.rows(step);
        session.inputs(self.phase, &rows, step, self.total)
    }

    /// What a step is given.
    fn feed(&mut self, session: &Session<'a>, step: usize) -> Feed<'a> {
        let rows = self.rows(step);
        session.feed(self.phase, &rows, step, self.total)
    }

    /// The rows of a step's batches, and the passes that they belong to.
    fn rows(&mut self, step: usize) -> Vec<Drawn> {
        let each = self.phase.batches_per_step;
        let own = self.phase.on.as_ref().map_or("", |(data, _)| data.as_str());
        let beside = self.beside.iter_mut().map(|(name, batches)| (*name, batches));
        let mut rows = Vec::new();
        for (data, batches) in self.batches.iter_mut().map(|b| (own, b)).chain(beside) {
            for repetition in 0..each {
                let (epoch, some) = batches.get(step * each + repetition);
                rows.push(Drawn { data: data.into(), repetition, epoch, rows: some.to_vec() });
            }
        }
        rows
    }

    /// So many steps, handed to the device together. The goal's value in the last one, if the
    /// phase has a goal.
    pub fn steps(
        &mut self,
        session: &mut Session<'a>,
        count: usize,
    ) -> Result<Option<f64>, Diagnostic> {
        if self.snapshot.is_none() {
            session.keep(self.phase);
            self.remember(session.read_slots());
        }
        let feeds: Vec<Feed> = (0..count).map(|n| self.feed(session, self.done + n)).collect();
        let names: Vec<String> =
            self.phase.tracks.iter().map(|(name, _)| Named::Track(name).to_string()).collect();
        let values = session.run_steps(self.phase.plan, &feeds, &names);
        session.healthy()?;
        let goal = self.phase.tracks.iter().position(|(name, _)| name == "loss");
        let mut loss = None;
        for step in values {
            self.sums.values.iter_mut().zip(&step).for_each(|(sum, value)| *sum += value);
            self.sums.counted += 1;
            loss = goal.and_then(|at| step.get(at).copied());
            if let Some(loss) = loss.filter(|loss| !loss.is_finite()) {
                let bad = self.done;
                let text = format!("phase `{}`: the loss of step {bad} is {loss}", self.phase.name);
                return Err(self.explain_bad(session, (bad, bad), text));
            }
            self.done += 1;
        }
        Ok(loss)
    }

    /// One step.
    pub fn step(&mut self, session: &mut Session<'a>) -> Result<Option<f64>, Diagnostic> {
        self.steps(session, 1)
    }

    /// Averages since the last call.
    pub fn averages(&mut self) -> Vec<(String, f64)> {
        let counted = self.sums.counted.max(1) as f64;
        let names = self.phase.tracks.iter().map(|(name, _)| name.clone());
        let means = names.zip(&self.sums.values).map(|(n, sum)| (n, sum / counted)).collect();
        self.sums = Sums { values: vec![0.0; self.phase.tracks.len()], counted: 0 };
        means
    }

    /// The slots, if their numbers are finite: the last update is seen by no loss.
    pub fn healthy_slots(
        &mut self,
        session: &mut Session<'a>,
    ) -> Result<Vec<(Slot, Tensor)>, Diagnostic> {
        let slots = session.read_slots();
        session.healthy()?;
        let before = self.snapshot.as_ref().map_or(&[][..], |(_, slots)| slots);
        let bad = finite::bad_slot(&slots, &self.phase.name, before);
        let Some((slot, value)) = bad else { return Ok(slots) };
        let bad = self.done.saturating_sub(1);
        let (name, path) = (&self.phase.name, &slot.path);
        let text = format!("phase `{name}`: `{path}` holds {value} after step {bad}");
        if value.is_infinite() && !slot.is_param {
            let why = "a gradient was too large for the optimizer, and its weight moves no more";
            let help = finite::hint(None, bad + 1, true);
            return Err(Diagnostic::new(codes::RL5003, text).note(why).help(help));
        }
        Err(self.explain_bad(session, (bad, bad + 1), text))
    }

    /// Goes back to the snapshot, repeats the steps up to the bad one and looks at every value.
    /// `updates` is how many updates were made before it was seen.
    fn explain_bad(
        &mut self,
        session: &mut Session<'a>,
        (bad, mut updates): (usize, usize),
        text: String,
    ) -> Diagnostic {
        let mut error = Diagnostic::new(codes::RL5003, text);
        let (mut op, mut late) = (None, updates > bad);
        if let Some((from, slots)) = self.snapshot.take() {
            session.write_slots(&slots);
            for step in from..=bad {
                let inputs = self.inputs(session, step);
                // A weight may go bad one step before the loss does.
                if step + 1 >= bad
                    && let Some(node) = session.first_bad(self.phase.plan, &inputs)
                {
                    error = error.note(format!("first bad value in step {step}: {node}"));
                    if let Some(input) = finite::bad_input(&inputs) {
                        let help = "look at the data: a value is infinite or not a number";
                        return error
                            .note(format!("`{input}` is not finite in step {step}"))
                            .help(help);
                    }
                    // Of the steps before, this one has all updates behind it and not its own.
                    late |= step < bad;
                    (op, updates) = (Some(node), step);
                    break;
                }
                session.launch(self.phase.plan, &inputs);
            }
        }
        error.help(finite::hint(op.as_deref(), updates, late))
    }
}

/// A step of several batches that are more than all epochs have.
fn no_step(phase: &PhaseSpec, rows: usize) -> Diagnostic {
    let (each, batch) = (phase.batches_per_step, phase.batch);
    let text = format!(
        "phase `{}` takes {each} batches of {batch} rows for a step, and its split of {rows} has \
         fewer in all epochs",
        phase.name
    );
    Diagnostic::new(codes::RL2060, text)
        .help("write a smaller `batch`, more epochs, or `steps 1`: batches go around")
}

fn too_small(phase: &PhaseSpec, split: &str, rows: usize) -> Diagnostic {
    let text =
        format!("phase `{}` takes batches of {} rows, {split} has {rows}", phase.name, phase.batch);
    Diagnostic::new(codes::RL2060, text).help(format!("write `batch {}` or less", rows))
}
