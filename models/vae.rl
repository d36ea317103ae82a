// vae.rl - latent-Gaussian VAE with a Bernoulli likelihood (Kingma and Welling 2014).
// beta other than 1 gives the beta-VAE (Higgins et al. 2017).
dim D = 64, H = 200, Z = 10
config beta: f32 = 1.0
config epochs: int = 200
config lr: f32 = 1e-3
config k: int = 64  // importance samples of the reported NLL

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(10) }

encoder features(x: bit[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D))
}

loss rec = -E[z ~ q(z | x)](log p(x | z))
loss rate = KL(q(z | x) || p(z))
loss nelbo = rec + beta * rate  // beta = 1: identical to -elbo(p, q)

train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over (features, q, p) with adam(lr = cosine(lr, 0))
  track rec, rate
}
eval test on digits.test batch 120 {
  report nelbo, -iwae(p, q, k = k) as nll, linear_probe(mean(q(z | x)), y) as probe
}
sample prior_draws count 64 {
  z ~ p(z)
  emit mean(p(x | z)) as image
}
