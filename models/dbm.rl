// dbm.rl - deep Boltzmann machine (Salakhutdinov and Hinton 2009): two layers of hidden bits that see each other.
// What an image leaves open is found by mean-field steps, which bound log p from below up to the constant;
// persistent chains of Gibbs sweeps give its gradient.
dim V = 64, H1 = 100, H2 = 50, M = 100
config fields: int = 10  // steps of mean field
config lr: f32 = 0.02
config epochs: int = 30

data rows from uci_digits(binarize = "fixed") { x: bit[V] }

param W1: f32[V, H1] = normal(0, 0.01)
param W2: f32[H1, H2] = normal(0, 0.01)
param a: f32[V] = zeros()
param b: f32[H1] = zeros()
param c: f32[H2] = zeros()
fn potential(v, h, i) = dot(v @ W1 + b, h) + dot(h @ W2 + c, i) + dot(a, v)
model dbm(v: bit[V], h: bit[H1], i: bit[H2]) { factor potential(v, h, i) }

// means of the hidden bits, each layer given the other
fn means(x: bit[V]) = last(scan(q = (h = 0.5 * ones(H1), i = 0.5 * ones(H2)), t in 0..fields) {
  let h = sigmoid(x @ W1 + b + W2 @ q.i)
  return (h = h, i = sigmoid(h @ W2 + c))
})
fn entropy(p) = -sum(weighted(p, log(p)) + weighted(1 - p, log1p(-p)))
// an upper bound on the free energy
fn bound(x: bit[V]) {
  let q = stop(means(x))
  return -potential(x, q.h, q.i) - entropy(q.h) - entropy(q.i)
}

// chains that go on from step to step: all bits of each in a row
dim N = V + H1 + H2
state kept: bit[M, N] = zeros()
fn swept(s: bit[N]) -> bit[N] {
  let h ~ dbm(h | v = s[0:V], i = s[V + H1:])
  let v ~ dbm(v | h = h, i = s[V + H1:])
  let i ~ dbm(i | v = v, h = h)
  return concat(v, h, i)
}

eval untrained on rows.test batch 360 { report bound(x) as before }
train fit on rows.train batch M epochs epochs {
  let next = once(map((s) => swept(s), kept))
  let low = mean(map((s) => potential(s[0:V], s[V:V + H1], s[V + H1:]), next))
  minimize bound(x) + low over (W1, W2, a, b, c) with sgd(linear(lr), momentum = 0.5)
  kept <- next
}
eval test on rows.test batch 360 {
  // some free energy is worth what the chains have
  let low = mean(map((s) => bound(s[0:V]), kept))
  report bound(x) as after, low as of_chains, bound(x) - low as gap
  report sum((x - sigmoid(W1 @ means(x).h + a))^2) as rec
}
sample dreams count 16 {
  v ~ gibbs(dbm, steps = 1000)
  emit v as image
}
