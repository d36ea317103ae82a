// Used by losses_above_densities.rl.
dim K = 3
prior p(z) { z: f32[K] ~ Normal(9, 1) }
