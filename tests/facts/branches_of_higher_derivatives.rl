// What stands behind a branch that is not taken adds nothing to a derivative of any order, also where a
// lower derivative is 0 there and the next slope infinite; a function that flattens has slope 0 at what
// is beyond all numbers.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param k: f32 = constant(1)
param a: f32 = constant(1e-20)
param b: f32 = constant(-1e-20)
param c: f32 = constant(100)
param h: f32 = constant(0.5)
param y: f32[3, 3] = expand(concat(0, 800, 0), over = 3)
param v: f32[3] = concat(1, 2, 3)
param p: f32[4] = concat(0, 1, 0.1, 0.2)
model flip(v | b: f32) { v: bit ~ Bernoulli(probs = b) }
eval look on d.train batch 4 {
  report grad((u) => grad((t) => where(k > 0.5, 2 * t, 1 / expm1(t / 2)^2), at = u), at = c) as second
  report grad((u) => grad((t) => where(k > 0.5, 2 * t, 1 / sinh(t / 2)^2), at = u), at = c) as sinh2
  report grad((w) => grad((u) => grad((t) => where(k > 0.5, 2 * t, t * log(t)), at = u), at = w), at = a) as third
  report grad((w) => grad((u) => grad((t) => where(k > 0.5, 2 * t, log(t)^2), at = u), at = w), at = a) as square
  report grad((w) => grad((u) => grad((t) => where(k > 0.5, 2 * t, entropy(flip(v | b = t))), at = u), at = w), at = a) as entropy3
  report grad((w) => grad((u) => grad((t) => where(k > 0.5, t^3, ((t - 1) / t)^2), at = u), at = w), at = a) as cubic
  report grad((w) => grad((u) => grad((t) => where(k > 0.5, t^3, dot(concat(t, 1 / t), concat(log(t), t))), at = u), at = w), at = b) as pairs
  report grad((t) => where(h > 1, sum(1 / sum(exp(t - spread(max(t, over = 1), t, over = 1)), over = 0)), sum(t)), at = y)[0, 0] as other_axis
}
eval quotients on d.train batch 4 {
  report 1 / (1 + exp(c)) as value
  report grad((t) => 1 / (1 + exp(-t)), at = 0 - c) as slope
  report grad((u) => grad((t) => 1 / expm1(t), at = u), at = c) as slope2
  report grad((t) => 1 / (1 + exp(-t)), at = h) as usual
  report grad((t) => tanh(exp(t)), at = c) as tanh_flat, grad((t) => sigmoid(exp(t)), at = c) as sigmoid_flat
  report grad((t) => (1 + exp(t))^(-1), at = c) as power_flat, grad((t) => exp(-exp(t)), at = c) as exp_flat
  report sum(grad((t) => logsumexp(where(t > 0.5, t - spread(max(t), t), 1e8 + t)), at = p)) as shares
}

eval loops on d.train batch 4 {
  report grad((t) => where(t > 0.5, t, last(scan(h = 1.0, i in 0..3) { return h * sqrt(-t) })), at = k) as root
  report grad((t) => where(t > 0.5, t, last(scan(h = 1.0, x in log(concat(-t, -t))) { return h * x })), at = k) as rows
  report grad((t) => where(t > 0.5, t, last(scan(h = log(-t), i in 0..3) { return h * t })), at = k) as start
  report grad((t) => where(t > 0.5, t, last(scan(h = 1.0, i in 0..3) { return h * exp(t) })), at = c) as grown
  report grad((t) => where(t > 0.5, t, last(scan(h = t^6, i in 0..5) { return h * h })), at = c) as squares
  report grad((t) => where(t > 0.5, 3 * t, sum(jacobian((s) => v * s * (1 / (t - 1)), at = t))), at = k) as jacobians
  report grad((t) => where(t > 0.5, 3 * t, sum(eye(3) @ (v * (1 / (t - 1))))), at = k) as beside
}

// fact: root = 1
// fact: rows = 1
// fact: start = 1
// fact: grown = 1
// fact: squares = 1
// fact: jacobians = 3
// fact: beside = 3
// fact: second = 0
// fact: sinh2 = 0
// fact: third = 0
// fact: square = 0
// fact: entropy3 = 0
// fact: cubic = 6
// fact: pairs = 6
// fact: other_axis = 1
// fact: value = 0
// fact: slope = 0
// fact: slope2 = 0
// fact: usual = 0.23500371
// fact: tanh_flat = 0
// fact: sigmoid_flat = 0
// fact: power_flat = 0
// fact: exp_flat = 0
// fact: shares = 1
