// dbn.rl - deep belief net (Hinton, Osindero and Teh 2006): three restricted Boltzmann machines on top of each
// other, each learnt by contrastive divergence on the hidden bits of the one below; then their weights start a
// classifier that is trained as a whole. The same net from random weights stands beside it.
dim V = 64, H1 = 100, H2 = 100, H3 = 200, C = 10
config labels: int = 150
config epochs: int = 20
config tuning: int = 100
config lr: f32 = 0.05
data all from uci_digits(binarize = "stochastic") { x: bit[V] }
data some from uci_digits(rows = labels) { g: f32[V] in 0..1, y: idx(C) }

param W1: f32[V, H1] = normal(0, 0.01)
param W2: f32[H1, H2] = normal(0, 0.01)
param W3: f32[H2, H3] = normal(0, 0.01)
param b1: f32[H1] = zeros()
param b2: f32[H2] = zeros()
param b3: f32[H3] = zeros()
model one(v: bit[V], h: bit[H1]) {
  param a: f32[V] = zeros()
  factor dot(v @ W1 + b1, h) + dot(a, v)
}
model two(v: bit[H1], h: bit[H2]) {
  param a: f32[H1] = zeros()
  factor dot(v @ W2 + b2, h) + dot(a, v)
}
model three(v: bit[H2], h: bit[H3]) {
  param a: f32[H2] = zeros()
  factor dot(v @ W3 + b3, h) + dot(a, v)
}
// contrastive divergence
fn of_one(v: bit[V]) =
  free_energy(one, v = v) - E[n ~ gibbs(one, v = v, steps = 1)](free_energy(one, v = n))
fn of_two(v: bit[H1]) =
  free_energy(two, v = v) - E[n ~ gibbs(two, v = v, steps = 1)](free_energy(two, v = n))
fn of_three(v: bit[H2]) =
  free_energy(three, v = v) - E[n ~ gibbs(three, v = v, steps = 1)](free_energy(three, v = n))
loss second = E[h ~ one(h | v = x)](of_two(h))
loss third = E[h ~ one(h | v = x)](E[i ~ two(h | v = h)](of_three(i)))
fn layer(x, W, b) = sigmoid(x @ W + b)
net deep(g: f32[V]) -> f32[C] = g |> layer(W1, b1) |> layer(W2, b2) |> layer(W3, b3) |> Linear(C)
module Layer(n: int)(x: f32[...]) = x |> Linear(n) |> sigmoid
net plain(g: f32[V]) -> f32[C] = g |> Layer(H1) |> Layer(H2) |> Layer(H3) |> Linear(C)
train learn_one on all.train batch 50 epochs epochs {
  minimize of_one(x) over (one, W1, b1) with sgd(lr, momentum = 0.9)
}
train learn_two on all.train batch 50 epochs epochs {
  minimize second over (two, W2, b2) with sgd(lr, momentum = 0.9)
}
train learn_three on all.train batch 50 epochs epochs {
  minimize third over (three, W3, b3) with sgd(lr, momentum = 0.9)
}
train tune on some.train batch 50 epochs tuning {
  minimize cross_entropy(deep(g), y) over (deep, W1, W2, W3, b1, b2, b3) with adam(cosine(1e-3))
  minimize cross_entropy(plain(g), y) over plain with adam(cosine(1e-3))
}
eval test on some.test batch 500 {
  report 1 - accuracy(deep(g), y) as error, 1 - accuracy(plain(g), y) as plain_error
}
