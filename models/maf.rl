// maf.rl - masked autoregressive flow (Papamakarios, Pavlakou and Murray 2017): every element is scaled and moved
// by a masked net of those before it, all at once where densities are computed; draws come one element after
// the other, by a scan. On a board of squares, from mixtures ("MAF MoG") and beside couplings, since of two elements
// the second alone is moved by a function of the first; on images, through their log-odds.
dim D = 64, H = 128, C = 32, W = 256, M = 16
config k: int = 6
config couplings: int = 12
config layers: int = 5
config lr: f32 = 2e-3
config steps: int = 2000
config epochs: int = 30
config levels: f32 = 17  // of grey

data board from checkerboard(n = 100000, split = 0.8) { p: f32[2] }
data digits from uci_digits(valid = 0.1) { x: f32[D] in 0..1 }

// from noise to data, in one order and the other
module Masked(n: int)(u: f32[d]) -> f32[d] = u |> MaskedAffine(n, reverse = true)
bijection coupled(p: f32[2]) -> f32[2] =
  p |> chain(i in 0..couplings) { (v) => v |> ActNorm() |> Coupling(C, swap = i % 2 == 1) }

model points(p) {
  param l: f32[M] = normal(0, 0.1)
  param m: f32[M] = normal(0, 1)
  param s: f32[M] = zeros()
  a: f32 ~ Mixture(logits = l, of = Normal(m, exp(s)))
  let h = full(a, 1) |> Linear(H) |> relu |> Linear(H) |> relu
  b: f32 ~ Mixture(logits = h |> Linear(M), of = Normal(h |> Linear(M), exp(h |> Linear(M))))
  p: f32[2] = concat(a, b) |> chain(i in 0..k) { Masked(H) }
}
model realnvp(p) {
  u: f32[2] ~ Normal(0, 1)
  p: f32[2] = inverse(coupled, at = u)
}
model images(v) {
  u: f32[D] ~ Normal(0, 1)
  v: f32[D] = inverse((v) => logit(v, margin = 1e-6), at = u |> chain(i in 0..layers) { Masked(W) })
}

train fit_board on board.train batch 256 steps steps {
  minimize -log points(p) over points with adam(cosine(lr), b2 = 0.99)
  minimize -log realnvp(p) over coupled with adam(cosine(5e-3), b2 = 0.99)
}
eval of_board on board.test batch 1000 {
  report -log points(p) as board_nll, -log realnvp(p) as board_nll_of_realnvp
}
train fit_digits on digits.train batch 100 epochs epochs {
  minimize -log images(v = dequantized(x, levels = levels))
    over images
    with adam(cosine(1e-3), b2 = 0.99)
}
eval of_digits on digits.test batch 120 {
  let v = dequantized(x, levels = levels)
  report (-log images(v) / D + log(levels)) / log(2) as bits
}
sample draws count 16 {
  v ~ images(v)
  emit v as image
}
