data d from uniform(8, 2) { x: f32[2] }
net f(x: f32[2]) -> f32[2] = x |> Linear(2)
loss l = sum((f(x) - x)^2)
train a on d.train batch 4 steps 1 { minimize l over f with sgd(lr = cosine(-0.05)) }
train b on d.train batch 4 steps 1 { minimize l over f with sgd(lr = linear(0.1, -1)) }
train c on d.train batch 4 steps 1 { minimize l over f with sgd(lr = warmup_cosine(0.1, warmup = -5)) }
train fine on d.train batch 4 steps 1 { minimize l over f with sgd(lr = warmup_cosine(0.1, warmup = 5)) }
train also on d.train batch 4 steps 1 { minimize l over f with adam(lr = linear(0.1, 0)) }

// error: RL0107 4:70 `lr` gets down to -0.05, and must be at least 0
// help: end at 0, or keep it there: `max(..., 0)`
// error: RL0107 5:70 `lr` gets down to -1, and must be at least 0
// error: RL0107 6:70 `lr` is never above 0, and must be at least 0
