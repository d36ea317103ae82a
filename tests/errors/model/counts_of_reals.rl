data d from uci_digits() { x: f32[64], y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder r(x | z: f32[4]) { x: count[64] ~ Poisson(z |> Linear(64) |> softplus) }
loss a = -E[z ~ p(z)](log r(x | z))
loss b = -E[z ~ p(z)](log r(x = 0.5 * x | z))
loss c = -E[z ~ p(z)](log r(x = floor(abs(x)) | z))
eval e on d.test batch 120 { report a, b, c }

// error: RL0116 4:29 `x` takes `count[64]`, given `f32[64]`
// help: declare both as `f32[64]`, or both as `count[64]`
// also: 3:28 the density is over `count[64]`
// also: 1:28 holds `f32[64]`
// error: RL0116 5:33 `x` takes `count[64]`, given `f32[64]`
