// latent_map.rl - a VAE with a code in the plane, and pictures of it (Kingma and Welling 2014): what the
// decoder draws on a grid of codes, and the way from one digit's code to another's.
dim S = 8, D = S * S, H = 200, Z = 2
dim G = 20, N = 10  // codes along each side of the map, and on a way
config far: f32 = 2.5  // half the side of the map
config epochs: int = 200
config lr: f32 = 1e-3

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
fn drawn(z: f32[Z]) -> f32[S, S] = reshape(mean(p(x | z = z)), S, S)

loss rec = -E[z ~ q(z | x)](log p(x | z))
loss rate = KL(q(z | x) || p(z))
loss nelbo = rec + rate

train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over (features, q, p) with adam(lr = cosine(lr, 0))
  track rec, rate
}
eval test on digits.test batch 120 {
  report nelbo, rate, knn_probe(mean(q(z | x)), y) as probe
}
// tiles of a grid side by side
fn tiled(t: f32[h, w, S, S]) = permute(t, 0, 2, 1, 3) |> reshape(h * S, w * S)
fn at(i) = far * (2 * (i + 0.5) / G - 1)

sample plane count 1 {
  let tiles = map((i) => map((j) => drawn(concat(at(i), at(j))), iota(G)), iota(G))
  emit tiled(tiles) as image
}
sample codes on digits.test count 360 { emit mean(q(z | x)) as points }
// every digit turns into the first one
sample way on digits.test count 16 {
  let from = mean(q(z | x))
  let to = batch(from)[0]
  let steps = map((i) => drawn(from + i / (N - 1) * (to - from)), iota(N))
  emit tiled(reshape(steps, 1, N, S, S)) as image
}
