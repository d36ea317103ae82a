// distributions.rl - densities as formulas, elementwise over the event; `x` is the value.
// Natural logarithms, so entropies and divergences are in nats.

distribution Normal(loc: f32, scale: f32) on real {
  draw     = loc + scale * normal_noise()
  logp     = -0.5 * ((x - loc) / scale)^2 - log(scale) - 0.5 * log(2 * pi)
  entropy  = log(scale) + 0.5 * log(2 * pi) + 0.5
  mean     = loc
  variance = scale^2
  pathwise = true
}

distribution Laplace(loc: f32, scale: f32) on real {
  draw     = loc - scale * laplace_shape(uniform_noise() - 0.5)
  logp     = -abs(x - loc) / scale - log(2 * scale)
  entropy  = log(2 * scale) + 1
  mean     = loc
  variance = 2 * scale^2
  pathwise = true
}
fn laplace_shape(u) = sign(u) * log1p(-2 * abs(u))

distribution Uniform(low: f32, high: f32) on real {
  draw     = low + (high - low) * uniform_noise()
  logp     = where(x >= low and x <= high, -log(high - low), -1e30)
  entropy  = log(high - low)
  mean     = (low + high) / 2
  variance = (high - low)^2 / 12
  pathwise = true
}

distribution Bernoulli(probs: f32) on bit {
  logits   = log(probs) - log1p(-probs)
  draw     = float(uniform_noise() < probs)
  logp     = x * log(probs) + (1 - x) * log1p(-probs)
  entropy  = -probs * log(probs) - (1 - probs) * log1p(-probs)
  mean     = probs
  variance = probs * (1 - probs)
}

distribution Bernoulli(logits: f32) on bit {
  draw     = float(uniform_noise() < sigmoid(logits))
  logp     = x * logits - softplus(logits)
  entropy  = softplus(logits) - logits * sigmoid(logits)
  mean     = sigmoid(logits)
  variance = sigmoid(logits) * sigmoid(-logits)
}

// Loaiza-Ganem and Cunningham 2019: a density on (0, 1) that is proportional to the Bernoulli one
distribution ContinuousBernoulli(logits: f32) on unit {
  draw     = cb_draw(uniform_noise(), logits)
  logp     = x * logits - softplus(logits) + cb_log_norm(logits)
  mean     = cb_mean(logits)
  variance = cb_variance(logits)
  entropy  = softplus(logits) - cb_log_norm(logits) - logits * cb_mean(logits)
  pathwise = true
}
// log(a / tanh(a / 2)), by its series near 0
fn cb_log_norm(a) = where(abs(a) < 0.05, log(2) + a^2 / 12, log(cb_away(a) / tanh(cb_away(a) / 2)))
fn cb_mean(a) = where(abs(a) < 0.05, 0.5 + a / 12, 0 - 1 / expm1(-cb_away(a)) - 1 / cb_away(a))
fn cb_variance(a) = where(abs(a) < 0.05, 1 / 12 - a^2 / 240, 1 / cb_away(a)^2 - 0.25 / sinh(cb_away(a) / 2)^2)
fn cb_draw(u, a) = where(a > 0, 1 - cb_low(1 - u, a), cb_low(u, a))
fn cb_low(u, a) = where(abs(a) < 0.05, u, log1p(u * expm1(-abs(cb_away(a)))) / -abs(cb_away(a)))
fn cb_away(a) = where(abs(a) < 0.05, 1.0, a)
fn sinh(x) = 0.5 * (exp(x) - exp(-x))

distribution Categorical(logits: f32[n]) on index {
  draw     = argmax(logits - log(-log(uniform_noise(logits))), over = -1)
  logp     = pick(log_softmax(logits), x)
  mode     = argmax(logits, over = -1)
  entropy  = -sum(softmax(logits) * log_softmax(logits), over = -1)
}

distribution Categorical(probs: f32[n]) on index {
  logits   = log(probs)
  draw     = argmax(log(probs) - log(-log(uniform_noise(probs))), over = -1)
  logp     = pick(log(probs), x)
  mode     = argmax(probs, over = -1)
  entropy  = -sum(probs * log(probs), over = -1)
}

// closed forms, elementwise, in nats
divergence KL(q: Normal, p: Normal) =
  log(p.scale) - log(q.scale) + 0.5 * (q.scale^2 + (q.loc - p.loc)^2) / p.scale^2 - 0.5
divergence KL(q: Bernoulli, p: Bernoulli) =
  sigmoid(q.logits) * (q.logits - p.logits) - softplus(q.logits) + softplus(p.logits)
divergence KL(q: Categorical, p: Categorical) =
  sum(softmax(q.logits) * (log_softmax(q.logits) - log_softmax(p.logits)), over = -1)
divergence KL(q: Laplace, p: Laplace) =
  log(p.scale / q.scale) + abs(q.loc - p.loc) / p.scale
    + q.scale / p.scale * exp(-abs(q.loc - p.loc) / q.scale) - 1
divergence KL(q: Uniform, p: Uniform) =
  where(q.low >= p.low and q.high <= p.high, log((p.high - p.low) / (q.high - q.low)), 1e30)
