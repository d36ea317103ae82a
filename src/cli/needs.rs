//! What a run takes of the memory of this machine. In: plans and slots. Out: bytes, and an error where
//! there are not so many. Allocates nothing.

use crate::base::{Diagnostic, Span, codes};
use crate::plan::{Place, Plan};
use crate::translate::program::Slot;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// Bytes of a run on the processor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Weights and states.
    slots: u128,
    /// Intermediate values: each plan has an arena of its own.
    arenas: u128,
    /// The inputs of the phase that has the largest.
    inputs: u128,
}

impl Needs {
    /// The bill of all plans together.
    pub fn of(plans: &[Plan], slots: &[Slot]) -> Needs {
        let words = |n: usize| 4 * n as u128;
        Needs {
            slots: slots.iter().map(|slot| words(slot.ty.len())).sum(),
            arenas: plans.iter().map(|plan| words(plan.arena)).sum(),
            inputs: plans.iter().map(inputs).max().unwrap_or(0),
        }
    }

    /// All of it.
    fn total(&self) -> u128 {
        self.slots + self.arenas + self.inputs
    }

    /// Compares it with the memory of the machine, where the system tells that.
    pub fn affordable(&self, place: Option<Span>) -> Result<(), Diagnostic> {
        fits(self.total(), memory(), place)
    }
}

/// Whether so many bytes are there.
pub fn fits(needed: u128, memory: Option<u128>, place: Option<Span>) -> Result<(), Diagnostic> {
    let Some(memory) = memory.filter(|memory| needed > *memory) else { return Ok(()) };
    let giga = |bytes: u128| bytes as f64 / 1e9;
    let text =
        format!("the model needs {:.1} GB, this machine has {:.1} GB", giga(needed), giga(memory));
    let help = "choose a smaller batch or smaller dims; `rlc compile` prints the bill";
    let error = Diagnostic::new(codes::RL5002, text).help(help);
    Err(match place {
        Some(span) => error.at(span, "most of it is needed here"),
        None => error,
    })
}

impl Display for Needs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mega = |bytes: u128| bytes as f64 / 1e6;
        write!(f, "a run needs {:.2} MB of memory beside its data ", mega(self.total()))?;
        let (slots, arenas) = (mega(self.slots), mega(self.arenas + self.inputs));
        write!(f, "(weights and states {slots:.2}, intermediate values {arenas:.2})")
    }
}

/// Bytes of the inputs of a plan.
fn inputs(plan: &Plan) -> u128 {
    let named = plan.buffers.iter().filter_map(|buffer| match &buffer.place {
        Place::Input(name) => Some((name, buffer.len() as u128)),
        _ => None,
    });
    4 * named.collect::<BTreeMap<_, _>>().values().sum::<u128>()
}

/// Bytes that this process may have: of the machine, of its group, of itself.
pub fn memory() -> Option<u128> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| of_machine(&text));
    let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    let own = read("/proc/self/limits").and_then(|text| of_process(&text));
    [machine, group, own].into_iter().flatten().min()
}

fn of_machine(text: &str) -> Option<u128> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u128 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// `Max address space  unlimited  unlimited  bytes`: the soft limit, if there is one.
fn of_process(text: &str) -> Option<u128> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_system_are_read() {
        assert_eq!(of_machine("MemTotal:       24 kB\nMemFree: 1 kB\n"), Some(24 * 1024));
        let line = |soft: &str| format!("Max address space         {soft}   unlimited   bytes\n");
        assert_eq!(of_process(&line("276824064")), Some(276_824_064));
        assert_eq!(of_process(&line("unlimited")), None);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let fine = |needed: u128, memory| fits(needed, memory, None).map_err(|e| e.message);
        assert_eq!((fine(5, Some(5)), fine(6, None)), (Ok(()), Ok(())));
        assert_eq!(fits(6, Some(5), None).unwrap_err().code, codes::RL5002);
        let error = fits(48_000_000_000, Some(2_000_000_000), None).unwrap_err();
        assert_eq!(error.code, codes::RL5002);
        assert_eq!(error.message, "the model needs 48.0 GB, this machine has 2.0 GB");
    }
}
