// pca.rl - a linear autoencoder finds the principal subspace (Bourlard and Kamp 1988; Baldi and
// Hornik 1989). The subspace itself, by orthogonal iteration on the covariance, stands beside it.
dim D = 64, K = 8
config epochs: int = 400
config lr: f32 = 1e-2

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

bottleneck code(x: f32[D]) -> f32[K] = x |> Linear(K)
param A: f32[K, D] = glorot()
param c: f32[D] = zeros()
decoder dec(z: f32[K]) -> f32[D] = z @ A + c

// the nearest matrix with orthonormal rows, by Newton and Schulz
module Nearer()(V: f32[K, D]) -> f32[K, D] = 1.5 * V - 0.5 * ((V @ V.T) @ V)
fn orthonormal(V: f32[K, D]) -> f32[K, D] = V / norm(V) |> chain(i in 0..24) { Nearer() }

state m: f32[D] = zeros()
state S: f32[D, D] = zeros()
state V: f32[K, D] = normal(0, 1)
state n: f32 = zeros()

loss residual = sum((x - dec(code(x)))^2)
loss principal = frob2(x - m) - frob2(V @ (x - m))

train fit on digits.train batch 64 epochs epochs {
  minimize residual over (code, A, c) with adam(lr = cosine(lr, 0))
}
train moments on digits.train batch 479 epochs 1 {
  n <- n + 1
  m <- m + (batch_mean(x) - m) / n
  S <- S + (batch_mean(einsum("a, b -> a b", x, x)) - S) / n
}
train iteration on digits.train batch 1 steps 300 {
  V <- orthonormal(V @ (S - einsum("a, b -> a b", m, m)))
}
eval test on digits.test batch 120 {
  let Q = orthonormal(A)
  report residual, principal
  report 180 / pi * sqrt(max(frob2(Q - (Q @ V.T) @ V), 0)) as angle  // at least the largest principal angle
}
