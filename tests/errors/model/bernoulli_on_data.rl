data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(64)) }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
loss a = -E[z ~ q(z | x)](log p(x | z))
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0116 5:33 `x` takes `bit[64]`, given `f32[64] in 0..1`
// help: declare both as `f32[64] in 0..1`, or both as `bit[64]`
// also: 3:28 the density is over `bit[64]`
// also: 1:33 holds `f32[64] in 0..1`
