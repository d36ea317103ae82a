// distributions.rl - densities as formulas, elementwise over the event; `x` is the value.
// Natural logarithms, so entropies and divergences are in nats.

distribution Normal(loc: f32, scale: f32) on real {
  draw     = loc + scale * normal_noise()
  logp     = -0.5 * ((x - loc) / scale)^2 - log(scale) - 0.5 * log(2 * pi)
  entropy  = log(scale) + 0.5 * log(2 * pi) + 0.5
  mean     = loc
  variance = scale^2
  cdf      = normal_cdf((x - loc) / scale)
  icdf     = loc + scale * normal_icdf(u)
  tilted   = Normal(loc + s * scale^2, scale)
  log_mgf  = s * (loc + 0.5 * s * scale^2)
  pathwise = true
}

fn normal_cdf(t) = 0.5 + 0.5 * erf(t / sqrt(2))
// the number with this probability below it (Wichura 1988, algorithm AS 241, to 7 digits)
fn normal_icdf(u) {
  let v = u - 0.5
  let s = 0.180625 - v^2
  let centre = v * (3.3871327179 + s * (50.434271938 + s * (159.29113202 + s * 59.109374720)))
    / (1 + s * (17.895169469 + s * (78.757757664 + s * 67.187563600)))
  let far = abs(v) > 0.425
  let r = sqrt(-log(where(far, min(u, 1 - u), 0.05)))
  let near = r - 1.6
  let tail = (1.4234372777 + near * (2.7568153900 + near * (1.3067284816 + near * 0.17023821103)))
    / (1 + near * (0.73700164250 + near * 0.12021132975))
  let last = r - 5
  let end = (6.6579051150 + last * (3.0812263860 + last * (0.42868294337 + last * 0.017337203997)))
    / (1 + last * (0.24197894225 + last * 0.012258202635))
  return where(far, sign(v) * where(r <= 5, tail, end), centre)
}

distribution Laplace(loc: f32, scale: f32) on real {
  draw     = loc - scale * laplace_shape(uniform_noise() - 0.5)
  logp     = -abs(x - loc) / scale - log(2.0) - log(scale)
  entropy  = log(2.0) + log(scale) + 1
  mean     = loc
  variance = 2 * scale^2
  cdf      = where(x < loc, 0.5 * exp((x - loc) / scale), 1 - 0.5 * exp(-(x - loc) / scale))
  icdf     = loc - scale * laplace_shape(u - 0.5)
  pathwise = true
}
fn laplace_shape(u) = sign(u) * log1p(-2 * abs(u))

// by halves: the width may be beyond the largest number
distribution Uniform(low: f32, high: f32) on real {
  bounded  = true
  half     = 0.5 * high - 0.5 * low
  draw     = 2 * (0.5 * low + half * uniform_noise())
  logp     = where(x >= low and x <= high, -log(half) - log(2), -infinity)
  entropy  = log(half) + log(2)
  mean     = 0.5 * low + 0.5 * high
  variance = (high - low)^2 / 12
  cdf      = clip((x - low) / (high - low), 0, 1)
  icdf     = low + (high - low) * u
  pathwise = true
}

distribution LogNormal(loc: f32, scale: f32) on positive {
  draw     = exp(loc + scale * normal_noise())
  logp     = where(x > 0, -0.5 * ((log(x) - loc) / scale)^2 - log(scale) - 0.5 * log(2 * pi) - log(x), -infinity)
  entropy  = loc + log(scale) + 0.5 * log(2 * pi) + 0.5
  mean     = exp(loc + 0.5 * scale^2)
  variance = expm1(scale^2) * exp(2 * loc + scale^2)
  cdf      = where(x > 0, normal_cdf((log(where(x > 0, x, 1)) - loc) / scale), 0)
  icdf     = exp(loc + scale * normal_icdf(u))
  mode     = exp(loc - scale^2)
  pathwise = true
}

distribution Exponential(rate: f32) on positive {
  draw     = -log(uniform_noise()) / rate
  logp     = where(x >= 0, log(rate) - rate * x, -infinity)
  entropy  = 1 - log(rate)
  mean     = 1 / rate
  variance = 1 / rate^2
  cdf      = -expm1(-rate * max(x, 0))
  icdf     = -log1p(-u) / rate
  mode     = 0
  pathwise = true
}

