//! Tasks that several threads share, stage by stage. In: the same stages asked for by every thread. Out:
//! the tasks that fall to each, so that every task is run once. Knows neither threads nor kernels.
//!
//! A stage is a number of tasks that may run side by side; the next one begins when all of them are
//! done. Each thread begins with a share of its own, so that it finds what it wrote before in its cache,
//! and then takes what is left of the others': a thread that the system holds up keeps the others from
//! nothing but the task it is in. A thread that comes late to a stage finds it over and goes on. Threads
//! that find nothing to do sleep; only a stage with something to share wakes them.

use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least and most turns of a waiting loop before a thread sleeps: some 5 and 200 microseconds.
pub const TURNS: (usize, usize) = (100, 4_000);
/// A sleep that is shorter was not worth it: waking up takes some 50 microseconds.
const NAP: Duration = Duration::from_micros(200);
/// Most units that the tasks of a stage are counted in: two numbers and that of a stage fit a word.
const UNITS: usize = u16::MAX as usize;

/// Where threads sleep, and are woken together. On a quiet machine nobody waits for long, and a thread
/// that sleeps is back too late; so waiting turns last longer after each sleep that was short. A long
/// sleep tells that others need the processor: then waiting gives it away almost at once.
#[derive(Default)]
pub struct Bell {
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    rung: Condvar,
}

impl Bell {
    /// Returns when `ready` holds. Who makes it hold rings, or leaves the sleepers for later.
    pub fn wait(&self, patience: &Cell<usize>, ready: impl Fn() -> bool) {
        for _ in 0..patience.get() {
            if ready() {
                return;
            }
            std::hint::spin_loop();
        }
        let begun = Instant::now();
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !ready() {
            guard = self.rung.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        let short = begun.elapsed() < NAP;
        patience.set(if short { (2 * patience.get()).min(TURNS.1) } else { TURNS.0 });
    }

    /// Wakes all who sleep. What they wait for has been written in the one order of all threads, so
    /// that either they see it or they are seen here.
    pub fn ring(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.rung.notify_all();
        }
    }
}

/// Units of a stage that one thread begins with and nobody has taken: the number of the stage, the
/// first and one past the last. On a line of memory of its own.
#[repr(align(128))]
#[derive(Default)]
struct Share(AtomicU64);

/// Where the threads are.
pub struct Stages {
    /// The stage that is run now; numbers wrap around.
    now: AtomicU32,
    /// Its tasks that are done.
    done: AtomicUsize,
    shares: Vec<Share>,
    /// Where those sleep who wait for a stage, or for a job.
    pub bell: Bell,
}

/// What is left of a share, as one word.
fn packed(stage: u32, units: &Range<usize>) -> u64 {
    u64::from(stage) << 32 | (units.start as u64) << 16 | units.end as u64
}

fn unpacked(word: u64) -> (u32, Range<usize>) {
    let half = |word: u64| (word & 0xffff) as usize;
    ((word >> 32) as u32, half(word >> 16)..half(word))
}

/// Whether one stage comes before another.
fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

/// What a thread finds at a stage.
enum Found {
    Units(Range<usize>),
    /// A share that its owner has not touched.
    Later,
    Nothing,
}

impl Stages {
    /// For so many threads.
    pub fn new(threads: usize) -> Stages {
        Stages {
            now: AtomicU32::new(0),
            done: AtomicUsize::new(0),
            shares: (0..threads).map(|_| Share::default()).collect(),
            bell: Bell::default(),
        }
    }

    /// The stage that is run now.
    pub fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// Makes all shares those of the stage before this one. No job has so many stages that numbers come
    /// around.
    pub fn clear(&self, stage: u32) {
        let before = packed(stage.wrapping_sub(1), &(0..0));
        self.shares.iter().for_each(|share| share.0.store(before, Ordering::Relaxed));
    }

