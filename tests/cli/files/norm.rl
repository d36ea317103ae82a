// Running moments are no weights.
data d from uniform(n = 6, width = 6, split = 1.0) { x: f32[2, 3] }

encoder f(x: f32[2, 3]) -> f32[2, 3] = x |> BatchNorm(rate = 0.5)
bottleneck g(h: f32[2, 3]) -> f32[2] = h |> flatten |> Linear(2)

loss l = sum(g(f(x))^2)

train fit on d.train batch 6 steps 3 { minimize l over (f, g) with adam(lr = 0.0) }
eval all on d.train batch 6 { report l }
