data d from uniform(n = 10, width = 4) { v: f32[4] }
model p(v: f32[4], h: f32[2]) {
  param W: f32[4, 2] = glorot()
  factor dot(v @ W, h)
}
loss a = -log p(v, h = zeros())
train t on d.train batch 2 epochs 1 { minimize a over p with sgd(lr = 0.1) }

// error: RL0103 6:24 `h` is `f32[2]`, given `bit`
// help: declare both with the same dims
