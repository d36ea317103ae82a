data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
param W: f32[32, 8] = glorot()
loss a = sum(einsum("i, i j -> j", x, W))
train fit on digits.train batch 64 epochs 1 {
  minimize a over W with adam(lr = 1e-3)
}

// error: RL0123 3:21 one dim is 64 on one side and 32 on the other
// help: a name stands for one size
