data d from uniform(8, 2) { x: f32[2] }
net f(x: f32[2]) -> f32[2] = x |> Linear(2)
loss l = sum((f(x) - x)^2)
train a on d.train batch 4 steps 1 { minimize l over f with sgd(lr = 0.1, clip = -1) }
train b on d.train batch 4 steps 1 { minimize l over f with sgd(lr = 0.1, clip = infinity) }
train c on d.train batch 4 steps 1 { minimize l over f with sgd(lr = 0.1, clip = linear(1, -1)) }

// error: RL0107 4:82 `clip` is -1, and must be above 0 and finite
// help: give the largest norm: `clip = 1.0`
// error: RL0107 5:82 `clip` is inf, and must be above 0 and finite
// error: RL0107 6:82 `clip` gets down to -1, and must be at least 0
// help: end at 0, or keep it there: `max(..., 0)`
