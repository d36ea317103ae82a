data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
bottleneck q(z | x: bit[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(64)) }
loss a = -log p(z | x)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0114 5:21 `p` is not given `x`
// help: what no factor says is an average over the others: take a bound, `elbo(p, q)`
