//! Time that the processor spends, which other work on a machine does not lengthen. In: a process. Out:
//! its time; where the system does not say it, that since the process was first asked about.

use std::time::{Duration, Instant};

/// Looks at one process.
pub struct Clock {
    stat: String,
    since: Instant,
}

impl Clock {
    /// Of this process.
    pub fn own() -> Clock {
        Clock { stat: "/proc/self/stat".into(), since: Instant::now() }
    }

    /// Of another one.
    pub fn of(process: u32) -> Clock {
        Clock { stat: format!("/proc/{process}/stat"), since: Instant::now() }
    }

    /// What it and those that it has waited for have spent.
    pub fn spent(&self) -> Duration {
        // Its own ticks and its children's, a hundred in a second, at the fourteenth place; the
        // second holds a name that may have blanks.
        let Ok(text) = std::fs::read_to_string(&self.stat) else { return self.since.elapsed() };
        let fields = text.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(4);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Whether it takes longer than anything does, or stands still: on a machine with other work a
    /// process may wait for minutes.
    pub fn is_over(&self, patience: Duration) -> bool {
        let still = (12 * patience).max(Duration::from_secs(900));
        self.spent() > patience || self.since.elapsed() > still
    }
}
