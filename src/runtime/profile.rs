//! Where the time of a run went. In: what the device measured. Out: a table of the dearest kernels,
//! and all of them as JSON. Gives the device a clock; measures nothing itself.

use super::job::Job;
use crate::backend::{Device, Loaded, Spent};
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::OnceLock;
use std::time::Instant;

/// Rows of the table; the JSON has all.
const SHOWN: usize = 20;
const WIDEST_LABEL: usize = 48;

/// Seconds since the first look at this clock.
pub fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// A kernel of a phase.
pub struct Row {
    /// The phase that ran it, also for its short last batch; `init` for the initial weights.
    pub phase: String,
    /// Its number in the phase's plan.
    pub number: usize,
    /// What it has cost.
    pub spent: Spent,
}

impl Row {
    /// Operations a second, in 10^9: those of products and convolutions, and elementwise ones.
    pub fn gflops(&self) -> f64 {
        let operations = self.spent.cost.flops + self.spent.cost.elementwise;
        self.per_second(operations)
    }

    /// Bytes a second, in 10^9, that the kernel must read and write at least.
    pub fn gigabytes(&self) -> f64 {
        self.per_second(self.spent.cost.bytes_moved)
    }

    fn per_second(&self, per_call: u64) -> f64 {
        let total = per_call as f64 * self.spent.calls as f64;
        if self.spent.seconds > 0.0 { total / self.spent.seconds / 1e9 } else { 0.0 }
    }
}

/// Every kernel that has run, the dearest first.
pub fn rows(job: &Job, device: &dyn Device, loaded: &[Loaded]) -> Vec<Row> {
    let phases = job.specs().map(|phase| (phase.name.clone(), phase.plan));
    let mut rows = Vec::new();
    for (phase, plan) in std::iter::once(("init".to_string(), 0)).chain(phases) {
        let Some(graph) = loaded.get(plan) else { continue };
        let spent = device.spent(*graph).into_iter().enumerate().filter(|(_, s)| s.calls > 0);
        rows.extend(spent.map(|(number, spent)| Row { phase: phase.clone(), number, spent }));
    }
    rows.sort_by(|a, b| b.spent.seconds.total_cmp(&a.spent.seconds));
    rows
}

fn total(rows: &[Row]) -> f64 {
    rows.iter().map(|row| row.spent.seconds).sum()
}

/// The table for people.
pub fn table(rows: &[Row]) -> String {
    let total = total(rows);
    let mut text = format!("kernels took {total:.3} s\n");
    text += "      ms  share    calls  us/call  GFLOP/s   GB/s  phase      kernel\n";
    for row in rows.iter().take(SHOWN) {
        let spent = &row.spent;
        let label: String = spent.label.chars().take(WIDEST_LABEL).collect();
        let line = format!(
            "{:8.1} {:4.1} % {:8} {:8.1} {:8.1} {:6.1}  {:10} {} {label}",
            1e3 * spent.seconds,
            100.0 * spent.seconds / total.max(1e-12),
            spent.calls,
            1e6 * spent.seconds / spent.calls as f64,
            row.gflops(),
            row.gigabytes(),
            row.phase,
            spent.kind,
        );
        writeln!(text, "{line}").ok();
    }
    if rows.len() > SHOWN {
        writeln!(text, "and {} more, see profile.json", rows.len() - SHOWN).ok();
    }
    text.trim_end().to_string()
}

/// Every row, for programs.
pub fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        json!({
            "phase": row.phase, "number": row.number, "kind": row.spent.kind,
            "label": row.spent.label, "calls": row.spent.calls, "seconds": row.spent.seconds,
            "flops": row.spent.cost.flops, "elementwise": row.spent.cost.elementwise,
            "bytes": row.spent.cost.bytes_moved,
        })
    };
    json!({ "seconds": total(rows), "kernels": rows.iter().map(row).collect::<Vec<_>>() })
}
