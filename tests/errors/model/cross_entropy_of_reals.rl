data d from csv("data.csv") { x: f32[2], t: f32[2] in 0..1 }
net f(x: f32[2]) -> f32[2] = x |> Linear(4) |> tanh |> Linear(2)
fn own(s, y) = sum(softplus(s) - y / 255 * s)
loss bad = binary_cross_entropy(f(x), x)
loss scaled = own(f(x), x)
loss good = binary_cross_entropy(f(x), t)
loss clamped = binary_cross_entropy(f(x), max(min(x, 1), 0))
train fit on d.train batch 4 steps 5 {
  minimize bad + scaled + good + clamped over f with adam(lr = 0.05)
}

// warning: RL0214 4:12 a cross-entropy of `x`, which is not declared in 0..1
// help: declare the range: `x: f32[...] in 0..1`
// also: 1:31 any real may stand here
// warning: RL0214 3:20 a cross-entropy of `x`, which is not declared in 0..1
// also: 1:31 any real may stand here
