data d from uniform(100, 3) { x: f32[3] }
param w: f32 = constant(0.7)
loss l = last(scan(h = w, t in x) { return h * stop(h) + t })
train t on d.train batch 5 steps 1 { minimize l over w with sgd(lr = 0.1) }
