// Windows with a step of nothing.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] =
  x |> reshape(1, 8, 8) |> Conv2d(4, 3, dilation = 0) |> flatten |> Linear(10)
loss l = cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0107 4:28 `dilation` is 0, and must be at least 1
// help: at least 1
