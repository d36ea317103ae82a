data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(c | x: f32[64]) { c: idx(8) ~ Categorical(logits = x |> Linear(8)) }
prior p(c) { c: idx(8) ~ Categorical(logits = 0 * iota(8)) }
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0105 4:47 values of `q` cannot be closed one by one: `Categorical` beside the prior `Categorical`
// help: `prune` takes one value for each parameter, and a prior of the same family with the same parameters: `Normal(m, s)` beside `Normal(0, 1)`
