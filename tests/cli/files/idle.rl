use "parts/pair.rl"
data d from uniform(100, 1) { x: f32[1] }
train t on d.train batch 10 steps 2 { minimize sum((w * x)^2) over (w, u) with sgd(lr = 0.1) }
