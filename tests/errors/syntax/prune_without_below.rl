data d from uci_digits() { x: f32[64] in 0..1 }
train t on d.train batch 100 epochs 1 { prune q under 0.01 }

// error: RL0014 2:49 `under` does not fit here
// help: `prune` reads, for instance, `prune q below 0.01`
