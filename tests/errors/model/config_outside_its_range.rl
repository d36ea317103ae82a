// A setting states its range, and its own value lies outside.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
config beta: f32 in 0..100 = -1.0
config rho: f32 in 0.001..0.999 = 0.05
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = beta * rho * cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0107 3:8 `beta` is -1, and must be in 0..100
// help: give a number from 0 to 100
