//! Information by counting. In: codes, classes. Out: mutual information in nats, and the mutual
//! information gap. Reals are counted in equal intervals between their least and largest value.

use super::{Collected, Input};
use std::collections::BTreeMap;

/// Mutual information between two symbols per row.
pub fn mutual_information(input: &Input) -> f64 {
    let [a, b] = input.here else { return f64::NAN };
    let bins = input.setting(0) as u32;
    let (a, b) = (symbols(a, bins), symbols(b, bins));
    information(&a, &b)
}

/// The gap between the two code entries that know most of a factor; mean over the factors that
/// vary.
pub fn mig(input: &Input) -> f64 {
    let [code, factors @ ..] = input.here else { return f64::NAN };
    let bins = input.setting(0) as u32;
    let entries: Vec<Vec<u32>> = (0..code.width).map(|at| binned(code, at, bins)).collect();
    let (mut sum, mut count) = (0.0, 0.0);
    for set in factors {
        for at in 0..set.width {
            let factor = numbers(set.column(at));
            let entropy = entropy(&factor);
            if entropy == 0.0 {
                continue;
            }
            let mut known: Vec<f64> = entries.iter().map(|z| information(z, &factor)).collect();
            known.sort_by(|a, b| b.total_cmp(a));
            let second = known.get(1).copied().unwrap_or(0.0);
            sum += (known.first().copied().unwrap_or(0.0) - second) / entropy;
            count += 1.0;
        }
    }
    sum / count
}

/// The interval that one entry of every row falls into.
fn binned(set: &Collected, at: usize, bins: u32) -> Vec<u32> {
    let (low, high) = set
        .column(at)
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let (low, width) = (f64::from(low), f64::from(high) - f64::from(low));
    let place = |x: f32| {
        let unit = if width > 0.0 { (f64::from(x) - low) / width } else { 0.0 };
        ((unit * f64::from(bins)) as u32).min(bins - 1)
    };
    set.column(at).map(place).collect()
}

/// Different values by number, in the order of their first row.
fn numbers(values: impl Iterator<Item = f32>) -> Vec<u32> {
    let mut known = BTreeMap::new();
    values
        .map(|x| {
            let next = known.len() as u32;
            // The two zeros are one value.
            *known.entry((x + 0.0).to_bits()).or_insert(next)
        })
        .collect()
}

/// One symbol per row: rows with equal entries have equal symbols.
fn symbols(set: &Collected, bins: u32) -> Vec<u32> {
    let mut symbols = vec![0u32; set.rows()];
    for at in 0..set.width {
        let entry = if set.whole { numbers(set.column(at)) } else { binned(set, at, bins) };
        let mut known = BTreeMap::new();
        for (symbol, value) in symbols.iter_mut().zip(entry) {
            let next = known.len() as u32;
            *symbol = *known.entry((*symbol, value)).or_insert(next);
        }
    }
    symbols
}

/// Entropy of the shares of symbols, in nats.
pub fn entropy(symbols: &[u32]) -> f64 {
    let size = symbols.iter().max().map_or(0, |most| *most as usize + 1);
    let mut counts = vec![0u32; size];
    symbols.iter().for_each(|s| counts[*s as usize] += 1);
    let n = symbols.len() as f64;
    let terms = counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / n);
    -terms.map(|p| p * p.ln()).sum::<f64>()
}

