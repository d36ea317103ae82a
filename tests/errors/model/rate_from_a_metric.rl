data d from one_hot(n = 2) { x: f32[2], y: idx(2) }
param w: f32[2] = zeros()
loss a = sum((w - x)^2)
train t on d.train batch 1 epochs 1 { minimize a over w with sgd(lr = linear_probe(x, y)) }
// error: RL0120 4:71 `lr` is computed from a whole split
// help: metrics stand in `eval` phases
