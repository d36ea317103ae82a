data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
train twice on d.train batch 100 epochs 1 {
  prune q below 0.01
  prune q below 0.1
}
train looped on d.train batch 100 epochs 1 { repeat 2 { prune q below 0.01 } }
train short on d.train batch 100 epochs 1 until KL(q(z | x) || p(z)) stalls 2 on d.test {
  prune q below 0.01
}

// error: RL0120 5:9 `prune q` stands twice in one phase
// help: leave one of them out
// error: RL0120 6:9 `prune q` stands twice in one phase
// error: RL0120 8:57 `prune` stands in a `repeat`
// help: write it after the `repeat`, or in a phase of its own
// error: RL0120 10:9 `prune q` stands in a phase with `until`
// help: prune in a phase of its own, after this one
