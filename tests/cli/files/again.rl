data d from uniform(100, 1, split = 1.0) { x: f32[1] }
param p: f32 = 0
state seen: f32 = 0
train t on d.train batch 10 epochs 1 { minimize p over p with adam(lr = 0.1) seen <- seen + 1 }
eval e on d.train batch 100 { report p, seen + 0 * sum(x) as seen }
