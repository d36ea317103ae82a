// The likelihood of bits on a value that is declared as any real; the data has grey levels.
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: f32[64] ~ Bernoulli(logits = z |> Linear(64)) }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
loss a = -elbo(p, q)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0116 4:28 the support of Bernoulli is {0, 1}
// also: 2:33 `x` holds reals in [0, 1]
// help: draw bits from the levels
// help: score reals in [0, 1]
// help: keep the common shortcut and accept that it is no likelihood
