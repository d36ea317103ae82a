data d from uniform(20, 1) { x: f32[1] }
param w: f32 = ones()
loss l = last(scan(h = x[0], t in 0..20000000) { return 0.5 * h + w })
train t on d.train batch 4 steps 1 { minimize l over w with sgd(lr = 0.1) }

// error: RL0110 3:35 a `scan` of more than 16777216 turns
// help: give it fewer turns
