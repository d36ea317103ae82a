data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
param E: f32[10, 4] = normal(0, 1)
fn f(y: idx(10)) -> f32 = sum(E[y])
loss a = sum(grad(f, at = y))
train fit on digits.train batch 64 epochs 1 {
  minimize a over E with adam(lr = 1e-3)
}

// error: RL0122 4:27 `idx(10)` has no derivative
// help: derivatives are taken with respect to reals
