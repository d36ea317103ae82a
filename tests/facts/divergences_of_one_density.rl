// Both sides of a divergence may be one density, at two conditions; a bound observes what has its name
// where it is written; probabilities may be 0 and 1.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
model p(y | m: f32) { y: f32 ~ Normal(m, 1) }
model c(k | l: f32[3]) { k: idx(3) ~ Categorical(logits = l) }
model un(j) { j: idx(3) ~ Categorical(probs = concat(0.5, 0.25, 0.25)) }
model die(j | l: f32[3]) { j: idx(3) ~ Categorical(probs = l) }
model flip(v | b: f32) { v: bit ~ Bernoulli(probs = b) }
model outer(w | u: f32) { w: f32 ~ Normal(KL(p(y | m = 0.0) || p(y | m = u)), 1) }
bottleneck q(z | x: f32[3]) { z: f32[2] ~ Normal(tanh(x[0:2]), 0.5) }
prior r(z) { z: f32[2] ~ Normal(0, 1) }
decoder r(x | z: f32[2]) { x: f32[3] ~ Normal(concat(z, z[0:1]), 1.0) }
fn bound(x: f32[3]) -> f32 = elbo(r, q)
param o: f32[3] = constant(0.3)
param a: f32 = constant(1e-8)
param b: f32 = constant(0.99)
param zero: f32 = constant(0)
param one: f32 = constant(1)
eval e on d.train batch 40 {
  report KL(p(y | m = 0.0) || p(y | m = 1.0)) as half, KL(p(y | m = x[0]) || p(y | m = 1.0 + x[0])) as moved
  report mean(outer(w | u = 2 + 0 * x[0])) as in_a_density
  report grad((t) => KL(p(y | m = t) || p(y | m = 3 * t)), at = 1.0) as slope_of_both
  report KL(c(k | l = concat(0.0, 0.0, 0.0)) || c(k | l = concat(3.0, 0.0, 0.0))) as scores
  report KL(flip(v | b = 0.25) || flip(v | b = 0.5)) as bits
  report abs(bound(2 * x) - bound(x)) as other_rows
  report E[v ~ flip(v | b = zero)](log flip(v | b = zero)) as never, E[v ~ flip(v | b = one)](log flip(v | b = one)) as always
  report E[j ~ die(j | l = concat(zero, one, zero))](log die(j | l = concat(zero, one, zero))) as sure
  report grad((t) => KL(die(j | l = t) || un(j)), at = o)[0] as of_shares
  report grad((t) => KL(flip(v | b = t) || flip(v | b = b)), at = a) as slope
  report grad((t) => KL(flip(v | b = t) || flip(v | b = b)), at = zero) as at_zero
  report grad((t) => KL(flip(v | b = t) || flip(v | b = b)), at = one) as at_one
  report grad((t) => KL(flip(v | b = zero) || flip(v | b = t)), at = zero) as from_zero
  report grad((t) => KL(flip(v | b = one) || flip(v | b = t)), at = one) as from_one
}

// fact: half = 0.5
// fact: moved = 0.5
// (3t - t)^2 / 2 = 2 t^2
// fact: slope_of_both = 4
// log((e^3 + 2) / 3) - 1
// fact: scores = 0.99631067
// fact: bits = 0.13081204
// fact: other_rows > 0.001
// fact: never == 0
// fact: always == 0
// fact: sure == 0
// fact: of_shares = -0.51344
// log(a / b) - log((1 - a) / (1 - b)), and so on
// fact: slope = -23.0158
// fact: at_zero = -5.6051702
// fact: at_one = 1.01005034
// fact: from_zero = 1
// fact: from_one = -1
// 2^2 / 2
// fact: in_a_density = 2
