data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0114 3:47 `q` has no prior, and so no rate
// help: declare one over the same name: `prior p(z) { ... }`
