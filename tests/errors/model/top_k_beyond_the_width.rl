// More values kept than there are.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10) |> top_k(11)
loss l = cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0107 3:57 argument `k` of `top_k` is 11, and must be in 1..10
// help: give a number from 1 to 10
