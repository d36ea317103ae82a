//! Draws by weights in constant time. In: weights. Out: numbers of weights (Walker 1977, built as by
//! Vose 1991).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::dice::Dice;

/// A table: one place for each weight, shared by at most one other.
#[derive(Clone, Debug, Default)]
pub struct Alias {
    /// How much of its place each has, in parts of 2^24,
    own: Vec<u32>,
    /// and who has the rest.
    other: Vec<u32>,
}

/// Parts of a place.
const PARTS: f64 = (1 << 24) as f64;

impl Alias {
    /// The table of weights; those that are no positive numbers are never drawn. Empty if none is one.
    pub fn new(weights: &[f64]) -> Alias {
        let of = |w: &f64| if w.is_finite() { w.max(0.0) } else { 0.0 };
        let total: f64 = weights.iter().map(of).sum();
        if total <= 0.0 {
            return Alias::default();
        }
        let scale = weights.len() as f64 / total;
        let mut shares: Vec<f64> = weights.iter().map(|w| of(w) * scale).collect();
        let mut other: Vec<u32> = (0..weights.len() as u32).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..shares.len()).partition(|at| shares.get(*at).is_some_and(|s| *s < 1.0));
        while let (Some(low), Some(high)) = (small.pop(), large.last().copied()) {
            let missing = 1.0 - shares.get(low).copied().unwrap_or(1.0);
            if let Some(rest) = other.get_mut(low) {
                *rest = high as u32;
            }
            let Some(left) = shares.get_mut(high) else { break };
            *left -= missing;
            if *left < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        // What is left over is a whole place up to rounding, whichever list it stands in.
        for at in small.into_iter().chain(large) {
            let whole = other.get(at).is_some_and(|o| *o as usize == at);
            if let Some(share) = shares.get_mut(at).filter(|_| whole) {
                *share = 1.0;
            }
        }
        let own = shares.iter().map(|share| (share * PARTS).round() as u32).collect();
        Alias { own, other }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// A number of a weight, 0 of an empty table.
    pub fn draw(&self, dice: &mut Dice) -> u32 {
        let at = dice.below(self.own.len().max(1) as u32);
        match (self.own.get(at as usize), self.other.get(at as usize)) {
            (Some(own), Some(other)) if dice.bits() >> 8 >= *own => *other,
            _ => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_their_weights() {
        let lists: [&[f64]; 6] = [
            &[1.0],
            &[1.0, 2.0, 3.0, 4.0],
            &[0.0, 5.0, 0.0, 0.001],
            &[1e-9, 1e9],
            &[3.0; 7],
            &[0.5, f64::NAN, -3.0, 1.5, 0.25],
        ];
        for (n, weights) in lists.into_iter().enumerate() {
            let table = Alias::new(weights);
            let mut dice = Dice::new(3, "alias", n as u32);
            let mut counts = vec![0.0; weights.len()];
            let draws = 100_000;
            (0..draws).for_each(|_| counts[table.draw(&mut dice) as usize] += 1.0);
            let of = |w: f64| if w > 0.0 { w } else { 0.0 };
            let total: f64 = weights.iter().map(|w| of(*w)).sum();
            for (count, weight) in counts.iter().zip(weights) {
                let chance = of(*weight) / total;
                let spread = (chance * (1.0 - chance) * f64::from(draws)).sqrt();
                let off: f64 = count - chance * f64::from(draws);
                assert!(off.abs() <= 4.5 * spread + 1.0, "{weights:?}: {counts:?}");
            }
        }
        assert!(Alias::new(&[]).is_empty() && Alias::new(&[0.0, f64::NAN]).is_empty());
        assert_eq!(Alias::new(&[]).draw(&mut Dice::new(1, "none", 0)), 0);
    }
}
