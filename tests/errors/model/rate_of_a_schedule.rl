data d from one_hot(n = 2) { x: f32[2], y: idx(2) }
param w: f32[2] = zeros()
loss a = sum((w - x)^2)
train t on d.train batch 1 epochs 1 { minimize a over w with adam(lr = cosine(x[0], 0)) }
// error: RL0103 4:72 `lr` differs between examples
// help: average it
