// rbm_cf.rl - a restricted Boltzmann machine for ratings (Salakhutdinov, Mnih and Hinton 2007): every film has one
// of five ratings, most are missing, and those that are there share hidden bits. Ratings are made up: tastes of
// four numbers, rounded; films that a user has not rated are foretold.
dim I = 100, R = 4, K = 5, H = 50
config share: f32 = 0.3  // of films that a user has rated; as many are foretold
config lr: f32 = 0.1
config epochs: int = 15

// of each user: tastes, whether a film is rated, and what nobody can foretell
data users from uniform(4000, R + 2 * I, split = 0.8) { u: f32[R + 2 * I] in 0..1 }

fn tastes(u: f32[R + 2 * I]) = u[0:R] * sqrt(12) - sqrt(3)
state films: f32[R, I] = normal(0, 0.6)
state level: f32[I] = normal(0, 0.5)
fn rating(u: f32[R + 2 * I]) -> idx(K)[I] {
  let score = tastes(u) @ films + level + 0.8 * (u[R + I:] - 0.5)
  return int(clip(floor(2.5 + 1.2 * score), 0, K - 1))
}
fn rated(u: f32[R + 2 * I]) = float(u[R:R + I] < share)
fn asked(u: f32[R + 2 * I]) = float(u[R:R + I] > 1 - share)

param W: f32[I, K, H] = normal(0, 0.01)
param a: f32[I, K] = zeros()
param b: f32[H] = zeros()
model rbm(v: idx(K)[I], h: bit[H] | m: bit[I]) {
  factor sum(m * map((v, W, a) => dot(W[v], h) + a[v], v, W, a)) + dot(b, h)
}
loss cd =
  free_energy(rbm, v = rating(u), m = rated(u))
  - E[n ~ gibbs(rbm, v = rating(u), m = rated(u), steps = 1)](free_energy(rbm, v = n, m = rated(u)))
// the mean rating that the hidden bits of a user foretell
fn foretold(u: f32[R + 2 * I]) -> f32[I] {
  let h = mean(rbm(h | v = rating(u), m = rated(u)))
  return map((W, a) => dot(softmax(a + W @ h), iota(K)), W, a)
}
// a number for every film, and one for every user: what is left on average, drawn to 0 where films are few
param film: f32[I] = constant(2)
fn by_bias(u: f32[R + 2 * I]) -> f32[I] =
  film + sum(rated(u) * (float(rating(u)) - film)) / (sum(rated(u)) + 5)
fn off(u: f32[R + 2 * I], r: f32[I]) = sum(asked(u) * (r - float(rating(u)))^2)

train fit on users.train batch 50 epochs epochs {
  minimize cd over rbm with sgd(linear(lr), momentum = 0.9)
  minimize sum(rated(u) * (by_bias(u) - float(rating(u)))^2) over film with adam(linear(0.05))
}
eval test on users.test batch 800 {
  let n = batch_mean(sum(asked(u)))
  report sqrt(batch_mean(off(u, foretold(u))) / n) as rmse
  report sqrt(batch_mean(off(u, by_bias(u))) / n) as rmse_of_bias
}
