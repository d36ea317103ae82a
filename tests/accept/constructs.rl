// constructs.rl - every construct of the language reference that this release trains.
dim T = 16, M = 32, D = 64, H = 32
config layers: int = 4
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
module Block()(h: f32[M]) -> f32[M] = h + (h |> Linear(M) |> tanh)
net deep(h: f32[M]) -> f32[M] = h |> chain(i in 0..layers) { Block() }
net rnn(xs: f32[T, M]) -> f32[T, M] {
  let start = 0 * xs[0]
  let cell = Linear(M)
  return scan(h = start, x in xs) {
    return tanh(cell(h) + x)
  }
}
net pre(x: f32[64]) -> f32[T, M] = x |> Linear(T * M) |> reshape(T, M)
module Residual(width: int)(x: f32[M]) -> f32[M] = x + (x |> Linear(width) |> relu |> Linear(M))
net twice(x: f32[M]) -> f32[M] {
  let block = Residual(256)
  return block(block(x))
}
param W: f32[D, H] = glorot()
param b: f32[H] = zeros()
param c: f32[D] = zeros()
encoder enc(x: f32[D]) -> f32[H] = sigmoid(x @ W + b)
decoder dec(h: f32[H]) -> f32[D] = sigmoid(h @ W.T + c)
const noise = Normal(0, 1)
net heads(x: f32[D]) -> (mu: f32[4], logvar: f32[4]) {
  let h = x |> Linear(H) |> relu
  return (mu = h |> Linear(4), logvar = h |> Linear(4))
}
fn scaled(x: f32[D], by: f32) -> f32[D] = by * x / sqrt(sum(x^2) + 1e-6)
state average: f32[D] = zeros()
loss l = sum(twice(deep(last(rnn(pre(x)))))^2) + sum((x - dec(enc(x)))^2) + sum(heads(x).mu) + sum(scaled(x, 2)) + E[n ~ noise](n)
loss contract = sum(jacobian(enc, at = x)^2)
loss g = sum(x |> ((u) => u + 1))
loss ifs = if sum(x) > 3 then 1 else sum(x[2:5])
train fit on d.train batch 64 epochs 1 {
  minimize l + contract over (twice, deep, rnn, pre, W, b, c, heads) with adam(lr = warmup_cosine(1e-3, warmup = 200), clip = 1.0)
  repeat 2 { maximize l over deep with sgd(lr = 1e-2, momentum = 0.9) }
  average <- 0.99 * average + 0.01 * batch_mean(x)
  track g, ifs
}
eval test on d.test batch 120 { report l / 64 as per_pixel }
