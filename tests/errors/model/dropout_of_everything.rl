// A rate of 1 leaves nothing to scale up.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
config drop: f32 = 1.0
net f(x: f32[64]) -> f32[10] = x |> dropout(drop) |> Linear(10)
loss l = cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0107 4:45 argument `rate` of `dropout` is 1, and must be in 0..0.999
// help: give a number from 0 to 0.999
