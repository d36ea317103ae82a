// Numbers that are known when compiling are values of variables like others: of bounds in functions, and
// of indices.
data d from uniform(4000, 1, split = 1.0) { x: f32[1] }
model p(y | z: f32) { y: f32 ~ Normal(z, 1) }
prior p(z) { z: f32 ~ Normal(0, 1) }
model q(z | y: f32) { z: f32 ~ Normal(0, 1) }
model c(k | j: idx(4)) { k: idx(3) ~ Categorical(logits = float(j) * concat(0.0, 1.0, 2.0)) }
fn bound(y: f32) -> f32 = elbo(p, q)
fn score(y: f32) -> f32 = log p(y | z = 0.0)
eval e on d.train batch 4000 {
  report bound(1.0) as bound, score(1) - score(1 + 0 * x[0]) as same_score
  report log c(k = 0 | j = 1) + 0 * x[0] as first, log c(k = 2 | j = 3) + 0 * x[0] as last
}

// -log(2 pi) / 2 - (1 + 1) / 2
// fact: bound > -2.02
// fact: bound < -1.82
// fact: same_score = 0
// 1 at j = 1: -log(1 + e + e^2)
// fact: first = -2.4076059644443806
// 6 - log(1 + e^3 + e^6)
// fact: last = -0.05094576352
