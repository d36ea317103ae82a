//! How well Markov chains have mixed (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021). In: the states
//! of chains of one number, a chain a row. Out: R-hat, effective numbers of draws, the error of a mean. A
//! chain counts as two, its halves.

use super::Input;
use crate::base::special::normal_quantile;

/// States of chains of one length.
struct Chains {
    values: Vec<f64>,
    length: usize,
}

impl Chains {
    fn of(input: &Input) -> Option<Chains> {
        let set = input.here.first()?;
        let values: Vec<f64> = set.values.iter().map(|x| f64::from(*x)).collect();
        let fits = set.width >= 4 && !values.is_empty() && values.iter().all(|x| x.is_finite());
        fits.then_some(Chains { values, length: set.width })
    }

    fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.length)
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Chains {
        Chains { values: self.values.iter().map(|x| f(*x)).collect(), length: self.length }
    }

    /// First and second halves; of an odd number of states the middle one is left out.
    fn halves(&self) -> Chains {
        let half = self.length / 2;
        let ends = |chain: &[f64]| [&chain[..half], &chain[chain.len() - half..]].concat();
        Chains { values: self.each().flat_map(ends).collect(), length: half }
    }

    /// Normal scores of the ranks of all states; equal states share their mean rank (Blom 1958).
    fn scores(&self) -> Chains {
        let n = self.values.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| self.values[*a].total_cmp(&self.values[*b]));
        let mut values = vec![0.0; n];
        let mut first = 0;
        while first < n {
            let same = |at: &&usize| self.values[**at] == self.values[order[first]];
            let count = order[first..].iter().take_while(same).count();
            let rank = first as f64 + (count as f64 + 1.0) / 2.0;
            let score = normal_quantile((rank - 0.375) / (n as f64 + 0.25));
            order[first..first + count].iter().for_each(|at| values[*at] = score);
            first += count;
        }
        Chains { values, length: self.length }
    }

    /// The value below which a share of all states lies, between two states in proportion.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let at = share * (sorted.len() - 1) as f64;
        let (low, high) = (at.floor() as usize, at.ceil() as usize);
        sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
    }

    /// Whether all states are equal, so that nothing is known of how they move.
    fn is_still(&self) -> bool {
        self.values.iter().all(|x| *x == self.values[0])
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// With one degree of freedom taken by the mean.
fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// Split R-hat of the states' ranks and of their distances from the median, the larger one.
pub fn rhat(input: &Input) -> f64 {
    let Some(chains) = Chains::of(input) else { return f64::NAN };
    let halves = chains.halves();
    let middle = halves.quantile(0.5);
    let far = halves.map(|x| (x - middle).abs());
    ratio(&halves.scores()).max(ratio(&far.scores()))
}

/// The root of the variance of all states over the mean variance of a chain's.
fn ratio(chains: &Chains) -> f64 {
    let n = chains.length as f64;
    let means: Vec<f64> = chains.each().map(mean).collect();
    let within = mean(&chains.each().map(variance).collect::<Vec<f64>>());
    if within == 0.0 {
        return f64::NAN;
    }
    ((n * variance(&means) / within + n - 1.0) / n).sqrt()
}

/// The number of independent draws that tell as much of the bulk of the distribution.
pub fn ess(input: &Input) -> f64 {
    Chains::of(input).map_or(f64::NAN, |chains| effective(&chains.halves().scores()))
}

/// The same of its 5 % and 95 % quantiles, the smaller one.
pub fn ess_tail(input: &Input) -> f64 {
    let Some(chains) = Chains::of(input) else { return f64::NAN };
    let of = |share: f64| {
        let end = chains.quantile(share);
        effective(&chains.map(|x| f64::from(x <= end)).halves())
    };
    of(0.05).min(of(0.95))
}

/// The standard error of the mean of all states.
pub fn mcse(input: &Input) -> f64 {
    let Some(chains) = Chains::of(input) else { return f64::NAN };
    (variance(&chains.values) / effective(&chains.halves())).sqrt()
}

/// The number of states over the sum of their autocorrelations, which ends where pairs of neighbours are
/// negative and does not rise (Geyer 1992, section 3.3).
fn effective(chains: &Chains) -> f64 {
    let (n, all) = (chains.length, chains.values.len() as f64);
    if chains.is_still() {
        return all;
    }
    let covariance = covariances(chains);
    let within = covariance(0) * n as f64 / (n as f64 - 1.0);
    let means: Vec<f64> = chains.each().map(mean).collect();
    let between = if means.len() > 1 { variance(&means) } else { 0.0 };
    let total = within * (n as f64 - 1.0) / n as f64 + between;
    let correlation = |lag: usize| 1.0 - (within - covariance(lag)) / total;
    // Two neighbours at a time: lags 0 and 1, 2 and 3, ...
    let mut pairs = vec![(1.0, correlation(1))];
    while pairs.last().is_some_and(|(a, b)| a + b > 0.0) && 2 * pairs.len() < n - 2 {
        let lag = 2 * pairs.len();
        pairs.push((correlation(lag), correlation(lag + 1)));
    }
    let time = 2.0 * sum_of_correlations(&pairs) - 1.0;
    all / time.max(1.0 / all.log10())
}

/// The sum over lags of pairs that do not rise; of the last pair the first one, halved.
fn sum_of_correlations(pairs: &[(f64, f64)]) -> f64 {
    let Some(((a, b), before)) = pairs.split_last() else { return 0.0 };
    let mut least = f64::INFINITY;
    let mut sum = 0.0;
    for (a, b) in before {
        least = least.min(a + b);
        sum += least;
    }
    sum + if a + b >= 0.0 { *a } else { a.max(0.0) } / 2.0
}

/// The mean autocovariance of the chains at a lag.
fn covariances(chains: &Chains) -> impl Fn(usize) -> f64 {
    let centred: Vec<Vec<f64>> = chains
        .each()
        .map(|chain| {
            let centre = mean(chain);
            chain.iter().map(|x| x - centre).collect()
        })
        .collect();
    move |lag| {
        let of = |chain: &Vec<f64>| {
            let products = chain.iter().zip(&chain[lag..]).map(|(a, b)| a * b);
            products.sum::<f64>() / chain.len() as f64
        };
        centred.iter().map(of).sum::<f64>() / centred.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use crate::metrics::tests::{figure, reals};

    /// Chains of 41 states that a formula gives: slow, quick, apart from each other, with ties.
    fn states(kind: usize) -> Vec<f32> {
        let state = |c: usize, t: usize| {
            let t = t as f64;
            let c = c as f64;
            match kind {
                0 => (1.7 * t + c).sin() + (0.3 * t * t + c).cos(),
                1 => (0.15 * t + c).sin(),
                2 => (2.9 * t * t + c).sin() + 2.0 * c,
                3 => ((t * t + 3.0 * c) % 7.0).floor(),
                _ if (t as usize).is_multiple_of(2) => 1.0 + 0.1 * (t + c).sin(),
                _ => -1.0,
            }
        };
        (0..4).flat_map(|c| (0..41).map(move |t| state(c, t) as f32)).collect()
    }

    /// From ArviZ 0.23.4 in f64, of the states as f32 has them: rhat, bulk and tail ess, mcse of the mean.
    const KNOWN: [[f64; 4]; 5] = [
        [1.023109821997139, 216.22544264841156, 199.74502304599386, 0.07159217640736018],
        [1.3672221367018667, 10.590145488384064, 78.72520415033749, 0.23543314581781702],
        [2.8390086669765555, 5.818547118972861, 146.14224347043722, 0.9989872990346734],
        [1.0792600512246375, 76.04390256455535, 160.0, 0.24787843629379924],
        [0.9771674803309881, 352.659197224948, 199.74502304599397, 0.053493726506639465],
    ];

    #[test]
    fn as_another_program_has_them() {
        for (kind, known) in KNOWN.iter().enumerate() {
            let set = [reals(41, states(kind))];
            for (name, known) in ["rhat", "ess", "ess_tail", "mcse"].iter().zip(known) {
                let found = figure(name, &set, &[]);
                assert!((found / known - 1.0).abs() < 1e-9, "{name} {kind}: {found} {known}");
            }
        }
    }
}
