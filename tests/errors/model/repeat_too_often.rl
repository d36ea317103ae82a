data d from one_hot(n = 2) { x: f32[2], y: idx(2) }
param w: f32[2] = zeros()
loss a = sum((w - x)^2)
train t on d.train batch 1 epochs 1 { repeat 300 { repeat 300 { minimize a over w with sgd(lr = 0.1) } } }
// error: RL0110 4:46 a step of more than 65536 minibatches
// help: repeat fewer times
