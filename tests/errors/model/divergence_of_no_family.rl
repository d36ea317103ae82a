data d from uniform(8, 2, split = 1.0) { x: f32[2] }
distribution Halved(loc: f32) on real { draw = loc + normal_noise() logp = -0.5 * (x - loc)^2 mean = loc }
divergence KL(q: Halvd, p: Halved) = 2 * (q.loc - p.loc)^2
divergence KL(q: Halved, p: softmax) = 2 * (q.loc - p.loc)^2
eval look on d.train batch 4 { report KL(Halved(x[0]) || Halved(x[1])) as k }

// error: RL0101 3:18 no distribution is called `Halvd`
// help: declare it
// error: RL0101 4:29 no distribution is called `softmax`
// help: declare it