    /// Takes some units of this stage: of the thread's own share from its front, of others' from their
    /// end. A share that its owner has not touched may be left alone: the owner will be there at once,
    /// and has in its cache what the tasks read.
    fn take(&self, stage: u32, number: usize, units: usize, all: bool) -> Found {
        let threads = self.shares.len();
        let first = |thread: usize| (thread * units).div_ceil(threads);
        let mut found = Found::Nothing;
        for i in 0..threads {
            let owner = (number + i) % threads;
            let word = &self.shares[owner].0;
            let mut seen = word.load(Ordering::Acquire);
            loop {
                let (at, left) = unpacked(seen);
                let untouched = is_before(at, stage);
                let left = if untouched { first(owner)..first(owner + 1) } else { left };
                if is_before(stage, at) || left.is_empty() {
                    break;
                }
                if untouched && i > 0 && !all {
                    found = Found::Later;
                    break;
                }
                let (taken, rest) = cut(left, i == 0);
                let next = packed(stage, &rest);
                match word.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => return Found::Units(taken),
                    Err(now) => seen = now,
                }
            }
        }
        found
    }

    /// So many tasks of this stage are done. After the last one the next stage begins.
    fn did(&self, stage: u32, tasks: usize, all: usize) {
        if self.done.fetch_add(tasks, Ordering::AcqRel) + tasks == all {
            self.done.store(0, Ordering::Relaxed);
            self.now.store(stage.wrapping_add(1), Ordering::SeqCst);
        }
    }
}

/// What is taken of a share, from its front or its end, and what is left: little, since a thread that is
/// held up keeps all that it has taken.
fn cut(left: Range<usize>, own: bool) -> (Range<usize>, Range<usize>) {
    let few = left.len().div_ceil(16);
    match own {
        true => (left.start..left.start + few, left.start + few..left.end),
        false => (left.end - few..left.end, left.start..left.end - few),
    }
}

/// A thread's way through the stages.
pub struct Walk<'a> {
    number: usize,
    stages: &'a Stages,
    stage: Cell<u32>,
    patience: &'a Cell<usize>,
}

impl<'a> Walk<'a> {
    /// From this stage on; `patience` is kept between walks of a thread.
    pub fn new(
        number: usize,
        stages: &'a Stages,
        stage: u32,
        patience: &'a Cell<usize>,
    ) -> Walk<'a> {
        Walk { number, stages, stage: Cell::new(stage), patience }
    }

    /// The thread's number.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.stages.shares.len()
    }

    /// The tasks of the next stage that fall to this thread, numbers below `n`. It ends when all tasks
    /// are done, whoever did them. All threads ask for the same stages in the same order, and go
    /// through each to its end.
    pub fn tasks(&self, n: usize) -> Tasks<'_> {
        let stage = self.stage.get();
        let alone = self.threads() == 1 || n == 0;
        if !alone {
            self.stage.set(stage.wrapping_add(1));
        }
        let unit = n.div_ceil(UNITS).max(1);
        let taken = if alone { 0..n } else { 0..0 };
        Tasks { walk: self, stage, n, unit, alone, taken, size: 0, rung: n < 2 }
    }
}

/// Tasks of a stage, one after another.
pub struct Tasks<'a> {
    walk: &'a Walk<'a>,
    stage: u32,
    n: usize,
    /// Tasks of a unit.
    unit: usize,
    alone: bool,
    taken: Range<usize>,
    /// Tasks that were taken together and are not said to be done.
    size: usize,
    rung: bool,
}

impl Iterator for Tasks<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self.taken.next() {
            Some(task) => Some(task),
            None if self.alone => None,
            None => self.refill(),
        }
    }
}

impl Tasks<'_> {
    fn is_over(&self) -> bool {
        self.walk.stages.now.load(Ordering::SeqCst) != self.stage
    }

    /// Units of this stage. Those of a thread that is not there are taken after some turns.
    fn found(&self, units: usize) -> Option<Range<usize>> {
        for turn in 0..=TURNS.0 {
            let all = turn == TURNS.0;
            match self.walk.stages.take(self.stage, self.walk.number, units, all) {
                Found::Units(taken) => return Some(taken),
                Found::Later if !self.is_over() => std::hint::spin_loop(),
                _ => return None,
            }
        }
        None
    }

    /// Takes more tasks, or waits for the end of the stage.
    fn refill(&mut self) -> Option<usize> {
        let Walk { stages, patience, .. } = *self.walk;
        if self.size > 0 {
            stages.did(self.stage, self.size, self.n);
            self.size = 0;
        }
        let units = self.n.div_ceil(self.unit);
        let Some(taken) = self.found(units) else {
            stages.bell.wait(patience, || self.is_over());
            return None;
        };
        self.taken = taken.start * self.unit..(taken.end * self.unit).min(self.n);
        self.size = self.taken.len();
        if !self.rung {
            self.rung = true;
            stages.bell.ring();
        }
        self.taken.next()
    }
}
