data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] {
  let norm = BatchNorm()
  let seen = scan(h = x, t in 0..3) { return norm(h) }
  return last(seen) |> Linear(10)
}
loss a = cross_entropy(f(x), y)
train fit on d.train batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0120 4:46 `BatchNorm` writes a state inside a loop
// help: carry the value in the `scan` instead