distribution Logistic(loc: f32, scale: f32) on real {
  noise    = uniform_noise()
  draw     = loc + scale * (log(noise) - log1p(-noise))
  logp     = -(x - loc) / scale - log(scale) - 2 * softplus(-(x - loc) / scale)
  entropy  = log(scale) + 2
  mean     = loc
  variance = scale^2 * pi^2 / 3
  mode     = loc
  cdf      = sigmoid((x - loc) / scale)
  icdf     = loc + scale * (log(u) - log1p(-u))
  pathwise = true
}

distribution Cauchy(loc: f32, scale: f32) on real {
  turn     = pi * (uniform_noise() - 0.5)
  draw     = loc + scale * sin(turn) / cos(turn)
  logp     = -log(pi) - log(scale) - log1p_square((x - loc) / scale)
  entropy  = log(4 * pi) + log(scale)
  mode     = loc
  pathwise = true
}
fn log1p_square(t) = where(abs(t) < 1e9, log1p(where(abs(t) < 1e9, t, 0)^2), 2 * log(abs(t)))

distribution Bernoulli(probs: f32) on bit {
  logits   = log(probs) - log1p(-probs)
  one      = probs
  zero     = 1 - probs
  log_one  = log(probs)
  log_zero = log1p(-probs)
  draw     = float(uniform_noise() < probs)
  mass     = where(x == 1, probs, 1 - probs)
  logp     = x * where(x == 0 and probs == 0, 0, log(probs))
               + (1 - x) * where(x == 1 and probs == 1, 0, log1p(-probs))
  entropy  = -weighted(probs, log(probs)) - weighted(1 - probs, log1p(-probs))
  mean     = probs
  relaxed  = relaxed_bit(logits, temperature)
  variance = probs * (1 - probs)
}

distribution Bernoulli(logits: f32) on bit {
  one      = sigmoid(logits)
  zero     = sigmoid(-logits)
  log_one  = -softplus(-logits)
  log_zero = -softplus(logits)
  draw     = float(uniform_noise() < sigmoid(logits))
  logp     = bit_fit(x, logits)
  entropy  = weighted(sigmoid(logits), softplus(-logits)) + weighted(sigmoid(-logits), softplus(logits))
  mean     = sigmoid(logits)
  relaxed  = relaxed_bit(logits, temperature)
  variance = sigmoid(logits) * sigmoid(-logits)
}
fn relaxed_bit(logits, t) {
  let u = uniform_noise()
  return sigmoid((logits + log(u) - log1p(-u)) / t)
}

// Loaiza-Ganem and Cunningham 2019: a density on (0, 1) that is proportional to the Bernoulli one
distribution ContinuousBernoulli(logits: f32) on unit {
  draw     = cb_draw(uniform_noise(), logits)
  logp     = x * logits - softplus(logits) + cb_log_norm(logits)
  mean     = cb_mean(logits)
  variance = cb_variance(logits)
  entropy  = where(logits > 0, cb_entropy(-logits), cb_entropy(logits))
  pathwise = true
}
// Near 0 by series, elsewhere by formulas in which nothing cancels
fn cb_near(a) = abs(a) < 1
fn cb_away(a) = where(cb_near(a), 1.0, a)
// log(a / tanh(a / 2))
fn cb_log_norm(a) = where(abs(a) < 0.3, log(2) + cb_log_near((a / 2)^2), cb_log_far(where(abs(a) < 0.3, 1.0, a)))
fn cb_log_near(s) = s * (1 / 3 - s * (7 / 90 - s * 62 / 2835))
fn cb_log_far(a) = log(a / tanh(a / 2))
fn cb_mean(a) =
  where(cb_near(a), 0.5 + 0.25 * a * cb_slope((a / 2)^2), cb_upper(cb_away(a)) - 1 / cb_away(a))
// 1 / (1 - exp(-a)) by exp(-|a|), which does not overflow, nor do its derivatives
fn cb_upper(a) = where(a > 0, -1, exp(-abs(a))) / expm1(-abs(a))
// (coth(x) - 1 / x) / x and 1 / x^2 - 1 / sinh(x)^2 in x^2
fn cb_slope(s) = 1 / 3 - s * (1 / 45 - s * (2 / 945 - s * (1 / 4725 - s * 2 / 93555)))
fn cb_spread(s) = 1 / 3 - s * (1 / 15 - s * (2 / 189 - s * (1 / 675 - s * 2 / 10395)))
fn cb_variance(a) =
  where(cb_near(a), 0.25 * cb_spread((a / 2)^2), 1 / cb_away(a)^2 - cb_tails(cb_away(a)))
