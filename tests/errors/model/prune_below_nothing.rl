data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
train t on d.train batch 100 epochs 1 { prune q below 0 }
train u on d.train batch 100 epochs 1 { prune q below sum(x) }

// error: RL0107 4:55 the bound of `prune` is 0
// help: write a number of nats above 0, for instance `prune q below 0.01`
// error: RL0109 5:55 this must be a number known when compiling, not a tensor
// help: use a literal or a `config`
