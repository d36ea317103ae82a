data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
param W: f32[64, 8] = glorot()
loss a = sum(einsum("i, i j", x, W))
train fit on digits.train batch 64 epochs 1 {
  minimize a over W with adam(lr = 1e-3)
}

// error: RL0123 3:21 `i, i j`: `->` is missing
// help: einsum("a b, b c -> a c", x, y)
