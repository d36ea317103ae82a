data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(1099511627776) |> Linear(10)
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0110 2:37 a dim is 1099511627776, the limit is 2147483647
// help: write a smaller number
