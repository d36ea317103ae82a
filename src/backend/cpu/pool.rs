//! Threads that run one function together. In: a function of the thread's number. Out: it has run
//! on every thread. Threads meet at barriers by spinning, and sleep when there is nothing to do.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};

/// Turns of a waiting loop before the processor is offered to others.
const SPINS: usize = 4_000;
/// Offers before a worker sleeps.
const OFFERS: usize = 200;

/// The exit code of a fault in the program itself.
const FAULT: i32 = 70;

/// Where threads wait for each other.
pub struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    fn new(threads: usize) -> Barrier {
        Barrier { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0) }
    }

    /// Returns when every thread is here.
    pub fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut turns = 0;
        while self.round.load(Ordering::Acquire) == round {
            turns += 1;
            if turns < SPINS { std::hint::spin_loop() } else { thread::yield_now() }
        }
    }
}

type Job = *const (dyn Fn(usize) + Sync);

struct Shared {
    job: UnsafeCell<Option<Job>>,
    round: AtomicUsize,
    running: AtomicUsize,
    stop: AtomicBool,
}

// Safety: the job is written before `round` grows and read after; nobody writes it while workers
// run.
unsafe impl Sync for Shared {}
// Safety: the same: what the pointer stands for outlives the round.
unsafe impl Send for Shared {}

/// A fixed number of threads; the caller is the first.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<(JoinHandle<()>, Thread)>,
    /// Where all of them meet.
    pub barrier: Barrier,
}

impl Pool {
    /// Starts all threads but the caller's own.
    pub fn new(threads: usize) -> Pool {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            job: UnsafeCell::new(None),
            round: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let start = |number| {
            let shared = Arc::clone(&shared);
            let handle = thread::spawn(move || work(&shared, number));
            let thread = handle.thread().clone();
            (handle, thread)
        };
        let workers = (1..threads).map(start).collect();
        Pool { shared, workers, barrier: Barrier::new(threads) }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Runs `job` on every thread.
    pub fn run(&mut self, job: &(dyn Fn(usize) + Sync)) {
        // Safety: the borrow ends with this call, which returns only after every worker has
        // finished.
        let job: Job = unsafe { std::mem::transmute(job) };
        // Safety: no worker reads it before `round` grows.
        unsafe { *self.shared.job.get() = Some(job) };
        self.shared.running.store(self.workers.len(), Ordering::Relaxed);
        self.shared.round.fetch_add(1, Ordering::Release);
        self.workers.iter().for_each(|(_, thread)| thread.unpark());
        let kept = flush_tiny();
        // Safety: it is the caller's function, which is there.
        let done = catch_unwind(AssertUnwindSafe(|| unsafe { (*job)(0) }));
        restore(kept);
        match done {
            Err(what) if self.workers.is_empty() => resume_unwind(what),
            Err(_) => give_up(),
            Ok(()) => {}
        }
        let mut turns = 0;
        while self.shared.running.load(Ordering::Acquire) > 0 {
            turns += 1;
            if turns < SPINS { std::hint::spin_loop() } else { thread::yield_now() }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.round.fetch_add(1, Ordering::Release);
        for (handle, thread) in self.workers.drain(..) {
            thread.unpark();
            // A panic of a worker has been reported by `run`.
            let _ = handle.join();
        }
    }
}

/// Ends the program after a panic of one thread, which has been reported. The others may be waiting at
/// a barrier for it: there is no way on.
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

fn work(shared: &Shared, number: usize) {
    flush_tiny();
    let mut seen = 0;
    loop {
        let mut turns = 0;
        while shared.round.load(Ordering::Acquire) == seen {
            turns += 1;
            match turns {
                t if t < SPINS => std::hint::spin_loop(),
                t if t < SPINS + OFFERS => thread::yield_now(),
                _ => thread::park(),
            }
        }
        seen = seen.wrapping_add(1);
        if shared.stop.load(Ordering::Acquire) {
            return;
        }
        // Safety: `round` has grown, so it is written, and stays until this worker has finished.
        let job = unsafe { (*shared.job.get()).expect("a job") };
        // Safety: `Pool::run` waits for this call before its borrow ends.
        if catch_unwind(AssertUnwindSafe(|| unsafe { (*job)(number) })).is_err() {
            give_up();
        }
        shared.running.fetch_sub(1, Ordering::AcqRel);
    }
}
