data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(63)) }
bottleneck q(z | x: bit[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
loss a = -elbo(p, q)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (p, q) with adam(lr = 1e-3)
}

// error: RL0103 3:41 `f32[63]` where the shape [64] is needed
// help: make the dims agree; only scalars are repeated by themselves
