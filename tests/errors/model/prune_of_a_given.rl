data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | h: f32[64]) { z: f32[4] ~ Normal(h |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0117 4:47 what `q` is given is no field of the data
// help: let it be given fields
