data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
prior r(z) { z: f32[4] ~ Normal(0, 2) }
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0114 5:47 `q` has several priors, or one with conditions
// help: declare one over the same name: `prior p(z) { ... }`
