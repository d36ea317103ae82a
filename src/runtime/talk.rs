//! What a run says while it goes on. In: events. Out: whatever the implementer shows. Prints
//! nothing itself.

use super::eval::FigureValue;
use crate::model::ir::PhaseKind;
use std::path::Path;

/// Averages of the tracked values over an interval of a train phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Averages {
    /// The phase.
    pub phase: String,
    /// Finished steps.
    pub step: usize,
    /// Finished passes over the split, if the phase has data.
    pub epoch: Option<usize>,
    /// Name and mean, the goal first.
    pub values: Vec<(String, f64)>,
}

/// Listens to a run.
pub trait Reporter {
    /// A phase begins, with `done` of `total` steps finished already.
    fn begin(&mut self, phase: &str, kind: PhaseKind, done: usize, total: usize);
    /// A step is finished.
    fn step(&mut self, done: usize, loss: Option<f64>);
    /// An interval is finished.
    fn averages(&mut self, averages: &Averages);
    /// A phase is finished.
    fn end(&mut self, phase: &str);
    /// A figure was computed.
    fn figure(&mut self, figure: &FigureValue);
    /// A file was written.
    fn wrote(&mut self, path: &Path);
    /// Something else worth knowing.
    fn note(&mut self, text: &str);
    /// Something that is probably wrong.
    fn warn(&mut self, text: &str);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn begin(&mut self, _: &str, _: PhaseKind, _: usize, _: usize) {}
    fn step(&mut self, _: usize, _: Option<f64>) {}
    fn averages(&mut self, _: &Averages) {}
    fn end(&mut self, _: &str) {}
    fn figure(&mut self, _: &FigureValue) {}
    fn wrote(&mut self, _: &Path) {}
    fn note(&mut self, _: &str) {}
    fn warn(&mut self, _: &str) {}
}
