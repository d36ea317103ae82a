// A factor is given what another one draws: with other dims, or another type of element.
data d from uniform(6, 4, split = 1.0) { x: f32[4] }
prior p(z2) { z2: f32[4] ~ Normal(0, 1) }
model p(z1 | z2: f32[4]) { z1: f32[4] ~ Normal(z2, 1) }
decoder p(x | z1: f32[4]) { x: f32[4] ~ Normal(z1, 1) }
model q(z1 | x: f32[4]) { z1: f32[4] ~ Normal(x, 1) }
model q(z2 | z1: f32[3]) { z2: f32[4] ~ Normal(sum(z1) * ones(4), 1) }
model r(k) { k: idx(3) ~ Categorical(logits = zeros(3)) }
model r(y | k: f32) { y: f32 ~ Normal(k, 1) }
eval e on d.train batch 6 {
  report elbo(p, q) as bound
  report E[y ~ r(y, k)](y) as average
}

// error: RL0103 11:10 `z1` is `f32[3]`, given `f32[4]`
// help: declare both with the same dims
// error: RL0103 12:16 `k` is `f32`, given `idx(3)`
