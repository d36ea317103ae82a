data d from uci_digits() { x: f32[64] in 0..1 }
loss a = sum(hmc(x))
loss b = sum(langevin(x))
model p(x) { x: f32[64] ~ Autoregressive(logits = 3) }
eval t on d.test { report a, b, -log p(x) }

// error: RL0125 2:14 `hmc` comes later: this release does not have sampling kernels on models
// help: directed densities are there: `z ~ Normal(0, 1)`, trained by `elbo(p, q)`
// error: RL0125 3:14 `langevin` comes later: this release does not have sampling kernels on models
// help: directed densities are there: `z ~ Normal(0, 1)`, trained by `elbo(p, q)`
// error: RL0125 4:27 `Autoregressive` comes later: this release does not have autoregressive densities
// help: give a causal net what comes before: `log p(x | before = shift(x, 1))`
