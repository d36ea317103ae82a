// Truth values are no numbers, known ones neither.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = cross_entropy(f(x), y) + (1 < 2) * 3
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0103 4:35 `*` of `true` and `3`
// help: `if c then 1 else 0` makes a number
