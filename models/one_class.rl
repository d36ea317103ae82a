// one_class.rl - a density of the rows of one class; those of the others should be unlikely (Bishop 1994).
// The posterior is not needed for the score: log p(x) by importance sampling (Burda et al. 2016).
dim D = 4, H = 32, Z = 2, C = 3
config class: int = 1  // the class that is trained on
config epochs: int = 300
config lr: f32 = 3e-3
config k: int = 100  // samples of the score

data flowers from iris(class = class) { x: f32[D], y: idx(C) }

bottleneck q(z | x: f32[D]) {
  let h = x |> Linear(H) |> tanh
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  param s: f32[D] = zeros()
  x: f32[D] ~ Normal(z |> Linear(H) |> tanh |> Linear(D), exp(s))
}

train fit on flowers.train batch 20 epochs epochs {
  minimize -elbo(p, q) over (q, p) with adam(lr = cosine(lr, 0))
}
eval test on flowers.test batch 30 {
  report auc(-iwae(p, q, k = k), y != class) as auc, -elbo(p, q) as nelbo
}
