// Both sides of an operator and all arguments of a call are read.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = sum(f(a)) + sum(f(b)) + squared_error(c, e)
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0101 4:16 nothing is called `a`
// help:
// error: RL0101 4:28 nothing is called `b`
// help:
// error: RL0101 4:48 nothing is called `c`
// help:
// error: RL0101 4:51 nothing is called `e`
// help:
