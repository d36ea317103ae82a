data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = cross_entropy(f(x), y)
loss b = sum(x)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// warning: RL0202 4:6 `b`
