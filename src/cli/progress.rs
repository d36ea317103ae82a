//! Progress of a run. In: events. Out: a bar on a terminal, lines elsewhere, objects with `--json`.
//! Figures go to stdout, everything else to stderr.

use super::output::{Output, color};
use crate::model::ir::PhaseKind;
use crate::runtime::eval::FigureValue;
use crate::runtime::talk::{Averages, Reporter};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

/// A bar is drawn anew this often.
const DRAW_EVERY: Duration = Duration::from_millis(80);
/// Without a terminal, a line is written this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows a run.
pub struct Progress<'o> {
    out: &'o mut Output,
    bar: Option<ProgressBar>,
    phase: String,
    total: usize,
    begun: Instant,
    first: usize,
    drawn: Instant,
}

impl Progress<'_> {
    /// Shows a run on these streams.
    pub fn new(out: &mut Output) -> Progress<'_> {
        let now = Instant::now();
        let phase = String::new();
        Progress { out, bar: None, phase, total: 0, begun: now, first: 0, drawn: now }
    }

    fn silent(&self) -> bool {
        self.out.quiet || self.out.json
    }

    /// A line of the bar's kind, for where there is no terminal.
    fn line(&self, done: usize, loss: Option<f64>) -> String {
        let rate = (done - self.first) as f64 / self.begun.elapsed().as_secs_f64().max(1e-9);
        let left = (self.total - done) as f64 / rate.max(1e-9);
        let loss = loss.map_or(String::new(), |loss| format!("  loss {}", short(loss)));
        format!("{}  {done}/{}{loss}  {rate:.0}/s  {left:.0} s left", self.phase, self.total)
    }
}

impl Reporter for Progress<'_> {
    fn begin(&mut self, phase: &str, kind: PhaseKind, done: usize, total: usize) {
        let now = Instant::now();
        (self.phase, self.total, self.begun) = (phase.into(), total, now);
        (self.first, self.drawn) = (done, now);
        if self.out.json {
            let kind = format!("{kind:?}").to_lowercase();
            self.out.event(&json!({
                "event": "begin", "phase": phase, "kind": kind, "done": done, "total": total,
            }));
        }
        if self.silent() || !std::io::stderr().is_terminal() {
            return;
        }
        let template = if color() {
            "{prefix:12} {bar:28.cyan/dim} {pos}/{len}  {msg}  {per_sec}  {eta} left"
        } else {
            "{prefix:12} {bar:28} {pos}/{len}  {msg}  {per_sec}  {eta} left"
        };
        let bar = ProgressBar::new(total as u64);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(phase.to_string());
        bar.set_position(done as u64);
        bar.reset_eta();
        self.bar = Some(bar);
    }

    fn step(&mut self, done: usize, loss: Option<f64>) {
        let every = if self.bar.is_some() { DRAW_EVERY } else { LINE_EVERY };
        if self.silent() || (self.drawn.elapsed() < every && done != self.total) {
            return;
        }
        self.drawn = Instant::now();
        match &self.bar {
            Some(bar) => {
                bar.set_message(loss.map_or(String::new(), |l| format!("loss {}", short(l))));
                bar.set_position(done as u64);
            }
            None => self.out.note(&self.line(done, loss)),
        }
    }

    fn averages(&mut self, averages: &Averages) {
        if self.out.json {
            let mut object = json!({
                "event": "averages",
                "phase": averages.phase,
                "step": averages.step,
                "epoch": averages.epoch,
            });
            for (name, value) in &averages.values {
                object[name] = json!(value);
            }
            self.out.event(&object);
        }
    }

    fn end(&mut self, phase: &str) {
        if let Some(bar) = self.bar.take() {
            bar.abandon();
        }
        if self.out.json {
            let seconds = self.begun.elapsed().as_secs_f64();
            self.out.event(&json!({ "event": "end", "phase": phase, "seconds": seconds }));
        }
    }

    fn figure(&mut self, figure: &FigureValue) {
        if self.out.json {
            self.out.data(&format!("{}\n", json!(figure)));
            return;
        }
        let bound = match figure.bound.as_str() {
            "" => String::new(),
            bound => format!(" ({bound})"),
        };
        let (name, value) = (&figure.name, short(figure.value));
        let line = format!("{:8} {name:16} {value:>10}  {}{bound}", figure.phase, figure.unit);
        self.out.data(&format!("{}\n", line.trim_end()));
    }

    fn wrote(&mut self, path: &Path) {
        self.note(&format!("wrote {}", path.display()));
    }

    fn note(&mut self, text: &str) {
        self.out.note(text);
    }

    fn warn(&mut self, text: &str) {
        if self.out.json {
            self.out.event(&json!({ "event": "warning", "text": text }));
        } else {
            self.out.note(&format!("warning: {text}"));
        }
    }
}

/// A number for people: about five digits.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => value.to_string(),
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{value:.3e}"),
        size if size.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1000.0 => format!("{value:.1}"),
        size if size >= 10.0 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_for_people() {
        let cases = [
            (0.0, "0"),
            (0.97222, "0.9722"),
            (95.12345, "95.123"),
            (1e-7, "1.000e-7"),
            (20.0, "20"),
        ];
        for (value, text) in cases {
            assert_eq!(super::short(value), text);
        }
        assert_eq!(super::short(f64::NAN), "NaN");
    }
}
