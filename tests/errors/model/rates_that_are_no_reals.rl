data d from uniform(8, 3, split = 1.0) { x: f32[3] }
param w: f32[3] = ones()
model g(v | m: f32) { v: f32 ~ Normal(m, 1) }
train t on d.train batch 4 steps 1 { minimize sum((x - w)^2) over w with sgd(lr = argmax(iota(3))) }
eval e on d.train batch 4 { report E[v ~ g(v | m = 0), samples = ones()](v) as k }

// error: RL0103 4:83 `lr` is `idx(3)`, and must be a real
// help: convert it: `float(...)`
// error: RL0107 5:66 `samples` is 1.0, and must be a whole number
// help: write it without a point; `int(...)` of a real is a whole number
