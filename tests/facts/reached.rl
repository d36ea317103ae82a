// A layer that is first reached inside of `map` is one layer: its weight has the layer's shape.
data d from uniform(1030, 4) { x: f32[4] }
net f(r: f32[2]) -> f32 = r |> Linear(1) |> squeeze
loss l = sum(map(f, reshape(x, 2, 2))) - f(x[0:2]) - f(x[2:4])
eval e on d.test batch 100 { report l, sum(jacobian(f, at = x[0:2])) as slope, f(x[0:2]) - f(0 * x[0:2]) - dot(jacobian(f, at = x[0:2]), x[0:2]) as line }

// fact: l = 0
// fact: line = 0
