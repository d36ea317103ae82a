data d from uci_digits() { x: f32[64] in 0..1 }
const table = d.x
param V: f32[4] = normal(0, 1)
param W: f32[4] = V * 2
state m: f32[64] = mean(table, over = 0)
net f(x: f32[64]) -> f32[4] = (x |> Linear(4)) + W
loss l = mean(f(x)^2) + mean(m)
train t on d.train batch 10 steps 2 { minimize l over (f, W, V) with sgd(lr = 0.1) }

// error: RL0117 4:19 the initial value of `W` reads `V`
// help: use `zeros()`, `normal(0, 0.02)`
// error: RL0117 5:20 the initial value of `m` reads `d.x`
