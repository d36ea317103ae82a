// gamma.rl - families of the gamma function: log-densities that keep their digits where large terms cancel, and
// draws that are differentiable functions of their shapes.

// x log(x / m) + m - x: how far a count or a shape is from its mean (Loader 2000, "bd0"). A mean too small for
// a number is still told by its logarithm
fn deviance(x, m) = deviance_at(x, m, log(m))
fn deviance_at(x, m, log_m) {
  let v = where(m < infinity, (x - m) / (x + m), 1)
  let near = abs(v) < 0.3
  let w = where(near, v, 0)
  let s = w^2
  let series = 1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s / 15)))))
  let ratio = where(m > 1e-30, log(x / m), log(x) - log_m)
  let far = where(x == 0, m, where(m < infinity, x * ratio + m - x, infinity))
  return where(near, (x - m) * w + 2 * x * w^3 * series, far)
}
// lgamma(a) - (a - 0.5) log(a) + a - 0.5 log(2 pi): what Stirling's formula is off
fn stirling(a) = where(a < 8, lgamma(a) - (a - 0.5) * log(a) + a - 0.5 * log(2 * pi), stirling_far(max(a, 8)))
fn stirling_far(a) {
  let s = 1 / a^2
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / a
}
// log(a) - 1 / (2 a) - digamma(a)
fn digamma_off(a) = where(a < 8, log(a) - 0.5 / a - digamma(a), digamma_off_far(max(a, 8)))
fn digamma_off_far(a) {
  let s = 1 / a^2
  return s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s / 132))))
}
// stirling(k) + 0.5 log(2 pi k): log(k!) = this + k log(k) - k, 0 for 0
fn factorial_off(k) = where(k == 0, 0, stirling(where(k == 0, 1, k)) + 0.5 * log(2 * pi * where(k == 0, 1, k)))

// lgamma(b) - lgamma(a) + (a - b) digamma(a) without its largest part, deviance(b, a)
fn gamma_rest(a, b) =
  (b - a) * (0.5 / a + digamma_off(a)) - 0.5 * log(b / a) + stirling(b) - stirling(a)

distribution Gamma(concentration: f32, rate: f32) on positive {
  draw     = exp(max(log_gamma_draw(concentration) - log(rate), -87))
  logp     = gamma_logp(x, concentration, rate)
  entropy  = 0.5 * log(2 * pi * concentration) - log(rate) + 0.5 - 0.5 / concentration
               + stirling(concentration) + (concentration - 1) * digamma_off(concentration)
  mean     = concentration / rate
  variance = concentration / rate^2
  mode     = max(concentration - 1, 0) / rate
  pathwise = true
}
// (a - 1) log(x) + a log(rate) - lgamma(a) - rate x: of large shapes without a difference of large numbers
fn shape_term(x, a, rate) {
  let few = (a - 1) * log(x) + a * log(rate) - lgamma(a) - rate * x
  return where(a < 8, few, 0.5 * log(a / (2 * pi)) - stirling(a) - log(x) - deviance(a, rate * x))
}
fn gamma_logp(x, a, rate) {
  let inside = x > 0 and x < infinity
  let t = where(inside, x, 1)
  let at_0 = where(a > 1, -infinity, where(a == 1, log(rate), infinity))
  return where(inside, shape_term(t, a, rate), where(x == 0, at_0, -infinity))
}

// The logarithm of a Gamma(a) draw, a differentiable function of a and noise. Gamma(a) is Gamma(a + 8) times
// u_0^(1/a) u_1^(1/(a+1)) ... u_7^(1/(a+7)); and of shapes from 8 on the quantile at a standard normal
// number is a series: log(x / a) = g_0(y) + g_1(y) / a + g_2(y) / a^2 + ... with y = normal / sqrt(a), whose
// terms follow from dx/dnormal = normal density / gamma density (as in Temme 1992, "Asymptotic inversion of incomplete
// gamma functions"). It is off by less than 3e-8 in probability. Its derivative is thus the implicit one
// (Figurnov, Mohamed and Mnih 2018), of all orders, by the derivatives of what stands here.
fn log_gamma_draw(a) {
  let off = log(uniform_noise(a)) / a + log(uniform_noise(a)) / (a + 1) + log(uniform_noise(a)) / (a + 2)
    + log(uniform_noise(a)) / (a + 3) + log(uniform_noise(a)) / (a + 4) + log(uniform_noise(a)) / (a + 5)
    + log(uniform_noise(a)) / (a + 6) + log(uniform_noise(a)) / (a + 7)
  return log_gamma_quantile(a + 8, normal_noise(a)) + off
}
fn log_gamma_quantile(a, normal) {
  let y = normal / sqrt(a)
  let s = 1 / a
  let g0 = y * (1 + y * (-0.166666667 + y * (0.0277777778 + y * (-0.0037037037 + y * (0.000231481481
    + y * (5.87889477e-05 + y * (-2.55364491e-05 + y * (4.89907897e-06 + y * (-2.42827612e-07
    + y * (-1.85406221e-07 + y * (7.54246486e-08 - y * 1.47216273e-08)))))))))))
  let g1 = -0.333333333 + y * (0.138888889 + y * (-0.0364197531 + y * (0.00596707819 + y * (-0.000110229277
    + y * (-0.000305192207 + y * (0.00011246108 + y * (-1.97017822e-05 + y * (-6.15734317e-07
    + y * (1.62624555e-06 - y * 5.63637717e-07)))))))))
  let g2 = -0.0358024691 + y * (0.0154063786 + y * (-0.00200127376 + y * (-0.0010184845 + y * (0.000701139852
    + y * (-0.000208443052 + y * (2.14437205e-05 + y * (1.09429582e-05 - y * 6.72845051e-06)))))))
  let g3 = 0.00145012738 + y * (-0.00284815441 + y * (0.00205887423 + y * (-0.000804337288
    + y * (0.000130989528 + y * (4.7234009e-05 - y * 4.24786252e-05)))))
  let g4 = 0.00196972006 + y * (-0.00113591813 + y * (0.000108957902 + y * (0.000247864349 - y * 0.000195624875)))
  return log(a) + g0 + s * (g1 + s * (g2 + s * (g3 + s * g4)))
}

