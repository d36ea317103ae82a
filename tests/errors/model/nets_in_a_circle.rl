// Two nets that call each other.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = g(x)
net g(x: f32[64]) -> f32[10] = f(x)
loss l = cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0108 4:32 a function calls itself
// help: loops are written with `scan`, `chain` or `map`
