//! Minibatches. In: the rows of a split, the size of a batch, a seed. Out: row lists per step, and
//! the values of those rows. The order of an epoch is a function of (seed, epoch) alone, so a run
//! can be continued anywhere.

use super::rows::{Order, Rows};
use super::{Column, Values};
use crate::base::dice::Dice;

/// The training batches of a phase: batch `n` of the whole phase, whatever the epoch.
#[derive(Clone, Debug)]
pub struct Batches {
    rows: Rows,
    size: usize,
    seed: u64,
    stream: String,
    order: Option<(u32, Order)>,
    batch: Vec<u32>,
}

impl Batches {
    /// Batches of `size` rows of a split. The last short batch of an epoch is left out. `stream`
    /// names the phase, so that two phases do not visit rows in the same order.
    pub fn new(rows: &Rows, size: usize, seed: u64, stream: &str) -> Batches {
        let (rows, stream) = (rows.clone(), stream.into());
        Batches { rows, size, seed, stream, order: None, batch: Vec::new() }
    }

    /// Number of full batches of an epoch; 0 if the split is smaller than a batch.
    pub fn per_epoch(&self) -> usize {
        self.rows.len().checked_div(self.size).unwrap_or(0)
    }

    /// The epoch and the rows of batch `n` of the phase.
    ///
    /// # Panics
    /// If the split is smaller than one batch; `per_epoch` tells beforehand.
    pub fn get(&mut self, n: usize) -> (u32, &[u32]) {
        let per_epoch = self.per_epoch();
        let (epoch, within) = ((n / per_epoch) as u32, n % per_epoch);
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.order = Some((epoch, self.rows.shuffled(self.seed, &self.stream, epoch)));
        }
        self.batch.clear();
        let order = self.order.iter().map(|(_, order)| order);
        let places = within * self.size..(within + 1) * self.size;
        self.batch.extend(order.flat_map(|order| places.clone().filter_map(|at| order.get(at))));
        (epoch, &self.batch)
    }
}

/// The values of some rows of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Batch {
    /// Reals and bits.
    F32(Vec<f32>),
    /// Indices and integers.
    I32(Vec<i32>),
}

/// Collects rows of a field. Grey levels that are drawn afresh are drawn from (seed, epoch, row).
pub fn gather(column: &Column, rows: &[u32], seed: u64, epoch: u32) -> Batch {
    match &column.values {
        Values::F32(values) => Batch::F32(pick(values, column.width(), rows)),
        Values::I32(values) => Batch::I32(pick(values, column.width(), rows)),
        Values::Made(made) => made.rows(rows, column.width(), seed, epoch),
        Values::Chance(levels) => {
            let dice = Dice::new(seed, &format!("binarize {}", column.name), epoch);
            let width = column.width();
            let mut bits = Vec::with_capacity(rows.len() * width);
            for row in rows {
                let first = *row as usize * width;
                for (at, level) in levels.iter().enumerate().skip(first).take(width) {
                    // 24 bits, so that the comparison is exact in f32.
                    let uniform = (dice.bits_at(at as u32) >> 8) as f32 / (1 << 24) as f32;
                    bits.push(f32::from(u8::from(uniform < *level)));
                }
            }
            Batch::F32(bits)
        }
    }
}

fn pick<T: Copy>(values: &[T], width: usize, rows: &[u32]) -> Vec<T> {
    if width == 1 {
        return rows.iter().filter_map(|row| values.get(*row as usize).copied()).collect();
    }
    let mut picked = Vec::with_capacity(rows.len() * width);
    for row in rows {
        let first = *row as usize * width;
        picked.extend_from_slice(values.get(first..first + width).unwrap_or_default());
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_visits_every_row_once() {
        let listed: Vec<u32> = (100..110).collect();
        visits_every_row(&Rows::Listed(listed));
        visits_every_row(&Rows::Next(100..110));
    }

    fn visits_every_row(rows: &Rows) {
        let mut batches = Batches::new(rows, 5, 1, "fit");
        assert_eq!(batches.per_epoch(), 2);
        let mut seen: Vec<u32> = (0..2).flat_map(|n| batches.get(n).1.to_vec()).collect();
        let first = seen.clone();
        seen.sort_unstable();
        assert_eq!(seen, rows.some(0..10));
        let second: Vec<u32> = (2..4).flat_map(|n| batches.get(n).1.to_vec()).collect();
        assert_ne!(first, second);
        // Any batch can be asked for first.
        assert_eq!(Batches::new(rows, 5, 1, "fit").get(3).1, &second[5..]);
        assert_eq!(Batches::new(rows, 4, 1, "fit").per_epoch(), 2);
        assert_eq!(Batches::new(rows, 11, 1, "fit").per_epoch(), 0);
    }

    #[test]
    fn stochastic_bits_have_the_right_mean_and_change_by_epoch() {
        let column = Column {
            name: "x".into(),
            shape: vec![1000],
            values: Values::Chance([vec![0.0; 1000], vec![0.3; 1000], vec![1.0; 1000]].concat()),
        };
        let sum = |row, epoch| match gather(&column, &[row], 9, epoch) {
            Batch::F32(bits) => bits.iter().sum::<f32>(),
            Batch::I32(_) => f32::NAN,
        };
        assert_eq!((sum(0, 0), sum(2, 0)), (0.0, 1000.0));
        assert!((sum(1, 0) - 300.0).abs() < 60.0);
        assert_ne!(gather(&column, &[1], 9, 0), gather(&column, &[1], 9, 1));
        assert_eq!(gather(&column, &[1], 9, 1), gather(&column, &[1], 9, 1));
        // A row gives the same bits whichever rows stand beside it.
        let (pair, alone) = (gather(&column, &[0, 1], 9, 0), gather(&column, &[1], 9, 0));
        let (Batch::F32(pair), Batch::F32(alone)) = (pair, alone) else { panic!("bits are reals") };
        assert_eq!(pair[1000..], alone);
    }
}
