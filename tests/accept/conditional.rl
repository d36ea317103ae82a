// Nothing to warn of: the model is conditional on y, and the wide code is held back in the mean.
data digits from uci_digits(binarize = "threshold") { x: bit[64], y: idx(10) }
bottleneck q(z | x: bit[64], y: idx(10)) {
  z: f32[4] ~ Normal(concat(x, one_hot(y, 10)) |> Linear(4), 1)
}
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4], y: idx(10)) {
  x: bit[64] ~ Bernoulli(logits = concat(z, one_hot(y, 10)) |> Linear(64))
}
bottleneck wide(x: bit[64]) -> f32[80] = x |> Linear(80) |> sigmoid
decoder back(h: f32[80]) -> f32[64] = h |> Linear(64)

loss conditional = KL(q(z | x, y) || p(z)) - E[z ~ q(z | x, y)](log p(x | z, y))
loss sparse = sum((x - back(wide(x)))^2) + sum(bernoulli_kl(0.05, batch_mean(wide(x))))

train fit on digits.train batch 64 epochs 1 {
  minimize conditional over (q, p) with adam(lr = 1e-3)
  minimize sparse over (wide, back) with adam(lr = 1e-3)
}
