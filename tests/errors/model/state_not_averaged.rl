data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
module Mean()(x: f32[n]) -> f32[n] {
  state m: f32[n] = zeros()
  m <- 0.9 * m + 0.1 * x
  return x - m
}
net f(x: f32[64]) -> f32[10] = x |> Mean() |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on d.train batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0103 4:8 `m` is one for the whole batch, the new value differs between examples
// help: average it: `batch_mean(...)`
