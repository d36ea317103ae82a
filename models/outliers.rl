// outliers.rl - a density of one data set, and the images of another as outliers: the score is the bound on
// -log p(x) (Bishop 1994). It need not be larger for what was never seen (Nalisnick et al. 2019).
dim D = 64, H = 200, Z = 10
config tests: int = 360  // rows of the test split of what is normal
config epochs: int = 60
config lr: f32 = 1e-3

data normal from uci_digits(binarize = "stochastic") { x: bit[D] }
data others from sprites(size = 8, positions = 2, binarize = "stochastic") { x: bit[D] }

encoder features(x: bit[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D))
}

state scores: f32[tests] = zeros()  // of all that is normal

train fit on normal.train batch 100 epochs epochs {
  minimize -elbo(p, q) over (features, q, p) with adam(lr = cosine(lr, 0))
}
train collect on normal.test batch tests epochs 1 { scores <- batch(-elbo(p, q)) }
eval test on normal.test batch 120 { report -elbo(p, q) as nelbo }
eval outliers on others.test batch 120 {
  let score = -elbo(p, q)
  // the area under the ROC curve: how much of what is normal has a smaller score; equal ones count half
  report mean(float(scores < score) + 0.5 * float(scores == score)) as auroc, score
}
