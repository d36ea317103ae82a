data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: f32[64] in 0..1 ~ Bernoulli(logits = z |> Linear(64)) }
bottleneck q(z | x: f32[64] in 0..1) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
loss a = -elbo(p, q)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0116 3:28 Bernoulli cannot score values of `x`
// help: draw bits from the levels: `data digits from source(binarize = "stochastic") { x: bit[64] }`
// help: score reals in [0, 1]: `x: f32[64] in 0..1 ~ ContinuousBernoulli(logits = ...)`
// help: keep the common shortcut and accept that it is no likelihood: `loss rec = binary_cross_entropy(logits, x)`
// also: 1:33 `x` holds reals in [0, 1]
