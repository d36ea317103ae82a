data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> reshape(1, 8, 8) |> Conv2d(4, 3) |> Conv2d(6, 3, groups = 4) |> flatten |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on d.train batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0103 2:73 `conv` of 4 channels in 4 groups with filters [6, 1, 3, 3]
// help: filters are [channels out, channels in / groups, window..]; groups divide both
