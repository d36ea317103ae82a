dim H = 3 - 6
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(H) |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0107 1:9 dim `H` is -3, and must be at least 1
// help: give a whole number of at least 1
