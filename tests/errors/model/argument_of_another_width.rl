data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[32]) -> f32[10] = x |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0103 3:26 argument `x` of `f` is `f32[32]`, given `f32[64] in 0..1`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// also: 2:10 declared here
// also: 1:33 the value comes from here