// 1 / (4 sinh(a / 2)^2)
fn cb_tails(a) = exp(-abs(a)) / expm1(-abs(a))^2
fn cb_entropy(a) = softplus(a) - cb_log_norm(a) - a * cb_mean(a)
fn cb_draw(u, a) =
  where(abs(a) < 1e-3, u + 0.5 * a * u * (1 - u), where(a > 0, 1 - cb_low(1 - u, a), cb_low(u, a)))
fn cb_low(u, a) = log1p(u * expm1(-abs(a))) / -abs(a)
fn sinh(x) = 0.5 * (expm1(x) - expm1(-x))

distribution Categorical(logits: f32[n]) on index {
  draw     = argmax(centered(logits) - log(-log(uniform_noise(logits))), over = -1)
  logp     = pick(log_softmax(logits), x)
  mode     = argmax(logits, over = -1)
  entropy  = -sum(weighted(softmax(logits), log_softmax(logits)), over = -1)
}

distribution Categorical(probs: f32[n]) on index {
  logits   = log(probs)
  draw     = argmax(log(probs) - log(-log(uniform_noise(probs))), over = -1)
  logp     = pick(log(probs), x)
  mass     = pick(probs, x)
  mode     = argmax(probs, over = -1)
  entropy  = -sum(weighted(probs, log(probs)), over = -1)
}

// another family between two numbers, by its cdf and its quantiles; the two have at least 1e-6 between them
distribution Truncated(of: distribution, low: f32 = -infinity, high: f32 = infinity) on of {
  below    = of.cdf(low)
  inside   = of.cdf(high) - of.cdf(low)
  draw     = clip(of.icdf(below + inside * uniform_noise()), low, high)
  logp     = where(x < low or x > high, -infinity, of.logp - log(inside))
  cdf      = clip((of.cdf(x) - below) / inside, 0, 1)
  icdf     = clip(of.icdf(below + inside * u), low, high)
  pathwise = true
}

// one of several, chosen for each element: `of` has a last dim with the components, or is a tuple of them
distribution Mixture(logits: f32[k], of: distribution[k]) on of {
  draw     = pick(of.draw, argmax(centered(logits) - log(-log(uniform_noise(logits))), over = -1))
  logp     = logsumexp(log_softmax(logits) + of.logp, over = -1)
  mean     = sum(softmax(logits) * of.mean, over = -1)
  variance = sum(softmax(logits) * (of.variance + of.mean^2), over = -1)
               - sum(softmax(logits) * of.mean, over = -1)^2
}

// of vectors: one of several, chosen for each vector; the components are the first dim of `of`
distribution Mixture(logits: f32[k], of: distribution[k]) on of[n] {
  draw     = of.draw[argmax(centered(logits) - log(-log(uniform_noise(logits))))]
  logp     = logsumexp(log_softmax(logits) + of.logp)
  mean     = softmax(logits) @ of.mean
  variance = softmax(logits) @ (of.variance + of.mean^2) - (softmax(logits) @ of.mean)^2
}

// closed forms, elementwise, in nats; infinite where the right side excludes what the left one gives
divergence KL(q: Normal, p: Normal) =
  where(p.scale == 0, infinity, log(p.scale) - log(q.scale)
    + 0.5 * ((q.scale / p.scale)^2 + ((q.loc - p.loc) / p.scale)^2) - 0.5)
divergence KL(q: Bernoulli, p: Bernoulli) =
  weighted(q.one, q.log_one - p.log_one) + weighted(q.zero, q.log_zero - p.log_zero)
divergence KL(q: Categorical, p: Categorical) =
  sum(weighted(softmax(q.logits), log_softmax(q.logits) - log_softmax(p.logits)), over = -1)
divergence KL(q: Laplace, p: Laplace) =
  where(p.scale == 0 or q.scale == 0, infinity, log(p.scale) - log(q.scale) + abs(q.loc - p.loc) / p.scale
    + q.scale / p.scale * exp(-abs(q.loc - p.loc) / q.scale) - 1)
divergence KL(q: Uniform, p: Uniform) =
  where(q.low >= p.low and q.high <= p.high,
    log(0.5 * p.high - 0.5 * p.low) - log(0.5 * q.high - 0.5 * q.low), infinity)
divergence KL(q: LogNormal, p: LogNormal) =
  where(p.scale == 0, infinity, log(p.scale) - log(q.scale)
    + 0.5 * ((q.scale / p.scale)^2 + ((q.loc - p.loc) / p.scale)^2) - 0.5)
divergence KL(q: Exponential, p: Exponential) = deviance(1, p.rate / q.rate)
divergence KL(q: Cauchy, p: Cauchy) = 
  log1p(((q.scale - p.scale)^2 + (q.loc - p.loc)^2) / (4 * q.scale * p.scale))
