// functions.rl - activations, losses and small formulas. `x` is any tensor unless a type is given.

const pi = 3.141592653589793
const infinity = -log(0.0)

fn relu(x) = max(x, 0)
fn leaky_relu(x, slope = 0.01) = where(x > 0, x, slope * x)
fn elu(x, alpha = 1.0) = where(x > 0, x, alpha * expm1(min(x, 0)))
fn silu(x) = x * sigmoid(x)
fn gelu(x) = 0.5 * x * (1 + erf(x / sqrt(2)))
fn log_sigmoid(x) = -softplus(-x)
fn hard_tanh(x) = max(min(x, 1), -1)
fn softsign(x) = x / (1 + abs(x))

// scores less their largest: what is made of them does not change when a number is added to all. If all
// are -infinity, or some are +infinity, the largest share equally
fn centered(x, over = -1) {
  let top = spread(stop(max(x, over = over)), x, over = over)
  return where(abs(top) < infinity, x - top, where(x == top, 0, -infinity))
}
fn log_softmax(x, over = -1) {
  let c = centered(x, over = over)
  return c - spread(logsumexp(c, over = over), c, over = over)
}
fn softmax(x, over = -1) = exp(log_softmax(x, over = over))
fn ln(x) = log(x)
// p * s, and 0 where p is 0, also if s is infinite: 0 log 0 = 0
fn weighted(p, s) = p * where(p == 0, 0, s)

// y * a - softplus(a), the log-probability of a bit y whose logit is a; also where a is infinite
fn bit_fit(y, a) = where(abs(a) > 3.4028235e38, where(y == float(a > 0), 0, -infinity), -(softplus(a) - y * a))

// the nearest value of a range
fn clip(x, low, high) = max(min(x, high), low)

fn trace(x: f32[n, n]) -> f32 = sum(diag(x))
fn outer(a: f32[n], b: f32[m]) -> f32[n, m] = expand(a, over = m).T * expand(b, over = n)
// whether row i may see column j: itself and what is before, `where(causal_mask(T), scores, -1e9)`
fn causal_mask(n: int) = expand(iota(n), over = n).T >= expand(iota(n), over = n)

// Gauss and Jordan: columns one after the other, each by the row with the largest element that is left
fn matrix_inverse(m: f32[n, n]) -> f32[n, n] = last(scan(s = (a = m, b = eye(n)), t in 0..n) {
  let row = iota(n)
  let p = argmax(where(row >= float(t), abs(s.a.T[t]), -1))
  let order = argsort(where(row == float(t), float(p), where(row == float(p), float(t), row)))
  let a = s.a[order]
  let b = s.b[order]
  // row t over its pivot; the others without their element of column t
  let here = expand(row == float(t), over = n).T
  let others = where(row == float(t), 0, a.T[t])
  let rest = (x, top) => where(here, expand(top, over = n), x - outer(others, top))
  return (a = rest(a, a[t] / a[t][t]), b = rest(b, b[t] / a[t][t]))
}).b
fn norm(x) = sqrt(sum(x^2))
fn frob2(x) = sum(x^2)
fn dot(a, b) = sum(a * b)
fn squared_error(a, b) = sum((a - b)^2)

// `smooth` spreads that share of the label over all classes (Szegedy et al. 2016)
fn cross_entropy(logits: f32[n], y: idx(n), smooth: f32 in 0..1 = 0.0) -> f32 {
  let c = centered(logits)
  let missed = if smooth == 0 then -pick(c, y) else (smooth - 1) * pick(c, y) - smooth * mean(c)
  return logsumexp(c) + missed
}
// `y` in 0..1
fn binary_cross_entropy(logits, y) = sum(-bit_fit(y, logits))
// a figure to report: the share of examples whose largest score is the label's
fn accuracy(logits: f32[n], y: idx(n)) -> f32 {
  // No score is the largest where one is no number.
  let most = max(logits)
  return where(most <= infinity, float(argmax(logits) == y), most)
}
// the word that is to c what b is to a, of all but these three: the one whose direction is closest to that of the
// differences (Mikolov, Yih and Zweig 2013)
fn analogy(words: f32[n, d], a: idx(n), b: idx(n), c: idx(n)) {
  let unit = words / spread(max(sqrt(sum(words^2, over = 1)), 1e-30), words, over = 1)
  let given = one_hot(a, n) + one_hot(b, n) + one_hot(c, n)
  return argmax(where(given > 0, -infinity, unit @ (unit[b] - unit[a] + unit[c])))
}
// peak signal-to-noise ratio in dB; `peak` is the distance of black and white
fn psnr(x, y, peak = 1.0) = 10 / log(10.0) * (2 * log(peak) - log(mean((x - y)^2)))
fn bernoulli_kl(p, q) = weighted(p, log(p) - log(q)) + weighted(1 - p, log1p(-p) - log1p(-q))

