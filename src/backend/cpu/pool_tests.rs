//! Threads that share tasks: each task once, stages in order, and nobody waits for one who is held up.

use super::pool::Pool;
use crate::backend::cases::Dice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Numbers of tasks of some stages: many are small, some have more tasks than units.
fn sizes(dice: &mut Dice) -> Vec<usize> {
    let size = |dice: &mut Dice| match dice.below(8) {
        0 => 0,
        1..4 => 1 + dice.below(3),
        4..7 => 1 + dice.below(200),
        _ => 60_000 + dice.below(80_000),
    };
    (0..1 + dice.below(40)).map(|_| size(dice)).collect()
}

#[test]
fn every_task_runs_once_and_stages_do_not_overlap() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let (sizes, threads) = (sizes(&mut dice), 1 + dice.below(5));
        let mut pool = Pool::new(threads);
        let marks: Vec<Vec<AtomicUsize>> =
            sizes.iter().map(|n| (0..*n).map(|_| AtomicUsize::new(0)).collect()).collect();
        let done: Vec<AtomicUsize> = sizes.iter().map(|_| AtomicUsize::new(0)).collect();
        for run in 1..=4 {
            pool.run(&|walk| {
                for (stage, n) in sizes.iter().enumerate() {
                    for task in walk.tasks(*n) {
                        let before = stage.checked_sub(1).map_or(0, |s| run * sizes[s]);
                        let there =
                            stage.checked_sub(1).map_or(0, |s| done[s].load(Ordering::Relaxed));
                        assert_eq!(there, before, "a stage began early");
                        marks[stage][task].fetch_add(1, Ordering::Relaxed);
                        done[stage].fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
            let all = marks.iter().flatten();
            all.for_each(|mark| assert_eq!(mark.load(Ordering::Relaxed), run, "seed {seed}"));
        }
    }
}

#[test]
fn a_thread_that_is_held_up_holds_nobody_else_up() {
    let mut pool = Pool::new(2);
    for _ in 0..50 {
        // The first task that is taken lasts until all others are done: the other thread must take
        // those of this one's share.
        let (taken, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begun = Instant::now();
        pool.run(&|walk| {
            for _ in walk.tasks(16) {
                if taken.fetch_add(1, Ordering::SeqCst) == 0 {
                    while done.load(Ordering::SeqCst) < 15 && begun.elapsed().as_secs() < 60 {
                        std::thread::sleep(Duration::from_micros(50));
                    }
                }
                done.fetch_add(1, Ordering::SeqCst);
            }
        });
        assert!(begun.elapsed().as_secs() < 60, "the others waited");
    }
}

#[test]
fn threads_that_sleep_come_back() {
    let mut pool = Pool::new(3);
    for round in 0..20 {
        let count = AtomicUsize::new(0);
        pool.run(&|walk| {
            for stage in 0..6 {
                for _ in walk.tasks(if stage % 2 == 0 { 1 } else { 8 }) {
                    std::thread::sleep(Duration::from_micros(if stage % 2 == 0 {
                        900
                    } else {
                        50
                    }));
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 27, "round {round}");
        std::thread::sleep(Duration::from_millis(round % 3));
    }
}
