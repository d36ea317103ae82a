// conv_vae.rl - VAE with a convolutional encoder and decoder (Kingma and Welling 2014; Radford et al. 2016).
dim S = 8, D = S * S, F = 16, Z = 10
config epochs: int = 60
config lr: f32 = 2e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(10) }

encoder features(x: bit[D]) -> f32[2 * F * S / 4 * S / 4] =
  x
  |> reshape(1, S, S)
  |> Conv2d(F, 3, stride = 2, pad = "same")
  |> silu
  |> Conv2d(2 * F, 3, stride = 2, pad = "same")
  |> silu
  |> flatten

bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

net upward(z: f32[Z]) -> f32[D] =
  z
  |> Linear(2 * F * S / 4 * S / 4)
  |> silu
  |> reshape(2 * F, S / 4, S / 4)
  |> ConvTranspose2d(F, 4, stride = 2, pad = "same")
  |> silu
  |> ConvTranspose2d(1, 4, stride = 2, pad = "same")
  |> flatten
decoder p(x | z: f32[Z]) { x: bit[D] ~ Bernoulli(logits = upward(z)) }

loss nelbo = -elbo(p, q)

train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over (features, q, upward) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report nelbo, -iwae(p, q, k = 64) as nll, linear_probe(mean(q(z | x)), y) as probe
}
sample prior_draws count 64 {
  z ~ p(z)
  emit mean(p(x | z)) as image
}
