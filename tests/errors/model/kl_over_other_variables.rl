data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
bottleneck q(z | x: bit[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(64)) }
loss a = KL(q(z | x) || p(x | z))
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0117 5:25 `p` is given no `z`
// help: `z` is neither a data field nor drawn here: draw it with `E[z ~ ...](...)`, or write `z = value` after the bar; to leave it open take a bound, `elbo(p, q)`
