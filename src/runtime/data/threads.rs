//! Work on many things at once. In: how many there are, what is made of each by its number. Out: what was made, in
//! order, whatever threads there are.

/// What a function gives for each number below `count`, on all threads of the machine in turn.
pub fn each<T: Send>(count: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(count.max(1));
    let one = &one;
    std::thread::scope(|scope| {
        let share = |first: usize| {
            scope.spawn(move || (first..count).step_by(threads).map(one).collect::<Vec<T>>())
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        let done = |thread: std::thread::ScopedJoinHandle<'_, Vec<T>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter()
        };
        let mut shares: Vec<_> = running.into_iter().map(done).collect();
        let turns = (0..threads).cycle().take(count);
        turns.filter_map(|turn| shares.get_mut(turn)?.next()).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn in_order() {
        for count in [0, 1, 2, 7, 100] {
            let wanted: Vec<usize> = (0..count).map(|n| n * n).collect();
            assert_eq!(super::each(count, |n| n * n), wanted);
        }
    }
}
