// beta_vae.rl - does a price on the code separate what an image is made of (Higgins et al. 2017)? Sprites are
// drawn from shape, size, angle and place; the mutual information gap (Chen et al. 2018) and DCI (Eastwood and
// Williams 2018) say how far each entry of the code is about one of these.
dim S = 16, F = 16, H = 128, Z = 10
config beta: f32 = 4.0
config epochs: int = 150
config lr: f32 = 2e-3

data drawn from sprites(size = S) {
  x: bit[S, S],
  shape: idx(3),
  scale: idx(3),
  rotation: idx(4),
  px: idx(8),
  py: idx(8)
}

encoder features(x: bit[S, S]) -> f32[H] = x |> flatten |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck q(z | x: bit[S, S]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
decoder p(x | z: f32[Z]) {
  x: bit[S, S] ~ Bernoulli(
    logits = z |> Linear(H) |> tanh |> Linear(H) |> tanh |> Linear(S * S) |> reshape(S, S)
  )
}

loss rec = -E[z ~ q(z | x)](log p(x | z))
loss rate = KL(q(z | x) || p(z))

train fit on drawn.train batch 64 epochs epochs {
  minimize rec + beta * rate over (features, q, p) with adam(lr = cosine(lr, 0))
  track rec, rate
}
eval test on drawn.test batch 64 {
  let code = mean(q(z | x))
  let factors = (shape, scale, rotation, px, py)
  report rec, rate, mig(code, factors) as mig, dci(code, factors) as dci
}
