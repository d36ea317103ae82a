data d from uci_digits() { x: f32[64] in 0..1 }
model p(x) { x: f32[64] ~ Autoregressive(logits = 3) }
eval t on d.test { report -log p(x) }

// error: RL0125 2:27 `Autoregressive` comes later: this release does not have autoregressive densities
// help: give a causal net what comes before: `log p(x | before = shift(x, 1))`
