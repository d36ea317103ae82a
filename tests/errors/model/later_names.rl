data d from uci_digits() { x: f32[64] in 0..1 }
loss a = sum(gibbs(x))
loss b = sum(langevin(x))
loss c = sum(ais(x))
model p(x) { x: f32[64] ~ Autoregressive(logits = 3) }
eval t on d.test { report a, b, c, -log p(x) }

// error: RL0125 2:14 `gibbs` comes later: this release does not have densities with `factor`
// help: directed densities are there: `z ~ Normal(0, 1)`, trained by `elbo(p, q)`
// error: RL0125 3:14 `langevin` comes later: this release does not have sampling kernels on models
// help: directed densities are there: `z ~ Normal(0, 1)`, trained by `elbo(p, q)`
// error: RL0125 4:14 `ais` comes later: this release does not have densities with `factor`
// help: bounds are there: `iwae(p, q, k = 64)`
// error: RL0125 5:27 `Autoregressive` comes later: this release does not have autoregressive densities
// help: give a causal net what comes before: `log p(x | before = shift(x, 1))`
