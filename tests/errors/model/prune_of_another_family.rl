data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Laplace(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0105 4:47 values of `q` cannot be closed one by one: `Laplace` beside the prior `Normal`
// help: `prune` takes one value for each parameter, and a prior of the same family with the same parameters: `Normal(m, s)` beside `Normal(0, 1)`