fn straight_through(x, y) = x + stop(y - x)
fn dropout(x, rate: f32 in 0..0.999) = if training() then x * float(uniform_noise(x) >= rate) / (1 - rate) else x

// the k largest values, zeros elsewhere: exactly k of the last dim are kept (Makhzani and Frey 2013)
fn top_k(x: f32[...s, n], k: f32 in 1..n) = where(float(argsort(argsort(-x))) < k, x, 0)

// images: channels first. The largest and the mean of every window, by default side by side
fn max_pool(x: f32[c, h, w], size = 2, stride = size) = max(windows(x, size = size, stride = stride), over = 1)
fn avg_pool(x: f32[c, h, w], size = 2, stride = size) = mean(windows(x, size = size, stride = stride), over = 1)
// every pixel n times in both directions
fn upsample(x: f32[c, h, w], n = 2) =
  expand(x, over = (n, n)) |> permute(2, 3, 0, 4, 1) |> reshape(c, n * h, n * w)
// n pixels of the other side around the image
fn circular_pad(x: f32[c, h, w], n: int) {
  let wide = concat(x[:, :, w - n:], x, x[:, :, 0:n], over = 2)
  return concat(wide[:, h - n:], wide, wide[:, 0:n], over = 1)
}
// an image moved down by dy and right by dx whole pixels, zeros coming in
fn translate(x: f32[h, w], dy, dx) = moved(h, dy) @ x @ moved(w, dx).T
fn moved(n: int, by) = float(expand(iota(n), over = n).T - expand(iota(n), over = n) == by)
// augmentation: moved by up to n pixels in every direction while training
fn random_shift(x: f32[h, w], n = 2) =
  if training() then translate(x, random_offset(x, n), random_offset(x, n)) else x
fn random_offset(x, n: int) = floor(uniform_noise(sum(x)) * (2 * n + 1)) - n

// initial values: a scalar fills the whole weight; `zeros()` and `ones()` are built in
fn constant(c) = c
fn normal(mean = 0.0, std = 1.0) = mean + std * normal_noise()
fn uniform(low = 0.0, high = 1.0) = low + (high - low) * uniform_noise()
fn glorot() = uniform(-sqrt(6 / (fan_in() + fan_out())), sqrt(6 / (fan_in() + fan_out())))
fn he() = normal(0, sqrt(2 / fan_in()))

// schedules: from `a` at the first step to `b` after the last
fn cosine(a, b = 0.0) = b + (a - b) * 0.5 * (1 + cos(pi * progress()))
fn linear(a, b = 0.0) = a + (b - a) * progress()
fn exponential(a, b) = a * (b / a)^progress()
fn warmup(a, steps) = a * min((step() + 1) / steps, 1)
fn warmup_cosine(a, warmup, b = 0.0) = min((step() + 1) / warmup, 1) * cosine(a, b)

// The mean over the steps of this phase: `mean <- running_mean(mean, batch_mean(x))`
fn running_mean(mean, x) = where(updates() == 0, x, mean + (x - mean) / (updates() + 1))

// `prune`: a closed value has the parameters of the prior; the last step of a phase closes
fn opened(open, own, prior) = where(open > 0.5, own, prior)
fn left_open(open, rate, below) = where(step() + 1 >= steps() and rate < below, 0, open)
