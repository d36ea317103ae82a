data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[4] = x |> Linear(4) |> tanh
loss a = sum(grad(f, at = x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0122 3:14 `grad` differentiates a scalar, this is `f32[4] in -1..1`
// help: use `jacobian`, or reduce with `sum`