distribution Beta(alpha: f32, beta: f32) on unit {
  mean_1   = alpha / (alpha + beta)
  mean_0   = beta / (alpha + beta)
  draw     = clip(sigmoid(log_gamma_draw(alpha) - log_gamma_draw(beta)), 1e-37, 0.99999994)
  logp     = beta_logp(x, alpha, beta)
  entropy  = beta_entropy(alpha, beta)
  mean     = mean_1
  variance = mean_1 * mean_0 / (alpha + beta + 1)
  pathwise = true
}
fn beta_logp(x, a, b) {
  let inside = x > 0 and x < 1
  let t = where(inside, x, 0.5)
  let n = a + b
  let value = shape_term(t, a, n) + shape_term(1 - t, b, n) + 0.5 * log(2 * pi / n) + stirling(n)
  let at_0 = where(a > 1, -infinity, where(a == 1, log(b), infinity))
  let at_1 = where(b > 1, -infinity, where(b == 1, log(a), infinity))
  return where(inside, value, where(x == 0, at_0, where(x == 1, at_1, -infinity)))
}
fn beta_entropy(a, b) =
  stirling(a) + stirling(b) - stirling(a + b) + 0.5 * (log(2 * pi) + log(a) + log(b) - 3 * log(a + b)) + 0.5
    - 0.5 / a - 0.5 / b + 1 / (a + b)
    + (a - 1) * digamma_off(a) + (b - 1) * digamma_off(b) - (a + b - 2) * digamma_off(a + b)

// heavy tails of Gamma(df / 2) precisions
distribution StudentT(df: f32, loc: f32, scale: f32) on real {
  half     = 0.5 * df
  draw     = loc + scale * normal_noise() * exp(0.5 * (log(half) - log_gamma_draw(half)))
  logp     = student_norm(half) - log(scale) - (half + 0.5) * student_tail((x - loc) / scale, df)
  entropy  = (half + 0.5) * digamma_step(half) - student_norm(half) + log(scale)
  mean     = where(df > 1, loc, infinity - infinity)
  variance = where(df > 2, scale^2 * df / (df - 2), where(df > 1, infinity, infinity - infinity))
  mode     = loc
  pathwise = true
}
// log1p(t^2 / df), also where the square is beyond the largest number
fn student_tail(t, df) = where(abs(t) < 1e9, log1p(where(abs(t) < 1e9, t, 0)^2 / df), 2 * log(abs(t)) - log(df))
// lgamma(a + 0.5) - lgamma(a) - 0.5 log(2 pi a)
fn student_norm(a) {
  let s = 1 / max(a, 8)
  let far = -s * (1 / 8 - s^2 * (1 / 192 - s^2 * (1 / 640 - s^2 * 17 / 14336)))
  return where(a < 8, lgamma(a + 0.5) - lgamma(a) - 0.5 * log(a), far) - 0.5 * log(2 * pi)
}
// digamma(a + 0.5) - digamma(a)
fn digamma_step(a) {
  let s = 1 / max(a, 8)
  let far = s * (1 / 2 + s * (1 / 8 - s^2 * (1 / 64 - s^2 * (1 / 128 - s^2 * 17 / 2048))))
  return where(a < 8, digamma(a + 0.5) - digamma(a), far)
}

divergence KL(q: Gamma, p: Gamma) =
  deviance(p.concentration, q.concentration * (p.rate / q.rate)) + gamma_rest(q.concentration, p.concentration)
divergence KL(q: Beta, p: Beta) =
  deviance(p.alpha, (p.alpha + p.beta) * q.mean_1) + deviance(p.beta, (p.alpha + p.beta) * q.mean_0)
    + gamma_rest(q.alpha, p.alpha) + gamma_rest(q.beta, p.beta) - gamma_rest(q.alpha + q.beta, p.alpha + p.beta)
