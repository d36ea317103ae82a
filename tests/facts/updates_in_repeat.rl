// Every turn of `repeat` is an update: moments are corrected by their number, not by that of the steps.
// A gradient of 1 moves a weight by the rate (Kingma and Ba 2015, section 2.1), whatever the turn.
data d from uniform(20, 1, split = 1.0) { x: f32[1] }
param w: f32 = constant(0)
param u: f32 = constant(0)
param v: f32 = constant(0)
state mean: f32 = zeros()
state last_seen: f32 = zeros()
train once on d.train batch 2 steps 1 {
  repeat 10 { minimize w + 0 * x[0] over w with adam(lr = 0.1) }
}
train nested on d.train batch 2 steps 2 {
  repeat 2 {
    repeat 3 { minimize u + 0 * x[0] over u with adamw(lr = 0.1, weight_decay = 0.0) }
  }
  minimize v + 0 * x[0] over v with adam(lr = 0.1)
}
train means on d.train batch 2 steps 2 {
  repeat 4 {
    mean <- running_mean(mean, updates() + 0 * batch_mean(x[0]))
    last_seen <- updates()
  }
}
eval look on d.train batch 20 { report w, u, v, mean as average, last_seen as seen }

// fact: w = -1
// fact: u = -1.2
// fact: v = -0.2
// fact: average = 3.5
// fact: seen = 7
