// glow.rl - flow of images on several scales (Kingma and Dhariwal 2018): channels start at mean 0 and variance 1,
// are mixed by an invertible matrix, and couplings of convolutions move one half of them by the other. Half of
// the channels leave after the first scale. A RealNVP of as many weights stands beside it.
dim S = 8, F = 64, W = 96
config k: int = 4
config lr: f32 = 2e-3
config epochs: int = 60
config levels: f32 = 17  // of grey

data digits from uci_digits(valid = 0.1) { x: f32[1, S, S] in 0..1 }

module Scale(n: int)(x: f32[c, h, w]) -> f32[c, h, w] =
  x |> chain(i in 0..k) { (v) => v |> ActNorm() |> InvertibleConv1x1() |> ConvCoupling(n) }

// the way from data to noise
bijection flow(v: f32[1, S, S] in 0..1) -> f32[S * S] {
  let fine = v |> logit(margin = 1e-3) |> squares |> Scale(F)
  let (done, rest) = halves(flatten(fine))
  let coarse = reshape(rest, 2, S / 2, S / 2) |> squares |> Scale(F)
  return concat(done, flatten(coarse))
}
bijection plain(v: f32[S * S] in 0..1) -> f32[S * S] =
  flatten(reshape(logit(v, margin = 1e-3), S * S / 2, 2).T)
  |> chain(i in 0..k) { (v) => v |> ActNorm() |> Coupling(W, swap = i % 2 == 1) }

model glow(v) {
  u: f32[S * S] ~ Normal(0, 1)
  v: f32[1, S, S] = inverse(flow, at = u)
}
model realnvp(v) {
  u: f32[S * S] ~ Normal(0, 1)
  v: f32[S * S] = inverse(plain, at = u)
}

train fit on digits.train batch 64 epochs epochs {
  let v = dequantized(x, levels = levels)
  minimize -log glow(v) over flow with adam(cosine(lr), b2 = 0.99)
  minimize -log realnvp(v = flatten(v)) over plain with adam(cosine(1e-3), b2 = 0.99)
}
eval test on digits.test batch 120 {
  let v = dequantized(x, levels = levels)
  report (-log glow(v) / (S * S) + log(levels)) / log(2) as bits
  report (-log realnvp(v = flatten(v)) / (S * S) + log(levels)) / log(2) as bits_of_realnvp
}
sample draws count 64 {
  v ~ glow(v)
  emit v as image
}
