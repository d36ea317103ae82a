//! The loop that all kinds share. In: how an input is made from a seed, and how it is looked at. Out:
//! counts, or the inputs that failed. Knows nothing of the inputs.

use super::clock::Clock;
use super::mutate::Random;
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Room for walks over trees, as the program itself has it.
const STACK: usize = 64 << 20;
/// Nothing takes longer. A debug build is slower.
pub const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });
/// What one input may hold at once, in bytes: the 264 MiB of a compilation, and the numbers of checks.
pub const MEMORY: usize = 400 << 20;
/// An allocation beyond this is refused, which ends the process.
const WALL: usize = 3 << 30;
/// After so many different failures a kind ends.
const MOST: usize = 40;

/// Counts what is alive.
struct Counting;
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// Safety: every call goes to the allocator of the system with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        if live > WALL {
            LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
            return std::ptr::null_mut();
        }
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

/// The thread that looks at inputs.
const WORKER: &str = "fuzz";
/// What is looked at now, since when, and where it is kept.
static NOW: Mutex<Option<(Instant, String)>> = Mutex::new(None);
/// Kinds take turns, so that memory and time are those of one input.
static TURN: Mutex<()> = Mutex::new(());
/// What the last panic said.
static SAID: Mutex<String> = Mutex::new(String::new());

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Whether this is the long part.
pub fn is_long() -> bool {
    setting("RLC_FUZZ").is_some()
}

/// One kind of input.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The ending of its files.
    pub ending: &'static str,
    /// Where the seeds of the short part begin.
    pub first: u64,
    /// Inputs of the short part.
    pub few: u64,
    /// What one input may take of the processor.
    pub patience: Duration,
}

/// What became of an input, in a word; or what is wrong.
pub type Found = Result<String, String>;

/// Looks at inputs, a few or for some time. Panics if one fails.
pub fn fuzz(
    kind: &Kind,
    make: impl Fn(&mut Random) -> Vec<u8> + Send,
    look: impl Fn(&[u8]) -> Found + Send,
) {
    let turn = locked(&TURN);
    watch();
    let failures = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).name(WORKER.into());
        let ended = worker.spawn_scoped(scope, || turns(kind, make, look)).unwrap().join();
        ended.unwrap_or_else(|_| panic!("{}: while inputs are made: {}", kind.name, locked(&SAID)))
    });
    drop(turn);
    assert!(failures.is_empty(), "{}: {failures:#?}", kind.name);
}

fn turns(
    kind: &Kind,
    make: impl Fn(&mut Random) -> Vec<u8>,
    look: impl Fn(&[u8]) -> Found,
) -> Vec<String> {
    let (first, long) = (setting("RLC_FUZZ_SEED").unwrap_or(kind.first), setting("RLC_FUZZ"));
    let clock = Clock::own();
    let before = clock.spent();
    let (mut counts, mut failures) = (BTreeMap::new(), BTreeMap::new());
    let mut seed = first;
    loop {
        let over = match long {
            Some(seconds) => (clock.spent() - before).as_secs() >= seconds,
            None => seed >= first + kind.few,
        };
        if over || failures.len() >= MOST {
            break;
        }
        let input = make(&mut Random::new(seed));
        match tried(kind, &input, &look) {
            Ok(became) => *counts.entry(became).or_insert(0u64) += 1,
            Err(why) => {
                *counts.entry("failed".into()).or_insert(0) += 1;
                failures
                    .entry(sort_of(&why))
                    .or_insert_with(|| kept(kind, seed, input, &why, &look));
            }
        }
        seed += 1;
    }
    let (tried, spent) = (seed - first, (clock.spent() - before).as_secs());
    eprintln!("{}: {tried} inputs from {first}, {spent} CPU seconds: {counts:?}", kind.name);
    failures.into_values().collect()
}

/// Looks at one input, with everything that can go wrong turned into a reason.
fn tried(kind: &Kind, input: &[u8], look: &impl Fn(&[u8]) -> Found) -> Found {
    let path = std::env::temp_dir().join(format!("rlc-fuzz-{}-now.{}", kind.name, kind.ending));
    fs::write(&path, input).ok();
    *locked(&NOW) = Some((Instant::now(), path.display().to_string()));
    // Of the processor, children included: a busy machine makes nothing slower.
    let clock = Clock::own();
    let begun = clock.spent();
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let found = catch_unwind(AssertUnwindSafe(|| look(input)));
    locked(&NOW).take();
    let took = clock.spent() - begun;
    let held = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    let became = found.unwrap_or_else(|_| Err(format!("a panic: {}", locked(&SAID))))?;
    if held > MEMORY {
        return Err(format!("{} MiB at once", held >> 20));
    }
    if took > kind.patience {
        return Err(format!("took {took:?}"));
    }
    Ok(became)
}

