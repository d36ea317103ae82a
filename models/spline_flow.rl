// spline_flow.rl - couplings by monotone splines of rational quadratics (Durkan, Bekasov, Murray and Papamakarios
// 2019), which have sharp edges and several modes: a board of squares, beside affine couplings of RealNVP.
dim H = 64
config k: int = 6
config bins: int = 16
config couplings: int = 12
config lr: f32 = 3e-3
config steps: int = 1500

data board from checkerboard(n = 100000, split = 0.8) { p: f32[2] }

bijection by_splines(p: f32[2]) -> f32[2] =
  p |> chain(i in 0..k) { SplineCoupling(H, bins = bins, swap = i % 2 == 1) }
bijection by_scales(p: f32[2]) -> f32[2] =
  p |> chain(i in 0..couplings) { (v) => v |> ActNorm() |> Coupling(H, swap = i % 2 == 1) }

model splines(p) {
  u: f32[2] ~ Normal(0, 1)
  p: f32[2] = inverse(by_splines, at = u)
}
model scales(p) {
  u: f32[2] ~ Normal(0, 1)
  p: f32[2] = inverse(by_scales, at = u)
}

train fit on board.train batch 256 steps steps {
  minimize -log splines(p) over by_splines with adam(cosine(lr), b2 = 0.99)
  minimize -log scales(p) over by_scales with adam(cosine(5e-3), b2 = 0.99)
}
// the entropy of the board is 2.079
eval test on board.test batch 1000 {
  report -log splines(p) as nll, -log scales(p) as nll_of_realnvp
}
sample draws count 5000 {
  p ~ splines(p)
  emit p as points
}
