// class_rbm.rl - a restricted Boltzmann machine that classifies (Larochelle and Bengio 2008): label and image
// share hidden bits, and `p(y | x)` is a difference of two free energies, exact since ten labels are gone
// through. `alpha` weighs the generative part, by contrastive divergence.
dim V = 64, H = 100, C = 10
config lr: f32 = 0.2
config alpha: f32 = 0.1
config epochs: int = 60

data rows from uci_digits(binarize = "threshold") { x: bit[V], y: idx(C) }

model rbm(v: bit[V], k: idx(C), h: bit[H]) {
  param W: f32[V, H] = normal(0, 0.01)
  param U: f32[C, H] = normal(0, 0.01)
  param a: f32[V] = zeros()
  param b: f32[H] = zeros()
  param c: f32[C] = zeros()
  factor dot(v @ W + U[k] + b, h)
  factor dot(a, v) + c[k]
}

loss nll = free_energy(rbm, v = x, k = y) - free_energy(rbm, v = x)
loss cd =
  free_energy(rbm, v = x, k = y)
  - E[v ~ gibbs(rbm, v = x, k = y, steps = 1)](free_energy(rbm, v = v, k = k))

train fit on rows.train batch 50 epochs epochs {
  minimize nll + alpha * cd over rbm with sgd(lr = linear(lr, 0), momentum = 0.9)
}
eval test on rows.test batch 500 {
  let scores = map((k) => -free_energy(rbm, v = x, k = k), int(iota(C)))
  report float(argmax(scores) != y) as error, nll
}
