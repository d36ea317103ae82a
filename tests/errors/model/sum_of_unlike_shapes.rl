data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x) + x)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0103 3:19 `+` of `f32[10]` and `f32[64] in 0..1`: the shapes differ
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// also: 3:14 f32[10]
// also: 3:21 f32[64] in 0..1
