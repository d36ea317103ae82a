//! Time per kernel. In: laps, taken by the first thread when every thread has finished a kernel. Out:
//! seconds and calls per kernel, with what the bill says of it.

use crate::backend::Spent;
use crate::plan::Plan;
use std::sync::Mutex;

/// The clock of one run of a plan. Only one thread takes laps.
pub(super) struct Clock {
    now: fn() -> f64,
    laps: Mutex<(f64, Vec<f64>)>,
}

impl Clock {
    pub fn start(now: fn() -> f64, kernels: usize) -> Clock {
        Clock { now, laps: Mutex::new((now(), vec![0.0; kernels])) }
    }

    /// A kernel has ended.
    pub fn lap(&self, kernel: usize) {
        let mut laps = self.laps.lock().expect("the clock of one thread");
        let now = (self.now)();
        laps.1[kernel] = now - laps.0;
        laps.0 = now;
    }
}

/// Sums over all runs of a plan.
#[derive(Default)]
pub(super) struct Times {
    runs: u64,
    seconds: Vec<f64>,
}

impl Times {
    pub fn add(&mut self, clock: &Clock) {
        let laps = clock.laps.lock().expect("the clock of one thread");
        self.runs += 1;
        self.seconds.resize(laps.1.len(), 0.0);
        self.seconds.iter_mut().zip(&laps.1).for_each(|(sum, lap)| *sum += lap);
    }

    pub fn spent(&self, plan: &Plan) -> Vec<Spent> {
        super::super::spent(plan, self.runs, &self.seconds)
    }
}
