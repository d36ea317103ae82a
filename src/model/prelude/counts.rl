// counts.rl - whole numbers that are not negative, and levels between 0 and 1. No draw is a differentiable function
// of its parameters.

distribution Poisson(rate: f32) on count {
  draw     = poisson_draw(rate)
  logp     = poisson_logp(x, rate)
  mean     = rate
  variance = rate
  mode     = floor(rate)
  tilted   = Poisson(rate * exp(s))
  log_mgf  = rate * expm1(s)
}
fn is_count(x) = x >= 0 and x < infinity and x == floor(x)
fn poisson_logp(x, rate) {
  let k = where(is_count(x), x, 0)
  return where(is_count(x), -deviance(k, rate) - factorial_off(k), -infinity)
}

// Up to 16 by the sums of probabilities, of at most 48 values (a larger one has probability 4e-11);
// above by the quantile of the gamma distribution: P(X >= k) = P(Gamma(k) <= rate), solved for k.
fn poisson_draw(rate) {
  let some = min(rate, 16)
  let k = cumsum(expand(0 * rate + 1, over = 48), over = 0) - 1
  let sums = cumsum(exp(poisson_logp(k, expand(some, over = 48))), over = 0)
  let few = sum(float(expand(uniform_noise(rate), over = 48) > sums), over = 0)
  return where(rate < 16, few, poisson_quantile(max(rate, 16), normal_noise(rate)))
}
// four steps of Newton from the first terms of the series
fn poisson_quantile(rate, normal) {
  let x = max(rate + normal * sqrt(rate) + (normal^2 + 2) / 6, 1)
  let x = poisson_step(x, rate, normal)
  let x = poisson_step(x, rate, normal)
  let x = poisson_step(x, rate, normal)
  return floor(poisson_step(x, rate, normal))
}
fn poisson_step(x, rate, normal) =
  x * exp((log(rate) - log_gamma_quantile(x, -normal)) / (1 + 0.5 * normal / sqrt(x)))

distribution NegativeBinomial(concentration: f32, logits: f32) on count {
  draw     = poisson_draw(exp(log_gamma_draw(concentration) + logits))
  logp     = negative_binomial_logp(x, concentration, logits)
  mean     = concentration * exp(logits)
  variance = concentration * exp(logits) * (1 + exp(logits))
}
fn negative_binomial_logp(x, r, logits) {
  let k = where(is_count(x), x, 0)
  let value = log(r) - log(k + r) + factorial_off(k + r) - factorial_off(k) - factorial_off(r)
    - deviance_at(k, (k + r) * sigmoid(logits), log(k + r) - softplus(-logits))
    - deviance_at(r, (k + r) * sigmoid(-logits), log(k + r) - softplus(logits))
  return where(is_count(x), value, -infinity)
}

// levels k / (levels - 1) of 0..1, each with the probability that a Logistic has around it; the first and the last
// reach to the ends of the line (Salimans, Karpathy, Chen and Kingma 2017, eq. 2)
distribution DiscretizedLogistic(loc: f32, scale: f32, levels: f32 = 256) on unit {
  u        = uniform_noise()
  draw     = nearest_level(loc + scale * (log(u) - log1p(-u)), levels)
  logp     = where(abs(x - nearest_level(x, levels)) * (levels - 1) < 0.01,
               level_logp(nearest_level(x, levels), loc, scale, levels), -infinity)
  mode     = nearest_level(loc, levels)
}
fn nearest_level(x, levels) = floor(clip(x, 0, 1) * (levels - 1) + 0.5) / (levels - 1)
fn level_logp(x, loc, scale, levels) {
  let wide = 1 / (levels - 1) / scale
  let low = (x - loc) / scale - 0.5 * wide
  let high = (x - loc) / scale + 0.5 * wide
  let first = x * (levels - 1) < 0.5
  let last = x * (levels - 1) > levels - 1.5
  let between = log(-expm1(-wide)) - softplus(-high) - softplus(low)
  return where(first, -softplus(-high), where(last, -softplus(low), between))
}

