// flow_vae.rl - a variational autoencoder whose prior is a RealNVP: the code may be spread as it likes, and the
// flow learns where it lies (Rezende and Mohamed 2015; Huang et al. 2017). `couplings=0` is the plain one.
dim D = 64, H = 200, Z = 10
config couplings: int = 6
config epochs: int = 60
config lr: f32 = 1e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D] }

encoder features(x: bit[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) {
  u: f32[Z] ~ Normal(0, 1)
  z: f32[Z] = u |> chain(i in 0..couplings) { (v) => v |> flip |> Coupling(H, swap = i % 2 == 1) }
}
decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D))
}

train fit on digits.train batch 64 epochs epochs {
  minimize -elbo(p, q) over (features, q, p) with adam(cosine(lr))
}
eval test on digits.test batch 120 { report -elbo(p, q) as nelbo, -iwae(p, q, k = 64) as nll }
sample prior_draws count 64 {
  z ~ p(z)
  emit mean(p(x | z)) as image
}