/// Mutual information of two lists of symbols: `H(a) + H(b) - H(a, b)`, in nats.
pub fn information(a: &[u32], b: &[u32]) -> f64 {
    let mut known = BTreeMap::new();
    let both: Vec<u32> = a
        .iter()
        .zip(b)
        .map(|pair| {
            let next = known.len() as u32;
            *known.entry(pair).or_insert(next)
        })
        .collect();
    (entropy(a) + entropy(b) - entropy(&both)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{classes, figure, reals};
    use crate::base::dice::Dice;

    const LN2: f64 = std::f64::consts::LN_2;

    #[test]
    fn information_of_small_tables() {
        let of = |a, b, bins: f64| figure("mutual_information", &[a, b], &[bins]);
        let bits = |text: &str| classes(1, text.bytes().map(|b| usize::from(b - b'0')));
        assert!((of(bits("0011"), bits("0011"), 2.0) - LN2).abs() < 1e-12);
        assert!(of(bits("0011"), bits("0101"), 2.0) < 1e-12);
        // Counts 2 1 / 0 1: by hand, in nats.
        let by_hand = 0.5 * (0.5f64 / (0.5 * 0.75)).ln()
            + 0.25 * (0.25f64 / (0.5 * 0.75)).ln()
            + 0.25 * (0.25f64 / (0.5 * 0.25)).ln();
        let found = of(bits("0001"), bits("0011"), 2.0);
        assert!((found - by_hand).abs() < 1e-12, "{found} {by_hand}");
        // Two entries are one symbol: together they tell exclusive or, alone nothing.
        let pair = classes(2, [0, 0, 0, 1, 1, 0, 1, 1]);
        assert!((of(pair, bits("0110"), 2.0) - LN2).abs() < 1e-12);
        // Reals are counted in intervals; the largest value belongs to the last.
        assert!((of(reals(1, [0.0, 0.4, 0.6, 1.0]), bits("0011"), 2.0) - LN2).abs() < 1e-12);
        assert!(of(reals(1, [3.0; 4]), bits("0011"), 30.0).abs() < 1e-12);
    }

    /// For correlated normals the information is -log(1 - r^2) / 2. Counting in 30 x 30 intervals
    /// over about eight deviations loses a little to the width of an interval and gains about
    /// 400 filled cells / (2 n) by chance: within 0.02 nats of 100,000 rows.
    #[test]
    fn information_of_normals() {
        let (mut dice, r) = (Dice::new(1, "normals", 0), 0.8f64);
        let pairs: Vec<(f32, f32)> = (0..100_000)
            .map(|_| {
                let (a, b) = (dice.normal(), dice.normal());
                (a as f32, (r * a + (1.0 - r * r).sqrt() * b) as f32)
            })
            .collect();
        let sets = [reals(1, pairs.iter().map(|p| p.0)), reals(1, pairs.iter().map(|p| p.1))];
        let (found, exact) = (figure("mutual_information", &sets, &[30.0]), -0.5 * 0.36f64.ln());
        assert!((found - exact).abs() < 0.02, "{found} {exact}");
    }

    #[test]
    fn gap_of_known_codes() {
        // All pairs of a 4-valued and a 3-valued factor.
        let pairs: Vec<[usize; 2]> = (0..12).map(|i| [i % 4, i / 4]).collect();
        let factors = classes(2, pairs.concat());
        let code = |f: fn(f32, f32) -> Vec<f32>| {
            let rows = pairs.iter().map(|p| f(p[0] as f32, p[1] as f32));
            let rows: Vec<Vec<f32>> = rows.collect();
            reals(rows[0].len(), rows.concat())
        };
        let gap = |code| figure("mig", &[code, factors.clone()], &[20.0]);
        // One entry per factor, and one that knows nothing: gap 1.
        assert!((gap(code(|a, b| vec![a, -b, 0.5])) - 1.0).abs() < 1e-12);
        // Every factor in two entries: gap 0.
        assert!(gap(code(|a, b| vec![a, b, 2.0 * a, 3.0 * b])).abs() < 1e-12);
        // One entry that holds both: it knows all of both, and nothing is second.
        assert!((gap(code(|a, b| vec![a + 4.0 * b])) - 1.0).abs() < 1e-12);
        // The first factor exactly in one entry and by half (its upper bit) in another.
        let half = gap(code(|a, b| vec![a, (a / 2.0).floor(), b]));
        assert!((half - (1.0 + 0.5) / 2.0).abs() < 1e-12, "{half}");
        // 0 and -0 are one value of a factor.
        let signed =
            pairs.iter().map(|p| p.map(|n| if n == 0 && p[1] == 1 { -0.0 } else { n as f32 }));
        let signed = reals(2, signed.flatten().collect::<Vec<f32>>());
        let codes = code(|a, b| vec![a, -b, 0.5]);
        assert!((figure("mig", &[codes, signed], &[20.0]) - 1.0).abs() < 1e-12);
        // The same factors as two arguments; a factor that does not vary is left out.
        let one = |at: usize| classes(1, pairs.iter().map(|p| p[at]));
        let sets = [code(|a, b| vec![a, -b]), one(0), one(1), classes(1, [2; 12])];
        assert!((figure("mig", &sets, &[20.0]) - 1.0).abs() < 1e-12);
    }
}