distribution Binomial(total: f32, probs: f32) on count {
  draw     = binomial_draw(total, probs)
  logp     = binomial_logp(x, total, (yes = probs, no = 1 - probs), (yes = log(probs), no = log1p(-probs)))
  mean     = total * probs
  variance = total * probs * (1 - probs)
  mode     = min(floor((total + 1) * probs), total)
  tilted   = Binomial(total, probs = sigmoid(log(probs) - log1p(-probs) + s))
  log_mgf  = total * where(s > 0, s + log(probs + (1 - probs) * exp(-abs(s))), log1p(probs * expm1(min(s, 0))))
}
distribution Binomial(total: f32, logits: f32) on count {
  draw     = binomial_draw(total, sigmoid(logits))
  logp     = binomial_logp(x, total, (yes = sigmoid(logits), no = sigmoid(-logits)),
               (yes = -softplus(-logits), no = -softplus(logits)))
  mean     = total * sigmoid(logits)
  variance = total * sigmoid(logits) * sigmoid(-logits)
  mode     = min(floor((total + 1) * sigmoid(logits)), total)
  tilted   = Binomial(total, logits = logits + s)
  log_mgf  = total * (softplus(logits + s) - softplus(logits))
}
fn binomial_logp(x, n, p, log_p) {
  let inside = is_count(x) and x <= n
  let k = where(inside, x, 0)
  let value = factorial_off(n) - factorial_off(k) - factorial_off(n - k)
    - deviance_at(k, n * p.yes, log(n) + log_p.yes) - deviance_at(n - k, n * p.no, log(n) + log_p.no)
  return where(inside, value, -infinity)
}

fn binomial_mass(x, n, p) = binomial_logp(x, n, (yes = p, no = 1 - p), (yes = log(p), no = log1p(-p)))

// Of p and 1 - p the smaller. A mean below 10 by the sums of probabilities of 48 values (a larger one has
// probability below 1e-15); above by rejection (Hormann 1993, "The generation of binomial random variates",
// BTRS without its shortcut): the first of 20 proposals that is taken, each with probability above 0.7, so that
// all fail with one below 4e-11, and the value is then 0.
fn binomial_draw(total, p) {
  let less = min(p, 1 - p)
  let few = binomial_sums(total, min(less, 10 / max(total, 1)), uniform_noise(p))
  let many = expand(p, over = 20)
  let taken = binomial_rejection(max(total, 20), max(less, 10 / max(total, 20)), uniform_noise(many), uniform_noise(many))
  let k = where(total * less < 10, few, taken)
  return where(p <= 0.5, k, total - k)
}
fn binomial_sums(total, p, u) {
  let k = cumsum(expand(0 * p + 1, over = 48), over = 0) - 1
  let n = expand(total, over = 48)
  let all = expand(p, over = 48)
  let mass = exp(binomial_mass(k, n, all))
  return min(sum(float(expand(u, over = 48) > cumsum(mass, over = 0)), over = 0), total)
}
fn binomial_rejection(total, p, u, v) {
  let n = expand(total, over = 20)
  let all = expand(p, over = 20)
  let sigma = sqrt(n * all * (1 - all))
  let b = 1.15 + 2.53 * sigma
  let a = -0.0873 + 0.0248 * b + 0.01 * all
  let side = u - 0.5
  let us = 0.5 - abs(side)
  let k = floor((2 * a / us + b) * side + n * all + 0.5)
  let most = floor((n + 1) * all)
  let ratio = binomial_mass(k, n, all) - binomial_mass(most, n, all)
  let taken = log(v * (2.83 + 5.1 / b) * sigma / (a / us^2 + b)) <= ratio
  return first_of(k, taken)
}
// along the first dim: the first value that is taken
fn first_of(x, taken) = sum(where(taken and cumsum(float(taken), over = 0) == 1, x, 0), over = 0)

divergence KL(q: Poisson, p: Poisson) = deviance(q.rate, p.rate)
