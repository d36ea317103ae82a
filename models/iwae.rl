// iwae.rl - importance-weighted autoencoder (Burda, Grosse and Salakhutdinov 2016): the VAE's densities,
// trained on a bound of k samples. `k=1` trains the VAE.
dim D = 64, H = 200, Z = 10
config k: int = 5
config epochs: int = 100
config lr: f32 = 1e-3
config many: int = 64  // samples of the reported bound

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(10) }

encoder features(x: bit[D]) -> f32[H] = x |> Linear(H) |> tanh |> Linear(H) |> tanh

bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> tanh |> Linear(H) |> tanh |> Linear(D))
}

loss bound = -iwae(p, q, k = k)

train fit on digits.train batch 64 epochs epochs {
  minimize bound over (features, q, p) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report -iwae(p, q, k = 1) as L1, -iwae(p, q, k = 5) as L5, -iwae(p, q, k = 50) as L50
  report -iwae(p, q, k = many) as nll
}
sample prior_draws count 64 {
  z ~ p(z)
  emit mean(p(x | z)) as image
}
