//! Special functions in f64: the error function and log-gamma, to a unit of the last place or two
//! also near their zeros, and the derivative of log-gamma, to a few 1e-15, absolute or relative,
//! whichever is larger. Not fast.

/// The error function.
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Coefficients B(2k) / (2k) of the asymptotic series of digamma.
const BERNOULLI: [f64; 7] = [
    1.0 / 12.0,
    -1.0 / 120.0,
    1.0 / 252.0,
    -1.0 / 240.0,
    1.0 / 132.0,
    -691.0 / 32760.0,
    1.0 / 12.0,
];

/// The logarithm of the gamma function; exactly 0 at 1 and 2; NaN below 0.
pub fn lgamma(x: f64) -> f64 {
    if x < 0.0 { f64::NAN } else { libm::lgamma(x) }
}

/// The derivative of [`lgamma`]; NaN below 0.
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    let (mut z, mut sum) = (x, 0.0);
    while z < 10.0 {
        sum -= 1.0 / z;
        z += 1.0;
    }
    let series = BERNOULLI.iter().rev().fold(0.0, |s, b| s / (z * z) + b);
    sum + z.ln() - 0.5 / z - series / (z * z)
}

/// The value below which a standard normal lies with a probability between 0 and 1. Halley's steps on the
/// lower tail, where the complementary error function keeps its digits.
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() || p <= 0.0 || p >= 1.0 {
        let end = if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
        return if p == 0.0 || p == 1.0 { end } else { f64::NAN };
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    // The tail is about exp(-x^2 / 2) / 2: off by less than 0.5.
    let mut x = -(-2.0 * (2.0 * p).ln()).sqrt().max(0.0);
    for _ in 0..8 {
        let below = 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
        let step = (below - p) * (2.0 * std::f64::consts::PI).sqrt() * (0.5 * x * x).exp();
        x -= step / (1.0 + 0.5 * x * step);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 4e-15 * b.abs().max(1.0), "{a} {b}");
    }

    #[test]
    fn known_values() {
        near(erf(0.5), 0.520_499_877_813_046_5);
        near(erf(-2.0), -0.995_322_265_018_952_7);
        near(1.0 - erf(3.0), 2.209_049_699_858_544e-5);
        near(lgamma(0.5), std::f64::consts::PI.sqrt().ln());
        near(lgamma(10.0), 362_880f64.ln());
        assert_eq!([lgamma(1.0), lgamma(2.0)], [0.0, 0.0]);
        // The step of 32 bits above 1; from mpmath.
        let beside = lgamma(1.0 + f64::from(f32::EPSILON));
        assert!((beside / -6.880_945_764_253_47e-8 - 1.0).abs() < 1e-15, "{beside}");
        assert!(lgamma(0.0) == f64::INFINITY && lgamma(-0.5).is_nan() && lgamma(f64::NAN).is_nan());
        near(digamma(1.0), -0.577_215_664_901_532_9);
        near(digamma(0.5), -1.963_510_026_021_423_5);
        near(digamma(12.0), digamma(11.0) + 1.0 / 11.0);
    }

    #[test]
    fn quantiles_of_the_normal_distribution() {
        near(normal_quantile(0.5), 0.0);
        near(normal_quantile(0.3), -0.5244005127080409);
        near(normal_quantile(0.975), 1.959963984540054);
        near(normal_quantile(0.001), -3.090232306167813);
        near(normal_quantile(1e-10), -6.361340902404056);
        near(normal_quantile(1e-300), -37.0470962993612);
        near(normal_quantile(0.999999999), 5.997807019601637);
        assert_eq!(
            [normal_quantile(0.0), normal_quantile(1.0)],
            [f64::NEG_INFINITY, f64::INFINITY]
        );
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }
}
