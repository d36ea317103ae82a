// functions.rl - activations, losses and small formulas. `x` is any tensor unless a type is given.

const pi = 3.141592653589793

fn relu(x) = max(x, 0)
fn leaky_relu(x, slope = 0.01) = where(x > 0, x, slope * x)
fn elu(x, alpha = 1.0) = where(x > 0, x, alpha * expm1(min(x, 0)))
fn silu(x) = x * sigmoid(x)
fn gelu(x) = 0.5 * x * (1 + erf(x / sqrt(2)))
fn log_sigmoid(x) = -softplus(-x)
fn hard_tanh(x) = max(min(x, 1), -1)
fn softsign(x) = x / (1 + abs(x))

fn log_softmax(x, over = -1) = x - spread(logsumexp(x, over = over), x, over = over)
fn softmax(x, over = -1) = exp(log_softmax(x, over = over))
fn ln(x) = log(x)

fn norm(x) = sqrt(sum(x^2))
fn frob2(x) = sum(x^2)
fn dot(a, b) = sum(a * b)
fn squared_error(a, b) = sum((a - b)^2)

fn cross_entropy(logits: f32[n], y: idx(n)) -> f32 = logsumexp(logits) - pick(logits, y)
fn binary_cross_entropy(logits, y) = sum(softplus(logits) - y * logits)
fn bernoulli_kl(p, q) = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))

fn straight_through(x, y) = x + stop(y - x)
fn dropout(x, rate) = if training() then x * float(uniform_noise(x) >= rate) / (1 - rate) else x

// initial values: a scalar fills the whole weight
fn zeros() = 0.0
fn ones() = 1.0
fn constant(c) = c
fn normal(mean = 0.0, std = 1.0) = mean + std * normal_noise()
fn uniform(low = 0.0, high = 1.0) = low + (high - low) * uniform_noise()
fn glorot() = uniform(-sqrt(6 / (fan_in() + fan_out())), sqrt(6 / (fan_in() + fan_out())))
fn he() = normal(0, sqrt(2 / fan_in()))

// schedules: from `a` at the first step to `b` at the last
fn cosine(a, b = 0.0) = b + (a - b) * 0.5 * (1 + cos(pi * progress()))
fn linear(a, b = 0.0) = a + (b - a) * progress()
fn exponential(a, b) = a * (b / a)^progress()
fn warmup(a, steps) = a * min((step() + 1) / steps, 1)
fn warmup_cosine(a, warmup, b = 0.0) = min((step() + 1) / warmup, 1) * cosine(a, b)
