data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(9)
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0103 2:32 the result of `f` is `f32[10]`, given `f32[9]`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// also: 2:22 declared here
