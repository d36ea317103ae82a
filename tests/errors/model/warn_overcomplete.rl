data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
bottleneck code(x: f32[64]) -> f32[80] = x |> Linear(80)
decoder dec(h: f32[80]) -> f32[64] = h |> Linear(64)
loss a = sum((x - dec(code(x)))^2)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (code, dec) with adam(lr = 1e-3)
}

// warning: RL0205 2:12 `code`
