data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Conv2d(4, 3) |> flatten |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on d.train batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0103 2:32 argument `x` of `Conv2d` is `f32[c, h, w]`, given `f32[64] in 0..1`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// also: 1:28 the value comes from here
