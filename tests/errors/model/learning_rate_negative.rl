// Rates of an optimizer that would climb, or divide by 0.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = cross_entropy(f(x), y)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = -1) }
train more on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 0.1, b1 = 1) }
train last on d.train batch 8 epochs 1 { minimize l over f with sgd(lr = 0.1, momentum = 2) }

// error: RL0107 5:74 argument `lr` of `adam` is -1, and must be at least 0
// help: give a number of at least 0
// error: RL0107 6:85 argument `b1` of `adam` is 1, and must be in 0..0.999999
// help: give a number from 0 to 0.999999
// error: RL0107 7:90 argument `momentum` of `sgd` is 2, and must be in 0..1
// help: give a number from 0 to 1
