//! The rows of a split and the order in which an epoch visits them. In: numbers of rows, a seed. Out:
//! numbers of rows. Rows that follow each other take no memory, however many they are.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::dice::Dice;
use std::ops::Range;

/// Numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Any ones.
    Listed(Vec<u32>),
    /// Those that follow each other.
    Next(Range<u32>),
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Rows::Listed(list) => list.len(),
            Rows::Next(range) => range.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row `at` of them.
    pub fn get(&self, at: usize) -> Option<u32> {
        match self {
            Rows::Listed(list) => list.get(at).copied(),
            Rows::Next(range) => {
                let row = u32::try_from(at).ok().and_then(|at| range.start.checked_add(at))?;
                range.contains(&row).then_some(row)
            }
        }
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Some of them, as far as they are there.
    pub fn some(&self, range: Range<usize>) -> Vec<u32> {
        range.map_while(|at| self.get(at)).collect()
    }

    /// All of them in an order that depends on the seed, the stream and the epoch only.
    pub fn shuffled(&self, seed: u64, stream: &str, epoch: u32) -> Order {
        let mut dice = Dice::new(seed, &format!("shuffle {stream}"), epoch);
        match self {
            Rows::Listed(list) => {
                let mut order = list.clone();
                dice.shuffle(&mut order);
                Order::Listed(order)
            }
            Rows::Next(range) => Order::Mixed(range.clone(), dice),
        }
    }
}

/// All rows of a split in some order.
#[derive(Clone, Debug)]
pub enum Order {
    /// One after the other.
    Listed(Vec<u32>),
    /// Each where a permutation puts it.
    Mixed(Range<u32>, Dice),
}

impl Order {
    /// The row at a place; there are as many places as rows.
    pub fn get(&self, at: usize) -> Option<u32> {
        match self {
            Order::Listed(list) => list.get(at).copied(),
            Order::Mixed(range, dice) => {
                let at = u32::try_from(at).ok().filter(|at| (*at as usize) < range.len())?;
                Some(range.start + place(dice, at, range.len() as u64))
            }
        }
    }
}

/// Rounds of a permutation: four make one that cannot be told from a random one by a few of its values
/// (Luby and Rackoff 1988).
const ROUNDS: u32 = 6;

/// Where a permutation of `n` places puts place `at`: halves of its bits are exchanged, one changed by
/// the other, and what leads out of the places is led on until it is back (Black and Rogaway 2002).
fn place(dice: &Dice, at: u32, n: u64) -> u32 {
    let half = (64 - n.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1u64 << half) - 1;
    let mut value = u64::from(at);
    loop {
        for round in 0..ROUNDS {
            let (high, low) = (value >> half, value & mask);
            let change = dice.bits_at(round << 16 | low as u32);
            value = low << half | (high ^ u64::from(change)) & mask;
        }
        if value < n {
            return value as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_taken_once() {
        for n in [1u32, 2, 3, 4, 5, 16, 17, 100, 1000, 4096, 70_000] {
            let rows = Rows::Next(7..7 + n);
            let order = rows.shuffled(3, "fit", 1);
            let mut all: Vec<u32> = (0..n as usize).map(|at| order.get(at).unwrap()).collect();
            assert_eq!(order.get(n as usize), None);
            assert!(n < 20 || all != rows.some(0..n as usize));
            all.sort_unstable();
            assert_eq!(all, rows.some(0..n as usize));
        }
    }

    #[test]
    fn an_order_looks_random() {
        let n = 10_000;
        let rows = Rows::Next(0..n);
        let orders: Vec<Vec<f64>> = (0..20)
            .map(|epoch| {
                let order = rows.shuffled(1, "fit", epoch);
                (0..n as usize).map(|at| f64::from(order.get(at).unwrap())).collect()
            })
            .collect();
        // Correlations of independent orders have a deviation of 1 / sqrt(n): 0.01.
        let correlation = |a: &[f64], b: &[f64]| {
            let mean = f64::from(n - 1) / 2.0;
            let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum();
            sum / (f64::from(n).powi(3) / 12.0)
        };
        let places: Vec<f64> = (0..n).map(f64::from).collect();
        for (at, order) in orders.iter().enumerate() {
            let next = &order[1..];
            assert!(correlation(order, &places).abs() < 0.05, "{at}");
            assert!(correlation(&order[..next.len()], next).abs() < 0.05, "{at}");
            for other in &orders[..at] {
                assert!(correlation(order, other).abs() < 0.05, "{at}");
            }
            // Rows that stay where they are: one on the mean.
            assert!(order.iter().zip(&places).filter(|(a, b)| a == b).count() < 8);
        }
    }

    #[test]
    fn listed_and_next_rows_are_the_same_rows() {
        let (next, listed) = (Rows::Next(5..9), Rows::Listed(vec![5, 6, 7, 8]));
        assert!(next.iter().eq(listed.iter()));
        for range in [0..2, 1..4, 3..9, 4..5] {
            assert_eq!(next.some(range.clone()), listed.some(range));
        }
        assert_eq!((next.get(4), next.len(), Rows::Next(3..3).is_empty()), (None, 4, true));
    }
}
