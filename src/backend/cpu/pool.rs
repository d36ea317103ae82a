//! Threads that run one function together. In: a function that every thread walks through by itself,
//! and asks for tasks on its way. Out: every task has been run, by one thread. A thread that is not there
//! in time is not waited for.

use super::stages::{Stages, TURNS, Walk};
use std::cell::{Cell, UnsafeCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

/// The exit code of a fault in the program itself.
const FAULT: i32 = 70;

type Job = *const (dyn Fn(&Walk) + Sync);

/// Where a job begins.
struct Start {
    job: Job,
    stage: u32,
}

struct Shared {
    start: UnsafeCell<Option<Start>>,
    /// The number of the job, whether it may be joined, and how many workers have joined.
    door: AtomicU64,
    stop: AtomicBool,
    stages: Stages,
}

/// The job may be joined.
const OPEN: u64 = 1 << 31;
/// Who has joined.
const INSIDE: u64 = OPEN - 1;

// Safety: the start of a job is written while the door is closed and nobody is inside, and read by those
// who have joined.
unsafe impl Sync for Shared {}
// Safety: the same: what the pointer stands for outlives the job.
unsafe impl Send for Shared {}

/// A fixed number of threads; the caller is the first.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// Waiting turns of the caller.
    patience: Cell<usize>,
}

impl Pool {
    /// Starts all threads but the caller's own.
    pub fn new(threads: usize) -> Pool {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            start: UnsafeCell::new(None),
            door: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            stages: Stages::new(threads),
        });
        let start = |number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared, number))
        };
        let workers = (1..threads).map(start).collect();
        Pool { shared, workers, patience: Cell::new(TURNS.1) }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Walks through `job` on this thread, and on those that come in time.
    pub fn run(&mut self, job: &(dyn Fn(&Walk) + Sync)) {
        let shared = &*self.shared;
        let stage = shared.stages.now();
        // Safety: the borrow ends with this call, which returns only after everyone has left the job.
        let pointer: Job = unsafe { std::mem::transmute(job) };
        // Safety: the door is closed and nobody is inside.
        unsafe { *shared.start.get() = Some(Start { job: pointer, stage }) };
        shared.stages.clear(stage);
        let round = (shared.door.load(Ordering::Relaxed) >> 32).wrapping_add(1) & 0xffff_ffff;
        shared.door.store(round << 32 | OPEN, Ordering::SeqCst);
        let kept = flush_tiny();
        let walk = Walk::new(0, &shared.stages, stage, &self.patience);
        let done = catch_unwind(AssertUnwindSafe(|| job(&walk)));
        restore(kept);
        match done {
            Err(what) if self.workers.is_empty() => resume_unwind(what),
            Err(_) => give_up(),
            Ok(()) => {}
        }
        if shared.door.fetch_and(!OPEN, Ordering::SeqCst) & INSIDE > 0 {
            shared.stages.bell.ring();
            shared
                .stages
                .bell
                .wait(&self.patience, || shared.door.load(Ordering::SeqCst) & INSIDE == 0);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.stages.bell.ring();
        for handle in self.workers.drain(..) {
            // A panic of a worker has been reported by `run`.
            let _ = handle.join();
        }
    }
}

/// Ends the program after a panic of one thread, which has been reported. The others may be waiting for
/// its task: there is no way on.
fn give_up() -> ! {
    std::process::exit(FAULT)
}

/// Lets results too small for full precision become zero on this thread: moments of an optimizer
/// decay into that range, where arithmetic is many times slower. Returns the state before.
fn flush_tiny() -> u32 {
    let mut state = 0u32;
    #[cfg(target_arch = "x86_64")]
    // Safety: both instructions read and write these four bytes and the control register.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &mut state, options(nostack));
        let flush = state | 1 << 15;
        std::arch::asm!("ldmxcsr [{}]", in(reg) &flush, options(nostack, readonly));
    }
    state
}

/// Undoes [`flush_tiny`].
fn restore(state: u32) {
    #[cfg(target_arch = "x86_64")]
    // Safety: the state was that of this thread.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &state, options(nostack, readonly));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = state;
}

/// Joins one job after another.
fn work(shared: &Shared, number: usize) {
    flush_tiny();
    let bell = &shared.stages.bell;
    let patience = Cell::new(TURNS.1);
    let mut seen = 0;
    loop {
        let open = |door: u64| door & OPEN != 0 && door >> 32 != seen;
        bell.wait(&patience, || {
            shared.stop.load(Ordering::SeqCst) || open(shared.door.load(Ordering::SeqCst))
        });
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        let door = shared.door.load(Ordering::SeqCst);
        let join =
            || shared.door.compare_exchange(door, door + 1, Ordering::SeqCst, Ordering::SeqCst);
        if !open(door) || join().is_err() {
            continue;
        }
        seen = door >> 32;
        // Safety: this thread has joined, so the start is written, and stays until it has left.
        let start = unsafe { (*shared.start.get()).as_ref().expect("a job") };
        let walk = Walk::new(number, &shared.stages, start.stage, &patience);
        // Safety: `Pool::run` waits for this thread before its borrow ends.
        if catch_unwind(AssertUnwindSafe(|| unsafe { (*start.job)(&walk) })).is_err() {
            give_up();
        }
        // The caller may sleep since this thread ran the last tasks, or wait for it to leave.
        shared.door.fetch_sub(1, Ordering::SeqCst);
        bell.ring();
    }
}
