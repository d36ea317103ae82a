//! Random numbers for data: permutations, synthetic points, binarization. In: a seed, the name of a
//! stream, a counter. Out: the same numbers on every machine; no state outlives a value.

use crate::base::noise::threefry;

/// A stream of numbers. Two streams with different names, or different `step`s, are independent.
#[derive(Clone, Debug)]
pub struct Dice {
    key: (u32, u32),
    step: u32,
    next: u32,
    spare: Option<u32>,
}

impl Dice {
    /// The stream `name` of `seed`, at `step` (an epoch, usually).
    pub fn new(seed: u64, name: &str, step: u32) -> Dice {
        // FNV-1a of the name picks the stream.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let halves = |x: u64| (x as u32, (x >> 32) as u32);
        Dice { key: threefry(halves(seed), halves(hash)), step, next: 0, spare: None }
    }

    /// A stream for each of many things: numbers of things that are looked up in any order.
    pub fn of(&self, thing: u32) -> Dice {
        Dice { key: threefry(self.key, (thing, self.step)), step: 0, next: 0, spare: None }
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        if let Some(bits) = self.spare.take() {
            return bits;
        }
        let (first, second) = threefry(self.key, (self.next, self.step));
        self.next = self.next.wrapping_add(1);
        self.spare = Some(second);
        first
    }

    /// 32 random bits for element `at`, without moving the stream: for values that are looked up
    /// in any order.
    pub fn bits_at(&self, at: u32) -> u32 {
        let (first, second) = threefry(self.key, (at / 2, self.step));
        if at.is_multiple_of(2) { first } else { second }
    }

    /// An integer below `n`, every one equally likely.
    pub fn below(&mut self, n: u32) -> u32 {
        // Lemire's multiplication; the rejected zone is what would make small results likelier.
        let zone = n.wrapping_neg() % n.max(1);
        loop {
            let product = u64::from(self.bits()) * u64::from(n);
            if product as u32 >= zone {
                return (product >> 32) as u32;
            }
        }
    }

    /// A real in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        let (high, low) = (u64::from(self.bits()), u64::from(self.bits()));
        ((high << 21) | (low >> 11)) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Shuffles a list (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end as u32 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, name, step| Dice::new(seed, name, step).bits();
        assert_eq!(draw(1, "a", 0), draw(1, "a", 0));
        assert_ne!(draw(1, "a", 0), draw(2, "a", 0));
        assert_ne!(draw(1, "a", 0), draw(1, "b", 0));
        assert_ne!(draw(1, "a", 0), draw(1, "a", 1));
        let mut dice = Dice::new(3, "x", 5);
        let fixed = dice.clone();
        for at in 0..10 {
            assert_eq!(dice.bits(), fixed.bits_at(at));
        }
    }

    #[test]
    fn moments_of_the_draws() {
        let (mut dice, n) = (Dice::new(7, "moments", 0), 20_000);
        let mean: f64 = (0..n).map(|_| dice.uniform()).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 4.0 * (1.0 / 12.0f64 / f64::from(n)).sqrt());
        let draws: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let square = draws.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 4.0 / f64::from(n).sqrt());
        assert!((square - 1.0).abs() < 4.0 * (2.0 / f64::from(n)).sqrt());
    }

    #[test]
    fn a_shuffle_is_a_fair_permutation() {
        let mut firsts = [0u32; 5];
        for seed in 0..5000 {
            let mut list = [0usize, 1, 2, 3, 4];
            Dice::new(seed, "shuffle", 0).shuffle(&mut list);
            firsts[list[0]] += 1;
            list.sort_unstable();
            assert_eq!(list, [0, 1, 2, 3, 4]);
        }
        // Expected 1000 each; four standard deviations are 113.
        assert!(firsts.iter().all(|n| n.abs_diff(1000) < 113), "{firsts:?}");
    }
}
