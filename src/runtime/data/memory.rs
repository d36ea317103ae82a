//! Whether there is memory for data. In: a number of bytes. Out: nothing, or an error before they are
//! asked for: a process that takes more than there is is ended by the system without a word.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::{Diagnostic, codes};

/// Refuses what the machine has no free memory for, where the system tells it.
pub fn room(bytes: usize, path: &str) -> Result<(), Diagnostic> {
    // Reading the figure takes longer than a small allocation.
    if bytes < 1 << 26 {
        return Ok(());
    }
    match available() {
        Some(free) if bytes > free => {
            let giga = |bytes: usize| bytes as f64 / 1e9;
            let text = format!(
                "`{path}`: needs {:.1} GB, and {:.1} GB of memory are free",
                giga(bytes),
                giga(free)
            );
            Err(Diagnostic::new(codes::RL2073, text).help("read a part of it: split the file"))
        }
        _ => Ok(()),
    }
}

fn available() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_is_is_refused() {
        assert_eq!(room(1 << 20, "f").map_err(|e| e.message), Ok(()));
        if available().is_some() {
            assert_eq!(room(1 << 60, "f").unwrap_err().code, codes::RL2073);
        }
    }
}
