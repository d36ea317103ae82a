// Draws in functions, losses, loops and nets: one for each call, `let z ~ q(z | x)` or `z ~ Normal(0, 1)`;
// their gradients; blocks in losses; factors out of a joint.
data d from uniform(400, 1, split = 1.0) { x: f32[1] }
param m: f32 = zeros()
param s: f32 = ones()
param f: f32 = ones()
model q(z | x: f32[1]) { z: f32 ~ Normal(3, 2) }
model pair(a, b) {
  b: f32[2] ~ Normal(1, 1)
  a: f32 ~ Normal(sum(b), 0.5)
}
model chained(u, v, w) {
  u: f32 ~ Normal(1, 1)
  v: f32 ~ Normal(2 * u, 1)
  w: f32 ~ Normal(v + 1, 1)
}
model head(c | x: f32[1]) { c: idx(4) ~ Categorical(logits = concat(0.0, 1.0, 2.0, 0.0)) }

fn drawn(x: f32[1]) -> f32 {
  let z ~ q(z | x)
  return z + 0 * sum(x)
}
fn plain(x: f32[1]) -> f32 {
  e: f32 ~ Normal(0, 1)
  return e + 0 * sum(x)
}
fn moved(x: f32[1]) -> f32 {
  e: f32 ~ Normal(m, s)
  return e + 0 * sum(x)
}
fn coin(x: f32[1]) -> f32 {
  c: bit ~ Bernoulli(logits = f)
  return c + 0 * sum(x)
}
fn both(x: f32[1]) -> (a: f32, b: f32[2]) {
  let (a, b) ~ pair(a, b)
  return (a = a + 0 * sum(x), b = b)
}
fn walk(x: f32[1]) -> f32 = last(scan(h = 0 * x[0], t in 0..16) {
  e: f32 ~ Normal(0, 1)
  return h + e / 4
})
net noisy(x: f32[1]) -> f32 {
  let c ~ head(c | x)
  return float(c) + 0 * sum(x)
}

loss block {
  let h = drawn(x)
  let (a, b) = (h^2, 2 * h)
  return a - b
}
loss pulled {
  let h = moved(x)
  return (h - 2)^2
}
loss tossed = (coin(x) - 0.5)^2 + 0 * f

train fit on d.train batch 400 steps 400 { minimize pulled over (m, s) with sgd(lr = 0.02) }
train still on d.train batch 400 steps 10 { minimize tossed over f with sgd(lr = 0.5) }

eval t on d.train batch 100 {
  report drawn(x) as mean_of_draws
  report (drawn(x) - drawn(x))^2 as two_calls
  report block as in_a_loss
  report plain(x)^2 as square
  report plain(x) * plain(x) as product
  report m as trained_mean
  report s^2 as trained_scale
  report f as untouched
  report mean((both(x).b - 1)^2) as joint_root
  report walk(x)^2 as steps_of_a_loop
  report sum(map((v) => (plain(x) - plain(x))^2 + 0 * v, expand(0 * x[0], over = 16))) / 16 as elements
  report E[n ~ Normal(0, 1), samples = 64](plain(x) + 0 * n)^2 * 64 as samples
  report noisy(x) as classes
  report E[z ~ q(z | x), samples = 200](z + drawn(x)) as beside_an_expectation
  // factors out of joints
  report -log pair(a = 2 + 0 * x[0], b = concat(0.5, 0.5) + 0 * x[0]) as whole
  report -log pair(b = concat(0.5, 0.5) + 0 * x[0]) as root
  report -log pair(a = 2 + 0 * x[0] | b = concat(0.5, 0.5)) as leaf
  report E[a ~ pair(a | b = concat(4.0, 5.0) + 0 * x[0]), samples = 400](a) as mean_of_leaf
  report KL(chained(v | u = 1 + 0 * x[0]) || Normal(0, 1)) as divergence_of_a_factor
  report -log chained(w = 4 + 0 * x[0] | v = 1.0) - log chained(u = 0 * x[0]) as ends_of_a_chain
}

// fact: mean_of_draws > 2.7
// fact: mean_of_draws < 3.3
// fact: two_calls > 6.5
// fact: two_calls < 9.5
// E z^2 - 2 E z = 4 + 9 - 6
// fact: in_a_loss > 5.5
// fact: in_a_loss < 8.5
// fact: square > 0.85
// fact: square < 1.15
// fact: product > -0.15
// fact: product < 0.15
// fact: trained_mean > 1.9
// fact: trained_mean < 2.1
// fact: trained_scale < 0.05
// fact: untouched = 1
// fact: joint_root > 0.85
// fact: joint_root < 1.15
// fact: steps_of_a_loop > 0.8
// fact: steps_of_a_loop < 1.2
// fact: elements > 1.85
// fact: elements < 2.15
// fact: samples > 0.8
// fact: samples < 1.2
// (e + 2 e^2 + 3) / (2 + e + e^2)
// fact: classes > 1.55
// fact: classes < 1.85
// fact: beside_an_expectation > 5.9
// fact: beside_an_expectation < 6.1
// scipy.stats.norm: -(logpdf(2, 1, 0.5) + 2 logpdf(0.5, 1, 1)), and each part
// fact: whole = 4.313669
// fact: root = 2.087877
// fact: leaf = 2.225791
// fact: mean_of_leaf > 8.98
// fact: mean_of_leaf < 9.02
// fact: divergence_of_a_factor = 2
// -(logpdf(4, 2, 1) + logpdf(0, 1, 1))
// fact: ends_of_a_chain = 4.337877
