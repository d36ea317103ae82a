data d from uniform(10, 1) { x: f32[1] }
const k = int(2)
eval e on d.train batch 5 { report E[z ~ Normal(k, 0.5)](z) as r, E[z ~ Normal(0, x[0] > 0)](z) as s }

// error: RL0103 3:42 parameter `loc` of `Normal` is `int`, and must be real
// help: convert it: `float(...)`
// error: RL0103 3:73 parameter `scale` of `Normal` is `bool`, and must be real
// help: convert it: `float(...)`
