// A declared range says which values are scored; what is drawn has the range of its distribution.
data d from one_hot(n = 3) { x: f32[3], y: idx(3) }
prior p(z) { z: f32[2] in 0..1 ~ Normal(0, 5) }
prior b(z) { z: f32[2] in 0..1 ~ ContinuousBernoulli(logits = 0) }
fn drawn(v: f32[3]) -> f32 { e: f32[3] in 0..1 ~ Normal(v, 3)  return v[int(2.9 * e[0])] }
encoder q(h | x: f32[3]) { e: f32 in 0..1 ~ Normal(x[0], 3)  h: f32 ~ Normal(x[int(2.9 * e)], 1) }
eval e on d.train batch 3 {
  report E[z ~ p(z)](x[int(2.9 * z[0])]) as i
  report E[z ~ b(z)](x[int(2.9 * z[0])]) as j
  report sum(drawn(x)) as k, E[h ~ q(h | x)](h) as l
}

// error: RL0103 6:80 an index of unknown range into a dim of 3
// help: bring it there
// error: RL0103 8:24 an index of unknown range into a dim of 3
// help: bring it there
// error: RL0103 5:73 an index of unknown range into a dim of 3
// help: bring it there
