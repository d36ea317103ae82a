data d from uniform(20, 4) { x: f32[4] in 0..1 }
net g(z: f32[4]) -> f32[4] = z |> Linear(4) |> tanh
model p(x) {
  z: f32[4] ~ Normal(0, 1)
  x: f32[4] = g(z)
}
model r(x) {
  z: f32[2] ~ Normal(0, 1)
  x: f32[4] = concat(z, z^2)
}
eval e on d.test batch 2 { report -log p(x) as v }
eval k on d.test batch 2 { report -log r(x) as v }

// error: RL0118 11:36 `p` has no density that can be evaluated
// help: a matrix of literals that has an inverse; a product that has one: `u |> LULinear()`; or a coupling, `join(a, b * exp(s) + t)` where `s` and `t` are layers of `a`
// help: implicit models can be sampled, `E[x ~ g](...)`; to be scored, what they compute must be an invertible function of a hidden draw
// error: RL0118 12:36 `r` has no density that can be evaluated
// help: keep as many numbers as come in
// help: implicit models can be sampled, `E[x ~ g](...)`; to be scored, what they compute must be an invertible function of a hidden draw
