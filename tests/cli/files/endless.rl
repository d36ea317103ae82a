config gain: f32 = infinity
data d from uniform(40, 2, split = 1.0) { x: f32[2] in 0..infinity }
param w: f32 = constant(1)
train t on d.train batch 10 steps 20 { minimize (w - sum(x))^2 * where(gain > 1e30, 1, 2) over w with sgd(lr = 0.01) }
eval e on d.train batch 10 { report sum(x) * w as a, where(gain > 1e30, 1, 2) as g }
