// Rows with as many values as the batch has rows: of a code, and of what a metric is given.
config rows: int = 256
config other: bool = false
data d from uniform(600, 4, split = 0.5) { x: f32[4] }
param w: f32 = constant(1)
bottleneck e(x: f32[4]) -> f32[B] = w * batch(x)[:, 0]
train t on d.train batch 10 steps 1 { minimize mean(e(x)) over w with sgd(lr = 0) }
eval ev on d.test batch rows { report linear_r2(if other then batch(x) else x, x) as v }
