data d from one_hot(n = 2) { x: f32[2], y: idx(2) }
param w: f32[2] = zeros()
loss a = sum((w - x)^2)
optimizer o(lr: f32 = 0.1)(w: f32[...s], g: f32[...s]) { return w - lr * g * sum(x) }
train t on d.train batch 1 epochs 1 { minimize a over w with o() }
// error: RL0103 5:62 optimizer `o` gives each example a weight of its own
// help: settings only
