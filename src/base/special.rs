//! Special functions in f64: the error function, log-gamma and its derivative. Errors are a few
//! 1e-15, absolute or relative, whichever is larger; not fast.

/// The error function.
pub fn erf(x: f64) -> f64 {
    let z = x.abs();
    if z.is_nan() || z > 6.0 {
        return if x.is_nan() { x } else { x.signum() };
    }
    if z > 2.5 {
        return x.signum() * (1.0 - erfc_fraction(z));
    }
    // erf(x) = 2 x exp(-x^2) / sqrt(pi) * sum of (2 x^2)^k / (1 * 3 * ... * (2k + 1))
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= 2.0 * z * z / (2.0 * k + 1.0);
        sum += term;
        k += 1.0;
    }
    x * std::f64::consts::FRAC_2_SQRT_PI * (-z * z).exp() * sum
}

/// 1 - erf(x) for x > 2, by its continued fraction.
fn erfc_fraction(x: f64) -> f64 {
    let tail = (1..120).rev().fold(x, |f, k| x + f64::from(k) / 2.0 / f);
    (-x * x).exp() / tail * 0.5 * std::f64::consts::FRAC_2_SQRT_PI
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

/// The logarithm of the gamma function; NaN below 0.
pub fn lgamma(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return x;
    }
    // Up to 10, where the series is exact, by gamma(x + 1) = x gamma(x).
    let (mut z, mut product) = (x, 1.0);
    while z < 10.0 {
        product *= z;
        z += 1.0;
    }
    let series = (0..BERNOULLI.len())
        .rev()
        .fold(0.0, |sum, k| sum / (z * z) + BERNOULLI[k] / (2.0 * k as f64 + 1.0));
    let half_log_tau = 0.918_938_533_204_672_8;
    (z - 0.5) * z.ln() - z + half_log_tau + series / z - f64::ln(product)
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
        near(lgamma(1.0), 0.0);
        near(digamma(1.0), -0.577_215_664_901_532_9);
        near(digamma(0.5), -1.963_510_026_021_423_5);
        near(digamma(12.0), digamma(11.0) + 1.0 / 11.0);
    }
}
