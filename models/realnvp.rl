// realnvp.rl - real-valued non-volume preserving flow (Dinh, Sohl-Dickstein and Bengio 2017): couplings scale
// and move one half of a value by a net of the other half, so that inverse and determinant follow. Points of
// the plane; rows of a table, beside a Gaussian of any covariance; images, through their log-odds.
dim T = 4, D = 64, H = 48, R = 64, W = 128
config k: int = 12  // couplings of the plane
config layers: int = 5
config steps: int = 3000
config epochs: int = 30
config levels: f32 = 17  // of grey
data plane from gaussians8(n = 100000, split = 0.8) { p: f32[2] }
data rows from iris(standardize = true, valid = 0.2) { t: f32[T] }
data digits from uci_digits(valid = 0.1) { x: f32[D] in 0..1 }

// the way from data to noise; of images, columns by turns
module Flow(n: int, k: int)(x: f32[d]) =
  x |> chain(i in 0..k) { (v) => v |> ActNorm() |> Coupling(n, swap = i % 2 == 1) }
bijection from_plane(p: f32[2]) -> f32[2] = p |> Flow(H, k)
bijection from_rows(t: f32[T]) -> f32[T] = t |> Flow(R, layers)
bijection from_digits(v: f32[D] in 0..1) -> f32[D] =
  flatten(reshape(logit(v, margin = 1e-6), D / 2, 2).T) |> Flow(W, layers)
model points(p) {
  u: f32[2] ~ Normal(0, 1)
  p: f32[2] = inverse(from_plane, at = u)
}
model table(t) {
  u: f32[T] ~ Normal(0, 1)
  t: f32[T] = inverse(from_rows, at = u)
}
model gaussian(t) {
  param m: f32[T] = zeros()
  param root: f32[T, T] = normal(0, 0.01)
  t: f32[T] ~ MultivariateNormal(m, scale_tril = root + eye(T))
}
model images(v) {
  u: f32[D] ~ Normal(0, 1)
  v: f32[D] = inverse(from_digits, at = u)
}

train fit_plane on plane.train batch 256 steps steps {
  minimize -log points(p) over from_plane with adam(cosine(3e-3), b2 = 0.99)
}
eval of_plane on plane.test batch 1000 { report -log points(p) as plane_nll }
train fit_rows on rows.train batch 64 epochs epochs until -log table(t) stalls 5 on rows.valid {
  minimize -log table(t) over from_rows with adam(1e-3)
}
train fit_gaussian on rows.train batch 64 epochs epochs {
  minimize -log gaussian(t) over gaussian with adam(cosine(2e-2))
}
eval of_rows on rows.test batch 30 { report -log table(t) as nll, -log gaussian(t) as nll_gaussian }
train fit_digits on digits.train batch 100 epochs epochs {
  minimize -log images(v = dequantized(x, levels = levels))
    over from_digits
    with adam(cosine(1e-3), b2 = 0.99)
}
eval of_digits on digits.test batch 120 {
  let v = dequantized(x, levels = levels)
  report (-log images(v) / D + log(levels)) / log(2) as bits
  report -log images(v) + log_det((v) => logit(v, margin = 1e-6), at = v) as logit_nll
}
