// imputation.rl - the lower half of an image from the upper one: a VAE of whole images, and a second encoder
// that sees the upper half only and bounds the likelihood of the whole (Kingma and Welling 2014; Ivanov, Figurnov
// and Vetrov 2019). The missing pixels are the mean of what its codes draw.
dim S = 8, D = S * S, H = 200, Z = 20
config many: int = 32  // codes for each image
config epochs: int = 100
config lr: f32 = 1e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(10) }

module Reader()(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: bit[D]) {
  let h = float(x) |> Reader()
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
bottleneck half(z | x: bit[D]) {
  let h = seen() * x |> Reader()
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D))
}
loss nelbo = -elbo(p, q)
loss guess = -elbo(p, half)

state level: f32[D] = constant(0.5)  // of every pixel alone: what a model without a code knows

fn seen() -> f32[D] = float(iota(D) < D / 2)
fn filled(x, guess) = seen() * x + (1 - seen()) * guess
fn imputed(x) = E[z ~ half(z | x = x), samples = many](mean(p(x | z = z)))
// nats for every missing pixel
fn surprise(x, p) = -sum((1 - seen()) * (x * log(p + 1e-4) + (1 - x) * log(1 - p + 1e-4))) / (D / 2)

train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over (q, p) with adam(lr = cosine(lr, 0))
  minimize guess over half with adam(lr = cosine(lr, 0))
  level <- level + 0.01 * (batch_mean(x) - level)
}
eval test on digits.test batch 120 {
  report nelbo, surprise(x, imputed(x)) as imputed, surprise(x, level) as alone
  report 1 - surprise(x, imputed(x)) / surprise(x, level) as gain
}
sample halves on digits.test count 32 {
  let picture = concat(x, filled(x, 0.5 * level), filled(x, imputed(x)))
  emit reshape(picture, 3 * S, S) as image  // given, seen, completed
}
