//! Counter-based noise. In: (seed, stream, step, element). Out: the same integers everywhere, and
//! reals that follow from them by integer arithmetic and one exact scaling. Holds no state.
//!
//! Element `e` of a draw takes word `(e / 8) % 2` of the pair with counter `(e / 16) * 8 + e % 8`,
//! so that eight neighbours come from eight counters and both words of every pair are used.

const ROTATIONS: [u32; 8] = [13, 15, 26, 6, 17, 29, 16, 24];

/// Threefry-2x32 with 20 rounds (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011).
#[inline]
pub fn threefry(key: (u32, u32), counter: (u32, u32)) -> (u32, u32) {
    let keys = [key.0, key.1, 0x1bd1_1bda ^ key.0 ^ key.1];
    let (mut a, mut b) = (counter.0.wrapping_add(keys[0]), counter.1.wrapping_add(keys[1]));
    for group in 0..5 {
        for round in 0..4 {
            a = a.wrapping_add(b);
            b = b.rotate_left(ROTATIONS[(group * 4 + round) % 8]) ^ a;
        }
        a = a.wrapping_add(keys[(group + 1) % 3]);
        b = b.wrapping_add(keys[(group + 2) % 3]).wrapping_add(group as u32 + 1);
    }
    (a, b)
}

/// The key of a stream: FNV-1a of its name.
pub fn stream_key(stream: &str) -> u32 {
    stream.bytes().fold(0x811c_9dc5, |h, byte| (h ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The pair of words with this counter, of a stream at a step.
#[inline]
pub fn bits(seed: u32, stream: u32, step: u32, counter: u32) -> (u32, u32) {
    threefry((seed, stream), (step, counter))
}

/// The word of one element.
#[inline]
pub fn word(seed: u32, stream: u32, step: u32, element: u32) -> u32 {
    let (first, second) = bits(seed, stream, step, (element >> 4 << 3) | (element & 7));
    if element & 8 == 0 { first } else { second }
}

/// Words of the elements from `start` on. The same as [`word`] of each, at half the price.
#[inline]
pub fn words(seed: u32, stream: u32, step: u32, start: u32, out: &mut [u32]) {
    let head = ((16 - (start & 15)) & 15).min(out.len() as u32);
    let (head, rest) = out.split_at_mut(head as usize);
    for (i, w) in head.iter_mut().enumerate() {
        *w = word(seed, stream, step, start.wrapping_add(i as u32));
    }
    let mut at = start.wrapping_add(head.len() as u32);
    let mut blocks = rest.chunks_exact_mut(16);
    for block in &mut blocks {
        let (first, second) = block.split_at_mut(8);
        for lane in 0..8 {
            (first[lane], second[lane]) = bits(seed, stream, step, (at >> 1) + lane as u32);
        }
        at = at.wrapping_add(16);
    }
    for (i, w) in blocks.into_remainder().iter_mut().enumerate() {
        *w = word(seed, stream, step, at.wrapping_add(i as u32));
    }
}

/// Uniform on the open interval (0, 1), exactly: one of 2^23 midpoints.
#[inline]
pub fn uniform(word: u32) -> f32 {
    const SCALE: f32 = 1.0 / (1 << 24) as f32;
    (((word >> 9) * 2 + 1) as i32) as f32 * SCALE
}

/// Standard normal: bit 31 is the sign, the other bits `v` state the tail probability
/// `(2v + 1) / 2^33`, whose quantile is interpolated linearly in a table with 128 pieces per
/// octave. Reaches 6.3 standard deviations; results are multiples of 2^-21.
#[inline]
pub fn normal(word: u32) -> f32 {
    let x = (word << 1) | 1;
    // Exponent and leading bits of `x`, by way of a conversion that is exact: 24 bits at most.
    let (small, shift) = if x >> 24 == 0 { (x, 0) } else { (x >> 8, 8 << 23) };
    let place = (small as i32 as f32).to_bits() + shift - (127 << 23);
    let (piece, part) = ((place >> 16) as usize, (place & 0xffff) as i32);
    let (from, to) = (QUANTILES[piece], QUANTILES[piece + 1]);
    let slope = to - from;
    let fixed = from + ((slope * (part >> 8) + ((slope * (part & 255)) >> 8)) >> 8);
    const SCALE: f32 = 1.0 / (1 << 21) as f32;
    let size = ((fixed + 16) >> 5) as f32 * SCALE;
    f32::from_bits(size.to_bits() | (word & 0x8000_0000))
}

/// Pieces of the table of quantiles.
pub const PIECES: usize = 32 * 128;

/// Upper quantiles of the standard normal, times 2^26, at tail probabilities
/// `2^octave * (1 + j / 128) / 2^33`.
static QUANTILES: [i32; PIECES + 1] = quantiles();

/// The table that [`normal`] interpolates, for devices that compute it themselves.
pub fn table() -> &'static [i32] {
    &QUANTILES
}

/// Follows the quantile function from the far tail inwards by its Taylor series. In this direction
/// errors shrink; products and quotients only, so every machine computes the same table.
const fn quantiles() -> [i32; PIECES + 1] {
    let mut table = [0; PIECES + 1];
    // The quantile and the density there, for the tail probability 2^-33.
    let mut z = 6.337_957_754_553_789f64;
    let mut density = 7.553_855_895_161_342e-10f64;
    let mut octave = 1.0 / (1u64 << 33) as f64;
    let mut i = 0;
    while i < PIECES {
        table[i] = (z * (1u64 << 26) as f64 + 0.5) as i32;
        let h = octave / 128.0 / density;
        let z2 = z * z;
        let fourth =
            h * (z * (6.0 * z2 + 7.0) / 24.0 - h * (24.0 * z2 * z2 + 46.0 * z2 + 7.0) / 120.0);
        let step = h * (1.0 - h * (z / 2.0 - h * ((2.0 * z2 + 1.0) / 6.0 - fourth)));
        // phi(z - s) = phi(z) exp(s (z - s / 2))
        let exponent = step * (z - step / 2.0);
        let mut term = exponent;
        let mut growth = 1.0;
        let mut k = 2.0;
        while k < 9.0 {
            growth += term;
            term = term * exponent / k;
            k += 1.0;
        }
        density *= growth;
        z -= step;
        i += 1;
        if i % 128 == 0 {
            octave *= 2.0;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let full = (u32::MAX, u32::MAX);
        assert_eq!(threefry((0, 0), (0, 0)), (0x6b20_0159, 0x99ba_4efe));
        assert_eq!(threefry(full, full), (0x1cb9_96fc, 0xbb00_2be7));
        let (key, counter) = ((0x1319_8a2e, 0x0370_7344), (0x243f_6a88, 0x85a3_08d3));
        assert_eq!(threefry(key, counter), (0xc492_3a9c, 0x483d_f7a0));
    }

    #[test]
    fn a_run_of_words_is_the_words_of_its_elements() {
        for start in [0u32, 3, 8, 16, 29] {
            for len in [0, 1, 7, 16, 50] {
                let mut run = vec![0; len];
                words(5, 6, 7, start, &mut run);
                for (i, w) in run.iter().enumerate() {
                    assert_eq!(*w, word(5, 6, 7, start + i as u32));
                }
            }
        }
    }

    #[test]
    fn uniforms_are_inside_the_interval() {
        assert_eq!(uniform(0), 0.5 / (1 << 23) as f32);
        assert_eq!(uniform(u32::MAX), 1.0 - 0.5 / (1 << 23) as f32);
        assert_eq!(uniform(1 << 31), 0.5 + 0.5 / (1 << 23) as f32);
    }

    /// Upper tail probability of the standard normal, by the continued fraction or the series.
    fn tail(z: f64) -> f64 {
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        if z > 3.0 {
            density / (1..200).rev().fold(z, |f, k| z + f64::from(k) / f)
        } else {
            let mut term = z;
            let series = (1..200).fold(z, |sum, k| {
                term *= z * z / f64::from(2 * k + 1);
                sum + term
            });
            0.5 - density * series
        }
    }

    #[test]
    fn normals_are_the_quantiles() {
        let mut worst = 0f64;
        let mut last = f32::INFINITY;
        for i in 0..200_000u32 {
            // Dense in the tail and in the middle alike.
            let v = if i < 100_000 { i } else { (i - 100_000) * 21_470 + 100_000 };
            let z = normal(v);
            assert!(z <= last && z >= 0.0, "not monotone at {v}");
            assert_eq!(normal(v | 1 << 31), -z);
            last = z;
            let p = (2.0 * f64::from(v) + 1.0) / 2f64.powi(33);
            worst = worst.max((tail(f64::from(z)) - p).abs());
            assert!((tail(f64::from(z)) / p - 1.0).abs() < 1e-4, "{v}: {z}");
        }
        assert!(worst < 2e-6, "{worst}");
        assert!(normal(0) > 6.2);
        assert!(normal((1 << 31) - 1) < 1e-6);
    }

    #[test]
    fn streams_are_independent() {
        let (a, b) = (stream_key("q.z#0"), stream_key("q.z#1"));
        let n = 20_000;
        let draw = |s, step, e| f64::from(normal(word(1, s, step, e)));
        let mean = |f: &dyn Fn(u32) -> f64| (0..n).map(f).sum::<f64>() / f64::from(n);
        let bound = 4.0 / f64::from(n).sqrt();
        assert!(mean(&|e| draw(a, 0, e)).abs() < bound);
        assert!((mean(&|e| draw(a, 0, e).powi(2)) - 1.0).abs() < bound * 2f64.sqrt());
        assert!(mean(&|e| draw(a, 0, e) * draw(b, 0, e)).abs() < bound);
        assert!(mean(&|e| draw(a, 0, e) * draw(a, 1, e)).abs() < bound);
        assert!(mean(&|e| draw(a, 0, e) * draw(a, 0, e + 8)).abs() < bound);
    }
}
