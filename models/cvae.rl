// cvae.rl - conditional VAE (Sohn, Lee and Yan 2015): the digit is given to encoder and decoder, so that the
// code holds what is left, the hand. A classifier that never sees a drawn digit judges whether they obey.
dim D = 64, H = 200, Z = 10, C = 10
config epochs: int = 100
config lr: f32 = 1e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(C) }

encoder features(x: bit[D], y: idx(C)) -> f32[H] =
  concat(x, one_hot(y, C)) |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: bit[D], y: idx(C)) {
  let h = features(x, y)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z], y: idx(C)) {
  x: bit[D] ~ Bernoulli(
    logits = concat(z, one_hot(y, C)) |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D)
  )
}
net judge(x: f32[D]) -> f32[C] = x |> Linear(H) |> relu |> dropout(0.4) |> Linear(C)

loss rec = -E[z ~ q(z | x, y)](log p(x | z, y))
loss rate = KL(q(z | x, y) || p(z))
loss nelbo = rec + rate
loss grade = cross_entropy(judge(x), y)

train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over (features, q, p) with adam(lr = cosine(lr, 0))
  minimize grade over judge with adam(lr = cosine(lr, 0))
  track rec, rate
}
eval test on digits.test batch 120 {
  let drawn = E[z ~ p(z)](mean(p(x | z, y)))
  report nelbo,
    rate,
    float(argmax(judge(x)) == y) as judge_on_data,
    float(argmax(judge(drawn)) == y) as agreement
}
sample by_digit on digits.test count 60 {
  emit E[z ~ p(z)](mean(p(x | z, y))) as image
}
