// Densities that compute what they are over from a hidden draw are the families that they stand for: as
// prior, posterior and likelihood, in log-densities, averages and bounds.
dim D = 3, Z = 2
data d from uniform(60, 3) { x: f32[D] in 0..1 }

bijection scale(e: f32[Z]) -> f32[Z] {
  param s: f32[Z] = constant(0.3)
  return e * exp(s) + 0.5
}
bottleneck q(z | x: f32[D]) { z: f32[Z] ~ Normal(x[0:2], 0.7) }
bottleneck moved(z | x: f32[D]) {
  let m = x[0:2]
  e: f32[Z] ~ Normal(0, 1)
  z: f32[Z] = m + 0.7 * e
}
prior plain(z) { z: f32[Z] ~ Normal(0.5, exp(0.3)) }
decoder plain(x | z: f32[Z]) { x: f32[D] ~ Normal(z[0], 0.5) }
prior p(z) {
  e: f32[Z] ~ Normal(0, 1)
  z: f32[Z] = scale(e)
}
decoder p(x | z: f32[Z]) {
  e: f32[D] ~ Normal(0, 1)
  x: f32[D] = z[0] + 0.5 * e
}
model log_normal(w) {
  e: f32 ~ Normal(0.2, 0.5)
  w: f32 = exp(e)
}
// Two draws for one value, and a parameter that hangs on a computed value.
model joined(w) {
  a: f32[1] ~ Normal(0, 1)
  b: f32[2] ~ Normal(a[0], 2)
  w: f32[D] = concat(b / 2, a - 1)
}
model after(w, v) {
  e: f32 ~ Normal(0, 1)
  w: f32 = 2 * e
  v: f32 ~ Normal(w, 1)
}
// Where no draw gives a value, the density is 0.
model halved(w) {
  e: f32[2] ~ Normal(0, 1)
  w: f32[2] = map((t) => softplus(t) / 2, e)
}
fn normal(x, m, s) = -0.5 * ((x - m) / s)^2 - log(s) - 0.5 * log(2 * pi)

eval e on d.test batch 6 {
  report abs(log p(z = ones(Z)) - log plain(z = ones(Z))) as prior_off
  report abs(log p(x | z = ones(Z)) - log plain(x | z = ones(Z))) as likelihood_off
  report abs(log moved(z = ones(Z) | x) - log q(z = ones(Z) | x)) as posterior_off
  report abs(E[z ~ moved(z | x)](log moved(z | x) - log q(z | x))) as drawn_off
  report abs(
      KL(q(z | x) || plain(z)) - E[z ~ moved(z | x), samples = 20000](log moved(z | x) - log p(z))
    ) as divergence_off
  report abs(iwae(plain, q, k = 4000) - iwae(p, moved, k = 4000)) as bound_off
  report abs(log log_normal(w = 3) - normal(log(3), 0.2, 0.5) + log(3)) as jacobian_off
  let w = 2 * x - 1
  report abs(
      log joined(w) - normal(w[2] + 1, 0, 1) - sum(normal(2 * w[0:2], w[2] + 1, 2)) - 2 * log(2)
    ) as joined_off
  report abs(
      log after(w = 1.5, v = 2) - normal(0.75, 0, 1) + log(2) - normal(2, 1.5, 1)
    ) as after_off
  report E[w ~ log_normal(w), samples = 20000](log_normal_mean(w)) as mean_off
  report exp(log halved(w = concat(x[0] - 3, x[1] + 1))) as nowhere
  report exp(log halved(w = concat(x[0] + 3, x[1] + 1))) > 0 as somewhere
}
fn log_normal_mean(w) = w - exp(0.2 + 0.125)

// fact: prior_off < 1e-5
// fact: likelihood_off < 1e-5
// fact: posterior_off < 1e-5
// fact: drawn_off < 1e-5
// fact: divergence_off < 0.05
// fact: bound_off < 0.1
// fact: jacobian_off < 1e-5
// fact: joined_off < 1e-4
// fact: after_off < 1e-5
// fact: mean_off < 0.03
// fact: nowhere == 0
// fact: somewhere == 1
