// What uses a value with a mistake says nothing; the rest of the body is read.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] {
  let h = x |> Liner(32)
  let g = h |> relu
  let k = reshape(x, 8, 9)
  return g |> Linear(10) |> soft
}
loss l = cross_entropy(f(x), y) + sum(x @ zeros_of)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0101 4:16 nothing is called `Liner`
// help: did you mean `Linear`?
// error: RL0103 6:11 `f32[64] in 0..1` has 64 elements, [8, 9] has 72
// help:
// error: RL0101 9:43 nothing is called `zeros_of`
// help:
