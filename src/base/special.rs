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
}
