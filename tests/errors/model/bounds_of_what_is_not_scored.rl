// What a bound needs: every latent has one factor of the model and a density of the posterior.
data d from uniform(6, 1, split = 1.0) { x: f32[1] }
prior p(z) { z: f32 ~ Normal(0, 1) }
decoder p(x | z: f32) { x: f32[1] ~ Normal(z * ones(1), 1) }
model more(z, v | x: f32[1]) {
  z: f32 ~ Normal(sum(x), 1)
  v: f32 ~ Normal(z, 1)
}
model mixed(v | x: f32[1]) { v: bit ~ Bernoulli(logits = sum(x)) }
model mixed(z | x: f32[1], v: bit) { z: f32 ~ Normal(float(v) + sum(x), 1) }
model computed(z | x: f32[1]) {
  e: f32 ~ Normal(0, 1)
  z: f32 = sum(x) + abs(e)
}
model twice(z) { z: f32 ~ Normal(0, 0.1) }
model twice(z) { z: f32 ~ Normal(5, 0.1) }
eval e on d.train batch 6 {
  report elbo(p, more) as extra
  report iwae(p, mixed, k = 3) as mixture
  report elbo(p, computed) as implicit
  report E[z ~ twice(z)](z) as average
  report log twice(z = 0.0) as density
}

// error: RL0114 18:10 `p` does not say how `v` is distributed
// help: declare its prior, for instance `prior p(v) { ... }`
// error: RL0114 19:10 `p` does not say how `v` is distributed
// help: declare its prior, for instance `prior p(v) { ... }`
// error: RL0118 20:10 `computed` has no density that can be evaluated
// help: give the inverse yourself: `custom_inverse(f, at = x, inverse = g, log_det = h)`
// help: implicit models can be sampled, `E[x ~ g](...)`; to be scored, what they compute must be an invertible function of a hidden draw
// error: RL0114 21:16 two factors say how `z` is distributed: twice(z), twice(z)
// help: leave one of them out, or give it another name
// error: RL0114 22:14 two factors say how `z` is distributed: twice(z), twice(z)
// help: leave one of them out, or give it another name
