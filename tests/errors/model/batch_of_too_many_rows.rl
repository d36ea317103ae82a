data d from one_hot(n = 2) { x: f32[2], y: idx(2) }
param w: f32[2] = zeros()
loss a = sum((w - x)^2)
train t on d.train batch 20000000 epochs 1 { minimize a over w with sgd(lr = 0.1) }
// error: RL0110 4:7 a batch of more than 16777216 rows
// help: use a smaller batch
