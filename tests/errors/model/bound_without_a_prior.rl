// A latent that a decoder is given has a prior, or there is no joint to bound.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
bottleneck q(z | x: f32[3]) { z: f32[2] ~ Normal(tanh(x[0:2]), 0.5) }
decoder r(x | z: f32[2]) { x: f32[3] ~ Normal(concat(z, z[0:1]), 1.0) }
fn bound(x: f32[3]) -> f32 = iwae(r, q, k = 8)
eval look on d.train batch 40 { report elbo(r, q) as a, bound(2 * x) as c }

// error: RL0114 6:40 `r` does not say how `z` is distributed
// help: declare its prior
// error: RL0114 5:30 `r` does not say how `z` is distributed
// help: declare its prior, for instance `prior r(z) { ... }`
