data d from uci_digits() { x: f32[64], y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: f32[64] ~ Poisson(z |> Linear(64) |> softplus) }
loss a = -E[z ~ p(z)](log p(x | z))
eval e on d.test batch 120 { report a }

// error: RL0116 3:28 Poisson cannot score values of `x`
// help: declare `x: count[64]`
// also: 1:28 `x` holds reals
