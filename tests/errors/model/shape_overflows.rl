param W: f32[2000000000, 2000000000, 2000000000] = zeros()
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x) + sum(W)
train fit on digits.train batch 64 epochs 1 {
  minimize a over W with adam(lr = 1e-3)
}

// error: RL0110 1:52 a tensor of shape [2000000000, 2000000000, 2000000000] needs
// help: reduce a dim: the limit is 2147483648 elements, 8 GiB
