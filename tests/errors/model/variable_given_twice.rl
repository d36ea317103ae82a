data d { x: f32[2], s: f32 }
model q(v | s: f32, t: f32) { v: f32 ~ Normal(s + t, 1) }
fn same(a: f32) -> f32 = mean(q(v | a, a))
loss a = mean(q(v | s, s = 2.0, t = 1.0)) + same(s)
loss b = log q(v, v = 1.0 | s, t = s)
distribution H(loc: f32) on real { draw = loc + normal_noise() logp = -x^2 }
divergence KL(q: H, p: H) = 1.0 + 0 * q.loc

// error: RL0104 4:28 argument `s` is given twice
// also: 4:21 first here
// help: keep one
// error: RL0104 5:23 argument `v` is given twice
// help: keep one
