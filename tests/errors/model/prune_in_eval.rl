data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
eval t on d.test { prune q below 0.01 }

// error: RL0120 4:20 `prune` has no meaning in a phase of kind `eval`
// help: `prune` stands in `train` phases: it goes over training rows
