data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = f(x)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0113 3:10 loss `a` is `f32[10]`, and must be one number per example
// help: reduce it with `sum(...)` or `mean(...)`
