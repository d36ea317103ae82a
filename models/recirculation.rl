// recirculation.rl - Hinton and McClelland's local rule for an autoencoder (1988): activity goes round
// twice, and a weight changes by what its unit sees change. No derivative is taken.
dim V = 8, H = 3
config keep: f32 = 0.75  // how much of its old activity a unit keeps
config rate: f32 = 2.0
config epochs: int = 4000

data patterns from one_hot(V) { v: f32[V], i: idx(V) }

param W: f32[V, H] = uniform(-0.5, 0.5)  // from visible to hidden
param U: f32[H, V] = uniform(-0.5, 0.5)  // and back
param b: f32[H] = zeros()
param c: f32[V] = zeros()

bottleneck enc(v: f32[V]) -> f32[H] = sigmoid(v @ W + b)
decoder dec(h: f32[H]) -> f32[V] = sigmoid(h @ U + c)
fn outer(a, b) = einsum("i, j -> i j", a, b)

train fit on patterns.train batch V epochs epochs {
  let h1 = enc(v)
  let v2 = keep * v + (1 - keep) * dec(h1)
  let h3 = keep * h1 + (1 - keep) * enc(v2)
  U <- U + rate * batch_mean(outer(h1, v - v2))
  c <- c + rate * batch_mean(v - v2)
  W <- W + rate * batch_mean(outer(v2, h1 - h3))
  b <- b + rate * batch_mean(h1 - h3)
  track sum((v - v2)^2) as gap
}
eval test on patterns.test batch V {
  let r = dec(enc(v))
  report sum((v - r)^2) as error, float(argmax(r) == i) as solved, max(abs(v - r)) as worst
}