/// Failures that differ in numbers and names only are of one sort.
fn sort_of(why: &str) -> String {
    let short: String = why.chars().take(120).collect();
    short.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Writes what failed, made smaller if it is a text.
fn kept(
    kind: &Kind,
    seed: u64,
    mut input: Vec<u8>,
    why: &str,
    look: &impl Fn(&[u8]) -> Found,
) -> String {
    if kind.ending == "rl" {
        let sort = sort_of(why);
        input = smaller(input, |less| tried(kind, less, look).is_err_and(|w| sort_of(&w) == sort));
    }
    let name = format!("rlc-fuzz-{}-{seed}.{}", kind.name, kind.ending);
    let path = std::env::temp_dir().join(name);
    fs::write(&path, input).ok();
    let text = format!("seed {seed}, {}: {why}", path.display());
    eprintln!("{}: {text}", kind.name);
    text
}

/// Leaves out as many lines as can be, for half a minute at most.
fn smaller(input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let begun = Instant::now();
    let mut lines: Vec<Vec<u8>> =
        input.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let mut step = lines.len().div_ceil(2);
    while step > 0 && begun.elapsed().as_secs() < 30 {
        let mut at = 0;
        while at < lines.len() && begun.elapsed().as_secs() < 30 {
            let mut less = lines.clone();
            less.drain(at..(at + step).min(less.len()));
            if fails(&less.concat()) { lines = less } else { at += step }
        }
        step = if step == 1 { 0 } else { step.div_ceil(2) };
    }
    lines.concat()
}

/// Keeps what panics say, and ends the process if one input takes far too long.
fn watch() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(WORKER) {
                return before(info);
            }
            let place = info.location().map_or(String::new(), |at| format!("{at} "));
            *locked(&SAID) = format!("{place}{}", info.payload_as_str().unwrap_or_default());
        }));
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_millis(200));
                let now = locked(&NOW).clone();
                if let Some((since, path)) =
                    now.filter(|(since, _)| since.elapsed() > 60 * PATIENCE)
                {
                    eprintln!("a hang of {:?}: {path}", since.elapsed());
                    std::process::exit(1);
                }
            }
        });
    });
}

/// How the program ended, and what it said.
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// Standard error.
    pub said: String,
}

/// Runs the program in a folder, with bounded memory and time. A run that trains for long is asked to
/// stop. What it may not do is an error.
pub fn program(home: &Path, args: &[&str]) -> Result<Ended, String> {
    let words: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
    let line = format!("ulimit -v 6000000; ulimit -c 0; exec \"$RLC\" {}", words.join(" "));
    let [said, printed] = ["said", "printed"].map(|name| home.join(format!("../{name}")));
    let mut child = Command::new("sh")
        .args(["-c", &line])
        .current_dir(home)
        .env("RLC", env!("CARGO_BIN_EXE_rlc"))
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", home.join("../cache"))
        .stdin(Stdio::null())
        .stdout(fs::File::create(&printed).unwrap())
        .stderr(fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let (clock, begun, mut asked) = (Clock::of(child.id()), Instant::now(), false);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE / 2 && !asked && args[0] == "run" {
            Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
            asked = true;
        }
        if clock.is_over(PATIENCE) {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!("a hang: rlc {}", args.join(" ")));
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let said = String::from_utf8_lossy(&fs::read(&said).unwrap()).into_owned();
    let told = |what: &str| {
        let said: String = said.chars().take(400).collect();
        Err(format!("{what}: rlc {}: {said}", args.join(" ")))
    };
    let Some(code) = status.code() else { return told(&format!("{status}")) };
    if ![0, 1, 2, 3, 4, 5, 6, 130].contains(&code) {
        return told(&format!("exit {code}"));
    }
    if said.chars().any(|c| c.is_control() && c != '\n') {
        return told(&format!("hidden characters in `{}`", said.escape_debug()));
    }
    let quiet = code == 0 || code == 130 || args[0] == "fmt";
    if !quiet && !said.contains("error") {
        return told(&format!("exit {code} without a message"));
    }
    let helps = said.contains("= help: ") || said.contains("\"hint\":\"");
    if (code == 3 && !quiet && !helps) || said.contains("\"hint\":\"\"") {
        return told("no hint");
    }
    Ok(Ended { code, said })
}
