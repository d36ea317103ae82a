data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> reshape(1, 8, 8) |> Conv2d(4, 3, stride = 0) |> flatten |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on d.train batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0107 2:57 `stride` is 0, and must be at least 1
// help: write a whole number of at least 1
