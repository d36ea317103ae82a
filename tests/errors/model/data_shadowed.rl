data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] {
  let digits = x |> Linear(10)
  return digits
}
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0102 3:7 `digits`
