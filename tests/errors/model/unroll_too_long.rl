data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[64] = x |> chain(i in 0..1000000) { Linear(64) }
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0110 2:37 a chain of 1000000 layers, the limit is 10000
// help: give it fewer layers, or repeat one layer with `scan`
