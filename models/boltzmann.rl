// boltzmann.rl - general Boltzmann machines (Ackley, Hinton and Sejnowski 1985): a potential of pairs of
// units. With few units every sum is exact: the divergence from a machine that is known, the marginals
// that sweeps of Gibbs sampling are held against, and the gradient of the 4-2-4 encoder, whose weights
// are annealed out of the codes that two patterns share.
dim N = 6, S = 64, V = 4, H = 2
config steps: int = 1000
config rounds: int = 12000
config lr: f32 = 0.5
config heat: f32 = 0.1

data all from one_hot(S) { row: f32[S], k: idx(S) }
data patterns from one_hot(V) { v: bit[V], i: idx(V) }

model machine(x: bit[N]) {
  param W: f32[N, N] = normal(0, 0.1)
  param b: f32[N] = zeros()
  factor 0.5 * dot(x @ pairs(W), x) + dot(b, x)
}
model target(x: bit[N]) {
  factor dot(x @ pairs(sin(outer(1 + iota(N), 1.7 + iota(N)))), x) - dot(cos(iota(N)), x)
}
fn pairs(W: f32[n, n]) = (W + W.T) * (1 - eye(n))
fn bits(k: int) -> bit[N] = float(floor(k / 2^iota(N)) % 2 == 1)

loss log_p = -free_energy(machine, x = bits(k)) - log_z(machine)
loss log_q = -free_energy(target, x = bits(k)) - log_z(target)
loss divergence = S * exp(log_q) * (log_q - log_p)  // its mean over all states is KL(target || machine)

train fit on all.train batch S steps steps {
  minimize divergence over machine with adam(lr = linear(0.1, 0))
}
eval test on all.test batch S {
  let exact = batch_mean(S * exp(log_p) * bits(k))
  report divergence as kl, S * exp(log_p) as total
  let drawn = batch_mean(E[x ~ gibbs(machine, steps = 50), samples = 500](x))
  report max(abs(exact - drawn)) as off
}

model encoder(left: bit[V], h: bit[H], right: bit[V]) {
  param A: f32[V, H] = normal(0, 0.3)
  param B: f32[V, H] = normal(0, 0.3)
  param C: f32[2, V, V] = zeros()
  param a: f32[2, V] = zeros()
  param c: f32[H] = zeros()
  factor dot(left @ A + right @ B + c, h)
  factor dot(left @ pairs(C[0]) + a[0], left) + dot(right @ pairs(C[1]) + a[1], right)
}
// a step down, and noise of a temperature (Welling and Teh 2011)
optimizer annealed(lr: f32, heat: f32, decay: f32 = 0.003)(w: f32[...s], g: f32[...s]) =
  w - lr * (g + decay * w) + sqrt(2 * lr * heat) * once(normal_noise(w))
fn score(left, right) = -free_energy(encoder, left = left, right = right)

train encode on patterns.train batch V steps rounds {
  minimize log_z(encoder) - score(v, v) over encoder with annealed(lr = lr, heat = linear(heat, 0))
}
eval answers on patterns.test batch V {
  let scores = map((right) => score(v, right), eye(V))
  report float(argmax(scores) == i) as solved, log_z(encoder) - score(v, v) as nll
}
