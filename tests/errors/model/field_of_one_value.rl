data d from uci_digits() { x: f32[64] in 1..1, y: idx(10) }
param w: f32[64] = zeros()
loss l = sum(w^2)
train fit on d.train batch 8 steps 1 { minimize l over w with sgd(lr = 0.1) }

// error: RL0107 1:31 a range of one value
// help: write `in 0..1`
