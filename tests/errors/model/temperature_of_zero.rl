// A softmax at temperature 0 divides by it.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
config tau: f32 = 0.0
net f(x: f32[64]) -> f32[10] = softmax((x |> Linear(10)) / tau)
loss l = -log(pick(f(x), y))
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0107 4:60 division by 0
// help: a setting states its range: `config t: f32 in 0.1..10 = 1.0`
